/*
 * What may be sent now (RFC 9293 3.7.4, 3.8.6), and into which packets it goes. Rows T-.. are
 * those of the requirement matrix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/buf.h"
#include "../../stack/limits.h"
#include "../lib/far.h"

static ssize_t write_n(struct far *p, size_t len)
{
	return talk_write(talk_box, p->conv, talk_bytes, len);
}

/* --- segments ------------------------------------------------------------------------ */

static void a_write_leaves_at_once_and_pushed(void **state)
{
	struct far p = far_connected(false);
	const struct frame *f;

	(void)state;
	assert_int_equal(write_n(&p, 10), 10);
	f = far_hears(&p, FRAME_ACK, 1, 10);
	assert_true(f->tcp.flags & FRAME_PSH);
	assert_memory_equal(f->data, talk_bytes, 10);
}

static void only_the_last_segment_is_pushed(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	write_n(&p, 2 * FAR_MSS);
	assert_false(far_hears(&p, FRAME_ACK, 1, FAR_MSS)->tcp.flags & FRAME_PSH);
	assert_true(far_hears(&p, FRAME_ACK, 1 + FAR_MSS, FAR_MSS)->tcp.flags & FRAME_PSH);
}

static void timestamps_make_a_segment_shorter(void **state)
{
	struct far p = far_connected(true);

	(void)state;
	write_n(&p, 1448);
	assert_true(far_hears(&p, FRAME_ACK, 1, 1448)->tcp.has_ts);
}

static void without_an_mss_536_is_assumed(void **state)
{
	struct far p = far_called();
	struct frame f;

	(void)state;
	frame_init(&f, FRAME_TCP);
	f.ip.src = TALK_PEER;
	f.ip.dst = TALK_US;
	f.tcp.src_port = p.port;
	f.tcp.dst_port = conv_local(p.conv)->port;
	f.tcp.seq = FAR_ISS;
	f.tcp.ack = p.ours_iss + 1;
	f.tcp.flags = FRAME_SYN | FRAME_ACK;
	talk_frame_in(talk_box, &f);
	far_hears(&p, FRAME_ACK, 1, 0);
	write_n(&p, 536);
	far_hears(&p, FRAME_ACK, 1, 536);
	assert_int_equal(far_stat(&p, "mss"), 536);
}

/* --- Nagle and the cork --------------------------------------------------------------- */

static void a_second_crumb_waits_for_the_first(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	write_n(&p, 10);
	far_hears(&p, FRAME_ACK, 1, 10);
	write_n(&p, 10);
	write_n(&p, 10);
	far_hears_nothing();
	far_acks(&p, 11);
	far_hears(&p, FRAME_ACK, 11, 20);
}

static void a_full_segment_does_not_wait(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	write_n(&p, 10);
	far_hears(&p, FRAME_ACK, 1, 10);
	write_n(&p, FAR_MSS + 5);
	far_hears(&p, FRAME_ACK, 11, FAR_MSS);
	far_hears_nothing();
	far_acks(&p, 11 + FAR_MSS);
	far_hears(&p, FRAME_ACK, 11 + FAR_MSS, 5);
}

static void with_nodelay_no_crumb_waits(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	write_n(&p, 10);
	far_hears(&p, FRAME_ACK, 1, 10);
	write_n(&p, 10);
	far_hears_nothing();
	assert_int_equal(talk_ctl(p.conv, "nodelay on", NULL), 0);
	box_settle(talk_box);
	far_hears(&p, FRAME_ACK, 11, 10);
	write_n(&p, 10);
	far_hears(&p, FRAME_ACK, 21, 10);
}

static void before_the_end_no_crumb_waits(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	write_n(&p, 10);
	far_hears(&p, FRAME_ACK, 1, 10);
	write_n(&p, 10);
	conv_close(p.conv);
	box_settle(talk_box);
	far_hears(&p, FRAME_FIN | FRAME_ACK, 11, 10);
}

static void a_cork_holds_back_what_is_no_full_segment(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	assert_int_equal(talk_ctl(p.conv, "cork on", NULL), 0);
	write_n(&p, FAR_MSS + 10);
	far_hears(&p, FRAME_ACK, 1, FAR_MSS);
	far_acks(&p, 1 + FAR_MSS);
	far_hears_nothing();
	assert_int_equal(talk_ctl(p.conv, "cork off", NULL), 0);
	box_settle(talk_box);
	far_hears(&p, FRAME_ACK, 1 + FAR_MSS, 10);
}

static void a_cork_holds_back_for_200_ms_at_most(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	assert_int_equal(talk_ctl(p.conv, "cork on", NULL), 0);
	write_n(&p, 10);
	assert_int_equal(far_waits(1), 200000);
	far_hears(&p, FRAME_ACK, 1, 10);
}

/* --- the peer's window ----------------------------------------------------------------- */

