/*
 * tracer.h - the trace of the stack on standard error: --trace.
 *
 * Lines as they happen, "12.345678 tcp 7 > 10.0.0.2!80 S seq 0 ...", the time in seconds since the
 * tracer began. Never waits: what standard error does not take is lost and counted, by the log.
 */
#ifndef CATNET_TRACER_H
#define CATNET_TRACER_H

#include "../stack/base/base.h"

struct log;
struct stack;

struct tracer {
	struct stack *stack;
	struct log *log;
	unsigned kinds; /* enum stack_trace_kind; 0: none */
	usec_t began_us;
};

/* What STACK tells, from NOW_US of the loop's clock on, goes to LOG. */
void tracer_init(struct tracer *t, struct stack *stack, struct log *log, usec_t now_us);

/* From now on tell of these, and of no others. */
void tracer_want(struct tracer *t, unsigned kinds);

/* Say what has happened, a bounded part of it; true when there is more. */
bool tracer_tell(struct tracer *t);

/* The kinds called by WORDS, "state,tcp"; 0 when one of the words is none. */
unsigned tracer_kinds(const char *words);

/* "state, packet, ...", for who must know the words. */
void tracer_names(char *to, size_t cap);

#endif
