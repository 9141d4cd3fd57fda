/* Processes that hold conversations (tree.md section 4, rule 4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/tree.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

#define EMPTY  "clone stats"
#define SHELL  300 /* a process of ALICE's */
#define OTHER  301 /* and another */
#define BOBS   302
#define ROOTS  303
#define THREAD 310

static void start_all(struct world *w)
{
	fake_process(&w->processes, SHELL, ALICE, 0);
	fake_process(&w->processes, OTHER, ALICE, 0);
	fake_process(&w->processes, BOBS, BOB, 0);
	fake_process(&w->processes, ROOTS, ROOT, 0);
}

/* The directory of a conversation that is reserved and has been given LINE. */
static const char *reserved_with(struct world *w, const char *line)
{
	static char dir[64];
	char ctl[80];

	snprintf(dir, sizeof(dir), "/udp/%llu", strtoull(cat(w, ALICE, "/udp/clone"), NULL, 10));
	snprintf(ctl, sizeof(ctl), "%s/ctl", dir);
	assert_int_equal(echo(w, ALICE, line, ctl), strlen(line));
	return dir;
}

static bool is_there(struct world *w, const char *dir)
{
	struct fs_attr attr;

	return walk(w, ALICE, dir, &attr) == 0;
}

static void ends(struct world *w, int32_t pid)
{
	fake_process_ends(&w->processes, pid, w->fs);
	world_turn(w);
}

static void refused(struct world *w, const char *line, int err, const char *words)
{
	char expected[256];

	snprintf(expected, sizeof(expected), "%s\n", words);
	assert_int_equal(echo(w, ALICE, line, "/udp/web/ctl"), err);
	assert_string_equal(cat(w, ALICE, "/udp/web/err"), expected);
}

/* --- as long as the process ------------------------------------------------------------------ */

static void a_process_holds_it_until_it_ends(void **state)
{
	struct world *w = *state;
	const char *dir;

	start_all(w);
	dir = reserved_with(w, "hold 300");
	world_sleep(w, 1000000 * USEC_PER_SEC);
	assert_true(is_there(w, dir));
	ends(w, SHELL);
	assert_false(is_there(w, dir));
	assert_int_equal(fake_pidfds(&w->processes), 0);
}

static void without_a_number_it_is_the_writers_process(void **state)
{
	struct world *w = *state;
	const char *dir;

	dir = reserved_with(w, "hold");
	world_sleep(w, 1000 * USEC_PER_SEC);
	assert_true(is_there(w, dir));
	ends(w, ALICE);
	assert_false(is_there(w, dir));
}

static void a_writing_thread_stands_for_its_process(void **state)
{
	struct world *w = *state;
	const char *dir;

	start_all(w);
	fake_thread(&w->processes, ALICE, SHELL);
	dir = reserved_with(w, "hold");
	assert_non_null(strstr(cat(w, ALICE, "/udp/1/stats"), "\"held_by\": 300"));
	ends(w, SHELL);
	assert_false(is_there(w, dir));
}

static void stats_name_the_makers_process_and_not_its_thread(void **state)
{
	struct world *w = *state;

	start_all(w);
	fake_thread(&w->processes, ALICE, SHELL);
	assert_int_equal(make_dir(w, ALICE, "/udp/web"), 0);
	assert_non_null(strstr(cat(w, ALICE, "/udp/web/stats"), "\"pid\": 300,"));
	/* When it has gone, what the kernel told is all that is known. */
	fake_process_ends(&w->processes, SHELL, NULL);
	assert_non_null(strstr(cat(w, ALICE, "/udp/web/stats"), "\"pid\": 1000,"));
}

static void the_number_of_a_thread_stands_for_its_process(void **state)
{
	struct world *w = *state;
	const char *dir;

	start_all(w);
	fake_thread(&w->processes, THREAD, SHELL);
	dir = reserved_with(w, "hold 310");
	ends(w, SHELL);
	assert_false(is_there(w, dir));
}

static void its_own_process_may_hold_whatever_its_uid(void **state)
{
	struct world *w = *state;
	const char *dir;

	/* A thread has taken another uid than its process has. */
	fake_process_of(&w->processes, ALICE)->uid = ROOT;
	fake_process_of(&w->processes, ALICE)->euid = ROOT;
	dir = reserved_with(w, "hold");
	assert_true(is_there(w, dir));
}

