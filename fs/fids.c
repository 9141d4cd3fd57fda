/* fids.c - open files: made, found by handle, closed. */
#include "allow.h"
#include "reader.h"
#include "tree.h"

#define FIDS_FIRST 64

#define HANDLE_LOOP_SHIFT 56
#define HANDLE_SLOT_SHIFT 32

static uint64_t handle_of(uint8_t loop, uint32_t slot, uint32_t generation)
{
	return (uint64_t)loop << HANDLE_LOOP_SHIFT | (uint64_t)slot << HANDLE_SLOT_SHIFT |
		generation;
}

static uint32_t slot_of(uint64_t handle)
{
	return (uint32_t)(handle >> HANDLE_SLOT_SHIFT) & (FIDS_MAX - 1);
}

/* Twice as many slots; the new ones are threaded onto the empty list of free ones. */
static int slots_grow(struct fs *fs)
{
	uint32_t n = fs->fids_n == 0 ? FIDS_FIRST : fs->fids_n * 2;
	struct fid_slot *slots;

	if (n > FIDS_MAX)
		return -ENFILE;
	slots = fs_alloc(fs, n * sizeof(*slots));
	if (slots == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < fs->fids_n; i++)
		slots[i] = fs->fids[i];
	for (uint32_t i = fs->fids_n; i < n; i++)
		slots[i].next_free = i + 1;
	fs_dispose(fs, fs->fids);
	fs->fids = slots;
	fs->fids_free = fs->fids_n;
	fs->fids_n = n;
	return 0;
}

static int slot_take(struct fs *fs, struct fid *f, uint8_t loop)
{
	uint32_t slot;

	if (fs->fids_free == fs->fids_n) {
		int err = slots_grow(fs);

		if (err < 0)
			return err;
	}
	slot = fs->fids_free;
	fs->fids_free = fs->fids[slot].next_free;
	fs->fids[slot].fid = f;
	fs->fids[slot].generation++;
	f->handle = handle_of(loop, slot, fs->fids[slot].generation);
	fs->fids_out++;
	return 0;
}

static void slot_give(struct fs *fs, const struct fid *f)
{
	uint32_t slot = slot_of(f->handle);

	ASSERT(fs->fids[slot].fid == f);
	fs->fids[slot].fid = NULL;
	fs->fids[slot].next_free = fs->fids_free;
	fs->fids_free = slot;
	fs->fids_out--;
}

struct fid *fid_find(struct fs *fs, uint64_t handle)
{
	uint32_t slot = slot_of(handle);
	struct fid *f;

	if (slot >= fs->fids_n)
		return NULL;
	f = fs->fids[slot].fid;
	if (f == NULL || f->handle != handle)
		return NULL;
	ASSERT(f->magic == FID_MAGIC);
	return f;
}

/*
 * A stream keeps its conversation alive whoever opened it, for the owner's mode let him. A
 * table is a snapshot, and somebody who only looks must not keep alive what its owner has let
 * go; the owner's own do, since he was told that open files count.
 */
static bool keeps_alive(const struct fid *f, const struct life *l)
{
	return f->row->kind == STREAM || f->opener.uid == conv_owner(l->conv)->uid;
}

void fid_attach(struct fid *f, struct life *l)
{
	struct life *before = f->life;

	list_remove(&f->of_life);
	f->life = l;
	if (l != NULL)
		list_append(f->token == NULL ? &l->opens : &l->polled, &f->of_life);
	if (before != NULL && f->holds) {
		f->holds = false;
		life_unhold(before);
		life_settle(before);
	}
	if (l != NULL && keeps_alive(f, l)) {
		f->holds = true;
		life_hold(l);
	}
}

static int may_use_row(const struct file_row *row, unsigned open)
{
	if ((open & FS_OPEN_WRITE) && row->write == NULL)
		return -EACCES;
	if ((open & FS_OPEN_READ) && row->read == NULL && row->tell == NULL)
		return -EACCES;
	return 0;
}

static int fid_resolve(struct fs *fs, const struct req *r, const struct file_row **row)
{
	struct node n = node_unpack(r->node);
	struct fs_attr attr;
	int err = node_attr(fs, r->node, &attr);

	if (err < 0)
		return err;
	if (!node_is_file(&n))
		return -EISDIR;
	*row = row_at(n.dir == DIR_PROTO ? n.row % ROWS_MAX : n.row);
	ASSERT(*row != NULL);
	err = may_open(fs, &attr, &r->caller, r->open);
	return err < 0 ? err : may_use_row(*row, r->open);
}

int fid_open(struct fs *fs, const struct req *r, struct fid **out)
{
	struct node n = node_unpack(r->node);
	const struct file_row *row;
	struct life *l;
	struct fid *f;
	int err = fid_resolve(fs, r, &row);

	if (err < 0)
		return err;
	f = fs_alloc(fs, is_reader(row) ? sizeof(struct reader) : sizeof(*f));
	if (f == NULL)
		return -ENOMEM;
	err = slot_take(fs, f, r->session->loop);
	if (err < 0) {
		fs_dispose(fs, f);
		return err;
	}
	f->magic = FID_MAGIC;
	f->open = r->open;
	f->nonblock = r->nonblock;
	f->fs = fs;
	f->row = row;
	f->opener = r->caller;
	f->node = r->node;
	f->session = r->session;
	list_init(&f->of_life);
	list_init(&f->requests);
	l = node_life(fs, &n);
	if (l != NULL)
		fid_attach(f, l);
	*out = f;
	return 0;
}

struct fs_proto *fid_proto(const struct fid *f)
{
	struct node n = node_unpack(f->node);

	ASSERT(n.dir == DIR_PROTO);
	return &f->fs->protos[n.row / ROWS_MAX];
}

struct page *fid_text(struct fid *f)
{
	ASSERT(f->text == NULL);
	f->text = fs_alloc(f->fs, sizeof(*f->text));
	if (f->text != NULL)
		page_init(f->text, f->fs);
	return f->text;
}

void fid_text_free(struct fid *f)
{
	if (f->text == NULL)
		return;
	page_free(f->text);
	fs_dispose(f->fs, f->text);
	f->text = NULL;
}

void fid_close(struct fid *f)
{
	struct fs *fs = f->fs;

	ASSERT(list_is_empty(&f->requests));
	if (f->token != NULL)
		f->session->token_free(f->session, f->token);
	fid_attach(f, NULL);
	if (f->row->kind == STREAM)
		idle_give(fs, f->opener.uid, f->node);
	if (is_reader(f->row) && reader_of(f)->audience != NULL)
		reader_leave(reader_of(f));
	if (f->is_reserving)
		fs->ifcs_reserved &= ~BIT(f->ifc);
	fid_text_free(f);
	slot_give(fs, f);
	f->magic = 0;
	fs_dispose(fs, f);
}

void fid_notify(struct fid *f)
{
	if (f->token != NULL)
		f->session->notify(f->session, f->token);
}
