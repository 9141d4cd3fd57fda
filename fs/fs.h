/*
 * fs.h - the tree: rooms, nodes, open files, requests. Knows conversations, and no FUSE.
 *
 * A front (fuse.c, later others) turns what its kernel or wire says into the calls below. What
 * can be answered at once is a function; what may wait (OPEN, READ, WRITE, IOCTL) is a struct req,
 * submitted, run, perhaps parked, and answered exactly once. The tree is the table in rows.c.
 */
#ifndef CATNET_FS_H
#define CATNET_FS_H

#include "../stack/base/base.h"
#include "../stack/base/buf.h"
#include "../stack/base/list.h"
#include "../stack/base/timer.h"
#include "../stack/conv.h"
#include "fs_config.h"
#include "node.h"

struct fid;
struct fs;
struct ioctl;
struct patience;
struct req;
struct session;

/* What a handler says when it cannot go on: run me again when something has happened. */
#define FS_PARK ((ssize_t)-100000)
/* And when it could, but not before others have had their turn. */
#define FS_YIELD ((ssize_t)-100001)

#define FS_SPANS_MAX 64 /* pieces of one answer; more cost more than copying saves */
/* What files report as their size: tree.md section 5. */
#define FS_DATA_SIZE ((uint32_t)16 << 20)
#define FS_LONG_SIZE ((uint32_t)16 << 10)
#define FS_FILE_SIZE ((uint32_t)8 << 10)

/* --- birth and end ------------------------------------------------------------------ */

/* The tree over a stack; NULL when memory is short. */
struct fs *fs_new(const struct fs_config *config, usec_t now_us);

/* Answer all that waits with -ECONNABORTED, close every file, end every conversation. */
void fs_free(struct fs *fs);

/* --- the clock and the pump --------------------------------------------------------- */

/* Time moves: timeouts, reservations and holds that have run out. Before any call of a turn, for
 * what begins in it counts from here. */
void fs_poll(struct fs *fs, usec_t now_us);
usec_t fs_deadline(struct fs *fs);
void fs_wall(struct fs *fs, uint64_t offset_us); /* the wall clock was set: as in fs_config */

/* Serve what was submitted, uid by uid in turn, then retry what has become possible, oldest
 * first; bounded. Lets the stack send what that put off (stack_flush). True when more is left for
 * the next turn. */
bool fs_pump(struct fs *fs);

/* The process ended for which the opener was given TOKEN with a pidfd: what it holds goes. */
void fs_process_ended(struct fs *fs, void *token);

/* The device is gone, and detached from the stack: what went over it ends with -EIO, and so does
 * what would. */
void fs_device_gone(struct fs *fs);

/* --- sessions: who asks -------------------------------------------------------------- */

struct session {
	struct fs *fs;
	/* The open file F, on which the front left TOKEN with fs_poll_file, may have become
	 * ready. The token stays until it is replaced or the file is closed. */
	void (*notify)(struct session *session, void *token);
	/* The front no longer needs TOKEN. */
	void (*token_free)(struct session *session, void *token);
	uint8_t loop; /* 8 bits of every handle */
};

/* --- what is answered at once -------------------------------------------------------- */

struct fs_attr {
	node_t node;
	uint64_t ino;
	uint32_t mode; /* S_IFDIR or S_IFREG, and permissions */
	uint32_t nlink;
	uint32_t uid;
	uint32_t gid;
	uint64_t size;
	usec_t born_us;    /* wall clock */
	usec_t changed_us; /* wall clock */
	bool is_lasting;   /* the name is this node for as long as the tree is there */
};

/* Each gives 0 or -errno. LOOKUP gives a fresh node for a file that can block. */
int fs_lookup(
	struct fs *fs, const struct cred *who, node_t dir, const char *name, struct fs_attr *out);
int fs_getattr(struct fs *fs, node_t node, struct fs_attr *out);

/* chmod and chgrp; FIELDS of enum fs_set. Times and truncation are accepted and ignored. */
enum fs_set { FS_SET_MODE = 1, FS_SET_UID = 2, FS_SET_GID = 4 };
int fs_setattr(struct fs *fs, const struct cred *who, node_t node, unsigned fields,
	const struct fs_attr *to, struct fs_attr *out);

