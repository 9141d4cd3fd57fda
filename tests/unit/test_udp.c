/*
 * A UDP conversation with one remote, seen from the wire and from its holder. Rows U-.. and
 * C-.. are those of the requirement matrix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/limits.h"
#include "../../stack/ports.h"
#include "../lib/talk.h"
#include "../lib/told.h"

#define ALL_OF_US 0x0a0000ffu /* the broadcast address of 10.0.0.0/24 */

static struct conv *connected(void)
{
	return talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53)));
}

static struct conv *announced(uint16_t port)
{
	return talk_keep(talk_announced(talk_box, "udp", talk_at(0, port)));
}

/* --- connected ----------------------------------------------------------------------- */

static void a_connected_one_is_up_at_once(void **state)
{
	struct conv *c = connected();

	(void)state;
	assert_int_equal(conv_events(c), CONV_UP | CONV_OUT);
	assert_string_equal(conv_state_name(c), "Connected");
	assert_true(addr_v4(&conv_local(c)->addr) == TALK_US);
	assert_in_range(conv_local(c)->port, PORTS_LOW, PORTS_HIGH);
}

static void a_write_is_one_datagram(void **state)
{
	struct conv *c = connected();
	const struct frame *f;

	(void)state;
	assert_int_equal(talk_write(talk_box, c, "hello", 5), 5);
	f = talk_out(talk_box);
	assert_non_null(f);
	assert_int_equal(f->kind, FRAME_UDP);
	assert_int_equal(f->ip.dst, TALK_PEER);
	assert_int_equal(f->udp.src_port, conv_local(c)->port);
	assert_int_equal(f->udp.dst_port, 53);
	assert_int_equal(f->data_len, 5);
	assert_memory_equal(f->data, "hello", 5);
	assert_null(talk_out(talk_box));
}

static void an_answer_is_read(void **state)
{
	struct conv *c = connected();

	(void)state;
	talk_udp_in(talk_box, 53, *conv_local(c), "hi", 2);
	assert_true(conv_events(c) & CONV_IN);
	talk_assert_reads(c, "hi");
	assert_false(conv_events(c) & CONV_IN);
	assert_int_equal(talk_read(c, talk_bytes, 10), -EAGAIN);
}

static void a_stranger_is_not_heard_by_a_connected_one(void **state)
{
	struct conv *c = connected();

	(void)state;
	talk_udp_in(talk_box, 54, *conv_local(c), "hi", 2);
	assert_int_equal(talk_read(c, talk_bytes, 10), -EAGAIN);
	assert_int_equal(box_count(talk_box, "udp_drop_no_conv"), 1);
}

/* U-06 */
static void a_short_read_loses_the_rest_and_joins_nothing(void **state)
{
	struct conv *c = connected();
	char one;

	(void)state;
	talk_udp_in(talk_box, 53, *conv_local(c), "abc", 3);
	talk_udp_in(talk_box, 53, *conv_local(c), "def", 3);
	assert_int_equal(talk_read(c, &one, 1), 1);
	assert_int_equal(one, 'a');
	assert_int_equal(talk_read(c, &one, 1), 1);
	assert_int_equal(one, 'd');
	assert_int_equal(talk_read(c, &one, 1), -EAGAIN);
}

/* U-05 */
static void the_longest_datagram_is_sent_in_fragments(void **state)
{
	static uint8_t whole[65535];
	struct conv *c = connected();
	size_t len;

	(void)state;
	assert_int_equal(talk_write(talk_box, c, talk_bytes, 65507), 65507);
	len = talk_out_whole(talk_box, whole);
	assert_int_equal(len, 65515);
	assert_int_equal(frame_get16(whole + 4), 65515);
	assert_int_equal(
		frame_pseudo_sum(TALK_US, TALK_PEER, 17, whole, len), 0); /* sums up to right */
	assert_memory_equal(whole + 8, talk_bytes, 65507);
}

/* U-05 */
static void the_longest_datagram_is_read_from_fragments(void **state)
{
	static uint8_t got[65535];
	struct conv *c = connected();

	(void)state;
	talk_udp_in_fragments(talk_box, 53, *conv_local(c), talk_bytes, 65507, 1480);
	assert_int_equal(talk_read(c, got, sizeof(got)), 65507);
	assert_memory_equal(got, talk_bytes, 65507);
}

