#include "bytes.h"

#include "../limits.h"
#include "bytes_private.h"

#include <string.h>

/* --- what a queue is charged --- */

/*
 * A shared block is charged whole: that is what it keeps from others. Of a chunk, which many
 * queues divide among themselves, a queue is charged its pages. Blocks of copies count what
 * is used of them, and are charged once.
 */
static uint32_t shared_charge(const struct bytes_node *n)
{
	if (buf_class_of(n->buf) == BUF_CHUNK)
		return (n->len + 4095) & ~(uint32_t)4095;
	return n->buf->cap;
}

static void charge(struct bytes *b, const struct bytes_node *n)
{
	struct own *own;

	if (!n->is_copy) {
		b->held += shared_charge(n);
		return;
	}
	own = own_of(n->buf);
	own->live += n->len;
	if (own->nodes++ == 0)
		b->held += n->buf->cap;
}

static void discharge(struct bytes *b, const struct bytes_node *n)
{
	struct own *own;

	if (!n->is_copy) {
		b->held -= shared_charge(n);
		return;
	}
	own = own_of(n->buf);
	own->live -= n->len;
	if (--own->nodes == 0)
		b->held -= n->buf->cap;
}

/* --- the block that small pieces are copied into --- */

void tail_forget(struct bytes *b)
{
	buf_drop(b->tail);
	b->tail = NULL;
}

static void tail_forget_if_unused(struct bytes *b)
{
	if (b->tail && own_of(b->tail)->nodes == 0)
		tail_forget(b);
}

uint32_t tail_room(const struct bytes *b)
{
	return b->tail ? b->tail->cap - b->tail_used : 0;
}

enum buf_class tail_class(const struct bytes *b, uint32_t more)
{
	uint64_t len = (uint64_t)b->len + b->beyond + more;

	return len > LIMIT_BYTES_SHORT && !b->is_small ? BUF_LARGE : BUF_SMALL;
}

bool tail_renew(struct bytes_home *h, struct bytes *b, enum buf_class class, uint32_t min)
{
	bool fits_small = min <= buf_class_cap(BUF_SMALL) - sizeof(struct own);
	struct buf *fresh;

	fresh = buf_new(h->bufs, fits_small ? class : BUF_LARGE, BUF_DATA);
	if (!fresh && fits_small)
		fresh = buf_new(h->bufs, BUF_SMALL, BUF_DATA);
	if (!fresh)
		return false;
	ASSERT(min <= fresh->cap - sizeof(struct own));
	tail_forget(b);
	b->tail = fresh;
	b->tail_used = sizeof(struct own);
	*own_of(fresh) = (struct own){ .nodes = 0 };
	return true;
}

uint32_t tail_copy(struct bytes_home *h, struct bytes *b, const uint8_t *at, uint32_t len)
{
	uint32_t off = b->tail_used;

	memcpy(b->tail->data + off, at, len);
	b->tail_used += len;
	h->copied += len;
	return off;
}

/* --- nodes --- */

struct bytes_node *node_new(struct bytes_home *h, struct bytes *b, struct bytes_node *prev,
	const struct bytes_node *what)
{
	struct bytes_node *n = pool_get(&h->nodes);
	struct bytes_node *next = prev ? prev->next : b->first;

	if (!n)
		return NULL;
	*n = *what;
	buf_hold(n->buf);
	n->prev = prev;
	n->next = next;
	*(prev ? &prev->next : &b->first) = n;
	*(next ? &next->prev : &b->last) = n;
	charge(b, n);
	return n;
}

void node_free(struct bytes_home *h, struct bytes *b, struct bytes_node *n)
{
	*(n->prev ? &n->prev->next : &b->first) = n->next;
	*(n->next ? &n->next->prev : &b->last) = n->prev;
	if (b->hint == n)
		b->hint = NULL;
	discharge(b, n);
	if (n->buf == b->tail)
		tail_forget_if_unused(b);
	buf_drop(n->buf);
	pool_put(&h->nodes, n);
}

void node_resize(struct bytes *b, struct bytes_node *n, uint32_t off, uint32_t len)
{
	discharge(b, n);
	n->off = off;
	n->len = len;
	charge(b, n);
}

void node_move_to_tail(struct bytes *b, struct bytes_node *n, uint32_t off)
{
	discharge(b, n);
	buf_drop(n->buf);
	n->buf = buf_hold(b->tail);
	n->off = off;
	n->is_copy = true;
	charge(b, n);
}

static bool adjoins(const struct bytes_node *n, const struct buf *buf, uint32_t off)
{
	return n->buf == buf && n->off + n->len == off;
}

