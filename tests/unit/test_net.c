/*
 * The administrator's calls: what they refuse, and what they show.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>

#include <cmocka.h>

#include "../../stack/base/text.h"
#include "../lib/rooms.h"
#include "../lib/told.h"

static struct rooms r;

static int open_rooms(void **state)
{
	(void)state;
	rooms_open(&r, LINK_CSUM);
	return 0;
}

static int close_rooms(void **state)
{
	(void)state;
	rooms_close(&r);
	return 0;
}

static int add(uint32_t ip, unsigned bits)
{
	struct addr a = v4(ip);

	return net_addr_add(&r.stack, r.ifc[0], &a, 96 + bits, NET_ADDR_UNPROBED);
}

static void an_address_must_be_one_host_s(void **state)
{
	static const uint32_t bad[] = { 0, 1, 0x7f000001, 0xe0000001, 0xffffffff, 0xf0000001,
		0x0a020000, 0x0a0200ff };
	struct addr six = { .b = { 0x20, 1, [15] = 1 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(add(bad[i], 24), -EINVAL);
	assert_int_equal(add(0x0a020001, 33), -EINVAL);
	assert_int_equal(add(0x0a020001, 0), -EINVAL);
	assert_int_equal(
		net_addr_add(&r.stack, r.ifc[0], &six, 64, NET_ADDR_UNPROBED), -EAFNOSUPPORT);
	assert_int_equal(add(0x0a020001, 32), 0);
	assert_int_equal(add(0x0a020002, 31), 0);
}

static void an_address_is_given_once_in_all(void **state)
{
	struct addr a = v4(ROOMS_IP);

	(void)state;
	assert_int_equal(add(ROOMS_IP, 24), -EEXIST);
	assert_int_equal(net_addr_add(&r.stack, r.ifc[1], &a, 120, NET_ADDR_UNPROBED), -EEXIST);
}

/* 10.0.0.1/24 is ours; 10.0.0.255 is everybody there, and 10.0.3.255 would be. */
static void everybody_s_address_of_another_prefix_is_refused(void **state)
{
	(void)state;
	assert_int_equal(add(0x0a0000ff, 16), -EADDRINUSE);
	assert_int_equal(add(0x0a0003ff, 16), 0);
	assert_int_equal(add(0x0a000301, 24), -EADDRINUSE);
	assert_int_equal(add(0x0a0000fe, 16), 0);
}

static void addresses_are_bounded(void **state)
{
	unsigned n = 2;

	(void)state;
	while (add(0x0a030000 + n, 16) == 0)
		n++;
	assert_int_equal(n, LIMIT_ADDRS);
	assert_int_equal(add(0x0a030000 + n, 16), -ENOSPC);
}

static void a_deleted_address_is_no_longer_ours(void **state)
{
	struct addr a = v4(ROOMS_IP);
	struct ip_send how = { .src = a, .dst = v4(ROOMS_PEER), .protocol = IP_UDP };

	(void)state;
	assert_int_equal(net_addr_del(&r.stack, r.ifc[1], &a), -EADDRNOTAVAIL);
	assert_int_equal(net_addr_del(&r.stack, r.ifc[0], &a), 0);
	assert_int_equal(net_addr_del(&r.stack, r.ifc[0], &a), -EADDRNOTAVAIL);
	assert_int_equal(net_addr_state(&r.stack, &a), -EADDRNOTAVAIL);
	assert_int_equal(rooms_send(&r, &how, 1), -EADDRNOTAVAIL);
}

static unsigned mtu_of(unsigned link)
{
	struct addr dst = v4(link == 0 ? ROOMS_PEER : ROOMS_IP_TWO + 1);

	return ip_mtu(&r.stack, &dst);
}

