/*
 * Words in memory of a fixed size, and decimal numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/text.h"

static void words_are_put_behind_each_other(void **state)
{
	char at[32];
	struct text t = text_over(at, sizeof(at));

	(void)state;
	text_put(&t, "one ");
	text_put_len(&t, "two, and more", 3);
	text_printf(&t, " %d", 3);
	assert_string_equal(at, "one two 3");
	assert_int_equal(t.len, 9);
	assert_false(t.is_cut);
}

static void what_fits_exactly_is_not_cut(void **state)
{
	char at[5];
	struct text t = text_over(at, sizeof(at));

	(void)state;
	text_put(&t, "1234");
	assert_false(t.is_cut);
	text_clear(&t);
	text_printf(&t, "%s", "1234");
	assert_false(t.is_cut);
	assert_string_equal(at, "1234");
}

static void what_does_not_fit_is_cut_and_said_so(void **state)
{
	char at[5];
	struct text t = text_over(at, sizeof(at));

	(void)state;
	text_put(&t, "12345");
	assert_true(t.is_cut);
	assert_string_equal(at, "1234");
	assert_int_equal(t.len, 4);
	text_put(&t, "");
	text_printf(&t, "%s", "x");
	assert_string_equal(at, "1234");
}

static void printing_too_much_is_cut_and_said_so(void **state)
{
	char at[8];
	struct text t = text_over(at, sizeof(at));

	(void)state;
	text_put(&t, "ab");
	text_printf(&t, "%d", 123456);
	assert_true(t.is_cut);
	assert_string_equal(at, "ab12345");
	assert_int_equal(t.len, 7);
}

static void a_cleared_text_is_empty_and_whole(void **state)
{
	char at[3];
	struct text t = text_over(at, sizeof(at));

	(void)state;
	text_put(&t, "much");
	text_clear(&t);
	assert_string_equal(at, "");
	assert_int_equal(t.len, 0);
	assert_false(t.is_cut);
}

static void a_text_of_one_byte_holds_its_end(void **state)
{
	char at[1];
	struct text t = text_over(at, sizeof(at));

	(void)state;
	text_put(&t, "x");
	text_printf(&t, "%d", 1);
	assert_true(t.is_cut);
	assert_string_equal(at, "");
}

static void assert_number(const char *word, uint64_t max, int expected_err, uint64_t expected)
{
	uint64_t value = 77;
	int err = number_parse(&value, word, max);

	assert_int_equal(err, expected_err);
	assert_true(value == (err == 0 ? expected : 77));
}

static void decimal_numbers_are_taken(void **state)
{
	(void)state;
	assert_number("0", 0, 0, 0);
	assert_number("65535", 65535, 0, 65535);
	assert_number("007", 9, 0, 7);
	assert_number("18446744073709551615", UINT64_MAX, 0, UINT64_MAX);
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const wrong[] = { "", " ", "-1", "+1", "1 ", " 1", "0x1", "1e3", "1.0",
		"one", "1-", "99999999999999999999999x", "\xb2" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_number(wrong[i], UINT64_MAX, -EINVAL, 0);
}

static void a_number_over_the_limit_is_out_of_range(void **state)
{
	(void)state;
	assert_number("65536", 65535, -ERANGE, 0);
	assert_number("18446744073709551616", UINT64_MAX, -ERANGE, 0);
	assert_number("18446744073709551620", UINT64_MAX, -ERANGE, 0);
	assert_number("99999999999999999999999999", UINT64_MAX, -ERANGE, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_put_behind_each_other),
		cmocka_unit_test(what_fits_exactly_is_not_cut),
		cmocka_unit_test(what_does_not_fit_is_cut_and_said_so),
		cmocka_unit_test(printing_too_much_is_cut_and_said_so),
		cmocka_unit_test(a_cleared_text_is_empty_and_whole),
		cmocka_unit_test(a_text_of_one_byte_holds_its_end),
		cmocka_unit_test(decimal_numbers_are_taken),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(a_number_over_the_limit_is_out_of_range),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
