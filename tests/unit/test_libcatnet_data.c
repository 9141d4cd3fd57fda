/* Sending, receiving, ending and asking, and the table behind the descriptors. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/fake_tree.h"
#include "catnet.h"

#define PREFIX_LEN 52

/* --- bytes ---------------------------------------------------------------------------------- */

static void what_is_sent_is_written_to_the_data_file(void **state)
{
	char text[8] = { 0 };
	int fd = fake_stream();

	(void)state;
	assert_int_equal(net_send(fd, "hello", 5, MSG_NOSIGNAL), 5);
	assert_int_equal(read(fd, text, sizeof(text)), 5);
	assert_string_equal(text, "hello");
	net_close(fd);
}

static void waitall_gathers_until_the_buffer_is_full(void **state)
{
	struct fake *f = *state;
	char text[8] = { 0 };
	int fd = fake_stream();

	assert_int_equal(write(f->data, "catnet!", 7), 7);
	assert_int_equal(net_recv(fd, text, 7, MSG_WAITALL), 7);
	assert_string_equal(text, "catnet!");
	net_close(fd);
}

static void dontwait_does_not_wait_on_a_blocking_socket(void **state)
{
	char text[8];
	int fd = fake_stream();

	(void)state;
	assert_int_equal(net_recv(fd, text, sizeof(text), MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	net_close(fd);
}

/* These files know no ioctls, as those of an older server. */
static void dontwait_receives_and_sends_without_ioctls(void **state)
{
	char text[8] = { 0 };
	int fd = fake_stream();

	(void)state;
	assert_int_equal(net_send(fd, "hello", 5, MSG_DONTWAIT), 5);
	assert_int_equal(net_recv(fd, text, sizeof(text), MSG_DONTWAIT), 5);
	assert_string_equal(text, "hello");
	net_close(fd);
}

static void the_sender_is_told_without_ioctls(void **state)
{
	struct sockaddr_in from = { 0 };
	socklen_t len = sizeof(from);
	char text[8] = { 0 };
	int fd = fake_stream();

	fake_text(*state, "tcp/7/remote", "10.0.0.2!80\n");
	assert_int_equal(net_send(fd, "hello", 5, 0), 5);
	assert_int_equal(
		net_recvfrom(fd, text, sizeof(text), 0, (struct sockaddr *)&from, &len), 5);
	assert_int_equal(ntohl(from.sin_addr.s_addr), 0x0a000002);
	net_close(fd);
}

static void what_cannot_be_said_without_ioctls_is_refused(void **state)
{
	char text[8];
	int fd = fake_stream();
	int datagrams = fake_datagrams();

	(void)state;
	assert_int_equal(net_recv(fd, text, sizeof(text), MSG_PEEK), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	assert_int_equal(net_recv(datagrams, text, sizeof(text), MSG_TRUNC), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	assert_int_equal(net_pending(fd), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	assert_int_equal(net_unsent(fd), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	net_close(fd);
	net_close(datagrams);
}

static void an_unknown_flag_is_refused(void **state)
{
	char text[8];
	int fd = fake_stream();

	(void)state;
	assert_int_equal(net_recv(fd, text, sizeof(text), MSG_OOB), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	assert_int_equal(net_send(fd, "x", 1, MSG_OOB), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	net_close(fd);
}

static void sendto_binds_and_puts_the_address_before_the_datagram(void **state)
{
	static const uint8_t remote[16] = { [10] = 0xff, 0xff, 10, 0, 0, 2 };
	struct sockaddr_in to = in_of("10.0.0.2", 0x1234);
	uint8_t got[64] = { 0 };
	int fd = fake_datagrams();

	assert_int_equal(net_sendto(fd, "hi", 2, 0, (struct sockaddr *)&to, sizeof(to)), 2);
	assert_commands(*state, "headers on\nannounce 0\n");
	assert_int_equal(read(fd, got, sizeof(got)), PREFIX_LEN + 2);
	assert_memory_equal(got, remote, sizeof(remote));
	assert_memory_equal(got + 48, "\x12\x34", 2);
	assert_memory_equal(got + PREFIX_LEN, "hi", 2);
	net_close(fd);
}

static void recvfrom_takes_the_address_off_the_datagram(void **state)
{
	struct fake *f = *state;
	uint8_t datagram[PREFIX_LEN + 2] = { [10] = 0xff, 0xff, 10, 0, 0, 2, [48] = 0x12, 0x34 };
	struct sockaddr_in from = { 0 };
	socklen_t len = sizeof(from);
	char text[8] = { 0 };
	int fd = fake_datagrams();

	memcpy(datagram + PREFIX_LEN, "hi", 2);
	assert_int_equal(write(f->data, datagram, sizeof(datagram)), sizeof(datagram));
	assert_int_equal(
		net_recvfrom(fd, text, sizeof(text), 0, (struct sockaddr *)&from, &len), 2);
	assert_string_equal(text, "hi");
	assert_int_equal(ntohl(from.sin_addr.s_addr), 0x0a000002);
	assert_int_equal(ntohs(from.sin_port), 0x1234);
	net_close(fd);
}

static void send_without_a_destination_wants_one(void **state)
{
	int fd = fake_datagrams();

	(void)state;
	assert_int_equal(bind4(fd, "0.0.0.0", 53), 0);
	assert_int_equal(net_send(fd, "hi", 2, 0), -1);
	assert_int_equal(errno, EDESTADDRREQ);
	net_close(fd);
}

static void sendto_on_a_stream_is_refused(void **state)
{
	struct sockaddr_in to = in_of("10.0.0.2", 1);
	int fd = fake_stream();

	(void)state;
	assert_int_equal(net_sendto(fd, "hi", 2, 0, (struct sockaddr *)&to, sizeof(to)), -1);
	assert_int_equal(errno, EISCONN);
	net_close(fd);
}

/* --- ending and asking ------------------------------------------------------------------------ */

static void shutdown_names_the_side(void **state)
{
	int fd = fake_stream();

	assert_int_equal(net_shutdown(fd, SHUT_WR), 0);
	assert_commands(*state, "shutdown wr\n");
	net_close(fd);
}

static void shutdown_of_no_side_is_refused(void **state)
{
	int fd = fake_stream();

	(void)state;
	assert_int_equal(net_shutdown(fd, 3), -1);
	assert_int_equal(errno, EINVAL);
	net_close(fd);
}

static void a_closed_socket_is_a_bad_descriptor(void **state)
{
	int fd = fake_stream();

	(void)state;
	assert_int_equal(net_close(fd), 0);
	assert_int_equal(net_close(fd), -1);
	assert_int_equal(errno, EBADF);
}

static void a_descriptor_of_something_else_is_no_socket(void **state)
{
	struct fake *f = *state;

	assert_int_equal(net_shutdown(f->data, SHUT_WR), -1);
	assert_int_equal(errno, ENOTSOCK);
}

static void an_unset_local_address_is_the_wildcard(void **state)
{
	struct sockaddr_in local = { .sin_port = 1 };
	socklen_t len = sizeof(local);
	int fd = fake_stream();

	(void)state;
	assert_int_equal(net_getsockname(fd, (struct sockaddr *)&local, &len), 0);
	assert_int_equal(local.sin_family, AF_INET);
	assert_int_equal(local.sin_addr.s_addr, INADDR_ANY);
	assert_int_equal(local.sin_port, 0);
	net_close(fd);
}

static void a_socket_without_a_peer_is_not_connected(void **state)
{
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	int fd = fake_stream();

	(void)state;
	assert_int_equal(net_getpeername(fd, (struct sockaddr *)&peer, &len), -1);
	assert_int_equal(errno, ENOTCONN);
	net_close(fd);
}

static void the_last_error_is_read_from_the_stats(void **state)
{
	int fd = fake_stream();

	fake_text(*state, "tcp/7/stats",
		"{\"schema\": 1, \"last_error\": {\"errno\": 111, \"text\": \"refused\"}}\n");
	assert_int_equal(net_error(fd), 111);
	net_close(fd);
}

static void the_words_are_those_of_err(void **state)
{
	char words[64];
	int fd = fake_stream();

	fake_text(*state, "tcp/7/err", "connect 10.0.0.2!9: connection refused by the peer\n");
	assert_int_equal(net_why(fd, words, sizeof(words)), 0);
	assert_string_equal(words, "connect 10.0.0.2!9: connection refused by the peer");
	net_close(fd);
}

/* --- the table -------------------------------------------------------------------------------- */

static void the_table_grows_with_the_descriptors(void **state)
{
	int fds[200];

	(void)state;
	for (int i = 0; i < 200; i++)
		fds[i] = fake_stream();
	for (int i = 0; i < 200; i++)
		assert_int_equal(net_shutdown(fds[i], SHUT_RD), 0);
	for (int i = 0; i < 200; i++)
		assert_int_equal(net_close(fds[i]), 0);
}

static void *open_and_close(void *arg)
{
	intptr_t failures = 0;

	(void)arg;
	for (int i = 0; i < 300; i++) {
		struct sockaddr_in local;
		socklen_t len = sizeof(local);
		int fd = net_socket(AF_INET, SOCK_STREAM, 0);

		failures += fd < 0 || net_close(fd) < 0 ||
			net_getsockname(-1, (struct sockaddr *)&local, &len) == 0;
	}
	return (void *)failures;
}

static void threads_open_and_close_beside_each_other(void **state)
{
	pthread_t threads[4];
	void *failures;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, open_and_close, NULL), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &failures);
		assert_null(failures);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_CASE(what_is_sent_is_written_to_the_data_file),
		FAKE_CASE(waitall_gathers_until_the_buffer_is_full),
		FAKE_CASE(dontwait_does_not_wait_on_a_blocking_socket),
		FAKE_CASE(dontwait_receives_and_sends_without_ioctls),
		FAKE_CASE(the_sender_is_told_without_ioctls),
		FAKE_CASE(what_cannot_be_said_without_ioctls_is_refused),
		FAKE_CASE(an_unknown_flag_is_refused),
		FAKE_CASE(sendto_binds_and_puts_the_address_before_the_datagram),
		FAKE_CASE(recvfrom_takes_the_address_off_the_datagram),
		FAKE_CASE(send_without_a_destination_wants_one),
		FAKE_CASE(sendto_on_a_stream_is_refused),
		FAKE_CASE(shutdown_names_the_side),
		FAKE_CASE(shutdown_of_no_side_is_refused),
		FAKE_CASE(a_closed_socket_is_a_bad_descriptor),
		FAKE_CASE(a_descriptor_of_something_else_is_no_socket),
		FAKE_CASE(an_unset_local_address_is_the_wildcard),
		FAKE_CASE(a_socket_without_a_peer_is_not_connected),
		FAKE_CASE(the_last_error_is_read_from_the_stats),
		FAKE_CASE(the_words_are_those_of_err),
		FAKE_CASE(the_table_grows_with_the_descriptors),
		FAKE_CASE(threads_open_and_close_beside_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
