/*
 * helper_sockets ADDRESS OPEN_PORT CLOSED_PORT - libcatnet against a kernel that echoes at
 * OPEN_PORT, tcp and udp, and has nothing at CLOSED_PORT: each call does what sockets(7) says.
 * Prints "ok NAME" or "FAILED NAME reason" for each claim.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catnet.h"

struct peer {
	struct sockaddr_in open;
	struct sockaddr_in closed;
};

static int failed_n;

static void claim(const char *name, bool is_true)
{
	int err = errno;

	if (is_true)
		printf("ok %s\n", name);
	else
		printf("FAILED %s (errno %s)\n", name, strerror(err));
	failed_n += !is_true;
}

static int joined(int fd, const struct sockaddr_in *to)
{
	return net_connect(fd, (const struct sockaddr *)to, sizeof(*to));
}

static bool fails_with(int err, ssize_t result)
{
	return result < 0 && errno == err;
}

static void streams_echo(const struct peer *p)
{
	char got[16] = { 0 };
	int fd = net_socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in name;
	socklen_t len = sizeof(name);

	claim("net_connect reaches an open port", joined(fd, &p->open) == 0);
	claim("net_getpeername tells the peer",
		net_getpeername(fd, (struct sockaddr *)&name, &len) == 0 &&
			name.sin_port == p->open.sin_port &&
			name.sin_addr.s_addr == p->open.sin_addr.s_addr);
	claim("net_getsockname tells a port of ours",
		net_getsockname(fd, (struct sockaddr *)&name, &len) == 0 && name.sin_port != 0);
	claim("net_connect of a connected socket is EISCONN",
		fails_with(EISCONN, joined(fd, &p->open)));
	claim("what is sent comes back",
		net_send(fd, "hello", 5, 0) == 5 && net_recv(fd, got, 5, MSG_WAITALL) == 5 &&
			strcmp(got, "hello") == 0);
	claim("MSG_DONTWAIT with nothing to read is EAGAIN",
		fails_with(EAGAIN, net_recv(fd, got, 5, MSG_DONTWAIT)));
	claim("net_shutdown of the writing side", net_shutdown(fd, SHUT_WR) == 0);
	claim("a send after it is EPIPE", fails_with(EPIPE, net_send(fd, "x", 1, 0)));
	claim("the peer's end is read as 0", net_recv(fd, got, 5, 0) == 0);
	claim("and again", net_recv(fd, got, 5, 0) == 0);
	claim("net_close", net_close(fd) == 0);
	claim("a second net_close is EBADF", fails_with(EBADF, net_close(fd)));
}

static bool has_pending(int fd, ssize_t n)
{
	for (int tries = 0; tries < 500 && net_pending(fd) < n; tries++)
		poll(NULL, 0, 10);
	return net_pending(fd) == n;
}

static void streams_take_flags(const struct peer *p)
{
	static char sent[100000], got[sizeof(sent)];
	struct sockaddr_in from = { 0 };
	socklen_t len = sizeof(from);
	int fd = net_socket(AF_INET, SOCK_STREAM, 0);

	joined(fd, &p->open);
	claim("MSG_PEEK leaves bytes to be received",
		net_send(fd, "hello", 5, 0) == 5 && has_pending(fd, 5) &&
			net_recv(fd, got, 10, MSG_PEEK) == 5 &&
			net_recv(fd, got + 5, 10, MSG_PEEK | MSG_DONTWAIT) == 5 &&
			net_recv(fd, got + 10, 10, MSG_DONTWAIT) == 5 &&
			memcmp(got, "hellohellohello", 15) == 0);
	claim("net_pending and net_unsent are 0 then", net_pending(fd) == 0 && net_unsent(fd) == 0);
	memset(sent, 'x', sizeof(sent));
	claim("MSG_DONTWAIT sends more than one ioctl can carry",
		net_send(fd, sent, sizeof(sent), MSG_DONTWAIT) == (ssize_t)sizeof(sent));
	claim("and MSG_WAITALL beside it receives it",
		has_pending(fd, sizeof(sent)) &&
			net_recv(fd, got, sizeof(got), MSG_WAITALL | MSG_DONTWAIT) ==
				(ssize_t)sizeof(got) &&
			memcmp(got, sent, sizeof(got)) == 0);
	claim("MSG_TRUNC of a stream is EOPNOTSUPP",
		fails_with(EOPNOTSUPP, net_recv(fd, got, 1, MSG_TRUNC)));
	claim("net_recvfrom of a stream tells its peer",
		net_send(fd, "x", 1, 0) == 1 &&
			net_recvfrom(fd, got, 1, 0, (struct sockaddr *)&from, &len) == 1 &&
			from.sin_port == p->open.sin_port &&
			from.sin_addr.s_addr == p->open.sin_addr.s_addr);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	claim("O_NONBLOCK set late is minded by a peek",
		fails_with(EAGAIN, net_recv(fd, got, 1, MSG_PEEK)));
	claim("and by net_recvfrom",
		fails_with(EAGAIN, net_recvfrom(fd, got, 1, 0, (struct sockaddr *)&from, &len)));
	net_close(fd);

	fd = net_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	fcntl(fd, F_SETFL, 0);
	joined(fd, &p->open);
	claim("without O_NONBLOCK again a peek waits",
		net_send(fd, "y", 1, 0) == 1 && net_recv(fd, got, 1, MSG_PEEK) == 1);
	net_close(fd);
}

static void failures_are_told(const struct peer *p)
{
	char words[128] = "";
	int fd = net_socket(AF_INET, SOCK_STREAM, 0);

	claim("net_recv of an idle socket is ENOTCONN",
		fails_with(ENOTCONN, net_recv(fd, words, 1, 0)));
	claim("net_connect to a closed port is ECONNREFUSED",
		fails_with(ECONNREFUSED, joined(fd, &p->closed)));
	claim("and has told it, so that net_error is 0", net_error(fd) == 0);
	claim("the socket is not connected", fails_with(ENOTCONN, net_recv(fd, words, 1, 0)));
	claim("net_why has it in words",
		net_why(fd, words, sizeof(words)) == 0 && strstr(words, "refused"));
	claim("the same socket then connects to an open port", joined(fd, &p->open) == 0);
	net_close(fd);
}

static bool decided(int fd)
{
	struct pollfd at = { .fd = fd, .events = POLLOUT };

	return poll(&at, 1, 5000) == 1 && (at.revents & (POLLOUT | POLLERR));
}

static void attempts_that_do_not_wait(const struct peer *p)
{
	int fd = net_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int result = joined(fd, &p->open);

	claim("a connect that may not wait is EINPROGRESS, or was quick",
		result == 0 || errno == EINPROGRESS);
	claim("it polls writable when it is decided", decided(fd));
	claim("the next connect is EISCONN", fails_with(EISCONN, joined(fd, &p->open)));
	net_close(fd);

	fd = net_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	result = joined(fd, &p->closed);
	claim("a refused one is told later, or at once",
		fails_with(EINPROGRESS, result) || errno == ECONNREFUSED);
	claim("it polls too", decided(fd));
	claim("net_error says how it went, once",
		net_error(fd) == ECONNREFUSED && net_error(fd) == 0);
	net_close(fd);
}

static void calls_are_taken(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	socklen_t len = sizeof(here);
	char got[4] = { 0 };
	int server = net_socket(AF_INET, SOCK_STREAM, 0);
	int client = net_socket(AF_INET, SOCK_STREAM, 0);

	claim("net_accept before net_listen is EINVAL",
		fails_with(EINVAL, net_accept(server, NULL, NULL)));
	claim("net_listen chooses a port",
		net_listen(server, 4) == 0 &&
			net_getsockname(server, (struct sockaddr *)&here, &len) == 0 &&
			here.sin_port != 0);
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	claim("a call to ourselves gets through", joined(client, &here) == 0);

	struct pollfd at = { .fd = server, .events = POLLIN };

	claim("the listening socket polls readable", poll(&at, 1, 5000) == 1);

	int call = net_accept(server, (struct sockaddr *)&here, &len);

	claim("net_accept tells who called",
		call >= 0 && len == sizeof(here) && here.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	claim("bytes go from caller to called",
		net_send(client, "abc", 3, 0) == 3 && net_recv(call, got, 3, MSG_WAITALL) == 3 &&
			strcmp(got, "abc") == 0);
	net_close(client);
	claim("and so does the end", net_recv(call, got, 3, 0) == 0);
	net_close(call);
	net_close(server);
}

static void addresses_are_kept_apart(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(7777) };
	int first = net_socket(AF_INET, SOCK_STREAM, 0);
	int second = net_socket(AF_INET, SOCK_STREAM, 0);

	claim("net_bind and net_listen take a port",
		net_bind(first, (struct sockaddr *)&here, sizeof(here)) == 0 &&
			net_listen(first, 1) == 0);
	claim("a second listener there is EADDRINUSE",
		fails_with(EADDRINUSE, net_bind(second, (struct sockaddr *)&here, sizeof(here))) ||
			fails_with(EADDRINUSE, net_listen(second, 1)));
	here.sin_addr.s_addr = htonl(0xc0000201); /* 192.0.2.1, which nobody has */
	here.sin_port = htons(7778);
	net_close(second);
	second = net_socket(AF_INET, SOCK_STREAM, 0);
	claim("an address that is not ours is EADDRNOTAVAIL",
		fails_with(
			EADDRNOTAVAIL, net_bind(second, (struct sockaddr *)&here, sizeof(here))));
	net_close(first);
	net_close(second);
}

