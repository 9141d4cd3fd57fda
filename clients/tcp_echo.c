/*
 * tcp_echo PORT - send back what every caller sends, in one poll loop, until killed.
 *
 * A caller who does not read what he gets is not read from either: his window closes, nobody else
 * notices, and no memory is spent on him beyond one buffer.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listener.h"

#define PIECE 65536

struct call {
	size_t from; /* what is still to be sent back */
	size_t to;
	char bytes[PIECE];
};

/* The listener is the first of FDS and has no call. */
struct echo {
	struct pollfd *fds;
	struct call **calls;
	size_t n;
	size_t cap;
};

static int die(const char *what)
{
	fprintf(stderr, "tcp_echo: %s: %s\n", what, strerror(errno));
	return 1;
}

static bool make_room(struct echo *e)
{
	size_t cap = e->cap ? 2 * e->cap : 16;
	struct pollfd *fds;
	struct call **calls;

	if (e->n < e->cap)
		return true;
	fds = realloc(e->fds, cap * sizeof(*fds));
	if (fds)
		e->fds = fds;
	calls = realloc(e->calls, cap * sizeof(struct call *));
	if (calls)
		e->calls = calls;
	if (!fds || !calls)
		return false;
	e->cap = cap;
	return true;
}

static bool add(struct echo *e, int fd, struct call *call)
{
	if (!make_room(e))
		return false;
	e->fds[e->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
	e->calls[e->n++] = call;
	return true;
}

static void take_calls(struct echo *e)
{
	int fd;

	while ((fd = net_accept(e->fds[0].fd, NULL, NULL)) >= 0) {
		struct call *call = malloc(sizeof(*call));

		if (call)
			call->from = call->to = 0;
		if (!call || fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || !add(e, fd, call)) {
			free(call);
			net_close(fd);
		}
	}
	/* Without a descriptor for it the call would wake us again and again: it waits until one
	 * of the others ends. */
	if ((errno == EMFILE || errno == ENFILE) && e->n > 1)
		e->fds[0].events = 0;
}

static void end(struct echo *e, size_t i)
{
	net_close(e->fds[i].fd);
	e->fds[0].events = POLLIN;
	free(e->calls[i]);
	e->n--;
	e->fds[i] = e->fds[e->n];
	e->calls[i] = e->calls[e->n];
}

static bool is_over(ssize_t n)
{
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* Read when there is nothing left to send, send when there is; false when the call is over. */
static bool serve(struct pollfd *p, struct call *c)
{
	ssize_t n;

	if (c->from == c->to) {
		n = read(p->fd, c->bytes, PIECE);
		if (is_over(n))
			return false;
		c->from = 0;
		c->to = n > 0 ? (size_t)n : 0;
	}
	if (c->from < c->to) {
		n = write(p->fd, c->bytes + c->from, c->to - c->from);
		if (is_over(n))
			return false;
		c->from += n > 0 ? (size_t)n : 0;
	}
	p->events = c->from < c->to ? POLLOUT : POLLIN;
	return true;
}

static int run(struct echo *e)
{
	for (;;) {
		if (poll(e->fds, e->n, -1) < 0 && errno != EINTR)
			return die("poll");
		/* From the end, for what is over is replaced by the last. */
		for (size_t i = e->n - 1; i > 0; i--)
			if (e->fds[i].revents && !serve(&e->fds[i], e->calls[i]))
				end(e, i);
		if (e->fds[0].revents & (POLLERR | POLLNVAL)) {
			errno = ENOTCONN;
			return die("the tree has gone");
		}
		if (e->fds[0].revents)
			take_calls(e);
	}
}

int main(int argc, char **argv)
{
	int fd = listener_open(argc, argv, "tcp_echo", 128);
	struct echo e = { .fds = NULL };

	if (fd < 0)
		return errno == EINVAL ? 2 : 1;
	return add(&e, fd, NULL) ? run(&e) : die("memory");
}
