/*
 * fuse.h - the front that speaks FUSE. The only room that knows libfuse.
 */
#ifndef CATNET_FUSE_H
#define CATNET_FUSE_H

#include "fs.h"
#include "log.h"

struct front;

struct front_config {
	struct fs *fs;
	struct stack *stack; /* whose memory requests are received into */
	struct log *log;
	const char *mountpoint;
	const char *name; /* in the list of mounts */
};

/*
 * Mount the tree, clearing a stale mount of a dead server first. 0, or -errno with WHY, of
 * WHY_LEN bytes, saying what is wrong and how it is mended.
 */
int front_open(struct front **out, const struct front_config *config, char *why, size_t why_len);

/* The descriptor to wait on for reading. */
int front_fd(const struct front *f);

/* Receive and serve at most MAX requests: how many; -ENODEV when the mount is gone. */
int front_pump(struct front *f, int max);

/* Has the kernel been told all, so that the mount answers? */
bool front_answers(const struct front *f);

/* Was it the kernel that ended the mount? Nobody has taken that away then, and it is of no use. */
bool front_is_cut_off(const struct front *f);

/* Unmount, lazily if it is busy, and forget. The tree's requests must have been answered;
 * NULL is allowed. */
void front_close(struct front *f);

#endif
