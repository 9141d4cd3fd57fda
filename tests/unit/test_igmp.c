/*
 * IGMP, the host's part: what is said of our groups, and when. Time is a variable; delays are
 * random, from a seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/ip/igmp.h"
#include "../../stack/link/group.h"
#include "../lib/router.h"

static struct rooms r;

static int open_rooms(void **state)
{
	(void)state;
	rooms_open(&r, LINK_CSUM);
	return 0;
}

static int close_rooms(void **state)
{
	(void)state;
	rooms_close(&r);
	return 0;
}

/* Time since birth. */
static usec_t now(void)
{
	return r.stack.now_us - ROOMS_BIRTH;
}

/* --- changes ------------------------------------------------------------------------------ */

static void a_join_is_said_at_once_and_again_within_a_second(void **state) /* M-01 */
{
	(void)state;
	join(&r, GROUP);
	expect_record(&r, TO_EX, GROUP, 0);
	rooms_expect_silence(&r);
	pass(&r, 1 * USEC_PER_SEC);
	expect_record(&r, TO_EX, GROUP, 0);
	pass(&r, 60 * USEC_PER_SEC);
	rooms_expect_silence(&r);
}

static void a_leave_is_said_the_same_way(void **state) /* M-01 */
{
	(void)state;
	join(&r, GROUP);
	pass(&r, 2 * USEC_PER_SEC);
	rooms_forget(&r);
	leave(&r, GROUP);
	expect_record(&r, TO_IN, GROUP, 0);
	pass(&r, 1 * USEC_PER_SEC);
	expect_record(&r, TO_IN, GROUP, 0);
	pass(&r, 60 * USEC_PER_SEC);
	rooms_expect_silence(&r);
	assert_null(group_at(&r.stack, 0));
}

static void only_the_first_member_and_the_last_are_news(void **state)
{
	(void)state;
	join(&r, GROUP);
	pass(&r, 2 * USEC_PER_SEC);
	rooms_forget(&r);
	join(&r, GROUP);
	join(&r, GROUP);
	leave(&r, GROUP);
	leave(&r, GROUP);
	pass(&r, 2 * USEC_PER_SEC);
	rooms_expect_silence(&r);
	leave(&r, GROUP);
	expect_record(&r, TO_IN, GROUP, 0);
}

static void a_change_of_mind_takes_the_place_of_what_was_still_to_be_said(void **state)
{
	(void)state;
	join(&r, GROUP);
	expect_record(&r, TO_EX, GROUP, 0);
	leave(&r, GROUP);
	expect_record(&r, TO_IN, GROUP, 0);
	join(&r, GROUP);
	expect_record(&r, TO_EX, GROUP, 0);
	pass(&r, 60 * USEC_PER_SEC);
	expect_record(&r, TO_EX, GROUP, 0);
	rooms_expect_silence(&r);
}

static void all_hosts_are_never_reported(void **state) /* M-01 */
{
	(void)state;
	join(&r, ALL);
	router_asks_all(&r, 10);
	router_asks_group(&r, 10, ALL);
	pass(&r, 60 * USEC_PER_SEC);
	leave(&r, ALL);
	pass(&r, 60 * USEC_PER_SEC);
	rooms_expect_silence(&r);
}

static void what_stays_inside_is_told_to_nobody(void **state)
{
	struct addr group = v4(GROUP);
	struct ifc *lo = net_ifc_from(&r.stack, NET_LO);

	(void)state;
	assert_int_equal(igmp_join(&r.stack, lo, &group), 0);
	assert_true(group_is_joined(&r.stack, lo, &group));
	pass(&r, 60 * USEC_PER_SEC);
	igmp_leave(&r.stack, lo, &group);
	pass(&r, 60 * USEC_PER_SEC);
	rooms_expect_silence(&r);
}

static void without_an_address_reports_come_from_nobody(void **state)
{
	struct addr own = v4(ROOMS_IP);
	struct frame f;

	(void)state;
	assert_int_equal(net_addr_del(&r.stack, r.ifc[0], &own), 0);
	join(&r, GROUP);
	f = rooms_expect(&r);
	assert_igmp_form(&f, V3);
	assert_int_equal(f.ip.src, 0);
}

static void a_group_is_reported_on_its_own_link(void **state)
{
	struct addr group = v4(GROUP);

	(void)state;
	assert_int_equal(igmp_join(&r.stack, r.ifc[1], &group), 0);
	assert_int_equal(r.seen[0].link, 1);
	assert_false(group_is_joined(&r.stack, r.ifc[0], &group));
	igmp_leave(&r.stack, r.ifc[1], &group);
}

static void a_device_that_goes_takes_its_groups_along(void **state)
{
	struct addr group = v4(GROUP);

	(void)state;
	join(&r, GROUP);
	router_asks_all(&r, 100);
	stack_detach(&r.stack, r.ifc[0]);
	assert_false(group_is_joined(&r.stack, r.ifc[0], &group));
	assert_null(group_at(&r.stack, 0));
}

