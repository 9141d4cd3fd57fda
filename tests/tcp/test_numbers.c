/*
 * Numbers that nobody may guess: initial sequence numbers, ports, timestamps, IP ids. Seeds are
 * fixed, so a verdict is always the same one.
 */
#include "../lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES 4096
#define BINS    16
#define PEER    0x0a000002u

/* Chi-square with 15 degrees of freedom: 37.7 is exceeded once in a thousand fair samples. */
#define CHI_15 37.7

static const struct cred nobody = { 0, 0, 1 };

static struct box *box_with(uint64_t seed)
{
	struct box_config config = { .name = "numbers", .seed = seed, .prefix_bits = 8 };

	return box_new(&config);
}

static struct endpoint endpoint(uint32_t ip, uint16_t port)
{
	struct endpoint e = { .addr = addr_from_v4(ip), .port = port };

	return e;
}

static double chi_square(const uint32_t *bins, unsigned n)
{
	double expected, sum = 0;
	uint32_t total = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		total += bins[i];
	expected = (double)total / n;
	for (i = 0; i < n; i++)
		sum += (bins[i] - expected) * (bins[i] - expected) / expected;
	return sum;
}

/* Do the 4 bits of VALUES from SHIFT on look drawn at random? */
static void assert_bits_are_even(const uint32_t *values, size_t n, unsigned shift)
{
	uint32_t bins[BINS] = { 0 };
	size_t i;

	for (i = 0; i < n; i++)
		bins[values[i] >> shift & 15]++;
	if (chi_square(bins, BINS) > CHI_15)
		fail_msg("bits %u..%u: chi-square %.1f", shift, shift + 3, chi_square(bins, BINS));
}

/* Call REMOTE from LOCAL (port 0: chosen) and hang up; the SYN is left in SYN. */
static void call_once(
	struct box *b, const struct endpoint *local, uint32_t ip, uint16_t port, struct frame *syn)
{
	static uint8_t bytes[256];
	struct endpoint remote = endpoint(ip, port);
	struct conv *c = conv_new(box_stack(b), box_proto(b, "tcp"), &nobody);

	assert_non_null(c);
	assert_int_equal(conv_connect(c, local, &remote), 0);
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

static void end(struct box *b)
{
	box_teardown(b);
	if (box_fault(b))
		fail_msg("%s", box_fault(b));
	box_free(b);
}

/* row T-20 (RFC 6528 3; RFC 9293 3.4.1, MUST-8) */
static void initial_numbers_of_one_pair_rise_with_the_clock(void **state)
{
	struct box *b = box_with(1);
	struct endpoint local = endpoint(box_ip(b), 5000);
	struct frame syn;
	uint32_t before;
	int i;

	(void)state;
	call_once(b, &local, PEER, 80, &syn);
	before = syn.tcp.seq;
	for (i = 0; i < 200; i++) {
		box_run_through(b, box_now(b) + USEC_PER_SEC);
		call_once(b, &local, PEER, 80, &syn);
		/* a tick of 4 us: 250,000 a second */
		assert_in_range(syn.tcp.seq - before, 200000, 300000);
		before = syn.tcp.seq;
	}
	end(b);
}

static void sample_numbers(struct box *b, uint32_t *isn)
{
	struct frame syn;
	unsigned i;

	for (i = 0; i < SAMPLES; i++) {
		struct endpoint local = endpoint(box_ip(b), (uint16_t)(10000 + i));

		call_once(b, &local, PEER, 80, &syn);
		isn[i] = syn.tcp.seq;
	}
}

/* row T-20 (RFC 6528 3, MUST-9) */
static void initial_numbers_of_different_pairs_are_not_related(void **state)
{
	static uint32_t isn[SAMPLES], step[SAMPLES];
	struct box *b = box_with(2);
	unsigned i, shift;

	(void)state;
	sample_numbers(b, isn);
	for (i = 1; i < SAMPLES; i++)
		step[i - 1] = isn[i] - isn[i - 1];
	for (shift = 0; shift < 32; shift += 4) {
		assert_bits_are_even(isn, SAMPLES, shift);
		assert_bits_are_even(step, SAMPLES - 1, shift);
	}
	end(b);
}

/* row T-20 (RFC 6528 3, MUST-9) */
static void initial_numbers_depend_on_the_secret(void **state)
{
	struct box *a = box_with(3), *b = box_with(4);
	struct endpoint local = endpoint(box_ip(a), 5000);
	struct frame one, other;
	uint32_t one_seq;

	(void)state;
	call_once(a, &local, PEER, 80, &one);
	one_seq = one.tcp.seq;
	call_once(b, &local, PEER, 80, &other);
	assert_int_not_equal(one_seq, other.tcp.seq);
	end(a);
	end(b);
}

/* row T-77 (RFC 7323 7.1) */
static void timestamps_begin_anywhere(void **state)
{
	static uint32_t ts[SAMPLES];
	struct box *b = box_with(5);
	struct frame syn;
	unsigned i, shift;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		struct endpoint local = endpoint(box_ip(b), (uint16_t)(10000 + i));

		call_once(b, &local, PEER, 80, &syn);
		assert_true(syn.tcp.has_ts);
		ts[i] = syn.tcp.ts_val;
	}
	for (shift = 12; shift < 32; shift += 4)
		assert_bits_are_even(ts, SAMPLES, shift);
	end(b);
}

/* Range and evenness of N ports, and that one does not simply follow the other. RFC 6056 3.3.5
 * allows small random steps towards one peer, so more than that is not asked. */
