/* The ioctls of `data` (tree.md section 5, clients/catnet_ioctl.h): what each gives and refuses. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ioctls.h"

static unsigned port_of(uint16_t in_network_order)
{
	uint8_t bytes[2];

	memcpy(bytes, &in_network_order, 2);
	return (unsigned)(bytes[0] << 8 | bytes[1]);
}

static void assert_loopback(const uint8_t addr[16], unsigned port, uint16_t got)
{
	static const uint8_t loopback[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0,
		1 };

	assert_memory_equal(addr, loopback, 16);
	assert_int_equal(port_of(got), port);
}

/* --- which there are --------------------------------------------------------------------- */

static void unknown_ones_and_those_of_other_files_are_enotty(void **state)
{
	static const char *const others[] = { "ctl", "accept", "local", "status", "stats", "err" };
	static const unsigned unknown[] = { 0x5401, 0x541b, 0x5411, _IO(CATNET_IOCTL, 1),
		_IOW(CATNET_IOCTL, 3, int32_t), _IOR(CATNET_IOCTL, 99, int32_t),
		_IOR('x', 3, int32_t) };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
		assert_int_equal(
			outcome(ask_ioctl(&ends.w, ALICE, ends.near.data, unknown[i], NULL, 0, 4)),
			-ENOTTY);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		uint64_t file = open_file(&ends.w, end_path(&ends.near, others[i]), O_R);

		assert_int_equal(outcome(ask_ioctl(&ends.w, ALICE, file, CATNET_ERROR, NULL, 0, 4)),
			-ENOTTY);
		close_file(&ends.w, file);
	}
	assert_int_equal(
		outcome(ask_ioctl(&ends.w, ALICE, ends.near.ctl, CATNET_ERROR, NULL, 0, 4)),
		-ENOTTY);
}

static void one_of_a_closed_file_is_stale(void **state)
{
	uint64_t other = open_file(&ends.w, end_path(&ends.near, "data"), O_R);

	(void)state;
	close_file(&ends.w, other);
	assert_int_equal(
		outcome(ask_ioctl(&ends.w, ALICE, other, CATNET_ERROR, NULL, 0, 4)), -ESTALE);
}

static void what_is_too_short_or_unknown_in_them_is_einval(void **state)
{
	uint8_t bytes[HEAD] = { 0 };
	struct catnet_message m = { .reserved = 1 };

	(void)state;
	assert_int_equal(outcome(ask_ioctl(&ends.w, ALICE, ends.near.data,
				 _IOC(_IOC_READ | _IOC_WRITE, CATNET_IOCTL, 1, HEAD - 1), bytes,
				 HEAD - 1, HEAD - 1)),
		-EINVAL);
	assert_int_equal(outcome(ask_ioctl(&ends.w, ALICE, ends.near.data,
				 _IOC(_IOC_READ, CATNET_IOCTL, 3, 3), NULL, 0, 3)),
		-EINVAL);
	assert_int_equal(outcome(ask_recv(ends.near.data, 8, 10)), -EINVAL);
	assert_string_equal(cat(&ends.w, ALICE, end_path(&ends.near, "err")),
		"ioctl data: flags that this server does not know\n");
	assert_int_equal(outcome(ask_send(ends.near.data, CATNET_PEEK, "x", 1)), -EINVAL);
	assert_int_equal(outcome(ask_send_to(ends.near.data, 0, &m, "x", 1)), -EINVAL);
}

static void a_file_that_is_not_open_for_it_is_ebadf(void **state)
{
	uint64_t r = open_file(&ends.w, end_path(&ends.near, "data"), O_R);
	uint64_t w = open_file(&ends.w, end_path(&ends.near, "data"), O_W);

	(void)state;
	assert_int_equal(outcome(ask_send(r, 0, "x", 1)), -EBADF);
	assert_int_equal(outcome(ask_recv(w, 0, 1)), -EBADF);
	assert_int_equal(error_of(r), 0);
	assert_int_equal(error_of(w), 0);
	close_file(&ends.w, r);
	close_file(&ends.w, w);
}

