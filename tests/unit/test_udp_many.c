/*
 * A UDP conversation that serves many: calls of new remotes, headers, broadcast, and those of
 * its own stack. Rows U-.. and I-.. are those of the requirement matrix.
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

static struct conv *serving(uint16_t port)
{
	struct conv *c = talk_keep(talk_new(talk_box, "udp"));
	const struct endpoint local = talk_at(0, port);

	assert_int_equal(talk_ctl(c, "headers", NULL), 0);
	assert_int_equal(conv_announce(c, &local), 0);
	return c;
}

static struct conv *call_of(struct conv *listener)
{
	struct conv *call = conv_accept(listener);

	assert_non_null(call);
	return talk_keep(call);
}

/* --- calls --------------------------------------------------------------------------- */

static void each_new_remote_is_a_call(void **state)
{
	struct conv *l = announced(7), *a, *b;

	(void)state;
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "one", 3);
	talk_udp_in(talk_box, 1002, talk_at(TALK_US, 7), "two", 3);
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "more", 4);
	assert_true(conv_events(l) & CONV_CALL);
	a = call_of(l);
	b = call_of(l);
	assert_null(conv_accept(l));
	assert_false(conv_events(l) & CONV_CALL);
	talk_assert_reads(a, "one");
	talk_assert_reads(a, "more");
	talk_assert_reads(b, "two");
	assert_int_equal(conv_remote(b)->port, 1002);
	assert_int_equal(conv_owner(a)->uid, 1000);
}

static void a_call_is_answered_from_where_it_was_made_to(void **state)
{
	const struct addr second = addr_from_v4(0x0a000064);
	struct conv *l = announced(7), *call;
	const struct frame *f;

	(void)state;
	oracle_owns(box_oracle(talk_box), 0x0a000064);
	assert_int_equal(net_addr_add(box_stack(talk_box), box_ifc(talk_box), &second, 96 + 24,
				 NET_ADDR_UNPROBED),
		0);
	box_settle(talk_box);
	box_seen_all(talk_box);
	talk_udp_in(talk_box, 1001, talk_at(0x0a000064, 7), "ping", 4);
	call = call_of(l);
	assert_int_equal(talk_write(talk_box, call, "pong", 4), 4);
	f = talk_out(talk_box);
	assert_int_equal(f->ip.src, 0x0a000064);
	assert_int_equal(f->udp.src_port, 7);
	assert_int_equal(f->udp.dst_port, 1001);
}

static void a_listener_has_a_limited_number_of_calls(void **state)
{
	struct conv *l = announced(7);

	(void)state;
	for (uint16_t i = 0; i < LIMIT_UDP_CALLS + 5; i++)
		talk_udp_in(talk_box, (uint16_t)(1000 + i), talk_at(TALK_US, 7), "x", 1);
	assert_int_equal(box_count(talk_box, "udp_drop_calls"), 5);
	for (unsigned i = 0; i < LIMIT_UDP_CALLS; i++)
		conv_release(conv_accept(l));
	assert_null(conv_accept(l));
}

static void a_call_nobody_takes_ends_after_a_minute(void **state)
{
	struct conv *l = announced(7);

	(void)state;
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "x", 1);
	box_run_through(talk_box, box_now(talk_box) + LIMIT_UDP_IDLE_US - 1);
	assert_true(conv_events(l) & CONV_CALL);
	box_run_through(talk_box, box_now(talk_box) + 1);
	assert_false(conv_events(l) & CONV_CALL);
	assert_null(conv_accept(l));
}

static void a_call_ends_when_it_was_silent_for_a_minute(void **state)
{
	struct conv *l = announced(7), *call;

	(void)state;
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "x", 1);
	call = call_of(l);
	box_run_through(talk_box, box_now(talk_box) + LIMIT_UDP_IDLE_US / 2);
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "y", 1);
	box_run_through(talk_box, box_now(talk_box) + LIMIT_UDP_IDLE_US - 1);
	assert_false(conv_events(call) & CONV_END);
	box_run_through(talk_box, box_now(talk_box) + 1);
	assert_true(conv_events(call) & CONV_END);
	talk_assert_reads(call, "x");
	talk_assert_reads(call, "y");
	assert_int_equal(talk_read(call, talk_bytes, 10), 0);
	assert_int_equal(talk_write(talk_box, call, "z", 1), -EPIPE);
}

static void after_a_call_has_ended_the_remote_calls_anew(void **state)
{
	struct conv *l = announced(7), *call;

	(void)state;
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "x", 1);
	call = call_of(l);
	box_run_through(talk_box, box_now(talk_box) + LIMIT_UDP_IDLE_US);
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "again", 5);
	assert_ptr_not_equal(call_of(l), call);
}

