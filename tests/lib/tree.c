/* tree.c - a tree in a world of its own. */
#include "tree.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "../../stack/limits.h"

#define MEMORY    ((size_t)192 << 20)
#define TURNS_MAX 1000
#define TEXT_MAX  65536

static void *memory_take(void *arg, size_t len)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	(void)arg;
	return at == MAP_FAILED ? NULL : at;
}

static void memory_give_back(void *arg, void *at, size_t len)
{
	(void)arg;
	munmap(at, len);
}

static bool refuse(void *arg)
{
	struct world *w = arg;

	w->allocations++;
	if (w->refuse_at == 0)
		return false;
	if (w->refuse_at > 1) {
		w->refuse_at--;
		return false;
	}
	if (!w->refuse_all)
		w->refuse_at = 0;
	return true;
}

static void notify(struct session *session, void *token)
{
	struct token *t = token;

	(void)session;
	assert_false(t->is_freed);
	t->notified++;
}

static void token_free(struct session *session, void *token)
{
	struct token *t = token;

	CONTAINER_OF(session, struct world, session)->tokens_freed++;
	assert_false(t->is_freed);
	t->is_freed = true;
}

struct fs_config world_config(void)
{
	return (struct fs_config){ .version = "test", .secret = 0x5ec2e7 };
}

void world_up_with(struct world *w, const struct fs_config *config)
{
	static const uint32_t users[] = { ALICE, BOB, ROOT };
	struct stack_config machine = {
		.memory_take = memory_take,
		.memory_give_back = memory_give_back,
		.memory = MEMORY,
		.udp_convs_max = LIMIT_UDP_CONVS, /* a third is one user's: 10,000 */
		.trace_events = WORLD_EVENTS,
		.secret = "a secret of 16",
		.seed = "a seed of 16 b",
	};
	struct fs_config whole = *config;

	*w = (struct world){ .now_us = USEC_PER_SEC };
	w->stack = stack_new(&machine, w->now_us);
	assert_non_null(w->stack);
	whole.stack = w->stack;
	fake_processes_init(&w->processes);
	for (unsigned i = 0; i < ARRAY_LEN(users); i++)
		fake_process(&w->processes, cred_of(users[i]).pid, users[i], 0);
	if (whole.opener == NULL)
		whole.opener = &w->processes.opener;
	whole.refuse = refuse;
	whole.refuse_arg = w;
	w->fs = fs_new(&whole, w->now_us);
	assert_non_null(w->fs);
	w->session = (struct session){ .fs = w->fs, .notify = notify, .token_free = token_free };
	w->chunk = stack_chunk(w->stack);
	assert_non_null(w->chunk);
}

void world_up(struct world *w)
{
	struct fs_config config = world_config();

	world_up_with(w, &config);
}

void world_down(struct world *w)
{
	world_turn(w);
	fs_free(w->fs);
	buf_drop(w->chunk);
	stack_check(w->stack);
	stack_free(w->stack);
}

int world_setup(void **state)
{
	static struct world w;

	world_up(&w);
	*state = &w;
	return 0;
}

int world_teardown(void **state)
{
	world_down(*state);
	return 0;
}

void world_turn(struct world *w)
{
	bool more = true;

	for (unsigned i = 0; more && i < TURNS_MAX; i++) {
		stack_poll(w->stack, w->now_us);
		fs_poll(w->fs, w->now_us);
		more = fs_pump(w->fs);
		more |= stack_deadline(w->stack) <= w->now_us;
		more |= fs_deadline(w->fs) <= w->now_us;
	}
	assert_false(more);
	fs_check(w->fs);
}

void world_sleep(struct world *w, usec_t us)
{
	usec_t end_us = w->now_us + us;

	world_turn(w);
	while (w->now_us < end_us) {
		usec_t next_us = stack_deadline(w->stack);

		next_us = min_u64(next_us, fs_deadline(w->fs));
		w->now_us = min_u64(max_u64(next_us, w->now_us + 1), end_us);
		world_turn(w);
	}
}