static void groups_are_bounded_and_those_that_were_left_make_room(void **state)
{
	struct addr one_more = v4(GROUP);

	(void)state;
	for (uint32_t i = 0; i < LIMIT_GROUPS; i++)
		join(&r, OTHER + i);
	assert_int_equal(igmp_join(&r.stack, r.ifc[0], &one_more), -ENOBUFS);
	leave(&r, OTHER + 7);
	assert_int_equal(igmp_join(&r.stack, r.ifc[0], &one_more), 0);
}

/* --- queries ------------------------------------------------------------------------------ */

static void a_general_query_is_answered_in_time_with_all_groups(void **state) /* M-01 */
{
	struct frame f;

	(void)state;
	join_quietly(&r, GROUP);
	join_quietly(&r, OTHER);
	join_quietly(&r, ALL);
	router_asks_all(&r, 100);
	rooms_expect_silence(&r);
	pass(&r, 10 * USEC_PER_SEC);
	f = rooms_expect(&r);
	assert_igmp_form(&f, V3);
	assert_int_equal(f.data_len, 8 + 2 * 8);
	assert_int_equal(frame_get16(f.data + 6), 2);
	assert_int_equal(f.data[8], IS_EX);
	assert_int_equal(frame_get32(f.data + 12), GROUP);
	assert_int_equal(f.data[16], IS_EX);
	assert_int_equal(frame_get32(f.data + 20), OTHER);
	rooms_expect_silence(&r);
}

static void answers_are_spread_over_the_time_that_the_query_gives(void **state) /* M-03 */
{
	usec_t latest = 0;
	usec_t earliest = USEC_NEVER;

	(void)state;
	join_quietly(&r, GROUP);
	/* 0x90 is 16 << 4, or 25.6 s; were it read as a plain number, 14.4 s. */
	for (unsigned i = 0; i < 40; i++) {
		usec_t asked = now();
		usec_t took;

		rooms_forget(&r);
		router_asks_all(&r, 0x90);
		pass(&r, 26 * USEC_PER_SEC);
		assert_int_equal(r.seen_n, 1);
		took = r.seen[0].at_us - asked;
		assert_in_range(took, 1, 25600 * USEC_PER_MSEC);
		latest = took > latest ? took : latest;
		earliest = took < earliest ? took : earliest;
	}
	assert_true(latest > 20 * USEC_PER_SEC);
	assert_true(earliest < 5 * USEC_PER_SEC);
}

static void a_query_about_one_group_is_answered_for_it_alone(void **state)
{
	(void)state;
	join_quietly(&r, GROUP);
	join_quietly(&r, OTHER);
	router_asks_group(&r, 10, OTHER);
	pass(&r, 1 * USEC_PER_SEC);
	expect_record(&r, IS_EX, OTHER, 0);
	router_asks_group(&r, 10, 0xef000099);
	pass(&r, 10 * USEC_PER_SEC);
	rooms_expect_silence(&r);
}

static void a_query_about_sources_is_answered_with_those_sources(void **state)
{
	const struct query one = {
		.code = 50, .group = GROUP, .sources_n = 2, .sources = { 0x0a000033, 0x0a000044 }
	};
	const struct query two = {
		.code = 50, .group = GROUP, .sources_n = 2, .sources = { 0x0a000044, 0x0a000055 }
	};
	struct frame f;

	(void)state;
	join_quietly(&r, GROUP);
	router_asks(&r, &one);
	router_asks(&r, &two);
	pass(&r, 5 * USEC_PER_SEC);
	f = expect_record(&r, IS_IN, GROUP, 3);
	assert_int_equal(frame_get32(f.data + 16), 0x0a000033);
	assert_int_equal(frame_get32(f.data + 20), 0x0a000044);
	assert_int_equal(frame_get32(f.data + 24), 0x0a000055);
	rooms_expect_silence(&r);
}

static void more_sources_than_are_remembered_make_it_the_whole_group(void **state)
{
	struct query q = { .code = 10, .group = GROUP, .sources_n = LIMIT_IGMP_SOURCES + 1 };

	(void)state;
	join_quietly(&r, GROUP);
	for (unsigned i = 0; i < q.sources_n; i++)
		q.sources[i] = 0x0a000100 + i;
	router_asks(&r, &q);
	pass(&r, 1 * USEC_PER_SEC);
	expect_record(&r, IS_EX, GROUP, 0);
}