static void a_listener_takes_its_waiting_calls_with_it(void **state)
{
	struct conv *l = talk_announced(talk_box, "udp", talk_at(0, 7));

	(void)state;
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "x", 1);
	talk_udp_in(talk_box, 1002, talk_at(TALK_US, 7), "x", 1);
	conv_release(l);
	assert_true(stack_is_at_rest(box_stack(talk_box), NULL));
}

static void a_taken_call_outlives_its_listener(void **state)
{
	struct conv *l = talk_announced(talk_box, "udp", talk_at(0, 7)), *call;

	(void)state;
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "x", 1);
	call = call_of(l);
	conv_release(l);
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "y", 1);
	talk_assert_reads(call, "x");
	talk_assert_reads(call, "y");
}

static void an_announced_one_is_neither_read_nor_written(void **state)
{
	struct conv *l = announced(7);

	(void)state;
	assert_int_equal(talk_read(l, talk_bytes, 10), -EINVAL);
	assert_int_equal(talk_write(talk_box, l, "x", 1), -EINVAL);
}

/* I-21 */
static void a_broadcast_and_what_follows_it_are_one_call(void **state)
{
	struct conv *l = announced(67), *call;
	struct frame f;

	(void)state;
	frame_init(&f, FRAME_UDP);
	memset(f.eth_dst, 0xff, 6);
	f.ip.src = TALK_PEER;
	f.ip.dst = ALL_OF_US;
	f.udp.src_port = 68;
	f.udp.dst_port = 67;
	f.data = (const uint8_t *)"all";
	f.data_len = 3;
	talk_frame_in(talk_box, &f);
	talk_udp_in(talk_box, 68, talk_at(TALK_US, 67), "you", 3);
	call = call_of(l);
	talk_assert_reads(call, "all");
	talk_assert_reads(call, "you");
	assert_null(conv_accept(l));
	assert_int_equal(addr_v4(&conv_local(call)->addr), TALK_US);
}

/* --- headers ------------------------------------------------------------------------- */

static void prefixed(uint8_t *to, struct endpoint remote, struct endpoint local, const char *words)
{
	memset(to, 0, 52);
	memcpy(to, remote.addr.b, 16);
	memcpy(to + 16, local.addr.b, 16);
	frame_put16(to + 48, remote.port);
	frame_put16(to + 50, local.port);
	memcpy(to + 52, words, strlen(words));
}

/* U-07 */
static void with_headers_one_conversation_hears_all(void **state)
{
	struct conv *c = serving(7);
	uint8_t got[100];
	const struct addr us = addr_from_v4(TALK_US), peer = addr_from_v4(TALK_PEER);

	(void)state;
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "one", 3);
	talk_udp_in(talk_box, 1002, talk_at(TALK_US, 7), "two", 3);
	assert_false(conv_events(c) & CONV_CALL);
	assert_int_equal(talk_read(c, got, sizeof(got)), 55);
	assert_memory_equal(got, peer.b, 16);
	assert_memory_equal(got + 16, us.b, 16);
	assert_memory_equal(got + 32, us.b, 16);
	assert_int_equal(frame_get16(got + 48), 1001);
	assert_int_equal(frame_get16(got + 50), 7);
	assert_memory_equal(got + 52, "one", 3);
	assert_int_equal(talk_read(c, got, sizeof(got)), 55);
	assert_int_equal(frame_get16(got + 48), 1002);
}

/* U-07 */
static void with_headers_one_conversation_speaks_to_all(void **state)
{
	struct conv *c = serving(7);
	uint8_t bytes[60];
	const struct frame *f;

	(void)state;
	prefixed(bytes, talk_at(TALK_PEER, 1001), talk_at(0, 0), "hello");
	assert_int_equal(talk_write(talk_box, c, bytes, 57), 57);
	f = talk_out(talk_box);
	assert_int_equal(f->ip.dst, TALK_PEER);
	assert_int_equal(f->ip.src, TALK_US);
	assert_int_equal(f->udp.dst_port, 1001);
	assert_int_equal(f->udp.src_port, 7);
	assert_int_equal(f->data_len, 5);
}

/* U-07 */
static void a_source_that_is_not_ours_is_refused(void **state)
{
	struct conv *c = serving(7);
	uint8_t bytes[60];

	(void)state;
	prefixed(bytes, talk_at(TALK_PEER, 1001), talk_at(0x0a000063, 0), "hello");
	assert_int_equal(talk_write(talk_box, c, bytes, 57), -EADDRNOTAVAIL);
}

/* U-04 */
static void an_empty_datagram_shows_with_headers(void **state)
{
	struct conv *c = serving(7);
	uint8_t got[100];

	(void)state;
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "", 0);
	assert_int_equal(talk_read(c, got, sizeof(got)), 52);
	assert_int_equal(talk_write(talk_box, c, got, 52), 52);
	assert_int_equal(talk_out(talk_box)->data_len, 0);
}

