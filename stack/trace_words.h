/*
 * trace_words.h - the kinds of events that the trace ring holds, and how they read.
 */
#ifndef CATNET_TRACE_WORDS_H
#define CATNET_TRACE_WORDS_H

#include "base/text.h"
#include "base/trace.h"

enum trace_kind {
	TRACE_TCP_STATE,   /* a: from, b: to, both enum tcp_state */
	TRACE_TCP_TIMEOUT, /* a: timeouts in a row before it, b: the RTO in ms */
	TRACE_TCP_RECOVER, /* fast retransmit; a: bytes in flight, b: cwnd */
};

/* One line without its newline: "12.345678 conversation 7: Syn_sent to Established". */
void trace_words(const struct trace_event *e, struct text *to);

#endif
