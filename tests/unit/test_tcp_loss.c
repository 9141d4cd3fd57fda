/*
 * What acknowledgements and silence say about the path: RFC 5681, 6582, 3042, 6298. Rows T-..
 * are those of the requirement matrix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/tcp/tcp.h"
#include "../lib/far.h"

#define S FAR_MSS

/* Where segment I (from 0) begins. */
static uint32_t seg(uint32_t i)
{
	return 1 + i * S;
}

static void write_segs(struct far *p, uint32_t n)
{
	static uint8_t bytes[100 * FAR_MSS];

	assert_in_range(n, 1, 100);
	assert_int_equal(talk_write(talk_box, p->conv, bytes, n * S), n * S);
}

static void hears_segs(struct far *p, uint32_t from, uint32_t n)
{
	for (uint32_t i = from; i < from + n; i++)
		far_hears(p, FRAME_ACK, seg(i), S);
}

/* N segments are out and cwnd is 10; nothing of them is acknowledged. */
static struct far far_with_flight(uint32_t n)
{
	struct far p = far_connected(false);

	write_segs(&p, n);
	hears_segs(&p, 0, n < 10 ? n : 10);
	far_hears_nothing();
	return p;
}

static void dup_acks(struct far *p, uint32_t i, unsigned n)
{
	for (unsigned k = 0; k < n; k++)
		far_acks(p, seg(i));
}

/* Segment 0 is acknowledged, so that what follows is beyond the first number (RFC 6582 3.2). */
static struct far far_that_lost_segment_1(uint32_t n)
{
	struct far p = far_with_flight(n);

	far_acks(&p, seg(1));
	box_seen_all(talk_box);
	return p;
}

/* --- beginning ------------------------------------------------------------------------- */

static void ten_segments_go_at_first(void **state)
{
	struct far p = far_with_flight(20);

	(void)state;
	assert_int_equal(far_stat(&p, "cwnd"), 10 * S);
}

static void after_a_lost_syn_one_segment_goes(void **state)
{
	struct far p = far_called();

	(void)state;
	far_waits(2);
	far_hears(&p, FRAME_SYN, 0, 0);
	far_sends(&p, FRAME_SYN, 0);
	far_hears(&p, FRAME_ACK, 1, 0);
	write_segs(&p, 3);
	hears_segs(&p, 0, 1);
	far_hears_nothing();
	assert_int_equal(far_waits(4), 3000000); /* RFC 6298 5.7 */
	hears_segs(&p, 0, 1);
}

static void slow_start_grows_by_what_was_acknowledged(void **state)
{
	struct far p = far_with_flight(30);

	(void)state;
	far_acks(&p, seg(1));
	hears_segs(&p, 10, 2);
	assert_int_equal(far_stat(&p, "cwnd"), 11 * S);
}

static void an_ack_of_a_byte_does_not_count_as_a_segment(void **state)
{
	struct far p = far_with_flight(30);

	(void)state;
	for (uint32_t i = 2; i < 102; i++)
		far_acks(&p, i); /* T-55 */
	assert_in_range(far_stat(&p, "cwnd"), 10 * S, 10 * S + 100);
}

static void a_flow_that_does_not_fill_its_window_does_not_widen_it(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	for (uint32_t i = 0; i < 20; i++) {
		write_segs(&p, 1);
		hears_segs(&p, i, 1);
		far_acks(&p, seg(i + 1));
	}
	assert_int_equal(far_stat(&p, "cwnd"), 10 * S);
}

/* --- duplicates ------------------------------------------------------------------------ */

static void the_first_two_duplicates_let_new_segments_go(void **state)
{
	struct far p = far_that_lost_segment_1(30); /* up to segment 11 is out */

	(void)state;
	dup_acks(&p, 1, 1);
	hears_segs(&p, 12, 1);
	dup_acks(&p, 1, 1);
	hears_segs(&p, 13, 1);
	far_hears_nothing();
}

