/*
 * receive.c - the bytes that come in, and the window we offer for more.
 *
 * Payload is not copied: the receive queue takes counts on the blocks that the device filled.
 * What is charged against rcvbuf are blocks, so the window closes before memory does.
 */
#include "parts.h"

/* ACK at least every second segment (RFC 9293 3.8.6.3, RFC 5681 4.2). */
#define SEGS_PER_ACK 2
/* Unread bytes under this part of rcvbuf are little: cheap to copy for the window's sake. */
#define LITTLE_PART 8
/* Who has sent something so short a time ago may answer again before a delayed ACK is due. */
#define ANSWER_US (40 * USEC_PER_MSEC)
/* How far beyond rcvbuf rounding may move the window's edge, as a part of it. */
#define CREEP_PART 8
/* The last of so many parts of all slices is not for what comes ahead of its time. */
#define AHEAD_PARTS 4

void tcp_ack_later(struct tcp_conv *c)
{
	struct stack *s = c->conv.stack;

	c->ack_now = true;
	if (!list_is_linked(&c->flush))
		list_append(&s->tcp->flush, &c->flush);
	stack_flush_later(s);
}

/* --- the window ---------------------------------------------------------------------- */

static uint32_t window_now(const struct tcp_conv *c)
{
	return seq_after(c->rcv_adv, c->rcv_nxt) ? c->rcv_adv - c->rcv_nxt : 0;
}

static uint32_t room(const struct tcp_conv *c)
{
	return c->rcvq.held < c->conv.rcvbuf ? c->conv.rcvbuf - c->rcvq.held : 0;
}

/* RFC 9293 3.8.6.2.2: the right edge moves in steps worth telling, and never to the left. */
static uint32_t window_by_rule(const struct tcp_conv *c)
{
	uint32_t now = window_now(c);
	uint32_t step = min_u32(c->conv.rcvbuf / 2, c->mss);

	return room(c) >= now + step ? room(c) : now;
}

/*
 * Rounded up to what the scale can say: rounding down would take back what was offered. But each
 * time that moves the edge a little, and with crumbs that nobody reads it would do so for ever.
 * So it ends a part beyond rcvbuf; then rounding down is what RFC 7323 2.4 leaves.
 */
uint32_t tcp_window_to_offer(const struct tcp_conv *c)
{
	uint32_t unit = 1u << c->rcv_wscale;
	uint32_t window = window_by_rule(c);
	uint32_t rounded = (window + unit - 1) & ~(unit - 1);

	if ((uint64_t)c->rcvq.len + rounded >
		(uint64_t)c->conv.rcvbuf + c->conv.rcvbuf / CREEP_PART + unit)
		rounded = window & ~(unit - 1);
	return min_u32(rounded, (uint32_t)UINT16_MAX << c->rcv_wscale);
}

/*
 * What is left unread may be little and yet hold large blocks, so that the window stays shut
 * though there is room for bytes. Then, and only then, it is copied together.
 */
static void make_room(struct tcp_conv *c)
{
	uint32_t queued = c->rcvq.len + c->rcvq.beyond;
	uint32_t step = min_u32(c->conv.rcvbuf / 2, c->mss);

	if (room(c) < window_now(c) + step && queued <= c->conv.rcvbuf / LITTLE_PART)
		bytes_compact(&c->conv.stack->bytes, &c->rcvq);
}

/*
 * All has been read, and the ACK for it is still put off in the hope of an answer to ride on. If
 * none was sent of late, none is to be expected; and a writer whose buffer is smaller than two
 * segments could not go on before the ACK.
 */
static bool ack_waits_in_vain(const struct tcp_conv *c)
{
	usec_t quiet_us = c->conv.stack->now_us - c->sent_us;

	return c->rcvq.len == 0 && c->segs_unacked > 0 && (c->sent_us == 0 || quiet_us > ANSWER_US);
}

/*
 * A reader that empties a queue in many pieces must not make an ACK of each. A window that
 * still lets the peer go on is told of when a quarter of the buffer has come free; one that
 * stops it, as soon as the rule allows.
 */
void tcp_window_maybe_update(struct tcp_conv *c)
{
	uint32_t now = window_now(c);
	bool is_shut = now < 2u * c->mss;

	if (!tcp_is_synchronized(c) || c->has_fin_seq)
		return;
	if (is_shut)
		make_room(c);
	if (tcp_window_to_offer(c) >= now + (is_shut ? 1 : c->conv.rcvbuf / 4) ||
		ack_waits_in_vain(c))
		tcp_ack_later(c);
}