static void datagrams_echo(const struct peer *p)
{
	static const char long_one[65508];
	char got[16] = { 0 };
	struct sockaddr_in from = { 0 };
	socklen_t len = sizeof(from);
	const struct sockaddr *to = (const struct sockaddr *)&p->open;
	int fd = net_socket(AF_INET, SOCK_DGRAM, 0);

	claim("net_sendto sends a datagram", net_sendto(fd, "one", 3, 0, to, sizeof(p->open)) == 3);
	claim("net_recvfrom gets the answer and its sender",
		net_recvfrom(fd, got, sizeof(got), 0, (struct sockaddr *)&from, &len) == 3 &&
			strcmp(got, "one") == 0 && from.sin_port == p->open.sin_port);
	claim("an empty datagram comes back too",
		net_sendto(fd, "", 0, 0, to, sizeof(p->open)) == 0 &&
			net_recvfrom(fd, got, sizeof(got), 0, (struct sockaddr *)&from, &len) == 0);
	claim("net_send without a peer is EDESTADDRREQ",
		fails_with(EDESTADDRREQ, net_send(fd, "x", 1, 0)));
	claim("net_connect gives it one", joined(fd, &p->open) == 0);
	claim("and then plain write and read do",
		write(fd, "two", 3) == 3 && read(fd, got, sizeof(got)) == 3 &&
			memcmp(got, "two", 3) == 0);
	claim("too long a datagram is EMSGSIZE",
		fails_with(EMSGSIZE, net_send(fd, long_one, sizeof(long_one), 0)));
	net_close(fd);
}

