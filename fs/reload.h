/*
 * reload.h - SIGHUP: the file is read again, and what can change while we serve does.
 *
 * It is read by a child, for the way to it may lead through a network that does not answer, or
 * through our own mount, which nobody but us serves. Until its bytes are here all goes on.
 */
#ifndef CATNET_RELOAD_H
#define CATNET_RELOAD_H

#include <sys/types.h>

#include "../stack/base/base.h"

struct server;

struct reload {
	pid_t child; /* that reads; 0: none */
	int fd;      /* from where its bytes come; -1: none */
	char *text;
	size_t len;
};

/* Before the first, and before the working directory changes: the file's path is made whole. 0, or
 * -errno. */
int reload_init(struct server *s);

/* Begin to read. One that is under way is given up: it may wait for ever. */
void reload_begin(struct server *s);

/* Bytes have come. With the last of them the new options are in force. */
void reload_pump(struct server *s);

/* Give up what is under way. */
void reload_end(struct server *s);

#endif
