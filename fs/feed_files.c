/* feed_files.c - the files that lines come out of: events, log. What changes becomes a line. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "../stack/changes.h"
#include "files.h"
#include "log_file.h"
#include "reader.h"

#define READABLE (POLLIN | POLLRDNORM)
#define WRITABLE (POLLOUT | POLLWRNORM)

/* --- opening, reading, polling: the same for all ------------------------------------------ */

static ssize_t feed_open(struct feed *feed, struct fid *f)
{
	return f->open & FS_OPEN_READ ? reader_join(feed, reader_of(f)) : 0;
}

/* What is left of a line that was longer than the last read. */
static ssize_t read_rest(struct fid *f, const struct req *r)
{
	size_t len = min_size(f->text->len - f->cursor, r->len);

	f->fs->spans[0] = (struct span){ (const uint8_t *)f->text->at + f->cursor, (uint32_t)len };
	f->fs->pieces = 1;
	return (ssize_t)len;
}

/* A line that does not fit: it is kept here, where no newer line can push it out. */
static ssize_t read_first_part(struct fid *f, const struct req *r)
{
	int err = fid_text(f) == NULL ? -ENOMEM : reader_take_line(reader_of(f), f->text);

	if (err < 0) {
		fid_text_free(f);
		return err;
	}
	return read_rest(f, r);
}

ssize_t feed_read(struct fid *f, struct req *r)
{
	struct reader *d = reader_of(f);
	struct fs *fs = f->fs;
	size_t n;

	if (r->len == 0)
		return 0;
	if (f->text != NULL)
		return read_rest(f, r);
	n = reader_peek(d, fs->spans, FS_SPANS_MAX, r->len, &fs->pieces);
	if (n > 0)
		return (ssize_t)n;
	if (reader_has(d))
		return read_first_part(f, r);
	reader_taken(d); /* lines for others need not be looked at again */
	return FS_PARK;
}

void feed_taken(struct fid *f, size_t len)
{
	if (f->text == NULL) {
		reader_taken(reader_of(f));
		return;
	}
	f->cursor += (uint32_t)len;
	if (f->cursor < f->text->len)
		return;
	fid_text_free(f);
	f->cursor = 0;
}

bool feed_has(const struct reader *d)
{
	return d->file.text != NULL || reader_has(d);
}

unsigned feed_poll(struct fid *f)
{
	unsigned events = f->open & FS_OPEN_WRITE ? WRITABLE : 0;
	struct reader *d = reader_of(f);

	if (d->audience == NULL)
		return events;
	if (f->token != NULL && !list_is_linked(&f->of_life))
		reader_wait(d, false);
	return feed_has(d) ? events | READABLE : events;
}

/* --- events ------------------------------------------------------------------------------ */

ssize_t events_open(struct fid *f, struct req *r)
{
	(void)r;
	events_hear(f->fs, UINT32_MAX); /* what came before is not news to him */
	return feed_open(&f->fs->events, f);
}

void events_watched(struct fs *fs, bool is_watched)
{
	conv_watch_changes(fs->config.stack, is_watched);
}

/* `USEC PROTO N NAME|- OLD NEW ADDR` */
static void put_change(struct fs *fs, const struct conv_change *c)
{
	const struct life *l;
	char end[ENDPOINT_TEXT_MAX + 1];
	char words[FEED_LINE_MAX];

	if (!feed_is_for(&fs->events, c->uid))
		return;
	l = life_find(fs, NULL, c->number);
	end[endpoint_format(&c->end, end)] = '\0';
	snprintf(words, sizeof(words), "%" PRIu64 " %s %" PRIu64 " %s %s %s %s",
		c->at_us + fs->config.wall_offset_us, proto_name(c->proto), c->number,
		l != NULL && l->name != NULL ? l->name->text : "-", c->from, c->to, end);
	feed_put(&fs->events, c->uid, words);
}

bool events_hear(struct fs *fs, unsigned most)
{
	struct conv_change change;
	uint64_t lost;

	for (; most > 0; most--) {
		if (!conv_next_change(fs->config.stack, &change, &lost))
			return false;
		if (lost > 0)
			feed_put_lost(&fs->events, lost);
		put_change(fs, &change);
	}
	return true;
}

/* --- log --------------------------------------------------------------------------------- */

ssize_t log_open_file(struct fid *f, struct req *r)
{
	(void)r;
	return feed_open(&f->fs->log, f);
}
