/*
 * frag_pieces.h - one datagram in reassembly: its fragments, in order, and the whole made of them.
 *
 * For frag.c only, which decides whom to keep; nothing here knows of others. A fragment is kept as
 * the packet it came in, until the packets weigh more than one large block; from then on the bytes
 * are gathered in such a block. The first fragment's packet stays in any case: its header is the
 * datagram's.
 */
#ifndef CATNET_FRAG_PIECES_H
#define CATNET_FRAG_PIECES_H

#include "../base/list.h"
#include "../base/timer.h"
#include "../limits.h"
#include "ip.h"

/* A fragment's offset has 13 bits (RFC 791 3.1). */
#define FRAG_STARTS (8192 / 64)

/* A run of bytes that are there. */
struct piece {
	uint32_t off;
	uint32_t len;
	struct pkt *p; /* whose head holds just these bytes; NULL: they lie in the block, at OFF */
};

struct frag_datagram {
	struct frag_datagram *next; /* in its chain */
	struct list age;            /* in frags->oldest_first */
	struct timer timer;
	struct addr src;
	struct addr dst;
	struct frag_source *source; /* what its source may hold */
	struct ifc *ifc;
	uint32_t id;
	uint8_t protocol;
	uint8_t ecn_seen;     /* BIT(codepoint) */
	bool is_dead;         /* overlapped: only refuses what still comes (RFC 8200 4.5) */
	struct ip_info first; /* the first fragment's, when pieces[0].off is 0 */
	uint32_t total;       /* bytes of payload; 0 until the last fragment came */
	uint32_t have;
	uint32_t held; /* bytes of blocks */
	struct buf *block;
	uint64_t starts[FRAG_STARTS]; /* a bit for each place, in units of 8, a fragment began at */
	uint16_t pieces_n;
	struct piece pieces[LIMIT_FRAG_RANGES]; /* in order, none overlap */
};

enum frag_relation { FRAG_FRESH, FRAG_DUPLICATE, FRAG_OVERLAP };

/* What a fragment of LEN bytes at OFF, in P, is to what is there. One that came before may come
 * again, with the same borders and bytes; anything else that overlaps is an attack or a broken
 * sender (RFC 8200 4.5). */
enum frag_relation pieces_relation(
	const struct frag_datagram *d, uint32_t off, uint32_t len, const struct pkt *p);

/* Does a fragment to byte END, the last one if IS_LAST, contradict where the datagram ends? */
bool pieces_contradict_end(const struct frag_datagram *d, uint32_t end, bool is_last);

/* Has the first fragment come? */
bool pieces_have_first(const struct frag_datagram *d);

/* Is there room for N more? */
bool pieces_have_room(const struct frag_datagram *d, unsigned n);

/* What a block weighs, in the budget. */
uint32_t pieces_weight(const struct buf *buf);

/* From now on gather in BLOCK, whose count is taken over; what is there moves into it, all but the
 * first packet's head. How many bytes of blocks that freed. */
uint32_t pieces_gather(struct pkts *ps, struct frag_datagram *d, struct buf *block);

/* All of P into the block that there is; takes P. */
void pieces_keep_in_block(struct pkts *ps, struct frag_datagram *d, uint32_t off, struct pkt *p);

/* P itself with its head; what hangs behind it goes into the block, which there must be then. */
void pieces_keep_packet(struct frag_datagram *d, uint32_t off, struct pkt *p);

void pieces_drop(struct pkts *ps, struct frag_datagram *d);

/* Can the whole be made of the packets as they are? */
bool pieces_can_be_linked(const struct frag_datagram *d);

/* The whole, when all is there: of the packets alone, or with the block. Its head holds all that
 * any transport reads as one piece. NULL when memory is short; D is as good as dropped then. */
struct pkt *pieces_link(struct pkts *ps, struct frag_datagram *d);
struct pkt *pieces_hang(struct frag_datagram *d);

void pieces_check(const struct frag_datagram *d);

#endif
