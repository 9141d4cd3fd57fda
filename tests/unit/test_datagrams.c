/*
 * Queues of datagrams: what is shared, what is copied, what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/datagrams.h"
#include "../../stack/limits.h"
#include "../lib/region.h"

#define CAP ((uint32_t)256 << 10)

static struct box {
	struct arena arena;
	struct bufs bufs;
	struct pkts pkts;
	struct bytes_home bytes;
	struct datagrams_home home;
	struct datagrams q;
} box;

static int box_open(void **state)
{
	(void)state;
	memset(&box, 0, sizeof(box));
	region_take(&box.arena, (size_t)32 << 20);
	assert_int_equal(pkts_init(&box.pkts, &box.arena, &box.bufs, 16), 0);
	assert_int_equal(bytes_home_init(&box.bytes, &box.arena, &box.bufs, 16), 0);
	assert_int_equal(datagrams_home_init(&box.home, &box.arena, &box.bytes, 5000), 0);
	assert_int_equal(bufs_init(&box.bufs, &box.arena, 5), 0);
	datagrams_init(&box.q);
	return 0;
}

static int box_close(void **state)
{
	(void)state;
	datagrams_check(&box.q);
	datagrams_clear(&box.home, &box.q);
	datagrams_check(&box.q);
	assert_int_equal(box.home.pool.out, 0);
	assert_int_equal(box.pkts.pool.out, 0);
	assert_int_equal(box.bufs.bytes_out, 0);
	region_give_back(&box.arena);
	return 0;
}

/* A packet of LEN bytes that go on from FIRST, the rest of a long one in a large block. */
static struct pkt *packet(uint32_t len, uint8_t first)
{
	struct pkt *p = pkt_new(&box.pkts, PKT_HEADROOM, BUF_DATA);
	uint32_t in_head = min_u32(len, 1500);
	uint8_t *to = pkt_append(p, in_head);

	for (uint32_t i = 0; i < in_head; i++)
		to[i] = (uint8_t)(first + i);
	if (len > in_head) {
		struct buf *rest = buf_new(&box.bufs, BUF_LARGE, BUF_DATA);

		for (uint32_t i = in_head; i < len; i++)
			rest->data[i - in_head] = (uint8_t)(first + i);
		assert_int_equal(pkt_add_slice(p, rest, 0, len - in_head), 0);
		buf_drop(rest);
	}
	return p;
}

static int put(uint32_t len, uint8_t first, uint32_t cap)
{
	struct pkt *p = packet(len, first);
	struct datagram *d;
	int err = datagrams_put(&box.home, &box.q, cap, p, 0, &d);

	pkt_free(&box.pkts, p);
	return err;
}

static void assert_next_is(uint32_t len, uint8_t first)
{
	struct span out[4];
	int pieces;
	uint32_t i = 0;

	assert_int_equal(datagrams_peek(&box.q, SIZE_MAX, out, 4, &pieces), len);
	for (int n = 0; n < pieces; n++)
		for (uint32_t j = 0; j < out[n].len; j++)
			assert_int_equal(out[n].at[j], (uint8_t)(first + i++));
	assert_int_equal(i, len);
	datagrams_drop(&box.home, &box.q);
}

static void edges_are_kept(void **state)
{
	(void)state;
	assert_int_equal(put(3, 1, CAP), 0);
	assert_int_equal(put(0, 0, CAP), 0);
	assert_int_equal(put(1400, 7, CAP), 0);
	assert_int_equal(put(60000, 9, CAP), 0);
	assert_next_is(3, 1);
	assert_next_is(0, 0);
	assert_next_is(1400, 7);
	assert_next_is(60000, 9);
}

static void a_short_look_gives_the_front_only(void **state)
{
	struct span out[4];
	int pieces;

	(void)state;
	assert_int_equal(put(60000, 0, CAP), 0);
	assert_int_equal(datagrams_peek(&box.q, 1600, out, 4, &pieces), 1600);
	assert_int_equal(pieces, 2);
	assert_int_equal(datagrams_peek(&box.q, 60000, out, 1, &pieces), 1500);
	assert_int_equal(pieces, 1);
}

static void what_fills_half_of_its_block_is_shared(void **state)
{
	(void)state;
	assert_int_equal(put(1400, 0, CAP), 0);
	assert_int_equal(box.bytes.copied, 0);
	assert_int_equal(box.bytes.shared, 1400);
}

static void small_ones_are_copied_side_by_side(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(put(50, (uint8_t)i, CAP), 0);
	assert_int_equal(box.bytes.copied, 1000);
	assert_int_equal(box.bufs.blocks_out[BUF_SMALL], 1);
	for (int i = 0; i < 20; i++)
		assert_next_is(50, (uint8_t)i);
}