bool node_join_next(
	struct bytes_home *h, struct bytes *b, struct bytes_node *run, struct bytes_node *n)
{
	struct bytes_node *next = n->next;

	if (!adjoins(n, next->buf, next->off) || n->is_copy != next->is_copy)
		return false;
	node_resize(b, n, n->off, n->len + next->len);
	if (run->run_last == next)
		run->run_last = n;
	node_free(h, b, next);
	return true;
}

bool piece_is_shared(const struct piece *p)
{
	if (!p->from)
		return false;
	if (buf_class_of(p->from) == BUF_CHUNK)
		return p->len >= LIMIT_BYTES_SHARE;
	return p->len >= p->from->cap / 2;
}

void bytes_recount(struct bytes *b, uint32_t more)
{
	struct bytes_node *front = front_run(b);
	uint32_t all = b->len + b->beyond + more;

	b->len = front ? (uint32_t)(node_end(front->run_last) - b->base) : 0;
	b->beyond = all - b->len;
}

/* --- the doors --- */

int bytes_home_init(struct bytes_home *h, struct arena *a, struct bufs *bufs, uint32_t nodes)
{
	*h = (struct bytes_home){ .bufs = bufs };
	return pool_init(&h->nodes, a, sizeof(struct bytes_node), nodes);
}

void bytes_init(struct bytes *b)
{
	*b = (struct bytes){ .first = NULL };
}

/* Positions go on, as if everything had been dropped from the front. */
void bytes_clear(struct bytes_home *h, struct bytes *b)
{
	if (b->last)
		b->base = node_end(b->last);
	while (b->first)
		node_free(h, b, b->first);
	b->last_run = NULL;
	b->len = 0;
	b->beyond = 0;
	b->runs = 0;
}

/* What is given goes on where the only run ends. */
static bool append(struct bytes_home *h, struct bytes *b, struct bytes_node *what)
{
	struct bytes_node *n = b->last;

	if (n && adjoins(n, what->buf, what->off) && n->is_copy == what->is_copy) {
		node_resize(b, n, n->off, n->len + what->len);
	} else {
		what->pos = b->base + b->len;
		n = node_new(h, b, n, what);
		if (!n)
			return false;
		if (!b->last_run) {
			b->last_run = n;
			b->runs = 1;
		}
		b->last_run->run_last = n;
	}
	b->len += what->len;
	return true;
}

static bool append_shared(struct bytes_home *h, struct bytes *b, const struct piece *p)
{
	struct bytes_node what = { .buf = p->from, .off = piece_off(p), .len = p->len };

	if (!append(h, b, &what))
		return false;
	h->shared += p->len;
	return true;
}

static uint32_t append_copied(struct bytes_home *h, struct bytes *b, const struct piece *p)
{
	uint32_t done = 0;

	while (done < p->len) {
		struct bytes_node what = { .is_copy = true };
		uint32_t left = p->len - done;

		if (tail_room(b) == 0 && !tail_renew(h, b, tail_class(b, left), 1))
			break;
		what.buf = b->tail;
		what.off = b->tail_used;
		what.len = min_u32(left, tail_room(b));
		if (!append(h, b, &what)) {
			tail_forget_if_unused(b);
			break;
		}
		tail_copy(h, b, p->at + done, what.len);
		done += what.len;
	}
	return done;
}

/* A piece goes on in the block where the last one ended: then it costs nothing to share. */
static bool goes_on(const struct bytes *b, const struct piece *p)
{
	return p->from && b->last && adjoins(b->last, p->from, piece_off(p));
}

uint32_t bytes_give(
	struct bytes_home *h, struct bytes *b, struct buf *from, const void *at, uint32_t len)
{
	struct piece p = { from, at, len };
	uint32_t done;

	ASSERT(b->beyond == 0);
	ASSERT(!from || (p.at >= from->data && p.at + len <= from->data + from->cap));
	if (len == 0)
		return 0;
	if (piece_is_shared(&p) || goes_on(b, &p))
		return append_shared(h, b, &p) ? len : 0;
	done = append_copied(h, b, &p);
	/* No memory to copy into: then the block it lies in is held, however little of it. */
	if (done < len && from) {
		p.at += done;
		p.len -= done;
		if (append_shared(h, b, &p))
			done = len;
	}
	return done;
}

/* The node that holds the byte at POS, which is content: from the nearest known one on. */
static struct bytes_node *find(const struct bytes *b, uint64_t pos)
{
	struct bytes_node *n = b->first;
	struct bytes_node *last = n->run_last;