struct cred cred_of(uint32_t uid)
{
	return (struct cred){
		.uid = uid, .gid = uid + 10000, .pid = uid == ROOT ? 1 : (int32_t)uid
	};
}

int walk(struct world *w, uint32_t uid, const char *path, struct fs_attr *out)
{
	struct cred who = cred_of(uid);
	char name[256];
	int err = fs_getattr(w->fs, NODE_ROOT, out);

	while (err == 0 && *path != '\0') {
		size_t len = strcspn(path, "/");

		assert_true(len < sizeof(name));
		memcpy(name, path, len);
		name[len] = '\0';
		path += len;
		while (*path == '/')
			path++;
		if (len > 0)
			err = fs_lookup(w->fs, &who, out->node, name, out);
	}
	return err;
}

/* --- requests ---------------------------------------------------------------------------- */

static int answer(struct req *r, ssize_t result, const struct span *spans, int pieces)
{
	struct asked *a = CONTAINER_OF(r, struct asked, req);

	assert_false(a->is_answered);
	a->is_answered = true;
	a->result = result;
	a->pieces = pieces;
	if (r->buf != NULL)
		buf_drop(r->buf);
	r->buf = NULL;
	for (int i = 0; i < pieces; i++) {
		a->bytes = realloc(a->bytes, a->bytes_len + spans[i].len + 1);
		assert_non_null(a->bytes);
		memcpy(a->bytes + a->bytes_len, spans[i].at, spans[i].len);
		a->bytes_len += spans[i].len;
	}
	if (pieces > 0 && r->op == REQ_READ)
		assert_int_equal(a->bytes_len, result);
	return a->is_lost ? -ENOENT : 0;
}

static struct asked *asked_new(struct world *w, uint32_t uid, enum req_op op, unsigned how)
{
	struct asked *a = calloc(1, sizeof(*a));

	assert_non_null(a);
	/* What a front leaves undone must not matter. */
	memset(&a->req, 0xa5, sizeof(a->req));
	a->world = w;
	a->req.op = (uint8_t)op;
	a->req.open = (uint8_t)(how & O_RW);
	a->req.nonblock = (how & O_N) != 0;
	a->req.session = &w->session;
	a->req.caller = cred_of(uid);
	a->req.buf = NULL;
	a->req.off = 0;
	a->req.len = 0;
	a->req.answer = answer;
	return a;
}

static struct asked *submit(struct asked *a)
{
	fs_submit(a->world->fs, &a->req);
	return a;
}

struct asked *ask_open(struct world *w, uint32_t uid, const char *path, unsigned how)
{
	struct asked *a = asked_new(w, uid, REQ_OPEN, how);
	struct fs_attr attr;
	int err = walk(w, uid, path, &attr);

	if (err < 0) {
		a->is_answered = true;
		a->result = err;
		return a;
	}
	a->req.node = attr.node;
	a->node = attr.node;
	return submit(a);
}

struct asked *ask_open_node(struct world *w, uint32_t uid, node_t node, unsigned how)
{
	struct asked *a = asked_new(w, uid, REQ_OPEN, how);

	a->req.node = node;
	a->node = node;
	return submit(a);
}

struct asked *ask_read_at(struct world *w, uint32_t uid, uint64_t handle, uint64_t off, size_t len)
{
	struct asked *a = asked_new(w, uid, REQ_READ, 0);

	a->req.handle = handle;
	a->req.off = off;
	a->req.len = len;
	return submit(a);
}

struct asked *ask_read(struct world *w, uint32_t uid, uint64_t handle, size_t len, unsigned how)
{
	struct asked *a = asked_new(w, uid, REQ_READ, how);

	a->req.handle = handle;
	a->req.len = len;
	return submit(a);
}

