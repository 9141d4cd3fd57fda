/* neigh.c - see neigh.h. */
#include "neigh.h"

#include "../link/ifc.h"
#include "../stack_private.h"
#include "arp.h"
#include "ip4.h"
#include "neigh_table.h"
#include "route.h"

#include <string.h>

/* RFC 4861 10, by its own names. */
#define RETRANS_TIMER_US     (1 * USEC_PER_SEC)
#define REACHABLE_TIME_US    (30 * USEC_PER_SEC)
#define DELAY_FIRST_PROBE_US (5 * USEC_PER_SEC)
#define MAX_SOLICIT          3

/* How long we know that nobody answers, before a new packet makes us ask again. */
#define FAILED_US (3 * USEC_PER_SEC)

/* --- packets that waited in vain ------------------------------------------------------------- */

static void failed_put(struct stack *s, struct pkt *p)
{
	struct neighs *ns = s->neighs;

	count(s, COUNT_neigh_drop_unreachable);
	if (trace_is_on(s))
		trace_drop_sent(s, p, COUNT_neigh_drop_unreachable);
	p->next = NULL;
	if (ns->failed_last)
		ns->failed_last->next = p;
	else
		ns->failed_first = p;
	ns->failed_last = p;
	stack_flush_later(s); /* its sender is told with the batch, also when no timer is near */
}

struct pkt *neigh_take_failed(struct stack *s)
{
	struct neighs *ns = s->neighs;
	struct pkt *p = ns->failed_first;

	if (!p)
		return NULL;
	ns->failed_first = p->next;
	if (!ns->failed_first)
		ns->failed_last = NULL;
	p->next = NULL;
	return p;
}

/* --- asking ----------------------------------------------------------------------------------- */

/* Ask, but never twice within a second: then later. The timer runs until the next step. */
static void ask(struct stack *s, struct neigh *n)
{
	struct neigh_asked *slot = neigh_asked_slot(s, n);
	usec_t next_us = slot->at_us == USEC_NEVER ? s->now_us : slot->at_us + RETRANS_TIMER_US;

	if (next_us > s->now_us) {
		timer_set(&s->timers, &n->timer, next_us);
		return;
	}
	slot->at_us = s->now_us;
	n->asked++;
	timer_set(&s->timers, &n->timer, s->now_us + RETRANS_TIMER_US);
	arp_ask(s, n->ifc, &n->addr, n->state == NEIGH_PROBE ? n->mac : NULL);
}

static void begin_to_ask(struct stack *s, struct neigh *n, enum neigh_state state)
{
	ASSERT(state == NEIGH_INCOMPLETE || state == NEIGH_PROBE);
	neigh_enter(s, n, state);
	ask(s, n);
}

/* What waits goes by another gateway, or back to its senders. N is not touched once that has
 * begun: a packet's new way may need room in the table. */
static void fail(struct stack *s, struct neigh *n)
{
	struct pkt *p = neigh_take_all_waiting(n);
	struct addr hop = n->addr;

	route_gateway_is(s, &hop, true);
	neigh_enter(s, n, NEIGH_FAILED);
	timer_set(&s->timers, &n->timer, s->now_us + FAILED_US);
	while (p) {
		struct pkt *next = p->next;

		p->next = NULL;
		if (!ip4_reroute(s, &hop, p))
			failed_put(s, p);
		p = next;
	}
}

/* No answer at the MAC we knew. Whoever still sends to it finds out whether it has a new one; an
 * entry that nobody used meanwhile is not worth the question. */
static void lose(struct stack *s, struct neigh *n)
{
	if (n->used_us + MAX_SOLICIT * RETRANS_TIMER_US < s->now_us)
		neigh_forget(s, n);
	else
		begin_to_ask(s, n, NEIGH_INCOMPLETE);
}

static void neigh_timer(void *arg, struct timer *t)
{
	struct stack *s = arg;
	struct neigh *n = CONTAINER_OF(t, struct neigh, timer);

	if (n->state == NEIGH_FAILED)
		neigh_forget(s, n);
	else if (n->state == NEIGH_DELAY)
		begin_to_ask(s, n, NEIGH_PROBE);
	else if (n->asked < MAX_SOLICIT)
		ask(s, n);
	else if (n->state == NEIGH_PROBE)
		lose(s, n);
	else
		fail(s, n);
}

int neigh_setup(struct stack *s)
{
	return neigh_table_setup(s, neigh_timer);
}

/* --- sending -------------------------------------------------------------------------- */

/* N has a MAC. RFC 4861 7.3.3: the first packet to a stale neighbour starts its DELAY. */
static void send_to(struct stack *s, struct neigh *n, struct pkt *p)
{
	if (n->state == NEIGH_REACHABLE && s->now_us >= n->fresh_until_us)
		neigh_enter(s, n, NEIGH_STALE);
	if (n->state == NEIGH_STALE) {
		neigh_enter(s, n, NEIGH_DELAY);
		timer_set(&s->timers, &n->timer, s->now_us + DELAY_FIRST_PROBE_US);
	}
	ip4_transmit(s, n->ifc, n->mac, p);
}

