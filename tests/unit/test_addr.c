/*
 * Addresses between bytes and words: RFC 5952, RFC 4291 2.2, and "A!P".
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/addr.h"
#include "../lib/region.h"

static int parse(struct addr *a, const char *text)
{
	return addr_parse(a, text, strlen(text));
}

static struct addr addr(const char *text)
{
	struct addr a;

	assert_int_equal(parse(&a, text), 0);
	return a;
}

static void assert_prints(const char *text, const char *expected)
{
	struct addr a = addr(text);
	char out[ADDR_TEXT_MAX];

	assert_int_equal(addr_format(&a, out), strlen(expected));
	assert_string_equal(out, expected);
}

static void assert_refused(const char *text)
{
	struct addr a;

	if (parse(&a, text) != -EINVAL)
		fail_msg("taken: %s", text);
}

static void ipv4_prints_as_dotted_decimal(void **state)
{
	(void)state;
	assert_prints("10.0.0.1", "10.0.0.1");
	assert_prints("255.255.255.255", "255.255.255.255");
	assert_prints("0.0.0.0", "0.0.0.0");
}

static void a_mapped_address_is_its_ipv4_address(void **state)
{
	struct addr v4 = addr("192.0.2.33");
	struct addr mapped = addr("::ffff:192.0.2.33");
	struct addr hex = addr("::FFFF:c000:221");

	(void)state;
	assert_true(addr_equal(&v4, &mapped));
	assert_true(addr_equal(&v4, &hex));
	assert_true(addr_is_v4(&v4));
	assert_int_equal(addr_v4(&v4), 0xc0000221);
}

/* RFC 5952 sections 1, 2, 4 and 5. */
static void ipv6_prints_in_the_one_recommended_form(void **state)
{
	(void)state;
	assert_prints("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
	assert_prints("2001:db8:0:0:0:0:2:1", "2001:db8::2:1");
	assert_prints("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
	assert_prints("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
	assert_prints("2001:DB8::ABCD", "2001:db8::abcd");
	assert_prints("0:0:0:0:0:0:0:0", "::");
	assert_prints("0:0:0:0:0:0:0:1", "::1");
	assert_prints("1:0:0:0:0:0:0:0", "1::");
	assert_prints("fe80::", "fe80::");
	assert_prints("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8");
	assert_prints("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0");
	assert_prints("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8");
	assert_prints("64:ff9b::192.0.2.33", "64:ff9b::c000:221");
	assert_prints("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304");
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const wrong[] = { "", ".", ":", ":::", "1", "1.2", "1.2.3", "1.2.3.",
		"1.2.3.4.", "1.2.3.4.5", "256.1.1.1", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1..2.3",
		".1.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4", "0x1.2.3.4", "1.2.3.1000",
		"g::", "1:", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8:", "1::2::3",
		"12345::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", ":1::2", "1:::2", "::1.2.3",
		"::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::1%lo", "::1/64", "[::1]",
		"::ffff:1.2.3.400", "*", "a.b.c.d", "::g", "::-1", "1:2:3:4:5:6:7:1.2.3.4",
		"::1.2.3.4.5" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_refused(wrong[i]);
}

static void a_nul_inside_is_no_end(void **state)
{
	struct addr a;

	(void)state;
	assert_int_equal(addr_parse(&a, "1.2.3.4\0", 8), -EINVAL);
	assert_int_equal(addr_parse(&a, "::\0", 3), -EINVAL);
}

static void an_address_of_any_shape_comes_back_from_its_text(void **state)
{
	struct random r;

	(void)state;
	seeded(&r);
	for (uint32_t n = steps(100000); n > 0; n--) {
		struct addr a = addr_any;
		struct addr back;
		char ours[ADDR_TEXT_MAX];
		char theirs[INET6_ADDRSTRLEN];
		size_t len;

		for (int g = 0; g < 8; g++) {
			uint32_t group =
				random_below(&r, 2) ? random_u32(&r) >> random_below(&r, 32) : 0;

			a.b[2 * g] = (uint8_t)(group >> 8);
			a.b[2 * g + 1] = (uint8_t)group;
		}
		len = addr_format(&a, ours);
		assert_in_range(len, 2, ADDR_TEXT_MAX - 1);
		assert_int_equal(addr_parse(&back, ours, len), 0);
		assert_true(addr_equal(&a, &back));
		inet_ntop(AF_INET6, a.b, theirs, sizeof(theirs));
		assert_int_equal(addr_parse(&back, theirs, strlen(theirs)), 0);
		assert_true(addr_equal(&a, &back));
		if (!strchr(theirs, '.'))
			assert_string_equal(ours, theirs);
	}
}

/* Texts near an address: what we take, inet_pton takes, and as the same; and the other way. */
static void damaged_text_is_judged_as_by_the_system(void **state)
{
	static const char *const good[] = { "::", "::1", "1.2.3.4", "2001:db8::1", "fe80::1:2:3:4",
		"::ffff:10.0.0.1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:250.0.0.9", "255.255.255.0" };
	struct random r;

	(void)state;
	seeded(&r);
	for (uint32_t n = steps(200000); n > 0; n--) {
		char text[64] = { 0 };
		struct addr ours;
		uint8_t theirs[16] = { [10] = 0xff, [11] = 0xff };
		bool is_v4;
		bool is_v6;

		strncpy(text, good[random_below(&r, ARRAY_LEN(good))], sizeof(text) - 8);
		for (uint32_t i = random_below(&r, 4); i > 0; i--) {
			size_t at = random_below(&r, (uint32_t)strlen(text) + 1);
			char c = "0123456789abcdefF:.:.% g"[random_below(&r, 24)];

			if (random_below(&r, 2))
				memmove(text + at + 1, text + at, strlen(text + at));
			text[at] = c;
		}
		is_v4 = inet_pton(AF_INET, text, theirs + 12) == 1;
		is_v6 = !is_v4 && inet_pton(AF_INET6, text, theirs) == 1;
		if ((parse(&ours, text) == 0) != (is_v4 || is_v6))
			fail_msg("%s: ours %d theirs %d", text, parse(&ours, text), is_v4 || is_v6);
		if (is_v4 || is_v6)
			assert_memory_equal(ours.b, theirs, 16);
	}
}

static void what_an_address_is_for_is_known(void **state)
{
	struct addr a;

	(void)state;
	assert_true((a = addr("::"), addr_is_any(&a)));
	assert_true((a = addr("0.0.0.0"), addr_is_any(&a)));
	assert_false((a = addr("::1"), addr_is_any(&a)));
	assert_true((a = addr("224.0.0.1"), addr_is_multicast(&a)));
	assert_true((a = addr("239.255.255.255"), addr_is_multicast(&a)));
	assert_false((a = addr("240.0.0.1"), addr_is_multicast(&a)));
	assert_true((a = addr("ff02::1"), addr_is_multicast(&a)));
	assert_true((a = addr("127.3.2.1"), addr_is_loopback(&a)));
	assert_true((a = addr("::1"), addr_is_loopback(&a)));
	assert_false((a = addr("128.0.0.1"), addr_is_loopback(&a)));
	assert_true((a = addr("255.255.255.255"), addr_is_limited_broadcast(&a)));
	assert_false((a = addr("::ffff:ffff"), addr_is_limited_broadcast(&a)));
}

static void an_ipv4_address_is_a_number_and_back(void **state)
{
	struct addr a = addr("192.0.2.33");
	struct addr b = addr_from_v4(0xc0000221);

	(void)state;
	assert_true(addr_equal(&a, &b));
	assert_int_equal(addr_v4(&b), 0xc0000221);
}

static void addresses_stand_in_the_order_of_their_bytes(void **state)
{
	struct addr low = addr("10.0.0.255");
	struct addr high = addr("10.0.1.0");

	(void)state;
	assert_true(addr_compare(&low, &high) < 0);
	assert_true(addr_compare(&high, &low) > 0);
	assert_int_equal(addr_compare(&low, &low), 0);
}

static void a_prefix_is_compared_to_the_bit(void **state)
{
	struct addr a = addr("10.1.2.3");
	struct addr b = addr("10.1.3.3");

	(void)state;
	assert_true(addr_in_prefix(&a, &b, 0));
	assert_true(addr_in_prefix(&a, &b, 96 + 23));
	assert_false(addr_in_prefix(&a, &b, 96 + 24));
	assert_true(addr_in_prefix(&a, &a, 128));
}

static void masking_keeps_the_first_bits(void **state)
{
	struct addr a = addr("2001:db8:ffff:ffff::1");
	struct addr m = addr_masked(&a, 35);
	struct addr all = addr_masked(&a, 128);
	struct addr none = addr_masked(&a, 0);
	struct addr expected = addr("2001:db8:e000::");

	(void)state;
	assert_true(addr_equal(&m, &expected));
	assert_true(addr_equal(&all, &a));
	assert_true(addr_equal(&none, &addr_any));
}

static void assert_endpoint(const char *text, bool port_alone, const char *expected)
{
	struct endpoint e;
	char out[ENDPOINT_TEXT_MAX];

	assert_int_equal(endpoint_parse(&e, text, strlen(text), port_alone), 0);
	assert_int_equal(endpoint_format(&e, out), strlen(expected));
	assert_string_equal(out, expected);
}

static void an_endpoint_is_taken_in_every_form_and_printed_in_one(void **state)
{
	(void)state;
	assert_endpoint("10.0.0.1!80", false, "10.0.0.1!80");
	assert_endpoint("10.0.0.1:80", false, "10.0.0.1!80");
	assert_endpoint("[2001:db8::1]:443", false, "2001:db8::1!443");
	assert_endpoint("2001:db8::1!443", false, "2001:db8::1!443");
	assert_endpoint("::!0", false, "::!0");
	assert_endpoint("*!80", false, "::!80");
	assert_endpoint("*:80", false, "::!80");
	assert_endpoint("80", true, "::!80");
	assert_endpoint("::ffff:10.0.0.1!65535", false, "10.0.0.1!65535");
}

static void assert_endpoint_error(const char *text, int expected)
{
	struct endpoint e;
	int err = endpoint_parse(&e, text, strlen(text), false);

	if (err != expected)
		fail_msg("%s: %d", text, err);
}

static void what_is_no_endpoint_is_refused(void **state)
{
	static const char *const wrong[] = { "", "!", ":", "80", "10.0.0.1", "10.0.0.1!",
		"10.0.0.1!65536", "10.0.0.1!-1", "10.0.0.1!080", "10.0.0.1!80 ", "10.0.0.1!80!",
		"!80", ":80", "::1", "::1:80", "[::1]", "[::1]!80", "[::1]:", "[::1]80", "[]:80",
		"[::1:80", "::1]:80", "10.0.0!80", "10.0.0.256!80", "1.2.3.4!http", "**!80",
		"a b!80", "10.0.0.1!+8", "[::1]]:80", "10.0.0.1!123456" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_endpoint_error(wrong[i], -EINVAL);
}

static void a_name_is_told_from_a_mistake(void **state)
{
	(void)state;
	assert_endpoint_error("example.com!80", -ENOENT);
	assert_endpoint_error("example.com:80", -ENOENT);
	assert_endpoint_error("my-host_1!80", -ENOENT);
	assert_endpoint_error("1.2.3.4.5!80", -EINVAL);
}

static void a_refused_endpoint_leaves_the_old_one(void **state)
{
	struct endpoint e = { addr("1.2.3.4"), 5 };
	struct endpoint was = e;

	(void)state;
	assert_int_equal(endpoint_parse(&e, "9.9.9.9!x", 9, true), -EINVAL);
	assert_int_equal(endpoint_parse(&e, "name!9", 6, true), -ENOENT);
	assert_true(endpoint_equal(&e, &was));
}

static void a_prefix_counts_its_bits_as_its_family_does(void **state)
{
	struct addr a;
	unsigned bits;

	(void)state;
	assert_int_equal(prefix_parse(&a, &bits, "10.0.0.1/24", 11), 0);
	assert_int_equal(bits, 96 + 24);
	assert_int_equal(prefix_parse(&a, &bits, "10.0.0.1", 8), 0);
	assert_int_equal(bits, 128);
	assert_int_equal(prefix_parse(&a, &bits, "0.0.0.0/0", 9), 0);
	assert_int_equal(bits, 96);
	assert_int_equal(prefix_parse(&a, &bits, "::/0", 4), 0);
	assert_int_equal(bits, 0);
	assert_int_equal(prefix_parse(&a, &bits, "fe80::/64", 9), 0);
	assert_int_equal(bits, 64);
}

static void what_is_no_prefix_is_refused(void **state)
{
	static const char *const wrong[] = { "", "/", "/8", "10.0.0.1/", "10.0.0.1/33", "::/129",
		"10.0.0.1/08", "10.0.0.1/8/8", "10.0.0.1/8 ", "10.0.0.1/-1", "10.0.0.1/a", "x/8" };
	struct addr a;
	unsigned bits;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(prefix_parse(&a, &bits, wrong[i], strlen(wrong[i])), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_prints_as_dotted_decimal),
		cmocka_unit_test(a_mapped_address_is_its_ipv4_address),
		cmocka_unit_test(ipv6_prints_in_the_one_recommended_form),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(a_nul_inside_is_no_end),
		cmocka_unit_test(an_address_of_any_shape_comes_back_from_its_text),
		cmocka_unit_test(damaged_text_is_judged_as_by_the_system),
		cmocka_unit_test(what_an_address_is_for_is_known),
		cmocka_unit_test(an_ipv4_address_is_a_number_and_back),
		cmocka_unit_test(addresses_stand_in_the_order_of_their_bytes),
		cmocka_unit_test(a_prefix_is_compared_to_the_bit),
		cmocka_unit_test(masking_keeps_the_first_bits),
		cmocka_unit_test(an_endpoint_is_taken_in_every_form_and_printed_in_one),
		cmocka_unit_test(what_is_no_endpoint_is_refused),
		cmocka_unit_test(a_name_is_told_from_a_mistake),
		cmocka_unit_test(a_refused_endpoint_leaves_the_old_one),
		cmocka_unit_test(a_prefix_counts_its_bits_as_its_family_does),
		cmocka_unit_test(what_is_no_prefix_is_refused),
	};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
