/*
 * A packet: its head, what follows it, and its checksum over both.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/checksum.h"
#include "../../stack/base/pkt.h"
#include "../lib/region.h"

#define MEMORY   ((size_t)20 << 20)
#define PKTS     16
#define LEN_MAX  200000
#define HEAD_CAP (2048 - 16)

struct box {
	struct arena arena;
	struct bufs bufs;
	struct pkts pkts;
	struct pkt *p;
	uint8_t flat[LEN_MAX]; /* what the packet should hold */
	uint32_t flat_len;
};

static struct box box;

static int box_open(void **state)
{
	(void)state;
	memset(&box, 0, sizeof(box));
	region_take(&box.arena, MEMORY);
	assert_int_equal(pkts_init(&box.pkts, &box.arena, &box.bufs, PKTS), 0);
	assert_int_equal(bufs_init(&box.bufs, &box.arena, 5), 0);
	box.p = pkt_new(&box.pkts, PKT_HEADROOM, BUF_DATA);
	assert_non_null(box.p);
	return 0;
}

static int box_close(void **state)
{
	(void)state;
	pkt_free(&box.pkts, box.p);
	assert_int_equal(box.pkts.pool.out, 0);
	assert_int_equal(box.bufs.bytes_out, 0);
	pool_check(&box.pkts.pool);
	bufs_check(&box.bufs);
	region_give_back(&box.arena);
	return 0;
}

static uint8_t next_byte(void)
{
	return (uint8_t)(box.flat_len * 167 + box.flat_len / 251);
}

static void put_bytes(uint8_t *at, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		at[i] = next_byte();
		box.flat[box.flat_len++] = at[i];
	}
}

static void append(uint32_t len)
{
	uint8_t *at = pkt_append(box.p, len);

	assert_non_null(at);
	put_bytes(at, len);
}

/* LEN bytes at OFF of a block of their own. */
static int add_slice(uint32_t off, uint32_t len)
{
	struct buf *buf = buf_new(&box.bufs, BUF_LARGE, BUF_DATA);
	uint32_t was = box.flat_len;
	int err;

	put_bytes(buf->data + off, len);
	err = pkt_add_slice(box.p, buf, off, len);
	buf_drop(buf);
	if (err < 0)
		box.flat_len = was;
	return err;
}

static void assert_holds(const struct pkt *p, const uint8_t *flat, uint32_t len)
{
	static uint8_t out[LEN_MAX];

	assert_int_equal(pkt_len(p), len);
	assert_true(pkt_copy_out(p, 0, out, len));
	assert_memory_equal(out, flat, len);
}

static void a_new_packet_is_empty_behind_its_headroom(void **state)
{
	(void)state;
	assert_int_equal(pkt_len(box.p), 0);
	assert_int_equal(box.p->off, PKT_HEADROOM);
	assert_int_equal(pkt_tailroom(box.p), HEAD_CAP - PKT_HEADROOM);
	assert_int_equal(box.p->segs, 1);
}

static void headers_are_pushed_in_front_and_pulled_off(void **state)
{
	const uint8_t *pulled;

	(void)state;
	append(10);
	memset(pkt_push(box.p, 20), 0xee, 20);
	assert_int_equal(pkt_len(box.p), 30);
	pulled = pkt_pull(box.p, 20);
	assert_non_null(pulled);
	assert_int_equal(pulled[19], 0xee);
	assert_holds(box.p, box.flat, 10);
}

static void no_more_is_pulled_than_the_head_has(void **state)
{
	(void)state;
	append(10);
	add_slice(0, 100);
	assert_null(pkt_pull(box.p, 11));
	assert_non_null(pkt_pull(box.p, 10));
	assert_int_equal(pkt_len(box.p), 100);
}

static void no_more_is_appended_than_there_is_room(void **state)
{
	(void)state;
	assert_null(pkt_append(box.p, pkt_tailroom(box.p) + 1));
	append(pkt_tailroom(box.p));
	assert_null(pkt_append(box.p, 1));
}

