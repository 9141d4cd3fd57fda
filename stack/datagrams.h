/*
 * datagrams.h - queues of datagrams that wait to be read, edges kept.
 *
 * What fills half of the blocks it came in is not copied: the queue holds counts on them. What
 * is smaller is copied into the queue's tail block, behind the datagrams before it. A queue is
 * bounded by its owner's cap in bytes of blocks held and records; when it is full the newest is
 * refused. Whose they are, and where from, is noted beside each and means nothing here.
 */
#ifndef CATNET_DATAGRAMS_H
#define CATNET_DATAGRAMS_H

#include "base/addr.h"
#include "base/bytes.h"
#include "conv.h"

struct datagram {
	struct datagram *next;
	struct endpoint remote; /* who sent it */
	struct endpoint local;  /* where to */
	struct addr interface;  /* our address where it came in */
	uint32_t len;
	uint32_t charged;
	uint8_t slices_n;
	struct slice slices[PKT_SLICES_MAX + 1];
};

/* What all queues of a stack share. */
struct datagrams_home {
	struct pool pool;
	struct bytes_home *bytes; /* whose counts of bytes copied and shared go on here */
};

struct datagrams {
	struct datagram *first;
	struct datagram *last;
	struct buf *tail; /* where the next small one is copied to; NULL for none */
	uint32_t tail_used;
	uint32_t n;
	uint32_t charged; /* bytes that the cap is about */
	uint64_t len;     /* bytes of payload */
};

/* Room for CAP datagrams in all queues together; 0, or -ENOMEM. */
int datagrams_home_init(
	struct datagrams_home *h, struct arena *a, struct bytes_home *bytes, uint32_t cap);

/* An empty queue; holds nothing. */
void datagrams_init(struct datagrams *q);

/*
 * Queue the payload of P from byte OFF on; P stays the caller's. 0 and the new one in OUT, for
 * its notes; -ENOSPC when CAP forbids, or it has its part of all records (an empty queue takes one
 * of any size); -ENOBUFS when records or blocks are used up.
 */
int datagrams_put(struct datagrams_home *h, struct datagrams *q, uint32_t cap, const struct pkt *p,
	uint32_t off, struct datagram **out);

/* The oldest one's bytes, at most LEN of them in MAX pieces: how many bytes, PIECES set. Good
 * until it is dropped. The queue must not be empty. */
size_t datagrams_peek(
	const struct datagrams *q, size_t len, struct span *out, int max, int *pieces);

/* Whose the oldest is; -EAGAIN when there is none. */
int datagrams_front(const struct datagrams *q, struct conv_datagram *out);

/* Drop the oldest, or all. */
void datagrams_drop(struct datagrams_home *h, struct datagrams *q);
void datagrams_clear(struct datagrams_home *h, struct datagrams *q);

/*
 * Put a written datagram's LEN bytes behind what P has already: shared with FROM, in which they
 * lie, or copied when they are few or FROM is NULL. 0, or -ENOBUFS.
 */
int datagrams_carry(
	struct datagrams_home *h, struct pkt *p, struct buf *from, const void *at, uint32_t len);

/* Assert that its sums are those of what is in it. */
void datagrams_check(const struct datagrams *q);

#endif