/* --- receiving --------------------------------------------------------------------------- */

static void a_stream_gives_what_is_there_and_whose_it_is(void **state)
{
	struct catnet_message m;

	(void)state;
	assert_int_equal(write_text(&ends.w, ends.far.data, "hello"), 5);
	m = receive(ends.near.data, 0, "hello");
	assert_int_equal(m.flags, 0);
	assert_int_equal(m.len, 5);
	assert_loopback(m.remote, 5000, m.remote_port);
	assert_memory_equal(m.local, m.remote, 16);
	assert_int_equal(refusal(ends.near.data, CATNET_DONTWAIT), -EAGAIN);
}

static void a_peek_leaves_it_to_be_read(void **state)
{
	(void)state;
	assert_int_equal(write_text(&ends.w, ends.far.data, "hello"), 5);
	receive(ends.near.data, CATNET_PEEK, "hello");
	receive(ends.near.data, CATNET_PEEK, "hello");
	received(ask_recv(ends.near.data, CATNET_PEEK, 2), "he");
	assert_string_equal(read_text(&ends.w, ends.near.data), "hello");
}

static void a_stream_gives_no_more_than_there_is_room_for(void **state)
{
	(void)state;
	assert_int_equal(write_text(&ends.w, ends.far.data, "hello"), 5);
	received(ask_recv(ends.near.data, 0, 0), "");
	received(ask_recv(ends.near.data, 0, 3), "hel");
	received(ask_recv(ends.near.data, 0, 3), "lo");
}

static void the_most_that_a_command_can_carry_comes_whole(void **state)
{
	char *bytes = calloc(1, 20000);
	struct asked *a;

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'x', 20000);
	a = ask_write(&ends.w, ALICE, ends.far.data, bytes, 20000, 0);
	world_sleep(&ends.w, USEC_PER_SEC);
	assert_int_equal(outcome(a), 20000);
	a = ask_recv(ends.near.data, 0, CATNET_BYTES_MAX);
	assert_int_equal(a->result, CATNET_BYTES_MAX);
	assert_memory_equal(a->bytes + HEAD, bytes, CATNET_BYTES_MAX);
	asked_free(a);
	assert_int_equal(outcome(ask_recv(ends.near.data, 0, CATNET_BYTES_MAX)),
		20000 - (int)CATNET_BYTES_MAX);
	free(bytes);
}

static void an_answer_that_nobody_took_is_received_by_the_next(void **state)
{
	struct asked *gone = ask_recv(ends.far.data, 0, 100);

	(void)state;
	gone->is_lost = true;
	assert_int_equal(write_text(&ends.w, ends.near.data, "kept"), 4);
	assert_int_equal(outcome(gone), 4);
	receive(ends.far.data, 0, "kept");
}

static void the_peers_end_is_the_end_for_ever(void **state)
{
	(void)state;
	assert_int_equal(write_text(&ends.w, ends.far.data, "last"), 4);
	assert_int_equal(write_text(&ends.w, ends.far.ctl, "shutdown wr"), 11);
	receive(ends.near.data, 0, "last");
	assert_int_equal(receive(ends.near.data, 0, "").flags, CATNET_END);
	assert_int_equal(receive(ends.near.data, CATNET_PEEK, "").flags, CATNET_END);
}

static void a_reset_is_told_once_to_each_open(void **state)
{
	uint64_t other = open_file(&ends.w, end_path(&ends.near, "data"), O_R);

	(void)state;
	assert_int_equal(write_text(&ends.w, ends.far.ctl, "hangup"), 6);
	assert_int_equal(refusal(ends.near.data, 0), -ECONNRESET);
	assert_int_equal(receive(ends.near.data, 0, "").flags, CATNET_END);
	assert_int_equal(refusal(other, CATNET_DONTWAIT), -ECONNRESET);
	close_file(&ends.w, other);
}