	if (pos >= last->pos)
		return last;
	if (b->hint && (b->hint->pos <= pos || b->hint->pos - pos < pos - b->base))
		n = b->hint;
	while (node_end(n) <= pos)
		n = n->next;
	while (n->pos > pos)
		n = n->prev;
	return n;
}

int bytes_slices(struct bytes *b, uint32_t off, uint32_t len, struct slice *out, int max)
{
	struct bytes_node *n;
	uint64_t pos = b->base + off;
	int found = 0;

	ASSERT(off <= b->len);
	len = min_u32(len, b->len - off);
	if (len == 0 || max <= 0)
		return 0;
	n = find(b, pos);
	for (;;) {
		uint32_t skip = (uint32_t)(pos - n->pos);
		uint32_t part = min_u32(len, n->len - skip);

		b->hint = n;
		out[found++] = (struct slice){ n->buf, n->off + skip, part };
		pos += part;
		len -= part;
		if (len == 0 || found == max)
			return found;
		n = n->next;
	}
}

int bytes_spans(struct bytes *b, uint32_t off, uint32_t len, struct span *out, int max)
{
	int found = 0;

	while (found < max) {
		struct slice s;

		if (bytes_slices(b, off, len, &s, 1) == 0)
			break;
		out[found++] = (struct span){ s.buf->data + s.off, s.len };
		off += s.len;
		len -= s.len;
	}
	return found;
}

void bytes_copy_out(struct bytes *b, uint32_t off, void *to, uint32_t len)
{
	uint8_t *at = to;

	ASSERT(off <= b->len);
	ASSERT(len <= b->len - off);
	while (len > 0) {
		struct slice s;
		int found = bytes_slices(b, off, len, &s, 1);

		ASSERT(found == 1);
		memcpy(at, s.buf->data + s.off, s.len);
		at += s.len;
		off += s.len;
		len -= s.len;
	}
}

/* The first node goes; what it knew of its run, the next one must know. */
static void drop_first(struct bytes_home *h, struct bytes *b)
{
	struct bytes_node *n = b->first;
	struct bytes_node *heir = n->run_last == n ? NULL : n->next;

	if (heir)
		heir->run_last = n->run_last;
	else
		b->runs--;
	if (b->last_run == n)
		b->last_run = heir;
	node_free(h, b, n);
}

void bytes_drop(struct bytes_home *h, struct bytes *b, uint32_t len)
{
	ASSERT(len <= b->len);
	b->len -= len;
	b->base += len;
	while (len > 0) {
		struct bytes_node *n = b->first;
		uint32_t part = min_u32(len, n->len);

		if (part == n->len) {
			drop_first(h, b);
		} else {
			n->pos += part;
			node_resize(b, n, n->off + part, n->len - part);
		}
		len -= part;
	}
}

/* --- checking --- */

struct sums {
	uint64_t bytes;
	uint64_t shared;
	double copies; /* a block of copies in parts, one for each node that uses it */
	uint32_t runs;
	const struct bytes_node *run;
};

static void node_check(const struct bytes_node *n, struct sums *s)
{
	const struct bytes_node *prev = n->prev;

	ASSERT(n->len > 0);
	ASSERT(n->off + n->len <= n->buf->cap);
	ASSERT(!prev || prev->next == n);
	ASSERT(!prev || node_end(prev) <= n->pos);
	if (!prev || node_end(prev) < n->pos) {
		s->run = n;
		s->runs++;
	}
	if (!n->next || node_end(n) < n->next->pos)
		ASSERT(s->run->run_last == n);
	s->bytes += n->len;
	if (n->is_copy)
		s->copies += n->buf->cap / (double)own_of(n->buf)->nodes;
	else
		s->shared += shared_charge(n);
}

void bytes_check(const struct bytes *b)
{
	struct bytes_node *front = front_run(b);
	struct sums s = { .bytes = 0 };
	double held;

	for (const struct bytes_node *n = b->first; n; n = n->next) {
		ASSERT(n->pos >= b->base);
		ASSERT(n->next || n == b->last);
		node_check(n, &s);
	}
	ASSERT(!b->first == !b->last);
	ASSERT(s.run == b->last_run);
	ASSERT(s.runs == b->runs);
	ASSERT(s.bytes == (uint64_t)b->len + b->beyond);
	ASSERT(b->len == (front ? node_end(front->run_last) - b->base : 0));
	held = (double)s.shared + s.copies;
	ASSERT(held > b->held - 0.5);
	ASSERT(held < b->held + 0.5);
	ASSERT(!b->tail || own_of(b->tail)->nodes > 0);
	ASSERT(!b->tail || b->tail_used <= b->tail->cap);
}
