/*
 * A stream's queue: what is shared and what copied, gaps, and what it holds of the memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/limits.h"
#include "../lib/byte_queue.h"

static struct queue_box *const box = &queue_box;

static int box_open(void **state)
{
	(void)state;
	queue_box_open(4096);
	return 0;
}

static int box_close(void **state)
{
	(void)state;
	queue_box_close();
	return 0;
}

static void a_piece_of_half_a_block_is_shared(void **state)
{
	(void)state;
	give(BUF_SMALL, buf_class_cap(BUF_SMALL) / 2);
	give(BUF_LARGE, buf_class_cap(BUF_LARGE) / 2);
	assert_int_equal(box->home.copied, 0);
	assert_int_equal(
		box->home.shared, buf_class_cap(BUF_SMALL) / 2 + buf_class_cap(BUF_LARGE) / 2);
}

static void a_smaller_piece_is_copied(void **state)
{
	(void)state;
	give(BUF_SMALL, buf_class_cap(BUF_SMALL) / 2 - 1);
	assert_int_equal(box->home.copied, buf_class_cap(BUF_SMALL) / 2 - 1);
	assert_int_equal(box->home.shared, 0);
	assert_int_equal(box->bufs.blocks_out[BUF_SMALL], 1);
}

static void a_piece_of_a_chunk_is_shared_from_16_kib_on(void **state)
{
	(void)state;
	give(BUF_CHUNK, LIMIT_BYTES_SHARE - 1);
	assert_int_equal(box->home.shared, 0);
	give(BUF_CHUNK, LIMIT_BYTES_SHARE);
	assert_int_equal(box->home.shared, LIMIT_BYTES_SHARE);
	assert_content(0, box->q.len);
}

static void bytes_that_lie_nowhere_are_copied(void **state)
{
	(void)state;
	give_from_nowhere(30000);
	assert_int_equal(box->home.copied, 30000);
	assert_content(0, 30000);
}

static void an_empty_queue_holds_nothing(void **state)
{
	(void)state;
	give(BUF_SMALL, 100);
	give(BUF_SMALL, 1400);
	bytes_drop(&box->home, &box->q, 1500);
	assert_int_equal(box->q.held, 0);
	assert_int_equal(box->bufs.bytes_out, 0);
	assert_int_equal(box->home.nodes.out, 0);
}

static void a_dropped_block_is_free_before_the_queue_is_empty(void **state)
{
	(void)state;
	give(BUF_SMALL, 1400);
	give(BUF_SMALL, 1400);
	bytes_drop(&box->home, &box->q, 1399);
	assert_int_equal(box->bufs.blocks_out[BUF_SMALL], 2);
	bytes_drop(&box->home, &box->q, 1);
	assert_int_equal(box->bufs.blocks_out[BUF_SMALL], 1);
}

static void crumbs_gather_in_few_pieces(void **state)
{
	struct span spans[64];

	(void)state;
	for (int i = 0; i < 2000; i++)
		give(BUF_SMALL, 50);
	assert_in_range(bytes_spans(&box->q, 0, 100000, spans, 64), 2, 8);
	assert_content(0, 100000);
}

static void a_short_queue_uses_small_blocks_only(void **state)
{
	(void)state;
	while (box->q.len + 100 <= LIMIT_BYTES_SHORT)
		give(BUF_SMALL, 100);
	assert_int_equal(box->bufs.blocks_out[BUF_LARGE], 0);
	assert_in_range(box->q.held, box->q.len, 2 * LIMIT_BYTES_SHORT);
}

static void two_gives_from_one_block_that_adjoin_are_one_piece(void **state)
{
	struct buf *buf = block_for(BUF_LARGE, 16, 0, 60000);
	struct span spans[4];

	(void)state;
	assert_int_equal(bytes_give(&box->home, &box->q, buf, buf->data + 16, 40000), 40000);
	assert_int_equal(bytes_give(&box->home, &box->q, buf, buf->data + 40016, 20000), 20000);
	assert_int_equal(bytes_spans(&box->q, 0, 60000, spans, 4), 1);
	assert_int_equal(box->home.copied, 0);
	buf_drop(buf);
}

static void a_crumb_between_shared_pieces_is_charged_once(void **state)
{
	(void)state;
	for (int i = 0; i < 30; i++) {
		give(BUF_SMALL, 1400);
		give(BUF_SMALL, 100);
	}
	/* 30 shared blocks, and at most 5 small and one large for all crumbs. */
	assert_in_range(box->q.held, 30 * 1400, 35 * 2048 + 65536);
}

static void pages_are_charged_of_a_chunk(void **state)
{
	(void)state;
	give(BUF_CHUNK, 100000);
	assert_int_equal(box->q.held, 25 * 4096);
	bytes_drop(&box->home, &box->q, 50000);
	assert_int_equal(box->q.held, 13 * 4096);
}