/* U-04 */
static void an_empty_datagram_does_not_look_like_the_end(void **state)
{
	struct conv *c = connected();

	(void)state;
	talk_udp_in(talk_box, 53, *conv_local(c), "", 0);
	assert_int_equal(talk_read(c, talk_bytes, 10), -EAGAIN);
	assert_int_equal(box_count(talk_box, "udp_in"), 1);
}

static void a_prefix_that_is_cut_is_refused(void **state)
{
	struct conv *c = serving(7);

	(void)state;
	assert_int_equal(talk_write(talk_box, c, talk_bytes, 51), -EINVAL);
}

static void a_prefix_without_a_remote_is_refused(void **state)
{
	struct conv *c = serving(7);
	uint8_t bytes[60];

	(void)state;
	prefixed(bytes, talk_at(0, 7), talk_at(0, 0), "x");
	assert_int_equal(talk_write(talk_box, c, bytes, 53), -EINVAL);
	prefixed(bytes, talk_at(TALK_PEER, 0), talk_at(0, 0), "x");
	assert_int_equal(talk_write(talk_box, c, bytes, 53), -EINVAL);
}

static void a_short_read_with_headers_gives_a_cut_prefix(void **state)
{
	struct conv *c = serving(7);
	uint8_t got[100];

	(void)state;
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "one", 3);
	assert_int_equal(talk_read(c, got, 20), 20);
	assert_int_equal(talk_read(c, got, sizeof(got)), -EAGAIN);
}

static void a_connected_one_with_headers_speaks_to_its_remote_alone(void **state)
{
	struct conv *c = connected();
	uint8_t bytes[60];

	(void)state;
	assert_int_equal(talk_ctl(c, "headers on", NULL), 0);
	prefixed(bytes, talk_at(TALK_PEER, 54), talk_at(0, 0), "x");
	assert_int_equal(talk_write(talk_box, c, bytes, 53), -EISCONN);
	prefixed(bytes, talk_at(TALK_PEER, 53), talk_at(0, 0), "x");
	assert_int_equal(talk_write(talk_box, c, bytes, 53), 53);
}

static void headers_off_makes_calls_again(void **state)
{
	struct conv *c = serving(7);

	(void)state;
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "one", 3);
	assert_int_equal(talk_ctl(c, "headers off", NULL), 0);
	assert_int_equal(conv_events(c), 0);
	talk_udp_in(talk_box, 1001, talk_at(TALK_US, 7), "two", 3);
	talk_assert_reads(call_of(c), "two");
}

static void a_wrong_word_is_named(void **state)
{
	char why[128] = "";
	struct conv *c = connected();

	(void)state;
	assert_int_equal(talk_ctl(c, "headers yes", why), -EINVAL);
	assert_string_equal(why, "headers: expected on or off, got \"yes\"");
	assert_int_equal(talk_ctl(c, "broadcast", why), -EINVAL);
	assert_int_equal(talk_ctl(c, "nodelay on", why), -EOPNOTSUPP);
}

/* --- to everybody --------------------------------------------------------------------- */

static void a_broadcast_needs_leave(void **state)
{
	struct conv *c = talk_keep(talk_new(talk_box, "udp"));
	const struct endpoint all = talk_at(ALL_OF_US, 9);
	const struct frame *f;

	(void)state;
	assert_int_equal(conv_connect(c, NULL, &all), -EACCES);
	assert_int_equal(talk_ctl(c, "broadcast on", NULL), 0);
	assert_int_equal(conv_connect(c, NULL, &all), 0);
	assert_int_equal(talk_write(talk_box, c, "x", 1), 1);
	f = talk_out(talk_box);
	assert_int_equal(f->ip.dst, ALL_OF_US);
	assert_int_equal(f->eth_dst[0], 0xff);
}

static void a_broadcast_with_headers_needs_leave(void **state)
{
	struct conv *c = serving(7);
	uint8_t bytes[60];

	(void)state;
	prefixed(bytes, talk_at(ALL_OF_US, 9), talk_at(0, 0), "x");
	assert_int_equal(talk_write(talk_box, c, bytes, 53), -EACCES);
	assert_int_equal(talk_ctl(c, "broadcast on", NULL), 0);
	assert_int_equal(talk_write(talk_box, c, bytes, 53), 53);
	assert_non_null(talk_out(talk_box));
}

/* --- within -------------------------------------------------------------------------- */

