/*
 * What the stack tells comes to standard error line by line, in bounded steps, and nobody waits.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../fs/log.h"
#include "../../fs/tracer.h"
#include "../lib/talk.h"

struct fixture {
	struct log log;
	struct tracer tracer;
	int fds[2];
	struct conv *conv;
};

static struct fixture fixture;

static int open_all(void **state)
{
	struct fixture *f = &fixture;

	assert_int_equal(talk_open(state), 0);
	assert_int_equal(pipe2(f->fds, O_CLOEXEC), 0);
	assert_int_equal(fcntl(f->fds[0], F_SETFL, O_NONBLOCK), 0);
	log_open(&f->log, LEVEL_ERROR);
	f->log.fd = f->fds[1];
	f->log.is_journal = false;
	f->conv = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53)));
	tracer_init(&f->tracer, box_stack(talk_box), &f->log, box_now(talk_box) - 1500000);
	*state = f;
	return 0;
}

static int close_all(void **state)
{
	close(fixture.fds[0]);
	close(fixture.fds[1]);
	return talk_close(state);
}

/* N datagrams of ours, which the box forgets. */
static void send_some(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(talk_write(talk_box, fixture.conv, "hello", 5), 5);
	box_seen_all(talk_box);
}

static const char *heard(void)
{
	static char bytes[65536];
	ssize_t got = read(fixture.fds[0], bytes, sizeof(bytes) - 1);

	bytes[got > 0 ? got : 0] = '\0';
	return bytes;
}

static unsigned lines_of(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void a_line_has_seconds_since_the_beginning(void **state)
{
	struct fixture *f = *state;

	tracer_want(&f->tracer, tracer_kinds("udp"));
	send_some(1);
	assert_false(tracer_tell(&f->tracer));
	assert_string_equal(heard(), "1.500000 udp 1 > 10.0.0.2!53 length 5\n");
}

static void what_is_not_wanted_is_not_said(void **state)
{
	struct fixture *f = *state;

	send_some(1);
	assert_false(tracer_tell(&f->tracer));
	tracer_want(&f->tracer, tracer_kinds("tcp,drop"));
	send_some(1);
	assert_false(tracer_tell(&f->tracer));
	tracer_want(&f->tracer, tracer_kinds("packet"));
	tracer_want(&f->tracer, 0);
	send_some(1);
	assert_false(tracer_tell(&f->tracer));
	assert_string_equal(heard(), "");
}

static void much_is_said_in_steps(void **state)
{
	struct fixture *f = *state;
	unsigned steps = 1;

	tracer_want(&f->tracer, tracer_kinds("udp"));
	send_some(200);
	while (tracer_tell(&f->tracer))
		steps++;
	assert_int_equal(lines_of(heard()), 200);
	assert_int_equal(steps, 4);
}

static void what_the_stack_has_forgotten_is_counted(void **state)
{
	struct fixture *f = *state;

	tracer_want(&f->tracer, tracer_kinds("udp"));
	send_some(1029);
	assert_true(tracer_tell(&f->tracer));
	assert_memory_equal(heard(), "lost 5\n1.500000 udp 1 >", 23);
}

static void what_nobody_reads_is_lost_and_counted(void **state)
{
	struct fixture *f = *state;

	assert_true(fcntl(f->fds[1], F_SETPIPE_SZ, 8192) == 8192);
	tracer_want(&f->tracer, tracer_kinds("udp"));
	send_some(500);
	while (tracer_tell(&f->tracer))
		continue;
	assert_true(f->log.lost > 250);
	(void)heard();
	send_some(1);
	assert_false(tracer_tell(&f->tracer));
	assert_non_null(strstr(heard(), "lines before this one were lost\n1.500000 udp"));
}

#define TRACER(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRACER(a_line_has_seconds_since_the_beginning),
		TRACER(what_is_not_wanted_is_not_said),
		TRACER(much_is_said_in_steps),
		TRACER(what_the_stack_has_forgotten_is_counted),
		TRACER(what_nobody_reads_is_lost_and_counted),
	};

	return cmocka_run_group_tests_name("tracer", tests, NULL, NULL);
}
