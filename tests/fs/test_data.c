/* Reading and writing, waiting and being interrupted, on UDP to ourselves (tree.md section 5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/tree.h"

struct pair {
	struct world w;
	struct end near;
	struct end far;
};

static int setup(void **state)
{
	static struct pair p;

	world_up(&p.w);
	ends_connect(&p.w, "udp", &p.near, &p.far);
	*state = &p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	world_down(&p->w);
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* --- datagrams --------------------------------------------------------------------------- */

static void a_read_is_one_datagram(void **state)
{
	struct pair *p = *state;

	assert_int_equal(write_text(&p->w, p->near.data, "one"), 3);
	assert_int_equal(write_text(&p->w, p->near.data, "two"), 3);
	assert_string_equal(read_text(&p->w, p->far.data), "one");
	assert_string_equal(read_text(&p->w, p->far.data), "two");
}

static void a_short_read_loses_the_rest(void **state)
{
	struct pair *p = *state;
	struct asked *a;

	assert_int_equal(write_text(&p->w, p->near.data, "long one"), 8);
	assert_int_equal(write_text(&p->w, p->near.data, "two"), 3);
	a = ask_read(&p->w, ALICE, p->far.data, 4, 0);
	assert_memory_equal(a->bytes, "long", 4);
	assert_int_equal(outcome(a), 4);
	assert_string_equal(read_text(&p->w, p->far.data), "two");
}

static void the_longest_datagram_passes_whole(void **state)
{
	struct pair *p = *state;
	char *longest = calloc(1, 65508);
	struct asked *a;

	assert_non_null(longest);
	memset(longest, 'x', 65508);
	a = ask_write(&p->w, ALICE, p->near.data, longest, 65507, 0);
	world_turn(&p->w);
	assert_int_equal(outcome(a), 65507);
	a = ask_read(&p->w, ALICE, p->far.data, 70000, 0);
	assert_true(a->is_answered);
	assert_memory_equal(a->bytes, longest, 65507);
	assert_int_equal(outcome(a), 65507);
	a = ask_write(&p->w, ALICE, p->near.data, longest, 65508, 0);
	assert_int_equal(outcome(a), -EMSGSIZE);
	assert_string_equal(
		cat(&p->w, ALICE, end_path(&p->near, "err")), "write data: message too long\n");
	free(longest);
}

static void an_answer_that_nobody_took_is_read_by_the_next(void **state)
{
	struct pair *p = *state;
	struct asked *gone = ask_read(&p->w, ALICE, p->far.data, 100, 0);

	gone->is_lost = true;
	assert_int_equal(write_text(&p->w, p->near.data, "kept"), 4);
	assert_int_equal(outcome(gone), 4);
	assert_string_equal(read_text(&p->w, p->far.data), "kept");
}

/* --- waiting ----------------------------------------------------------------------------- */

static void a_read_waits_for_what_comes(void **state)
{
	struct pair *p = *state;
	struct asked *a = ask_read(&p->w, ALICE, p->far.data, 100, 0);

	world_sleep(&p->w, 1000 * USEC_PER_SEC);
	assert_false(a->is_answered);
	assert_int_equal(write_text(&p->w, p->near.data, "here"), 4);
	assert_memory_equal(a->bytes, "here", 4);
	assert_int_equal(outcome(a), 4);
}

static void readers_are_served_in_the_order_of_asking(void **state)
{
	struct pair *p = *state;
	uint64_t other = open_file(&p->w, end_path(&p->far, "data"), O_R);
	struct asked *a[6];

	for (unsigned i = 0; i < 6; i++)
		a[i] = ask_read(&p->w, ALICE, i % 2 ? other : p->far.data, 100, 0);
	for (unsigned i = 0; i < 6; i++) {
		char text[2] = { (char)('a' + i), 0 };

		assert_int_equal(write_text(&p->w, p->near.data, text), 1);
		assert_true(a[i]->is_answered);
		assert_int_equal(a[i]->bytes[0], 'a' + (int)i);
		assert_int_equal(outcome(a[i]), 1);
	}
	close_file(&p->w, other);
}

