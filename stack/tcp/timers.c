/*
 * timers.c - every deadline of a conversation, decided here and nowhere else. The other files
 * tell what has happened.
 *
 * A timer is not moved with every ACK: it may fire before what it is for, and is then set anew.
 */
#include "parts.h"

#define ACK_DELAY_US   (40 * USEC_PER_MSEC)  /* RFC 9293 3.8.6.3 allows 500 */
#define CORK_US        (200 * USEC_PER_MSEC) /* a cork forgotten is no loss of data */
#define SYN_R2_US      (180 * USEC_PER_SEC)  /* RFC 9293 3.8.3 (MUST-23) */
#define TIME_WAIT_US   (240 * USEC_PER_SEC)  /* 2 MSL, RFC 9293 3.4.2 */
#define FINWAIT2_US    (60 * USEC_PER_SEC)   /* nobody reads any more, so nobody is kept waiting */
#define PERSIST_MAX_US (60 * USEC_PER_SEC)

#define RETRIES_R1     3  /* RFC 9293 3.8.3: then IP looks for another way */
#define RETRIES_R2     20 /* from 200 ms on, doubled up to 60 s: some 800 s, over 100 */
#define RETRIES_ORPHAN 8  /* from 200 ms on over 100 s: where memory is short, nobody waits */

#define KEEPALIVE_DEFAULT_US ((usec_t)7200 * USEC_PER_SEC) /* RFC 9293 3.8.4 (MUST-28) */
#define KEEPALIVE_GAP_US     (75 * USEC_PER_SEC)
#define KEEPALIVE_PROBES     9

static struct timers *wheel(const struct tcp_conv *c)
{
	return &c->conv.stack->timers;
}

static usec_t now(const struct tcp_conv *c)
{
	return c->conv.stack->now_us;
}

static void because_of(const struct tcp_conv *c, enum trace_timer what)
{
	because(c->conv.stack, CAUSE_TIMER, what);
}

static void gave_up(struct tcp_conv *c)
{
	tcp_end(c, c->conv.soft_error ? c->conv.soft_error : -ETIMEDOUT);
}

/* --- the user timeout --------------------------------------------------------------------- */

/*
 * R2 as the user sets it (RFC 9293 3.8.3 and 3.9.1, RFC 5482 at our end alone): how long what was
 * sent may be unacknowledged, or what is queued held back by a shut window, without any of it
 * being taken. In a handshake it is the connect's own time that counts.
 */
usec_t tcp_timers_user_deadline(const struct tcp_conv *c)
{
	if (c->user_timeout_ms == 0 || c->waits_us == 0 || !tcp_is_synchronized(c))
		return USEC_NEVER;
	return c->waits_us + c->user_timeout_ms * USEC_PER_MSEC;
}

/* How long to try is the user's to say, for as long as there is one. */
static bool is_up_to_user(const struct tcp_conv *c)
{
	return c->user_timeout_ms > 0 && !tcp_is_orphan(c);
}

static void begin_waiting(struct tcp_conv *c)
{
	if (c->waits_us == 0)
		c->waits_us = now(c);
}

/* --- retransmission, persist, handshake --------------------------------------------------- */

/* The timer must fire at the first of both; earlier costs one more look. */
static void arm_timer(struct tcp_conv *c)
{
	usec_t at_us = min_u64(c->timer_at_us, tcp_timers_user_deadline(c));

	if (!timer_is_set(&c->timer) || c->timer.at_us > at_us)
		timer_set(wheel(c), &c->timer, at_us);
}

static void want_timer(struct tcp_conv *c, usec_t at_us)
{
	c->timer_at_us = at_us;
	arm_timer(c);
}

static void want_rto(struct tcp_conv *c)
{
	c->persisting = false;
	want_timer(c, now(c) + rtt_rto_us(&c->rtt));
}

static usec_t persist_us(const struct tcp_conv *c)
{
	usec_t wait_us = (usec_t)c->rtt.rto_us << min_u32(c->persist_backoff, 16);

	return min_u64(wait_us, PERSIST_MAX_US);
}

