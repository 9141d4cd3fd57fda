/* iproute and arp as the administrator writes them (tree.md section 1, ip(3)). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/cable.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, routes_setup, cable_teardown)

#define ON_LINK "10.0.0.0        /120 10.0.0.0        4i   ifc    0 0.0.0.0         /96\n"

static int routes_setup(void **state)
{
	int err = cable_setup(state);

	cable_give(0x0a000002, 24);
	return err;
}

static int order(struct world *w, const char *command, const char *path)
{
	ssize_t n = echo(w, ROOT, command, path);

	return n < 0 ? (int)n : 0;
}

static int route(struct world *w, const char *command)
{
	return order(w, command, "/iproute");
}

static const char *err_of(struct world *w)
{
	return cat(w, ROOT, "/err");
}

/* --- iproute ----------------------------------------------------------------------------- */

static void a_route_is_listed_with_its_tag(void **state)
{
	assert_int_equal(route(*state, "add 0.0.0.0 /0 10.0.0.1"), 0);
	assert_string_equal(cat(*state, BOB, "/iproute"),
		"0.0.0.0         /96  10.0.0.1        4    none   0 0.0.0.0         /96\n" ON_LINK);
}

static void a_tag_holds_for_the_open_file_that_set_it(void **state)
{
	uint64_t one = opened(ask_open(*state, ROOT, "/iproute", O_W));
	static const char tag[] = "tag dhcp\nadd 10.1.0.0/16 10.0.0.1";

	assert_int_equal(outcome(ask_write(*state, ROOT, one, tag, strlen(tag), 0)), strlen(tag));
	assert_int_equal(
		outcome(ask_write(*state, ROOT, one, "add 10.2.0.0/16 10.0.0.1", 24, 0)), 24);
	assert_int_equal(route(*state, "add 10.3.0.0/16 10.0.0.1"), 0);
	close_file(*state, one);
	assert_string_equal(cat(*state, BOB, "/iproute"),
		"10.1.0.0        /112 10.0.0.1        4    dhcp   0 0.0.0.0         /96\n"
		"10.2.0.0        /112 10.0.0.1        4    dhcp   0 0.0.0.0         /96\n"
		"10.3.0.0        /112 10.0.0.1        4    none   0 0.0.0.0         /96\n" ON_LINK);
}

static void flush_takes_a_tag_or_all(void **state)
{
	assert_int_equal(route(*state,
				 "tag a\nadd 10.1.0.0/16 10.0.0.1\ntag b\n"
				 "add 10.2.0.0/16 10.0.0.1\nadd 10.3.0.0/16 10.0.0.1"),
		0);
	assert_int_equal(route(*state, "flush b"), 0);
	assert_null(strstr(cat(*state, BOB, "/iproute"), "10.2.0.0"));
	assert_null(strstr(cat(*state, BOB, "/iproute"), "10.3.0.0"));
	assert_non_null(strstr(cat(*state, BOB, "/iproute"), "10.1.0.0"));
	assert_int_equal(route(*state, "flush"), 0);
	assert_string_equal(cat(*state, BOB, "/iproute"), ON_LINK);
}

/* As `sed s/^/add / <iproute >iproute` of what was saved. */
static void what_is_read_can_be_written_again(void **state)
{
	char saved[1024] = "";
	char *line;
	char *rest = saved;

	assert_int_equal(route(*state,
				 "tag a\nadd 10.1.0.0/16 10.0.0.1\ntag b\n"
				 "add 0.0.0.0/0 10.0.0.1\nadd 10.3.0.0/16 0.0.0.0 tap7"),
		0);
	snprintf(saved, sizeof(saved), "%s", cat(*state, BOB, "/iproute"));
	assert_int_equal(route(*state, "flush"), 0);
	while ((line = strsep(&rest, "\n")) != NULL) {
		char command[256];

		if (*line == '\0' || strstr(line, " ifc ") != NULL)
			continue;
		snprintf(command, sizeof(command), "add %s", line);
		assert_int_equal(route(*state, command), 0);
	}
	assert_non_null(strstr(cat(*state, BOB, "/iproute"), "10.0.0.1        4    a "));
	assert_non_null(strstr(cat(*state, BOB, "/iproute"), "10.0.0.1        4    b "));
	assert_non_null(strstr(cat(*state, BOB, "/iproute"), "10.3.0.0        4i   b "));
	/* And taken away by the same words. */
	assert_int_equal(route(*state, "del 10.3.0.0 /112 10.3.0.0 4i b 0 0.0.0.0 /96"), 0);
	assert_null(strstr(cat(*state, BOB, "/iproute"), "10.3.0.0"));
}

static void one_of_two_gateways_is_taken_away(void **state)
{
	assert_int_equal(route(*state, "add 0.0.0.0/0 10.0.0.1\nadd 0.0.0.0/0 10.0.0.3"), 0);
	assert_int_equal(route(*state, "remove 0.0.0.0/0 10.0.0.9"), -ENOENT);
	assert_int_equal(route(*state, "remove 0.0.0.0/0 10.0.0.1"), 0);
	assert_null(strstr(cat(*state, BOB, "/iproute"), "10.0.0.1 "));
	assert_non_null(strstr(cat(*state, BOB, "/iproute"), "10.0.0.3 "));
	assert_int_equal(route(*state, "del 0.0.0.0/0"), 0);
	assert_string_equal(cat(*state, BOB, "/iproute"), ON_LINK);
}

