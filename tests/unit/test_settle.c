/*
 * Bytes that do not move on may not keep whole chunks when memory is short.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/limits.h"
#include "../../stack/stack_private.h"
#include "../lib/far.h"

#define PIECE  LIMIT_BYTES_SHARE /* the shortest that is shared */
#define CHUNKS 6

static struct buf *hogs[256];
static unsigned hogs_n;

static struct bufs *bufs(void)
{
	return &box_stack(talk_box)->bufs;
}

static void hog_until(uint32_t percent)
{
	while (bufs_pressure_percent(bufs()) < percent) {
		assert_in_range(hogs_n, 0, 255);
		hogs[hogs_n++] = stack_chunk(box_stack(talk_box));
	}
}

static void unhog(void)
{
	while (hogs_n > 0)
		buf_drop(hogs[--hogs_n]);
}

/* Two conversations each with a piece of every chunk that a peer of theirs never acknowledges. */
static struct far two_share_a_chunk(void)
{
	struct far a = far_connected(true);
	struct far b = far_connected(true);
	struct buf *chunk = stack_chunk(box_stack(talk_box));

	memcpy(chunk->data, talk_bytes, 2 * PIECE);
	assert_int_equal(conv_write(a.conv, chunk, chunk->data, PIECE), PIECE);
	assert_int_equal(conv_write(b.conv, chunk, chunk->data + PIECE, PIECE), PIECE);
	buf_drop(chunk);
	box_settle(talk_box);
	box_seen_all(talk_box);
	return a;
}

static void a_few_bytes_keep_no_chunk_when_memory_is_short(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CHUNKS; i++)
		two_share_a_chunk();
	assert_int_equal(bufs()->blocks_out[BUF_CHUNK], CHUNKS);
	hog_until(LIMIT_PRESSURE_YELLOW);
	box_run_through(talk_box, box_now(talk_box) + 10 * USEC_PER_SEC);
	assert_int_equal(bufs()->blocks_out[BUF_CHUNK], hogs_n);
	unhog();
}

static void what_has_settled_is_still_what_was_written(void **state)
{
	struct far a = two_share_a_chunk();
	const struct frame *f;

	(void)state;
	hog_until(LIMIT_PRESSURE_YELLOW);
	box_run_through(talk_box, box_now(talk_box) + 10 * USEC_PER_SEC);
	box_seen_all(talk_box);
	far_acks(&a, 1 + 1448);
	f = talk_out(talk_box);
	assert_non_null(f);
	assert_memory_equal(f->data, talk_bytes + (f->tcp.seq - a.ours_iss - 1), f->data_len);
	unhog();
}

static void nothing_is_copied_while_there_is_memory(void **state)
{
	(void)state;
	two_share_a_chunk();
	box_run_through(talk_box, box_now(talk_box) + 10 * USEC_PER_SEC);
	assert_int_equal(box_stack(talk_box)->bytes.copied, 0);
}

/* What is read or acknowledged soon needs no copy. */
static void what_moves_on_is_left_alone(void **state)
{
	struct far a = two_share_a_chunk();

	(void)state;
	hog_until(LIMIT_PRESSURE_YELLOW);
	for (uint32_t acked = 1; acked < PIECE; acked += 1000) {
		far_acks(&a, 1 + acked);
		box_run_through(talk_box, box_now(talk_box) + USEC_PER_SEC / 5);
	}
	assert_int_equal(box_stack(talk_box)->bytes.copied, PIECE); /* the other one's */
	unhog();
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, talk_open, talk_close)
	const struct CMUnitTest tests[] = {
		TEST(a_few_bytes_keep_no_chunk_when_memory_is_short),
		TEST(what_has_settled_is_still_what_was_written),
		TEST(nothing_is_copied_while_there_is_memory),
		TEST(what_moves_on_is_left_alone),
	};

	return cmocka_run_group_tests_name("settle", tests, NULL, NULL);
}