/* Opens of listen and reads of accept, in one line. */
static void who_waits_for_calls_is_served_in_the_order_of_asking(void **state)
{
	struct pair *p = *state;
	struct world *w = &p->w;
	struct end listener = end_open(w, "tcp");
	struct asked *open[2];
	struct asked *read[2];
	uint64_t accept;

	assert_int_equal(write_text(w, listener.ctl, "announce 127.0.0.1!7000"), 23);
	accept = open_file(w, end_path(&listener, "accept"), O_R);
	for (unsigned i = 0; i < 2; i++) {
		open[i] = ask_open(w, ALICE, end_path(&listener, "listen"), O_RW);
		read[i] = ask_read(w, ALICE, accept, 100, 0);
	}
	for (unsigned i = 0; i < 4; i++) {
		struct end caller = end_open(w, "tcp");

		assert_int_equal(write_text(w, caller.ctl, "connect 127.0.0.1!7000"), 22);
		assert_true(open[0]->is_answered);
		assert_int_equal(read[0]->is_answered, i >= 1);
		assert_int_equal(open[1]->is_answered, i >= 2);
		assert_int_equal(read[1]->is_answered, i >= 3);
		end_close(w, &caller);
	}
	for (unsigned i = 0; i < 2; i++) {
		close_file(w, opened(open[i]));
		assert_true(outcome(read[i]) > 0);
	}
	close_file(w, accept);
	end_close(w, &listener);
}

static void a_reader_that_comes_later_does_not_overtake(void **state)
{
	struct pair *p = *state;
	struct asked *write;
	struct asked *early = ask_read(&p->w, ALICE, p->far.data, 100, 0);
	struct asked *late;

	/* What was sent has arrived, but nobody has told the tree. */
	write = ask_write(&p->w, ALICE, p->near.data, "first", 5, 0);
	stack_poll(p->w.stack, p->w.now_us);
	late = ask_read(&p->w, ALICE, p->far.data, 100, 0);
	world_turn(&p->w);
	assert_int_equal(outcome(write), 5);
	assert_int_equal(outcome(early), 5);
	assert_false(late->is_answered);
	assert_int_equal(write_text(&p->w, p->near.data, "second"), 6);
	assert_int_equal(outcome(late), 6);
}

static void one_that_may_not_wait_is_eagain(void **state)
{
	struct pair *p = *state;

	assert_int_equal(outcome(ask_read(&p->w, ALICE, p->far.data, 100, O_N)), -EAGAIN);
}

static void one_that_may_not_wait_takes_what_nobody_waits_for(void **state)
{
	struct pair *p = *state;
	struct asked *a;

	assert_int_equal(write_text(&p->w, p->near.data, "here"), 4);
	a = ask_read(&p->w, ALICE, p->far.data, 100, O_N);
	assert_int_equal(outcome(a), 4);
}

static void a_write_goes_through_beside_a_read_that_waits(void **state)
{
	struct pair *p = *state;
	struct asked *read = ask_read(&p->w, ALICE, p->far.data, 100, 0);

	assert_int_equal(write_text(&p->w, p->far.data, "through"), 7);
	assert_false(read->is_answered);
	assert_string_equal(read_text(&p->w, p->near.data), "through");
	fs_interrupt(p->w.fs, &read->req);
	assert_int_equal(outcome(read), -EINTR);
}

static void an_interrupted_read_leaves_what_comes_to_the_next(void **state)
{
	struct pair *p = *state;
	struct asked *first = ask_read(&p->w, ALICE, p->far.data, 100, 0);
	struct asked *second = ask_read(&p->w, ALICE, p->far.data, 100, 0);

	fs_interrupt(p->w.fs, &first->req);
	assert_int_equal(outcome(first), -EINTR);
	assert_int_equal(write_text(&p->w, p->near.data, "here"), 4);
	assert_int_equal(outcome(second), 4);
}

static void an_interrupted_listen_leaves_nothing_open(void **state)
{
	struct pair *p = *state;
	struct end listener = end_open(&p->w, "udp");
	struct asked *a;

	assert_int_equal(write_text(&p->w, listener.ctl, "announce 127.0.0.1!7000"), 23);
	a = ask_open(&p->w, ALICE, end_path(&listener, "listen"), O_RW);
	world_turn(&p->w);
	fs_interrupt(p->w.fs, &a->req);
	assert_int_equal(outcome(a), -EINTR);
	end_close(&p->w, &listener);
	struct fs_attr attr;

	assert_int_equal(walk(&p->w, ALICE, listener.dir, &attr), -ENOENT);
}

static void what_waits_on_a_file_ends_with_it(void **state)
{
	struct pair *p = *state;
	uint64_t other = open_file(&p->w, end_path(&p->far, "data"), O_R);
	struct asked *a = ask_read(&p->w, ALICE, other, 100, 0);

	close_file(&p->w, other);
	assert_int_equal(outcome(a), -ECONNABORTED);
}

