/*
 * feed.h - lines as they happen, for any number of readers, each with a cursor of its own.
 *
 * A ring of lines, which is there only while somebody reads. A line is for all, or for one uid
 * and root; nobody is shown what is not for him, nor told that it was lost. Who falls behind by
 * more than the ring is given a line "lost K" in the place of the K that were for him. Readers
 * that wait, or are polled, are kept by who they are, so that a line wakes only those whom it is
 * for; who wakes is served by feed_park.c, of each audience in turn the one who asked first, so
 * that nobody waits behind all the readers of another user.
 */
#ifndef CATNET_FEED_H
#define CATNET_FEED_H

#include "fs.h"
#include "table.h"

struct fid;
struct page;
struct reader;
struct req;

#define FEED_LINES     8192              /* 10,000 conversations that change in one go, nearly */
#define FEED_BYTES     ((size_t)1 << 20) /* lines of 128 bytes; touched only as used */
#define FEED_LINE_MAX  1024              /* what is longer is cut */
#define FEED_FOR_ALL   UINT32_MAX        /* nobody's uid: chown(2) has another use for it */
#define FEED_WORDS_MAX 32                /* "lost 18446744073709551615\n" */

/* In the ring. WHOLE, OWN and COMMON count what was told before this line: lines of any uid,
 * of this uid, and what those for all stand for. */
struct feed_line {
	uint64_t at; /* bytes ever, before its own */
	uint64_t whole;
	uint64_t own;
	uint64_t common;
	uint64_t weight; /* how many lines it stands for */
	uint32_t uid;
	uint32_t len;
};

/* The readers that see the same. */
struct audience {
	struct entry entry;  /* in the feed, by its uid */
	struct list link;    /* in the feed, among all */
	struct list waiting; /* struct reader: nothing is there for them */
	struct list due;     /* struct reader: woken, to be served */
	struct list turn;    /* in the feed, among those with somebody due */
	struct feed *feed;
	uint64_t told;   /* lines so far, but for those for all */
	uint64_t oldest; /* no line before this one is for it alone: where to look from */
	uint32_t uid;
	uint32_t readers;
};

struct place {
	uint64_t line; /* the next to look at: lines ever, of whomever */
	uint64_t told; /* what it has been told of, in lines for its audience */
};

struct feed {
	struct fs *fs;
	struct feed_line *lines; /* NULL: nobody reads */
	uint8_t *bytes;
	uint64_t first, next;       /* lines [first, next) are there */
	uint64_t end;               /* bytes ever */
	uint64_t common;            /* what lines for all stood for so far */
	struct audience everything; /* root's, and everybody's where all lines are for all */
	struct table by_uid;        /* the other audiences */
	struct list audiences;
	struct list due;    /* struct audience: some of its readers are to be served */
	bool is_public;     /* whoever may open it sees all */
	struct place ahead; /* where the last reader_peek would lead to */
	char words[FEED_WORDS_MAX];
	/* The first reader has come, or the last gone. May be NULL. */
	void (*watched)(struct fs *fs, bool is_watched);
};

void feed_init(struct feed *f, struct fs *fs, bool is_public);

/* For the end: nobody reads any more. */
void feed_free(struct feed *f);

bool feed_is_read(const struct feed *f);

/* Would anybody see a line for this uid? */
bool feed_is_for(const struct feed *f, uint32_t uid);

/* A line for UID (FEED_FOR_ALL: for all), to which its newline is added. Bytes that a terminal
 * would obey are replaced. Nothing when nobody reads. */
void feed_put(struct feed *f, uint32_t uid, const char *words);

/* N lines, nobody knows whose, were lost before they came here. */
void feed_put_lost(struct feed *f, uint64_t n);

/* The reader to be served next, taken out: of each audience in turn the one who woke first; NULL.
 */
struct reader *feed_next_due(struct feed *f);

void feed_check(const struct feed *f);

/* --- feed_files.c ----------------------------------------------------------------------- */

/* Make lines of the changes of state so far, MOST of them; true when there may be more. */
bool events_hear(struct fs *fs, unsigned most);
/* Somebody has begun to read events, or the last has ceased. */
void events_watched(struct fs *fs, bool is_watched);

/* --- feed_park.c ------------------------------------------------------------------------ */

/* Those who wait for what has changed, and been said, hear of it; is there more of it? */
bool feeds_serve(struct fs *fs);
/* Has somebody woken who is still to be served? */
bool feeds_are_due(const struct fs *fs);

#endif