/* What was accepted from a writer who has gone is still owed to the peer, but not at the cost
 * of others. */
static uint32_t tries(const struct tcp_conv *c)
{
	bool is_short = bufs_pressure_percent(&c->conv.stack->bufs) >= LIMIT_PRESSURE_YELLOW;

	return is_short && tcp_is_orphan(c) ? RETRIES_ORPHAN : RETRIES_R2;
}

static bool has_tried_enough(const struct tcp_conv *c)
{
	if (!tcp_is_synchronized(c))
		return now(c) - c->conv.changed_us >= SYN_R2_US;
	return c->retries >= tries(c) && !is_up_to_user(c);
}

static void retransmission_due(struct tcp_conv *c)
{
	if (has_tried_enough(c)) {
		gave_up(c);
		return;
	}
	if (c->retries < UINT8_MAX)
		c->retries++;
	if (c->retries == RETRIES_R1)
		ip_negative_advice(c->conv.stack, &c->conv.tuple.remote.addr);
	tcp_loss_timed_out(c);
	if (c->state == TCP_CLOSED)
		return;
	want_rto(c);
	/* A window that has shrunk to nothing is probed and not timed out (RFC 9293 3.8.6). */
	if (tcp_is_synchronized(c) && c->snd_wnd == 0)
		tcp_timers_window_shut(c);
}

/*
 * For ever while the peer answers (RFC 9293 3.8.6.1, MUST-37); but what nobody holds may not be
 * kept by a peer that only says no (RFC 6429).
 */
static bool has_probed_enough(const struct tcp_conv *c)
{
	if (tcp_is_orphan(c) && c->persist_backoff >= tries(c))
		return true;
	return c->probes >= RETRIES_R2 && !is_up_to_user(c);
}

static void probing_failed(struct tcp_conv *c)
{
	tcp_send_reset(c);
	gave_up(c);
}

static void probe_due(struct tcp_conv *c)
{
	if (has_probed_enough(c)) {
		probing_failed(c);
		return;
	}
	if (c->probes < UINT8_MAX)
		c->probes++;
	if (c->persist_backoff < UINT8_MAX)
		c->persist_backoff++;
	tcp_send_probe(c);
	if (c->snd_nxt != c->snd_una) /* a small window took it: no probe but data */
		want_rto(c);
	else
		want_timer(c, now(c) + persist_us(c));
}

/* Also a peer that says again and again that its window is shut has taken nothing. */
static void user_timed_out(struct tcp_conv *c)
{
	because_of(c, TIMER_USER);
	if (c->persisting)
		probing_failed(c);
	else
		gave_up(c);
}

static void timer_fired(void *arg, struct timer *t)
{
	struct tcp_conv *c = CONTAINER_OF(t, struct tcp_conv, timer);

	(void)arg;
	if (c->timer_at_us == 0)
		return;
	if (tcp_timers_user_deadline(c) <= now(c)) {
		user_timed_out(c);
		return;
	}
	if (c->timer_at_us > now(c)) {
		arm_timer(c);
		return;
	}
	c->timer_at_us = 0;
	because_of(c, c->persisting ? TIMER_PERSIST : TIMER_RETRANSMIT);
	if (c->persisting)
		probe_due(c);
	else
		retransmission_due(c);
}

/* RFC 6298 5.1. */
void tcp_timers_sent(struct tcp_conv *c)
{
	begin_waiting(c);
	if (c->timer_at_us == 0 || c->persisting)
		want_rto(c);
}

void tcp_timers_retransmitted(struct tcp_conv *c)
{
	want_rto(c);
}

/*
 * RFC 6298 5.2 and 5.3. In fast recovery only the first partial ACK starts it anew: with many
 * losses slow start after a timeout is faster than one segment a round trip (RFC 6582 4,
 * "impatient").
 */
void tcp_timers_acked(struct tcp_conv *c, bool all)
{
	c->retries = 0;
	c->waits_us = all && !c->persisting ? 0 : now(c);
	if (all) {
		if (!c->persisting)
			c->timer_at_us = 0;
		return;
	}
	if (c->in_recovery && c->has_partial_ack)
		return;
	c->has_partial_ack = c->in_recovery;
	want_rto(c);
}

