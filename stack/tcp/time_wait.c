/*
 * time_wait.c - what outlives a conversation: its tuple, two numbers and a deadline.
 *
 * RFC 9293 3.6.1 keeps a closed conversation for 2 MSL, so that the last ACK can be repeated
 * and old segments meet somebody who knows them. When nobody holds the conversation, a record
 * of this size is all of it. Records are kept in the order of their deadlines; one timer serves
 * the first.
 */
#include "parts.h"

#define WAIT_US ((usec_t)240 * USEC_PER_SEC) /* 2 MSL; RFC 9293 3.4.2 takes MSL as 2 minutes */

/* What a new incarnation's first number lies above the last one's (RFC 9293 3.6.1, RFC 1122
 * 4.2.2.13: larger than the largest used before). */
#define ISS_GAP 65536u

struct tcp_wait {
	struct tuple tuple;
	struct list by_age;
	usec_t until_us;
	usec_t challenge_us; /* the last answer to what is out of place, 0: none yet */
	uint32_t snd_nxt;
	uint32_t rcv_nxt;
	uint32_t ts_recent;
	uint32_t ts_offset;
	uint16_t window; /* as last offered on the wire */
	uint8_t ttl;
	uint8_t tos;
	bool has_ts;
};

_Static_assert(sizeof(struct tcp_wait) <= 128, "a small record");

static struct tcp_wait *wait_of(struct tuple *t)
{
	return CONTAINER_OF(t, struct tcp_wait, tuple);
}

static struct tcp_wait *oldest(struct stack *s)
{
	struct list *first = s->tcp->waits_by_age.next;

	return list_is_empty(&s->tcp->waits_by_age) ? NULL
						    : CONTAINER_OF(first, struct tcp_wait, by_age);
}

static void rearm(struct stack *s)
{
	struct tcp_wait *w = oldest(s);

	if (w)
		timer_set(&s->timers, &s->tcp->wait_timer, w->until_us);
	else
		timer_stop(&s->timers, &s->tcp->wait_timer);
}

static void forget(struct stack *s, struct tcp_wait *w)
{
	ports_leave(&s->ports, &w->tuple);
	list_remove(&w->by_age);
	pool_put(&s->tcp->waits, w);
}

static void expire(void *arg, struct timer *t)
{
	struct stack *s = arg;
	struct tcp_wait *w;

	(void)t;
	while ((w = oldest(s)) && w->until_us <= s->now_us)
		forget(s, w);
	rearm(s);
}

int tcp_wait_setup(struct stack *s)
{
	uint32_t cap = min_u32(LIMIT_TCP_TIME_WAIT, s->config.tcp_convs_max);

	list_init(&s->tcp->waits_by_age);
	timer_init(&s->tcp->wait_timer, expire);
	return pool_init(&s->tcp->waits, &s->arena, sizeof(struct tcp_wait), cap);
}

/*
 * In the last place, which nearly always is its own. What has waited in a conversation already
 * would come before those that are newer; rather than to look for its place among 65,536 it waits
 * as long as they do.
 */
static void insert(struct stack *s, struct tcp_wait *w)
{
	struct list *last = s->tcp->waits_by_age.prev;

	if (!list_is_empty(&s->tcp->waits_by_age))
		w->until_us =
			max_u64(w->until_us, CONTAINER_OF(last, struct tcp_wait, by_age)->until_us);
	list_append(&s->tcp->waits_by_age, &w->by_age);
	rearm(s);
}

bool tcp_wait_take_over(struct tcp_conv *c, usec_t until_us)
{
	struct stack *s = c->conv.stack;
	struct tcp_wait *w = pool_get(&s->tcp->waits);

	if (!w && oldest(s)) {
		forget(s, oldest(s));
		w = pool_get(&s->tcp->waits);
	}
	if (!w)
		return false;
	*w = (struct tcp_wait){ .tuple = { .local = c->conv.tuple.local,
					.remote = c->conv.tuple.remote,
					.protocol = IP_TCP,
					.kind = TUPLE_TIME_WAIT },
		.until_us = until_us,
		.snd_nxt = c->snd_max,
		.rcv_nxt = c->rcv_nxt,
		.ts_recent = c->ts_recent,
		.ts_offset = c->ts_offset,
		.window = (uint16_t)min_u32((c->rcv_adv - c->rcv_nxt) >> c->rcv_wscale, UINT16_MAX),
		.ttl = c->conv.ttl,
		.tos = c->conv.tos,
		.has_ts = c->has_ts };
	list_init(&w->by_age);
	ports_leave(&s->ports, &c->conv.tuple);
	ASSERT(ports_enter(&s->ports, &w->tuple) == 0);
	insert(s, w);
	return true;
}

