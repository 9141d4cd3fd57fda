/*
 * input.c - a segment arrives, RFC 9293 3.10.7.
 *
 * The RFC gives LISTEN, SYN-SENT and "no such conversation" a text each and all other states
 * one numbered list. So does this file: listen.c has the first, syn_sent() the second, and the
 * list is arrive(), a step a function, each saying whether to go on. Its third step (security)
 * and sixth (urgent data) are left out: urgent bytes are taken in line (docs/rfcs.md).
 *
 * No conversation is freed while one of these runs (see tcp_end), so a step that ended it may
 * simply stop.
 */
#include "../ip/neigh.h"
#include "parts.h"

/* RFC 7323 5.5: a timestamp older than this says nothing. */
#define TS_VALID_US ((usec_t)24 * 24 * 3600 * USEC_PER_SEC)

/* --- before any state: is it a segment at all? --------------------------------------------- */

static bool parse(struct stack *s, const struct ip_info *ip, const struct pkt *p, struct seg *seg)
{
	int err = seg_parse(seg, pkt_data(p), p->len);

	if (err == -ENODATA)
		count_drop(s, COUNT_tcp_drop_short);
	else if (err < 0)
		count_drop(s, COUNT_tcp_drop_offset);
	else if (ip->to_broadcast || ip->link_broadcast || addr_is_multicast(&ip->src))
		count_drop(s, COUNT_tcp_drop_broadcast);
	else if (!(p->offload & PKT_CSUM_GOOD) && !ip_checksum_is_good(ip, p))
		count_drop(s, COUNT_tcp_drop_checksum);
	else if (seg->src_port == 0 ||
		seg->dst_port == 0) /* nobody's; not even a reset's (6335 6) */
		count_drop(s, COUNT_tcp_drop_port_zero);
	else
		return true;
	return false;
}

/* --- SYN-SENT, 3.10.7.3 --------------------------------------------------------------------- */

static void take_syn(struct tcp_conv *c, const struct seg *seg)
{
	c->irs = seg->seq;
	c->rcv_nxt = c->last_ack_sent = seg->seq + 1;
	tcp_agree(c, seg);
	c->rcv_adv = c->rcv_nxt + min_u32(UINT16_MAX, c->conv.rcvbuf);
	c->snd_wnd = c->snd_wnd_max = seg->window; /* not scaled in a SYN (RFC 7323 2.2) */
	c->snd_wl1 = seg->seq;
	c->snd_wl2 = seg->ack;
}

static void arrive(struct tcp_conv *c, struct seg *seg, const struct pkt *p);

/* Our SYN is acknowledged and theirs is here: up. Text and FIN that came along follow. */
static void syn_sent_answered(struct tcp_conv *c, struct seg *seg, const struct pkt *p)
{
	take_syn(c, seg);
	c->snd_una = seg->ack;
	tcp_loss_acked(c, seg, 0, 1);
	tcp_timers_acked(c, c->snd_una == c->snd_max);
	tcp_enter(c, TCP_ESTABLISHED);
	tcp_ack_later(c);
	seg->flags &= (uint16_t)~SEG_SYN;
	seg->seq++;
	if (seg_space(seg) > 0)
		arrive(c, seg, p);
	else
		tcp_output(c);
}

/* Both have called each other at once (3.5, figure 8): our SYN goes again, as a SYN,ACK. */
static void syn_sent_crossed(struct tcp_conv *c, const struct seg *seg)
{
	take_syn(c, seg);
	c->snd_nxt = c->iss;
	tcp_enter(c, TCP_SYN_RECEIVED);
	tcp_output(c);
}

static void syn_sent(
	struct tcp_conv *c, const struct ip_info *ip, struct seg *seg, const struct pkt *p)
{
	bool acks_us = seg->flags & SEG_ACK && seq_after(seg->ack, c->iss) &&
		seq_before_eq(seg->ack, c->snd_max);

