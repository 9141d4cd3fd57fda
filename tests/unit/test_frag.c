/*
 * Fragments put together: any order, no overlap, within bounds, for a minute.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/ip/frag.h"
#include "../lib/rooms.h"

#define SEC       USEC_PER_SEC
#define WHOLE_MAX 65515

static struct rooms r;
static uint8_t whole[WHOLE_MAX];

static int open_rooms(void **state)
{
	(void)state;
	rooms_open(&r, 0);
	for (size_t i = 0; i < sizeof(whole); i++)
		whole[i] = (uint8_t)(i * 167 + i / 251);
	return 0;
}

static int close_rooms(void **state)
{
	(void)state;
	rooms_close(&r);
	return 0;
}

/* The fragment [FROM, TO) of a datagram of TOTAL bytes. */
static struct frame fragment(uint32_t from, uint32_t to, uint32_t total)
{
	struct frame f = rooms_ip(FRAME_IP);

	f.ip.proto = IP_UDP;
	f.ip.id = 77;
	f.ip.off = (uint16_t)from;
	f.ip.mf = to < total;
	f.data = whole + from;
	f.data_len = to - from;
	return f;
}

static void input(uint32_t from, uint32_t to, uint32_t total)
{
	struct frame f = fragment(from, to, total);

	rooms_input_frame(&r, 0, &f);
}

/* In pieces of STEP bytes, in the order of the sender. */
static void input_all(uint32_t total, uint32_t step)
{
	for (uint32_t from = 0; from < total; from += step)
		input(from, min_u32(from + step, total), total);
}

static void expect_whole(uint32_t total)
{
	const struct told_packet *t = &r.told[r.told_n - 1];

	assert_int_equal(r.told_n, 1);
	assert_int_equal(t->len, total);
	assert_memory_equal(t->bytes, whole, total);
	assert_true(t->ip.was_fragmented);
	assert_true(t->in_head >= min_u32(64, total));
	rooms_check(&r);
}

static size_t held(void)
{
	return r.stack.bufs.bytes_out;
}

static void two_fragments_become_one_datagram(void **state) /* I-11 */
{
	(void)state;
	input_all(2000, 1480);
	expect_whole(2000);
	assert_int_equal(rooms_count(&r, COUNT_frag_in), 2);
	assert_int_equal(rooms_count(&r, COUNT_frag_reassembled), 1);
	assert_int_equal(held(), 0);
}

static void a_datagram_of_any_length_is_put_together(void **state) /* I-11 */
{
	static const uint32_t totals[] = { 9, 72, 128, 576, 1480, 1488, 5000, 60008, WHOLE_MAX };
	static const uint32_t steps[] = { 8, 64, 552, 1480, 8960 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(totals); i++) {
		for (size_t j = 0; j < ARRAY_LEN(steps); j++) {
			if (steps[j] >= totals[i])
				continue;
			rooms_forget(&r);
			input_all(totals[i], steps[j]);
			expect_whole(totals[i]);
			assert_int_equal(held(), 0);
		}
	}
}

static void three_fragments_come_in_any_order_and_twice(void **state) /* I-12 */
{
	static const uint8_t orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 },
		{ 2, 0, 1 }, { 2, 1, 0 } };

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		for (unsigned j = 0; j < 3; j++) {
			uint32_t from = orders[i][j] * 1000u;

			input(from, from + 1000, 3000);
			if (j < 2)
				input(from, from + 1000, 3000);
		}
		expect_whole(3000);
		rooms_forget(&r);
	}
	assert_int_equal(rooms_count(&r, COUNT_frag_duplicates), 12);
}

static void many_fragments_come_in_any_order_with_duplicates(void **state) /* I-12 */
{
	uint32_t order[64];

	(void)state;
	for (unsigned round = 0; round < 100; round++) {
		uint32_t step = 8 * (1 + random_below(&r.stack.random, 185));
		uint32_t n = 2 + random_below(&r.stack.random, 43);
		uint32_t total = step * (n - 1) + 1 + random_below(&r.stack.random, step);

		for (uint32_t i = 0; i < n; i++)
			order[i] = i;
		for (uint32_t i = n; i-- > 1;) {
			uint32_t j = random_below(&r.stack.random, i + 1);
			uint32_t other = order[j];

			order[j] = order[i];
			order[i] = other;
		}
		for (uint32_t i = 0; i < n; i++) {
			uint32_t from = order[i] * step;

			input(from, min_u32(from + step, total), total);
			rooms_check(&r);
			if (i + 1 < n)
				input(from, min_u32(from + step, total), total);
		}
		expect_whole(total);
		assert_int_equal(held(), 0);
		rooms_forget(&r);
	}
}