static void any_range_is_shown_and_no_more_than_there_is(void **state)
{
	struct span spans[8];

	(void)state;
	for (int i = 0; i < 5; i++)
		give(BUF_SMALL, 1400);
	assert_int_equal(bytes_spans(&box->q, 1399, 2, spans, 8), 2);
	assert_int_equal(spans[0].len, 1);
	assert_int_equal(spans[1].len, 1);
	assert_int_equal(bytes_spans(&box->q, 0, UINT32_MAX, spans, 3), 3);
	assert_int_equal(bytes_spans(&box->q, 6999, UINT32_MAX, spans, 8), 1);
	assert_int_equal(bytes_spans(&box->q, 7000, 1, spans, 8), 0);
	assert_int_equal(bytes_spans(&box->q, 0, 0, spans, 8), 0);
}

static void slices_name_the_blocks_of_the_spans(void **state)
{
	struct slice slices[4];
	struct span spans[4];

	(void)state;
	give(BUF_SMALL, 1400);
	give(BUF_SMALL, 1400);
	assert_int_equal(bytes_slices(&box->q, 100, 2000, slices, 4), 2);
	assert_int_equal(bytes_spans(&box->q, 100, 2000, spans, 4), 2);
	for (int i = 0; i < 2; i++) {
		assert_ptr_equal(slices[i].buf->data + slices[i].off, spans[i].at);
		assert_int_equal(slices[i].len, spans[i].len);
	}
	assert_int_equal(slices[0].buf->refs, 1);
}

static void a_gap_is_closed_by_what_was_missing(void **state)
{
	(void)state;
	assert_int_equal(place(BUF_SMALL, 1000, 1400), 1400);
	assert_int_equal(box->q.len, 0);
	assert_int_equal(box->q.beyond, 1400);
	assert_int_equal(bytes_runs(&box->q), 1);
	assert_int_equal(place(BUF_SMALL, 0, 1000), 1000);
	assert_int_equal(box->q.len, 2400);
	assert_int_equal(box->q.beyond, 0);
	assert_int_equal(bytes_runs(&box->q), 0);
	assert_content(0, 2400);
}

static void the_first_copy_of_a_byte_wins(void **state)
{
	static uint8_t wrong[3000];

	(void)state;
	place(BUF_SMALL, 1000, 1100);
	assert_int_equal(place_at(0, NULL, wrong, 1000, 8), 1000);
	assert_int_equal(place_at(500, NULL, wrong, 2000, 8), 400);
	assert_content(1000, 1100);
}

static void one_piece_fills_several_gaps(void **state)
{
	uint32_t off;
	uint32_t len;

	(void)state;
	place(BUF_SMALL, 1000, 100);
	place(BUF_SMALL, 2000, 100);
	assert_int_equal(place(BUF_LARGE, 500, 2000), 1800);
	assert_int_equal(bytes_runs(&box->q), 1);
	assert_true(bytes_run(&box->q, 0, &off, &len));
	assert_int_equal(off, 500);
	assert_int_equal(len, 2000);
	place(BUF_SMALL, 0, 500);
	assert_content(0, 2500);
}

static void runs_behind_gaps_are_told_in_order(void **state)
{
	uint32_t off;
	uint32_t len;

	(void)state;
	place(BUF_SMALL, 5000, 100);
	place(BUF_SMALL, 3000, 100);
	place(BUF_SMALL, 0, 100);
	place(BUF_SMALL, 5100, 100);
	assert_int_equal(bytes_runs(&box->q), 2);
	assert_true(bytes_run(&box->q, 0, &off, &len));
	assert_int_equal(off, 3000);
	assert_true(bytes_run(&box->q, 1, &off, &len));
	assert_int_equal(off, 5000);
	assert_int_equal(len, 200);
	assert_false(bytes_run(&box->q, 2, &off, &len));
}

static void one_run_too_many_is_refused_and_nothing_changes(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= PIECES_MAX; i++)
		assert_int_equal(place(BUF_SMALL, i * 1000, 10), 10);
	assert_int_equal(place(BUF_SMALL, 999000, 10), -ENOBUFS);
	assert_int_equal(box->q.beyond, PIECES_MAX * 10);
	assert_int_equal(place(BUF_SMALL, 1010, 990), 990);
	assert_int_equal(place(BUF_SMALL, 999000, 10), 10);
}

static void the_front_counts_not_among_the_runs_that_are_limited(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= PIECES_MAX; i++)
		place(BUF_SMALL, i * 1000, 10);
	assert_int_equal(place(BUF_SMALL, 0, 10), 10);
	assert_int_equal(place(BUF_SMALL, 20, 10), -ENOBUFS);
}