	if (seg->flags & SEG_ACK && !acks_us) {
		tcp_dropped(c, COUNT_tcp_drop_ack);
		tcp_reply_reset(c->conv.stack, ip, seg);
	} else if (seg->flags & SEG_RST) {
		if (!acks_us) {
			tcp_dropped(c, COUNT_tcp_drop_reset);
			return;
		}
		count(c->conv.stack, COUNT_tcp_resets_in);
		tcp_end(c, -ECONNREFUSED);
	} else if (!(seg->flags & SEG_SYN)) {
		tcp_dropped(c, COUNT_tcp_drop_syn_sent);
	} else if (acks_us) {
		syn_sent_answered(c, seg, p);
	} else {
		syn_sent_crossed(c, seg);
	}
}

/* --- first: the sequence number, and RFC 7323's timestamps before it ------------------------- */

/*
 * A SYN,ACK that answers our SYN in SYN-RECEIVED begins left of the window by its SYN, which
 * has been taken already; what is left of it is an ACK (figure 8, line 6).
 */
static void strip_known_syn(struct tcp_conv *c, struct seg *seg)
{
	if (c->state == TCP_SYN_RECEIVED && seg->flags & SEG_SYN && seg->flags & SEG_ACK &&
		seg->seq == c->irs) {
		seg->flags &= (uint16_t)~SEG_SYN;
		seg->seq++;
		seg->was_syn = true;
	}
}

static bool is_old_timestamp(const struct tcp_conv *c, const struct seg *seg)
{
	return seg->options & SEG_OPT_TIMESTAMP && seq_before(seg->ts_val, c->ts_recent) &&
		c->conv.stack->now_us - c->ts_recent_us <= TS_VALID_US;
}

/* RFC 7323 3.2 and 5.3 R1; a reset is exempt from both. */
static bool check_timestamp(struct tcp_conv *c, const struct seg *seg)
{
	if (!c->has_ts || seg->flags & SEG_RST)
		return true;
	if (!(seg->options & SEG_OPT_TIMESTAMP) && !(seg->flags & SEG_SYN)) {
		tcp_dropped(c, COUNT_tcp_drop_no_timestamp);
		return false;
	}
	if (is_old_timestamp(c, seg)) {
		tcp_dropped(c, COUNT_tcp_drop_paws);
		tcp_ack_later(c);
		return false;
	}
	return true;
}

static uint32_t window_of(const struct tcp_conv *c)
{
	return seq_after(c->rcv_adv, c->rcv_nxt) ? c->rcv_adv - c->rcv_nxt : 0;
}

/* The table of four cases in 3.10.7.4. */
static bool is_acceptable(const struct tcp_conv *c, const struct seg *seg)
{
	uint32_t window = window_of(c);
	uint32_t space = seg_space(seg);

	if (space == 0 && window == 0)
		return seg->seq == c->rcv_nxt;
	if (space == 0)
		return seq_in(seg->seq, c->rcv_nxt, c->rcv_nxt + window);
	return window > 0 &&
		(seq_in(seg->seq, c->rcv_nxt, c->rcv_nxt + window) ||
			seq_in(seg->seq + space - 1, c->rcv_nxt, c->rcv_nxt + window));
}

/* What is not acceptable is acknowledged and dropped, unless it is a reset. An empty segment
 * is only answered within the limit of challenges, or two confused peers would never stop. */
static void refuse(struct tcp_conv *c, const struct seg *seg)
{
	bool is_old = seq_before_eq(seg->seq + seg_space(seg), c->rcv_nxt);

	if (seg->flags & SEG_RST) {
		tcp_dropped(c, COUNT_tcp_drop_reset);
		return;
	}
	if (is_old && seg->len > 0) {
		c->segs_duplicate++;
		count(c->conv.stack, COUNT_tcp_duplicates);
	} else {
		tcp_dropped(c, COUNT_tcp_drop_outside_window);
	}
	if (c->state == TCP_TIME_WAIT && seg->flags & SEG_FIN && is_old)
		tcp_timers_entered(c, TCP_TIME_WAIT); /* 2 MSL begin again */
	if (seg->flags & SEG_SYN || seg_space(seg) == 0)
		tcp_challenge(c);
	else
		tcp_ack_later(c);
}

