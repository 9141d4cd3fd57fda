/*
 * Counted blocks out of 2 MiB chunks, and what is kept for control.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "../../stack/base/buf.h"
#include "../lib/region.h"

#define CHUNKS     10
#define RESERVED   1 /* 5 percent of them, rounded up */
#define BLOCKS_MAX ((uint32_t)(CHUNKS * ARENA_CHUNK / 2048))

struct box {
	struct arena arena;
	struct bufs bufs;
	struct buf *out[BLOCKS_MAX];
	uint32_t out_n;
};

static struct box box;

static int box_open(void **state)
{
	(void)state;
	memset(&box, 0, sizeof(box));
	/* Room for the table of chunks and for alignment, but not for one chunk more. */
	region_take(&box.arena, CHUNKS * ARENA_CHUNK + 16384);
	arena_take(&box.arena, 100, 1);
	assert_int_equal(bufs_init(&box.bufs, &box.arena, 5), 0);
	assert_int_equal(box.bufs.chunks_n, CHUNKS);
	return 0;
}

static void drop_all(void)
{
	while (box.out_n > 0)
		buf_drop(box.out[--box.out_n]);
}

static int box_close(void **state)
{
	(void)state;
	bufs_check(&box.bufs);
	drop_all();
	bufs_check(&box.bufs);
	assert_int_equal(box.bufs.bytes_out, 0);
	assert_int_equal(bufs_pressure_percent(&box.bufs), 0);
	region_give_back(&box.arena);
	return 0;
}

static struct buf *take(enum buf_class class, enum buf_use use)
{
	struct buf *buf = buf_new(&box.bufs, class, use);

	if (buf)
		box.out[box.out_n++] = buf;
	return buf;
}

/* Until there is none; how many. */
static uint32_t take_all(enum buf_class class, enum buf_use use)
{
	uint32_t n = 0;

	while (take(class, use))
		n++;
	return n;
}

static void classes_divide_a_chunk_without_rest(void **state)
{
	(void)state;
	assert_int_equal(take_all(BUF_SMALL, BUF_DATA), (CHUNKS - RESERVED) * 1024);
	drop_all();
	assert_int_equal(take_all(BUF_LARGE, BUF_DATA), (CHUNKS - RESERVED) * 32);
	drop_all();
	assert_int_equal(take_all(BUF_CHUNK, BUF_DATA), CHUNKS - RESERVED);
}

static void blocks_do_not_overlap(void **state)
{
	(void)state;
	while (take((enum buf_class)(box.out_n % BUF_CLASSES), BUF_DATA))
		memset(box.out[box.out_n - 1]->data, (int)box.out_n, box.out[box.out_n - 1]->cap);
	for (uint32_t i = 0; i < box.out_n; i++) {
		assert_int_equal(box.out[i]->data[0], (uint8_t)(i + 1));
		assert_int_equal(box.out[i]->data[box.out[i]->cap - 1], (uint8_t)(i + 1));
	}
}

static void a_block_knows_its_class(void **state)
{
	(void)state;
	for (int class = 0; class < BUF_CLASSES; class ++) {
		struct buf *buf = take((enum buf_class) class, BUF_DATA);

		assert_int_equal(buf_class_of(buf), class);
		assert_int_equal(buf->cap, buf_class_cap((enum buf_class) class));
	}
}

static void a_block_lives_until_its_last_count_is_gone(void **state)
{
	struct buf *buf = buf_new(&box.bufs, BUF_SMALL, BUF_DATA);

	(void)state;
	assert_false(buf_is_shared(buf));
	assert_ptr_equal(buf_hold(buf), buf);
	assert_true(buf_is_shared(buf));
	buf_drop(buf);
	assert_int_equal(box.bufs.blocks_out[BUF_SMALL], 1);
	buf_drop(buf);
	assert_int_equal(box.bufs.blocks_out[BUF_SMALL], 0);
	buf_drop(NULL);
}

