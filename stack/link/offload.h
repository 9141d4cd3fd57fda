/*
 * offload.h - the work a device did not offer to do: cutting segments, summing.
 */
#ifndef CATNET_OFFLOAD_H
#define CATNET_OFFLOAD_H

#include "../base/pkt.h"

struct ifc;
struct stack;

/*
 * Make P, a finished frame with an Ethernet header, into frames that IFC's device takes, and
 * give each to SEND in order. Takes P. TCP segments keep their flags but that FIN and PSH are
 * on the last one only and CWR on the first (RFC 3168 6.1.2 as cut by hardware), sequence
 * numbers and IPv4 ids go on by one segment each.
 */
void offload_send(struct stack *s, struct ifc *ifc, struct pkt *p,
	void (*send)(struct stack *s, struct ifc *ifc, struct pkt *frame));

#endif