static void acknowledge(struct stack *s, const struct tcp_wait *w)
{
	struct seg ack = { .flags = SEG_ACK,
		.seq = w->snd_nxt,
		.ack = w->rcv_nxt,
		.window = w->window,
		.options = w->has_ts ? SEG_OPT_TIMESTAMP : 0,
		.ts_val = (uint32_t)(s->now_us / USEC_PER_MSEC) + w->ts_offset,
		.ts_ecr = w->ts_recent };

	tcp_reply(s, &w->tuple.local, &w->tuple.remote, &ack, w->ttl, w->tos);
}

static void restart(struct stack *s, struct tcp_wait *w)
{
	list_remove(&w->by_age);
	w->until_us = s->now_us + WAIT_US;
	insert(s, w);
}

bool tcp_wait_syn_is_newer(const struct seg *seg, uint32_t rcv_nxt, bool has_ts, uint32_t ts_recent)
{
	if ((seg->flags & (SEG_SYN | SEG_ACK | SEG_RST)) != SEG_SYN)
		return false;
	if (has_ts && seg->options & SEG_OPT_TIMESTAMP && seg->ts_val != ts_recent)
		return seq_after(seg->ts_val, ts_recent);
	return seq_after(seg->seq, rcv_nxt);
}

uint32_t tcp_wait_iss_floor(uint32_t snd_nxt)
{
	return snd_nxt + ISS_GAP;
}

static bool is_old_timestamp(const struct tcp_wait *w, const struct seg *seg)
{
	return w->has_ts && seg->options & SEG_OPT_TIMESTAMP &&
		seq_before(seg->ts_val, w->ts_recent);
}

bool tcp_wait_input(struct stack *s, struct tuple *t, const struct seg *seg, uint32_t *iss_floor)
{
	struct tcp_wait *w = wait_of(t);

	if (iss_floor && tcp_wait_syn_is_newer(seg, w->rcv_nxt, w->has_ts, w->ts_recent)) {
		*iss_floor = tcp_wait_iss_floor(w->snd_nxt);
		forget(s, w);
		rearm(s);
		return true;
	}
	if (seg->flags & SEG_RST) { /* RFC 1337: it may be as old as what TIME-WAIT is against */
		count_drop(s, COUNT_tcp_drop_reset);
		return false;
	}
	if (w->has_ts && !(seg->options & SEG_OPT_TIMESTAMP) && !(seg->flags & SEG_SYN)) {
		count_drop(s, COUNT_tcp_drop_no_timestamp);
		return false;
	}
	if (seg_space(seg) == 0 && seg->seq == w->rcv_nxt && !is_old_timestamp(w, seg))
		return false; /* the last ACK of the other side: nothing is owed */
	if (seg->flags & SEG_FIN && !(seg->flags & SEG_SYN) && !is_old_timestamp(w, seg) &&
		seg->seq + seg_space(seg) == w->rcv_nxt)
		restart(s, w);
	/* As in input.c: two sides that are confused must not keep each other busy. */
	if (seg->flags & SEG_SYN || seg_space(seg) == 0) {
		if (!tcp_may_challenge(s, &w->challenge_us))
			return false;
	}
	acknowledge(s, w);
	return false;
}

void tcp_wait_check(const struct stack *s)
{
	usec_t before_us = 0;
	uint32_t n = 0;

	LIST_EACH(at, &s->tcp->waits_by_age)
	{
		const struct tcp_wait *w = CONTAINER_OF(at, struct tcp_wait, by_age);

		ASSERT(w->until_us >= before_us);
		ASSERT(w->tuple.is_entered);
		before_us = w->until_us;
		n++;
	}
	ASSERT(n == s->tcp->waits.out);
	ASSERT((n > 0) == timer_is_set(&s->tcp->wait_timer));
	pool_check(&s->tcp->waits);
}
