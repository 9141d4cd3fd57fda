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

enum { WRITE_LEN = 200000 };

/* A writer of NEAR that waits, for nobody reads what he writes. */
static struct asked *writer_that_waits(struct world *w, const struct end *near)
{
	static const uint8_t bytes[WRITE_LEN];

	for (;;) {
		struct asked *a = ask_write(w, ALICE, near->data, bytes, sizeof(bytes), 0);

		world_turn(w);
		if (!a->is_answered)
			return a;
		assert_int_equal(outcome(a), WRITE_LEN);
	}
}

static void close_tells_a_writer_that_waits_how_much_is_queued(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct asked *a;

	ends_connect(w, "tcp", &near, &far);
	a = writer_that_waits(w, &near);
	assert_int_equal(write_text(w, near.ctl, "close"), 5);
	assert_in_range(outcome(a), 1, WRITE_LEN - 1);
	end_close(w, &near);
	end_close(w, &far);
}

static void shutdown_tells_a_writer_that_waits_how_much_is_queued(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct asked *a;

	ends_connect(w, "tcp", &near, &far);
	a = writer_that_waits(w, &near);
	assert_int_equal(write_text(w, near.ctl, "shutdown wr"), 11);
	assert_in_range(outcome(a), 1, WRITE_LEN - 1);
	end_close(w, &near);
	end_close(w, &far);
}

static void close_of_datagrams_is_the_end_for_a_reader_that_waits(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct asked *a;

	ends_connect(w, "udp", &near, &far);
	a = ask_read(w, ALICE, near.data, 100, 0);
	assert_int_equal(write_text(w, near.ctl, "close"), 5);
	assert_int_equal(outcome(a), 0);
	end_close(w, &near);
	end_close(w, &far);
}

static void close_of_a_connect_ends_those_who_wait_for_it(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "tcp");
	uint64_t other = open_file(w, end_path(&e, "ctl"), O_RW);
	struct asked *a = ask_write(w, ALICE, e.ctl, "connect 127.0.0.1!99", 20, 0);
	struct asked *b = ask_write(w, ALICE, other, "close", 5, 0);
	struct asked *r = ask_read(w, ALICE, e.data, 100, 0);

	world_turn(w);
	assert_true(outcome(a) < 0);
	assert_int_equal(outcome(b), 5);
	assert_true(outcome(r) <= 0);
	close_file(w, other);
	end_close(w, &e);
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
		CASE(close_tells_a_writer_that_waits_how_much_is_queued),
		CASE(shutdown_tells_a_writer_that_waits_how_much_is_queued),
		CASE(close_of_datagrams_is_the_end_for_a_reader_that_waits),
		CASE(close_of_a_connect_ends_those_who_wait_for_it),
	};

	return cmocka_run_group_tests_name("close", tests, NULL, NULL);
}
