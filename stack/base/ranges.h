/*
 * ranges.h - an ordered set of half-open ranges [from, to) of 64-bit positions.
 *
 * Neither overlapping nor touching: what touches is merged. The owner supplies the memory,
 * which is the cap. Used for reassembly and for the scoreboard of a stream; 32-bit sequence
 * numbers are unwrapped by the caller.
 */
#ifndef CATNET_RANGES_H
#define CATNET_RANGES_H

#include "base.h"

struct range {
	uint64_t from;
	uint64_t to;
};

struct ranges {
	struct range *v;
	uint16_t n;
	uint16_t cap;
};

/* An empty set over CAP ranges at V. */
void ranges_init(struct ranges *r, struct range *v, uint16_t cap);

/* Add [from, to), from < to; 0, or -ENOSPC when it would need one range more than there is
 * room for, and then nothing has changed. */
int ranges_add(struct ranges *r, uint64_t from, uint64_t to);

/* Take away [from, to); 0, or -ENOSPC when that would split a range and there is no room. */
int ranges_remove(struct ranges *r, uint64_t from, uint64_t to);

/* Take away all below TO. */
void ranges_remove_below(struct ranges *r, uint64_t to);

/* Is all of [from, to) in the set? Is any of it? */
bool ranges_has(const struct ranges *r, uint64_t from, uint64_t to);
bool ranges_meets(const struct ranges *r, uint64_t from, uint64_t to);

/* How many positions of [from, to) are in the set. */
uint64_t ranges_count(const struct ranges *r, uint64_t from, uint64_t to);

/* The first position at or after FROM that is not in the set. */
uint64_t ranges_gap(const struct ranges *r, uint64_t from);

/* Assert order and gaps. */
void ranges_check(const struct ranges *r);

#endif
