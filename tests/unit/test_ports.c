/*
 * Who has which address and port, and how one is chosen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/limits.h"
#include "../../stack/ports.h"
#include "../lib/region.h"

#define TCP 6
#define UDP 17

static struct box {
	struct arena arena;
	struct ports ports;
	struct random random;
	struct tuple one, two;
} box;

static int box_open(void **state)
{
	const struct hash_key key = { 1, 2 };

	(void)state;
	memset(&box, 0, sizeof(box));
	region_take(&box.arena, (size_t)16 << 20);
	assert_int_equal(ports_init(&box.ports, &box.arena, &key, 65536), 0);
	seeded(&box.random);
	return 0;
}

static int box_close(void **state)
{
	(void)state;
	ports_check(&box.ports);
	region_give_back(&box.arena);
	return 0;
}

static struct endpoint at(uint32_t v4, uint16_t port)
{
	struct endpoint e = { .port = port };

	if (v4)
		e.addr = addr_from_v4(v4);
	return e;
}

static struct tuple tuple(uint8_t protocol, struct endpoint local, struct endpoint remote)
{
	return (struct tuple){ .protocol = protocol, .local = local, .remote = remote };
}

static const struct endpoint unset;

static struct tuple *listener_at(struct endpoint local)
{
	return ports_listener(&box.ports, TCP, &local);
}

static struct tuple *clash_at(struct endpoint local)
{
	return ports_clash(&box.ports, TCP, &local);
}

/* --- finding ------------------------------------------------------------------------- */

static void a_tuple_is_found_by_all_its_parts_and_no_other(void **state)
{
	struct endpoint local = at(1, 80), remote = at(2, 1000), other = at(2, 1001);
	struct tuple *t = &box.one;

	(void)state;
	*t = tuple(TCP, local, remote);
	assert_int_equal(ports_enter(&box.ports, t), 0);
	assert_ptr_equal(ports_find(&box.ports, TCP, &local, &remote), t);
	assert_null(ports_find(&box.ports, UDP, &local, &remote));
	assert_null(ports_find(&box.ports, TCP, &local, &other));
	assert_null(ports_find(&box.ports, TCP, &remote, &local));
	ports_leave(&box.ports, t);
	assert_null(ports_find(&box.ports, TCP, &local, &remote));
}

static void the_same_tuple_is_refused_a_second_time(void **state)
{
	struct tuple *t = &box.one, *again = &box.two;

	(void)state;
	*t = *again = tuple(TCP, at(1, 80), at(2, 1000));
	assert_int_equal(ports_enter(&box.ports, t), 0);
	assert_int_equal(ports_enter(&box.ports, again), -EADDRINUSE);
	assert_false(again->is_entered);
	ports_leave(&box.ports, t);
}

static void leaving_twice_does_nothing(void **state)
{
	struct tuple *t = &box.one;

	(void)state;
	*t = tuple(TCP, at(1, 80), unset);
	assert_int_equal(ports_enter(&box.ports, t), 0);
	ports_leave(&box.ports, t);
	ports_leave(&box.ports, t);
	assert_int_equal(box.ports.entered, 0);
}

/* --- listeners ----------------------------------------------------------------------- */

/* T-12 */
static void a_listener_on_the_address_comes_before_one_on_any(void **state)
{
	struct tuple *any = &box.one, *exact = &box.two;

	(void)state;
	*any = tuple(TCP, at(0, 80), unset);
	*exact = tuple(TCP, at(7, 80), unset);
	assert_int_equal(ports_enter(&box.ports, exact), 0);
	assert_int_equal(ports_enter(&box.ports, any), 0);
	assert_ptr_equal(listener_at(at(7, 80)), exact);
	assert_ptr_equal(listener_at(at(8, 80)), any);
	assert_null(listener_at(at(7, 81)));
}

