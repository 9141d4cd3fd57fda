/* table.c - chains that double when there is more than one thing to each. */
#include "table.h"

#include "memory.h"

#define TABLE_FIRST 16

static void table_link(struct table *t, struct entry *e)
{
	struct entry **chain = &t->chains[e->hash & t->mask];

	e->next = *chain;
	*chain = e;
}

/* When memory is short, an old array with longer chains still serves. */
static int table_grow(struct fs *fs, struct table *t)
{
	struct table bigger = { .n = t->n };
	size_t cap = t->chains == NULL ? TABLE_FIRST : (t->mask + 1) * 2;

	bigger.chains = fs_alloc(fs, cap * sizeof(*bigger.chains));
	if (bigger.chains == NULL)
		return t->chains == NULL ? -ENOMEM : 0;
	bigger.mask = cap - 1;
	for (size_t i = 0; t->chains != NULL && i <= t->mask; i++) {
		struct entry *e = t->chains[i];

		while (e != NULL) {
			struct entry *next = e->next;

			table_link(&bigger, e);
			e = next;
		}
	}
	fs_dispose(fs, t->chains);
	*t = bigger;
	return 0;
}

int table_add(struct fs *fs, struct table *t, struct entry *e, uint64_t hash)
{
	if (t->chains == NULL || t->n > t->mask) {
		int err = table_grow(fs, t);

		if (err < 0)
			return err;
	}
	e->hash = hash;
	table_link(t, e);
	t->n++;
	return 0;
}

void table_remove(struct table *t, struct entry *e)
{
	struct entry **at = &t->chains[e->hash & t->mask];

	while (*at != e) {
		ASSERT(*at != NULL);
		at = &(*at)->next;
	}
	*at = e->next;
	e->next = NULL;
	t->n--;
}

static struct entry *with_hash(struct entry *e, uint64_t hash)
{
	while (e != NULL && e->hash != hash)
		e = e->next;
	return e;
}

struct entry *table_first(const struct table *t, uint64_t hash)
{
	return t->chains == NULL ? NULL : with_hash(t->chains[hash & t->mask], hash);
}

struct entry *table_next(const struct entry *e)
{
	return with_hash(e->next, e->hash);
}

struct entry *table_pop(struct table *t)
{
	for (size_t i = 0; t->n > 0 && i <= t->mask; i++) {
		struct entry *e = t->chains[i];

		if (e != NULL) {
			table_remove(t, e);
			return e;
		}
	}
	return NULL;
}

void table_free(struct fs *fs, struct table *t)
{
	ASSERT(t->n == 0);
	fs_dispose(fs, t->chains);
	*t = (struct table){ 0 };
}

void table_check(const struct table *t)
{
	size_t n = 0;

	for (size_t i = 0; t->chains != NULL && i <= t->mask; i++) {
		for (const struct entry *e = t->chains[i]; e != NULL; e = e->next) {
			ASSERT((e->hash & t->mask) == i);
			n++;
		}
	}
	ASSERT(n == t->n);
}
