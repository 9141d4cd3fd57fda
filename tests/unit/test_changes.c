/*
 * Changes of state as the holder is told of them: udp, icmp and tcp, calls, ends, too many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/changes.h"
#include "../../stack/limits.h"
#include "../lib/talk.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, watch_open, talk_close)

static int watch_open(void **state)
{
	int err = talk_open(state);

	conv_watch_changes(box_stack(talk_box), true);
	return err;
}

/* Every change that nobody has asked for yet, as "udp 1: Closed to Connected 10.0.0.2!7; ". */
static const char *told(void)
{
	static char words[2048];
	struct conv_change c;
	uint64_t lost;
	size_t len = 0;

	words[0] = '\0';
	while (conv_next_change(box_stack(talk_box), &c, &lost)) {
		char end[ENDPOINT_TEXT_MAX + 1];

		end[endpoint_format(&c.end, end)] = '\0';
		assert_int_equal(lost, 0);
		assert_int_equal(c.uid, 1000);
		assert_int_equal(c.at_us, box_now(talk_box));
		len += (size_t)snprintf(words + len, sizeof(words) - len, "%s %d: %s to %s %s; ",
			proto_name(c.proto), (int)c.number, c.from, c.to, end);
		assert_true(len < sizeof(words));
	}
	return words;
}

static void a_udp_conversation_connects_and_ends(void **state)
{
	struct conv *c = talk_connected(talk_box, "udp", talk_at(TALK_PEER, 7));

	(void)state;
	assert_string_equal(told(), "udp 1: Closed to Connected 10.0.0.2!7; ");
	conv_release(c);
	assert_string_equal(told(), "udp 1: Connected to Closed 10.0.0.2!7; ");
}

static void a_ping_connects_and_is_hung_up(void **state)
{
	struct conv *c = talk_keep(talk_connected(talk_box, "icmp", talk_at(TALK_PEER, 0)));

	(void)state;
	assert_string_equal(told(), "icmp 1: Closed to Connected 10.0.0.2!0; ");
	conv_hangup(c);
	assert_string_equal(told(), "icmp 1: Connected to Closed 10.0.0.2!0; ");
}

static void one_that_is_only_made_bound_and_let_go_of_changed_nothing(void **state)
{
	struct endpoint local = talk_at(0, 7);
	struct conv *c = talk_new(talk_box, "udp");

	(void)state;
	assert_int_equal(conv_bind(c, &local), 0);
	conv_hangup(c);
	conv_release(c);
	assert_string_equal(told(), "");
}

static void a_connect_that_is_refused_at_once_changed_nothing(void **state)
{
	struct conv *c = talk_keep(talk_new(talk_box, "udp"));
	struct endpoint remote = talk_at(0x0b000001, 7);

	(void)state;
	assert_int_equal(conv_connect(c, NULL, &remote), -ENETUNREACH);
	assert_string_equal(told(), "");
}

static void an_announced_one_is_told_with_its_own_address(void **state)
{
	struct conv *c = talk_announced(talk_box, "udp", talk_at(TALK_US, 7));

	(void)state;
	assert_string_equal(told(), "udp 1: Closed to Announced 10.0.0.1!7; ");
	conv_release(c);
	assert_string_equal(told(), "udp 1: Announced to Closed 10.0.0.1!7; ");
}

static void a_udp_call_is_told_when_it_comes_and_when_nobody_took_it(void **state)
{
	struct conv *c = talk_announced(talk_box, "udp", talk_at(TALK_US, 7));

	(void)state;
	(void)told();
	talk_udp_in(talk_box, 9, talk_at(TALK_US, 7), "x", 1);
	assert_string_equal(told(), "udp 2: Closed to Connected 10.0.0.2!9; ");
	conv_release(c);
	assert_string_equal(told(),
		"udp 2: Connected to Closed 10.0.0.2!9; udp 1: Announced to Closed 10.0.0.1!7; ");
}

