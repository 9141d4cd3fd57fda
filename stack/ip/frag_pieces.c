/* frag_pieces.c - see frag_pieces.h. */
#include "frag_pieces.h"

#include <string.h>

/* The head of what was put together holds at least so much, if there is so much: all that any
 * transport reads as one piece. */
#define HEAD_MIN 128

bool pieces_have_first(const struct frag_datagram *d)
{
	return d->pieces_n > 0 && d->pieces[0].off == 0;
}

bool pieces_have_room(const struct frag_datagram *d, unsigned n)
{
	return d->pieces_n + n <= LIMIT_FRAG_RANGES;
}

uint32_t pieces_weight(const struct buf *buf)
{
	return buf->cap + (uint32_t)sizeof(*buf);
}

/* --- what a fragment is to the others ------------------------------------------------------ */

static const uint8_t *bytes_of(const struct frag_datagram *d, const struct piece *piece)
{
	return piece->p ? pkt_data(piece->p) : d->block->data + piece->off;
}

/* Are LEN bytes of P from byte OFF on those at AT? */
static bool same_bytes(const struct pkt *p, uint32_t off, const uint8_t *at, uint32_t len)
{
	uint8_t chunk[256];

	while (len > 0) {
		uint32_t n = min_u32(len, sizeof(chunk));

		pkt_copy_out(p, off, chunk, n);
		if (memcmp(chunk, at, n) != 0)
			return false;
		off += n;
		at += n;
		len -= n;
	}
	return true;
}

static bool began_at(const struct frag_datagram *d, uint32_t off)
{
	return d->starts[off / 8 / 64] >> (off / 8 % 64) & 1;
}

static void note_start(struct frag_datagram *d, uint32_t off)
{
	d->starts[off / 8 / 64] |= (uint64_t)1 << (off / 8 % 64);
}

/* Did one fragment bring just [OFF, END), all of which is there? Runs of fragments are kept as
 * one, so their borders are looked up. PIECE is the run that it lies in. */
static bool was_one_fragment(
	const struct frag_datagram *d, const struct piece *piece, uint32_t off, uint32_t end)
{
	bool ends_run = end == piece->off + piece->len;

	if (!began_at(d, off) || (!ends_run && (end % 8 != 0 || !began_at(d, end))))
		return false;
	for (uint32_t at = off + 8; at < end; at += 8)
		if (began_at(d, at))
			return false;
	return true;
}

enum frag_relation pieces_relation(
	const struct frag_datagram *d, uint32_t off, uint32_t len, const struct pkt *p)
{

	for (unsigned i = 0; i < d->pieces_n; i++) {
		const struct piece *piece = &d->pieces[i];
		uint32_t from = max_u32(off, piece->off);
		uint32_t to = min_u32(off + len, piece->off + piece->len);

		if (from >= to)
			continue;
		if (to - from == len && was_one_fragment(d, piece, from, to) &&
			same_bytes(p, 0, bytes_of(d, piece) + (from - piece->off), len))
			return FRAG_DUPLICATE;
		return FRAG_OVERLAP;
	}
	return FRAG_FRESH;
}

bool pieces_contradict_end(const struct frag_datagram *d, uint32_t end, bool is_last)
{
	const struct piece *last = d->pieces_n > 0 ? &d->pieces[d->pieces_n - 1] : NULL;

	if (d->total > 0)
		return is_last ? end != d->total : end > d->total;
	return is_last && last && last->off + last->len > end;
}

/* --- keeping ---------------------------------------------------------------------------------- */

/* Pieces side by side in the block are one. */
static bool may_merge(const struct piece *a, const struct piece *b)
{
	return !a->p && !b->p && a->off + a->len == b->off;
}

static void merge_pieces(struct frag_datagram *d)
{
	unsigned kept = 0;

	for (unsigned i = 1; i < d->pieces_n; i++) {
		if (may_merge(&d->pieces[kept], &d->pieces[i]))
			d->pieces[kept].len += d->pieces[i].len;
		else
			d->pieces[++kept] = d->pieces[i];
	}
	if (d->pieces_n > 0)
		d->pieces_n = (uint16_t)(kept + 1);
}

static void insert_piece(struct frag_datagram *d, struct piece piece)
{
	unsigned i = d->pieces_n;

	ASSERT(d->pieces_n < LIMIT_FRAG_RANGES);
	for (; i > 0 && d->pieces[i - 1].off > piece.off; i--)
		d->pieces[i] = d->pieces[i - 1];
	d->pieces[i] = piece;
	note_start(d, piece.off);
	d->pieces_n++;
	d->have += piece.len;
}

