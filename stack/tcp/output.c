/*
 * output.c - "what may I send now?", and then to build it.
 *
 * A packet is as long as the windows allow, up to what one IP packet carries; the link or its
 * device cuts it into segments. Its payload is slices of the send queue, taken again for a
 * retransmission, so that nothing is copied and the same bytes always have the same numbers.
 */
#include "parts.h"
#include "user.h"

#define CHECKSUM_OFF     16 /* of the checksum field in a TCP header */
#define IP_LEN_MAX       65535u
#define CHALLENGE_GAP_US (500 * USEC_PER_MSEC) /* RFC 5961 7, each conversation for itself */

/* --- where things lie in the sequence space ------------------------------------------- */

static bool syn_is_unacked(const struct tcp_conv *c)
{
	return c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED;
}

static uint32_t sndq_front(const struct tcp_conv *c)
{
	return syn_is_unacked(c) ? c->iss + 1 : c->snd_una;
}

uint32_t tcp_sndq_off(const struct tcp_conv *c, uint32_t seq)
{
	return seq - sndq_front(c);
}

bool tcp_fin_is_sent(const struct tcp_conv *c)
{
	return c->fin_sent;
}

bool tcp_fin_is_acked(const struct tcp_conv *c)
{
	return c->fin_sent && c->snd_una == c->snd_max;
}

uint32_t tcp_snd_end(const struct tcp_conv *c)
{
	return tcp_fin_is_acked(c) ? c->snd_una - 1 : sndq_front(c) + c->sndq.len;
}

uint32_t tcp_ts_now(const struct tcp_conv *c)
{
	return (uint32_t)(c->conv.stack->now_us / USEC_PER_MSEC) + c->ts_offset;
}

uint32_t tcp_options_len(const struct tcp_conv *c)
{
	return c->has_ts ? 12 : 0;
}

static uint32_t wnd_end(const struct tcp_conv *c)
{
	return c->snd_una + c->snd_wnd;
}

/*
 * The number for a segment that has no place of its own. The peer takes it only inside its
 * window: after a timeout snd_nxt may lie left of that, after a window has shrunk snd_max may
 * lie right of it.
 */
static uint32_t seq_of_none(const struct tcp_conv *c)
{
	if (tcp_is_synchronized(c) && seq_after(c->snd_max, wnd_end(c)))
		return wnd_end(c);
	return c->snd_max;
}

/* --- building ------------------------------------------------------------------------ */

/* A segment to be sent: its place, and its flags besides ACK. */
struct piece {
	uint32_t seq;
	uint32_t len;
	uint16_t flags;
};

static void add_syn_options(const struct tcp_conv *c, struct seg *seg)
{
	bool is_first = !(seg->flags & SEG_ACK); /* who answers uses what was offered */

	seg->options |= SEG_OPT_MSS;
	seg->mss = tcp_mss_to_offer(c->conv.stack, &c->conv.tuple.remote.addr, c->user_mss);
	if (is_first || c->has_wscale) {
		seg->options |= SEG_OPT_WSCALE;
		seg->wscale = c->rcv_wscale;
	}
	if (is_first || c->has_ts)
		seg->options |= SEG_OPT_TIMESTAMP;
}

/* The window field; what it says is promised from now on. A SYN's is not scaled (RFC 7323
 * 2.2). */
static uint16_t take_window(struct tcp_conv *c, uint16_t flags)
{
	uint8_t shift = flags & SEG_SYN ? 0 : c->rcv_wscale;
	uint32_t units = min_u32(tcp_window_to_offer(c) >> shift, UINT16_MAX);
	uint32_t edge = c->rcv_nxt + (units << shift);

	if (flags & SEG_ACK && seq_after(edge, c->rcv_adv))
		c->rcv_adv = edge;
	return (uint16_t)units;
}

