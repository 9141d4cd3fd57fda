/*
 * The neighbour cache: RFC 4861 7.3's states in virtual time, bounds, and who makes room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/ip/neigh.h"
#include "../lib/rooms.h"

#define SEC      USEC_PER_SEC
#define STRANGER 0x0a000010u /* nobody knows him yet */
#define FAR      0xc6336401u

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

static int send_to(uint32_t dst)
{
	struct ip_send how = { .src = v4(ROOMS_IP), .dst = v4(dst), .protocol = IP_UDP };
	int err = rooms_send(&r, &how, 12);

	rooms_settle(&r);
	return err;
}

static void answer(uint32_t ip)
{
	struct frame f = rooms_arp(2, ip, ROOMS_IP);

	rooms_input_frame(&r, 0, &f);
}

/* The state of IP's entry, "" when there is none. */
static const char *state_of(uint32_t ip)
{
	static struct neigh_view v;
	struct addr a = v4(ip);

	for (unsigned i = 0; neigh_view_at(&r.stack, i, &v); i++) {
		if (addr_equal(&v.addr, &a))
			return v.state;
	}
	return "";
}

static unsigned entries(void)
{
	struct neigh_view v;
	unsigned n = 0;

	while (neigh_view_at(&r.stack, n, &v))
		n++;
	return n;
}

static void expect_request(uint32_t target, bool is_broadcast)
{
	struct frame f = rooms_expect(&r);

	assert_int_equal(f.kind, FRAME_ARP);
	assert_int_equal(f.arp.op, 1);
	assert_int_equal(f.arp.target, target);
	assert_int_equal(f.arp.sender, ROOMS_IP);
	assert_int_equal(f.eth_dst[0] == 0xff, is_broadcast);
}

static void expect_datagram(uint32_t dst, uint32_t station)
{
	struct frame f = rooms_expect(&r);
	uint8_t mac[6];

	rooms_station(station, mac);
	assert_int_equal(f.ip.dst, dst);
	assert_memory_equal(f.eth_dst, mac, 6);
}

/* STRANGER known and REACHABLE, nothing unseen. */
static void befriend(void)
{
	assert_int_equal(send_to(STRANGER), 0);
	answer(STRANGER);
	rooms_forget(&r);
	assert_string_equal(state_of(STRANGER), "REACHABLE");
}

static void the_first_packet_asks_and_waits(void **state) /* L-15 */
{
	(void)state;
	assert_int_equal(send_to(STRANGER), 0);
	expect_request(STRANGER, true);
	rooms_expect_silence(&r);
	assert_string_equal(state_of(STRANGER), "INCOMPLETE");
	rooms_run(&r, SEC / 2);
	answer(STRANGER);
	expect_datagram(STRANGER, STRANGER);
	assert_string_equal(state_of(STRANGER), "REACHABLE");
	assert_int_equal(
		rooms_count(&r, COUNT_arp_requests_out), 2 + 1); /* and two announcements */
	assert_int_equal(rooms_count(&r, COUNT_arp_replies_in), 1);
}

static void at_most_one_request_a_second_whatever_is_sent(void **state) /* L-14 */
{
	unsigned requests = 0;
	struct frame f;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		(void)send_to(STRANGER);
		rooms_run(&r, (i + 1) * 25000);
	}
	while (rooms_see(&r, &f))
		requests++;
	assert_int_equal(requests, 3);
	for (unsigned i = 1; i < 3; i++)
		assert_true(r.seen[i].at_us - r.seen[i - 1].at_us >= SEC);
}

static void a_request_is_not_repeated_early_for_an_entry_that_was_pushed_out(
	void **state) /* L-14 */
{
	unsigned requests = 0;
	struct frame f;

	(void)state;
	(void)send_to(STRANGER);
	for (uint32_t i = 1; i <= LIMIT_NEIGHS_INCOMPLETE; i++)
		(void)send_to(STRANGER + i);
	assert_string_equal(state_of(STRANGER), "");
	(void)send_to(STRANGER);
	while (rooms_see(&r, &f))
		requests += f.arp.target == STRANGER;
	assert_int_equal(requests, 1);
	rooms_run(&r, SEC);
	while (rooms_see(&r, &f))
		requests += f.arp.target == STRANGER;
	assert_int_equal(requests, 2);
}

