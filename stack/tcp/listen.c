/*
 * listen.c - a listener's half-open calls, and the calls that wait to be taken.
 *
 * A half-open call (SYN-RECEIVED after a passive open) is a small record, not a conversation: a
 * flood of SYNs fills a fixed table and nothing else. The handshake's last step makes the
 * conversation. When the table is full the oldest record makes room.
 */
#include "../describe.h"
#include "iss.h"
#include "parts.h"
#include "user.h"

/* SYN,ACKs after the first, 1, 2, 4, 8 and 16 s apart; then the call is forgotten (T-27). */
#define SYN_ACK_RETRIES 5

/* What a SYN,ACK offers at most: its window is not scaled (RFC 7323 2.2). */
#define SYN_WINDOW_MAX ((uint32_t)UINT16_MAX)

struct tcp_half {
	struct tuple tuple;
	struct timer timer;
	struct list by_age;
	struct tcp_conv *listener;
	usec_t challenge_us; /* the last ACK of the handshake, 0: none yet */
	uint32_t irs;
	uint32_t iss;
	uint32_t ts_recent;
	uint16_t mss; /* the peer's */
	uint8_t wscale : 4;
	uint8_t our_wscale : 4; /* as offered: what the listener is told later is for others */
	uint8_t retries : 4;
	uint8_t options : 4; /* enum seg_option, as in its SYN */
};

_Static_assert(sizeof(struct tcp_half) <= 128, "a small record");

struct tcp_listener {
	uint32_t backlog;
	uint32_t halves;
	uint32_t waiting;
	struct list calls;
};

static struct tcp_half *half_of(struct tuple *t)
{
	return CONTAINER_OF(t, struct tcp_half, tuple);
}

static struct stack *stack_of(const struct tcp_half *h)
{
	return h->listener->conv.stack;
}

/* --- half-open records ----------------------------------------------------------------- */

static void half_forget(struct tcp_half *h)
{
	struct stack *s = stack_of(h);

	timer_stop(&s->timers, &h->timer);
	ports_leave(&s->ports, &h->tuple);
	list_remove(&h->by_age);
	h->listener->listener->halves--;
	pool_put(&s->tcp->halves, h);
}

/* A multiple of what a scaled window can say, so that the next segment offers the same. */
static uint32_t window_offered(const struct tcp_half *h)
{
	uint32_t window = h->our_wscale ? SYN_WINDOW_MAX : h->listener->conv.rcvbuf;

	return min_u32(SYN_WINDOW_MAX, window) >> h->our_wscale << h->our_wscale;
}

static uint32_t ts_now(const struct tcp_half *h)
{
	const struct stack *s = stack_of(h);

	return (uint32_t)(s->now_us / USEC_PER_MSEC) +
		iss_timestamp_offset(&s->secret, &h->tuple.local, &h->tuple.remote);
}

static void half_reply(struct tcp_half *h, struct seg *seg)
{
	const struct conv *listener = &h->listener->conv;

	uint8_t shift = seg->flags & SEG_SYN ? 0 : h->our_wscale;

	seg->ack = h->irs + 1;
	seg->window = (uint16_t)(window_offered(h) >> shift);
	if (h->options & SEG_OPT_TIMESTAMP && !(seg->flags & SEG_RST)) {
		seg->options |= SEG_OPT_TIMESTAMP;
		seg->ts_val = ts_now(h);
		seg->ts_ecr = h->ts_recent;
	}
	tcp_reply(listener->stack, &h->tuple.local, &h->tuple.remote, seg, listener->ttl,
		listener->tos);
}

static void send_syn_ack(struct tcp_half *h)
{
	struct stack *s = stack_of(h);
	struct seg seg = { .flags = SEG_SYN | SEG_ACK,
		.seq = h->iss,
		.options = SEG_OPT_MSS,
		.mss = tcp_mss_to_offer(s, &h->tuple.remote.addr, h->listener->user_mss) };

	if (h->options & SEG_OPT_WSCALE) {
		seg.options |= SEG_OPT_WSCALE;
		seg.wscale = h->our_wscale;
	}
	half_reply(h, &seg);
}

/*
 * An ACK of the handshake, its window scaled as the conversation's will be, to what cannot be
 * believed: as rarely as any challenge (RFC 5961 7).
 */
static void half_challenge(struct tcp_half *h)
{
	struct seg seg = { .flags = SEG_ACK, .seq = h->iss + 1 };

	if (tcp_may_challenge(stack_of(h), &h->challenge_us))
		half_reply(h, &seg);
}

static void send_reset(struct tcp_half *h)
{
	struct seg seg = { .flags = SEG_RST | SEG_ACK, .seq = h->iss + 1 };

	count(stack_of(h), COUNT_tcp_resets_out);
	half_reply(h, &seg);
}

