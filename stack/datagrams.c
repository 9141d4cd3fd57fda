#include "datagrams.h"

#include "limits.h"

#include <string.h>

/* A queue that holds more than this copies into large blocks: fewer of them, better filled. */
#define LONG_QUEUE ((uint32_t)16 << 10)
/* What is longer would leave a small block mostly empty behind it. */
#define SMALL_MAX ((uint32_t)1024)

int datagrams_home_init(
	struct datagrams_home *h, struct arena *a, struct bytes_home *bytes, uint32_t cap)
{
	h->bytes = bytes;
	return pool_init(&h->pool, a, sizeof(struct datagram), cap);
}

void datagrams_init(struct datagrams *q)
{
	*q = (struct datagrams){ .n = 0 };
}

static bool has_room(const struct datagrams *q, uint32_t len)
{
	return q->tail && q->tail->cap - q->tail_used >= len;
}

/* A tail block with room for LEN bytes. */
static bool tail_for(struct datagrams_home *h, struct datagrams *q, uint32_t len)
{
	enum buf_class class = len > SMALL_MAX || q->charged > LONG_QUEUE ? BUF_LARGE : BUF_SMALL;
	struct buf *fresh;

	if (has_room(q, len))
		return true;
	if (len > buf_class_cap(class))
		return false;
	fresh = buf_new(h->bytes->bufs, class, BUF_DATA);
	if (!fresh)
		return false;
	buf_drop(q->tail);
	q->tail = fresh;
	q->tail_used = 0;
	return true;
}

static void copy_to_tail(struct datagrams_home *h, struct datagrams *q, struct datagram *d,
	const struct pkt *p, uint32_t off)
{
	bool all_there = pkt_copy_out(p, off, q->tail->data + q->tail_used, d->len);

	ASSERT(all_there);
	d->slices_n = 1;
	d->slices[0] =
		(struct slice){ .buf = buf_hold(q->tail), .off = q->tail_used, .len = d->len };
	q->tail_used += d->len;
	h->bytes->copied += d->len;
}

static bool any_is_reserved(const struct slice *from, int n)
{
	for (int i = 0; i < n; i++)
		if (buf_is_reserved(from[i].buf))
			return true;
	return false;
}

static void share(struct datagrams_home *h, struct datagram *d, const struct slice *from, int n)
{
	for (int i = 0; i < n; i++) {
		d->slices[i] = from[i];
		buf_hold(from[i].buf);
	}
	d->slices_n = (uint8_t)n;
	h->bytes->shared += d->len;
}

/*
 * What a datagram costs its queue. Copied ones lie side by side and cost their bytes; shared
 * ones keep their blocks from everybody else, and cost those.
 */
static uint32_t cost_of(uint32_t payload_or_blocks)
{
	return payload_or_blocks + (uint32_t)sizeof(struct datagram);
}

static void append(struct datagrams *q, struct datagram *d)
{
	if (q->last)
		q->last->next = d;
	else
		q->first = d;
	q->last = d;
	q->n++;
	q->len += d->len;
	q->charged += d->charged;
}

int datagrams_put(struct datagrams_home *h, struct datagrams *q, uint32_t cap, const struct pkt *p,
	uint32_t off, struct datagram **out)
{
	struct slice from[PKT_SLICES_MAX + 1];
	int n = pkt_slices(p, off, from);
	uint32_t len = pkt_len(p) - off, blocks = 0, cost;
	struct datagram *d;
	bool copies, must_copy;

	for (int i = 0; i < n; i++)
		blocks += from[i].buf->cap;
	must_copy = any_is_reserved(from, n);
	copies = must_copy || len < blocks / 2;
	cost = cost_of(copies ? len : blocks);
	if (q->n > 0 && (q->charged >= cap || cost > cap - q->charged))
		return -ENOSPC;
	/* Records are everybody's, however large a cap one has been given. */
	if (q->n > 0 && q->n >= h->pool.cap / LIMIT_DATAGRAMS_PART)
		return -ENOSPC;
	/* The last of the budget is for what frees memory, not for what waits in it. */
	if (bufs_pressure_percent(h->bytes->bufs) >= LIMIT_PRESSURE_RED)
		return -ENOBUFS;
	d = pool_get(&h->pool);
	if (!d)
		return -ENOBUFS;
	d->len = len;
	if (copies && tail_for(h, q, len)) {
		copy_to_tail(h, q, d, p, off);
	} else if (must_copy) {
		pool_put(&h->pool, d);
		return -ENOBUFS;
	} else {
		cost = cost_of(blocks);
		share(h, d, from, n);
	}
	d->charged = cost;
	append(q, d);
	*out = d;
	return 0;
}

