/* Making, connecting and taking calls, in the words that reach the tree. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/fake_tree.h"
#include "catnet.h"

/* --- sockets -------------------------------------------------------------------------------- */

static void a_socket_is_the_open_data_file_of_a_new_conversation(void **state)
{
	struct fake *f = *state;
	struct stat ours;
	struct stat data;
	int fd = fake_stream();

	assert_int_equal(fstat(fd, &ours), 0);
	assert_int_equal(stat(fake_path(f, "tcp/7/data"), &data), 0);
	assert_int_equal(ours.st_ino, data.st_ino);
	net_close(fd);
}

static void a_socket_without_a_tree_says_that_the_network_is_down(void **state)
{
	(void)state;
	setenv("CATNET", "/nowhere", 1);
	assert_int_equal(net_socket(AF_INET, SOCK_STREAM, 0), -1);
	assert_int_equal(errno, ENETDOWN);
}

static void a_root_longer_than_a_path_may_be_is_refused(void **state)
{
	char root[1024];

	(void)state;
	memset(root, 'x', sizeof(root) - 1);
	root[sizeof(root) - 1] = '\0';
	setenv("CATNET", root, 1);
	assert_int_equal(net_socket(AF_INET, SOCK_STREAM, 0), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

static void a_domain_that_is_not_ip_is_refused(void **state)
{
	(void)state;
	assert_int_equal(net_socket(AF_UNIX, SOCK_STREAM, 0), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
}

static void a_protocol_that_does_not_fit_the_type_is_refused(void **state)
{
	(void)state;
	assert_int_equal(net_socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), -1);
	assert_int_equal(errno, EPROTONOSUPPORT);
}

static void the_flags_of_the_type_reach_the_descriptor(void **state)
{
	(void)state;

	int fd = net_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	net_close(fd);
}

static void a_plain_socket_blocks_and_survives_exec(void **state)
{
	(void)state;

	int fd = fake_stream();

	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(fcntl(fd, F_GETFD), 0);
	net_close(fd);
}

static void a_clone_that_says_no_number_is_a_protocol_error(void **state)
{
	fake_text(*state, "tcp/clone", "seven\n");
	assert_int_equal(net_socket(AF_INET, SOCK_STREAM, 0), -1);
	assert_int_equal(errno, EPROTO);
}

/* --- connecting ----------------------------------------------------------------------------- */

static void connect_writes_the_address_in_the_words_of_the_tree(void **state)
{
	int fd = fake_stream();

	assert_int_equal(connect4(fd, "10.0.0.2", 80), 0);
	assert_commands(*state, "connect 10.0.0.2!80\n");
	net_close(fd);
}

static void connect_writes_an_ipv6_address_in_the_same_way(void **state)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(443) };
	int fd = net_socket(AF_INET6, SOCK_STREAM, 0);

	inet_pton(AF_INET6, "2001:db8::1", &in6.sin6_addr);
	assert_int_equal(net_connect(fd, (struct sockaddr *)&in6, sizeof(in6)), 0);
	assert_commands(*state, "connect 2001:db8::1!443\n");
	net_close(fd);
}

static void connect_to_the_wildcard_means_this_host(void **state)
{
	int fd = fake_stream();

	assert_int_equal(connect4(fd, "0.0.0.0", 80), 0);
	assert_commands(*state, "connect 127.0.0.1!80\n");
	net_close(fd);
}

static void connect_fails_with_the_errno_of_the_ctl_file(void **state)
{
	int fd = fake_stream();

	fake_link(*state, "/dev/full", "tcp/7/ctl");
	assert_int_equal(connect4(fd, "10.0.0.2", 80), -1);
	assert_int_equal(errno, ENOSPC);
	net_close(fd);
}

static void connect_refuses_an_address_of_another_domain(void **state)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	int fd = fake_stream();

	(void)state;
	assert_int_equal(net_connect(fd, (struct sockaddr *)&in6, sizeof(in6)), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
	net_close(fd);
}

static void connect_refuses_an_address_that_is_too_short(void **state)
{
	struct sockaddr_in in = in_of("10.0.0.2", 80);
	int fd = fake_stream();

	(void)state;
	assert_int_equal(net_connect(fd, (struct sockaddr *)&in, 4), -1);
	assert_int_equal(errno, EINVAL);
	net_close(fd);
}

static void connect_does_not_wait_when_the_socket_does_not(void **state)
{
	struct fake *f = *state;
	char full[65536] = { 0 };
	int fd = net_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(write(f->ctl, full, sizeof(full)), sizeof(full));
	assert_int_equal(connect4(fd, "10.0.0.2", 80), -1);
	assert_int_equal(errno, EAGAIN);
	net_close(fd);
}

static void a_datagram_socket_that_was_bound_connects_as_a_new_conversation(void **state)
{
	int fd = fake_datagrams();

	assert_int_equal(bind4(fd, "10.0.0.1", 53), 0);
	fake_text(*state, "tcp/7/local", "10.0.0.1!53\n");
	assert_commands(*state, "headers on\nannounce 10.0.0.1!53\n");
	assert_int_equal(connect4(fd, "10.0.0.2", 99), 0);
	assert_commands(*state, "hangup \nbind 10.0.0.1!53\nconnect 10.0.0.2!99\n");
	net_close(fd);
}

/* --- taking calls --------------------------------------------------------------------------- */

