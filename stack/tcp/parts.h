/*
 * parts.h - what the files of the TCP room ask of each other, file by file; what is no conversation
 * yet, or no more, is in calls.h.
 */
#ifndef CATNET_TCP_PARTS_H
#define CATNET_TCP_PARTS_H

#include "calls.h"
#include "tcp.h"

/* --- tcp.c --------------------------------------------------------------------------- */

/* The one door into a state. Asserts that it may follow, tells the timers, raises and lowers
 * the events that go with it, keeps the history. CLOSED also empties both queues' unsent and
 * out-of-order parts and leaves the ports; what was received can still be read. */
void tcp_enter(struct tcp_conv *c, enum tcp_state next);

/* The conversation is over because of ERROR (-errno; 0: in order): conv_end and
 * tcp_enter(CLOSED). It is retired (and perhaps freed) in the next tcp_flush, not before, so
 * that whoever is at work on it may go on looking at it. */
void tcp_end(struct tcp_conv *c, int error);

/* Room has come into sndq: raise CONV_OUT if that is enough to wake a writer for. */
void tcp_sndq_freed(struct tcp_conv *c);

const char *tcp_state_name(enum tcp_state state);

/* The first values of a conversation that begins to exist on the wire: iss, window scale to
 * offer, timestamp offset, mss of the path. */
void tcp_begin(struct tcp_conv *c);

/* The options of the peer's SYN are known: which are in use, mss, cc and rtt begin. */
void tcp_agree(struct tcp_conv *c, const struct seg *syn);

/* Our MSS option for the path to the remote end: MTU - 40 (RFC 6691). */
uint16_t tcp_mss_to_offer(struct stack *s, const struct addr *remote, uint16_t user_mss);

/* The shift that lets a window of rcvbuf's cap be offered (RFC 7323 2.2). */
uint8_t tcp_wscale_to_offer(uint32_t rcvbuf);

/* --- input.c -------------------------------------------------------------------------- */

void tcp_input(struct stack *s, const struct ip_info *ip, struct pkt *p);
void tcp_advise(struct stack *s, const struct ip_info *quoted, const struct pkt *p,
	const struct ip_advice *advice);

/* --- receive.c ------------------------------------------------------------------------ */

/* SEG's text, LEN bytes that begin at byte OFF of P's data, is acceptable and trimmed to the
 * window: queue it, in order or ahead of its time, raise CONV_IN, and decide about the ACK.
 * Shares the packet's blocks; P stays the caller's. */
void tcp_take_text(struct tcp_conv *c, const struct seg *seg, const struct pkt *p, uint32_t off);

/* The window to offer now, in bytes: what rcvbuf allows beyond the blocks held, by the rules of
 * 3.8.6.2.2 (silly window) and never left of rcv_adv. Rounded up to what rcv_wscale can say; a
 * SYN offers at most 65,535 of it. Who sends it moves rcv_adv. */
uint32_t tcp_window_to_offer(const struct tcp_conv *c);

/* The user has read: an ACK is asked for if the window has grown enough to say so unasked. */
void tcp_window_maybe_update(struct tcp_conv *c);

/* Have an ACK leave at the end of the batch. */
void tcp_ack_later(struct tcp_conv *c);

/* --- output.c ------------------------------------------------------------------------- */

/* What may be sent now? Sends it: a SYN, new data, a FIN. An ACK goes along with each; a lone
 * one is left to tcp_flush, so that it covers a whole batch. */
void tcp_output(struct tcp_conv *c);

/* Send again from snd_una one segment, whatever the windows say but the peer's. */
void tcp_retransmit_one(struct tcp_conv *c);

/* One byte beyond a shut window, or what a small one takes (3.8.6.1). */
void tcp_send_probe(struct tcp_conv *c);

/* The probe of 3.8.4: seq snd_nxt - 1, no data. */
void tcp_send_keepalive(struct tcp_conv *c);

