/*
 * arp.h - who has this IPv4 address? RFC 826, and RFC 5227 for our own.
 */
#ifndef CATNET_ARP_H
#define CATNET_ARP_H

#include "../base/addr.h"
#include "../base/pkt.h"

struct ifc;
struct stack;

/* An ARP packet, its Ethernet header off; takes P. */
void arp_input(struct stack *s, struct ifc *ifc, struct pkt *p);

/* Ask for TARGET: of everybody, or of MAC alone. Nothing when IFC has no address to ask from. */
void arp_ask(struct stack *s, struct ifc *ifc, const struct addr *target, const uint8_t *mac);

/* RFC 5227 2.1.1: is TARGET taken? And 2.3: it is ours. */
void arp_probe(struct stack *s, struct ifc *ifc, const struct addr *target);
void arp_announce(struct stack *s, struct ifc *ifc, const struct addr *own);

#endif
