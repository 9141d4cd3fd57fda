/*
 * feed_park.c - who waits for lines: parked by the open file, woken by the feed, served in turn.
 *
 * Of one open file the requests are served in the order of asking. Of many the files are, in the
 * order in which they began to wait; and since one that begins to wait has been given all that
 * there was, none further behind has something to read when the first has not.
 */
#include "tree.h"

#define RUN_MAX     256  /* requests run, and files told, in one pump and feed */
#define CHANGES_MAX 1024 /* of state, made lines of: a microsecond each */
#define TRACE_MAX   512  /* events of the trace, some microseconds each */

/* One that is linked already waits for the same, or is due. */
void reader_park(struct reader *d, struct req *r)
{
	list_append(&d->waits, &r->link);
	if (!list_is_linked(&d->link))
		reader_wait(d, feed_has(d->fid));
}

/* Those of one open file, for as long as there is something to read for it. */
static void serve_reader(struct reader *d, unsigned *budget)
{
	struct fs *fs = d->feed->fs;

	while (*budget > 0 && !list_is_empty(&d->waits) && feed_has(d->fid)) {
		struct req *r = CONTAINER_OF(d->waits.next, struct req, link);
		ssize_t n;

		(*budget)--;
		list_remove(&r->link);
		n = req_step(fs, r);
		ASSERT(n != FS_PARK && n != FS_YIELD);
		req_finish(fs, r, n);
	}
}

static void serve_feed(struct feed *feed, unsigned *budget)
{
	struct reader *d;

	while (*budget > 0 && (d = feed_next_due(feed)) != NULL) {
		(*budget)--;
		fid_notify(d->fid);
		serve_reader(d, budget);
		if (!list_is_empty(&d->waits))
			reader_wait(d, feed_has(d->fid));
		else if (d->fid->token != NULL)
			reader_wait(d, false);
	}
}

bool feeds_are_due(const struct fs *fs)
{
	return !list_is_empty(&fs->events.due) || !list_is_empty(&fs->log.due);
}

bool feeds_serve(struct fs *fs)
{
	unsigned to_run = RUN_MAX;
	bool more = events_hear(fs, CHANGES_MAX);

	more |= log_trace_hear(fs, TRACE_MAX);
	serve_feed(&fs->events, &to_run);
	to_run = RUN_MAX;
	serve_feed(&fs->log, &to_run);
	return more || feeds_are_due(fs);
}
