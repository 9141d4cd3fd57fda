/*
 * Interfaces: what a device may be, the queue before one that stalls, and whose address is whose.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/link/eth.h"
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

/* A frame whose payload begins with NUMBER. */
static void send_numbered(uint8_t number)
{
	struct pkt *p = rooms_packet(&r, 20, 20);

	pkt_data(p)[0] = number;
	eth_send(&r.stack, r.ifc[0], eth_broadcast, 0x1234, p);
}

static uint8_t number_of(unsigned i)
{
	return r.seen[i].bytes[14];
}

static void a_device_with_an_impossible_mtu_is_refused(void **state)
{
	struct link link = { .name = "odd", .mtu = LIMIT_MTU_MIN - 1 };
	struct ifc *ifc;

	(void)state;
	assert_int_equal(stack_attach(&r.stack, &link, &ifc), -EINVAL);
	link.mtu = LIMIT_MTU_MAX + 1;
	assert_int_equal(stack_attach(&r.stack, &link, &ifc), -EINVAL);
}

static void there_are_so_many_interfaces_and_no_more(void **state)
{
	struct link link = { .name = "many", .mtu = 1500, .send = r.links[0].link.send };
	struct ifc *ifc[LIMIT_IFCS];
	unsigned n = 0;

	(void)state;
	while (stack_attach(&r.stack, &link, &ifc[n]) == 0)
		n++;
	assert_int_equal(n, LIMIT_IFCS - ROOMS_LINKS);
	while (n > 0)
		stack_detach(&r.stack, ifc[--n]);
	assert_null(net_ifc(&r.stack, ROOMS_LINKS));
}

static void a_device_that_cuts_but_does_not_sum_offers_nothing(void **state)
{
	struct link link = { .name = "half", .mtu = 1500, .offers = LINK_TSO4 };
	struct ifc *ifc;

	(void)state;
	assert_int_equal(stack_attach(&r.stack, &link, &ifc), 0);
	assert_int_equal(ifc->offers, 0);
	stack_detach(&r.stack, ifc);
}