static void one_byte_more_is_too_long(void **state)
{
	struct conv *c = connected();

	(void)state;
	assert_int_equal(talk_write(talk_box, c, talk_bytes, 65508), -EMSGSIZE);
	assert_null(talk_out(talk_box));
}

static void a_long_write_leaves_without_a_copy(void **state)
{
	static struct told told;
	struct conv *c = connected();
	struct buf *from = stack_chunk(box_stack(talk_box));

	(void)state;
	memcpy(from->data + 100, talk_bytes, 1400);
	assert_int_equal(conv_write(c, from, from->data + 100, 1400), 1400);
	box_settle(talk_box);
	buf_drop(from);
	assert_memory_equal(talk_out(talk_box)->data, talk_bytes, 1400);
	told_init(&told);
	stack_describe(box_stack(talk_box), &told.describer);
	assert_int_equal(told_find(&told, "memory.copied_bytes")->number, 0);
	assert_int_equal(told_find(&told, "memory.shared_bytes")->number, 1400);
}

/* U-01: a sum that comes to 0 is sent as ffff, for 0 says "none". */
static void a_sum_of_zero_is_sent_as_ones(void **state)
{
	struct conv *c = connected();
	const struct frame *f;
	uint8_t data[2] = { 0, 0 };
	uint16_t sum;

	(void)state;
	assert_int_equal(talk_write(talk_box, c, data, 2), 2);
	f = talk_out(talk_box);
	sum = frame_get16(f->data - 2);
	frame_put16(data, sum); /* adds what was missing to ffff */
	assert_int_equal(talk_write(talk_box, c, data, 2), 2);
	f = talk_out(talk_box);
	assert_int_equal(frame_get16(f->data - 2), 0xffff);
}

/* --- what is refused ------------------------------------------------------------------ */

static void udp_frame_to(struct conv *c, struct frame *f)
{
	frame_init(f, FRAME_UDP);
	f->ip.src = TALK_PEER;
	f->ip.dst = TALK_US;
	f->udp.src_port = 53;
	f->udp.dst_port = conv_local(c)->port;
	f->data = (const uint8_t *)"data";
	f->data_len = 4;
}

/* U-01 */
static void a_wrong_checksum_is_dropped_quietly(void **state)
{
	struct conv *c = connected();
	struct frame f;

	(void)state;
	udp_frame_to(c, &f);
	f.lies.sum_add = 1;
	talk_frame_in(talk_box, &f);
	assert_int_equal(box_count(talk_box, "udp_drop_checksum"), 1);
	assert_int_equal(talk_read(c, talk_bytes, 10), -EAGAIN);
	assert_null(talk_out(talk_box));
}

/* U-01 */
static void no_checksum_is_no_fault(void **state)
{
	struct conv *c = connected();
	struct frame f;

	(void)state;
	udp_frame_to(c, &f);
	f.lies.no_udp_sum = true;
	talk_frame_in(talk_box, &f);
	talk_assert_reads(c, "data");
}

/* U-03 */
static void a_length_under_eight_or_past_the_packet_is_dropped(void **state)
{
	struct conv *c = connected();
	struct frame f;

	(void)state;
	udp_frame_to(c, &f);
	f.lies.udp_len = 7;
	talk_frame_in(talk_box, &f);
	f.lies.udp_len = 13;
	talk_frame_in(talk_box, &f);
	assert_int_equal(box_count(talk_box, "udp_drop_length"), 2);
	assert_int_equal(talk_read(c, talk_bytes, 10), -EAGAIN);
}

/* U-03 */
static void bytes_after_the_length_are_not_data(void **state)
{
	struct conv *c = connected();
	struct frame f;

	(void)state;
	udp_frame_to(c, &f);
	f.lies.udp_len = 8 + 2;
	f.lies.no_udp_sum = true;
	talk_frame_in(talk_box, &f);
	talk_assert_reads(c, "da");
}

static void less_than_a_header_is_dropped(void **state)
{
	struct conv *c = connected();
	struct frame f;

	(void)state;
	(void)c;
	frame_init(&f, FRAME_IP);
	f.ip.src = TALK_PEER;
	f.ip.dst = TALK_US;
	f.ip.proto = 17;
	f.data = talk_bytes;
	f.data_len = 7;
	talk_frame_in(talk_box, &f);
	assert_int_equal(box_count(talk_box, "udp_drop_short"), 1);
}