static void an_idle_and_an_announced_one_refuse(void **state)
{
	struct end idle = end_open(&ends.w, "tcp");

	(void)state;
	assert_int_equal(refusal(idle.data, 0), -ENOTCONN);
	assert_int_equal(outcome(ask_send(idle.data, 0, "x", 1)), -ENOTCONN);
	assert_int_equal(error_of(idle.data), 0);
	assert_int_equal(queues_of(idle.data).in, 0);
	assert_int_equal(write_text(&ends.w, idle.ctl, "announce 127.0.0.1!7000"), 23);
	assert_int_equal(refusal(idle.data, 0), -EINVAL);
	assert_int_equal(outcome(ask_send(idle.data, 0, "x", 1)), -EINVAL);
	assert_int_equal(queues_of(idle.data).out, 0);
	end_close(&ends.w, &idle);
}

/* --- datagrams --------------------------------------------------------------------------- */

static void a_datagram_comes_with_its_sender_and_its_whole_length(void **state)
{
	struct catnet_message m;

	(void)state;
	assert_int_equal(write_text(&ends.w, ends.near.data, "long one"), 8);
	assert_int_equal(write_text(&ends.w, ends.near.data, "two"), 3);
	m = received(ask_recv(ends.far.data, 0, 4), "long");
	assert_int_equal(m.len, 8);
	assert_loopback(m.remote, 4000, m.remote_port);
	assert_loopback(m.local, 5000, m.local_port);
	m = received(ask_recv(ends.far.data, 0, 4), "two");
	assert_int_equal(m.len, 3);
}

static void a_datagram_can_be_measured_without_room_for_it(void **state)
{
	(void)state;
	assert_int_equal(write_text(&ends.w, ends.near.data, "measured"), 8);
	assert_int_equal(received(ask_recv(ends.far.data, CATNET_PEEK, 0), "").len, 8);
	assert_int_equal(queues_of(ends.far.data).in, 8);
	assert_string_equal(read_text(&ends.w, ends.far.data), "measured");
}

static void a_datagram_longer_than_a_command_is_cut_and_told(void **state)
{
	char *bytes = calloc(1, 40000);
	struct catnet_message m;
	struct asked *a;

	(void)state;
	assert_non_null(bytes);
	a = ask_write(&ends.w, ALICE, ends.near.data, bytes, 40000, 0);
	world_turn(&ends.w);
	assert_int_equal(outcome(a), 40000);
	a = ask_recv(ends.far.data, 0, CATNET_BYTES_MAX);
	assert_int_equal(a->result, CATNET_BYTES_MAX);
	memcpy(&m, a->bytes, HEAD);
	assert_int_equal(m.len, 40000);
	asked_free(a);
	assert_int_equal(refusal(ends.far.data, CATNET_DONTWAIT), -EAGAIN);
	free(bytes);
}

static void a_connected_one_may_name_its_peer_and_nobody_else(void **state)
{
	struct catnet_message m;

	(void)state;
	assert_int_equal(write_text(&ends.w, ends.far.data, "from"), 4);
	m = receive(ends.near.data, 0, "from");
	assert_int_equal(outcome(ask_send_to(ends.near.data, 0, &m, "back", 4)), 4);
	world_turn(&ends.w);
	receive(ends.far.data, 0, "back");
	m.remote[15] = 2;
	assert_int_equal(outcome(ask_send_to(ends.near.data, 0, &m, "back", 4)), -EISCONN);
	assert_string_equal(cat(&ends.w, ALICE, end_path(&ends.near, "err")),
		"write data: this one sends to its peer alone; name that, or nobody\n");
}

static void with_headers_the_message_says_from_whom_and_to_whom(void **state)
{
	struct end server = end_open(&ends.w, "udp");
	struct end caller = end_open(&ends.w, "udp");
	struct catnet_message m;

	(void)state;
	assert_int_equal(write_text(&ends.w, server.ctl, "headers\nannounce 127.0.0.1!7000"), 31);
	assert_int_equal(
		write_text(&ends.w, caller.ctl, "connect 127.0.0.1!7000 127.0.0.1!7001"), 37);
	assert_int_equal(write_text(&ends.w, caller.data, "hello"), 5);
	assert_int_equal(queues_of(server.data).in, 5);
	m = receive(server.data, CATNET_PEEK, "hello");
	m = receive(server.data, 0, "hello");
	assert_int_equal(m.len, 5);
	assert_loopback(m.remote, 7001, m.remote_port);
	assert_loopback(m.local, 7000, m.local_port);
	assert_int_equal(outcome(ask_send_to(server.data, 0, &m, "Hello", 5)), 5);
	world_turn(&ends.w);
	assert_string_equal(read_text(&ends.w, caller.data), "Hello");
	assert_int_equal(outcome(ask_send(server.data, 0, "whom?", 5)), -EINVAL);
	end_close(&ends.w, &server);
	end_close(&ends.w, &caller);
}

