/*
 * reply.c - segments that belong to no conversation.
 */
#include "parts.h"

#include <string.h>

#define CHECKSUM_OFF 16 /* of the checksum field in a TCP header */

/*
 * Resets a source can make us send: a bucket of this many, filled at the same number a second.
 * Sources that fall on one bucket share it; the key keeps anybody from choosing whom to share
 * with.
 */
#define RESETS_PER_SEC 200u
#define BUCKETS        1024u

struct reset_limit {
	struct {
		usec_t at_us;
		uint32_t left;
	} bucket[BUCKETS];
};

int tcp_reply_setup(struct stack *s)
{
	s->tcp->resets = arena_take(&s->arena, sizeof *s->tcp->resets, _Alignof(max_align_t));
	if (!s->tcp->resets)
		return -ENOMEM;
	for (unsigned i = 0; i < BUCKETS; i++)
		s->tcp->resets->bucket[i].left = RESETS_PER_SEC;
	return 0;
}

static bool reset_is_allowed(struct stack *s, const struct addr *source)
{
	uint64_t at = siphash(&s->secret, source, sizeof *source) % BUCKETS;
	usec_t passed_us = s->now_us - s->tcp->resets->bucket[at].at_us;
	uint64_t earned = passed_us / (USEC_PER_SEC / RESETS_PER_SEC);

	if (earned > 0) {
		uint64_t left = s->tcp->resets->bucket[at].left + earned;

		s->tcp->resets->bucket[at].left = (uint32_t)min_u64(left, RESETS_PER_SEC);
		s->tcp->resets->bucket[at].at_us = s->now_us;
	}
	if (s->tcp->resets->bucket[at].left == 0) {
		count(s, COUNT_tcp_resets_held_back);
		return false;
	}
	s->tcp->resets->bucket[at].left--;
	return true;
}

void tcp_reply(struct stack *s, const struct endpoint *local, const struct endpoint *remote,
	const struct seg *seg, uint8_t ttl, uint8_t tos)
{
	struct pkt *p = pkt_new(&s->pkts, PKT_HEADROOM, BUF_CONTROL);
	const struct ip_send how = { .src = local->addr,
		.dst = remote->addr,
		.protocol = IP_TCP,
		.ttl = ttl,
		.tos = tos,
		.dont_fragment = true };
	struct seg out = *seg;

	if (!p) {
		count_drop(s, COUNT_tcp_drop_no_memory);
		return;
	}
	out.src_port = local->port;
	out.dst_port = remote->port;
	seg_build(&out, pkt_append(p, (uint32_t)seg_built_len(&out)));
	ip_checksum_later(p, &how, CHECKSUM_OFF);
	count(s, COUNT_tcp_segs_out);
	ip_output(s, &how, p);
}

void tcp_reply_reset(struct stack *s, const struct ip_info *ip, const struct seg *seg)
{
	const struct endpoint local = { .addr = ip->dst, .port = seg->dst_port };
	const struct endpoint remote = { .addr = ip->src, .port = seg->src_port };
	struct seg reset = { .flags = SEG_RST };

	if (seg->flags & SEG_RST || !reset_is_allowed(s, &ip->src))
		return;
	if (seg->flags & SEG_ACK) {
		reset.seq = seg->ack;
	} else {
		reset.flags |= SEG_ACK;
		reset.ack = seg->seq + seg_space(seg);
	}
	count(s, COUNT_tcp_resets_out);
	tcp_reply(s, &local, &remote, &reset, 0, (uint8_t)(ip->tos & 0xfc));
}