uint32_t pieces_gather(struct pkts *ps, struct frag_datagram *d, struct buf *block)
{
	uint32_t freed = 0;

	ASSERT(!d->block);
	d->block = block;
	for (unsigned i = 0; i < d->pieces_n; i++) {
		struct piece *piece = &d->pieces[i];

		if (piece->off == 0)
			continue;
		memcpy(block->data + piece->off, pkt_data(piece->p), piece->len);
		freed += pieces_weight(piece->p->head);
		pkt_free(ps, piece->p);
		piece->p = NULL;
	}
	merge_pieces(d);
	return freed;
}

void pieces_keep_in_block(struct pkts *ps, struct frag_datagram *d, uint32_t off, struct pkt *p)
{
	uint32_t len = pkt_len(p);

	ASSERT(off + len <= d->block->cap);
	pkt_copy_out(p, 0, d->block->data + off, len);
	insert_piece(d, (struct piece){ .off = off, .len = len });
	merge_pieces(d);
	pkt_free(ps, p);
}

/* What hangs behind the head of P goes into the block, and the head, if it is short, takes from
 * there what it should hold. */
static void shorten(struct frag_datagram *d, uint32_t off, struct pkt *p)
{
	uint32_t len = pkt_len(p);
	uint32_t head = p->len;
	uint32_t wanted = min_u32(HEAD_MIN, len);
	uint8_t *to;

	ASSERT(off + len <= d->block->cap);
	pkt_copy_out(p, head, d->block->data + off + head, len - head);
	pkt_trim(p, head);
	to = head < wanted ? pkt_append(p, wanted - head) : NULL;
	if (to)
		memcpy(to, d->block->data + off + head, wanted - head);
	if (p->len < len)
		insert_piece(d, (struct piece){ .off = off + p->len, .len = len - p->len });
}

void pieces_keep_packet(struct frag_datagram *d, uint32_t off, struct pkt *p)
{
	if (p->slices_n > 0)
		shorten(d, off, p);
	ASSERT(p->len > 0);
	insert_piece(d, (struct piece){ .off = off, .len = p->len, .p = p });
	merge_pieces(d);
}

void pieces_drop(struct pkts *ps, struct frag_datagram *d)
{
	for (unsigned i = 0; i < d->pieces_n; i++)
		pkt_free(ps, d->pieces[i].p);
	d->pieces_n = 0;
	buf_drop(d->block);
	d->block = NULL;
	d->have = 0;
}

/* --- the whole ------------------------------------------------------------------------ */

bool pieces_can_be_linked(const struct frag_datagram *d)
{
	return !d->block && d->pieces_n <= PKT_SLICES_MAX + 1 &&
		d->pieces[0].len >= min_u32(HEAD_MIN, d->total);
}

struct pkt *pieces_link(struct pkts *ps, struct frag_datagram *d)
{
	struct pkt *p = d->pieces[0].p;

	for (unsigned i = 1; i < d->pieces_n; i++) {
		struct pkt *part = d->pieces[i].p;
		int err = pkt_add_slice(p, part->head, part->off, part->len);

		ASSERT(err == 0);
		pkt_free(ps, part);
	}
	d->pieces_n = 0;
	return p;
}

struct pkt *pieces_hang(struct frag_datagram *d)
{
	struct pkt *p = d->pieces[0].p;
	uint32_t wanted = min_u32(HEAD_MIN, d->total);

	if (p->len < wanted) {
		uint32_t from = p->len;
		uint8_t *to = pkt_append(p, wanted - from);

		if (!to)
			return NULL;
		memcpy(to, d->block->data + from, wanted - from);
	}
	if (pkt_add_slice(p, d->block, p->len, d->total - p->len) < 0)
		return NULL;
	d->pieces[0].p = NULL;
	return p;
}

void pieces_check(const struct frag_datagram *d)
{
	uint32_t have = 0;

	ASSERT(d->pieces_n <= LIMIT_FRAG_RANGES);
	for (unsigned i = 0; i < d->pieces_n; i++) {
		const struct piece *piece = &d->pieces[i];

		have += piece->len;
		ASSERT(piece->len > 0);
		ASSERT(piece->p || d->block);
		ASSERT(!piece->p || (piece->p->len == piece->len && piece->p->slices_n == 0));
		ASSERT(piece->off > 0 || piece->p);
		ASSERT(i == 0 || piece->off >= piece[-1].off + piece[-1].len);
	}
	ASSERT(have == d->have);
	ASSERT(!d->is_dead || (d->pieces_n == 0 && d->held == 0));
}
