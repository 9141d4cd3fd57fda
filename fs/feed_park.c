/*
 * feed_park.c - who waits for lines: parked by the open file, woken by the feed, served in turn.
 *
 * Of one open file the requests are served in the order of asking. Of many the files are, in the
 * order in which they began to wait, of each user in turn; and since one that begins to wait has
 * been given all that there was, none further behind has something to read when the first has not.
 */
#include "reader.h"

#define RUN_MAX     256  /* requests run, and files told, in one pump and feed */
#define CHANGES_MAX 1024 /* of state, made lines of: a microsecond each */
#define TRACE_MAX   512  /* events of the trace, some microseconds each */

static bool waits(const struct req *r)
{
	return r->op == REQ_READ && r->is_parked;
}

/* The oldest request that waits on D; NULL. */
static struct req *first_waiting(const struct reader *d)
{
	LIST_EACH(at, &d->file.requests)
	{
		struct req *r = CONTAINER_OF(at, struct req, of_fid);

		if (waits(r))
			return r;
	}
	return NULL;
}

bool reader_must_queue(const struct req *r)
{
	LIST_EACH(at, &r->fid->requests)
	{
		if (at == &r->of_fid)
			break;
		if (waits(CONTAINER_OF(at, struct req, of_fid)))
			return true;
	}
	return false;
}

/* One that is linked already waits for the same, or is due. */
void reader_park(const struct req *r)
{
	struct reader *d = reader_of(r->fid);

	if (!list_is_linked(&r->fid->of_life))
		reader_wait(d, feed_has(d));
}

/* Those of one open file, for as long as there is something to read for it. */
static void serve_reader(struct reader *d, unsigned *budget)
{
	struct fs *fs = d->file.fs;
	struct req *r;

	while (*budget > 0 && feed_has(d) && (r = first_waiting(d)) != NULL) {
		ssize_t n = req_step(fs, r);

		ASSERT(n != FS_PARK && n != FS_YIELD);
		(*budget)--;
		req_finish(fs, r, n);
	}
}

static void serve_feed(struct feed *feed, unsigned *budget)
{
	struct reader *d;

	while (*budget > 0 && (d = feed_next_due(feed)) != NULL) {
		(*budget)--;
		fid_notify(&d->file);
		serve_reader(d, budget);
		if (first_waiting(d) != NULL)
			reader_wait(d, feed_has(d));
		else if (d->file.token != NULL)
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
