/* icmp4_out.c - see icmp4.h. The errors we send: when, how many, and what they quote. */
#include "../base/checksum.h"
#include "../base/wire.h"
#include "../link/ifc.h"
#include "../stack_private.h"
#include "icmp4.h"
#include "icmp4_msg.h"
#include "ip4.h"

#include <string.h>

/* RFC 1812 4.3.2.3: as much as fits into the datagram that everybody must take in whole. */
#define ERROR_LEN_MAX 576

#define CODE_REASSEMBLY 1

/* Tokens are counted in the time it takes to earn them. */
#define DESTINATION_TOKEN_US USEC_PER_SEC
#define ALL_TOKEN_US         (USEC_PER_SEC / LIMIT_ICMP_ALL)
#define ALL_BURST            50

/* A bucket whose tokens are time: full again at FULL_US, if nothing is taken. */
struct bucket {
	usec_t full_us;
};

struct icmp4 {
	struct bucket all;
	struct bucket of[LIMIT_ICMP_BUCKETS];
};

int icmp4_setup(struct stack *s)
{
	s->icmp4 = arena_take(&s->arena, sizeof(*s->icmp4), _Alignof(struct icmp4));
	return s->icmp4 ? 0 : -ENOMEM;
}

/* --- how many ---------------------------------------------------------------------------- */

static bool take_token(struct bucket *b, usec_t now_us, usec_t cost_us, usec_t depth_us)
{
	usec_t full_us = b->full_us > now_us ? b->full_us : now_us;

	if (full_us + cost_us > now_us + depth_us)
		return false;
	b->full_us = full_us + cost_us;
	return true;
}

/*
 * RFC 1812 4.3.2.8. Destinations share a bucket when their keyed hashes meet, which nobody can
 * bring about. The limit for all together takes one to three tokens by chance, so that a stranger
 * cannot count by it how many errors others were sent (the trick that found open UDP ports,
 * CVE-2020-25705).
 */
static bool rate_allows(struct stack *s, const struct addr *dst)
{
	uint64_t hash = siphash(&s->secret, dst->b, sizeof(dst->b));
	struct bucket *of = &s->icmp4->of[hash % LIMIT_ICMP_BUCKETS];
	usec_t cost_us = (1 + random_below(&s->random, 3)) * ALL_TOKEN_US;

	return take_token(of, s->now_us, DESTINATION_TOKEN_US,
		       LIMIT_ICMP_BURST * DESTINATION_TOKEN_US) &&
		take_token(&s->icmp4->all, s->now_us, cost_us, ALL_BURST * ALL_TOKEN_US);
}

/* --- when ---------------------------------------------------------------------------------- */

/* RFC 1122 3.2.2: never about an ICMP error, about what was for many, or to whom cannot be one.
 * Later fragments never get here: they are no datagram. */
static bool may_be_told(const struct stack *s, const struct ip_info *ip, const struct pkt *p)
{
	uint8_t type;

	if (ip->to_broadcast || ip->link_broadcast || addr_is_multicast(&ip->dst))
		return false;
	if (!ip_is_ours(s, &ip->src) && !ip4_is_host(&ip->src))
		return false;
	if (ip->protocol != IP_ICMP)
		return true;
	return pkt_copy_out(p, 0, &type, 1) && !icmp4_is_error(type);
}

/* --- what ------------------------------------------------------------------------------------ */

/* P's IP header, which was pulled, and as much behind it as goes into an error. */
static void quote(struct pkt *error, const struct ip_info *ip, const struct pkt *p)
{
	uint32_t room = ERROR_LEN_MAX - IP4_HDR_LEN - ICMP4_HDR_LEN - ip->hdr_len;
	uint32_t len = min_u32(room, pkt_len(p));

	memcpy(pkt_append(error, ip->hdr_len), pkt_data(p) - ip->hdr_len, ip->hdr_len);
	pkt_copy_out(p, 0, pkt_append(error, len), len);
}

static void put_header(struct pkt *error, uint8_t type, uint8_t code)
{
	uint8_t *hdr = pkt_data(error);
	uint8_t *sum = hdr + 2;

	hdr = put_u8(hdr, type);
	hdr = put_u8(hdr, code);
	hdr = put_be16(hdr, 0);
	put_be32(hdr, 0);
	put_be16(sum, checksum_finish(pkt_checksum(error, 0, pkt_len(error), 0)));
}

/* RFC 1122 3.2.2: from the address that was meant, with the TOS that it had; but an error is no
 * part of a transport that understands ECN. */
static void send_error(
	struct stack *s, const struct ip_info *ip, const struct pkt *p, uint8_t type, uint8_t code)
{
	struct ip_send how = { .src = ip->dst,
		.dst = ip->src,
		.protocol = IP_ICMP,
		.tos = (uint8_t)(ip->tos & ~IP_ECN_MASK) };
	struct pkt *error;

	if (!may_be_told(s, ip, p))
		return;
	if (!rate_allows(s, &ip->src)) {
		count(s, COUNT_icmp4_errors_held_back);
		return;
	}
	error = pkt_new(&s->pkts, PKT_HEADROOM, BUF_CONTROL);
	if (!error) {
		count_drop(s, COUNT_icmp4_drop_no_memory);
		return;
	}
	pkt_append(error, ICMP4_HDR_LEN);
	quote(error, ip, p);
	put_header(error, type, code);
	count(s, COUNT_icmp4_errors_out);
	count(s, COUNT_icmp4_out);
	ip_output(s, &how, error);
}

void icmp4_unreachable(
	struct stack *s, const struct ip_info *ip, const struct pkt *p, enum icmp4_unreachable code)
{
	if (addr_is_v4(&ip->src))
		send_error(s, ip, p, ICMP4_UNREACHABLE, (uint8_t)code);
}

void icmp4_time_exceeded(struct stack *s, struct ifc *ifc, const struct pkt *first)
{
	struct pkt behind = *first; /* a view: no count is taken, none is given back */
	struct ip_info ip;
	int hdr_len = ip4_read_header(pkt_data(first), first->len, &ip);

	ASSERT(hdr_len > 0);
	pkt_pull(&behind, (uint32_t)hdr_len);
	ip.ifc = ifc;
	ip.to_broadcast = addr_is_limited_broadcast(&ip.dst) || ifc_is_broadcast(s, ifc, &ip.dst);
	send_error(s, &ip, &behind, ICMP4_TIME_EXCEEDED, CODE_REASSEMBLY);
}
