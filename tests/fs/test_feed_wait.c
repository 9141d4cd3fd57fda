/* Who waits for a line, or polls for one, is woken in his turn, and costs nobody anything. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fs/tree.h"
#include "feed_words.h"

/* --- waiting ----------------------------------------------------------------------------- */

static void a_read_waits_for_a_line(void **state)
{
	struct world *w = *state;
	uint64_t events = open_events(w, ALICE);
	struct asked *a = ask_read(w, ALICE, events, 1000, 0);

	world_turn(w);
	assert_false(a->is_answered);
	change_twice(w, ALICE, 5000);
	assert_true(a->is_answered);
	/* Both lines come in one answer, for both were there. */
	assert_int_equal(lines_of(line_text(a)), 2);
	close_file(w, events);
}

static void a_line_for_another_wakes_nobody(void **state)
{
	struct world *w = *state;
	uint64_t root = open_events(w, ROOT);
	uint64_t bob = open_events(w, BOB);
	struct asked *a = ask_read(w, BOB, bob, 1000, 0);
	struct token token = { 0 };

	assert_int_equal(poll_file(w, bob, &token), 0);
	for (unsigned i = 0; i < FEED_LINES; i++)
		change_twice(w, ALICE, 5000);
	assert_false(a->is_answered);
	assert_int_equal(token.notified, 0);
	change_twice(w, BOB, 5000);
	assert_int_equal(lines_of(line_text(a)), 2);
	assert_int_equal(token.notified, 1);
	close_file(w, bob);
	close_file(w, root);
}

static void requests_of_one_file_are_served_in_the_order_of_asking(void **state)
{
	enum { READERS = 8 };
	struct world *w = *state;
	uint64_t events = open_events(w, ALICE);
	struct asked *asked[READERS];
	struct asked *late;

	for (unsigned i = 0; i < READERS; i++)
		asked[i] = ask_read(w, i % 2 ? ALICE : BOB, events, 60, 0);
	late = ask_read(w, ALICE, events, 60, O_N);
	assert_int_equal(outcome(late), -EAGAIN);
	for (unsigned i = 0; i < READERS; i += 2) {
		assert_false(asked[i]->is_answered);
		change_twice(w, ALICE, 5000);
		assert_int_equal(lines_of(line_text(asked[i])), 1);
		assert_int_equal(lines_of(line_text(asked[i + 1])), 1);
	}
	close_file(w, events);
}

static void the_parts_of_a_line_go_to_those_who_wait_in_turn(void **state)
{
	enum { READERS = 60 };
	struct world *w = *state;
	uint64_t events = open_events(w, ALICE);
	struct asked *asked[READERS];
	char all[READERS + 1] = "";
	uint64_t clone;

	for (unsigned i = 0; i < READERS; i++)
		asked[i] = ask_read(w, ALICE, events, 1, 0);
	world_turn(w);
	clone = announce(w, ALICE, 5000);
	world_turn(w);
	for (unsigned i = 0; i < 50; i++)
		all[i] = line_text(asked[i])[0];
	assert_string_equal(all, "1700000001000000 udp 1 - Closed Announced ::!5000\n");
	for (unsigned i = 50; i < READERS; i++) {
		assert_false(asked[i]->is_answered);
		fs_interrupt(w->fs, &asked[i]->req);
		assert_int_equal(outcome(asked[i]), -EINTR);
	}
	close_file(w, clone);
	close_file(w, events);
}

/* Of those who wait, how many have been answered; they are the first. */
static unsigned answered(struct asked *const *asked, unsigned n)
{
	unsigned first = 0;

	while (first < n && asked[first]->is_answered)
		first++;
	for (unsigned i = first; i < n; i++)
		assert_false(asked[i]->is_answered);
	return first;
}

static void many_readers_are_served_some_at_a_time_and_in_order(void **state)
{
	enum { READERS = 1000 };
	struct world *w = *state;
	uint64_t files[READERS];
	struct asked *asked[READERS];
	unsigned before = 0;
	unsigned turns = 0;
	uint64_t clone;

	for (unsigned i = 0; i < READERS; i++) {
		files[i] = open_events(w, ALICE);
		world_turn(w);
		asked[i] = ask_read(w, ALICE, files[i], 1000, 0);
	}
	world_turn(w);
	clone = announce(w, ALICE, 5000);
	while (fs_pump(w->fs)) {
		unsigned now = answered(asked, READERS);

		assert_in_range(now - before, 1, 256);
		before = now;
		turns++;
		assert_int_equal(fs_deadline(w->fs), w->now_us);
	}
	assert_true(turns >= 3);
	for (unsigned i = 0; i < READERS; i++) {
		assert_int_equal(lines_of(line_text(asked[i])), 1);
		close_file(w, files[i]);
	}
	close_file(w, clone);
}

