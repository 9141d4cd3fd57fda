/*
 * Conversations that join groups and leave them, how many, and how they are announced there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/limits.h"
#include "../lib/talk_groups.h"
#include "../lib/told.h"

/* --- joining and leaving ------------------------------------------------------------------ */

/* How many IGMP messages have been sent since the last look. */
static unsigned igmp_sent(void)
{
	const struct frame *f;
	unsigned n = 0;

	while ((f = talk_out(talk_box)))
		n += f->kind == FRAME_IP && f->ip.proto == 2;
	return n;
}

static void the_group_is_left_with_the_last_conversation(void **state) /* M-01 */
{
	struct conv *one = talk_announced(talk_box, "udp", talk_at(GROUP, 5000));
	struct conv *two = talk_announced(talk_box, "udp", talk_at(GROUP, 5000));

	(void)state;
	talk_join(one, "10.0.0.1");
	talk_join(two, "10.0.0.1");
	box_run_through(talk_box, box_now(talk_box) + 2 * USEC_PER_SEC);
	(void)igmp_sent();
	conv_release(one);
	assert_int_equal(igmp_sent(), 0);
	conv_release(two);
	assert_int_equal(igmp_sent(), 1);
	peer_says(GROUP, "hello");
	assert_int_equal(box_count(talk_box, "eth_drop_not_ours"), 1);
	box_run_through(talk_box, box_now(talk_box) + 2 * USEC_PER_SEC);
	(void)igmp_sent();
}

static void a_group_is_left_by_remmulti_close_and_hangup(void **state)
{
	struct conv *c = on_group(GROUP);

	(void)state;
	talk_join(c, "10.0.0.1 239.1.1.1");
	talk_join(c, "10.0.0.1 239.1.1.2");
	assert_int_equal(talk_ctl(c, "remmulti 10.0.0.1", NULL), 0);
	assert_int_equal(talk_ctl(c, "remmulti 10.0.0.1 239.1.1.1", NULL), -EADDRNOTAVAIL);
	assert_int_equal(talk_ctl(c, "remmulti 10.0.0.1 239.1.1.2", NULL), 0);
	talk_join(c, "10.0.0.1");
	conv_hangup(c);
	peer_says(GROUP, "hello");
	assert_int_equal(box_count(talk_box, "eth_drop_not_ours"), 1);
	c = on_group(GROUP);
	talk_join(c, "10.0.0.1");
	assert_int_equal(conv_close(c), 0);
	peer_says(GROUP, "hello");
	assert_int_equal(box_count(talk_box, "eth_drop_not_ours"), 2);
	box_run_through(talk_box, box_now(talk_box) + 2 * USEC_PER_SEC);
	box_seen_all(talk_box);
}

static void to_be_in_a_group_twice_is_to_be_in_it_once(void **state)
{
	struct conv *c = on_group(GROUP);

	(void)state;
	talk_join(c, "10.0.0.1");
	talk_join(c, "10.0.0.1 239.1.1.1");
	talk_join(c, "* 239.1.1.1");
	assert_int_equal(talk_ctl(c, "remmulti 10.0.0.1", NULL), 0);
	assert_int_equal(talk_ctl(c, "remmulti 10.0.0.1", NULL), -EADDRNOTAVAIL);
	box_seen_all(talk_box);
}

static void the_groups_of_a_conversation_are_told(void **state)
{
	struct conv *c = on_group(GROUP);
	static struct told told;

	(void)state;
	talk_join(c, "10.0.0.1");
	told_init(&told);
	conv_describe(c, &told.describer);
	assert_non_null(told_find(&told, "group"));
	assert_string_equal(told_find(&told, "group")->text, "239.1.1.1");
	assert_int_equal(told_find(&told, "interface")->number, 0);
}

struct refusal {
	const char *command;
	int err;
	const char *words;
};

static void what_cannot_be_joined_is_refused_in_words(void **state)
{
	static const struct refusal cases[] = {
		{ "addmulti", -EINVAL, "addmulti: expected IFADDR GROUP" },
		{ "addmulti 10.0.0.1", -EINVAL, "addmulti: expected IFADDR GROUP" },
		{ "addmulti 10.0.0.1 10.0.0.2", -EINVAL,
			"addmulti: expected a group, 224.0.0.0 to 239.255.255.255, got "
			"\"10.0.0.2\"" },
		{ "addmulti 10.0.0.1 ff02::1", -EINVAL,
			"addmulti: expected a group, 224.0.0.0 to 239.255.255.255, got "
			"\"ff02::1\"" },
		{ "addmulti tap0 239.1.1.1", -EINVAL,
			"addmulti: expected an address of ours, got \"tap0\"" },
		{ "addmulti 10.0.0.9 239.1.1.1", -EADDRNOTAVAIL, "" },
		{ "remmulti 10.0.0.1 239.1.1.1", -EADDRNOTAVAIL,
			"remmulti: it is not in this group there" },
		{ "addmulti 10.0.0.1 239.1.1.1 x", -EINVAL, "addmulti: expected IFADDR GROUP" },
	};
	struct conv *c = on_any(true);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char why[128] = "";

		assert_int_equal(talk_ctl(c, cases[i].command, why), cases[i].err);
		assert_string_equal(why, cases[i].words);
	}
}

