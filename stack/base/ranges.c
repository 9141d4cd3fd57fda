#include "ranges.h"

#include <string.h>

void ranges_init(struct ranges *r, struct range *v, uint16_t cap)
{
	*r = (struct ranges){ .v = v, .cap = cap };
}

/* The first range that ends after AT; r->n when there is none. */
static uint16_t first_after(const struct ranges *r, uint64_t at)
{
	uint16_t low = 0;
	uint16_t high = r->n;

	while (low < high) {
		uint16_t mid = (uint16_t)((low + high) / 2);

		if (r->v[mid].to > at)
			high = mid;
		else
			low = (uint16_t)(mid + 1);
	}
	return low;
}

/* Replace the ranges [FIRST, PAST) by the N at V. */
static int splice(
	struct ranges *r, uint16_t first, uint16_t past, const struct range *v, uint16_t n)
{
	uint16_t rest = (uint16_t)(r->n - past);

	if (first + n + rest > r->cap)
		return -ENOSPC;
	memmove(r->v + first + n, r->v + past, rest * sizeof(*r->v));
	if (n > 0)
		memcpy(r->v + first, v, n * sizeof(*r->v));
	r->n = (uint16_t)(first + n + rest);
	return 0;
}

int ranges_add(struct ranges *r, uint64_t from, uint64_t to)
{
	struct range merged = { from, to };
	uint16_t first;
	uint16_t past;

	ASSERT(from < to);
	/* What ends just where we begin touches, and is merged. */
	first = first_after(r, from > 0 ? from - 1 : 0);
	past = first;
	while (past < r->n && r->v[past].from <= to)
		past++;
	if (past > first) {
		merged.from = min_u64(from, r->v[first].from);
		merged.to = max_u64(to, r->v[past - 1].to);
	}
	return splice(r, first, past, &merged, 1);
}

int ranges_remove(struct ranges *r, uint64_t from, uint64_t to)
{
	uint16_t first = first_after(r, from);
	uint16_t past = first;
	struct range left[2];
	uint16_t n = 0;

	ASSERT(from <= to);
	while (past < r->n && r->v[past].from < to)
		past++;
	if (past == first)
		return 0;
	if (r->v[first].from < from)
		left[n++] = (struct range){ r->v[first].from, from };
	if (r->v[past - 1].to > to)
		left[n++] = (struct range){ to, r->v[past - 1].to };
	return splice(r, first, past, left, n);
}

void ranges_remove_below(struct ranges *r, uint64_t to)
{
	uint16_t first = first_after(r, to);

	splice(r, 0, first, NULL, 0);
	if (r->n > 0)
		r->v[0].from = max_u64(r->v[0].from, to);
}

bool ranges_has(const struct ranges *r, uint64_t from, uint64_t to)
{
	uint16_t i = first_after(r, from);

	return from >= to || (i < r->n && r->v[i].from <= from && r->v[i].to >= to);
}

bool ranges_meets(const struct ranges *r, uint64_t from, uint64_t to)
{
	uint16_t i = first_after(r, from);

	return from < to && i < r->n && r->v[i].from < to;
}

uint64_t ranges_count(const struct ranges *r, uint64_t from, uint64_t to)
{
	uint64_t count = 0;

	for (uint16_t i = first_after(r, from); i < r->n && r->v[i].from < to; i++)
		count += min_u64(to, r->v[i].to) - max_u64(from, r->v[i].from);
	return count;
}

uint64_t ranges_gap(const struct ranges *r, uint64_t from)
{
	uint16_t i = first_after(r, from);

	return i < r->n && r->v[i].from <= from ? r->v[i].to : from;
}

void ranges_check(const struct ranges *r)
{
	ASSERT(r->n <= r->cap);
	for (uint16_t i = 0; i < r->n; i++) {
		ASSERT(r->v[i].from < r->v[i].to);
		ASSERT(i == 0 || r->v[i - 1].to < r->v[i].from);
	}
}
