/*
 * services - the kernel's end of every measurement: sink, source and echo on TCP, until killed.
 *
 * One process and one epoll, so that what it costs can be read in one place. The ports are in
 * services.h, where the client finds them too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "services.h"

#define PIECE      ((size_t)256 << 10)
#define BACKLOG    4096
#define EVENTS_MAX 64

/* What a descriptor is for; LISTENS is added to what a call taken there is for. */
enum role { SINK, SOURCE, ECHO, LISTENS };

static uint8_t piece[PIECE];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void watch(int epoll_fd, int fd, unsigned role)
{
	uint32_t for_what = role == SOURCE ? EPOLLOUT : EPOLLIN;
	struct epoll_event e = { .events = for_what,
		.data = { .u64 = (uint64_t)role << 32 | (uint32_t)fd } };

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e) < 0)
		die("epoll_ctl");
}

static void offer(int epoll_fd, enum role role, uint16_t port)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
		bind(fd, (struct sockaddr *)&here, sizeof(here)) < 0 || listen(fd, BACKLOG) < 0)
		die("listen");
	watch(epoll_fd, fd, role + LISTENS);
}

static void take_calls(int epoll_fd, int listener, unsigned role)
{
	int on = 1;
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		watch(epoll_fd, fd, role);
	}
}

/* One step; false when the call is over. */
static bool serve(int fd, enum role role)
{
	ssize_t n = role == SOURCE ? write(fd, piece, PIECE) : read(fd, piece, PIECE);

	if (n > 0 && role == ECHO)
		n = write(fd, piece, (size_t)n);
	return n > 0 || (n < 0 && errno == EAGAIN);
}

int main(void)
{
	struct epoll_event ready[EVENTS_MAX];
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

	signal(SIGPIPE, SIG_IGN);
	memset(piece, 'x', PIECE); /* else all of it is the one page of zeros, always warm */
	if (epoll_fd < 0 || take_all_files() < 0)
		die("services");
	offer(epoll_fd, SINK, PORT_SINK);
	offer(epoll_fd, SOURCE, PORT_SOURCE);
	offer(epoll_fd, ECHO, PORT_ECHO);
	for (;;) {
		int n = epoll_wait(epoll_fd, ready, EVENTS_MAX, -1);

		for (int i = 0; i < n; i++) {
			int fd = (int)(uint32_t)ready[i].data.u64;
			unsigned role = (unsigned)(ready[i].data.u64 >> 32);

			if (role >= LISTENS)
				take_calls(epoll_fd, fd, role - LISTENS);
			else if (!serve(fd, (enum role)role))
				close(fd);
		}
	}
}