/* An ACK, now, of exactly what is known. */
void tcp_send_ack(struct tcp_conv *c);

/* A challenge ACK (RFC 5961), if this conversation's own limit (one per 500 ms) allows; and may
 * one be sent whose last was at LAST_US (0: none yet)? Then that is now. */
void tcp_challenge(struct tcp_conv *c);
bool tcp_may_challenge(struct stack *s, usec_t *last_us);

/* A reset for this conversation: seq snd_nxt, ack rcv_nxt. */
void tcp_send_reset(struct tcp_conv *c);

/* The timestamp clock of this conversation: milliseconds plus its offset (RFC 7323 5.4). */
uint32_t tcp_ts_now(const struct tcp_conv *c);

/* Bytes of header options that every segment now carries: 12 with timestamps. */
uint32_t tcp_options_len(const struct tcp_conv *c);

/* Where a data byte of this sequence number lies in sndq. */
uint32_t tcp_sndq_off(const struct tcp_conv *c, uint32_t seq);

/* The sequence number after the last byte queued: the FIN's, if one is wanted. */
uint32_t tcp_snd_end(const struct tcp_conv *c);

/* The FIN has been sent at least once. The FIN has been acknowledged. */
bool tcp_fin_is_sent(const struct tcp_conv *c);
bool tcp_fin_is_acked(const struct tcp_conv *c);

/* The row's flush: whoever has an ACK put off sends it now, with data if there is any. */
void tcp_flush(struct stack *s);

/* --- loss.c ---------------------------------------------------------------------------- */

/* An ACK of ACKED new bytes (SYN and FIN not counted as such) has moved snd_una to its place:
 * round trip, congestion window, recovery. IN_FLIGHT is what was out before it. */
void tcp_loss_acked(struct tcp_conv *c, const struct seg *seg, uint32_t acked, uint32_t in_flight);

/* A duplicate ACK in the sense of RFC 5681 2. */
void tcp_loss_duplicate(struct tcp_conv *c);

/* The retransmission timer fired. */
void tcp_loss_timed_out(struct tcp_conv *c);

/* Bytes that may be sent now beyond snd_nxt by the congestion window, limited transmit (RFC
 * 3042) and recovery included. */
uint32_t tcp_loss_allowance(const struct tcp_conv *c);

/* --- rate.c ---------------------------------------------------------------------------- */

void tcp_rate_sent(struct tcp_conv *c); /* new bytes were */
void tcp_rate_acked(struct tcp_conv *c, uint32_t in_flight);

/* --- timers.c -------------------------------------------------------------------------- */

void tcp_timers_init(struct tcp_conv *c);
void tcp_timers_sent(struct tcp_conv *c);            /* something that is to be acknowledged */
void tcp_timers_acked(struct tcp_conv *c, bool all); /* new data was; all of it */
void tcp_timers_received(struct tcp_conv *c);        /* an acceptable segment has come */
void tcp_timers_ack_owed(struct tcp_conv *c);        /* delayed ACK begins to wait */
void tcp_timers_ack_sent(struct tcp_conv *c);        /* none is owed any more */
void tcp_timers_window_shut(struct tcp_conv *c);     /* data waits behind a zero window */
void tcp_timers_window_open(struct tcp_conv *c);
void tcp_timers_keepalive_changed(struct tcp_conv *c);     /* the verb was used */
void tcp_timers_user_timeout_changed(struct tcp_conv *c);  /* the same */
usec_t tcp_timers_user_deadline(const struct tcp_conv *c); /* USEC_NEVER: there is none */
void tcp_timers_retransmitted(struct tcp_conv *c); /* the first bytes again: wait anew for them */
void tcp_timers_corked(struct tcp_conv *c);        /* a cork holds bytes back, or no longer */
void tcp_timers_orphaned(struct tcp_conv *c);      /* nobody holds it any more */
void tcp_timers_entered(struct tcp_conv *c, enum tcp_state state);
void tcp_timers_stop(struct tcp_conv *c);

#endif