/* U-09 */
static void port_zero_is_nobodys(void **state)
{
	(void)state;
	talk_udp_in(talk_box, 53, talk_at(TALK_US, 0), "x", 1);
	assert_int_equal(box_count(talk_box, "udp_drop_port_zero"), 1);
	assert_null(talk_out(talk_box));
}

/* U-10 */
static void a_queue_nobody_reads_is_bounded(void **state)
{
	struct conv *c = connected();
	static struct told told;

	(void)state;
	for (int i = 0; i < 2000; i++)
		talk_udp_in(talk_box, 53, *conv_local(c), talk_bytes, 1400);
	told_init(&told);
	conv_describe(c, &told.describer);
	assert_true(told_find(&told, "queue_held_bytes")->number <= LIMIT_UDP_RCVBUF);
	assert_true(box_count(talk_box, "udp_drop_full") > 1000);
	assert_int_equal(talk_read(c, talk_bytes, 1400), 1400);
}

/* C-06 */
static void a_closed_port_is_reported_to_the_sender(void **state)
{
	const struct frame *f;

	(void)state;
	talk_udp_in(talk_box, 53, talk_at(TALK_US, 9), "x", 1);
	f = talk_out(talk_box);
	assert_non_null(f);
	assert_int_equal(f->kind, FRAME_ICMP);
	assert_int_equal(f->icmp.type, 3);
	assert_int_equal(f->icmp.code, 3);
}

/* U-13 */
static void a_broadcast_to_a_closed_port_is_not_answered(void **state)
{
	struct frame f;

	(void)state;
	frame_init(&f, FRAME_UDP);
	memset(f.eth_dst, 0xff, 6);
	f.ip.src = TALK_PEER;
	f.ip.dst = ALL_OF_US;
	f.udp.src_port = f.udp.dst_port = 9;
	talk_frame_in(talk_box, &f);
	assert_int_equal(box_count(talk_box, "udp_drop_no_conv"), 1);
	assert_null(talk_out(talk_box));
}

/* --- errors -------------------------------------------------------------------------- */

/* U-08, C-08 */
static void a_refusal_surfaces_once(void **state)
{
	struct conv *c = connected();
	struct frame sent;

	(void)state;
	assert_int_equal(talk_write(talk_box, c, "x", 1), 1);
	sent = *talk_out(talk_box);
	talk_icmp_about(talk_box, 3, 3, &sent);
	assert_true(conv_events(c) & CONV_IN);
	assert_int_equal(talk_read(c, talk_bytes, 10), -ECONNREFUSED);
	assert_int_equal(talk_read(c, talk_bytes, 10), -EAGAIN);
	assert_false(conv_events(c) & CONV_IN);
	assert_int_equal(talk_write(talk_box, c, "x", 1), 1);
}

static void a_refusal_may_surface_on_a_write(void **state)
{
	struct conv *c = connected();
	struct frame sent;

	(void)state;
	assert_int_equal(talk_write(talk_box, c, "x", 1), 1);
	sent = *talk_out(talk_box);
	talk_icmp_about(talk_box, 3, 3, &sent);
	assert_int_equal(talk_write(talk_box, c, "x", 1), -ECONNREFUSED);
	assert_int_equal(talk_write(talk_box, c, "x", 1), 1);
	assert_int_equal(talk_read(c, talk_bytes, 10), -EAGAIN);
}

static void what_came_before_a_refusal_is_read_first(void **state)
{
	struct conv *c = connected();
	struct frame sent;

	(void)state;
	assert_int_equal(talk_write(talk_box, c, "x", 1), 1);
	sent = *talk_out(talk_box);
	talk_udp_in(talk_box, 53, *conv_local(c), "hi", 2);
	talk_icmp_about(talk_box, 3, 3, &sent);
	talk_assert_reads(c, "hi");
	assert_int_equal(talk_read(c, talk_bytes, 10), -ECONNREFUSED);
}

static void advice_may_be_ignored(void **state)
{
	struct conv *c = connected();
	struct frame sent;

	(void)state;
	conv_ignore_advice(c, true);
	assert_int_equal(talk_write(talk_box, c, "x", 1), 1);
	sent = *talk_out(talk_box);
	talk_icmp_about(talk_box, 3, 3, &sent);
	assert_int_equal(talk_read(c, talk_bytes, 10), -EAGAIN);
	assert_int_equal(conv_soft_error(c), -ECONNREFUSED);
}

