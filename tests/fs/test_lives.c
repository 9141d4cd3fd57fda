/* How long a conversation lives: who holds it, and what its end does (tree.md section 4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/tree.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

#define EMPTY "clone stats"

/* n=$(cat /net/udp/clone): the directory of the reserved conversation, until the next call. */
static const char *reserve(struct world *w)
{
	static char dir[64];

	snprintf(dir, sizeof(dir), "/udp/%llu", strtoull(cat(w, ALICE, "/udp/clone"), NULL, 10));
	return dir;
}

static const char *file_of(const char *dir, const char *file)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return path;
}

static bool is_there(struct world *w, const char *dir)
{
	struct fs_attr attr;

	return walk(w, ALICE, dir, &attr) == 0;
}

/* --- 1: clone opened for writing --------------------------------------------------------- */

static void clone_opened_for_writing_lives_until_it_is_closed(void **state)
{
	uint64_t clone = open_file(*state, "/udp/clone", O_RW);

	assert_string_not_equal(ls(*state, "/udp"), EMPTY);
	close_file(*state, clone);
	assert_string_equal(ls(*state, "/udp"), EMPTY);
}

static void any_open_stream_keeps_it(void **state)
{
	struct end e = end_open(*state, "udp");

	close_file(*state, e.ctl);
	assert_true(is_there(*state, e.dir));
	close_file(*state, e.data);
	assert_false(is_there(*state, e.dir));
}

static void anothers_look_at_its_status_does_not_keep_it(void **state)
{
	struct end e = end_open(*state, "udp");
	uint64_t status = opened(ask_open(*state, BOB, end_path(&e, "status"), O_R));

	end_close(*state, &e);
	assert_false(is_there(*state, e.dir));
	/* The snapshot is still his. */
	assert_memory_equal(read_text(*state, status), "Closed ", 7);
	close_file(*state, status);
}

static void a_number_is_never_given_twice(void **state)
{
	struct end first = end_open(*state, "udp");
	struct end second;

	end_close(*state, &first);
	second = end_open(*state, "udp");
	assert_true(second.number > first.number);
	end_close(*state, &second);
}

/* --- 2: reservations ----------------------------------------------------------------------- */

static void clone_opened_for_reading_reserves_for_60_seconds(void **state)
{
	const char *dir = reserve(*state);

	world_sleep(*state, 59 * USEC_PER_SEC);
	assert_true(is_there(*state, dir));
	world_sleep(*state, 1 * USEC_PER_SEC);
	assert_false(is_there(*state, dir));
}

static void the_60_seconds_begin_when_the_last_file_is_closed(void **state)
{
	const char *dir = reserve(*state);
	uint64_t status = open_file(*state, file_of(dir, "status"), O_R);

	world_sleep(*state, 100 * USEC_PER_SEC);
	assert_true(is_there(*state, dir));
	close_file(*state, status);
	world_sleep(*state, 59 * USEC_PER_SEC);
	assert_true(is_there(*state, dir));
	world_sleep(*state, 1 * USEC_PER_SEC);
	assert_false(is_there(*state, dir));
}

static void what_arrives_does_not_prolong_a_reservation(void **state)
{
	struct world *w = *state;
	const char *dir = reserve(w);
	struct end caller = end_open(w, "udp");

	assert_int_equal(
		echo(w, ALICE, "connect 127.0.0.1!4000 127.0.0.1!5000", file_of(dir, "ctl")), 37);
	assert_int_equal(write_text(w, caller.ctl, "connect 127.0.0.1!5000 127.0.0.1!4000"), 37);
	world_sleep(w, 40 * USEC_PER_SEC);
	assert_int_equal(write_text(w, caller.data, "x"), 1);
	world_sleep(w, 20 * USEC_PER_SEC);
	assert_false(is_there(w, dir));
	end_close(w, &caller);
}

static void keep_says_how_long(void **state)
{
	const char *dir = reserve(*state);

	assert_int_equal(echo(*state, ALICE, "keep 5", file_of(dir, "ctl")), 6);
	world_sleep(*state, 4 * USEC_PER_SEC);
	assert_true(is_there(*state, dir));
	world_sleep(*state, 1 * USEC_PER_SEC);
	assert_false(is_there(*state, dir));
}

static void keep_forever_is_for_ever(void **state)
{
	const char *dir = reserve(*state);

	assert_int_equal(echo(*state, ALICE, "keep forever", file_of(dir, "ctl")), 12);
	world_sleep(*state, 1000000 * USEC_PER_SEC);
	assert_true(is_there(*state, dir));
	assert_int_equal(echo(*state, ALICE, "keep 0", file_of(dir, "ctl")), 6);
	assert_false(is_there(*state, dir));
}

