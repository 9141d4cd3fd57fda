/* numbers.c - a sorted array with gaps. */
#include "numbers.h"

#include <string.h>

#include "memory.h"

#define NUMBERS_FIRST 64

/* Where NUMBER is, or would be. */
static size_t place_of(const struct numbers *s, uint64_t number)
{
	size_t low = 0;
	size_t high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->v[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void close_gaps(struct numbers *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].life != NULL)
			s->v[kept++] = s->v[i];
	}
	s->n = kept;
	s->gaps = 0;
}

static int make_room(struct fs *fs, struct numbers *s)
{
	size_t cap = s->cap == 0 ? NUMBERS_FIRST : s->cap * 2;
	struct numbered *v;

	if (s->n < s->cap)
		return 0;
	if (s->gaps > 0 && s->gaps >= s->n / 2) {
		close_gaps(s);
		return 0;
	}
	v = fs_alloc(fs, cap * sizeof(*v));
	if (v == NULL)
		return -ENOMEM;
	if (s->n > 0)
		memcpy(v, s->v, s->n * sizeof(*v));
	fs_dispose(fs, s->v);
	s->v = v;
	s->cap = cap;
	return 0;
}

int numbers_add(struct fs *fs, struct numbers *s, uint64_t number, struct life *life)
{
	int err = make_room(fs, s);
	size_t at;

	if (err < 0)
		return err;
	at = place_of(s, number);
	ASSERT(at == s->n || s->v[at].number != number);
	memmove(s->v + at + 1, s->v + at, (s->n - at) * sizeof(*s->v));
	s->v[at] = (struct numbered){ number, life };
	s->n++;
	return 0;
}

void numbers_remove(struct numbers *s, uint64_t number)
{
	size_t at = place_of(s, number);

	ASSERT(at < s->n && s->v[at].number == number && s->v[at].life != NULL);
	s->v[at].life = NULL;
	s->gaps++;
	/* A listing must not wade through what is long gone. */
	if (s->gaps > NUMBERS_FIRST && s->gaps > s->n / 2)
		close_gaps(s);
}

struct life *numbers_find(const struct numbers *s, uint64_t number)
{
	size_t at = place_of(s, number);

	return at < s->n && s->v[at].number == number ? s->v[at].life : NULL;
}

struct life *numbers_from(const struct numbers *s, uint64_t from)
{
	for (size_t i = place_of(s, from); i < s->n; i++) {
		if (s->v[i].life != NULL)
			return s->v[i].life;
	}
	return NULL;
}

size_t numbers_count(const struct numbers *s)
{
	return s->n - s->gaps;
}

void numbers_free(struct fs *fs, struct numbers *s)
{
	fs_dispose(fs, s->v);
	*s = (struct numbers){ 0 };
}

void numbers_check(const struct numbers *s)
{
	size_t gaps = 0;

	for (size_t i = 0; i < s->n; i++) {
		ASSERT(i == 0 || s->v[i - 1].number < s->v[i].number);
		gaps += s->v[i].life == NULL;
	}
	ASSERT(gaps == s->gaps);
}
