/*
 * IPv4: what is believed of a header, and whose a packet is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/ip/ip4.h"
#include "../lib/rooms.h"

static struct rooms r;

static int open_rooms(void **state)
{
	(void)state;
	rooms_open(&r, 0);
	return 0;
}

static int close_rooms(void **state)
{
	(void)state;
	rooms_close(&r);
	return 0;
}

static struct frame datagram(void)
{
	struct frame f = rooms_ip(FRAME_UDP);

	f.data = (const uint8_t *)"0123456789";
	f.data_len = 10;
	return f;
}

static bool is_taken(const struct frame *f)
{
	unsigned before = r.told_n;

	rooms_input_frame(&r, 0, f);
	return r.told_n > before;
}

/* --- what comes in -------------------------------------------------------------------------- */

static void a_good_packet_is_delivered_with_what_its_header_said(void **state)
{
	struct frame f = datagram();
	const struct ip_info *ip = &r.told[0].ip;

	(void)state;
	f.ip.ttl = 17;
	f.ip.tos = 0xb9;
	assert_true(is_taken(&f));
	assert_int_equal(addr_v4(&ip->src), ROOMS_PEER);
	assert_int_equal(addr_v4(&ip->dst), ROOMS_IP);
	assert_int_equal(ip->protocol, IP_UDP);
	assert_int_equal(ip->ttl, 17);
	assert_int_equal(ip->tos, 0xb9);
	assert_int_equal(ip->hdr_len, 20);
	assert_int_equal(ip->len, 18);
	assert_ptr_equal(ip->ifc, r.ifc[0]);
	assert_false(ip->to_broadcast || ip->link_broadcast || ip->was_fragmented);
	assert_int_equal(rooms_count(&r, COUNT_ip4_in), 1);
	assert_int_equal(rooms_count(&r, COUNT_link_bytes_in), 14 + 38);
	assert_int_equal(rooms_count(&r, COUNT_link_segs_in), 1);
}

static void a_version_other_than_4_is_dropped(void **state) /* I-01 */
{
	(void)state;
	for (int version = 0; version < 16; version++) {
		struct frame f = datagram();

		f.lies.ip_version = version;
		assert_int_equal(is_taken(&f), version == 4);
	}
	assert_int_equal(rooms_count(&r, COUNT_ip4_drop_version), 15);
}

static void a_header_length_that_cannot_be_is_dropped(void **state) /* I-01 */
{
	(void)state;
	for (int words = 0; words < 5; words++) {
		struct frame f = datagram();

		f.lies.ip_hdr_words = words;
		assert_false(is_taken(&f));
	}
	for (int words = 13; words < 16; words++) { /* past the 18 + 20 bytes there are */
		struct frame f = datagram();

		f.data_len = 1;
		f.lies.ip_hdr_words = words;
		assert_false(is_taken(&f));
	}
	assert_int_equal(rooms_count(&r, COUNT_ip4_drop_hdr_len), 8);
}

static void a_total_length_that_cannot_be_is_dropped(void **state) /* I-01 */
{
	static const int lens[] = { 0, 1, 19, 39, 40, 1500, 65535 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		struct frame f = datagram();

		f.lies.ip_total_len = lens[i];
		assert_false(is_taken(&f));
	}
	assert_int_equal(rooms_count(&r, COUNT_ip4_drop_total_len), ARRAY_LEN(lens));
}

static void a_packet_cut_anywhere_is_dropped(void **state) /* I-01 */
{
	(void)state;
	for (int len = 14; len < 14 + 38; len++) {
		struct frame f = datagram();

		f.lies.cut = len;
		assert_false(is_taken(&f));
	}
	assert_int_equal(rooms_count(&r, COUNT_ip4_drop_short), 20);
	assert_int_equal(rooms_count(&r, COUNT_ip4_drop_total_len), 18);
}