static void nothing_goes_beyond_the_window(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	p.window = 3000;
	far_sends(&p, 0, 0);
	write_n(&p, 10000);
	far_hears(&p, FRAME_ACK, 1, FAR_MSS);
	far_hears(&p, FRAME_ACK, 1461, FAR_MSS);
	far_hears_nothing();
	p.window = 1500;
	far_acks(&p, 1461); /* the window has shrunk by 40 bytes (T-80) */
	far_hears_nothing();
	p.window = 3000;
	far_acks(&p, 2921);
	far_hears(&p, FRAME_ACK, 2921, FAR_MSS);
	far_hears(&p, FRAME_ACK, 4381, FAR_MSS);
}

static void a_silly_window_is_not_filled_until_the_override(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	p.window = 100;
	far_sends(&p, 0, 0);
	write_n(&p, 10000);
	far_hears_nothing();
	assert_in_range(far_waits(2), 100000, 1000000); /* RFC 9293 3.8.6.2.1 (4) */
	far_hears(&p, FRAME_ACK, 1, 100);
}

static void half_of_the_largest_window_is_filled(void **state)
{
	struct far p = far_called();

	(void)state;
	p.window = 1000;
	far_sends(&p, FRAME_SYN, 0);
	far_hears(&p, FRAME_ACK, 1, 0);
	p.window = 500;
	far_sends(&p, 0, 0);
	write_n(&p, 10000);
	far_hears(&p, FRAME_ACK, 1, 500);
	far_hears_nothing();
}

static void the_end_needs_a_place_in_the_window(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	p.window = 100;
	far_sends(&p, 0, 0);
	write_n(&p, 100);
	conv_close(p.conv);
	box_settle(talk_box);
	far_hears(&p, FRAME_ACK, 1, 100);
	far_hears_nothing();
	far_acks(&p, 101);
	far_hears(&p, FRAME_FIN | FRAME_ACK, 101, 0);
}

/* --- the send queue -------------------------------------------------------------------- */

static void a_full_queue_takes_no_more_until_a_third_is_free(void **state)
{
	struct far p = far_connected(false);
	size_t queued = 0;
	ssize_t n;

	(void)state;
	assert_int_equal(conv_set_sndbuf(p.conv, 30000), 0);
	while ((n = conv_write(p.conv, NULL, talk_bytes, 1000)) > 0)
		queued += (size_t)n;
	assert_int_equal(n, -EAGAIN);
	assert_int_equal(queued, 30000);
	box_settle(talk_box);
	box_seen_all(talk_box);
	assert_int_equal(conv_events(p.conv) & CONV_OUT, 0);
	far_acks(&p, 1 + 9000);
	assert_int_equal(conv_events(p.conv) & CONV_OUT, 0);
	far_acks(&p, 1 + 10000);
	assert_int_equal(conv_events(p.conv) & CONV_OUT, CONV_OUT);
	assert_int_equal(conv_write(p.conv, NULL, talk_bytes, 60000), 10000);
	box_settle(talk_box);
	box_seen_all(talk_box);
}

static void a_writer_does_not_wait_for_the_last_byte_of_a_block(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	assert_int_equal(conv_set_sndbuf(p.conv, 65536), 0);
	assert_int_equal(conv_write(p.conv, NULL, talk_bytes, 65508), 65508);
	box_settle(talk_box);
	for (uint32_t acked = 1; acked < 60000; acked += 2 * FAR_MSS)
		far_acks(&p, acked);
	box_seen_all(talk_box);
	assert_in_range(conv_write(p.conv, NULL, talk_bytes, 50000), 50000, 50000);
	box_settle(talk_box);
	box_seen_all(talk_box);
}

/* --- large packets --------------------------------------------------------------------- */

static int offload_open(void **state)
{
	const struct box_config config = { .name = "talk", .offers = LINK_CSUM | LINK_TSO4 };

	talk_open(state);
	box_free(talk_box);
	talk_box = box_new(&config);
	return 0;
}

/* The box's device cuts, so that segments are what is heard; frames are counted before it. */
static void a_device_that_cuts_is_given_all_at_once(void **state)
{
	struct far p = far_connected(false);
	uint64_t frames = box_count(talk_box, "link_frames_out");

	(void)state;
	write_n(&p, 10 * FAR_MSS);
	assert_int_equal(box_count(talk_box, "link_frames_out"), frames + 1);
	for (uint32_t i = 0; i < 10; i++)
		far_hears(&p, FRAME_ACK, 1 + i * FAR_MSS, FAR_MSS);
	assert_int_equal(far_stat(&p, "segs_out"), 12); /* SYN, ACK, and ten */
}

static void a_large_packet_is_of_whole_segments_while_a_crumb_waits(void **state)
{
	struct far p = far_connected(false);
	uint64_t frames = box_count(talk_box, "link_frames_out");

	(void)state;
	write_n(&p, 9 * FAR_MSS + 7);
	assert_int_equal(box_count(talk_box, "link_frames_out"), frames + 1);
	for (uint32_t i = 0; i < 9; i++)
		far_hears(&p, FRAME_ACK, 1 + i * FAR_MSS, FAR_MSS);
	far_hears_nothing();
	far_acks(&p, 1 + 9 * FAR_MSS);
	far_hears(&p, FRAME_ACK, 1 + 9 * FAR_MSS, 7);
}

