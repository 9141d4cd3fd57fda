/* ip4.c - see ip4.h. */
#include "ip4.h"

#include "../base/checksum.h"
#include "../base/wire.h"
#include "../link/eth.h"
#include "../link/group.h"
#include "../link/ifc.h"
#include "../link/lo.h"
#include "../link/offload.h"
#include "../stack_private.h"
#include "frag.h"
#include "neigh.h"
#include "route.h"

#include <string.h>

#define TTL_DEFAULT   64
#define TTL_MULTICAST 1 /* RFC 1112 6.1 */
#define FLAG_DF       0x4000
#define FLAG_MF       0x2000
#define FRAG_OFF_MASK 0x1fff

/*
 * The next identification for one source, destination and protocol (RFC 6864 4.3 asks for no
 * more). Each begins anywhere and goes up by one; nobody can tell from his own numbers how much
 * we send to others, as he could from one counter for all.
 */
struct id_counter {
	uint64_t tag; /* the keyed hash of what it is for */
	usec_t used_us;
	uint16_t next;
};

#define ID_WAYS 4
#define ID_SETS (LIMIT_IP4_IDS / ID_WAYS)

struct ip4 {
	struct id_counter ids[ID_SETS][ID_WAYS];
};

_Static_assert(LIMIT_IP4_IDS % ID_WAYS == 0, "whole sets");

int ip4_setup(struct stack *s)
{
	s->ip4 = arena_take(&s->arena, sizeof(*s->ip4), _Alignof(struct ip4));
	return s->ip4 ? 0 : -ENOMEM;
}

bool ip4_is_host(const struct addr *a)
{
	uint32_t top = addr_is_v4(a) ? addr_v4(a) >> 24 : 0;

	return top != 0 && top != 127 && top < 224;
}

void ip4_sum_header(uint8_t *hdr, uint32_t len)
{
	put_be16(hdr + 10, 0);
	put_be16(hdr + 10, checksum_finish(checksum_add(0, hdr, len)));
}

/* --- the header of what comes in ------------------------------------------------------ */

/* What the header says besides what everybody above may know. */
struct ip4_hdr {
	uint32_t total_len;
	uint16_t id;
	uint16_t flags; /* and the fragment's offset */
};

static void read_fields(struct cursor *c, struct ip_info *info, struct ip4_hdr *h)
{
	take_u8(c);
	info->tos = take_u8(c);
	h->total_len = take_be16(c);
	h->id = take_be16(c);
	h->flags = take_be16(c);
	info->ttl = take_u8(c);
	info->protocol = take_u8(c);
	take_be16(c);
	info->src = addr_from_v4(take_be32(c));
	info->dst = addr_from_v4(take_be32(c));
	info->len = h->total_len - info->hdr_len;
}

/* RFC 1122 3.2.1.8: options are skipped, but they must make sense, and a source route would make
 * us a router. */
static bool options_are_good(const uint8_t *at, size_t len)
{
	struct cursor c = cursor_over(at, len);

	while (cursor_left(&c) > 0) {
		uint8_t kind = take_u8(&c);
		uint8_t option_len;

		if (kind == IP4_OPTION_END)
			return true;
		if (kind == IP4_OPTION_NOP)
			continue;
		option_len = take_u8(&c);
		if (kind == IP4_OPTION_LOOSE_ROUTE || kind == IP4_OPTION_STRICT_ROUTE ||
			option_len < 2)
			return false;
		take_bytes(&c, option_len - 2u);
	}
	return !c.bad;
}

/* RFC 1122 3.2.1.1, 3.2.1.2 and 3.2.1.8: fill INFO and H and cut the padding off, or say by which
 * counter P is dropped; 0 is no such counter's. */