static void a_connected_tuple_is_no_listener(void **state)
{
	struct tuple *t = &box.one;

	(void)state;
	*t = tuple(TCP, at(7, 80), at(9, 9));
	assert_int_equal(ports_enter(&box.ports, t), 0);
	assert_null(listener_at(at(7, 80)));
}

static void a_bound_port_is_no_listener_but_clashes(void **state)
{
	struct tuple *t = &box.one;

	(void)state;
	*t = tuple(TCP, at(7, 80), unset);
	t->kind = TUPLE_BOUND;
	assert_int_equal(ports_enter(&box.ports, t), 0);
	assert_null(listener_at(at(7, 80)));
	assert_ptr_equal(clash_at(at(7, 80)), t);
}

static void any_clashes_with_every_address_of_the_port(void **state)
{
	struct tuple *t = &box.one;

	(void)state;
	*t = tuple(TCP, at(7, 80), unset);
	assert_int_equal(ports_enter(&box.ports, t), 0);
	assert_ptr_equal(clash_at(at(0, 80)), t);
	assert_null(clash_at(at(8, 80)));
	assert_null(clash_at(at(0, 81)));
	ports_leave(&box.ports, t);
	t->local = at(0, 80);
	assert_int_equal(ports_enter(&box.ports, t), 0);
	assert_ptr_equal(clash_at(at(8, 80)), t);
}

static void a_connected_tuple_clashes_with_no_listener(void **state)
{
	struct tuple *t = &box.one;

	(void)state;
	*t = tuple(TCP, at(7, 80), at(9, 9));
	assert_int_equal(ports_enter(&box.ports, t), 0);
	assert_null(clash_at(at(7, 80)));
}

static void a_port_has_a_limited_number_of_listeners(void **state)
{
	static struct tuple many[LIMIT_PORT_LISTENERS + 1];

	(void)state;
	for (uint32_t i = 0; i < LIMIT_PORT_LISTENERS; i++) {
		many[i] = tuple(TCP, at(0x7f000001 + i, 80), unset);
		assert_int_equal(ports_enter(&box.ports, &many[i]), 0);
	}
	many[LIMIT_PORT_LISTENERS] = tuple(TCP, at(0x7f100001, 80), unset);
	assert_int_equal(ports_enter(&box.ports, &many[LIMIT_PORT_LISTENERS]), -ENOBUFS);
}

/* --- choosing ------------------------------------------------------------------------ */

static uint16_t pick(uint32_t local, struct endpoint remote)
{
	struct endpoint from = at(local, 0);

	return ports_pick(&box.ports, &box.random, TCP, &from.addr, &remote);
}

static void picked_ports_lie_in_the_range(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 10000; i++)
		assert_in_range(pick(1, at(i + 1, 80)), PORTS_LOW, PORTS_HIGH);
}

/* U-11: 48 classes; a chi-square of 47 degrees of freedom is over 110 once in a million times. */
static void assert_spread(const uint32_t *seen, uint32_t n)
{
	double expected = (double)n / 48, sum = 0;

	for (unsigned i = 0; i < 48; i++)
		sum += (seen[i] - expected) * (seen[i] - expected) / expected;
	assert_true(sum < 110);
}

/* T-33 */
static void ports_towards_one_remote_are_spread(void **state)
{
	static struct tuple many[1000];
	uint32_t seen[48] = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		uint16_t port = pick(1, at(2, 80));

		many[i] = tuple(TCP, at(1, port), at(2, 80));
		assert_int_equal(ports_enter(&box.ports, &many[i]), 0); /* not in use */
		seen[(port - PORTS_LOW) / 1024]++;
	}
	assert_spread(seen, 1000);
}

static void ports_towards_many_remotes_are_spread(void **state)
{
	uint32_t seen[48] = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 100000; i++)
		seen[(pick(1, at(random_u32(&box.random) | 1, 80)) - PORTS_LOW) / 1024]++;
	assert_spread(seen, 100000);
}

