/*
 * Segments between bytes and host order: RFC 9293 3.1, RFC 7323.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/tcp/seg.h"
#include "../lib/region.h"

#define HDR_MAX (SEG_HDR_LEN + SEG_OPTIONS_MAX)

/* Ports 1 and 2, seq 3, ack 4, window 5, urgent 6; data offset for OPTIONS, padded with END. */
static size_t header_with(uint8_t *to, const uint8_t *options, size_t len)
{
	static const uint8_t fixed[SEG_HDR_LEN] = { 0, 1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0x50, 0x10,
		0, 5, 0, 0, 0, 6 };
	size_t padded = (len + 3) / 4 * 4;

	memset(to, 0, HDR_MAX);
	memcpy(to, fixed, sizeof(fixed));
	if (len > 0)
		memcpy(to + SEG_HDR_LEN, options, len);
	to[12] = (uint8_t)((SEG_HDR_LEN + padded) / 4 << 4);
	return SEG_HDR_LEN + padded;
}

/* Parse from a block of just that length, so that a byte too far is caught. */
static int parse(struct seg *out, const uint8_t *bytes, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);
	int err;

	memcpy(exact, bytes, len);
	err = seg_parse(out, exact, len);
	free(exact);
	return err;
}

static struct seg seg_with(const uint8_t *options, size_t len)
{
	uint8_t bytes[HDR_MAX];
	struct seg seg;

	assert_int_equal(parse(&seg, bytes, header_with(bytes, options, len)), 0);
	return seg;
}

static void a_plain_header_is_read_field_by_field(void **state)
{
	struct seg seg = seg_with(NULL, 0);

	(void)state;
	assert_int_equal(seg.src_port, 1);
	assert_int_equal(seg.dst_port, 2);
	assert_int_equal(seg.seq, 3);
	assert_int_equal(seg.ack, 4);
	assert_int_equal(seg.flags, SEG_ACK);
	assert_int_equal(seg.window, 5);
	assert_int_equal(seg.urgent, 6);
	assert_int_equal(seg.hdr_len, 20);
	assert_int_equal(seg.options, 0);
}

static void flags_are_nine_and_reserved_bits_are_no_flags(void **state)
{
	uint8_t bytes[HDR_MAX];
	size_t len = header_with(bytes, NULL, 0);
	struct seg seg;

	(void)state;
	bytes[12] |= 0xf;
	bytes[13] = 0xff;
	assert_int_equal(parse(&seg, bytes, len), 0);
	assert_int_equal(seg.flags, 0x1ff);
}

static void less_than_a_header_is_too_short(void **state)
{
	uint8_t bytes[HDR_MAX];
	struct seg seg;

	(void)state;
	header_with(bytes, NULL, 0);
	for (size_t len = 0; len < SEG_HDR_LEN; len++)
		assert_int_equal(parse(&seg, bytes, len), -ENODATA);
}

/* T-02 */
static void a_data_offset_under_five_or_past_the_end_is_malformed(void **state)
{
	uint8_t bytes[HDR_MAX];
	struct seg seg;

	(void)state;
	header_with(bytes, NULL, 0);
	bytes[12] = 4 << 4;
	assert_int_equal(parse(&seg, bytes, 40), -EBADMSG);
	bytes[12] = 6 << 4;
	assert_int_equal(parse(&seg, bytes, 23), -EBADMSG);
	assert_int_equal(parse(&seg, bytes, 24), 0);
}

static void the_options_of_a_linux_syn_are_read(void **state)
{
	static const uint8_t options[] = { 2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3,
		3, 7 };
	struct seg seg = seg_with(options, sizeof(options));

	(void)state;
	assert_int_equal(seg.options, SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_TIMESTAMP);
	assert_int_equal(seg.mss, 1460);
	assert_int_equal(seg.wscale, 7);
	assert_int_equal(seg.ts_val, 0x01020304);
	assert_int_equal(seg.ts_ecr, 0);
	assert_int_equal(seg.hdr_len, 40);
}

/* T-73 */
static void a_scale_over_fourteen_is_told_as_sent(void **state)
{
	static const uint8_t options[] = { 3, 3, 255 };

	(void)state;
	assert_int_equal(seg_with(options, sizeof(options)).wscale, 255);
}

