/* ip.c - see ip.h. What is the same for both families, and which family it is. */
#include "ip.h"

#include "../base/checksum.h"
#include "../base/wire.h"
#include "../link/ifc.h"
#include "../link/lo.h"
#include "../stack_private.h"
#include "ip4.h"
#include "neigh.h"
#include "route.h"

/* --- whose address is it? ------------------------------------------------------------------ */

bool ip_is_ours(const struct stack *s, const struct addr *a)
{
	const struct ifc_addr *own;

	if (addr_is_loopback(a))
		return true;
	own = ifc_addr_find(s, a);
	return own && own->state == IFC_ADDR_USED;
}

bool ip_is_broadcast(const struct stack *s, const struct addr *a)
{
	return addr_is_limited_broadcast(a) || ifc_is_broadcast(s, NULL, a);
}

/* --- the way out ----------------------------------------------------------------------------- */

/*
 * The interface that a packet of ours must leave by: the one it is bound to, else the one that
 * has its source address. This is the strong end system of RFC 1122 3.3.4.2, in both directions:
 * an address belongs to its link, and neither answers nor is used on another.
 */
static int ifc_to_leave_by(const struct stack *s, const struct ip_send *how, struct ifc **out)
{
	const struct ifc_addr *own;

	*out = how->ifc;
	if (how->ifc && !how->ifc->link)
		return -ENETUNREACH; /* its device is gone */
	if (addr_is_any(&how->src))
		return how->ifc ? 0 : -EADDRNOTAVAIL;
	own = ifc_addr_find(s, &how->src);
	if (!own || own->state != IFC_ADDR_USED || (how->ifc && how->ifc != own->ifc))
		return -EADDRNOTAVAIL;
	*out = own->ifc;
	return 0;
}

/* ::1 is ours as 127.0.0.1 is, but an IPv4 header has no room for it. */
static int way_inside(const struct stack *s, const struct ip_send *how, struct ip_way *out)
{
	if (!ip_is_ours(s, &how->src) || addr_is_v4(&how->src) != addr_is_v4(&how->dst))
		return -EADDRNOTAVAIL;
	*out = (struct ip_way){ .reach = IP_INSIDE, .ifc = lo_ifc(s), .next_hop = how->dst };
	return 0;
}

static int way_by_route(struct stack *s, const struct ip_send *how, struct ip_way *out)
{
	struct route route;
	int err = route_lookup(s, out->ifc, &how->dst, &route);

	/* An address that is being acquired has no route yet; its server is on the link. */
	if (err < 0 && addr_is_any(&how->src)) {
		route.next_hop = how->dst;
		err = 0;
	}
	out->next_hop = route.next_hop;
	return err;
}

/* From 127/8 nothing leaves, but those who are in the group on lo hear it. */
static bool is_group_inside(const struct ip_send *how)
{
	return addr_is_multicast(&how->dst) && addr_is_loopback(&how->src);
}

static int find_way(struct stack *s, const struct ip_send *how, struct ip_way *out)
{
	int err;

	if (ip_is_ours(s, &how->dst) || is_group_inside(how))
		return way_inside(s, how, out);
	*out = (struct ip_way){ .reach = IP_ONE, .next_hop = how->dst };
	err = ifc_to_leave_by(s, how, &out->ifc);
	if (err < 0)
		return err;
	if (addr_is_limited_broadcast(&how->dst) || ifc_is_broadcast(s, out->ifc, &how->dst))
		out->reach = IP_ALL;
	else if (addr_is_multicast(&how->dst))
		out->reach = IP_GROUP;
	if (out->reach == IP_ALL)
		return how->may_broadcast ? 0 : -EACCES;
	if (out->reach == IP_GROUP)
		return 0;
	return ip4_is_host(&how->dst) ? way_by_route(s, how, out) : -ENETUNREACH;
}

static enum counter counter_of(int err)
{
	if (err == -EACCES)
		return COUNT_ip4_drop_no_leave;
	return err == -EADDRNOTAVAIL ? COUNT_ip4_drop_no_source : COUNT_ip4_drop_no_route;
}

static int output(struct stack *s, const struct ip_send *how, struct pkt *p)
{
	struct ip_way way;
	int err = addr_is_v4(&how->dst) ? find_way(s, how, &way) : -ENETUNREACH;

	if (err < 0) {
		drop(s, p, counter_of(err));
		return err;
	}
	return ip4_output(s, how, &way, p);
}

/* What is lost below us is this packet; what is lost after it is what we were at before. Kept
 * apart, so that who is not traced does not pay for the frame. */