static void after_three_requests_the_senders_learn_that_nobody_is_there(void **state) /* L-17 */
{
	(void)state;
	assert_int_equal(send_to(STRANGER), 0);
	rooms_run(&r, 3 * SEC - 1);
	assert_int_equal(r.told_n, 0);
	rooms_run(&r, 3 * SEC);
	assert_int_equal(r.told_n, 1);
	assert_true(r.told[0].is_advice);
	assert_int_equal(r.told[0].advice.error, -EHOSTUNREACH);
	assert_int_equal(addr_v4(&r.told[0].ip.dst), STRANGER);
	assert_int_equal(r.told[0].len, 20);
	assert_int_equal(rooms_count(&r, COUNT_neigh_drop_unreachable), 1);
}

static void what_is_known_not_to_answer_is_refused_for_a_while(void **state) /* L-17 */
{
	(void)state;
	(void)send_to(STRANGER);
	rooms_run(&r, 3 * SEC);
	assert_int_equal(send_to(STRANGER), -EHOSTUNREACH);
	rooms_run(&r, 10 * SEC);
	assert_string_equal(state_of(STRANGER), "");
	rooms_forget(&r);
	assert_int_equal(send_to(STRANGER), 0); /* asked for anew */
	expect_request(STRANGER, true);
}

static void the_latest_packets_wait_and_leave_in_order(void **state) /* L-15 */
{
	struct frame f;

	(void)state;
	for (uint32_t i = 0; i < LIMIT_NEIGH_QUEUE + 4; i++) {
		struct ip_send how = {
			.src = v4(ROOMS_IP), .dst = v4(STRANGER), .protocol = IP_UDP
		};
		assert_int_equal(rooms_send(&r, &how, 12 + i), 0);
	}
	assert_int_equal(rooms_count(&r, COUNT_neigh_drop_queue), 4);
	rooms_forget(&r);
	answer(STRANGER);
	for (uint32_t i = 0; i < LIMIT_NEIGH_QUEUE; i++) {
		f = rooms_expect(&r);
		assert_int_equal(f.data_len, 12 + 4 + i);
	}
	rooms_expect_silence(&r);
}

static void a_long_datagram_waits_whole_and_is_cut_when_it_leaves(void **state) /* L-15 */
{
	struct ip_send how = { .src = v4(ROOMS_IP), .dst = v4(STRANGER), .protocol = IP_UDP };
	uint32_t payload = 0;
	struct frame f;

	(void)state;
	assert_int_equal(rooms_send(&r, &how, 59992), 0);
	rooms_forget(&r);
	answer(STRANGER);
	while (rooms_see(&r, &f))
		payload += (uint32_t)f.data_len;
	assert_int_equal(payload, 60000);
}

static void reachable_lasts_between_half_and_one_and_a_half_of_30_s(void **state)
{
	usec_t least = 1000 * SEC;
	usec_t most = 0;

	(void)state;
	for (uint32_t i = 0; i < 60; i++) {
		usec_t t = r.stack.now_us - ROOMS_BIRTH;
		usec_t known = t;

		(void)send_to(STRANGER + i);
		answer(STRANGER + i);
		while (strcmp(state_of(STRANGER + i), "REACHABLE") == 0)
			rooms_run(&r, t += SEC / 4);
		least = t - known < least ? t - known : least;
		most = t - known > most ? t - known : most;
	}
	assert_true(least >= 15 * SEC && least < 20 * SEC);
	assert_true(most <= 45 * SEC + SEC / 4 && most > 40 * SEC);
}

static void a_stale_neighbour_that_is_used_is_asked_after_five_seconds(void **state) /* L-16 */
{
	(void)state;
	befriend();
	rooms_run(&r, 60 * SEC);
	assert_string_equal(state_of(STRANGER), "STALE");
	(void)send_to(STRANGER);
	expect_datagram(STRANGER, STRANGER);
	assert_string_equal(state_of(STRANGER), "DELAY");
	rooms_run(&r, 65 * SEC - 1);
	rooms_expect_silence(&r);
	rooms_run(&r, 65 * SEC);
	expect_request(STRANGER, false);
	assert_string_equal(state_of(STRANGER), "PROBE");
	answer(STRANGER);
	assert_string_equal(state_of(STRANGER), "REACHABLE");
}

