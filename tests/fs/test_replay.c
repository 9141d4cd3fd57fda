/*
 * Commands of the configuration: obeyed as if somebody had written them, and told as err tells.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../fs/replay.h"
#include "../lib/region.h"
#include "../lib/tree.h"

static char why[512];

/* The world goes on until nothing happens any more, and then nobody waits longer. */
static int turn(void *arg)
{
	struct world *w = arg;

	world_turn(w);
	return -EWOULDBLOCK;
}

static int obey(struct world *w, const char *line)
{
	const struct replay_config config = {
		.fs = w->fs, .who = cred_of(ROOT), .turn = turn, .arg = w
	};

	why[0] = '\0';
	return replay(&config, line, why, sizeof(why));
}

static void assert_refused(struct world *w, const char *line, int err, const char *words)
{
	assert_int_equal(obey(w, line), err);
	assert_string_equal(why, words);
}

static void a_name_is_made_and_its_ctl_obeys(void **state)
{
	struct world *w = *state;

	assert_int_equal(obey(w, "tcp/web announce 80"), 0);
	assert_string_equal(cat(w, ROOT, "/tcp/web/local"), "::!80\n");
	assert_int_equal(obey(w, "tcp/web/ctl backlog 7"), 0);
	assert_int_equal(obey(w, "tcp/other/ctl  announce   81"), 0);
	assert_string_equal(cat(w, ROOT, "/tcp/other/local"), "::!81\n");
	remove_dir(w, ROOT, "/tcp/web");
	remove_dir(w, ROOT, "/tcp/other");
}

static void it_belongs_to_root(void **state)
{
	struct world *w = *state;
	struct fs_attr attr;

	assert_int_equal(obey(w, "udp/one announce 53"), 0);
	assert_int_equal(walk(w, ALICE, "/udp/one", &attr), 0);
	assert_int_equal(attr.uid, ROOT);
	remove_dir(w, ROOT, "/udp/one");
}

static void the_files_of_the_root_obey_too(void **state)
{
	struct world *w = *state;

	assert_int_equal(obey(w, "iproute del 10.0.0.0 /8"), -ENOENT);
	assert_int_equal(obey(w, "iproute frob"), -EINVAL);
	assert_int_equal(strncmp(why, "iproute: frob: no such verb; there are ", 39), 0);
	assert_int_equal(obey(w, "iproute flush"), 0);
}

static void a_failure_is_told_as_err_tells_it_and_leaves_no_name(void **state)
{
	struct world *w = *state;
	struct fs_attr attr;

	assert_int_equal(obey(w, "tcp/one announce 80"), 0);
	assert_refused(
		w, "tcp/two announce 80", -EADDRINUSE, "announce tcp!80: in use by conversation 1");
	assert_int_equal(walk(w, ROOT, "/tcp/two", &attr), -ENOENT);
	assert_refused(
		w, "tcp/one announce 80", -EISCONN, "announce tcp!80: already announced as ::!80");
	assert_int_equal(walk(w, ROOT, "/tcp/one", &attr), 0);
	assert_refused(
		w, "tcp/two nodelay yes", -EINVAL, "nodelay: expected on or off, got \"yes\"");
	remove_dir(w, ROOT, "/tcp/one");
}

static void a_path_that_leads_nowhere_is_refused(void **state)
{
	struct world *w = *state;

	assert_refused(w, "sctp/one announce 80", -ENOENT, "there is no sctp here");
	assert_refused(w, "tcp announce 80", -ENOENT, "tcp takes no commands: it has no ctl");
	assert_refused(w, "tcp/one/two announce 80", -ENOENT, "there is no two here");
	assert_refused(
		w, "tcp/one/ctl/two/three announce 80", -ENOENT, "tcp: there is no file so deep");
	assert_refused(w, "tcp/7 announce 80", -EINVAL,
		"mkdir tcp/7: a name is 1 to 64 of A-Z a-z 0-9 . _ -, and not all digits");
	assert_string_equal(ls(w, "/tcp"), "clone stats");
}

