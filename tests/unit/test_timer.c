/*
 * The wheel, next to a model of it: a flat table of deadlines that is searched from end to end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/timer.h"
#include "../lib/region.h"

#define TIMERS    200
#define FIRED_MAX 100000

/* A timer, and what the model knows of it. */
struct item {
	struct timer timer;
	bool is_set;
	usec_t at_us;
	uint64_t order; /* when it was set, among all */
};

struct box {
	struct timers ts;
	struct item item[TIMERS];
	uint64_t orders;
	unsigned fired[FIRED_MAX];
	unsigned fired_n;
	usec_t again_us; /* a timer that fires is set again to this; 0 for not */
	unsigned again_n;
};

static struct box box;

static void set(unsigned i, usec_t at_us)
{
	timer_set(&box.ts, &box.item[i].timer, at_us);
	box.item[i].is_set = true;
	box.item[i].at_us = max_u64(at_us, box.ts.now_us);
	box.item[i].order = box.orders++;
}

static void stop(unsigned i)
{
	timer_stop(&box.ts, &box.item[i].timer);
	box.item[i].is_set = false;
}

/* Of what is due at NOW_US, the item that must fire first; NULL for none. */
static struct item *first_due(usec_t now_us)
{
	struct item *first = NULL;

	for (unsigned i = 0; i < TIMERS; i++) {
		struct item *it = &box.item[i];

		if (!it->is_set || it->at_us > now_us)
			continue;
		if (!first || it->at_us < first->at_us ||
			(it->at_us == first->at_us && it->order < first->order))
			first = it;
	}
	return first;
}

static usec_t earliest(void)
{
	struct item *first = first_due(USEC_NEVER);

	return first ? first->at_us : USEC_NEVER;
}

static void on_fire(void *arg, struct timer *t)
{
	struct item *it = CONTAINER_OF(t, struct item, timer);

	assert_ptr_equal(arg, &box);
	assert_ptr_equal(it, first_due(USEC_NEVER));
	assert_false(timer_is_set(t));
	assert_int_equal(box.ts.now_us, it->at_us);
	it->is_set = false;
	box.fired[box.fired_n++ % FIRED_MAX] = (unsigned)(it - box.item);
	if (box.again_us && box.again_n-- > 0)
		set((unsigned)(it - box.item), box.again_us);
}

static void run(usec_t now_us)
{
	timers_run(&box.ts, now_us);
	assert_null(first_due(now_us));
	assert_true(timers_next(&box.ts) > now_us);
}

static void open_at(usec_t now_us)
{
	memset(&box, 0, sizeof(box));
	timers_init(&box.ts, now_us, &box);
	for (unsigned i = 0; i < TIMERS; i++)
		timer_init(&box.item[i].timer, on_fire);
}

static int box_open(void **state)
{
	(void)state;
	open_at(1000000);
	return 0;
}

static int box_close(void **state)
{
	(void)state;
	timers_check(&box.ts);
	return 0;
}

static void an_empty_wheel_never_wakes_anybody(void **state)
{
	(void)state;
	assert_true(timers_next(&box.ts) == USEC_NEVER);
}

static void a_timer_fires_at_its_time_and_not_before(void **state)
{
	(void)state;
	set(0, 1234567);
	run(1234566);
	assert_int_equal(box.fired_n, 0);
	run(1234567);
	assert_int_equal(box.fired_n, 1);
}

static void a_stopped_timer_does_not_fire(void **state)
{
	(void)state;
	set(0, 1500000);
	stop(0);
	stop(0);
	run(2000000);
	assert_int_equal(box.fired_n, 0);
}

static void a_moved_timer_fires_once_and_at_the_later_time(void **state)
{
	(void)state;
	set(0, 1500000);
	set(0, 1700000);
	run(1699999);
	assert_int_equal(box.fired_n, 0);
	run(3000000);
	assert_int_equal(box.fired_n, 1);
}

static void equal_deadlines_fire_in_the_order_they_were_set(void **state)
{
	(void)state;
	set(2, 9000000);
	set(0, 9000000);
	run(8999990); /* by now they have come down from a higher level */
	set(1, 9000000);
	run(9000000);
	assert_int_equal(box.fired_n, 3);
	assert_int_equal(box.fired[0], 2);
	assert_int_equal(box.fired[1], 0);
	assert_int_equal(box.fired[2], 1);
}

static void what_is_set_to_the_past_fires_at_the_next_run_in_order(void **state)
{
	(void)state;
	set(0, 1000000);
	set(1, 5);
	set(2, 0);
	assert_true(timers_next(&box.ts) == 1000000);
	run(1000000);
	assert_int_equal(box.fired_n, 3);
	assert_int_equal(box.fired[1], 1);
}