static void control_has_blocks_when_data_has_none(void **state)
{
	(void)state;
	take_all(BUF_SMALL, BUF_DATA);
	assert_null(take(BUF_LARGE, BUF_DATA));
	assert_int_equal(take_all(BUF_SMALL, BUF_CONTROL), RESERVED * 1024);
}

static void data_cannot_use_what_control_opened_from_the_reserve(void **state)
{
	(void)state;
	take_all(BUF_SMALL, BUF_DATA);
	assert_non_null(take(BUF_SMALL, BUF_CONTROL));
	assert_null(take(BUF_SMALL, BUF_DATA));
}

static void the_reserve_is_whole_again_after_control_gave_back(void **state)
{
	(void)state;
	take_all(BUF_CHUNK, BUF_DATA);
	assert_non_null(take(BUF_SMALL, BUF_CONTROL));
	buf_drop(box.out[--box.out_n]);
	assert_null(take(BUF_SMALL, BUF_DATA));
	assert_int_equal(take_all(BUF_SMALL, BUF_CONTROL), 1024);
}

static void control_uses_the_common_part_first(void **state)
{
	(void)state;
	assert_int_equal(take_all(BUF_CHUNK, BUF_CONTROL), CHUNKS);
	drop_all();
	take(BUF_SMALL, BUF_CONTROL);
	assert_int_equal(take_all(BUF_SMALL, BUF_DATA), (CHUNKS - RESERVED) * 1024 - 1);
}

static void an_idle_chunk_serves_any_class(void **state)
{
	(void)state;
	take_all(BUF_SMALL, BUF_DATA);
	drop_all();
	assert_int_equal(take_all(BUF_CHUNK, BUF_DATA), CHUNKS - RESERVED);
}

static void pressure_is_the_share_of_chunks_in_use(void **state)
{
	(void)state;
	take(BUF_CHUNK, BUF_DATA);
	take(BUF_CHUNK, BUF_DATA);
	take(BUF_SMALL, BUF_DATA);
	take(BUF_SMALL, BUF_DATA);
	assert_int_equal(bufs_pressure_percent(&box.bufs), 30);
}

static void untouched_memory_is_not_given_back(void **state)
{
	void *at;
	size_t len;

	(void)state;
	assert_false(bufs_idle_span(&box.bufs, &at, &len));
	take(BUF_LARGE, BUF_DATA);
	assert_false(bufs_idle_span(&box.bufs, &at, &len));
}

static void an_idle_chunk_goes_back_once_and_can_be_used_again(void **state)
{
	void *at;
	size_t len;

	(void)state;
	take_all(BUF_LARGE, BUF_DATA);
	drop_all();
	for (int i = 0; i < CHUNKS - RESERVED; i++) {
		assert_true(bufs_idle_span(&box.bufs, &at, &len));
		assert_int_equal((uintptr_t)at % 4096, 0);
		assert_int_equal(len, ARENA_CHUNK);
		assert_int_equal(madvise(at, len, MADV_DONTNEED), 0);
	}
	assert_false(bufs_idle_span(&box.bufs, &at, &len));
	bufs_check(&box.bufs);
	assert_int_equal(take_all(BUF_SMALL, BUF_DATA), (CHUNKS - RESERVED) * 1024);
}

static void a_warm_chunk_is_used_before_a_cold_one(void **state)
{
	struct buf *first = take(BUF_CHUNK, BUF_DATA);

	(void)state;
	drop_all();
	assert_ptr_equal(take(BUF_CHUNK, BUF_DATA), first);
}

