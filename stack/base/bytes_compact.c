/*
 * A block lives as long as any byte of it is needed. Where memory is short, the bytes that
 * keep mostly dead blocks alive move together into fresh ones.
 */
#include "bytes_private.h"

/* Room for copies in a block of this class. */
static uint32_t room_in(enum buf_class class)
{
	return buf_class_cap(class) - (uint32_t)sizeof(struct own);
}

/* Is it a small part of a chunk, whoever has the rest? */
static bool is_crumb(const struct bytes_node *n)
{
	return buf_class_of(n->buf) == BUF_CHUNK && n->len < n->buf->cap / 4;
}

/* Would the block be free if this queue let go of it, and is most of it dead? */
static bool is_waste(const struct bytes *b, const struct bytes_node *n, bool crumbs_too)
{
	uint32_t refs = 1;
	uint32_t live = n->len;

	if (crumbs_too && is_crumb(n))
		return true;
	if (n->is_copy) {
		refs = own_of(n->buf)->nodes + (n->buf == b->tail);
		live = own_of(n->buf)->live;
	}
	return n->buf->refs == refs && live < n->buf->cap / 2;
}

/* Small blocks fit closest; a large one only when it will be mostly full. */
static enum buf_class class_for(uint64_t left)
{
	return left * 4 >= (uint64_t)room_in(BUF_LARGE) * 3 ? BUF_LARGE : BUF_SMALL;
}

static uint64_t cost_of(uint64_t left)
{
	uint64_t cost = 0;

	while (left > 0) {
		enum buf_class class = class_for(left);

		cost += buf_class_cap(class);
		left -= min_u64(left, room_in(class));
	}
	return cost;
}

/* The bytes that would have to move; 0 when that would not free anything. */
static uint64_t bytes_to_move(const struct bytes *b, bool crumbs_too)
{
	uint64_t freed = 0;
	uint64_t moved = 0;

	for (const struct bytes_node *n = b->first; n; n = n->next) {
		uint64_t cap = n->buf->cap;

		if (!is_waste(b, n, crumbs_too))
			continue;
		moved += n->len;
		freed += n->is_copy ? cap * n->len / own_of(n->buf)->live : cap;
	}
	return freed > cost_of(moved) ? moved : 0;
}

/* Cut N so that its first LEN bytes are a node of their own. */
static bool split(struct bytes_home *h, struct bytes *b, struct bytes_node *run,
	struct bytes_node *n, uint32_t len)
{
	struct bytes_node what = *n;
	struct bytes_node *rest;

	what.run_last = NULL;
	what.pos += len;
	what.off += len;
	what.len -= len;
	rest = node_new(h, b, n, &what);
	if (!rest)
		return false;
	node_resize(b, n, n->off, len);
	if (run->run_last == n)
		run->run_last = rest;
	return true;
}

/* Copy N, or as much of it as there is room for, into the tail; false when memory is short. */
static bool move(struct bytes_home *h, struct bytes *b, struct bytes_node *run,
	struct bytes_node *n, uint64_t left)
{
	uint32_t off;

	if (tail_room(b) == 0 && !tail_renew(h, b, class_for(left), 1))
		return false;
	if (n->len > tail_room(b) && !split(h, b, run, n, tail_room(b)))
		return false;
	off = tail_copy(h, b, n->buf->data + n->off, n->len);
	node_move_to_tail(b, n, off);
	return true;
}

/* Move what is to move in one run; how much is left, or 0 when memory is short. */
static uint64_t compact_run(struct bytes_home *h, struct bytes *b, struct bytes_node *run,
	uint64_t left, bool crumbs_too)
{
	for (struct bytes_node *n = run; left > 0; n = n->next) {
		if (is_waste(b, n, crumbs_too)) {
			struct bytes_node *prev = n == run ? NULL : n->prev;

			if (!move(h, b, run, n, left))
				return 0;
			left -= min_u64(left, n->len);
			if (prev && node_join_next(h, b, run, prev))
				n = prev;
		}
		if (n == run->run_last)
			break;
	}
	return left;
}

static uint32_t compact(struct bytes_home *h, struct bytes *b, bool crumbs_too)
{
	uint64_t before = h->bufs->bytes_out;
	uint64_t left = bytes_to_move(b, crumbs_too);

	if (left == 0)
		return 0;
	tail_forget(b);
	for (struct bytes_node *run = b->first; run && left > 0; run = run->run_last->next)
		left = compact_run(h, b, run, left, crumbs_too);
	if (b->tail && own_of(b->tail)->nodes == 0)
		tail_forget(b);
	return before > h->bufs->bytes_out ? (uint32_t)(before - h->bufs->bytes_out) : 0;
}

uint32_t bytes_compact(struct bytes_home *h, struct bytes *b)
{
	return compact(h, b, false);
}

uint32_t bytes_settle(struct bytes_home *h, struct bytes *b)
{
	bool is_still = b->settled_at == (uint16_t)b->base;

	b->settled_at = (uint16_t)b->base;
	return is_still ? compact(h, b, true) : 0;
}
