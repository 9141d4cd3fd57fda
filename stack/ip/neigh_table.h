/*
 * neigh_table.h - the entries of the neighbour cache: who is there, in which state, and who makes
 * room for whom.
 *
 * For neigh.c only, which decides; here is what every decision must keep true: each entry lies in
 * its chain and in the list of its state, the counts agree, and nobody is pushed out who is needed
 * more than the newcomer.
 */
#ifndef CATNET_NEIGH_TABLE_H
#define CATNET_NEIGH_TABLE_H

#include "../base/arena.h"
#include "../base/list.h"
#include "../base/timer.h"
#include "../limits.h"
#include "neigh.h"

/* RFC 4861 7.3.2, and what a cache needs besides. */
enum neigh_state {
	NEIGH_INCOMPLETE, /* asked everybody; no MAC yet, packets wait. Left by an answer, or FAILED
			   */
	NEIGH_REACHABLE,  /* answered not long ago; from fresh_until_us on it counts as STALE */
	NEIGH_STALE,      /* has a MAC that nobody has confirmed; the next packet makes it DELAY */
	NEIGH_DELAY,      /* in use; the transport has a few seconds to confirm it before we ask */
	NEIGH_PROBE,  /* asked at its MAC; packets go there meanwhile. Lost: INCOMPLETE, or gone */
	NEIGH_FAILED, /* did not answer; packets are refused for a while, then the entry goes */
	NEIGH_PERMANENT, /* the administrator's: never asked for, never changed from outside */
};

struct neigh {
	struct neigh *next; /* in its chain */
	struct list age;    /* in one of the lists of struct neighs, least recently used first */
	struct timer timer;
	struct addr addr;
	struct ifc *ifc;
	uint8_t mac[6];
	uint8_t state;
	uint8_t asked;  /* requests of this round */
	bool is_proven; /* has answered us, or the transport has said so */
	usec_t used_us;
	usec_t fresh_until_us;
	struct pkt *first; /* only while INCOMPLETE */
	struct pkt *last;
	uint32_t waiting;
};

/* When an address was last asked for; outlives its entry, so that an entry which is pushed out
 * and comes back cannot make us ask more than once a second (RFC 1122 2.3.2.1). */
struct neigh_asked {
	uint64_t tag;
	usec_t at_us; /* USEC_NEVER: not yet */
};

#define NEIGH_CHAINS (2 * LIMIT_NEIGHS)

struct neighs {
	struct pool pool;
	struct list incomplete;
	struct list unproven; /* the first to make room */
	struct list proven;
	struct list permanent;
	uint32_t incomplete_n;
	uint32_t permanent_n;
	uint32_t in_doubt_n; /* DELAY or PROBE: what a transport's word can change */
	struct pkt *failed_first;
	struct pkt *failed_last;
	struct neigh_asked asked[LIMIT_NEIGH_ASKED];
	struct neigh *chains[NEIGH_CHAINS];
	timer_fire *fire;
};

/* Carve the table, whose timers call FIRE; 0 or -ENOMEM. */
int neigh_table_setup(struct stack *s, timer_fire *fire);

/* The entry of A on IFC, or on any when IFC is NULL; NULL. */
struct neigh *neigh_find(struct stack *s, const struct ifc *ifc, const struct addr *a);

/* A new entry in STATE, for which others may have been evicted; NULL when there is no room. */
struct neigh *neigh_make(
	struct stack *s, struct ifc *ifc, const struct addr *a, enum neigh_state state);

/* The one door between states. The timer is stopped; who needs it sets it. May evict another entry
 * when STATE has its own cap. */
void neigh_enter(struct stack *s, struct neigh *n, enum neigh_state state);

/* Free N, for which no packet waits. */
void neigh_forget(struct stack *s, struct neigh *n);

/* Used now: the last to make room. */
void neigh_touch(struct stack *s, struct neigh *n);

bool neigh_is_in_doubt(const struct neigh *n);

/* Where it is kept when N was last asked for. */
struct neigh_asked *neigh_asked_slot(struct stack *s, const struct neigh *n);

/* The queue before an unresolved neighbour: RFC 1122 2.3.2.2, at least the latest is kept. */
void neigh_wait(struct stack *s, struct neigh *n, struct pkt *p);
struct pkt *neigh_take_waiting(struct neigh *n);

/* All that wait, linked by next; N has none any more. */
struct pkt *neigh_take_all_waiting(struct neigh *n);

#endif
