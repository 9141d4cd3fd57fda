/* TCP through the tree, to ourselves: connects that wait, ends that are told (tree.md 3, 5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/tree.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

#define BIG  ((size_t)1 << 20)
#define PART ((size_t)700001) /* no buffer is a multiple of it: the last one fits in part */

static struct end listener_on(struct world *w, const char *announce)
{
	struct end e = end_open(w, "tcp");

	assert_true(write_text(w, e.ctl, announce) > 0);
	return e;
}

/* --- connect ----------------------------------------------------------------------------- */

static void a_connect_waits_for_the_outcome(void **state)
{
	struct world *w = *state;
	struct end listener = listener_on(w, "announce 127.0.0.1!5000");
	struct end e = end_open(w, "tcp");
	struct asked *a = ask_write(w, ALICE, e.ctl, "connect 127.0.0.1!5000", 22, 0);

	assert_false(a->is_answered);
	world_turn(w);
	assert_int_equal(outcome(a), 22);
	assert_memory_equal(cat(w, ALICE, end_path(&e, "status")), "Established ", 12);
	assert_string_equal(cat(w, ALICE, end_path(&e, "remote")), "127.0.0.1!5000\n");
	end_close(w, &e);
	end_close(w, &listener);
}

static void a_connect_to_a_closed_port_is_refused_and_may_be_corrected(void **state)
{
	struct world *w = *state;
	struct end listener = listener_on(w, "announce 127.0.0.1!5000");
	struct end e = end_open(w, "tcp");

	assert_int_equal(write_text(w, e.ctl, "connect 127.0.0.1!99"), -ECONNREFUSED);
	assert_string_equal(cat(w, ALICE, end_path(&e, "err")),
		"connect 127.0.0.1!99: connection refused by the peer\n");
	assert_int_equal(write_text(w, e.ctl, "connect 127.0.0.1!5000"), 22);
	end_close(w, &e);
	end_close(w, &listener);
}

static void the_lines_after_a_connect_are_obeyed_when_it_is_up(void **state)
{
	struct world *w = *state;
	struct end listener = listener_on(w, "announce 127.0.0.1!5000");
	struct end e = end_open(w, "tcp");
	const char *lines = "ttl 9\nconnect 127.0.0.1!5000\nnodelay on\n";

	assert_int_equal(write_text(w, e.ctl, lines), (int)strlen(lines));
	end_close(w, &e);
	e = end_open(w, "tcp");
	assert_int_equal(write_text(w, e.ctl, "ttl 9\nconnect 127.0.0.1!99\nttl 10"), 6);
	end_close(w, &e);
	end_close(w, &listener);
}

static void a_connect_that_may_not_wait_says_how_far_it_is(void **state)
{
	struct world *w = *state;
	struct end listener = listener_on(w, "announce 127.0.0.1!5000");
	struct end e = end_open(w, "tcp");
	const char *connect = "connect 127.0.0.1!5000";

	assert_int_equal(outcome(ask_write(w, ALICE, e.ctl, connect, 22, O_N)), -EINPROGRESS);
	assert_string_equal(cat(w, ALICE, end_path(&e, "err")), "");
	assert_int_equal(outcome(ask_write(w, ALICE, e.ctl, connect, 22, O_N)), -EISCONN);
	end_close(w, &e);
	e = end_open(w, "tcp");
	assert_int_equal(outcome(ask_write(w, ALICE, e.ctl, connect, 22, O_N)), -EINPROGRESS);
	assert_int_equal(outcome(ask_write(w, ALICE, e.ctl, connect, 22, O_N)), -EALREADY);
	world_turn(w);
	assert_int_equal(outcome(ask_write(w, ALICE, e.ctl, connect, 22, O_N)), -EISCONN);
	end_close(w, &e);
	end_close(w, &listener);
}

static void a_connect_that_did_not_wait_and_failed_is_in_err(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "tcp");

	assert_int_equal(
		outcome(ask_write(w, ALICE, e.ctl, "connect 127.0.0.1!99", 20, O_N)), -EINPROGRESS);
	world_turn(w);
	assert_string_equal(cat(w, ALICE, end_path(&e, "err")),
		"connect 127.0.0.1!99: connection refused by the peer\n");
	end_close(w, &e);
}

