/*
 * rows.h - the tree as one table: a row a file.
 *
 * Walking, listing, modes, opening, waiting, polling and docs/tree.md follow from the row. A
 * file that is not built has no row; its name may be reserved all the same.
 */
#ifndef CATNET_ROWS_H
#define CATNET_ROWS_H

#include "fs.h"
#include "text.h"

struct fid;
struct req;

enum fs_kind {
	TABLE,  /* a snapshot made at open; reads go by offset */
	STREAM, /* no position; a lookup gives it a node of its own */
};

/*
 * An ioctl of a file. The size of what is handed over is part of its number, so a number here has
 * none. When it comes in BEGIN looks at what it brings along, and decides whether it may wait.
 */
struct ioctl {
	uint32_t command;
	uint16_t least; /* bytes that must be handed over */
	uint8_t head;   /* of these what does not count as brought along */
	uint8_t needs;  /* enum fs_open */
	uint8_t waits;  /* enum conv_event, 0: never parks */
	int (*begin)(struct fid *f, struct req *r);
	ssize_t (*run)(struct fid *f, struct req *r);
};

/*
 * A handler answers a count, -errno, or FS_PARK, and then it is run again when one of the
 * row's events has come. A reader leaves its bytes in fs->spans and fs->pieces and gives them
 * up only in taken, which is called when the answer has reached somebody.
 */
#define FEED_LINE 0x80 /* beside enum conv_event: a line for this reader */

struct file_row {
	const char *name;
	uint8_t dir; /* DIR_ROOT, DIR_PROTO, DIR_CONV, DIR_IFCS or DIR_IFC */
	uint8_t kind;
	uint16_t mode;
	ssize_t (*open)(struct fid *f, struct req *r); /* NULL: nothing to do */
	int (*tell)(struct fid *f, struct page *out);  /* a TABLE's words, at open */
	ssize_t (*read)(struct fid *f, struct req *r); /* NULL for a TABLE: its snapshot */
	void (*taken)(struct fid *f, size_t len);
	ssize_t (*write)(struct fid *f, struct req *r); /* NULL: not written */
	const struct ioctl *ioctls;                     /* the last one has no RUN; NULL: none */
	unsigned (*poll)(struct fid *f);                /* NULL: always ready */
	uint32_t size;                                  /* that it reports; 0: row_size has one */
	uint8_t open_waits; /* one enum conv_event each, or FEED_LINE; 0: never parks */
	uint8_t read_waits;
	uint8_t write_waits;
};

extern const struct file_row fs_rows[];

/* A row's place in the table is its number in a node. */
#define ROWS_MAX 32 /* five bits, in a protocol's directory */

unsigned rows_n(void);
const struct file_row *row_at(unsigned i); /* NULL past the last */
unsigned row_number(const struct file_row *row);

/* Find R's ioctl among those of F, and begin it: 0, -ENOTTY (there is none), -EBADF, -EINVAL. */
int ioctl_begin(struct fid *f, struct req *r);

/* What it reports as its size. */
uint32_t row_size(const struct file_row *row);

/* The place of a row of DIR_CONV among these, which stand together in the table. */
#define CONV_ROWS_MAX 10
unsigned row_in_conv(unsigned i);

/* The row of this name in this directory; NULL. */
const struct file_row *row_find(enum fs_dir dir, const char *name);

/* May a conversation not be called that, because it is or will be a file's name? */
bool name_is_reserved(const char *name);

#endif
