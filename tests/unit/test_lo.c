/*
 * Packets to ourselves: they stay inside, in order, and keep their payload.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/wire.h"
#include "../../stack/link/lo.h"
#include "../lib/rooms.h"

static struct rooms r;

static int open_rooms(void **state)
{
	(void)state;
	rooms_open(&r, 0);
	return 0;
}

static int close_rooms(void **state)
{
	(void)state;
	rooms_close(&r);
	return 0;
}

static int send_inside(uint32_t src, uint32_t dst, uint8_t protocol, struct pkt *p)
{
	struct ip_send how = { .src = v4(src), .dst = v4(dst), .protocol = protocol };

	return ip_output(&r.stack, &how, p);
}

static void a_packet_to_our_own_address_stays_inside(void **state) /* I-05 */
{
	(void)state;
	assert_int_equal(send_inside(ROOMS_IP, ROOMS_IP, IP_UDP, rooms_packet(&r, 100, 100)), 0);
	rooms_settle(&r);
	rooms_expect_silence(&r);
	assert_int_equal(r.told_n, 1);
	assert_int_equal(r.told[0].len, 100);
	assert_ptr_equal(r.told[0].ip.ifc, lo_ifc(&r.stack));
}

static void all_of_127_is_ours_and_never_on_the_wire(void **state) /* I-05 */
{
	(void)state;
	assert_int_equal(send_inside(0x7f000001, 0x7f0a0b0c, IP_UDP, rooms_packet(&r, 10, 10)), 0);
	assert_int_equal(send_inside(0x7f000001, ROOMS_PEER, IP_UDP, rooms_packet(&r, 10, 10)),
		-EADDRNOTAVAIL);
	rooms_settle(&r);
	rooms_expect_silence(&r);
	assert_int_equal(r.told_n, 1);
}

static void a_packet_waits_for_the_next_poll(void **state)
{
	(void)state;
	send_inside(ROOMS_IP, ROOMS_IP, IP_UDP, rooms_packet(&r, 10, 10));
	assert_int_equal(r.told_n, 0);
	assert_false(lo_is_empty(&r.stack));
	assert_true(stack_deadline(&r.stack) <= r.stack.now_us);
	stack_poll(&r.stack, r.stack.now_us);
	assert_int_equal(r.told_n, 1);
	assert_true(lo_is_empty(&r.stack));
}

static void packets_come_in_as_they_went_out(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 20; i++)
		send_inside(ROOMS_IP, ROOMS_IP, IP_UDP, rooms_packet(&r, 10 + i, 10));
	rooms_settle(&r);
	assert_int_equal(r.told_n, 20);
	assert_int_equal(rooms_count(&r, COUNT_lo_packets), 20);
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(r.told[i].len, 10 + i);
}

static void a_sum_that_nobody_filled_in_is_vouched_for(void **state)
{
	struct pkt *p = rooms_packet(&r, 1000, 20);
	struct ip_send how = { .src = v4(ROOMS_IP), .dst = v4(ROOMS_IP), .protocol = IP_UDP };

	(void)state;
	ip_checksum_later(p, &how, 6);
	ip_output(&r.stack, &how, p);
	rooms_settle(&r);
	assert_int_equal(r.told_n, 1);
	assert_int_equal(r.told[0].offload, PKT_CSUM_GOOD);
}

static void a_long_packet_comes_in_whole_and_says_how_many_segments_it_is(void **state)
{
	struct pkt *p = rooms_packet(&r, 20 + 45000, 20);
	struct ip_send how = { .src = v4(ROOMS_IP), .dst = v4(ROOMS_IP), .protocol = IP_TCP };

	(void)state;
	memset(pkt_data(p), 0, 20);
	pkt_data(p)[12] = 5 << 4;
	ip_checksum_later(p, &how, 16);
	p->offload |= PKT_SEG_TCP;
	p->seg_len = 1448;
	ip_output(&r.stack, &how, p);
	rooms_settle(&r);
	assert_int_equal(r.told_n, 1);
	assert_int_equal(r.told[0].len, 45020);
	assert_int_equal(r.told[0].segs, (45000 + 1447) / 1448);
	assert_int_equal(r.told[0].in_head, 20); /* the payload was not touched */
}

static void the_queue_to_ourselves_is_bounded(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LIMIT_LO_QUEUE; i++)
		assert_int_equal(
			send_inside(ROOMS_IP, ROOMS_IP, IP_UDP, rooms_packet(&r, 10, 10)), 0);
	assert_int_equal(
		send_inside(ROOMS_IP, ROOMS_IP, IP_UDP, rooms_packet(&r, 10, 10)), -ENOBUFS);
	assert_int_equal(rooms_count(&r, COUNT_lo_drop_full), 1);
	rooms_check(&r);
}

static void a_datagram_of_any_length_goes_in_one_piece(void **state)
{
	(void)state;
	assert_int_equal(send_inside(ROOMS_IP, ROOMS_IP, IP_UDP, rooms_packet(&r, 65515, 100)), 0);
	assert_int_equal(
		send_inside(ROOMS_IP, ROOMS_IP, IP_UDP, rooms_packet(&r, 65516, 100)), -EMSGSIZE);
	rooms_settle(&r);
	assert_int_equal(r.told_n, 1);
	assert_int_equal(r.told[0].len, 65515);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_packet_to_our_own_address_stays_inside),
		T(all_of_127_is_ours_and_never_on_the_wire),
		T(a_packet_waits_for_the_next_poll),
		T(packets_come_in_as_they_went_out),
		T(a_sum_that_nobody_filled_in_is_vouched_for),
		T(a_long_packet_comes_in_whole_and_says_how_many_segments_it_is),
		T(the_queue_to_ourselves_is_bounded),
		T(a_datagram_of_any_length_goes_in_one_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
