/*
 * Integers between bytes and host order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/wire.h"

static const uint8_t bytes[] = { 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87 };

static void fields_are_taken_in_order_and_big_endian(void **state)
{
	struct cursor c = cursor_over(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(take_u8(&c), 0x81);
	assert_int_equal(take_be16(&c), 0x8283);
	assert_int_equal(take_be32(&c), 0x84858687);
	assert_int_equal(cursor_left(&c), 0);
	assert_false(c.bad);
}

static void a_field_that_is_not_whole_is_zero_and_bad_for_ever(void **state)
{
	struct cursor c = cursor_over(bytes, 3);

	(void)state;
	assert_int_equal(take_be32(&c), 0);
	assert_true(c.bad);
	assert_int_equal(take_u8(&c), 0);
	assert_int_equal(take_be16(&c), 0);
	assert_true(c.bad);
}

static void nothing_can_be_taken_from_nothing(void **state)
{
	struct cursor c = cursor_over(bytes, 0);

	(void)state;
	assert_int_equal(take_u8(&c), 0);
	assert_true(c.bad);
}

static void taking_no_bytes_is_always_possible(void **state)
{
	struct cursor c = cursor_over(bytes, 1);

	(void)state;
	take_u8(&c);
	assert_non_null(take_bytes(&c, 0));
	assert_false(c.bad);
}

static void a_huge_length_is_refused(void **state)
{
	struct cursor c = cursor_over(bytes, sizeof(bytes));

	(void)state;
	assert_null(take_bytes(&c, SIZE_MAX));
	assert_true(c.bad);
}

static void what_is_put_is_taken_again(void **state)
{
	uint8_t out[7];
	uint8_t *end = put_be32(put_be16(put_u8(out, 0x81), 0x8283), 0x84858687);

	(void)state;
	assert_ptr_equal(end, out + 7);
	assert_memory_equal(out, bytes, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_taken_in_order_and_big_endian),
		cmocka_unit_test(a_field_that_is_not_whole_is_zero_and_bad_for_ever),
		cmocka_unit_test(nothing_can_be_taken_from_nothing),
		cmocka_unit_test(taking_no_bytes_is_always_possible),
		cmocka_unit_test(a_huge_length_is_refused),
		cmocka_unit_test(what_is_put_is_taken_again),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
