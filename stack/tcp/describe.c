/*
 * describe.c - what a conversation's stats tell of TCP (docs/tree.md, section 7). A key once
 * published keeps its name and its meaning.
 */
#include "../describe.h"

#include "parts.h"
#include "user.h"

/* Names of states as keys. */
static const char *const state_keys[TCP_STATES_N] = {
	[TCP_CLOSED] = "closed",
	[TCP_LISTEN] = "listen",
	[TCP_SYN_SENT] = "syn_sent",
	[TCP_SYN_RECEIVED] = "syn_received",
	[TCP_ESTABLISHED] = "established",
	[TCP_FINWAIT1] = "finwait1",
	[TCP_FINWAIT2] = "finwait2",
	[TCP_CLOSE_WAIT] = "close_wait",
	[TCP_CLOSING] = "closing",
	[TCP_LAST_ACK] = "last_ack",
	[TCP_TIME_WAIT] = "time_wait",
};

static void describe_history(const struct tcp_conv *c, struct describer *d)
{
	d->open_list(d, "state_history");
	for (unsigned i = 0; i < c->history_n; i++)
		d->text(d, NULL, tcp_state_name((enum tcp_state)c->history[i]));
	d->close(d);
}

/* docs/counters.md says what each means. For a listener they are those of its half-open calls. */
static const struct {
	enum counter why;
	const char *name;
} drops[] = {
	{ COUNT_tcp_drop_listen, "listen" },
	{ COUNT_tcp_drop_syn_sent, "syn_sent" },
	{ COUNT_tcp_drop_outside_window, "outside_window" },
	{ COUNT_tcp_drop_no_ack, "no_ack" },
	{ COUNT_tcp_drop_ack, "ack" },
	{ COUNT_tcp_drop_paws, "paws" },
	{ COUNT_tcp_drop_no_timestamp, "no_timestamp" },
	{ COUNT_tcp_drop_reset, "reset" },
	{ COUNT_tcp_drop_syn, "syn" },
	{ COUNT_tcp_drop_backlog, "backlog" },
	{ COUNT_tcp_drop_out_of_order, "out_of_order" },
	{ COUNT_tcp_drop_after_close, "after_close" },
	{ COUNT_tcp_drop_no_memory, "no_memory" },
};

static void describe_drops(const struct tcp_conv *c, struct describer *d)
{
	d->number(d, "segs_dropped", c->segs_dropped);
	d->open(d, "dropped");
	for (unsigned i = 0; i < ARRAY_LEN(drops); i++)
		d->number(d, drops[i].name, c->drops[drops[i].why - COUNT_tcp_drop_listen]);
	d->close(d);
}

static void describe_counts(const struct tcp_conv *c, struct describer *d)
{
	d->number(d, "bytes_in", c->bytes_in);
	d->number(d, "bytes_out", c->bytes_out);
	d->number(d, "segs_in", c->segs_in);
	d->number(d, "segs_out", c->segs_out);
	d->number(d, "bytes_retransmitted", c->bytes_retransmitted);
	d->number(d, "segs_retransmitted", c->segs_retransmitted);
	d->number(d, "segs_out_of_order", c->segs_out_of_order);
	d->number(d, "segs_duplicate", c->segs_duplicate);
	describe_drops(c, d);
}

static void describe_round_trip(const struct tcp_conv *c, struct describer *d)
{
	d->number(d, "srtt_us", c->rtt.srtt_us);
	d->number(d, "rttvar_us", c->rtt.rttvar_us);
	d->number(d, "min_rtt_us", c->rtt.min_us);
	d->number(d, "rto_us", rtt_rto_us(&c->rtt));
	d->number(d, "backoff", c->rtt.backoff);
}

static void describe_sequence(const struct tcp_conv *c, struct describer *d)
{
	bool has_window = seq_after(c->rcv_adv, c->rcv_nxt);

	d->number(d, "snd_una", c->snd_una);
	d->number(d, "snd_nxt", c->snd_nxt);
	d->number(d, "snd_wnd", c->snd_wnd);
	d->number(d, "snd_wscale", c->snd_wscale);
	d->number(d, "rcv_nxt", c->rcv_nxt);
	d->number(d, "rcv_wnd", has_window ? c->rcv_adv - c->rcv_nxt : 0);
	d->number(d, "rcv_wscale", c->rcv_wscale);
	d->number(d, "mss", c->mss);
	d->number(d, "peer_mss", c->peer_mss);
	d->number(d, "pmtu", ip_mtu(c->conv.stack, &c->conv.tuple.remote.addr));
}

static const char *congestion_state(const struct tcp_conv *c)
{
	if (c->in_recovery)
		return "fast_recovery";
	if (c->in_rto_recovery)
		return "timeout_recovery";
	return c->cc.cwnd < c->cc.ssthresh ? "slow_start" : "congestion_avoidance";
}