size_t datagrams_peek(const struct datagrams *q, size_t len, struct span *out, int max, int *pieces)
{
	const struct datagram *d = q->first;
	size_t given = 0;
	int n = 0;

	ASSERT(d);
	for (int i = 0; i < d->slices_n && n < max && given < len; i++) {
		const struct slice *from = &d->slices[i];

		out[n].at = from->buf->data + from->off;
		out[n].len = (uint32_t)min_size(from->len, len - given);
		given += out[n++].len;
	}
	*pieces = n;
	return given;
}

int datagrams_front(const struct datagrams *q, struct conv_datagram *out)
{
	const struct datagram *d = q->first;

	if (!d)
		return -EAGAIN;
	*out = (struct conv_datagram){
		.remote = d->remote, .local = d->local, .interface = d->interface, .len = d->len
	};
	return 0;
}

void datagrams_drop(struct datagrams_home *h, struct datagrams *q)
{
	struct datagram *d = q->first;

	ASSERT(d);
	q->first = d->next;
	if (!q->first)
		q->last = NULL;
	q->n--;
	q->len -= d->len;
	q->charged -= d->charged;
	for (int i = 0; i < d->slices_n; i++)
		buf_drop(d->slices[i].buf);
	pool_put(&h->pool, d);
	/* An empty queue holds nothing, so that an idle conversation costs no block. */
	if (q->n == 0) {
		buf_drop(q->tail);
		q->tail = NULL;
	}
}

void datagrams_clear(struct datagrams_home *h, struct datagrams *q)
{
	while (q->n > 0)
		datagrams_drop(h, q);
}

static int carry_in_block(struct datagrams_home *h, struct pkt *p, const void *at, uint32_t len)
{
	struct buf *block = buf_new(h->bytes->bufs, BUF_LARGE, BUF_DATA);
	int err;

	if (!block)
		return -ENOBUFS;
	ASSERT(block->cap >= len);
	memcpy(block->data, at, len);
	h->bytes->copied += len;
	err = pkt_add_slice(p, block, 0, len);
	buf_drop(block); /* the packet has a count of its own */
	return err < 0 ? -ENOBUFS : 0;
}

int datagrams_carry(
	struct datagrams_home *h, struct pkt *p, struct buf *from, const void *at, uint32_t len)
{
	uint8_t *to = NULL;

	if (len < p->head->cap / 2 || !from)
		to = pkt_append(p, len);
	if (to) {
		if (len > 0)
			memcpy(to, at, len);
		h->bytes->copied += len;
		return 0;
	}
	if (!from)
		return carry_in_block(h, p, at, len);
	h->bytes->shared += len;
	return pkt_add_slice(p, from, (uint32_t)((const uint8_t *)at - from->data), len) < 0
		? -ENOBUFS
		: 0;
}

void datagrams_check(const struct datagrams *q)
{
	uint32_t n = 0, charged = 0;
	uint64_t len = 0;

	for (const struct datagram *d = q->first; d; d = d->next) {
		uint32_t in_slices = 0;

		for (int i = 0; i < d->slices_n; i++)
			in_slices += d->slices[i].len;
		ASSERT(in_slices == d->len);
		ASSERT(d->next || d == q->last);
		n++;
		len += d->len;
		charged += d->charged;
	}
	ASSERT(n == q->n);
	ASSERT(len == q->len);
	ASSERT(charged == q->charged);
	ASSERT(n > 0 || !q->tail);
}