/* T-03 */
static void unknown_options_are_passed_over(void **state)
{
	static const uint8_t options[] = { 254, 6, 1, 2, 3, 4, 99, 2, 2, 4, 0, 99 };
	struct seg seg = seg_with(options, sizeof(options));

	(void)state;
	assert_int_equal(seg.options, SEG_OPT_MSS);
	assert_int_equal(seg.mss, 99);
}

static void nothing_is_read_behind_the_end_of_options(void **state)
{
	static const uint8_t options[] = { 1, 0, 2, 4, 5, 0xb4 };

	(void)state;
	assert_int_equal(seg_with(options, sizeof(options)).options, 0);
}

/* T-04: RFC 9293 MUST-7. */
static void a_length_that_cannot_be_ends_the_options(void **state)
{
	static const uint8_t wrong[][2] = { { 254, 0 }, { 254, 1 }, { 2, 0 }, { 2, 3 }, { 2, 5 },
		{ 3, 2 }, { 3, 4 }, { 8, 9 }, { 8, 11 }, { 254, 255 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		uint8_t options[] = { 3, 3, 5, 1, wrong[i][0], wrong[i][1], 0, 0, 2, 4, 5, 0xb4 };
		struct seg seg = seg_with(options, sizeof(options));

		assert_int_equal(seg.options, SEG_OPT_WSCALE);
	}
}

static void an_option_cut_off_by_the_end_is_not_there(void **state)
{
	static const uint8_t options[] = { 1, 1, 1, 1, 8, 10, 1, 2 };
	static const uint8_t kind_only[] = { 1, 1, 1, 8 };

	(void)state;
	assert_int_equal(seg_with(options, sizeof(options)).options, 0);
	assert_int_equal(seg_with(kind_only, sizeof(kind_only)).options, 0);
}

static void any_bytes_are_parsed_without_harm(void **state)
{
	uint8_t bytes[HDR_MAX + 4];
	struct random r;
	struct seg seg;

	(void)state;
	seeded(&r);
	for (uint32_t n = steps(200000); n > 0; n--) {
		size_t len = random_below(&r, sizeof(bytes) + 1);
		int err;

		for (size_t i = 0; i < len; i++) {
			uint32_t x = random_u32(&r);

			/* Likely kinds and lengths more often than others. */
			bytes[i] = (uint8_t)(i >= SEG_HDR_LEN && x % 3 ? (x >> 8) % 12 : x >> 8);
		}
		err = parse(&seg, bytes, len);
		assert_int_equal(err == -ENODATA, len < SEG_HDR_LEN);
		if (err == 0)
			assert_in_range(seg.hdr_len, SEG_HDR_LEN, len);
	}
}

static void assert_same(const struct seg *a, const struct seg *b)
{
	assert_int_equal(a->src_port, b->src_port);
	assert_int_equal(a->dst_port, b->dst_port);
	assert_int_equal(a->seq, b->seq);
	assert_int_equal(a->ack, b->ack);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->window, b->window);
	assert_int_equal(a->urgent, b->urgent);
	assert_int_equal(a->hdr_len, b->hdr_len);
	assert_int_equal(a->options, b->options);
	assert_int_equal(a->wscale, b->wscale);
	assert_int_equal(a->mss, b->mss);
	assert_int_equal(a->ts_val, b->ts_val);
	assert_int_equal(a->ts_ecr, b->ts_ecr);
}

static void a_built_segment_is_as_it_was_when_parsed(void **state)
{
	struct random r;

	(void)state;
	seeded(&r);
	for (uint32_t n = steps(20000); n > 0; n--) {
		uint8_t bytes[HDR_MAX];
		struct seg back;
		struct seg seg = { .src_port = (uint16_t)random_u32(&r),
			.dst_port = (uint16_t)random_u32(&r),
			.seq = random_u32(&r),
			.ack = random_u32(&r),
			.flags = random_u32(&r) & 0x1ff,
			.window = (uint16_t)random_u32(&r),
			.urgent = (uint16_t)random_u32(&r),
			.options = (uint8_t)random_below(&r, 8) };

		seg.mss = seg.options & SEG_OPT_MSS ? (uint16_t)random_u32(&r) : 0;
		seg.wscale = seg.options & SEG_OPT_WSCALE ? (uint8_t)random_below(&r, 15) : 0;
		seg.ts_val = seg.options & SEG_OPT_TIMESTAMP ? random_u32(&r) : 0;
		seg.ts_ecr = seg.options & SEG_OPT_TIMESTAMP ? random_u32(&r) : 0;
		seg.hdr_len = (uint8_t)seg_built_len(&seg);
		seg_build(&seg, bytes);
		assert_int_equal(parse(&back, bytes, seg.hdr_len), 0);
		assert_same(&back, &seg);
	}
}

