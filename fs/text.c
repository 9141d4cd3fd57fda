/* text.c - pages, status lines, and what errno values mean here. */
#include "text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

#define PAGE_FIRST 256
#define PAGE_MAX   ((size_t)16 << 20) /* nothing we tell is as long as that */
#define PIECE_MAX  1024               /* of one page_printf */

void page_init(struct page *p, struct fs *fs)
{
	*p = (struct page){ .fs = fs };
}

void page_free(struct page *p)
{
	fs_dispose(p->fs, p->at);
	page_init(p, p->fs);
}

static bool page_make_room(struct page *p, size_t len)
{
	size_t cap = p->cap == 0 ? PAGE_FIRST : p->cap;
	char *at;

	if (len <= p->cap - p->len)
		return true;
	while (cap - p->len < len && cap < PAGE_MAX)
		cap *= 2;
	at = cap - p->len < len ? NULL : fs_alloc(p->fs, cap);
	if (at == NULL) {
		p->has_failed = true;
		return false;
	}
	if (p->len > 0)
		memcpy(at, p->at, p->len);
	fs_dispose(p->fs, p->at);
	p->at = at;
	p->cap = cap;
	return true;
}

void page_put(struct page *p, const char *words, size_t len)
{
	if (len == 0 || p->has_failed || !page_make_room(p, len))
		return;
	memcpy(p->at + p->len, words, len);
	p->len += len;
}

void page_words(struct page *p, const char *words)
{
	page_put(p, words, strlen(words));
}

void page_printf(struct page *p, const char *format, ...)
{
	char piece[PIECE_MAX];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(piece, sizeof(piece), format, args);
	va_end(args);
	if (len > 0)
		page_put(p, piece, min_size((size_t)len, sizeof(piece) - 1));
}

/* --- one line --------------------------------------------------------------------------- */

static struct line_describer *line_of(struct describer *d)
{
	return CONTAINER_OF(d, struct line_describer, d);
}

static bool line_wants(const struct line_describer *l, const char *name)
{
	return l->depth == 0 && name != NULL && (l->wanted == NULL || l->wanted(name));
}

static void line_open(struct describer *d, const char *name)
{
	(void)name;
	line_of(d)->depth++;
}

static void line_close(struct describer *d)
{
	ASSERT(line_of(d)->depth > 0);
	line_of(d)->depth--;
}

static void line_number(struct describer *d, const char *name, uint64_t value)
{
	if (line_wants(line_of(d), name))
		page_printf(line_of(d)->to, " %s %" PRIu64, name, value);
}

static void line_truth(struct describer *d, const char *name, bool value)
{
	if (line_wants(line_of(d), name))
		page_printf(line_of(d)->to, " %s %s", name, value ? "on" : "off");
}

static void line_text(struct describer *d, const char *name, const char *value)
{
	/* A value that is empty or has a blank would break the pairs. */
	if (line_wants(line_of(d), name) && value[0] != '\0' && strpbrk(value, " \t\n") == NULL)
		page_printf(line_of(d)->to, " %s %s", name, value);
}

void line_describer_init(struct line_describer *d, struct page *to, bool (*wanted)(const char *key))
{
	*d = (struct line_describer){
		.d = { .open = line_open,
			.open_list = line_open,
			.close = line_close,
			.number = line_number,
			.truth = line_truth,
			.text = line_text },
		.to = to,
		.wanted = wanted,
	};
}

/* --- what went wrong -------------------------------------------------------------------- */

struct remedy {
	int err;
	const char *words;
};

/* Where there is something to be done about it, or the plain words would not say enough. */
static const struct remedy remedies[] = {
	{ EADDRINUSE, "the address is in use" },
	{ EADDRNOTAVAIL, "not an address of ours; ipselftab lists them" },
	{ EALREADY, "another connect is under way; hangup ends it" },
	{ EDQUOT, "too many conversations or reservations of this user; close some" },
	{ EEXIST, "the name is taken" },
	{ EINVAL, "not possible in this state" },
	{ EMFILE, "no room for another conversation" },
	{ ENAMETOOLONG, "a name has at most 64 characters" },
	{ ENETUNREACH, "no route to the network; iproute lists them" },
	{ ENFILE, "no room for another open file" },
	{ ENOBUFS, "the memory budget is used up" },
	{ ENOTDIR, "not a conversation" },
	{ ETIMEDOUT, "no answer in time" },
};

const char *failure_words(int err)
{
	int number = err < 0 ? -err : err;

	for (size_t i = 0; i < ARRAY_LEN(remedies); i++) {
		if (remedies[i].err == number)
			return remedies[i].words;
	}
	return error_words(err);
}
