/*
 * Address conflict detection (RFC 5227): an address is asked for before it is used, and defended.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/rooms.h"

#define SEC     USEC_PER_SEC
#define WANTED  0x0a000021u
#define RIVAL   0x0a0000ccu /* whose station also claims WANTED */
#define REQUEST 1
#define REPLY   2

static struct rooms r;

static int open_rooms(void **state)
{
	(void)state;
	rooms_open_bare(&r, 0);
	return 0;
}

static int close_rooms(void **state)
{
	(void)state;
	rooms_close(&r);
	return 0;
}

static void want(unsigned flags)
{
	struct addr a = v4(WANTED);

	assert_int_equal(net_addr_add(&r.stack, r.ifc[0], &a, 120, flags), 0);
}

static int state_of(uint32_t ip)
{
	struct addr a = v4(ip);

	return net_addr_state(&r.stack, &a);
}

/* RIVAL's station says something with SENDER as its address. */
static void rival_says(uint16_t op, uint32_t sender, uint32_t target)
{
	struct frame f = rooms_arp(op, RIVAL, target);

	memset(f.eth_dst, 0xff, 6);
	f.arp.sender = sender;
	rooms_input_frame(&r, 0, &f);
}

static bool is_probe(const struct frame *f)
{
	return f->kind == FRAME_ARP && f->arp.op == REQUEST && f->arp.sender == 0 &&
		f->arp.target == WANTED && f->eth_dst[0] == 0xff;
}

static bool is_announcement(const struct frame *f)
{
	return f->kind == FRAME_ARP && f->arp.op == REQUEST && f->arp.sender == WANTED &&
		f->arp.target == WANTED && f->eth_dst[0] == 0xff;
}

static void three_probes_go_before_two_announcements(void **state) /* L-10, L-12 */
{
	(void)state;
	want(0);
	rooms_run(&r, 20 * SEC);
	assert_int_equal(r.seen_n, 5);
	for (unsigned i = 0; i < 5; i++) {
		struct frame f = rooms_expect(&r);

		assert_true(i < 3 ? is_probe(&f) : is_announcement(&f));
	}
}

static void probes_and_announcements_keep_their_distances(void **state) /* L-10, L-12 */
{
	(void)state;
	for (unsigned n = 0; n < 200; n++) {
		struct addr a = v4(WANTED);
		usec_t began_us = r.stack.now_us - ROOMS_BIRTH;
		const struct seen *seen = r.seen;

		want(0);
		rooms_run(&r, began_us + 20 * SEC);
		assert_int_equal(r.seen_n, 5);
		assert_in_range(seen[0].at_us - began_us, 0, SEC);
		assert_in_range(seen[1].at_us - seen[0].at_us, SEC, 2 * SEC);
		assert_in_range(seen[2].at_us - seen[1].at_us, SEC, 2 * SEC);
		assert_int_equal(seen[3].at_us - seen[2].at_us, 2 * SEC);
		assert_int_equal(seen[4].at_us - seen[3].at_us, 2 * SEC);
		assert_int_equal(net_addr_del(&r.stack, r.ifc[0], &a), 0);
		rooms_forget(&r);
	}
}

static void an_address_is_used_from_its_first_announcement_on(void **state) /* L-10 */
{
	struct frame ask = rooms_arp(REQUEST, 0x0a000010, WANTED);

	(void)state;
	want(0);
	assert_int_equal(state_of(WANTED), -EAGAIN);
	while (r.seen_n < 3) {
		rooms_run(&r, r.stack.now_us - ROOMS_BIRTH + SEC / 10);
		assert_int_equal(state_of(WANTED), -EAGAIN);
	}
	rooms_input_frame(&r, 0, &ask);
	assert_int_equal(r.seen_n, 3); /* not answered while it is probed */
	rooms_run(&r, 20 * SEC);
	assert_int_equal(state_of(WANTED), 0);
	rooms_forget(&r);
	rooms_input_frame(&r, 0, &ask);
	assert_int_equal(rooms_expect(&r).arp.op, REPLY);
}

static void an_address_being_probed_is_no_source_and_no_destination(void **state) /* L-10 */
{
	struct ip_send how = { .src = v4(WANTED), .dst = v4(0x0a000010), .protocol = IP_UDP };
	struct frame f = rooms_ip(FRAME_UDP);
	struct addr a = v4(WANTED);

	(void)state;
	want(0);
	assert_int_equal(rooms_send(&r, &how, 10), -EADDRNOTAVAIL);
	f.ip.dst = WANTED;
	rooms_input_frame(&r, 0, &f);
	assert_int_equal(r.told_n, 0);
	assert_false(ip_is_ours(&r.stack, &a));
}

static void a_conflict_while_probing_ends_it(void **state) /* L-11 */
{
	static const struct {
		uint16_t op;
		uint32_t sender, target;
	} conflicts[] = {
		{ REPLY, WANTED, 0 },            /* somebody answers */
		{ REQUEST, WANTED, WANTED },     /* somebody announces it */
		{ REQUEST, WANTED, 0x0a000077 }, /* somebody uses it */
		{ REQUEST, 0, WANTED },          /* somebody probes for it as well */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(conflicts); i++) {
		usec_t began_us = r.stack.now_us - ROOMS_BIRTH;
		struct addr a = v4(WANTED);
		unsigned sent;

		want(0);
		rooms_run(&r, began_us + 3 * SEC / 2);
		rival_says(conflicts[i].op, conflicts[i].sender, conflicts[i].target);
		assert_int_equal(state_of(WANTED), -EADDRINUSE);
		sent = r.seen_n;
		rooms_run(&r, began_us + 60 * SEC);
		assert_int_equal(r.seen_n, sent);
		assert_int_equal(state_of(WANTED), -EADDRINUSE);
		assert_int_equal(net_addr_del(&r.stack, r.ifc[0], &a), 0);
	}
	assert_int_equal(rooms_count(&r, COUNT_arp_conflicts), 4);
}

