/* fuse_ops.c - libfuse's requests to struct req, to calls of the tree, and back. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "fuse_private.h"

/* Flags of fuse_open_out that libfuse 3.14 has no field for; linux/fuse.h has the numbers. */
#define OPEN_DIRECT_IO       (1u << 0)
#define OPEN_STREAM          (1u << 4) /* reads and writes share no position and no lock */
#define OPEN_PARALLEL_WRITES (1u << 6)

/* Every open still looks the name up, so a chmod acts at once; but default_permissions would
 * ask for the attributes four times an open. Names that last need not be looked up again. */
#define ENTRY_TIMEOUT_S   0.0
#define LASTING_TIMEOUT_S 86400.0
#define ATTR_TIMEOUT_S    1.0
#define ATTR_BLOCK_LEN    (128 << 10)
#define SPARE_REQUESTS    64
#define BACKGROUND_MAX    65535

static struct front *front_of(fuse_req_t fuse)
{
	return fuse_req_userdata(fuse);
}

static struct front *front_serving(const struct request *r)
{
	return CONTAINER_OF(r->req.session, struct front, session);
}

static struct cred cred_of(fuse_req_t fuse)
{
	const struct fuse_ctx *ctx = fuse_req_ctx(fuse);

	return (struct cred){ .uid = ctx->uid, .gid = ctx->gid, .pid = ctx->pid };
}

/* --- requests that may wait ------------------------------------------------------------- */

static struct request *request_new(struct front *f, fuse_req_t fuse)
{
	struct request *r = f->spare;

	if (r) {
		f->spare = r->next;
		f->spares--;
	} else {
		r = malloc(sizeof(*r));
	}
	if (!r)
		return NULL;
	memset(r, 0, sizeof(*r));
	list_init(&r->req.link);
	list_init(&r->req.of_fid);
	r->req.session = &f->session;
	r->req.caller = cred_of(fuse);
	r->fuse = fuse;
	return r;
}

static void request_free(struct request *r)
{
	struct front *f = front_serving(r);

	buf_drop(r->req.buf);
	free(r->own);
	if (f->submitting == r)
		f->submitting = NULL;
	if (f->spares == SPARE_REQUESTS) {
		free(r);
		return;
	}
	r->next = f->spare;
	f->spare = r;
	f->spares++;
}

static int reply_open(const struct request *r)
{
	/* fuse_open_out: libfuse would build one without the flags that we need. */
	struct {
		uint64_t handle;
		uint32_t flags;
		int32_t backing;
	} out = { .handle = r->req.handle, .flags = OPEN_DIRECT_IO };
	struct iovec iov = { .iov_base = &out, .iov_len = sizeof(out) };

	if (r->req.is_stream)
		out.flags |= OPEN_STREAM | OPEN_PARALLEL_WRITES;
	return fuse_reply_iov(r->fuse, &iov, 1);
}

static void gather(struct iovec *iov, const struct span *spans, int pieces)
{
	ASSERT(pieces <= FS_SPANS_MAX);
	for (int i = 0; i < pieces; i++) {
		/* writev does not write to what it gathers from. */
		iov[i].iov_base = (void *)(uintptr_t)spans[i].at;
		iov[i].iov_len = spans[i].len;
	}
}

static int reply_read(const struct request *r, const struct span *spans, int pieces)
{
	struct iovec iov[FS_SPANS_MAX];

	gather(iov, spans, pieces);
	return fuse_reply_iov(r->fuse, iov, pieces);
}

static int reply_ioctl(
	const struct request *r, ssize_t result, const struct span *spans, int pieces)
{
	/* fuse_ioctl_out, with none of what asks the kernel to come again. */
	struct {
		int32_t result;
		uint32_t flags, in_iovs, out_iovs;
	} out = { .result = (int32_t)result };
	struct iovec iov[1 + FS_SPANS_MAX] = { { .iov_base = &out, .iov_len = sizeof(out) } };

	gather(iov + 1, spans, pieces);
	return fuse_reply_iov(r->fuse, iov, 1 + pieces);
}

static int reply(const struct request *r, ssize_t result, const struct span *spans, int pieces)
{
	if (result < 0)
		return fuse_reply_err(r->fuse, (int)-result);
	switch ((enum req_op)r->req.op) {
	case REQ_OPEN:
		return reply_open(r);
	case REQ_READ:
		return reply_read(r, spans, pieces);
	case REQ_IOCTL:
		return reply_ioctl(r, result, spans, pieces);
	case REQ_WRITE:
		break;
	}
	return fuse_reply_write(r->fuse, (size_t)result);
}