static void nothing_is_appended_to_the_head_behind_a_slice(void **state)
{
	(void)state;
	append(10);
	add_slice(0, 5);
	assert_null(pkt_append(box.p, 1));
}

static void two_slices_fit_and_a_third_does_not(void **state)
{
	(void)state;
	append(3);
	assert_int_equal(add_slice(0, 1000), 0);
	assert_int_equal(add_slice(7, 1), 0);
	assert_int_equal(add_slice(0, 1), -ENOSPC);
	assert_holds(box.p, box.flat, box.flat_len);
}

static void slices_that_adjoin_in_one_block_are_one(void **state)
{
	struct buf *buf = buf_new(&box.bufs, BUF_LARGE, BUF_DATA);

	(void)state;
	assert_int_equal(pkt_add_slice(box.p, buf, 10, 5), 0);
	assert_int_equal(pkt_add_slice(box.p, buf, 15, 5), 0);
	assert_int_equal(pkt_add_slice(box.p, buf, 20, 0), 0);
	assert_int_equal(box.p->slices_n, 1);
	assert_int_equal(box.p->slices[0].len, 10);
	assert_int_equal(buf->refs, 2);
	buf_drop(buf);
}

static void trimming_lets_go_of_what_is_cut_off(void **state)
{
	(void)state;
	append(10);
	add_slice(0, 1000);
	add_slice(0, 1000);
	assert_int_equal(pkt_trim(box.p, 2011), -EINVAL);
	assert_int_equal(pkt_trim(box.p, 1500), 0);
	assert_holds(box.p, box.flat, 1500);
	assert_int_equal(pkt_trim(box.p, 1010), 0);
	assert_int_equal(box.bufs.blocks_out[BUF_LARGE], 1);
	assert_int_equal(pkt_trim(box.p, 4), 0);
	assert_int_equal(box.bufs.blocks_out[BUF_LARGE], 0);
	assert_holds(box.p, box.flat, 4);
	assert_int_equal(pkt_trim(box.p, 0), 0);
}

static void payload_is_shown_from_any_byte_on(void **state)
{
	struct slice s[PKT_SLICES_MAX + 1];

	(void)state;
	append(10);
	add_slice(5, 20);
	add_slice(6, 30);
	assert_int_equal(pkt_slices(box.p, 0, s), 3);
	assert_int_equal(pkt_slices(box.p, 10, s), 2);
	assert_int_equal(s[0].off, 5);
	assert_int_equal(pkt_slices(box.p, 31, s), 1);
	assert_int_equal(s[0].off, 7);
	assert_int_equal(s[0].len, 29);
	assert_int_equal(pkt_slices(box.p, 60, s), 0);
}

static void no_more_is_copied_out_than_there_is(void **state)
{
	uint8_t out[64];

	(void)state;
	append(10);
	add_slice(0, 20);
	assert_true(pkt_copy_out(box.p, 5, out, 25));
	assert_memory_equal(out, box.flat + 5, 25);
	assert_false(pkt_copy_out(box.p, 5, out, 26));
	assert_false(pkt_copy_out(box.p, 31, out, 0));
	assert_false(pkt_copy_out(box.p, UINT32_MAX, out, 2));
}

static void assert_copies(uint32_t cap, uint32_t expected)
{
	struct pkt *copy = pkt_copy(&box.pkts, box.p, cap, BUF_DATA);

	assert_non_null(copy);
	assert_holds(copy, box.flat, expected);
	assert_ptr_not_equal(copy->head, box.p->head);
	pkt_free(&box.pkts, copy);
}

static void a_copy_has_the_same_bytes_in_other_blocks(void **state)
{
	(void)state;
	append(100);
	assert_copies(UINT32_MAX, 100);
	assert_copies(7, 7);
	add_slice(3, 65000);
	assert_copies(UINT32_MAX, 65100);
	add_slice(3, 65000);
	assert_copies(UINT32_MAX, 130100);
	assert_copies(2000, 2000);
}

