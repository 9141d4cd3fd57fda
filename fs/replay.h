/*
 * replay.h - commands of the configuration, obeyed in the tree from within.
 *
 * A line is PATH COMMAND, as in "tcp/web announce 80" or "iproute add 0 0 10.0.0.1": what somebody
 * would write by `echo COMMAND > PATH`. PATH begins at the tree's root and names a file that takes
 * commands, or a directory, and then its `ctl` is meant; a conversation's name that is not there is
 * made. Nothing goes through the mount.
 */
#ifndef CATNET_REPLAY_H
#define CATNET_REPLAY_H

#include "fs.h"

struct replay_config {
	struct fs *fs;
	struct cred who;
	/* Called while a command waits (connect does): 0 to go on waiting, or -errno, and then it
	 * is broken off and that is how it came out. */
	int (*turn)(void *arg);
	void *arg;
};

/* Obey LINE; 0, or -errno with WHY: "connect 10.0.0.9!80: connection refused by the peer". */
int replay(const struct replay_config *config, const char *line, char *why, size_t why_len);

/* What FILE of the root says, its first MOST bytes and a NUL into AT; its length, or -errno. */
ssize_t replay_read(const struct replay_config *config, const char *file, char *at, size_t most);

#endif
