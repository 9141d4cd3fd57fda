/*
 * lives.h - conversations as the tree sees them, and who keeps them alive (tree.md section 4).
 *
 * A life holds its conversation once, and is held by open files, a reservation, a name and a
 * process; when the last of these goes the life ends, the conversation is released to finish
 * what it has to say, and nobody finds it any more.
 */
#ifndef CATNET_LIVES_H
#define CATNET_LIVES_H

#include "idle.h"
#include "rows.h"
#include "stream.h"
#include "table.h"

struct fs_proto;
struct holder;
struct user;

#define LIFE_MAGIC 0x11fe11feu

#define RESERVATION_US (60 * USEC_PER_SEC)
#define NAME_LEN_MAX   64
#define LOOKUPS        4096 /* values of a node's lookup count */

/* What requests wait for on a conversation, a queue each. */
enum wait { WAIT_IN, WAIT_OUT, WAIT_CALL, WAIT_UP, WAITS };

enum timeout { TIMEOUT_CONNECT, TIMEOUT_READ, TIMEOUT_WRITE, TIMEOUTS };

/* What a conversation is doing, as far as files must know. */
enum phase {
	PHASE_IDLE,
	PHASE_ANNOUNCED,  /* yields calls */
	PHASE_CONNECTING, /* nobody knows yet */
	PHASE_UP,         /* bytes or datagrams go, or what is left of them */
	PHASE_OVER,       /* ended or failed */
};

struct name {
	struct entry entry;
	struct life *life;
	char text[NAME_LEN_MAX + 1];
};

/* How long one is kept with no file open: few are, so that it is not a part of each. */
struct reservation {
	struct timer expiry;
	struct life *life;
	struct user *charged; /* in whose quota it counts; NULL: nobody's */
	usec_t keep_us;
};

/* Between which ends a connect is under way. */
struct attempt {
	struct endpoint to, from;
};

struct life {
	uint32_t magic;
	uint32_t holding;  /* open files that keep it alive */
	uint32_t pins;     /* somebody up the call chain still looks at it */
	uint32_t attempts; /* connects begun: an error is told once an open and attempt */
	uint32_t told;     /* the attempt that failed before the eyes of its connect, plus 1 */
	uint16_t lookups;  /* the last one given */
	bool is_announced; /* calls may come, or have come to an end */
	bool end_is_noted; /* its error is in ERR already */
	bool has_headers;  /* datagrams bring their addresses along */
	bool is_closed;    /* by the verb: over for whoever reads or writes */
	struct fs *fs;
	struct fs_proto *proto;
	struct conv *conv; /* held once */
	struct stream stream;
	uint64_t number;
	struct name *name;               /* NULL: none */
	struct user *maker;              /* in whose share it counts; NULL: nobody's */
	struct reservation *reservation; /* NULL: none */
	struct holder *holder;           /* the process that holds it; NULL: none */
	struct list of_holder;           /* among that one's */
	struct list opens;               /* struct fid, but for those in the next two: */
	struct list polled;              /* they are polled, and told when something changes */
	struct list to_tell;             /* it has, and they have not been told yet */
	struct list waits[WAITS];        /* struct req, oldest first */
	struct list due;                 /* among those whose waiting requests are to be run */
	struct attempt *connecting;   /* begun and not decided, or not heard of yet; NULL: none */
	uint32_t timeout_s[TIMEOUTS]; /* 0: none */
	struct idle_node idle[IDLE_NODES];
	int err_number;
	uint16_t dir_mode;
	uint16_t modes[CONV_ROWS_MAX]; /* of its files, by row_in_conv; chmod kept */
	char *err;                     /* why the last thing failed; NULL: nothing has */
};

/* A life around CONV, one hold of which it takes over (also when it fails); held by nobody
 * yet, so the caller holds it at once or lets go of it by life_settle. NULL: no memory. */
struct life *life_new(struct fs *fs, struct conv *conv);

/* A new idle conversation for WHO; 0, -EDQUOT, -EMFILE, -ENOBUFS, -ENOMEM. */
int life_new_idle(struct fs *fs, struct fs_proto *proto, const struct cred *who, struct life **out);

/* The life with this number, of PROTO (NULL: of any); NULL. */
struct life *life_find(struct fs *fs, const struct fs_proto *proto, uint64_t number);
struct life *life_find_name(struct fs *fs, const struct fs_proto *proto, const char *name);

/* Hold it by a reservation, KEEP_US after its last file is closed (USEC_NEVER: for ever),
 * charged to WHO (NULL: to nobody). 0, -EDQUOT, -ENOMEM. */
int life_reserve(struct life *l, const struct cred *who, usec_t keep_us);
void life_unreserve(struct life *l);

/* Give it a name; 0, -ENOMEM. The name is valid and free. */
int life_set_name(struct life *l, const char *name);
void life_unname(struct life *l);

/* An open file comes and goes. */
void life_hold(struct life *l);
void life_unhold(struct life *l);

/* End it if nobody holds it; L may be gone after. */
void life_settle(struct life *l);

/* End it whoever holds it: for the end of all. */
void life_end(struct life *l);

enum phase life_phase(struct life *l);

/* A lookup count whose node has no WRITE waiting on it. */
uint16_t life_fresh_lookup(struct life *l);

/* The last failure, in words: "connect 10.0.0.9!80: connection refused by the peer". */
void life_failed(struct life *l, int err, const char *words);
void life_failed_plainly(struct life *l, const char *what, int err);

void life_check(const struct life *l);

#endif