int fs_mkdir(
	struct fs *fs, const struct cred *who, node_t dir, const char *name, struct fs_attr *out);
int fs_rmdir(struct fs *fs, const struct cred *who, node_t dir, const char *name);

/* Is NODE a directory that exists? 0, -ENOTDIR, -ENOENT, -ESTALE. */
int fs_opendir(struct fs *fs, node_t node);

/* Entries of DIR after COOKIE (0 at first), "." and ".." included, each given to EMIT with the
 * cookie to go on after it, until EMIT says stop (true: it was not taken); 0 or -errno. Rising
 * numbers, so that a conversation that ends meanwhile is never listed twice, nor one skipped. */
typedef bool fs_emit(void *arg, const char *name, const struct fs_attr *attr, uint64_t next);
int fs_readdir(struct fs *fs, node_t dir, uint64_t cookie, fs_emit *emit, void *arg);

/* The file is closed for the last time (RELEASE, not FLUSH). Waiting requests on it end. */
void fs_close(struct fs *fs, uint64_t handle);

/* poll(2)'s events as they stand; TOKEN (NULL: none) is left to be notified, replacing and
 * freeing an earlier one. POLLNVAL for a stale handle. */
unsigned fs_poll_file(struct fs *fs, struct session *from, uint64_t handle, void *token);

/* --- what may wait ------------------------------------------------------------------- */

enum req_op { REQ_OPEN, REQ_READ, REQ_WRITE, REQ_IOCTL };

/* How a file is opened. */
enum fs_open { FS_OPEN_READ = 1, FS_OPEN_WRITE = 2 };

/* As small as it can be: ten thousand of them may wait. */
struct req {
	struct list link;   /* in a queue of its uid, or parked on a conversation */
	struct list of_fid; /* among the requests of its open file */
	uint8_t op;         /* enum req_op */
	uint8_t open;       /* REQ_OPEN: enum fs_open */
	bool nonblock;      /* answer -EAGAIN rather than park; of an IOCTL nobody says */
	bool resumed;       /* it has run before and was parked */
	bool is_parked;
	bool is_stream : 1;   /* set by OPEN: the front says so. One byte more costs 16 here: */
	bool is_in_place : 1; /* REQ_WRITE that waits where it was received */
	bool is_moved : 1;    /* REQ_WRITE: AT is the tree's own memory, and BUF was let go */
	bool takes : 1;       /* REQ_IOCTL: who gets the answer takes the bytes in it */
	struct session *session;
	struct cred caller; /* of this request, not of the open */
	uint32_t room;      /* REQ_IOCTL: bytes that its answer may have */
	union {
		node_t node;     /* REQ_OPEN, until it is answered */
		uint64_t handle; /* of the others; set by OPEN */
	};
	union {
		uint32_t command; /* REQ_IOCTL, as it comes in */
		const struct ioctl *ioctl;
	};
	struct fid *fid; /* while it runs */
	union {
		uint64_t off; /* REQ_READ of a table */
		size_t done;  /* REQ_WRITE: bytes queued or lines' bytes obeyed so far: where a
			       * retry goes on, and what is answered in the end if not 0 */
	};
	size_t len;      /* bytes wanted, or brought along */
	struct buf *buf; /* REQ_WRITE, REQ_IOCTL: where these lie; one count held by the request */
	const uint8_t *at;
	struct patience *patience; /* timeout read, write, connect; NULL: none */
	/*
	 * Exactly once: RESULT is a count or -errno (OPEN: 0). For a READ the bytes are SPANS,
	 * PIECES of them, good until it returns; an IOCTL's answer may be longer than RESULT. 0,
	 * or -errno when nobody took the answer.
	 */
	int (*answer)(struct req *r, ssize_t result, const struct span *spans, int pieces);
};

/* Hand R in; it is answered now, later in fs_pump, or parked. The caller keeps its memory
 * until answer, in which it may be freed. */
void fs_submit(struct fs *fs, struct req *r);

/* Whoever asked no longer waits: answer R with what is done, or -EINTR. */
void fs_interrupt(struct fs *fs, struct req *r);

/* Does a WRITE wait on this node, so that no LOOKUP may hand it out again? For tests. */
bool fs_node_is_busy(const struct fs *fs, node_t node);

/* Assert that the tables agree. */
void fs_check(const struct fs *fs);

#endif