static int answer(struct req *req, ssize_t result, const struct span *spans, int pieces)
{
	struct request *r = CONTAINER_OF(req, struct request, req);
	int err = reply(r, result, spans, pieces);

	request_free(r);
	return err;
}

/* Whoever asked has been signalled; until we answer it cannot even be killed. */
static void interrupted(fuse_req_t fuse, void *data)
{
	struct request *r = data;
	struct front *f = front_serving(r);

	(void)fuse;
	if (f->is_registering) {
		f->was_interrupted = true;
		return;
	}
	fs_interrupt(f->session.fs, &r->req);
}

static void watch_for_interrupt(struct front *f, struct request *r)
{
	f->is_registering = true;
	f->was_interrupted = false;
	fuse_req_interrupt_func(r->fuse, interrupted, r);
	f->is_registering = false;
	/* libfuse holds the request's lock over the call: it must not die there. */
	if (f->was_interrupted)
		fs_interrupt(f->session.fs, &r->req);
}

static void submit(struct front *f, struct request *r)
{
	r->req.answer = answer;
	f->submitting = r;
	fs_submit(f->session.fs, &r->req);
	if (!f->submitting)
		return; /* answered, and gone */
	f->submitting = NULL;
	if (r->req.at && !r->req.buf && !r->req.is_moved) {
		/* Its bytes lie where the next request would be received. */
		r->own = f->fallback;
		f->fallback = NULL;
	}
	watch_for_interrupt(f, r);
}

static void op_open(fuse_req_t fuse, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct request *r = request_new(front_of(fuse), fuse);
	int mode = fi->flags & O_ACCMODE;

	if (!r) {
		fuse_reply_err(fuse, ENOMEM);
		return;
	}
	r->req.op = REQ_OPEN;
	r->req.node = ino;
	r->req.nonblock = (fi->flags & O_NONBLOCK) != 0;
	r->req.open = mode == O_RDWR ? FS_OPEN_READ | FS_OPEN_WRITE
		: mode == O_WRONLY   ? FS_OPEN_WRITE
				     : FS_OPEN_READ;
	submit(front_of(fuse), r);
}

/*
 * splice and a private mmap read a file through the kernel's cache of pages, also one that is
 * opened without it: whole pages, whatever was asked for, and what is not used of them nobody would
 * ever see. Such a READ has no owner; told that it cannot be, a program goes on with read.
 */
static void op_read(
	fuse_req_t fuse, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
	struct request *r;

	(void)ino;
	if (!fi->lock_owner) {
		fuse_reply_err(fuse, EINVAL);
		return;
	}
	r = request_new(front_of(fuse), fuse);
	if (!r) {
		fuse_reply_err(fuse, ENOMEM);
		return;
	}
	r->req.op = REQ_READ;
	r->req.handle = fi->fh;
	r->req.nonblock = (fi->flags & O_NONBLOCK) != 0;
	r->req.off = (uint64_t)off;
	r->req.len = size;
	submit(front_of(fuse), r);
}

static void op_write(fuse_req_t fuse, fuse_ino_t ino, const char *at, size_t size, off_t off,
	struct fuse_file_info *fi)
{
	struct front *f = front_of(fuse);
	struct request *r = request_new(f, fuse);

	(void)ino, (void)off;
	if (!r) {
		fuse_reply_err(fuse, ENOMEM);
		return;
	}
	f->has_write = true;
	r->req.op = REQ_WRITE;
	r->req.handle = fi->fh;
	r->req.nonblock = (fi->flags & O_NONBLOCK) != 0;
	r->req.len = size;
	r->req.at = (const uint8_t *)at;
	if (f->chunk)
		r->req.buf = buf_hold(f->chunk);
	submit(f, r);
}

/* The kernel hands over as many bytes as the command says, in both directions. It does not say
 * whether the file may wait. */
static void op_ioctl(fuse_req_t fuse, fuse_ino_t ino, unsigned command, void *arg,
	struct fuse_file_info *fi, unsigned flags, const void *in, size_t in_len, size_t out_len)
{
	struct front *f = front_of(fuse);
	struct request *r = flags & FUSE_IOCTL_DIR ? NULL : request_new(f, fuse);

	(void)ino, (void)arg;
	if (!r) {
		fuse_reply_err(fuse, flags & FUSE_IOCTL_DIR ? ENOTTY : ENOMEM);
		return;
	}
	r->req.op = REQ_IOCTL;
	r->req.handle = fi->fh;
	r->req.command = command;
	r->req.room = (uint32_t)out_len;
	r->req.len = in_len;
	if (in_len > 0) {
		f->has_write = true;
		r->req.at = in;
		if (f->chunk)
			r->req.buf = buf_hold(f->chunk);
	}
	submit(f, r);
}

/* --- what is answered at once ----------------------------------------------------------- */

