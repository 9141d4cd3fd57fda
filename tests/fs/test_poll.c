/* poll(2)'s events of every file in every state, and who is told of a change (tree.md 5). */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/tree.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

#define IN  (POLLIN | POLLRDNORM)
#define OUT (POLLOUT | POLLWRNORM)

/* --- data -------------------------------------------------------------------------------- */

static void an_idle_one_polls_out_and_hup(void **state)
{
	static const char *const protos[] = { "tcp", "udp", "icmp" };

	for (size_t i = 0; i < ARRAY_LEN(protos); i++) {
		struct end e = end_open(*state, protos[i]);

		assert_int_equal(poll_file(*state, e.data, NULL), OUT | POLLHUP);
		end_close(*state, &e);
	}
}

static void one_that_connects_polls_not_to_be_written(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "tcp");
	struct asked *a = ask_write(w, ALICE, e.ctl, "connect 127.0.0.1!99", 20, 0);

	assert_int_equal(poll_file(w, e.data, NULL), 0);
	assert_int_equal(poll_file(w, e.ctl, NULL), IN); /* the write has rewound its text */
	world_turn(w);
	asked_free(a);
	end_close(w, &e);
}

static void who_polls_ctl_is_told_when_a_write_rewinds_it(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "tcp");
	struct token token = { .notified = 0 };

	(void)read_text(w, e.ctl);
	assert_int_equal(poll_file(w, e.ctl, &token), OUT);
	assert_int_equal(write_text(w, e.ctl, "ttl 3"), 5);
	assert_int_equal(token.notified, 1);
	assert_int_equal(poll_file(w, e.ctl, NULL), IN | OUT);
	end_close(w, &e);
}

static void one_that_is_connected_polls_out(void **state)
{
	static const char *const protos[] = { "tcp", "udp" };

	for (size_t i = 0; i < ARRAY_LEN(protos); i++) {
		struct end near;
		struct end far;

		ends_connect(*state, protos[i], &near, &far);
		assert_int_equal(poll_file(*state, near.data, NULL), OUT);
		end_close(*state, &near);
		end_close(*state, &far);
	}
}

static void one_with_bytes_polls_in(void **state)
{
	static const char *const protos[] = { "tcp", "udp" };

	for (size_t i = 0; i < ARRAY_LEN(protos); i++) {
		struct end near;
		struct end far;

		ends_connect(*state, protos[i], &near, &far);
		assert_int_equal(write_text(*state, far.data, "x"), 1);
		assert_int_equal(poll_file(*state, near.data, NULL), IN | OUT);
		assert_string_equal(read_text(*state, near.data), "x");
		assert_int_equal(poll_file(*state, near.data, NULL), OUT);
		end_close(*state, &near);
		end_close(*state, &far);
	}
}

static void one_whose_peer_has_ended_polls_in_and_rdhup(void **state)
{
	struct end near;
	struct end far;

	ends_connect(*state, "tcp", &near, &far);
	assert_int_equal(write_text(*state, far.ctl, "shutdown wr"), 11);
	assert_int_equal(poll_file(*state, near.data, NULL), IN | OUT | POLLRDHUP);
	assert_string_equal(read_text(*state, near.data), "");
	assert_int_equal(poll_file(*state, near.data, NULL), IN | OUT | POLLRDHUP);
	end_close(*state, &near);
	end_close(*state, &far);
}

static void one_that_was_reset_polls_err_until_it_has_been_told(void **state)
{
	const unsigned over = IN | OUT | POLLHUP | POLLRDHUP;
	struct end near;
	struct end far;

	ends_connect(*state, "tcp", &near, &far);
	assert_int_equal(write_text(*state, far.ctl, "hangup"), 6);
	assert_int_equal(poll_file(*state, near.data, NULL), over | POLLERR);
	assert_string_equal(read_text(*state, near.data), "errno 104");
	assert_int_equal(poll_file(*state, near.data, NULL), over);
	end_close(*state, &near);
	end_close(*state, &far);
}

