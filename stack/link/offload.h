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

/* How many segments P is on the wire: 1 without PKT_SEG_*. P begins in a frame or in a packet,
 * but csum_start must be set. */
uint32_t offload_segs(const struct pkt *p);

/* Sum what PKT_CSUM_FILL asks for, and ask no more. */
void offload_fill(struct pkt *p);

/*
 * A packet whose head holds the first HDR_LEN bytes of P, behind HEADROOM, and then carries LEN
 * bytes of P from byte OFF on: shared, but for what lies in P's own head when there are three
 * pieces. NULL when memory is short.
 */
struct pkt *offload_part(struct stack *s, const struct pkt *p, uint32_t headroom, uint32_t hdr_len,
	uint32_t off, uint32_t len);

#endif