/* Cut what lies before the window; OFF, where the text begins in the packet, moves along. */
static void trim_left(const struct tcp_conv *c, struct seg *seg, uint32_t *off)
{
	uint32_t known = c->rcv_nxt - seg->seq;

	if (!seq_before(seg->seq, c->rcv_nxt))
		return;
	if (seg->flags & SEG_SYN) {
		seg->flags &= (uint16_t)~SEG_SYN;
		known--;
	}
	known = min_u32(known, seg->len);
	*off += known;
	seg->len -= known;
	seg->seq = c->rcv_nxt;
}

/* Cut what lies behind it; a FIN behind it is cut as well and comes again. */
static void trim_right(const struct tcp_conv *c, struct seg *seg)
{
	uint32_t room = c->rcv_nxt + window_of(c) - seg->seq;

	if (seg->len > room) {
		seg->len = room;
		seg->flags &= (uint16_t)~SEG_FIN;
	}
}

static bool check_sequence(struct tcp_conv *c, struct seg *seg, uint32_t *off)
{
	strip_known_syn(c, seg);
	if (window_of(c) == 0 && seg->seq == c->rcv_nxt && seg_space(seg) > 0) {
		/* A shut window refuses text, not ACKs, resets and window updates. */
		seg->len = 0;
		seg->flags &= (uint16_t)~SEG_FIN;
		tcp_ack_later(c);
		return true;
	}
	if (!is_acceptable(c, seg)) {
		refuse(c, seg);
		return false;
	}
	if (!(seg->flags & SEG_RST) && !(seg->flags & SEG_SYN && tcp_is_synchronized(c))) {
		trim_left(c, seg, off);
		trim_right(c, seg);
	}
	return true;
}

/* --- second and fourth: RST and SYN, as RFC 5961 has sharpened them --------------------------- */

static bool check_reset(struct tcp_conv *c, const struct seg *seg)
{
	if (!(seg->flags & SEG_RST))
		return true;
	if (c->state == TCP_TIME_WAIT) { /* RFC 1337 */
		tcp_dropped(c, COUNT_tcp_drop_reset);
	} else if (seg->seq != c->rcv_nxt) {
		tcp_dropped(c, COUNT_tcp_drop_reset);
		tcp_challenge(c);
	} else {
		count(c->conv.stack, COUNT_tcp_resets_in);
		tcp_end(c, c->state == TCP_SYN_RECEIVED ? -ECONNREFUSED : -ECONNRESET);
	}
	return false;
}

static bool check_syn(struct tcp_conv *c, const struct seg *seg)
{
	if (!(seg->flags & SEG_SYN))
		return true;
	tcp_dropped(c, COUNT_tcp_drop_syn);
	tcp_challenge(c);
	return false;
}

/* --- fifth: the ACK ------------------------------------------------------------------- */

/* RFC 5961 5: what acknowledges the future, or a past no peer can still speak of, is answered
 * and not believed; nothing else of the segment counts. */
static bool ack_is_plausible(struct tcp_conv *c, const struct seg *seg)
{
	if (seq_after(seg->ack, c->snd_max) || seq_before(seg->ack, c->snd_una - c->snd_wnd_max)) {
		tcp_dropped(c, COUNT_tcp_drop_ack);
		tcp_challenge(c);
		return false;
	}
	return true;
}

static void set_window(struct tcp_conv *c, const struct seg *seg)
{
	uint32_t was = c->snd_wnd;

	c->snd_wnd = (uint32_t)seg->window << (seg->was_syn ? 0 : c->snd_wscale);
	c->snd_wnd_max = max_u32(c->snd_wnd_max, c->snd_wnd);
	c->snd_wl1 = seg->seq;
	c->snd_wl2 = seg->ack;
	if (was == 0 && c->snd_wnd > 0)
		tcp_timers_window_open(c);
}