static void bind_of_a_stream_names_the_address(void **state)
{
	int fd = fake_stream();

	assert_int_equal(bind4(fd, "10.0.0.1", 80), 0);
	assert_commands(*state, "bind 10.0.0.1!80\n");
	net_close(fd);
}

static void bind_of_the_wildcard_names_the_port_alone(void **state)
{
	int fd = fake_stream();

	assert_int_equal(bind4(fd, "0.0.0.0", 8080), 0);
	assert_commands(*state, "bind 8080\n");
	net_close(fd);
}

static void bind_of_a_bound_socket_is_refused(void **state)
{
	int fd = fake_stream();

	fake_text(*state, "tcp/7/local", "10.0.0.1!80\n");
	assert_int_equal(bind4(fd, "10.0.0.1", 81), -1);
	assert_int_equal(errno, EINVAL);
	net_close(fd);
}

static void listen_announces_what_was_bound_with_its_backlog(void **state)
{
	int fd = fake_stream();

	fake_text(*state, "tcp/7/local", "::!8080\n");
	assert_int_equal(net_listen(fd, 5), 0);
	assert_commands(*state, "backlog 5\nannounce 8080\n");
	net_close(fd);
}

static void listen_lets_the_server_choose_when_nothing_was_bound(void **state)
{
	int fd = fake_stream();

	assert_int_equal(net_listen(fd, 0), 0);
	assert_commands(*state, "backlog 1\nannounce 0\n");
	net_close(fd);
}

static void listen_is_not_for_datagrams(void **state)
{
	int fd = fake_datagrams();

	(void)state;
	assert_int_equal(net_listen(fd, 5), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	net_close(fd);
}

static void accept_gives_the_data_of_the_call(void **state)
{
	char text[16] = { 0 };
	int fd = fake_stream();
	int call = net_accept(fd, NULL, NULL);

	(void)state;
	assert_true(call >= 0);
	assert_int_equal(net_recv(call, text, sizeof(text) - 1, 0), 6);
	assert_string_equal(text, "a call");
	net_close(call);
	net_close(fd);
}

static void accept_tells_who_called(void **state)
{
	struct sockaddr_in from = { 0 };
	socklen_t len = sizeof(from);
	int fd = fake_stream();
	int call = net_accept(fd, (struct sockaddr *)&from, &len);

	(void)state;
	assert_int_equal(len, sizeof(from));
	assert_int_equal(ntohl(from.sin_addr.s_addr), 0x0a000009);
	assert_int_equal(ntohs(from.sin_port), 4321);
	net_close(call);
	net_close(fd);
}

static void accept_on_an_ipv6_socket_maps_an_ipv4_caller(void **state)
{
	struct sockaddr_in6 from = { 0 };
	socklen_t len = sizeof(from);
	int fd = net_socket(AF_INET6, SOCK_STREAM, 0);
	int call = net_accept(fd, (struct sockaddr *)&from, &len);

	(void)state;
	assert_int_equal(from.sin6_family, AF_INET6);
	assert_true(IN6_IS_ADDR_V4MAPPED(&from.sin6_addr));
	net_close(call);
	net_close(fd);
}

static void accept_tells_the_true_length_to_one_with_little_room(void **state)
{
	struct sockaddr_in from = { 0 };
	socklen_t len = 2;
	int fd = fake_stream();
	int call = net_accept(fd, (struct sockaddr *)&from, &len);

	(void)state;
	assert_int_equal(len, sizeof(from));
	assert_int_equal(from.sin_port, 0);
	net_close(call);
	net_close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_CASE(a_socket_is_the_open_data_file_of_a_new_conversation),
		FAKE_CASE(a_socket_without_a_tree_says_that_the_network_is_down),
		FAKE_CASE(a_root_longer_than_a_path_may_be_is_refused),
		FAKE_CASE(a_domain_that_is_not_ip_is_refused),
		FAKE_CASE(a_protocol_that_does_not_fit_the_type_is_refused),
		FAKE_CASE(the_flags_of_the_type_reach_the_descriptor),
		FAKE_CASE(a_plain_socket_blocks_and_survives_exec),
		FAKE_CASE(a_clone_that_says_no_number_is_a_protocol_error),
		FAKE_CASE(connect_writes_the_address_in_the_words_of_the_tree),
		FAKE_CASE(connect_writes_an_ipv6_address_in_the_same_way),
		FAKE_CASE(connect_to_the_wildcard_means_this_host),
		FAKE_CASE(connect_fails_with_the_errno_of_the_ctl_file),
		FAKE_CASE(connect_refuses_an_address_of_another_domain),
		FAKE_CASE(connect_refuses_an_address_that_is_too_short),
		FAKE_CASE(connect_does_not_wait_when_the_socket_does_not),
		FAKE_CASE(a_datagram_socket_that_was_bound_connects_as_a_new_conversation),
		FAKE_CASE(bind_of_a_stream_names_the_address),
		FAKE_CASE(bind_of_the_wildcard_names_the_port_alone),
		FAKE_CASE(bind_of_a_bound_socket_is_refused),
		FAKE_CASE(listen_announces_what_was_bound_with_its_backlog),
		FAKE_CASE(listen_lets_the_server_choose_when_nothing_was_bound),
		FAKE_CASE(listen_is_not_for_datagrams),
		FAKE_CASE(accept_gives_the_data_of_the_call),
		FAKE_CASE(accept_tells_who_called),
		FAKE_CASE(accept_on_an_ipv6_socket_maps_an_ipv4_caller),
		FAKE_CASE(accept_tells_the_true_length_to_one_with_little_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