/* A connect that nobody decides: time stands still, and the SYN waits in the stack. */
static void a_signal_ends_the_wait_and_not_the_attempt(void **state)
{
	struct world *w = *state;
	struct end listener = listener_on(w, "announce 127.0.0.1!5000");
	struct end e = end_open(w, "tcp");
	struct asked *a = ask_write(w, ALICE, e.ctl, "connect 127.0.0.1!5000", 22, 0);
	struct asked *again;
	struct asked *other;

	fs_interrupt(w->fs, &a->req);
	assert_int_equal(outcome(a), -EINTR);
	again = ask_write(w, ALICE, e.ctl, "connect 127.0.0.1!5000", 22, 0);
	other = ask_write(w, ALICE, e.ctl, "connect 127.0.0.1!5001", 22, 0);
	assert_int_equal(outcome(other), -EALREADY);
	assert_false(again->is_answered);
	world_turn(w);
	assert_int_equal(outcome(again), 22);
	end_close(w, &e);
	end_close(w, &listener);
}

static void a_connect_that_a_signal_ended_is_in_err(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "tcp");
	struct asked *a = ask_write(w, ALICE, e.ctl, "connect 127.0.0.1!5000", 22, 0);

	fs_interrupt(w->fs, &a->req);
	assert_int_equal(outcome(a), -EINTR);
	assert_string_equal(cat(w, ALICE, end_path(&e, "err")),
		"connect 127.0.0.1!5000: interrupted, and goes on; the same connect waits for "
		"it\n");
	end_close(w, &e);
}

static void a_hangup_ends_a_connect_that_waits(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "tcp");
	struct asked *a = ask_write(w, ALICE, e.ctl, "connect 127.0.0.1!5000", 22, 0);
	struct asked *hangup = ask_write(w, ALICE, e.ctl, "hangup", 6, 0);

	assert_int_equal(outcome(hangup), 6);
	world_turn(w);
	assert_int_equal(outcome(a), -ECONNABORTED);
	assert_int_equal(write_text(w, e.ctl, "announce 127.0.0.1!5000"), 23);
	end_close(w, &e);
}

/* Both in one write, so that nobody is served in between. */
static void who_waited_for_one_attempt_is_not_told_of_the_next(void **state)
{
	struct world *w = *state;
	struct end listener = listener_on(w, "announce 127.0.0.1!5001");
	struct end e = end_open(w, "tcp");
	struct asked *first = ask_write(w, ALICE, e.ctl, "connect 127.0.0.1!5000", 22, 0);
	struct asked *read = ask_read(w, ALICE, e.data, 100, 0);
	struct asked *write = ask_write(w, ALICE, e.data, "hello", 5, 0);
	struct asked *next = ask_write(w, ALICE, e.ctl, "hangup\nconnect 127.0.0.1!5001", 29, 0);

	world_turn(w);
	assert_int_equal(outcome(next), 29);
	assert_int_equal(outcome(first), -ECONNABORTED);
	assert_int_equal(outcome(read), -ECONNABORTED);
	assert_int_equal(outcome(write), -ECONNABORTED);
	end_close(w, &e);
	end_close(w, &listener);
}

static void data_waits_for_a_connect_both_ways(void **state)
{
	struct world *w = *state;
	struct end listener = listener_on(w, "announce 127.0.0.1!5000");
	struct end e = end_open(w, "tcp");
	struct asked *connect = ask_write(w, ALICE, e.ctl, "connect 127.0.0.1!5000", 22, 0);
	struct asked *read = ask_read(w, ALICE, e.data, 100, 0);
	struct asked *write = ask_write(w, ALICE, e.data, "hello", 5, 0);
	uint64_t call;

	assert_false(read->is_answered);
	assert_false(write->is_answered);
	world_turn(w);
	assert_int_equal(outcome(connect), 22);
	assert_int_equal(outcome(write), 5);
	assert_false(read->is_answered);
	call = open_file(w, end_path(&listener, "listen"), O_RW);
	close_file(w, call); /* what was never read makes the end a reset */
	assert_int_equal(outcome(read), -ECONNRESET);
	end_close(w, &e);
	end_close(w, &listener);
}