static int parse(struct pkt *p, struct ip_info *info, struct ip4_hdr *h, enum counter *why)
{
	const uint8_t *at = pkt_data(p);
	struct cursor c = cursor_over(at, p->len);

	if (p->len < IP4_HDR_LEN) {
		*why = COUNT_ip4_drop_short;
		return -EBADMSG;
	}
	*why = COUNT_ip4_drop_version;
	if (at[0] >> 4 != 4)
		return -EBADMSG;
	*why = COUNT_ip4_drop_hdr_len;
	info->hdr_len = (uint16_t)((at[0] & 0xf) * 4);
	if (info->hdr_len < IP4_HDR_LEN || info->hdr_len > p->len)
		return -EBADMSG;
	*why = COUNT_ip4_drop_checksum;
	if (checksum_fold(checksum_add(0, at, info->hdr_len)) != 0xffff)
		return -EBADMSG;
	read_fields(&c, info, h);
	*why = COUNT_ip4_drop_total_len;
	if (h->total_len < info->hdr_len || pkt_trim(p, h->total_len) < 0)
		return -EBADMSG;
	*why = COUNT_ip4_drop_options;
	return options_are_good(at + IP4_HDR_LEN, info->hdr_len - IP4_HDR_LEN) ? 0 : -EBADMSG;
}

/* --- is it for us? -------------------------------------------------------------------- */

/* RFC 1122 3.2.1.3: from a host, and from another one. What comes by lo is our own. */
static bool source_is_good(const struct stack *s, const struct ip_info *info, bool is_inside)
{
	if (is_inside)
		return true;
	/* A switch that asks instead of a router has no address (RFC 4541 2.1.1). */
	if (info->protocol == IP_IGMP && addr_v4(&info->src) == 0)
		return true;
	return ip4_is_host(&info->src) && !ip_is_ours(s, &info->src) &&
		!ifc_is_broadcast(s, info->ifc, &info->src);
}

/* The strong end system of RFC 1122 3.3.4.2: an address is ours on its own link alone. */
static bool is_for_us_alone(const struct stack *s, const struct ip_info *info)
{
	const struct ifc_addr *own;

	if (info->ifc == lo_ifc(s))
		return ip_is_ours(s, &info->dst);
	own = ifc_addr_find(s, &info->dst);
	return own && own->ifc == info->ifc && own->state == IFC_ADDR_USED;
}

static bool is_for_everybody(const struct stack *s, const struct ip_info *info)
{
	return addr_is_limited_broadcast(&info->dst) || ifc_is_broadcast(s, info->ifc, &info->dst);
}

/* What we sent to a group comes in where it went out: by the interface of its source. */
static void find_origin(const struct stack *s, struct ip_info *info)
{
	const struct ifc_addr *own = ifc_addr_find(s, &info->src);

	if (own)
		info->ifc = own->ifc;
}

static bool is_for_group(const struct stack *s, const struct ip_info *info)
{
	return addr_is_multicast(&info->dst) &&
		(addr_v4(&info->dst) == GROUP_ALL_HOSTS ||
			group_is_joined(s, info->ifc, &info->dst));
}

static int addressed(const struct stack *s, struct ip_info *info, enum counter *why)
{
	bool is_inside = info->ifc == lo_ifc(s);

	if (is_inside && addr_is_multicast(&info->dst))
		find_origin(s, info);
	info->to_broadcast = is_for_everybody(s, info) || is_for_group(s, info);
	*why = COUNT_ip4_drop_not_ours;
	if (!info->to_broadcast && !is_for_us_alone(s, info))
		return -EHOSTUNREACH;
	*why = COUNT_ip4_drop_source;
	if (!source_is_good(s, info, is_inside))
		return -EHOSTUNREACH;
	/* RFC 1122 3.3.6: it is for one of many who heard it, so none must answer. */
	*why = COUNT_ip4_drop_link_broadcast;
	return info->link_broadcast && !info->to_broadcast ? -EHOSTUNREACH : 0;
}

/* A whole datagram: NULL when it was a fragment and is held, or was dropped. */
static struct pkt *whole(
	struct stack *s, struct ip_info *info, const struct ip4_hdr *h, struct pkt *p)
{
	struct frag_info frag = { .id = h->id,
		.off = (h->flags & FRAG_OFF_MASK) * 8u,
		.more = (h->flags & FLAG_MF) != 0 };

	if (frag.off == 0 && !frag.more)
		return p;
	if (trace_is_on(s))
		trace_fragment(s, info, &frag, true);
	return frag_input(s, info, &frag, p);
}

bool ip4_accept(
	struct stack *s, struct ifc *ifc, bool link_broadcast, struct pkt **p, struct ip_info *info)
{
	struct ip4_hdr h;
	enum counter why;