/* True when SEG is newer than what the window was taken from last, and says something else. */
static bool update_window(struct tcp_conv *c, const struct seg *seg)
{
	uint32_t was = c->snd_wnd;

	if (seq_after(c->snd_wl1, seg->seq) ||
		(c->snd_wl1 == seg->seq && seq_after(c->snd_wl2, seg->ack)))
		return false;
	set_window(c, seg);
	return c->snd_wnd != was;
}

/* Without the FIN's place; what is left are bytes of the queue. In SYN-RECEIVED, where it is the
 * SYN that is acknowledged, the queue is empty. */
static uint32_t bytes_acked(const struct tcp_conv *c, uint32_t ack)
{
	return min_u32(ack - c->snd_una, c->sndq.len);
}

static void take_new_ack(struct tcp_conv *c, const struct seg *seg)
{
	struct stack *s = c->conv.stack;
	uint32_t in_flight = c->snd_max - c->snd_una;
	uint32_t acked = bytes_acked(c, seg->ack);

	bytes_drop(&s->bytes, &c->sndq, acked);
	c->snd_una = seg->ack;
	if (seq_before(c->snd_nxt, c->snd_una))
		c->snd_nxt = c->snd_una;
	c->bytes_out += acked;
	count_add(s, COUNT_tcp_bytes_out, acked);
	c->conv.soft_error = 0;
	ip_confirm(s, &c->conv.tuple.remote.addr); /* forward progress (RFC 4861 7.3.1) */
	tcp_rate_acked(c, in_flight);
	tcp_loss_acked(c, seg, acked, in_flight);
	tcp_timers_acked(c, c->snd_una == c->snd_max);
	if (acked > 0)
		tcp_sndq_freed(c);
}

/* RFC 5681 2 (a) to (e). */
static bool is_duplicate_ack(const struct tcp_conv *c, const struct seg *seg, bool window_changed)
{
	return seg->ack == c->snd_una && c->snd_una != c->snd_max && seg_space(seg) == 0 &&
		!window_changed && c->snd_wnd > 0;
}

static void ack_moves_state(struct tcp_conv *c)
{
	if (!tcp_fin_is_acked(c))
		return;
	if (c->state == TCP_FINWAIT1)
		tcp_enter(c, TCP_FINWAIT2);
	else if (c->state == TCP_CLOSING)
		tcp_enter(c, TCP_TIME_WAIT);
	else if (c->state == TCP_LAST_ACK)
		tcp_end(c, 0);
}

static bool syn_received_ack(struct tcp_conv *c, const struct seg *seg)
{
	const struct seg reset = { .flags = SEG_RST, .seq = seg->ack };

	if (seq_after(seg->ack, c->snd_una) && seq_before_eq(seg->ack, c->snd_max)) {
		set_window(c, seg);
		tcp_enter(c, TCP_ESTABLISHED);
		return true;
	}
	tcp_dropped(c, COUNT_tcp_drop_ack);
	count(c->conv.stack, COUNT_tcp_resets_out);
	tcp_reply(c->conv.stack, &c->conv.tuple.local, &c->conv.tuple.remote, &reset, c->conv.ttl,
		c->conv.tos);
	return false;
}

static bool check_ack(struct tcp_conv *c, const struct seg *seg)
{
	bool window_changed;

	if (!(seg->flags & SEG_ACK)) {
		tcp_dropped(c, COUNT_tcp_drop_no_ack);
		return false;
	}
	if (c->state == TCP_SYN_RECEIVED && !syn_received_ack(c, seg))
		return false;
	if (!ack_is_plausible(c, seg))
		return false;
	tcp_timers_received(c);
	window_changed = seq_after_eq(seg->ack, c->snd_una) && update_window(c, seg);
	if (seq_after(seg->ack, c->snd_una))
		take_new_ack(c, seg);
	else if (is_duplicate_ack(c, seg, window_changed))
		tcp_loss_duplicate(c);
	ack_moves_state(c);
	return c->state != TCP_CLOSED;
}

