/*
 * The command line: what it means, and that a mistake in it is told in one line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../fs/exits.h"
#include "../../fs/options.h"
#include "../../stack/stack.h"

#define WORDS_MAX 16

struct line {
	char words[256];
	char *argv[WORDS_MAX + 1];
	struct options options; /* which point into the words */
};

static void tell(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "catnetd: %s\n", line);
}

/* The options that WORDS, with single blanks between them, stand for. */
static int read_words(struct line *l, const char *words)
{
	const struct teller to = { .tell = tell };
	char *rest = l->words;
	int argc = 0;

	snprintf(l->words, sizeof(l->words), "%s", words);
	while (argc < WORDS_MAX && (l->argv[argc] = strsep(&rest, " ")) != NULL)
		argc++;
	l->argv[argc] = NULL;
	return options_read(&l->options, argc, l->argv, NULL, 0, &to);
}

static const struct options *read_line(struct line *l, const char *words)
{
	assert_int_equal(read_words(l, words), EX_OK);
	return &l->options;
}

/* The same in a process of its own, whose standard error goes to TOLD; its exit status. */
static int try_line(const char *line, char *told, size_t told_len)
{
	struct line l;
	int fds[2], status;
	pid_t child;
	ssize_t got;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(fds[1], STDERR_FILENO);
		dup2(fds[1], STDOUT_FILENO);
		_exit(read_words(&l, line));
	}
	close(fds[1]);
	got = read(fds[0], told, told_len - 1);
	told[got < 0 ? 0 : got] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* LINE is refused in exactly one line that has WORD in it. */
static void assert_refused(const char *line, const char *word)
{
	char told[4096];
	char *end;

	assert_int_equal(try_line(line, told, sizeof(told)), EX_USAGE);
	assert_non_null(strstr(told, word));
	end = strchr(told, '\n');
	assert_non_null(end);
	assert_int_equal(end[1], '\0');
}

static void a_mount_point_alone_is_enough(void **state)
{
	struct line l;
	const struct options *o = read_line(&l, "catnetd /net");
	(void)state;

	assert_string_equal(o->mountpoint, "/net");
	assert_string_equal(o->tap, "catnet0");
	assert_int_equal(o->fd, -1);
	assert_false(o->in_foreground);
}

static void options_may_stand_on_both_sides_of_the_mount_point(void **state)
{
	struct line l;
	const struct options *o = read_line(&l, "catnetd -f /net --tap wire9 --no-acd");
	(void)state;

	assert_string_equal(o->mountpoint, "/net");
	assert_string_equal(o->tap, "wire9");
	assert_true(o->in_foreground);
	assert_true(o->unprobed);
}

static void addresses_of_both_families_add_up(void **state)
{
	struct line l;
	const struct options *o =
		read_line(&l, "catnetd --addr 10.0.0.2/24 -a fd00::2/64 --gw 10.0.0.1 /net");
	(void)state;

	assert_int_equal(o->addrs_n, 2);
	assert_int_equal(o->addrs[0].bits, 96 + 24);
	assert_int_equal(o->addrs[1].bits, 64);
	assert_int_equal(addr_v4(&o->gateways[0].addr), 0x0a000001);
}

static void sizes_may_have_units(void **state)
{
	struct line l;
	const struct options *o = read_line(&l, "catnetd --memory 256M /net");
	(void)state;

	assert_int_equal(o->memory, (size_t)256 << 20);
}

static void kinds_of_the_trace_add_up(void **state)
{
	struct line l;
	(void)state;

	assert_int_equal(read_line(&l, "catnetd /net")->trace, 0);
	assert_int_equal(read_line(&l, "catnetd --trace state,tcp /net")->trace,
		STACK_TRACE_STATE | STACK_TRACE_TCP);
	assert_int_equal(read_line(&l, "catnetd --trace all /net")->trace, STACK_TRACE_ALL);
}

static void a_seed_of_zero_is_a_seed(void **state)
{
	struct line l;
	const struct options *o = read_line(&l, "catnetd --seed 0 /net");
	(void)state;

	assert_true(o->has_seed);
}

static void mistakes_are_told_in_one_line(void **state)
{
	(void)state;

	assert_refused("catnetd", "mount point");
	assert_refused("catnetd /net /net2", "/net2");
	assert_refused("catnetd --frobnicate /net", "--frobnicate");
	assert_refused("catnetd /net --addr", "--addr");
	assert_refused("catnetd --addr 10.0.0.256/24 /net", "10.0.0.2/24");
	assert_refused("catnetd --gw 10.0.0.1 --gw 10.0.0.3 /net", "10.0.0.3");
	assert_refused("catnetd --mtu 10 /net", "--mtu");
	assert_refused("catnetd --memory 65535K /net", "at least 64M, got \"65535K\"");
	assert_refused("catnetd --memory 64X /net", "64X");
	assert_refused("catnetd --log shrill /net", "shrill");
	assert_refused("catnetd --trace tcp,tcq /net", "tcp,tcq");
	assert_refused("catnetd --trace tcp, /net", "expected some of state, packet");
	assert_refused("catnetd --addr 10.0.0.2/24 --addr 10.0.0.2/16 /net", "twice");
	assert_refused("catnetd --tap a-name-that-is-too-long /net", "15 characters");
	assert_refused("catnetd --check /net", "--config");
	assert_refused("catnetd --mountpoint /net", "--mountpoint");
	assert_refused("catnetd --fd 5 --host-addr 10.0.0.1/24 /net", "--fd");
}

static void help_names_every_exit_status(void **state)
{
	char told[4096];
	char line[128];
	(void)state;

	assert_int_equal(try_line("catnetd --help", told, sizeof(told)), EX_OK);
	assert_non_null(strstr(told, "--host-addr A/P"));
	for (unsigned i = 0; i < exit_rows_n; i++) {
		snprintf(line, sizeof(line), "\n  %2d  %s\n", exit_rows[i].status,
			exit_rows[i].when);
		assert_non_null(strstr(told, line));
	}
}

static void an_errno_has_its_status(void **state)
{
	(void)state;

	assert_int_equal(exit_of_error(0), EX_OK);
	assert_int_equal(exit_of_error(-EINVAL), EX_USAGE);
	assert_int_equal(exit_of_error(-EACCES), EX_NOPERM);
	assert_int_equal(exit_of_error(-EIO), EX_OSERR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mount_point_alone_is_enough),
		cmocka_unit_test(options_may_stand_on_both_sides_of_the_mount_point),
		cmocka_unit_test(addresses_of_both_families_add_up),
		cmocka_unit_test(sizes_may_have_units),
		cmocka_unit_test(kinds_of_the_trace_add_up),
		cmocka_unit_test(a_seed_of_zero_is_a_seed),
		cmocka_unit_test(mistakes_are_told_in_one_line),
		cmocka_unit_test(help_names_every_exit_status),
		cmocka_unit_test(an_errno_has_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
