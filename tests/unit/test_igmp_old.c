/*
 * IGMP among others: older queriers, malformed messages, memory that is short, and anything in any
 * order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/ip/igmp.h"
#include "../../stack/link/group.h"
#include "../lib/region.h"
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

/* --- older queriers ----------------------------------------------------------------------- */

static void a_querier_of_version_2_is_answered_so(void **state) /* M-02 */
{
	(void)state;
	join_quietly(&r, GROUP);
	router_asks_v2(&r, 100, 0);
	pass(&r, 10 * USEC_PER_SEC);
	expect_old(&r, V2_REPORT, GROUP, GROUP);
	rooms_expect_silence(&r);
	leave(&r, GROUP);
	expect_old(&r, V2_LEAVE, GROUP, ROUTERS);
	pass(&r, 60 * USEC_PER_SEC);
	rooms_expect_silence(&r);
}

static void a_join_under_version_2_is_said_twice(void **state) /* M-02 */
{
	(void)state;
	router_asks_v2(&r, 100, 0);
	join(&r, GROUP);
	expect_old(&r, V2_REPORT, GROUP, GROUP);
	pass(&r, 10 * USEC_PER_SEC);
	expect_old(&r, V2_REPORT, GROUP, GROUP);
	pass(&r, 60 * USEC_PER_SEC);
	rooms_expect_silence(&r);
}

static void another_s_report_under_version_2_spares_ours(void **state) /* M-02 */
{
	(void)state;
	join_quietly(&r, GROUP);
	router_asks_v2(&r, 100, 0);
	router_asks(&r, &(struct query){ .type = V2_REPORT, .group = GROUP, .is_old = true });
	pass(&r, 60 * USEC_PER_SEC);
	rooms_expect_silence(&r);
	/* He was the last to report it: nothing is said when we leave. */
	leave(&r, GROUP);
	pass(&r, 60 * USEC_PER_SEC);
	rooms_expect_silence(&r);
}

static void another_s_report_under_version_3_spares_nothing(void **state)
{
	(void)state;
	join_quietly(&r, GROUP);
	router_asks_all(&r, 100);
	router_asks(&r, &(struct query){ .type = V2_REPORT, .group = GROUP, .is_old = true });
	pass(&r, 10 * USEC_PER_SEC);
	expect_record(&r, IS_EX, GROUP, 0);
}

static void a_querier_of_version_1_is_answered_so_within_10_s(void **state) /* M-02 */
{
	(void)state;
	join_quietly(&r, GROUP);
	router_asks_v2(&r, 0, 0);
	pass(&r, 10 * USEC_PER_SEC);
	expect_old(&r, V1_REPORT, GROUP, GROUP);
	leave(&r, GROUP);
	pass(&r, 60 * USEC_PER_SEC);
	rooms_expect_silence(&r);
}

/* RFC 9776 8.12: robustness times the query interval and one response: 2 x 125 s + 10 s. */
static void an_older_querier_is_heeded_for_260_s(void **state) /* M-02 */
{
	usec_t heard;

	(void)state;
	router_asks_v2(&r, 100, 0);
	heard = now();
	rooms_run(&r, heard + 259 * USEC_PER_SEC);
	join(&r, GROUP);
	expect_old(&r, V2_REPORT, GROUP, GROUP);
	rooms_run(&r, heard + 261 * USEC_PER_SEC);
	rooms_forget(&r);
	join(&r, OTHER);
	expect_record(&r, TO_EX, OTHER, 0);
}

static void a_version_1_querier_weighs_more_than_one_of_version_2(void **state)
{
	(void)state;
	router_asks_v2(&r, 0, 0);
	router_asks_v2(&r, 100, 0);
	join(&r, GROUP);
	expect_old(&r, V1_REPORT, GROUP, GROUP);
}

static void with_another_version_what_was_pending_is_cancelled(void **state) /* M-02 */
{
	(void)state;
	join(&r, GROUP);
	expect_record(&r, TO_EX, GROUP, 0);
	router_asks_v2(&r, 1, 0);
	pass(&r, 60 * USEC_PER_SEC);
	expect_old(&r, V2_REPORT, GROUP, GROUP);
	rooms_expect_silence(&r);
}

