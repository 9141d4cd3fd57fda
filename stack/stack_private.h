/*
 * stack_private.h - struct stack itself, for files under stack/ only.
 *
 * It holds what every room needs (time, memory, timers, counters) and one pointer to each
 * room's own state, which only that room can look into.
 */
#ifndef CATNET_STACK_PRIVATE_H
#define CATNET_STACK_PRIVATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/pkt.h"
#include "base/random.h"
#include "base/timer.h"
#include "counters.h"
#include "datagrams.h"
#include "limits.h"
#include "ports.h"
#include "proto.h"
#include "stack.h"
#include "trace.h"

#define STACK_PROTOS_MAX 4

/* All conversations of one protocol. */
struct proto_convs {
	const struct proto *proto;
	struct pool pool;
	struct list all;
	uint32_t ending;    /* nobody holds them, and they have something left to say */
	uint32_t to_settle; /* how many of them this round has still to ask, from the first on */
};

/* Changes of state that the holder has not asked for yet: of a ring, those from TAKEN on. */
struct changes {
	struct conv_change *ring; /* LIMIT_CHANGES of them */
	uint64_t written, taken;
	uint64_t lost; /* overwritten since one was taken */
	bool is_watched;
};

int changes_init(struct changes *v, struct arena *a);

struct stack {
	struct stack_config config;
	usec_t now_us;  /* the present; nobody reads a clock */
	bool is_inside; /* a call is running: the stack is never entered twice */

	struct arena arena;
	struct bufs bufs;
	struct pkts pkts;
	struct bytes_home bytes;
	struct datagrams_home datagrams;
	struct timers timers;
	struct random random;
	struct hash_key secret;
	struct trace trace;
	struct changes changes;

	struct ports ports;
	struct proto_convs convs[STACK_PROTOS_MAX];
	unsigned convs_n;
	struct list ready;     /* conversations with news for their holders */
	uint64_t conv_numbers; /* the last one given */
	bool flush_due;        /* some protocol put something off to the end of the batch */
	usec_t settle_us;      /* no round of settling before this */

	struct ifcs *ifcs;     /* link/ifc.c */
	struct lo *lo;         /* link/lo.c */
	struct groups *groups; /* link/group.c */
	struct routes *routes; /* ip/route.c */
	struct neighs *neighs; /* ip/neigh.c */
	struct frags *frags;   /* ip/frag.c */
	struct icmp4 *icmp4;   /* ip/icmp4.c */
	struct ip4 *ip4;       /* ip/ip4.c */
	struct igmp *igmp;     /* ip/igmp.c */
	struct tcp *tcp;       /* tcp/ */
	struct udp *udp;       /* udp/udp_groups.c */

	uint64_t counters[COUNTERS_N];
};

/* What a counter is called. */
const char *counter_name(enum counter what);

static inline void count(struct stack *s, enum counter what)
{
	s->counters[what]++;
}

static inline void count_add(struct stack *s, enum counter what, uint64_t n)
{
	s->counters[what] += n;
}

/* Is anything of what happens to be remembered? */
static inline bool trace_is_on(const struct stack *s)
{
	return __builtin_expect(s->trace.wanted != 0, 0);
}

/* What set the stack to work: the cause of every state that changes from now on. */
static inline void because(struct stack *s, enum trace_cause cause, unsigned what)
{
	s->trace.because =
		(struct trace_because){ .cause = (uint8_t)cause, .what = (uint16_t)what };
}

/* WHY has happened to the packet that is being looked at, which is freed by somebody else. */
static inline void count_drop(struct stack *s, enum counter why)
{
	s->counters[why]++;
	if (trace_is_on(s))
		trace_drop(s, why);
}

/* Somebody's packet ends here, and why: counts and frees. */
static inline void drop(struct stack *s, struct pkt *p, enum counter why)
{
	count_drop(s, why);
	pkt_free(&s->pkts, p);
}

/* As drop, of what we sent and somebody below could not send on: P begins with its IP header. */
static inline void drop_sent(struct stack *s, struct pkt *p, enum counter why)
{
	s->counters[why]++;
	if (trace_is_on(s))
		trace_drop_sent(s, p, why);
	pkt_free(&s->pkts, p);
}

/* Something waits for the end of the batch: stack_flush must be called, or stack_poll now. */
static inline void stack_flush_later(struct stack *s)
{
	s->flush_due = true;
}

#endif