static void one_that_could_not_connect_polls_out_err_and_hup_until_it_has_been_told(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "tcp");
	struct asked *a = ask_write(w, ALICE, e.ctl, "connect 127.0.0.1!99", 20, O_N);

	assert_int_equal(outcome(a), -EINPROGRESS);
	world_turn(w);
	assert_int_equal(poll_file(w, e.data, NULL), IN | OUT | POLLERR | POLLHUP);
	assert_string_equal(read_text(w, e.data), "errno 111");
	assert_int_equal(poll_file(w, e.data, NULL), OUT | POLLHUP);
	assert_int_equal(poll_file(w, e.ctl, NULL), IN | OUT); /* it may try again */
	end_close(w, &e);
}

static void one_whose_connect_waited_and_failed_polls_as_idle(void **state)
{
	struct end e = end_open(*state, "tcp");

	assert_int_equal(write_text(*state, e.ctl, "connect 127.0.0.1!99"), -ECONNREFUSED);
	assert_int_equal(poll_file(*state, e.data, NULL), OUT | POLLHUP);
	end_close(*state, &e);
}

static void one_with_a_report_of_a_datagram_polls_err_until_it_has_been_told(void **state)
{
	struct end e = end_open(*state, "udp");
	struct token token = { .notified = 0 };

	assert_int_equal(write_text(*state, e.ctl, "connect 127.0.0.1!9"), 19);
	assert_int_equal(poll_file(*state, e.data, &token), OUT);
	assert_int_equal(write_text(*state, e.data, "anybody?"), 8);
	assert_true(token.notified > 0);
	assert_int_equal(poll_file(*state, e.data, NULL), IN | OUT | POLLERR);
	assert_string_equal(read_text(*state, e.data), "errno 111");
	assert_int_equal(poll_file(*state, e.data, NULL), OUT);
	end_close(*state, &e);
}

static void an_announced_one_polls_in_when_a_call_waits(void **state)
{
	static const char *const protos[] = { "tcp", "udp" };

	for (size_t i = 0; i < ARRAY_LEN(protos); i++) {
		struct end listener = end_open(*state, protos[i]);
		struct end caller = end_open(*state, protos[i]);
		uint64_t accept = open_file(*state, end_path(&listener, "accept"), O_R);

		assert_int_equal(write_text(*state, listener.ctl, "announce 127.0.0.1!5000"), 23);
		assert_int_equal(poll_file(*state, listener.data, NULL), 0);
		assert_int_equal(poll_file(*state, accept, NULL), 0);
		assert_int_equal(write_text(*state, caller.ctl, "connect 127.0.0.1!5000"), 22);
		assert_int_equal(write_text(*state, caller.data, "x"), 1);
		assert_int_equal(poll_file(*state, listener.data, NULL), IN);
		assert_int_equal(poll_file(*state, accept, NULL), IN);
		assert_string_not_equal(read_text(*state, accept), "");
		assert_int_equal(poll_file(*state, listener.data, NULL), 0);
		assert_int_equal(poll_file(*state, accept, NULL), 0);
		close_file(*state, accept);
		end_close(*state, &listener);
		end_close(*state, &caller);
	}
}

static void one_that_is_full_does_not_poll_out(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	uint8_t *bytes = calloc(1, 1 << 20);
	ssize_t n = 0;

	assert_non_null(bytes);
	ends_connect(w, "tcp", &near, &far);
	while (n >= 0) {
		n = outcome(ask_write(w, ALICE, near.data, bytes, 1 << 20, O_N));
		world_turn(w);
	}
	assert_int_equal(n, -EAGAIN);
	assert_int_equal(poll_file(w, near.data, NULL), 0);
	free(bytes);
	end_close(w, &near);
	end_close(w, &far);
}

/* --- ctl, tables ------------------------------------------------------------------------- */

