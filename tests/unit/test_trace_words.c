/*
 * What the trace says, and that a conversation's states are written there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../stack/conv.h"
#include "../../stack/stack.h"
#include "../../stack/tcp/states.h"
#include "../../stack/trace_words.h"

static void assert_words(const struct trace_event *e, const char *want)
{
	char words[128];
	struct text line = text_over(words, sizeof words);

	trace_words(e, &line);
	assert_string_equal(words, want);
}

static void a_change_of_state_names_both(void **state)
{
	const struct trace_event e = { .at_us = 12000034,
		.conv = 7,
		.kind = TRACE_TCP_STATE,
		.a = TCP_SYN_SENT,
		.b = TCP_ESTABLISHED };

	(void)state;
	assert_words(&e, "12.000034 conversation 7: Syn_sent to Established");
}

static void a_timeout_says_which_and_how_long(void **state)
{
	const struct trace_event e = { .conv = 1, .kind = TRACE_TCP_TIMEOUT, .a = 2, .b = 800 };

	(void)state;
	assert_words(&e, "0.000000 conversation 1: timeout after 2 in a row, RTO 800 ms");
}

static void a_fast_retransmit_says_what_was_out(void **state)
{
	const struct trace_event e = {
		.conv = 1, .kind = TRACE_TCP_RECOVER, .a = 7240, .b = 14480
	};

	(void)state;
	assert_words(
		&e, "0.000000 conversation 1: fast retransmit, 7240 bytes in flight, cwnd 14480");
}

static void *take(void *arg, size_t len)
{
	(void)arg;
	return calloc(1, len);
}

static void give_back(void *arg, void *at, size_t len)
{
	(void)arg;
	(void)len;
	free(at);
}

/* Connecting to a port of our own that nobody has: there and back in two steps. */
static void the_states_of_a_refused_connect_are_traced(void **state)
{
	const struct stack_config config = { .memory_take = take,
		.memory_give_back = give_back,
		.memory = (size_t)64 << 20,
		.tcp_convs_max = 16,
		.udp_convs_max = 16,
		.icmp_convs_max = 16,
		.trace_events = 64 };
	const struct endpoint to = { .addr = addr_from_v4(0x7f000001), .port = 9 };
	const struct cred nobody = { .uid = 65534 };
	struct stack *s = stack_new(&config, 1000000);
	struct conv *c = conv_new(s, stack_proto(s, 0), &nobody);
	char words[128];
	struct text line = text_over(words, sizeof words);
	uint64_t cursor = 0;

	(void)state;
	assert_int_equal(conv_connect(c, NULL, &to), 0);
	for (int i = 0; i < 4; i++)
		stack_poll(s, 1000000);
	assert_int_equal(conv_error(c), -ECONNREFUSED);
	assert_true(stack_trace(s, &cursor, &line, NULL));
	assert_string_equal(words, "1.000000 conversation 1: Closed to Syn_sent");
	text_clear(&line);
	assert_true(stack_trace(s, &cursor, &line, NULL));
	assert_string_equal(words, "1.000000 conversation 1: Syn_sent to Closed");
	assert_false(stack_trace(s, &cursor, &line, NULL));
	conv_release(c);
	stack_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_of_state_names_both),
		cmocka_unit_test(a_timeout_says_which_and_how_long),
		cmocka_unit_test(a_fast_retransmit_says_what_was_out),
		cmocka_unit_test(the_states_of_a_refused_connect_are_traced),
	};

	return cmocka_run_group_tests_name("trace_words", tests, NULL, NULL);
}
