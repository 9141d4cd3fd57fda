/* The file `log`: who is heard in it, and what may be written to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fs/log_file.h"
#include "../lib/tree.h"

#define WALL_US    ((usec_t)1700000000 * USEC_PER_SEC)
#define CASE(name) cmocka_unit_test_setup_teardown(name, log_setup, world_teardown)

/* What the subsystem `wire` of a test was told. */
struct switched {
	unsigned times;
	bool is_wanted;
};

static struct switched switched;
static int wire;

static void turn(void *arg, bool is_wanted)
{
	struct switched *s = arg;

	assert_true(s->is_wanted != is_wanted);
	s->is_wanted = is_wanted;
	s->times++;
}

static int log_setup(void **state)
{
	static struct world w;
	struct fs_config config = world_config();

	config.wall_offset_us = WALL_US;
	world_up_with(&w, &config);
	switched = (struct switched){ 0 };
	wire = log_subsystem(w.fs, "wire", false, turn, &switched);
	assert_true(wire >= 0);
	*state = &w;
	return 0;
}

static uint64_t open_log(struct world *w)
{
	return opened(ask_open(w, ROOT, "/log", O_R));
}

/* What has been said since; "errno 11" when nothing. */
static const char *heard(struct world *w, uint64_t log)
{
	static char text[4096];
	struct asked *a = ask_read(w, ROOT, log, sizeof(text) - 1, O_N);

	world_turn(w);
	if (a->result < 0)
		snprintf(text, sizeof(text), "errno %d", (int)-a->result);
	else
		snprintf(text, sizeof(text), "%.*s", (int)a->bytes_len, (const char *)a->bytes);
	asked_free(a);
	return text;
}

static void the_servers_own_lines_come_with_time_and_subsystem(void **state)
{
	struct world *w = *state;
	uint64_t log = open_log(w);

	log_feed_say_daemon(w->fs, "info: serving /net");
	assert_string_equal(heard(w, log), "1700000001000000 daemon info: serving /net\n");
	close_file(w, log);
}

static void what_was_said_before_the_open_is_not_heard(void **state)
{
	struct world *w = *state;
	uint64_t first = open_log(w);
	uint64_t log;

	log_feed_say_daemon(w->fs, "before");
	log = open_log(w);
	assert_string_equal(heard(w, log), "errno 11");
	log_feed_say_daemon(w->fs, "after");
	assert_string_equal(heard(w, log), "1700000001000000 daemon after\n");
	close_file(w, log);
	close_file(w, first);
}

static void a_subsystem_is_heard_once_it_is_set_and_until_it_is_cleared(void **state)
{
	struct world *w = *state;
	uint64_t log = open_log(w);

	log_feed_say(w->fs, wire, w->now_us, "one");
	assert_int_equal(echo(w, ROOT, "set wire", "/log"), 8);
	log_feed_say(w->fs, wire, w->now_us + 7, "two");
	assert_int_equal(echo(w, ROOT, "clear daemon wire", "/log"), 17);
	log_feed_say(w->fs, wire, w->now_us, "three");
	log_feed_say_daemon(w->fs, "four");
	assert_string_equal(heard(w, log), "1700000001000007 wire two\n");
	close_file(w, log);
}

static void a_subsystem_is_wanted_while_it_is_set_and_read(void **state)
{
	struct world *w = *state;
	uint64_t first;
	uint64_t second;

	assert_int_equal(echo(w, ROOT, "set wire", "/log"), 8);
	assert_false(log_feed_wants(w->fs, wire));
	first = open_log(w);
	assert_true(log_feed_wants(w->fs, wire));
	second = open_log(w);
	close_file(w, first);
	assert_true(switched.is_wanted);
	close_file(w, second);
	assert_false(switched.is_wanted);
	first = open_log(w);
	assert_int_equal(echo(w, ROOT, "clear wire", "/log"), 10);
	assert_false(log_feed_wants(w->fs, wire));
	assert_int_equal(switched.times, 4);
	close_file(w, first);
}

static void only_leaves_out_what_is_about_other_hosts(void **state)
{
	struct world *w = *state;
	uint64_t log = open_log(w);
	struct addr one = addr_from_v4(0x0a000001);
	struct addr other = addr_from_v4(0x0a000002);

	assert_int_equal(echo(w, ROOT, "set wire\nonly 10.0.0.1", "/log"), 22);
	assert_true(log_feed_wants_about(w->fs, wire, &one, &other));
	assert_true(log_feed_wants_about(w->fs, wire, &other, &one));
	assert_true(log_feed_wants_about(w->fs, wire, NULL, NULL));
	assert_false(log_feed_wants_about(w->fs, wire, &other, NULL));
	assert_int_equal(echo(w, ROOT, "only all", "/log"), 8);
	assert_true(log_feed_wants_about(w->fs, wire, &other, NULL));
	assert_int_equal(echo(w, ROOT, "only 10.0.0.1", "/log"), 13);
	assert_int_equal(echo(w, ROOT, "only 0.0.0.0", "/log"), 12);
	assert_true(log_feed_wants_about(w->fs, wire, &other, NULL));
	close_file(w, log);
	assert_false(log_feed_wants_about(w->fs, wire, &one, NULL));
}

/* The write fails, and err says it so. */
static void assert_refused(struct world *w, const char *command, const char *words)
{
	assert_int_equal(echo(w, ROOT, command, "/log"), -EINVAL);
	assert_string_equal(cat(w, ROOT, "/err"), words);
}