/* --- text ---------------------------------------------------------------------------- */

static void decide_about_ack(struct tcp_conv *c, const struct pkt *p, bool had_hole)
{
	c->segs_unacked = (uint16_t)min_u32(UINT16_MAX, c->segs_unacked + (uint32_t)p->segs);
	if (had_hole || c->segs_unacked >= SEGS_PER_ACK)
		tcp_ack_later(c);
	else
		tcp_timers_ack_owed(c);
}

/* Place LEN bytes of P from OFF on at AT of the queue, without keeping blocks of the reserve; how
 * many bytes the contiguous part has grown by. */
static uint32_t queue_text(struct tcp_conv *c, const struct pkt *p, uint32_t off, uint32_t at,
	uint32_t len, bool *was_refused)
{
	struct stack *s = c->conv.stack;
	struct slice slices[PKT_SLICES_MAX + 1];
	uint32_t before = c->rcvq.len;
	int n = pkt_slices(p, off, slices);

	for (int i = 0; i < n && len > 0; i++) {
		uint32_t take = min_u32(len, slices[i].len);
		struct buf *from = slices[i].buf;
		ssize_t kept =
			bytes_place(&s->bytes, &c->rcvq, at, buf_is_reserved(from) ? NULL : from,
				from->data + slices[i].off, take, LIMIT_TCP_OOO_PIECES);

		if (kept < 0) {
			*was_refused = true;
			break;
		}
		at += take;
		len -= take;
	}
	return c->rcvq.len - before;
}

static void take_in_order(
	struct tcp_conv *c, const struct seg *seg, const struct pkt *p, uint32_t off)
{
	struct stack *s = c->conv.stack;
	bool had_hole = c->rcvq.beyond > 0;
	bool was_refused = false;
	uint32_t grown = queue_text(c, p, off, c->rcvq.len, seg->len, &was_refused);

	if (was_refused)
		tcp_dropped(c, COUNT_tcp_drop_no_memory);
	c->rcv_nxt += grown;
	c->bytes_in += grown;
	count_add(s, COUNT_tcp_bytes_in, grown);
	if (grown > 0) {
		conv_raise(&c->conv, CONV_IN);
		conv_touch(&c->conv);
	}
	decide_about_ack(c, p, had_hole || was_refused);
}

/* What comes ahead of its time may not use up what all queues share: one byte between gaps costs
 * as much as a block, and a peer chooses how many he sends. */
static bool may_keep_ahead(const struct stack *s)
{
	const struct pool *nodes = &s->bytes.nodes;

	return nodes->out < nodes->cap / AHEAD_PARTS * (AHEAD_PARTS - 1);
}

/* RFC 5681 4.2: an ACK at once, one for each, so that the sender can count three of them. */
static void take_ahead(struct tcp_conv *c, const struct seg *seg, const struct pkt *p, uint32_t off)
{
	struct stack *s = c->conv.stack;
	uint32_t at = c->rcvq.len + (seg->seq - c->rcv_nxt);
	bool was_refused = !may_keep_ahead(s);

	if (!was_refused)
		queue_text(c, p, off, at, seg->len, &was_refused);
	if (was_refused) {
		tcp_dropped(c, COUNT_tcp_drop_out_of_order);
	} else {
		count(s, COUNT_tcp_out_of_order);
		c->segs_out_of_order++;
	}
	tcp_send_ack(c);
}

/* Nobody will read it: it is acknowledged, so that the peer can come to its end. */
static void take_unread(struct tcp_conv *c, const struct seg *seg, const struct pkt *p)
{
	if (seg->seq != c->rcv_nxt) {
		tcp_send_ack(c);
		return;
	}
	c->rcv_nxt += seg->len;
	c->bytes_in += seg->len;
	decide_about_ack(c, p, false);
}

void tcp_take_text(struct tcp_conv *c, const struct seg *seg, const struct pkt *p, uint32_t off)
{
	if (c->rd_shut)
		take_unread(c, seg, p);
	else if (seg->seq == c->rcv_nxt)
		take_in_order(c, seg, p, off);
	else
		take_ahead(c, seg, p, off);
}