/* As a front receives: one WRITE behind another in a chunk. */
static void receive(struct world *w, struct req *r, const void *at, size_t len)
{
	assert_true(len <= w->chunk->cap);
	if (w->chunk->cap - w->chunk_used < len) {
		buf_drop(w->chunk);
		w->chunk = stack_chunk(w->stack);
		assert_non_null(w->chunk);
		w->chunk_used = 0;
	}
	memcpy(w->chunk->data + w->chunk_used, at, len);
	r->buf = buf_hold(w->chunk);
	r->at = w->chunk->data + w->chunk_used;
	r->len = len;
	w->chunk_used += len;
}

struct asked *ask_write(
	struct world *w, uint32_t uid, uint64_t handle, const void *at, size_t len, unsigned how)
{
	struct asked *a = asked_new(w, uid, REQ_WRITE, how);

	a->req.handle = handle;
	receive(w, &a->req, at, len);
	return submit(a);
}

struct asked *ask_ioctl(struct world *w, uint32_t uid, uint64_t handle, unsigned command,
	const void *in, size_t in_len, size_t room)
{
	struct asked *a = asked_new(w, uid, REQ_IOCTL, 0);

	a->req.handle = handle;
	a->req.command = command;
	a->req.room = (uint32_t)room;
	if (in_len > 0)
		receive(w, &a->req, in, in_len);
	return submit(a);
}

void asked_free(struct asked *a)
{
	assert_true(a->is_answered);
	free(a->bytes);
	free(a);
}

ssize_t outcome(struct asked *a)
{
	ssize_t result = a->result;

	assert_true(a->is_answered);
	asked_free(a);
	return result;
}

uint64_t opened(struct asked *a)
{
	uint64_t handle = a->req.handle;

	assert_int_equal(outcome(a), 0);
	return handle;
}

/* --- in one go --------------------------------------------------------------------------- */

uint64_t open_file(struct world *w, const char *path, unsigned how)
{
	struct asked *a = ask_open(w, ALICE, path, how);

	world_turn(w);
	return opened(a);
}

int open_error(struct world *w, uint32_t uid, const char *path, unsigned how)
{
	struct asked *a = ask_open(w, uid, path, how);
	int err;

	world_turn(w);
	err = (int)a->result;
	if (err == 0)
		close_file(w, a->req.handle);
	asked_free(a);
	return err;
}

ssize_t write_text(struct world *w, uint64_t handle, const char *text)
{
	struct asked *a = ask_write(w, ALICE, handle, text, strlen(text), 0);

	world_turn(w);
	return outcome(a);
}

static const char *text_of(struct asked *a)
{
	static char text[TEXT_MAX];

	assert_true(a->is_answered);
	assert_true(a->bytes_len < sizeof(text));
	if (a->result < 0) {
		snprintf(text, sizeof(text), "errno %d", (int)-a->result);
	} else {
		memcpy(text, a->bytes == NULL ? (const uint8_t *)"" : a->bytes, a->bytes_len);
		text[a->bytes_len] = '\0';
	}
	asked_free(a);
	return text;
}

const char *read_text(struct world *w, uint64_t handle)
{
	struct asked *a = ask_read(w, ALICE, handle, TEXT_MAX - 1, 0);

	world_turn(w);
	return text_of(a);
}

void close_file(struct world *w, uint64_t handle)
{
	fs_close(w->fs, handle);
	world_turn(w);
}

const char *cat(struct world *w, uint32_t uid, const char *path)
{
	struct asked *a = ask_open(w, uid, path, O_R);
	const char *text;
	uint64_t handle;

	world_turn(w);
	if (a->result < 0)
		return text_of(a);
	handle = opened(a);
	a = ask_read(w, uid, handle, TEXT_MAX - 1, 0);
	world_turn(w);
	text = text_of(a);
	close_file(w, handle);
	return text;
}

ssize_t echo(struct world *w, uint32_t uid, const char *text, const char *path)
{
	struct asked *a = ask_open(w, uid, path, O_W);
	uint64_t handle;
	ssize_t n;

	world_turn(w);
	if (a->result < 0)
		return outcome(a);
	handle = opened(a);
	a = ask_write(w, uid, handle, text, strlen(text), 0);
	world_turn(w);
	n = outcome(a);
	close_file(w, handle);
	return n;
}