static void a_neighbour_with_a_new_mac_is_found_again(void **state) /* L-16 */
{
	struct frame moved = rooms_arp(2, STRANGER, ROOMS_IP);

	(void)state;
	rooms_station(0x0a0000ee, moved.arp.sender_mac);
	befriend();
	rooms_run(&r, 60 * SEC);
	for (usec_t t = 60; t < 68; t++) {
		(void)send_to(STRANGER);
		rooms_run(&r, (t + 1) * SEC);
	}
	rooms_forget(&r);
	rooms_run(&r, 69 * SEC);
	expect_request(STRANGER, true);
	(void)send_to(STRANGER);
	rooms_input_frame(&r, 0, &moved);
	expect_datagram(STRANGER, 0x0a0000ee);
}

static void a_neighbour_nobody_uses_is_forgotten_when_it_does_not_answer(void **state) /* L-16 */
{
	(void)state;
	befriend();
	rooms_run(&r, 60 * SEC);
	(void)send_to(STRANGER);
	rooms_run(&r, 80 * SEC);
	assert_string_equal(state_of(STRANGER), "");
}

static void a_word_from_the_transport_spares_the_question(void **state)
{
	struct addr a = v4(STRANGER);

	(void)state;
	befriend();
	rooms_run(&r, 60 * SEC);
	(void)send_to(STRANGER);
	rooms_forget(&r);
	ip_confirm(&r.stack, &a);
	assert_string_equal(state_of(STRANGER), "REACHABLE");
	rooms_run(&r, 74 * SEC);
	rooms_expect_silence(&r);
}

static void a_confirmation_does_not_make_an_unresolved_neighbour_known(void **state)
{
	struct addr a = v4(STRANGER);

	(void)state;
	(void)send_to(STRANGER);
	neigh_confirm(&r.stack, &a);
	assert_string_equal(state_of(STRANGER), "INCOMPLETE");
}

static void a_complaint_of_the_transport_has_the_neighbour_asked_at_once(void **state) /* I-24 */
{
	struct addr a = v4(STRANGER);

	(void)state;
	befriend();
	rooms_run(&r, 10 * SEC);
	ip_negative_advice(&r.stack, &a);
	expect_request(STRANGER, false);
	ip_negative_advice(&r.stack, &a);
	rooms_expect_silence(&r);
	answer(STRANGER);
	assert_string_equal(state_of(STRANGER), "REACHABLE");
}

static void a_silent_gateway_s_packets_go_by_the_other(void **state) /* I-24 */
{
	struct addr any = v4(0), one = v4(0x0a0000fe), two = v4(0x0a0000fd);
	struct frame f;

	(void)state;
	assert_int_equal(net_route_add(&r.stack, &any, 96, &one, NULL), 0);
	assert_int_equal(net_route_add(&r.stack, &any, 96, &two, NULL), 0);
	assert_int_equal(send_to(FAR), 0);
	expect_request(0x0a0000fe, true);
	rooms_run(&r, 3 * SEC);
	do {
		f = rooms_expect(&r);
	} while (f.arp.target == 0x0a0000fe);
	assert_int_equal(f.arp.target, 0x0a0000fd);
	answer(0x0a0000fd);
	expect_datagram(FAR, 0x0a0000fd);
	assert_int_equal(r.told_n, 0); /* nobody was told of a failure */
	assert_int_equal(send_to(FAR), 0);
	expect_datagram(FAR, 0x0a0000fd);
}

static void when_no_gateway_answers_the_sender_is_told_in_the_end(void **state) /* L-17, I-24 */
{
	struct addr any = v4(0), one = v4(0x0a0000fe), two = v4(0x0a0000fd);

	(void)state;
	assert_int_equal(net_route_add(&r.stack, &any, 96, &one, NULL), 0);
	assert_int_equal(net_route_add(&r.stack, &any, 96, &two, NULL), 0);
	assert_int_equal(send_to(FAR), 0);
	rooms_run(&r, 20 * SEC);
	assert_int_equal(r.told_n, 1);
	assert_int_equal(r.told[0].advice.error, -EHOSTUNREACH);
}