static void nearly_empty_chunks_are_left_to_become_idle(void **state)
{
	uint32_t kept = 0;

	(void)state;
	take_all(BUF_SMALL, BUF_DATA);
	/* One block in sixteen stays in the first chunk; the second loses half. */
	for (uint32_t i = 0; i < box.out_n; i++) {
		bool is_kept = i < 1024 ? i % 16 == 0 : i >= 2048 || i % 2 == 0;

		if (is_kept)
			box.out[kept++] = box.out[i];
		else
			buf_drop(box.out[i]);
	}
	box.out_n = kept;
	for (int i = 0; i < 300; i++)
		take(BUF_SMALL, BUF_DATA);
	assert_int_equal(box.bufs.chunks[0].blocks_out, 64);
}

static void too_little_memory_for_one_chunk_of_each_class_is_refused(void **state)
{
	struct arena arena;
	struct bufs bufs;

	(void)state;
	region_take(&arena, BUF_CLASSES * ARENA_CHUNK - 1);
	assert_int_equal(bufs_init(&bufs, &arena, 5), -ENOMEM);
	region_give_back(&arena);
}

static void memory_for_a_table_and_no_rest_gives_one_chunk_less(void **state)
{
	size_t len = 6 * (ARENA_CHUNK + sizeof(struct chunk));
	struct arena arena;
	struct bufs bufs;

	(void)state;
	region_take(&arena, len);
	assert_int_equal(bufs_init(&bufs, &arena, 0), 0);
	assert_int_equal(bufs.chunks_n, 5);
	assert_int_equal((uintptr_t)bufs.chunks[0].base % 4096, 0);
	region_give_back(&arena);
}

static void drop(void *buf)
{
	buf_drop(buf);
}

static void hold(void *buf)
{
	buf_hold(buf);
}

static void a_count_too_few_is_noticed(void **state)
{
	struct buf gone = { .home = &box.bufs, .refs = 0 };

	(void)state;
	assert_true(dies(drop, &gone));
	assert_true(dies(hold, &gone));
}

static void any_order_of_taking_and_dropping_keeps_the_counts_right(void **state)
{
	struct random r;

	(void)state;
	seeded(&r);
	for (uint32_t n = steps(200000); n > 0; n--) {
		/* Swing between nearly empty and nearly full. */
		bool grows = random_below(&r, 100) < (n / 5000 % 2 ? 60u : 40u);
		uint32_t dice = random_below(&r, 1000);
		enum buf_class class = dice < 2 ? BUF_CHUNK : dice < 30 ? BUF_LARGE : BUF_SMALL;

		if (grows) {
			take(class, random_below(&r, 10) ? BUF_DATA : BUF_CONTROL);
		} else if (box.out_n > 0) {
			uint32_t i = random_below(&r, box.out_n);

			buf_drop(box.out[i]);
			box.out[i] = box.out[--box.out_n];
		}
		if (n % 1000 == 0)
			bufs_check(&box.bufs);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, box_open, box_close)
	const struct CMUnitTest tests[] = {
		TEST(classes_divide_a_chunk_without_rest),
		TEST(blocks_do_not_overlap),
		TEST(a_block_knows_its_class),
		TEST(a_block_lives_until_its_last_count_is_gone),
		TEST(control_has_blocks_when_data_has_none),
		TEST(data_cannot_use_what_control_opened_from_the_reserve),
		TEST(the_reserve_is_whole_again_after_control_gave_back),
		TEST(control_uses_the_common_part_first),
		TEST(an_idle_chunk_serves_any_class),
		TEST(pressure_is_the_share_of_chunks_in_use),
		TEST(untouched_memory_is_not_given_back),
		TEST(an_idle_chunk_goes_back_once_and_can_be_used_again),
		TEST(a_warm_chunk_is_used_before_a_cold_one),
		TEST(nearly_empty_chunks_are_left_to_become_idle),
		TEST(too_little_memory_for_one_chunk_of_each_class_is_refused),
		TEST(memory_for_a_table_and_no_rest_gives_one_chunk_less),
		TEST(a_count_too_few_is_noticed),
		TEST(any_order_of_taking_and_dropping_keeps_the_counts_right),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
