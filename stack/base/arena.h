/*
 * arena.h - the memory budget: one region, taken at start, carved and never grown.
 *
 * The front of the region is carved once into tables and pools of equal things; the rest is
 * cut into 2 MiB chunks for buf.h. Memory is touched only when it is used: a pool hands out
 * slots in order until one has come back, so what was never needed stays untouched and costs
 * nothing but address space.
 */
#ifndef CATNET_ARENA_H
#define CATNET_ARENA_H

#include "base.h"

#define ARENA_CHUNK ((size_t)2 << 20)

struct arena {
	uint8_t *base; /* zero-filled by who gave it */
	size_t len;
	size_t used;
};

/* A region of LEN bytes at BASE, all zero; the caller keeps and frees it. */
void arena_init(struct arena *a, void *base, size_t len);

/* Nothing in the region is used any more: it may go back to its owner. */
void arena_done(struct arena *a);

/* SIZE zero bytes aligned to ALIGN (a power of 2); NULL when the region is used up. */
void *arena_take(struct arena *a, size_t size, size_t align);

/* What is left, in bytes. */
size_t arena_left(const struct arena *a);

/* A pool of equal things. Things come zeroed; a thing is poisoned while it is not out. */
struct pool {
	uint8_t *items;
	size_t item_size;
	uint32_t cap;
	uint32_t fresh; /* slots from here on were never handed out */
	uint32_t out;
	uint32_t out_max; /* the most that were ever out at once */
	void *free;       /* the one that came back last is the next to go */
};

/* Carve CAP things of ITEM_SIZE bytes out of A; 0, or -ENOMEM. */
int pool_init(struct pool *p, struct arena *a, size_t item_size, uint32_t cap);

/* A zeroed thing; NULL when all are out. */
void *pool_get(struct pool *p);

/* Give THING, which came from this pool, back. */
void pool_put(struct pool *p, void *thing);

/* Assert that the pool's lists and counts agree. */
void pool_check(const struct pool *p);

#endif