static struct timespec time_of(usec_t us)
{
	return (struct timespec){ .tv_sec = (time_t)(us / USEC_PER_SEC),
		.tv_nsec = (long)(us % USEC_PER_SEC * 1000) };
}

static struct stat stat_of(const struct fs_attr *a)
{
	return (struct stat){
		.st_ino = a->ino,
		.st_mode = a->mode,
		.st_nlink = a->nlink,
		.st_uid = a->uid,
		.st_gid = a->gid,
		.st_size = (off_t)a->size,
		.st_blksize = ATTR_BLOCK_LEN,
		.st_blocks = (blkcnt_t)((a->size + 511) / 512),
		.st_atim = time_of(a->born_us),
		.st_mtim = time_of(a->changed_us),
		.st_ctim = time_of(a->changed_us),
	};
}

static void reply_entry(fuse_req_t fuse, int err, const struct fs_attr *a)
{
	struct fuse_entry_param e;

	if (err < 0) {
		fuse_reply_err(fuse, -err);
		return;
	}
	e = (struct fuse_entry_param){ .ino = a->node,
		.attr = stat_of(a),
		.attr_timeout = ATTR_TIMEOUT_S,
		.entry_timeout = a->is_lasting ? LASTING_TIMEOUT_S : ENTRY_TIMEOUT_S };
	fuse_reply_entry(fuse, &e);
}

static void reply_attr(fuse_req_t fuse, int err, const struct fs_attr *a)
{
	struct stat st;

	if (err < 0) {
		fuse_reply_err(fuse, -err);
		return;
	}
	st = stat_of(a);
	fuse_reply_attr(fuse, &st, ATTR_TIMEOUT_S);
}

static void op_lookup(fuse_req_t fuse, fuse_ino_t dir, const char *name)
{
	struct cred who = cred_of(fuse);
	struct fs_attr a;
	int err = fs_lookup(front_of(fuse)->session.fs, &who, dir, name, &a);

	reply_entry(fuse, err, &a);
}

static void op_getattr(fuse_req_t fuse, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs_attr a;

	(void)fi;
	reply_attr(fuse, fs_getattr(front_of(fuse)->session.fs, ino, &a), &a);
}

static void op_setattr(
	fuse_req_t fuse, fuse_ino_t ino, struct stat *st, int to_set, struct fuse_file_info *fi)
{
	const int times = FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_ATIME_NOW |
		FUSE_SET_ATTR_MTIME_NOW;
	const int owner = FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID;
	struct fs_attr to = { .mode = st->st_mode, .uid = st->st_uid, .gid = st->st_gid };
	struct cred who = cred_of(fuse);
	unsigned fields = 0;
	struct fs_attr a;

	(void)fi;
	/* Our times tell of states; nobody sets them. Truncating is what `> file` does. */
	if ((to_set & times) && !(to_set & (owner | FUSE_SET_ATTR_SIZE))) {
		fuse_reply_err(fuse, EPERM);
		return;
	}
	fields |= to_set & FUSE_SET_ATTR_MODE ? FS_SET_MODE : 0;
	fields |= to_set & FUSE_SET_ATTR_UID ? FS_SET_UID : 0;
	fields |= to_set & FUSE_SET_ATTR_GID ? FS_SET_GID : 0;
	reply_attr(fuse, fs_setattr(front_of(fuse)->session.fs, &who, ino, fields, &to, &a), &a);
}

static void op_mkdir(fuse_req_t fuse, fuse_ino_t dir, const char *name, mode_t mode)
{
	struct cred who = cred_of(fuse);
	struct fs_attr a;

	(void)mode;
	reply_entry(fuse, fs_mkdir(front_of(fuse)->session.fs, &who, dir, name, &a), &a);
}

static void op_rmdir(fuse_req_t fuse, fuse_ino_t dir, const char *name)
{
	struct cred who = cred_of(fuse);

	fuse_reply_err(fuse, -fs_rmdir(front_of(fuse)->session.fs, &who, dir, name));
}

static void op_release(fuse_req_t fuse, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	fs_close(front_of(fuse)->session.fs, fi->fh);
	fuse_reply_err(fuse, 0);
}

static void op_opendir(fuse_req_t fuse, fuse_ino_t ino, struct fuse_file_info *fi)
{
	int err = fs_opendir(front_of(fuse)->session.fs, ino);

	if (err < 0)
		fuse_reply_err(fuse, -err);
	else
		fuse_reply_open(fuse, fi);
}

/* An answer to READDIR as it fills. */
struct dir_answer {
	fuse_req_t fuse;
	char *at;
	size_t len;
	size_t cap;
};