static void a_later_query_of_version_2_does_not_put_an_answer_off(void **state)
{
	(void)state;
	join_quietly(&r, GROUP);
	router_asks_v2(&r, 1, 0);
	router_asks_v2(&r, 255, 0);
	pass(&r, 100 * USEC_PER_MSEC);
	expect_old(&r, V2_REPORT, GROUP, GROUP);
	pass(&r, 60 * USEC_PER_SEC);
	rooms_expect_silence(&r);
}

/* --- what is not heard -------------------------------------------------------------------- */

static void ignored(const struct frame *f, enum counter why)
{
	uint64_t before = rooms_count(&r, why);

	rooms_input_frame(&r, 0, f);
	pass(&r, 60 * USEC_PER_SEC);
	rooms_expect_silence(&r);
	assert_int_equal(rooms_count(&r, why), before + 1);
}

static void malformed_messages_are_ignored_and_counted(void **state) /* M-05 */
{
	static const size_t odd[] = { 9, 10, 11 };
	uint8_t bytes[128];
	struct frame f;

	(void)state;
	join_quietly(&r, GROUP);
	f = router_message(&(struct query){ .code = 10 }, bytes);
	f.ip.ttl = 2;
	ignored(&f, COUNT_igmp_drop_ttl);

	f = router_message(&(struct query){ .code = 10 }, bytes);
	f.ip.options_len = 0;
	ignored(&f, COUNT_igmp_drop_alert);

	f = router_message(&(struct query){ .code = 10 }, bytes);
	bytes[3]++;
	ignored(&f, COUNT_igmp_drop_checksum);

	f = router_message(&(struct query){ .code = 10, .is_old = true }, bytes);
	f.data_len = 7;
	ignored(&f, COUNT_igmp_drop_short);

	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		f = router_message(&(struct query){ .code = 10 }, bytes);
		f.data_len = odd[i];
		ignored(&f, COUNT_igmp_drop_query);
	}
	f = router_message(&(struct query){ .code = 10, .group = GROUP, .sources_n = 3 }, bytes);
	f.data_len -= 1;
	frame_put16(bytes + 2, 0);
	frame_put16(bytes + 2, frame_sum(bytes, f.data_len, 0));
	ignored(&f, COUNT_igmp_drop_query);

	f = router_message(&(struct query){ .type = 0x77, .is_old = true }, bytes);
	ignored(&f, COUNT_igmp_drop_type);
}

static void a_query_about_what_is_no_group_is_ignored(void **state) /* M-05 */
{
	uint8_t bytes[128];
	struct frame f;

	(void)state;
	join_quietly(&r, GROUP);
	f = router_message(&(struct query){ .code = 10, .group = 0x0a000001 }, bytes);
	f.ip.dst = ALL;
	memcpy(f.eth_dst, "\x01\0\x5e\0\0\x01", 6);
	ignored(&f, COUNT_igmp_drop_query);
}

/* RFC 9776 9.1 */
static void a_query_about_all_groups_that_was_sent_to_one_is_ignored(void **state) /* M-05 */
{
	uint8_t bytes[128];
	struct frame f;

	(void)state;
	join_quietly(&r, GROUP);
	for (unsigned is_old = 0; is_old < 2; is_old++) {
		f = router_message(&(struct query){ .code = 10, .is_old = is_old }, bytes);
		f.ip.dst = GROUP;
		memcpy(f.eth_dst, "\x01\0\x5e\x7f\xff\x01", 6);
		ignored(&f, COUNT_igmp_drop_query);
	}
}

static void queries_of_version_2_need_no_router_alert(void **state)
{
	uint8_t bytes[128];
	struct frame f;

	(void)state;
	join_quietly(&r, GROUP);
	f = router_message(&(struct query){ .code = 10, .is_old = true }, bytes);
	f.ip.options_len = 0;
	rooms_input_frame(&r, 0, &f);
	pass(&r, 1 * USEC_PER_SEC);
	expect_old(&r, V2_REPORT, GROUP, GROUP);
}

