/*
 * The UDP header and the prefix of headers mode, as bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/udp/udp_hdr.h"

static const uint8_t wire[] = { 0x12, 0x34, 0x00, 0x35, 0x00, 0x0a, 0xbe, 0xef, 'h', 'i' };

static void a_header_is_read_in_host_order(void **state)
{
	struct udp_hdr hdr;

	(void)state;
	assert_int_equal(udp_parse(&hdr, wire, sizeof(wire)), 0);
	assert_int_equal(hdr.src_port, 0x1234);
	assert_int_equal(hdr.dst_port, 53);
	assert_int_equal(hdr.len, 10);
	assert_int_equal(hdr.checksum, 0xbeef);
}

static void what_is_built_is_what_was_parsed(void **state)
{
	struct udp_hdr hdr;
	uint8_t bytes[UDP_HDR_LEN];

	(void)state;
	assert_int_equal(udp_parse(&hdr, wire, sizeof(wire)), 0);
	udp_build(bytes, &hdr);
	assert_memory_equal(bytes, wire, UDP_HDR_LEN);
}

static void fewer_than_eight_bytes_are_no_header(void **state)
{
	struct udp_hdr hdr;

	(void)state;
	for (size_t len = 0; len < UDP_HDR_LEN; len++)
		assert_int_equal(udp_parse(&hdr, wire, len), -EBADMSG);
}

/* U-03 */
static void a_length_under_the_header_or_past_the_packet_is_refused(void **state)
{
	uint8_t bytes[sizeof(wire)];
	struct udp_hdr hdr;

	(void)state;
	memcpy(bytes, wire, sizeof(wire));
	for (uint8_t len = 0; len < UDP_HDR_LEN; len++) {
		bytes[5] = len;
		assert_int_equal(udp_parse(&hdr, bytes, sizeof(bytes)), -EMSGSIZE);
	}
	bytes[5] = sizeof(wire) + 1;
	assert_int_equal(udp_parse(&hdr, bytes, sizeof(bytes)), -EMSGSIZE);
}

static void a_length_shorter_than_the_packet_is_allowed(void **state)
{
	uint8_t bytes[sizeof(wire)];
	struct udp_hdr hdr;

	(void)state;
	memcpy(bytes, wire, sizeof(wire));
	bytes[5] = UDP_HDR_LEN;
	assert_int_equal(udp_parse(&hdr, bytes, sizeof(bytes)), 0);
}

static void a_prefix_comes_back_as_it_was_built(void **state)
{
	const struct udp_prefix prefix = {
		.remote = { addr_from_v4(0x0a000001), 0x1234 },
		.local = { addr_from_v4(0x0a000002), 0x5678 },
		.interface = addr_from_v4(0x0a000003),
	};
	struct udp_prefix back;
	uint8_t bytes[UDP_PREFIX_LEN];

	(void)state;
	udp_prefix_build(bytes, &prefix);
	assert_memory_equal(bytes + 48, "\x12\x34\x56\x78", 4);
	assert_int_equal(udp_prefix_parse(&back, bytes, sizeof(bytes)), 0);
	assert_true(endpoint_equal(&back.remote, &prefix.remote));
	assert_true(endpoint_equal(&back.local, &prefix.local));
	assert_true(addr_equal(&back.interface, &prefix.interface));
}

static void a_prefix_of_51_bytes_is_refused(void **state)
{
	uint8_t bytes[UDP_PREFIX_LEN] = { 0 };
	struct udp_prefix prefix;

	(void)state;
	assert_int_equal(udp_prefix_parse(&prefix, bytes, UDP_PREFIX_LEN - 1), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_read_in_host_order),
		cmocka_unit_test(what_is_built_is_what_was_parsed),
		cmocka_unit_test(fewer_than_eight_bytes_are_no_header),
		cmocka_unit_test(a_length_under_the_header_or_past_the_packet_is_refused),
		cmocka_unit_test(a_length_shorter_than_the_packet_is_allowed),
		cmocka_unit_test(a_prefix_comes_back_as_it_was_built),
		cmocka_unit_test(a_prefix_of_51_bytes_is_refused),
	};

	return cmocka_run_group_tests_name("udp_hdr", tests, NULL, NULL);
}
