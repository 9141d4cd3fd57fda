/*
 * user.h - the user's side of the room: what tcp.c, verbs.c, describe.c, check.c and seg_trace.c
 * ask of each other for the row.
 */
#ifndef CATNET_TCP_USER_H
#define CATNET_TCP_USER_H

#include "tcp.h"

/* --- tcp.c --------------------------------------------------------------------------- */

/* Work out mss from what the peer, the path and the user say, options in use taken off. */
void tcp_set_mss(struct tcp_conv *c);

/* Nothing more will be written: a FIN follows what is queued. */
void tcp_end_stream(struct tcp_conv *c);

/* Nothing more will be read: what was not is dropped, what comes is acknowledged and dropped. */
void tcp_end_reading(struct tcp_conv *c);

/* Nobody holds C and it has nothing left to say, or has handed that on: it may be freed. */
bool tcp_may_go(struct tcp_conv *c);

/* --- listen.c ------------------------------------------------------------------------ */

/* Where a half-open call's numbers begin, and how windows are scaled. */
void tcp_half_numbers(const struct tuple *t, uint32_t *iss, uint32_t *irs, uint8_t *snd_wscale,
	uint8_t *rcv_wscale);

/* --- the row's functions in other files ---------------------------------------------- */

int tcp_ctl(struct conv *conv, int argc, char **argv, struct text *why); /* verbs.c */
void tcp_mtu_changed(struct conv *conv);                                 /* verbs.c */
void tcp_describe(const struct conv *conv, struct describer *d);         /* describe.c */
const char *tcp_conv_state_name(const struct conv *conv);                /* the same */
void tcp_describe_all(const struct stack *s, struct describer *d);       /* the same */
void tcp_queues(const struct conv *conv, struct conv_queues *out);       /* describe.c */
void tcp_check(const struct stack *s);                                   /* check.c */
const struct conv *tcp_trace(const struct stack *s, struct trace_event *e, const uint8_t *at,
	size_t len, uint32_t total); /* seg_trace.c */

#endif