static void who_is_killed_leaves_nothing(void **state)
{
	struct world *w = *state;
	uint64_t events = open_events(w, ALICE);
	struct asked *first = ask_read(w, ALICE, events, 1000, 0);
	struct asked *second = ask_read(w, ALICE, events, 1000, 0);

	world_turn(w);
	fs_interrupt(w->fs, &first->req);
	assert_int_equal(outcome(first), -EINTR);
	change_twice(w, ALICE, 5000);
	assert_int_equal(lines_of(line_text(second)), 2);
	second = ask_read(w, ALICE, events, 1000, 0);
	close_file(w, events);
	assert_int_equal(outcome(second), -ECONNABORTED);
	assert_string_equal(cat(w, ROOT, "/err"), "");
	assert_non_null(strstr(cat(w, ROOT, "/stats"), "\"parked\": 0"));
}

static void who_waits_when_the_tree_ends_is_told_so(void **state)
{
	struct world w;
	struct asked *a;

	(void)state;
	world_up(&w);
	a = ask_read(&w, ALICE, open_events(&w, ALICE), 100, 0);
	world_down(&w);
	assert_int_equal(outcome(a), -ECONNABORTED);
}

static void the_last_line_is_heard_before_the_tree_ends(void **state)
{
	struct world w;
	struct asked *a;

	(void)state;
	world_up(&w);
	a = ask_read(&w, ALICE, open_events(&w, ALICE), 100, 0);
	feed_put(&w.fs->events, ALICE, "the last");
	fs_free(w.fs);
	assert_string_equal(line_text(a), "the last\n");
	buf_drop(w.chunk);
	stack_free(w.stack);
}

static void those_who_wait_count_in_their_users_share(void **state)
{
	struct fs_config config = world_config();
	struct asked *asked[5];
	struct world w;
	uint64_t events;
	struct asked *bob;

	(void)state;
	config.parked_max = 8;
	world_up_with(&w, &config);
	events = open_events(&w, ALICE);
	for (unsigned i = 0; i < 5; i++)
		asked[i] = ask_read(&w, ALICE, events, 10, 0);
	assert_int_equal(outcome(asked[4]), -ENOBUFS);
	bob = ask_read(&w, BOB, events, 10, 0);
	assert_false(bob->is_answered);
	fs_close(w.fs, events);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(outcome(asked[i]), -ECONNABORTED);
	assert_int_equal(outcome(bob), -ECONNABORTED);
	world_down(&w);
}

/* --- poll -------------------------------------------------------------------------------- */

static void it_polls_readable_while_a_line_waits(void **state)
{
	struct world *w = *state;
	uint64_t events = open_events(w, ALICE);
	struct token token = { 0 };
	uint64_t clone;

	assert_int_equal(poll_file(w, events, &token), 0);
	clone = announce(w, ALICE, 5000);
	world_turn(w);
	assert_int_equal(token.notified, 1);
	assert_int_equal(poll_file(w, events, NULL), POLLIN | POLLRDNORM);
	assert_int_equal(strlen(read_some(w, events, 1)), 1);
	assert_int_equal(poll_file(w, events, NULL), POLLIN | POLLRDNORM);
	assert_int_equal(strlen(read_some(w, events, 100)), 49);
	assert_int_equal(poll_file(w, events, NULL), 0);
	/* Whoever asks only for edges has not polled since. */
	close_file(w, clone);
	assert_int_equal(token.notified, 2);
	close_file(w, events);
	assert_true(token.is_freed);
}

static void a_user_does_not_wait_behind_all_readers_of_another(void **state)
{
	enum { FILES = 1000 };
	struct world *w = *state;
	static uint64_t files[FILES];
	static struct asked *reads[FILES];
	uint64_t clones[2];
	uint64_t bob = open_events(w, BOB);
	struct asked *of_bob = ask_read(w, BOB, bob, 100, 0);

	for (unsigned i = 0; i < FILES; i++) {
		files[i] = open_events(w, ALICE);
		reads[i] = ask_read(w, ALICE, files[i], 100, 0);
		world_turn(w);
	}
	clones[0] = opened(ask_open(w, ALICE, "/udp/clone", O_RW));
	clones[1] = opened(ask_open(w, BOB, "/udp/clone", O_RW));
	assert_int_equal(outcome(ask_write(w, ALICE, clones[0], "announce 5000", 13, 0)), 13);
	assert_int_equal(outcome(ask_write(w, BOB, clones[1], "announce 5001", 13, 0)), 13);
	(void)fs_pump(w->fs);
	assert_true(of_bob->is_answered);
	world_turn(w);
	asked_free(of_bob);
	for (unsigned i = 0; i < FILES; i++) {
		asked_free(reads[i]);
		close_file(w, files[i]);
	}
	close_file(w, bob);
	close_file(w, clones[0]);
	close_file(w, clones[1]);
}

