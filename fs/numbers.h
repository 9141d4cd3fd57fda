/*
 * numbers.h - a protocol's conversations in the order of their numbers.
 *
 * An array with gaps: finding is a binary search, listing goes on after any number, also one
 * that is gone by now. New numbers come at the end (or, for a call that waited to be taken,
 * near it); what is gone leaves a gap until there are as many gaps as not.
 */
#ifndef CATNET_NUMBERS_H
#define CATNET_NUMBERS_H

#include "../stack/base/base.h"

struct fs;
struct life;

struct numbered {
	uint64_t number;
	struct life *life; /* NULL: gone */
};

struct numbers {
	struct numbered *v;
	size_t n; /* gaps included */
	size_t cap;
	size_t gaps;
};

/* 0, or -ENOMEM. The number must not be there. */
int numbers_add(struct fs *fs, struct numbers *s, uint64_t number, struct life *life);

/* It must be there. */
void numbers_remove(struct numbers *s, uint64_t number);

/* NULL when it is not there. */
struct life *numbers_find(const struct numbers *s, uint64_t number);

/* The first whose number is FROM or higher; NULL. */
struct life *numbers_from(const struct numbers *s, uint64_t from);

/* How many there are. */
size_t numbers_count(const struct numbers *s);

void numbers_free(struct fs *fs, struct numbers *s);

/* Assert the order and the count of gaps. */
void numbers_check(const struct numbers *s);

#endif