static void a_connected_one_joins_nothing(void **state)
{
	struct conv *c = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53)));

	(void)state;
	assert_int_equal(talk_ctl(c, "addmulti 10.0.0.1 239.1.1.1", NULL), -EISCONN);
}

static void one_conversation_is_in_no_more_than_20_groups(void **state)
{
	struct conv *c = on_any(true);
	char command[64];

	(void)state;
	for (unsigned i = 0; i < LIMIT_UDP_GROUPS; i++) {
		(void)snprintf(command, sizeof(command), "10.0.0.1 239.2.0.%u", i);
		talk_join(c, command);
	}
	assert_int_equal(talk_ctl(c, "addmulti 10.0.0.1 239.3.0.1", NULL), -ENOBUFS);
}

static void one_user_leaves_groups_to_others(void **state)
{
	struct conv *c[LIMIT_UDP_MEMBERS_UID / LIMIT_UDP_GROUPS + 1];
	struct conv *other = talk_keep(talk_new_of(talk_box, "udp", 1001));
	unsigned joined = 0;
	int err = 0;

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(c); i++) {
		c[i] = talk_keep(talk_new(talk_box, "udp"));
		for (unsigned k = 0; k < LIMIT_UDP_GROUPS && err == 0; k++) {
			char command[64];

			(void)snprintf(command, sizeof(command), "addmulti 10.0.0.1 239.%u.0.%u",
				i + 1, k);
			err = talk_ctl(c[i], command, NULL);
			joined += err == 0;
		}
	}
	assert_int_equal(err, -EDQUOT);
	assert_int_equal(joined, LIMIT_UDP_MEMBERS_UID);
	assert_int_equal(talk_ctl(other, "addmulti 10.0.0.1 239.99.0.1", NULL), 0);
	box_seen_all(talk_box);
}

/* --- announced ---------------------------------------------------------------------------- */

static void a_group_s_address_clashes_with_nobody(void **state)
{
	(void)state;
	on_group(GROUP);
	on_group(GROUP);
	on_any(false);
	on_group(OTHER);
	talk_keep(talk_announced(talk_box, "udp", talk_at(TALK_US, 5001)));
}

static void only_datagrams_are_announced_on_a_group(void **state)
{
	struct conv *c = talk_keep(talk_new(talk_box, "tcp"));
	struct conv *u = talk_keep(talk_new(talk_box, "udp"));
	struct endpoint group = talk_at(GROUP, 5000);

	(void)state;
	assert_int_equal(conv_announce(c, &group), -EADDRNOTAVAIL);
	assert_int_equal(conv_bind(u, &group), -EADDRNOTAVAIL);
}

static void headers_come_and_go_on_a_group_s_conversation(void **state)
{
	struct conv *c = on_group(GROUP);

	(void)state;
	talk_join(c, "10.0.0.1");
	assert_int_equal(talk_ctl(c, "headers", NULL), 0);
	peer_says(GROUP, "hello");
	assert_int_equal(talk_read(c, talk_bytes, sizeof(talk_bytes)), 57);
	assert_int_equal(talk_ctl(c, "headers off", NULL), 0);
	assert_true(conv_events(c) & CONV_OUT);
	peer_says(GROUP, "hello");
	talk_assert_reads(c, "hello");
}

static void a_device_that_goes_ends_the_membership_not_the_conversation(void **state)
{
	struct conv *c = on_any(true);

	(void)state;
	talk_join(c, "10.0.0.1 239.1.1.1");
	stack_detach(box_stack(talk_box), box_ifc(talk_box));
	stack_check(box_stack(talk_box));
	assert_int_equal(talk_ctl(c, "remmulti 127.0.0.1 239.1.1.1", NULL), -EADDRNOTAVAIL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, talk_open, talk_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_group_is_left_with_the_last_conversation),
		T(a_group_is_left_by_remmulti_close_and_hangup),
		T(to_be_in_a_group_twice_is_to_be_in_it_once),
		T(the_groups_of_a_conversation_are_told),
		T(what_cannot_be_joined_is_refused_in_words),
		T(a_connected_one_joins_nothing),
		T(one_conversation_is_in_no_more_than_20_groups),
		T(one_user_leaves_groups_to_others),
		T(a_group_s_address_clashes_with_nobody),
		T(only_datagrams_are_announced_on_a_group),
		T(headers_come_and_go_on_a_group_s_conversation),
		T(a_device_that_goes_ends_the_membership_not_the_conversation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
