/* feed.c - a ring of lines, and where each reader stands in it. */
#include "feed.h"
#include "allow.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../stack/base/hash.h"
#include "allow.h"
#include "reader.h"

_Static_assert((FEED_LINES & (FEED_LINES - 1)) == 0, "a line's place is masked");
_Static_assert((FEED_BYTES & (FEED_BYTES - 1)) == 0, "so is a byte's");

static struct feed_line *line_at(const struct feed *f, uint64_t line)
{
	return &f->lines[line & (FEED_LINES - 1)];
}

/* --- audiences --------------------------------------------------------------------------- */

static uint64_t uid_hash(const struct feed *f, uint32_t uid)
{
	struct hash_key key = { f->fs->config.secret, 'f' };

	return siphash(&key, &uid, sizeof(uid));
}

static void audience_init(struct audience *a, struct feed *f, uint32_t uid)
{
	*a = (struct audience){ .feed = f, .uid = uid };
	list_init(&a->link);
	list_init(&a->waiting);
	list_init(&a->due);
	list_init(&a->turn);
}

/* Of those who see only what is for UID; NULL: there are none. */
static struct audience *audience_of(const struct feed *f, uint32_t uid)
{
	struct entry *e = table_first(&f->by_uid, uid_hash(f, uid));

	for (; e != NULL; e = table_next(e)) {
		struct audience *a = CONTAINER_OF(e, struct audience, entry);

		if (a->uid == uid)
			return a;
	}
	return NULL;
}

static struct audience *audience_new(struct feed *f, uint32_t uid)
{
	struct audience *a = fs_alloc(f->fs, sizeof(*a));

	if (a == NULL)
		return NULL;
	audience_init(a, f, uid);
	if (table_add(f->fs, &f->by_uid, &a->entry, uid_hash(f, uid)) < 0) {
		fs_dispose(f->fs, a);
		return NULL;
	}
	list_append(&f->audiences, &a->link);
	return a;
}

static void audience_leave(struct feed *f, struct audience *a)
{
	if (--a->readers > 0 || a == &f->everything)
		return;
	ASSERT(list_is_empty(&a->waiting));
	ASSERT(list_is_empty(&a->due));
	list_remove(&a->turn);
	table_remove(&f->by_uid, &a->entry);
	list_remove(&a->link);
	fs_dispose(f->fs, a);
}

/* The one that WHO, a new reader, belongs to; NULL: no memory. */
static struct audience *audience_for(struct feed *f, const struct cred *who)
{
	struct audience *a;

	if (f->is_public || is_keeper(f->fs, who))
		return &f->everything;
	a = audience_of(f, who->uid);
	return a != NULL ? a : audience_new(f, who->uid);
}

/* --- the ring ---------------------------------------------------------------------------- */

void feed_init(struct feed *f, struct fs *fs, bool is_public)
{
	*f = (struct feed){ .fs = fs, .is_public = is_public };
	audience_init(&f->everything, f, FEED_FOR_ALL);
	list_init(&f->audiences);
	list_init(&f->due);
}

void feed_free(struct feed *f)
{
	ASSERT(!feed_is_read(f));
	table_free(f->fs, &f->by_uid);
}

bool feed_is_read(const struct feed *f)
{
	return f->lines != NULL;
}

bool feed_is_for(const struct feed *f, uint32_t uid)
{
	if (!feed_is_read(f))
		return false;
	return f->everything.readers > 0 || uid == FEED_FOR_ALL || audience_of(f, uid) != NULL;
}

static int ring_take(struct feed *f)
{
	f->lines = fs_alloc(f->fs, FEED_LINES * sizeof(*f->lines));
	f->bytes = fs_alloc(f->fs, FEED_BYTES);
	if (f->lines != NULL && f->bytes != NULL)
		return 0;
	fs_dispose(f->fs, f->lines);
	fs_dispose(f->fs, f->bytes);
	f->lines = NULL;
	f->bytes = NULL;
	return -ENOMEM;
}

static void ring_give_back(struct feed *f)
{
	ASSERT(list_is_empty(&f->everything.due));
	list_remove(&f->everything.turn);
	fs_dispose(f->fs, f->lines);
	fs_dispose(f->fs, f->bytes);
	f->lines = NULL;
	f->bytes = NULL;
	f->first = f->next;
}

static void make_room(struct feed *f, size_t len)
{
	while (f->first < f->next &&
		(f->next - f->first == FEED_LINES ||
			f->end + len - line_at(f, f->first)->at > FEED_BYTES))
		f->first++;
}