static void a_wrong_header_checksum_is_dropped(void **state) /* I-02 */
{
	(void)state;
	for (int wrong = 1; wrong < 0xffff; wrong += 771) {
		struct frame f = datagram();

		f.lies.ip_sum_add = wrong;
		assert_false(is_taken(&f));
	}
	assert_true(rooms_count(&r, COUNT_ip4_drop_checksum) > 80);
	rooms_expect_silence(&r);
}

static void a_packet_for_another_host_is_dropped_and_goes_nowhere(void **state) /* I-03, I-23 */
{
	static const uint32_t dsts[] = { 0x0a000002, 0x0a000000, 0x08080808, 0x00000000, 0x7f000001,
		0xe0000009, 0xeffffffa, 0x0a0001ff };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dsts); i++) {
		struct frame f = datagram();

		f.ip.dst = dsts[i];
		assert_false(is_taken(&f));
	}
	assert_int_equal(rooms_count(&r, COUNT_ip4_drop_not_ours), ARRAY_LEN(dsts));
	rooms_expect_silence(&r);
}

static void a_source_that_cannot_be_a_host_is_dropped(void **state) /* I-04 */
{
	static const uint32_t srcs[] = { 0xe0000001, 0xefffffff, 0xffffffff, 0x0a0000ff, 0x00000000,
		0x00000001, 0x7f000001, 0x7fffffff, 0xf0000001, ROOMS_IP, ROOMS_IP_TWO };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(srcs); i++) {
		struct frame f = datagram();

		f.ip.src = srcs[i];
		assert_false(is_taken(&f));
	}
	assert_int_equal(rooms_count(&r, COUNT_ip4_drop_source), ARRAY_LEN(srcs));
	rooms_expect_silence(&r);
}

static void a_received_ttl_of_one_or_none_is_no_matter(void **state) /* I-06 */
{
	struct frame f = datagram();

	(void)state;
	f.ip.ttl = 1;
	assert_true(is_taken(&f));
	f.ip.ttl = 0;
	assert_true(is_taken(&f));
}