static void a_listeners_port_is_passed_over(void **state)
{
	static struct tuple many[PORTS_HIGH - PORTS_LOW];
	uint32_t free_port = PORTS_LOW + 4711, n = 0;

	(void)state;
	for (uint32_t port = PORTS_LOW; port <= PORTS_HIGH; port++) {
		if (port == free_port)
			continue;
		many[n] = tuple(TCP, at(0, (uint16_t)port), unset);
		assert_int_equal(ports_enter(&box.ports, &many[n++]), 0);
	}
	assert_int_equal(pick(1, at(2, 80)), free_port);
	assert_int_equal(pick(0, unset), free_port);
}

static void when_all_are_taken_none_is_picked(void **state)
{
	static struct tuple many[PORTS_HIGH - PORTS_LOW + 1];

	(void)state;
	for (uint32_t i = 0; i < ARRAY_LEN(many); i++) {
		many[i] = tuple(TCP, at(1, (uint16_t)(PORTS_LOW + i)), at(2, 80));
		assert_int_equal(ports_enter(&box.ports, &many[i]), 0);
	}
	assert_int_equal(pick(1, at(2, 80)), 0);
	assert_int_not_equal(pick(1, at(2, 81)), 0);
}

/* --- in bulk ------------------------------------------------------------------------- */

/* 100,000 tuples of one attacker. */
static void chains_stay_short(void **state)
{
	static struct tuple many[100000];
	uint32_t longest = 0;

	(void)state;
	for (uint32_t i = 0; i < ARRAY_LEN(many); i++) {
		many[i] = tuple(TCP, at(1, 80), at(0x0a000000 + i / 50000, (uint16_t)(i % 50000)));
		assert_int_equal(ports_enter(&box.ports, &many[i]), 0);
	}
	for (uint32_t i = 0; i <= box.ports.mask; i++) {
		uint32_t len = 0;

		for (const struct tuple *t = box.ports.chains[i]; t; t = t->next)
			len++;
		longest = max_u32(longest, len);
	}
	assert_in_range(longest, 1, 16);
}

static void any_order_of_entering_and_leaving_keeps_the_table_whole(void **state)
{
	static struct tuple many[500];

	(void)state;
	for (uint32_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = tuple(
			TCP, at(i % 5, (uint16_t)(1 + i % 50)), i % 3 ? at(i, (uint16_t)i) : unset);
	for (uint32_t i = 0; i < steps(20000); i++) {
		struct tuple *t = &many[random_below(&box.random, ARRAY_LEN(many))];

		if (t->is_entered)
			ports_leave(&box.ports, t);
		else if (ports_enter(&box.ports, t) == 0)
			assert_ptr_equal(ports_find(&box.ports, TCP, &t->local, &t->remote), t);
	}
	ports_check(&box.ports);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, box_open, box_close)
	const struct CMUnitTest tests[] = {
		TEST(a_tuple_is_found_by_all_its_parts_and_no_other),
		TEST(the_same_tuple_is_refused_a_second_time),
		TEST(leaving_twice_does_nothing),
		TEST(a_listener_on_the_address_comes_before_one_on_any),
		TEST(a_connected_tuple_is_no_listener),
		TEST(a_bound_port_is_no_listener_but_clashes),
		TEST(any_clashes_with_every_address_of_the_port),
		TEST(a_connected_tuple_clashes_with_no_listener),
		TEST(a_port_has_a_limited_number_of_listeners),
		TEST(picked_ports_lie_in_the_range),
		TEST(ports_towards_one_remote_are_spread),
		TEST(ports_towards_many_remotes_are_spread),
		TEST(a_listeners_port_is_passed_over),
		TEST(when_all_are_taken_none_is_picked),
		TEST(chains_stay_short),
		TEST(any_order_of_entering_and_leaving_keeps_the_table_whole),
	};

	return cmocka_run_group_tests_name("ports", tests, NULL, NULL);
}
