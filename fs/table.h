/*
 * table.h - a hash table of things that carry their own link, growing as they come.
 *
 * The owner hashes (with a key nobody outside knows) and compares; the table owns only its
 * array of chains.
 */
#ifndef CATNET_TABLE_H
#define CATNET_TABLE_H

#include "../stack/base/base.h"

struct fs;

struct entry {
	struct entry *next;
	uint64_t hash;
};

struct table {
	struct entry **chains; /* NULL until the first */
	size_t mask;
	size_t n;
};

/* Put E, whose hash is HASH, in; 0, or -ENOMEM. */
int table_add(struct fs *fs, struct table *t, struct entry *e, uint64_t hash);

/* Take E, which is there, out. */
void table_remove(struct table *t, struct entry *e);

/* The first and the next thing with this very hash; NULL. */
struct entry *table_first(const struct table *t, uint64_t hash);
struct entry *table_next(const struct entry *e);

/* Take any thing out, for the end of all; NULL when it is empty. */
struct entry *table_pop(struct table *t);

/* Give the array back; the table must be empty. */
void table_free(struct fs *fs, struct table *t);

/* Assert that everything lies in its own chain. */
void table_check(const struct table *t);

#endif
