/*
 * ip4.h - IPv4 (RFC 791, 1122, 6864): the door packets come in by.
 */
#ifndef CATNET_IP4_H
#define CATNET_IP4_H

#include "ip.h"

#define IP4_HDR_LEN   20
#define IP4_ALERT_LEN 4     /* the one option that we send */
#define IP4_LEN_MAX   65535 /* header and payload together */

/* RFC 791 3.1 and 2113: the options that we know. */
enum ip4_option {
	IP4_OPTION_END = 0,
	IP4_OPTION_NOP = 1,
	IP4_OPTION_LOOSE_ROUTE = 131,
	IP4_OPTION_STRICT_ROUTE = 137,
	IP4_OPTION_ALERT = 148,
};

/* How a packet of ours leaves. */
enum ip_reach {
	IP_INSIDE, /* to an address of ours: by lo */
	IP_ONE,    /* to NEXT_HOP on IFC */
	IP_GROUP,  /* multicast on IFC */
	IP_ALL,    /* broadcast on IFC */
};

struct ip_way {
	enum ip_reach reach;
	struct ifc *ifc;
	struct addr next_hop;
};

/* Carve what IPv4 needs at start; 0 or -ENOMEM. So for the other rooms' _setup functions. */
int ip4_setup(struct stack *s);

/*
 * Is *P a whole datagram for us? Then INFO is filled, the header is off, padding is cut, and
 * true is returned; *P may have become the reassembled datagram. False: it was taken, held as
 * a fragment or dropped and counted.
 */
bool ip4_accept(struct stack *s, struct ifc *ifc, bool link_broadcast, struct pkt **p,
	struct ip_info *info);

/* Put a header in front of P and send it by WAY; takes P. 0, -EMSGSIZE, -EHOSTUNREACH,
 * -ENOBUFS. */
int ip4_output(struct stack *s, const struct ip_send *how, const struct ip_way *way, struct pkt *p);

/* Hand a packet of ours to MAC on IFC, cut into fragments if the link needs it; takes P, which
 * begins with its IP header. */
void ip4_transmit(struct stack *s, struct ifc *ifc, const uint8_t mac[6], struct pkt *p);

/* P, from its IP header on, was not taken by the gateway FAILED: send it by another one if there
 * is one. True when it was taken. */
bool ip4_reroute(struct stack *s, const struct addr *failed, struct pkt *p);

/* May A be one host's address, on this side of the wire or the other? Not multicast, broadcast,
 * loopback, 0/8 or 240/4 (RFC 1122 3.2.1.3, RFC 6890). */
bool ip4_is_host(const struct addr *a);

/* Read the LEN bytes at AT, of a header that may be cut, into INFO, as a packet of ours has it:
 * no checksum, no ifc. Its length, or -EBADMSG. */
int ip4_read_header(const uint8_t *at, size_t len, struct ip_info *info);

/* Fill in the checksum of the header of LEN bytes at HDR. */
void ip4_sum_header(uint8_t *hdr, uint32_t len);

/* Parse the header of a packet of ours quoted in an ICMP error, as far as it is there; the
 * header is pulled off P. 0, or -EBADMSG. */
int ip4_parse_quoted(struct pkt *p, struct ip_info *info);

#endif