static void opened_for_both_a_reserved_one_lives_by_its_files(void **state)
{
	static const char *const files[] = { "ctl", "data" };

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const char *dir = reserve(*state);
		uint64_t file = open_file(*state, file_of(dir, files[i]), O_RW);

		assert_true(is_there(*state, dir));
		close_file(*state, file);
		assert_false(is_there(*state, dir));
	}
}

static void opened_for_one_of_both_it_stays_reserved(void **state)
{
	const char *dir = reserve(*state);

	assert_int_equal(echo(*state, ALICE, "ttl 3", file_of(dir, "ctl")), 5);
	assert_string_not_equal(cat(*state, ALICE, file_of(dir, "ctl")), "");
	assert_true(is_there(*state, dir));
}

static void a_user_has_so_many_reservations_and_no_more(void **state)
{
	for (unsigned i = 0; i < 64; i++)
		reserve(*state);
	assert_string_equal(cat(*state, ALICE, "/udp/clone"), "errno 122"); /* EDQUOT */
	assert_string_equal(cat(*state, ALICE, "/err"),
		"udp/clone: too many conversations or reservations of this user; close some\n");
	assert_string_not_equal(cat(*state, BOB, "/udp/clone"), "errno 122");
}

static void a_reservation_that_is_over_makes_room_for_another(void **state)
{
	for (unsigned i = 0; i < 64; i++)
		reserve(*state);
	world_sleep(*state, 60 * USEC_PER_SEC);
	assert_string_equal(ls(*state, "/udp"), EMPTY);
	assert_string_not_equal(cat(*state, ALICE, "/udp/clone"), "errno 122");
}

static void what_has_become_live_no_longer_counts_as_reserved(void **state)
{
	uint64_t files[64];

	for (unsigned i = 0; i < 64; i++)
		files[i] = open_file(*state, file_of(reserve(*state), "data"), O_RW);
	assert_string_not_equal(cat(*state, ALICE, "/udp/clone"), "errno 122");
	for (unsigned i = 0; i < 64; i++)
		close_file(*state, files[i]);
}

/* --- 3: names ------------------------------------------------------------------------------ */

static void a_named_one_lives_without_an_open_file(void **state)
{
	assert_int_equal(make_dir(*state, ALICE, "/udp/web"), 0);
	world_sleep(*state, 1000000 * USEC_PER_SEC);
	assert_true(is_there(*state, "/udp/web"));
	assert_int_equal(echo(*state, ALICE, "connect 127.0.0.1!9", "/udp/web/ctl"), 19);
	assert_string_equal(cat(*state, ALICE, "/udp/web/remote"), "127.0.0.1!9\n");
}

static void a_name_and_a_reservation_add_up(void **state)
{
	char dir[64];

	assert_int_equal(make_dir(*state, ALICE, "/udp/web"), 0);
	snprintf(dir, sizeof(dir), "/udp/%llu",
		strtoull(cat(*state, ALICE, "/udp/web/ctl"), NULL, 10));
	assert_int_equal(echo(*state, ALICE, "keep 10", "/udp/web/ctl"), 7);
	assert_int_equal(remove_dir(*state, ALICE, "/udp/web"), 0);
	assert_true(is_there(*state, dir));
	world_sleep(*state, 10 * USEC_PER_SEC);
	assert_false(is_there(*state, dir));
}

static void a_number_is_not_ended_by_rmdir_and_err_says_what_does(void **state)
{
	struct end e = end_open(*state, "udp");
	char words[256];

	assert_int_equal(remove_dir(*state, ALICE, e.dir), -EPERM);
	snprintf(words, sizeof(words),
		"rmdir udp/%llu: a number ends with what holds it: close its files; \"keep 0\" "
		"ends a reservation, rmdir of its name a name\n",
		(unsigned long long)e.number);
	assert_string_equal(cat(*state, ALICE, "/err"), words);
	assert_true(is_there(*state, e.dir));
	end_close(*state, &e);
}

static void a_name_is_ended_by_its_owner_and_err_says_so(void **state)
{
	assert_int_equal(make_dir(*state, ALICE, "/udp/web"), 0);
	assert_int_equal(remove_dir(*state, BOB, "/udp/web"), -EPERM);
	assert_string_equal(cat(*state, BOB, "/err"),
		"rmdir udp/web: another user's; only its owner or root may end a name\n");
	assert_int_equal(remove_dir(*state, ROOT, "/udp/web"), 0);
}