/*
 * RFC 7323 4.3, with FIRST where the segment began before it was trimmed. Only now, when its
 * ACK has been believed: a forged one must not make the next good timestamp look old.
 */
static void note_timestamp(struct tcp_conv *c, const struct seg *seg, uint32_t first)
{
	if (!c->has_ts || !(seg->options & SEG_OPT_TIMESTAMP) ||
		seq_after(first, c->last_ack_sent) || is_old_timestamp(c, seg))
		return;
	c->ts_recent = seg->ts_val;
	c->ts_recent_us = c->conv.stack->now_us;
}

/* --- seventh and eighth: text and FIN ------------------------------------------------- */

/* Nobody can read it any more: RFC 9293 3.10.7.4, RFC 1122 4.2.2.13. */
static bool is_beyond_reading(const struct tcp_conv *c, const struct seg *seg)
{
	return seg->len > 0 && c->conv.holds == 0 && !c->caller_of &&
		seq_after(seg->seq + seg->len, c->rcv_nxt);
}

static bool take_text(struct tcp_conv *c, const struct seg *seg, const struct pkt *p, uint32_t off)
{
	if (c->state != TCP_ESTABLISHED && c->state != TCP_FINWAIT1 && c->state != TCP_FINWAIT2)
		return true; /* after their FIN there is no text; what claims to be is ignored */
	if (is_beyond_reading(c, seg)) {
		tcp_dropped(c, COUNT_tcp_drop_after_close);
		tcp_send_reset(c);
		tcp_end(c, -ECONNRESET);
		return false;
	}
	if (seg->len > 0)
		tcp_take_text(c, seg, p, off);
	return true;
}

static void fin_arrives(struct tcp_conv *c)
{
	c->rcv_nxt++;
	if (seq_before(c->rcv_adv, c->rcv_nxt))
		c->rcv_adv = c->rcv_nxt;
	tcp_ack_later(c);
	conv_raise(&c->conv, CONV_IN | CONV_PEER_END);
	conv_touch(&c->conv);
	if (c->state == TCP_ESTABLISHED || c->state == TCP_SYN_RECEIVED)
		tcp_enter(c, TCP_CLOSE_WAIT);
	else if (c->state == TCP_FINWAIT1)
		tcp_enter(c, TCP_CLOSING);
	else if (c->state == TCP_FINWAIT2)
		tcp_enter(c, TCP_TIME_WAIT);
}

/* A FIN ahead of its time is remembered; it counts when all before it is here (T-124). */
static void check_fin(struct tcp_conv *c, const struct seg *seg)
{
	if (seg->flags & SEG_FIN && !c->has_fin_seq) {
		c->has_fin_seq = true;
		c->fin_seq = seg->seq + seg->len;
	}
	if (c->has_fin_seq && c->rcv_nxt == c->fin_seq)
		fin_arrives(c);
	else if (seg->flags & SEG_FIN && seg->len == 0)
		tcp_ack_later(c); /* with text, that has been answered */
}

/* The list. What a step drops or answers, it has dropped and answered; at the end somebody
 * asks once what may be sent now. */
static void arrive(struct tcp_conv *c, struct seg *seg, const struct pkt *p)
{
	uint32_t off = seg->hdr_len;
	uint32_t first = seg->seq;

	if (check_timestamp(c, seg) && check_sequence(c, seg, &off) && check_reset(c, seg) &&
		check_syn(c, seg) && check_ack(c, seg)) {
		note_timestamp(c, seg, first);
		if (take_text(c, seg, p, off))
			check_fin(c, seg);
	}
	if (c->state != TCP_CLOSED)
		tcp_output(c);
}

/* --- whose is it? --------------------------------------------------------------------- */

