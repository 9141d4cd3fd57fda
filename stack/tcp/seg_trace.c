/*
 * seg_trace.c - a segment as the trace tells it: numbers from the first of each side on, the window
 * in bytes.
 */
#include "../base/wire.h"
#include "parts.h"
#include "user.h"

#define OPT_END         0
#define OPT_NOP         1
#define OPT_SACK_OK     4
#define OPT_SACK_OK_LEN 2

/* What is known of the two sides. */
struct sides {
	bool has_ours, has_theirs;
	uint32_t iss, irs;
	uint8_t snd_wscale, rcv_wscale;
};

static struct sides sides_of(const struct tcp_conv *c)
{
	return (struct sides){ .has_ours = c->state != TCP_LISTEN && c->state != TCP_CLOSED,
		.has_theirs = c->state >= TCP_SYN_RECEIVED,
		.iss = c->iss,
		.irs = c->irs,
		.snd_wscale = c->snd_wscale,
		.rcv_wscale = c->rcv_wscale };
}

/* The option that we do not speak, and whose presence readers of traces look for. */
static bool permits_sack(const uint8_t *at, size_t len)
{
	struct cursor c = cursor_over(at, len);

	while (cursor_left(&c) > 0) {
		uint8_t kind = take_u8(&c);
		uint8_t option_len;

		if (kind == OPT_END)
			return false;
		if (kind == OPT_NOP)
			continue;
		option_len = take_u8(&c);
		if (c.bad || option_len < 2)
			return false;
		if (kind == OPT_SACK_OK)
			return option_len == OPT_SACK_OK_LEN;
		take_bytes(&c, option_len - 2u);
	}
	return false;
}

static void tell(struct trace_seg *out, const struct seg *seg)
{
	*out = (struct trace_seg){ .seq = seg->seq,
		.ack = seg->ack,
		.window = seg->window,
		.len = seg->len,
		.ts_val = seg->ts_val,
		.ts_ecr = seg->ts_ecr,
		.flags = seg->flags,
		.mss = seg->mss,
		.wscale = seg->wscale,
		.options = seg->options };
}

static uint32_t relative(uint32_t number, uint32_t first, bool is_known)
{
	return is_known ? number - first : number;
}

static void tell_numbers(
	struct trace_seg *out, const struct seg *seg, const struct sides *k, bool is_in)
{
	bool is_syn = seg->flags & SEG_SYN;
	bool knows_seq = is_in ? k->has_theirs : k->has_ours;
	bool knows_ack = is_in ? k->has_ours : k->has_theirs;
	uint8_t shift = is_in ? k->snd_wscale : k->rcv_wscale;

	out->seq = relative(seg->seq, is_in ? k->irs : k->iss, knows_seq);
	if (is_syn && !knows_seq)
		out->seq = 0; /* it says itself which is the first */
	out->ack = relative(seg->ack, is_in ? k->iss : k->irs, knows_ack);
	out->window = (uint32_t)seg->window << (is_syn ? 0 : shift); /* RFC 7323 2.2 */
}

/* Where it lies among what has gone, or come, before. */
static uint8_t marks_of(const struct tcp_conv *c, const struct seg *seg, bool is_in)
{
	uint32_t next = is_in ? c->rcv_nxt : c->snd_max;
	uint32_t space = seg_space(seg);
	uint8_t marks = seg->seq == next ? 0 : MARK_SEQ;

	if (!is_in && seg->flags & SEG_SYN)
		return seq_after(c->snd_max, seg->seq) ? MARK_AGAIN : 0;
	if (!tcp_is_synchronized(c) || seg->flags & (SEG_SYN | SEG_RST))
		return marks;
	if (space > 0 && seq_before_eq(seg->seq + space, next))
		marks |= MARK_AGAIN;
	else if (is_in && space > 0 && seq_after(seg->seq, next))
		marks |= MARK_AHEAD;
	return marks;
}

static const struct tuple *half_between(const struct stack *s, const struct trace_event *e)
{
	const struct tuple *t = ports_find(&s->ports, IP_TCP, &e->local, &e->peer);

	return t && t->kind == TUPLE_HALF_OPEN ? t : NULL;
}

static void tell_places(const struct stack *s, struct trace_event *e, const struct conv *conv,
	const struct seg *seg)
{
	const struct tcp_conv *c = tcp_of_const(conv);
	struct sides known = sides_of(c);
	const struct tuple *half = half_between(s, e);

	if (half) {
		known = (struct sides){ .has_ours = true, .has_theirs = true };
		tcp_half_numbers(
			half, &known.iss, &known.irs, &known.snd_wscale, &known.rcv_wscale);
	} else {
		e->seg.marks |= marks_of(c, seg, e->is_in);
	}
	tell_numbers(&e->seg, seg, &known, e->is_in);
}

const struct conv *tcp_trace(
	const struct stack *s, struct trace_event *e, const uint8_t *at, size_t len, uint32_t total)
{
	const struct conv *whose;
	struct seg seg;

	if (seg_parse(&seg, at, len) < 0)
		return NULL;
	seg.len = total - seg.hdr_len;
	e->kind = TRACE_SEGMENT;
	e->local.port = e->is_in ? seg.dst_port : seg.src_port;
	e->peer.port = e->is_in ? seg.src_port : seg.dst_port;
	tell(&e->seg, &seg);
	if (permits_sack(at + SEG_HDR_LEN, seg.hdr_len - (size_t)SEG_HDR_LEN))
		e->seg.marks |= MARK_SACK;
	whose = trace_whose(s, IP_TCP, &e->local, &e->peer);
	if (whose)
		tell_places(s, e, whose, &seg);
	return whose;
}
