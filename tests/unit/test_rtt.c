/*
 * The retransmission timeout: RFC 6298.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../stack/tcp/rtt.h"
#include "../lib/region.h"

#define MS USEC_PER_MSEC

static struct rtt fresh(void)
{
	struct rtt r;

	rtt_init(&r);
	return r;
}

static struct rtt after(usec_t sample_us)
{
	struct rtt r = fresh();

	rtt_sample(&r, sample_us, 1);
	return r;
}

/* T-86: (2.1) */
static void before_any_sample_the_timeout_is_one_second(void **state)
{
	struct rtt r = fresh();

	(void)state;
	assert_int_equal(rtt_rto_us(&r), USEC_PER_SEC);
	assert_int_equal(r.srtt_us, 0);
}

/* T-86: (2.2): SRTT = R, RTTVAR = R/2, RTO = SRTT + 4 RTTVAR. */
static void the_first_sample_sets_mean_and_variation(void **state)
{
	struct rtt r = after(300 * MS);

	(void)state;
	assert_int_equal(r.srtt_us, 300 * MS);
	assert_int_equal(r.rttvar_us, 150 * MS);
	assert_int_equal(rtt_rto_us(&r), 900 * MS);
	assert_int_equal(r.min_us, 300 * MS);
}

/* T-86: (2.3): RTTVAR = 3/4 * 150 + 1/4 * |300 - 500|, then SRTT = 7/8 * 300 + 1/8 * 500. */
static void the_next_sample_is_weighed_with_the_old_mean(void **state)
{
	struct rtt r = after(300 * MS);

	(void)state;
	rtt_sample(&r, 500 * MS, 1);
	assert_int_equal(r.rttvar_us, 162500);
	assert_int_equal(r.srtt_us, 325 * MS);
	assert_int_equal(rtt_rto_us(&r), 975 * MS);
	assert_int_equal(r.min_us, 300 * MS);
}

/* RFC 7323 appendix G: with n samples a window, 1/8 and 1/4 are divided by n. */
static void many_samples_a_window_weigh_less_each(void **state)
{
	struct rtt r = after(300 * MS);

	(void)state;
	rtt_sample(&r, 500 * MS, 10);
	assert_int_equal(r.srtt_us, 302500);
	assert_int_equal(r.rttvar_us, 151250);
}

static void tiny_steps_still_reach_the_mean(void **state)
{
	struct rtt r = after(300);

	(void)state;
	for (int i = 0; i < 40000; i++)
		rtt_sample(&r, 500, 1000);
	assert_in_range(r.srtt_us, 497, 500);
}

static void a_steady_path_needs_no_more_than_the_minimum(void **state)
{
	struct rtt r = after(100);

	(void)state;
	for (int i = 0; i < 100; i++)
		rtt_sample(&r, 100, 1);
	assert_int_equal(rtt_rto_us(&r), RTT_RTO_MIN_US);
	assert_int_equal(r.srtt_us, 100);
}

/* (2.3) with G: RTO = SRTT + max (G, K * RTTVAR). */
static void a_variation_under_the_clock_counts_as_a_tick(void **state)
{
	struct rtt r = after(400 * MS);

	(void)state;
	for (int i = 0; i < 200; i++)
		rtt_sample(&r, 400 * MS, 1);
	assert_int_equal(rtt_rto_us(&r), 400 * MS + RTT_GRANULARITY_US);
}

static void the_least_sample_ever_is_kept(void **state)
{
	struct rtt r = after(300);

	(void)state;
	rtt_sample(&r, 200, 1);
	rtt_sample(&r, 900, 1);
	assert_int_equal(r.min_us, 200);
}

static void a_sample_of_no_time_is_a_sample(void **state)
{
	struct rtt r = after(0);

	(void)state;
	assert_int_equal(r.srtt_us, 1);
	assert_int_equal(rtt_rto_us(&r), RTT_RTO_MIN_US);
}