static void unresolved_entries_are_bounded(void **state) /* L-20 */
{
	unsigned incomplete = 0;
	struct neigh_view v;

	(void)state;
	for (uint32_t i = 0; i < 200; i++)
		(void)send_to(STRANGER + i);
	for (unsigned i = 0; neigh_view_at(&r.stack, i, &v); i++)
		incomplete += strcmp(v.state, "INCOMPLETE") == 0;
	assert_int_equal(incomplete, LIMIT_NEIGHS_INCOMPLETE);
	assert_int_equal(rooms_count(&r, COUNT_neigh_evicted), 200 - LIMIT_NEIGHS_INCOMPLETE);
	rooms_check(&r);
}

/* Addresses in 10.4/16, for which there is a prefix of its own. */
static void many(void)
{
	struct addr own = v4(0x0a040001);

	assert_int_equal(net_addr_add(&r.stack, r.ifc[0], &own, 112, NET_ADDR_UNPROBED), 0);
	rooms_forget(&r);
}

static int send_from_many(uint32_t dst)
{
	struct ip_send how = { .src = v4(0x0a040001), .dst = v4(dst), .protocol = IP_UDP };
	int err = rooms_send(&r, &how, 12);

	rooms_settle(&r);
	return err;
}

static void a_sweep_does_not_push_out_who_is_talked_to(void **state) /* L-20 */
{
	(void)state;
	many();
	befriend();
	for (uint32_t i = 0; i < 3000; i++) {
		struct frame spoof = rooms_arp(1, 0x0a040100 + i, 0x0a040001);

		rooms_input_frame(&r, 0, &spoof); /* makes an entry */
		if (i % 100 == 0) {
			rooms_run(&r, i * 1000);
			(void)send_to(STRANGER);
		}
		(void)send_from_many(0x0a045000 + i); /* and so does this */
		rooms_forget(&r);
	}
	assert_string_equal(state_of(STRANGER), "REACHABLE");
	assert_true(entries() <= LIMIT_NEIGHS);
	rooms_check(&r);
	(void)send_to(STRANGER);
	expect_datagram(STRANGER, STRANGER);
}

static void when_all_are_talked_to_a_newcomer_is_refused(void **state) /* L-20 */
{
	uint32_t n = 0;

	(void)state;
	many();
	while (entries() < LIMIT_NEIGHS) {
		struct frame f = rooms_arp(2, 0x0a040100 + n, 0x0a040001);

		assert_int_equal(send_from_many(0x0a040100 + n), 0);
		rooms_input_frame(&r, 0, &f);
		rooms_forget(&r);
		n++;
	}
	assert_int_equal(send_from_many(0x0a045000), -ENOBUFS);
	assert_int_equal(rooms_count(&r, COUNT_neigh_drop_no_entry), 1);
	rooms_run(&r, 60 * SEC); /* but those who are silent for long make room */
	assert_int_equal(send_from_many(0x0a045000), 0);
	rooms_check(&r);
}

static void a_permanent_neighbour_is_never_asked_for_nor_changed(void **state) /* L-19 */
{
	struct frame spoof = rooms_arp(1, ROOMS_PEER, ROOMS_IP);

	(void)state;
	rooms_station(0x0a0000ee, spoof.arp.sender_mac);
	rooms_input_frame(&r, 0, &spoof);
	spoof.arp.op = 2;
	rooms_input_frame(&r, 0, &spoof);
	rooms_forget(&r);
	rooms_run(&r, 1000 * SEC);
	(void)send_to(ROOMS_PEER);
	expect_datagram(ROOMS_PEER, ROOMS_PEER);
	rooms_run(&r, 1100 * SEC);
	rooms_expect_silence(&r);
}

static void permanent_neighbours_leave_room_for_others(void **state) /* L-19 */
{
	uint8_t mac[6] = { 2, 1, 1, 1, 1, 1 };
	unsigned n = 1; /* ROOMS_PEER */

	(void)state;
	for (;; n++) {
		struct addr a = v4(0x0a040100 + n);

		if (net_neigh_add(&r.stack, r.ifc[0], &a, mac) < 0)
			break;
	}
	assert_int_equal(n, LIMIT_NEIGHS_PERMANENT);
	assert_int_equal(send_to(STRANGER), 0);
	rooms_check(&r);
}

