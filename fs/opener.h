/*
 * opener.h - what the tree asks of the system about processes, and who answers is told to it:
 * processes.c, a test, or later a helper that has rights which the server has given up.
 *
 * A process is known by a descriptor of its own (a pidfd), for its number is given to another
 * when it has ended.
 */
#ifndef CATNET_OPENER_H
#define CATNET_OPENER_H

#include "../stack/base/base.h"

struct process {
	int32_t pid;        /* of all its threads together, whichever of them was asked about */
	int32_t pid_within; /* as it counts itself */
	bool is_within;     /* a pid namespace of its own, in which numbers mean others */
	uint32_t uid;
	uint32_t euid;
};

struct opener {
	/* What there is to know of the process that thread PID is of; 0, -ESRCH. */
	int (*look)(void *arg, int32_t pid, struct process *out);
	/* A descriptor for the process PID. fs_process_ended is called with TOKEN when it ends,
	 * until the descriptor is let go. -ESRCH, -EMFILE, -ENOMEM. */
	int (*pidfd)(void *arg, int32_t pid, void *token);
	bool (*has_ended)(void *arg, int fd);
	void (*let_go)(void *arg, int fd);
	void *arg;
};

#endif
