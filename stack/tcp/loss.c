/*
 * loss.c - what acknowledgements and silence say about the path: RFC 5681, 6582 (NewReno), 3042
 * (limited transmit) and 6298. All is counted in sequence numbers, never in packets.
 */
#include "parts.h"

#define DUP_ACKS_LOST 3 /* RFC 5681 3.2 */

/*
 * May the time stamp that SEG echoes be used? What is from the future, or from before we were
 * born, is not our clock's. What is from before the last timeout measures that timeout: the ACK
 * of the first copy was lost, and taking it for a round trip would lengthen the next timeout,
 * and so on for ever. Then it is as without time stamps, by Karn's rule.
 */
static bool is_echo_usable(const struct tcp_conv *c, const struct seg *seg)
{
	usec_t age_us = c->conv.stack->now_us - c->conv.born_us;

	if (!c->has_ts || !(seg->options & SEG_OPT_TIMESTAMP) || seg->ts_ecr == 0)
		return false;
	if (c->rto_ts && seq_before(seg->ts_ecr, c->rto_ts))
		return false;
	return tcp_ts_now(c) - seg->ts_ecr <= age_us / USEC_PER_MSEC + 1;
}

/* RFC 6298 3 and RFC 7323 4.1: by one segment in flight that was sent once; else, when what was
 * sent has been sent again, by the time stamp that the peer echoes. */
static void take_sample(struct tcp_conv *c, const struct seg *seg, uint32_t in_flight)
{
	usec_t now_us = c->conv.stack->now_us;

	if (c->timed_us) {
		if (!seq_after(c->snd_una, c->timed_seq))
			return;
		rtt_sample(&c->rtt, now_us - min_u64(c->timed_us, now_us), 1);
		c->timed_us = 0;
		c->rto_ts = 0;
	} else if (is_echo_usable(c, seg)) {
		rtt_sample(&c->rtt, (tcp_ts_now(c) - seg->ts_ecr) * USEC_PER_MSEC,
			in_flight / (2u * c->mss));
		c->rto_ts = 0;
	}
}

/* --- how much may go ------------------------------------------------------------------- */

/* RFC 3042: the first two duplicates each let one new segment go, cwnd staying as it is. */
static uint32_t limited_transmit(const struct tcp_conv *c)
{
	if (c->in_recovery || c->in_rto_recovery)
		return 0;
	return min_u32(c->dup_acks, DUP_ACKS_LOST - 1) * c->mss;
}

uint32_t tcp_loss_allowance(const struct tcp_conv *c)
{
	uint32_t in_flight = c->snd_nxt - c->snd_una;
	uint32_t cwnd = c->cc.cwnd + limited_transmit(c);

	return cwnd > in_flight ? cwnd - in_flight : 0;
}

/* --- fast retransmit and fast recovery --------------------------------------------------- */

static void set_cwnd(struct tcp_conv *c, uint32_t cwnd)
{
	c->cc.cwnd = max_u32(min_u32(cwnd, CC_WINDOW_MAX), c->mss);
}

/*
 * RFC 6582 3.2 steps 2 and 3. What limited transmit has added does not count as in flight (RFC
 * 5681 3.2 step 2), and it never is more than that beyond cwnd.
 */
static void begin_recovery(struct tcp_conv *c)
{
	uint32_t in_flight = min_u32(c->snd_max - c->snd_una, c->cc.cwnd);

	c->recover = c->snd_max;
	c->in_recovery = true;
	c->has_partial_ack = false;
	c->cc.ops->lost(&c->cc, c->conv.stack->now_us, in_flight);
	set_cwnd(c, c->cc.ssthresh + DUP_ACKS_LOST * c->mss);
	count(c->conv.stack, COUNT_tcp_fast_retransmits);
	if (trace_is_on(c->conv.stack))
		trace_loss(&c->conv, TRACE_RECOVER, c->snd_max - c->snd_una, c->cc.cwnd);
	tcp_retransmit_one(c);
	tcp_timers_retransmitted(c);
}

/* Each duplicate says that a segment has left the network. A peer cannot make us believe that
 * more have left than were there (RFC 5681 3.2 step 4). */
static void inflate(struct tcp_conv *c)
{
	uint32_t most = c->cc.ssthresh + (c->recover - c->snd_una) + DUP_ACKS_LOST * c->mss;

	if (c->cc.cwnd + c->mss <= most)
		set_cwnd(c, c->cc.cwnd + c->mss);
}