/* The first probe comes after an RTO (RFC 9293 3.8.6.1, SHLD-29). */
void tcp_timers_window_shut(struct tcp_conv *c)
{
	if (c->persisting)
		return;
	c->persisting = true;
	c->persist_backoff = 0;
	c->probes = 0;
	begin_waiting(c);
	want_timer(c, now(c) + persist_us(c));
}

void tcp_timers_window_open(struct tcp_conv *c)
{
	if (!c->persisting)
		return;
	c->persisting = false;
	c->persist_backoff = 0;
	c->timer_at_us = 0;
	if (c->snd_max == c->snd_una)
		c->waits_us = 0;
	if (c->snd_nxt != c->snd_una)
		want_rto(c);
}

void tcp_timers_user_timeout_changed(struct tcp_conv *c)
{
	if (c->timer_at_us)
		arm_timer(c);
}

/* --- delayed ACK, and the cork -------------------------------------------------------------- */

static usec_t earlier(usec_t a_us, usec_t b_us)
{
	if (a_us == 0 || b_us == 0)
		return a_us + b_us;
	return min_u64(a_us, b_us);
}

static void want_ack_timer(struct tcp_conv *c)
{
	usec_t at_us = earlier(c->ack_at_us, c->cork_at_us);

	if (at_us && (!timer_is_set(&c->ack_timer) || c->ack_timer.at_us > at_us))
		timer_set(wheel(c), &c->ack_timer, at_us);
}

/* What was held back goes once, in spite of the cork and of Nagle. */
static void cork_is_due(struct tcp_conv *c)
{
	bool nodelay = c->nodelay;

	c->cork_at_us = 0;
	c->corked = false;
	c->nodelay = true;
	tcp_output(c);
	c->corked = true;
	c->nodelay = nodelay;
}

static void ack_timer_fired(void *arg, struct timer *t)
{
	struct tcp_conv *c = CONTAINER_OF(t, struct tcp_conv, ack_timer);

	(void)arg;
	if (c->cork_at_us && c->cork_at_us <= now(c))
		cork_is_due(c);
	if (c->ack_at_us && c->ack_at_us <= now(c)) {
		count(c->conv.stack, COUNT_tcp_delayed_acks);
		tcp_send_ack(c);
	}
	want_ack_timer(c);
}

void tcp_timers_ack_owed(struct tcp_conv *c)
{
	if (c->ack_at_us)
		return;
	c->ack_at_us = now(c) + ACK_DELAY_US;
	want_ack_timer(c);
}

void tcp_timers_ack_sent(struct tcp_conv *c)
{
	c->ack_at_us = 0;
}

void tcp_timers_corked(struct tcp_conv *c)
{
	if (!c->corked || !seq_before(c->snd_nxt, tcp_snd_end(c))) {
		c->cork_at_us = 0;
		return;
	}
	if (c->cork_at_us)
		return;
	c->cork_at_us = now(c) + CORK_US;
	want_ack_timer(c);
}

/* --- keepalive, FIN-WAIT-2 without an owner, TIME-WAIT --------------------------------------- */

static usec_t keepalive_us(const struct tcp_conv *c)
{
	return c->keepalive_ms ? c->keepalive_ms * USEC_PER_MSEC : KEEPALIVE_DEFAULT_US;
}

static bool may_keep_alive(const struct tcp_conv *c)
{
	return c->keepalive && tcp_is_synchronized(c) && c->state != TCP_TIME_WAIT &&
		!(c->state == TCP_FINWAIT2 && tcp_is_orphan(c));
}

static void want_keepalive(struct tcp_conv *c)
{
	if (may_keep_alive(c))
		timer_set(wheel(c), &c->slow_timer, now(c) + keepalive_us(c));
}

static usec_t user_timeout_us(const struct tcp_conv *c)
{
	return c->user_timeout_ms * USEC_PER_MSEC;
}

