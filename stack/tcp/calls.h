/*
 * calls.h - what the TCP room has before there is a conversation and after: half-open calls and
 * those that wait to be taken, TIME-WAIT without an owner, segments for nobody.
 */
#ifndef CATNET_TCP_CALLS_H
#define CATNET_TCP_CALLS_H

#include "tcp.h"

/* --- listen.c -------------------------------------------------------------------------- */

int tcp_listen_setup(struct stack *s);
int tcp_listen_begin(struct tcp_conv *c); /* its backlog and queue; 0 or -ENOBUFS */
void tcp_listen_end(struct tcp_conv *c);  /* reset half-open and waiting calls, forget them */
void tcp_listen_set_backlog(struct tcp_conv *c, uint32_t backlog);
bool tcp_listen_is_full(const struct tcp_conv *c); /* a SYN would be dropped */
void tcp_listen_describe(const struct tcp_conv *c, struct describer *d);

/* RFC 9293 3.10.7.2. ISS_FLOOR, if not NULL, is what a reused tuple must begin above. */
void tcp_listen_input(struct tcp_conv *c, const struct ip_info *ip, const struct seg *seg,
	const uint32_t *iss_floor);

/* A segment for a half-open call: SYN-RECEIVED's part of 3.10.7.4. When it completes the
 * handshake the new conversation is returned, in ESTABLISHED, and SEG is yet to be given to it;
 * else NULL, and SEG has been dealt with. */
struct tcp_conv *tcp_half_input(
	struct stack *s, struct tuple *t, const struct ip_info *ip, const struct seg *seg);

/* The oldest call that waits; NULL. One that dies before it was taken leaves the queue. */
struct tcp_conv *tcp_listen_take(struct tcp_conv *c);
void tcp_listen_forget(struct tcp_conv *call);

/* ICMP about a half-open call: hard errors end it. */
void tcp_half_advise(struct tuple *t, uint32_t seq, const struct ip_advice *advice);
void tcp_listen_check(const struct stack *s);

/* --- time_wait.c ----------------------------------------------------------------------- */

int tcp_wait_setup(struct stack *s);

/* C is in TIME-WAIT and nobody holds it: keep what is needed in a small record with its
 * deadline, in place of C's tuple. False when there is no room even after dropping the oldest. */
bool tcp_wait_take_over(struct tcp_conv *c, usec_t until_us);

/* A segment for a record. True: a SYN that may begin a new conversation; the record is gone and a
 * listener is to take it, to begin above ISS_FLOOR. NULL: there is none that would. */
bool tcp_wait_input(struct stack *s, struct tuple *t, const struct seg *seg, uint32_t *iss_floor);

/* May SEG begin a new conversation on a tuple in TIME-WAIT, whose last numbers these are (RFC
 * 6191 2)? And above what must that one's first number lie? */
bool tcp_wait_syn_is_newer(const struct seg *s, uint32_t rcv_nxt, bool has_ts, uint32_t ts_recent);
uint32_t tcp_wait_iss_floor(uint32_t snd_nxt);
void tcp_wait_check(const struct stack *s);

/* --- reply.c --------------------------------------------------------------------------- */

int tcp_reply_setup(struct stack *s);

/* A segment that belongs to no conversation: from LOCAL to REMOTE as SEG says, no text. */
void tcp_reply(struct stack *s, const struct endpoint *local, const struct endpoint *remote,
	const struct seg *seg, uint8_t ttl, uint8_t tos);

/* The reset that answers SEG (RFC 9293 3.5.2), unless that is one, or its source had too many. */
void tcp_reply_reset(struct stack *s, const struct ip_info *ip, const struct seg *seg);

#endif
