/*
 * fuse_private.h - what the files of the FUSE front share.
 */
#ifndef CATNET_FUSE_PRIVATE_H
#define CATNET_FUSE_PRIVATE_H

#include <fuse_lowlevel.h>

#include "fuse.h"

#define FRONT_MAX_WRITE      ((size_t)1 << 20)
#define FRONT_DIR_ANSWER_MAX ((size_t)64 << 10)

/* A request of the tree together with libfuse's own. */
struct request {
	struct req req;
	fuse_req_t fuse;
	union {
		uint8_t *own;         /* where its bytes lie, when that is no block; or NULL */
		struct request *next; /* while it is spare */
	};
};

struct front {
	struct session session;
	struct stack *stack;
	struct log *log;
	struct fuse_session *fuse;
	char *mountpoint;
	const char *name;   /* in the list of mounts */
	bool mounted_by_us; /* with mount(2), rather than by libfuse */
	dev_t dev;          /* what our mount is known by; 0 before it is there */
	bool has_begun;     /* the kernel has introduced itself, and been answered */
	bool is_gone;

	/* Requests are received one after another into a chunk, where a WRITE's bytes stay for
	 * as long as a queue holds a count on it. */
	struct buf *chunk;
	uint32_t chunk_at;
	uint8_t *fallback; /* when the stack has no chunk to spare */
	bool has_write;    /* the request just received brought bytes */

	struct request *submitting; /* NULL as soon as it is answered */
	struct request *spare;
	uint32_t spares;
	bool is_registering; /* an interrupt that comes now is only noted */
	bool was_interrupted;
	uint8_t dir_answer[FRONT_DIR_ANSWER_MAX];
};

/* What we answer to, for fuse_session_new, whose user data is the front. */
extern const struct fuse_lowlevel_ops front_ops;

/* The front no longer serves: free the requests it kept to use again. */
void front_free_spares(struct front *f);

#endif
