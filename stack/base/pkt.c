#include "pkt.h"

#include "checksum.h"

#include <string.h>

int pkts_init(struct pkts *ps, struct arena *a, struct bufs *bufs, uint32_t cap)
{
	ps->bufs = bufs;
	return pool_init(&ps->pool, a, sizeof(struct pkt), cap);
}

struct pkt *pkt_new(struct pkts *ps, uint32_t headroom, enum buf_use use)
{
	struct buf *head = buf_new(ps->bufs, BUF_SMALL, use);
	struct pkt *p;

	if (!head)
		return NULL;
	ASSERT(headroom <= head->cap);
	p = pool_get(&ps->pool);
	if (!p) {
		buf_drop(head);
		return NULL;
	}
	p->head = head;
	p->off = headroom;
	p->segs = 1;
	return p;
}

static void drop_slices_from(struct pkt *p, uint8_t first)
{
	while (p->slices_n > first)
		buf_drop(p->slices[--p->slices_n].buf);
}

void pkt_free(struct pkts *ps, struct pkt *p)
{
	if (!p)
		return;
	drop_slices_from(p, 0);
	buf_drop(p->head);
	pool_put(&ps->pool, p);
}

uint32_t pkt_len(const struct pkt *p)
{
	uint32_t len = p->len;

	for (uint8_t i = 0; i < p->slices_n; i++)
		len += p->slices[i].len;
	return len;
}

uint8_t *pkt_push(struct pkt *p, uint32_t len)
{
	ASSERT(p->off >= len);
	p->off -= len;
	p->len += len;
	return pkt_data(p);
}

const uint8_t *pkt_pull(struct pkt *p, uint32_t len)
{
	const uint8_t *pulled = pkt_data(p);

	if (p->len < len)
		return NULL;
	p->off += len;
	p->len -= len;
	return pulled;
}

uint8_t *pkt_append(struct pkt *p, uint32_t len)
{
	uint8_t *room = pkt_data(p) + p->len;

	if (p->slices_n > 0 || pkt_tailroom(p) < len)
		return NULL;
	p->len += len;
	return room;
}

int pkt_trim(struct pkt *p, uint32_t len)
{
	uint8_t kept = 0;

	if (pkt_len(p) < len)
		return -EINVAL;
	p->len = min_u32(p->len, len);
	len -= p->len;
	while (len > 0) {
		p->slices[kept].len = min_u32(p->slices[kept].len, len);
		len -= p->slices[kept].len;
		kept++;
	}
	drop_slices_from(p, kept);
	return 0;
}

/* Does a piece at OFF of BUF go on where the last slice ends? */
static bool goes_on(const struct pkt *p, const struct buf *buf, uint32_t off)
{
	const struct slice *last;

	if (p->slices_n == 0)
		return false;
	last = &p->slices[p->slices_n - 1];
	return last->buf == buf && last->off + last->len == off;
}

int pkt_add_slice(struct pkt *p, struct buf *buf, uint32_t off, uint32_t len)
{
	ASSERT(off <= buf->cap);
	ASSERT(len <= buf->cap - off);
	if (len == 0)
		return 0;
	if (goes_on(p, buf, off)) {
		p->slices[p->slices_n - 1].len += len;
		return 0;
	}
	if (p->slices_n == PKT_SLICES_MAX)
		return -ENOSPC;
	p->slices[p->slices_n++] = (struct slice){ buf_hold(buf), off, len };
	return 0;
}

/* The head is piece 0, the slices follow. */
static struct slice piece(const struct pkt *p, int i)
{
	return i == 0 ? (struct slice){ p->head, p->off, p->len } : p->slices[i - 1];
}

int pkt_slices(const struct pkt *p, uint32_t off, struct slice *out)
{
	int n = 0;

	for (int i = 0; i <= p->slices_n; i++) {
		struct slice s = piece(p, i);
		uint32_t skip = min_u32(off, s.len);

		off -= skip;
		s.off += skip;
		s.len -= skip;
		if (s.len > 0)
			out[n++] = s;
	}
	return n;
}

bool pkt_copy_out(const struct pkt *p, uint32_t off, void *to, uint32_t len)
{
	struct slice s[PKT_SLICES_MAX + 1];
	uint32_t total = pkt_len(p);
	uint8_t *at = to;
	int n;

	if (off > total || len > total - off)
		return false;
	n = pkt_slices(p, off, s);
	for (int i = 0; i < n && len > 0; i++) {
		uint32_t part = min_u32(len, s[i].len);

		memcpy(at, s[i].buf->data + s[i].off, part);
		at += part;
		len -= part;
	}
	return true;
}

/* LEN bytes from byte OFF of P, into fresh blocks behind the head of COPY. */
static bool copy_rest(
	struct pkts *ps, struct pkt *copy, const struct pkt *p, uint32_t off, uint32_t len)
{
	while (len > 0) {
		struct buf *block = buf_new(ps->bufs, BUF_LARGE, BUF_DATA);
		uint32_t part;
		int err;

		if (!block)
			return false;
		part = min_u32(len, block->cap);
		pkt_copy_out(p, off, block->data, part);
		err = pkt_add_slice(copy, block, 0, part);
		buf_drop(block);
		if (err < 0)
			return false;
		off += part;
		len -= part;
	}
	return true;
}

/* What was said about the whole packet is not true of a part of it. */
static void copy_facts(struct pkt *copy, const struct pkt *p)
{
	copy->offload = p->offload;
	copy->seg_len = p->seg_len;
	copy->segs = p->segs;
	copy->csum_off = p->csum_off;
	copy->csum_start = p->csum_start - p->off + copy->off;
}

struct pkt *pkt_copy(struct pkts *ps, const struct pkt *p, uint32_t cap, enum buf_use use)
{
	uint32_t len = min_u32(pkt_len(p), cap);
	struct pkt *copy = pkt_new(ps, min_u32(p->off, PKT_HEADROOM), use);
	uint32_t in_head;

	if (!copy)
		return NULL;
	in_head = min_u32(len, pkt_tailroom(copy));
	pkt_copy_out(p, 0, pkt_append(copy, in_head), in_head);
	if (!copy_rest(ps, copy, p, in_head, len - in_head)) {
		pkt_free(ps, copy);
		return NULL;
	}
	if (len == pkt_len(p))
		copy_facts(copy, p);
	return copy;
}

uint32_t pkt_checksum(const struct pkt *p, uint32_t off, uint32_t len, uint32_t sum)
{
	struct slice s[PKT_SLICES_MAX + 1];
	int n = pkt_slices(p, off, s);
	bool is_odd = false;

	ASSERT(off + len <= pkt_len(p));
	for (int i = 0; i < n && len > 0; i++) {
		const uint8_t *at = s[i].buf->data + s[i].off;
		uint32_t part = min_u32(len, s[i].len);

		sum = is_odd ? checksum_add_odd(sum, at, part) : checksum_add(sum, at, part);
		is_odd ^= part & 1;
		len -= part;
	}
	return sum;
}
