/*
 * fake_processes.h - the processes of a test's world, which begin and end when it says so.
 */
#ifndef CATNET_TEST_FAKE_PROCESSES_H
#define CATNET_TEST_FAKE_PROCESSES_H

#include "../../fs/opener.h"

#define FAKE_PROCESSES_MAX 64
#define FAKE_PIDFDS_MAX    64

struct fs;

struct fake_pidfd {
	bool is_out;
	bool has_ended;
	int32_t pid;
	void *token;
};

struct fake_processes {
	struct opener opener;
	struct process v[FAKE_PROCESSES_MAX];
	int32_t leader[FAKE_PROCESSES_MAX]; /* thread LEADER[i] is of V[i] */
	unsigned n;
	struct fake_pidfd fds[FAKE_PIDFDS_MAX];
	unsigned fds_max;    /* as a limit of the system */
	int32_t ends_opened; /* this process ends as soon as it has a descriptor; 0: none */
};

void fake_processes_init(struct fake_processes *p);

/* A process; in a pid namespace of its own when WITHIN is not 0. */
void fake_process(struct fake_processes *p, int32_t pid, uint32_t uid, int32_t within);
struct process *fake_process_of(struct fake_processes *p, int32_t pid);

/* PID is a thread of LEADER from now on. */
void fake_thread(struct fake_processes *p, int32_t pid, int32_t leader);

/* It ends; FS is told, unless that is NULL. */
void fake_process_ends(struct fake_processes *p, int32_t pid, struct fs *fs);

/* FS is told of the ends that it has not been told of. */
void fake_processes_tell(struct fake_processes *p, struct fs *fs);

/* How many descriptors are out? */
unsigned fake_pidfds(const struct fake_processes *p);

#endif
