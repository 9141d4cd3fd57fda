/*
 * Congestion windows: RFC 5681, RFC 6928, and the table of algorithms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../stack/tcp/cc.h"
#include "../lib/region.h"

#define MSS 1000u

static struct cc fresh(void)
{
	struct cc cc;

	cc_init(&cc, &cc_newreno, MSS, false);
	return cc;
}

/* In congestion avoidance with a window of CWND. */
static struct cc avoiding(uint32_t cwnd)
{
	struct cc cc = fresh();

	cc.cwnd = cwnd;
	cc.ssthresh = cwnd;
	return cc;
}

static void ack(struct cc *cc, uint32_t bytes)
{
	struct cc_ack a = { .bytes = bytes, .in_flight = cc->cwnd, .is_limited = true };

	cc->ops->acked(cc, &a);
}

static uint32_t initial_window(uint32_t mss)
{
	struct cc cc;

	cc_init(&cc, &cc_newreno, mss, false);
	return cc.cwnd;
}

/* T-93: RFC 6928 2: min (10*MSS, max (2*MSS, 14600)). */
static void the_initial_window_is_that_of_rfc_6928(void **state)
{
	(void)state;
	assert_int_equal(initial_window(536), 5360);
	assert_int_equal(initial_window(1460), 14600);
	assert_int_equal(initial_window(4000), 14600);
	assert_int_equal(initial_window(8960), 17920);
}

/* T-93 */
static void a_lost_syn_leaves_a_window_of_one_segment(void **state)
{
	struct cc cc;

	(void)state;
	cc_init(&cc, &cc_newreno, MSS, true);
	assert_int_equal(cc.cwnd, MSS);
}

static void ssthresh_begins_higher_than_any_window(void **state)
{
	(void)state;
	assert_int_equal(fresh().ssthresh, CC_WINDOW_MAX);
}

/* T-94: RFC 5681 3.1 (2): cwnd += min (N, SMSS). */
static void slow_start_grows_by_what_was_acknowledged_up_to_a_segment(void **state)
{
	struct cc cc = fresh();
	uint32_t was = cc.cwnd;

	(void)state;
	ack(&cc, 1);
	assert_int_equal(cc.cwnd, was + 1);
	ack(&cc, MSS);
	assert_int_equal(cc.cwnd, was + 1 + MSS);
	ack(&cc, 2 * MSS);
	assert_int_equal(cc.cwnd, was + 1 + 2 * MSS);
}

/* T-55 */
static void many_acks_for_one_segment_grow_no_more_than_one(void **state)
{
	struct cc cc = fresh();
	uint32_t was = cc.cwnd;

	(void)state;
	for (uint32_t i = 0; i < MSS; i++)
		ack(&cc, 1);
	assert_int_equal(cc.cwnd, was + MSS);
}

static void an_ack_for_many_segments_grows_slow_start_by_one(void **state)
{
	struct cc cc = fresh();
	uint32_t was = cc.cwnd;

	(void)state;
	ack(&cc, 44 * MSS);
	assert_int_equal(cc.cwnd, was + MSS);
}

static void slow_start_ends_at_ssthresh(void **state)
{
	struct cc cc = fresh();

	(void)state;
	cc.ssthresh = cc.cwnd + 300;
	ack(&cc, MSS);
	assert_int_equal(cc.cwnd, cc.ssthresh);
}

/* T-94: RFC 5681 3.1 (3): one SMSS for each round trip. */
static void congestion_avoidance_grows_by_a_segment_a_window(void **state)
{
	struct cc cc = avoiding(20 * MSS);

	(void)state;
	for (int i = 0; i < 9; i++)
		ack(&cc, 2 * MSS);
	assert_int_equal(cc.cwnd, 20 * MSS);
	ack(&cc, 2 * MSS);
	assert_int_equal(cc.cwnd, 21 * MSS);
	for (int i = 0; i < 10; i++)
		ack(&cc, 2 * MSS);
	assert_int_equal(cc.cwnd, 21 * MSS);
	ack(&cc, MSS);
	assert_int_equal(cc.cwnd, 22 * MSS);
}

static void one_ack_grows_a_window_by_one_segment_at_most(void **state)
{
	struct cc cc = avoiding(20 * MSS);

	(void)state;
	ack(&cc, 100 * MSS);
	assert_int_equal(cc.cwnd, 21 * MSS);
	ack(&cc, 1);
	assert_int_equal(cc.cwnd, 21 * MSS);
}

/* T-108 */
static void a_window_that_is_not_used_does_not_grow(void **state)
{
	struct cc slow = fresh();
	struct cc avoid = avoiding(20 * MSS);
	struct cc_ack a = { .bytes = 40 * MSS, .is_limited = false };
	uint32_t was = slow.cwnd;

	(void)state;
	slow.ops->acked(&slow, &a);
	avoid.ops->acked(&avoid, &a);
	assert_int_equal(slow.cwnd, was);
	assert_int_equal(avoid.cwnd, 20 * MSS);
}

/* T-95: RFC 5681 3.1 (4): ssthresh = max (FlightSize / 2, 2*SMSS). */
static void a_loss_halves_what_was_in_flight(void **state)
{
	struct cc cc = avoiding(50 * MSS);

	(void)state;
	cc.ops->lost(&cc, 0, 30 * MSS);
	assert_int_equal(cc.ssthresh, 15 * MSS);
	cc.ops->lost(&cc, 0, MSS);
	assert_int_equal(cc.ssthresh, 2 * MSS);
}