static void put_bytes(struct feed *f, const char *words, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)words[i];

		if (byte < ' ' || byte == 0x7f)
			byte = '?';
		f->bytes[f->end++ & (FEED_BYTES - 1)] = byte;
	}
	f->bytes[f->end++ & (FEED_BYTES - 1)] = '\n';
}

static struct feed_line *put_line(struct feed *f, uint32_t uid, const char *words)
{
	size_t len = strnlen(words, FEED_LINE_MAX - 1);
	struct feed_line *line;

	make_room(f, len + 1);
	line = line_at(f, f->next++);
	*line = (struct feed_line){
		.at = f->end,
		.whole = f->everything.told,
		.common = f->common,
		.weight = 1,
		.uid = uid,
		.len = (uint32_t)len + 1,
	};
	put_bytes(f, words, len);
	return line;
}

static void becomes_due(struct audience *a)
{
	if (!list_is_empty(&a->due) && !list_is_linked(&a->turn))
		list_append(&a->feed->due, &a->turn);
}

static void wake(struct audience *a)
{
	list_splice(&a->due, &a->waiting);
	becomes_due(a);
}

static void put_for_all(struct feed *f, const char *words, uint64_t weight)
{
	put_line(f, FEED_FOR_ALL, words)->weight = weight;
	f->common += weight;
	wake(&f->everything);
	LIST_EACH(at, &f->audiences)
	wake(CONTAINER_OF(at, struct audience, link));
}

static void put_for_one(struct feed *f, uint32_t uid, const char *words)
{
	struct audience *a = audience_of(f, uid);
	struct feed_line *line = put_line(f, uid, words);

	f->everything.told++;
	wake(&f->everything);
	if (a == NULL)
		return;
	line->own = a->told++;
	wake(a);
}

void feed_put(struct feed *f, uint32_t uid, const char *words)
{
	if (!feed_is_for(f, uid))
		return;
	if (uid == FEED_FOR_ALL)
		put_for_all(f, words, 1);
	else
		put_for_one(f, uid, words);
}

void feed_put_lost(struct feed *f, uint64_t n)
{
	char words[FEED_WORDS_MAX];

	if (!feed_is_read(f))
		return;
	snprintf(words, sizeof(words), "lost %" PRIu64, n);
	put_for_all(f, words, n);
}

/* --- readers ----------------------------------------------------------------------------- */

int reader_join(struct feed *f, struct reader *d)
{
	bool is_first = !feed_is_read(f);
	struct audience *a;

	if (is_first && ring_take(f) < 0)
		return -ENOMEM;
	a = audience_for(f, &d->file.opener);
	if (a == NULL) {
		if (is_first)
			ring_give_back(f);
		return -ENOMEM;
	}
	a->readers++;
	d->audience = a;
	d->at = (struct place){ f->next, a->told + f->common };
	if (is_first && f->watched != NULL)
		f->watched(f->fs, true);
	return 0;
}

void reader_leave(struct reader *d)
{
	struct feed *f = d->audience->feed;

	list_remove(&d->file.of_life);
	audience_leave(f, d->audience);
	d->audience = NULL;
	if (f->everything.readers > 0 || !list_is_empty(&f->audiences))
		return;
	ring_give_back(f);
	if (f->watched != NULL)
		f->watched(f->fs, false);
}

bool reader_has(const struct reader *d)
{
	return d->at.told != d->audience->told + d->audience->feed->common;
}

static bool is_for(const struct reader *d, const struct feed_line *line)
{
	return d->audience == &d->audience->feed->everything || line->uid == FEED_FOR_ALL ||
		line->uid == d->audience->uid;
}

/* How much had been told to D's audience before the oldest line that is still there. Its own
 * oldest is looked for once, however many of its readers have fallen behind. */
static uint64_t told_before(const struct reader *d, uint64_t oldest)
{
	struct audience *a = d->audience;
	const struct feed *f = a->feed;
	uint64_t common = line_at(f, oldest)->common;

	if (a == &f->everything)
		return line_at(f, oldest)->whole + common;
	a->oldest = max_u64(a->oldest, oldest);
	while (a->oldest < f->next && line_at(f, a->oldest)->uid != a->uid)
		a->oldest++;
	return (a->oldest < f->next ? line_at(f, a->oldest)->own : a->told) + common;
}

/* Where D goes on, now that lines may be gone; LOST of them were for him. */
static struct place catch_up(const struct reader *d, uint64_t *lost)
{
	struct place at = d->at;

