/*
 * The file `events`, and with it what every feed promises: who sees which line, in what pieces,
 * and what a slow reader is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fs/tree.h"
#include "../../stack/limits.h"
#include "feed_words.h"

/* --- lines ------------------------------------------------------------------------------- */

static void a_change_of_state_is_a_line(void **state)
{
	struct world *w = *state;
	uint64_t events = open_events(w, ALICE);
	uint64_t clone;

	w->now_us += 500;
	world_turn(w);
	clone = announce(w, ALICE, 5000);
	assert_string_equal(
		heard(w, events), "1700000001000500 udp 1 - Closed Announced ::!5000\n");
	close_file(w, clone);
	assert_string_equal(
		heard(w, events), "1700000001000500 udp 1 - Announced Closed ::!5000\n");
	close_file(w, events);
}

static void a_connection_is_followed_from_both_ends(void **state)
{
	struct world *w = *state;
	struct end listener = end_open(w, "tcp");
	uint64_t events;
	struct asked *a;
	struct end near;

	assert_int_equal(write_text(w, listener.ctl, "announce 127.0.0.1!5000"), 23);
	assert_int_equal(make_dir(w, ALICE, "/tcp/near"), 0);
	events = open_events(w, ALICE);
	assert_int_equal(
		echo(w, ALICE, "connect 127.0.0.1!5000 127.0.0.1!6000", "/tcp/near/ctl"), 37);
	assert_string_equal(heard(w, events),
		"1700000001000000 tcp 2 near Closed Syn_sent 127.0.0.1!5000\n"
		"1700000001000000 tcp 2 near Syn_sent Established 127.0.0.1!5000\n"
		"1700000001000000 tcp 3 - Closed Established 127.0.0.1!6000\n");
	a = ask_open(w, ALICE, end_path(&listener, "listen"), O_RW);
	world_turn(w);
	near.ctl = opened(a);
	assert_int_equal(write_text(w, near.ctl, "hangup"), 6);
	assert_string_equal(heard(w, events),
		"1700000001000000 tcp 3 - Established Closed 127.0.0.1!6000\n"
		"1700000001000000 tcp 2 near Established Closed 127.0.0.1!5000\n");
	close_file(w, near.ctl);
	assert_int_equal(remove_dir(w, ALICE, "/tcp/near"), 0);
	end_close(w, &listener);
	close_file(w, events);
}

static void a_name_counts_until_it_is_taken_away(void **state)
{
	struct world *w = *state;
	uint64_t events;

	assert_int_equal(make_dir(w, ALICE, "/udp/web"), 0);
	events = open_events(w, ALICE);
	/* No turn lies between: what changed before counts under the name all the same. */
	{
		uint64_t ctl = opened(ask_open(w, ALICE, "/udp/web/ctl", O_W));
		struct asked *a = ask_write(w, ALICE, ctl, "announce 5000", 13, 0);

		assert_int_equal(outcome(a), 13);
		assert_int_equal(remove_dir(w, ALICE, "/udp/web"), 0);
		fs_close(w->fs, ctl);
	}
	assert_string_equal(heard(w, events),
		"1700000001000000 udp 1 web Closed Announced ::!5000\n"
		"1700000001000000 udp 1 - Announced Closed ::!5000\n");
	close_file(w, events);
}

static void who_runs_the_server_hears_of_every_conversation(void **state)
{
	struct world *w = *state;
	struct fs_config config = world_config();
	uint64_t events;
	uint64_t clone;

	world_down(w);
	config.keeper_uid = BOB;
	world_up_with(w, &config);
	events = open_events(w, BOB);
	clone = announce(w, ALICE, 5000);
	assert_int_equal(lines_of(heard(w, events)), 1);
	close_file(w, clone);
	close_file(w, events);
}

static void what_came_before_the_open_is_no_news(void **state)
{
	struct world *w = *state;
	uint64_t first = open_events(w, ALICE);
	uint64_t clone = announce(w, ALICE, 5000);
	uint64_t second = open_events(w, ALICE);

	assert_string_equal(heard(w, second), "errno 11");
	assert_int_equal(lines_of(heard(w, first)), 1);
	close_file(w, clone);
	assert_int_equal(lines_of(heard(w, second)), 1);
	close_file(w, first);
	close_file(w, second);
}