static usec_t half_rto_us(const struct tcp_half *h)
{
	return RTT_RTO_INITIAL_US << h->retries;
}

static void half_timer_fired(void *arg, struct timer *t)
{
	struct stack *s = arg;
	struct tcp_half *h = CONTAINER_OF(t, struct tcp_half, timer);

	if (h->retries == SYN_ACK_RETRIES) {
		half_forget(h);
		return;
	}
	h->retries++;
	count(s, COUNT_tcp_segs_retransmitted);
	send_syn_ack(h);
	timer_set(&s->timers, &h->timer, s->now_us + half_rto_us(h));
}

int tcp_listen_setup(struct stack *s)
{
	uint32_t halves = min_u32(LIMIT_TCP_HALF_OPEN, s->config.tcp_convs_max);
	int err = pool_init(&s->tcp->halves, &s->arena, sizeof(struct tcp_half), halves);

	list_init(&s->tcp->halves_by_age);
	if (err < 0)
		return err;
	return pool_init(&s->tcp->listeners, &s->arena, sizeof(struct tcp_listener),
		s->config.tcp_convs_max);
}

/* --- a SYN arrives ----------------------------------------------------------------------- */

static struct tcp_half *half_get(struct stack *s)
{
	struct tcp_half *h = pool_get(&s->tcp->halves);

	if (h)
		return h;
	count_drop(s, COUNT_tcp_drop_half_open);
	half_forget(CONTAINER_OF(s->tcp->halves_by_age.next, struct tcp_half, by_age));
	return pool_get(&s->tcp->halves);
}

static void call_begins(struct tcp_conv *c, const struct ip_info *ip, const struct seg *syn,
	const uint32_t *iss_floor)
{
	struct stack *s = c->conv.stack;
	struct tcp_half *h = half_get(s);

	h->tuple = (struct tuple){ .local = { .addr = ip->dst, .port = syn->dst_port },
		.remote = { .addr = ip->src, .port = syn->src_port },
		.protocol = IP_TCP,
		.kind = TUPLE_HALF_OPEN };
	h->listener = c;
	h->irs = syn->seq;
	h->iss = iss_choose(&s->secret, &h->tuple.local, &h->tuple.remote, s->now_us);
	if (iss_floor && seq_before(h->iss, *iss_floor))
		h->iss = *iss_floor;
	h->options = syn->options & 15u;
	h->mss = syn->mss;
	h->wscale = min_u32(syn->wscale, SEG_WSCALE_MAX) & 15u;
	h->ts_recent = syn->ts_val;
	if (h->options & SEG_OPT_WSCALE)
		h->our_wscale = tcp_wscale_to_offer(c->conv.rcvbuf) & 15u;
	timer_init(&h->timer, half_timer_fired);
	list_init(&h->by_age);
	list_append(&s->tcp->halves_by_age, &h->by_age);
	c->listener->halves++;
	ASSERT(ports_enter(&s->ports, &h->tuple) == 0);
	send_syn_ack(h);
	timer_set(&s->timers, &h->timer, s->now_us + half_rto_us(h));
}

bool tcp_listen_is_full(const struct tcp_conv *c)
{
	return c->listener->halves + c->listener->waiting >= c->listener->backlog;
}

/* A call that finds no room is not refused: its SYN comes again (RFC 4987 2; T-29). */
void tcp_listen_input(struct tcp_conv *c, const struct ip_info *ip, const struct seg *seg,
	const uint32_t *iss_floor)
{
	struct stack *s = c->conv.stack;

	if (seg->flags & SEG_RST) {
		tcp_dropped(c, COUNT_tcp_drop_listen);
	} else if (seg->flags & SEG_ACK) {
		tcp_dropped(c, COUNT_tcp_drop_listen);
		tcp_reply_reset(s, ip, seg);
	} else if (!(seg->flags & SEG_SYN)) {
		tcp_dropped(c, COUNT_tcp_drop_listen);
	} else if (tcp_listen_is_full(c)) {
		tcp_dropped(c, COUNT_tcp_drop_backlog);
	} else {
		call_begins(c, ip, seg, iss_floor);
	}
}

/* --- the handshake's last step ------------------------------------------------------------- */

static void inherit(struct tcp_conv *c, const struct tcp_conv *from)
{
	c->user_mss = from->user_mss;
	c->nodelay = from->nodelay;
	c->keepalive = from->keepalive;
	c->keepalive_ms = from->keepalive_ms;
	c->user_timeout_ms = from->user_timeout_ms;
	c->cc.ops = from->cc.ops;
}

/* The peer's SYN, as far as it was remembered. */
static struct seg remembered_syn(const struct tcp_half *h)
{
	return (struct seg){ .flags = SEG_SYN,
		.seq = h->irs,
		.options = h->options,
		.mss = h->mss,
		.wscale = h->wscale,
		.ts_val = h->ts_recent };
}