static void many_who_poll_are_told_some_at_a_time(void **state)
{
	enum { FILES = 1000 };
	static struct token tokens[FILES];
	struct world *w = *state;
	uint64_t files[FILES];
	unsigned told = 0;
	uint64_t clone;

	memset(tokens, 0, sizeof(tokens));
	for (unsigned i = 0; i < FILES; i++) {
		files[i] = open_events(w, ALICE);
		world_turn(w);
		assert_int_equal(poll_file(w, files[i], &tokens[i]), 0);
	}
	clone = announce(w, ALICE, 5000);
	assert_true(fs_pump(w->fs));
	for (unsigned i = 0; i < FILES; i++)
		told += tokens[i].notified;
	assert_in_range(told, 1, 256);
	world_turn(w);
	for (unsigned i = 0; i < FILES; i++) {
		assert_int_equal(tokens[i].notified, 1);
		close_file(w, files[i]);
	}
	close_file(w, clone);
}

/* --- memory ------------------------------------------------------------------------------ */

static void an_open_for_which_memory_is_short_leaves_nothing(void **state)
{
	struct world *w = *state;
	unsigned refused = 0;
	uint64_t events = 0;

	(void)cat(w, ALICE, "/err"); /* Alice is known */
	for (unsigned i = 1; events == 0; i++) {
		struct asked *a;

		w->refuse_at = i;
		a = ask_open(w, ALICE, "/events", O_R);
		w->refuse_at = 0;
		if (a->result == 0) {
			events = opened(a);
			continue;
		}
		assert_int_equal(outcome(a), -ENOMEM);
		refused++;
		world_turn(w);
	}
	/* The file, lines, bytes, the audience, its table, and perhaps a slot. */
	assert_in_range(refused, 5, 6);
	change_twice(w, ALICE, 5000);
	assert_int_equal(lines_left(w, events), 2);
	close_file(w, events);
}

static void a_part_for_which_memory_is_short_is_there_the_next_time(void **state)
{
	struct world *w = *state;
	uint64_t events = open_events(w, ALICE);

	change_twice(w, ALICE, 5000);
	for (unsigned i = 1; i <= 2; i++) {
		w->refuse_at = i;
		assert_string_equal(read_some(w, events, 1), "errno 12");
		assert_int_equal(w->refuse_at, 0);
	}
	assert_string_equal(read_some(w, events, 1), "1");
	assert_int_equal(lines_left(w, events), 2);
	close_file(w, events);
}

static void lines_need_no_memory(void **state)
{
	struct world *w = *state;
	uint64_t events = open_events(w, ALICE);
	uint64_t clone = opened(ask_open(w, ALICE, "/udp/clone", O_RW));
	struct asked *a;

	w->refuse_at = 1;
	w->refuse_all = true;
	a = ask_write(w, ALICE, clone, "announce 5000", 13, 0);
	assert_int_equal(outcome(a), 13);
	world_turn(w);
	w->refuse_at = 0;
	assert_int_equal(lines_left(w, events), 1);
	close_file(w, clone);
	close_file(w, events);
}

static void nobody_reads_and_nothing_is_kept(void **state)
{
	struct world *w = *state;
	struct fs *fs = w->fs;
	uint64_t events = open_events(w, ALICE);
	uint64_t second = open_events(w, BOB);

	assert_true(feed_is_read(&fs->events));
	close_file(w, events);
	assert_true(feed_is_read(&fs->events));
	close_file(w, second);
	assert_false(feed_is_read(&fs->events));
	change_twice(w, ALICE, 5000);
	events = open_events(w, ALICE);
	assert_string_equal(heard(w, events), "errno 11");
	close_file(w, events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_read_waits_for_a_line),
		CASE(a_line_for_another_wakes_nobody),
		CASE(requests_of_one_file_are_served_in_the_order_of_asking),
		CASE(the_parts_of_a_line_go_to_those_who_wait_in_turn),
		CASE(many_readers_are_served_some_at_a_time_and_in_order),
		CASE(who_is_killed_leaves_nothing),
		CASE(who_waits_when_the_tree_ends_is_told_so),
		CASE(the_last_line_is_heard_before_the_tree_ends),
		CASE(those_who_wait_count_in_their_users_share),
		CASE(it_polls_readable_while_a_line_waits),
		CASE(a_user_does_not_wait_behind_all_readers_of_another),
		CASE(many_who_poll_are_told_some_at_a_time),
		CASE(an_open_for_which_memory_is_short_leaves_nothing),
		CASE(a_part_for_which_memory_is_short_is_there_the_next_time),
		CASE(lines_need_no_memory),
		CASE(nobody_reads_and_nothing_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
