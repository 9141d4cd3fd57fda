/* neigh_table.c - see neigh_table.h. */
#include "neigh_table.h"

#include "../link/ifc.h"
#include "../stack_private.h"

#include <string.h>

/* An entry that has proven itself makes room for others only when it was not used for this long. */
#define ACTIVE_US (10 * USEC_PER_SEC)

static const char *const state_names[] = {
	[NEIGH_INCOMPLETE] = "INCOMPLETE",
	[NEIGH_REACHABLE] = "REACHABLE",
	[NEIGH_STALE] = "STALE",
	[NEIGH_DELAY] = "DELAY",
	[NEIGH_PROBE] = "PROBE",
	[NEIGH_FAILED] = "FAILED",
	[NEIGH_PERMANENT] = "PERMANENT",
};

int neigh_table_setup(struct stack *s, timer_fire *fire)
{
	struct neighs *ns = arena_take(&s->arena, sizeof(*ns), _Alignof(struct neighs));

	if (!ns)
		return -ENOMEM;
	list_init(&ns->incomplete);
	list_init(&ns->unproven);
	list_init(&ns->proven);
	list_init(&ns->permanent);
	ns->fire = fire;
	s->neighs = ns;
	return pool_init(&ns->pool, &s->arena, sizeof(struct neigh), LIMIT_NEIGHS);
}

/* --- finding ------------------------------------------------------------------------------- */

static uint64_t hash_of(const struct stack *s, const struct addr *a)
{
	return siphash(&s->secret, a->b, sizeof(a->b));
}

static struct neigh **chain_of(struct stack *s, const struct addr *a)
{
	return &s->neighs->chains[hash_of(s, a) % NEIGH_CHAINS];
}

struct neigh *neigh_find(struct stack *s, const struct ifc *ifc, const struct addr *a)
{
	for (struct neigh *n = *chain_of(s, a); n; n = n->next) {
		if (addr_equal(&n->addr, a) && (!ifc || n->ifc == ifc))
			return n;
	}
	return NULL;
}

struct neigh_asked *neigh_asked_slot(struct stack *s, const struct neigh *n)
{
	uint64_t tag = hash_of(s, &n->addr) ^ n->ifc->index;
	struct neigh_asked *slot = &s->neighs->asked[tag % LIMIT_NEIGH_ASKED];

	if (slot->tag != tag)
		*slot = (struct neigh_asked){ .tag = tag, .at_us = USEC_NEVER };
	return slot;
}

/* --- packets that wait ------------------------------------------------------------------------ */

struct pkt *neigh_take_waiting(struct neigh *n)
{
	struct pkt *p = n->first;

	if (!p)
		return NULL;
	n->first = p->next;
	if (!n->first)
		n->last = NULL;
	n->waiting--;
	p->next = NULL;
	return p;
}

struct pkt *neigh_take_all_waiting(struct neigh *n)
{
	struct pkt *first = n->first;

	n->first = NULL;
	n->last = NULL;
	n->waiting = 0;
	return first;
}

/* All who wait may be of the longest: 64 MiB for addresses that nobody has. */
static uint32_t queue_cap(const struct stack *s)
{
	bool is_short = bufs_pressure_percent(&s->bufs) >= LIMIT_PRESSURE_YELLOW;

	return is_short ? 1 : LIMIT_NEIGH_QUEUE;
}

void neigh_wait(struct stack *s, struct neigh *n, struct pkt *p)
{
	uint32_t cap = queue_cap(s);

	ASSERT(n->state == NEIGH_INCOMPLETE);
	while (n->waiting >= cap)
		drop_sent(s, neigh_take_waiting(n), COUNT_neigh_drop_queue);
	p->next = NULL;
	if (n->last)
		n->last->next = p;
	else
		n->first = p;
	n->last = p;
	n->waiting++;
}

/* --- making room ---------------------------------------------------------------------- */

bool neigh_is_in_doubt(const struct neigh *n)
{
	return n->state == NEIGH_DELAY || n->state == NEIGH_PROBE;
}

static struct list *list_for(struct neighs *ns, const struct neigh *n)
{
	if (n->state == NEIGH_PERMANENT)
		return &ns->permanent;
	if (n->state == NEIGH_INCOMPLETE)
		return &ns->incomplete;
	return n->is_proven ? &ns->proven : &ns->unproven;
}

/* Take N out of the counts and lists that its state has put it into. */
static void leave(struct stack *s, struct neigh *n)
{
	struct neighs *ns = s->neighs;

	timer_stop(&s->timers, &n->timer);
	list_remove(&n->age);
	ns->incomplete_n -= n->state == NEIGH_INCOMPLETE;
	ns->permanent_n -= n->state == NEIGH_PERMANENT;
	ns->in_doubt_n -= neigh_is_in_doubt(n);
}

void neigh_forget(struct stack *s, struct neigh *n)
{
	struct neigh **at = chain_of(s, &n->addr);

	ASSERT(!n->first);
	leave(s, n);
	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	pool_put(&s->neighs->pool, n);
}

/* Nobody has said that it cannot be reached: its senders will try again. */
static void evict(struct stack *s, struct neigh *n)
{
	struct pkt *p;

	while ((p = neigh_take_waiting(n)))
		drop_sent(s, p, COUNT_neigh_drop_queue);
	count(s, COUNT_neigh_evicted);
	neigh_forget(s, n);
}

static struct neigh *oldest(const struct list *l)
{
	return list_is_empty(l) ? NULL : CONTAINER_OF(l->next, struct neigh, age);
}

