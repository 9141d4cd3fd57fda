/*
 * tcp.h - a TCP conversation. What the files of this room ask of each other is in parts.h.
 *
 * tcp.c holds the user's calls (RFC 9293 3.10.1-3.10.6) and tcp_enter, the one door into a
 * state; input.c what happens when a segment arrives (3.10.7); receive.c the bytes that come
 * in and the window we offer; listen.c half-open calls; output.c "what may I send now?"; loss.c
 * what acknowledgements say about loss; timers.c every deadline; time_wait.c what outlives a
 * conversation; rate.c how fast it goes; reply.c segments sent without one. Input and timers only
 * change facts; tcp_output looks at them and sends what is due. For this room and the spine only.
 */
#ifndef CATNET_TCP_H
#define CATNET_TCP_H

#include "../base/bytes.h"
#include "../ip/ip.h"
#include "../stack_private.h"
#include "cc.h"
#include "rtt.h"
#include "seg.h"
#include "seq.h"
#include "states.h"

/* The reasons for which a segment for a conversation ends here: from tcp_drop_listen on. */
#define TCP_DROPS (COUNT_tcp_drop_no_memory - COUNT_tcp_drop_listen + 1)

#define TCP_HISTORY_MAX 12 /* states remembered for stats */

struct tcp_listener;

struct tcp_conv {
	struct conv conv; /* first */
	uint8_t state;    /* enum tcp_state; written by tcp_enter alone */
	uint8_t history[TCP_HISTORY_MAX];
	uint8_t history_n;

	/* RFC 9293 3.3.1, send. [snd_una, snd_nxt) is in flight; snd_max is the highest snd_nxt
	 * ever, so snd_nxt < snd_max means "sending again". The front of sndq is the first
	 * byte that is not acknowledged: snd_una, or iss + 1 while the SYN is not. */
	uint32_t iss;
	uint32_t snd_una;
	uint32_t snd_nxt;
	uint32_t snd_max;
	uint32_t snd_wnd; /* in bytes, scaled up */
	uint32_t snd_wnd_max;
	uint32_t snd_wl1;
	uint32_t snd_wl2;
	struct bytes sndq;

	/* Receive. [rcv_nxt, rcv_adv) is the window as last offered: rcv_adv never moves left.
	 * rcvq holds what is not read, and behind gaps what came ahead of its time; its front is
	 * rcv_nxt - rcvq.len while no FIN was taken. */
	uint32_t irs;
	uint32_t rcv_nxt;
	uint32_t rcv_adv;
	uint32_t last_ack_sent; /* RFC 7323 4.3 */
	struct bytes rcvq;
	uint32_t fin_seq; /* where the peer's FIN lies, once has_fin_seq */

	/* Options in use. */
	uint16_t mss;       /* payload bytes of a full segment, options in use taken off */
	uint16_t peer_mss;  /* as the peer said, floored; 536 when it did not */
	uint16_t user_mss;  /* `mss N`; 0: none */
	uint8_t snd_wscale; /* the peer's shift: applied to windows it sends */
	uint8_t rcv_wscale; /* ours: applied to windows we send */
	uint32_t ts_recent;
	uint32_t ts_offset;
	usec_t ts_recent_us; /* when ts_recent was taken (RFC 7323 5.5: 24 days) */

	/* Loss and congestion, in sequence ranges and never in packets. */
	struct rtt rtt;
	struct cc cc;
	uint32_t recover;   /* RFC 6582: recovery ends when this is acknowledged */
	uint32_t resent;    /* what tcp_retransmit_one sent last ends before this */
	uint32_t timed_seq; /* without timestamps: the segment being timed (Karn) */
	uint32_t rto_ts;    /* our time stamp at the last timeout */
	usec_t timed_us;    /* when it was sent; 0: none is */
	usec_t sent_us;     /* the last data segment */
	usec_t heard_us;    /* the last acceptable segment from the peer */
	uint16_t dup_acks;
	uint8_t retries;         /* timeouts in a row without progress */
	uint8_t probes;          /* window or keepalive probes in a row without an answer */
	uint8_t persist_backoff; /* how often the persist timer was doubled since the window shut */

