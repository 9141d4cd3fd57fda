/* bytes.c - what WRITEs that wait bring along: counted, and kept out of others' way. */
#include <string.h>

#include "tree.h"

/*
 * A WRITE keeps the whole chunk it was received into from everybody, and the stack's memory is
 * for all. So a few of each user may stay there, which spares a copy of what will be sent soon;
 * the others wait in memory of the tree's own.
 */
static bool may_stay(const struct fs *fs, const struct user *u, const struct req *r)
{
	return r->len >= IN_PLACE_LEN && u->in_place < IN_PLACE_MAX &&
		!conv_memory_is_tight(fs->config.stack);
}

/* What is done is not copied, and so its pages are never touched. */
static int move_out(struct fs *fs, struct req *r)
{
	uint8_t *own = fs_alloc(fs, r->len);

	if (own == NULL)
		return -ENOMEM;
	memcpy(own + r->done, r->at + r->done, r->len - r->done);
	buf_drop(r->buf);
	r->buf = NULL;
	r->at = own;
	r->is_moved = true;
	return 0;
}

int bytes_keep(struct fs *fs, struct user *u, struct req *r)
{
	uint64_t most = fs->config.waiting_max;

	if (r->len > most - u->waiting || r->len > most * WAITING_SHARES - fs->waiting) {
		life_failed(r->fid->life, -ENOBUFS,
			"write: too many bytes wait to be sent already; try again when some are");
		return -ENOBUFS;
	}
	/* Without a block its memory is the front's, which will not use it again. */
	r->is_in_place = r->buf != NULL && may_stay(fs, u, r);
	if (r->buf != NULL && !r->is_in_place) {
		int err = move_out(fs, r);

		if (err < 0)
			return err;
	}
	u->in_place += r->is_in_place;
	u->waiting += r->len;
	fs->waiting += r->len;
	return 0;
}

void bytes_forget(struct fs *fs, struct user *u, struct req *r)
{
	u->in_place -= r->is_in_place;
	u->waiting -= r->len;
	fs->waiting -= r->len;
	r->is_in_place = false;
	if (!r->is_moved)
		return;
	/* It was taken from fs_alloc, and is const only for whoever reads it. */
	fs_dispose(fs, (void *)(uintptr_t)r->at);
	r->at = NULL;
	r->is_moved = false;
}
