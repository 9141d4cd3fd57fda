/*
 * The Internet checksum: RFC 1071's example, and a sum taken word by word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/checksum.h"
#include "../lib/region.h"

#define LEN_MAX 3000

/* As RFC 1071 section 1 says it, and nothing more. */
static uint16_t naive(uint32_t sum, const uint8_t *at, size_t len)
{
	uint64_t total = sum;

	for (size_t i = 0; i < len; i += 2)
		total += (uint64_t)at[i] << 8 | (i + 1 < len ? at[i + 1] : 0);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)total;
}

static void the_example_of_rfc_1071_adds_up(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	(void)state;
	assert_int_equal(checksum_fold(checksum_add(0, bytes, sizeof(bytes))), 0xddf2);
	assert_int_equal(checksum_finish(checksum_add(0, bytes, sizeof(bytes))), 0x220d);
}

static void nothing_sums_to_zero_and_only_zeroes_do(void **state)
{
	static const uint8_t zeroes[100];
	static const uint8_t ones[2] = { 0xff, 0xff };

	(void)state;
	assert_int_equal(checksum_add(0, zeroes, 0), 0);
	assert_int_equal(checksum_add(0, zeroes, sizeof(zeroes)), 0);
	assert_int_equal(checksum_add(0, ones, sizeof(ones)), 0xffff);
}

static void a_header_with_its_checksum_in_place_sums_to_all_ones(void **state)
{
	uint8_t bytes[20] = { 0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0, 0, 0xc0, 0xa8, 0, 1,
		0xc0, 0xa8, 0, 0xc7 };
	uint16_t sum = checksum_finish(checksum_add(0, bytes, sizeof(bytes)));

	(void)state;
	assert_int_equal(sum, 0xb861);
	bytes[10] = (uint8_t)(sum >> 8);
	bytes[11] = (uint8_t)sum;
	assert_int_equal(checksum_finish(checksum_add(0, bytes, sizeof(bytes))), 0);
}

static void a_sum_too_large_to_fold_once_is_folded(void **state)
{
	(void)state;
	assert_int_equal(checksum_fold(0xffffffff), 0xffff);
	assert_int_equal(checksum_fold(0x0001ffff), 1);
	assert_int_equal(checksum_fold(0xffff0001), 1);
}

static void random_bytes(struct random *r, uint8_t *at, size_t len)
{
	/* All ones make the most carries. */
	bool is_extreme = random_below(r, 4) == 0;

	for (size_t i = 0; i < len; i++)
		at[i] = is_extreme ? 0xff : (uint8_t)random_u32(r);
}

static void it_agrees_with_the_naive_sum_at_every_length_and_place(void **state)
{
	uint8_t bytes[LEN_MAX];
	struct random r;

	(void)state;
	seeded(&r);
	for (uint32_t n = steps(20000); n > 0; n--) {
		size_t off = random_below(&r, 16);
		size_t len = random_below(&r, 200);
		uint32_t sum = random_u32(&r);

		random_bytes(&r, bytes, off + len);
		assert_int_equal(checksum_fold(checksum_add(sum, bytes + off, len)),
			naive(sum, bytes + off, len));
	}
}

static void pieces_of_any_length_sum_to_the_whole(void **state)
{
	uint8_t bytes[LEN_MAX];
	struct random r;

	(void)state;
	seeded(&r);
	for (uint32_t n = steps(5000); n > 0; n--) {
		uint32_t sum = random_below(&r, 0x10000);
		uint16_t whole;
		size_t at = 0;

		random_bytes(&r, bytes, LEN_MAX);
		whole = naive(sum, bytes, LEN_MAX);
		while (at < LEN_MAX) {
			size_t part = min_size(random_below(&r, 900), LEN_MAX - at);

			sum = at % 2 ? checksum_add_odd(sum, bytes + at, part)
				     : checksum_add(sum, bytes + at, part);
			at += part;
		}
		assert_int_equal(checksum_fold(sum), whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_rfc_1071_adds_up),
		cmocka_unit_test(nothing_sums_to_zero_and_only_zeroes_do),
		cmocka_unit_test(a_header_with_its_checksum_in_place_sums_to_all_ones),
		cmocka_unit_test(a_sum_too_large_to_fold_once_is_folded),
		cmocka_unit_test(it_agrees_with_the_naive_sum_at_every_length_and_place),
		cmocka_unit_test(pieces_of_any_length_sum_to_the_whole),
	};

	return cmocka_run_group_tests_name("checksum", tests, NULL, NULL);
}