static int chmod_to(struct world *w, const char *path, uint32_t mode)
{
	struct cred who = cred_of(ALICE);
	struct fs_attr attr;
	struct fs_attr to = { .mode = mode };
	int err = walk(w, ALICE, path, &attr);

	return err < 0 ? err : fs_setattr(w->fs, &who, attr.node, FS_SET_MODE, &to, &attr);
}

static void a_call_is_its_listeners_until_somebody_takes_it(void **state)
{
	struct world *w = *state;
	struct end listener = end_open(w, "udp");
	uint64_t alice = open_events(w, ALICE);
	uint64_t bob;
	uint64_t clone;
	uint64_t call;

	assert_int_equal(write_text(w, listener.ctl, "announce 127.0.0.1!5000"), 23);
	clone = opened(ask_open(w, ROOT, "/udp/clone", O_RW));
	assert_int_equal(write_text(w, clone, "connect 127.0.0.1!5000 127.0.0.1!6000"), 37);
	assert_int_equal(echo(w, ROOT, "x", "/udp/2/data"), 1);
	assert_string_equal(heard(w, alice),
		"1700000001000000 udp 1 - Closed Announced 127.0.0.1!5000\n"
		"1700000001000000 udp 3 - Closed Connected 127.0.0.1!6000\n");
	bob = open_events(w, BOB);
	assert_int_equal(chmod_to(w, end_path(&listener, "listen"), 0666), 0);
	call = opened(ask_open(w, BOB, end_path(&listener, "listen"), O_RW));
	close_file(w, call);
	assert_string_equal(
		heard(w, bob), "1700000001000000 udp 3 - Connected Closed 127.0.0.1!6000\n");
	assert_string_equal(heard(w, alice), "errno 11");
	close_file(w, clone);
	end_close(w, &listener);
	close_file(w, alice);
	close_file(w, bob);
}

/* --- who sees what ----------------------------------------------------------------------- */

static void everybody_sees_his_own_and_root_sees_all(void **state)
{
	struct world *w = *state;
	uint64_t alice = open_events(w, ALICE);
	uint64_t bob = open_events(w, BOB);
	uint64_t root = open_events(w, ROOT);

	change_twice(w, ALICE, 5000);
	change_twice(w, BOB, 5001);
	change_twice(w, ALICE, 5002);
	assert_string_equal(heard(w, bob),
		"1700000001000000 udp 2 - Closed Announced ::!5001\n"
		"1700000001000000 udp 2 - Announced Closed ::!5001\n");
	assert_int_equal(lines_of(heard(w, alice)), 4);
	assert_int_equal(lines_of(heard(w, root)), 6);
	close_file(w, alice);
	close_file(w, bob);
	close_file(w, root);
}

static void a_descriptor_that_is_handed_on_shows_what_its_opener_may_see(void **state)
{
	struct world *w = *state;
	uint64_t alice = open_events(w, ALICE);
	struct asked *a;

	change_twice(w, BOB, 5000);
	a = ask_read(w, BOB, alice, 1000, O_N);
	assert_int_equal(outcome(a), -EAGAIN);
	change_twice(w, ALICE, 5000);
	a = ask_read(w, BOB, alice, 1000, O_N);
	assert_int_equal(lines_of(line_text(a)), 2);
	close_file(w, alice);
}

static void it_is_there_for_all_to_read_and_for_nobody_to_write(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_error(w, BOB, "/events", O_R), 0);
	assert_int_equal(open_error(w, ROOT, "/events", O_W), -EACCES);
	assert_int_equal(open_error(w, ROOT, "/events", O_RW), -EACCES);
}

/* --- reads of any size ------------------------------------------------------------------- */

static void a_read_gives_whole_lines_as_far_as_they_fit(void **state)
{
	struct world *w = *state;
	uint64_t events = open_events(w, ALICE);

	change_twice(w, ALICE, 5000);
	/* Each has 50 bytes. */
	assert_int_equal(strlen(read_some(w, events, 99)), 50);
	assert_int_equal(strlen(read_some(w, events, 50)), 50);
	change_twice(w, ALICE, 5000);
	assert_int_equal(strlen(read_some(w, events, 100)), 100);
	close_file(w, events);
}

