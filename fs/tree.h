/*
 * tree.h - struct fs itself, open files and users: for the files of the tree only.
 */
#ifndef CATNET_TREE_H
#define CATNET_TREE_H

#include "feed.h"
#include "fs.h"
#include "lives.h"
#include "log_file.h"
#include "memory.h"
#include "numbers.h"
#include "rows.h"
#include "table.h"
#include "text.h"

#define PROTOS_MAX 8 /* three bits of a node's row */

#define FID_MAGIC 0xf1df1d00u
#define FIDS_MAX  (1u << 24) /* slots that a handle can name */

/* Of a protocol's conversations one user but root makes no more than a third. To himself each is
 * two, for there is the call too, and then the last third is still left to others. */
#define MADE_SHARES 3

/* What is not asked for in fs_config. */
#define RESERVATIONS_DEFAULT 64
#define PARKED_DEFAULT       65536
/* As many bytes as 1,000 writers of cat's 128 KiB wait with. */
#define WAITING_DEFAULT ((uint64_t)128 << 20)
/* All users together, in shares of one. */
#define WAITING_SHARES 4
/* WRITEs of one user that wait where they were received, for each keeps a chunk of the stack's
 * memory from all others; more than that are copied. */
#define IN_PLACE_MAX 16
/* The stack itself copies what is shorter (LIMIT_BYTES_SHARE). */
#define IN_PLACE_LEN ((size_t)16 << 10)

/* A protocol's directory. */
struct fs_proto {
	const struct proto *proto;
	unsigned index;
	uint32_t made_max; /* by one user */
	struct numbers numbers;
	struct table names;
	uint64_t lookups; /* of files of the directory itself: never used twice */
};

/* Somebody who asks. Kept from the first request on: there are few, and each is small. */
struct user {
	struct entry entry;
	struct list link;  /* among those whose requests are to be served */
	struct list queue; /* struct req, oldest first */
	uint32_t uid;
	uint32_t reservations;
	uint32_t holders; /* processes that hold something */
	uint32_t parked;
	uint32_t made[PROTOS_MAX]; /* conversations that were made and not taken as calls */
	uint32_t in_place;         /* WRITEs that wait in the stack's memory */
	uint64_t waiting;          /* bytes in WRITEs that wait */
	uint32_t ran;              /* requests run at once in this turn */
	uint64_t turn;             /* the turn that RAN counts in */
	char *err;                 /* the last failure of a file that has no err of its own */
};

/* How long a request will wait. */
struct patience {
	struct timer timer;
	struct req *req;
};

/* An open file. As small as it can be: ten thousand may wait on one conversation. */
struct fid {
	uint32_t magic;
	uint8_t open;      /* enum fs_open */
	bool holds;        /* keeps the conversation alive */
	bool is_reserving; /* clone of ipifc: its number is its own, and has no device yet */
	bool nonblock;     /* as it was opened */
	struct fs *fs;
	const struct file_row *row;
	struct life *life;    /* NULL: has none, or it is gone */
	struct list of_life;  /* among life->opens, polled, to_tell; a reader's: see there */
	struct list requests; /* struct req that wait, by of_fid */
	struct cred opener;
	node_t node;
	uint64_t handle;
	struct page *text; /* a TABLE's snapshot; what is left of a line; NULL: none */
	uint32_t cursor;   /* in the text of ctl, in what is left of a line */
	union {
		uint32_t told; /* the attempt whose error this open has been told, plus 1 */
		uint32_t ifc;  /* clone of ipifc: the interface's id, or the number it is to have */
		char tag[4];   /* iproute: of the routes it adds, NUL behind it if there is room */
	};
	struct session *session;
	void *token; /* to be notified; NULL: none */
};

struct fid_slot {
	struct fid *fid; /* NULL: free */
	uint32_t generation;
	uint32_t next_free;
};