static void open_files_carry_on_after_the_process(void **state)
{
	struct world *w = *state;
	const char *dir;
	uint64_t data;
	char path[80];

	start_all(w);
	dir = reserved_with(w, "hold 300");
	snprintf(path, sizeof(path), "%s/data", dir);
	data = open_file(w, path, O_R);
	ends(w, SHELL);
	assert_true(is_there(w, dir));
	close_file(w, data);
	assert_false(is_there(w, dir));
}

static void a_listener_that_waits_to_be_opened_outlives_it(void **state)
{
	struct world *w = *state;
	struct asked *a;
	const char *dir;
	char path[80];

	start_all(w);
	dir = reserved_with(w, "announce 127.0.0.1!5000\nhold 300");
	snprintf(path, sizeof(path), "%s/listen", dir);
	a = ask_open(w, ALICE, path, O_RW);
	ends(w, SHELL);
	assert_true(is_there(w, dir));
	fs_interrupt(w->fs, &a->req);
	assert_int_equal(outcome(a), -EINTR);
	assert_false(is_there(w, dir));
}

/* --- with other holders ------------------------------------------------------------------------
 */

static void it_replaces_a_reservation(void **state)
{
	struct world *w = *state;

	start_all(w);
	for (unsigned i = 0; i < 65; i++)
		reserved_with(w, "hold 300");
	ends(w, SHELL);
	assert_string_equal(ls(w, "/udp"), EMPTY);
}

static void a_reservation_made_after_stands_beside_it(void **state)
{
	struct world *w = *state;
	const char *dir;

	start_all(w);
	dir = reserved_with(w, "hold 300\nkeep 10");
	world_sleep(w, 20 * USEC_PER_SEC);
	assert_true(is_there(w, dir));
	dir = reserved_with(w, "hold 300\nkeep 10");
	ends(w, SHELL);
	assert_true(is_there(w, dir));
	world_sleep(w, 10 * USEC_PER_SEC);
	assert_false(is_there(w, dir));
}

static void a_name_goes_with_the_process(void **state)
{
	struct world *w = *state;
	uint64_t data;

	start_all(w);
	assert_int_equal(make_dir(w, ALICE, "/udp/web"), 0);
	assert_int_equal(echo(w, ALICE, "hold 300", "/udp/web/ctl"), 8);
	data = open_file(w, "/udp/web/data", O_R);
	ends(w, SHELL);
	assert_false(is_there(w, "/udp/web"));
	assert_true(is_there(w, "/udp/1"));
	close_file(w, data);
	assert_string_equal(ls(w, "/udp"), EMPTY);
}

static void without_its_name_the_process_still_holds_it(void **state)
{
	struct world *w = *state;

	start_all(w);
	assert_int_equal(make_dir(w, ALICE, "/udp/web"), 0);
	assert_int_equal(echo(w, ALICE, "hold 300", "/udp/web/ctl"), 8);
	assert_int_equal(remove_dir(w, ALICE, "/udp/web"), 0);
	assert_true(is_there(w, "/udp/1"));
	ends(w, SHELL);
	assert_string_equal(ls(w, "/udp"), EMPTY);
}

static void another_process_takes_the_place_of_the_first(void **state)
{
	struct world *w = *state;
	const char *dir;

	start_all(w);
	dir = reserved_with(w, "hold 300\nhold 301");
	assert_int_equal(fake_pidfds(&w->processes), 1);
	ends(w, SHELL);
	assert_true(is_there(w, dir));
	ends(w, OTHER);
	assert_false(is_there(w, dir));
}

static void said_twice_is_said_once(void **state)
{
	struct world *w = *state;
	const char *dir;

	start_all(w);
	dir = reserved_with(w, "hold 300\nhold 300");
	ends(w, SHELL);
	assert_false(is_there(w, dir));
}

