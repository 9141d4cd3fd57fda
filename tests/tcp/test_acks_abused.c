/*
 * A peer that wants more than its share: ACKs in crumbs, ACKs of what it has not got, ACKs again
 * and again. None widens the congestion window by more than two segments, crumbs are worth their
 * bytes, and what was never sent cannot be acknowledged.
 *
 * rows T-43, T-55, T-94 (RFC 5681 3.1; RFC 3465; RFC 9293 3.10.7.4)
 */
#include "../lib/far.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(f) cmocka_unit_test_setup_teardown(f, talk_open, talk_close)
#define S       FAR_MSS
#define WALKS   40
#define STEPS   300

/* The peer's side of a stream that is written as fast as it is taken. */
struct greedy {
	struct far p;
	uint32_t una, next; /* relative; next is behind the last byte heard */
	uint64_t dice;
};

static uint32_t below(struct greedy *g, uint32_t n)
{
	g->dice = g->dice * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(g->dice >> 33) % n;
}

static void feed(struct greedy *g)
{
	static const uint8_t bytes[64 * S];

	while (conv_write(g->p.conv, NULL, bytes, sizeof(bytes)) > 0)
		;
	box_settle(talk_box);
}

/* Hear whatever was sent; how many bytes of it were new. */
static uint32_t hear_all(struct greedy *g)
{
	const struct frame *f;
	uint32_t was = g->next;

	while ((f = talk_out(talk_box)) != NULL) {
		uint32_t end = f->tcp.seq - g->p.ours_iss + (uint32_t)f->data_len;

		assert_int_equal(f->kind, FRAME_TCP);
		if ((int32_t)(end - g->next) > 0)
			g->next = end;
	}
	return g->next - was;
}

static struct greedy greedy_new(uint64_t seed)
{
	struct greedy g = { .p = far_connected(false), .una = 1, .next = 1, .dice = seed };

	assert_int_equal(conv_set_sndbuf(g.p.conv, 1 << 20), 0);
	feed(&g);
	hear_all(&g);
	assert_int_equal(g.next, 1 + 10 * S); /* RFC 6928 */
	return g;
}

/* One ACK and what follows from it; how much the window grew. */
static int64_t ack(struct greedy *g, uint32_t number)
{
	int64_t before = (int64_t)far_stat(&g->p, "cwnd");

	far_acks(&g->p, number);
	if ((int32_t)(number - g->una) > 0 && (int32_t)(number - g->next) <= 0)
		g->una = number;
	/* the third duplicate counts the three that have left (RFC 5681 3.2 3): no growth */
	if (far_stat(&g->p, "dup_acks") == 3)
		return 0;
	return (int64_t)far_stat(&g->p, "cwnd") - before;
}

/* Ten ACKs and one for the same bytes grow it alike in slow start: by the bytes. */
static void crumbs_grow_the_window_by_their_bytes(void **state)
{
	struct greedy g = greedy_new(1);
	int64_t sum = 0;
	uint32_t i;

	(void)state;
	for (i = 0; i < S; i++)
		sum += ack(&g, 2 + i);
	assert_in_range(sum, 0, S);
	feed(&g);
	assert_in_range(hear_all(&g), S, 2 * S);
}

static void an_ack_of_all_at_once_grows_it_by_two_segments_at_most(void **state)
{
	struct greedy g = greedy_new(2);

	(void)state;
	assert_in_range(ack(&g, g.next), 1, 2 * S);
	feed(&g);
	hear_all(&g);
	assert_in_range(ack(&g, g.next), 1, 2 * S);
}

static void acks_of_the_future_bring_nothing(void **state)
{
	static const uint32_t ahead[] = { 1, 2, S, 10 * S, 65535, 1u << 20, 0x7ffffff0u };
	struct greedy g = greedy_new(3);
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(ahead) / sizeof(*ahead); i++) {
		assert_int_equal(ack(&g, g.next + ahead[i]), 0);
		assert_int_equal(hear_all(&g), 0);
		assert_int_equal(far_stat(&g.p, "segs_retransmitted"), 0);
		box_run_through(talk_box, box_now(talk_box) + USEC_PER_MSEC);
	}
	/* and nothing of the window is believed that came with them */
	g.p.window = 65535;
	assert_in_range(ack(&g, 1 + S), 0, S);
	feed(&g);
	assert_in_range(hear_all(&g), S, 2 * S);
}

/* Acknowledging what is still on its way (RFC 5681 cannot tell) gains no more than being fast:
 * never more than the window out at once. */
static void optimistic_acks_are_never_ahead_of_what_was_sent(void **state)
{
	struct greedy g = greedy_new(4);
	uint32_t i;

	(void)state;
	for (i = 0; i < 500; i++) {
		uint32_t step = g.next - g.una < S ? g.next - g.una : S;
		uint32_t heard;

		assert_in_range(ack(&g, g.una + step) + S, S - S, S + 2 * S);
		feed(&g);
		heard = hear_all(&g);
		/* what one ACK lets out: itself and its growth (RFC 5681 3.1, L=2*SMSS) */
		assert_in_range(heard, 0, 3 * S);
		assert_in_range(g.next - g.una, 0, far_stat(&g.p, "cwnd"));
	}
}

/* Stale, duplicate, split, jumping and future ACKs in any order. */
static void walk(struct greedy *g)
{
	unsigned i;

	for (i = 0; i < STEPS; i++) {
		uint32_t out = g->next - g->una, number = g->una;
		int64_t grown;

		switch (below(g, 6)) {
		case 0: /* a crumb */
			number += out ? 1 + below(g, out < 200 ? out : 200) : 0;
			break;
		case 1: /* some */
			number += out ? 1 + below(g, out) : 0;
			break;
		case 2: /* all */
			number = g->next;
			break;
		case 3: /* the future */
			number = g->next + 1 + below(g, 1u << below(g, 30));
			break;
		case 4: /* long ago */
			number -= below(g, 100000);
			break;
		default: /* again */
			break;
		}
		grown = ack(g, number);
		if (grown > (int64_t)(2 * S))
			fail_msg("an ACK of %d grew the window by %d", (int)(number - g->una),
				(int)grown);
		(void)hear_all(g);
		if (below(g, 4) == 0) {
			feed(g);
			(void)hear_all(g);
		}
		if (below(g, 8) == 0)
			box_run_through(talk_box, box_now(talk_box) + below(g, 400) * 1000);
		(void)hear_all(g);
		if (g->next - g->una > 65535)
			fail_msg("%u bytes are out", g->next - g->una);
	}
}

static void no_ack_of_any_kind_grows_it_by_more(void **state)
{
	uint64_t seed;

	for (seed = 1; seed <= WALKS; seed++) {
		struct greedy g = greedy_new(seed * 77);

		walk(&g);
		stack_check(box_stack(talk_box));
		talk_close(state);
		if (seed < WALKS)
			talk_open(state);
	}
	talk_open(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(crumbs_grow_the_window_by_their_bytes),
		TEST(an_ack_of_all_at_once_grows_it_by_two_segments_at_most),
		TEST(acks_of_the_future_bring_nothing),
		TEST(optimistic_acks_are_never_ahead_of_what_was_sent),
		TEST(no_ack_of_any_kind_grows_it_by_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
