/*
 * park.c - requests: served uid by uid, parked on what they wait for, tried again, answered.
 *
 * Each conversation has a queue for every kind of event. Only the head of a queue is tried
 * again, and when it goes, the next: so readers and writers are served in order of asking,
 * and ten thousand of them cost nothing while they wait. The head waits only while its event
 * is down; when that rises the stack says so, and then the queue moves. Nothing else is needed
 * for no wake-up to be lost.
 */
#include "../stack/stack.h"
#include "ctl.h"
#include "holders.h"
#include "reader.h"
#include "tree.h"

#define RUNS_AT_ONCE 32  /* requests of one user that need not queue, in one turn */
#define YIELD_COST   64  /* of PUMP_MAX */
#define PUMP_MAX     256 /* requests run, and conversations heard, in one pump */

/* Which events make the head of a queue worth another try. */
static const uint8_t wakes[WAITS] = {
	[WAIT_IN] = CONV_IN,
	[WAIT_OUT] = CONV_OUT,
	[WAIT_CALL] = CONV_CALL | CONV_END,
	[WAIT_UP] = CONV_UP | CONV_END,
};

/* --- what is waited for ------------------------------------------------------------------ */

static unsigned row_waits(const struct req *r)
{
	const struct file_row *row = r->fid->row;

	switch ((enum req_op)r->op) {
	case REQ_OPEN:
		return row->open_waits;
	case REQ_READ:
		return row->read_waits;
	case REQ_IOCTL:
		return r->ioctl->waits;
	case REQ_WRITE:
		break;
	}
	return row->write_waits;
}

static enum wait wait_of(const struct req *r)
{
	switch (row_waits(r)) {
	case CONV_IN:
		return WAIT_IN;
	case CONV_OUT:
		return WAIT_OUT;
	case CONV_CALL:
		return WAIT_CALL;
	default:
		ASSERT(row_waits(r) == CONV_UP);
		return WAIT_UP;
	}
}

/* Does it have bytes with it, for which there must be a place while it waits? */
static bool brings_bytes(const struct req *r)
{
	return r->op == REQ_WRITE || (r->op == REQ_IOCTL && r->len > 0);
}

static bool is_awake(const struct life *l, enum wait w)
{
	unsigned events =
		w == WAIT_IN || w == WAIT_OUT ? stream_events(&l->stream) : conv_events(l->conv);

	return events & wakes[w];
}

/* --- answering -------------------------------------------------------------------------- */

static void forget_patience(struct fs *fs, struct req *r)
{
	if (r->patience == NULL)
		return;
	timer_stop(&fs->timers, &r->patience->timer);
	fs_dispose(fs, r->patience);
	r->patience = NULL;
}

static void req_forget(struct fs *fs, struct req *r)
{
	struct user *u;

	list_remove(&r->link);
	list_remove(&r->of_fid);
	forget_patience(fs, r);
	if (!r->is_parked)
		return;
	r->is_parked = false;
	fs->parked--;
	u = user_of(fs, r->caller.uid);
	u->parked--;
	if (brings_bytes(r))
		bytes_forget(fs, u, r);
}

/* "udp/clone: no room for another conversation"; a conversation's own files have an err. */
static void note_open_failure(struct fs *fs, const struct req *r, int err)
{
	struct node n = node_unpack(r->node);
	const struct file_row *row = row_at(n.row % ROWS_MAX);
	char at[128];
	struct text words = text_over(at, sizeof(at));

	if ((n.dir != DIR_ROOT && n.dir != DIR_PROTO) || row == NULL || err == -EINTR)
		return;
	if (n.dir == DIR_PROTO && n.row / ROWS_MAX < fs->protos_n)
		text_printf(&words, "%s/", proto_name(fs->protos[n.row / ROWS_MAX].proto));
	text_printf(&words, "%s: %s", row->name, failure_words(err));
	user_failed(fs, &r->caller, words.at);
}

/* An OPEN has come out as N; the file, or NULL when there is none. */
static struct fid *open_done(struct fs *fs, struct req *r, ssize_t n)
{
	struct fid *f = r->fid;

	if (n >= 0) {
		r->handle = f->handle;
		r->is_stream = f->row->kind == STREAM;
		return f;
	}
	note_open_failure(fs, r, (int)n);
	if (f != NULL)
		fid_close(f);
	return NULL;
}

/* What a caller learns: what was done counts more than why it went no further. */
static ssize_t result_of(const struct req *r, ssize_t n)
{
	size_t head = r->op == REQ_IOCTL && r->fid != NULL ? r->ioctl->head : 0;

	if (r->op == REQ_OPEN)
		return n < 0 ? n : 0;
	return r->op != REQ_READ && n < 0 && r->done > head ? (ssize_t)(r->done - head) : n;
}