static void a_closed_file_is_stale(void **state)
{
	struct pair *p = *state;
	uint64_t other = open_file(&p->w, end_path(&p->far, "data"), O_R);

	close_file(&p->w, other);
	assert_int_equal(outcome(ask_read(&p->w, ALICE, other, 100, 0)), -ESTALE);
	uint64_t again = open_file(&p->w, end_path(&p->far, "data"), O_R);
	assert_true(again != other);
	assert_int_equal(outcome(ask_read(&p->w, ALICE, other, 100, 0)), -ESTALE);
	close_file(&p->w, again);
}

static void a_file_opened_to_read_is_not_written(void **state)
{
	struct pair *p = *state;
	uint64_t other = open_file(&p->w, end_path(&p->far, "data"), O_R);

	assert_int_equal(outcome(ask_write(&p->w, ALICE, other, "x", 1, 0)), -EBADF);
	close_file(&p->w, other);
}

static void timeout_read_ends_a_wait(void **state)
{
	struct pair *p = *state;
	struct asked *a;

	assert_int_equal(write_text(&p->w, p->far.ctl, "timeout read 5"), 14);
	a = ask_read(&p->w, ALICE, p->far.data, 100, 0);
	world_sleep(&p->w, 5 * USEC_PER_SEC - 1);
	assert_false(a->is_answered);
	world_sleep(&p->w, 1);
	assert_int_equal(outcome(a), -ETIMEDOUT);
}

static void timeout_read_0_is_none(void **state)
{
	struct pair *p = *state;
	struct asked *a;

	assert_int_equal(write_text(&p->w, p->far.ctl, "timeout read 5\ntimeout read 0"), 29);
	a = ask_read(&p->w, ALICE, p->far.data, 100, 0);
	world_sleep(&p->w, 100 * USEC_PER_SEC);
	assert_false(a->is_answered);
	fs_interrupt(p->w.fs, &a->req);
	asked_free(a);
}

/* --- states ------------------------------------------------------------------------------ */

static void an_idle_one_is_not_connected(void **state)
{
	struct pair *p = *state;
	struct end idle = end_open(&p->w, "udp");

	assert_string_equal(read_text(&p->w, idle.data), "errno 107"); /* ENOTCONN */
	assert_string_equal(read_text(&p->w, idle.data), "errno 107");
	assert_int_equal(write_text(&p->w, idle.data, "x"), -ENOTCONN);
	end_close(&p->w, &idle);
}

static void one_whose_connect_waited_and_failed_is_idle_again(void **state)
{
	struct pair *p = *state;
	struct end e = end_open(&p->w, "tcp");

	assert_int_equal(write_text(&p->w, e.ctl, "connect 127.0.0.1!99"), -ECONNREFUSED);
	assert_string_equal(read_text(&p->w, e.data), "errno 107"); /* ENOTCONN */
	assert_int_equal(write_text(&p->w, e.data, "x"), -ENOTCONN);
	end_close(&p->w, &e);
}

static void a_connect_that_nobody_saw_fail_is_told_once_to_each_open(void **state)
{
	struct pair *p = *state;
	struct end e = end_open(&p->w, "tcp");
	uint64_t other = open_file(&p->w, end_path(&e, "data"), O_RW);
	struct asked *waits;

	assert_int_equal(outcome(ask_write(&p->w, ALICE, e.ctl, "connect 127.0.0.1!99", 20, O_N)),
		-EINPROGRESS);
	waits = ask_read(&p->w, ALICE, e.data, 1, 0);
	world_turn(&p->w);
	assert_int_equal(outcome(waits), -ECONNREFUSED);
	assert_string_equal(read_text(&p->w, e.data), "errno 107");
	assert_int_equal(write_text(&p->w, other, "x"), -ECONNREFUSED);
	assert_int_equal(write_text(&p->w, other, "x"), -ENOTCONN);
	assert_string_equal(read_text(&p->w, other), "errno 107");
	close_file(&p->w, other);
	end_close(&p->w, &e);
}