int neigh_output(struct stack *s, struct ifc *ifc, const struct addr *next_hop, struct pkt *p)
{
	struct neigh *n = neigh_find(s, ifc, next_hop);
	bool is_new = !n;

	if (is_new)
		n = neigh_make(s, ifc, next_hop, NEIGH_INCOMPLETE);
	if (!n) {
		drop_sent(s, p, COUNT_neigh_drop_no_entry);
		return -ENOBUFS;
	}
	neigh_touch(s, n);
	if (n->state == NEIGH_FAILED) {
		drop_sent(s, p, COUNT_neigh_drop_unreachable);
		return -EHOSTUNREACH;
	}
	if (n->state == NEIGH_INCOMPLETE)
		neigh_wait(s, n, p);
	else
		send_to(s, n, p);
	if (is_new)
		ask(s, n);
	return 0;
}

/* --- hearing -------------------------------------------------------------------------- */

static void send_waiting(struct stack *s, struct neigh *n)
{
	struct pkt *p;

	while ((p = neigh_take_waiting(n)))
		send_to(s, n, p);
}

static void reached(struct stack *s, struct neigh *n)
{
	/* RFC 4861 6.3.2: uniform between 0.5 and 1.5 times the base, so that not all hosts ask at
	 * the same time. */
	usec_t span_us = REACHABLE_TIME_US / 2 + random_below(&s->random, REACHABLE_TIME_US);

	n->is_proven = true;
	n->fresh_until_us = s->now_us + span_us;
	neigh_enter(s, n, NEIGH_REACHABLE);
}

/* The MAC is new or has been said again: RFC 4861 7.2.5, with RFC 826's rule that what anybody
 * says of his own MAC is believed. */
static void learn(struct stack *s, struct neigh *n, const uint8_t mac[6], enum neigh_news news)
{
	bool had_none = n->state == NEIGH_INCOMPLETE || n->state == NEIGH_FAILED;
	bool was_asked = n->state == NEIGH_INCOMPLETE || n->state == NEIGH_PROBE;
	bool is_new = had_none || memcmp(n->mac, mac, 6) != 0;

	memcpy(n->mac, mac, 6);
	if (news == NEIGH_ANSWERED && was_asked)
		reached(s, n);
	else if (is_new)
		neigh_enter(s, n, NEIGH_STALE);
	if (had_none)
		route_gateway_is(s, &n->addr, false);
	send_waiting(s, n);
}

void neigh_heard(struct stack *s, struct ifc *ifc, const struct addr *a, const uint8_t mac[6],
	enum neigh_news news)
{
	struct neigh *n = neigh_find(s, ifc, a);

	ASSERT(!(mac[0] & 1));
	if (!n && news == NEIGH_SEEN)
		return;
	if (!n) {
		n = neigh_make(s, ifc, a, NEIGH_STALE);
		if (n)
			memcpy(n->mac, mac, 6);
		return;
	}
	if (n->state != NEIGH_PERMANENT)
		learn(s, n, mac, news);
}

void neigh_confirm(struct stack *s, const struct addr *a)
{
	struct neigh *n = neigh_find(s, NULL, a);

	if (n && neigh_is_in_doubt(n))
		reached(s, n);
}

void neigh_doubt(struct stack *s, const struct addr *a)
{
	struct neigh *n = neigh_find(s, NULL, a);

	if (n &&
		(n->state == NEIGH_REACHABLE || n->state == NEIGH_STALE || n->state == NEIGH_DELAY))
		begin_to_ask(s, n, NEIGH_PROBE);
}

bool neigh_any_in_doubt(const struct stack *s)
{
	return s->neighs->in_doubt_n > 0;
}

/* --- the administrator ---------------------------------------------------------------- */

int neigh_add(struct stack *s, struct ifc *ifc, const struct addr *a, const uint8_t mac[6])
{
	struct neigh *n = neigh_find(s, ifc, a);

	if (n && n->state == NEIGH_PERMANENT) {
		memcpy(n->mac, mac, 6);
		return 0;
	}
	if (s->neighs->permanent_n == LIMIT_NEIGHS_PERMANENT)
		return -ENOSPC;
	if (n)
		neigh_enter(s, n, NEIGH_PERMANENT);
	else
		n = neigh_make(s, ifc, a, NEIGH_PERMANENT);
	if (!n)
		return -ENOSPC;
	memcpy(n->mac, mac, 6);
	route_gateway_is(s, a, false);
	send_waiting(s, n);
	return 0;
}

/* Forget N; what waits has failed, which its senders are to learn soon. */
static void end(struct stack *s, struct neigh *n)
{
	struct pkt *p;

	if (n->first)
		stack_flush_later(s);
	while ((p = neigh_take_waiting(n)))
		failed_put(s, p);
	neigh_forget(s, n);
}

int neigh_del(struct stack *s, const struct addr *a)
{
	struct neigh *n = neigh_find(s, NULL, a);

	if (!n)
		return -ENOENT;
	for (; n; n = neigh_find(s, NULL, a))
		end(s, n);
	return 0;
}

static void end_all(struct stack *s, struct list *l, const struct ifc *ifc)
{
	LIST_EACH(at, l)
	{
		struct neigh *n = CONTAINER_OF(at, struct neigh, age);

		if (!ifc || n->ifc == ifc)
			end(s, n);
	}
}

void neigh_flush(struct stack *s)
{
	end_all(s, &s->neighs->incomplete, NULL);
	end_all(s, &s->neighs->unproven, NULL);
	end_all(s, &s->neighs->proven, NULL);
}

void neigh_forget_ifc(struct stack *s, struct ifc *ifc)
{
	end_all(s, &s->neighs->incomplete, ifc);
	end_all(s, &s->neighs->unproven, ifc);
	end_all(s, &s->neighs->proven, ifc);
	end_all(s, &s->neighs->permanent, ifc);
}
