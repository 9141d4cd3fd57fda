/*
 * A deadline lies at the level of the highest 6-bit digit in which it differs from now, in
 * the slot of its own digit there. That stays true while time moves, because time never
 * passes the beginning of an occupied slot without spreading it over the levels below. So
 * where a timer lies follows from its deadline alone, nothing is searched, and all of a lower
 * level comes before all of a higher one.
 */
#include "timer.h"

#define DIGIT_MASK ((usec_t)TIMER_SLOTS - 1)

struct place {
	unsigned level;
	unsigned slot;
};

static unsigned digit(usec_t at_us, unsigned level)
{
	return (unsigned)(at_us >> level * TIMER_SLOTS_BITS & DIGIT_MASK);
}

static struct place place_of(const struct timers *ts, usec_t at_us)
{
	usec_t differs = at_us ^ ts->now_us;
	unsigned level = 0;

	if (differs)
		level = (63 - (unsigned)__builtin_clzll(differs)) / TIMER_SLOTS_BITS;
	return (struct place){ level, digit(at_us, level) };
}

void timers_init(struct timers *ts, usec_t now_us, void *arg)
{
	*ts = (struct timers){ .now_us = now_us, .arg = arg };
	for (unsigned level = 0; level < TIMER_LEVELS; level++)
		for (unsigned slot = 0; slot < TIMER_SLOTS; slot++)
			list_init(&ts->slots[level][slot]);
}

void timer_init(struct timer *t, timer_fire *fire)
{
	ASSERT(fire);
	list_init(&t->link);
	t->at_us = 0;
	t->fire = fire;
}

bool timer_is_set(const struct timer *t)
{
	return list_is_linked(&t->link);
}

static void put(struct timers *ts, struct timer *t)
{
	struct place p = place_of(ts, t->at_us);
	uint64_t bit = (uint64_t)1 << p.slot;
	usec_t *earliest_us = &ts->earliest_us[p.level][p.slot];

	if (!(ts->occupied[p.level] & bit) || t->at_us < *earliest_us)
		*earliest_us = t->at_us;
	ts->occupied[p.level] |= bit;
	list_append(&ts->slots[p.level][p.slot], &t->link);
}

/* The earliest deadline of what is left in the slot is not searched for: it stays early. */
static void take(struct timers *ts, struct timer *t)
{
	struct place p = place_of(ts, t->at_us);

	list_remove(&t->link);
	if (list_is_empty(&ts->slots[p.level][p.slot]))
		ts->occupied[p.level] &= ~((uint64_t)1 << p.slot);
}

void timer_set(struct timers *ts, struct timer *t, usec_t at_us)
{
	timer_stop(ts, t);
	t->at_us = max_u64(at_us, ts->now_us);
	put(ts, t);
	ts->armed++;
}

void timer_stop(struct timers *ts, struct timer *t)
{
	if (!timer_is_set(t))
		return;
	take(ts, t);
	ts->armed--;
}

/* The occupied slot whose time comes first; false when nothing is set. */
static bool first_place(const struct timers *ts, struct place *out)
{
	for (unsigned level = 0; level < TIMER_LEVELS; level++) {
		if (!ts->occupied[level])
			continue;
		out->level = level;
		out->slot = (unsigned)__builtin_ctzll(ts->occupied[level]);
		return true;
	}
	return false;
}

/* When a slot begins: now's digits above it, its own, and zeroes below. */
static usec_t slot_begins(const struct timers *ts, struct place p)
{
	unsigned shift = p.level * TIMER_SLOTS_BITS;
	usec_t below = ((usec_t)1 << shift) - 1;

	return (ts->now_us & ~(below | DIGIT_MASK << shift)) | (usec_t)p.slot << shift;
}

/* Time has come to the beginning of this slot: its timers go to the levels below, where
 * nothing lies, in their order, so that equal deadlines keep theirs. */
static void spread(struct timers *ts, struct place p)
{
	struct list all;

	list_init(&all);
	list_splice(&all, &ts->slots[p.level][p.slot]);
	ts->occupied[p.level] &= ~((uint64_t)1 << p.slot);
	LIST_EACH(at, &all)
	{
		list_remove(at);
		put(ts, CONTAINER_OF(at, struct timer, link));
	}
}

/* Also what is set for this moment meanwhile. */
static void fire_slot(struct timers *ts, unsigned slot)
{
	struct list *l = &ts->slots[0][slot];

	while (!list_is_empty(l)) {
		struct timer *t = CONTAINER_OF(l->next, struct timer, link);

		timer_stop(ts, t);
		t->fire(ts->arg, t);
	}
}

void timers_run(struct timers *ts, usec_t now_us)
{
	struct place p;

	ASSERT(now_us >= ts->now_us);
	while (first_place(ts, &p) && slot_begins(ts, p) <= now_us) {
		ts->now_us = slot_begins(ts, p);
		if (p.level > 0)
			spread(ts, p);
		else
			fire_slot(ts, p.slot);
	}
	ts->now_us = now_us;
}

usec_t timers_next(const struct timers *ts)
{
	struct place p;

	return first_place(ts, &p) ? ts->earliest_us[p.level][p.slot] : USEC_NEVER;
}

void timers_check(const struct timers *ts)
{
	uint32_t armed = 0;

	for (unsigned level = 0; level < TIMER_LEVELS; level++) {
		for (unsigned slot = 0; slot < TIMER_SLOTS; slot++) {
			const struct list *l = &ts->slots[level][slot];

			ASSERT(list_is_empty(l) == !(ts->occupied[level] >> slot & 1));
			for (struct list *at = l->next; at != l; at = at->next) {
				struct timer *t = CONTAINER_OF(at, struct timer, link);
				struct place p = place_of(ts, t->at_us);

				ASSERT(t->at_us >= ts->now_us);
				ASSERT(t->at_us >= ts->earliest_us[level][slot]);
				ASSERT(p.level == level);
				ASSERT(p.slot == slot);
				armed++;
			}
		}
	}
	ASSERT(armed == ts->armed);
}
