/*
 * Numbers that nobody may guess, a hundred thousand of each: how even they are, how little one
 * says of the next, and that what one observer is sent does not depend on what another is. Seeds
 * are fixed, so a verdict is always the same one.
 *
 * rows T-20, T-33, T-77, I-09, U-11 (RFC 6528 3; RFC 6056 3.3; RFC 7323 7.1; RFC 7739)
 */
#include "../lib/box.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES 100000u
#define BINS    256
#define PEER    0x0a000002u
#define OTHER   0x0a000003u

/* Chi-square with 255 degrees of freedom: 330.5 is exceeded once in a thousand fair samples. */
#define CHI_255 330.5

static const struct cred nobody = { 0, 0, 1 };
static uint32_t first[SAMPLES], stamp[SAMPLES], port[SAMPLES];

static struct box *box_with(uint64_t seed)
{
	struct box_config config = { .name = "samples", .seed = seed, .prefix_bits = 8 };

	return box_new(&config);
}

static void end(struct box *b)
{
	box_teardown(b);
	if (box_fault(b))
		fail_msg("%s", box_fault(b));
	box_free(b);
}

static double chi_square(const uint32_t *bins)
{
	double expected, sum = 0;
	uint32_t total = 0;
	unsigned i;

	for (i = 0; i < BINS; i++)
		total += bins[i];
	expected = (double)total / BINS;
	for (i = 0; i < BINS; i++)
		sum += (bins[i] - expected) * (bins[i] - expected) / expected;
	return sum;
}

static void assert_even(const uint32_t *bins, const char *what)
{
	double chi = chi_square(bins);

	if (chi > CHI_255)
		fail_msg("%s: chi-square %.1f", what, chi);
}

/* Each byte of the values, and of their differences, takes each of its values alike. */
static void assert_bytes_are_even(const uint32_t *value, unsigned lowest, const char *what)
{
	unsigned shift, i;

	for (shift = lowest; shift < 32; shift += 8) {
		uint32_t bins[BINS] = { 0 }, steps[BINS] = { 0 };

		for (i = 0; i < SAMPLES; i++)
			bins[value[i] >> shift & 255]++;
		for (i = 1; i < SAMPLES; i++)
			steps[(value[i] - value[i - 1]) >> shift & 255]++;
		assert_even(bins, what);
		assert_even(steps, what);
	}
}

/* Call REMOTE from LOCAL (port 0: chosen) and hang up; the SYN is left in SYN. */
static void call_once(
	struct box *b, uint16_t local_port, uint32_t ip, uint16_t remote_port, struct frame *syn)
{
	static uint8_t bytes[256];
	struct endpoint local = { .addr = addr_from_v4(box_ip(b)), .port = local_port };
	struct endpoint remote = { .addr = addr_from_v4(ip), .port = remote_port };
	struct conv *c = conv_new(box_stack(b), box_proto(b, "tcp"), &nobody);

	assert_non_null(c);
	assert_int_equal(conv_connect(c, local_port ? &local : NULL, &remote), 0);
	box_settle(b);
	assert_non_null(box_peek(b));
	assert_true(box_peek(b)->len < sizeof(bytes));
	memcpy(bytes, box_peek(b)->bytes, box_peek(b)->len);
	assert_null(frame_parse(syn, bytes, box_peek(b)->len));
	assert_int_equal(syn->tcp.flags, FRAME_SYN);
	conv_hangup(c);
	conv_release(c);
	box_settle(b);
	box_seen_all(b);
}

/* --- how even ----------------------------------------------------------------------- */

/* A call from each of so many pairs. */
static void sample(uint64_t seed)
{
	struct box *b = box_with(seed);
	struct frame syn;
	unsigned i;

	for (i = 0; i < SAMPLES; i++) {
		call_once(b, (uint16_t)(1024 + i % 50000), PEER + i / 50000, 80, &syn);
		assert_true(syn.tcp.has_ts);
		first[i] = syn.tcp.seq;
		stamp[i] = syn.tcp.ts_val;
	}
	end(b);
}

static void first_numbers_and_timestamps_of_different_pairs_are_even(void **state)
{
	static uint32_t both[SAMPLES];
	unsigned i;

	(void)state;
	sample(11);
	assert_bytes_are_even(first, 0, "first numbers");
	assert_bytes_are_even(stamp, 0, "timestamps");
	/* the one does not tell the other */
	for (i = 0; i < SAMPLES; i++)
		both[i] = first[i] ^ stamp[i];
	assert_bytes_are_even(both, 0, "first numbers against timestamps");
}