static void a_conflict_just_before_the_announcement_still_counts(void **state) /* L-11 */
{
	(void)state;
	want(0);
	while (r.seen_n < 3)
		rooms_run(&r, r.stack.now_us - ROOMS_BIRTH + 1000);
	rooms_run(&r, r.seen[2].at_us + 2 * SEC - 1);
	rival_says(REPLY, WANTED, 0);
	assert_int_equal(state_of(WANTED), -EADDRINUSE);
}

static void words_about_other_addresses_are_no_conflict(void **state) /* L-11 */
{
	(void)state;
	want(0);
	rooms_run(&r, SEC);
	rival_says(REQUEST, RIVAL, WANTED); /* asks for it, as a neighbour would */
	rival_says(REQUEST, 0, 0x0a000077);
	rival_says(REPLY, RIVAL, 0);
	rooms_run(&r, 20 * SEC);
	assert_int_equal(state_of(WANTED), 0);
	assert_int_equal(rooms_count(&r, COUNT_arp_conflicts), 0);
}

static void our_own_probe_that_comes_back_is_no_conflict(void **state) /* L-11 */
{
	(void)state;
	want(0);
	rooms_run(&r, SEC);
	assert_int_equal(r.seen_n, 1);
	rooms_input(&r, 0, r.seen[0].bytes, r.seen[0].len);
	rooms_run(&r, 20 * SEC);
	assert_int_equal(state_of(WANTED), 0);
}

static void an_address_may_be_used_unasked_and_is_announced_once(void **state)
{
	struct frame f;

	(void)state;
	want(NET_ADDR_UNPROBED);
	assert_int_equal(state_of(WANTED), 0);
	rooms_run(&r, 20 * SEC);
	assert_int_equal(r.seen_n, 1);
	f = rooms_expect(&r);
	assert_true(is_announcement(&f));
}

static void the_first_conflict_is_answered_by_one_announcement(void **state) /* L-13 */
{
	struct frame f;

	(void)state;
	want(NET_ADDR_UNPROBED);
	rooms_forget(&r);
	rival_says(REQUEST, WANTED, WANTED);
	assert_int_equal(r.seen_n, 1);
	f = rooms_expect(&r);
	assert_true(is_announcement(&f));
	assert_int_equal(state_of(WANTED), 0);
}

/* RFC 5227 2.4 (c): forged frames must not be able to take the address away. */
static void a_flood_of_conflicts_is_answered_once_and_changes_nothing(void **state) /* L-13 */
{
	(void)state;
	want(NET_ADDR_UNPROBED);
	rival_says(REQUEST, WANTED, WANTED);
	rooms_forget(&r);
	for (unsigned i = 0; i < 1000; i++)
		rival_says(REPLY, WANTED, 0x0a000077);
	rooms_expect_silence(&r);
	assert_int_equal(state_of(WANTED), 0);
	assert_int_equal(rooms_count(&r, COUNT_arp_addresses_lost), 0);
	assert_int_equal(rooms_count(&r, COUNT_arp_conflicts), 1001);
}

static void conflicts_ten_seconds_apart_are_defended_each_time(void **state) /* L-13 */
{
	(void)state;
	want(NET_ADDR_UNPROBED);
	rooms_forget(&r);
	for (unsigned i = 0; i < 5; i++) {
		rooms_run(&r, i * 10 * SEC);
		rival_says(REQUEST, WANTED, WANTED);
	}
	assert_int_equal(r.seen_n, 5);
	assert_int_equal(state_of(WANTED), 0);
}

static void a_rival_is_never_learnt_as_a_neighbour(void **state) /* L-13 */
{
	struct ip_send how = { .src = v4(WANTED), .dst = v4(WANTED), .protocol = IP_UDP };

	(void)state;
	want(NET_ADDR_UNPROBED);
	rival_says(REQUEST, WANTED, WANTED);
	rooms_forget(&r);
	assert_int_equal(rooms_send(&r, &how, 10), 0);
	rooms_settle(&r);
	rooms_expect_silence(&r);
	assert_int_equal(r.told_n, 1);
}

static void a_conflict_on_another_link_is_none_of_ours(void **state) /* I-26 */
{
	struct frame f = rooms_arp(REQUEST, RIVAL, WANTED);

	(void)state;
	want(NET_ADDR_UNPROBED);
	f.arp.sender = WANTED;
	rooms_input_frame(&r, 1, &f);
	assert_int_equal(rooms_count(&r, COUNT_arp_conflicts), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(three_probes_go_before_two_announcements),
		T(probes_and_announcements_keep_their_distances),
		T(an_address_is_used_from_its_first_announcement_on),
		T(an_address_being_probed_is_no_source_and_no_destination),
		T(a_conflict_while_probing_ends_it),
		T(a_conflict_just_before_the_announcement_still_counts),
		T(words_about_other_addresses_are_no_conflict),
		T(our_own_probe_that_comes_back_is_no_conflict),
		T(an_address_may_be_used_unasked_and_is_announced_once),
		T(the_first_conflict_is_answered_by_one_announcement),
		T(a_flood_of_conflicts_is_answered_once_and_changes_nothing),
		T(conflicts_ten_seconds_apart_are_defended_each_time),
		T(a_rival_is_never_learnt_as_a_neighbour),
		T(a_conflict_on_another_link_is_none_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
