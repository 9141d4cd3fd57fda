/*
 * helper_server KIND PORT [FILE] - servers over libcatnet, until killed.
 *
 * echo: sends back what it gets, all calls in one poll loop that never waits elsewhere.
 * http: sends FILE to everyone, a child for each call, over the descriptor it inherits.
 * datagrams: sends each datagram back to where it came from.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catnet.h"

#define CALLS_MAX 1024
#define PIECE     65536

/* What was read of a call and could not be written back yet. */
struct call {
	uint8_t bytes[PIECE];
	size_t len;
	size_t done;
	bool at_end;
};

struct echo {
	struct pollfd fds[CALLS_MAX + 1]; /* 0 is the one that listens */
	struct call *calls[CALLS_MAX + 1];
	nfds_t n;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int bound(int type, uint16_t port)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = net_socket(AF_INET, type, 0);

	if (fd < 0)
		die("net_socket");
	if (net_bind(fd, (struct sockaddr *)&here, sizeof(here)) < 0)
		die("net_bind");
	return fd;
}

static int listening(int type, uint16_t port)
{
	int fd = bound(type, port);

	if (net_listen(fd, 128) < 0)
		die("net_listen");
	return fd;
}

/* --- echo ---------------------------------------------------------------------------------- */

static void take_call(struct echo *e)
{
	int fd = net_accept(e->fds[0].fd, NULL, NULL);

	if (fd < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (fd < 0)
		die("net_accept");
	if (e->n > CALLS_MAX || fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0) {
		net_close(fd);
		return;
	}
	e->calls[e->n] = calloc(1, sizeof(struct call));
	if (!e->calls[e->n])
		die("calloc");
	e->fds[e->n++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

static void end_call(struct echo *e, nfds_t i)
{
	net_close(e->fds[i].fd);
	free(e->calls[i]);
	e->n--;
	e->fds[i] = e->fds[e->n];
	e->calls[i] = e->calls[e->n];
}

/* One step: write what is held, or read more. False when the call is over. */
static bool serve_call(int fd, struct call *c)
{
	ssize_t n;

	if (c->done < c->len) {
		n = write(fd, c->bytes + c->done, c->len - c->done);
		if (n > 0)
			c->done += (size_t)n;
	} else {
		n = read(fd, c->bytes, sizeof(c->bytes));
		c->len = n > 0 ? (size_t)n : 0;
		c->done = 0;
		c->at_end = n == 0;
	}
	return n >= 0 ? !c->at_end : errno == EAGAIN || errno == EINTR;
}

static void serve_echo(uint16_t port)
{
	struct echo *e = calloc(1, sizeof(*e));

	if (!e)
		die("calloc");
	e->fds[0] = (struct pollfd){ .fd = listening(SOCK_STREAM | SOCK_NONBLOCK, port),
		.events = POLLIN };
	e->n = 1;
	for (;;) {
		if (poll(e->fds, e->n, -1) < 0 && errno != EINTR)
			die("poll");
		for (nfds_t i = e->n - 1; i > 0; i--) {
			struct call *c = e->calls[i];

			if (e->fds[i].revents && !serve_call(e->fds[i].fd, c)) {
				end_call(e, i);
				continue;
			}
			e->fds[i].events = c->done < c->len ? POLLOUT : POLLIN;
		}
		if (e->fds[0].revents)
			take_call(e);
	}
}

/* --- http ---------------------------------------------------------------------------------- */

static void send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = net_send(fd, bytes, len, 0);

		if (n < 0)
			die("net_send");
		bytes += n;
		len -= (size_t)n;
	}
}

/* Requests are read to their empty line; whatever they ask, FILE is the answer. */
static void answer(int fd, const char *file)
{
	char bytes[PIECE];
	size_t len = 0;
	ssize_t n;
	int from = open(file, O_RDONLY);

	if (from < 0)
		die(file);
	while (len < sizeof(bytes) - 1 &&
		(n = net_recv(fd, bytes + len, sizeof(bytes) - 1 - len, 0)) > 0) {
		len += (size_t)n;
		bytes[len] = '\0';
		if (strstr(bytes, "\r\n\r\n"))
			break;
	}
	send_all(fd, "HTTP/1.0 200 OK\r\n\r\n", 19);
	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		send_all(fd, bytes, (size_t)n);
	close(from);
	net_close(fd);
}

static void serve_http(uint16_t port, const char *file)
{
	int fd = listening(SOCK_STREAM, port);

	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int call = net_accept(fd, NULL, NULL);

		if (call < 0)
			die("net_accept");

		pid_t child = fork();

		if (child < 0)
			die("fork");
		if (child == 0) {
			answer(call, file);
			exit(0);
		}
		net_close(call);
	}
}

/* --- datagrams ----------------------------------------------------------------------------- */

static void serve_datagrams(uint16_t port)
{
	int fd = bound(SOCK_DGRAM, port);
	char bytes[PIECE];

	for (;;) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		ssize_t n =
			net_recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &len);

		if (n < 0)
			die("net_recvfrom");
		if (net_sendto(fd, bytes, (size_t)n, 0, (struct sockaddr *)&from, len) != n)
			die("net_sendto");
	}
}

int main(int argc, char **argv)
{
	uint16_t port = argc > 2 ? (uint16_t)strtoul(argv[2], NULL, 10) : 0;

	if (argc == 3 && strcmp(argv[1], "echo") == 0)
		serve_echo(port);
	if (argc == 4 && strcmp(argv[1], "http") == 0)
		serve_http(port, argv[3]);
	if (argc == 3 && strcmp(argv[1], "datagrams") == 0)
		serve_datagrams(port);
	fprintf(stderr, "usage: helper_server echo|http|datagrams PORT [FILE]\n");
	return 2;
}