/* L-17 */
static void a_neighbour_that_does_not_answer_is_told(void **state)
{
	struct conv *c = connected();

	(void)state;
	box_silence(talk_box, TALK_PEER);
	assert_int_equal(talk_write(talk_box, c, "x", 1), 1);
	box_run_through(talk_box, box_now(talk_box) + 10 * USEC_PER_SEC);
	assert_int_equal(talk_read(c, talk_bytes, 10), -EHOSTUNREACH);
}

static void without_a_route_nothing_is_connected(void **state)
{
	struct conv *c = talk_keep(talk_new(talk_box, "udp"));
	const struct endpoint far = talk_at(0x08080808, 53);

	(void)state;
	assert_int_equal(conv_connect(c, NULL, &far), -ENETUNREACH);
	assert_int_equal(conv_events(c), 0);
}

/* --- settings ------------------------------------------------------------------------ */

/* I-06, I-07 */
static void ttl_and_tos_are_as_set(void **state)
{
	struct conv *c = connected();
	const struct frame *f;

	(void)state;
	assert_int_equal(conv_set_ttl(c, 3), 0);
	assert_int_equal(conv_set_tos(c, 0xb8), 0);
	assert_int_equal(talk_write(talk_box, c, "x", 1), 1);
	f = talk_out(talk_box);
	assert_int_equal(f->ip.ttl, 3);
	assert_int_equal(f->ip.tos, 0xb8);
}

static void hangup_frees_the_port_and_ends_reading(void **state)
{
	struct conv *c = announced(7), *next;

	(void)state;
	conv_hangup(c);
	assert_true(conv_events(c) & CONV_END);
	assert_int_equal(talk_read(c, talk_bytes, 10), 0);
	next = announced(7);
	assert_ptr_not_equal(next, c);
}

static void it_tells_what_it_is(void **state)
{
	static struct told told;
	struct conv *c = connected();

	(void)state;
	assert_int_equal(talk_write(talk_box, c, "hello", 5), 5);
	talk_udp_in(talk_box, 53, *conv_local(c), "hi", 2);
	told_init(&told);
	conv_describe(c, &told.describer);
	assert_string_equal(told_find(&told, "proto")->text, "udp");
	assert_string_equal(told_find(&told, "state")->text, "Connected");
	assert_string_equal(told_find(&told, "remote")->text, "10.0.0.2!53");
	assert_int_equal(told_find(&told, "uid")->number, 1000);
	assert_int_equal(told_find(&told, "pid")->number, 7);
	assert_int_equal(told_find(&told, "bytes_out")->number, 5);
	assert_int_equal(told_find(&told, "bytes_in")->number, 2);
	assert_int_equal(told_find(&told, "queue_datagrams")->number, 1);
	assert_int_equal(told_find(&told, "last_error.errno")->number, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, talk_open, talk_close)
	const struct CMUnitTest tests[] = {
		TEST(a_connected_one_is_up_at_once),
		TEST(a_write_is_one_datagram),
		TEST(an_answer_is_read),
		TEST(a_stranger_is_not_heard_by_a_connected_one),
		TEST(a_short_read_loses_the_rest_and_joins_nothing),
		TEST(the_longest_datagram_is_sent_in_fragments),
		TEST(the_longest_datagram_is_read_from_fragments),
		TEST(one_byte_more_is_too_long),
		TEST(a_long_write_leaves_without_a_copy),
		TEST(a_sum_of_zero_is_sent_as_ones),
		TEST(a_wrong_checksum_is_dropped_quietly),
		TEST(no_checksum_is_no_fault),
		TEST(a_length_under_eight_or_past_the_packet_is_dropped),
		TEST(bytes_after_the_length_are_not_data),
		TEST(less_than_a_header_is_dropped),
		TEST(port_zero_is_nobodys),
		TEST(a_queue_nobody_reads_is_bounded),
		TEST(a_closed_port_is_reported_to_the_sender),
		TEST(a_broadcast_to_a_closed_port_is_not_answered),
		TEST(a_refusal_surfaces_once),
		TEST(a_refusal_may_surface_on_a_write),
		TEST(what_came_before_a_refusal_is_read_first),
		TEST(advice_may_be_ignored),
		TEST(a_neighbour_that_does_not_answer_is_told),
		TEST(without_a_route_nothing_is_connected),
		TEST(ttl_and_tos_are_as_set),
		TEST(hangup_frees_the_port_and_ends_reading),
		TEST(it_tells_what_it_is),
	};

	return cmocka_run_group_tests_name("udp", tests, NULL, NULL);
}
