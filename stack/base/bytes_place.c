/*
 * Out of order: bytes are put into the gaps between runs. A new byte always lies in a gap,
 * so only runs are walked, and at most one more of them comes into being.
 */
#include "bytes_private.h"

/* A part of what is to be placed that is not there yet. */
struct gap {
	struct bytes_node *run;  /* the run before it, NULL for none */
	struct bytes_node *next; /* the run after it, NULL for none */
	uint64_t from;
	uint64_t to;
};

struct plan {
	uint32_t gaps;
	uint32_t bytes;
	uint32_t copied; /* of these */
	int more_runs;
	bool share_all; /* there is no memory to copy into */
};

/* The first gap in [FROM, END), looked for behind RUN (NULL: from the front on). */
static bool gap_find(
	const struct bytes *b, struct bytes_node *run, uint64_t from, uint64_t end, struct gap *out)
{
	struct bytes_node *next = run ? run->run_last->next : b->first;

	while (next && next->pos <= from) {
		run = next;
		next = run->run_last->next;
	}
	if (run)
		from = max_u64(from, node_end(run->run_last));
	if (from >= end)
		return false;
	*out = (struct gap){ run, next, from, next ? min_u64(end, next->pos) : end };
	return true;
}

/* Most of what comes goes on at the end. */
static struct bytes_node *start_run(const struct bytes *b, uint64_t pos)
{
	return b->last_run && b->last_run->pos <= pos ? b->last_run : NULL;
}

static bool touches_run(const struct gap *g)
{
	return g->run && node_end(g->run->run_last) == g->from;
}

static bool touches_next(const struct gap *g)
{
	return g->next && g->next->pos == g->to;
}

/* The part of P, whose first byte stands for POS, that fills G. */
static struct piece piece_for(const struct piece *p, uint64_t pos, const struct gap *g)
{
	return (struct piece){ p->from, p->at + (g->from - pos), (uint32_t)(g->to - g->from) };
}

static struct plan plan_for(const struct bytes *b, const struct piece *p, uint64_t pos)
{
	struct plan plan = { .gaps = 0 };
	struct gap g;

	for (bool more = gap_find(b, start_run(b, pos), pos, pos + p->len, &g); more;
		more = gap_find(b, g.run, g.to, pos + p->len, &g)) {
		struct piece part = piece_for(p, pos, &g);

		plan.gaps++;
		plan.bytes += part.len;
		if (!piece_is_shared(&part))
			plan.copied += part.len;
		plan.more_runs += 1 - touches_run(&g) - touches_next(&g);
	}
	return plan;
}

/* How many runs would lie behind gaps, and is that allowed? Closing gaps always is. */
static bool runs_allowed(
	const struct bytes *b, const struct plan *plan, uint64_t pos, uint32_t pieces_max)
{
	bool has_front = front_run(b) || pos == b->base;
	uint32_t after = (uint32_t)((int)b->runs + plan->more_runs) - has_front;

	return after <= pieces_max || after <= bytes_runs(b);
}

/* All memory is made sure of beforehand, so that nothing has to be undone. */
static bool plan_reserve(struct bytes_home *h, struct bytes *b, struct plan *plan, bool may_share)
{
	if (h->nodes.cap - h->nodes.out < plan->gaps)
		return false;
	if (plan->copied <= tail_room(b))
		return true;
	if (tail_renew(h, b, tail_class(b, plan->copied), plan->copied))
		return true;
	plan->share_all = may_share;
	return may_share;
}

/* A node for P in the order of the list; its run is not settled yet. */
static struct bytes_node *put_node(struct bytes_home *h, struct bytes *b, const struct gap *g,
	const struct piece *p, bool share_all)
{
	bool is_shared = share_all || piece_is_shared(p);
	struct bytes_node what = { .pos = g->from, .len = p->len, .is_copy = !is_shared };
	struct bytes_node *n;

	what.buf = is_shared ? p->from : b->tail;
	what.off = is_shared ? piece_off(p) : tail_copy(h, b, p->at, p->len);
	n = node_new(h, b, g->run ? g->run->run_last : NULL, &what);
	ASSERT(n);
	if (is_shared)
		h->shared += p->len;
	return n;
}

/* Fill G with P; the run it belongs to now. */
static struct bytes_node *fill(struct bytes_home *h, struct bytes *b, const struct gap *g,
	const struct piece *p, bool share_all)
{
	bool joins_run = touches_run(g);
	bool joins_next = touches_next(g);
	struct bytes_node *n = put_node(h, b, g, p, share_all);
	struct bytes_node *run = joins_run ? g->run : n;

	run->run_last = n;
	b->runs += !joins_run;
	if (joins_next) {
		run->run_last = g->next->run_last;
		b->runs--;
	}
	if (!n->next || (joins_next && b->last_run == g->next))
		b->last_run = run;
	if (joins_next)
		node_join_next(h, b, run, n);
	if (joins_run)
		node_join_next(h, b, run, n->prev);
	return run;
}

ssize_t bytes_place(struct bytes_home *h, struct bytes *b, uint32_t off, struct buf *from,
	const void *at, uint32_t len, uint32_t pieces_max)
{
	struct piece p = { from, at, len };
	uint64_t pos = b->base + off;
	struct plan plan = plan_for(b, &p, pos);
	struct gap g;

	ASSERT(from || len <= buf_class_cap(BUF_LARGE) - sizeof(struct own));
	ASSERT(!from || (p.at >= from->data && p.at + len <= from->data + from->cap));
	if (plan.gaps == 0)
		return 0;
	if (!runs_allowed(b, &plan, pos, pieces_max) || !plan_reserve(h, b, &plan, from != NULL))
		return -ENOBUFS;
	for (bool more = gap_find(b, start_run(b, pos), pos, pos + len, &g); more;) {
		struct piece part = piece_for(&p, pos, &g);
		struct bytes_node *run = fill(h, b, &g, &part, plan.share_all);

		more = gap_find(b, run, g.to, pos + len, &g);
	}
	bytes_recount(b, plan.bytes);
	return plan.bytes;
}

/* The first run behind a gap. */
static struct bytes_node *beyond_run(const struct bytes *b)
{
	struct bytes_node *front = front_run(b);

	return front ? front->run_last->next : b->first;
}

uint32_t bytes_runs(const struct bytes *b)
{
	return b->runs - (front_run(b) != NULL);
}

bool bytes_run(const struct bytes *b, uint32_t i, uint32_t *off, uint32_t *len)
{
	struct bytes_node *run = beyond_run(b);

	while (run && i-- > 0)
		run = run->run_last->next;
	if (!run)
		return false;
	*off = (uint32_t)(run->pos - b->base);
	*len = (uint32_t)(node_end(run->run_last) - run->pos);
	return true;
}

uint32_t bytes_forget_beyond(struct bytes_home *h, struct bytes *b)
{
	struct bytes_node *n = beyond_run(b);
	uint32_t forgotten = b->beyond;

	while (n) {
		struct bytes_node *next = n->next;

		node_free(h, b, n);
		n = next;
	}
	b->last_run = front_run(b);
	b->runs = b->last_run != NULL;
	b->beyond = 0;
	return forgotten;
}
