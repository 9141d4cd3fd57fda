/*
 * idle.h - nodes of streams that nobody uses any more, to be handed out again.
 *
 * A LOOKUP of a stream gives a node that no other open file has (node.h). One that was looked
 * up, opened and closed is such a node once more, and it is the very one that the kernel still
 * knows by that name: handed out again it passes for the same file, and the kernel need not
 * throw away what it knows and look up a second time. Whoever looks up meanwhile gets another.
 *
 * Only files of a conversation, and only to the user who had it. Clone's node is everybody's, a
 * conversation's may be opened to others by chmod, and one user must not be able to leave to
 * another a node that he still has open in a way that we do not see (O_PATH), so as to open it
 * again and hold its lock.
 */
#ifndef CATNET_IDLE_H
#define CATNET_IDLE_H

#include "node.h"

struct fs;

/* One a file, as far as their rows do not share a place: then the last one closed. */
#define IDLE_NODES 4

struct idle_node {
	uint32_t uid; /* who had it */
	uint16_t lookup;
	uint8_t row;
	uint8_t dir; /* DIR_NONE: none */
};

/* UID has closed NODE, a stream's; perhaps it has no open file any more. */
void idle_give(struct fs *fs, uint32_t uid, node_t node);

/* The idle node of N's directory, number and row, if there is one that was UID's: fills in N's
 * lookup, and it is idle no longer. */
bool idle_take(struct fs *fs, uint32_t uid, struct node *n);

/* N is about to be handed out as fresh: it is not idle. */
void idle_forget(struct fs *fs, const struct node *n);

#endif