/* No two pairs share a first number more often than chance has it: n^2 / 2^33. */
static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void first_numbers_hardly_ever_meet(void **state)
{
	unsigned met = 0, i;

	(void)state;
	sample(12);
	qsort(first, SAMPLES, sizeof(*first), compare);
	for (i = 1; i < SAMPLES; i++)
		met += first[i] == first[i - 1];
	assert_in_range(met, 0, 8); /* 1.2 are expected */
}

static void assert_ports_are_even(const char *what)
{
	uint32_t bins[BINS] = { 0 }, low = 65536, high = 0;
	unsigned i;

	for (i = 0; i < SAMPLES; i++) {
		low = port[i] < low ? port[i] : low;
		high = port[i] > high ? port[i] : high;
	}
	assert_true(low >= 1024);
	assert_true(high - low + 1 >= 32768); /* 15 bits */
	for (i = 0; i < SAMPLES; i++)
		bins[(uint64_t)(port[i] - low) * BINS / (high - low + 1)]++;
	assert_even(bins, what);
}

static void ports_to_many_are_even(void **state)
{
	struct box *b = box_with(13);
	struct frame syn;
	unsigned i;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		call_once(b, 0, PEER + i % 1000, (uint16_t)(80 + i / 1000), &syn);
		port[i] = syn.tcp.src_port;
	}
	assert_ports_are_even("ports to many");
	end(b);
}

/* Towards one, RFC 6056 3.3.5 lets ports advance by random steps: who sees one knows the next to
 * within its longest step, but not better. */
static void ports_to_one_advance_by_steps_that_are_even(void **state)
{
	struct box *b = box_with(14);
	uint32_t steps[1024] = { 0 }, longest = 0, bins[BINS] = { 0 };
	struct frame syn;
	unsigned i;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		call_once(b, 0, PEER, 80, &syn);
		port[i] = syn.tcp.src_port;
		/* no faster than IP ids allow (RFC 6864 4.3) */
		box_run_through(b, box_now(b) + 3 * USEC_PER_MSEC);
	}
	assert_ports_are_even("ports to one");
	for (i = 1; i < SAMPLES; i++) {
		uint32_t step = port[i] > port[i - 1] ? port[i] - port[i - 1] : 0;

		if (step == 0 || step >= 1024)
			continue; /* round the end of the range */
		steps[step]++;
		longest = step > longest ? step : longest;
	}
	assert_in_range(longest, 256, 1023);
	for (i = 1; i <= longest; i++)
		bins[(i - 1) * BINS / longest] += steps[i];
	/* the bins hold one step or two, so only the lumps among them would be seen */
	for (i = 0; i < BINS; i++)
		assert_in_range(bins[i], 1, SAMPLES / longest * 3);
	end(b);
}

/* --- what one learns of another ------------------------------------------------------- */

#define WATCHES 2000

/* How far the ports to PEER move on, while OTHER is called BETWEEN times between two of them. */
static double advance(unsigned between)
{
	struct box *b = box_with(15);
	struct frame syn;
	uint32_t before = 0;
	double sum = 0;
	unsigned i, j;

	for (i = 0; i < WATCHES; i++) {
		call_once(b, 0, PEER, 80, &syn);
		if (i)
			sum += (syn.tcp.src_port - before) & 0x3fff;
		before = syn.tcp.src_port;
		for (j = 0; j < between; j++)
			call_once(b, 0, OTHER, 443, &syn);
	}
	end(b);
	return sum / (WATCHES - 1);
}

static void ports_do_not_tell_how_many_others_were_called(void **state)
{
	double alone = advance(0), beside = advance(20);

	(void)state;
	/* steps of 1 to 500: the mean of 2,000 wanders by 3.2 and the range's end by more */
	if (fabs(alone - beside) > alone / 2)
		fail_msg("by %.1f alone, by %.1f beside 20 others", alone, beside);
}

/* The clock that first numbers rise by is the time's alone, not the calls'. */
static void first_numbers_do_not_tell_how_many_others_were_called(void **state)
{
	struct box *b = box_with(16);
	struct frame syn;
	uint32_t before, i, j;

	(void)state;
	call_once(b, 5000, PEER, 80, &syn);
	before = syn.tcp.seq;
	for (i = 0; i < 50; i++) {
		for (j = 0; j < i; j++)
			call_once(b, 0, OTHER, 443, &syn);
		box_run_through(b, box_now(b) + 100 * USEC_PER_MSEC);
		call_once(b, 5000, PEER, 80, &syn);
		assert_int_equal(syn.tcp.seq - before, 100 * USEC_PER_MSEC / 4);
		before = syn.tcp.seq;
	}
	end(b);
}

/* A timestamp of one pair says nothing of another's: the offset between them is its own for each,
 * and that of the machine's uptime is hidden behind all of them. */