/* RFC 7323 appendix A: <nop>,<nop>,<TSopt>, so that the values are aligned. */
static void a_timestamp_stands_behind_two_nops(void **state)
{
	static const uint8_t expected[] = { 1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8 };
	struct seg seg = { .options = SEG_OPT_TIMESTAMP, .ts_val = 9, .ts_ecr = 8 };
	uint8_t bytes[HDR_MAX];

	(void)state;
	assert_int_equal(seg_built_len(&seg), 32);
	seg_build(&seg, bytes);
	assert_memory_equal(bytes + SEG_HDR_LEN, expected, sizeof(expected));
	assert_int_equal(bytes[12] >> 4, 8);
}

/* T-05 */
static void a_syn_carries_its_options_aligned(void **state)
{
	static const uint8_t expected[] = { 2, 4, 5, 0xb4, 1, 3, 3, 7, 1, 1, 8, 10, 0, 0, 0, 9, 0,
		0, 0, 0 };
	struct seg seg = { .flags = SEG_SYN,
		.options = SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_TIMESTAMP,
		.mss = 1460,
		.wscale = 7,
		.ts_val = 9 };
	uint8_t bytes[HDR_MAX];

	(void)state;
	assert_int_equal(seg_built_len(&seg), 40);
	seg_build(&seg, bytes);
	assert_memory_equal(bytes + SEG_HDR_LEN, expected, sizeof(expected));
}

static void the_checksum_is_left_zero_for_who_knows_the_rest(void **state)
{
	struct seg seg = { .seq = UINT32_MAX };
	uint8_t bytes[HDR_MAX];

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	seg_build(&seg, bytes);
	assert_int_equal(bytes[16], 0);
	assert_int_equal(bytes[17], 0);
	assert_int_equal(bytes[SEG_HDR_LEN], 0xff);
}

static void syn_and_fin_take_their_place_in_the_sequence(void **state)
{
	struct seg seg = { .len = 10 };

	(void)state;
	assert_int_equal(seg_space(&seg), 10);
	seg.flags = SEG_SYN;
	assert_int_equal(seg_space(&seg), 11);
	seg.flags = SEG_SYN | SEG_FIN | SEG_ACK | SEG_PSH;
	assert_int_equal(seg_space(&seg), 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_header_is_read_field_by_field),
		cmocka_unit_test(flags_are_nine_and_reserved_bits_are_no_flags),
		cmocka_unit_test(less_than_a_header_is_too_short),
		cmocka_unit_test(a_data_offset_under_five_or_past_the_end_is_malformed),
		cmocka_unit_test(the_options_of_a_linux_syn_are_read),
		cmocka_unit_test(a_scale_over_fourteen_is_told_as_sent),
		cmocka_unit_test(unknown_options_are_passed_over),
		cmocka_unit_test(nothing_is_read_behind_the_end_of_options),
		cmocka_unit_test(a_length_that_cannot_be_ends_the_options),
		cmocka_unit_test(an_option_cut_off_by_the_end_is_not_there),
		cmocka_unit_test(any_bytes_are_parsed_without_harm),
		cmocka_unit_test(a_built_segment_is_as_it_was_when_parsed),
		cmocka_unit_test(a_timestamp_stands_behind_two_nops),
		cmocka_unit_test(a_syn_carries_its_options_aligned),
		cmocka_unit_test(the_checksum_is_left_zero_for_who_knows_the_rest),
		cmocka_unit_test(syn_and_fin_take_their_place_in_the_sequence),
	};

	return cmocka_run_group_tests_name("seg", tests, NULL, NULL);
}