static void the_mtu_is_the_least_of_what_is_asked_for_and_what_the_link_has(void **state)
{
	(void)state;
	assert_int_equal(net_ifc_set_mtu(&r.stack, r.ifc[0], 1501), -EINVAL);
	assert_int_equal(net_ifc_set_mtu(&r.stack, r.ifc[0], LIMIT_MTU_MIN - 1), -EINVAL);
	assert_int_equal(net_ifc_set_mtu(&r.stack, r.ifc[0], 1400), 0);
	assert_int_equal(mtu_of(0), 1400);
	assert_int_equal(mtu_of(1), 1500);
	r.links[0].link.mtu = 1300;
	stack_link_changed(&r.stack, r.ifc[0], true);
	assert_int_equal(mtu_of(0), 1300);
	r.links[0].link.mtu = 9000;
	stack_link_changed(&r.stack, r.ifc[0], true);
	assert_int_equal(mtu_of(0), 1400);
}

static void an_mtu_that_is_out_of_range_counts_as_the_next_in_range(void **state)
{
	(void)state;
	r.links[0].link.mtu = 68;
	stack_link_changed(&r.stack, r.ifc[0], true);
	assert_int_equal(mtu_of(0), LIMIT_MTU_MIN);
	r.links[0].link.mtu = 65535;
	stack_link_changed(&r.stack, r.ifc[0], true);
	assert_int_equal(mtu_of(0), LIMIT_MTU_MAX);
}

static void the_loopback_prefix_is_always_ours(void **state)
{
	struct addr a = v4(0x7f000001);

	(void)state;
	assert_int_equal(net_addr_state(&r.stack, &a), 0);
	assert_true(ip_is_ours(&r.stack, &a));
}

static void routes_of_no_family_we_speak_are_refused(void **state)
{
	struct addr six = { .b = { 0x20, 1 } };
	struct addr dst = v4(0), gateway = v4(ROOMS_PEER);

	(void)state;
	assert_int_equal(net_route_add(&r.stack, &six, 64, &six, NULL), -EAFNOSUPPORT);
	assert_int_equal(net_route_add(&r.stack, &dst, 95, &gateway, NULL), -EAFNOSUPPORT);
	assert_int_equal(net_route_add(&r.stack, &dst, 129, &gateway, NULL), -EINVAL);
	assert_int_equal(net_route_add(&r.stack, &dst, 104, &addr_any, r.ifc[0]), 0);
}

/* The lines of a table, each with its end. */
static const char *lines(bool (*line_of)(const struct stack *s, unsigned i, struct text *line))
{
	static char all[2000];
	struct text t = text_over(all, sizeof(all));
	char one[200];

	for (unsigned i = 0;; i++) {
		struct text line = text_over(one, sizeof(one));

		if (!line_of(&r.stack, i, &line))
			return all;
		text_put(&t, one);
		text_put(&t, "|\n");
	}
}

static const char *self_lines(void)
{
	static char all[2000];
	struct text t = text_over(all, sizeof(all));
	char one[200];
	unsigned at = 0;

	for (;;) {
		struct text line = text_over(one, sizeof(one));

		if (!net_self_line(&r.stack, &at, &line))
			return all;
		text_put(&t, one);
		text_put(&t, "|\n");
	}
}

static void routes_are_listed_in_9front_s_columns(void **state)
{
	struct addr dst = v4(0), gateway = v4(ROOMS_PEER);

	(void)state;
	assert_int_equal(net_route_add(&r.stack, &dst, 96, &gateway, NULL), 0);
	assert_string_equal(lines(net_route_line),
		"0.0.0.0         /96  10.0.0.9        4    none   0 0.0.0.0         /96|\n"
		"10.0.0.0        /120 10.0.0.0        4i   ifc    0 0.0.0.0         /96|\n"
		"10.0.1.0        /120 10.0.1.0        4i   ifc    2 0.0.0.0         /96|\n");
}

static void neighbours_are_listed_in_9front_s_columns(void **state)
{
	struct ip_send how = { .src = v4(ROOMS_IP), .dst = v4(0x0a000010), .protocol = IP_UDP };

	(void)state;
	assert_int_equal(rooms_send(&r, &how, 1), 0);
	assert_string_equal(lines(net_neigh_line),
		"ether  OK   10.0.0.9                                 02000a000009     10.0.0.1|\n"
		"ether  WAIT 10.0.0.16                                                 "
		"10.0.0.1|\n");
}

