/*
 * The memory budget: what is carved out of it, and pools of equal things.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/poison.h"
#include "../lib/region.h"

#define REGION_LEN ((size_t)1 << 20)
#define THINGS     100
#define THING_LEN  40

struct box {
	struct arena arena;
	struct pool pool;
	void *things[THINGS];
};

static int box_open(void **state)
{
	static struct box box;

	memset(&box, 0, sizeof(box));
	region_take(&box.arena, REGION_LEN);
	assert_int_equal(pool_init(&box.pool, &box.arena, THING_LEN, THINGS), 0);
	*state = &box;
	return 0;
}

static int box_close(void **state)
{
	struct box *box = *state;

	pool_check(&box->pool);
	region_give_back(&box->arena);
	return 0;
}

static void take_all(struct box *box)
{
	for (int i = 0; i < THINGS; i++) {
		box->things[i] = pool_get(&box->pool);
		assert_non_null(box->things[i]);
	}
}

static bool is_zero(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] != 0)
			return false;
	return true;
}

static void what_is_taken_is_aligned_as_asked(void **state)
{
	struct box *box = *state;

	arena_take(&box->arena, 1, 1);
	for (size_t align = 1; align <= 4096; align *= 2)
		assert_int_equal((uintptr_t)arena_take(&box->arena, 3, align) % align, 0);
}

static void taking_stops_where_the_region_ends(void **state)
{
	struct box *box = *state;
	size_t left = arena_left(&box->arena);

	assert_null(arena_take(&box->arena, left + 1, 1));
	assert_non_null(arena_take(&box->arena, left, 1));
	assert_null(arena_take(&box->arena, 1, 1));
}

static void a_huge_wish_is_refused_without_wrapping(void **state)
{
	struct box *box = *state;

	assert_null(arena_take(&box->arena, SIZE_MAX, 64));
	assert_null(arena_take(&box->arena, SIZE_MAX - 32, 4096));
}

static void a_pool_too_large_for_the_region_is_refused(void **state)
{
	struct box *box = *state;
	struct pool pool;

	assert_int_equal(pool_init(&pool, &box->arena, REGION_LEN, 2), -ENOMEM);
	assert_int_equal(pool_init(&pool, &box->arena, SIZE_MAX / 2, UINT32_MAX), -ENOMEM);
}

static void a_pool_hands_out_as_many_as_it_has(void **state)
{
	struct box *box = *state;

	take_all(box);
	assert_null(pool_get(&box->pool));
	assert_int_equal(box->pool.out, THINGS);
}

static void things_do_not_overlap(void **state)
{
	struct box *box = *state;

	take_all(box);
	for (int i = 0; i < THINGS; i++)
		memset(box->things[i], i, THING_LEN);
	for (int i = 0; i < THINGS; i++)
		for (int j = 0; j < THING_LEN; j++)
			assert_int_equal(((uint8_t *)box->things[i])[j], i);
}

static void a_thing_comes_zeroed_also_when_it_was_used_before(void **state)
{
	struct box *box = *state;
	void *thing = pool_get(&box->pool);

	assert_true(is_zero(thing, THING_LEN));
	memset(thing, 0xa5, THING_LEN);
	pool_put(&box->pool, thing);
	assert_ptr_equal(pool_get(&box->pool), thing);
	assert_true(is_zero(thing, THING_LEN));
}

static void what_was_never_needed_is_never_touched(void **state)
{
	struct box *box = *state;

	for (int i = 0; i < 10 * THINGS; i++)
		pool_put(&box->pool, pool_get(&box->pool));
	assert_int_equal(box->pool.fresh, 1);
	assert_int_equal(box->pool.out_max, 1);
}

static void a_full_pool_is_usable_again_when_all_came_back(void **state)
{
	struct box *box = *state;

	take_all(box);
	for (int i = 0; i < THINGS; i++)
		pool_put(&box->pool, box->things[i]);
	pool_check(&box->pool);
	take_all(box);
	assert_int_equal(box->pool.out_max, THINGS);
}

static void the_pool_is_right_after_any_order_of_getting_and_putting(void **state)
{
	struct box *box = *state;
	struct random r;
	uint32_t out = 0;

	seeded(&r);
	for (uint32_t i = steps(100000); i > 0; i--) {
		if (out < THINGS && random_below(&r, 2)) {
			box->things[out++] = pool_get(&box->pool);
		} else if (out > 0) {
			uint32_t which = random_below(&r, out);

			pool_put(&box->pool, box->things[which]);
			box->things[which] = box->things[--out];
		}
		assert_int_equal(box->pool.out, out);
	}
}

static void put_what_is_no_thing(void *box)
{
	uint8_t foreign[THING_LEN];

	pool_put(&((struct box *)box)->pool, foreign);
}

static void put_the_middle_of_a_thing(void *box)
{
	struct pool *pool = &((struct box *)box)->pool;

	pool_put(pool, (uint8_t *)pool_get(pool) + 16);
}

static void put_what_was_never_out(void *box)
{
	struct pool *pool = &((struct box *)box)->pool;

	pool_put(pool, pool->items);
}

static void what_is_no_thing_of_the_pool_is_not_taken_back(void **state)
{
	assert_true(dies(put_what_is_no_thing, *state));
	assert_true(dies(put_the_middle_of_a_thing, *state));
	assert_true(dies(put_what_was_never_out, *state));
}

#ifdef POISON_ON

static void put_twice(void *box)
{
	struct pool *pool = &((struct box *)box)->pool;
	void *thing = pool_get(pool);

	pool_get(pool);
	pool_put(pool, thing);
	pool_put(pool, thing);
}

static void the_sanitizer_sees_a_thing_that_comes_back_twice(void **state)
{
	assert_true(dies(put_twice, *state));
}

static void the_sanitizer_sees_what_is_not_out(void **state)
{
	struct box *box = *state;
	void *thing = pool_get(&box->pool);

	assert_false(is_poisoned(thing));
	assert_true(is_poisoned((uint8_t *)thing + box->pool.item_size));
	pool_put(&box->pool, thing);
	assert_true(is_poisoned(thing));
}

#endif

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, box_open, box_close)
	const struct CMUnitTest tests[] = {
		TEST(what_is_taken_is_aligned_as_asked),
		TEST(taking_stops_where_the_region_ends),
		TEST(a_huge_wish_is_refused_without_wrapping),
		TEST(a_pool_too_large_for_the_region_is_refused),
		TEST(a_pool_hands_out_as_many_as_it_has),
		TEST(things_do_not_overlap),
		TEST(a_thing_comes_zeroed_also_when_it_was_used_before),
		TEST(what_was_never_needed_is_never_touched),
		TEST(a_full_pool_is_usable_again_when_all_came_back),
		TEST(what_is_no_thing_of_the_pool_is_not_taken_back),
#ifdef POISON_ON
		TEST(the_sanitizer_sees_a_thing_that_comes_back_twice),
		TEST(the_sanitizer_sees_what_is_not_out),
#endif
		TEST(the_pool_is_right_after_any_order_of_getting_and_putting),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