static void a_line_that_is_too_long_is_read_in_parts(void **state)
{
	struct world *w = *state;
	uint64_t events = open_events(w, ALICE);
	char all[51] = "";

	change_twice(w, ALICE, 5000);
	for (unsigned i = 0; i < 50; i++) {
		const char *byte = read_some(w, events, 1);

		assert_int_equal(strlen(byte), 1);
		all[i] = byte[0];
	}
	assert_string_equal(all, "1700000001000000 udp 1 - Closed Announced ::!5000\n");
	/* The rest of a line goes alone, whatever comes behind it. */
	assert_int_equal(strlen(read_some(w, events, 49)), 49);
	change_twice(w, ALICE, 5000);
	assert_string_equal(read_some(w, events, 1000), "\n");
	assert_int_equal(lines_of(heard(w, events)), 2);
	close_file(w, events);
}

static void a_read_of_nothing_gives_nothing(void **state)
{
	struct world *w = *state;
	uint64_t events = open_events(w, ALICE);

	assert_string_equal(read_some(w, events, 0), "");
	close_file(w, events);
}

static void an_answer_that_nobody_took_is_given_again(void **state)
{
	struct world *w = *state;
	uint64_t events = open_events(w, ALICE);
	struct asked *a = ask_read(w, ALICE, events, 1000, 0);

	a->is_lost = true;
	change_twice(w, ALICE, 5000);
	assert_true(a->is_answered);
	asked_free(a);
	assert_int_equal(lines_of(heard(w, events)), 2);
	close_file(w, events);
}

/* --- too slow ---------------------------------------------------------------------------- */

static void flood(struct world *w, uint32_t uid, unsigned changes)
{
	for (unsigned i = 0; i < changes; i += 2)
		change_twice(w, uid, 5000);
}

static void who_falls_behind_is_told_how_much_of_his_he_has_lost(void **state)
{
	struct world *w = *state;
	uint64_t root = open_events(w, ROOT);
	uint64_t alice = open_events(w, ALICE);
	uint64_t bob = open_events(w, BOB);

	flood(w, ALICE, FEED_LINES);
	flood(w, BOB, 1000);
	assert_string_equal(read_some(w, root, 20), "lost 1000\n");
	assert_string_equal(
		read_some(w, root, 52), "1700000001000000 udp 501 - Closed Announced ::!5000\n");
	assert_int_equal(lines_left(w, root), FEED_LINES - 1);
	assert_string_equal(read_some(w, alice, 20), "lost 1000\n");
	assert_int_equal(lines_left(w, alice), FEED_LINES - 1000);
	assert_int_equal(lines_left(w, bob), 1000);
	close_file(w, root);
	close_file(w, alice);
	close_file(w, bob);
}

static void who_has_lost_all_of_it_is_told_so_too(void **state)
{
	struct world *w = *state;
	uint64_t root = open_events(w, ROOT);
	uint64_t alice = open_events(w, ALICE);

	flood(w, ALICE, 10);
	flood(w, ROOT, FEED_LINES);
	assert_string_equal(heard(w, alice), "lost 10\n");
	assert_string_equal(heard(w, alice), "errno 11");
	flood(w, ALICE, 2);
	assert_int_equal(lines_left(w, alice), 2);
	close_file(w, alice);
	close_file(w, root);
}

static void what_was_for_others_is_not_lost_to_anybody(void **state)
{
	struct world *w = *state;
	uint64_t root = open_events(w, ROOT);
	uint64_t bob = open_events(w, BOB);

	flood(w, ALICE, FEED_LINES + 1000);
	assert_string_equal(heard(w, bob), "errno 11");
	flood(w, BOB, 2);
	assert_int_equal(lines_left(w, bob), 2);
	close_file(w, bob);
	close_file(w, root);
}

static void who_loses_a_second_time_is_told_a_second_time(void **state)
{
	struct world *w = *state;
	uint64_t root = open_events(w, ROOT);

	flood(w, ALICE, FEED_LINES + 10);
	assert_string_equal(read_some(w, root, 10), "lost 10\n");
	flood(w, ALICE, 20);
	assert_string_equal(read_some(w, root, 10), "lost 20\n");
	assert_int_equal(lines_left(w, root), FEED_LINES);
	close_file(w, root);
}

