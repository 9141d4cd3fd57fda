/* tcp.c - the user's calls (RFC 9293 3.10.1 to 3.10.6), the one door into a state, the row. */
#include "../base/text.h"
#include "iss.h"
#include "parts.h"
#include "user.h"

/* --- states -------------------------------------------------------------------------- */

#define TO(state)                                    BIT(TCP_##state)
#define TCP_STATE_FOLLOW(state, name, follow, truth) [TCP_##state] = (follow) | TO(CLOSED),
static const uint32_t may_follow[TCP_STATES_N] = { TCP_STATES(TCP_STATE_FOLLOW) };
#undef TCP_STATE_FOLLOW
#undef TO

#define TCP_STATE_NAME(state, name, follow, truth) [TCP_##state] = name,
static const char *const state_names[TCP_STATES_N] = { TCP_STATES(TCP_STATE_NAME) };
#undef TCP_STATE_NAME

/* CLOSED's are conv_end's. After our own FIN a write fails, which is worth waking a writer for. */
static const uint8_t events_on_entering[TCP_STATES_N] = {
	[TCP_ESTABLISHED] = CONV_UP | CONV_OUT,
	[TCP_FINWAIT1] = CONV_OUT,
	[TCP_CLOSE_WAIT] = CONV_IN | CONV_PEER_END,
	[TCP_CLOSING] = CONV_IN | CONV_PEER_END | CONV_END,
	[TCP_LAST_ACK] = CONV_OUT | CONV_END,
	[TCP_TIME_WAIT] = CONV_IN | CONV_PEER_END | CONV_END,
};

const char *tcp_state_name(enum tcp_state state)
{
	ASSERT(state < TCP_STATES_N);
	return state_names[state];
}

static void remember_state(struct tcp_conv *c, enum tcp_state state)
{
	if (c->history_n == TCP_HISTORY_MAX) {
		for (unsigned i = 1; i < TCP_HISTORY_MAX; i++)
			c->history[i - 1] = c->history[i];
		c->history_n--;
	}
	c->history[c->history_n++] = (uint8_t)state;
}

/* Have tcp_flush look whether it can be freed. */
static void retire_later(struct tcp_conv *c)
{
	struct stack *s = c->conv.stack;

	if (!list_is_linked(&c->flush))
		list_append(&s->tcp->flush, &c->flush);
	stack_flush_later(s);
}

/* What was received can still be read; all else is over. */
static void become_closed(struct tcp_conv *c)
{
	struct stack *s = c->conv.stack;

	bytes_clear(&s->bytes, &c->sndq);
	bytes_forget_beyond(&s->bytes, &c->rcvq);
	ports_leave(&s->ports, &c->conv.tuple);
	c->snd_una = c->snd_nxt = c->snd_max;
	c->ack_now = false;
	c->segs_unacked = 0;
}

void tcp_enter(struct tcp_conv *c, enum tcp_state next)
{
	struct stack *s = c->conv.stack;
	const char *from = state_names[c->state];

	ASSERT(may_follow[c->state] & BIT(next));
	s->tcp->in_state[c->state]--;
	s->tcp->in_state[next]++;
	c->state = (uint8_t)next;
	conv_changed(&c->conv, from);
	c->conv.changed_us = s->now_us;
	remember_state(c, next);
	if (next == TCP_CLOSED)
		become_closed(c);
	if (next == TCP_ESTABLISHED)
		c->recover = c->iss;
	if (next == TCP_TIME_WAIT) {
		count(s, COUNT_tcp_time_waits);
		retire_later(c);
	}
	tcp_timers_entered(c, next);
	conv_raise(&c->conv, events_on_entering[next]);
}

/* To CLOSED, without a word about why. */
static void become_over(struct tcp_conv *c)
{
	if (c->caller_of)
		tcp_listen_forget(c);
	tcp_enter(c, TCP_CLOSED);
	retire_later(c);
}