static void the_interface_of_a_route_is_named_in_any_way(void **state)
{
	static const char *const ways[] = { "0", "tap7", "10.0.0.2" };

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		char command[64];

		snprintf(command, sizeof(command), "add 10.9.0.0/16 10.0.0.1 %s", ways[i]);
		assert_int_equal(route(*state, command), 0);
		assert_int_equal(route(*state, "del 10.9.0.0/16"), 0);
	}
}

static void what_no_route_can_be_is_refused_in_words(void **state)
{
	static const struct {
		const char *command;
		int err;
		const char *words;
	} cases[] = {
		{ "tag", -EINVAL, "tag: expected a tag of at most 4 characters, got nothing" },
		{ "tag gated", -EINVAL,
			"tag: expected a tag of at most 4 characters, got \"gated\"" },
		{ "flush gated", -EINVAL,
			"flush: expected a tag of at most 4 characters, got \"gated\"" },
		{ "add 10.1.0.0/16", -EINVAL,
			"add: expected ADDRESS /BITS GATEWAY, got \"10.1.0.0/16\"" },
		{ "add 10.1.0.0/16 10.0.0.1 9", -EINVAL,
			"add: expected an interface: its number, or our address there, got \"9\"" },
		{ "add 10.1.0.0/16 10.0.0.1 10.0.0.9", -EADDRNOTAVAIL,
			"add: not an address of ours; ipselftab lists them" },
		{ "add 10.1.0.0/16 10.0.0.1 10.2.0.0 /16", -EOPNOTSUPP,
			"add: routes do not ask where from; leave the source out" },
		{ "add 10.1.0.0/16 10.0.0.1 0.0.0.0/0 x", -EINVAL,
			"add: expected nothing more, got \"x\"" },
		{ "add 10.1.0.0 /16 10.0.0.1 5 none 0 0.0.0.0 /0", -EINVAL,
			"add: expected 4 or 4i, got \"5\"" },
		{ "add 10.1.0.0/16 10.0.0.2", -EINVAL,
			"add: a route goes by another host, or straight by a device that is "
			"named" },
		{ "add 10.1.0.0/16 0.0.0.0", -EINVAL,
			"add: a route goes by another host, or straight by a device that is "
			"named" },
		{ "add 10.1.0.0 /16 10.0.0.1 4 none 0 0.0.0.0 /0 x", -EINVAL,
			"add: expected nothing more, got \"x\"" },
		{ "add 10.1.0.0/16 10.0.0.1 4 none 0 0.0.0.0 /0 x", -EINVAL,
			"add: expected nothing more, got \"x\"" },
		{ "burn", -EINVAL,
			"burn: no such verb; there are add, del, flush, remove and tag" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char words[160];

		assert_int_equal(route(*state, cases[i].command), cases[i].err);
		snprintf(words, sizeof(words), "iproute: %s\n", cases[i].words);
		assert_string_equal(err_of(*state), words);
	}
}

/* --- arp --------------------------------------------------------------------------------- */

#define NEIGHBOUR "ether  OK   10.0.0.9                                 02000a000009     10.0.0.2\n"

static void a_neighbour_is_added_in_every_form_of_ip_3(void **state)
{
	static const char *const forms[] = { "add 10.0.0.9 02000a000009",
		"add ether 10.0.0.9 02:00:0a:00:00:09",
		"add ether 10.0.0.9 02000A000009 10.0.0.2" };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		assert_int_equal(order(*state, forms[i], "/arp"), 0);
		assert_string_equal(cat(*state, BOB, "/arp"), NEIGHBOUR);
		assert_int_equal(order(*state, "del 10.0.0.9", "/arp"), 0);
		assert_string_equal(cat(*state, BOB, "/arp"), "");
	}
}

static void what_was_added_stays_through_a_flush(void **state)
{
	assert_int_equal(order(*state, "add 10.0.0.9 02000a000009", "/arp"), 0);
	assert_int_equal(order(*state, "flush", "/arp"), 0);
	assert_string_equal(cat(*state, BOB, "/arp"), NEIGHBOUR);
}

static void what_no_neighbour_can_be_is_refused_in_words(void **state)
{
	static const struct {
		const char *command;
		int err;
		const char *words;
	} cases[] = {
		{ "add pkt 10.0.0.9 02000a000009", -EINVAL, "add: expected ether, got \"pkt\"" },
		{ "del pkt 10.0.0.9", -EINVAL, "del: expected ether, got \"pkt\"" },
		{ "add ether 10.0.0.9 02000a000009 10.0.0.9", -EADDRNOTAVAIL,
			"add: not an address of ours; ipselftab lists them" },
		{ "add 224.0.0.1 02000a000009", -EINVAL,
			"add: not one host's address, or not one station's" },
		{ "add 10.0.0.9 01000a000009", -EINVAL,
			"add: not one host's address, or not one station's" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char words[160];

		assert_int_equal(order(*state, cases[i].command, "/arp"), cases[i].err);
		snprintf(words, sizeof(words), "arp: %s\n", cases[i].words);
		assert_string_equal(err_of(*state), words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_route_is_listed_with_its_tag),
		CASE(a_tag_holds_for_the_open_file_that_set_it),
		CASE(flush_takes_a_tag_or_all),
		CASE(what_is_read_can_be_written_again),
		CASE(one_of_two_gateways_is_taken_away),
		CASE(the_interface_of_a_route_is_named_in_any_way),
		CASE(what_no_route_can_be_is_refused_in_words),
		CASE(a_neighbour_is_added_in_every_form_of_ip_3),
		CASE(what_was_added_stays_through_a_flush),
		CASE(what_no_neighbour_can_be_is_refused_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