static void datagrams_take_flags(const struct peer *p)
{
	static char long_one[40000], got[65536];
	struct sockaddr_in from = { 0 };
	socklen_t len = sizeof(from);
	const struct sockaddr *to = (const struct sockaddr *)&p->open;
	int fd = net_socket(AF_INET, SOCK_DGRAM, 0);

	for (int is_connected = 0; is_connected < 2; is_connected++) {
		if (is_connected)
			claim("net_connect of the datagram socket", joined(fd, &p->open) == 0);
		claim("a datagram is measured without room for it",
			(is_connected ? net_send(fd, "measure", 7, MSG_DONTWAIT)
				      : net_sendto(fd, "measure", 7, MSG_DONTWAIT, to,
						sizeof(p->open))) == 7 &&
				net_recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC) == 7 &&
				net_pending(fd) == 7);
		claim("one that does not fit is cut, and MSG_TRUNC tells",
			net_recvfrom(fd, got, 3, MSG_TRUNC, (struct sockaddr *)&from, &len) == 7 &&
				memcmp(got, "mea", 3) == 0 && from.sin_port == p->open.sin_port);
		claim("MSG_DONTWAIT with no datagram there is EAGAIN",
			fails_with(EAGAIN, net_recv(fd, got, 3, MSG_DONTWAIT)) &&
				fails_with(EAGAIN, net_recv(fd, got, sizeof(got), MSG_DONTWAIT)));
	}
	claim("one longer than an ioctl can carry comes whole, and is measured",
		net_send(fd, long_one, sizeof(long_one), 0) == (ssize_t)sizeof(long_one) &&
			net_recvfrom(fd, got, sizeof(got), MSG_TRUNC, (struct sockaddr *)&from,
				&len) == (ssize_t)sizeof(long_one));
	claim("and cut when there is no room",
		net_send(fd, long_one, sizeof(long_one), MSG_DONTWAIT) ==
				(ssize_t)sizeof(long_one) &&
			net_recv(fd, got, 20000, MSG_TRUNC) == (ssize_t)sizeof(long_one));
	net_close(fd);

	fd = net_socket(AF_INET, SOCK_DGRAM, 0);
	joined(fd, &p->closed);
	net_send(fd, "anybody?", 8, 0);
	poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 5000);
	claim("net_error tells once what ICMP said",
		net_error(fd) == ECONNREFUSED && net_error(fd) == 0);
	net_close(fd);
}

/* Between two sockets of ours: what is sent of nothing arrives as nothing. */
static void empty_datagrams(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	socklen_t len = sizeof(here);
	char got[4];
	int server = net_socket(AF_INET, SOCK_DGRAM, 0);
	int client = net_socket(AF_INET, SOCK_DGRAM, 0);

	claim("net_bind of a datagram socket",
		net_bind(server, (struct sockaddr *)&here, sizeof(here)) == 0 &&
			net_getsockname(server, (struct sockaddr *)&here, &len) == 0);
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	joined(client, &here);
	claim("an empty datagram of a connected one arrives",
		net_send(client, "", 0, 0) == 0 &&
			net_recvfrom(server, got, 4, 0, (struct sockaddr *)&here, &len) == 0);
	net_close(server);
	net_close(client);
}

int main(int argc, char **argv)
{
	struct peer p = { .open = { .sin_family = AF_INET }, .closed = { .sin_family = AF_INET } };

	if (argc != 4 || inet_pton(AF_INET, argv[1], &p.open.sin_addr) != 1) {
		fprintf(stderr, "usage: helper_sockets ADDRESS OPEN_PORT CLOSED_PORT\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	p.closed.sin_addr = p.open.sin_addr;
	p.open.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	p.closed.sin_port = htons((uint16_t)strtoul(argv[3], NULL, 10));
	streams_echo(&p);
	streams_take_flags(&p);
	failures_are_told(&p);
	attempts_that_do_not_wait(&p);
	calls_are_taken();
	addresses_are_kept_apart();
	datagrams_echo(&p);
	datagrams_take_flags(&p);
	empty_datagrams();
	return failed_n > 0;
}
