/*
 * ip4.h - IPv4 (RFC 791, 1122, 6864): the door packets come in by.
 */
#ifndef CATNET_IP4_H
#define CATNET_IP4_H

#include "ip.h"

struct eth_hdr;

/* Carve what IPv4 needs at start; 0 or -ENOMEM. So for the other rooms' _setup functions. */
int ip4_setup(struct stack *s);

/*
 * Is *P a whole datagram for us? Then INFO is filled, the header is off, padding is cut, and
 * true is returned; *P may have become the reassembled datagram. False: it was taken, held as
 * a fragment or dropped and counted.
 */
bool ip4_accept(struct stack *s, struct ifc *ifc, bool link_broadcast, struct pkt **p,
	struct ip_info *info);

/* Parse the header of a packet of ours quoted in an ICMP error, as far as it is there; the
 * header is pulled off P. 0, or -EBADMSG. */
int ip4_parse_quoted(struct pkt *p, struct ip_info *info);

#endif