/* The conversation ends with the file, and its err with that. */
static void what_was_wrong_with_a_line_to_clone_is_in_the_users_err(void **state)
{
	assert_int_equal(echo(*state, ALICE, "ttl 0", "/udp/clone"), -EINVAL);
	assert_string_equal(cat(*state, ALICE, "/err"),
		"udp/clone: ttl: expected a number from 1 to 255, got \"0\"\n");
	assert_string_equal(cat(*state, BOB, "/err"), "");
	assert_string_equal(ls(*state, "/udp"), EMPTY);
}

/* --- 5: calls ------------------------------------------------------------------------------ */

/* A listener on 5000 and somebody who has called it. */
static void call(struct world *w, struct end *listener, struct end *caller)
{
	*listener = end_open(w, "udp");
	*caller = end_open(w, "udp");
	assert_int_equal(write_text(w, listener->ctl, "announce 127.0.0.1!5000"), 23);
	assert_int_equal(write_text(w, caller->ctl, "connect 127.0.0.1!5000"), 22);
	assert_int_equal(write_text(w, caller->data, "hello"), 5);
}

static void a_call_taken_by_listen_lives_by_its_files(void **state)
{
	struct end listener;
	struct end caller;
	uint64_t taken;
	char dir[64];

	call(*state, &listener, &caller);
	taken = open_file(*state, end_path(&listener, "listen"), O_RW);
	snprintf(dir, sizeof(dir), "/udp/%llu", strtoull(read_text(*state, taken), NULL, 10));
	assert_true(is_there(*state, dir));
	assert_string_not_equal(dir, listener.dir);
	close_file(*state, taken);
	assert_false(is_there(*state, dir));
	end_close(*state, &listener);
	end_close(*state, &caller);
}

static void a_call_taken_by_accept_is_reserved(void **state)
{
	struct end listener;
	struct end caller;
	uint64_t accept;
	char line[64];
	char expected[64];
	char dir[64];
	char *end;

	call(*state, &listener, &caller);
	accept = open_file(*state, end_path(&listener, "accept"), O_R);
	snprintf(line, sizeof(line), "%s", read_text(*state, accept));
	snprintf(dir, sizeof(dir), "/udp/%llu", strtoull(line, &end, 10));
	snprintf(expected, sizeof(expected), " %s", cat(*state, ALICE, end_path(&caller, "local")));
	assert_string_equal(end, expected);
	close_file(*state, accept);
	world_sleep(*state, 59 * USEC_PER_SEC);
	assert_true(is_there(*state, dir));
	world_sleep(*state, 1 * USEC_PER_SEC);
	assert_false(is_there(*state, dir));
	end_close(*state, &listener);
	end_close(*state, &caller);
}

/* Who takes a call need not have room for it; who keeps it longer must. */
static void a_call_that_is_kept_counts_as_a_reservation(void **state)
{
	struct world *w = *state;
	struct end listener;
	struct end caller;
	uint64_t accept;
	char path[64];

	call(w, &listener, &caller);
	for (unsigned i = 0; i < 64; i++)
		reserve(w);
	accept = open_file(w, end_path(&listener, "accept"), O_R);
	snprintf(path, sizeof(path), "/udp/%llu/ctl", strtoull(read_text(w, accept), NULL, 10));
	assert_int_equal(echo(w, ALICE, "keep forever", path), -EDQUOT);
	*strrchr(path, '/') = '\0';
	assert_string_equal(cat(w, ALICE, file_of(path, "err")),
		"keep: too many conversations or reservations of this user; close some\n");
	close_file(w, accept);
	end_close(w, &listener);
	end_close(w, &caller);
}

static void a_user_makes_a_third_of_all_conversations_and_no_more(void **state)
{
	struct world *w = *state;
	unsigned most = conv_max(w->stack, stack_proto(w->stack, 2)) / 3;
	char path[64];
	int err = 0;

	for (unsigned i = 0; i < most; i++) {
		snprintf(path, sizeof(path), "/icmp/a%u", i);
		err |= make_dir(w, ALICE, path);
	}
	assert_int_equal(err, 0);
	assert_int_equal(make_dir(w, ALICE, "/icmp/more"), -EDQUOT);
	assert_string_equal(cat(w, ALICE, "/err"),
		"mkdir icmp/more: too many conversations or reservations of this user; close "
		"some\n");
	assert_int_equal(make_dir(w, BOB, "/icmp/bobs"), 0);
	assert_int_equal(make_dir(w, ALICE, "/udp/other"), 0);
	assert_int_equal(remove_dir(w, ALICE, "/icmp/a0"), 0);
	assert_int_equal(make_dir(w, ALICE, "/icmp/more"), 0);
}

