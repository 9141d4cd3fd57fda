/*
 * timer.h - deadlines, on a hierarchical timing wheel.
 *
 * A timer lives inside what it serves and is set, moved and stopped in constant time, however
 * many there are. The next deadline is never late and exact unless the earliest timer has
 * been stopped since; equal deadlines fire in the order they were set. The wheel reads no
 * clock: time is what timers_run is told.
 */
#ifndef CATNET_TIMER_H
#define CATNET_TIMER_H

#include "list.h"

#define TIMER_LEVELS     11 /* of 6 bits each: all of a usec_t */
#define TIMER_SLOTS_BITS 6
#define TIMER_SLOTS      64

struct timers;
struct timer;

/* Called with the timer already stopped, so that it may be set again. ARG is the wheel's. */
typedef void timer_fire(void *arg, struct timer *t);

struct timer {
	struct list link;
	usec_t at_us;
	timer_fire *fire;
};

struct timers {
	usec_t now_us;
	void *arg;
	uint32_t armed;
	uint64_t occupied[TIMER_LEVELS];
	usec_t earliest_us[TIMER_LEVELS][TIMER_SLOTS]; /* not later than any that lies there */
	struct list slots[TIMER_LEVELS][TIMER_SLOTS];
};

/* An empty wheel at NOW_US, whose timers are told ARG. */
void timers_init(struct timers *ts, usec_t now_us, void *arg);

/* A timer that is not set and will call FIRE. */
void timer_init(struct timer *t, timer_fire *fire);

bool timer_is_set(const struct timer *t);

/* Fire at AT_US (or at the next run, if that has passed); a set timer is moved. */
void timer_set(struct timers *ts, struct timer *t, usec_t at_us);

/* Not at all; a timer that is not set stays so. */
void timer_stop(struct timers *ts, struct timer *t);

/* Move time to NOW_US and fire, in order of deadline, all that has come due, also what the
 * fired ones set to NOW_US or before. Time never runs backwards: asserted. */
void timers_run(struct timers *ts, usec_t now_us);

/* The next deadline; USEC_NEVER when nothing is set. */
usec_t timers_next(const struct timers *ts);

/* Assert that each timer lies in the slot where it belongs. */
void timers_check(const struct timers *ts);

#endif