static void the_third_duplicate_brings_the_segment_again(void **state)
{
	struct far p = far_that_lost_segment_1(12);

	(void)state;
	dup_acks(&p, 1, 2);
	far_hears_nothing();
	dup_acks(&p, 1, 1);
	hears_segs(&p, 1, 1);
	assert_int_equal(box_count(talk_box, "tcp_fast_retransmits"), 1);
	assert_int_equal(far_stat(&p, "ssthresh"), 11 * S / 2);
	far_hears_nothing();
}

static void what_brings_news_is_no_duplicate(void **state)
{
	struct far p = far_that_lost_segment_1(12);

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		p.window--;
		dup_acks(&p, 1, 1);
	}
	p.heard = seg(1);
	for (unsigned i = 0; i < 5; i++)
		far_sends(&p, 0, 1);
	box_seen_all(talk_box);
	assert_int_equal(box_count(talk_box, "tcp_fast_retransmits"), 0);
}

static void a_full_ack_ends_recovery_at_half_the_window(void **state)
{
	struct far p = far_that_lost_segment_1(12);

	(void)state;
	dup_acks(&p, 1, 3);
	hears_segs(&p, 1, 1);
	far_acks(&p, seg(12));
	assert_in_range(far_stat(&p, "cwnd"), 2 * S, 11 * S / 2);
	write_segs(&p, 30);
	hears_segs(&p, 12, 2);
	far_hears_nothing();
}

static void a_partial_ack_brings_the_next_hole(void **state)
{
	struct far p = far_that_lost_segment_1(12);

	(void)state;
	dup_acks(&p, 1, 3);
	hears_segs(&p, 1, 1);
	far_acks(&p, seg(4));
	hears_segs(&p, 4, 1);
	far_acks(&p, seg(7));
	hears_segs(&p, 7, 1);
	far_hears_nothing();
	far_acks(&p, seg(12));
	assert_int_equal(box_count(talk_box, "tcp_rto"), 0);
	assert_int_equal(box_count(talk_box, "tcp_fast_retransmits"), 1);
}

static void no_flood_of_duplicates_widens_the_window_beyond_what_was_out(void **state)
{
	struct far p = far_that_lost_segment_1(100);

	(void)state;
	dup_acks(&p, 1, 200);
	box_seen_all(talk_box);
	assert_in_range(far_stat(&p, "cwnd"), S, 30 * S);
}

/* A number of long ago comes to lie ahead again (RFC 9293 3.4), and would hinder every fast
 * retransmit for two gigabytes. */
static void the_end_of_the_last_recovery_moves_along(void **state)
{
	struct far p = far_connected(false);
	struct tcp_conv *c = tcp_of(p.conv);

	(void)state;
	c->recover = c->snd_una - 0x70000000;
	write_segs(&p, 2);
	hears_segs(&p, 0, 2);
	far_acks(&p, seg(2));
	assert_in_range(c->snd_una - c->recover, 1, 2 * S);
}

/* --- the retransmission timer ------------------------------------------------------------ */

static void a_timeout_sends_one_segment_and_halves_the_threshold(void **state)
{
	struct far p = far_with_flight(10);

	(void)state;
	far_waits(2);
	hears_segs(&p, 0, 1);
	far_hears_nothing();
	assert_int_equal(far_stat(&p, "cwnd"), S);
	assert_int_equal(far_stat(&p, "ssthresh"), 5 * S);
	far_waits(4);
	hears_segs(&p, 0, 1);
	assert_int_equal(far_stat(&p, "ssthresh"), 5 * S); /* RFC 5681 3.1: not again */
}

static void after_a_timeout_slow_start_goes_over_what_was_sent(void **state)
{
	struct far p = far_with_flight(10);

	(void)state;
	far_waits(2);
	hears_segs(&p, 0, 1);
	far_acks(&p, seg(1));
	hears_segs(&p, 1, 2);
	far_hears_nothing();
	far_acks(&p, seg(10)); /* the others had arrived */
	far_waits_in_silence(10 * USEC_PER_SEC);
	assert_int_equal(far_stat(&p, "bytes_in_flight"), 0);
}

static void duplicates_of_before_a_timeout_bring_nothing_again(void **state)
{
	struct far p = far_with_flight(10);

	(void)state;
	far_waits(2);
	hears_segs(&p, 0, 1);
	far_acks(&p, seg(1));
	hears_segs(&p, 1, 2);
	dup_acks(&p, 1, 5);
	far_hears_nothing();
	assert_int_equal(box_count(talk_box, "tcp_fast_retransmits"), 0);
}