static void timeout_connect_ends_the_attempt(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "tcp");
	struct asked *a;

	/* Time passes, but nobody lets the stack hear its own SYN. */
	assert_int_equal(write_text(w, e.ctl, "timeout connect 5"), 17);
	a = ask_write(w, ALICE, e.ctl, "connect 127.0.0.1!5000", 22, 0);
	w->now_us += 5 * USEC_PER_SEC;
	fs_poll(w->fs, w->now_us);
	assert_int_equal(outcome(a), -ETIMEDOUT);
	world_turn(w);
	assert_string_equal(
		cat(w, ALICE, end_path(&e, "err")), "connect 127.0.0.1!5000: no answer in time\n");
	assert_int_equal(write_text(w, e.ctl, "announce 127.0.0.1!5000"), 23);
	end_close(w, &e);
}

/* --- bytes ------------------------------------------------------------------------------- */

static void bytes_pass_both_ways(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;

	ends_connect(w, "tcp", &near, &far);
	assert_int_equal(write_text(w, near.data, "there"), 5);
	assert_string_equal(read_text(w, far.data), "there");
	assert_int_equal(write_text(w, far.data, "and back"), 8);
	assert_string_equal(read_text(w, near.data), "and back");
	end_close(w, &near);
	end_close(w, &far);
}

static void a_read_gives_what_is_there(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct asked *a;

	ends_connect(w, "tcp", &near, &far);
	assert_int_equal(write_text(w, near.data, "abcdef"), 6);
	a = ask_read(w, ALICE, far.data, 4, 0);
	assert_memory_equal(a->bytes, "abcd", 4);
	assert_int_equal(outcome(a), 4);
	assert_string_equal(read_text(w, far.data), "ef");
	end_close(w, &near);
	end_close(w, &far);
}

static uint8_t *pattern(size_t len)
{
	uint8_t *bytes = malloc(len);

	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 7 + (i >> 8) * 13 + (i >> 16));
	return bytes;
}

static void a_write_waits_until_all_of_it_is_queued(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	uint8_t *sent = pattern(BIG);
	size_t writes = 0;
	size_t read = 0;
	struct asked *a;

	ends_connect(w, "tcp", &near, &far);
	do {
		a = ask_write(w, ALICE, near.data, sent, BIG, 0);
		world_turn(w);
		writes++;
		if (a->is_answered)
			assert_int_equal(outcome(a), BIG);
		else
			break;
	} while (writes < 100);
	assert_true(writes > 1 && writes < 100);
	while (read < writes * BIG) {
		struct asked *r = ask_read(w, ALICE, far.data, 100000, 0);

		world_turn(w);
		assert_true(r->is_answered && r->result > 0);
		for (size_t i = 0; i < (size_t)r->result; i++)
			assert_int_equal(r->bytes[i], sent[(read + i) % BIG]);
		read += (size_t)r->result;
		asked_free(r);
	}
	assert_int_equal(outcome(a), BIG);
	free(sent);
	end_close(w, &near);
	end_close(w, &far);
}

static void a_write_larger_than_the_buffer_waits_again_and_again(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	uint8_t *sent = pattern(BIG);
	size_t read = 0;
	struct asked *a;

	ends_connect(w, "tcp", &near, &far);
	assert_int_equal(write_text(w, near.ctl, "sndbuf 65536"), 12);
	assert_int_equal(write_text(w, far.ctl, "rcvbuf 65536"), 12);
	a = ask_write(w, ALICE, near.data, sent, BIG, 0);
	while (read < BIG) {
		struct asked *r = ask_read(w, ALICE, far.data, BIG, 0);

		world_sleep(w, USEC_PER_SEC);
		assert_true(r->is_answered && r->result > 0);
		assert_memory_equal(r->bytes, sent + read, (size_t)r->result);
		read += (size_t)r->result;
		asked_free(r);
		assert_true(a->is_answered || a->req.done <= read + 4 * 65536);
	}
	assert_int_equal(outcome(a), BIG);
	free(sent);
	end_close(w, &near);
	end_close(w, &far);
}

/* Fill the way from NEAR until a write waits, which is returned. */
static struct asked *fill(struct world *w, struct end *near)
{
	uint8_t *bytes = pattern(PART);
	struct asked *a;

	for (;;) {
		a = ask_write(w, ALICE, near->data, bytes, PART, 0);
		world_turn(w);
		if (!a->is_answered)
			break;
		assert_int_equal(outcome(a), PART);
	}
	free(bytes);
	return a;
}

