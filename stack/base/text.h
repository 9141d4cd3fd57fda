/*
 * text.h - words put together in memory of a fixed size, cut rather than overrun.
 */
#ifndef CATNET_TEXT_H
#define CATNET_TEXT_H

#include "base.h"

struct text {
	char *at;
	size_t cap; /* the NUL included */
	size_t len;
	bool is_cut; /* something did not fit */
};

/* An empty text over CAP bytes at AT, cap > 0; always ends in NUL. */
struct text text_over(char *at, size_t cap);

/* Append; what does not fit is left out and is_cut set. */
void text_put(struct text *t, const char *words);
void text_put_len(struct text *t, const char *words, size_t len);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Empty again. */
void text_clear(struct text *t);

/* A decimal number of at most MAX and nothing else; 0, -EINVAL, or -ERANGE when larger. */
int number_parse(uint64_t *out, const char *word, uint64_t max);

/* What -errno (or errno) says, in lower case: "connection refused by the peer"; "" for 0. */
const char *error_words(int error);

#endif