static void frames_before_a_stalled_device_keep_their_order(void **state)
{
	(void)state;
	send_numbered(1);
	r.links[0].refuse = -EAGAIN;
	send_numbered(2);
	send_numbered(3);
	r.links[0].refuse = 0;
	send_numbered(4); /* not past those that wait */
	assert_int_equal(r.seen_n, 1);
	stack_writable(&r.stack, r.ifc[0]);
	assert_int_equal(r.seen_n, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(number_of(i), i + 1);
}

static void a_device_that_stalls_again_keeps_the_rest_waiting(void **state)
{
	(void)state;
	r.links[0].refuse = -EAGAIN;
	send_numbered(1);
	send_numbered(2);
	stack_writable(&r.stack, r.ifc[0]);
	assert_int_equal(r.seen_n, 0);
	rooms_check(&r);
	r.links[0].refuse = 0;
	stack_writable(&r.stack, r.ifc[0]);
	assert_int_equal(r.seen_n, 2);
	assert_int_equal(number_of(0), 1);
}

static void the_queue_before_a_stalled_device_is_bounded(void **state)
{
	(void)state;
	r.links[0].refuse = -EAGAIN;
	for (unsigned i = 0; i < LIMIT_LINK_QUEUE + 3; i++)
		send_numbered((uint8_t)i);
	assert_int_equal(rooms_count(&r, COUNT_link_drop_queue_full), 3);
	rooms_check(&r);
}

static void what_waits_goes_with_the_device(void **state)
{
	(void)state;
	r.links[0].refuse = -EAGAIN;
	send_numbered(1);
	send_numbered(2);
	stack_detach(&r.stack, r.ifc[0]);
	assert_int_equal(rooms_count(&r, COUNT_link_drop_detached), 2);
	send_numbered(3);
	assert_int_equal(rooms_count(&r, COUNT_link_drop_detached), 3);
}

static void a_frame_the_device_refuses_is_counted_and_gone(void **state)
{
	(void)state;
	r.links[0].refuse = -EIO;
	send_numbered(1);
	assert_int_equal(rooms_count(&r, COUNT_link_drop_send_failed), 1);
	assert_int_equal(r.ifc[0]->frames_out, 1); /* the announcement of rooms_open */
}

static void what_leaves_is_counted_for_the_stack_and_for_the_interface(void **state)
{
	uint64_t frames = rooms_count(&r, COUNT_link_frames_out);
	uint64_t bytes = rooms_count(&r, COUNT_link_bytes_out);
	uint64_t ours = r.ifc[0]->bytes_out;

	(void)state;
	send_numbered(1);
	assert_int_equal(rooms_count(&r, COUNT_link_frames_out), frames + 1);
	assert_int_equal(rooms_count(&r, COUNT_link_bytes_out), bytes + 34);
	assert_int_equal(r.ifc[0]->bytes_out, ours + 34);
}

static void what_a_driver_threw_away_is_counted(void **state)
{
	(void)state;
	stack_rx_fault(&r.stack, r.ifc[0], STACK_RX_TOO_LONG);
	stack_rx_fault(&r.stack, r.ifc[0], STACK_RX_TRUNCATED);
	stack_rx_fault(&r.stack, r.ifc[0], STACK_RX_NO_MEMORY);
	stack_rx_fault(&r.stack, r.ifc[0], STACK_RX_BAD_OFFLOAD);
	assert_int_equal(rooms_count(&r, COUNT_link_drop_too_long), 1);
	assert_int_equal(rooms_count(&r, COUNT_link_drop_truncated), 1);
	assert_int_equal(rooms_count(&r, COUNT_link_drop_no_memory), 1);
	assert_int_equal(rooms_count(&r, COUNT_link_drop_bad_offload), 1);
}

static void the_address_towards_a_peer_is_that_of_the_longest_prefix(void **state)
{
	struct addr wide = v4(0x0a010203), narrow = v4(0x0a01ff01), peer = v4(0x0a01ff09);
	struct addr far = v4(0x08080808);

	(void)state;
	assert_int_equal(net_addr_add(&r.stack, r.ifc[0], &wide, 112, NET_ADDR_UNPROBED), 0);
	assert_int_equal(net_addr_add(&r.stack, r.ifc[0], &narrow, 120, NET_ADDR_UNPROBED), 0);
	assert_true(addr_equal(&ifc_addr_towards(&r.stack, r.ifc[0], &peer)->addr, &narrow));
	assert_null(ifc_addr_on_link(&r.stack, r.ifc[0], &far));
	assert_non_null(ifc_addr_towards(&r.stack, r.ifc[0], &far));
	assert_null(ifc_addr_on_link(&r.stack, r.ifc[1], &peer));
}

static void a_prefix_has_one_broadcast_address_and_the_smallest_have_none(void **state)
{
	struct addr pair = v4(0x0a020000), one = v4(0x0a030001);
	struct addr all = v4(0x0a0000ff), net = v4(0x0a000000), host = v4(0x0a0000fe);
	struct addr other_of_pair = v4(0x0a020001);

	(void)state;
	assert_int_equal(net_addr_add(&r.stack, r.ifc[0], &pair, 127, NET_ADDR_UNPROBED), 0);
	assert_int_equal(net_addr_add(&r.stack, r.ifc[0], &one, 128, NET_ADDR_UNPROBED), 0);
	assert_true(ifc_is_broadcast(&r.stack, r.ifc[0], &all));
	assert_true(ifc_is_broadcast(&r.stack, NULL, &all));
	assert_false(ifc_is_broadcast(&r.stack, r.ifc[1], &all));
	assert_false(ifc_is_broadcast(&r.stack, r.ifc[0], &net));
	assert_false(ifc_is_broadcast(&r.stack, r.ifc[0], &host));
	assert_false(ifc_is_broadcast(&r.stack, r.ifc[0], &other_of_pair));
	assert_false(ifc_is_broadcast(&r.stack, r.ifc[0], &one));
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_device_with_an_impossible_mtu_is_refused),
		T(there_are_so_many_interfaces_and_no_more),
		T(a_device_that_cuts_but_does_not_sum_offers_nothing),
		T(frames_before_a_stalled_device_keep_their_order),
		T(a_device_that_stalls_again_keeps_the_rest_waiting),
		T(the_queue_before_a_stalled_device_is_bounded),
		T(what_waits_goes_with_the_device),
		T(a_frame_the_device_refuses_is_counted_and_gone),
		T(what_leaves_is_counted_for_the_stack_and_for_the_interface),
		T(what_a_driver_threw_away_is_counted),
		T(the_address_towards_a_peer_is_that_of_the_longest_prefix),
		T(a_prefix_has_one_broadcast_address_and_the_smallest_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