static void fill_seg(struct tcp_conv *c, const struct piece *what, struct seg *seg)
{
	*seg = (struct seg){ .src_port = c->conv.tuple.local.port,
		.dst_port = c->conv.tuple.remote.port,
		.seq = what->seq,
		.flags = what->flags };
	if (c->state != TCP_SYN_SENT)
		seg->flags |= SEG_ACK;
	if (seg->flags & SEG_ACK)
		seg->ack = c->rcv_nxt;
	seg->window = take_window(c, seg->flags);
	if (seg->flags & SEG_SYN)
		add_syn_options(c, seg);
	else if (c->has_ts)
		seg->options |= SEG_OPT_TIMESTAMP;
	if (seg->options & SEG_OPT_TIMESTAMP) {
		seg->ts_val = tcp_ts_now(c);
		seg->ts_ecr = seg->flags & SEG_ACK ? c->ts_recent : 0;
	}
}

static uint32_t slices_len(const struct slice *slices, int n)
{
	uint32_t len = 0;

	for (int i = 0; i < n; i++)
		len += slices[i].len;
	return len;
}

/*
 * Up to LEN bytes of the queue from OFF on behind P's header; how many. Two slices may hold
 * less: then whole segments of them go, and what follows is the next packet's. Only if not even
 * one segment would come about, it is copied together.
 */
static uint32_t add_payload(struct tcp_conv *c, struct pkt *p, uint32_t off, uint32_t len)
{
	struct slice slices[PKT_SLICES_MAX];
	int n = bytes_slices(&c->sndq, off, len, slices, PKT_SLICES_MAX);
	uint32_t there = slices_len(slices, n);
	uint32_t copied = min_u32(min_u32(len, c->mss), pkt_tailroom(p));

	if (there < len && there >= c->mss)
		there -= there % c->mss;
	if (there < len && there < copied) {
		bytes_copy_out(&c->sndq, off, pkt_append(p, copied), copied);
		return copied;
	}
	len = there;
	for (int i = 0; i < n && there > 0; i++) {
		uint32_t take = min_u32(slices[i].len, there);

		pkt_add_slice(p, slices[i].buf, slices[i].off, take);
		there -= take;
	}
	return len;
}

/* With this segment all that was owed to the peer has been said. */
static void acks_are_sent(struct tcp_conv *c)
{
	c->last_ack_sent = c->rcv_nxt;
	c->ack_now = false;
	c->segs_unacked = 0;
	tcp_timers_ack_sent(c);
}

/* A failure to send is like a loss on the way, but worth remembering; a connect ends with it. */
static void sending_failed(struct tcp_conv *c, int err)
{
	if (err != -ENETUNREACH && err != -EHOSTUNREACH)
		return;
	if (c->state == TCP_SYN_SENT) {
		because(c->conv.stack, CAUSE_ERROR, (unsigned)-err);
		tcp_end(c, err);
	} else {
		c->conv.soft_error = (int16_t)err;
	}
}

static void hand_down(struct tcp_conv *c, struct pkt *p, uint32_t len)
{
	struct stack *s = c->conv.stack;
	const struct ip_send how = { .src = c->conv.tuple.local.addr,
		.dst = c->conv.tuple.remote.addr,
		.ifc = c->conv.ifc,
		.protocol = IP_TCP,
		.ttl = c->conv.ttl,
		.tos = c->conv.tos };
	uint32_t segs = len > c->mss ? (len + c->mss - 1) / c->mss : 1;
	int err;

	if (segs > 1) {
		p->offload |= PKT_SEG_TCP;
		p->seg_len = c->mss;
	}
	ip_checksum_later(p, &how, CHECKSUM_OFF);
	c->segs_out += segs;
	count_add(s, COUNT_tcp_segs_out, segs);
	err = ip_output(s, &how, p);
	if (err < 0)
		sending_failed(c, err);
}

/* No memory to say it: what is owed is said a little later. */
static void acks_are_put_off(struct tcp_conv *c)
{
	if (!c->ack_now && !c->ack_at_us)
		return;
	c->ack_now = false;
	tcp_timers_ack_sent(c);
	tcp_timers_ack_owed(c);
}