static void timestamps_do_not_tell_the_uptime(void **state)
{
	uint64_t sum = 0;
	unsigned i, near_zero = 0;

	(void)state;
	for (i = 0; i < 200; i++) {
		struct box *b = box_with(1000 + i);
		struct frame syn;

		call_once(b, 5000, PEER, 80, &syn);
		near_zero += syn.tcp.ts_val < 1u << 24; /* 4.6 hours */
		sum += syn.tcp.ts_val >> 24;
		end(b);
	}
	assert_in_range(near_zero, 0, 6); /* 0.8 are expected */
	assert_in_range(sum / 200, 107, 148);
}

/* --- IP ids ---------------------------------------------------------------------------- */

static struct conv *datagrams_to(struct box *b, uint32_t ip)
{
	struct conv *c = conv_new(box_stack(b), box_proto(b, "udp"), &nobody);
	struct endpoint to = { .addr = addr_from_v4(ip), .port = 53 };

	assert_non_null(c);
	assert_int_equal(conv_connect(c, NULL, &to), 0);
	return c;
}

/* The id of the fragments that 1,500 bytes leave in. */
static uint16_t next_id(struct box *b, struct conv *c)
{
	static const uint8_t bytes[1500];
	struct frame f;

	assert_int_equal(conv_write(c, NULL, bytes, sizeof(bytes)), sizeof(bytes));
	box_settle(b);
	assert_non_null(box_peek(b));
	assert_null(frame_parse(&f, box_peek(b)->bytes, box_peek(b)->len));
	assert_true(f.ip.mf);
	box_seen_all(b);
	return f.ip.id;
}

/* The first id towards each of many hosts. */
static void first_ids_are_even(void **state)
{
	uint32_t low[BINS] = { 0 }, high[BINS] = { 0 };
	unsigned i;

	(void)state;
	for (i = 0; i < SAMPLES; i += 1000) {
		struct box *b = box_with(20 + i);
		unsigned j;

		for (j = 0; j < 1000; j++) {
			struct conv *c = datagrams_to(b, PEER + j % 900);
			uint16_t id = next_id(b, c);

			if (j < 900) {
				low[id & 255]++;
				high[id >> 8]++;
			}
			conv_release(c);
		}
		end(b);
	}
	assert_even(low, "ids, low");
	assert_even(high, "ids, high");
}

/* While OTHER is sent more and more, the ids to PEER do not move on by as much. */
static void ids_do_not_tell_how_much_others_were_sent(void **state)
{
	struct box *b = box_with(17);
	struct conv *peer = datagrams_to(b, PEER), *other = datagrams_to(b, OTHER);
	unsigned told = 0, i, j;

	(void)state;
	for (i = 1; i <= 200; i++) {
		uint16_t before = next_id(b, peer);

		for (j = 0; j < i; j++)
			(void)next_id(b, other);
		told += (uint16_t)(next_id(b, peer) - before) > i;
		/* an id may be used again once its packets are gone; the box watches for that */
		box_run_through(b, box_now(b) + USEC_PER_SEC);
	}
	assert_int_equal(told, 0);
	conv_release(peer);
	conv_release(other);
	end(b);
}

/* Calls to one host after the other: no id follows the one before it. */
static void ids_to_different_hosts_are_not_counted_together(void **state)
{
	struct box *b = box_with(18);
	uint32_t before = 0, counted = 0, i;

	(void)state;
	for (i = 0; i < 100; i++) {
		struct endpoint remote = { .addr = addr_from_v4(PEER + i), .port = 80 };
		struct conv *c = conv_new(box_stack(b), box_proto(b, "tcp"), &nobody);
		struct frame f;

		assert_int_equal(conv_connect(c, NULL, &remote), 0);
		box_settle(b);
		assert_null(frame_parse(&f, box_peek(b)->bytes, box_peek(b)->len));
		counted += i && (uint16_t)(f.ip.id - before) == 1;
		before = f.ip.id;
		conv_hangup(c);
		conv_release(c);
		box_settle(b);
		box_seen_all(b);
	}
	assert_in_range(counted, 0, 2);
	end(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_numbers_and_timestamps_of_different_pairs_are_even),
		cmocka_unit_test(first_numbers_hardly_ever_meet),
		cmocka_unit_test(ports_to_many_are_even),
		cmocka_unit_test(ports_to_one_advance_by_steps_that_are_even),
		cmocka_unit_test(ports_do_not_tell_how_many_others_were_called),
		cmocka_unit_test(first_numbers_do_not_tell_how_many_others_were_called),
		cmocka_unit_test(timestamps_do_not_tell_the_uptime),
		cmocka_unit_test(first_ids_are_even),
		cmocka_unit_test(ids_do_not_tell_how_much_others_were_sent),
		cmocka_unit_test(ids_to_different_hosts_are_not_counted_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