static void assert_ports_are_random(const uint32_t *port, size_t n)
{
	uint32_t bins[BINS] = { 0 }, low = 65536, high = 0;
	unsigned neighbours = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		low = port[i] < low ? port[i] : low;
		high = port[i] > high ? port[i] : high;
	}
	assert_true(low >= 1024);
	assert_true(high - low >= 24000); /* nearly 15 bits at least */
	for (i = 0; i < n; i++) {
		bins[(port[i] - low) * BINS / (high - low + 1)]++;
		if (i && port[i] - port[i - 1] <= 1)
			neighbours++;
	}
	if (chi_square(bins, BINS) > CHI_15)
		fail_msg("ports: chi-square %.1f", chi_square(bins, BINS));
	assert_true(neighbours < n / 100);
}

/* row T-33 (RFC 6056 3.3) */
static void tcp_ports_are_random(void **state)
{
	static uint32_t port[SAMPLES];
	struct box *b = box_with(6);
	struct frame syn;
	unsigned i;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		call_once(b, NULL, PEER, 80, &syn);
		port[i] = syn.tcp.src_port;
	}
	assert_ports_are_random(port, SAMPLES);
	end(b);
}

/* row T-33 (RFC 6056 3.3) */
static void tcp_ports_to_different_peers_are_not_related(void **state)
{
	static uint32_t port[SAMPLES];
	struct box *b = box_with(7);
	struct frame syn;
	unsigned i;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		call_once(b, NULL, PEER + i % 200, (uint16_t)(80 + i), &syn);
		port[i] = syn.tcp.src_port;
	}
	assert_ports_are_random(port, SAMPLES);
	end(b);
}

/* row U-11 (RFC 6056 3.3) */
static void udp_ports_are_random_and_not_used_twice(void **state)
{
	static uint32_t port[SAMPLES];
	static struct conv *convs[1000];
	static uint8_t is_used[65536];
	struct box *b = box_with(8);
	struct endpoint remote = endpoint(PEER, 53);
	unsigned i;

	(void)state;
	memset(is_used, 0, sizeof(is_used));
	for (i = 0; i < 1000; i++) {
		convs[i] = conv_new(box_stack(b), box_proto(b, "udp"), &nobody);
		assert_non_null(convs[i]);
		assert_int_equal(conv_connect(convs[i], NULL, &remote), 0);
		port[i] = conv_local(convs[i])->port;
		assert_false(is_used[port[i]]++);
	}
	assert_ports_are_random(port, 1000);
	for (i = 0; i < 1000; i++)
		conv_release(convs[i]);
	end(b);
}

/* The id of the fragments that 3,000 bytes to IP leave in. */
static uint16_t id_to(struct box *b, struct conv *c)
{
	static const uint8_t bytes[3000];
	struct frame f;
	uint16_t id;

	assert_int_equal(conv_write(c, NULL, bytes, sizeof(bytes)), sizeof(bytes));
	box_settle(b);
	assert_non_null(box_peek(b));
	assert_null(frame_parse(&f, box_peek(b)->bytes, box_peek(b)->len));
	assert_true(f.ip.mf);
	id = f.ip.id;
	box_seen_all(b);
	return id;
}

/* row I-09 (RFC 7739) */
static void ip_ids_do_not_tell_what_others_were_sent(void **state)
{
	struct box *b = box_with(9);
	struct endpoint to[2] = { endpoint(PEER, 53), endpoint(PEER + 1, 53) };
	struct conv *c[2];
	unsigned i, j, betrayed = 0;

	(void)state;
	for (i = 0; i < 2; i++) {
		c[i] = conv_new(box_stack(b), box_proto(b, "udp"), &nobody);
		assert_int_equal(conv_connect(c[i], NULL, &to[i]), 0);
	}
	for (i = 1; i <= 40; i++) {
		uint16_t before = id_to(b, c[0]);

		for (j = 0; j < i; j++)
			(void)id_to(b, c[1]);
		betrayed += (uint16_t)(id_to(b, c[0]) - before) == i + 1;
	}
	assert_true(betrayed < 4);
	conv_release(c[0]);
	conv_release(c[1]);
	end(b);
}

/* row T-33 (RFC 6191; RFC 9293 3.6.1) */
static void a_port_in_time_wait_is_not_chosen_again(void **state)
{
	static uint8_t is_used[65536];
	struct box *b = box_with(10);
	unsigned i;

	(void)state;
	memset(is_used, 0, sizeof(is_used));
	for (i = 0; i < 3000; i++) {
		struct conv *c = conv_new(box_stack(b), box_proto(b, "tcp"), &nobody);
		struct endpoint remote = endpoint(PEER, 80);
		struct peer p;

		assert_non_null(c);
		peer_init(&p, b, PEER, 80, 0);
		assert_int_equal(conv_connect(c, NULL, &remote), 0);
		box_settle(b);
		assert_true(peer_take(&p));
		assert_true(peer_answer(&p));
		assert_false(is_used[p.our_port]++);
		conv_release(c);
		box_settle(b);
		assert_true(peer_take(&p)); /* its FIN */
		peer_send(&p, FRAME_FIN | FRAME_ACK, p.snd_nxt, p.rcv_nxt, 0);
		box_settle(b);
		box_seen_all(b);
	}
	end(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(initial_numbers_of_one_pair_rise_with_the_clock),
		cmocka_unit_test(initial_numbers_of_different_pairs_are_not_related),
		cmocka_unit_test(initial_numbers_depend_on_the_secret),
		cmocka_unit_test(timestamps_begin_anywhere),
		cmocka_unit_test(tcp_ports_are_random),
		cmocka_unit_test(tcp_ports_to_different_peers_are_not_related),
		cmocka_unit_test(udp_ports_are_random_and_not_used_twice),
		cmocka_unit_test(ip_ids_do_not_tell_what_others_were_sent),
		cmocka_unit_test(a_port_in_time_wait_is_not_chosen_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