static void our_addresses_are_listed_in_9front_s_columns(void **state)
{
	(void)state;
	assert_string_equal(self_lines(),
		"10.0.0.1                                     01 4u|\n"
		"10.0.0.255                                   01 4b|\n"
		"224.0.0.1                                    02 4m|\n"
		"127.0.0.1                                    01 4u|\n"
		"10.0.1.1                                     01 4u|\n"
		"10.0.1.255                                   01 4b|\n");
}

/* Whoever reads it holds up everybody: with all the groups that there can be it takes 100 ms of
 * the processor's time at most, sanitizers and all, or the timer ends us. */
static void our_addresses_with_every_group_are_listed_soon(void **state)
{
	const struct itimerval soon = { .it_value = { .tv_usec = 100000 } };
	const struct itimerval never = { .it_value = { .tv_sec = 0 } };
	char words[128];
	unsigned lines_n = 0;
	unsigned at = 0;

	(void)state;
	for (unsigned i = 0; i < LIMIT_GROUPS; i++) {
		struct addr group = v4(0xef000001 + i);

		assert_int_equal(net_group_add(&r.stack, r.ifc[0], &group), 0);
	}
	assert_int_equal(setitimer(ITIMER_VIRTUAL, &soon, NULL), 0);
	for (;; lines_n++) {
		struct text line = text_over(words, sizeof(words));

		if (!net_self_line(&r.stack, &at, &line))
			break;
	}
	assert_int_equal(setitimer(ITIMER_VIRTUAL, &never, NULL), 0);
	assert_int_equal(lines_n, 6 + LIMIT_GROUPS);
}

static struct told told;

static uint64_t number(const char *name)
{
	const struct told_item *item = told_find(&told, name);

	assert_non_null(item);
	return item->number;
}

static const char *words(const char *name)
{
	const struct told_item *item = told_find(&told, name);

	assert_non_null(item);
	return item->text;
}

static void an_interface_tells_what_it_is_and_did(void **state)
{
	(void)state;
	told_init(&told);
	net_describe_ifc(r.ifc[0], &told.describer);
	assert_string_equal(words("device"), "one");
	assert_string_equal(words("mac"), "02:00:0a:00:00:01");
	assert_int_equal(number("mtu_bytes"), 1500);
	assert_int_equal(number("frames_out"), 1);
	assert_string_equal(words("address"), "10.0.0.1");
	assert_int_equal(number("prefix_bits"), 24);
	assert_string_equal(words("state"), "used");
}

static void routes_and_neighbours_tell_what_they_are(void **state)
{
	(void)state;
	told_init(&told);
	net_describe_routes(&r.stack, &told.describer);
	assert_string_equal(words("destination"), "10.0.0.0");
	assert_string_equal(words("kind"), "on-link");
	told_init(&told);
	net_describe_neighbours(&r.stack, &told.describer);
	assert_string_equal(words("address"), "10.0.0.9");
	assert_string_equal(words("state"), "PERMANENT");
	assert_string_equal(words("mac"), "02:00:0a:00:00:09");
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_address_must_be_one_host_s),
		T(an_address_is_given_once_in_all),
		T(everybody_s_address_of_another_prefix_is_refused),
		T(addresses_are_bounded),
		T(a_deleted_address_is_no_longer_ours),
		T(the_mtu_is_the_least_of_what_is_asked_for_and_what_the_link_has),
		T(an_mtu_that_is_out_of_range_counts_as_the_next_in_range),
		T(the_loopback_prefix_is_always_ours),
		T(routes_of_no_family_we_speak_are_refused),
		T(routes_are_listed_in_9front_s_columns),
		T(neighbours_are_listed_in_9front_s_columns),
		T(our_addresses_are_listed_in_9front_s_columns),
		T(our_addresses_with_every_group_are_listed_soon),
		T(an_interface_tells_what_it_is_and_did),
		T(routes_and_neighbours_tell_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