static bool emit(void *arg, const char *name, const struct fs_attr *attr, uint64_t next)
{
	struct dir_answer *d = arg;
	struct stat st = { .st_ino = attr->ino, .st_mode = attr->mode };
	size_t left = d->cap - d->len;
	size_t need = fuse_add_direntry(d->fuse, d->at + d->len, left, name, &st, (off_t)next);

	if (need > left)
		return true;
	d->len += need;
	return false;
}

static void op_readdir(
	fuse_req_t fuse, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
	struct front *f = front_of(fuse);
	struct dir_answer d = { .fuse = fuse,
		.at = (char *)f->dir_answer,
		.cap = min_size(size, sizeof(f->dir_answer)) };
	int err = fs_readdir(f->session.fs, ino, (uint64_t)off, emit, &d);

	(void)fi;
	if (err < 0)
		fuse_reply_err(fuse, -err);
	else
		fuse_reply_buf(fuse, d.at, d.len);
}

static void op_poll(
	fuse_req_t fuse, fuse_ino_t ino, struct fuse_file_info *fi, struct fuse_pollhandle *token)
{
	struct front *f = front_of(fuse);
	/* The tree has the token from here on, also when the handle is stale. */
	unsigned events = fs_poll_file(f->session.fs, &f->session, fi->fh, token);

	(void)ino;
	fuse_reply_poll(fuse, events);
}

/* --- what there is none of --------------------------------------------------------------- */

static void op_create(
	fuse_req_t fuse, fuse_ino_t dir, const char *name, mode_t mode, struct fuse_file_info *fi)
{
	(void)dir, (void)name, (void)mode, (void)fi;
	fuse_reply_err(fuse, EPERM);
}

static void op_mknod(fuse_req_t fuse, fuse_ino_t dir, const char *name, mode_t mode, dev_t dev)
{
	(void)dir, (void)name, (void)mode, (void)dev;
	fuse_reply_err(fuse, EPERM);
}

static void op_unlink(fuse_req_t fuse, fuse_ino_t dir, const char *name)
{
	(void)dir, (void)name;
	fuse_reply_err(fuse, EPERM);
}

static void op_rename(fuse_req_t fuse, fuse_ino_t dir, const char *name, fuse_ino_t to_dir,
	const char *to_name, unsigned flags)
{
	(void)dir, (void)name, (void)to_dir, (void)to_name, (void)flags;
	fuse_reply_err(fuse, EPERM);
}

static void op_link(fuse_req_t fuse, fuse_ino_t ino, fuse_ino_t dir, const char *name)
{
	(void)ino, (void)dir, (void)name;
	fuse_reply_err(fuse, EPERM);
}

static void op_symlink(fuse_req_t fuse, const char *to, fuse_ino_t dir, const char *name)
{
	(void)to, (void)dir, (void)name;
	fuse_reply_err(fuse, EPERM);
}

/* --- the session -------------------------------------------------------------------------- */

static void op_init(void *userdata, struct fuse_conn_info *conn)
{
	struct front *f = userdata;

	conn->max_write = FRONT_MAX_WRITE;
	/*
	 * Nothing else, whatever libfuse wants of itself: with ASYNC_DIO a client that waits gets
	 * no INTERRUPT and cannot be killed, READDIRPLUS makes an inode of every entry listed, and
	 * splice gains nothing for what lies in memory.
	 */
	conn->want = conn->capable & (FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_PARALLEL_DIROPS);
	/* Otherwise a dozen requests that wait in the background hold up every RELEASE. */
	conn->max_background = BACKGROUND_MAX;
	conn->congestion_threshold = BACKGROUND_MAX;
	f->has_begun = true;
	log_say(f->log, LEVEL_DEBUG, "FUSE %u.%u", conn->proto_major, conn->proto_minor);
}

/* FLUSH, GETXATTR and the like are left out: their ENOSYS ends the asking for good. A file's
 * life ends with RELEASE. FORGET needs nothing, since a node's number says all. */
const struct fuse_lowlevel_ops front_ops = {
	.init = op_init,
	.lookup = op_lookup,
	.getattr = op_getattr,
	.setattr = op_setattr,
	.mkdir = op_mkdir,
	.rmdir = op_rmdir,
	.open = op_open,
	.read = op_read,
	.write = op_write,
	.release = op_release,
	.opendir = op_opendir,
	.readdir = op_readdir,
	.poll = op_poll,
	.ioctl = op_ioctl,
	.create = op_create,
	.mknod = op_mknod,
	.unlink = op_unlink,
	.rename = op_rename,
	.link = op_link,
	.symlink = op_symlink,
};

void front_free_spares(struct front *f)
{
	while (f->spare) {
		struct request *r = f->spare;

		f->spare = r->next;
		free(r);
	}
}