static void a_query_about_the_group_widens_one_about_sources(void **state)
{
	const struct query sources = {
		.code = 10, .group = GROUP, .sources_n = 1, .sources = { 0x0a000033 }
	};

	(void)state;
	join_quietly(&r, GROUP);
	router_asks(&r, &sources);
	router_asks_group(&r, 10, GROUP);
	pass(&r, 1 * USEC_PER_SEC);
	expect_record(&r, IS_EX, GROUP, 0);
	/* And the other way round it stays wide. */
	router_asks_group(&r, 10, GROUP);
	router_asks(&r, &sources);
	pass(&r, 1 * USEC_PER_SEC);
	expect_record(&r, IS_EX, GROUP, 0);
	rooms_expect_silence(&r);
}

static void what_the_next_general_answer_says_is_not_said_twice(void **state)
{
	(void)state;
	join_quietly(&r, GROUP);
	router_asks_all(&r, 1);
	router_asks_group(&r, 255, GROUP);
	router_asks_all(&r, 255);
	pass(&r, 100 * USEC_PER_MSEC);
	assert_int_equal(r.seen_n, 1);
	pass(&r, 10000 * USEC_PER_SEC);
	assert_int_equal(r.seen_n, 1);
}

/* RFC 4541 2.1.1: of a switch that asks because no router does. */
static void a_query_from_nobody_is_answered(void **state)
{
	uint8_t bytes[128];
	struct frame f = router_message(&(struct query){ .code = 10 }, bytes);

	(void)state;
	join_quietly(&r, GROUP);
	f.ip.src = 0;
	rooms_input_frame(&r, 0, &f);
	pass(&r, 1 * USEC_PER_SEC);
	expect_record(&r, IS_EX, GROUP, 0);
}

static void a_query_to_our_own_address_is_heard_too(void **state)
{
	uint8_t bytes[128];
	struct frame f = router_message(&(struct query){ .code = 10 }, bytes);

	(void)state;
	join_quietly(&r, GROUP);
	f.ip.dst = ROOMS_IP;
	rooms_station(ROOMS_IP, f.eth_dst);
	rooms_input_frame(&r, 0, &f);
	pass(&r, 1 * USEC_PER_SEC);
	expect_record(&r, IS_EX, GROUP, 0);
}

static void the_querier_says_how_often_a_change_is_said(void **state) /* M-03 */
{
	(void)state;
	router_asks(&r, &(struct query){ .code = 10, .qrv = 5 });
	pass(&r, 1 * USEC_PER_SEC);
	join(&r, GROUP);
	pass(&r, 10 * USEC_PER_SEC);
	assert_int_equal(r.seen_n, 5);
	rooms_forget(&r);
	/* Of no robustness the default stands. */
	router_asks(&r, &(struct query){ .code = 10 });
	pass(&r, 10 * USEC_PER_SEC);
	rooms_forget(&r);
	leave(&r, GROUP);
	pass(&r, 10 * USEC_PER_SEC);
	assert_int_equal(r.seen_n, 2);
}

static void more_groups_than_fit_are_told_in_several_reports(void **state)
{
	unsigned records = 0;
	struct frame f;

	(void)state;
	for (uint32_t i = 0; i < LIMIT_GROUPS; i++)
		join(&r, OTHER + i);
	pass(&r, 2 * USEC_PER_SEC);
	rooms_forget(&r);
	router_asks_all(&r, 10);
	pass(&r, 1 * USEC_PER_SEC);
	while (rooms_see(&r, &f)) {
		assert_igmp_form(&f, V3);
		assert_true(f.ip_len <= 1500);
		assert_int_equal(f.data_len, 8 + 8 * frame_get16(f.data + 6));
		records += frame_get16(f.data + 6);
	}
	assert_int_equal(records, LIMIT_GROUPS);
	assert_int_equal(r.seen_n, 2);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_join_is_said_at_once_and_again_within_a_second),
		T(a_leave_is_said_the_same_way),
		T(only_the_first_member_and_the_last_are_news),
		T(a_change_of_mind_takes_the_place_of_what_was_still_to_be_said),
		T(all_hosts_are_never_reported),
		T(what_stays_inside_is_told_to_nobody),
		T(without_an_address_reports_come_from_nobody),
		T(a_group_is_reported_on_its_own_link),
		T(a_device_that_goes_takes_its_groups_along),
		T(groups_are_bounded_and_those_that_were_left_make_room),
		T(a_general_query_is_answered_in_time_with_all_groups),
		T(answers_are_spread_over_the_time_that_the_query_gives),
		T(a_query_about_one_group_is_answered_for_it_alone),
		T(a_query_about_sources_is_answered_with_those_sources),
		T(more_sources_than_are_remembered_make_it_the_whole_group),
		T(a_query_about_the_group_widens_one_about_sources),
		T(what_the_next_general_answer_says_is_not_said_twice),
		T(a_query_from_nobody_is_answered),
		T(a_query_to_our_own_address_is_heard_too),
		T(the_querier_says_how_often_a_change_is_said),
		T(more_groups_than_fit_are_told_in_several_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