static struct tcp_conv *listener_for(
	struct stack *s, const struct ip_info *ip, const struct seg *seg)
{
	const struct endpoint local = { .addr = ip->dst, .port = seg->dst_port };
	struct tuple *t = ports_listener(&s->ports, IP_TCP, &local);
	struct tcp_conv *c = t ? tcp_of(CONTAINER_OF(t, struct conv, tuple)) : NULL;

	return c && c->state == TCP_LISTEN ? c : NULL;
}

static void to_listener(struct stack *s, const struct ip_info *ip, const struct seg *seg)
{
	struct tcp_conv *c = listener_for(s, ip, seg);

	if (c) {
		tcp_listen_input(c, ip, seg, NULL);
		return;
	}
	count_drop(s, COUNT_tcp_drop_no_conv);
	tcp_reply_reset(s, ip, seg);
}

/* Who would take SEG for a call that begins in place of one in TIME-WAIT (RFC 9293 3.6.1)? Where
 * nobody does, or none can be taken now, TIME-WAIT is not given up for it. */
static struct tcp_conv *successor_of(
	struct stack *s, const struct ip_info *ip, const struct seg *seg)
{
	struct tcp_conv *c = seg->flags & SEG_SYN ? listener_for(s, ip, seg) : NULL;

	return c && !tcp_listen_is_full(c) ? c : NULL;
}

/* A new call on a conversation in TIME-WAIT that somebody still holds. */
static bool makes_way(struct tcp_conv *c, const struct ip_info *ip, const struct seg *seg)
{
	uint32_t iss_floor = tcp_wait_iss_floor(c->snd_max);
	struct tcp_conv *listener;

	if (c->state != TCP_TIME_WAIT ||
		!tcp_wait_syn_is_newer(seg, c->rcv_nxt, c->has_ts, c->ts_recent))
		return false;
	listener = successor_of(c->conv.stack, ip, seg);
	if (!listener)
		return false;
	tcp_end(c, 0);
	tcp_listen_input(listener, ip, seg, &iss_floor);
	return true;
}

/* The same where a record is all of it. */
static void to_time_wait(
	struct stack *s, struct tuple *t, const struct ip_info *ip, const struct seg *seg)
{
	struct tcp_conv *listener = successor_of(s, ip, seg);
	uint32_t iss_floor;

	if (tcp_wait_input(s, t, seg, listener ? &iss_floor : NULL))
		tcp_listen_input(listener, ip, seg, &iss_floor);
}

static void to_conversation(
	struct tcp_conv *c, const struct ip_info *ip, struct seg *seg, const struct pkt *p)
{
	if (makes_way(c, ip, seg))
		return;
	c->segs_in += p->segs;
	if (c->state == TCP_SYN_SENT)
		syn_sent(c, ip, seg, p);
	else
		arrive(c, seg, p);
}

static void dispatch(
	struct stack *s, const struct ip_info *ip, struct seg *seg, const struct pkt *p)
{
	const struct endpoint local = { .addr = ip->dst, .port = seg->dst_port };
	const struct endpoint remote = { .addr = ip->src, .port = seg->src_port };
	struct tuple *t = ports_find(&s->ports, IP_TCP, &local, &remote);
	struct tcp_conv *c = NULL;

	because(s, CAUSE_SEGMENT, seg->flags);
	if (!t) {
		to_listener(s, ip, seg);
		return;
	}
	if (t->kind == TUPLE_TIME_WAIT) {
		to_time_wait(s, t, ip, seg);
		return;
	}
	if (t->kind == TUPLE_HALF_OPEN)
		c = tcp_half_input(s, t, ip, seg);
	else
		c = tcp_of(CONTAINER_OF(t, struct conv, tuple));
	if (c)
		to_conversation(c, ip, seg, p);
}

void tcp_input(struct stack *s, const struct ip_info *ip, struct pkt *p)
{
	struct seg seg;

	count_add(s, COUNT_tcp_segs_in, p->segs);
	if (parse(s, ip, p, &seg)) {
		seg.len = pkt_len(p) - seg.hdr_len;
		dispatch(s, ip, &seg, p);
	}
	pkt_free(&s->pkts, p);
}
