/*
 * trace.h - a ring of small events, put into words only when somebody reads it.
 *
 * Costs a few stores where it is written. The newest events win; how many were lost is known.
 * The words belong to who reads: an event is a kind, a conversation's number and four numbers.
 */
#ifndef CATNET_TRACE_H
#define CATNET_TRACE_H

#include "arena.h"

struct trace_event {
	usec_t at_us;
	uint64_t conv; /* its number, 0 for none */
	uint32_t kind; /* enum trace_kind in stack/trace_words.h */
	uint32_t a, b, c, d;
};

struct trace {
	struct trace_event *ring; /* NULL: off */
	uint32_t cap;             /* a power of 2 */
	uint64_t written;
};

/* A ring of CAP events (a power of 2; 0 switches tracing off); 0, or -ENOMEM. */
int trace_init(struct trace *t, struct arena *a, uint32_t cap);

void trace_put(struct trace *t, const struct trace_event *e);

/* The event after *CURSOR, which is moved on; false when there is none. LOST is set to how
 * many between were overwritten. */
bool trace_next(const struct trace *t, uint64_t *cursor, struct trace_event *out, uint64_t *lost);

#endif
