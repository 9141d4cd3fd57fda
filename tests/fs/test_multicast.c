/* Groups through the tree: announce on one, addmulti, data, poll, and what the tables say. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/cable.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, multicast_setup, cable_teardown)

static int multicast_setup(void **state)
{
	int err = cable_setup(state);

	cable_give(0x0a000002, 24);
	return err;
}

/* A conversation of the group's, in it on lo. */
static struct end member(struct world *w)
{
	struct end e = end_open(w, "udp");

	assert_true(write_text(w, e.ctl, "announce 239.1.1.1!5000\naddmulti 127.0.0.1") > 0);
	return e;
}

static bool is_listed(struct world *w, const char *line)
{
	return strstr(cat(w, BOB, "/ipselftab"), line) != NULL;
}

static void what_is_written_to_a_group_is_read_by_all_in_it(void **state)
{
	struct end one = member(*state);
	struct end two = member(*state);
	struct asked *read = ask_read(*state, ALICE, two.data, 100, 0);

	assert_false(read->is_answered);
	assert_int_equal(write_text(*state, one.data, "hello"), 5);
	world_turn(*state);
	assert_true(read->is_answered);
	assert_int_equal(read->result, 5);
	assert_memory_equal(read->bytes, "hello", 5);
	asked_free(read);
	assert_string_equal(read_text(*state, one.data), "hello");
	end_close(*state, &one);
	end_close(*state, &two);
}

static void a_group_s_conversation_says_what_it_is(void **state)
{
	struct end e = member(*state);

	assert_string_equal(cat(*state, BOB, end_path(&e, "local")), "239.1.1.1!5000\n");
	assert_string_equal(cat(*state, BOB, end_path(&e, "remote")), "::!0\n");
	assert_memory_equal(cat(*state, BOB, end_path(&e, "status")), "Announced", 9);
	assert_non_null(strstr(cat(*state, ALICE, end_path(&e, "stats")), "\"239.1.1.1\""));
	end_close(*state, &e);
}

static void a_group_s_data_is_polled_like_a_connected_one_s(void **state)
{
	struct end e = member(*state);
	struct token token = { 0 };

	assert_int_equal(poll_file(*state, e.data, &token) & (POLLIN | POLLOUT | POLLHUP), POLLOUT);
	assert_int_equal(write_text(*state, e.data, "hello"), 5);
	world_turn(*state);
	assert_true(token.notified > 0);
	assert_int_equal(
		poll_file(*state, e.data, NULL) & (POLLIN | POLLOUT | POLLHUP), POLLIN | POLLOUT);
	end_close(*state, &e);
}

static void a_group_s_conversation_takes_no_calls(void **state)
{
	struct end e = member(*state);

	assert_int_equal(open_error(*state, ALICE, end_path(&e, "listen"), O_R), -EINVAL);
	assert_string_equal(
		cat(*state, ALICE, end_path(&e, "err")), "listen: nothing is announced here\n");
	end_close(*state, &e);
}

static void a_name_that_ends_leaves_the_group(void **state)
{
	assert_int_equal(make_dir(*state, ALICE, "/udp/m"), 0);
	assert_true(echo(*state, ALICE, "announce 239.1.1.1!5000\naddmulti 10.0.0.2",
			    "/udp/m/ctl") > 0);
	assert_true(is_listed(*state, "239.1.1.1                                    01 4m\n"));
	assert_non_null(strstr(cat(*state, BOB, "/ipifc/0/local"), " 239.1.1.1\n"));
	assert_int_equal(remove_dir(*state, ALICE, "/udp/m"), 0);
	assert_false(is_listed(*state, "239.1.1.1 "));
	world_sleep(*state, 2 * USEC_PER_SEC);
}

static void a_group_on_two_interfaces_is_one_line(void **state)
{
	struct end inside = member(*state);
	struct end outside = end_open(*state, "udp");

	assert_true(write_text(*state, outside.ctl, "addmulti 10.0.0.2 239.1.1.1") > 0);
	assert_true(is_listed(*state, "239.1.1.1                                    02 4m\n"));
	end_close(*state, &inside);
	end_close(*state, &outside);
	world_sleep(*state, 2 * USEC_PER_SEC);
}

struct refusal {
	const char *command;
	int err;
	const char *words;
};