static void a_tcp_connection_is_told_step_by_step_on_both_sides(void **state)
{
	struct conv *listener = talk_announced(talk_box, "tcp", talk_at(0x7f000001, 7));
	struct endpoint to = talk_at(0x7f000001, 7), from = talk_at(0x7f000001, 9);
	struct conv *near = talk_new(talk_box, "tcp"), *far;

	(void)state;
	assert_string_equal(told(), "tcp 1: Closed to Listen 127.0.0.1!7; ");
	assert_int_equal(conv_connect(near, &from, &to), 0);
	box_settle(talk_box);
	assert_string_equal(told(),
		"tcp 2: Closed to Syn_sent 127.0.0.1!7; "
		"tcp 2: Syn_sent to Established 127.0.0.1!7; "
		"tcp 3: Closed to Established 127.0.0.1!9; ");
	far = conv_accept(listener);
	assert_non_null(far);
	conv_release(near);
	box_settle(talk_box);
	assert_string_equal(told(),
		"tcp 2: Established to Finwait1 127.0.0.1!7; "
		"tcp 3: Established to Close_wait 127.0.0.1!9; "
		"tcp 2: Finwait1 to Finwait2 127.0.0.1!7; ");
	conv_release(far);
	box_settle(talk_box);
	/* What is left of the first is a record in TIME-WAIT, and no conversation any more. */
	assert_string_equal(told(),
		"tcp 3: Close_wait to Last_ack 127.0.0.1!9; "
		"tcp 2: Finwait2 to Time_wait 127.0.0.1!7; "
		"tcp 3: Last_ack to Closed 127.0.0.1!9; ");
	conv_release(listener);
	assert_string_equal(told(), "tcp 1: Listen to Closed 127.0.0.1!7; ");
}

static void a_call_that_nobody_took_ends_with_its_listener(void **state)
{
	struct conv *listener = talk_announced(talk_box, "tcp", talk_at(0x7f000001, 7));
	struct conv *near = talk_keep(talk_new(talk_box, "tcp"));
	struct endpoint to = talk_at(0x7f000001, 7), from = talk_at(0x7f000001, 9);

	(void)state;
	assert_int_equal(conv_connect(near, &from, &to), 0);
	box_settle(talk_box);
	(void)told();
	conv_release(listener);
	box_settle(talk_box);
	assert_string_equal(told(),
		"tcp 3: Established to Closed 127.0.0.1!9; "
		"tcp 1: Listen to Closed 127.0.0.1!7; "
		"tcp 2: Established to Closed 127.0.0.1!7; ");
}

static void nothing_is_kept_while_nobody_watches(void **state)
{
	struct stack *s = box_stack(talk_box);

	(void)state;
	talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 7)));
	conv_watch_changes(s, false);
	assert_string_equal(told(), "");
	talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 8)));
	conv_watch_changes(s, true);
	assert_string_equal(told(), "");
	talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 9)));
	assert_string_equal(told(), "udp 3: Closed to Connected 10.0.0.2!9; ");
}

static void how_many_were_forgotten_is_told_once(void **state)
{
	enum { TOO_MANY = 10 };
	struct stack *s = box_stack(talk_box);
	struct conv_change c;
	uint64_t lost, n = 0;

	(void)state;
	for (unsigned i = 0; i < (LIMIT_CHANGES + TOO_MANY) / 2; i++)
		conv_release(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 7)));
	assert_true(conv_next_change(s, &c, &lost));
	assert_int_equal(lost, TOO_MANY);
	assert_int_equal(c.number, 1 + TOO_MANY / 2);
	for (n = 1; conv_next_change(s, &c, &lost); n++)
		assert_int_equal(lost, 0);
	assert_int_equal(n, LIMIT_CHANGES);
	assert_int_equal(box_count(talk_box, "conv_changes_lost"), TOO_MANY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_udp_conversation_connects_and_ends),
		CASE(a_ping_connects_and_is_hung_up),
		CASE(one_that_is_only_made_bound_and_let_go_of_changed_nothing),
		CASE(a_connect_that_is_refused_at_once_changed_nothing),
		CASE(an_announced_one_is_told_with_its_own_address),
		CASE(a_udp_call_is_told_when_it_comes_and_when_nobody_took_it),
		CASE(a_tcp_connection_is_told_step_by_step_on_both_sides),
		CASE(a_call_that_nobody_took_ends_with_its_listener),
		CASE(nothing_is_kept_while_nobody_watches),
		CASE(how_many_were_forgotten_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
