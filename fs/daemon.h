/*
 * daemon.h - being a daemon: the way to the background, the PID file, and telling those who wait
 * that we serve.
 *
 * Who waits: the process that was started (its parent's shell goes on when it ends), the reader of
 * --ready-fd, and the service manager that NOTIFY_SOCKET leads to (sd_notify(3)). Owns their
 * descriptors; every path is looked up before there is a mount.
 */
#ifndef CATNET_DAEMON_H
#define CATNET_DAEMON_H

#include "options.h"

struct daemon {
	bool by_mount; /* who started us is mount(8), and reads statuses in its own way */
	int parent;    /* who was started waits at the other end; -1: we are that process */
	int ready_fd;  /* -1: nobody asked */
	int notify;    /* a socket to the service manager; -1: there is none */
	int pid_fd;    /* the PID file, locked; -1: nobody asked */
	int pid_dir;   /* where it lies */
	char *pid_name;
};

/* Go to the background, unless O says not to, and open what O and the environment name: from here
 * on only the process that is to serve goes on. 0; or -errno with WHY, and *STATUS set where the
 * errno does not say it. D is to be given to daemon_end either way. */
int daemon_begin(struct daemon *d, const struct options *o, int *status, char *why, size_t why_len);

/* We serve, and WORDS say what: everybody who waits is told. In the background the terminal is let
 * go of, and L goes to the system's log. */
void daemon_ready(struct daemon *d, struct log *l, const char *words);

/* To the service manager, lines of sd_notify(3). */
void daemon_notify(const struct daemon *d, const char *lines);

/* It is over: the PID file goes. */
void daemon_end(struct daemon *d);

#endif