static void ctl_polls_in_while_its_text_remains(void **state)
{
	struct end e = end_open(*state, "tcp");
	uint64_t ctl = open_file(*state, end_path(&e, "ctl"), O_RW);

	assert_int_equal(poll_file(*state, ctl, NULL), IN | OUT);
	for (unsigned i = 0; i < strlen(e.dir) - strlen("/tcp/"); i++) {
		assert_int_equal(outcome(ask_read(*state, ALICE, ctl, 1, 0)), 1);
		assert_int_equal(poll_file(*state, ctl, NULL), IN | OUT);
	}
	assert_string_equal(read_text(*state, ctl), "\n");
	assert_int_equal(poll_file(*state, ctl, NULL), OUT);
	assert_int_equal(write_text(*state, ctl, "ttl 3"), 5);
	assert_int_equal(poll_file(*state, ctl, NULL), IN | OUT);
	close_file(*state, ctl);
	end_close(*state, &e);
}

static void ctl_polls_hup_at_the_end(void **state)
{
	struct end near;
	struct end far;

	ends_connect(*state, "tcp", &near, &far);
	assert_int_equal(poll_file(*state, near.ctl, NULL) & POLLHUP, 0);
	assert_int_equal(write_text(*state, near.ctl, "hangup"), 6);
	assert_int_equal(poll_file(*state, near.ctl, NULL) & POLLHUP, POLLHUP);
	end_close(*state, &near);
	end_close(*state, &far);
}

static void what_clone_and_listen_open_polls_as_ctl(void **state)
{
	struct world *w = *state;
	struct end listener = end_open(w, "tcp");
	struct end caller = end_open(w, "tcp");
	uint64_t clone = open_file(w, "/tcp/clone", O_RW);
	struct asked *call;
	uint64_t listen;

	assert_int_equal(write_text(w, listener.ctl, "announce 127.0.0.1!5000"), 23);
	call = ask_open(w, ALICE, end_path(&listener, "listen"), O_RW);
	assert_int_equal(write_text(w, caller.ctl, "connect 127.0.0.1!5000"), 22);
	listen = opened(call);
	assert_int_equal(poll_file(w, clone, NULL), IN | OUT);
	assert_int_equal(poll_file(w, listen, NULL), IN | OUT);
	assert_string_not_equal(read_text(w, clone), "");
	assert_string_not_equal(read_text(w, listen), "");
	assert_int_equal(poll_file(w, clone, NULL), OUT);
	assert_int_equal(poll_file(w, listen, NULL), OUT);
	assert_int_equal(write_text(w, listen, "hangup"), 6);
	assert_int_equal(poll_file(w, listen, NULL), IN | OUT | POLLHUP);
	close_file(w, clone);
	close_file(w, listen);
	end_close(w, &listener);
	end_close(w, &caller);
}

/* --- accept ------------------------------------------------------------------------------ */

static void accept_polls_in_while_a_part_of_its_line_remains(void **state)
{
	struct world *w = *state;
	struct end listener = end_open(w, "tcp");
	struct end caller = end_open(w, "tcp");
	uint64_t accept = open_file(w, end_path(&listener, "accept"), O_R);

	assert_int_equal(write_text(w, listener.ctl, "announce 127.0.0.1!5000"), 23);
	assert_int_equal(write_text(w, caller.ctl, "connect 127.0.0.1!5000"), 22);
	assert_int_equal(outcome(ask_read(w, ALICE, accept, 1, 0)), 1);
	assert_int_equal(poll_file(w, listener.data, NULL), 0);
	assert_int_equal(poll_file(w, accept, NULL), IN);
	assert_string_not_equal(read_text(w, accept), "");
	assert_int_equal(poll_file(w, accept, NULL), 0);
	close_file(w, accept);
	end_close(w, &listener);
	end_close(w, &caller);
}

static void accept_polls_hup_when_nothing_is_announced(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct end idle = end_open(w, "tcp");
	uint64_t of_idle = open_file(w, end_path(&idle, "accept"), O_R);
	uint64_t of_near;

	ends_connect(w, "tcp", &near, &far);
	of_near = open_file(w, end_path(&near, "accept"), O_R);
	assert_int_equal(poll_file(w, of_idle, NULL), POLLHUP);
	assert_int_equal(poll_file(w, of_near, NULL), POLLHUP);
	close_file(w, of_idle);
	close_file(w, of_near);
	end_close(w, &idle);
	end_close(w, &near);
	end_close(w, &far);
}