/* RFC 8200 4.5: only an exact duplicate is none of an overlap. */
static void the_same_bytes_with_other_borders_are_an_overlap(void **state) /* I-15 */
{
	(void)state;
	input(0, 1000, 4000);
	input(1000, 2000, 4000);
	input(496, 1504, 4000);
	assert_int_equal(rooms_count(&r, COUNT_frag_duplicates), 0);
	assert_int_equal(rooms_count(&r, COUNT_frag_drop_overlap), 1);
	input(2000, 4000, 4000);
	assert_int_equal(r.told_n, 0);
}

static void two_fragments_said_again_as_one_are_an_overlap(void **state) /* I-15 */
{
	(void)state;
	for (uint32_t from = 0; from < 60000; from += 1000)
		input(from, from + 1000, 64000);
	input(50000, 51000, 64000);
	input(50000, 52000, 64000);
	assert_int_equal(rooms_count(&r, COUNT_frag_duplicates), 1);
	assert_int_equal(rooms_count(&r, COUNT_frag_drop_overlap), 1);
}

static void datagrams_of_other_ids_protocols_and_hosts_are_kept_apart(void **state) /* I-11 */
{
	struct frame f[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		f[i] = fragment(1000, 2000, 2000);
	f[0].ip.id++;
	f[1].ip.proto = IP_TCP;
	f[2].ip.src++;
	f[3].ip.dst = 0xffffffff;
	memset(f[3].eth_dst, 0xff, 6);
	for (unsigned i = 0; i < 4; i++)
		rooms_input_frame(&r, 0, &f[i]);
	input(0, 1000, 2000);
	assert_int_equal(r.told_n, 0);
	input(1000, 2000, 2000);
	expect_whole(2000);
}

static void nothing_is_answered_when_the_first_fragment_never_came(void **state) /* I-14 */
{
	(void)state;
	input(1000, 2000, 3000);
	rooms_run(&r, 200 * SEC);
	rooms_expect_silence(&r);
	assert_int_equal(rooms_count(&r, COUNT_frag_drop_timeout), 1);
	assert_int_equal(held(), 0);
}

static void after_a_minute_the_sender_is_told_once(void **state) /* I-13 */
{
	struct frame f;

	(void)state;
	input(0, 1000, 3000);
	rooms_run(&r, 30 * SEC);
	input(1000, 2000, 3000); /* does not extend it */
	rooms_run(&r, 60 * SEC - 1);
	rooms_expect_silence(&r);
	rooms_run(&r, 60 * SEC);
	f = rooms_expect(&r);
	assert_int_equal(f.kind, FRAME_ICMP);
	assert_int_equal(f.icmp.type, 11);
	assert_int_equal(f.icmp.code, 1);
	assert_int_equal(f.ip.dst, ROOMS_PEER);
	assert_int_equal(f.ip.src, ROOMS_IP);
	assert_int_equal(f.data[0], 0x45);
	assert_int_equal(frame_get16(f.data + 4), 77);
	assert_memory_equal(f.data + 20, whole, 500);
	rooms_run(&r, 400 * SEC);
	rooms_expect_silence(&r);
	assert_int_equal(held(), 0);
}

static void a_late_fragment_begins_a_new_datagram(void **state) /* I-13 */
{
	(void)state;
	input(1000, 2000, 2000);
	rooms_run(&r, 61 * SEC);
	input(0, 1000, 2000);
	assert_int_equal(r.told_n, 0);
	input(1000, 2000, 2000);
	expect_whole(2000);
}

/* [FROM, TO) with bytes of its own making. */
static void input_forged(uint32_t from, uint32_t to, uint32_t total)
{
	struct frame f = fragment(from, to, total);
	static uint8_t forged[4000];

	memset(forged, 0xee, sizeof(forged));
	f.data = forged;
	rooms_input_frame(&r, 0, &f);
}

static void fragments_that_overlap_end_the_datagram(void **state) /* I-15 */
{
	static const struct {
		uint32_t from, to;
	} over[] = {
		{ 0, 1000 },    /* the same place, other bytes */
		{ 504, 1504 },  /* its tail */
		{ 1200, 1304 }, /* within */
		{ 1496, 2504 }, /* over a border */
		{ 1992, 2000 }, /* the last 8 bytes */
		{ 0, 3000 },    /* over everything */
		{ 992, 1008 },
	};

	(void)state;
	for (uint32_t i = 0; i < ARRAY_LEN(over); i++) {
		input(0, 1000, 4000);
		input(1000, 2000, 4000);
		input_forged(over[i].from, over[i].to, 4000);
		input(2000, 4000, 4000);
		assert_int_equal(r.told_n, 0);
		assert_int_equal(rooms_count(&r, COUNT_frag_reassembled), 0);
		assert_int_equal(held(), 0); /* what is dead holds nothing */
		rooms_check(&r);
		rooms_run(&r, (i + 1) * 100 * SEC);
	}
	rooms_expect_silence(&r); /* nor is it answered */
}

static void bytes_that_are_true_but_only_in_part_new_are_an_overlap(void **state) /* I-15 */
{
	(void)state;
	input(0, 1000, 4000);
	input(504, 1504, 4000);
	assert_int_equal(rooms_count(&r, COUNT_frag_drop_overlap), 1);
	assert_int_equal(held(), 0);
}

static void what_comes_after_an_overlap_is_not_believed_either(void **state) /* I-15 */
{
	(void)state;
	input(0, 1000, 2000);
	input_forged(504, 1504, 2000);
	input(0, 1000, 2000);
	input(1000, 2000, 2000);
	assert_int_equal(r.told_n, 0);
	rooms_run(&r, 61 * SEC); /* but not for ever */
	input_all(2000, 1000);
	expect_whole(2000);
}

static void an_overlap_in_what_was_gathered_is_found_too(void **state) /* I-15 */
{
	(void)state;
	for (uint32_t from = 0; from < 60000; from += 1000)
		input(from, from + 1000, 64000);
	assert_true(held() < 100000);
	input(50000, 51000, 64000);
	assert_int_equal(rooms_count(&r, COUNT_frag_duplicates), 1);
	input_forged(50000, 51000, 64000);
	assert_int_equal(rooms_count(&r, COUNT_frag_drop_overlap), 1);
	assert_int_equal(held(), 0);
}

static void two_ends_or_bytes_behind_the_end_are_an_overlap(void **state) /* I-15 */
{
	(void)state;
	input(1000, 2000, 2000);
	input(2000, 3000, 3000); /* another end */
	assert_int_equal(rooms_count(&r, COUNT_frag_drop_overlap), 1);
	rooms_run(&r, 100 * SEC);
	input(1000, 2000, 2000);
	input(2000, 3000, 4000); /* behind the end */
	assert_int_equal(rooms_count(&r, COUNT_frag_drop_overlap), 2);
	rooms_run(&r, 200 * SEC);
	input(2000, 3000, 4000);
	input(1000, 2000, 2000); /* an end before what is there */
	assert_int_equal(rooms_count(&r, COUNT_frag_drop_overlap), 3);
}

static void lengths_that_cannot_be_are_dropped(void **state) /* I-16 */
{
	struct frame f = fragment(0, 1004, 4000);

	(void)state;
	rooms_input_frame(&r, 0, &f); /* more to come, and not a multiple of 8 */
	f = fragment(800, 800, 4000); /* empty */
	rooms_input_frame(&r, 0, &f);
	f = fragment(0, 1000, 1000); /* the ping of death */
	f.ip.off = 65512;
	rooms_input_frame(&r, 0, &f);
	f.ip.off = 64520; /* 64520 + 1000 + 20: just too much */
	rooms_input_frame(&r, 0, &f);
	assert_int_equal(rooms_count(&r, COUNT_frag_drop_length), 4);
	assert_int_equal(held(), 0);
	rooms_run(&r, 200 * SEC);
	rooms_expect_silence(&r);
}

static void a_whole_that_no_header_can_say_is_dropped(void **state) /* I-16 */
{
	struct frame first = fragment(0, 1480, WHOLE_MAX);

	(void)state;
	first.ip.options_len = 40;
	memset(first.ip.options, 1, 40);
	for (uint32_t from = 1480; from < WHOLE_MAX; from += 1480)
		input(from, min_u32(from + 1480, WHOLE_MAX), WHOLE_MAX);
	rooms_input_frame(&r, 0, &first);
	assert_int_equal(r.told_n, 0);
	assert_int_equal(rooms_count(&r, COUNT_frag_drop_length), 1);
	assert_int_equal(held(), 0);
}

static void no_fragment_may_split_a_tcp_header(void **state) /* I-17 */
{
	static const struct {
		uint32_t from, to;
		bool is_good;
	} cases[] = {
		{ 0, 8, false },
		{ 0, 16, false },
		{ 8, 1000, false },
		{ 16, 1000, false },
		{ 0, 24, true },
		{ 24, 1000, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t before = rooms_count(&r, COUNT_frag_drop_tiny);
		struct frame f = fragment(cases[i].from, cases[i].to, 4000);

		f.ip.proto = IP_TCP;
		f.ip.id = (uint16_t)i;
		rooms_input_frame(&r, 0, &f);
		assert_int_equal(rooms_count(&r, COUNT_frag_drop_tiny) - before, !cases[i].is_good);
	}
}

static void a_short_first_fragment_still_gives_a_whole_head(void **state) /* I-17 */
{
	(void)state;
	input(0, 8, 3000);
	input(8, 16, 3000);
	input(16, 3000, 3000);
	expect_whole(3000);
}

static void one_source_holds_so_much_and_no_more(void **state) /* I-18 */
{
	(void)state;
	for (uint32_t id = 0; id < 1000; id++) {
		struct frame f = fragment(0, 1480, 60000);

		f.ip.id = (uint16_t)id;
		rooms_input_frame(&r, 0, &f);
		assert_true(held() <= LIMIT_FRAG_SOURCE_BYTES);
		assert_true(r.stack.pkts.pool.out <= LIMIT_FRAG_PER_SOURCE);
	}
	rooms_check(&r);
	assert_int_equal(rooms_count(&r, COUNT_frag_drop_limit), 1000 - LIMIT_FRAG_PER_SOURCE);
}

static void many_sources_hold_so_much_and_no_more(void **state) /* I-18 */
{
	(void)state;
	for (uint32_t n = 0; n < 100000; n++) {
		struct frame f = fragment(0, 1480, 60000);
		struct frame ping = rooms_ip(FRAME_ICMP);

		f.ip.id = (uint16_t)n;
		f.ip.src = 0x0b000000 + n;
		rooms_input_frame(&r, 0, &f);
		if (n % 1000 != 0)
			continue;
		assert_true(held() <= LIMIT_FRAG_BYTES);
		rooms_check(&r);
		ping.icmp.type = 8;
		rooms_input_frame(&r, 0, &ping); /* others are served meanwhile */
		assert_int_equal(rooms_expect(&r).icmp.type, 0);
		input_all(3000, 1480);
		expect_whole(3000);
		rooms_forget(&r);
	}
}

static void datagrams_in_large_frames_hold_so_much_and_no_more(void **state) /* I-18 */
{
	(void)state;
	for (uint32_t n = 0; n < 500; n++) {
		for (uint32_t from = 0; from < 27000; from += 9000) {
			struct frame f = fragment(from, from + 9000, 60000);

			f.ip.id = (uint16_t)n;
			f.ip.src = 0x0b000000 + n / 3;
			rooms_input_frame(&r, 0, &f);
		}
		assert_true(held() <= LIMIT_FRAG_BYTES);
		rooms_check(&r);
	}
}

static void fragments_of_eight_bytes_do_not_take_all_the_memory(void **state) /* I-18 */
{
	(void)state;
	for (uint32_t from = 0; from < 8000; from += 16) {
		input(from, from + 8, 60000);
		assert_true(held() <= LIMIT_FRAG_SOURCE_BYTES);
	}
	rooms_check(&r);
	assert_true(rooms_count(&r, COUNT_frag_drop_limit) > 0);
}

static void without_a_block_a_datagram_is_dropped_whole(void **state)
{
	struct stack *s = &r.stack;
	struct buf *hoard[1024];
	unsigned n = 0;

	(void)state;
	for (uint32_t from = 0; from < 7000; from += 1000)
		input(from, from + 1000, 8000);
	while (n < ARRAY_LEN(hoard) && (hoard[n] = buf_new(&s->bufs, BUF_LARGE, BUF_DATA)))
		n++;
	input(7000, 8000, 8000);
	assert_int_equal(r.told_n, 0);
	assert_int_equal(rooms_count(&r, COUNT_frag_drop_no_memory), 1);
	while (n > 0)
		buf_drop(hoard[--n]);
	assert_int_equal(held(), 0);
}

static void congestion_met_by_one_fragment_is_the_datagram_s(void **state)
{
	struct frame f = fragment(0, 1000, 2000);

	(void)state;
	f.ip.tos = 0xb8 | 2;
	rooms_input_frame(&r, 0, &f);
	f = fragment(1000, 2000, 2000);
	f.ip.tos = 0xb8 | 3;
	rooms_input_frame(&r, 0, &f);
	expect_whole(2000);
	assert_int_equal(r.told[0].ip.tos, 0xb8 | 3);
}

static void marks_that_contradict_each_other_end_the_datagram(void **state)
{
	struct frame f = fragment(0, 1000, 2000);

	(void)state;
	rooms_input_frame(&r, 0, &f); /* not ECN-capable */
	f = fragment(1000, 2000, 2000);
	f.ip.tos = 3;
	rooms_input_frame(&r, 0, &f);
	assert_int_equal(r.told_n, 0);
	assert_int_equal(rooms_count(&r, COUNT_frag_drop_ecn), 1);
	assert_int_equal(held(), 0);
}

static void an_error_quotes_the_header_of_the_whole(void **state) /* C-04 */
{
	struct frame f = fragment(0, 1000, 2000);
	struct frame error, quoted;
	static uint8_t bytes[600];

	(void)state;
	f.ip.proto = 200;
	rooms_input_frame(&r, 0, &f);
	f = fragment(1000, 2000, 2000);
	f.ip.proto = 200;
	rooms_input_frame(&r, 0, &f);
	error = rooms_expect(&r);
	assert_int_equal(error.icmp.type, 3);
	memset(bytes, 0, 14);
	bytes[12] = 8;
	memcpy(bytes + 14, error.data, error.data_len);
	(void)frame_parse(&quoted, bytes, 14 + error.data_len);
	assert_int_equal(frame_get16(error.data + 2), 2020);
	assert_int_equal(frame_get16(error.data + 6), 0);
	assert_int_equal(frame_sum(error.data, 20, 0), 0);
}

static void what_a_link_brought_goes_with_it(void **state)
{
	(void)state;
	input(0, 1000, 2000);
	stack_detach(&r.stack, r.ifc[0]);
	assert_int_equal(held(), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(two_fragments_become_one_datagram),
		T(a_datagram_of_any_length_is_put_together),
		T(three_fragments_come_in_any_order_and_twice),
		T(many_fragments_come_in_any_order_with_duplicates),
		T(the_same_bytes_with_other_borders_are_an_overlap),
		T(two_fragments_said_again_as_one_are_an_overlap),
		T(datagrams_of_other_ids_protocols_and_hosts_are_kept_apart),
		T(nothing_is_answered_when_the_first_fragment_never_came),
		T(after_a_minute_the_sender_is_told_once),
		T(a_late_fragment_begins_a_new_datagram),
		T(fragments_that_overlap_end_the_datagram),
		T(bytes_that_are_true_but_only_in_part_new_are_an_overlap),
		T(what_comes_after_an_overlap_is_not_believed_either),
		T(an_overlap_in_what_was_gathered_is_found_too),
		T(two_ends_or_bytes_behind_the_end_are_an_overlap),
		T(lengths_that_cannot_be_are_dropped),
		T(a_whole_that_no_header_can_say_is_dropped),
		T(no_fragment_may_split_a_tcp_header),
		T(a_short_first_fragment_still_gives_a_whole_head),
		T(one_source_holds_so_much_and_no_more),
		T(many_sources_hold_so_much_and_no_more),
		T(datagrams_in_large_frames_hold_so_much_and_no_more),
		T(fragments_of_eight_bytes_do_not_take_all_the_memory),
		T(without_a_block_a_datagram_is_dropped_whole),
		T(congestion_met_by_one_fragment_is_the_datagram_s),
		T(marks_that_contradict_each_other_end_the_datagram),
		T(an_error_quotes_the_header_of_the_whole),
		T(what_a_link_brought_goes_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