static void a_connect_that_ran_out_of_time_tells_those_who_wait_for_it(void **state)
{
	struct pair *p = *state;
	struct end listener = end_open(&p->w, "tcp");
	struct end e = end_open(&p->w, "tcp");
	struct asked *connect;
	struct asked *read;

	/* It takes no more calls, and answers nobody. */
	assert_int_equal(write_text(&p->w, listener.ctl, "backlog 1\nannounce 127.0.0.1!7000"), 33);
	for (unsigned i = 0; i < 2; i++) {
		struct end caller = end_open(&p->w, "tcp");

		(void)outcome(
			ask_write(&p->w, ALICE, caller.ctl, "connect 127.0.0.1!7000", 22, O_N));
		world_turn(&p->w);
	}
	assert_int_equal(write_text(&p->w, e.ctl, "timeout connect 2"), 17);
	connect = ask_write(&p->w, ALICE, e.ctl, "connect 127.0.0.1!7000", 22, 0);
	read = ask_read(&p->w, ALICE, e.data, 1, 0);
	world_sleep(&p->w, 2 * USEC_PER_SEC);
	assert_int_equal(outcome(connect), -ETIMEDOUT);
	assert_int_equal(outcome(read), -ETIMEDOUT);
	assert_string_equal(read_text(&p->w, e.data), "errno 107");
	end_close(&p->w, &e);
	end_close(&p->w, &listener);
}

static void an_announced_one_yields_calls_and_no_bytes(void **state)
{
	struct pair *p = *state;
	struct end listener = end_open(&p->w, "udp");

	assert_int_equal(write_text(&p->w, listener.ctl, "announce 127.0.0.1!7000"), 23);
	assert_string_equal(read_text(&p->w, listener.data), "errno 22"); /* EINVAL */
	assert_int_equal(write_text(&p->w, listener.data, "x"), -EINVAL);
	end_close(&p->w, &listener);
}

static void listen_and_accept_of_what_is_not_announced_are_refused(void **state)
{
	struct pair *p = *state;
	uint64_t accept = open_file(&p->w, end_path(&p->near, "accept"), O_R);

	assert_int_equal(open_error(&p->w, ALICE, end_path(&p->near, "listen"), O_RW), -EINVAL);
	assert_string_equal(cat(&p->w, ALICE, end_path(&p->near, "err")),
		"listen: nothing is announced here\n");
	assert_string_equal(read_text(&p->w, accept), "errno 22");
	close_file(&p->w, accept);
}

static void listen_that_may_not_wait_is_eagain(void **state)
{
	struct pair *p = *state;
	struct end listener = end_open(&p->w, "udp");

	assert_int_equal(write_text(&p->w, listener.ctl, "announce 127.0.0.1!7000"), 23);
	assert_int_equal(
		open_error(&p->w, ALICE, end_path(&listener, "listen"), O_RW | O_N), -EAGAIN);
	end_close(&p->w, &listener);
}

static void a_hangup_ends_all_that_waits_on_a_listener(void **state)
{
	struct pair *p = *state;
	struct end listener = end_open(&p->w, "udp");
	struct asked *open;
	struct asked *read;
	uint64_t accept;

	assert_int_equal(write_text(&p->w, listener.ctl, "announce 127.0.0.1!7000"), 23);
	accept = open_file(&p->w, end_path(&listener, "accept"), O_R);
	open = ask_open(&p->w, ALICE, end_path(&listener, "listen"), O_RW);
	read = ask_read(&p->w, ALICE, accept, 100, 0);
	assert_int_equal(write_text(&p->w, listener.ctl, "hangup"), 6);
	assert_int_equal(outcome(open), -ECONNABORTED);
	assert_int_equal(outcome(read), 0);
	close_file(&p->w, accept);
	end_close(&p->w, &listener);
}

static void after_close_what_came_is_read_and_then_the_end(void **state)
{
	struct pair *p = *state;

	assert_int_equal(write_text(&p->w, p->near.data, "last"), 4);
	assert_int_equal(write_text(&p->w, p->far.ctl, "close"), 5);
	assert_string_equal(read_text(&p->w, p->far.data), "last");
	assert_string_equal(read_text(&p->w, p->far.data), "");
	assert_string_equal(read_text(&p->w, p->far.data), "");
	assert_int_equal(write_text(&p->w, p->far.data, "x"), -EPIPE);
}

static void a_port_nobody_has_is_reported_once(void **state)
{
	struct pair *p = *state;
	struct end alone = end_open(&p->w, "udp");

	assert_int_equal(write_text(&p->w, alone.ctl, "connect 127.0.0.1!9"), 19);
	assert_int_equal(write_text(&p->w, alone.data, "anybody?"), 8);
	assert_string_equal(read_text(&p->w, alone.data), "errno 111"); /* ECONNREFUSED */
	assert_string_equal(cat(&p->w, ALICE, end_path(&alone, "err")),
		"127.0.0.1!9: connection refused by the peer\n");
	assert_int_equal(outcome(ask_read(&p->w, ALICE, alone.data, 100, O_N)), -EAGAIN);
	end_close(&p->w, &alone);
}