static void what_it_does_not_understand_it_says_in_words(void **state)
{
	struct world *w = *state;

	assert_refused(w, "set wire tcq",
		"log: set: expected one of daemon, fs, state, packet, drop, tcp, udp, icmp, arp, "
		"ip, wire, got \"tcq\"\n");
	assert_refused(w, "clear",
		"log: clear: expected one of daemon, fs, state, packet, drop, tcp, udp, icmp, arp, "
		"ip, wire, got nothing\n");
	assert_refused(w, "only", "log: only: expected an address or all, got nothing\n");
	assert_refused(w, "only me", "log: only: expected an address or all, got \"me\"\n");
	assert_refused(w, "only all now", "log: only: expected nothing more, got \"now\"\n");
	assert_refused(w, "mute", "log: mute: no such verb; there are set, clear and only\n");
}

static void a_list_with_an_unknown_word_sets_nothing(void **state)
{
	struct world *w = *state;
	uint64_t log = open_log(w);

	assert_int_equal(echo(w, ROOT, "set wire tcq", "/log"), -EINVAL);
	assert_false(log_feed_wants(w->fs, wire));
	close_file(w, log);
}

static void only_root_reads_and_writes_it(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_error(w, ALICE, "/log", O_R), -EACCES);
	assert_int_equal(open_error(w, ALICE, "/log", O_W), -EACCES);
	assert_int_equal(open_error(w, ROOT, "/log", O_RW), 0);
}

static void one_that_is_open_for_writing_only_hears_nothing(void **state)
{
	struct world *w = *state;
	uint64_t log = opened(ask_open(w, ROOT, "/log", O_W));
	struct asked *a;

	assert_int_equal(echo(w, ROOT, "set wire", "/log"), 8);
	assert_false(switched.is_wanted);
	a = ask_read(w, ROOT, log, 100, 0);
	assert_int_equal(outcome(a), -EBADF);
	close_file(w, log);
}

static void what_fails_for_whom_is_told_by_fs(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "udp");
	uint64_t log = open_log(w);

	assert_int_equal(echo(w, ROOT, "set fs", "/log"), 6);
	assert_int_equal(write_text(w, e.ctl, "ttl 300"), -EINVAL);
	assert_int_equal(echo(w, ROOT, "mute", "/log"), -EINVAL);
	assert_string_equal(heard(w, log),
		"1700000001000000 fs uid 1000: udp/1: ttl: expected a number from 1 to 255, got "
		"\"300\"\n"
		"1700000001000000 fs uid 0: log: mute: no such verb; there are set, clear and "
		"only\n");
	end_close(w, &e);
	close_file(w, log);
}

static void what_fails_with_another_host_than_the_only_one_is_left_out(void **state)
{
	struct world *w = *state;
	struct end near, far;
	uint64_t log;

	ends_connect(w, "udp", &near, &far);
	log = open_log(w);
	assert_int_equal(echo(w, ROOT, "set fs\nonly 10.0.0.1", "/log"), 20);
	assert_int_equal(write_text(w, near.ctl, "ttl 300"), -EINVAL);
	assert_string_equal(heard(w, log), "errno 11");
	assert_int_equal(echo(w, ROOT, "only 127.0.0.1", "/log"), 14);
	assert_int_equal(write_text(w, near.ctl, "ttl 300"), -EINVAL);
	assert_true(strlen(heard(w, log)) > 0);
	end_close(w, &near);
	end_close(w, &far);
	close_file(w, log);
}

static void there_is_room_for_so_many_subsystems_each_with_its_name(void **state)
{
	static char names[LOG_SUBSYSTEMS_MAX][16];
	struct world *w = *state;

	assert_int_equal(log_subsystem(w->fs, "wire", true, NULL, NULL), -EEXIST);
	for (int i = wire + 1; i < LOG_SUBSYSTEMS_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d", i);
		assert_int_equal(log_subsystem(w->fs, names[i], true, NULL, NULL), i);
	}
	assert_int_equal(log_subsystem(w->fs, "last", true, NULL, NULL), -ENOSPC);
}

static void a_line_is_one_line_whatever_is_in_it(void **state)
{
	struct world *w = *state;
	uint64_t log = open_log(w);

	log_feed_say_daemon(w->fs, "a\nb\x1b[2J\tc");
	assert_string_equal(heard(w, log), "1700000001000000 daemon a?b?[2J?c\n");
	close_file(w, log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_servers_own_lines_come_with_time_and_subsystem),
		CASE(what_was_said_before_the_open_is_not_heard),
		CASE(a_subsystem_is_heard_once_it_is_set_and_until_it_is_cleared),
		CASE(a_subsystem_is_wanted_while_it_is_set_and_read),
		CASE(only_leaves_out_what_is_about_other_hosts),
		CASE(what_it_does_not_understand_it_says_in_words),
		CASE(a_list_with_an_unknown_word_sets_nothing),
		CASE(only_root_reads_and_writes_it),
		CASE(one_that_is_open_for_writing_only_hears_nothing),
		CASE(what_fails_for_whom_is_told_by_fs),
		CASE(what_fails_with_another_host_than_the_only_one_is_left_out),
		CASE(there_is_room_for_so_many_subsystems_each_with_its_name),
		CASE(a_line_is_one_line_whatever_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
