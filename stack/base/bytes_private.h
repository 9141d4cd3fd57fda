/*
 * bytes_private.h - how a byte queue is built; for bytes*.c and their tests only.
 *
 * Nodes stand in order of position. A run is a sequence of nodes without a gap between them;
 * its first node knows its last, so that a place is looked for among runs, of which there are
 * few, and never among nodes. The run that begins at the queue's base is its content.
 */
#ifndef CATNET_BYTES_PRIVATE_H
#define CATNET_BYTES_PRIVATE_H

#include "bytes.h"

struct bytes_node {
	struct bytes_node *prev;
	struct bytes_node *next;
	struct bytes_node *run_last; /* in the first node of a run: its last */
	struct buf *buf;
	uint64_t pos; /* in the stream */
	uint32_t off; /* in the block */
	uint32_t len;
	bool is_copy; /* in a block that this queue alone writes, which begins with a struct own */
};

/* The front of a block of copies: what of it this queue still uses. */
struct own {
	uint32_t nodes;
	uint32_t live; /* bytes */
};

static inline struct own *own_of(const struct buf *buf)
{
	return (struct own *)(void *)(uintptr_t)buf->data;
}

static inline uint64_t node_end(const struct bytes_node *n)
{
	return n->pos + n->len;
}

/* The first node of the run at the front; NULL when a gap is there. */
static inline struct bytes_node *front_run(const struct bytes *b)
{
	return b->first && b->first->pos == b->base ? b->first : NULL;
}

/* Where a piece comes from. */
struct piece {
	struct buf *from; /* NULL: from no block of ours */
	const uint8_t *at;
	uint32_t len;
};

/* Is it worth a count on its block? */
bool piece_is_shared(const struct piece *p);

/* Where it begins in its block. */
static inline uint32_t piece_off(const struct piece *p)
{
	return (uint32_t)(p->at - p->from->data);
}

/* A node as WHAT describes it (buf, pos, off, len, is_copy), with a count of its own, behind PREV
 * (NULL: at the front); NULL when the pool is empty. Runs are the caller's. */
struct bytes_node *node_new(struct bytes_home *h, struct bytes *b, struct bytes_node *prev,
	const struct bytes_node *what);

/* Out of the queue, with its count. Runs are the caller's. */
void node_free(struct bytes_home *h, struct bytes *b, struct bytes_node *n);

/* N stands for LEN bytes from OFF of its block on, from now on. */
void node_resize(struct bytes *b, struct bytes_node *n, uint32_t off, uint32_t len);

/* Put N's bytes, which stand at OFF of the tail now, in the place of those it had. */
void node_move_to_tail(struct bytes *b, struct bytes_node *n, uint32_t off);

/* Make one of N and the next of the same RUN, if their bytes adjoin in one block. */
bool node_join_next(
	struct bytes_home *h, struct bytes *b, struct bytes_node *run, struct bytes_node *n);

/* How much may still be copied into the tail block. */
uint32_t tail_room(const struct bytes *b);

/* The class of block that MORE small bytes should be gathered in. */
enum buf_class tail_class(const struct bytes *b, uint32_t more);

/* A fresh tail block, of this class if memory allows, with room for MIN; false when memory is
 * short. The queue holds a count on its tail until nothing in it is needed any more. */
bool tail_renew(struct bytes_home *h, struct bytes *b, enum buf_class class, uint32_t min);

/* Begin no other piece in this tail block. */
void tail_forget(struct bytes *b);

/* Copy LEN bytes, which fit, into the tail; where they stand in it. */
uint32_t tail_copy(struct bytes_home *h, struct bytes *b, const uint8_t *at, uint32_t len);

/* Recount what is contiguous and what lies beyond, MORE bytes having come. */
void bytes_recount(struct bytes *b, uint32_t more);

#endif