static void fill_numbers(struct tcp_conv *c, const struct tcp_half *h, const struct seg *ack)
{
	c->iss = h->iss;
	c->snd_una = c->snd_nxt = c->snd_max = h->iss + 1;
	c->irs = h->irs;
	c->rcv_nxt = c->last_ack_sent = h->irs + 1;
	c->rcv_adv = c->rcv_nxt + window_offered(h);
	c->rcv_wscale = h->our_wscale;
	c->snd_wnd = (uint32_t)ack->window << c->snd_wscale;
	c->snd_wnd_max = c->snd_wnd;
	c->snd_wl1 = ack->seq;
	c->snd_wl2 = ack->ack;
}

/* The SYN,ACK was sent one timeout before its timer's deadline (RFC 6298 3: not if twice). */
static void first_round_trip(struct tcp_conv *c, const struct tcp_half *h)
{
	usec_t sent_us = h->timer.at_us - RTT_RTO_INITIAL_US;

	if (h->retries == 0)
		rtt_sample(&c->rtt, max_u64(1, c->conv.stack->now_us - sent_us), 1);
}

static struct tcp_conv *call_completes(struct tcp_half *h, const struct seg *ack)
{
	struct stack *s = stack_of(h);
	struct tcp_conv *listener = h->listener;
	struct conv *conv = conv_new_call(&listener->conv);
	const struct seg syn = remembered_syn(h);
	struct tcp_conv *c;

	if (!conv) {
		tcp_dropped(listener, COUNT_tcp_drop_no_memory);
		return NULL;
	}
	c = tcp_of(conv);
	conv->tuple.local = h->tuple.local;
	conv->tuple.remote = h->tuple.remote;
	inherit(c, listener);
	c->was_passive = true;
	c->syn_was_lost = h->retries > 0;
	tcp_begin(c);
	tcp_agree(c, &syn);
	fill_numbers(c, h, ack);
	first_round_trip(c, h);
	half_forget(h);
	ASSERT(ports_enter(&s->ports, &conv->tuple) == 0);
	tcp_enter(c, TCP_ESTABLISHED);
	c->caller_of = listener;
	list_append(&listener->listener->calls, &c->call);
	listener->listener->waiting++;
	count(s, COUNT_tcp_accepts);
	conv_raise(&listener->conv, CONV_CALL);
	conv_touch(&listener->conv);
	return c;
}

/* --- a segment for a half-open call, RFC 9293 3.10.7.4 in SYN-RECEIVED ------------------------ */

static bool is_in_window(const struct tcp_half *h, const struct seg *seg)
{
	uint32_t window = window_offered(h);
	uint32_t space = seg_space(seg);
	uint32_t rcv_nxt = h->irs + 1;

	return seq_in(seg->seq, rcv_nxt, rcv_nxt + window) ||
		(space > 0 && seq_in(seg->seq + space - 1, rcv_nxt, rcv_nxt + window));
}

static bool is_retransmitted_syn(const struct tcp_half *h, const struct seg *seg)
{
	return (seg->flags & (SEG_SYN | SEG_ACK | SEG_RST)) == SEG_SYN && seg->seq == h->irs;
}

/* RFC 7323 3.2 and 5.3: without the option agreed on, or with an old value. True: dropped. */
static bool drop_by_timestamp(struct tcp_half *h, const struct seg *seg)
{
	if (!(h->options & SEG_OPT_TIMESTAMP) || seg->flags & SEG_RST)
		return false;
	if (!(seg->options & SEG_OPT_TIMESTAMP)) {
		if (seg->flags & SEG_SYN)
			return false; /* a caller who begins anew has agreed on nothing */
		tcp_dropped(h->listener, COUNT_tcp_drop_no_timestamp);
		return true;
	}
	if (seq_before(seg->ts_val, h->ts_recent)) {
		tcp_dropped(h->listener, COUNT_tcp_drop_paws);
		half_challenge(h);
		return true;
	}
	return false;
}

/* First and second step, and the SYN's: is SEG worth looking at its ACK? */
static bool half_may_go_on(struct tcp_half *h, const struct seg *seg)
{
	struct stack *s = stack_of(h);

	if (!is_in_window(h, seg)) {
		tcp_dropped(h->listener, COUNT_tcp_drop_outside_window);
		if (!(seg->flags & SEG_RST))
			half_challenge(h);
		return false;
	}
	if (seg->flags & SEG_RST) {
		if (seg->seq == h->irs + 1) {
			count(s, COUNT_tcp_resets_in);
			half_forget(h);
		} else {
			tcp_dropped(h->listener, COUNT_tcp_drop_reset);
			half_challenge(h);
		}
		return false;
	}
	if (seg->flags & SEG_SYN) { /* a passive open returns to LISTEN */
		tcp_dropped(h->listener, COUNT_tcp_drop_syn);
		half_forget(h);
		return false;
	}
	return true;
}

