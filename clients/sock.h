/*
 * sock.h - what the files of libcatnet share: the table from descriptors to conversations, and
 * commands to them. Every function gives -1 and errno when it fails.
 */
#ifndef CATNET_SOCK_H
#define CATNET_SOCK_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "dial.h"

struct sock {
	const char *proto;
	uint64_t number;
	int family;
	bool headers; /* a datagram socket that serves anyone */
};

static inline int fail(int err)
{
	errno = err;
	return -1;
}

bool sock_is_stream(const struct sock *s);

/* A copy of FD's entry, so that no call holds the table while it waits; ENOTSOCK, EBADF. */
int sock_find(int fd, struct sock *out);

/* Enter it, or enter it anew; and take it out again. */
int sock_enter(int fd, const struct sock *s);
void sock_forget(int fd);

/* A command to FD's conversation, which waits or not as FD does. */
int sock_order(int fd, const struct sock *s, const char *verb, const char *argument);

/* From now on FD, a datagram socket, serves anyone from LOCAL. */
int sock_serve_anyone(int fd, struct sock *s, const struct place *local);

#endif