static void a_call_belongs_to_who_took_it(void **state)
{
	struct world *w = *state;
	struct end listener;
	struct end caller;
	struct asked *a;
	struct fs_attr attr;
	uint64_t accept;
	char dir[64];

	call(w, &listener, &caller);
	accept = open_file(w, end_path(&listener, "accept"), O_R);
	a = ask_read(w, BOB, accept, 1000, 0);
	world_turn(w);
	assert_true(a->result > 0);
	snprintf(dir, sizeof(dir), "/udp/%llu", strtoull((char *)a->bytes, NULL, 10));
	asked_free(a);
	assert_int_equal(walk(w, ALICE, dir, &attr), 0);
	assert_int_equal(attr.uid, BOB);
	close_file(w, accept);
	end_close(w, &listener);
	end_close(w, &caller);
}

static void a_line_of_accept_is_given_to_readers_of_single_bytes(void **state)
{
	struct world *w = *state;
	struct end listener;
	struct end caller;
	uint64_t accept;
	char line[64] = "";

	call(w, &listener, &caller);
	accept = open_file(w, end_path(&listener, "accept"), O_R);
	while (strchr(line, '\n') == NULL) {
		struct asked *a = ask_read(w, ALICE, accept, 1, 0);

		assert_true(a->is_answered);
		assert_int_equal(a->result, 1);
		line[strlen(line)] = (char)a->bytes[0];
		asked_free(a);
	}
	assert_non_null(strstr(line, " 127.0.0.1!"));
	close_file(w, accept);
	end_close(w, &listener);
	end_close(w, &caller);
}

static void a_line_that_nobody_took_is_there_for_the_next(void **state)
{
	struct world *w = *state;
	struct end listener = end_open(w, "udp");
	struct end caller = end_open(w, "udp");
	struct asked *gone;
	uint64_t accept;

	assert_int_equal(write_text(w, listener.ctl, "announce 127.0.0.1!5000"), 23);
	accept = open_file(w, end_path(&listener, "accept"), O_R);
	gone = ask_read(w, ALICE, accept, 100, 0);
	gone->is_lost = true;
	assert_int_equal(write_text(w, caller.ctl, "connect 127.0.0.1!5000"), 22);
	assert_int_equal(write_text(w, caller.data, "hello"), 5);
	assert_true(outcome(gone) > 0);
	assert_non_null(strstr(read_text(w, accept), " 127.0.0.1!"));
	close_file(w, accept);
	end_close(w, &listener);
	end_close(w, &caller);
}

static void a_call_that_nobody_was_there_to_open_ends(void **state)
{
	struct world *w = *state;
	struct end listener = end_open(w, "udp");
	struct end caller = end_open(w, "udp");
	struct asked *gone;
	char expected[64];

	assert_int_equal(write_text(w, listener.ctl, "announce 127.0.0.1!5000"), 23);
	gone = ask_open(w, ALICE, end_path(&listener, "listen"), O_RW);
	gone->is_lost = true;
	assert_int_equal(write_text(w, caller.ctl, "connect 127.0.0.1!5000"), 22);
	assert_int_equal(write_text(w, caller.data, "hello"), 5);
	assert_int_equal(outcome(gone), 0);
	snprintf(expected, sizeof(expected), EMPTY " %llu %llu",
		(unsigned long long)listener.number, (unsigned long long)caller.number);
	assert_string_equal(ls(w, "/udp"), expected);
	end_close(w, &listener);
	end_close(w, &caller);
}

static void a_listener_that_waits_to_be_opened_counts_as_open(void **state)
{
	struct world *w = *state;
	const char *dir = reserve(w);
	struct end caller = end_open(w, "udp");
	struct asked *a;

	assert_int_equal(echo(w, ALICE, "announce 127.0.0.1!5000", file_of(dir, "ctl")), 23);
	a = ask_open(w, ALICE, file_of(dir, "listen"), O_RW);
	world_sleep(w, 1000 * USEC_PER_SEC);
	assert_false(a->is_answered);
	assert_int_equal(write_text(w, caller.ctl, "connect 127.0.0.1!5000"), 22);
	assert_int_equal(write_text(w, caller.data, "hello"), 5);
	close_file(w, opened(a));
	end_close(w, &caller);
}