/* Build and send WHAT, whose payload may be cut; how many bytes of it went. What could not be
 * built for want of memory counts as sent and lost. */
static uint32_t send_piece(struct tcp_conv *c, struct piece *what)
{
	struct stack *s = c->conv.stack;
	struct pkt *p = pkt_new(&s->pkts, PKT_HEADROOM, BUF_CONTROL);
	struct seg seg;
	uint32_t hdr_len, len = 0;

	if (!p) {
		count(s, COUNT_tcp_drop_no_memory);
		if (trace_is_on(s))
			trace_drop_conv(&c->conv, COUNT_tcp_drop_no_memory);
		acks_are_put_off(c);
		return what->len;
	}
	fill_seg(c, what, &seg);
	hdr_len = (uint32_t)seg_built_len(&seg);
	pkt_append(p, hdr_len);
	if (what->len > 0)
		len = add_payload(c, p, tcp_sndq_off(c, what->seq), what->len);
	if (len < what->len)
		seg.flags &= (uint16_t)~SEG_FIN;
	if (len > 0 && what->seq + len == tcp_snd_end(c))
		seg.flags |= SEG_PSH; /* RFC 9293 3.9.1.2: the last byte there is */
	what->flags = seg.flags;
	seg_build(&seg, pkt_data(p));
	if (seg.flags & SEG_ACK)
		acks_are_sent(c);
	hand_down(c, p, len);
	return len;
}

/* --- accounts of what was sent -------------------------------------------------------- */

static void count_again(struct tcp_conv *c, uint32_t seq, uint32_t space)
{
	uint32_t again = seq_before(seq, c->snd_max) ? min_u32(space, c->snd_max - seq) : 0;
	uint32_t segs = (again + c->mss - 1) / c->mss;

	if (again == 0)
		return;
	c->timed_us = 0; /* Karn: what is sent twice cannot be timed */
	c->bytes_retransmitted += again;
	c->segs_retransmitted += segs;
	count_add(c->conv.stack, COUNT_tcp_segs_retransmitted, segs);
}

/* SEQ and what follows it, SPACE numbers, have just been sent. */
static void note_sent(struct tcp_conv *c, uint32_t seq, uint32_t space)
{
	usec_t now_us = c->conv.stack->now_us;

	count_again(c, seq, space);
	if (seq_after(seq + space, c->snd_max)) {
		if (c->timed_us == 0) {
			c->timed_seq = c->snd_max;
			c->timed_us = max_u64(now_us, 1);
		}
		c->snd_max = seq + space;
		tcp_rate_sent(c);
	}
	c->sent_us = max_u64(now_us, 1);
}

/* Send WHAT from snd_nxt on, or again from before it; how many sequence numbers that took. */
static uint32_t send_and_note(struct tcp_conv *c, struct piece *what)
{
	uint32_t space = send_piece(c, what);

	if (what->flags & SEG_FIN) {
		space++;
		c->fin_sent = true;
	}
	if (what->flags & SEG_SYN)
		space++;
	note_sent(c, what->seq, space);
	if (seq_after(what->seq + space, c->snd_nxt))
		c->snd_nxt = what->seq + space;
	return space;
}

/* --- may I? ---------------------------------------------------------------------------- */

static uint32_t payload_max(const struct tcp_conv *c)
{
	uint32_t ip_header = addr_is_v4(&c->conv.tuple.remote.addr) ? 20 : 0;

	return IP_LEN_MAX - ip_header - SEG_HDR_LEN - tcp_options_len(c);
}

/* What the peer's window leaves beyond snd_nxt. */
static uint32_t wnd_room(const struct tcp_conv *c)
{
	return seq_after(wnd_end(c), c->snd_nxt) ? wnd_end(c) - c->snd_nxt : 0;
}

/* The last bytes queued are less than a segment: do they wait for company? RFC 9293 3.7.4
 * (Nagle) unless nothing is in flight, or `nodelay`; and `cork`. Before a FIN none can come, and
 * what was sent before, be it as a probe, has no more to wait for. */