static void an_absurd_sample_gives_the_longest_timeout(void **state)
{
	struct rtt r = after(USEC_NEVER);

	(void)state;
	assert_int_equal(rtt_rto_us(&r), RTT_RTO_MAX_US);
	rtt_sample(&r, USEC_NEVER, 1);
	rtt_sample(&r, 0, 0);
	assert_int_equal(rtt_rto_us(&r), RTT_RTO_MAX_US);
}

/* T-88: (5.5) */
static void each_timeout_doubles_the_next(void **state)
{
	struct rtt r = after(300 * MS);

	(void)state;
	rtt_back_off(&r);
	assert_int_equal(rtt_rto_us(&r), 1800 * MS);
	rtt_back_off(&r);
	assert_int_equal(rtt_rto_us(&r), 3600 * MS);
}

static void doubling_ends_at_the_cap(void **state)
{
	struct rtt r = after(300 * MS);

	(void)state;
	for (int i = 0; i < 1000; i++)
		rtt_back_off(&r);
	assert_int_equal(rtt_rto_us(&r), RTT_RTO_MAX_US);
	assert_in_range(r.backoff, 1, 10);
}

/* T-88 */
static void a_sample_ends_the_back_off(void **state)
{
	struct rtt r = after(300 * MS);

	(void)state;
	rtt_back_off(&r);
	rtt_sample(&r, 300 * MS, 1);
	assert_int_equal(r.backoff, 0);
	assert_int_equal(rtt_rto_us(&r), 300 * MS + 4 * 112500);
}

/* T-89: (5.7) */
static void after_a_lost_syn_data_waits_three_seconds(void **state)
{
	struct rtt r = fresh();

	(void)state;
	rtt_back_off(&r);
	rtt_after_syn_loss(&r);
	assert_int_equal(rtt_rto_us(&r), 3 * USEC_PER_SEC);
	rtt_sample(&r, 10 * MS, 1);
	assert_int_equal(rtt_rto_us(&r), RTT_RTO_MIN_US);
}

static void whatever_is_sampled_the_timeout_stays_within_its_bounds(void **state)
{
	struct random rnd;
	struct rtt r = fresh();

	(void)state;
	seeded(&rnd);
	for (uint32_t n = steps(100000); n > 0; n--) {
		if (random_below(&rnd, 10) == 0)
			rtt_back_off(&r);
		else
			rtt_sample(&r, random_u64(&rnd) >> random_below(&rnd, 64),
				random_u32(&rnd) >> random_below(&rnd, 32));
		assert_in_range(rtt_rto_us(&r), RTT_RTO_MIN_US, RTT_RTO_MAX_US);
		assert_true(r.srtt_us == 0 || r.min_us <= r.srtt_us);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_any_sample_the_timeout_is_one_second),
		cmocka_unit_test(the_first_sample_sets_mean_and_variation),
		cmocka_unit_test(the_next_sample_is_weighed_with_the_old_mean),
		cmocka_unit_test(many_samples_a_window_weigh_less_each),
		cmocka_unit_test(tiny_steps_still_reach_the_mean),
		cmocka_unit_test(a_steady_path_needs_no_more_than_the_minimum),
		cmocka_unit_test(a_variation_under_the_clock_counts_as_a_tick),
		cmocka_unit_test(the_least_sample_ever_is_kept),
		cmocka_unit_test(a_sample_of_no_time_is_a_sample),
		cmocka_unit_test(an_absurd_sample_gives_the_longest_timeout),
		cmocka_unit_test(each_timeout_doubles_the_next),
		cmocka_unit_test(doubling_ends_at_the_cap),
		cmocka_unit_test(a_sample_ends_the_back_off),
		cmocka_unit_test(after_a_lost_syn_data_waits_three_seconds),
		cmocka_unit_test(whatever_is_sampled_the_timeout_stays_within_its_bounds),
	};

	return cmocka_run_group_tests_name("rtt", tests, NULL, NULL);
}