void tcp_end(struct tcp_conv *c, int error)
{
	bool was_calling = c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED;

	if (was_calling && !c->was_passive)
		count(c->conv.stack, COUNT_tcp_connect_failures);
	become_over(c);
	conv_end(&c->conv, error);
}

/* --- beginning ----------------------------------------------------------------------- */

/* Bytes of the headers before a segment's options. */
static uint32_t headers_len(const struct addr *remote)
{
	return SEG_HDR_LEN + (addr_is_v4(remote) ? 20u : 40u);
}

uint16_t tcp_mss_to_offer(struct stack *s, const struct addr *remote, uint16_t user_mss)
{
	uint32_t mtu = max_u32(ip_mtu(s, remote), LIMIT_MTU_MIN);
	uint32_t mss = min_u32(mtu, UINT16_MAX) - headers_len(remote);

	return (uint16_t)(user_mss ? min_u32(mss, user_mss) : mss);
}

uint8_t tcp_wscale_to_offer(uint32_t rcvbuf)
{
	uint8_t shift = 0;

	while (shift < SEG_WSCALE_MAX && (uint32_t)UINT16_MAX << shift < rcvbuf)
		shift++;
	return shift;
}

void tcp_set_mss(struct tcp_conv *c)
{
	uint16_t ours = tcp_mss_to_offer(c->conv.stack, &c->conv.tuple.remote.addr, c->user_mss);

	c->mss = (uint16_t)(min_u32(c->peer_mss, ours) - tcp_options_len(c));
}

/* RFC 9293 3.7.1: what to assume when the peer says nothing. */
static uint16_t default_mss(const struct tcp_conv *c)
{
	return addr_is_v4(&c->conv.tuple.remote.addr) ? 536 : 1220;
}

/* An earlier attempt to connect may have left its mark on all of these. */
static void forget_attempt(struct tcp_conv *c)
{
	struct stack *s = c->conv.stack;

	bytes_clear(&s->bytes, &c->sndq);
	bytes_clear(&s->bytes, &c->rcvq);
	bytes_init(&c->sndq);
	bytes_init(&c->rcvq);
	c->fin_wanted = c->fin_sent = c->has_fin_seq = c->rd_shut = false;
	c->in_recovery = c->in_rto_recovery = c->ack_now = c->persisting = false;
	c->dup_acks = 0;
	c->rto_ts = 0;
	c->retries = c->probes = c->persist_backoff = 0;
	c->timed_us = c->sent_us = c->challenge_us = c->rate_us = 0;
	c->delivery_rate = 0;
	c->delivery_is_limited = false;
	c->segs_unacked = 0;
}

/* A cap of a few large blocks would be used up by the tail of one. */
void tcp_size_queues(struct tcp_conv *c)
{
	c->sndq.is_small = c->conv.sndbuf < 4 * buf_class_cap(BUF_LARGE);
	c->rcvq.is_small = c->conv.rcvbuf < 4 * buf_class_cap(BUF_LARGE);
}

void tcp_begin(struct tcp_conv *c)
{
	struct stack *s = c->conv.stack;
	const struct endpoint *local = &c->conv.tuple.local;
	const struct endpoint *remote = &c->conv.tuple.remote;

	forget_attempt(c);
	tcp_size_queues(c);
	c->iss = iss_choose(&s->secret, local, remote, s->now_us);
	c->snd_una = c->snd_nxt = c->snd_max = c->iss;
	c->snd_wnd = c->snd_wnd_max = 0;
	c->irs = c->rcv_nxt = c->rcv_adv = c->last_ack_sent = 0;
	c->ts_offset = iss_timestamp_offset(&s->secret, local, remote);
	c->rcv_wscale = tcp_wscale_to_offer(c->conv.rcvbuf);
	c->snd_wscale = 0;
	c->has_ts = c->has_wscale = false;
	c->peer_mss = default_mss(c);
	c->heard_us = s->now_us;
	tcp_set_mss(c);
	rtt_init(&c->rtt);
	cc_init(&c->cc, c->cc.ops, c->mss, c->syn_was_lost);
}

