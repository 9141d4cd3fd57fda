/*
 * What others can make us send: resets for each source and ICMP errors for each destination, so
 * many at once and then so many a second, and one that is greedy takes nothing from another.
 *
 * rows C-07, T-48 (RFC 1812 4.3.2.8; RFC 4443 2.4 f)
 */
#include "../lib/box.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOST 0x0a000000u

static struct box *wide_box(void)
{
	struct box_config config = { .name = "replies", .prefix_bits = 8 };

	return box_new(&config);
}

static void end(struct box *b)
{
	box_teardown(b);
	if (box_fault(b))
		fail_msg("%s", box_fault(b));
	box_free(b);
}

/* A segment or a datagram to a port where nobody is. */
static void knock(struct box *b, enum frame_kind kind, uint32_t source, uint32_t i)
{
	uint8_t bytes[128];
	struct frame f;

	frame_init(&f, kind);
	memcpy(f.eth_dst, box_mac(b), 6);
	box_station(source, f.eth_src);
	f.ip.src = source;
	f.ip.dst = box_ip(b);
	f.tcp.src_port = f.udp.src_port = (uint16_t)(1024 + i % 60000);
	f.tcp.dst_port = f.udp.dst_port = 99;
	f.tcp.flags = FRAME_ACK;
	f.tcp.seq = f.tcp.ack = i;
	f.data = (const uint8_t *)"knock";
	f.data_len = 5;
	box_input(b, bytes, frame_build(&f, bytes));
	box_settle(b);
}

/* How many replies went to SOURCE; all that was sent is seen. */
static unsigned replies_to(struct box *b, uint32_t source)
{
	unsigned n = 0;

	for (; box_peek(b); box_seen(b)) {
		struct frame f;

		assert_null(frame_parse(&f, box_peek(b)->bytes, box_peek(b)->len));
		n += f.ip.dst == source;
	}
	return n;
}

/* SOURCE knocks PER_SEC times a second for SECONDS; the replies it got. */
static unsigned knock_for(
	struct box *b, enum frame_kind kind, uint32_t source, unsigned per_sec, unsigned seconds)
{
	unsigned n = 0, i;

	for (i = 0; i < per_sec * seconds; i++) {
		knock(b, kind, source, i);
		n += replies_to(b, source);
		box_run_through(b, box_now(b) + USEC_PER_SEC / per_sec);
	}
	return n;
}

static void one_source_gets_200_resets_a_second(void **state)
{
	struct box *b = wide_box();

	(void)state;
	/* a second's worth at once, and then as many each second */
	assert_in_range(knock_for(b, FRAME_TCP, HOST + 2, 2000, 5), 200 * 5, 200 * 6);
	end(b);
}

static void one_source_that_is_modest_gets_a_reset_for_each(void **state)
{
	struct box *b = wide_box();

	(void)state;
	assert_int_equal(knock_for(b, FRAME_TCP, HOST + 2, 190, 5), 190 * 5);
	end(b);
}

static void one_destination_gets_six_errors_and_then_one_a_second(void **state)
{
	struct box *b = wide_box();

	(void)state;
	assert_in_range(knock_for(b, FRAME_UDP, HOST + 2, 500, 20), 6 + 19, 6 + 20);
	end(b);
}

/* Others knock while one floods: how many of them were left without an answer. */
static unsigned others_unanswered(enum frame_kind kind, unsigned others)
{
	struct box *b = wide_box();
	unsigned left = 0, i;

	(void)knock_for(b, kind, HOST + 2, 5000, 2);
	for (i = 0; i < others; i++) {
		knock(b, kind, HOST + 2, i);
		box_seen_all(b);
		knock(b, kind, HOST + 0x100 + i, i);
		left += replies_to(b, HOST + 0x100 + i) == 0;
		/* slower than the limit of all together */
		box_run_through(b, box_now(b) + 4 * USEC_PER_MSEC);
	}
	end(b);
	return left;
}

/* Hosts that share a bucket by chance share its fate: of 1,024 buckets one. */
static void resets_to_one_take_none_from_others(void **state)
{
	(void)state;
	assert_in_range(others_unanswered(FRAME_TCP, 500), 0, 4);
}

static void errors_to_one_take_none_from_others(void **state)
{
	(void)state;
	assert_in_range(others_unanswered(FRAME_UDP, 500), 0, 4);
}

/* A spoofer who claims to be everybody still gets no more than the limit of all together. */
static void errors_to_everybody_are_bounded(void **state)
{
	struct box *b = wide_box();
	uint64_t before = box_count(b, "icmp4_errors_out");
	uint32_t i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		knock(b, FRAME_UDP, HOST + 0x1000 + i, i);
		box_seen_all(b);
		if (i % 10 == 9)
			box_run_through(b, box_now(b) + USEC_PER_MSEC);
	}
	/* 2 s of at most 1,000, and a burst; how many exactly nobody can count */
	assert_in_range(box_count(b, "icmp4_errors_out") - before, 500, 2100);
	end(b);
}

/* No reply is longer than what asked for it by more than its own headers: nobody is amplified. */
static void a_reply_is_not_much_longer_than_what_it_answers(void **state)
{
	static const enum frame_kind kinds[] = { FRAME_TCP, FRAME_UDP };
	struct box *b = wide_box();
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		knock(b, kinds[i], HOST + 2, 7);
		assert_non_null(box_peek(b));
		assert_in_range(box_peek(b)->len, 1, 14 + 20 + 8 + 20 + 8 + 5 + 18);
		assert_int_equal(box_unseen_n(b), 1);
		box_seen_all(b);
	}
	end(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_source_gets_200_resets_a_second),
		cmocka_unit_test(one_source_that_is_modest_gets_a_reset_for_each),
		cmocka_unit_test(one_destination_gets_six_errors_and_then_one_a_second),
		cmocka_unit_test(resets_to_one_take_none_from_others),
		cmocka_unit_test(errors_to_one_take_none_from_others),
		cmocka_unit_test(errors_to_everybody_are_bounded),
		cmocka_unit_test(a_reply_is_not_much_longer_than_what_it_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