static bool tail_waits(const struct tcp_conv *c, bool is_in_flight)
{
	if (c->fin_wanted || seq_before(c->snd_nxt, c->snd_max))
		return false;
	return c->corked || (is_in_flight && !c->nodelay);
}

/*
 * How many of the QUEUED bytes from snd_nxt on may go now: RFC 9293 3.8.6.2.1, with the smaller
 * of the two windows as "usable". What is less than a segment because the peer's window is
 * small goes only if that is half of the largest it ever offered; else the persist timer, which
 * is the override timeout of that section, sends it.
 */
static uint32_t may_send(const struct tcp_conv *c, uint32_t queued)
{
	uint32_t room = wnd_room(c);
	uint32_t len = min_u32(min_u32(queued, room), tcp_loss_allowance(c));
	bool is_in_flight = c->snd_nxt != c->snd_una;

	len = min_u32(len, payload_max(c));
	if (len >= c->mss) {
		if (len < queued || tail_waits(c, true))
			len -= len % c->mss;
		return len;
	}
	if (len == 0)
		return 0;
	if (len == queued)
		return tail_waits(c, is_in_flight) ? 0 : len;
	if (len == room && len >= c->snd_wnd_max / 2 && (!is_in_flight || c->nodelay))
		return len;
	return 0;
}

/* Bytes queued from snd_nxt on. None once the FIN was sent up to there. */
static uint32_t queued_now(const struct tcp_conv *c)
{
	return seq_before(c->snd_nxt, tcp_snd_end(c)) ? tcp_snd_end(c) - c->snd_nxt : 0;
}

static bool fin_is_due(const struct tcp_conv *c)
{
	return c->fin_wanted && !tcp_fin_is_acked(c) && seq_before_eq(c->snd_nxt, tcp_snd_end(c));
}

/* One packet of new data, or of old after a timeout; false when nothing may be sent. The FIN
 * takes a number of the peer's window too. */
static bool send_next(struct tcp_conv *c)
{
	uint32_t queued = queued_now(c);
	struct piece what = { .seq = c->snd_nxt, .len = may_send(c, queued) };

	if (fin_is_due(c) && what.len == queued && wnd_room(c) > queued)
		what.flags = SEG_FIN;
	if (what.len == 0 && !(what.flags & SEG_FIN))
		return false;
	send_and_note(c, &what);
	tcp_timers_sent(c);
	return c->state != TCP_CLOSED;
}

/* RFC 5681 4.1: after a pause longer than an RTO the window is no longer known to be right. */
static void restart_after_idle(struct tcp_conv *c)
{
	usec_t idle_us = c->conv.stack->now_us - c->sent_us;

	if (c->sent_us && c->snd_nxt == c->snd_una && c->sndq.len > 0 &&
		idle_us > rtt_rto_us(&c->rtt))
		c->cc.ops->idle(&c->cc, idle_us);
}

/* --- what to wait for when nothing more may go ------------------------------------------ */

/* Something waits and nothing is in flight whose ACK would bring us back here. */
static void mind_window(struct tcp_conv *c)
{
	bool is_waiting = c->snd_nxt == c->snd_una && (queued_now(c) > 0 || fin_is_due(c)) &&
		!(c->corked && wnd_room(c) >= min_u32(queued_now(c), c->mss));

	if (is_waiting)
		tcp_timers_window_shut(c);
	else if (c->persisting)
		tcp_timers_window_open(c);
}

/* What the user's calls have made of a stream that may end now (RFC 9293 3.10.4). */
static void begin_fin(struct tcp_conv *c)
{
	if (!c->fin_wanted)
		return;
	if (c->state == TCP_ESTABLISHED)
		tcp_enter(c, TCP_FINWAIT1);
	else if (c->state == TCP_CLOSE_WAIT)
		tcp_enter(c, TCP_LAST_ACK);
}

static void send_syn(struct tcp_conv *c)
{
	struct piece syn = { .seq = c->iss, .flags = SEG_SYN };

	if (c->snd_nxt != c->iss)
		return;
	send_and_note(c, &syn);
	if (c->state != TCP_CLOSED)
		tcp_timers_sent(c);
}