static void a_full_queue_refuses_the_newest(void **state)
{
	int err = 0;
	uint32_t n = 0;

	(void)state;
	while ((err = put(1400, (uint8_t)n, 16384)) == 0)
		n++;
	assert_int_equal(err, -ENOSPC);
	assert_in_range(n, 4, 11);
	assert_true(box.q.charged <= 16384);
	assert_next_is(1400, 0);
}

/* The blocks that a queue keeps from others are within its cap, whatever the sizes. */
static void blocks_held_stay_within_the_cap(void **state)
{
	struct random r;

	(void)state;
	seeded(&r);
	for (uint32_t i = 0; i < 3000; i++)
		put(random_below(&r, 3) ? random_below(&r, 100) : random_below(&r, 60000),
			(uint8_t)i, CAP);
	assert_true(box.q.charged <= CAP);
	assert_true(box.bufs.bytes_out <= CAP + 2 * (uint64_t)buf_class_cap(BUF_LARGE));
}

static void an_empty_queue_takes_one_of_any_size(void **state)
{
	(void)state;
	assert_int_equal(put(65000, 5, 4096), 0);
	assert_int_equal(put(1, 5, 4096), -ENOSPC);
	assert_next_is(65000, 5);
}

/* U-10 */
static void one_queue_has_but_a_part_of_the_records(void **state)
{
	uint32_t part = box.home.pool.cap / LIMIT_DATAGRAMS_PART;

	(void)state;
	for (uint32_t i = 0; i < part; i++)
		assert_int_equal(put(1, (uint8_t)i, UINT32_MAX), 0);
	assert_int_equal(put(1, 0, UINT32_MAX), -ENOSPC);
	assert_next_is(1, 0);
	assert_int_equal(put(1, 0, UINT32_MAX), 0);
}

static void records_run_out_without_harm(void **state)
{
	struct datagram *others = NULL;

	(void)state;
	assert_int_equal(put(1, 0, UINT32_MAX), 0);
	for (struct datagram *d; (d = pool_get(&box.home.pool)); others = d)
		d->next = others;
	assert_int_equal(put(1, 0, UINT32_MAX), -ENOBUFS);
	assert_next_is(1, 0);
	assert_int_equal(put(1, 0, UINT32_MAX), 0);
	while (others) {
		struct datagram *next = others->next;

		pool_put(&box.home.pool, others);
		others = next;
	}
}

static void an_emptied_queue_holds_no_block(void **state)
{
	(void)state;
	assert_int_equal(put(10, 0, CAP), 0);
	datagrams_drop(&box.home, &box.q);
	assert_int_equal(box.bufs.bytes_out, 0);
}

/* --- going out ----------------------------------------------------------------------- */

static void carried(uint32_t len, bool in_a_block, uint64_t copied)
{
	struct pkt *p = pkt_new(&box.pkts, PKT_HEADROOM, BUF_DATA);
	struct buf *from = buf_new(&box.bufs, BUF_LARGE, BUF_DATA);
	static uint8_t back[65507];

	for (uint32_t i = 0; i < len; i++)
		from->data[i] = (uint8_t)(i * 7);
	pkt_append(p, 8);
	assert_int_equal(
		datagrams_carry(&box.home, p, in_a_block ? from : NULL, from->data, len), 0);
	assert_int_equal(pkt_len(p), 8 + len);
	assert_true(pkt_copy_out(p, 8, back, len));
	assert_memory_equal(back, from->data, len);
	assert_int_equal(box.bytes.copied, copied);
	buf_drop(from);
	pkt_free(&box.pkts, p);
}

static void a_long_write_is_carried_without_a_copy(void **state)
{
	(void)state;
	carried(65507, true, 0);
}

static void a_short_write_is_copied_into_the_head(void **state)
{
	(void)state;
	carried(100, true, 100);
}

static void what_lies_nowhere_is_copied_whatever_its_length(void **state)
{
	(void)state;
	carried(65507, false, 65507);
}

static void a_write_just_too_long_for_the_head_is_shared(void **state)
{
	(void)state;
	carried(1899, true, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, box_open, box_close)
	const struct CMUnitTest tests[] = {
		TEST(edges_are_kept),
		TEST(a_short_look_gives_the_front_only),
		TEST(what_fills_half_of_its_block_is_shared),
		TEST(small_ones_are_copied_side_by_side),
		TEST(a_full_queue_refuses_the_newest),
		TEST(blocks_held_stay_within_the_cap),
		TEST(an_empty_queue_takes_one_of_any_size),
		TEST(one_queue_has_but_a_part_of_the_records),
		TEST(records_run_out_without_harm),
		TEST(an_emptied_queue_holds_no_block),
		TEST(a_long_write_is_carried_without_a_copy),
		TEST(a_short_write_is_copied_into_the_head),
		TEST(what_lies_nowhere_is_copied_whatever_its_length),
		TEST(a_write_just_too_long_for_the_head_is_shared),
	};

	return cmocka_run_group_tests_name("datagrams", tests, NULL, NULL);
}
