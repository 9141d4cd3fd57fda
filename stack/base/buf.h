/*
 * buf.h - a counted block of memory, shared by whoever needs its bytes.
 *
 * Payload is not copied: the kernel fills a block (a frame, a FUSE WRITE), and packets and
 * byte queues hold counts on it until the kernel has read it out again. A block dies with its
 * last count. Three classes divide the arena's 2 MiB chunks without rest; a chunk whose blocks
 * have all come back is idle and may serve any class, or go back to the system.
 *
 * What is budgeted is blocks held, not bytes in them. A part of the budget is kept for
 * BUF_CONTROL, so that headers, ARP and resets can always be built.
 */
#ifndef CATNET_BUF_H
#define CATNET_BUF_H

#include "arena.h"
#include "list.h"

enum buf_class {
	BUF_SMALL, /* 2 KiB: a plain frame, headers, small writes */
	BUF_LARGE, /* 64 KiB: the rest of an offloaded frame, gathered writes, a datagram */
	BUF_CHUNK, /* a whole chunk: FUSE requests are received into it, one after another */
	BUF_CLASSES
};

enum buf_use { BUF_DATA, BUF_CONTROL, BUF_USES };

struct bufs;

struct buf {
	struct bufs *home;
	uint32_t refs;
	uint32_t cap; /* bytes at data */
	uint8_t data[];
};

/* One contiguous piece of memory that somebody else keeps alive. */
struct span {
	const uint8_t *at;
	uint32_t len;
};

/* A counted piece of a block: the holder of a slice holds one count on its buf. */
struct slice {
	struct buf *buf;
	uint32_t off;
	uint32_t len;
};

struct chunk {
	struct list link;    /* among the idle, or those of a class with room, or in none: full */
	uint8_t *base;       /* page-aligned, ARENA_CHUNK long */
	void *free;          /* blocks that came back */
	uint32_t blocks_out; /* 0: idle */
	uint32_t fresh;      /* blocks from here on were never handed out since it was idle */
	uint8_t class;
	uint8_t use; /* BUF_CONTROL: opened out of the reserve, closed to data until idle */
};

struct bufs {
	struct chunk *chunks;
	uint32_t chunks_n;
	uint32_t chunks_idle;
	uint32_t chunks_reserved; /* only for BUF_CONTROL */
	uint32_t reserved_open;   /* of these, how many are in use */
	struct list idle;         /* pages resident; the one that was used last comes first */
	struct list gone;         /* idle, never touched or given back to the system */
	struct list room[BUF_USES][BUF_CLASSES]; /* chunks with a free block */
	uint64_t blocks_out[BUF_CLASSES];
	uint64_t bytes_out; /* blocks out, in bytes: what the budget is about */
};

/* Take the rest of A as chunks, RESERVED_PERCENT of them for control; 0, or -ENOMEM if there
 * is not even one for each class. */
int bufs_init(struct bufs *b, struct arena *a, uint32_t reserved_percent);

/* A block with one count and uninitialised data; NULL when the budget for this use is spent. */
struct buf *buf_new(struct bufs *b, enum buf_class class, enum buf_use use);

/* One more count on BUF, which is returned. */
struct buf *buf_hold(struct buf *buf);

/* Give back one count; NULL is allowed. */
void buf_drop(struct buf *buf);

/* Does anybody but the caller hold it? */
bool buf_is_shared(const struct buf *buf);

/* Is it of the reserve, where nothing may be kept that waits for a reader? */
bool buf_is_reserved(const struct buf *buf);

enum buf_class buf_class_of(const struct buf *buf);
uint32_t buf_class_cap(enum buf_class class);

/* Share of the budget that is out, in percent, counted in chunks that are not idle. */
uint32_t bufs_pressure_percent(const struct bufs *b);

/* An idle chunk whose pages may go back to the system, marked as gone; false when there is
 * none. The caller (the loop) does madvise; the next use finds it zeroed or not, no matter. */
bool bufs_idle_span(struct bufs *b, void **at, size_t *len);

/* Assert that every chunk's counts and lists agree. */
void bufs_check(const struct bufs *b);

#endif