void tcp_output(struct tcp_conv *c)
{
	if (c->state == TCP_CLOSED || c->state == TCP_LISTEN || c->state == TCP_TIME_WAIT)
		return;
	if (syn_is_unacked(c)) {
		send_syn(c);
		return;
	}
	begin_fin(c);
	restart_after_idle(c);
	while (send_next(c))
		continue;
	if (c->state == TCP_CLOSED)
		return;
	tcp_timers_corked(c);
	mind_window(c);
}

/* --- sending what was not asked for ------------------------------------------------------ */

void tcp_retransmit_one(struct tcp_conv *c)
{
	struct piece what = { .seq = c->snd_una };

	if (syn_is_unacked(c)) {
		c->snd_nxt = c->iss;
		send_syn(c);
		return;
	}
	c->resent = c->snd_una;
	what.len = min_u32(min_u32(c->sndq.len, c->mss), c->snd_wnd);
	if (c->fin_wanted && what.len == c->sndq.len && c->snd_wnd > what.len)
		what.flags = SEG_FIN;
	if (what.len == 0 && !(what.flags & SEG_FIN))
		return;
	c->resent += send_and_note(c, &what);
	if (c->state != TCP_CLOSED)
		tcp_timers_sent(c);
}

/* RFC 9293 3.8.4: the peer answers what it has had. */
void tcp_send_keepalive(struct tcp_conv *c)
{
	struct piece what = { .seq = c->snd_una - 1 };

	send_piece(c, &what);
	count(c->conv.stack, COUNT_tcp_keepalives);
}

/* A probe keeps snd_nxt: if the peer does not take it, it is as if it had not been sent. */
void tcp_send_probe(struct tcp_conv *c)
{
	struct piece what = { .seq = c->snd_una, .len = min_u32(c->sndq.len, 1) };
	uint32_t nxt = c->snd_nxt;

	if (c->snd_wnd > 0)
		what.len = min_u32(c->sndq.len, min_u32(c->snd_wnd, c->mss));
	if (c->fin_wanted && what.len == c->sndq.len && (what.len == 0 || c->snd_wnd > what.len))
		what.flags = SEG_FIN;
	send_and_note(c, &what);
	if (c->snd_wnd == 0)
		c->snd_nxt = nxt;
	count(c->conv.stack, COUNT_tcp_probes);
}

void tcp_send_ack(struct tcp_conv *c)
{
	struct piece ack = { .seq = seq_of_none(c) };

	send_piece(c, &ack);
}

bool tcp_may_challenge(struct stack *s, usec_t *last_us)
{
	if (*last_us && s->now_us - *last_us < CHALLENGE_GAP_US) {
		count(s, COUNT_tcp_challenge_acks_held_back);
		return false;
	}
	*last_us = max_u64(s->now_us, 1);
	count(s, COUNT_tcp_challenge_acks);
	return true;
}

void tcp_challenge(struct tcp_conv *c)
{
	if (tcp_may_challenge(c->conv.stack, &c->challenge_us))
		tcp_send_ack(c);
}

void tcp_send_reset(struct tcp_conv *c)
{
	struct piece reset = { .seq = seq_of_none(c), .flags = SEG_RST };

	count(c->conv.stack, COUNT_tcp_resets_out);
	send_piece(c, &reset);
}

/* --- the end of a batch -------------------------------------------------------------------- */

static void flush_one(struct tcp_conv *c)
{
	if (c->ack_now)
		tcp_output(c);
	if (c->ack_now)
		tcp_send_ack(c);
	if (tcp_may_go(c))
		conv_retire(&c->conv);
}

void tcp_flush(struct stack *s)
{
	while (!list_is_empty(&s->tcp->flush)) {
		struct tcp_conv *c = CONTAINER_OF(s->tcp->flush.next, struct tcp_conv, flush);

		list_remove(&c->flush);
		flush_one(c);
	}
}