static void gaps_may_be_closed_while_there_are_more_runs_than_allowed(void **state)
{
	uint8_t bytes[1000];

	(void)state;
	for (uint32_t i = 1; i <= 8; i++)
		place(BUF_SMALL, i * 1000, 10);
	fill(bytes, 1010, 990);
	assert_int_equal(place_at(1010, NULL, bytes, 10, 4), 10);
	assert_int_equal(place_at(1020, NULL, bytes + 10, 980, 4), 980);
	assert_int_equal(place_at(3020, NULL, bytes, 10, 4), -ENOBUFS);
	assert_int_equal(bytes_runs(&box->q), 7);
}

static void a_queue_may_be_given_what_lies_in_its_own_tail(void **state)
{
	struct slice s;
	struct buf *buf;

	(void)state;
	give_from_nowhere(40000);
	bytes_slices(&box->q, 0, 40000, &s, 1);
	buf = buf_hold(s.buf);
	fill(buf->data + box->q.tail_used, 40000, 20000);
	assert_int_equal(
		bytes_give(&box->home, &box->q, buf, buf->data + box->q.tail_used, 20000), 20000);
	bytes_check(&box->q);
	assert_content(0, 60000);
	buf_drop(buf);
}

static void forgetting_leaves_what_is_contiguous(void **state)
{
	(void)state;
	place(BUF_SMALL, 0, 1400);
	place(BUF_SMALL, 2000, 1400);
	place(BUF_SMALL, 4000, 100);
	assert_int_equal(bytes_forget_beyond(&box->home, &box->q), 1500);
	assert_int_equal(box->q.len, 1400);
	assert_int_equal(bytes_runs(&box->q), 0);
	assert_int_equal(bytes_forget_beyond(&box->home, &box->q), 0);
	bytes_check(&box->q);
	assert_int_equal(place(BUF_SMALL, 1400, 100), 100);
	assert_content(0, 1500);
}

static void dropping_up_to_a_gap_leaves_what_is_behind_it(void **state)
{
	(void)state;
	place(BUF_SMALL, 0, 1400);
	place(BUF_SMALL, 2000, 1400);
	bytes_drop(&box->home, &box->q, 1400);
	bytes_check(&box->q);
	assert_int_equal(box->q.len, 0);
	assert_int_equal(bytes_runs(&box->q), 1);
	assert_int_equal(place(BUF_SMALL, 0, 600), 600);
	assert_content(0, 2000);
}

static void positions_go_on_after_clearing(void **state)
{
	(void)state;
	give(BUF_SMALL, 1400);
	bytes_clear(&box->home, &box->q);
	assert_int_equal(box->q.base, 1400);
	assert_int_equal(box->q.len, 0);
	give(BUF_SMALL, 100);
	assert_content(0, 100);
}

static void without_memory_a_give_takes_what_it_can(void **state)
{
	(void)state;
	give(BUF_SMALL, 100);
	hog_all();
	assert_int_equal(
		give_from_nowhere(30000), buf_class_cap(BUF_SMALL) - sizeof(struct own) - 100);
	bytes_check(&box->q);
	assert_content(0, box->q.len);
}

static void without_memory_to_copy_a_crumb_is_shared(void **state)
{
	struct buf *buf = block_for(BUF_SMALL, 16, 0, 200);

	(void)state;
	hog_all();
	assert_int_equal(bytes_give(&box->home, &box->q, buf, buf->data + 16, 100), 100);
	assert_int_equal(bytes_place(&box->home, &box->q, 150, buf, buf->data + 166, 50, 8), 50);
	assert_int_equal(box->home.shared, 150);
	assert_int_equal(buf->refs, 3);
	buf_drop(buf);
}

static void without_memory_bytes_from_nowhere_are_not_placed(void **state)
{
	uint8_t bytes[100];

	(void)state;
	hog_all();
	fill(bytes, 50, 100);
	assert_int_equal(place_at(50, NULL, bytes, 100, 8), -ENOBUFS);
	assert_int_equal(box->q.beyond, 0);
	assert_null(box->q.tail);
}

static void without_nodes_nothing_is_taken_and_nothing_lost(void **state)
{
	(void)state;
	give(BUF_SMALL, 1400);
	while (pool_get(&box->home.nodes))
		;
	assert_int_equal(give_from_nowhere(100), 0);
	assert_int_equal(place(BUF_SMALL, 1400, 1400), -ENOBUFS);
	assert_int_equal(place(BUF_SMALL, 2000, 10), -ENOBUFS);
	bytes_check(&box->q);
	assert_int_equal(box->bufs.blocks_out[BUF_SMALL], 1);
	box->nodes_lost = box->home.nodes.cap - 1;
}