/* A refused one changes nothing. */
static void the_first_stays_when_the_second_is_refused(void **state)
{
	struct world *w = *state;
	const char *dir;
	char ctl[80];

	start_all(w);
	dir = reserved_with(w, "hold 300");
	snprintf(ctl, sizeof(ctl), "%s/ctl", dir);
	assert_int_equal(echo(w, ALICE, "hold 302", ctl), -EPERM);
	assert_true(is_there(w, dir));
	ends(w, SHELL);
	assert_false(is_there(w, dir));
}

/* --- which may -----------------------------------------------------------------------------------
 */

static void what_is_refused_is_refused_in_words(void **state)
{
	struct world *w = *state;

	start_all(w);
	assert_int_equal(make_dir(w, ALICE, "/udp/web"), 0);
	refused(w, "hold 999", -ESRCH, "hold 999: no such process");
	refused(w, "hold 302", -EPERM,
		"hold 302: a process of uid 1001; only it or root may have it hold");
	refused(w, "hold 0", -EINVAL, "hold: expected the number of a process, got \"0\"");
	refused(w, "hold me", -EINVAL, "hold: expected the number of a process, got \"me\"");
	refused(w, "hold -1", -EINVAL, "hold: expected the number of a process, got \"-1\"");
	refused(w, "hold 2147483648", -EINVAL,
		"hold: expected the number of a process, got \"2147483648\"");
	refused(w, "hold 300 301", -EINVAL, "hold: expected nothing more, got \"301\"");
	assert_int_equal(fake_pidfds(&w->processes), 0);
}

static void a_program_that_acts_for_a_user_is_that_users(void **state)
{
	struct world *w = *state;

	start_all(w);
	fake_process_of(&w->processes, ROOTS)->uid = ALICE;
	reserved_with(w, "hold 303");
	fake_process_of(&w->processes, BOBS)->euid = ALICE;
	reserved_with(w, "hold 302");
}

static void root_may_have_any_process_hold(void **state)
{
	struct world *w = *state;

	start_all(w);
	assert_int_equal(make_dir(w, ALICE, "/udp/web"), 0);
	assert_int_equal(echo(w, ROOT, "hold 302", "/udp/web/ctl"), 8);
	ends(w, BOBS);
	assert_false(is_there(w, "/udp/web"));
}

static void a_writer_we_cannot_see_has_no_process(void **state)
{
	struct world *w = *state;

	start_all(w);
	assert_int_equal(make_dir(w, ALICE, "/udp/web"), 0);
	fake_process_ends(&w->processes, ALICE, NULL);
	refused(w, "hold", -ESRCH, "hold: the writer's process is not visible to the server");
	refused(w, "hold 300", -ESRCH,
		"hold 300: the writer's process is not visible to the server");
}

/* In its numbers 1 is itself, and 300 is somebody whom we know by another number. */
static void in_a_pid_namespace_of_its_own_it_can_name_itself_only(void **state)
{
	struct world *w = *state;

	start_all(w);
	fake_process_ends(&w->processes, ALICE, NULL);
	fake_process(&w->processes, ALICE, ALICE, 1);
	assert_int_equal(make_dir(w, ALICE, "/udp/web"), 0);
	refused(w, "hold 300", -ESRCH,
		"hold 300: the writer is in a pid namespace of its own, where numbers mean "
		"other processes; write hold without one");
	assert_int_equal(echo(w, ALICE, "hold 1", "/udp/web/ctl"), 6);
	ends(w, ALICE);
	assert_false(is_there(w, "/udp/web"));
}

/* --- races ---------------------------------------------------------------------------------------
 */

static void one_that_ends_while_it_is_looked_at_holds_nothing(void **state)
{
	struct world *w = *state;

	start_all(w);
	assert_int_equal(make_dir(w, ALICE, "/udp/web"), 0);
	w->processes.ends_opened = SHELL;
	refused(w, "hold 300", -ESRCH, "hold 300: no such process");
	assert_int_equal(fake_pidfds(&w->processes), 0);
}

static void a_number_that_was_given_again_is_another_process(void **state)
{
	struct world *w = *state;
	char first[64];
	const char *second;

	start_all(w);
	snprintf(first, sizeof(first), "%s", reserved_with(w, "hold 300"));
	/* It has ended, nobody has told the tree yet, and there is a new one. */
	fake_process_ends(&w->processes, SHELL, NULL);
	fake_process(&w->processes, SHELL, ALICE, 0);
	second = reserved_with(w, "hold 300");
	assert_false(is_there(w, first));
	assert_true(is_there(w, second));
	ends(w, SHELL);
	assert_false(is_there(w, second));
}