	*info = (struct ip_info){ .ifc = ifc, .link_broadcast = link_broadcast };
	if (parse(*p, info, &h, &why) < 0 || addressed(s, info, &why) < 0) {
		if (trace_is_on(s))
			trace_about(s, info);
		drop(s, *p, why);
		return false;
	}
	pkt_pull(*p, info->hdr_len);
	*p = whole(s, info, &h, *p);
	if (!*p)
		return false;
	count(s, COUNT_ip4_in);
	return true;
}

/* --- the header of what we sent ------------------------------------------------------- */

int ip4_read_header(const uint8_t *at, size_t len, struct ip_info *info)
{
	struct cursor c = cursor_over(at, len);
	struct ip4_hdr h;

	*info = (struct ip_info){ .ifc = NULL };
	if (len < IP4_HDR_LEN || at[0] >> 4 != 4)
		return -EBADMSG;
	info->hdr_len = (uint16_t)((at[0] & 0xf) * 4);
	if (info->hdr_len < IP4_HDR_LEN || info->hdr_len > len)
		return -EBADMSG;
	read_fields(&c, info, &h);
	info->was_fragmented = (h.flags & FRAG_OFF_MASK) != 0;
	return h.total_len < info->hdr_len ? -EBADMSG : info->hdr_len;
}

int ip4_parse_quoted(struct pkt *p, struct ip_info *info)
{
	int hdr_len = ip4_read_header(pkt_data(p), p->len, info);

	/* Behind the header of a later fragment stands no transport header. */
	if (hdr_len < 0 || info->was_fragmented)
		return -EBADMSG;
	pkt_pull(p, (uint32_t)hdr_len);
	return 0;
}

/* --- sending -------------------------------------------------------------------------- */

/* Of a set, the counter of TAG, or the one that was not needed for longest, begun anew. */
static struct id_counter *id_counter(struct stack *s, uint64_t tag)
{
	struct id_counter *set = s->ip4->ids[tag % ID_SETS];
	struct id_counter *oldest = set;

	for (unsigned i = 0; i < ID_WAYS; i++) {
		if (set[i].tag == tag)
			return &set[i];
		if (set[i].used_us < oldest->used_us)
			oldest = &set[i];
	}
	*oldest = (struct id_counter){ .tag = tag, .next = (uint16_t)random_u32(&s->random) };
	return oldest;
}

/* The first of N identifications that nobody else from us to DST has used lately. */
static uint16_t take_ids(struct stack *s, const struct ip_send *how, uint32_t n)
{
	uint8_t key[2 * sizeof(struct addr) + 1];
	struct id_counter *counter;
	uint16_t id;

	memcpy(key, how->src.b, sizeof(how->src.b));
	memcpy(key + sizeof(how->src.b), how->dst.b, sizeof(how->dst.b));
	key[sizeof(key) - 1] = how->protocol;
	counter = id_counter(s, siphash(&s->secret, key, sizeof(key)));
	counter->used_us = s->now_us;
	id = counter->next;
	counter->next = (uint16_t)(id + n);
	return id;
}

static uint8_t ttl_of(const struct ip_send *how, const struct ip_way *way)
{
	if (how->ttl > 0)
		return how->ttl;
	return way->reach == IP_GROUP ? TTL_MULTICAST : TTL_DEFAULT;
}

static uint32_t hdr_len_of(const struct ip_send *how)
{
	return how->has_alert ? IP4_HDR_LEN + IP4_ALERT_LEN : IP4_HDR_LEN;
}

/* RFC 6864 4.1: what can never be in pieces needs no identification. */
static void push_header(
	struct stack *s, const struct ip_send *how, const struct ip_way *way, struct pkt *p)
{
	uint32_t hdr_len = hdr_len_of(how);
	uint32_t total_len = hdr_len + pkt_len(p);
	uint16_t id = how->dont_fragment ? 0 : take_ids(s, how, offload_segs(p));
	uint8_t *hdr = pkt_push(p, hdr_len);
	uint8_t *at = put_u8(hdr, (uint8_t)(0x40 | hdr_len / 4));