/* --- the round trip ------------------------------------------------------------------------ */

static void a_round_trip_is_measured(void **state)
{
	struct far p = far_called();

	(void)state;
	box_run_through(talk_box, box_now(talk_box) + 50000);
	far_sends(&p, FRAME_SYN, 0);
	far_hears(&p, FRAME_ACK, 1, 0);
	assert_int_equal(far_stat(&p, "srtt_us"), 50000);
	assert_int_equal(far_stat(&p, "rttvar_us"), 25000);
	assert_int_equal(far_stat(&p, "rto_us"), 200000); /* 150 ms, and the least is 200 */
}

static void what_was_sent_twice_is_no_round_trip(void **state)
{
	struct far p = far_connected(false);
	uint64_t srtt_us = far_stat(&p, "srtt_us");

	(void)state;
	write_segs(&p, 1);
	hears_segs(&p, 0, 1);
	far_waits(2);
	hears_segs(&p, 0, 1);
	far_acks(&p, seg(1));
	assert_int_equal(far_stat(&p, "srtt_us"), srtt_us);
	assert_int_equal(far_stat(&p, "backoff"), 1); /* Karn: kept until there is a sample */
	write_segs(&p, 1);
	hears_segs(&p, 1, 1);
	far_acks(&p, seg(2));
	assert_int_equal(far_stat(&p, "backoff"), 0);
}

static void with_timestamps_what_was_sent_twice_is_measured_by_its_echo(void **state)
{
	struct far p = far_connected(true);

	(void)state;
	talk_write(talk_box, p.conv, talk_bytes, 1000);
	far_hears(&p, FRAME_ACK, 1, 1000);
	far_waits(2);
	far_hears(&p, FRAME_ACK, 1, 1000);
	box_run_through(talk_box, box_now(talk_box) + 80000);
	far_acks(&p, 1001);
	assert_int_equal(far_stat(&p, "backoff"), 0);
	assert_in_range(far_stat(&p, "srtt_us"), 10000, 10200); /* an eighth of 80 ms */
}

static void an_echo_from_before_the_timeout_is_no_round_trip(void **state)
{
	struct far p = far_connected(true);
	uint64_t srtt_us = far_stat(&p, "srtt_us");
	uint32_t first;

	(void)state;
	talk_write(talk_box, p.conv, talk_bytes, 1000);
	first = far_hears(&p, FRAME_ACK, 1, 1000)->tcp.ts_val;
	far_waits(2);
	far_hears(&p, FRAME_ACK, 1, 1000);
	p.ts = first;
	far_acks(&p, 1001);
	assert_int_equal(far_stat(&p, "srtt_us"), srtt_us);
	assert_int_equal(far_stat(&p, "backoff"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_open, talk_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ten_segments_go_at_first),
		TEST(after_a_lost_syn_one_segment_goes),
		TEST(slow_start_grows_by_what_was_acknowledged),
		TEST(an_ack_of_a_byte_does_not_count_as_a_segment),
		TEST(a_flow_that_does_not_fill_its_window_does_not_widen_it),
		TEST(the_first_two_duplicates_let_new_segments_go),
		TEST(the_third_duplicate_brings_the_segment_again),
		TEST(what_brings_news_is_no_duplicate),
		TEST(a_full_ack_ends_recovery_at_half_the_window),
		TEST(a_partial_ack_brings_the_next_hole),
		TEST(no_flood_of_duplicates_widens_the_window_beyond_what_was_out),
		TEST(the_end_of_the_last_recovery_moves_along),
		TEST(a_timeout_sends_one_segment_and_halves_the_threshold),
		TEST(after_a_timeout_slow_start_goes_over_what_was_sent),
		TEST(duplicates_of_before_a_timeout_bring_nothing_again),
		TEST(a_round_trip_is_measured),
		TEST(what_was_sent_twice_is_no_round_trip),
		TEST(with_timestamps_what_was_sent_twice_is_measured_by_its_echo),
		TEST(an_echo_from_before_the_timeout_is_no_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
