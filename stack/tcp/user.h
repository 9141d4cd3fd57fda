/*
 * user.h - the user's side of the room: what tcp.c, data.c, verbs.c, describe.c, check.c and
 * seg_trace.c ask of each other for the row.
 */
#ifndef CATNET_TCP_USER_H
#define CATNET_TCP_USER_H

#include "tcp.h"

/* --- tcp.c --------------------------------------------------------------------------- */

/* Work out mss from what the peer, the path and the user say, options in use taken off. */
void tcp_set_mss(struct tcp_conv *c);

/* How much the queues may hold, from rcvbuf and sndbuf. */
void tcp_size_queues(struct tcp_conv *c);

/* Nothing more will be written: a FIN follows what is queued. */
void tcp_end_stream(struct tcp_conv *c);

/* Nobody holds C and it has nothing left to say, or has handed that on: it may be freed. */
bool tcp_may_go(struct tcp_conv *c);

/* --- data.c -------------------------------------------------------------------------- */

/* Nothing more will be read: what was not is dropped, what comes is acknowledged and dropped. */
void tcp_end_reading(struct tcp_conv *c);

/* --- listen.c ------------------------------------------------------------------------ */

/* Where a half-open call's numbers begin, and how windows are scaled. */
void tcp_half_numbers(const struct tuple *t, uint32_t *iss, uint32_t *irs, uint8_t *snd_wscale,
	uint8_t *rcv_wscale);

/* --- the row's functions in other files ---------------------------------------------- */

/* data.c */
ssize_t tcp_peek(struct conv *conv, struct span *out, int max, size_t len, int *pieces);
void tcp_taken(struct conv *conv, size_t len);
ssize_t tcp_write(struct conv *conv, struct buf *from, const void *at, size_t len);
void tcp_buffers_changed(struct conv *conv);
void tcp_settle(struct conv *conv);
/* verbs.c */
int tcp_ctl(struct conv *conv, int argc, char **argv, struct text *why);
void tcp_mtu_changed(struct conv *conv);
/* describe.c */
void tcp_describe(const struct conv *conv, struct describer *d);
const char *tcp_conv_state_name(const struct conv *conv);
void tcp_describe_all(const struct stack *s, struct describer *d);
void tcp_queues(const struct conv *conv, struct conv_queues *out);
/* check.c, seg_trace.c */
void tcp_check(const struct stack *s);
const struct conv *tcp_trace(const struct stack *s, struct trace_event *e, const uint8_t *at,
	size_t len, uint32_t total);

#endif