static void describe_congestion(const struct tcp_conv *c, struct describer *d)
{
	d->text(d, "congestion", c->cc.ops->name);
	d->text(d, "congestion_state", congestion_state(c));
	d->number(d, "cwnd", c->cc.cwnd);
	d->number(d, "ssthresh", c->cc.ssthresh);
	d->number(d, "bytes_in_flight", c->snd_max - c->snd_una);
	d->number(d, "dup_acks", c->dup_acks);
	d->number(d, "delivery_rate_bytes_per_s", c->delivery_rate);
	d->truth(d, "delivery_rate_is_app_limited", c->delivery_is_limited);
}

static void describe_queues(const struct tcp_conv *c, struct describer *d)
{
	uint32_t unsent = seq_before(c->snd_nxt, tcp_snd_end(c)) ? tcp_snd_end(c) - c->snd_nxt : 0;

	d->number(d, "rcvq_bytes", c->rcvq.len);
	d->number(d, "rcvq_bytes_out_of_order", c->rcvq.beyond);
	d->number(d, "rcvq_held", c->rcvq.held);
	d->number(d, "rcvq_cap", c->conv.rcvbuf);
	d->number(d, "sndq_bytes", c->sndq.len);
	d->number(d, "sndq_bytes_unsent", c->sndq.len > 0 ? unsent : 0);
	d->number(d, "sndq_held", c->sndq.held);
	d->number(d, "sndq_cap", c->conv.sndbuf);
}

/* Only what is armed is listed. */
static void describe_timer(
	const struct tcp_conv *c, struct describer *d, const char *name, usec_t at_us)
{
	usec_t now_us = c->conv.stack->now_us;

	if (at_us)
		d->number(d, name, at_us > now_us ? at_us - now_us : 0);
}

static const char *slow_timer_name(const struct tcp_conv *c)
{
	if (c->state == TCP_TIME_WAIT)
		return "time_wait_in_us";
	return c->state == TCP_FINWAIT2 && tcp_is_orphan(c) ? "finwait2_in_us" : "keepalive_in_us";
}

static void describe_timers(const struct tcp_conv *c, struct describer *d)
{
	usec_t slow_us = timer_is_set(&c->slow_timer) ? c->slow_timer.at_us : 0;
	usec_t deadline_us = tcp_timers_user_deadline(c);

	d->open(d, "timers");
	describe_timer(c, d, c->persisting ? "persist_in_us" : "retransmit_in_us", c->timer_at_us);
	describe_timer(c, d, "delayed_ack_in_us", c->ack_at_us);
	describe_timer(c, d, "cork_in_us", c->cork_at_us);
	describe_timer(c, d, slow_timer_name(c), slow_us);
	if (deadline_us != USEC_NEVER)
		describe_timer(c, d, "user_timeout_in_us", deadline_us);
	d->close(d);
	d->number(d, "retries", c->retries);
	d->number(d, "probes", c->probes);
}

static void describe_options(const struct tcp_conv *c, struct describer *d)
{
	d->open(d, "options");
	d->truth(d, "timestamps", c->has_ts);
	d->truth(d, "window_scale", c->has_wscale);
	d->truth(d, "nodelay", c->nodelay);
	d->truth(d, "cork", c->corked);
	d->truth(d, "keepalive", c->keepalive);
	d->number(d, "keepalive_ms", c->keepalive_ms);
	d->number(d, "user_timeout_ms", c->user_timeout_ms);
	d->number(d, "user_mss", c->user_mss);
	d->close(d);
}

const char *tcp_conv_state_name(const struct conv *conv)
{
	return tcp_state_name((enum tcp_state)tcp_of_const(conv)->state);
}

void tcp_queues(const struct conv *conv, struct conv_queues *out)
{
	const struct tcp_conv *c = tcp_of_const(conv);
	uint32_t end = tcp_snd_end(c);

	out->in = c->rcvq.len;
	out->out = c->sndq.len;
	if (c->sndq.len > 0 && seq_before(c->snd_max, end))
		out->unsent = end - c->snd_max;
}

void tcp_describe(const struct conv *conv, struct describer *d)
{
	const struct tcp_conv *c = tcp_of_const(conv);

	describe_history(c, d);
	if (c->state == TCP_LISTEN)
		tcp_listen_describe(c, d);
	describe_counts(c, d);
	describe_round_trip(c, d);
	describe_sequence(c, d);
	describe_congestion(c, d);
	describe_queues(c, d);
	describe_timers(c, d);
	describe_options(c, d);
}

/* What is no conversation, or no more, is in a state too. */
static uint32_t number_in(const struct stack *s, enum tcp_state state)
{
	if (state == TCP_SYN_RECEIVED)
		return s->tcp->in_state[state] + s->tcp->halves.out;
	if (state == TCP_TIME_WAIT)
		return s->tcp->in_state[state] + s->tcp->waits.out;
	return s->tcp->in_state[state];
}

void tcp_describe_all(const struct stack *s, struct describer *d)
{
	d->open(d, "states");
	for (unsigned i = 0; i < TCP_STATES_N; i++)
		d->number(d, state_keys[i], number_in(s, (enum tcp_state)i));
	d->close(d);
}
