/* holders.c - which process is meant, may it be, and what goes when it has ended. */
#include "holders.h"

#include "../stack/base/hash.h"
#include "allow.h"
#include "opener.h"
#include "tree.h"

/* --- which are there ----------------------------------------------------------------------- */

static uint64_t holder_hash(const struct fs *fs, int32_t pid)
{
	struct hash_key key = { fs->config.secret, PROTOS_MAX + 1 };

	return siphash(&key, &pid, sizeof(pid));
}

static struct holder *holder_find(const struct fs *fs, int32_t pid)
{
	struct entry *e = table_first(&fs->holders, holder_hash(fs, pid));

	for (; e != NULL; e = table_next(e)) {
		struct holder *h = CONTAINER_OF(e, struct holder, entry);

		if (h->pid == pid)
			return h;
	}
	return NULL;
}

/* It cannot be found any more, and its descriptor is given back. */
static void holder_close(struct fs *fs, struct holder *h)
{
	const struct opener *o = fs->config.opener;

	if (h->fd < 0)
		return;
	o->let_go(o->arg, h->fd);
	h->fd = -1;
	h->charged->holders--;
	table_remove(&fs->holders, &h->entry);
}

static void holder_settle(struct fs *fs, struct holder *h)
{
	if (!list_is_empty(&h->lives))
		return;
	holder_close(fs, h);
	list_remove(&h->ended);
	fs_dispose(fs, h);
}

void fs_process_ended(struct fs *fs, void *token)
{
	struct holder *h = token;

	holder_close(fs, h);
	list_append(&fs->ended, &h->ended);
}

/* --- one more ------------------------------------------------------------------------------ */

static int charge(struct fs *fs, const struct cred *who, struct user **out, struct text *why)
{
	struct user *u = user_of(fs, who->uid);
	uint32_t most = fs->config.holders_max;

	if (u == NULL)
		return -ENOMEM;
	if (fs->holders.n >= most)
		return -EMFILE;
	most = max_u32(most / HOLDER_SHARES, 1);
	if (!is_keeper(fs, who) && u->holders >= most) {
		text_printf(why,
			"%u processes of this user hold conversations; have one hold several",
			(unsigned)most);
		return -EDQUOT;
	}
	*out = u;
	return 0;
}

static int holder_open(struct fs *fs, struct holder *h)
{
	const struct opener *o = fs->config.opener;
	int fd = o->pidfd(o->arg, h->pid, h);

	if (fd < 0)
		return fd;
	if (table_add(fs, &fs->holders, &h->entry, holder_hash(fs, h->pid)) < 0) {
		o->let_go(o->arg, fd);
		return -ENOMEM;
	}
	h->fd = fd;
	h->charged->holders++;
	return 0;
}

static int holder_new(
	struct fs *fs, const struct cred *who, int32_t pid, struct holder **out, struct text *why)
{
	struct user *charged;
	struct holder *h;
	int err = charge(fs, who, &charged, why);

	if (err < 0)
		return err;
	h = fs_alloc(fs, sizeof(*h));
	if (h == NULL)
		return -ENOMEM;
	list_init(&h->lives);
	list_init(&h->ended);
	h->charged = charged;
	h->pid = pid;
	h->fd = -1;
	err = holder_open(fs, h);
	if (err < 0) {
		fs_dispose(fs, h);
		return err;
	}
	*out = h;
	return 0;
}

/* The one that is there, unless that was another process with this number. */
static int holder_get(
	struct fs *fs, const struct cred *who, int32_t pid, struct holder **out, struct text *why)
{
	const struct opener *o = fs->config.opener;
	struct holder *h = holder_find(fs, pid);

	if (h != NULL && o->has_ended(o->arg, h->fd)) {
		fs_process_ended(fs, h);
		h = NULL;
	}
	if (h == NULL)
		return holder_new(fs, who, pid, out, why);
	*out = h;
	return 0;
}

/* --- which is meant, and may it be ----------------------------------------------------------- */

/*
 * The kernel tells the writer's thread in the server's numbers, and 0 when it has none there.
 * What the writer says is in the writer's, which in a pid namespace of its own are others.
 */
static int process_meant(
	struct fs *fs, const struct cred *who, int32_t pid, struct process *out, struct text *why)
{
	const struct opener *o = fs->config.opener;
	int err = o == NULL || who->pid <= 0 ? -ESRCH : o->look(o->arg, who->pid, out);

	if (err == -ESRCH)
		text_put(why, "the writer's process is not visible to the server");
	if (err < 0)
		return err;
	if (pid == 0 || pid == out->pid_within)
		return 0;
	if (out->is_within) {
		text_put(why,
			"the writer is in a pid namespace of its own, where numbers mean "
			"other processes; write hold without one");
		return -ESRCH;
	}
	return o->look(o->arg, pid, out);
}

/* Only now that H's descriptor is there, is what its number tells sure to be of H. */
static int may_hold(struct fs *fs, const struct cred *who, const struct holder *h, bool is_writer,
	struct text *why)
{
	const struct opener *o = fs->config.opener;
	struct process is;
	int err = o->look(o->arg, h->pid, &is);

	if (err == 0 && (is.pid != h->pid || o->has_ended(o->arg, h->fd)))
		err = -ESRCH;
	if (err < 0)
		return err;
	if (is_writer || who->uid == 0 || who->uid == is.uid || who->uid == is.euid)
		return 0;
	text_printf(why, "a process of uid %u; only it or root may have it hold", is.uid);
	return -EPERM;
}

static void holder_join(struct life *l, struct holder *h)
{
	holder_leave(l);
	list_append(&h->lives, &l->of_holder);
	l->holder = h;
	life_unreserve(l);
}

static int take(struct life *l, const struct cred *who, int32_t pid, struct text *why)
{
	struct fs *fs = l->fs;
	struct process meant;
	struct holder *h = NULL;
	int err = process_meant(fs, who, pid, &meant, why);

	if (err == 0)
		err = holder_get(fs, who, meant.pid, &h, why);
	if (err < 0)
		return err;
	if (h == l->holder) {
		life_unreserve(l);
		return 0;
	}
	err = may_hold(fs, who, h, pid == 0, why);
	if (err == 0)
		holder_join(l, h);
	else
		holder_settle(fs, h);
	return err;
}

int holder_take(struct life *l, const struct cred *who, int32_t pid, struct text *why)
{
	int err = take(l, who, pid, why);

	if (err == -EMFILE)
		text_printf(why, "%u processes hold conversations, and there can be no more",
			(unsigned)l->fs->holders.n);
	return err;
}

/* --- the end ------------------------------------------------------------------------------- */

void holder_leave(struct life *l)
{
	struct holder *h = l->holder;

	if (h == NULL)
		return;
	l->holder = NULL;
	list_remove(&l->of_holder);
	holder_settle(l->fs, h);
}

bool holders_pump(struct fs *fs, unsigned budget)
{
	while (budget > 0 && !list_is_empty(&fs->ended)) {
		struct holder *h = CONTAINER_OF(fs->ended.next, struct holder, ended);
		struct life *l = CONTAINER_OF(h->lives.next, struct life, of_holder);

		budget--;
		holder_leave(l);
		life_unname(l);
		life_settle(l);
	}
	return !list_is_empty(&fs->ended);
}

void holders_free(struct fs *fs)
{
	ASSERT(list_is_empty(&fs->ended));
	table_free(fs, &fs->holders);
}
