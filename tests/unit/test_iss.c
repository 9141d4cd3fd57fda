/*
 * Initial sequence numbers and timestamp offsets: RFC 6528, RFC 7323 7.1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/tcp/iss.h"

static const struct hash_key secret = { 0x1122334455667788, 0x99aabbccddeeff00 };

static struct endpoint endpoint(const char *text)
{
	struct endpoint e;

	assert_int_equal(endpoint_parse(&e, text, strlen(text), false), 0);
	return e;
}

static uint32_t iss(const char *local, const char *remote, usec_t now_us)
{
	struct endpoint l = endpoint(local);
	struct endpoint r = endpoint(remote);

	return iss_choose(&secret, &l, &r, now_us);
}

static uint32_t offset(const char *local, const char *remote)
{
	struct endpoint l = endpoint(local);
	struct endpoint r = endpoint(remote);

	return iss_timestamp_offset(&secret, &l, &r);
}

/* T-20: RFC 9293 3.4.1: M ticks about every 4 microseconds. */
static void numbers_of_one_tuple_rise_with_the_clock(void **state)
{
	uint32_t first = iss("10.0.0.1!1000", "10.0.0.2!80", 1000000);

	(void)state;
	assert_int_equal(iss("10.0.0.1!1000", "10.0.0.2!80", 1000003) - first, 0);
	assert_int_equal(iss("10.0.0.1!1000", "10.0.0.2!80", 1000004) - first, 1);
	assert_int_equal(iss("10.0.0.1!1000", "10.0.0.2!80", 2000000) - first, 250000);
}

static void the_clock_goes_round_after_4_77_hours(void **state)
{
	usec_t round_us = ((usec_t)1 << 32) * 4;

	(void)state;
	assert_int_equal(iss("10.0.0.1!1000", "10.0.0.2!80", 77),
		iss("10.0.0.1!1000", "10.0.0.2!80", 77 + round_us));
}

/* T-20 */
static void every_part_of_the_tuple_matters(void **state)
{
	uint32_t one = iss("10.0.0.1!1000", "10.0.0.2!80", 0);

	(void)state;
	assert_int_not_equal(one, iss("10.0.0.3!1000", "10.0.0.2!80", 0));
	assert_int_not_equal(one, iss("10.0.0.1!1001", "10.0.0.2!80", 0));
	assert_int_not_equal(one, iss("10.0.0.1!1000", "10.0.0.3!80", 0));
	assert_int_not_equal(one, iss("10.0.0.1!1000", "10.0.0.2!81", 0));
	assert_int_not_equal(one, iss("10.0.0.2!80", "10.0.0.1!1000", 0));
	assert_int_not_equal(one, iss("::10.0.0.1!1000", "::10.0.0.2!80", 0));
}

/* T-20 */
static void another_secret_gives_other_numbers(void **state)
{
	struct hash_key other = { secret.k0 ^ 1, secret.k1 };
	struct endpoint l = endpoint("10.0.0.1!1000");
	struct endpoint r = endpoint("10.0.0.2!80");

	(void)state;
	assert_int_not_equal(iss_choose(&secret, &l, &r, 0), iss_choose(&other, &l, &r, 0));
	assert_int_not_equal(
		iss_timestamp_offset(&secret, &l, &r), iss_timestamp_offset(&other, &l, &r));
}

/* T-77 */
static void a_timestamp_offset_is_the_same_for_the_same_tuple(void **state)
{
	(void)state;
	assert_int_equal(
		offset("10.0.0.1!1000", "10.0.0.2!80"), offset("10.0.0.1!1000", "10.0.0.2!80"));
	assert_int_not_equal(
		offset("10.0.0.1!1000", "10.0.0.2!80"), offset("10.0.0.1!1000", "10.0.0.2!81"));
}

static void a_timestamp_does_not_tell_the_sequence_number(void **state)
{
	(void)state;
	assert_int_not_equal(
		offset("10.0.0.1!1000", "10.0.0.2!80"), iss("10.0.0.1!1000", "10.0.0.2!80", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_one_tuple_rise_with_the_clock),
		cmocka_unit_test(the_clock_goes_round_after_4_77_hours),
		cmocka_unit_test(every_part_of_the_tuple_matters),
		cmocka_unit_test(another_secret_gives_other_numbers),
		cmocka_unit_test(a_timestamp_offset_is_the_same_for_the_same_tuple),
		cmocka_unit_test(a_timestamp_does_not_tell_the_sequence_number),
	};

	return cmocka_run_group_tests_name("iss", tests, NULL, NULL);
}