struct fs {
	struct fs_config config;
	usec_t now_us;
	usec_t born_us;
	uint64_t turn;
	bool has_no_device;     /* any more, and has had one */
	uint32_t ifcs_reserved; /* numbers of interfaces, a bit each */
	struct timers timers;
	struct fs_proto protos[PROTOS_MAX];
	unsigned protos_n;
	struct table users;
	struct table holders; /* processes that hold conversations */
	struct list ended;    /* struct holder whose process has ended */
	struct list serving;  /* struct user with a queue */
	struct list due;      /* struct life whose waiting requests are to be run */
	uint32_t parked;      /* requests that wait on a conversation */
	uint32_t parked_per_uid;
	uint64_t waiting; /* bytes in WRITEs that wait */
	struct fid_slot *fids;
	uint32_t fids_n;
	uint32_t fids_free; /* head of the free ones; fids_n: none */
	uint32_t fids_out;
	uint64_t lives_n;
	struct feed events;
	struct feed log;
	struct log_subsystems subsystems;
	/* What a READ answers, until it is answered. */
	struct span spans[FS_SPANS_MAX];
	int pieces;
	char scratch[64];
};

/* --- users.c ---------------------------------------------------------------------------- */

struct user *user_of(struct fs *fs, uint32_t uid); /* NULL: no memory */
void user_failed(struct fs *fs, const struct cred *who, const char *words);
/* The same of what has been logged already. */
void user_note(struct fs *fs, const struct cred *who, const char *words);
void users_free(struct fs *fs);

/* --- fids.c ----------------------------------------------------------------------------- */

/* An open file of the node, which exists and may be opened so; 0 or -errno. */
int fid_open(struct fs *fs, const struct req *r, struct fid **out);
void fid_close(struct fid *f);
struct fid *fid_find(struct fs *fs, uint64_t handle); /* NULL: stale */
/* The protocol whose directory F is in. */
struct fs_proto *fid_proto(const struct fid *f);
/* A page of F's own, empty; NULL: no memory. And away with it; nothing if there is none. */
struct page *fid_text(struct fid *f);
void fid_text_free(struct fid *f);
/* Take F from the conversation it has, if any, to L, which may be NULL. */
void fid_attach(struct fid *f, struct life *l);
void fid_notify(struct fid *f);

/* --- walk.c ----------------------------------------------------------------------------- */

/* 0, -ENOENT or -ESTALE. */
int node_attr(struct fs *fs, node_t node, struct fs_attr *out);
/* May WHO, as far as the mode says, open a file with these attributes for WANT? */
int may_open(struct fs *fs, const struct fs_attr *a, const struct cred *who, unsigned want);
/* The life that a node of DIR_CONV and so on belongs to; NULL. */
struct life *node_life(struct fs *fs, const struct node *n);

/* --- bytes.c ---------------------------------------------------------------------------- */

/* R, a WRITE of U, is going to wait: keep its bytes, here or elsewhere. 0, -ENOBUFS, -ENOMEM. */
int bytes_keep(struct fs *fs, struct user *u, struct req *r);
/* And they are needed no more. */
void bytes_forget(struct fs *fs, struct user *u, struct req *r);

/* --- park.c ----------------------------------------------------------------------------- */

/* Run R's handler: what it says. And answer R, which is gone after, with N. */
ssize_t req_step(struct fs *fs, struct req *r);
void req_finish(struct fs *fs, struct req *r, ssize_t n);
/* Answer all that waits on F, which is gone after if it was being opened. */
void park_end(struct fid *f, int err);
/* Answer all that has not been run yet. */
void park_end_queued(struct fs *fs, int err);
/* Some event of L has changed: run what waits, in this turn. */
void park_due(struct life *l);
/* Run at once all that wait on L and can go on. L must be held by the caller's file. */
void park_serve(struct life *l);
/* Every open file of L that is polled may have become ready: they are told when L is due. */
void poll_changed(struct life *l);
/* Tell of these as many as BUDGET allows; the others stay in l->to_tell. */
void poll_tell(struct life *l, unsigned *budget);

#endif