static void what_another_process_holds_by_then_stays(void **state)
{
	struct world *w = *state;
	const char *dir;
	char ctl[80];
	uint64_t file;
	struct asked *a;

	start_all(w);
	dir = reserved_with(w, "hold 300");
	snprintf(ctl, sizeof(ctl), "%s/ctl", dir);
	file = open_file(w, ctl, O_W);
	/* The end is told, and before its turn comes the conversation has found another. */
	fake_process_ends(&w->processes, SHELL, w->fs);
	a = ask_write(w, ALICE, file, "hold 301", 8, 0);
	assert_int_equal(outcome(a), 8);
	close_file(w, file);
	assert_true(is_there(w, dir));
	ends(w, OTHER);
	assert_false(is_there(w, dir));
}

static void said_again_it_takes_the_place_of_a_reservation_as_the_first_time(void **state)
{
	struct world *w = *state;
	const char *dir;

	start_all(w);
	dir = reserved_with(w, "hold 300\nkeep 100\nhold 300");
	ends(w, SHELL);
	assert_false(is_there(w, dir));
}

static void many_in_one_write_let_others_go_first(void **state)
{
	enum { LINES = 500 };
	static const char line[] = "hold 300\n";
	struct world *w = *state;
	char *lines = calloc(LINES, sizeof(line));
	struct asked *a;
	uint64_t ctl;

	start_all(w);
	assert_non_null(lines);
	for (unsigned i = 0; i < LINES; i++)
		memcpy(lines + i * (sizeof(line) - 1), line, sizeof(line) - 1);
	ctl = open_file(w, "/udp/clone", O_RW);
	a = ask_write(w, ALICE, ctl, lines, strlen(lines), 0);
	assert_in_range(a->req.done, 1, 50 * (sizeof(line) - 1));
	assert_false(a->is_answered);
	world_turn(w);
	assert_int_equal(outcome(a), strlen(lines));
	free(lines);
	close_file(w, ctl);
	ends(w, SHELL);
}

/* --- many ----------------------------------------------------------------------------------------
 */

static void ten_thousand_take_one_descriptor_and_end_in_many_turns(void **state)
{
	struct world *w = *state;
	unsigned n = 10000;
	struct end e;

	start_all(w);
	for (unsigned i = 0; i < n; i++)
		reserved_with(w, "hold 300");
	assert_int_equal(fake_pidfds(&w->processes), 1);
	fake_process_ends(&w->processes, SHELL, w->fs);
	assert_true(fs_pump(w->fs));
	assert_string_not_equal(ls(w, "/udp"), EMPTY);
	e = end_open(w, "udp");
	end_close(w, &e);
	assert_string_equal(ls(w, "/udp"), EMPTY);
}

static void set_holders_max(struct world *w, uint32_t most)
{
	struct fs_config config = world_config();

	world_down(w);
	config.holders_max = most;
	world_up_with(w, &config);
	start_all(w);
	assert_int_equal(make_dir(w, ALICE, "/udp/web"), 0);
}

static void one_user_has_half_of_the_processes_that_can_hold(void **state)
{
	struct world *w = *state;

	set_holders_max(w, 4);
	reserved_with(w, "hold 300");
	reserved_with(w, "hold 301");
	reserved_with(w, "hold 301");
	refused(w, "hold", -EDQUOT,
		"hold: 2 processes of this user hold conversations; have one hold several");
	ends(w, OTHER);
	assert_int_equal(echo(w, ALICE, "hold", "/udp/web/ctl"), 4);
}

static void so_many_processes_can_hold_and_no_more(void **state)
{
	struct world *w = *state;

	set_holders_max(w, 2);
	assert_int_equal(make_dir(w, ALICE, "/udp/a"), 0);
	assert_int_equal(echo(w, ROOT, "hold 302", "/udp/a/ctl"), 8);
	assert_int_equal(make_dir(w, ALICE, "/udp/b"), 0);
	assert_int_equal(echo(w, ROOT, "hold 303", "/udp/b/ctl"), 8);
	refused(w, "hold", -EMFILE,
		"hold: 2 processes hold conversations, and there can be no more");
}

