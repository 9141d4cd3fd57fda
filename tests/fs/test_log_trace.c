/* The stack's trace in the file `log`: as it happens, of what is set, about whom is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fs/log_file.h"
#include "../lib/tree.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

static uint64_t open_log(struct world *w)
{
	return opened(ask_open(w, ROOT, "/log", O_R));
}

/* What has been said since, each line without its time; "errno 11" when nothing. */
static const char *heard(struct world *w, uint64_t log)
{
	static char text[65536];
	struct asked *a = ask_read(w, ROOT, log, sizeof(text) - 1, O_N);
	size_t to = 0;
	bool in_time = true;

	world_turn(w);
	for (size_t i = 0; a->result > 0 && i < a->bytes_len; i++) {
		if (!in_time)
			text[to++] = (char)a->bytes[i];
		if (a->bytes[i] == ' ')
			in_time = false;
		if (a->bytes[i] == '\n')
			in_time = true;
	}
	text[to] = '\0';
	if (a->result < 0)
		snprintf(text, sizeof(text), "errno %d", (int)-a->result);
	asked_free(a);
	return text;
}

static void segments_are_heard_as_they_come_and_go(void **state)
{
	struct world *w = *state;
	uint64_t log = open_log(w);
	struct end near, far;
	const char *lines;

	assert_int_equal(echo(w, ROOT, "set tcp", "/log"), 7);
	ends_connect(w, "tcp", &near, &far);
	lines = heard(w, log);
	assert_non_null(strstr(lines, " S seq 0 win 65535 mss "));
	assert_non_null(strstr(lines, " Closed to Syn_sent by connect\n"));
	assert_non_null(strstr(lines, " Syn_sent to Established by segment S.\n"));
	assert_int_equal(strncmp(lines, "tcp ", 4), 0);
	assert_int_equal(echo(w, ROOT, "clear tcp", "/log"), 9);
	end_close(w, &near);
	assert_string_equal(heard(w, log), "errno 11");
	end_close(w, &far);
	close_file(w, log);
}

static void a_line_has_the_wall_clocks_time(void **state)
{
	struct world *w = *state;
	uint64_t log = open_log(w);
	struct end near, far;
	struct asked *a;
	char want[32];

	ends_connect(w, "udp", &near, &far);
	assert_int_equal(echo(w, ROOT, "set udp", "/log"), 7);
	snprintf(want, sizeof(want), "%llu udp ", (unsigned long long)w->now_us);
	assert_int_equal(write_text(w, near.data, "hello"), 5);
	world_turn(w);
	a = ask_read(w, ROOT, log, 100, 0);
	assert_true(a->result > 0);
	assert_memory_equal(a->bytes, want, strlen(want));
	asked_free(a);
	end_close(w, &near);
	end_close(w, &far);
	close_file(w, log);
}

static void who_waits_is_woken_by_a_packet(void **state)
{
	struct world *w = *state;
	uint64_t log = open_log(w);
	struct end near, far;
	struct asked *waits;

	ends_connect(w, "udp", &near, &far);
	assert_int_equal(echo(w, ROOT, "set packet", "/log"), 10);
	waits = ask_read(w, ROOT, log, 1000, 0);
	world_turn(w);
	assert_false(waits->is_answered);
	assert_int_equal(write_text(w, near.data, "hello"), 5);
	world_turn(w);
	assert_true(waits->is_answered);
	assert_non_null(strstr((char *)waits->bytes, " > 127.0.0.1!"));
	asked_free(waits);
	end_close(w, &near);
	end_close(w, &far);
	close_file(w, log);
}

static void what_is_of_two_kinds_is_heard_once(void **state)
{
	struct world *w = *state;
	uint64_t log = open_log(w);
	const char *lines;
	struct end e = end_open(w, "udp");

	assert_int_equal(echo(w, ROOT, "set state udp packet", "/log"), 20);
	assert_true(write_text(w, e.ctl, "connect 127.0.0.1!9") > 0);
	lines = heard(w, log);
	assert_int_equal(strncmp(lines, "udp ", 4), 0);
	assert_non_null(strstr(lines, " 127.0.0.1!9 Closed to Connected by connect\n"));
	assert_ptr_equal(strchr(lines, '\n') + 1, lines + strlen(lines));
	end_close(w, &e);
	close_file(w, log);
}

static void only_one_peer_is_heard_of(void **state)
{
	struct world *w = *state;
	uint64_t log = open_log(w);
	struct end near, far;

	ends_connect(w, "udp", &near, &far);
	assert_int_equal(echo(w, ROOT, "set udp\nonly 127.0.0.2", "/log"), 22);
	assert_int_equal(write_text(w, near.data, "hello"), 5);
	world_turn(w);
	assert_string_equal(heard(w, log), "errno 11");
	assert_int_equal(echo(w, ROOT, "only 127.0.0.1", "/log"), 14);
	assert_int_equal(write_text(w, near.data, "hello"), 5);
	world_turn(w);
	assert_non_null(strstr(heard(w, log), "length 5\n"));
	end_close(w, &near);
	end_close(w, &far);
	close_file(w, log);
}

static void what_nobody_reads_is_not_kept(void **state)
{
	struct world *w = *state;
	struct end near, far;
	uint64_t log;

	assert_int_equal(echo(w, ROOT, "set tcp", "/log"), 7);
	ends_connect(w, "tcp", &near, &far);
	log = open_log(w);
	assert_string_equal(heard(w, log), "errno 11");
	close_file(w, log);
	end_close(w, &near);
	end_close(w, &far);
}

static void not_told(void *arg, struct conv *c)
{
	(void)arg;
	(void)c;
}

/* More in one go than the stack remembers. */
static void what_comes_too_fast_is_counted(void **state)
{
	struct world *w = *state;
	const struct endpoint to = { .addr = addr_from_v4(0x7f000001), .port = 9 };
	const struct cred root = cred_of(ROOT);
	struct conv *c = conv_new(w->stack, stack_proto(w->stack, 1), &root);
	uint64_t log = open_log(w);
	const char *lines;

	conv_set_user(c, not_told, NULL);
	assert_int_equal(conv_connect(c, NULL, &to), 0);
	assert_int_equal(echo(w, ROOT, "set udp", "/log"), 7);
	for (unsigned i = 0; i < WORLD_EVENTS + 10; i++)
		assert_int_equal(conv_write(c, NULL, "hello", 5), 5);
	log_trace_hear(w->fs, UINT32_MAX);
	lines = heard(w, log);
	assert_int_equal(strncmp(lines, "10\n", 3), 0); /* "lost 10", without the first word */
	assert_non_null(strstr(lines, "length 5\n"));
	conv_hangup(c);
	conv_release(c);
	close_file(w, log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(segments_are_heard_as_they_come_and_go),
		CASE(a_line_has_the_wall_clocks_time),
		CASE(who_waits_is_woken_by_a_packet),
		CASE(what_is_of_two_kinds_is_heard_once),
		CASE(only_one_peer_is_heard_of),
		CASE(what_nobody_reads_is_not_kept),
		CASE(what_comes_too_fast_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