	at = put_u8(at, how->tos);
	at = put_be16(at, (uint16_t)total_len);
	at = put_be16(at, id);
	at = put_be16(at, how->dont_fragment ? FLAG_DF : 0);
	at = put_u8(at, ttl_of(how, way));
	at = put_u8(at, how->protocol);
	at = put_be16(at, 0);
	at = put_be32(at, addr_is_v4(&how->src) ? addr_v4(&how->src) : 0);
	at = put_be32(at, addr_v4(&how->dst));
	if (how->has_alert)
		put_be32(at, (uint32_t)IP4_OPTION_ALERT << 24 | IP4_ALERT_LEN << 16);
	ip4_sum_header(hdr, hdr_len);
}

/* What is to be cut by segment length was made to fit by who set it. */
static bool is_too_long(const struct pkt *p, uint16_t mtu)
{
	return !(p->offload & (PKT_SEG_TCP | PKT_SEG_UDP)) && pkt_len(p) > mtu;
}

static int dispatch(struct stack *s, const struct ip_way *way, struct pkt *p)
{
	uint8_t mac[6];

	switch (way->reach) {
	case IP_INSIDE:
		return lo_send(s, p);
	case IP_ONE:
		return neigh_output(s, way->ifc, &way->next_hop, p);
	case IP_GROUP:
		group_mac(mac, &way->next_hop);
		ip4_transmit(s, way->ifc, mac, p);
		return 0;
	case IP_ALL:
		ip4_transmit(s, way->ifc, eth_broadcast, p);
		return 0;
	}
	ASSERT(false);
	return 0;
}

/* RFC 1112 6.4, 7.2: what we send to a group that we are in ourselves is heard here too, payload
 * and all in one piece. That it may be lost for want of memory is the way of datagrams. */
static void share(struct stack *s, const struct ip_way *way, const struct pkt *p)
{
	struct pkt *copy;

	if (!group_is_joined(s, way->ifc, &way->next_hop))
		return;
	copy = pkt_new(&s->pkts, PKT_HEADROOM, BUF_DATA);
	if (!copy || p->len > pkt_tailroom(copy)) {
		count(s, COUNT_lo_no_memory);
		pkt_free(&s->pkts, copy);
		return;
	}
	memcpy(pkt_append(copy, p->len), pkt_data(p), p->len);
	for (unsigned i = 0; i < p->slices_n; i++)
		(void)pkt_add_slice(copy, p->slices[i].buf, p->slices[i].off, p->slices[i].len);
	copy->offload = p->offload;
	copy->seg_len = p->seg_len;
	(void)lo_send(s, copy);
}

int ip4_output(struct stack *s, const struct ip_send *how, const struct ip_way *way, struct pkt *p)
{
	uint32_t payload = pkt_len(p);

	if (payload > IP4_LEN_MAX - hdr_len_of(how)) {
		drop(s, p, COUNT_ip4_drop_too_long);
		return -EMSGSIZE;
	}
	push_header(s, how, way, p);
	if (how->dont_fragment && is_too_long(p, way->ifc->mtu)) {
		drop(s, p, COUNT_ip4_drop_too_long);
		return -EMSGSIZE;
	}
	count(s, COUNT_ip4_out);
	if (how->is_shared && way->reach == IP_GROUP)
		share(s, way, p);
	return dispatch(s, way, p);
}

static void send_frame(struct stack *s, struct ifc *ifc, const uint8_t mac[6], struct pkt *p)
{
	eth_send(s, ifc, mac, ETH_IP4, p);
}

void ip4_transmit(struct stack *s, struct ifc *ifc, const uint8_t mac[6], struct pkt *p)
{
	if (is_too_long(p, ifc->mtu))
		frag_cut4(s, ifc, mac, p, send_frame);
	else
		send_frame(s, ifc, mac, p);
}

bool ip4_reroute(struct stack *s, const struct addr *failed, struct pkt *p)
{
	const struct ifc_addr *own;
	struct ip_info info;
	struct route route;

	if (ip4_read_header(pkt_data(p), p->len, &info) < 0)
		return false;
	own = ifc_addr_find(s, &info.src);
	if (!own || route_lookup(s, own->ifc, &info.dst, &route) < 0)
		return false;
	if (route.is_dead || addr_equal(&route.next_hop, failed))
		return false;
	neigh_output(s, route.ifc, &route.next_hop, p);
	return true;
}
