/*
 * What users and neighbours can do to others through one stack: ends of two families, queues that
 * want everything, empty datagrams, neighbours that never answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/limits.h"
#include "../../stack/stack_private.h"
#include "../../stack/udp/udp_hdr.h"
#include "../lib/far.h"

#define OUR_PORT 7000

static const struct addr loopback_v6 = { { [15] = 1 } };

static struct conv *listener_at(uint16_t port)
{
	return talk_keep(talk_announced(talk_box, "udp", talk_at(0, port)));
}

/* One that serves everybody from LOCAL. */
static struct conv *with_headers(const struct endpoint *local)
{
	struct conv *c = talk_keep(talk_new(talk_box, "udp"));

	assert_int_equal(talk_ctl(c, "headers on", NULL), 0);
	assert_int_equal(conv_announce(c, local), 0);
	return c;
}

static ssize_t write_prefixed(
	struct conv *c, const struct addr *local, uint32_t remote_ip, uint16_t port)
{
	const struct udp_prefix prefix = { .remote = talk_at(remote_ip, port),
		.local = { .addr = *local } };
	uint8_t bytes[UDP_PREFIX_LEN + 1] = { 0 };

	udp_prefix_build(bytes, &prefix);
	return talk_write(talk_box, c, bytes, sizeof(bytes));
}

/* --- two families ------------------------------------------------------------------------- */

/* As IPv4 it would come from 0.0.0.0, and whoever is called by that has no remote: its call would
 * pass for a listener. */
static void an_ipv6_end_does_not_speak_to_an_ipv4_one(void **state)
{
	const struct endpoint here = { .addr = loopback_v6, .port = 5000 };
	struct conv *listener = listener_at(OUR_PORT);
	struct conv *c = with_headers(&here);

	(void)state;
	assert_int_equal(write_prefixed(c, &addr_any, 0x7f000001, OUR_PORT), -EADDRNOTAVAIL);
	assert_null(conv_accept(listener));
}

static void an_ipv6_source_is_not_chosen_for_an_ipv4_remote(void **state)
{
	const struct endpoint anywhere = talk_at(0, 5000);
	struct conv *listener = listener_at(OUR_PORT);
	struct conv *c = with_headers(&anywhere);

	(void)state;
	assert_int_equal(write_prefixed(c, &loopback_v6, TALK_US, OUR_PORT), -EADDRNOTAVAIL);
	assert_null(conv_accept(listener));
}

/* --- one queue for all ---------------------------------------------------------------------- */

/* U-10 */
static void one_queue_never_has_all_the_records(void **state)
{
	struct pool *records = &box_stack(talk_box)->datagrams.pool;
	struct conv *greedy = listener_at(OUR_PORT);
	struct conv *modest = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53)));

	(void)state;
	assert_int_equal(conv_set_rcvbuf(greedy, LIMIT_BUF_MAX), 0);
	for (uint32_t i = 0; i < records->cap; i++)
		talk_udp_in(talk_box, 99, talk_at(TALK_US, OUR_PORT), "x", 1);
	talk_udp_in(talk_box, 53, *conv_local(modest), "hi", 2);
	talk_assert_reads(modest, "hi");
}

/* --- edges of a datagram ------------------------------------------------------------------ */

/* U-04: without headers nothing can tell it from the end. */
static void an_empty_datagram_is_no_end_once_headers_are_off(void **state)
{
	struct conv *c = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53)));

	(void)state;
	assert_int_equal(talk_ctl(c, "headers on", NULL), 0);
	talk_udp_in(talk_box, 53, *conv_local(c), "", 0);
	talk_udp_in(talk_box, 53, *conv_local(c), "hi", 2);
	assert_int_equal(talk_ctl(c, "headers off", NULL), 0);
	talk_assert_reads(c, "hi");
	assert_int_equal(talk_read(c, talk_bytes, 10), -EAGAIN);
}

static void nothing_but_empty_datagrams_is_nothing_to_read(void **state)
{
	struct conv *c = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53)));

	(void)state;
	assert_int_equal(talk_ctl(c, "headers on", NULL), 0);
	talk_udp_in(talk_box, 53, *conv_local(c), "", 0);
	assert_int_equal(talk_ctl(c, "headers off", NULL), 0);
	assert_false(conv_events(c) & CONV_IN);
	assert_int_equal(talk_read(c, talk_bytes, 10), -EAGAIN);
}

/* --- what waits for a neighbour ----------------------------------------------------------- */

/* RFC 1122 2.3.2.2 asks for the latest; more of them must not hold memory that others want. */
static void only_the_latest_waits_for_a_neighbour_when_memory_is_short(void **state)
{
	struct stack *s = box_stack(talk_box);
	struct buf *hogs[128];
	unsigned n = 0;
	struct conv *c;

	(void)state;
	box_silence(talk_box, TALK_PEER);
	c = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53)));
	while (bufs_pressure_percent(&s->bufs) < LIMIT_PRESSURE_YELLOW) {
		assert_in_range(n, 0, 127);
		hogs[n++] = stack_chunk(s);
	}
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(talk_write(talk_box, c, talk_bytes, 60000), 60000);
	assert_int_equal(box_count(talk_box, "neigh_drop_queue"), 4);
	while (n > 0)
		buf_drop(hogs[--n]);
}

/* --- the reserve -------------------------------------------------------------------------- */

static unsigned take_all(enum buf_class class, struct buf **to, unsigned max)
{
	unsigned n = 0;

	while ((to[n] = buf_new(&box_stack(talk_box)->bufs, class, BUF_DATA))) {
		n++;
		assert_in_range(n, 0, max - 1);
	}
	return n;
}

/* What comes in may be what frees memory, so it is received into the reserve; but what waits for a
 * reader there would leave nothing to receive into. */
static void what_nobody_reads_is_not_kept_in_the_reserve(void **state)
{
	static struct buf *large[4096], *small[4096];
	const struct stack *s = box_stack(talk_box);
	struct far p = far_connected(false);
	unsigned large_n = take_all(BUF_LARGE, large, 4096);
	unsigned small_n = take_all(BUF_SMALL, small, 4096);

	(void)state;
	far_sends(&p, 0, 1460);
	box_settle(talk_box);
	assert_int_equal(s->bufs.reserved_open, 0);
	assert_int_equal(box_count(talk_box, "tcp_drop_no_memory"), 1);
	while (large_n > 0)
		buf_drop(large[--large_n]);
	while (small_n > 0)
		buf_drop(small[--small_n]);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, talk_open, talk_close)
	const struct CMUnitTest tests[] = {
		TEST(an_ipv6_end_does_not_speak_to_an_ipv4_one),
		TEST(an_ipv6_source_is_not_chosen_for_an_ipv4_remote),
		TEST(one_queue_never_has_all_the_records),
		TEST(an_empty_datagram_is_no_end_once_headers_are_off),
		TEST(nothing_but_empty_datagrams_is_nothing_to_read),
		TEST(only_the_latest_waits_for_a_neighbour_when_memory_is_short),
		TEST(what_nobody_reads_is_not_kept_in_the_reserve),
	};

	return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