void tcp_agree(struct tcp_conv *c, const struct seg *syn)
{
	c->has_ts = syn->options & SEG_OPT_TIMESTAMP;
	if (c->has_ts) {
		c->ts_recent = syn->ts_val;
		c->ts_recent_us = c->conv.stack->now_us;
	}
	c->has_wscale = syn->options & SEG_OPT_WSCALE;
	c->snd_wscale = c->has_wscale ? (uint8_t)min_u32(syn->wscale, SEG_WSCALE_MAX) : 0;
	if (!c->has_wscale)
		c->rcv_wscale = 0;
	c->peer_mss = syn->options & SEG_OPT_MSS ? (uint16_t)max_u32(syn->mss, LIMIT_TCP_MSS_MIN)
						 : default_mss(c);
	tcp_set_mss(c);
	cc_init(&c->cc, c->cc.ops, c->mss, c->syn_was_lost);
	if (c->syn_was_lost)
		rtt_after_syn_loss(&c->rtt);
}

static int tcp_open(struct conv *conv)
{
	struct tcp_conv *c = tcp_of(conv);

	conv->rcvbuf = LIMIT_TCP_RCVBUF;
	conv->sndbuf = LIMIT_TCP_SNDBUF;
	c->state = TCP_CLOSED;
	conv->stack->tcp->in_state[TCP_CLOSED]++;
	c->cc.ops = cc_at(0);
	bytes_init(&c->sndq);
	bytes_init(&c->rcvq);
	list_init(&c->flush);
	list_init(&c->call);
	tcp_timers_init(c);
	return 0;
}

static int tcp_connect(struct conv *conv)
{
	struct tcp_conv *c = tcp_of(conv);

	c->was_passive = c->syn_was_lost = false;
	tcp_begin(c);
	count(conv->stack, COUNT_tcp_connects);
	tcp_enter(c, TCP_SYN_SENT);
	tcp_output(c);
	return 0;
}

static int tcp_announce(struct conv *conv)
{
	struct tcp_conv *c = tcp_of(conv);
	int err = tcp_listen_begin(c);

	if (err < 0)
		return err;
	if (c->backlog)
		tcp_listen_set_backlog(c, c->backlog);
	tcp_enter(c, TCP_LISTEN);
	return 0;
}

static struct conv *tcp_accept(struct conv *conv)
{
	struct tcp_conv *c = tcp_of(conv);
	struct tcp_conv *call = c->state == TCP_LISTEN ? tcp_listen_take(c) : NULL;

	if (!call)
		return NULL;
	conv_hold(&call->conv);
	return &call->conv;
}

/* --- ending -------------------------------------------------------------------------- */

static void end_listening(struct tcp_conv *c, int error)
{
	tcp_listen_end(c);
	tcp_end(c, error);
}

/* RFC 9293 3.10.4. In SYN-RECEIVED the FIN waits for ESTABLISHED, where tcp_output finds it. */
void tcp_end_stream(struct tcp_conv *c)
{
	if (c->fin_wanted)
		return;
	c->fin_wanted = true;
	conv_raise(&c->conv, CONV_OUT);
	tcp_output(c);
}

static int tcp_close(struct conv *conv)
{
	struct tcp_conv *c = tcp_of(conv);

	if (c->state == TCP_LISTEN)
		end_listening(c, 0);
	else if (c->state == TCP_SYN_SENT)
		tcp_end(c, -ECONNABORTED);
	else if (c->state != TCP_CLOSED)
		tcp_end_stream(c);
	return 0;
}

/* RFC 9293 3.10.5. What is over on both sides already needs no reset; nor does a SYN. */
static void reset_peer(struct tcp_conv *c)
{
	if (c->state == TCP_SYN_RECEIVED || (tcp_is_synchronized(c) && c->state != TCP_TIME_WAIT))
		tcp_send_reset(c);
}