/* T-95 */
static void a_timeout_leaves_one_segment_and_half_the_flight(void **state)
{
	struct cc cc = avoiding(50 * MSS);

	(void)state;
	cc.ops->timed_out(&cc, 0, 30 * MSS, true);
	assert_int_equal(cc.cwnd, MSS);
	assert_int_equal(cc.ssthresh, 15 * MSS);
}

static void the_same_segment_timing_out_again_leaves_ssthresh(void **state)
{
	struct cc cc = avoiding(50 * MSS);

	(void)state;
	cc.ops->timed_out(&cc, 0, 30 * MSS, true);
	cc.ops->timed_out(&cc, 0, MSS, false);
	assert_int_equal(cc.ssthresh, 15 * MSS);
	assert_int_equal(cc.cwnd, MSS);
}

static void after_a_timeout_slow_start_leads_back_to_ssthresh(void **state)
{
	struct cc cc = avoiding(50 * MSS);
	int acks = 0;

	(void)state;
	cc.ops->timed_out(&cc, 0, 30 * MSS, true);
	while (cc.cwnd < cc.ssthresh) {
		ack(&cc, MSS);
		acks++;
	}
	assert_int_equal(acks, 14);
	ack(&cc, MSS);
	assert_int_equal(cc.cwnd, 15 * MSS);
}

/* T-108: RFC 5681 4.1: RW = min (IW, cwnd). */
static void after_idling_the_window_is_no_more_than_the_first(void **state)
{
	struct cc large = avoiding(50 * MSS);
	struct cc small = avoiding(3 * MSS);

	(void)state;
	large.ops->idle(&large, USEC_PER_SEC);
	small.ops->idle(&small, USEC_PER_SEC);
	assert_int_equal(large.cwnd, 10 * MSS);
	assert_int_equal(small.cwnd, 3 * MSS);
	assert_int_equal(large.ssthresh, 50 * MSS);
}

static void the_window_never_exceeds_its_maximum(void **state)
{
	struct cc cc = fresh();

	(void)state;
	cc.cwnd = CC_WINDOW_MAX - MSS;
	for (int i = 0; i < 10; i++)
		ack(&cc, CC_WINDOW_MAX);
	assert_int_equal(cc.cwnd, CC_WINDOW_MAX);
}

static void a_larger_segment_still_fits_into_the_window(void **state)
{
	struct cc cc = avoiding(MSS);

	(void)state;
	cc_set_mss(&cc, 3 * MSS);
	assert_int_equal(cc.cwnd, 3 * MSS);
	assert_int_equal(cc.ssthresh, 6 * MSS);
	cc_set_mss(&cc, 500);
	assert_int_equal(cc.cwnd, 3 * MSS);
	assert_int_equal(cc.mss, 500);
}

static void algorithms_are_found_by_name_and_in_order(void **state)
{
	(void)state;
	assert_ptr_equal(cc_find("newreno"), &cc_newreno);
	assert_null(cc_find("newren"));
	assert_null(cc_find(""));
	for (unsigned i = 0; cc_at(i); i++)
		assert_ptr_equal(cc_find(cc_at(i)->name), cc_at(i));
	assert_non_null(cc_at(0));
	assert_null(cc_at(1000));
}

static void whatever_happens_the_window_holds_a_segment(void **state)
{
	struct cc cc = fresh();
	struct random r;

	(void)state;
	seeded(&r);
	for (uint32_t n = steps(100000); n > 0; n--) {
		uint32_t bytes = random_below(&r, cc.cwnd) + 1;

		switch (random_below(&r, 20)) {
		case 0:
			cc.ops->lost(&cc, 0, bytes);
			cc.cwnd = cc.ssthresh;
			break;
		case 1:
			cc.ops->timed_out(&cc, 0, bytes, random_below(&r, 2) == 0);
			break;
		case 2:
			cc.ops->idle(&cc, 1);
			break;
		case 3:
			cc_set_mss(&cc, 100 + random_below(&r, 9000));
			break;
		default:
			ack(&cc, bytes);
		}
		assert_in_range(cc.cwnd, cc.mss, CC_WINDOW_MAX);
		assert_in_range(cc.ssthresh, 2 * cc.mss, CC_WINDOW_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_initial_window_is_that_of_rfc_6928),
		cmocka_unit_test(a_lost_syn_leaves_a_window_of_one_segment),
		cmocka_unit_test(ssthresh_begins_higher_than_any_window),
		cmocka_unit_test(slow_start_grows_by_what_was_acknowledged_up_to_a_segment),
		cmocka_unit_test(many_acks_for_one_segment_grow_no_more_than_one),
		cmocka_unit_test(an_ack_for_many_segments_grows_slow_start_by_one),
		cmocka_unit_test(slow_start_ends_at_ssthresh),
		cmocka_unit_test(congestion_avoidance_grows_by_a_segment_a_window),
		cmocka_unit_test(one_ack_grows_a_window_by_one_segment_at_most),
		cmocka_unit_test(a_window_that_is_not_used_does_not_grow),
		cmocka_unit_test(a_loss_halves_what_was_in_flight),
		cmocka_unit_test(a_timeout_leaves_one_segment_and_half_the_flight),
		cmocka_unit_test(the_same_segment_timing_out_again_leaves_ssthresh),
		cmocka_unit_test(after_a_timeout_slow_start_leads_back_to_ssthresh),
		cmocka_unit_test(after_idling_the_window_is_no_more_than_the_first),
		cmocka_unit_test(the_window_never_exceeds_its_maximum),
		cmocka_unit_test(a_larger_segment_still_fits_into_the_window),
		cmocka_unit_test(algorithms_are_found_by_name_and_in_order),
		cmocka_unit_test(whatever_happens_the_window_holds_a_segment),
	};

	return cmocka_run_group_tests_name("newreno", tests, NULL, NULL);
}
