/*
 * ARP: RFC 826's merge, who is answered, and who is not believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/ip/arp_msg.h"
#include "../../stack/ip/neigh.h"
#include "../lib/rooms.h"

#define STRANGER 0x0a000010u
#define REQUEST  1
#define REPLY    2

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

/* The MAC of IP's entry, as the last 4 bytes of it; 0 when there is no entry. */
static uint32_t known(uint32_t ip)
{
	struct neigh_view v;
	struct addr a = v4(ip);

	for (unsigned i = 0; neigh_view_at(&r.stack, i, &v); i++) {
		if (addr_equal(&v.addr, &a) && v.has_mac)
			return frame_get32(v.mac + 2);
	}
	return 0;
}

static void hear(uint16_t op, uint32_t sender, uint32_t target)
{
	struct frame f = rooms_arp(op, sender, target);

	rooms_input_frame(&r, 0, &f);
}

/* SENDER's entry exists. */
static void befriend(uint32_t sender)
{
	hear(REQUEST, sender, ROOMS_IP);
	rooms_forget(&r);
	assert_int_equal(known(sender), sender);
}

static void a_request_for_us_is_answered_to_the_asker_alone(void **state) /* L-04 */
{
	static const uint8_t wanted[ARP_LEN] = { 0, 1, 8, 0, 6, 4, 0, 2, /* reply */
		2, 0, 10, 0, 0, 1, 10, 0, 0, 1,                          /* we */
		2, 0, 10, 0, 0, 16, 10, 0, 0, 16 };                      /* to whom asked */
	uint8_t mac[6];

	(void)state;
	hear(REQUEST, STRANGER, ROOMS_IP);
	rooms_station(STRANGER, mac);
	assert_int_equal(r.seen_n, 1);
	assert_memory_equal(r.seen[0].bytes, mac, 6);
	assert_int_equal(r.seen[0].len, 14 + ARP_LEN);
	assert_memory_equal(r.seen[0].bytes + 14, wanted, ARP_LEN);
	assert_int_equal(rooms_count(&r, COUNT_arp_requests_in), 1);
	assert_int_equal(rooms_count(&r, COUNT_arp_replies_out), 1);
}

static void a_request_for_another_is_not_answered(void **state) /* L-04 */
{
	(void)state;
	hear(REQUEST, STRANGER, 0x0a000077);
	hear(REQUEST, STRANGER, ROOMS_IP_TWO); /* ours, but not on this link (I-26) */
	rooms_expect_silence(&r);
}

static void other_kinds_of_addresses_are_dropped(void **state) /* L-05 */
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct frame f = rooms_arp(REQUEST, STRANGER, ROOMS_IP);

		f.arp.hw = i == 0 ? 6 : 1;
		f.arp.proto = i == 1 ? 0x86dd : 0x0800;
		f.arp.hw_len = i == 2 ? 8 : 6;
		f.arp.proto_len = i == 3 ? 16 : 4;
		rooms_input_frame(&r, 0, &f);
	}
	assert_int_equal(rooms_count(&r, COUNT_arp_drop_format), 4);
	assert_int_equal(known(STRANGER), 0);
	rooms_expect_silence(&r);
}

static void a_message_cut_anywhere_is_dropped(void **state) /* L-05 */
{
	struct frame f = rooms_arp(REQUEST, STRANGER, ROOMS_IP);

	(void)state;
	for (int len = 14; len < 14 + ARP_LEN; len++) {
		f.lies.cut = len;
		rooms_input_frame(&r, 0, &f);
	}
	assert_int_equal(rooms_count(&r, COUNT_arp_drop_short), ARP_LEN);
	assert_int_equal(known(STRANGER), 0);
}

static void padding_behind_a_message_is_ignored(void **state) /* L-02 */
{
	struct frame f = rooms_arp(REQUEST, STRANGER, ROOMS_IP);

	(void)state;
	f.lies.pad = 18;
	rooms_input_frame(&r, 0, &f);
	assert_int_equal(r.seen_n, 1);
}

static void who_asks_us_is_remembered(void **state) /* L-06 */
{
	(void)state;
	hear(REQUEST, STRANGER, ROOMS_IP);
	assert_int_equal(known(STRANGER), STRANGER);
}

static void what_is_said_to_others_makes_no_entry(void **state) /* L-06 */
{
	(void)state;
	hear(REQUEST, STRANGER, STRANGER); /* gratuitous */
	hear(REQUEST, STRANGER, 0x0a000077);
	hear(REPLY, STRANGER, 0x0a000077);
	assert_int_equal(known(STRANGER), 0);
}