/* The spine says why; here it only ends. */
static void tcp_hangup(struct conv *conv)
{
	struct tcp_conv *c = tcp_of(conv);

	if (c->state == TCP_CLOSED)
		return;
	if (c->state == TCP_LISTEN)
		tcp_listen_end(c);
	reset_peer(c);
	become_over(c);
}

/* A peer whose bytes will never be read is told so (RFC 9293 3.10.4, RFC 2525 2.17). */
static bool refuse_unread(struct tcp_conv *c)
{
	if (c->rcvq.len == 0 || c->state == TCP_TIME_WAIT)
		return false;
	reset_peer(c);
	tcp_end(c, -ECONNABORTED);
	return true;
}

/* As close(2): what was accepted from the writer is still sent. */
static void tcp_orphan(struct conv *conv)
{
	struct tcp_conv *c = tcp_of(conv);

	if (c->state == TCP_LISTEN) {
		end_listening(c, 0);
	} else if (c->state == TCP_CLOSED) {
		return;
	} else if (c->state == TCP_SYN_SENT) {
		tcp_end(c, -ECONNABORTED);
	} else if (!refuse_unread(c)) {
		tcp_end_stream(c);
		tcp_timers_orphaned(c);
	}
}

static void tcp_stop_reading(struct conv *conv)
{
	struct tcp_conv *c = tcp_of(conv);

	if (!refuse_unread(c))
		tcp_end_reading(c);
}

/* TIME-WAIT is handed to a small record, once the ACK that it owes has left. */
bool tcp_may_go(struct tcp_conv *c)
{
	if (!tcp_is_orphan(c))
		return false;
	if (c->state == TCP_TIME_WAIT) {
		if (c->ack_now)
			tcp_send_ack(c);
		return tcp_wait_take_over(c, c->slow_timer.at_us);
	}
	return c->state == TCP_CLOSED;
}

static bool tcp_retire(struct conv *conv)
{
	return tcp_may_go(tcp_of(conv));
}

static void tcp_free(struct conv *conv)
{
	struct tcp_conv *c = tcp_of(conv);

	ASSERT(!c->listener);
	ASSERT(!c->caller_of);
	conv->stack->tcp->in_state[c->state]--;
	tcp_timers_stop(c);
	list_remove(&c->flush);
	bytes_clear(&conv->stack->bytes, &c->sndq);
	bytes_clear(&conv->stack->bytes, &c->rcvq);
}

/* --- the row ------------------------------------------------------------------------- */

static int tcp_setup(struct stack *s)
{
	int err;

	s->tcp = arena_take(&s->arena, sizeof *s->tcp, _Alignof(struct tcp));
	if (!s->tcp)
		return -ENOMEM;
	list_init(&s->tcp->flush);
	err = tcp_listen_setup(s);
	if (err == 0)
		err = tcp_wait_setup(s);
	if (err == 0)
		err = tcp_reply_setup(s);
	return err;
}

const struct proto tcp_proto = {
	.name = "tcp",
	.ip_number = IP_TCP,
	.conv_size = sizeof(struct tcp_conv),
	.setup = tcp_setup,
	.check = tcp_check,
	.flush = tcp_flush,
	.settle = tcp_settle,
	.mtu_changed = tcp_mtu_changed,
	.open = tcp_open,
	.connect = tcp_connect,
	.announce = tcp_announce,
	.accept = tcp_accept,
	.close = tcp_close,
	.stop_reading = tcp_stop_reading,
	.hangup = tcp_hangup,
	.orphan = tcp_orphan,
	.retire = tcp_retire,
	.free = tcp_free,
	.peek = tcp_peek,
	.taken = tcp_taken,
	.write = tcp_write,
	.queues = tcp_queues,
	.ctl = tcp_ctl,
	.buffers_changed = tcp_buffers_changed,
	.state_name = tcp_conv_state_name,
	.describe = tcp_describe,
	.describe_all = tcp_describe_all,
	.input = tcp_input,
	.advise = tcp_advise,
	.trace = tcp_trace,
};