static void accept_polls_in_and_hup_when_no_more_calls_can_come(void **state)
{
	struct world *w = *state;
	struct end listener = end_open(w, "tcp");
	uint64_t accept = open_file(w, end_path(&listener, "accept"), O_R);
	struct token token = { .notified = 0 };

	assert_int_equal(write_text(w, listener.ctl, "announce 127.0.0.1!5000"), 23);
	assert_int_equal(poll_file(w, accept, &token), 0);
	assert_int_equal(write_text(w, listener.ctl, "hangup"), 6);
	assert_true(token.notified > 0);
	assert_int_equal(poll_file(w, accept, NULL), IN | POLLHUP);
	assert_string_equal(read_text(w, accept), "");
	close_file(w, accept);
	end_close(w, &listener);
}

static void a_table_is_always_ready(void **state)
{
	uint64_t stats = open_file(*state, "/udp/stats", O_R);

	assert_int_equal(poll_file(*state, stats, NULL), IN);
	close_file(*state, stats);
}

static void a_stale_handle_polls_nval(void **state)
{
	struct token token = { .notified = 0 };
	uint64_t stats = open_file(*state, "/udp/stats", O_R);

	close_file(*state, stats);
	assert_int_equal(poll_file(*state, stats, &token), POLLNVAL);
	assert_true(token.is_freed);
}

/* --- who is told ------------------------------------------------------------------------- */

static void every_open_that_polls_is_told_of_each_change(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct token tokens[3] = { { 0 } };
	uint64_t other;

	ends_connect(w, "tcp", &near, &far);
	other = open_file(w, end_path(&near, "data"), O_R);
	poll_file(w, near.data, &tokens[0]);
	poll_file(w, other, &tokens[1]);
	poll_file(w, near.ctl, &tokens[2]);
	assert_int_equal(write_text(w, far.data, "x"), 1);
	for (unsigned i = 0; i < 3; i++)
		assert_true(tokens[i].notified > 0);
	for (unsigned i = 0; i < 3; i++)
		tokens[i].notified = 0;
	assert_int_equal(write_text(w, far.ctl, "hangup"), 6);
	for (unsigned i = 0; i < 3; i++)
		assert_true(tokens[i].notified > 0);
	close_file(w, other);
	end_close(w, &near);
	end_close(w, &far);
}

static void who_looks_at_anothers_conversation_is_not_told_of_its_changes(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct token token = { .notified = 0 };
	uint64_t status;

	ends_connect(w, "tcp", &near, &far);
	status = opened(ask_open(w, BOB, end_path(&near, "status"), O_R));
	assert_int_equal(poll_file(w, status, &token), IN);
	assert_true(token.is_freed);
	assert_int_equal(write_text(w, far.data, "x"), 1);
	assert_int_equal(token.notified, 0);
	close_file(w, status);
	end_close(w, &near);
	end_close(w, &far);
}

static void many_who_poll_are_told_some_in_a_turn_and_all_once(void **state)
{
	enum { FILES = 1000 };
	static struct token tokens[FILES];
	struct world *w = *state;
	struct end e = end_open(w, "tcp");
	uint64_t files[FILES];
	unsigned told = 0;

	memset(tokens, 0, sizeof(tokens));
	for (unsigned i = 0; i < FILES; i++) {
		files[i] = open_file(w, end_path(&e, "data"), O_R);
		poll_file(w, files[i], &tokens[i]);
	}
	assert_int_equal(outcome(ask_write(w, ALICE, e.ctl, "close", 5, 0)), 5);
	(void)fs_pump(w->fs);
	for (unsigned i = 0; i < FILES; i++)
		told += tokens[i].notified;
	assert_in_range(told, 1, 256);
	world_turn(w);
	for (unsigned i = 0; i < FILES; i++) {
		assert_int_equal(tokens[i].notified, 1);
		close_file(w, files[i]);
	}
	end_close(w, &e);
}

