/* Both directions of one open file, and several writers on it: none waits for another. Time stands
 * still in all of this, so whatever is answered is answered at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/tree.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, stand_up, stand_down)
#define PART       65536

/* Two connected ends; what waits for room at the near one. */
struct stage {
	struct world w;
	struct end near, far;
	struct asked *stuck;
};

static uint8_t part[PART];

static int stand_up(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	memset(part, 'p', sizeof(part));
	world_up(&s->w);
	ends_connect(&s->w, "tcp", &s->near, &s->far);
	*state = s;
	return 0;
}

static int stand_down(void **state)
{
	struct stage *s = *state;

	if (s->stuck) {
		fs_interrupt(s->w.fs, &s->stuck->req);
		asked_free(s->stuck);
	}
	end_close(&s->w, &s->near);
	end_close(&s->w, &s->far);
	world_down(&s->w);
	free(s);
	return 0;
}

/* Write until a write waits. */
static void block_a_writer(struct stage *s)
{
	for (;;) {
		s->stuck = ask_write(&s->w, ALICE, s->near.data, part, PART, 0);
		world_turn(&s->w);
		if (!s->stuck->is_answered)
			return;
		assert_int_equal(outcome(s->stuck), PART);
	}
}

static void a_read_is_answered_beside_a_write_that_waits(void **state)
{
	struct stage *s = *state;
	struct asked *read;

	block_a_writer(s);
	read = ask_read(&s->w, ALICE, s->near.data, 100, 0);
	world_turn(&s->w);
	assert_false(read->is_answered);
	assert_int_equal(write_text(&s->w, s->far.data, "back"), 4);
	world_turn(&s->w);
	assert_true(read->is_answered);
	assert_int_equal(outcome(read), 4);
	assert_false(s->stuck->is_answered);
}

static void a_write_is_answered_beside_a_read_that_waits(void **state)
{
	struct stage *s = *state;
	struct asked *read = ask_read(&s->w, ALICE, s->near.data, 100, 0);

	world_turn(&s->w);
	assert_int_equal(write_text(&s->w, s->near.ctl, "nodelay on"), 10); /* nor for an ACK */
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(write_text(&s->w, s->near.data, "forth"), 5);
		assert_string_equal(read_text(&s->w, s->far.data), "forth");
	}
	assert_false(read->is_answered);
	fs_interrupt(s->w.fs, &read->req);
	assert_int_equal(outcome(read), -EINTR);
}

static void a_second_writer_that_waits_is_interrupted_alone(void **state)
{
	struct stage *s = *state;
	struct asked *second, *third;

	block_a_writer(s);
	second = ask_write(&s->w, ALICE, s->near.data, "second", 6, 0);
	third = ask_write(&s->w, ALICE, s->near.data, "third", 5, 0);
	world_turn(&s->w);
	assert_false(second->is_answered);
	fs_interrupt(s->w.fs, &second->req);
	assert_true(second->is_answered);
	assert_int_equal(outcome(second), -EINTR);
	assert_false(s->stuck->is_answered);
	assert_false(third->is_answered);
	fs_interrupt(s->w.fs, &third->req);
	assert_int_equal(outcome(third), -EINTR);
}

static void nothing_of_an_interrupted_second_write_is_sent(void **state)
{
	struct stage *s = *state;
	struct asked *second;
	const char *got;

	block_a_writer(s);
	second = ask_write(&s->w, ALICE, s->near.data, "second", 6, 0);
	world_turn(&s->w);
	fs_interrupt(s->w.fs, &second->req);
	assert_int_equal(outcome(second), -EINTR);
	while (!s->stuck->is_answered) {
		got = read_text(&s->w, s->far.data);
		assert_int_equal(strspn(got, "p"), strlen(got));
		world_turn(&s->w);
	}
	assert_int_equal(outcome(s->stuck), PART);
	s->stuck = NULL;
	assert_int_equal(write_text(&s->w, s->near.ctl, "close"), 5);
	for (;;) {
		struct asked *a = ask_read(&s->w, ALICE, s->far.data, PART, 0);

		world_turn(&s->w);
		if (a->result == 0) {
			asked_free(a);
			return;
		}
		for (ssize_t i = 0; i < a->result; i++)
			assert_int_equal(a->bytes[i], 'p');
		asked_free(a);
	}
}

static void two_writers_that_wait_do_not_mix(void **state)
{
	enum { WRITERS = 4 };
	struct stage *s = *state;
	struct asked *writer[WRITERS];
	static uint8_t mine[WRITERS][PART];
	unsigned at = 0, answered = 0;

	block_a_writer(s);
	for (unsigned i = 0; i < WRITERS; i++) {
		memset(mine[i], (int)('a' + i), PART);
		writer[i] = ask_write(&s->w, ALICE, s->near.data, mine[i], PART, 0);
	}
	while (answered < WRITERS) {
		struct asked *a = ask_read(&s->w, ALICE, s->far.data, PART, 0);

		world_turn(&s->w);
		assert_true(a->is_answered);
		for (ssize_t i = 0; i < a->result; i++) {
			if (a->bytes[i] == 'p' && at == 0)
				continue;
			/* all of one writer's, then all of the next one's */
			assert_int_equal(a->bytes[i], 'a' + at / PART);
			at++;
		}
		asked_free(a);
		for (answered = 0; answered < WRITERS && writer[answered]->is_answered;)
			answered++;
	}
	for (unsigned i = 0; i < WRITERS; i++)
		assert_int_equal(outcome(writer[i]), PART);
	assert_int_equal(outcome(s->stuck), PART);
	s->stuck = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_read_is_answered_beside_a_write_that_waits),
		CASE(a_write_is_answered_beside_a_read_that_waits),
		CASE(a_second_writer_that_waits_is_interrupted_alone),
		CASE(nothing_of_an_interrupted_second_write_is_sent),
		CASE(two_writers_that_wait_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
