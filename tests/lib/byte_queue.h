/*
 * byte_queue.h - a byte queue in a box, whose every byte is known from its position.
 */
#ifndef CATNET_TEST_BYTE_QUEUE_H
#define CATNET_TEST_BYTE_QUEUE_H

#include "../../stack/base/bytes_private.h"
#include "region.h"

#define PIECES_MAX 64
#define HOGS_MAX   8192

struct queue_box {
	struct arena arena;
	struct bufs bufs;
	struct bytes_home home;
	struct bytes q;
	struct buf *chunk; /* pieces of a chunk are cut from it, one after another */
	uint32_t chunk_used;
	struct buf *hogs[HOGS_MAX]; /* blocks taken so that memory is short */
	uint32_t hogs_n;
	uint32_t nodes_lost; /* which the test does not mean to give back */
};

extern struct queue_box queue_box;

void queue_box_open(uint32_t nodes);

/* Nothing may be left when the queue is cleared: asserted. */
void queue_box_close(void);

/* The bytes that belong at POS of the stream. */
void fill(uint8_t *to, uint64_t pos, uint32_t len);

/* A block of CLASS whose bytes from OFF on belong at POS; from the reserve if need be. */
struct buf *block_for(enum buf_class class, uint32_t off, uint64_t pos, uint32_t len);

/* Give LEN bytes that lie in a block of CLASS, as if it had just been received, or that lie
 * nowhere; how many were taken. */
uint32_t give(enum buf_class class, uint32_t len);
uint32_t give_from_nowhere(uint32_t len);

/* Place LEN right bytes at OFF; what bytes_place says. */
ssize_t place(enum buf_class class, uint32_t off, uint32_t len);

/* Place any bytes. */
ssize_t place_at(
	uint32_t off, struct buf *from, const uint8_t *at, uint32_t len, uint32_t pieces_max);

/* The content from OFF on is what belongs there: asserted. */
void assert_content(uint32_t off, uint32_t len);

/* Take all memory that data may have; a block of CLASS out of that again, and all. */
void hog_all(void);
struct buf *unhog(enum buf_class class);
void unhog_all(void);

#endif