static void more_bytes_behind_bytes_are_told_again(void **state)
{
	struct world *w = *state;
	static const char *const protos[] = { "tcp", "udp" };

	for (size_t i = 0; i < ARRAY_LEN(protos); i++) {
		struct end near;
		struct end far;
		struct token token = { .notified = 0 };

		ends_connect(w, protos[i], &near, &far);
		assert_int_equal(write_text(w, far.data, "a"), 1);
		poll_file(w, near.data, &token);
		assert_int_equal(write_text(w, far.data, "b"), 1);
		world_sleep(w, USEC_PER_SEC); /* small segments wait for the ACK of the last */
		assert_true(token.notified > 0);
		end_close(w, &near);
		end_close(w, &far);
	}
}

static void a_connect_that_is_decided_is_told(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "tcp");
	struct token token = { .notified = 0 };
	struct asked *a = ask_write(w, ALICE, e.ctl, "connect 127.0.0.1!99", 20, O_N);

	poll_file(w, e.data, &token);
	world_turn(w);
	assert_true(token.notified > 0);
	asked_free(a);
	end_close(w, &e);
}

static void room_to_write_is_told(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct token token = { .notified = 0 };
	uint8_t *bytes = calloc(1, 1 << 20);
	ssize_t n = 0;

	assert_non_null(bytes);
	ends_connect(w, "tcp", &near, &far);
	while (n >= 0) {
		n = outcome(ask_write(w, ALICE, near.data, bytes, 1 << 20, O_N));
		world_turn(w);
	}
	assert_int_equal(poll_file(w, near.data, &token), 0);
	for (unsigned i = 0; i < 100 && token.notified == 0; i++) {
		struct asked *r = ask_read(w, ALICE, far.data, 1 << 20, O_N);

		world_sleep(w, USEC_PER_SEC);
		asked_free(r);
	}
	assert_true(token.notified > 0);
	assert_int_equal(poll_file(w, near.data, NULL), OUT);
	free(bytes);
	end_close(w, &near);
	end_close(w, &far);
}

static void a_new_token_takes_the_place_of_the_old(void **state)
{
	struct world *w = *state;
	struct end near;
	struct end far;
	struct token first = { .notified = 0 };
	struct token second = { .notified = 0 };

	ends_connect(w, "udp", &near, &far);
	poll_file(w, near.data, &first);
	poll_file(w, near.data, &second);
	assert_true(first.is_freed);
	assert_false(second.is_freed);
	assert_int_equal(write_text(w, far.data, "x"), 1);
	assert_int_equal(first.notified, 0);
	assert_true(second.notified > 0);
	end_close(w, &near);
	assert_true(second.is_freed);
	end_close(w, &far);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_idle_one_polls_out_and_hup),
		CASE(one_that_connects_polls_not_to_be_written),
		CASE(who_polls_ctl_is_told_when_a_write_rewinds_it),
		CASE(one_that_is_connected_polls_out),
		CASE(one_with_bytes_polls_in),
		CASE(one_whose_peer_has_ended_polls_in_and_rdhup),
		CASE(one_that_was_reset_polls_err_until_it_has_been_told),
		CASE(one_that_could_not_connect_polls_out_err_and_hup_until_it_has_been_told),
		CASE(one_whose_connect_waited_and_failed_polls_as_idle),
		CASE(one_with_a_report_of_a_datagram_polls_err_until_it_has_been_told),
		CASE(an_announced_one_polls_in_when_a_call_waits),
		CASE(one_that_is_full_does_not_poll_out),
		CASE(ctl_polls_in_while_its_text_remains),
		CASE(ctl_polls_hup_at_the_end),
		CASE(what_clone_and_listen_open_polls_as_ctl),
		CASE(accept_polls_in_while_a_part_of_its_line_remains),
		CASE(accept_polls_hup_when_nothing_is_announced),
		CASE(accept_polls_in_and_hup_when_no_more_calls_can_come),
		CASE(a_table_is_always_ready),
		CASE(a_stale_handle_polls_nval),
		CASE(every_open_that_polls_is_told_of_each_change),
		CASE(who_looks_at_anothers_conversation_is_not_told_of_its_changes),
		CASE(many_who_poll_are_told_some_in_a_turn_and_all_once),
		CASE(more_bytes_behind_bytes_are_told_again),
		CASE(a_connect_that_is_decided_is_told),
		CASE(room_to_write_is_told),
		CASE(a_new_token_takes_the_place_of_the_old),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
