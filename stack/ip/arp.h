/*
 * arp.h - who has this IPv4 address? RFC 826, and RFC 5227 for our own.
 */
#ifndef CATNET_ARP_H
#define CATNET_ARP_H

#include "../base/pkt.h"

struct ifc;
struct stack;

/* An ARP packet, its Ethernet header off; takes P. */
void arp_input(struct stack *s, struct ifc *ifc, struct pkt *p);

#endif