static void what_cannot_be_joined_is_told_in_err(void **state)
{
	static const struct refusal cases[] = {
		{ "addmulti 10.0.0.2 10.0.0.9", -EINVAL,
			"addmulti: expected a group, 224.0.0.0 to 239.255.255.255, got "
			"\"10.0.0.9\"" },
		{ "addmulti 10.0.0.2", -EINVAL, "addmulti: expected IFADDR GROUP" },
		{ "addmulti 10.0.0.9 239.1.1.1", -EADDRNOTAVAIL,
			"addmulti: not an address of ours; ipselftab lists them" },
		{ "remmulti 10.0.0.2 239.1.1.1", -EADDRNOTAVAIL,
			"remmulti: it is not in this group there" },
		{ "connect 127.0.0.1!5000\naddmulti 10.0.0.2 239.1.1.1", 0,
			"addmulti: connected, it hears its peer alone; announce [GROUP!]PORT" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct end e = end_open(*state, "udp");
		ssize_t n = write_text(*state, e.ctl, cases[i].command);
		char words[160];

		assert_int_equal(n < 0 ? n : 0, cases[i].err);
		snprintf(words, sizeof(words), "%s\n", cases[i].words);
		assert_string_equal(cat(*state, ALICE, end_path(&e, "err")), words);
		end_close(*state, &e);
	}
}

static void only_udp_has_groups(void **state)
{
	struct end tcp = end_open(*state, "tcp");
	struct end icmp = end_open(*state, "icmp");

	assert_int_equal(write_text(*state, tcp.ctl, "addmulti 10.0.0.2 239.1.1.1"), -EOPNOTSUPP);
	assert_int_equal(write_text(*state, icmp.ctl, "addmulti 10.0.0.2 239.1.1.1"), -EOPNOTSUPP);
	assert_int_equal(write_text(*state, tcp.ctl, "announce 239.1.1.1!5000"), -EADDRNOTAVAIL);
	end_close(*state, &tcp);
	end_close(*state, &icmp);
}

static void one_user_is_told_when_he_has_his_share_of_groups(void **state)
{
	struct end e[7];
	ssize_t n = 0;

	for (unsigned i = 0; i < ARRAY_LEN(e); i++) {
		e[i] = end_open(*state, "udp");
		for (unsigned k = 0; k < 20 && n >= 0; k++) {
			char command[64];

			snprintf(command, sizeof(command), "addmulti 127.0.0.1 239.%u.0.%u", i, k);
			n = write_text(*state, e[i].ctl, command);
		}
	}
	assert_int_equal(n, -EDQUOT);
	assert_non_null(strstr(cat(*state, ALICE, end_path(&e[6], "err")), "addmulti: "));
	for (unsigned i = 0; i < ARRAY_LEN(e); i++)
		end_close(*state, &e[i]);
}

static void the_administrator_joins_for_everybody(void **state)
{
	assert_true(echo(*state, ROOT, "addmulti 239.1.1.1", "/ipifc/0/ctl") > 0);
	assert_true(is_listed(*state, "239.1.1.1 "));
	assert_int_equal(echo(*state, ROOT, "addmulti 10.0.0.9", "/ipifc/0/ctl"), -EINVAL);
	assert_string_equal(cat(*state, ROOT, "/err"),
		"ipifc/0: addmulti: expected a group, 224.0.0.0 to 239.255.255.255, got "
		"\"10.0.0.9\"\n");
	assert_true(echo(*state, ROOT, "remmulti 239.1.1.1", "/ipifc/0/ctl") > 0);
	assert_false(is_listed(*state, "239.1.1.1 "));
	assert_int_equal(echo(*state, ROOT, "remmulti 239.1.1.1", "/ipifc/0/ctl"), -EADDRNOTAVAIL);
	assert_string_equal(
		cat(*state, ROOT, "/err"), "ipifc/0: remmulti: it was not added here\n");
	world_sleep(*state, 2 * USEC_PER_SEC);
}

static void a_device_that_goes_ends_what_is_the_group_s(void **state)
{
	struct end e = end_open(*state, "udp");

	assert_true(write_text(*state, e.ctl, "announce 239.1.1.1!5000\naddmulti 10.0.0.2") > 0);
	stack_detach(cable.world.stack, cable.ifc);
	fs_device_gone(cable.world.fs);
	world_turn(*state);
	assert_string_equal(read_text(*state, e.data), "errno 5");
	assert_false(is_listed(*state, "239.1.1.1 "));
	end_close(*state, &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_written_to_a_group_is_read_by_all_in_it),
		CASE(a_group_s_conversation_says_what_it_is),
		CASE(a_group_s_data_is_polled_like_a_connected_one_s),
		CASE(a_group_s_conversation_takes_no_calls),
		CASE(a_name_that_ends_leaves_the_group),
		CASE(a_group_on_two_interfaces_is_one_line),
		CASE(what_cannot_be_joined_is_told_in_err),
		CASE(only_udp_has_groups),
		CASE(one_user_is_told_when_he_has_his_share_of_groups),
		CASE(the_administrator_joins_for_everybody),
		CASE(a_device_that_goes_ends_what_is_the_group_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