static void what_waits_leaves_when_the_administrator_knows_the_mac(void **state)
{
	struct addr a = v4(STRANGER);
	uint8_t mac[6];

	(void)state;
	rooms_station(STRANGER, mac);
	(void)send_to(STRANGER);
	rooms_forget(&r);
	assert_int_equal(net_neigh_add(&r.stack, r.ifc[0], &a, mac), 0);
	expect_datagram(STRANGER, STRANGER);
}

static void a_flush_forgets_all_but_the_permanent(void **state)
{
	(void)state;
	befriend();
	(void)send_to(STRANGER + 1);
	net_neigh_flush(&r.stack);
	assert_int_equal(entries(), 1);
	rooms_settle(&r);
	rooms_run(&r, SEC);
	assert_int_equal(r.told_n, 1); /* who waited has failed */
}

static void a_deleted_neighbour_is_asked_for_again(void **state)
{
	struct addr a = v4(STRANGER);

	(void)state;
	befriend();
	rooms_run(&r, 2 * SEC);
	assert_int_equal(net_neigh_del(&r.stack, &a), 0);
	assert_int_equal(net_neigh_del(&r.stack, &a), -ENOENT);
	(void)send_to(STRANGER);
	expect_request(STRANGER, true);
}

static void an_interface_takes_its_neighbours_with_it(void **state)
{
	(void)state;
	befriend();
	(void)send_to(STRANGER + 1);
	stack_detach(&r.stack, r.ifc[0]);
	assert_int_equal(entries(), 0);
	stack_poll(&r.stack, r.stack.now_us);
	assert_int_equal(r.told_n, 1);
	assert_int_equal(r.told[0].advice.error, -EHOSTUNREACH);
}

static void impossible_neighbours_are_refused(void **state)
{
	static const uint8_t group[6] = { 1, 0, 0x5e, 0, 0, 1 };
	static const uint8_t none[6];
	static const uint8_t good[6] = { 2, 0, 0, 0, 0, 7 };
	struct addr a = v4(STRANGER), everybody = v4(0xffffffff), loop = v4(0x7f000001);

	(void)state;
	assert_int_equal(net_neigh_add(&r.stack, r.ifc[0], &a, group), -EINVAL);
	assert_int_equal(net_neigh_add(&r.stack, r.ifc[0], &a, none), -EINVAL);
	assert_int_equal(net_neigh_add(&r.stack, r.ifc[0], &everybody, good), -EINVAL);
	assert_int_equal(net_neigh_add(&r.stack, r.ifc[0], &loop, good), -EINVAL);
	assert_int_equal(net_neigh_add(&r.stack, r.ifc[0], &addr_any, good), -EAFNOSUPPORT);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_first_packet_asks_and_waits),
		T(at_most_one_request_a_second_whatever_is_sent),
		T(a_request_is_not_repeated_early_for_an_entry_that_was_pushed_out),
		T(after_three_requests_the_senders_learn_that_nobody_is_there),
		T(what_is_known_not_to_answer_is_refused_for_a_while),
		T(the_latest_packets_wait_and_leave_in_order),
		T(a_long_datagram_waits_whole_and_is_cut_when_it_leaves),
		T(reachable_lasts_between_half_and_one_and_a_half_of_30_s),
		T(a_stale_neighbour_that_is_used_is_asked_after_five_seconds),
		T(a_neighbour_with_a_new_mac_is_found_again),
		T(a_neighbour_nobody_uses_is_forgotten_when_it_does_not_answer),
		T(a_word_from_the_transport_spares_the_question),
		T(a_confirmation_does_not_make_an_unresolved_neighbour_known),
		T(a_complaint_of_the_transport_has_the_neighbour_asked_at_once),
		T(a_silent_gateway_s_packets_go_by_the_other),
		T(when_no_gateway_answers_the_sender_is_told_in_the_end),
		T(unresolved_entries_are_bounded),
		T(a_sweep_does_not_push_out_who_is_talked_to),
		T(when_all_are_talked_to_a_newcomer_is_refused),
		T(a_permanent_neighbour_is_never_asked_for_nor_changed),
		T(permanent_neighbours_leave_room_for_others),
		T(what_waits_leaves_when_the_administrator_knows_the_mac),
		T(a_flush_forgets_all_but_the_permanent),
		T(a_deleted_neighbour_is_asked_for_again),
		T(an_interface_takes_its_neighbours_with_it),
		T(impossible_neighbours_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
