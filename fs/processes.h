/*
 * processes.h - the system's processes: what /proc tells of them, and their ends as they come.
 *
 * The one opener (opener.h) that asks the kernel. Owns an epoll of pidfds, which the loop looks
 * after as one descriptor.
 */
#ifndef CATNET_PROCESSES_H
#define CATNET_PROCESSES_H

#include "opener.h"

struct fs;
struct processes;

/* 0 or -errno. */
int processes_new(struct processes **out);

const struct opener *processes_opener(const struct processes *p);

/* Readable when a process has ended. */
int processes_fd(const struct processes *p);

/* Tell FS of those that have, a bounded number. */
void processes_pump(struct processes *p, struct fs *fs);

/* Every descriptor must have been let go. NULL is allowed. */
void processes_free(struct processes *p);

#endif
