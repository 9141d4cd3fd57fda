/*
 * acd.h - address conflict detection, RFC 5227: is an address of ours taken, and does it stay
 * ours?
 *
 * An address is probed before it is used, announced when it is, and given up when somebody else
 * uses it and is not put off by one announcement.
 */
#ifndef CATNET_ACD_H
#define CATNET_ACD_H

#include "../link/ifc.h"

struct arp_msg;

/* An address of the administrator's: probe it, or use it at once. -ENOSPC. */
int acd_start(struct stack *s, struct ifc *ifc, const struct addr *a, unsigned bits, bool probe);

/* Does an ARP message that came in by IFC say that somebody else has, or wants, an address of
 * ours? Then what is to be done has been done, and the sender must not be believed. */
bool acd_conflicts(struct stack *s, struct ifc *ifc, const struct arp_msg *m);

#endif