	/* Claims. */
	bool was_passive : 1;  /* began as a call: a reset in SYN-RECEIVED is nobody's error */
	bool has_ts : 1;       /* timestamps were agreed on */
	bool has_wscale : 1;   /* both sides sent the option */
	bool syn_was_lost : 1; /* the handshake had a timeout */
	bool fin_wanted : 1;   /* the user's stream has ended: FIN follows the queue */
	bool fin_sent : 1;     /* at least once: snd_max lies behind it */
	bool has_fin_seq : 1;  /* the peer's FIN has come, perhaps ahead of its time */
	bool rd_shut : 1;      /* the user reads no more: what comes is acknowledged and dropped */
	bool in_recovery : 1;  /* fast recovery, RFC 6582 */
	bool has_partial_ack : 1; /* in fast recovery: one has come */
	bool in_rto_recovery : 1; /* after a timeout, until recover */
	bool ack_now : 1;         /* an ACK leaves at the next flush */
	bool nodelay : 1;
	bool corked : 1;
	bool keepalive : 1;
	bool rate_is_limited : 1;     /* since the mark the program had nothing more to send */
	bool delivery_is_limited : 1; /* and so it was with what is known */
	bool persisting : 1;          /* the retransmission timer is the persist timer */
	uint16_t segs_unacked;        /* wire segments of data received and not acknowledged yet */
	uint16_t backlog;             /* `backlog N`, before there is a listener; 0: not said */

	struct list flush;       /* in tcp->flush while an ACK is put off to the end of the batch */
	struct timer timer;      /* retransmission, persist, handshake */
	struct timer ack_timer;  /* delayed ACK, and what a cork holds back */
	struct timer slow_timer; /* keepalive, FIN-WAIT-2 without an owner, TIME-WAIT */
	/* What the first two are for. A timer may be set for earlier than this, never for later:
	 * then it is moved when it fires, which is cheaper than with every ACK. 0: for nothing. */
	usec_t timer_at_us;
	usec_t ack_at_us;
	usec_t cork_at_us;
	usec_t waits_us; /* since then the peer has taken nothing of what is due to it; 0: all */
	usec_t challenge_us; /* the last challenge ACK (RFC 5961 7), 0: none yet */
	uint32_t keepalive_ms;
	uint32_t user_timeout_ms; /* `usertimeout MS`; 0: R2 as it is by default */

	/* Counts for stats. */
	uint64_t bytes_in, bytes_out, bytes_retransmitted;
	uint32_t segs_in, segs_out, segs_retransmitted, segs_out_of_order, segs_duplicate,
		segs_dropped;
	uint32_t drops[TCP_DROPS];

	/* rate.c: a mark and when it was sent (0: there is none), and what is known. */
	uint32_t rate_seq;
	uint32_t rate_from; /* the low part of bytes_out then: a window is shorter */
	usec_t rate_us;
	uint64_t delivery_rate; /* bytes a second; 0: nothing was measured yet */

	struct tcp_listener *listener; /* LISTEN only: backlog and calls (listen.c) */
	struct tcp_conv *caller_of;    /* a call that waits to be taken: its listener */
	struct list call;              /* in the listener's queue of calls */
};

_Static_assert(sizeof(struct tcp_conv) <= 1024, "a hundred thousand idle ones in 100 MB");

/* What the room keeps in s->tcp. */
struct tcp {
	uint32_t in_state[TCP_STATES_N]; /* conversations, by state */
	struct list flush;               /* conversations with an ACK put off */
	struct pool halves;              /* listen.c */
	struct list halves_by_age;
	struct pool listeners;
	struct pool waits; /* time_wait.c */
	struct list waits_by_age;
	struct timer wait_timer;    /* of the oldest */
	struct reset_limit *resets; /* reply.c: resets a second, per source */
};

extern const struct proto tcp_proto;

static inline struct tcp_conv *tcp_of(struct conv *c)
{
	return CONTAINER_OF(c, struct tcp_conv, conv);
}

static inline const struct tcp_conv *tcp_of_const(const struct conv *c)
{
	return (const struct tcp_conv *)(const void *)c; /* conv comes first */
}

/* Nobody holds it, and nobody will: a call that waits to be taken is no orphan. */
static inline bool tcp_is_orphan(const struct tcp_conv *c)
{
	return c->conv.holds == 0 && !c->caller_of;
}

/* A segment for C ends here, and why. */
static inline void tcp_dropped(struct tcp_conv *c, enum counter why)
{
	c->segs_dropped++;
	c->drops[why - COUNT_tcp_drop_listen]++;
	count_drop(c->conv.stack, why);
}

static inline bool tcp_is_synchronized(const struct tcp_conv *c)
{
	return c->state >= TCP_ESTABLISHED;
}

#endif