/* --- headers ----------------------------------------------------------------------------- */

static void with_headers_one_conversation_serves_all(void **state)
{
	struct pair *p = *state;
	struct end server = end_open(&p->w, "udp");
	struct end caller = end_open(&p->w, "udp");
	struct asked *a;

	assert_int_equal(write_text(&p->w, server.ctl, "headers\nannounce 127.0.0.1!7000"), 31);
	assert_int_equal(write_text(&p->w, caller.ctl, "connect 127.0.0.1!7000"), 22);
	assert_int_equal(write_text(&p->w, caller.data, "hello"), 5);
	a = ask_read(&p->w, ALICE, server.data, 1000, 0);
	world_turn(&p->w);
	assert_int_equal(a->result, 52 + 5);
	assert_memory_equal(a->bytes + 52, "hello", 5);
	/* The same prefix leads back. */
	a->bytes[52] = 'H';
	assert_int_equal(outcome(ask_write(&p->w, ALICE, server.data, a->bytes, 57, 0)), 57);
	asked_free(a);
	world_turn(&p->w);
	assert_string_equal(read_text(&p->w, caller.data), "Hello");
	assert_int_equal(outcome(ask_write(&p->w, ALICE, server.data, "short", 5, 0)), -EINVAL);
	end_close(&p->w, &server);
	end_close(&p->w, &caller);
}

/* --- icmp -------------------------------------------------------------------------------- */

static void an_echo_comes_back(void **state)
{
	struct pair *p = *state;
	static const uint8_t request[] = { 8, 0, 0, 0, 0, 0, 0, 7, 'e', 'c', 'h', 'o' };
	struct end ping = end_open(&p->w, "icmp");
	struct asked *a;

	assert_int_equal(write_text(&p->w, ping.ctl, "connect 127.0.0.1!0"), 19);
	a = ask_write(&p->w, ALICE, ping.data, request, sizeof(request), 0);
	world_turn(&p->w);
	assert_int_equal(outcome(a), sizeof(request));
	a = ask_read(&p->w, ALICE, ping.data, 100, 0);
	assert_int_equal(a->result, 8 + 4);
	assert_int_equal(a->bytes[0], 0);
	assert_int_equal(a->bytes[7], 7);
	assert_memory_equal(a->bytes + 8, "echo", 4);
	asked_free(a);
	end_close(&p->w, &ping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_read_is_one_datagram),
		CASE(a_short_read_loses_the_rest),
		CASE(the_longest_datagram_passes_whole),
		CASE(an_answer_that_nobody_took_is_read_by_the_next),
		CASE(a_read_waits_for_what_comes),
		CASE(readers_are_served_in_the_order_of_asking),
		CASE(who_waits_for_calls_is_served_in_the_order_of_asking),
		CASE(a_reader_that_comes_later_does_not_overtake),
		CASE(one_that_may_not_wait_is_eagain),
		CASE(one_that_may_not_wait_takes_what_nobody_waits_for),
		CASE(a_write_goes_through_beside_a_read_that_waits),
		CASE(an_interrupted_read_leaves_what_comes_to_the_next),
		CASE(an_interrupted_listen_leaves_nothing_open),
		CASE(what_waits_on_a_file_ends_with_it),
		CASE(a_closed_file_is_stale),
		CASE(a_file_opened_to_read_is_not_written),
		CASE(timeout_read_ends_a_wait),
		CASE(timeout_read_0_is_none),
		CASE(an_idle_one_is_not_connected),
		CASE(one_whose_connect_waited_and_failed_is_idle_again),
		CASE(a_connect_that_nobody_saw_fail_is_told_once_to_each_open),
		CASE(a_connect_that_ran_out_of_time_tells_those_who_wait_for_it),
		CASE(an_announced_one_yields_calls_and_no_bytes),
		CASE(listen_and_accept_of_what_is_not_announced_are_refused),
		CASE(listen_that_may_not_wait_is_eagain),
		CASE(a_hangup_ends_all_that_waits_on_a_listener),
		CASE(after_close_what_came_is_read_and_then_the_end),
		CASE(a_port_nobody_has_is_reported_once),
		CASE(with_headers_one_conversation_serves_all),
		CASE(an_echo_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