struct end end_open(struct world *w, const char *proto)
{
	struct end e = { .ctl = 0 };
	char path[32];

	snprintf(path, sizeof(path), "/%s/clone", proto);
	e.ctl = open_file(w, path, O_RW);
	e.number = strtoull(read_text(w, e.ctl), NULL, 10);
	snprintf(e.dir, sizeof(e.dir), "/%s/%llu", proto, (unsigned long long)e.number);
	e.data = open_file(w, end_path(&e, "data"), O_RW);
	return e;
}

void end_close(struct world *w, struct end *e)
{
	close_file(w, e->data);
	close_file(w, e->ctl);
}

const char *end_path(const struct end *e, const char *file)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", e->dir, file);
	return path;
}

void ends_connect(struct world *w, const char *proto, struct end *near, struct end *far)
{
	*near = end_open(w, proto);
	*far = end_open(w, proto);
	if (strcmp(proto, "udp") == 0) {
		assert_int_equal(
			write_text(w, far->ctl, "connect 127.0.0.1!4000 127.0.0.1!5000"), 37);
		assert_int_equal(
			write_text(w, near->ctl, "connect 127.0.0.1!5000 127.0.0.1!4000"), 37);
		return;
	}
	struct end listener = *far;
	struct asked *call;

	assert_int_equal(write_text(w, listener.ctl, "announce 127.0.0.1!5000"), 23);
	call = ask_open(w, ALICE, end_path(&listener, "listen"), O_RW);
	assert_int_equal(write_text(w, near->ctl, "connect 127.0.0.1!5000"), 22);
	far->ctl = opened(call);
	far->number = strtoull(read_text(w, far->ctl), NULL, 10);
	snprintf(far->dir, sizeof(far->dir), "/%s/%llu", proto, (unsigned long long)far->number);
	far->data = open_file(w, end_path(far, "data"), O_RW);
	end_close(w, &listener);
}

static const char *split_path(const char *path, char *dir, size_t dir_len)
{
	const char *last = strrchr(path, '/');

	assert_non_null(last);
	assert_true((size_t)(last - path) < dir_len);
	memcpy(dir, path, (size_t)(last - path));
	dir[last - path] = '\0';
	return last + 1;
}

int make_dir(struct world *w, uint32_t uid, const char *path)
{
	struct cred who = cred_of(uid);
	struct fs_attr attr;
	char dir[64];
	const char *name = split_path(path, dir, sizeof(dir));

	assert_int_equal(walk(w, uid, dir, &attr), 0);
	return fs_mkdir(w->fs, &who, attr.node, name, &attr);
}

int remove_dir(struct world *w, uint32_t uid, const char *path)
{
	struct cred who = cred_of(uid);
	struct fs_attr attr;
	char dir[64];
	const char *name = split_path(path, dir, sizeof(dir));
	int err;

	assert_int_equal(walk(w, uid, dir, &attr), 0);
	err = fs_rmdir(w->fs, &who, attr.node, name);
	world_turn(w);
	return err;
}

static bool list_name(void *arg, const char *name, const struct fs_attr *attr, uint64_t next)
{
	char *text = arg;
	size_t len = strlen(text);

	(void)attr;
	(void)next;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	assert_true(len + strlen(name) + 2 < TEXT_MAX);
	snprintf(text + len, TEXT_MAX - len, "%s%s", len > 0 ? " " : "", name);
	return false;
}

const char *ls(struct world *w, const char *path)
{
	static char text[TEXT_MAX];
	struct fs_attr attr;

	text[0] = '\0';
	assert_int_equal(walk(w, ALICE, path, &attr), 0);
	assert_int_equal(fs_readdir(w->fs, attr.node, 0, list_name, text), 0);
	return text;
}

unsigned poll_file(struct world *w, uint64_t handle, struct token *token)
{
	return fs_poll_file(w->fs, &w->session, handle, token);
}
