/*
 * text.h - words for readers: a page that grows, and descriptions turned into one line.
 */
#ifndef CATNET_FS_TEXT_H
#define CATNET_FS_TEXT_H

#include "../stack/base/base.h"
#include "../stack/base/text.h"
#include "../stack/describe.h"

struct fs;

/* Text of any length. What fails for want of memory is left out and HAS_FAILED is set. */
struct page {
	struct fs *fs;
	char *at; /* not ended by NUL */
	size_t len;
	size_t cap;
	bool has_failed;
};

void page_init(struct page *p, struct fs *fs);
void page_free(struct page *p);
void page_put(struct page *p, const char *words, size_t len);
void page_words(struct page *p, const char *words);
void page_printf(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A describer that writes " key value" for each plain fact at the top; groups and lists are
 * passed over, as are the keys that WANTED (may be NULL: none) refuses. */
struct line_describer {
	struct describer d;
	struct page *to;
	unsigned depth;
	bool (*wanted)(const char *key);
};

void line_describer_init(
	struct line_describer *d, struct page *to, bool (*wanted)(const char *key));

/* What an errno means here and what can be done about it, for err. */
const char *failure_words(int err);

#endif