static void a_timer_set_while_firing_fires_in_the_same_run_if_due(void **state)
{
	(void)state;
	box.again_us = 1600000;
	box.again_n = 3;
	set(0, 1500000);
	run(1600000);
	assert_int_equal(box.fired_n, 4);
}

static void the_next_deadline_is_exact_however_far_it_is(void **state)
{
	(void)state;
	for (unsigned bit = 1; bit < 63; bit++) {
		usec_t at_us = box.ts.now_us + ((usec_t)1 << bit) + 1;

		set(0, at_us);
		assert_true(timers_next(&box.ts) == at_us);
	}
}

static void the_last_moment_there_is_can_be_waited_for(void **state)
{
	(void)state;
	set(0, USEC_NEVER - 1);
	run(USEC_NEVER - 2);
	run(USEC_NEVER - 1);
	assert_int_equal(box.fired_n, 1);
}

static void a_timer_is_found_where_digits_carry_over(void **state)
{
	(void)state;
	for (unsigned bit = 1; bit < 62; bit++) {
		usec_t edge_us = (usec_t)1 << bit;

		open_at(edge_us - 1);
		set(0, edge_us);
		set(1, edge_us + 1);
		set(2, edge_us - 1);
		run(edge_us - 1);
		assert_int_equal(box.fired_n, 1);
		assert_true(timers_next(&box.ts) == edge_us);
		run(edge_us);
		assert_int_equal(box.fired_n, 2);
		run(edge_us + 1);
		assert_int_equal(box.fired_n, 3);
	}
}

/* A distance of every order of magnitude, so that all levels have their share. */
static usec_t some_distance(struct random *r)
{
	return random_u64(r) >> (20 + random_below(r, 44));
}

static void model_step(struct random *r)
{
	unsigned i = random_below(r, TIMERS);

	switch (random_below(r, 8)) {
	case 0:
		stop(i);
		break;
	case 1:
		run(box.ts.now_us + some_distance(r));
		break;
	case 2:
		if (timers_next(&box.ts) != USEC_NEVER)
			run(timers_next(&box.ts));
		break;
	case 3:
		set(i, box.ts.now_us - min_u64(some_distance(r), box.ts.now_us));
		break;
	default:
		set(i, box.ts.now_us + some_distance(r));
	}
	assert_true(timers_next(&box.ts) <= earliest());
}

static void the_wheel_does_what_a_searched_table_does(void **state)
{
	struct random r;

	(void)state;
	seeded(&r);
	for (uint32_t n = steps(100000); n > 0; n--) {
		/* Far deadlines use up even 64 bits of time. */
		if (box.ts.now_us > (usec_t)1 << 62)
			open_at(random_below(&r, 1 << 30));
		model_step(&r);
		if (n % 64 == 0)
			timers_check(&box.ts);
	}
}

static void without_stops_the_next_deadline_is_exact(void **state)
{
	struct random r;

	(void)state;
	seeded(&r);
	for (uint32_t n = steps(20000); n > 0; n--) {
		unsigned i = random_below(&r, TIMERS);

		if (box.ts.now_us > (usec_t)1 << 62)
			open_at(random_below(&r, 1 << 30));
		if (!box.item[i].is_set)
			set(i, box.ts.now_us + some_distance(&r));
		assert_true(timers_next(&box.ts) == earliest());
		if (random_below(&r, 4) == 0)
			run(box.ts.now_us + some_distance(&r));
	}
}

static void early_wake_ups_after_stops_are_few(void **state)
{
	unsigned wakes = 0;

	(void)state;
	for (unsigned i = 0; i < TIMERS; i++)
		set(i, 100000000 + i * 7000);
	for (unsigned i = 0; i < TIMERS - 1; i++)
		stop(i);
	while (box.fired_n == 0) {
		run(timers_next(&box.ts));
		wakes++;
	}
	assert_in_range(wakes, 1, TIMER_LEVELS);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, box_open, box_close)
	const struct CMUnitTest tests[] = {
		TEST(an_empty_wheel_never_wakes_anybody),
		TEST(a_timer_fires_at_its_time_and_not_before),
		TEST(a_stopped_timer_does_not_fire),
		TEST(a_moved_timer_fires_once_and_at_the_later_time),
		TEST(equal_deadlines_fire_in_the_order_they_were_set),
		TEST(what_is_set_to_the_past_fires_at_the_next_run_in_order),
		TEST(a_timer_set_while_firing_fires_in_the_same_run_if_due),
		TEST(the_next_deadline_is_exact_however_far_it_is),
		TEST(the_last_moment_there_is_can_be_waited_for),
		TEST(a_timer_is_found_where_digits_carry_over),
		TEST(the_wheel_does_what_a_searched_table_does),
		TEST(without_stops_the_next_deadline_is_exact),
		TEST(early_wake_ups_after_stops_are_few),
	};

	return cmocka_run_group_tests_name("timer", tests, NULL, NULL);
}