static void a_whole_copy_knows_what_the_packet_knows(void **state)
{
	struct pkt *copy;

	(void)state;
	append(100);
	box.p->offload = PKT_CSUM_FILL | PKT_SEG_TCP;
	box.p->seg_len = 1460;
	box.p->csum_start = box.p->off + 34;
	box.p->csum_off = 16;
	copy = pkt_copy(&box.pkts, box.p, UINT32_MAX, BUF_DATA);
	assert_int_equal(copy->offload, PKT_CSUM_FILL | PKT_SEG_TCP);
	assert_int_equal(copy->seg_len, 1460);
	assert_int_equal(copy->csum_start - copy->off, 34);
	assert_int_equal(copy->csum_off, 16);
	pkt_free(&box.pkts, copy);
	copy = pkt_copy(&box.pkts, box.p, 50, BUF_DATA);
	assert_int_equal(copy->offload, 0);
	pkt_free(&box.pkts, copy);
}

static void without_packets_or_blocks_there_is_no_packet(void **state)
{
	struct pkt *taken[PKTS];
	int n = 0;

	(void)state;
	while ((taken[n] = pkt_new(&box.pkts, 0, BUF_DATA)))
		n++;
	assert_int_equal(n, PKTS - 1);
	assert_int_equal(box.bufs.blocks_out[BUF_SMALL], PKTS);
	while (n > 0)
		pkt_free(&box.pkts, taken[--n]);
	pkt_free(&box.pkts, NULL);
}

static void a_copy_that_finds_no_memory_leaves_nothing_behind(void **state)
{
	struct buf *taken[400];
	int n = 0;

	(void)state;
	append(100);
	add_slice(0, 60000);
	while ((taken[n] = buf_new(&box.bufs, BUF_LARGE, BUF_DATA)))
		n++;
	assert_null(pkt_copy(&box.pkts, box.p, UINT32_MAX, BUF_DATA));
	assert_int_equal(box.pkts.pool.out, 1);
	assert_int_equal(box.bufs.blocks_out[BUF_SMALL], 1);
	while (n > 0)
		buf_drop(taken[--n]);
}

static void the_checksum_goes_over_pieces_of_odd_length(void **state)
{
	struct random r;

	(void)state;
	seeded(&r);
	for (uint32_t n = steps(3000); n > 0; n--) {
		uint32_t off;
		uint32_t len;
		uint32_t sum = random_below(&r, 0x10000);

		box.flat_len = 0;
		pkt_trim(box.p, 0);
		append(random_below(&r, 50));
		add_slice(random_below(&r, 20), random_below(&r, 50));
		add_slice(random_below(&r, 20), random_below(&r, 3000));
		off = random_below(&r, box.flat_len + 1);
		len = random_below(&r, box.flat_len - off + 1);
		assert_int_equal(checksum_fold(pkt_checksum(box.p, off, len, sum)),
			checksum_fold(checksum_add(sum, box.flat + off, len)));
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, box_open, box_close)
	const struct CMUnitTest tests[] = {
		TEST(a_new_packet_is_empty_behind_its_headroom),
		TEST(headers_are_pushed_in_front_and_pulled_off),
		TEST(no_more_is_pulled_than_the_head_has),
		TEST(no_more_is_appended_than_there_is_room),
		TEST(nothing_is_appended_to_the_head_behind_a_slice),
		TEST(two_slices_fit_and_a_third_does_not),
		TEST(slices_that_adjoin_in_one_block_are_one),
		TEST(trimming_lets_go_of_what_is_cut_off),
		TEST(payload_is_shown_from_any_byte_on),
		TEST(no_more_is_copied_out_than_there_is),
		TEST(a_copy_has_the_same_bytes_in_other_blocks),
		TEST(a_whole_copy_knows_what_the_packet_knows),
		TEST(without_packets_or_blocks_there_is_no_packet),
		TEST(a_copy_that_finds_no_memory_leaves_nothing_behind),
		TEST(the_checksum_goes_over_pieces_of_odd_length),
	};

	return cmocka_run_group_tests_name("pkt", tests, NULL, NULL);
}
