/*
 * reader.h - an open file that lines come out of: where it stands in its feed, who waits on it.
 */
#ifndef CATNET_READER_H
#define CATNET_READER_H

#include "tree.h"

/* By its of_life it is among the waiting of its audience, or the due of its feed; its requests
 * that wait are those that are parked. */
struct reader {
	struct fid file;
	struct audience *audience; /* NULL: it does not read */
	struct place at;
};

/* Is an open file of this row a reader? */
static inline bool is_reader(const struct file_row *row)
{
	return row->read_waits == FEED_LINE;
}

static inline struct reader *reader_of(struct fid *f)
{
	ASSERT(is_reader(f->row));
	return CONTAINER_OF(f, struct reader, file);
}

/* D, just opened, will see what comes from now on; 0, -ENOMEM. And it is closed. */
int reader_join(struct feed *f, struct reader *d);
void reader_leave(struct reader *d);

/* Is something there for him? */
bool reader_has(const struct reader *d);

/*
 * What a read of LEN bytes would give: whole lines as far as they fit, as at most MAX pieces in
 * OUT, good until the next line is put. How many bytes; 0: nothing is there, or the first line is
 * longer. Taking moves on behind them.
 */
size_t reader_peek(struct reader *d, struct span *out, int max, size_t len, int *pieces);
void reader_taken(struct reader *d);

/* Put the first line, which is there, into OUT, and move on behind it; 0, -ENOMEM. */
int reader_take_line(struct reader *d, struct page *out);

/* Have him woken by the next line for him. With AT_ONCE: when those who woke before him have been
 * served. */
void reader_wait(struct reader *d, bool at_once);

/* --- feed_files.c, feed_park.c ---------------------------------------------------------- */

/* Is something there to read in D, which may be the rest of a line? */
bool feed_has(const struct reader *d);
/* Does some READ of its file wait that R, another, must wait behind? */
bool reader_must_queue(const struct req *r);
/* R waits now. */
void reader_park(const struct req *r);

#endif
