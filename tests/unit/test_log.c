/*
 * The log never waits, and says what it could not say.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../fs/log.h"

/* A log into a pipe, of which FDS[0] is the reader's end. */
static void open_into_pipe(struct log *l, int fds[2], enum log_level level)
{
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	log_open(l, level);
	l->fd = fds[1];
}

static void assert_next_is(int fd, const char *text)
{
	char bytes[4096] = "";

	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	(void)!read(fd, bytes, sizeof(bytes) - 1);
	assert_string_equal(bytes, text);
}

static void close_pipe(int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

static void a_line_names_its_level(void **state)
{
	struct log l;
	int fds[2];
	(void)state;

	open_into_pipe(&l, fds, LEVEL_INFO);
	log_say(&l, LEVEL_WARNING, "%d geese", 7);
	assert_next_is(fds[0], "catnetd: warning: 7 geese\n");
	close_pipe(fds);
}

static void nothing_that_a_terminal_would_obey_is_in_a_line(void **state)
{
	struct log l;
	int fds[2];
	(void)state;

	open_into_pipe(&l, fds, LEVEL_INFO);
	log_say(&l, LEVEL_INFO,
		"a\033[2J\a\177\xc2\x9b"
		"b\nroot: \xc3\xa4\xc2");
	assert_next_is(fds[0], "catnetd: info: a?[2J????b?root: \xc3\xa4\xc2\n");
	close_pipe(fds);
}

static void what_is_below_the_level_is_not_said(void **state)
{
	struct log l;
	int fds[2];
	(void)state;

	open_into_pipe(&l, fds, LEVEL_WARNING);
	log_say(&l, LEVEL_INFO, "nobody asked");
	assert_next_is(fds[0], "");
	close_pipe(fds);
}

static void a_reader_that_fell_behind_holds_nobody_up_and_is_told_what_it_missed(void **state)
{
	char drain[1 << 16];
	struct log l;
	int fds[2];
	(void)state;

	open_into_pipe(&l, fds, LEVEL_INFO);
	while (l.lost < 3)
		log_say(&l, LEVEL_INFO, "%0500d", 0);
	assert_true(read(fds[0], drain, sizeof(drain)) > 0);
	log_say(&l, LEVEL_INFO, "back");
	assert_next_is(fds[0],
		"catnetd: warning: 3 lines before this one were lost\ncatnetd: info: back\n");
	close_pipe(fds);
}

static void a_long_line_is_cut_and_still_ends(void **state)
{
	char bytes[4096];
	struct log l;
	ssize_t got;
	int fds[2];
	(void)state;

	open_into_pipe(&l, fds, LEVEL_INFO);
	log_say(&l, LEVEL_INFO, "%03000d", 0);
	got = read(fds[0], bytes, sizeof(bytes));
	assert_in_range(got, 500, 1024);
	assert_int_equal(bytes[got - 1], '\n');
	close_pipe(fds);
}

static void assert_says(struct log *l, int fd, const char *text)
{
	log_say(l, LEVEL_WARNING, "geese");
	assert_next_is(fd, text);
}

static void the_journal_gets_the_priority_in_front(void **state)
{
	char where[64];
	struct stat st;
	struct log l;
	int fds[2];
	int keep = dup(STDERR_FILENO);
	(void)state;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(where, sizeof(where), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", where, 1);
	log_open(&l, LEVEL_INFO);
	assert_says(&l, fds[0], "<4>geese\n");
	/* Inherited by one whose standard error has been sent elsewhere. */
	setenv("JOURNAL_STREAM", "1:2", 1);
	log_open(&l, LEVEL_INFO);
	assert_says(&l, fds[0], "catnetd: warning: geese\n");
	unsetenv("JOURNAL_STREAM");
	dup2(keep, STDERR_FILENO);
	close(keep);
	close_pipe(fds);
}

static void keep_line(void *arg, const char *line)
{
	snprintf(arg, 64, "%s", line);
}

static void who_listens_besides_hears_every_level(void **state)
{
	char heard[64] = "";
	struct log l;
	int fds[2];
	(void)state;

	open_into_pipe(&l, fds, LEVEL_ERROR);
	log_also(&l, keep_line, heard);
	log_say(&l, LEVEL_DEBUG, "%d geese", 7);
	assert_string_equal(heard, "debug: 7 geese");
	assert_next_is(fds[0], "");
	log_also(&l, NULL, NULL);
	log_say(&l, LEVEL_ERROR, "8 geese");
	assert_string_equal(heard, "debug: 7 geese");
	close_pipe(fds);
}

static void levels_are_known_by_name(void **state)
{
	enum log_level level = LEVEL_ERROR;
	(void)state;

	assert_true(log_level_parse(&level, "debug"));
	assert_int_equal(level, LEVEL_DEBUG);
	assert_false(log_level_parse(&level, "chatty"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_names_its_level),
		cmocka_unit_test(nothing_that_a_terminal_would_obey_is_in_a_line),
		cmocka_unit_test(what_is_below_the_level_is_not_said),
		cmocka_unit_test(
			a_reader_that_fell_behind_holds_nobody_up_and_is_told_what_it_missed),
		cmocka_unit_test(a_long_line_is_cut_and_still_ends),
		cmocka_unit_test(the_journal_gets_the_priority_in_front),
		cmocka_unit_test(who_listens_besides_hears_every_level),
		cmocka_unit_test(levels_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