static void an_empty_datagram_is_no_end(void **state)
{
	struct end server = end_open(&ends.w, "udp");
	struct end caller = end_open(&ends.w, "udp");
	struct catnet_message m;

	(void)state;
	assert_int_equal(write_text(&ends.w, server.ctl, "headers\nannounce 127.0.0.1!7000"), 31);
	assert_int_equal(write_text(&ends.w, caller.ctl, "connect 127.0.0.1!7000"), 22);
	assert_int_equal(outcome(ask_send(caller.data, 0, "", 0)), 0);
	world_turn(&ends.w);
	m = receive(server.data, 0, "");
	assert_int_equal(m.flags, 0);
	assert_int_equal(m.len, 0);
	assert_int_equal(refusal(server.data, CATNET_DONTWAIT), -EAGAIN);
	assert_int_equal(write_text(&ends.w, server.ctl, "close"), 5);
	assert_int_equal(receive(server.data, 0, "").flags, CATNET_END);
	end_close(&ends.w, &server);
	end_close(&ends.w, &caller);
}

static void an_echo_comes_back(void **state)
{
	static const uint8_t request[] = { 8, 0, 0, 0, 0, 0, 0, 7, 'e', 'c', 'h', 'o' };
	struct end ping = end_open(&ends.w, "icmp");
	struct catnet_message m;
	struct asked *a;

	(void)state;
	assert_int_equal(write_text(&ends.w, ping.ctl, "connect 127.0.0.1!0"), 19);
	assert_int_equal(
		outcome(ask_send(ping.data, 0, request, sizeof(request))), sizeof(request));
	world_turn(&ends.w);
	assert_int_equal(queues_of(ping.data).in, 12);
	a = ask_recv(ping.data, 0, 100);
	assert_int_equal(a->result, 12);
	memcpy(&m, a->bytes, HEAD);
	assert_int_equal(m.len, 12);
	assert_int_equal(m.remote[12], 127);
	assert_memory_equal(a->bytes + HEAD + 8, "echo", 4);
	asked_free(a);
	end_close(&ends.w, &ping);
}

/* --- errors and queues ------------------------------------------------------------------- */

static void an_error_is_taken_by_asking(void **state)
{
	const unsigned over = POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLHUP | POLLRDHUP;

	(void)state;
	assert_int_equal(error_of(ends.near.data), 0);
	assert_int_equal(write_text(&ends.w, ends.far.ctl, "hangup"), 6);
	assert_int_equal(poll_file(&ends.w, ends.near.data, NULL), over | POLLERR);
	assert_int_equal(error_of(ends.near.data), ECONNRESET);
	assert_int_equal(error_of(ends.near.data), 0);
	assert_int_equal(poll_file(&ends.w, ends.near.data, NULL), over);
	assert_int_equal(receive(ends.near.data, 0, "").flags, CATNET_END);
}

static void a_connect_that_did_not_wait_tells_how_it_went(void **state)
{
	struct end e = end_open(&ends.w, "tcp");

	(void)state;
	assert_int_equal(outcome(ask_write(&ends.w, ALICE, e.ctl, "connect 127.0.0.1!99", 20, O_N)),
		-EINPROGRESS);
	assert_int_equal(error_of(e.data), 0);
	assert_int_equal(outcome(ask_recv(e.data, CATNET_DONTWAIT, 1)), -EAGAIN);
	world_turn(&ends.w);
	assert_int_equal(error_of(e.data), ECONNREFUSED);
	assert_int_equal(error_of(e.data), 0);
	end_close(&ends.w, &e);
}

