/*
 * net.h - the administrator's calls: addresses, routes, neighbours.
 *
 * IPv4 prefixes count in the 128-bit form (addr.h): 10.0.0.0/8 is 104 bits.
 */
#ifndef CATNET_NET_H
#define CATNET_NET_H

#include "base/addr.h"

struct describer;
struct ifc;
struct stack;
struct text;

enum net_addr_flag {
	NET_ADDR_UNPROBED = 1, /* use it at once, without asking whether it is taken (RFC 5227) */
};

/* Give IFC an address with an on-link prefix. It is usable when probing has found nobody else
 * on it. 0, -EEXIST, -EINVAL (not a host's, or no such prefix), -EADDRINUSE (everybody's in the
 * prefix of another address of ours, or the other way round), -ENOSPC, -EAFNOSUPPORT. Taken away
 * again, what speaks from it ends with -EADDRNOTAVAIL: 0, or that when IFC has no such address. */
int net_addr_add(
	struct stack *s, struct ifc *ifc, const struct addr *a, unsigned bits, unsigned flags);
int net_addr_del(struct stack *s, struct ifc *ifc, const struct addr *a);

/* Is A one of ours, and usable? 0, -EAGAIN while it is being probed, -EADDRINUSE when somebody
 * else has it, -EADDRNOTAVAIL. */
int net_addr_state(const struct stack *s, const struct addr *a);

/* DST/BITS goes through GATEWAY (addr_any: on-link) on IFC (NULL: found by the gateway's
 * prefix). Of several for one prefix the first that answers is used. 0, -EEXIST, -ENETUNREACH
 * when the gateway is on no link, -ENOSPC, -EINVAL, -EAFNOSUPPORT. Deleting takes all of a
 * prefix: 0 or -ENOENT. */
int net_route_add(struct stack *s, const struct addr *dst, unsigned bits,
	const struct addr *gateway, struct ifc *ifc);
int net_route_del(struct stack *s, const struct addr *dst, unsigned bits);
/* All but what follows from our own addresses. */
void net_route_flush(struct stack *s);

/* A route has a tag that says who set it, NET_TAG_MAX bytes at most; "none" where nobody says. The
 * same as above: added with TAG; of a prefix those by GATEWAY alone; all of TAG alone ("rdr": what
 * redirects said). A tag that is empty or too long is -EINVAL. */
#define NET_TAG_MAX 4
int net_route_add_tagged(struct stack *s, const struct addr *dst, unsigned bits,
	const struct addr *gateway, struct ifc *ifc, const char *tag);
int net_route_del_by(
	struct stack *s, const struct addr *dst, unsigned bits, const struct addr *gateway);
int net_route_flush_tagged(struct stack *s, const char *tag);

/* A neighbour that is never asked for again and never overwritten by what the wire says. 0,
 * -EINVAL (no host's address, no station's MAC), -ENOSPC, -EAFNOSUPPORT; -ENOENT. */
int net_neigh_add(struct stack *s, struct ifc *ifc, const struct addr *a, const uint8_t mac[6]);
int net_neigh_del(struct stack *s, const struct addr *a);
void net_neigh_flush(struct stack *s);

/* Interfaces with a device, in order; NULL past the last. */
struct ifc *net_ifc(const struct stack *s, unsigned i);
const char *net_ifc_name(const struct ifc *ifc);

/* Every interface has a number, and lo (which is none of the above) has NET_LO. The one of the
 * least number that is at least FROM; NULL when there is none. */
#define NET_LO 1
struct ifc *net_ifc_from(const struct stack *s, unsigned from);
unsigned net_ifc_number(const struct ifc *ifc);
/* Another for each that is attached, of 24 bits, so that one whose number has come to another is
 * told from it; lo's is 0. */
uint32_t net_ifc_serial(const struct ifc *ifc);
/* The least number that a further device may have, none of the bits TAKEN; -ENOSPC. */
int net_ifc_free_number(const struct stack *s, uint32_t taken);
/* The device on whose link A lies, or the first; NULL when there is none. */
struct ifc *net_ifc_towards(const struct stack *s, const struct addr *a);
bool net_ifc_is_lo(const struct ifc *ifc);

/* What IFC sends in one piece, the Ethernet header not counted: no more than its device takes. 0,
 * or -EINVAL. Conversations follow. */
int net_ifc_set_mtu(struct stack *s, struct ifc *ifc, unsigned mtu);
unsigned net_ifc_mtu_min(void);
unsigned net_ifc_mtu_max(const struct ifc *ifc);

/* What a reader may know of an address of ours. */
struct net_addr {
	struct addr addr;
	unsigned bits; /* of its prefix, in 128-bit form */
	struct addr network;
	struct addr broadcast; /* addr_any: none */
	const char *state;     /* "probing", "used" or "conflict" */
	bool is_used;
};

/* The I-th address of IFC; false past the last. */
bool net_addr_at(const struct ifc *ifc, unsigned i, struct net_addr *out);

/* Listen to GROUP on IFC for everybody: conversations announced at its ports need not be in it
 * themselves. 0, -EINVAL (no group, or no device), -ENOBUFS; and no longer: 0, -EADDRNOTAVAIL. */
int net_group_add(struct stack *s, struct ifc *ifc, const struct addr *group);
int net_group_del(struct stack *s, struct ifc *ifc, const struct addr *group);

/* The I-th group that IFC listens to, whoever asked for it; false past the last. */
bool net_group_at(const struct ifc *ifc, unsigned i, struct addr *out);

/* Lists for a reader: one described group per thing. */
void net_describe_ifc(const struct ifc *ifc, struct describer *d);
void net_describe_routes(const struct stack *s, struct describer *d);
void net_describe_neighbours(const struct stack *s, struct describer *d);

/* The same as lines of text, as 9front's ip(3) prints them (columns of arp, iproute, ipselftab
 * and an interface's status). The I-th line; false past the last. */
bool net_ifc_line(const struct ifc *ifc, unsigned i, struct text *line);
bool net_route_line(const struct stack *s, unsigned i, struct text *line);
bool net_neigh_line(const struct stack *s, unsigned i, struct text *line);
/* The one at *AT, which is 0 at first, and is moved behind it: to find the I-th took long. */
bool net_self_line(const struct stack *s, unsigned *at, struct text *line);

#endif
