/*
 * A stream's queue, next to a model of it: a flat array of bytes and a map of what is there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/bytes_private.h"
#include "../../stack/limits.h"
#include "../lib/region.h"

#define MEMORY     ((size_t)40 << 20)
#define NODES      4096
#define SPACE      (256u << 10) /* positions that the model knows */
#define PIECES_MAX 64

struct box {
	struct arena arena;
	struct bufs bufs;
	struct bytes_home home;
	struct bytes q;
};

static struct box box;

static int box_open(void **state)
{
	(void)state;
	memset(&box, 0, sizeof(box));
	region_take(&box.arena, MEMORY);
	assert_int_equal(bytes_home_init(&box.home, &box.arena, &box.bufs, NODES), 0);
	assert_int_equal(bufs_init(&box.bufs, &box.arena, 5), 0);
	bytes_init(&box.q);
	return 0;
}

/* Whatever a test did: nothing may be left when the queue is cleared. */
static int box_close(void **state)
{
	(void)state;
	bytes_check(&box.q);
	bytes_clear(&box.home, &box.q);
	bytes_check(&box.q);
	assert_int_equal(box.q.held, 0);
	assert_int_equal(box.home.nodes.out, 0);
	assert_int_equal(box.bufs.bytes_out, 0);
	bufs_check(&box.bufs);
	region_give_back(&box.arena);
	return 0;
}

/* The byte that belongs at this position of the stream. */
static uint8_t byte_at(uint64_t pos)
{
	return (uint8_t)(pos * 0x9e3779b97f4a7c15u >> 56);
}

static void fill(uint8_t *to, uint64_t pos, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		to[i] = byte_at(pos + i);
}

/* A block of CLASS whose bytes from OFF on belong at POS. */
static struct buf *block_for(enum buf_class class, uint32_t off, uint64_t pos, uint32_t len)
{
	struct buf *buf = buf_new(&box.bufs, class, BUF_DATA);

	assert_non_null(buf);
	fill(buf->data + off, pos, len);
	return buf;
}

/* Give LEN bytes that lie in a block of CLASS, as if it had just been received. */
static uint32_t give(enum buf_class class, uint32_t len)
{
	struct buf *buf = block_for(class, 16, box.q.base + box.q.len, len);
	uint32_t n = bytes_give(&box.home, &box.q, buf, buf->data + 16, len);

	buf_drop(buf);
	return n;
}

static ssize_t place(enum buf_class class, uint32_t off, uint32_t len)
{
	struct buf *buf = block_for(class, 16, box.q.base + off, len);
	ssize_t n = bytes_place(&box.home, &box.q, off, buf, buf->data + 16, len, PIECES_MAX);

	buf_drop(buf);
	return n;
}

static void assert_content(uint32_t off, uint32_t len)
{
	static uint8_t out[SPACE];

	bytes_copy_out(&box.q, off, out, len);
	for (uint32_t i = 0; i < len; i++)
		assert_int_equal(out[i], byte_at(box.q.base + off + i));
}

static void a_piece_of_half_a_block_is_shared(void **state)
{
	(void)state;
	assert_int_equal(
		give(BUF_SMALL, buf_class_cap(BUF_SMALL) / 2), buf_class_cap(BUF_SMALL) / 2);
	assert_int_equal(box.home.copied, 0);
	assert_int_equal(box.home.shared, buf_class_cap(BUF_SMALL) / 2);
}

static void a_smaller_piece_is_copied(void **state)
{
	(void)state;
	assert_int_equal(give(BUF_SMALL, 100), 100);
	assert_int_equal(box.home.copied, 100);
	assert_int_equal(box.bufs.blocks_out[BUF_SMALL], 1);
	assert_content(0, 100);
}

static void an_empty_queue_holds_nothing(void **state)
{
	(void)state;
	give(BUF_SMALL, 100);
	give(BUF_SMALL, 1400);
	bytes_drop(&box.home, &box.q, 1500);
	assert_int_equal(box.q.held, 0);
	assert_int_equal(box.bufs.bytes_out, 0);
}

static void crumbs_gather_in_few_pieces(void **state)
{
	struct span spans[64];
	int n;

	(void)state;
	for (int i = 0; i < 2000; i++)
		assert_int_equal(give(BUF_SMALL, 50), 50);
	n = bytes_spans(&box.q, 0, 100000, spans, 64);
	assert_in_range(n, 1, 8);
	assert_content(0, 100000);
}

static void a_gap_is_closed_by_what_was_missing(void **state)
{
	(void)state;
	assert_int_equal(place(BUF_SMALL, 1000, 1400), 1400);
	assert_int_equal(box.q.len, 0);
	assert_int_equal(bytes_runs(&box.q), 1);
	assert_int_equal(place(BUF_SMALL, 0, 1000), 1000);
	assert_int_equal(box.q.len, 2400);
	assert_int_equal(bytes_runs(&box.q), 0);
	assert_content(0, 2400);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, box_open, box_close)
	const struct CMUnitTest tests[] = {
		TEST(a_piece_of_half_a_block_is_shared),
		TEST(a_smaller_piece_is_copied),
		TEST(an_empty_queue_holds_nothing),
		TEST(crumbs_gather_in_few_pieces),
		TEST(a_gap_is_closed_by_what_was_missing),
	};

	return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