static void a_report_of_a_datagram_is_taken_by_asking(void **state)
{
	struct end alone = end_open(&ends.w, "udp");

	(void)state;
	assert_int_equal(write_text(&ends.w, alone.ctl, "connect 127.0.0.1!9"), 19);
	assert_int_equal(write_text(&ends.w, alone.data, "anybody?"), 8);
	assert_int_equal(error_of(alone.data), ECONNREFUSED);
	assert_string_equal(cat(&ends.w, ALICE, end_path(&alone, "err")),
		"127.0.0.1!9: connection refused by the peer\n");
	assert_int_equal(error_of(alone.data), 0);
	assert_int_equal(refusal(alone.data, CATNET_DONTWAIT), -EAGAIN);
	end_close(&ends.w, &alone);
}

static void queues_tell_what_waits_on_both_sides(void **state)
{
	struct catnet_queues q;
	uint64_t filled;

	(void)state;
	assert_int_equal(outcome(ask_send(ends.near.data, 0, "hello", 5)), 5);
	q = queues_of(ends.near.data);
	assert_int_equal(q.out, 5);
	world_sleep(&ends.w, USEC_PER_SEC);
	q = queues_of(ends.near.data);
	assert_int_equal(q.out, 0);
	assert_int_equal(q.unsent, 0);
	assert_int_equal(queues_of(ends.far.data).in, 5);
	filled = send_until_full();
	q = queues_of(ends.near.data);
	assert_true(q.unsent > 0);
	assert_true(q.unsent <= q.out);
	assert_int_equal(q.out + queues_of(ends.far.data).in, filled + 5);
}

static void a_program_may_know_less_of_the_queues_or_more(void **state)
{
	struct asked *a = ask_ioctl(
		&ends.w, ALICE, ends.near.data, _IOC(_IOC_READ, CATNET_IOCTL, 4, 8), NULL, 0, 8);

	(void)state;
	assert_int_equal(a->bytes_len, 8);
	assert_int_equal(outcome(a), 8);
	a = ask_ioctl(&ends.w, ALICE, ends.near.data, _IOC(_IOC_READ, CATNET_IOCTL, 4, 800), NULL,
		0, 800);
	assert_int_equal(a->bytes_len, sizeof(struct catnet_queues));
	assert_int_equal(outcome(a), sizeof(struct catnet_queues));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TCP(unknown_ones_and_those_of_other_files_are_enotty),
		TCP(one_of_a_closed_file_is_stale),
		TCP(what_is_too_short_or_unknown_in_them_is_einval),
		TCP(a_file_that_is_not_open_for_it_is_ebadf),
		TCP(a_stream_gives_what_is_there_and_whose_it_is),
		TCP(a_peek_leaves_it_to_be_read),
		TCP(a_stream_gives_no_more_than_there_is_room_for),
		TCP(the_most_that_a_command_can_carry_comes_whole),
		UDP(an_answer_that_nobody_took_is_received_by_the_next),
		TCP(the_peers_end_is_the_end_for_ever),
		TCP(a_reset_is_told_once_to_each_open),
		TCP(an_idle_and_an_announced_one_refuse),
		UDP(a_datagram_comes_with_its_sender_and_its_whole_length),
		UDP(a_datagram_can_be_measured_without_room_for_it),
		UDP(a_datagram_longer_than_a_command_is_cut_and_told),
		UDP(a_connected_one_may_name_its_peer_and_nobody_else),
		UDP(with_headers_the_message_says_from_whom_and_to_whom),
		UDP(an_empty_datagram_is_no_end),
		TCP(an_echo_comes_back),
		TCP(an_error_is_taken_by_asking),
		TCP(a_connect_that_did_not_wait_tells_how_it_went),
		UDP(a_report_of_a_datagram_is_taken_by_asking),
		TCP(queues_tell_what_waits_on_both_sides),
		TCP(a_program_may_know_less_of_the_queues_or_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