/* One lost answer proves nothing (RFC 9293 3.8.4, MUST-29); nine do, or as long a silence as the
 * user stands. */
static bool has_asked_enough(const struct tcp_conv *c)
{
	if (c->user_timeout_ms)
		return c->probes > 0 && now(c) - c->heard_us >= user_timeout_us(c);
	return c->probes >= KEEPALIVE_PROBES;
}

/* When to ask again, or to end it. */
static usec_t next_keepalive_us(const struct tcp_conv *c)
{
	usec_t at_us = now(c) + min_u64(KEEPALIVE_GAP_US, keepalive_us(c));
	usec_t end_us = c->heard_us + user_timeout_us(c);

	return end_us > now(c) ? min_u64(at_us, end_us) : at_us;
}

static void keepalive_due(struct tcp_conv *c)
{
	usec_t quiet_us = now(c) - c->heard_us;

	if (quiet_us < keepalive_us(c)) {
		timer_set(wheel(c), &c->slow_timer, c->heard_us + keepalive_us(c));
		return;
	}
	if (c->timer_at_us) { /* what is being sent asks already */
		want_keepalive(c);
		return;
	}
	if (has_asked_enough(c)) {
		probing_failed(c);
		return;
	}
	if (c->probes < UINT8_MAX)
		c->probes++;
	tcp_send_keepalive(c);
	timer_set(wheel(c), &c->slow_timer, next_keepalive_us(c));
}

static enum trace_timer slow_timer_of(const struct tcp_conv *c)
{
	if (c->state == TCP_TIME_WAIT)
		return TIMER_TIME_WAIT;
	return c->state == TCP_FINWAIT2 && tcp_is_orphan(c) ? TIMER_FINWAIT2 : TIMER_KEEPALIVE;
}

static void slow_timer_fired(void *arg, struct timer *t)
{
	struct tcp_conv *c = CONTAINER_OF(t, struct tcp_conv, slow_timer);

	(void)arg;
	because_of(c, slow_timer_of(c));
	if (c->state == TCP_TIME_WAIT || (c->state == TCP_FINWAIT2 && tcp_is_orphan(c)))
		tcp_end(c, 0);
	else if (may_keep_alive(c))
		keepalive_due(c);
}

void tcp_timers_received(struct tcp_conv *c)
{
	c->heard_us = now(c);
	c->probes = 0;
}

void tcp_timers_keepalive_changed(struct tcp_conv *c)
{
	c->probes = 0;
	if (may_keep_alive(c))
		want_keepalive(c);
	else if (c->state != TCP_TIME_WAIT && c->state != TCP_FINWAIT2)
		timer_stop(wheel(c), &c->slow_timer);
}

void tcp_timers_orphaned(struct tcp_conv *c)
{
	if (c->state == TCP_FINWAIT2)
		timer_set(wheel(c), &c->slow_timer, now(c) + FINWAIT2_US);
}

/* --- states -------------------------------------------------------------------------------- */

void tcp_timers_init(struct tcp_conv *c)
{
	timer_init(&c->timer, timer_fired);
	timer_init(&c->ack_timer, ack_timer_fired);
	timer_init(&c->slow_timer, slow_timer_fired);
}

void tcp_timers_stop(struct tcp_conv *c)
{
	timer_stop(wheel(c), &c->timer);
	timer_stop(wheel(c), &c->ack_timer);
	timer_stop(wheel(c), &c->slow_timer);
	c->timer_at_us = c->ack_at_us = c->cork_at_us = c->waits_us = 0;
	c->persisting = false;
}

void tcp_timers_entered(struct tcp_conv *c, enum tcp_state state)
{
	if (state == TCP_CLOSED || state == TCP_TIME_WAIT)
		tcp_timers_stop(c);
	if (state == TCP_ESTABLISHED)
		want_keepalive(c);
	if (state == TCP_FINWAIT2 && tcp_is_orphan(c))
		tcp_timers_orphaned(c);
	if (state == TCP_TIME_WAIT)
		timer_set(wheel(c), &c->slow_timer, now(c) + TIME_WAIT_US);
}
