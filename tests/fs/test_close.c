/* The verb close: as close(2), while files stay open; and what `err` says of it (tree.md 3, 4). */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/tree.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

static void close_is_the_end_for_a_reader_that_waits_and_for_all_after(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct asked *a;

	ends_connect(w, "tcp", &near, &far);
	a = ask_read(w, ALICE, near.data, 100, 0);
	assert_int_equal(write_text(w, near.ctl, "close"), 5);
	assert_int_equal(outcome(a), 0);
	assert_string_equal(read_text(w, near.data), "");
	assert_int_equal(write_text(w, near.data, "x"), -EPIPE);
	assert_int_equal(poll_file(w, near.data, NULL) & (POLLIN | POLLOUT | POLLHUP | POLLRDHUP),
		POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
	end_close(w, &near);
	end_close(w, &far);
}

static void what_was_written_before_close_still_arrives_and_then_the_end(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;

	ends_connect(w, "tcp", &near, &far);
	assert_int_equal(write_text(w, near.data, "last words"), 10);
	assert_int_equal(write_text(w, near.ctl, "close"), 5);
	assert_string_equal(read_text(w, far.data), "last words");
	assert_string_equal(read_text(w, far.data), "");
	end_close(w, &near);
	end_close(w, &far);
}

static void close_with_bytes_unread_resets_the_peer(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;

	ends_connect(w, "tcp", &near, &far);
	assert_int_equal(write_text(w, far.data, "not wanted"), 10);
	world_turn(w);
	assert_int_equal(write_text(w, near.ctl, "close"), 5);
	assert_string_equal(read_text(w, far.data), "errno 104"); /* ECONNRESET */
	end_close(w, &near);
	end_close(w, &far);
}

static void close_of_a_listener_ends_its_calls(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "tcp");
	uint64_t accept = open_file(w, end_path(&e, "accept"), O_R);
	struct asked *a;

	assert_int_equal(write_text(w, e.ctl, "announce 5000"), 13);
	a = ask_read(w, ALICE, accept, 100, 0);
	assert_int_equal(write_text(w, e.ctl, "close"), 5);
	assert_int_equal(outcome(a), 0);
	close_file(w, accept);
	end_close(w, &e);
}

static void accept_may_be_opened_both_ways_and_takes_no_words(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "tcp");
	uint64_t accept = open_file(w, end_path(&e, "accept"), O_RW);

	assert_int_equal(write_text(w, accept, "announce 80"), -EINVAL);
	assert_string_equal(cat(w, ALICE, end_path(&e, "err")),
		"write accept: it only tells of calls; commands go to ctl\n");
	close_file(w, accept);
	end_close(w, &e);
}

static void a_read_that_was_refused_is_in_err(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "tcp");

	assert_string_equal(read_text(w, e.data), "errno 107"); /* ENOTCONN */
	assert_string_equal(
		cat(w, ALICE, end_path(&e, "err")), "read data: not connected; connect it first\n");
	assert_int_equal(write_text(w, e.ctl, "announce 5000"), 13);
	assert_string_equal(read_text(w, e.data), "errno 22"); /* EINVAL */
	assert_string_equal(cat(w, ALICE, end_path(&e, "err")),
		"read data: this one only takes calls; read the data of a call\n");
	end_close(w, &e);
}

static void a_read_that_ran_out_of_time_is_in_err(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct asked *a;

	ends_connect(w, "tcp", &near, &far);
	assert_int_equal(write_text(w, near.ctl, "timeout read 1"), 14);
	a = ask_read(w, ALICE, near.data, 100, 0);
	w->now_us += 2 * USEC_PER_SEC;
	fs_poll(w->fs, w->now_us);
	assert_int_equal(outcome(a), -ETIMEDOUT);
	assert_string_equal(
		cat(w, ALICE, end_path(&near, "err")), "read data: no answer in time\n");
	end_close(w, &near);
	end_close(w, &far);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(close_is_the_end_for_a_reader_that_waits_and_for_all_after),
		CASE(what_was_written_before_close_still_arrives_and_then_the_end),
		CASE(close_with_bytes_unread_resets_the_peer),
		CASE(close_of_a_listener_ends_its_calls),
		CASE(accept_may_be_opened_both_ways_and_takes_no_words),
		CASE(a_read_that_was_refused_is_in_err),
		CASE(a_read_that_ran_out_of_time_is_in_err),
	};

	return cmocka_run_group_tests_name("close", tests, NULL, NULL);
}