static void the_systems_limit_is_told_the_same_way(void **state)
{
	struct world *w = *state;

	start_all(w);
	assert_int_equal(make_dir(w, ALICE, "/udp/web"), 0);
	w->processes.fds_max = 1;
	reserved_with(w, "hold 300");
	refused(w, "hold", -EMFILE,
		"hold: 1 processes hold conversations, and there can be no more");
}

static void without_memory_it_is_refused_and_all_is_as_before(void **state)
{
	struct world *w = *state;
	ssize_t n = -ENOMEM;

	start_all(w);
	assert_int_equal(make_dir(w, ALICE, "/udp/web"), 0);
	for (unsigned at = 1; n == -ENOMEM; at++) {
		assert_int_equal(fake_pidfds(&w->processes), 0);
		w->refuse_at = at;
		n = echo(w, ALICE, "hold 300", "/udp/web/ctl");
		assert_true(n == 8 || n == -ENOMEM);
	}
	w->refuse_at = 0;
	ends(w, SHELL);
	assert_false(is_there(w, "/udp/web"));
}

static void the_end_of_the_tree_lets_go_of_all(void **state)
{
	struct world *w = *state;
	struct fs_config config = world_config();

	start_all(w);
	reserved_with(w, "hold 300");
	reserved_with(w, "hold 301");
	fake_process_ends(&w->processes, OTHER, w->fs);
	fs_free(w->fs);
	assert_int_equal(fake_pidfds(&w->processes), 0);
	config.stack = w->stack;
	w->fs = fs_new(&config, w->now_us);
}

static void without_an_opener_no_process_is_visible(void **state)
{
	struct world *w = *state;
	struct fs_config config = world_config();

	fs_free(w->fs);
	config.stack = w->stack;
	w->fs = fs_new(&config, w->now_us);
	w->session.fs = w->fs;
	assert_int_equal(make_dir(w, ALICE, "/udp/web"), 0);
	refused(w, "hold", -ESRCH, "hold: the writer's process is not visible to the server");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_process_holds_it_until_it_ends),
		CASE(without_a_number_it_is_the_writers_process),
		CASE(a_writing_thread_stands_for_its_process),
		CASE(stats_name_the_makers_process_and_not_its_thread),
		CASE(the_number_of_a_thread_stands_for_its_process),
		CASE(its_own_process_may_hold_whatever_its_uid),
		CASE(open_files_carry_on_after_the_process),
		CASE(a_listener_that_waits_to_be_opened_outlives_it),
		CASE(it_replaces_a_reservation),
		CASE(a_reservation_made_after_stands_beside_it),
		CASE(a_name_goes_with_the_process),
		CASE(without_its_name_the_process_still_holds_it),
		CASE(another_process_takes_the_place_of_the_first),
		CASE(said_twice_is_said_once),
		CASE(the_first_stays_when_the_second_is_refused),
		CASE(what_is_refused_is_refused_in_words),
		CASE(a_program_that_acts_for_a_user_is_that_users),
		CASE(root_may_have_any_process_hold),
		CASE(a_writer_we_cannot_see_has_no_process),
		CASE(in_a_pid_namespace_of_its_own_it_can_name_itself_only),
		CASE(one_that_ends_while_it_is_looked_at_holds_nothing),
		CASE(a_number_that_was_given_again_is_another_process),
		CASE(what_another_process_holds_by_then_stays),
		CASE(said_again_it_takes_the_place_of_a_reservation_as_the_first_time),
		CASE(many_in_one_write_let_others_go_first),
		CASE(ten_thousand_take_one_descriptor_and_end_in_many_turns),
		CASE(one_user_has_half_of_the_processes_that_can_hold),
		CASE(so_many_processes_can_hold_and_no_more),
		CASE(the_systems_limit_is_told_the_same_way),
		CASE(without_memory_it_is_refused_and_all_is_as_before),
		CASE(the_end_of_the_tree_lets_go_of_all),
		CASE(without_an_opener_no_process_is_visible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