/* RFC 6582 3.2 step 3, "full acknowledgements", the first way: no burst after it. */
static void end_recovery(struct tcp_conv *c)
{
	uint32_t in_flight = c->snd_max - c->snd_una;

	c->in_recovery = false;
	set_cwnd(c, min_u32(c->cc.ssthresh, max_u32(in_flight, c->mss) + c->mss));
}

/*
 * RFC 6582 3.2 step 3, "partial acknowledgements": the next hole, and cwnd less what has left. A
 * peer that splits its ACK does not make another hole: what was sent again is under way.
 */
static void partial_ack(struct tcp_conv *c, uint32_t acked)
{
	uint32_t cwnd = c->cc.cwnd - min_u32(acked, c->cc.cwnd);

	if (acked >= c->mss)
		cwnd += c->mss;
	set_cwnd(c, cwnd);
	if (seq_after_eq(c->snd_una, c->resent))
		tcp_retransmit_one(c);
}

void tcp_loss_duplicate(struct tcp_conv *c)
{
	if (c->dup_acks < UINT16_MAX)
		c->dup_acks++;
	if (c->in_recovery)
		inflate(c);
	else if (c->dup_acks == DUP_ACKS_LOST && seq_after(c->snd_una, c->recover))
		begin_recovery(c);
}

/* --- new data was acknowledged ------------------------------------------------------------- */

/* Was cwnd what kept us from sending more? Rounding to whole segments leaves less than one. */
static bool is_limited(const struct tcp_conv *c, uint32_t in_flight)
{
	return in_flight + c->mss > c->cc.cwnd;
}

static void grow(struct tcp_conv *c, uint32_t acked, uint32_t in_flight)
{
	const struct cc_ack ack = { .now_us = c->conv.stack->now_us,
		.bytes = acked,
		.in_flight = in_flight,
		.srtt_us = c->rtt.srtt_us,
		.is_limited = is_limited(c, in_flight) };

	if (acked > 0)
		c->cc.ops->acked(&c->cc, &ack);
}

void tcp_loss_acked(struct tcp_conv *c, const struct seg *seg, uint32_t acked, uint32_t in_flight)
{
	/* RFC 6298 5.7: after a lost SYN data begin with 3 s, so the handshake is no sample. */
	if (acked > 0 || !c->syn_was_lost)
		take_sample(c, seg, in_flight);
	c->dup_acks = 0;
	if (c->in_recovery && seq_before(c->snd_una, c->recover)) {
		partial_ack(c, acked);
		return;
	}
	if (c->in_recovery) {
		end_recovery(c);
		return;
	}
	if (c->in_rto_recovery && seq_after_eq(c->snd_una, c->recover))
		c->in_rto_recovery = false;
	/* It must not come to lie ahead of us again when the numbers have gone half around. */
	if (seq_after(c->snd_una, c->recover))
		c->recover = c->snd_una - 1;
	grow(c, acked, in_flight);
}

/* --- the retransmission timer -------------------------------------------------------------- */

/*
 * RFC 6298 5.4 to 5.6, RFC 5681 3.1: one segment again, and from there on slow start over all
 * that was sent before. Nothing is known any more about what lies beyond.
 */
void tcp_loss_timed_out(struct tcp_conv *c)
{
	uint32_t in_flight = c->snd_max - c->snd_una;

	count(c->conv.stack, COUNT_tcp_rto);
	if (trace_is_on(c->conv.stack))
		trace_loss(&c->conv, TRACE_TIMEOUT, c->retries,
			(uint32_t)(rtt_rto_us(&c->rtt) / USEC_PER_MSEC));
	rtt_back_off(&c->rtt);
	c->timed_us = 0;
	c->rto_ts = tcp_ts_now(c);
	if (!tcp_is_synchronized(c)) {
		c->syn_was_lost = true;
		tcp_retransmit_one(c);
		return;
	}
	c->cc.ops->timed_out(&c->cc, c->conv.stack->now_us, in_flight, c->retries <= 1);
	c->recover = c->snd_max;
	c->in_recovery = false;
	c->in_rto_recovery = true;
	c->dup_acks = 0;
	c->snd_nxt = c->snd_una;
	tcp_retransmit_one(c);
}