static void a_second_writer_is_answered_beside_one_that_waits(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct asked *first;
	uint64_t other;

	ends_connect(w, "tcp", &near, &far);
	first = fill(w, &near);
	other = open_file(w, end_path(&near, "data"), O_RW);
	assert_int_equal(outcome(ask_write(w, ALICE, near.data, "x", 1, O_N)), -EAGAIN);
	assert_int_equal(outcome(ask_write(w, ALICE, other, "x", 1, O_N)), -EAGAIN);
	assert_int_equal(outcome(ask_read(w, ALICE, near.data, 1, O_N)), -EAGAIN);
	assert_int_equal(write_text(w, near.ctl, "ttl 3"), 5);
	fs_interrupt(w->fs, &first->req);
	asked_free(first);
	close_file(w, other);
	end_close(w, &near);
	end_close(w, &far);
}

static void an_interrupted_write_says_how_much_is_queued(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct asked *first;
	struct asked *second;

	ends_connect(w, "tcp", &near, &far);
	first = fill(w, &near);
	second = ask_write(w, ALICE, near.data, "x", 1, 0);
	assert_true(first->req.done > 0);
	fs_interrupt(w->fs, &first->req);
	assert_true(first->result > 0 && (size_t)first->result < PART);
	fs_interrupt(w->fs, &second->req);
	assert_int_equal(outcome(second), -EINTR);
	asked_free(first);
	end_close(w, &near);
	end_close(w, &far);
}

static void writers_are_served_in_the_order_of_asking(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct asked *first;
	struct asked *later[3];
	bool was_done[3] = { false };

	ends_connect(w, "tcp", &near, &far);
	first = fill(w, &near);
	for (unsigned i = 0; i < 3; i++)
		later[i] = ask_write(w, ALICE, near.data, &"abc"[i], 1, 0);
	for (;;) {
		struct asked *r = ask_read(w, ALICE, far.data, BIG, 0);

		world_turn(w);
		assert_true(r->is_answered && r->result > 0);
		for (unsigned i = 0; i < 3; i++) {
			assert_true(!later[i]->is_answered || first->is_answered);
			assert_true(!later[i]->is_answered || i == 0 || later[i - 1]->is_answered);
			was_done[i] = later[i]->is_answered;
		}
		if (r->bytes[r->result - 1] == 'c' && was_done[2]) {
			if (r->result >= 3)
				assert_memory_equal(r->bytes + r->result - 3, "abc", 3);
			asked_free(r);
			break;
		}
		asked_free(r);
	}
	assert_int_equal(outcome(first), PART);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(outcome(later[i]), 1);
	end_close(w, &near);
	end_close(w, &far);
}

static void a_read_that_may_be_split_is_never_filled(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	const size_t most = 256 * 4096;
	struct asked *a;

	ends_connect(w, "tcp", &near, &far);
	a = fill(w, &near);
	struct asked *r = ask_read(w, ALICE, far.data, most, 0);
	assert_true(r->result > 0 && (size_t)r->result < most);
	asked_free(r);
	fs_interrupt(w->fs, &a->req);
	asked_free(a);
	end_close(w, &near);
	end_close(w, &far);
}

/* --- ends -------------------------------------------------------------------------------- */

static void the_peers_end_is_the_end_for_ever_after(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;

	ends_connect(w, "tcp", &near, &far);
	assert_int_equal(write_text(w, far.data, "last"), 4);
	end_close(w, &far);
	assert_string_equal(read_text(w, near.data), "last");
	assert_string_equal(read_text(w, near.data), "");
	assert_string_equal(read_text(w, near.data), "");
	assert_string_equal(cat(w, ALICE, end_path(&near, "data")), "");
	end_close(w, &near);
}

static void a_reset_is_told_to_all_who_wait_and_once_to_each_open(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct asked *first;
	struct asked *second;
	uint64_t other;

	ends_connect(w, "tcp", &near, &far);
	other = open_file(w, end_path(&near, "data"), O_R);
	first = ask_read(w, ALICE, near.data, 100, 0);
	second = ask_read(w, ALICE, near.data, 100, 0);
	assert_int_equal(write_text(w, far.ctl, "hangup"), 6);
	assert_int_equal(outcome(first), -ECONNRESET);
	assert_int_equal(outcome(second), -ECONNRESET);
	assert_string_equal(read_text(w, near.data), "");
	assert_string_equal(read_text(w, other), "errno 104"); /* ECONNRESET */
	assert_string_equal(read_text(w, other), "");
	assert_string_equal(cat(w, ALICE, end_path(&near, "err")),
		"127.0.0.1!5000: connection reset by the peer\n");
	close_file(w, other);
	end_close(w, &near);
	end_close(w, &far);
}

