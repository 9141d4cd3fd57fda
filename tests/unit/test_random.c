/*
 * Numbers from one seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/region.h"

static const uint8_t seed[16] = { 1, 2, 3 };

static void the_same_seed_gives_the_same_numbers(void **state)
{
	struct random a;
	struct random b;

	(void)state;
	random_init(&a, seed);
	random_init(&b, seed);
	for (int i = 0; i < 1000; i++)
		assert_true(random_u64(&a) == random_u64(&b));
}

static void every_byte_of_the_seed_matters(void **state)
{
	struct random a;
	struct random b;

	(void)state;
	for (int i = 0; i < 16; i++) {
		uint8_t other[16];

		memcpy(other, seed, sizeof(other));
		other[i] ^= 1;
		random_init(&a, seed);
		random_init(&b, other);
		assert_true(random_u64(&a) != random_u64(&b));
	}
}

static void numbers_are_siphash_of_a_counter(void **state)
{
	struct hash_key key = { 0x030201, 0 };
	uint8_t counter[8] = { 1 };
	struct random r;

	(void)state;
	random_init(&r, seed);
	random_u64(&r);
	assert_true(random_u64(&r) == siphash(&key, counter, sizeof(counter)));
}

static void no_number_reaches_the_bound(void **state)
{
	struct random r;

	(void)state;
	seeded(&r);
	for (int i = 0; i < 10000; i++) {
		uint32_t bound = (random_u32(&r) >> random_below(&r, 32)) | 1;

		assert_true(random_below(&r, bound) < bound);
		assert_int_equal(random_below(&r, 1), 0);
	}
}

/* 3 * 2^30 is where a plain remainder would give a third of the numbers twice the chance. */
static void all_numbers_below_a_bound_are_equally_likely(void **state)
{
	uint32_t third = (uint32_t)1 << 30;
	uint32_t count[3] = { 0 };
	struct random r;

	(void)state;
	random_init(&r, seed);
	for (int i = 0; i < 30000; i++)
		count[random_below(&r, 3 * third) / third]++;
	for (int i = 0; i < 3; i++)
		assert_in_range(count[i], 9600, 10400);
}

static void every_small_number_comes_up(void **state)
{
	uint32_t count[7] = { 0 };
	struct random r;

	(void)state;
	random_init(&r, seed);
	for (int i = 0; i < 70000; i++)
		count[random_below(&r, 7)]++;
	for (int i = 0; i < 7; i++)
		assert_in_range(count[i], 9600, 10400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same_numbers),
		cmocka_unit_test(every_byte_of_the_seed_matters),
		cmocka_unit_test(numbers_are_siphash_of_a_counter),
		cmocka_unit_test(no_number_reaches_the_bound),
		cmocka_unit_test(all_numbers_below_a_bound_are_equally_likely),
		cmocka_unit_test(every_small_number_comes_up),
	};

	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
