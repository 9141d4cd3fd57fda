/*
 * check.c - what must be true of every TCP conversation, whenever nobody is at work on it.
 */
#include "parts.h"
#include "user.h"

static void check_sequence(const struct tcp_conv *c)
{
	ASSERT(seq_before_eq(c->snd_una, c->snd_nxt));
	ASSERT(seq_before_eq(c->snd_nxt, c->snd_max));
	if (!tcp_is_synchronized(c))
		return;
	ASSERT(seq_before_eq(c->rcv_nxt, c->rcv_adv));
	ASSERT(seq_before_eq(c->snd_max, tcp_snd_end(c) + 1));
	ASSERT(c->fin_sent || seq_before_eq(c->snd_max, tcp_snd_end(c)));
	ASSERT(c->mss >= LIMIT_TCP_MSS_MIN - SEG_OPTIONS_MAX);
	ASSERT(c->cc.cwnd >= c->mss);
}

static void check_state(const struct tcp_conv *c)
{
	bool is_after_fin = c->state == TCP_FINWAIT1 || c->state == TCP_FINWAIT2 ||
		c->state == TCP_CLOSING || c->state == TCP_LAST_ACK || c->state == TCP_TIME_WAIT;

	ASSERT((c->state == TCP_LISTEN) == (c->listener != NULL));
	ASSERT(!is_after_fin || c->fin_wanted);
	if (c->state == TCP_FINWAIT2 || c->state == TCP_TIME_WAIT)
		ASSERT(tcp_fin_is_acked(c));
	if (c->state == TCP_CLOSED || c->state == TCP_LISTEN)
		ASSERT(c->sndq.len == 0);
}

/* Whoever has work left is woken for it: by a timer that is set, or by the end of the batch. */
static void check_is_woken(const struct tcp_conv *c)
{
	bool has_unsent = c->sndq.len > 0 && seq_before(c->snd_nxt, tcp_snd_end(c));

	if (c->timer_at_us)
		ASSERT(timer_is_set(&c->timer) && c->timer.at_us <= c->timer_at_us);
	if (c->ack_at_us)
		ASSERT(timer_is_set(&c->ack_timer) && c->ack_timer.at_us <= c->ack_at_us);
	if (c->cork_at_us)
		ASSERT(timer_is_set(&c->ack_timer) && c->ack_timer.at_us <= c->cork_at_us);
	if (c->ack_now)
		ASSERT(list_is_linked(&c->flush) && c->conv.stack->flush_due);
	if (c->snd_una != c->snd_max)
		ASSERT(c->timer_at_us);
	if (has_unsent)
		ASSERT(c->timer_at_us || c->cork_at_us);
	if (c->segs_unacked > 0)
		ASSERT(c->ack_now || c->ack_at_us);
	if (c->state == TCP_TIME_WAIT)
		ASSERT(timer_is_set(&c->slow_timer));
	if (c->state == TCP_FINWAIT2 && tcp_is_orphan(c))
		ASSERT(timer_is_set(&c->slow_timer));
}

static void check_closed(const struct tcp_conv *c)
{
	ASSERT(!timer_is_set(&c->timer));
	ASSERT(!timer_is_set(&c->ack_timer));
	ASSERT(!timer_is_set(&c->slow_timer));
	ASSERT(c->rcvq.beyond == 0);
	if (tcp_is_orphan(c))
		ASSERT(list_is_linked(&c->flush));
}

static void check_one(const struct tcp_conv *c)
{
	ASSERT(c->state < TCP_STATES_N);
	check_state(c);
	bytes_check(&c->sndq);
	bytes_check(&c->rcvq);
	if (c->state == TCP_CLOSED) {
		check_closed(c);
	} else if (c->state != TCP_LISTEN) {
		check_sequence(c);
		check_is_woken(c);
	}
}

static const struct proto_convs *all_convs(const struct stack *s)
{
	for (unsigned i = 0; i < s->convs_n; i++)
		if (s->convs[i].proto == &tcp_proto)
			return &s->convs[i];
	return NULL;
}

static void check_states(const struct stack *s, const struct proto_convs *convs)
{
	uint32_t in_state[TCP_STATES_N] = { 0 };

	LIST_EACH(at, &convs->all)
	in_state[tcp_of_const(CONTAINER_OF(at, struct conv, all))->state]++;
	for (unsigned i = 0; i < TCP_STATES_N; i++)
		ASSERT(in_state[i] == s->tcp->in_state[i]);
}

void tcp_check(const struct stack *s)
{
	const struct proto_convs *convs = all_convs(s);

	ASSERT(convs);
	LIST_EACH(at, &convs->all)
	{
		check_one(tcp_of_const(CONTAINER_OF(at, struct conv, all)));
	}
	check_states(s, convs);
	tcp_listen_check(s);
	tcp_wait_check(s);
}
