/*
 * A set of ranges, next to a model of it: one flag for each position.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/ranges.h"
#include "../lib/region.h"

#define CAP   8
#define SPACE 100u

struct box {
	struct range v[CAP + 1];
	struct ranges r;
	bool has[SPACE + 1];
};

static int box_open(void **state)
{
	static struct box box;

	memset(&box, 0, sizeof(box));
	ranges_init(&box.r, box.v, CAP);
	*state = &box;
	return 0;
}

static int box_close(void **state)
{
	struct box *box = *state;

	ranges_check(&box->r);
	return 0;
}

static void assert_ranges(const struct ranges *r, const struct range *expected, uint16_t n)
{
	assert_int_equal(r->n, n);
	for (uint16_t i = 0; i < n; i++) {
		assert_int_equal(r->v[i].from, expected[i].from);
		assert_int_equal(r->v[i].to, expected[i].to);
	}
}

static void ranges_that_touch_become_one(void **state)
{
	struct box *box = *state;

	ranges_add(&box->r, 10, 20);
	ranges_add(&box->r, 30, 40);
	ranges_add(&box->r, 20, 30);
	assert_ranges(&box->r, (struct range[]){ { 10, 40 } }, 1);
}

static void ranges_stand_in_order_however_they_come(void **state)
{
	struct box *box = *state;

	ranges_add(&box->r, 50, 60);
	ranges_add(&box->r, 10, 20);
	ranges_add(&box->r, 30, 31);
	assert_ranges(&box->r, (struct range[]){ { 10, 20 }, { 30, 31 }, { 50, 60 } }, 3);
}

static void a_hole_is_cut_out_of_the_middle(void **state)
{
	struct box *box = *state;

	ranges_add(&box->r, 0, 100);
	assert_int_equal(ranges_remove(&box->r, 40, 60), 0);
	assert_ranges(&box->r, (struct range[]){ { 0, 40 }, { 60, 100 } }, 2);
}

static void a_full_set_refuses_one_more_and_stays_as_it_was(void **state)
{
	struct box *box = *state;

	for (uint64_t i = 0; i < CAP; i++)
		assert_int_equal(ranges_add(&box->r, i * 10, i * 10 + 5), 0);
	assert_int_equal(ranges_add(&box->r, 97, 99), -ENOSPC);
	assert_int_equal(ranges_remove(&box->r, 2, 3), -ENOSPC);
	assert_int_equal(box->r.n, CAP);
	assert_true(ranges_has(&box->r, 0, 5));
	assert_int_equal(ranges_add(&box->r, 5, 10), 0);
	assert_int_equal(box->r.n, CAP - 1);
}

static void positions_at_both_ends_of_64_bits_work(void **state)
{
	struct box *box = *state;

	assert_int_equal(ranges_add(&box->r, 0, 1), 0);
	assert_int_equal(ranges_add(&box->r, UINT64_MAX - 1, UINT64_MAX), 0);
	assert_int_equal(ranges_add(&box->r, 1, UINT64_MAX - 1), 0);
	assert_ranges(&box->r, (struct range[]){ { 0, UINT64_MAX } }, 1);
}

static uint16_t model_runs(const struct box *box)
{
	uint16_t n = 0;

	for (unsigned i = 0; i < SPACE; i++)
		n = (uint16_t)(n + (box->has[i] && !box->has[i + 1]));
	return n;
}

static void model_fill(struct box *box, uint32_t from, uint32_t to, bool value)
{
	for (uint32_t i = from; i < to; i++)
		box->has[i] = value;
}

/* Every answer about [FROM, TO) must be what counting the flags gives. */
static void assert_answers(struct box *box, uint32_t from, uint32_t to)
{
	uint32_t count = 0;
	uint32_t gap = from;

	for (uint32_t i = from; i < to; i++)
		count += box->has[i];
	while (gap < SPACE && box->has[gap])
		gap++;
	assert_int_equal(ranges_count(&box->r, from, to), count);
	assert_int_equal(ranges_has(&box->r, from, to), count == to - from);
	assert_int_equal(ranges_meets(&box->r, from, to), count > 0);
	assert_int_equal(ranges_gap(&box->r, from), gap);
	assert_int_equal(box->r.n, model_runs(box));
}

static void model_step(struct box *box, uint32_t from, uint32_t to, uint32_t what)
{
	bool was[SPACE + 1];
	int err = 0;

	memcpy(was, box->has, sizeof(was));
	model_fill(box, what == 2 ? 0 : from, to, what == 0);
	if (what == 0)
		err = ranges_add(&box->r, from, to);
	else if (what == 1)
		err = ranges_remove(&box->r, from, to);
	else
		ranges_remove_below(&box->r, to);
	assert_int_equal(err, model_runs(box) > CAP ? -ENOSPC : 0);
	if (err < 0)
		memcpy(box->has, was, sizeof(was));
}

static void the_set_is_what_one_flag_a_position_says(void **state)
{
	struct box *box = *state;
	struct random r;

	seeded(&r);
	for (uint32_t n = steps(200000); n > 0; n--) {
		uint32_t from = random_below(&r, SPACE);
		uint32_t to = from + 1 + random_below(&r, min_u32(SPACE - from, 12));
		uint32_t dice = random_below(&r, 20);

		model_step(box, from, to, dice < 12 ? 0 : dice < 19 ? 1 : 2);
		ranges_check(&box->r);
		from = random_below(&r, SPACE);
		assert_answers(box, from, from + random_below(&r, SPACE - from + 1));
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, box_open, box_close)
	const struct CMUnitTest tests[] = {
		TEST(ranges_that_touch_become_one),
		TEST(ranges_stand_in_order_however_they_come),
		TEST(a_hole_is_cut_out_of_the_middle),
		TEST(a_full_set_refuses_one_more_and_stays_as_it_was),
		TEST(positions_at_both_ends_of_64_bits_work),
		TEST(the_set_is_what_one_flag_a_position_says),
	};

	return cmocka_run_group_tests_name("ranges", tests, NULL, NULL);
}