static void a_line_that_was_begun_is_read_to_its_end(void **state)
{
	struct world *w = *state;
	uint64_t root = open_events(w, ROOT);

	change_twice(w, ALICE, 5000);
	assert_string_equal(read_some(w, root, 3), "170");
	flood(w, ALICE, FEED_LINES + 10);
	assert_string_equal(heard(w, root), "0000001000000 udp 1 - Closed Announced ::!5000\n");
	assert_string_equal(read_some(w, root, 3), "los");
	assert_string_equal(heard(w, root), "t 11\n");
	assert_int_equal(lines_left(w, root), FEED_LINES);
	close_file(w, root);
}

/* Lines of all lengths, so that many of them lie across the end of the ring's bytes. */
static void lines_are_whole_wherever_the_ring_begins_anew(void **state)
{
	struct world *w = *state;
	struct fs *fs = w->fs;
	uint64_t root = open_events(w, ROOT);
	char words[FEED_LINE_MAX];
	char expected[FEED_LINE_MAX + 1];

	for (unsigned i = 0; i < 4 * FEED_BYTES / FEED_LINE_MAX; i++) {
		unsigned len = 900 + i % 100;

		memset(words, 'a' + (int)(i % 26), len);
		words[len] = '\0';
		snprintf(expected, sizeof(expected), "%s\n", words);
		feed_put(&fs->events, ALICE, words);
		assert_string_equal(heard(w, root), expected);
	}
	close_file(w, root);
}

static void a_line_that_is_longer_than_any_is_cut(void **state)
{
	struct world *w = *state;
	uint64_t root = open_events(w, ROOT);
	char words[2 * FEED_LINE_MAX];

	memset(words, 'a', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	feed_put(&w->fs->events, ALICE, words);
	assert_int_equal(strlen(heard(w, root)), FEED_LINE_MAX);
	close_file(w, root);
}

static void what_the_stack_forgot_is_lost_to_all(void **state)
{
	enum { EACH = LIMIT_CHANGES / 2 + 50 };
	struct world *w = *state;
	uint64_t root = open_events(w, ROOT);
	uint64_t bob = open_events(w, BOB);

	for (unsigned i = 0; i < EACH; i++) {
		struct cred who = cred_of(ALICE);
		struct endpoint local = { .port = 5000 };
		struct conv *c = conv_new(w->stack, stack_proto(w->stack, 1), &who);

		assert_non_null(c);
		assert_int_equal(conv_announce(c, &local), 0);
		conv_release(c);
	}
	assert_string_equal(read_some(w, root, 10), "lost 100\n");
	assert_int_equal(lines_left(w, root), LIMIT_CHANGES);
	/* Nobody knows whose they were. */
	assert_string_equal(heard(w, bob), "lost 100\n");
	close_file(w, bob);
	close_file(w, root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_change_of_state_is_a_line),
		CASE(a_connection_is_followed_from_both_ends),
		CASE(a_name_counts_until_it_is_taken_away),
		CASE(who_runs_the_server_hears_of_every_conversation),
		CASE(what_came_before_the_open_is_no_news),
		CASE(a_call_is_its_listeners_until_somebody_takes_it),
		CASE(everybody_sees_his_own_and_root_sees_all),
		CASE(a_descriptor_that_is_handed_on_shows_what_its_opener_may_see),
		CASE(it_is_there_for_all_to_read_and_for_nobody_to_write),
		CASE(a_read_gives_whole_lines_as_far_as_they_fit),
		CASE(a_line_that_is_too_long_is_read_in_parts),
		CASE(a_read_of_nothing_gives_nothing),
		CASE(an_answer_that_nobody_took_is_given_again),
		CASE(who_falls_behind_is_told_how_much_of_his_he_has_lost),
		CASE(who_has_lost_all_of_it_is_told_so_too),
		CASE(what_was_for_others_is_not_lost_to_anybody),
		CASE(who_loses_a_second_time_is_told_a_second_time),
		CASE(a_line_that_was_begun_is_read_to_its_end),
		CASE(lines_are_whole_wherever_the_ring_begins_anew),
		CASE(a_line_that_is_longer_than_any_is_cut),
		CASE(what_the_stack_forgot_is_lost_to_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
