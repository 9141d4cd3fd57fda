/*
 * Sequence numbers go round: RFC 9293 3.4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../stack/tcp/seq.h"

static void order_holds_across_zero(void **state)
{
	(void)state;
	assert_true(seq_before(0xfffffff0, 0x10));
	assert_true(seq_after(0x10, 0xfffffff0));
	assert_false(seq_before(0x10, 0xfffffff0));
	assert_false(seq_after(0xfffffff0, 0x10));
}

static void a_number_is_neither_before_nor_after_itself(void **state)
{
	(void)state;
	assert_false(seq_before(5, 5));
	assert_false(seq_after(5, 5));
	assert_true(seq_before_eq(5, 5));
	assert_true(seq_after_eq(5, 5));
}

static void up_to_half_the_space_ahead_is_after(void **state)
{
	(void)state;
	assert_true(seq_after(0x7fffffff, 0));
	assert_true(seq_before(0x80000001, 0));
	assert_true(seq_after_eq(1, 0xffffffff));
	assert_true(seq_before_eq(0xffffffff, 1));
}

static void a_window_has_its_left_edge_and_not_its_right(void **state)
{
	(void)state;
	assert_true(seq_in(10, 10, 20));
	assert_true(seq_in(19, 10, 20));
	assert_false(seq_in(20, 10, 20));
	assert_false(seq_in(9, 10, 20));
}

/* T-60 */
static void a_window_may_lie_across_zero(void **state)
{
	(void)state;
	assert_true(seq_in(0xffffffff, 0xfffffff0, 0x10));
	assert_true(seq_in(0xf, 0xfffffff0, 0x10));
	assert_false(seq_in(0x10, 0xfffffff0, 0x10));
	assert_false(seq_in(0xffffffef, 0xfffffff0, 0x10));
}

static void nothing_lies_in_an_empty_window(void **state)
{
	(void)state;
	assert_false(seq_in(10, 10, 10));
	assert_false(seq_in(11, 10, 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_holds_across_zero),
		cmocka_unit_test(a_number_is_neither_before_nor_after_itself),
		cmocka_unit_test(up_to_half_the_space_ahead_is_after),
		cmocka_unit_test(a_window_has_its_left_edge_and_not_its_right),
		cmocka_unit_test(a_window_may_lie_across_zero),
		cmocka_unit_test(nothing_lies_in_an_empty_window),
	};

	return cmocka_run_group_tests_name("seq", tests, NULL, NULL);
}
