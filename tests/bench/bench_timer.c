/*
 * What a timer costs: set and stopped, moved, and fired, with few and with a million armed.
 * Prints nanoseconds; judges nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../stack/base/random.h"
#include "../../stack/base/timer.h"

#define ROUNDS 4000000u

/* As in a conversation, timers do not lie next to each other. */
struct host {
	struct timer timer;
	uint8_t rest[96];
};

static struct timers wheel;
static struct host *hosts;

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void on_fire(void *arg, struct timer *t)
{
	(void)arg;
	(void)t;
}

/* Timeouts of 200 ms to 2 s, and one in ten of up to two hours. */
static usec_t some_time(struct random *r)
{
	usec_t span_us = random_below(r, 10) ? 1800000 : 7200000000u;

	return wheel.now_us + 200000 + random_u64(r) % span_us;
}

static void say(const char *what, uint32_t armed, double ns, uint32_t n)
{
	printf("%-28s %8u armed  %7.1f ns\n", what, armed, ns / n);
}

static void arm(struct random *r, uint32_t n)
{
	timers_init(&wheel, 1000000, NULL);
	for (uint32_t i = 0; i < n; i++) {
		timer_init(&hosts[i].timer, on_fire);
		timer_set(&wheel, &hosts[i].timer, some_time(r));
	}
}

/* Which timer, and when, is drawn beforehand: only the wheel is measured. */
static void bench(uint32_t armed, usec_t *at_us, uint32_t *which)
{
	struct random r;
	uint8_t seed[16] = { 1 };
	double start;

	random_init(&r, seed);
	arm(&r, armed);
	for (uint32_t i = 0; i < ROUNDS; i++) {
		at_us[i] = some_time(&r);
		which[i] = random_below(&r, armed);
	}
	start = now_ns();
	for (uint32_t i = 0; i < ROUNDS; i++)
		hosts[which[i]].rest[0]++;
	say("only looking at its host", armed, now_ns() - start, ROUNDS);
	start = now_ns();
	for (uint32_t i = 0; i < ROUNDS; i++) {
		timer_stop(&wheel, &hosts[which[i]].timer);
		timer_set(&wheel, &hosts[which[i]].timer, at_us[i]);
	}
	say("stop and set, any timer", armed, now_ns() - start, ROUNDS);
	start = now_ns();
	for (uint32_t i = 0; i < ROUNDS; i++) {
		struct timer *t = &hosts[which[i / 16]].timer;

		timer_set(&wheel, t, at_us[i]);
		timers_next(&wheel);
	}
	say("set and next, 16 in a row", armed, now_ns() - start, ROUNDS);
	start = now_ns();
	timers_run(&wheel, wheel.now_us + 10000000000u);
	say("fire", armed, now_ns() - start, armed);
}

int main(void)
{
	usec_t *at_us = malloc(ROUNDS * sizeof(*at_us));
	uint32_t *which = malloc(ROUNDS * sizeof(*which));

	hosts = malloc(1000000 * sizeof(*hosts));
	if (!at_us || !which || !hosts)
		return 1;
	for (uint32_t armed = 100; armed <= 1000000; armed *= 100)
		bench(armed, at_us, which);
	free(at_us);
	free(which);
	free(hosts);
	return 0;
}