void req_finish(struct fs *fs, struct req *r, ssize_t n)
{
	struct fid *f = r->fid;
	uint8_t op = r->op;
	bool takes = (op == REQ_READ && n > 0) || (op == REQ_IOCTL && n >= 0 && r->takes);
	ssize_t result;
	int lost;

	req_forget(fs, r);
	if (op == REQ_OPEN)
		f = open_done(fs, r, n);
	result = result_of(r, n);
	r->fid = NULL;
	lost = r->answer(r, result, fs->spans, n >= 0 ? fs->pieces : 0);
	/* R may be gone from here on. */
	if (op == REQ_OPEN && f != NULL && lost < 0)
		fid_close(f);
	if (takes && lost == 0 && f->row->taken != NULL)
		f->row->taken(f, (size_t)n);
}

/* --- running ---------------------------------------------------------------------------- */

static ssize_t table_open(struct fid *f)
{
	if (f->row->tell == NULL)
		return 0;
	return fid_text(f) == NULL ? -ENOMEM : f->row->tell(f, f->text);
}

static ssize_t table_read(struct fid *f, const struct req *r)
{
	size_t left = r->off < f->text->len ? f->text->len - (size_t)r->off : 0;
	size_t len = min_size(left, r->len);

	if (len == 0)
		return 0;
	f->fs->spans[0] = (struct span){ (const uint8_t *)f->text->at + r->off, (uint32_t)len };
	f->fs->pieces = 1;
	return (ssize_t)len;
}

ssize_t req_step(struct fs *fs, struct req *r)
{
	struct fid *f = r->fid;

	fs->pieces = 0;
	switch (r->op) {
	case REQ_OPEN:
		return f->row->open != NULL ? f->row->open(f, r) : table_open(f);
	case REQ_READ:
		return f->row->read != NULL ? f->row->read(f, r) : table_read(f, r);
	case REQ_IOCTL:
		return r->ioctl->run(f, r);
	default:
		return f->row->write(f, r);
	}
}

static usec_t timeout_of(const struct life *l, enum wait w)
{
	switch (w) {
	case WAIT_OUT:
		return l->timeout_s[TIMEOUT_WRITE] * USEC_PER_SEC;
	case WAIT_UP:
		return l->timeout_s[TIMEOUT_CONNECT] * USEC_PER_SEC;
	case WAIT_IN:
	case WAIT_CALL:
	case WAITS:
		break;
	}
	return l->timeout_s[TIMEOUT_READ] * USEC_PER_SEC;
}

static void note_timeout(const struct req *r)
{
	static const char *const words[] = { [WAIT_IN] = "read data",
		[WAIT_OUT] = "write data",
		[WAIT_CALL] = "wait for a call",
		[WAIT_UP] = "connect" };
	struct life *l = r->fid->life;

	if (wait_of(r) == WAIT_UP)
		ctl_give_up(l);
	else
		life_failed_plainly(l, words[wait_of(r)], -ETIMEDOUT);
}

static void req_timed_out(void *arg, struct timer *t)
{
	struct req *r = CONTAINER_OF(t, struct patience, timer)->req;

	note_timeout(r);
	req_finish(arg, r, -ETIMEDOUT);
}

/* From now on R waits so long and no longer; 0, or -ENOMEM. */
static int be_patient(struct fs *fs, struct req *r, usec_t for_us)
{
	struct patience *p;

	if (for_us == 0)
		return 0;
	p = fs_alloc(fs, sizeof(*p));
	if (p == NULL)
		return -ENOMEM;
	p->req = r;
	timer_init(&p->timer, req_timed_out);
	timer_set(&fs->timers, &p->timer, fs->now_us + for_us);
	r->patience = p;
	return 0;
}

/* Room for one more that waits, in all and of this user. */
static int park_charge(struct fs *fs, struct req *r)
{
	struct user *u = user_of(fs, r->caller.uid);

	ASSERT(u != NULL);
	if (fs->parked >= fs->config.parked_max || u->parked >= fs->parked_per_uid)
		return -ENOBUFS;
	if (brings_bytes(r)) {
		int err = bytes_keep(fs, u, r);

		if (err < 0)
			return err;
	}
	fs->parked++;
	u->parked++;
	r->is_parked = true;
	return 0;
}

