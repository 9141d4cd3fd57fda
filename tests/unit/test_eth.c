/*
 * Ethernet: which frames are ours, and what a frame of ours looks like.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/link/eth.h"
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

	f.data = (const uint8_t *)"x";
	f.data_len = 1;
	return f;
}

static void a_frame_for_our_mac_is_taken(void **state)
{
	struct frame f = datagram();

	(void)state;
	rooms_input_frame(&r, 0, &f);
	assert_int_equal(r.told_n, 1);
}

static void a_frame_for_a_foreign_mac_is_dropped(void **state) /* L-01 */
{
	struct frame f = datagram();

	(void)state;
	f.eth_dst[5] ^= 1;
	rooms_input_frame(&r, 0, &f);
	assert_int_equal(r.told_n, 0);
	assert_int_equal(rooms_count(&r, COUNT_eth_drop_not_ours), 1);
}

static void a_frame_for_a_group_nobody_joined_is_dropped(void **state) /* L-01 */
{
	struct frame f = datagram();
	static const uint8_t group[6] = { 0x01, 0x00, 0x5e, 0, 0, 9 };

	(void)state;
	memcpy(f.eth_dst, group, 6);
	rooms_input_frame(&r, 0, &f);
	assert_int_equal(r.told_n, 0);
	assert_int_equal(rooms_count(&r, COUNT_eth_drop_not_ours), 1);
}

static void a_broadcast_frame_is_taken_and_known_as_such(void **state) /* L-01 */
{
	struct frame f = datagram();

	(void)state;
	memcpy(f.eth_dst, eth_broadcast, 6);
	f.ip.dst = 0xffffffff;
	rooms_input_frame(&r, 0, &f);
	assert_int_equal(r.told_n, 1);
	assert_true(r.told[0].ip.link_broadcast);
}

static void a_runt_is_dropped(void **state) /* L-03 */
{
	uint8_t bytes[13];

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	for (size_t len = 0; len <= sizeof(bytes); len++)
		rooms_input(&r, 0, bytes, len);
	assert_int_equal(rooms_count(&r, COUNT_eth_drop_short), 14);
	rooms_expect_silence(&r);
}

static void unknown_types_and_llc_frames_are_dropped(void **state) /* L-03 */
{
	static const uint16_t types[] = { 0, 46, 0x05dc, 0x05ff, 0x0600, 0x8100, 0x86dd, 0xffff };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct frame f = datagram();

		f.eth_type = types[i];
		rooms_input_frame(&r, 0, &f);
	}
	assert_int_equal(rooms_count(&r, COUNT_eth_drop_type), ARRAY_LEN(types));
	assert_int_equal(r.told_n, 0);
	rooms_expect_silence(&r);
}

static void padding_is_not_data(void **state) /* L-02 */
{
	struct frame f = datagram();

	(void)state;
	f.lies.pad = 17;
	rooms_input_frame(&r, 0, &f);
	assert_int_equal(r.told_n, 1);
	assert_int_equal(r.told[0].len, 8 + 1);
}

static void what_is_sent_says_to_whom_from_whom_and_what(void **state)
{
	static const uint8_t dst[6] = { 2, 4, 6, 8, 10, 12 };
	struct pkt *p = rooms_packet(&r, 20, 20);

	(void)state;
	eth_send(&r.stack, r.ifc[0], dst, ETH_IP4, p);
	assert_int_equal(r.seen_n, 1);
	assert_int_equal(r.seen[0].len, 34);
	assert_memory_equal(r.seen[0].bytes, dst, 6);
	assert_memory_equal(r.seen[0].bytes + 6, r.links[0].link.mac, 6);
	assert_int_equal(frame_get16(r.seen[0].bytes + 12), ETH_IP4);
	assert_int_equal(r.seen[0].bytes[14 + 19], 19);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_frame_for_our_mac_is_taken),
		T(a_frame_for_a_foreign_mac_is_dropped),
		T(a_frame_for_a_group_nobody_joined_is_dropped),
		T(a_broadcast_frame_is_taken_and_known_as_such),
		T(a_runt_is_dropped),
		T(unknown_types_and_llc_frames_are_dropped),
		T(padding_is_not_data),
		T(what_is_sent_says_to_whom_from_whom_and_what),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
