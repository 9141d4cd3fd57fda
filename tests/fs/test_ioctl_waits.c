/* The ioctls of `data` that wait: who is served when, and what ends a wait (tree.md section 5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ioctls.h"

/* --- waiting ----------------------------------------------------------------------------- */

static void one_that_waits_gets_what_comes(void **state)
{
	struct asked *a = ask_recv(ends.far.data, 0, 100);

	(void)state;
	world_sleep(&ends.w, 1000 * USEC_PER_SEC);
	assert_false(a->is_answered);
	assert_int_equal(write_text(&ends.w, ends.near.data, "here"), 4);
	received(a, "here");
}

static void it_is_served_in_one_line_with_the_readers(void **state)
{
	struct asked *a[4];

	(void)state;
	a[0] = ask_recv(ends.far.data, 0, 1);
	a[1] = ask_read(&ends.w, ALICE, ends.far.data, 1, 0);
	a[2] = ask_recv(ends.far.data, 0, 1);
	a[3] = ask_read(&ends.w, ALICE, ends.far.data, 1, 0);
	assert_int_equal(refusal(ends.far.data, CATNET_DONTWAIT), -EAGAIN);
	assert_int_equal(write_text(&ends.w, ends.near.data, "abcd"), 4);
	received(a[0], "a");
	assert_memory_equal(a[1]->bytes, "b", 1);
	assert_int_equal(outcome(a[1]), 1);
	received(a[2], "c");
	assert_memory_equal(a[3]->bytes, "d", 1);
	assert_int_equal(outcome(a[3]), 1);
}

static void one_that_peeks_does_not_hold_up_the_next(void **state)
{
	struct asked *peek = ask_recv(ends.far.data, CATNET_PEEK, 100);
	struct asked *read = ask_read(&ends.w, ALICE, ends.far.data, 100, 0);

	(void)state;
	assert_int_equal(write_text(&ends.w, ends.near.data, "both"), 4);
	received(peek, "both");
	assert_int_equal(outcome(read), 4);
}

static void an_interrupted_one_leaves_what_comes_to_the_next(void **state)
{
	struct asked *first = ask_recv(ends.far.data, 0, 100);
	struct asked *second = ask_recv(ends.far.data, 0, 100);

	(void)state;
	fs_interrupt(ends.w.fs, &first->req);
	assert_int_equal(outcome(first), -EINTR);
	assert_int_equal(write_text(&ends.w, ends.near.data, "here"), 4);
	received(second, "here");
}

static void one_that_waits_on_a_file_ends_with_it(void **state)
{
	uint64_t other = open_file(&ends.w, end_path(&ends.far, "data"), O_R);
	struct asked *a = ask_recv(other, 0, 100);

	(void)state;
	close_file(&ends.w, other);
	assert_int_equal(outcome(a), -ECONNABORTED);
}

static void timeout_read_ends_its_wait(void **state)
{
	struct asked *a;

	(void)state;
	assert_int_equal(write_text(&ends.w, ends.far.ctl, "timeout read 5"), 14);
	a = ask_recv(ends.far.data, 0, 100);
	world_sleep(&ends.w, 5 * USEC_PER_SEC - 1);
	assert_false(a->is_answered);
	world_sleep(&ends.w, 1);
	assert_int_equal(outcome(a), -ETIMEDOUT);
}

static void a_file_opened_not_to_wait_waits_only_when_told_to(void **state)
{
	uint64_t other = open_file(&ends.w, end_path(&ends.far, "data"), O_RW | O_N);
	struct asked *a;

	(void)state;
	assert_int_equal(refusal(other, 0), -EAGAIN);
	a = ask_recv(other, CATNET_WAIT, 100);
	world_turn(&ends.w);
	assert_false(a->is_answered);
	assert_int_equal(write_text(&ends.w, ends.near.data, "here"), 4);
	received(a, "here");
	close_file(&ends.w, other);
}

static void many_of_one_user_are_run_in_turn(void **state)
{
	enum { N = 200 };
	struct asked *a[N];

	(void)state;
	for (unsigned i = 0; i < N; i++)
		a[i] = ask_send(ends.near.data, 0, "x", 1);
	world_sleep(&ends.w, USEC_PER_SEC);
	for (unsigned i = 0; i < N; i++)
		assert_int_equal(outcome(a[i]), 1);
	assert_int_equal(queues_of(ends.far.data).in, N);
}