static void others_reports_and_leaves_are_counted(void **state)
{
	uint64_t before = rooms_count(&r, COUNT_igmp_reports_in);

	(void)state;
	join_quietly(&r, GROUP);
	router_asks(&r, &(struct query){ .type = V3_REPORT, .group = GROUP });
	router_asks(&r, &(struct query){ .type = V2_LEAVE, .group = GROUP, .is_old = true });
	assert_int_equal(rooms_count(&r, COUNT_igmp_reports_in), before + 2);
}

static void for_want_of_memory_a_report_is_left_out_and_said_again(void **state)
{
	struct pkt *taken = NULL;
	struct pkt *p;

	(void)state;
	while ((p = pkt_new(&r.stack.pkts, 0, BUF_CONTROL))) {
		p->next = taken;
		taken = p;
	}
	join(&r, GROUP);
	rooms_expect_silence(&r);
	assert_int_equal(rooms_count(&r, COUNT_igmp_no_memory), 1);
	while ((p = taken)) {
		taken = p->next;
		p->next = NULL;
		pkt_free(&r.stack.pkts, p);
	}
	pass(&r, 1 * USEC_PER_SEC);
	expect_record(&r, TO_EX, GROUP, 0);
}

/* --- anything, in any order --------------------------------------------------------------- */

static void any_order_of_all_this_leaves_nothing_behind(void **state)
{
	struct random dice;
	unsigned members[8] = { 0 };

	(void)state;
	seeded(&dice);
	for (unsigned i = 0; i < 20000; i++) {
		unsigned at = random_below(&dice, ARRAY_LEN(members));
		struct query q = { .code = (uint8_t)random_below(&dice, 256),
			.group = random_below(&dice, 2) ? OTHER + at : 0,
			.qrv = (uint8_t)random_below(&dice, 8),
			.qqic = (uint8_t)random_below(&dice, 256),
			.sources_n = (uint16_t)random_below(&dice, 20),
			.is_old = random_below(&dice, 8) == 0 };

		switch (random_below(&dice, 6)) {
		case 0:
			join(&r, OTHER + at);
			members[at]++;
			break;
		case 1:
			if (members[at] > 0) {
				leave(&r, OTHER + at);
				members[at]--;
			}
			break;
		case 2:
			q.type = random_below(&dice, 4) ? 0 : (uint8_t)random_below(&dice, 256);
			router_asks(&r, &q);
			break;
		case 3:
			pass(&r, random_below(&dice, 2 * USEC_PER_SEC));
			break;
		case 4:
			if (random_below(&dice, 50) == 0)
				pass(&r, 600 * USEC_PER_SEC);
			break;
		default:
			rooms_check(&r);
		}
		rooms_forget(&r);
	}
	for (unsigned at = 0; at < ARRAY_LEN(members); at++)
		while (members[at]-- > 0)
			leave(&r, OTHER + at);
	pass(&r, 60 * USEC_PER_SEC);
	assert_null(group_at(&r.stack, 0));
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_querier_of_version_2_is_answered_so),
		T(a_join_under_version_2_is_said_twice),
		T(another_s_report_under_version_2_spares_ours),
		T(another_s_report_under_version_3_spares_nothing),
		T(a_querier_of_version_1_is_answered_so_within_10_s),
		T(an_older_querier_is_heeded_for_260_s),
		T(a_version_1_querier_weighs_more_than_one_of_version_2),
		T(with_another_version_what_was_pending_is_cancelled),
		T(a_later_query_of_version_2_does_not_put_an_answer_off),
		T(malformed_messages_are_ignored_and_counted),
		T(a_query_about_what_is_no_group_is_ignored),
		T(a_query_about_all_groups_that_was_sent_to_one_is_ignored),
		T(queries_of_version_2_need_no_router_alert),
		T(others_reports_and_leaves_are_counted),
		T(for_want_of_memory_a_report_is_left_out_and_said_again),
		T(any_order_of_all_this_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