struct tcp_conv *tcp_half_input(
	struct stack *s, struct tuple *t, const struct ip_info *ip, const struct seg *seg)
{
	struct tcp_half *h = half_of(t);

	if (is_retransmitted_syn(h, seg)) {
		send_syn_ack(h);
		return NULL;
	}
	if (drop_by_timestamp(h, seg) || !half_may_go_on(h, seg))
		return NULL;
	if (!(seg->flags & SEG_ACK)) {
		tcp_dropped(h->listener, COUNT_tcp_drop_no_ack);
		return NULL;
	}
	if (seg->ack != h->iss + 1) {
		tcp_dropped(h->listener, COUNT_tcp_drop_ack);
		tcp_reply_reset(s, ip, seg);
		return NULL;
	}
	if (h->listener->listener->waiting >= h->listener->listener->backlog) {
		tcp_dropped(h->listener, COUNT_tcp_drop_backlog);
		return NULL;
	}
	return call_completes(h, seg);
}

void tcp_half_advise(struct tuple *t, uint32_t seq, const struct ip_advice *advice)
{
	struct tcp_half *h = half_of(t);

	/* RFC 5927 5.2: the SYN is all that is in flight. */
	if (seq == h->iss && advice->is_hard && advice->error != -EMSGSIZE)
		half_forget(h);
}

void tcp_half_numbers(const struct tuple *t, uint32_t *iss, uint32_t *irs, uint8_t *snd_wscale,
	uint8_t *rcv_wscale)
{
	const struct tcp_half *h = (const struct tcp_half *)(const void *)t; /* it comes first */

	*iss = h->iss;
	*irs = h->irs;
	*snd_wscale = h->options & SEG_OPT_WSCALE ? h->wscale : 0;
	*rcv_wscale = h->our_wscale;
}

/* --- the listener ---------------------------------------------------------------------------- */

int tcp_listen_begin(struct tcp_conv *c)
{
	c->listener = pool_get(&c->conv.stack->tcp->listeners);
	if (!c->listener)
		return -ENOBUFS;
	c->listener->backlog = LIMIT_TCP_BACKLOG;
	list_init(&c->listener->calls);
	return 0;
}

static void end_halves(struct tcp_conv *c)
{
	LIST_EACH(at, &c->conv.stack->tcp->halves_by_age)
	{
		struct tcp_half *h = CONTAINER_OF(at, struct tcp_half, by_age);

		if (h->listener != c)
			continue;
		send_reset(h);
		half_forget(h);
	}
}

void tcp_listen_end(struct tcp_conv *c)
{
	struct tcp_conv *call;

	end_halves(c);
	while ((call = tcp_listen_take(c))) {
		tcp_send_reset(call);
		tcp_end(call, -ECONNABORTED);
	}
	pool_put(&c->conv.stack->tcp->listeners, c->listener);
	c->listener = NULL;
}

void tcp_listen_set_backlog(struct tcp_conv *c, uint32_t backlog)
{
	c->listener->backlog = backlog;
}

void tcp_listen_describe(const struct tcp_conv *c, struct describer *d)
{
	d->number(d, "backlog", c->listener->backlog);
	d->number(d, "calls_waiting", c->listener->waiting);
	d->number(d, "calls_half_open", c->listener->halves);
}

void tcp_listen_forget(struct tcp_conv *call)
{
	struct tcp_conv *c = call->caller_of;

	list_remove(&call->call);
	call->caller_of = NULL;
	if (--c->listener->waiting == 0)
		conv_lower(&c->conv, CONV_CALL);
}

struct tcp_conv *tcp_listen_take(struct tcp_conv *c)
{
	struct list *calls = &c->listener->calls;
	struct tcp_conv *call;

	if (list_is_empty(calls))
		return NULL;
	call = CONTAINER_OF(calls->next, struct tcp_conv, call);
	tcp_listen_forget(call);
	return call;
}

void tcp_listen_check(const struct stack *s)
{
	uint32_t halves = 0;

	LIST_EACH(at, &s->tcp->halves_by_age)
	{
		const struct tcp_half *h = CONTAINER_OF(at, struct tcp_half, by_age);

		ASSERT(timer_is_set(&h->timer));
		ASSERT(h->tuple.is_entered);
		ASSERT(h->listener->state == TCP_LISTEN);
		halves++;
	}
	ASSERT(halves == s->tcp->halves.out);
	pool_check(&s->tcp->halves);
	pool_check(&s->tcp->listeners);
}