/* A write of LEN bytes that lie in a block of their own, to be shared. */
static void write_shared(struct far *p, const uint8_t *at, uint32_t len)
{
	struct buf *chunk = stack_chunk(box_stack(talk_box));

	assert_non_null(chunk);
	memcpy(chunk->data, at, len);
	assert_int_equal(conv_write(p->conv, chunk, chunk->data, len), len);
	buf_drop(chunk);
}

/* Two slices that hold more than one segment go as whole ones; what is left of the second comes
 * with the third. Every segment is full, and the bytes are the same. */
static void slices_become_whole_segments(void **state)
{
	struct far p = far_connected(false);
	uint32_t at = 1;

	(void)state;
	talk_ctl(p.conv, "cork on", NULL);
	p.window = 1;
	far_sends(&p, 0, 0);
	for (uint32_t i = 0; i < 3; i++)
		write_shared(&p, talk_bytes + i * 20000, 20000);
	p.window = 65535;
	while (at + FAR_MSS <= 60001) {
		const struct frame *f;

		if (box_unseen_n(talk_box) == 0)
			far_acks(&p, at);
		f = far_hears(&p, FRAME_ACK, at, FAR_MSS);
		assert_memory_equal(f->data, talk_bytes + at - 1, FAR_MSS);
		at += FAR_MSS;
	}
	far_hears_nothing();
	assert_int_equal(far_stat(&p, "bytes_retransmitted"), 0);
}

/* --- far around -------------------------------------------------------------------------- */

#define PIECE ((uint32_t)1 << 20)

static void drain(struct conv *c, uint64_t *got)
{
	struct span spans[16];
	ssize_t n;
	int pieces;

	while ((n = conv_peek(c, spans, 16, PIECE, &pieces)) > 0) {
		conv_taken(c, (size_t)n);
		*got += (uint64_t)n;
	}
}

/* All of LEN bytes from one end of lo to the other. */
static void pour(struct conv *from, struct conv *to, uint64_t len)
{
	struct buf *chunk = stack_chunk(box_stack(talk_box));
	uint64_t sent = 0, got = 0;

	assert_non_null(chunk);
	while (got < len) {
		uint64_t piece = len - sent < PIECE ? len - sent : PIECE;
		ssize_t n = piece ? conv_write(from, chunk, chunk->data, piece) : 0;

		sent += n > 0 ? (uint64_t)n : 0;
		box_run_through(talk_box, box_now(talk_box) + 1);
		drain(to, &got);
	}
	buf_drop(chunk);
}

/* Once around the sequence space, so that the first byte to be acknowledged has the number of
 * the SYN again: it must not be taken for one. */
static void the_number_of_the_syn_comes_again(void **state)
{
	struct endpoint at = talk_at(0x7f000001, 80);
	struct conv *listener = talk_keep(talk_announced(talk_box, "tcp", at));
	struct conv *from = talk_keep(talk_connected(talk_box, "tcp", at)), *to;

	(void)state;
	box_run_through(talk_box, box_now(talk_box) + 1000);
	to = conv_accept(listener);
	assert_non_null(to);
	talk_keep(to);
	pour(from, to, UINT32_MAX);
	box_run_through(talk_box, box_now(talk_box) + 1000000);
	assert_int_equal(talk_write(talk_box, from, "one", 3), 3);
	box_run_through(talk_box, box_now(talk_box) + 1000000);
	talk_assert_reads(to, "one");
	assert_int_equal(talk_write(talk_box, from, "two", 3), 3);
	box_run_through(talk_box, box_now(talk_box) + 1000000);
	talk_assert_reads(to, "two");
}

#define TEST(name)    cmocka_unit_test_setup_teardown(name, talk_open, talk_close)
#define OFFLOAD(name) cmocka_unit_test_setup_teardown(name, offload_open, talk_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_write_leaves_at_once_and_pushed),
		TEST(only_the_last_segment_is_pushed),
		TEST(timestamps_make_a_segment_shorter),
		TEST(without_an_mss_536_is_assumed),
		TEST(a_second_crumb_waits_for_the_first),
		TEST(a_full_segment_does_not_wait),
		TEST(with_nodelay_no_crumb_waits),
		TEST(before_the_end_no_crumb_waits),
		TEST(a_cork_holds_back_what_is_no_full_segment),
		TEST(a_cork_holds_back_for_200_ms_at_most),
		TEST(nothing_goes_beyond_the_window),
		TEST(a_silly_window_is_not_filled_until_the_override),
		TEST(half_of_the_largest_window_is_filled),
		TEST(the_end_needs_a_place_in_the_window),
		TEST(a_full_queue_takes_no_more_until_a_third_is_free),
		TEST(a_writer_does_not_wait_for_the_last_byte_of_a_block),
		OFFLOAD(a_device_that_cuts_is_given_all_at_once),
		OFFLOAD(a_large_packet_is_of_whole_segments_while_a_crumb_waits),
		OFFLOAD(slices_become_whole_segments),
		TEST(the_number_of_the_syn_comes_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