/* --- sending ----------------------------------------------------------------------------- */

static void what_is_sent_arrives(void **state)
{
	(void)state;
	assert_int_equal(outcome(ask_send(ends.near.data, 0, "hello", 5)), 5);
	assert_int_equal(outcome(ask_send(ends.near.data, 0, "", 0)), 0);
	world_turn(&ends.w);
	assert_string_equal(read_text(&ends.w, ends.far.data), "hello");
}

static void one_that_may_not_wait_sends_what_fits_and_then_is_eagain(void **state)
{
	(void)state;
	receive_all(send_until_full());
}

static void one_that_waits_to_send_sends_all(void **state)
{
	static const uint8_t bytes[CATNET_BYTES_MAX];
	uint64_t filled = send_until_full();
	struct asked *send = ask_send(ends.near.data, 0, bytes, sizeof(bytes));
	struct asked *write = ask_write(&ends.w, ALICE, ends.near.data, "behind", 6, 0);

	(void)state;
	world_sleep(&ends.w, USEC_PER_SEC);
	assert_false(send->is_answered);
	receive_all(filled + sizeof(bytes) + 6);
	assert_int_equal(outcome(send), sizeof(bytes));
	assert_int_equal(outcome(write), 6);
}

static void an_interrupted_send_tells_what_it_has_queued(void **state)
{
	static const uint8_t bytes[CATNET_BYTES_MAX];
	uint64_t filled = send_until_full();
	struct asked *a = ask_send(ends.near.data, 0, bytes, sizeof(bytes));
	ssize_t n;

	(void)state;
	fs_interrupt(ends.w.fs, &a->req);
	n = outcome(a);
	assert_true(n == -EINTR || (n > 0 && n < (ssize_t)sizeof(bytes)));
	receive_all(filled + (n > 0 ? (uint64_t)n : 0));
}

static void timeout_write_ends_its_wait(void **state)
{
	struct asked *a;

	(void)state;
	send_until_full();
	assert_int_equal(write_text(&ends.w, ends.near.ctl, "timeout write 3"), 15);
	a = ask_send(ends.near.data, 0, "x", 1);
	world_sleep(&ends.w, 3 * USEC_PER_SEC);
	assert_int_equal(outcome(a), -ETIMEDOUT);
}

static void after_our_end_it_is_epipe(void **state)
{
	(void)state;
	assert_int_equal(write_text(&ends.w, ends.near.ctl, "shutdown wr"), 11);
	assert_int_equal(outcome(ask_send(ends.near.data, 0, "x", 1)), -EPIPE);
}

static void without_memory_to_wait_in_it_is_enomem_and_nothing_is_kept(void **state)
{
	static const uint8_t bytes[CATNET_BYTES_MAX];

	(void)state;
	send_until_full();
	ends.w.refuse_at = 1;
	assert_int_equal(outcome(ask_send(ends.near.data, 0, bytes, sizeof(bytes))), -ENOMEM);
	assert_int_equal(ends.w.refuse_at, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TCP(one_that_waits_gets_what_comes),
		TCP(it_is_served_in_one_line_with_the_readers),
		TCP(one_that_peeks_does_not_hold_up_the_next),
		UDP(an_interrupted_one_leaves_what_comes_to_the_next),
		TCP(one_that_waits_on_a_file_ends_with_it),
		TCP(timeout_read_ends_its_wait),
		TCP(a_file_opened_not_to_wait_waits_only_when_told_to),
		TCP(many_of_one_user_are_run_in_turn),
		TCP(what_is_sent_arrives),
		TCP(one_that_may_not_wait_sends_what_fits_and_then_is_eagain),
		TCP(one_that_waits_to_send_sends_all),
		TCP(an_interrupted_send_tells_what_it_has_queued),
		TCP(timeout_write_ends_its_wait),
		TCP(after_our_end_it_is_epipe),
		TCP(without_memory_to_wait_in_it_is_enomem_and_nothing_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
