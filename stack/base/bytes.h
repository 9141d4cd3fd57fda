/*
 * bytes.h - a stream's queue: counted slices of blocks, in order, none when it is empty.
 *
 * It serves both directions. A send queue is given bytes at its end, shows any range of them
 * as slices (first transmission and retransmission alike) and drops them from the front as
 * they are acknowledged. A receive queue also has bytes placed beyond a gap; only what is
 * contiguous from the front counts as its content.
 *
 * What fills half of its block or more (LIMIT_BYTES_SHARE or more of a chunk) is shared; what
 * is smaller is copied into the queue's tail block, which is small for a short queue and large
 * for a long one, so that bulk made of crumbs still leaves in big pieces. Every byte so copied
 * is counted. Positions (`off`) count from the front of the queue.
 */
#ifndef CATNET_BYTES_H
#define CATNET_BYTES_H

#include "buf.h"
#include "pkt.h"

struct bytes_node;

/* What all queues of a stack share. */
struct bytes_home {
	struct pool nodes;
	struct bufs *bufs;
	uint64_t copied; /* payload bytes our own code has copied */
	uint64_t shared; /* payload bytes taken over without a copy */
};

struct bytes {
	struct bytes_node *first;
	struct bytes_node *last;
	struct bytes_node *last_run; /* where the last run without a gap begins */
	struct bytes_node *hint;     /* where the last look-up ended; NULL for none */
	struct buf *tail;            /* the block small pieces are copied into; NULL for none */
	uint64_t base;               /* stream position of the front: how much was ever dropped */
	uint32_t len;                /* contiguous from the front */
	uint32_t beyond;             /* bytes placed behind a gap */
	uint32_t held;       /* capacity of the blocks held here, in bytes: what is budgeted */
	uint32_t tail_used;  /* bytes of the tail that were written */
	uint32_t runs;       /* runs without a gap, that from the front included */
	bool is_small;       /* its owner's cap is but a few large blocks: copies into small ones */
	uint16_t settled_at; /* the base when bytes_settle was last called, its low bits */
};

/* NODES slices for all queues together; 0, or -ENOMEM. */
int bytes_home_init(struct bytes_home *h, struct arena *a, struct bufs *bufs, uint32_t nodes);

/* An empty queue; holds nothing. */
void bytes_init(struct bytes *b);

/* Drop everything, also what lies behind gaps. */
void bytes_clear(struct bytes_home *h, struct bytes *b);

/* Append LEN bytes at AT, which lie in FROM (or anywhere, FROM being NULL: then they are
 * copied). Shares or copies, as above. How many were taken: fewer than LEN only when memory
 * is used up. Nothing may lie beyond a gap. */
uint32_t bytes_give(
	struct bytes_home *h, struct bytes *b, struct buf *from, const void *at, uint32_t len);

/* The content from OFF on, at most LEN bytes and MAX pieces; how many pieces. The queue keeps
 * them alive until the next call that changes it. */
int bytes_spans(struct bytes *b, uint32_t off, uint32_t len, struct span *out, int max);

/* The same as borrowed slices, for a packet that will take counts of its own. */
int bytes_slices(struct bytes *b, uint32_t off, uint32_t len, struct slice *out, int max);

/* Copy LEN bytes from OFF on, all of which must be there. */
void bytes_copy_out(struct bytes *b, uint32_t off, void *to, uint32_t len);

/* Drop LEN bytes, which must be there, from the front. */
void bytes_drop(struct bytes_home *h, struct bytes *b, uint32_t len);

/*
 * Put LEN bytes at OFF, which may lie behind a gap; what overlaps bytes that are there
 * already is left out, so the first copy of a byte wins. How many new bytes were kept, or
 * -ENOBUFS when memory or PIECES_MAX (runs behind gaps) forbids; then nothing has changed.
 * Where FROM is NULL, LEN is that of a datagram at most.
 */
ssize_t bytes_place(struct bytes_home *h, struct bytes *b, uint32_t off, struct buf *from,
	const void *at, uint32_t len, uint32_t pieces_max);

/* How many separate runs lie behind gaps, and the I-th of them: [*off, *off + *len). */
uint32_t bytes_runs(const struct bytes *b);
bool bytes_run(const struct bytes *b, uint32_t i, uint32_t *off, uint32_t *len);

/* Drop everything behind the first gap (memory is short); how many bytes. */
uint32_t bytes_forget_beyond(struct bytes_home *h, struct bytes *b);

/* Copy what lies in mostly dead blocks into fresh ones; how many bytes of blocks that freed. */
uint32_t bytes_compact(struct bytes_home *h, struct bytes *b);

/*
 * Memory is short: if nothing was dropped from the front since the last call, also leave what is
 * mostly others' of the chunks, so that no few bytes that are not moving on keep 2 MiB. The bytes
 * of blocks that this freed at once; those of a chunk are free when all have left it.
 */
uint32_t bytes_settle(struct bytes_home *h, struct bytes *b);

/* Assert that the slices are in order, do not overlap and add up. */
void bytes_check(const struct bytes *b);

#endif