	*lost = 0;
	if (at.line >= d->audience->feed->first)
		return at;
	at.line = d->audience->feed->first;
	at.told = told_before(d, at.line);
	*lost = at.told - d->at.told;
	return at;
}

/* The piece joins the last one, if it lies behind it. */
static void add_piece(struct span *out, int *pieces, const uint8_t *at, size_t len)
{
	struct span *last = *pieces > 0 ? &out[*pieces - 1] : NULL;

	if (last != NULL && last->at + last->len == at)
		last->len += (uint32_t)len;
	else
		out[(*pieces)++] = (struct span){ at, (uint32_t)len };
}

static void add_line(const struct feed *f, const struct feed_line *line, struct span *out, int *n)
{
	size_t from = line->at & (FEED_BYTES - 1);
	size_t to_end = min_size(line->len, FEED_BYTES - from);

	add_piece(out, n, f->bytes + from, to_end);
	if (to_end < line->len)
		add_piece(out, n, f->bytes, line->len - to_end);
}

static size_t lost_words(struct feed *f, uint64_t lost)
{
	if (lost == 0)
		return 0;
	return (size_t)snprintf(f->words, sizeof(f->words), "lost %" PRIu64 "\n", lost);
}

size_t reader_peek(struct reader *d, struct span *out, int max, size_t len, int *pieces)
{
	struct feed *f = d->audience->feed;
	uint64_t lost;
	struct place at = catch_up(d, &lost);
	size_t n = lost_words(f, lost);

	*pieces = 0;
	f->ahead = d->at;
	if (n > len)
		return 0;
	if (n > 0)
		add_piece(out, pieces, (const uint8_t *)f->words, n);
	while (at.line < f->next) {
		const struct feed_line *line = line_at(f, at.line);

		if (is_for(d, line)) {
			/* It may be two pieces, where the ring begins anew. */
			if (line->len > len - n || *pieces + 2 > max)
				break;
			add_line(f, line, out, pieces);
			n += line->len;
			at.told += line->weight;
		}
		at.line++;
	}
	f->ahead = at;
	return n;
}

void reader_taken(struct reader *d)
{
	d->at = d->audience->feed->ahead;
}

int reader_take_line(struct reader *d, struct page *out)
{
	struct feed *f = d->audience->feed;
	struct span spans[2];
	int pieces = 0;
	uint64_t lost;
	struct place at = catch_up(d, &lost);

	page_put(out, f->words, lost_words(f, lost));
	while (lost == 0 && pieces == 0) {
		const struct feed_line *line = line_at(f, at.line++);

		ASSERT(at.line <= f->next);
		if (!is_for(d, line))
			continue;
		add_line(f, line, spans, &pieces);
		at.told += line->weight;
	}
	for (int i = 0; i < pieces; i++)
		page_put(out, (const char *)spans[i].at, spans[i].len);
	if (out->has_failed)
		return -ENOMEM;
	d->at = at;
	return 0;
}

/* --- waiting ----------------------------------------------------------------------------- */

void reader_wait(struct reader *d, bool at_once)
{
	list_remove(&d->file.of_life);
	list_append(at_once ? &d->audience->due : &d->audience->waiting, &d->file.of_life);
	becomes_due(d->audience);
}

struct reader *feed_next_due(struct feed *f)
{
	while (!list_is_empty(&f->due)) {
		struct audience *a = CONTAINER_OF(f->due.next, struct audience, turn);
		struct reader *d;

		list_remove(&a->turn);
		if (list_is_empty(&a->due))
			continue; /* they have closed it since */
		d = CONTAINER_OF(a->due.next, struct reader, file.of_life);
		list_remove(&d->file.of_life);
		becomes_due(a);
		return d;
	}
	return NULL;
}

/* --- does it make sense? ------------------------------------------------------------------ */

static void check_waiting(const struct audience *a)
{
	for (const struct list *at = a->waiting.next; at != &a->waiting; at = at->next) {
		const struct reader *d =
			CONTAINER_OF((struct list *)(uintptr_t)at, struct reader, file.of_life);

		ASSERT(d->audience == a);
	}
}

void feed_check(const struct feed *f)
{
	uint64_t bytes = f->first < f->next ? f->end - line_at(f, f->first)->at : 0;

	ASSERT(f->next - f->first <= FEED_LINES);
	ASSERT(bytes <= FEED_BYTES);
	table_check(&f->by_uid);
	check_waiting(&f->everything);
	ASSERT(feed_is_read(f) == (f->everything.readers > 0 || !list_is_empty(&f->audiences)));
}