static void a_write_after_a_reset_is_econnreset(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;

	ends_connect(w, "tcp", &near, &far);
	assert_int_equal(write_text(w, far.ctl, "hangup"), 6);
	assert_int_equal(write_text(w, near.data, "x"), -ECONNRESET);
	end_close(w, &near);
	end_close(w, &far);
}

static void a_write_after_our_own_end_is_a_broken_pipe(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;

	ends_connect(w, "tcp", &near, &far);
	assert_int_equal(write_text(w, near.ctl, "shutdown wr"), 11);
	assert_int_equal(write_text(w, near.data, "x"), -EPIPE);
	assert_int_equal(write_text(w, far.data, "still"), 5);
	assert_string_equal(read_text(w, near.data), "still");
	end_close(w, &near);
	end_close(w, &far);
}

static void a_hangup_ends_a_write_that_waits(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct asked *a;
	struct asked *behind;

	ends_connect(w, "tcp", &near, &far);
	a = fill(w, &near);
	behind = ask_write(w, ALICE, near.data, "x", 1, 0);
	assert_int_equal(write_text(w, near.ctl, "hangup"), 6);
	assert_true(a->is_answered);
	asked_free(a);
	assert_int_equal(outcome(behind), -ECONNABORTED);
	end_close(w, &near);
	end_close(w, &far);
}

/* --- busy nodes -------------------------------------------------------------------------- */

static void a_node_on_which_a_write_waits_is_not_handed_out_again(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct asked *a;
	struct fs_attr attr;
	node_t busy;

	ends_connect(w, "tcp", &near, &far);
	end_close(w, &far);
	ends_connect(w, "tcp", &near, &far);
	assert_int_equal(walk(w, ALICE, end_path(&near, "data"), &attr), 0);
	busy = attr.node;
	a = ask_open(w, ALICE, end_path(&near, "data"), O_RW);
	busy = a->node;
	uint64_t data = opened(a);
	struct end through = { .data = data };
	a = fill(w, &through);
	assert_true(fs_node_is_busy(w->fs, busy));
	for (unsigned i = 0; i < 5000; i++) {
		assert_int_equal(walk(w, ALICE, end_path(&near, "data"), &attr), 0);
		assert_true(attr.node != busy);
	}
	fs_interrupt(w->fs, &a->req);
	asked_free(a);
	assert_false(fs_node_is_busy(w->fs, busy));
	close_file(w, data);
	end_close(w, &near);
	end_close(w, &far);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_connect_waits_for_the_outcome),
		CASE(a_connect_to_a_closed_port_is_refused_and_may_be_corrected),
		CASE(the_lines_after_a_connect_are_obeyed_when_it_is_up),
		CASE(a_connect_that_may_not_wait_says_how_far_it_is),
		CASE(a_connect_that_did_not_wait_and_failed_is_in_err),
		CASE(a_signal_ends_the_wait_and_not_the_attempt),
		CASE(a_connect_that_a_signal_ended_is_in_err),
		CASE(a_hangup_ends_a_connect_that_waits),
		CASE(who_waited_for_one_attempt_is_not_told_of_the_next),
		CASE(data_waits_for_a_connect_both_ways),
		CASE(timeout_connect_ends_the_attempt),
		CASE(bytes_pass_both_ways),
		CASE(a_read_gives_what_is_there),
		CASE(a_write_waits_until_all_of_it_is_queued),
		CASE(a_write_larger_than_the_buffer_waits_again_and_again),
		CASE(a_second_writer_is_answered_beside_one_that_waits),
		CASE(an_interrupted_write_says_how_much_is_queued),
		CASE(writers_are_served_in_the_order_of_asking),
		CASE(a_read_that_may_be_split_is_never_filled),
		CASE(the_peers_end_is_the_end_for_ever_after),
		CASE(a_reset_is_told_to_all_who_wait_and_once_to_each_open),
		CASE(a_write_after_a_reset_is_econnreset),
		CASE(a_write_after_our_own_end_is_a_broken_pipe),
		CASE(a_hangup_ends_a_write_that_waits),
		CASE(a_node_on_which_a_write_waits_is_not_handed_out_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