static void two_of_one_stack_speak_without_a_frame(void **state)
{
	struct conv *l = announced(7), *c, *call;
	uint64_t sent_n = box_sent_n(talk_box);

	(void)state;
	c = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_US, 7)));
	assert_int_equal(talk_write(talk_box, c, "hello", 5), 5);
	call = call_of(l);
	talk_assert_reads(call, "hello");
	assert_int_equal(talk_write(talk_box, call, "back", 4), 4);
	talk_assert_reads(c, "back");
	assert_int_equal(box_sent_n(talk_box), sent_n);
}

static void a_closed_port_within_is_refused_as_well(void **state)
{
	struct conv *c = talk_keep(talk_connected(talk_box, "udp", talk_at(0x7f000001, 9)));

	(void)state;
	assert_int_equal(talk_write(talk_box, c, "x", 1), 1);
	assert_int_equal(talk_read(c, talk_bytes, 10), -ECONNREFUSED);
}

/* --- a frame that stands for several ---------------------------------------------------- */

/* U-06 (RFC 768): edges are kept, also where a device has not cut what its sender gave it. */
static void a_frame_of_many_datagrams_is_read_one_by_one(void **state)
{
	struct conv *c = connected();
	uint8_t sent[3000];

	(void)state;
	for (size_t i = 0; i < sizeof sent; i++)
		sent[i] = (uint8_t)(i * 7);
	talk_udp_batch_in(talk_box, 53, *conv_local(c), sent, sizeof sent, 1200);
	assert_int_equal(talk_read(c, talk_bytes, sizeof talk_bytes), 1200);
	assert_memory_equal(talk_bytes, sent, 1200);
	assert_int_equal(talk_read(c, talk_bytes, sizeof talk_bytes), 1200);
	assert_memory_equal(talk_bytes, sent + 1200, 1200);
	assert_int_equal(talk_read(c, talk_bytes, sizeof talk_bytes), 600);
	assert_memory_equal(talk_bytes, sent + 2400, 600);
	assert_int_equal(talk_read(c, talk_bytes, sizeof talk_bytes), -EAGAIN);
	assert_int_equal(box_count(talk_box, "udp_in"), 3);
}

static void a_long_frame_of_many_datagrams_is_cut_in_every_block(void **state)
{
	struct conv *c = connected();
	static uint8_t sent[43 * 1400 + 9];

	(void)state;
	for (size_t i = 0; i < sizeof sent; i++)
		sent[i] = (uint8_t)(i * 31 + i / 256);
	talk_udp_batch_in(talk_box, 53, *conv_local(c), sent, sizeof sent, 1400);
	for (size_t off = 0; off < sizeof sent; off += 1400) {
		ssize_t n = talk_read(c, talk_bytes, sizeof talk_bytes);

		assert_int_equal(n, off + 1400 <= sizeof sent ? 1400 : 9);
		assert_memory_equal(talk_bytes, sent + off, (size_t)n);
	}
	assert_int_equal(talk_read(c, talk_bytes, sizeof talk_bytes), -EAGAIN);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, talk_open, talk_close)
	const struct CMUnitTest tests[] = {
		TEST(a_frame_of_many_datagrams_is_read_one_by_one),
		TEST(a_long_frame_of_many_datagrams_is_cut_in_every_block),
		TEST(each_new_remote_is_a_call),
		TEST(a_call_is_answered_from_where_it_was_made_to),
		TEST(a_listener_has_a_limited_number_of_calls),
		TEST(a_call_nobody_takes_ends_after_a_minute),
		TEST(a_call_ends_when_it_was_silent_for_a_minute),
		TEST(after_a_call_has_ended_the_remote_calls_anew),
		TEST(a_listener_takes_its_waiting_calls_with_it),
		TEST(a_taken_call_outlives_its_listener),
		TEST(an_announced_one_is_neither_read_nor_written),
		TEST(a_broadcast_and_what_follows_it_are_one_call),
		TEST(with_headers_one_conversation_hears_all),
		TEST(with_headers_one_conversation_speaks_to_all),
		TEST(a_source_that_is_not_ours_is_refused),
		TEST(an_empty_datagram_shows_with_headers),
		TEST(an_empty_datagram_does_not_look_like_the_end),
		TEST(a_prefix_that_is_cut_is_refused),
		TEST(a_prefix_without_a_remote_is_refused),
		TEST(a_short_read_with_headers_gives_a_cut_prefix),
		TEST(a_connected_one_with_headers_speaks_to_its_remote_alone),
		TEST(headers_off_makes_calls_again),
		TEST(a_wrong_word_is_named),
		TEST(a_broadcast_needs_leave),
		TEST(a_broadcast_with_headers_needs_leave),
		TEST(two_of_one_stack_speak_without_a_frame),
		TEST(a_closed_port_within_is_refused_as_well),
	};

	return cmocka_run_group_tests_name("udp_many", tests, NULL, NULL);
}