static void the_last_listen_of_a_listener_may_be_its_last_act(void **state)
{
	struct world *w = *state;
	const char *dir = reserve(w);
	struct end caller = end_open(w, "udp");
	struct asked *a;

	assert_int_equal(
		echo(w, ALICE, "announce 127.0.0.1!5000\nkeep 0", file_of(dir, "ctl")), 30);
	assert_false(is_there(w, dir));
	dir = reserve(w);
	uint64_t ctl = open_file(w, file_of(dir, "ctl"), O_RW);
	assert_int_equal(write_text(w, ctl, "announce 127.0.0.1!5000"), 23);
	a = ask_open(w, ALICE, file_of(dir, "listen"), O_RW);
	close_file(w, ctl);
	assert_true(is_there(w, dir));
	assert_int_equal(write_text(w, caller.ctl, "connect 127.0.0.1!5000"), 22);
	assert_int_equal(write_text(w, caller.data, "hello"), 5);
	assert_false(is_there(w, dir));
	close_file(w, opened(a));
	end_close(w, &caller);
}

static void the_end_of_the_tree_answers_all_that_waits(void **state)
{
	struct world *w = *state;
	struct end listener = end_open(w, "udp");
	struct end near;
	struct end far;
	struct asked *open;
	struct asked *read;

	ends_connect(w, "udp", &near, &far);
	assert_int_equal(write_text(w, listener.ctl, "announce 127.0.0.1!7000"), 23);
	open = ask_open(w, ALICE, end_path(&listener, "listen"), O_RW);
	read = ask_read(w, ALICE, near.data, 100, 0);
	world_turn(w);
	assert_false(open->is_answered);
	assert_false(read->is_answered);
	fs_free(w->fs);
	assert_int_equal(outcome(open), -ECONNABORTED);
	assert_int_equal(outcome(read), -ECONNABORTED);
	struct fs_config config = world_config();

	config.stack = w->stack;
	w->fs = fs_new(&config, w->now_us);
}

static void a_node_is_not_handed_out_to_another_user(void **state)
{
	struct fs_attr attr;
	struct asked *a;
	node_t node;

	assert_int_equal(make_dir(*state, ALICE, "/udp/n"), 0);
	a = ask_open(*state, ALICE, "/udp/n/data", O_RW);
	node = a->node;
	close_file(*state, opened(a));
	assert_int_equal(walk(*state, BOB, "/udp/n/data", &attr), 0);
	assert_true(attr.node != node);
	assert_int_equal(walk(*state, ALICE, "/udp/n/data", &attr), 0);
	assert_true(attr.node == node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(clone_opened_for_writing_lives_until_it_is_closed),
		CASE(any_open_stream_keeps_it),
		CASE(anothers_look_at_its_status_does_not_keep_it),
		CASE(a_number_is_never_given_twice),
		CASE(clone_opened_for_reading_reserves_for_60_seconds),
		CASE(the_60_seconds_begin_when_the_last_file_is_closed),
		CASE(what_arrives_does_not_prolong_a_reservation),
		CASE(keep_says_how_long),
		CASE(keep_forever_is_for_ever),
		CASE(opened_for_both_a_reserved_one_lives_by_its_files),
		CASE(opened_for_one_of_both_it_stays_reserved),
		CASE(a_user_has_so_many_reservations_and_no_more),
		CASE(a_reservation_that_is_over_makes_room_for_another),
		CASE(what_has_become_live_no_longer_counts_as_reserved),
		CASE(a_named_one_lives_without_an_open_file),
		CASE(a_name_and_a_reservation_add_up),
		CASE(a_number_is_not_ended_by_rmdir_and_err_says_what_does),
		CASE(a_name_is_ended_by_its_owner_and_err_says_so),
		CASE(what_was_wrong_with_a_line_to_clone_is_in_the_users_err),
		CASE(a_call_taken_by_listen_lives_by_its_files),
		CASE(a_call_taken_by_accept_is_reserved),
		CASE(a_call_that_is_kept_counts_as_a_reservation),
		CASE(a_user_makes_a_third_of_all_conversations_and_no_more),
		CASE(a_call_belongs_to_who_took_it),
		CASE(a_line_of_accept_is_given_to_readers_of_single_bytes),
		CASE(a_line_that_nobody_took_is_there_for_the_next),
		CASE(a_call_that_nobody_was_there_to_open_ends),
		CASE(a_listener_that_waits_to_be_opened_counts_as_open),
		CASE(the_last_listen_of_a_listener_may_be_its_last_act),
		CASE(the_end_of_the_tree_answers_all_that_waits),
		CASE(a_node_is_not_handed_out_to_another_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