static void files_that_take_bytes_take_no_commands(void **state)
{
	struct world *w = *state;

	assert_refused(w, "tcp/clone announce 80", -EINVAL,
		"clone takes no commands from here: name a conversation, as in tcp/NAME");
	assert_refused(w, "tcp/one/data hello", -EINVAL,
		"data takes no commands from here: name a conversation, as in tcp/NAME");
	assert_refused(w, "stats hello", -EACCES, "permission denied");
	assert_string_equal(ls(w, "/tcp"), "clone stats");
}

static void what_is_no_line_is_refused(void **state)
{
	struct world *w = *state;
	static const char *const lines[] = { "", "tcp/web", "tcp/web ", " announce 80",
		"/tcp/web announce 80" };

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		assert_int_equal(obey(w, lines[i]), -EINVAL);
		assert_non_null(
			strstr(why, "expected PATH COMMAND, as in \"tcp/web announce 80\""));
	}
	assert_int_equal(obey(w, "tcp/web announce 80\nhangup"), -EINVAL);
	assert_non_null(strstr(why, "one command a line"));
}

static void a_command_that_waits_is_waited_for(void **state)
{
	struct world *w = *state;

	assert_int_equal(obey(w, "tcp/srv announce 80"), 0);
	assert_int_equal(obey(w, "tcp/one connect 127.0.0.1!80"), 0);
	assert_int_equal(strncmp(cat(w, ROOT, "/tcp/one/status"), "Established ", 12), 0);
	remove_dir(w, ROOT, "/tcp/one");
	remove_dir(w, ROOT, "/tcp/srv");
	world_sleep(w, 120 * USEC_PER_SEC);
}

static int no_turn(void *arg)
{
	(void)arg;
	return -EINTR;
}

static void waiting_can_be_given_up(void **state)
{
	struct world *w = *state;
	const struct replay_config config = { .fs = w->fs, .who = cred_of(ROOT), .turn = no_turn };

	assert_int_equal(replay(&config, "tcp/one connect 127.0.0.1!9", why, sizeof(why)), -EINTR);
	assert_string_equal(ls(w, "/tcp"), "clone stats");
	fs_check(w->fs);
}

/* Whichever allocation fails, it is told, and nothing stays behind. */
static void want_of_memory_is_told(void **state)
{
	struct world *w = *state;
	int err = -1;

	for (unsigned at = 1; err != 0; at++) {
		w->refuse_at = at;
		err = obey(w, "tcp/one announce 80");
		w->refuse_at = 0;
		assert_true(err == 0 || strlen(why) > 0);
		if (err < 0)
			assert_string_equal(ls(w, "/tcp"), "clone stats");
		assert_true(at < 100);
	}
	remove_dir(w, ROOT, "/tcp/one");
}

/* Any line is obeyed or refused in words, and the tree holds together. */
static void lines_of_anything(void **state)
{
	static const char *const pieces[] = { "tcp", "udp", "icmp", "ipifc", "iproute", "arp",
		"stats", "/", "/", "/", "web", "a", "7", "0", "ctl", "data", "clone", "listen", " ",
		" ", "\t", "announce", "80", "bind", "connect", "127.0.0.1!9", "keep 0", "hangup",
		"close", "add", "flush", "\n", "..", "\xff", "!" };
	struct world *w = *state;
	struct random dice;

	seeded(&dice);
	for (uint32_t i = 0; i < steps(3000); i++) {
		unsigned n = random_below(&dice, 12);
		char line[256] = "";
		int err;

		for (unsigned k = 0; k < n; k++)
			strncat(line, pieces[random_below(&dice, ARRAY_LEN(pieces))],
				sizeof(line) - strlen(line) - 1);
		err = obey(w, line);
		assert_true(err <= 0);
		assert_true(err == 0 || err == -EWOULDBLOCK || strlen(why) > 0);
	}
	fs_check(w->fs);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_name_is_made_and_its_ctl_obeys),
		CASE(it_belongs_to_root),
		CASE(the_files_of_the_root_obey_too),
		CASE(a_failure_is_told_as_err_tells_it_and_leaves_no_name),
		CASE(a_path_that_leads_nowhere_is_refused),
		CASE(files_that_take_bytes_take_no_commands),
		CASE(what_is_no_line_is_refused),
		CASE(a_command_that_waits_is_waited_for),
		CASE(waiting_can_be_given_up),
		CASE(want_of_memory_is_told),
		CASE(lines_of_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
