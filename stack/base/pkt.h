/*
 * pkt.h - one packet on its way through: a head, and what it carries besides.
 *
 * The head is a piece of one block, with room in front for the headers of the layers below.
 * Behind it follow up to two counted slices of payload that nobody copied: on the way out
 * pieces of a send queue, on the way in the rest of a frame too long for a small block. A
 * packet that may be of more than one wire segment says so, and what the device has checked,
 * or shall fill in, travels along.
 *
 * One holder at a time. A function named _input, _output or _send takes the packet for good.
 */
#ifndef CATNET_PKT_H
#define CATNET_PKT_H

#include "buf.h"

/* Room for every header we may push: Ethernet 14, IPv6 40, TCP 60, rounded up. */
#define PKT_HEADROOM   128
#define PKT_SLICES_MAX 2

enum pkt_offload {
	PKT_CSUM_GOOD = 1, /* in: the device vouches for the transport checksum */
	PKT_CSUM_FILL = 2, /* out: sum from csum_start on, store at csum_start + csum_off; the
			    * field holds the pseudo-header's sum already */
	PKT_SEG_TCP = 4,   /* cut into TCP segments of seg_len payload bytes each */
	PKT_SEG_UDP = 8,   /* cut into UDP datagrams of seg_len payload bytes each */
};

struct pkt {
	struct pkt *next; /* for whoever holds it, in a queue of his own */
	struct buf *head;
	uint32_t off; /* the first byte of the packet, in head->data */
	uint32_t len; /* bytes of it in the head */
	struct slice slices[PKT_SLICES_MAX];
	uint8_t slices_n;
	uint8_t offload;     /* enum pkt_offload */
	uint16_t seg_len;    /* payload bytes of a wire segment, with PKT_SEG_*; 0 without */
	uint16_t segs;       /* in: how many wire segments this stands for, at least 1 */
	uint16_t csum_off;   /* from csum_start; in: not 0 when the sum was never filled in, which
			      * PKT_CSUM_GOOD excuses and only a capture cares for */
	uint32_t csum_start; /* offset in head->data, so that pushing does not move it */
};

struct pkts {
	struct pool pool;
	struct bufs *bufs;
};

/* A pool of CAP packets over BUFS; 0, or -ENOMEM. */
int pkts_init(struct pkts *ps, struct arena *a, struct bufs *bufs, uint32_t cap);

/* An empty packet whose head is a small block with HEADROOM bytes free in front; NULL when
 * packets or blocks are used up. */
struct pkt *pkt_new(struct pkts *ps, uint32_t headroom, enum buf_use use);

/* The packet and every count it holds; NULL is allowed. */
void pkt_free(struct pkts *ps, struct pkt *p);

/* The first byte of the head. */
static inline uint8_t *pkt_data(const struct pkt *p)
{
	return p->head->data + p->off;
}

/* Bytes that may still be appended to the head. */
static inline uint32_t pkt_tailroom(const struct pkt *p)
{
	return p->head->cap - p->off - p->len;
}

/* Bytes of the whole packet, slices included. */
uint32_t pkt_len(const struct pkt *p);

/* LEN bytes in front, not initialised: our own promise that there is room. */
uint8_t *pkt_push(struct pkt *p, uint32_t len);

/* LEN bytes off the front of the head; what they were, or NULL when the head has fewer. */
const uint8_t *pkt_pull(struct pkt *p, uint32_t len);

/* LEN uninitialised bytes at the end of the head; NULL when there is no room or a slice
 * follows already. */
uint8_t *pkt_append(struct pkt *p, uint32_t len);

/* Cut the whole packet to LEN bytes; 0, or -EINVAL when it is shorter than that. */
int pkt_trim(struct pkt *p, uint32_t len);

/* Add a counted slice (takes a count of its own on BUF); -ENOSPC when both are in use. */
int pkt_add_slice(struct pkt *p, struct buf *buf, uint32_t off, uint32_t len);

/* The payload from byte OFF of the packet on as counted slices, at most PKT_SLICES_MAX + 1,
 * each borrowed (no count taken); how many. Empty ones are left out. */
int pkt_slices(const struct pkt *p, uint32_t off, struct slice *out);

/* Copy LEN bytes from byte OFF of the packet to TO; false when it is shorter than that. */
bool pkt_copy_out(const struct pkt *p, uint32_t off, void *to, uint32_t len);

/* A new packet with the same bytes in blocks of its own, at most CAP of them; NULL when
 * memory is short. */
struct pkt *pkt_copy(struct pkts *ps, const struct pkt *p, uint32_t cap, enum buf_use use);

/* The Internet checksum (RFC 1071), not complemented, over LEN bytes from byte OFF on,
 * started at SUM. */
uint32_t pkt_checksum(const struct pkt *p, uint32_t off, uint32_t len, uint32_t sum);

#endif
