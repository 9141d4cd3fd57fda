/*
 * Where to send: the longest prefix, the gateway that answers, and what a redirect may change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/ip/route.h"
#include "../lib/rooms.h"

#define GATEWAY     0x0a0000feu
#define GATEWAY_TWO 0x0a0000fdu
#define FAR         0xc6336401u /* 198.51.100.1 */

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

static int add(uint32_t dst, unsigned bits, uint32_t gateway, struct ifc *ifc)
{
	struct addr d = v4(dst), g = v4(gateway);

	return net_route_add(&r.stack, &d, 96 + bits, &g, ifc);
}

static int del(uint32_t dst, unsigned bits)
{
	struct addr d = v4(dst);

	return net_route_del(&r.stack, &d, 96 + bits);
}

/* The next hop to DST; 0 when there is none. */
static uint32_t hop(uint32_t dst)
{
	struct addr d = v4(dst);
	struct route way;

	if (route_lookup(&r.stack, NULL, &d, &way) < 0)
		return 0;
	return addr_v4(&way.next_hop);
}

static void without_a_route_there_is_no_way(void **state)
{
	(void)state;
	assert_int_equal(hop(FAR), 0);
}

static void the_prefix_of_an_address_is_on_link(void **state)
{
	struct addr d = v4(0x0a000123);
	struct route way;

	(void)state;
	assert_int_equal(route_lookup(&r.stack, NULL, &d, &way), 0);
	assert_ptr_equal(way.ifc, r.ifc[1]);
	assert_true(addr_equal(&way.next_hop, &d));
}

