/*
 * More bytes than a sequence number can count, both ways at once on one connection inside the
 * stack: every piece where it belongs. CATNET_LONG=1: four times as many.
 *
 * row T-60 (RFC 9293 3.4)
 */
#include "../lib/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(f) cmocka_unit_test_setup_teardown(f, talk_open, talk_close)
#define US      0x7f000001u
#define PORT    80
#define MARK    8u /* every so many bytes say where they stand */

/* One direction: what was written and what was read. */
struct way {
	struct conv *from, *to;
	uint64_t written, read, length;
};

static uint64_t length(void)
{
	return ((uint64_t)(getenv("CATNET_LONG") ? 4 : 1) << 32) + 12345 * MARK;
}

/* A chunk that says of each 8 bytes where they stand, from the mark on in whose middle the last
 * write may have ended. */
static void write_some(struct way *w)
{
	struct buf *chunk = stack_chunk(box_stack(talk_box));
	uint64_t base = w->written - w->written % MARK, left = w->length - base;
	uint32_t skip = (uint32_t)(w->written % MARK), len, i;
	ssize_t n;

	if (!chunk)
		return;
	len = left < chunk->cap ? (uint32_t)left : chunk->cap;
	for (i = 0; i < len; i += MARK) {
		uint64_t place = base + i;

		memcpy(chunk->data + i, &place, MARK);
	}
	n = len > skip ? conv_write(w->from, chunk, chunk->data + skip, len - skip) : 0;
	buf_drop(chunk);
	w->written += n > 0 ? (uint64_t)n : 0;
}

/* Each piece's bytes, seen from the mark they belong to. */
static void read_some(struct way *w)
{
	struct span piece[64];
	int n = 0, i;
	ssize_t got = conv_peek(w->to, piece, 64, (size_t)4 << 20, &n);

	if (got <= 0)
		return;
	for (i = 0; i < n; i++) {
		uint64_t off;

		for (off = 0; off < piece[i].len;) {
			uint64_t at = w->read + off, place = at - at % MARK;
			size_t skip = at % MARK, len = MARK - skip;

			len = len < piece[i].len - off ? len : piece[i].len - off;
			if (memcmp(piece[i].at + off, (const uint8_t *)&place + skip, len) != 0)
				fail_msg("wrong bytes at %llu", (unsigned long long)at);
			/* one mark in a hundred is looked at, and the first of each piece */
			off += off == 0 ? len : 100 * MARK;
		}
		w->read += piece[i].len;
	}
	conv_taken(w->to, (size_t)got);
}

static void both_ways_count_further_than_a_number_can(void **state)
{
	struct conv *l = talk_keep(talk_announced(talk_box, "tcp", talk_at(US, PORT)));
	struct conv *near = talk_keep(talk_connected(talk_box, "tcp", talk_at(US, PORT))), *far;
	struct way way[2];
	unsigned i, idle = 0;

	(void)state;
	box_settle(talk_box);
	far = conv_accept(l);
	assert_non_null(far);
	talk_keep(far);
	way[0] = (struct way){ .from = near, .to = far, .length = length() };
	way[1] = (struct way){ .from = far, .to = near, .length = length() };
	while (way[0].read < way[0].length || way[1].read < way[1].length) {
		uint64_t before = way[0].read + way[1].read;

		for (i = 0; i < 2; i++) {
			write_some(&way[i]);
			read_some(&way[i]);
		}
		box_settle(talk_box);
		if (way[0].read + way[1].read > before) {
			idle = 0;
			continue;
		}
		/* nothing may be stuck for longer than a delayed ACK */
		assert_in_range(++idle, 0, 100);
		box_run_through(talk_box, box_now(talk_box) + 10 * USEC_PER_MSEC);
	}
	assert_int_equal(box_count(talk_box, "tcp_rto"), 0);
	assert_int_equal(box_count(talk_box, "tcp_fast_retransmits"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_ways_count_further_than_a_number_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