/* Evict the one that is missed least; false when all are needed more than a newcomer: a sweep must
 * not push out those with whom we talk. */
static bool make_room(struct stack *s)
{
	struct neighs *ns = s->neighs;
	struct neigh *n = oldest(&ns->unproven);

	if (!n) {
		n = oldest(&ns->proven);
		if (n && s->now_us - n->used_us < ACTIVE_US)
			n = NULL;
	}
	if (!n)
		n = oldest(&ns->incomplete);
	if (!n)
		return false;
	evict(s, n);
	return true;
}

/* --- states --------------------------------------------------------------------------- */

static void join(struct stack *s, struct neigh *n, enum neigh_state state)
{
	struct neighs *ns = s->neighs;

	if (state == NEIGH_INCOMPLETE && ns->incomplete_n == LIMIT_NEIGHS_INCOMPLETE)
		evict(s, oldest(&ns->incomplete));
	n->state = (uint8_t)state;
	n->asked = 0;
	ns->incomplete_n += state == NEIGH_INCOMPLETE;
	ns->permanent_n += state == NEIGH_PERMANENT;
	ns->in_doubt_n += neigh_is_in_doubt(n);
	/* One that nobody can use is the first to make room. */
	if (state == NEIGH_FAILED)
		list_prepend(&ns->unproven, &n->age);
	else
		list_append(list_for(ns, n), &n->age);
}

void neigh_enter(struct stack *s, struct neigh *n, enum neigh_state state)
{
	leave(s, n);
	if (state == NEIGH_FAILED)
		n->is_proven = false;
	join(s, n, state);
}

struct neigh *neigh_make(
	struct stack *s, struct ifc *ifc, const struct addr *a, enum neigh_state state)
{
	struct neighs *ns = s->neighs;
	struct neigh **chain = chain_of(s, a);
	struct neigh *n;

	if (ns->pool.out == LIMIT_NEIGHS && !make_room(s))
		return NULL;
	n = pool_get(&ns->pool);
	n->addr = *a;
	n->ifc = ifc;
	n->used_us = s->now_us;
	n->next = *chain;
	*chain = n;
	list_init(&n->age);
	timer_init(&n->timer, ns->fire);
	join(s, n, state);
	return n;
}

void neigh_touch(struct stack *s, struct neigh *n)
{
	n->used_us = s->now_us;
	if (n->state == NEIGH_INCOMPLETE || n->state == NEIGH_FAILED || n->state == NEIGH_PERMANENT)
		return;
	list_remove(&n->age);
	list_append(list_for(s->neighs, n), &n->age);
}

/* --- for readers, and checks ---------------------------------------------------------- */

static const struct neigh *nth(struct list *l, unsigned *i)
{
	for (struct list *at = l->next; at != l; at = at->next) {
		if ((*i)-- == 0)
			return CONTAINER_OF(at, struct neigh, age);
	}
	return NULL;
}

bool neigh_view_at(const struct stack *s, unsigned i, struct neigh_view *out)
{
	struct neighs *ns = s->neighs;
	const struct neigh *n = nth(&ns->permanent, &i);
	enum neigh_state state;

	n = n ? n : nth(&ns->proven, &i);
	n = n ? n : nth(&ns->unproven, &i);
	n = n ? n : nth(&ns->incomplete, &i);
	if (!n)
		return false;
	state = n->state == NEIGH_REACHABLE && s->now_us >= n->fresh_until_us ? NEIGH_STALE
									      : n->state;
	*out = (struct neigh_view){ .addr = n->addr,
		.ifc = n->ifc,
		.has_mac = state != NEIGH_INCOMPLETE && state != NEIGH_FAILED,
		.state = state_names[state],
		.waiting = n->waiting };
	memcpy(out->mac, n->mac, sizeof(out->mac));
	return true;
}

static void check_one(const struct neigh *n)
{
	uint32_t waiting = 0;
	bool has_deadline =
		n->state == NEIGH_INCOMPLETE || neigh_is_in_doubt(n) || n->state == NEIGH_FAILED;

	for (const struct pkt *p = n->first; p; p = p->next) {
		waiting++;
		ASSERT(p->next || p == n->last);
	}
	ASSERT(waiting == n->waiting);
	ASSERT(waiting <= LIMIT_NEIGH_QUEUE);
	ASSERT(waiting == 0 || n->state == NEIGH_INCOMPLETE);
	ASSERT(timer_is_set(&n->timer) == has_deadline);
	ASSERT(n->ifc->link);
}

void neigh_check(const struct stack *s)
{
	const struct neighs *ns = s->neighs;
	uint32_t incomplete = 0;
	uint32_t permanent = 0;
	uint32_t in_doubt = 0;
	uint32_t all = 0;

	for (unsigned i = 0; i < NEIGH_CHAINS; i++) {
		for (const struct neigh *n = ns->chains[i]; n; n = n->next) {
			check_one(n);
			incomplete += n->state == NEIGH_INCOMPLETE;
			permanent += n->state == NEIGH_PERMANENT;
			in_doubt += neigh_is_in_doubt(n);
			all++;
		}
	}
	ASSERT(all == ns->pool.out);
	ASSERT(incomplete == ns->incomplete_n && incomplete <= LIMIT_NEIGHS_INCOMPLETE);
	ASSERT(permanent == ns->permanent_n && permanent <= LIMIT_NEIGHS_PERMANENT);
	ASSERT(in_doubt == ns->in_doubt_n);
	pool_check(&ns->pool);
}