static void park_on_life(struct life *l, struct req *r)
{
	enum wait w = wait_of(r);
	int err = be_patient(l->fs, r, timeout_of(l, w));

	if (err < 0) {
		req_finish(l->fs, r, err);
		return;
	}
	ASSERT(!list_is_empty(&l->waits[w]) || !is_awake(l, w));
	r->resumed = true;
	list_append(&l->waits[w], &r->link);
}

/* R waits for the first time: behind all that came before. */
static void park(struct fs *fs, struct req *r)
{
	int err = 0;

	/* Else it has waited before, and yielded since. */
	if (!r->is_parked)
		err = r->nonblock ? -EAGAIN : park_charge(fs, r);
	if (err < 0)
		req_finish(fs, r, err);
	else if (row_waits(r) == FEED_LINE)
		reader_park(r);
	else
		park_on_life(r->fid->life, r);
}

/* R is to be run when all that came before it from its user has been. */
static void yield(struct fs *fs, struct req *r)
{
	struct user *u = user_of(fs, r->caller.uid);

	forget_patience(fs, r); /* what it waited for has come */
	list_append(&u->queue, &r->link);
	if (!list_is_linked(&u->link))
		list_append(&fs->serving, &u->link);
}

/*
 * Run the head of a queue, and the next, for as long as the event is up. The caller sees to it
 * that L lives through this: a call that is taken may be the last thing its listener did.
 */
static void serve_queue(struct life *l, enum wait w, unsigned *budget)
{
	struct fs *fs = l->fs;
	struct list *queue = &l->waits[w];

	while (*budget > 0 && !list_is_empty(queue) && is_awake(l, w)) {
		struct req *r = CONTAINER_OF(queue->next, struct req, link);
		ssize_t n;

		(*budget)--;
		list_remove(&r->link);
		n = req_step(fs, r);
		if (n == FS_PARK) {
			ASSERT(!is_awake(l, w));
			r->resumed = true;
			list_prepend(queue, &r->link);
			return;
		}
		if (n == FS_YIELD)
			yield(fs, r);
		else
			req_finish(fs, r, n);
	}
}

void park_serve(struct life *l)
{
	unsigned budget = UINT32_MAX;

	l->pins++;
	for (unsigned w = 0; w < WAITS; w++)
		serve_queue(l, w, &budget);
	l->pins--;
}

/* Must R, now come in, wait behind others? Verbs never do: hangup ends a parked connect. */
static bool must_queue(struct req *r)
{
	unsigned budget = PUMP_MAX;
	enum wait w;

	if (row_waits(r) == FEED_LINE)
		return reader_must_queue(r);
	if (row_waits(r) == 0 || r->fid->life == NULL)
		return false;
	w = wait_of(r);
	if (w == WAIT_UP || list_is_empty(&r->fid->life->waits[w]))
		return false;
	if (r->op == REQ_READ && r->fid->text != NULL)
		return false; /* the rest of a line whose beginning this very file has given */
	/* Its event may be up and not heard of yet. */
	serve_queue(r->fid->life, w, &budget);
	return !list_is_empty(&r->fid->life->waits[w]);
}

/* True when it yielded. */
static bool req_run(struct fs *fs, struct req *r)
{
	ssize_t n;

	if (r->op == REQ_OPEN) {
		int err = fid_open(fs, r, &r->fid);

		if (err < 0) {
			req_finish(fs, r, err);
			return false;
		}
		list_append(&r->fid->requests, &r->of_fid);
	}
	n = must_queue(r) ? FS_PARK : req_step(fs, r);
	if (n == FS_PARK)
		park(fs, r);
	else if (n == FS_YIELD)
		yield(fs, r);
	else
		req_finish(fs, r, n);
	return n == FS_YIELD;
}

/* --- coming in -------------------------------------------------------------------------- */

static void req_init(struct req *r)
{
	list_init(&r->link);
	list_init(&r->of_fid);
	r->patience = NULL;
	r->fid = NULL;
	if (r->op == REQ_WRITE || r->op == REQ_IOCTL)
		r->done = 0;
	r->resumed = false;
	r->is_parked = false;
	r->is_stream = false;
	r->is_in_place = false;
	r->is_moved = false;
	r->takes = false;
}

/* The open file of what is no OPEN, and what it allows; 0 or -errno. */
static int req_find_file(struct fs *fs, struct req *r)
{
	struct fid *f = fid_find(fs, r->handle);
	unsigned need = r->op == REQ_READ ? FS_OPEN_READ : FS_OPEN_WRITE;

	if (f == NULL)
		return -ESTALE;
	if (r->op == REQ_IOCTL) {
		int err = ioctl_begin(f, r);

		if (err < 0)
			return err;
	} else if (!(f->open & need)) {
		return -EBADF;
	}
	r->fid = f;
	list_append(&f->requests, &r->of_fid);
	return 0;
}