__attribute__((cold, noinline)) static int output_traced(
	struct stack *s, const struct ip_send *how, struct pkt *p)
{
	const struct trace_event before = s->trace.about;
	int err;

	trace_out(s, how, p);
	err = output(s, how, p);
	s->trace.about = before;
	return err;
}

int ip_output(struct stack *s, const struct ip_send *how, struct pkt *p)
{
	return trace_is_on(s) ? output_traced(s, how, p) : output(s, how, p);
}

/* --- what is known of the way, for the transports ------------------------------------- */

/* The interface towards DST, as ip_source would go; NULL when there is no way. */
static struct ifc *ifc_towards(struct stack *s, const struct addr *dst)
{
	struct route route;

	if (ip_is_ours(s, dst))
		return lo_ifc(s);
	return route_lookup(s, NULL, dst, &route) < 0 ? NULL : route.ifc;
}

/* Everybody, and a group, are reached where our first address is, if no route says otherwise. */
static int source_for_all(struct stack *s, const struct addr *dst, struct addr *out)
{
	const struct ifc_addr *own = ifc_addr_towards(s, NULL, dst);

	if (!own)
		return -EADDRNOTAVAIL;
	*out = own->addr;
	return 0;
}

int ip_source(struct stack *s, const struct addr *dst, struct addr *out)
{
	const struct ifc_addr *own;
	struct route route;

	if (addr_is_loopback(dst)) {
		*out = addr_from_v4(0x7f000001);
		return addr_is_v4(dst) ? 0 : -ENETUNREACH;
	}
	if (ip_is_ours(s, dst)) {
		*out = *dst;
		return 0;
	}
	if (!addr_is_v4(dst) || addr_is_any(dst))
		return -ENETUNREACH;
	if (route_lookup(s, NULL, dst, &route) < 0) {
		if (addr_is_limited_broadcast(dst) || addr_is_multicast(dst))
			return source_for_all(s, dst, out);
		return -ENETUNREACH;
	}
	/* RFC 1122 3.3.4.3: an address of the interface, best of the prefix of the next hop. */
	own = ifc_addr_towards(s, route.ifc, &route.next_hop);
	if (!own)
		return -EADDRNOTAVAIL;
	*out = own->addr;
	return 0;
}

uint32_t ip_mtu(struct stack *s, const struct addr *dst)
{
	const struct ifc *ifc = ifc_towards(s, dst);

	return ifc ? ifc->mtu : 0;
}

bool ip_has_offload(struct stack *s, const struct addr *dst)
{
	const struct ifc *ifc = ifc_towards(s, dst);
	uint8_t wanted = LINK_CSUM | (addr_is_v4(dst) ? LINK_TSO4 : LINK_TSO6);

	return ifc && (ifc->offers & wanted) == wanted;
}

void ip_negative_advice(struct stack *s, const struct addr *dst)
{
	struct route route;

	if (ip_is_ours(s, dst) || route_lookup(s, NULL, dst, &route) < 0)
		return;
	neigh_doubt(s, &route.next_hop);
	route_avoid(s, dst);
}

void ip_confirm(struct stack *s, const struct addr *dst)
{
	struct route route;

	if (!neigh_any_in_doubt(s) || ip_is_ours(s, dst))
		return;
	if (route_lookup(s, NULL, dst, &route) == 0)
		neigh_confirm(s, &route.next_hop);
}

/* --- the transports' checksum --------------------------------------------------------- */

uint32_t ip_pseudo_sum(
	const struct addr *src, const struct addr *dst, uint8_t protocol, uint32_t len)
{
	uint32_t off = addr_is_v4(dst) ? 12 : 0;
	uint32_t sum = checksum_add(0, src->b + off, sizeof(src->b) - off);

	sum = checksum_add(sum, dst->b + off, sizeof(dst->b) - off);
	return checksum_fold(sum) + protocol + (len >> 16) + (len & 0xffff);
}

void ip_checksum_later(struct pkt *p, const struct ip_send *how, uint16_t csum_off)
{
	uint32_t sum = ip_pseudo_sum(&how->src, &how->dst, how->protocol, pkt_len(p));

	put_be16(pkt_data(p) + csum_off, checksum_fold(sum));
	p->offload |= PKT_CSUM_FILL;
	p->csum_start = p->off;
	p->csum_off = csum_off;
}

bool ip_checksum_is_good(const struct ip_info *ip, const struct pkt *p)
{
	uint32_t len = pkt_len(p);
	uint32_t sum;

	if (p->offload & PKT_CSUM_GOOD)
		return true;
	sum = ip_pseudo_sum(&ip->src, &ip->dst, ip->protocol, len);
	return checksum_fold(pkt_checksum(p, 0, len, sum)) == 0xffff;
}
