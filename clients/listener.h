/*
 * listener.h - how the servers among the clients begin: a port on the command line, and calls
 * taken at it over libcatnet.
 */
#ifndef CATNET_LISTENER_H
#define CATNET_LISTENER_H

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catnet.h"

/* Why FD, or the making of it, failed: in the tree's words, if it has any. */
static inline void listener_complain(const char *program, int fd)
{
	int err = errno;
	char why[256] = "";

	if (fd >= 0)
		net_why(fd, why, sizeof(why));
	if (err == ENETDOWN)
		snprintf(why, sizeof(why),
			"no tree: start catnetd, or say in CATNET where it is mounted");
	fprintf(stderr, "%s: %s\n", program, *why ? why : strerror(err));
}

/* A non-blocking listener at the port that is the only argument; -1 after it has said why not, with
 * errno EINVAL for a wrong call. */
static inline int listener_open(int argc, char **argv, const char *program, int backlog)
{
	unsigned long port = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd;

	if (port < 1 || port > 65535) {
		fprintf(stderr, "usage: %s PORT   as in: %s 8080\n", program, program);
		errno = EINVAL;
		return -1;
	}
	fd = net_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || net_bind(fd, (struct sockaddr *)&here, sizeof(here)) < 0 ||
		net_listen(fd, backlog) < 0) {
		listener_complain(program, fd);
		errno = EIO;
		return -1;
	}
	printf("%s: serving port %lu\n", program, port);
	fflush(stdout);
	return fd;
}

#endif