static void options_that_make_sense_are_skipped(void **state) /* I-10 */
{
	static const struct {
		uint8_t len, bytes[40];
	} good[] = {
		{ 4, { 1, 1, 1, 1 } },
		{ 4, { 0, 0xff, 0xff, 0xff } },     /* behind the end anything may stand */
		{ 8, { 7, 7, 4, 0, 0, 0, 0, 0 } },  /* record route */
		{ 8, { 68, 8, 5, 0, 0, 0, 0, 0 } }, /* timestamp */
		{ 4, { 0x94, 4, 0, 0 } },           /* router alert */
		{ 4, { 0x1e, 3, 0, 0 } },           /* one nobody knows */
		{ 40, { 0x1e, 40 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct frame f = datagram();

		memcpy(f.ip.options, good[i].bytes, sizeof(f.ip.options));
		f.ip.options_len = good[i].len;
		assert_true(is_taken(&f));
		assert_int_equal(r.told[r.told_n - 1].len, 18);
	}
}

static void source_routes_and_nonsense_are_dropped(void **state) /* I-10 */
{
	static const struct {
		uint8_t len, bytes[40];
	} bad[] = {
		{ 8, { 131, 7, 4, 10, 0, 0, 9, 0 } },
		{ 8, { 137, 7, 4, 10, 0, 0, 9, 0 } },
		{ 4, { 7, 0, 0, 0 } },
		{ 4, { 7, 1, 0, 0 } },
		{ 4, { 7, 5, 0, 0 } },
		{ 4, { 7, 255, 0, 0 } },
		{ 4, { 1, 1, 1, 7 } }, /* the length is not there */
		{ 40, { 0x1e, 39, [39] = 9 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct frame f = datagram();

		memcpy(f.ip.options, bad[i].bytes, sizeof(f.ip.options));
		f.ip.options_len = bad[i].len;
		assert_false(is_taken(&f));
	}
	assert_int_equal(rooms_count(&r, COUNT_ip4_drop_options), ARRAY_LEN(bad));
}

static void broadcasts_of_our_prefix_and_to_all_are_taken(void **state) /* I-21 */
{
	struct frame f = datagram();

	(void)state;
	memset(f.eth_dst, 0xff, 6);
	f.ip.dst = 0x0a0000ff;
	assert_true(is_taken(&f));
	assert_true(r.told[0].ip.to_broadcast);
	f.ip.dst = 0xffffffff;
	assert_true(is_taken(&f));
	assert_true(r.told[1].ip.to_broadcast);
}

static void a_packet_for_us_alone_in_a_frame_for_all_is_dropped(void **state) /* L-18 */
{
	struct frame f = datagram();

	(void)state;
	memset(f.eth_dst, 0xff, 6);
	assert_false(is_taken(&f));
	assert_int_equal(rooms_count(&r, COUNT_ip4_drop_link_broadcast), 1);
}

static void an_address_is_ours_on_its_own_link_alone(void **state) /* I-26 */
{
	struct frame f = datagram();

	(void)state;
	f.ip.dst = ROOMS_IP_TWO;
	assert_false(is_taken(&f));
	memcpy(f.eth_dst, r.links[1].link.mac, 6);
	f.ip.src = 0x0a000109;
	rooms_input_frame(&r, 1, &f);
	assert_int_equal(r.told_n, 1);
}

static void a_protocol_nobody_speaks_is_told_so(void **state) /* C-06 */
{
	struct frame f = rooms_ip(FRAME_IP);
	struct frame error;

	(void)state;
	f.ip.proto = 200;
	f.data = (const uint8_t *)"12345678";
	f.data_len = 8;
	assert_false(is_taken(&f));
	assert_int_equal(rooms_count(&r, COUNT_ip4_drop_protocol), 1);
	error = rooms_expect(&r);
	assert_int_equal(error.icmp.type, 3);
	assert_int_equal(error.icmp.code, 2);
}

static void a_quoted_header_is_read_as_far_as_it_is_there(void **state)
{
	struct ip_info info;
	uint8_t hdr[20] = { 0x45, 0, 0, 100, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 9 };

	(void)state;
	assert_int_equal(ip4_read_header(hdr, 20, &info), 20);
	assert_int_equal(info.len, 80);
	assert_int_equal(addr_v4(&info.dst), ROOMS_PEER);
	for (size_t len = 0; len < 20; len++)
		assert_int_equal(ip4_read_header(hdr, len, &info), -EBADMSG);
	hdr[0] = 0x46;
	assert_int_equal(ip4_read_header(hdr, 20, &info), -EBADMSG);
	hdr[0] = 0x44;
	assert_int_equal(ip4_read_header(hdr, 20, &info), -EBADMSG);
	hdr[0] = 0x65;
	assert_int_equal(ip4_read_header(hdr, 20, &info), -EBADMSG);
	hdr[0] = 0x45;
	hdr[3] = 19;
	assert_int_equal(ip4_read_header(hdr, 20, &info), -EBADMSG);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_good_packet_is_delivered_with_what_its_header_said),
		T(a_version_other_than_4_is_dropped),
		T(a_header_length_that_cannot_be_is_dropped),
		T(a_total_length_that_cannot_be_is_dropped),
		T(a_packet_cut_anywhere_is_dropped),
		T(a_wrong_header_checksum_is_dropped),
		T(a_packet_for_another_host_is_dropped_and_goes_nowhere),
		T(a_source_that_cannot_be_a_host_is_dropped),
		T(a_received_ttl_of_one_or_none_is_no_matter),
		T(options_that_make_sense_are_skipped),
		T(source_routes_and_nonsense_are_dropped),
		T(broadcasts_of_our_prefix_and_to_all_are_taken),
		T(a_packet_for_us_alone_in_a_frame_for_all_is_dropped),
		T(an_address_is_ours_on_its_own_link_alone),
		T(a_protocol_nobody_speaks_is_told_so),
		T(a_quoted_header_is_read_as_far_as_it_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