static void the_longest_prefix_wins(void **state) /* I-25 */
{
	static const struct {
		uint32_t dst;
		unsigned bits;
		uint32_t gateway;
	} rows[] = {
		{ 0, 0, 0x0a000010 }, { 0xc0000000, 8, 0x0a000018 }, { 0xc6330000, 16, 0x0a000026 },
		{ 0xc6336400, 24, 0x0a000034 }, { FAR, 32, 0x0a000042 },
		{ 0x0a000080, 25, 0x0a000043 }, /* longer than our own prefix */
	};
	static const struct {
		uint32_t dst, hop;
	} wanted[] = {
		{ FAR, 0x0a000042 },
		{ 0xc6336402, 0x0a000034 },
		{ 0xc6330001, 0x0a000026 },
		{ 0xc6440001, 0x0a000010 },
		{ 0xc0000001, 0x0a000018 },
		{ 0x08080808, 0x0a000010 },
		{ 0x0a000009, 0x0a000009 },
		{ 0x0a000090, 0x0a000043 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(add(rows[i].dst, rows[i].bits, rows[i].gateway, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		assert_int_equal(hop(wanted[i].dst), wanted[i].hop);
	rooms_check(&r);
}

static void the_order_in_which_routes_are_added_does_not_matter(void **state) /* I-25 */
{
	(void)state;
	assert_int_equal(add(FAR, 32, 0x0a000042, NULL), 0);
	assert_int_equal(add(0, 0, GATEWAY, NULL), 0);
	assert_int_equal(add(0xc6336400, 24, 0x0a000034, NULL), 0);
	assert_int_equal(hop(FAR), 0x0a000042);
	assert_int_equal(hop(FAR + 1), 0x0a000034);
	assert_int_equal(hop(1 << 24), GATEWAY);
	rooms_check(&r);
}

static void many_routes_agree_with_a_search_of_all(void **state) /* I-25 */
{
	uint32_t dst[300];
	unsigned bits[300];

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		bits[i] = random_below(&r.stack.random, 33);
		dst[i] = random_u32(&r.stack.random) & 0x1f0f0fff;
		dst[i] &= bits[i] ? ~0u << (32 - bits[i]) : 0;
		(void)add(dst[i], bits[i], 0x0a000010 + (i & 0x7f), NULL);
	}
	for (unsigned n = 0; n < 3000; n++) {
		uint32_t to = random_u32(&r.stack.random) & 0x1f0f0fff;
		int best = -1;
		struct addr d = v4(to);
		struct route way;

		for (unsigned i = 0; i < 300; i++) {
			uint32_t mask = bits[i] ? ~0u << (32 - bits[i]) : 0;

			if ((to & mask) == dst[i] && (best < 0 || bits[i] > bits[best]))
				best = (int)i;
		}
		if (to >> 16 == 0x0a00)
			continue; /* near our own prefixes */
		if (best < 0) {
			assert_int_equal(hop(to), 0);
			continue;
		}
		assert_int_equal(route_lookup(&r.stack, NULL, &d, &way), 0);
		assert_int_equal(addr_v4(&way.next_hop), 0x0a000010 + (best & 0x7f));
	}
}

static void a_route_needs_a_gateway_on_some_link(void **state)
{
	(void)state;
	assert_int_equal(add(0, 0, FAR, NULL), -ENETUNREACH);
	assert_int_equal(add(0, 0, FAR, r.ifc[0]), 0); /* but the administrator may insist */
	assert_int_equal(add(0, 0, ROOMS_IP, NULL), -EINVAL);
	assert_int_equal(add(0, 0, 0xe0000001, NULL), -EINVAL);
	assert_int_equal(add(0, 0, 0, NULL), -EINVAL);
}

static void the_same_route_twice_is_refused(void **state)
{
	(void)state;
	assert_int_equal(add(0, 0, GATEWAY, NULL), 0);
	assert_int_equal(add(0, 0, GATEWAY, NULL), -EEXIST);
	assert_int_equal(add(0, 0, GATEWAY_TWO, NULL), 0);
}

static void the_table_is_bounded(void **state)
{
	unsigned n = 0;

	(void)state;
	while (add(n << 12, 20, GATEWAY, NULL) == 0)
		n++;
	assert_int_equal(n, LIMIT_ROUTES);
	assert_int_equal(add(n << 12, 20, GATEWAY, NULL), -ENOSPC);
	rooms_check(&r);
}

static void deleting_takes_all_gateways_of_a_prefix(void **state)
{
	(void)state;
	assert_int_equal(add(0, 0, GATEWAY, NULL), 0);
	assert_int_equal(add(0, 0, GATEWAY_TWO, NULL), 0);
	assert_int_equal(del(0, 0), 0);
	assert_int_equal(hop(FAR), 0);
	assert_int_equal(del(0, 0), -ENOENT);
}

static void a_silent_gateway_yields_to_the_next(void **state) /* I-24 */
{
	struct addr gateway = v4(GATEWAY);

	(void)state;
	assert_int_equal(add(0, 0, GATEWAY, NULL), 0);
	assert_int_equal(add(0, 0, GATEWAY_TWO, NULL), 0);
	assert_int_equal(hop(FAR), GATEWAY);
	route_gateway_is(&r.stack, &gateway, true);
	assert_int_equal(hop(FAR), GATEWAY_TWO);
	route_gateway_is(&r.stack, &gateway, false);
	assert_int_equal(hop(FAR), GATEWAY);
}

static void a_silent_gateway_is_tried_again_later(void **state) /* I-24 */
{
	struct addr gateway = v4(GATEWAY);

	(void)state;
	assert_int_equal(add(0, 0, GATEWAY, NULL), 0);
	assert_int_equal(add(0, 0, GATEWAY_TWO, NULL), 0);
	route_gateway_is(&r.stack, &gateway, true);
	rooms_run(&r, 600 * USEC_PER_SEC);
	assert_int_equal(hop(FAR), GATEWAY);
}

static void when_all_gateways_are_silent_the_first_is_as_good_as_any(void **state)
{
	struct addr one = v4(GATEWAY), two = v4(GATEWAY_TWO);

	(void)state;
	assert_int_equal(add(0, 0, GATEWAY, NULL), 0);
	assert_int_equal(add(0, 0, GATEWAY_TWO, NULL), 0);
	route_gateway_is(&r.stack, &one, true);
	route_gateway_is(&r.stack, &two, true);
	assert_int_equal(hop(FAR), GATEWAY);
}

static void a_destination_the_transport_hears_nothing_from_changes_gateway(void **state) /* I-24 */
{
	struct addr far = v4(FAR);

	(void)state;
	assert_int_equal(add(0, 0, GATEWAY, NULL), 0);
	assert_int_equal(add(0, 0, GATEWAY_TWO, NULL), 0);
	route_avoid(&r.stack, &far);
	assert_int_equal(hop(FAR), GATEWAY_TWO);
	assert_int_equal(hop(FAR + 1), GATEWAY); /* others are content */
	route_avoid(&r.stack, &far);
	assert_int_equal(hop(FAR), GATEWAY); /* round again */
}

static void with_one_gateway_there_is_nothing_to_avoid_it_for(void **state) /* I-24 */
{
	struct addr far = v4(FAR), near = v4(ROOMS_PEER);

	(void)state;
	assert_int_equal(add(0, 0, GATEWAY, NULL), 0);
	route_avoid(&r.stack, &far);
	route_avoid(&r.stack, &near);
	assert_int_equal(hop(FAR), GATEWAY);
	assert_int_equal(hop(ROOMS_PEER), ROOMS_PEER);
}

static void a_redirect_is_for_one_destination_and_for_a_while(void **state) /* I-22 */
{
	struct addr far = v4(FAR), gateway = v4(GATEWAY_TWO);

	(void)state;
	assert_int_equal(add(0, 0, GATEWAY, NULL), 0);
	route_redirect(&r.stack, &far, r.ifc[0], &gateway);
	assert_int_equal(hop(FAR), GATEWAY_TWO);
	assert_int_equal(hop(FAR + 1), GATEWAY);
	rooms_run(&r, 3600 * USEC_PER_SEC);
	assert_int_equal(hop(FAR), GATEWAY);
}

static void a_redirect_to_a_gateway_that_falls_silent_is_forgotten(void **state) /* I-22 */
{
	struct addr far = v4(FAR), gateway = v4(GATEWAY_TWO);

	(void)state;
	assert_int_equal(add(0, 0, GATEWAY, NULL), 0);
	route_redirect(&r.stack, &far, r.ifc[0], &gateway);
	route_gateway_is(&r.stack, &gateway, true);
	assert_int_equal(hop(FAR), GATEWAY);
	rooms_check(&r);
}

static void redirects_are_bounded(void **state) /* I-22 */
{
	struct addr gateway = v4(GATEWAY_TWO);

	(void)state;
	assert_int_equal(add(0, 0, GATEWAY, NULL), 0);
	for (uint32_t i = 0; i < 10000; i++) {
		struct addr to = v4(FAR + i);

		route_redirect(&r.stack, &to, r.ifc[0], &gateway);
		assert_int_equal(hop(FAR + i), GATEWAY_TWO);
	}
	rooms_check(&r);
}

static void an_interface_takes_its_routes_with_it(void **state)
{
	struct addr far = v4(FAR), gateway = v4(GATEWAY_TWO);

	(void)state;
	assert_int_equal(add(0, 0, GATEWAY, NULL), 0);
	assert_int_equal(add(FAR, 32, 0x0a0001fe, NULL), 0);
	route_redirect(&r.stack, &far, r.ifc[0], &gateway);
	stack_detach(&r.stack, r.ifc[0]);
	assert_int_equal(hop(FAR), 0x0a0001fe);
	assert_int_equal(hop(FAR + 1), 0);
	assert_int_equal(hop(ROOMS_PEER), 0);
}

static void a_flush_leaves_what_our_addresses_say(void **state)
{
	struct addr far = v4(FAR), gateway = v4(GATEWAY_TWO);

	(void)state;
	assert_int_equal(add(0, 0, GATEWAY, NULL), 0);
	assert_int_equal(add(FAR, 32, 0x0a0001fe, NULL), 0);
	route_redirect(&r.stack, &far, r.ifc[0], &gateway);
	net_route_flush(&r.stack);
	assert_int_equal(hop(FAR), 0);
	assert_int_equal(hop(FAR + 1), 0);
	assert_int_equal(hop(ROOMS_PEER), ROOMS_PEER);
}

static void a_route_by_one_interface_alone_can_be_asked_for(void **state) /* I-26 */
{
	struct addr far = v4(FAR);
	struct route way;

	(void)state;
	assert_int_equal(add(0, 0, GATEWAY, NULL), 0);
	assert_int_equal(route_lookup(&r.stack, r.ifc[1], &far, &way), -ENETUNREACH);
	assert_int_equal(add(0, 0, 0x0a0001fe, NULL), 0);
	assert_int_equal(route_lookup(&r.stack, r.ifc[1], &far, &way), 0);
	assert_int_equal(addr_v4(&way.next_hop), 0x0a0001fe);
	assert_int_equal(hop(FAR), GATEWAY);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(without_a_route_there_is_no_way),
		T(the_prefix_of_an_address_is_on_link),
		T(the_longest_prefix_wins),
		T(the_order_in_which_routes_are_added_does_not_matter),
		T(many_routes_agree_with_a_search_of_all),
		T(a_route_needs_a_gateway_on_some_link),
		T(the_same_route_twice_is_refused),
		T(the_table_is_bounded),
		T(deleting_takes_all_gateways_of_a_prefix),
		T(a_silent_gateway_yields_to_the_next),
		T(a_silent_gateway_is_tried_again_later),
		T(when_all_gateways_are_silent_the_first_is_as_good_as_any),
		T(a_destination_the_transport_hears_nothing_from_changes_gateway),
		T(with_one_gateway_there_is_nothing_to_avoid_it_for),
		T(a_redirect_is_for_one_destination_and_for_a_while),
		T(a_redirect_to_a_gateway_that_falls_silent_is_forgotten),
		T(redirects_are_bounded),
		T(an_interface_takes_its_routes_with_it),
		T(a_flush_leaves_what_our_addresses_say),
		T(a_route_by_one_interface_alone_can_be_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
