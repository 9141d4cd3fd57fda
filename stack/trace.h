/*
 * trace.h - what has happened lately: a ring of small events, for files under stack/ only.
 *
 * An event is numbers; it is put into words (trace_words.h) only when somebody reads it. The
 * newest win; how many were lost is known. Nothing is remembered but what is wanted: when that is
 * nothing, each place where something could be costs one test, and the ring is never touched.
 */
#ifndef CATNET_TRACE_H
#define CATNET_TRACE_H

#include "base/arena.h"
#include "stack.h"
#include "trace_event.h"

struct conv;
struct frag_info;
struct ip_info;
struct ip_send;
struct pkt;
struct stack;

/* --- the ring ---------------------------------------------------------------------------- */

struct trace_reader {
	uint32_t wanted;  /* enum stack_trace_kind */
	struct addr only; /* nothing about others than this peer; unset: about everybody */
	uint64_t cursor;
};

struct trace {
	struct trace_event *ring; /* NULL: there is none, and nothing can be wanted */
	uint32_t cap;             /* a power of 2 */
	uint32_t wanted;          /* by any of them */
	struct trace_reader readers[STACK_TRACE_READERS];
	uint64_t written;
	struct trace_because because; /* noted also when nothing is wanted */
	/* The packet being looked at, whose a drop is; TRACE_NONE: none. */
	struct trace_event about;
};

/* A ring of CAP events (a power of 2; 0: none, ever); 0, or -ENOMEM. */
int trace_init(struct trace *t, struct arena *a, uint32_t cap);

/* Write it down as it is. */
void trace_write(struct trace *t, const struct trace_event *e);

/* The event after *CURSOR, which is moved on; false when there is none. LOST is set to how
 * many between were overwritten. */
bool trace_next(const struct trace *t, uint64_t *cursor, struct trace_event *out, uint64_t *lost);

/* --- what the rooms say, once they know that something is wanted ----------------------------- */

/* Which kinds (enum stack_trace_kind) an event is of. */
uint32_t trace_kinds_of(const struct trace_event *e);

/* Does this reader want an event of KINDS like E? */
bool trace_is_wanted(
	const struct trace_reader *reader, const struct trace_event *e, uint32_t kinds);

/* Remember E, now, if somebody wants it. */
void trace_put(struct stack *s, const struct trace_event *e);

/* A whole packet came in, its IP header off; one of ours is to go, from its transport's header
 * on. From now on a drop is this packet's: who sends in the midst of something else puts back
 * what ABOUT was. */
void trace_in(struct stack *s, const struct ip_info *ip, const struct pkt *p);
void trace_out(struct stack *s, const struct ip_send *how, const struct pkt *p);

/* A part of a packet, which came in or is to go. */
void trace_fragment(
	struct stack *s, const struct ip_info *ip, const struct frag_info *frag, bool is_in);

/* As trace_in, but nothing is known beyond the IP header: only a drop may follow. */
void trace_about(struct stack *s, const struct ip_info *ip);

/* A drop: of the packet that is being looked at; of P, which begins with the IP header that we
 * sent it with; of what C would have said. */
void trace_drop(struct stack *s, enum counter why);
void trace_drop_sent(struct stack *s, const struct pkt *p, enum counter why);
void trace_drop_conv(const struct conv *c, enum counter why);

/* C went from a state to another because of what set the stack to work. */
void trace_change(const struct conv *c, const char *from, const char *to);

/* TRACE_TIMEOUT or TRACE_RECOVER. */
void trace_loss(const struct conv *c, enum trace_kind kind, uint32_t a, uint32_t b);

/* Whose is a packet between these two: a conversation's, or a listener's that takes calls there;
 * NULL. */
const struct conv *trace_whose(const struct stack *s, uint8_t protocol,
	const struct endpoint *local, const struct endpoint *peer);

/* Fill in what the header at AT says, LEN bytes of which are there, of a packet of TOTAL: E has
 * its addresses, protocol and direction. Whose it is, as trace_whose. Only looks. */
const struct conv *trace_look(const struct stack *s, struct trace_event *e, const uint8_t *at,
	size_t len, uint32_t total);

#endif
