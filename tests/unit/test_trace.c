/*
 * A ring of events, of which the newest win.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/trace.h"
#include "../lib/region.h"

#define CAP 8u

struct box {
	struct arena arena;
	struct trace trace;
	uint64_t cursor;
	uint64_t lost;
	struct trace_event event;
};

static int box_open(void **state)
{
	static struct box box;

	memset(&box, 0, sizeof(box));
	region_take(&box.arena, 65536);
	assert_int_equal(trace_init(&box.trace, &box.arena, CAP), 0);
	*state = &box;
	return 0;
}

static int box_close(void **state)
{
	struct box *box = *state;

	region_give_back(&box->arena);
	return 0;
}

static void put(struct box *box, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		struct trace_event e = { .at_us = i, .len = i };

		trace_write(&box->trace, &e);
	}
}

static bool next(struct box *box)
{
	return trace_next(&box->trace, &box->cursor, &box->event, &box->lost);
}

static void events_come_out_as_they_were_put(void **state)
{
	struct box *box = *state;

	put(box, 0, 5);
	for (uint32_t i = 0; i < 5; i++) {
		assert_true(next(box));
		assert_int_equal(box->event.len, i);
		assert_int_equal(box->lost, 0);
	}
	assert_false(next(box));
}

static void a_reader_that_waited_sees_what_came_meanwhile(void **state)
{
	struct box *box = *state;

	assert_false(next(box));
	put(box, 0, 1);
	assert_true(next(box));
	assert_false(next(box));
	put(box, 1, 2);
	assert_true(next(box));
	assert_int_equal(box->event.len, 1);
}

static void an_overrun_reader_knows_how_many_it_lost(void **state)
{
	struct box *box = *state;

	put(box, 0, CAP + 3);
	assert_true(next(box));
	assert_int_equal(box->lost, 3);
	assert_int_equal(box->event.len, 3);
	assert_true(next(box));
	assert_int_equal(box->lost, 0);
}

static void a_full_ring_has_lost_nothing(void **state)
{
	struct box *box = *state;

	put(box, 0, CAP);
	assert_true(next(box));
	assert_int_equal(box->lost, 0);
	assert_int_equal(box->event.len, 0);
}

static void two_readers_do_not_disturb_each_other(void **state)
{
	struct box *box = *state;
	uint64_t other = 0;

	put(box, 0, 2);
	assert_true(next(box));
	assert_true(trace_next(&box->trace, &other, &box->event, &box->lost));
	assert_int_equal(box->event.len, 0);
}

static void tracing_that_is_off_takes_and_gives_nothing(void **state)
{
	struct box *box = *state;
	size_t left = arena_left(&box->arena);

	assert_int_equal(trace_init(&box->trace, &box->arena, 0), 0);
	assert_int_equal(arena_left(&box->arena), left);
	put(box, 0, 3);
	assert_false(next(box));
}

static void a_ring_too_large_for_the_region_is_refused(void **state)
{
	struct box *box = *state;

	assert_int_equal(trace_init(&box->trace, &box->arena, 65536), -ENOMEM);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, box_open, box_close)
	const struct CMUnitTest tests[] = {
		TEST(events_come_out_as_they_were_put),
		TEST(a_reader_that_waited_sees_what_came_meanwhile),
		TEST(an_overrun_reader_knows_how_many_it_lost),
		TEST(a_full_ring_has_lost_nothing),
		TEST(two_readers_do_not_disturb_each_other),
		TEST(tracing_that_is_off_takes_and_gives_nothing),
		TEST(a_ring_too_large_for_the_region_is_refused),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