static void a_known_host_s_new_mac_is_believed_whatever_it_says(void **state) /* L-06 */
{
	static const struct {
		uint16_t op;
		uint32_t target;
	} news[] = {
		{ REQUEST, STRANGER },
		{ REQUEST, 0x0a000077 },
		{ REPLY, 0x0a000077 },
		{ REPLY, ROOMS_IP },
		{ 3, ROOMS_IP },
	};

	(void)state;
	befriend(STRANGER);
	for (uint32_t i = 0; i < ARRAY_LEN(news); i++) {
		struct frame f = rooms_arp(news[i].op, STRANGER, news[i].target);

		rooms_station(0x0a00ee00 + i, f.arp.sender_mac);
		rooms_input_frame(&r, 0, &f);
		assert_int_equal(known(STRANGER), 0x0a00ee00 + i);
	}
}

static void a_reply_is_never_answered(void **state) /* L-07 */
{
	(void)state;
	befriend(STRANGER);
	hear(REPLY, STRANGER, ROOMS_IP);
	hear(REPLY, 0x0a000011, ROOMS_IP);
	rooms_expect_silence(&r);
}

static void an_unknown_operation_is_merged_and_dropped(void **state) /* L-07 */
{
	(void)state;
	hear(3, STRANGER, ROOMS_IP);
	assert_int_equal(rooms_count(&r, COUNT_arp_drop_op), 1);
	assert_int_equal(known(STRANGER), STRANGER);
	rooms_expect_silence(&r);
}

static void nobody_is_learnt_at_a_mac_that_is_no_station_s(void **state) /* L-08 */
{
	static const uint8_t macs[][6] = {
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, { 0x01, 0x00, 0x5e, 0, 0, 1 },
		{ 0, 0, 0, 0, 0, 0 }, { 2, 0, 10, 0, 0, 1 }, /* ours */
		{ 2, 0, 10, 0, 1, 1 },                       /* ours on the other link */
	};

	(void)state;
	befriend(STRANGER);
	for (size_t i = 0; i < ARRAY_LEN(macs); i++) {
		struct frame f = rooms_arp(REQUEST, STRANGER, ROOMS_IP);

		memcpy(f.arp.sender_mac, macs[i], 6);
		rooms_input_frame(&r, 0, &f);
	}
	assert_int_equal(known(STRANGER), STRANGER);
	assert_int_equal(rooms_count(&r, COUNT_arp_drop_sender), ARRAY_LEN(macs));
	rooms_expect_silence(&r);
}

static void nobody_is_learnt_at_an_address_that_is_no_host_s(void **state) /* L-08 */
{
	static const uint32_t ips[] = { 0xffffffff, 0xe0000001, 0x7f000001, 0x00000005,
		0xf0000001 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ips); i++) {
		struct frame f = rooms_arp(REQUEST, STRANGER, ROOMS_IP);

		f.arp.sender = ips[i];
		rooms_input_frame(&r, 0, &f);
		assert_int_equal(known(ips[i]), 0);
	}
	assert_int_equal(rooms_count(&r, COUNT_arp_drop_sender), ARRAY_LEN(ips));
	rooms_expect_silence(&r);
}

static void a_probe_is_answered_and_makes_no_entry(void **state) /* L-09 */
{
	struct frame f = rooms_arp(REQUEST, STRANGER, ROOMS_IP);
	struct frame reply;

	(void)state;
	f.arp.sender = 0;
	rooms_input_frame(&r, 0, &f);
	reply = rooms_expect(&r);
	assert_int_equal(reply.arp.op, REPLY);
	assert_int_equal(reply.arp.sender, ROOMS_IP);
	assert_int_equal(reply.arp.target, 0);
	assert_memory_equal(reply.eth_dst, f.eth_src, 6);
	assert_int_equal(known(0), 0);
	assert_int_equal(known(STRANGER), 0);
}

static void without_memory_nobody_is_answered(void **state)
{
	struct stack *s = &r.stack;
	struct pkt *hoard = NULL;
	struct pkt *one;

	(void)state;
	while (s->pkts.pool.out < s->pkts.pool.cap - 1) {
		one = pkt_new(&s->pkts, 0, BUF_CONTROL);
		one->next = hoard;
		hoard = one;
	}
	hear(REQUEST, STRANGER, ROOMS_IP);
	assert_int_equal(rooms_count(&r, COUNT_arp_no_memory), 1);
	assert_int_equal(r.seen_n, 0);
	while ((one = hoard)) {
		hoard = one->next;
		pkt_free(&s->pkts, one);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_request_for_us_is_answered_to_the_asker_alone),
		T(a_request_for_another_is_not_answered),
		T(other_kinds_of_addresses_are_dropped),
		T(a_message_cut_anywhere_is_dropped),
		T(padding_behind_a_message_is_ignored),
		T(who_asks_us_is_remembered),
		T(what_is_said_to_others_makes_no_entry),
		T(a_known_host_s_new_mac_is_believed_whatever_it_says),
		T(a_reply_is_never_answered),
		T(an_unknown_operation_is_merged_and_dropped),
		T(nobody_is_learnt_at_a_mac_that_is_no_station_s),
		T(nobody_is_learnt_at_an_address_that_is_no_host_s),
		T(a_probe_is_answered_and_makes_no_entry),
		T(without_memory_nobody_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