static void a_short_memory_gives_small_blocks_for_large(void **state)
{
	(void)state;
	hog_all();
	buf_drop(unhog(BUF_SMALL));
	assert_int_equal(give_from_nowhere(60000), buf_class_cap(BUF_SMALL) - sizeof(struct own));
}

static void compacting_frees_mostly_dead_blocks(void **state)
{
	struct span spans[4];
	uint32_t held;

	(void)state;
	/* Overlaps leave little of each block in use. */
	for (uint32_t i = 0; i < 40; i++) {
		struct buf *buf = block_for(BUF_LARGE, 0, i * 100, 40000);

		hog_all();
		assert_int_equal(place_at(i * 100, buf, buf->data, 100, PIECES_MAX), 100);
		buf_drop(buf);
		unhog_all();
	}
	held = box->q.held;
	assert_in_range(bytes_compact(&box->home, &box->q), held - 10000, held);
	bytes_check(&box->q);
	assert_content(0, 4000);
	assert_in_range(box->bufs.bytes_out, 4000, 10000);
	assert_int_equal(bytes_spans(&box->q, 0, 4000, spans, 4), 2);
	assert_int_equal(bytes_compact(&box->home, &box->q), 0);
}

static void compacting_leaves_full_blocks_and_a_lonely_crumb_alone(void **state)
{
	(void)state;
	give(BUF_SMALL, 1400);
	give(BUF_SMALL, 100);
	box->home.copied = 0;
	assert_int_equal(bytes_compact(&box->home, &box->q), 0);
	assert_int_equal(box->home.copied, 0);
}

static void compacting_leaves_what_a_packet_still_holds(void **state)
{
	struct slice s;

	(void)state;
	give_from_nowhere(20000);
	bytes_drop(&box->home, &box->q, 19000);
	bytes_slices(&box->q, 0, 100, &s, 1);
	buf_hold(s.buf);
	assert_int_equal(bytes_compact(&box->home, &box->q), 0);
	buf_drop(s.buf);
	assert_int_equal(bytes_compact(&box->home, &box->q), 65536 - 2048);
	assert_content(0, 1000);
}

static void a_piece_of_a_chunk_that_nobody_else_needs_is_compacted(void **state)
{
	(void)state;
	give(BUF_CHUNK, 20000);
	buf_drop(box->chunk);
	box->chunk = NULL;
	assert_in_range(bytes_compact(&box->home, &box->q), 2000000, 2080000);
	assert_content(0, 20000);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, box_open, box_close)
	const struct CMUnitTest tests[] = {
		TEST(a_piece_of_half_a_block_is_shared),
		TEST(a_smaller_piece_is_copied),
		TEST(a_piece_of_a_chunk_is_shared_from_16_kib_on),
		TEST(bytes_that_lie_nowhere_are_copied),
		TEST(an_empty_queue_holds_nothing),
		TEST(a_dropped_block_is_free_before_the_queue_is_empty),
		TEST(crumbs_gather_in_few_pieces),
		TEST(a_short_queue_uses_small_blocks_only),
		TEST(two_gives_from_one_block_that_adjoin_are_one_piece),
		TEST(a_crumb_between_shared_pieces_is_charged_once),
		TEST(pages_are_charged_of_a_chunk),
		TEST(any_range_is_shown_and_no_more_than_there_is),
		TEST(slices_name_the_blocks_of_the_spans),
		TEST(a_gap_is_closed_by_what_was_missing),
		TEST(the_first_copy_of_a_byte_wins),
		TEST(one_piece_fills_several_gaps),
		TEST(runs_behind_gaps_are_told_in_order),
		TEST(one_run_too_many_is_refused_and_nothing_changes),
		TEST(the_front_counts_not_among_the_runs_that_are_limited),
		TEST(gaps_may_be_closed_while_there_are_more_runs_than_allowed),
		TEST(a_queue_may_be_given_what_lies_in_its_own_tail),
		TEST(forgetting_leaves_what_is_contiguous),
		TEST(dropping_up_to_a_gap_leaves_what_is_behind_it),
		TEST(positions_go_on_after_clearing),
		TEST(without_memory_a_give_takes_what_it_can),
		TEST(without_memory_to_copy_a_crumb_is_shared),
		TEST(without_memory_bytes_from_nowhere_are_not_placed),
		TEST(without_nodes_nothing_is_taken_and_nothing_lost),
		TEST(a_short_memory_gives_small_blocks_for_large),
		TEST(compacting_frees_mostly_dead_blocks),
		TEST(compacting_leaves_full_blocks_and_a_lonely_crumb_alone),
		TEST(compacting_leaves_what_a_packet_still_holds),
		TEST(a_piece_of_a_chunk_that_nobody_else_needs_is_compacted),
	};

	return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