void fs_submit(struct fs *fs, struct req *r)
{
	struct user *u = user_of(fs, r->caller.uid);
	int err;

	req_init(r);
	err = u == NULL ? -ENOMEM : r->op == REQ_OPEN ? 0 : req_find_file(fs, r);
	if (err < 0) {
		req_finish(fs, r, err);
		return;
	}
	if (u->turn != fs->turn) {
		u->turn = fs->turn;
		u->ran = 0;
	}
	if (list_is_empty(&u->queue) && u->ran < RUNS_AT_ONCE) {
		u->ran++;
		(void)req_run(fs, r);
		return;
	}
	yield(fs, r);
}

void fs_interrupt(struct fs *fs, struct req *r)
{
	if (r->is_parked && r->op == REQ_WRITE && wait_of(r) == WAIT_UP && r->fid->life != NULL)
		ctl_interrupted(r->fid->life);
	req_finish(fs, r, -EINTR);
}

void park_end(struct fid *f, int err)
{
	while (!list_is_empty(&f->requests)) {
		struct req *r = CONTAINER_OF(f->requests.next, struct req, of_fid);
		bool closes = r->op == REQ_OPEN;

		req_finish(f->fs, r, err);
		if (closes)
			return; /* the file went with it */
	}
}

void park_end_queued(struct fs *fs, int err)
{
	LIST_EACH(at, &fs->serving)
	{
		struct user *u = CONTAINER_OF(at, struct user, link);

		while (!list_is_empty(&u->queue))
			req_finish(fs, CONTAINER_OF(u->queue.next, struct req, link), err);
		list_remove(&u->link);
	}
}

/* --- the pump --------------------------------------------------------------------------- */

/* One request of each user, again and again. */
static void serve_users(struct fs *fs, unsigned *budget)
{
	while (*budget > 0 && !list_is_empty(&fs->serving)) {
		struct user *u = CONTAINER_OF(fs->serving.next, struct user, link);

		list_remove(&u->link);
		if (list_is_empty(&u->queue))
			continue;
		struct req *r = CONTAINER_OF(u->queue.next, struct req, link);

		(*budget)--;
		list_remove(&r->link);
		if (!list_is_empty(&u->queue))
			list_append(&fs->serving, &u->link);
		/* It took as long as many others would. */
		if (req_run(fs, r))
			*budget -= min_u32(*budget, YIELD_COST);
	}
}

void park_due(struct life *l)
{
	if (!list_is_linked(&l->due))
		list_append(&l->fs->due, &l->due);
}

/* Which conversations have news? */
static void hear(struct fs *fs, unsigned *budget)
{
	while (*budget > 0) {
		struct conv *conv = conv_next_ready(fs->config.stack);
		struct life *l;

		if (conv == NULL)
			return;
		(*budget)--;
		l = conv_tag(conv);
		if (l == NULL)
			continue; /* its end is nobody's news */
		ctl_heard(l);
		poll_changed(l);
		park_due(l);
	}
}

static void serve_life(struct life *l, unsigned *budget)
{
	bool left = false;

	l->pins++;
	for (unsigned w = 0; w < WAITS; w++) {
		serve_queue(l, w, budget);
		left = left || (!list_is_empty(&l->waits[w]) && is_awake(l, w));
	}
	poll_tell(l, budget);
	if (left || !list_is_empty(&l->to_tell))
		park_due(l);
	l->pins--;
	life_settle(l);
}

static void serve_due(struct fs *fs, unsigned *budget)
{
	while (*budget > 0 && !list_is_empty(&fs->due)) {
		struct life *l = CONTAINER_OF(fs->due.next, struct life, due);

		(*budget)--;
		list_remove(&l->due);
		serve_life(l, budget);
	}
}

bool fs_pump(struct fs *fs)
{
	unsigned to_run = PUMP_MAX;
	unsigned to_hear = PUMP_MAX;
	bool more = holders_pump(fs, PUMP_MAX);

	serve_users(fs, &to_run);
	hear(fs, &to_hear);
	to_run = PUMP_MAX;
	serve_due(fs, &to_run);
	stack_flush(fs->config.stack);
	/* What our own answers and the flush have brought about. */
	hear(fs, &to_hear);
	more |= feeds_serve(fs);
	fs->turn++;
	return more || to_hear == 0 || !list_is_empty(&fs->due) || !list_is_empty(&fs->serving);
}
