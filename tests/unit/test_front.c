/*
 * The front against the kernel: a real mount of a tree that is made up, in a mount namespace of
 * the test's own. Where that may not be made the tests say so and skip.
 *
 * The made-up tree has one room with two files: `wait`, a stream whose reads wait for ever and
 * whose writes are kept, and `text`, a table that reads "hello". An ioctl of `wait` gets back what
 * it brought along, behind "so: ", or waits when its number says so.
 */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../fs/fuse.h"
#include "../../stack/stack.h"
#include "../lib/packets.h"

#define NODE_WAIT ((node_t)2)
#define NODE_TEXT ((node_t)3)
#define KEPT_MAX  16
#define PIECE     300000 /* not a multiple of anything */
#define IOC_WAITS 9

struct kept {
	struct buf *buf; /* NULL: the request still waits, and has the bytes */
	struct req *req;
	const uint8_t *at;
	size_t len;
};

/* What the front takes for a tree and for a stack. */
struct fs {
	struct list waiting; /* reads */
	struct kept kept[KEPT_MAX];
	int kept_n;
	bool park_writes;
	void *token; /* of the last poll */
	unsigned events;
	uint32_t mode;   /* as chmod left it */
	bool is_lasting; /* so all names are */
	int lookups;
};

struct stack {
	struct packets packets;
	bool has_no_chunk;
};

struct mounted {
	struct fs fs;
	struct stack stack;
	struct log log;
	struct front *front;
	struct session *session;
	char where[64];
};

/* --- the made-up stack and tree ---------------------------------------------------------- */

struct buf *stack_chunk(struct stack *s)
{
	return s->has_no_chunk ? NULL : buf_new(&s->packets.bufs, BUF_CHUNK, BUF_DATA);
}

static struct fs_attr attr_of(const struct fs *fs, node_t node)
{
	return (struct fs_attr){ .node = node,
		.ino = node,
		.mode = node == NODE_ROOT ? S_IFDIR | 0755 : S_IFREG | fs->mode,
		.nlink = 1,
		.size = node == NODE_WAIT ? FS_DATA_SIZE : 0,
		.born_us = 5 * USEC_PER_SEC,
		.changed_us = 7 * USEC_PER_SEC,
		.is_lasting = fs->is_lasting };
}

int fs_lookup(
	struct fs *fs, const struct cred *who, node_t dir, const char *name, struct fs_attr *out)
{
	(void)who, (void)dir;
	fs->lookups++;
	if (strcmp(name, "wait") == 0)
		*out = attr_of(fs, NODE_WAIT);
	else if (strcmp(name, "text") == 0)
		*out = attr_of(fs, NODE_TEXT);
	else
		return -ENOENT;
	return 0;
}

int fs_getattr(struct fs *fs, node_t node, struct fs_attr *out)
{
	*out = attr_of(fs, node);
	return 0;
}

int fs_setattr(struct fs *fs, const struct cred *who, node_t node, unsigned fields,
	const struct fs_attr *to, struct fs_attr *out)
{
	(void)who;
	if (fields & FS_SET_MODE)
		fs->mode = to->mode & 07777;
	return fs_getattr(fs, node, out);
}

int fs_mkdir(
	struct fs *fs, const struct cred *who, node_t dir, const char *name, struct fs_attr *out)
{
	(void)fs, (void)who, (void)dir, (void)name, (void)out;
	return -EDQUOT;
}

int fs_rmdir(struct fs *fs, const struct cred *who, node_t dir, const char *name)
{
	(void)fs, (void)who, (void)dir, (void)name;
	return -EBUSY;
}

int fs_opendir(struct fs *fs, node_t node)
{
	(void)fs;
	return node == NODE_ROOT ? 0 : -ENOTDIR;
}

int fs_readdir(struct fs *fs, node_t dir, uint64_t cookie, fs_emit *take, void *arg)
{
	const char *names[] = { "wait", "text" };

	(void)dir;
	for (uint64_t i = cookie; i < ARRAY_LEN(names); i++) {
		struct fs_attr a = attr_of(fs, NODE_WAIT + i);

		if (take(arg, names[i], &a, i + 1))
			break;
	}
	return 0;
}

void fs_close(struct fs *fs, uint64_t handle)
{
	(void)fs, (void)handle;
}

unsigned fs_poll_file(struct fs *fs, struct session *from, uint64_t handle, void *token)
{
	(void)handle;
	if (token && fs->token)
		from->token_free(from, fs->token);
	if (token)
		fs->token = token;
	return fs->events;
}

static void take_read(struct fs *fs, struct req *r)
{
	const struct span hello = { (const uint8_t *)"hello", 5 };

	if (r->handle == NODE_TEXT)
		r->answer(r, r->off == 0 ? 5 : 0, &hello, r->off == 0 ? 1 : 0);
	else if (r->nonblock)
		r->answer(r, -EAGAIN, NULL, 0);
	else
		list_append(&fs->waiting, &r->link);
}

static void take_write(struct fs *fs, struct req *r)
{
	struct kept *k = &fs->kept[fs->kept_n++];

	ASSERT(fs->kept_n < KEPT_MAX);
	*k = (struct kept){ .at = r->at, .len = r->len };
	if (fs->park_writes) {
		k->req = r;
		return;
	}
	k->buf = buf_hold(r->buf);
	r->answer(r, (ssize_t)r->len, NULL, 0);
}

static void take_ioctl(struct fs *fs, struct req *r)
{
	struct span pieces[2] = { { (const uint8_t *)"so: ", 4 }, { r->at, 0 } };

	if (r->handle != NODE_WAIT) {
		r->answer(r, -ENOTTY, NULL, 0);
	} else if (_IOC_NR(r->command) == IOC_WAITS) {
		list_append(&fs->waiting, &r->link);
	} else {
		pieces[1].len = (uint32_t)(r->room < r->len + 4 ? 0 : r->len);
		r->answer(r, (ssize_t)r->len, pieces, r->room < 4 ? 0 : 2);
	}
}

void fs_submit(struct fs *fs, struct req *r)
{
	switch ((enum req_op)r->op) {
	case REQ_OPEN:
		r->handle = r->node;
		r->is_stream = r->node == NODE_WAIT;
		r->answer(r, 0, NULL, 0);
		return;
	case REQ_READ:
		take_read(fs, r);
		return;
	case REQ_WRITE:
		take_write(fs, r);
		return;
	case REQ_IOCTL:
		take_ioctl(fs, r);
		return;
	}
}

void fs_interrupt(struct fs *fs, struct req *r)
{
	(void)fs;
	list_remove(&r->link);
	r->answer(r, -EINTR, NULL, 0);
}

/* --- mounting ---------------------------------------------------------------------------- */

static bool may_mount(void)
{
	if (geteuid() == 0 && access("/dev/fuse", R_OK | W_OK) == 0 && unshare(CLONE_NEWNS) == 0 &&
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		return true;
	print_message("skipped: may not mount\n");
	return false;
}

static void mounted_open(struct mounted *m)
{
	struct front_config config = {
		.fs = &m->fs, .stack = &m->stack, .log = &m->log, .mountpoint = m->where
	};
	char why[256] = "";

	if (!may_mount())
		skip();
	memset(m, 0, sizeof(*m));
	list_init(&m->fs.waiting);
	m->fs.mode = 0666;
	packets_open(&m->stack.packets);
	log_open(&m->log, LEVEL_ERROR);
	snprintf(m->where, sizeof(m->where), "/tmp/test_front_XXXXXX");
	assert_non_null(mkdtemp(m->where));
	if (front_open(&m->front, &config, why, sizeof(why)) < 0)
		fail_msg("%s", why);
}

static void mounted_close(struct mounted *m)
{
	while (!list_is_empty(&m->fs.waiting)) {
		struct req *r = CONTAINER_OF(m->fs.waiting.next, struct req, link);

		list_remove(&r->link);
		r->answer(r, -ECONNABORTED, NULL, 0);
	}
	for (int i = 0; i < m->fs.kept_n; i++) {
		if (m->fs.kept[i].req)
			m->fs.kept[i].req->answer(m->fs.kept[i].req, -ECONNABORTED, NULL, 0);
		buf_drop(m->fs.kept[i].buf);
	}
	if (m->fs.token)
		m->session->token_free(m->session, m->fs.token);
	front_close(m->front);
	assert_int_equal(rmdir(m->where), 0);
	packets_close(&m->stack.packets);
}

/* --- clients ----------------------------------------------------------------------------- */

/* Runs in a process of its own, in the mounted directory; 0 or which check failed. */
typedef int client(void);

static pid_t start(struct mounted *m, client *c)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	/* Or our own death would not end the mount. */
	close(front_fd(m->front));
	alarm(20);
	_exit(chdir(m->where) < 0 ? 99 : c());
}

/* Serve what comes within a moment. */
static void serve(struct mounted *m)
{
	struct pollfd in = { .fd = front_fd(m->front), .events = POLLIN };

	if (poll(&in, 1, 10) == 1)
		assert_true(front_pump(m->front, 64) >= 0);
}

static int serve_until_end_of(struct mounted *m, pid_t pid)
{
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0)
		serve(m);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void assert_client(struct mounted *m, client *c)
{
	assert_int_equal(serve_until_end_of(m, start(m, c)), 0);
}

static void wait_for_readers(struct mounted *m, int n)
{
	int readers;

	do {
		serve(m);
		readers = 0;
		LIST_EACH(at, &m->fs.waiting)
		readers++;
	} while (readers < n);
}

/* --- tests ------------------------------------------------------------------------------- */

static int list_and_look(void)
{
	DIR *d = opendir(".");
	struct dirent *e;
	struct stat st;
	int n = 0;

	if (!d)
		return 1;
	while ((e = readdir(d)) != NULL)
		n += strcmp(e->d_name, "wait") == 0 || strcmp(e->d_name, "text") == 0;
	closedir(d);
	if (n != 2)
		return 2;
	if (stat("wait", &st) < 0 || st.st_size != (off_t)FS_DATA_SIZE || st.st_mtime != 7)
		return 3;
	return stat("nothing", &st) == 0 || errno != ENOENT ? 4 : 0;
}

static void files_are_listed_and_looked_at(void **state)
{
	struct mounted m;
	(void)state;

	mounted_open(&m);
	assert_client(&m, list_and_look);
	mounted_close(&m);
}

static int read_text(void)
{
	char bytes[64];
	int fd = open("text", O_RDONLY);

	if (read(fd, bytes, sizeof(bytes)) != 5 || memcmp(bytes, "hello", 5) != 0)
		return 1;
	return read(fd, bytes, sizeof(bytes)) == 0 && lseek(fd, 0, SEEK_SET) == 0 ? 0 : 2;
}

static int look_three_times(void)
{
	struct stat st;

	return stat("text", &st) < 0 || stat("text", &st) < 0 || stat("text", &st) < 0;
}

static void a_name_is_looked_up_each_time_unless_it_lasts(void **state)
{
	struct mounted m;
	(void)state;

	mounted_open(&m);
	assert_client(&m, look_three_times);
	assert_int_equal(m.fs.lookups, 3);
	m.fs.is_lasting = true;
	assert_client(&m, look_three_times);
	assert_int_equal(m.fs.lookups, 4);
	mounted_close(&m);
}

static void a_table_has_a_position_and_an_end(void **state)
{
	struct mounted m;
	(void)state;

	mounted_open(&m);
	assert_client(&m, read_text);
	mounted_close(&m);
}

static int refused_all(void)
{
	struct timespec now[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_NOW } };

	if (open("new", O_CREAT | O_WRONLY, 0600) >= 0 || errno != EPERM)
		return 1;
	if (unlink("text") == 0 || errno != EPERM)
		return 2;
	if (rename("text", "other") == 0 || errno != EPERM)
		return 3;
	if (link("text", "other") == 0 || errno != EPERM)
		return 4;
	if (symlink("text", "other") == 0 || errno != EPERM)
		return 5;
	if (mknod("pipe", S_IFIFO | 0600, 0) == 0 || errno != EPERM)
		return 6;
	if (utimensat(AT_FDCWD, "text", now, 0) == 0 || errno != EPERM)
		return 7;
	if (mkdir("room", 0700) == 0 || errno != EDQUOT)
		return 8;
	return isatty(open("text", O_RDONLY)) || errno != ENOTTY ? 9 : 0;
}

static void what_the_tree_has_no_use_for_is_refused(void **state)
{
	struct mounted m;
	(void)state;

	mounted_open(&m);
	assert_client(&m, refused_all);
	mounted_close(&m);
}

static int change_mode(void)
{
	return chmod("text", 0640) < 0 || truncate("text", 0) < 0;
}

static void a_mode_reaches_the_tree_and_truncating_is_let_pass(void **state)
{
	struct mounted m;
	(void)state;

	mounted_open(&m);
	assert_client(&m, change_mode);
	assert_int_equal(m.fs.mode, 0640);
	mounted_close(&m);
}

static int write_pieces(void)
{
	uint8_t *bytes = malloc(PIECE);
	int fd = open("wait", O_WRONLY);
	struct stat st;

	for (int i = 0; i < 5; i++) {
		memset(bytes, 'a' + i, PIECE);
		if (write(fd, bytes, PIECE) != PIECE || stat("text", &st) < 0)
			return 1;
	}
	return 0;
}

static void assert_kept(const struct kept *k, char letter)
{
	assert_int_equal(k->len, PIECE);
	for (size_t i = 0; i < k->len; i++)
		assert_int_equal(k->at[i], letter);
}

static void written_bytes_stay_where_they_arrived(void **state)
{
	struct mounted m;
	(void)state;

	mounted_open(&m);
	assert_client(&m, write_pieces);
	assert_int_equal(m.fs.kept_n, 5);
	for (int i = 0; i < 5; i++)
		assert_kept(&m.fs.kept[i], (char)('a' + i));
	mounted_close(&m);
}

static void written_bytes_begin_with_a_page(void **state)
{
	struct mounted m;
	(void)state;

	mounted_open(&m);
	assert_client(&m, write_pieces);
	for (int i = 0; i < m.fs.kept_n; i++)
		assert_int_equal((uintptr_t)m.fs.kept[i].at % 4096, 0);
	mounted_close(&m);
}

static int write_one(void)
{
	uint8_t *bytes = malloc(PIECE);

	memset(bytes, 'a', PIECE);
	(void)!write(open("wait", O_WRONLY), bytes, PIECE);
	return 0;
}

static void without_memory_of_the_stack_a_waiting_write_keeps_its_bytes(void **state)
{
	struct mounted m;
	pid_t writer;
	(void)state;

	mounted_open(&m);
	m.stack.has_no_chunk = true;
	m.fs.park_writes = true;
	writer = start(&m, write_one);
	while (m.fs.kept_n == 0)
		serve(&m);
	assert_client(&m, read_text);
	assert_kept(&m.fs.kept[0], 'a');
	m.fs.kept[0].req->answer(m.fs.kept[0].req, PIECE, NULL, 0);
	m.fs.kept[0].req = NULL;
	assert_int_equal(serve_until_end_of(&m, writer), 0);
	mounted_close(&m);
}

static int read_for_ever(void)
{
	char byte;

	return (int)read(open("wait", O_RDONLY), &byte, 1);
}

static void a_reader_that_waits_dies_at_once_when_it_is_killed(void **state)
{
	struct timespec before, after;
	struct mounted m;
	pid_t reader;
	(void)state;

	mounted_open(&m);
	reader = start(&m, read_for_ever);
	wait_for_readers(&m, 1);
	clock_gettime(CLOCK_MONOTONIC, &before);
	kill(reader, SIGKILL);
	assert_int_equal(serve_until_end_of(&m, reader), 1000 + SIGKILL);
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true(
		(after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 <
		100);
	assert_true(list_is_empty(&m.fs.waiting));
	mounted_close(&m);
}

static void on_signal(int number)
{
	(void)number;
}

static int read_until_signal(void)
{
	struct sigaction act = { .sa_handler = on_signal };
	char byte;

	sigaction(SIGUSR1, &act, NULL);
	return read(open("wait", O_RDONLY), &byte, 1) < 0 && errno == EINTR ? 0 : 1;
}

static void a_signal_ends_the_wait_with_eintr(void **state)
{
	struct mounted m;
	pid_t reader;
	(void)state;

	mounted_open(&m);
	reader = start(&m, read_until_signal);
	wait_for_readers(&m, 1);
	kill(reader, SIGUSR1);
	assert_int_equal(serve_until_end_of(&m, reader), 0);
	mounted_close(&m);
}

/* One child reads, the other writes, both on the descriptor that we opened. */
static int read_and_write(void)
{
	int fd = open("wait", O_RDWR), status;
	pid_t reader = fork(), writer;
	char byte = 'x';

	if (reader == 0)
		_exit((int)read(fd, &byte, 1));
	writer = fork();
	if (writer == 0)
		_exit(write(fd, &byte, 1) == 1 ? 0 : 1);
	if (waitpid(writer, &status, 0) != writer || status != 0)
		return 1;
	kill(reader, SIGKILL);
	return waitpid(reader, &status, 0) == reader ? 0 : 2;
}

static void a_reader_that_waits_holds_up_no_writer_on_the_same_descriptor(void **state)
{
	struct mounted m;
	(void)state;

	mounted_open(&m);
	assert_client(&m, read_and_write);
	mounted_close(&m);
}

static int read_nonblocking(void)
{
	char byte;
	int fd = open("wait", O_RDONLY | O_NONBLOCK);

	return read(fd, &byte, 1) < 0 && errno == EAGAIN ? 0 : 1;
}

static void who_does_not_want_to_wait_is_told_to_come_again(void **state)
{
	struct mounted m;
	(void)state;

	mounted_open(&m);
	assert_client(&m, read_nonblocking);
	mounted_close(&m);
}

static int ask_ioctls(void)
{
	static char bytes[16383];
	int fd = open("wait", O_RDWR);
	int length = 1;

	memcpy(bytes, "hand", 4);
	if (ioctl(fd, _IOC(_IOC_WRITE, 'x', 1, 16383), bytes) != 16383)
		return 1;
	if (ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, 'x', 1, 4), bytes) != 4 ||
		memcmp(bytes, "so: ", 5) != 0)
		return 2;
	memset(bytes, '-', 12);
	if (ioctl(fd, _IOC(_IOC_READ, 'x', 1, 8), bytes) != 0 || memcmp(bytes, "so: ----", 8) != 0)
		return 3;
	if (ioctl(fd, _IO('x', 1), NULL) != 0)
		return 4;
	/* The kernel answers this one for a file, from the size that it reports. */
	if (ioctl(fd, FIONREAD, &length) != 0 || length != (int)FS_DATA_SIZE)
		return 5;
	if (ioctl(open("text", O_RDONLY), _IO('x', 1), NULL) == 0 || errno != ENOTTY)
		return 6;
	return ioctl(open(".", O_RDONLY), _IO('x', 1), NULL) < 0 && errno == ENOTTY ? 0 : 7;
}

static void an_ioctl_hands_over_as_much_as_its_number_says(void **state)
{
	struct mounted m;
	(void)state;

	mounted_open(&m);
	assert_client(&m, ask_ioctls);
	m.stack.has_no_chunk = true;
	assert_client(&m, ask_ioctls);
	mounted_close(&m);
}

static int ioctl_until_signal(void)
{
	struct sigaction act = { .sa_handler = on_signal };
	char bytes[100] = "";

	sigaction(SIGUSR1, &act, NULL);
	return ioctl(open("wait", O_RDONLY), _IOC(_IOC_WRITE, 'x', IOC_WAITS, 100), bytes) < 0 &&
			errno == EINTR
		? 0
		: 1;
}

static void an_ioctl_that_waits_is_ended_by_a_signal(void **state)
{
	static const int signals[] = { SIGUSR1, SIGKILL };
	struct mounted m;
	pid_t asker;
	(void)state;

	mounted_open(&m);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		asker = start(&m, ioctl_until_signal);
		wait_for_readers(&m, 1);
		kill(asker, signals[i]);
		assert_int_equal(serve_until_end_of(&m, asker), i == 0 ? 0 : 1000 + SIGKILL);
		assert_true(list_is_empty(&m.fs.waiting));
	}
	mounted_close(&m);
}

/* One child waits in an ioctl, the other writes, both on the descriptor that we opened. */
static int ioctl_and_write(void)
{
	int fd = open("wait", O_RDWR), status;
	pid_t asker = fork(), writer;
	char byte = 'x';

	if (asker == 0)
		_exit(ioctl(fd, _IO('x', IOC_WAITS), NULL));
	writer = fork();
	if (writer == 0)
		_exit(write(fd, &byte, 1) == 1 && ioctl(fd, _IO('x', 1), NULL) == 0 ? 0 : 1);
	if (waitpid(writer, &status, 0) != writer || status != 0)
		return 1;
	kill(asker, SIGKILL);
	return waitpid(asker, &status, 0) == asker ? 0 : 2;
}

static void an_ioctl_that_waits_holds_up_nobody_on_the_same_descriptor(void **state)
{
	struct mounted m;
	(void)state;

	mounted_open(&m);
	assert_client(&m, ioctl_and_write);
	mounted_close(&m);
}

static int splice_out(void)
{
	int fd = open("wait", O_RDONLY | O_NONBLOCK), ends[2];
	char *page;

	/* Before Linux 6.5 it is a read like any other. */
	if (pipe(ends) < 0 || splice(fd, NULL, ends[1], NULL, 5, 0) >= 0 ||
		(errno != EINVAL && errno != EAGAIN))
		return 1;
	page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	return page == MAP_FAILED && errno == ENODEV ? 0 : 2;
}

static void what_the_kernel_would_keep_in_pages_is_refused(void **state)
{
	struct mounted m;
	(void)state;

	mounted_open(&m);
	assert_client(&m, splice_out);
	assert_true(list_is_empty(&m.fs.waiting));
	mounted_close(&m);
}

static int poll_for_input(void)
{
	struct pollfd in = { .fd = open("wait", O_RDONLY), .events = POLLIN };

	return poll(&in, 1, 10000) == 1 && (in.revents & POLLIN) ? 0 : 1;
}

/* The front passes itself as the session; it is what a request names. */
static void remember_session(struct mounted *m)
{
	pid_t reader = start(m, read_for_ever);

	wait_for_readers(m, 1);
	m->session = CONTAINER_OF(m->fs.waiting.next, struct req, link)->session;
	kill(reader, SIGKILL);
	(void)serve_until_end_of(m, reader);
}

static void a_poll_that_waits_is_woken(void **state)
{
	struct mounted m;
	pid_t poller;
	(void)state;

	mounted_open(&m);
	remember_session(&m);
	poller = start(&m, poll_for_input);
	while (!m.fs.token)
		serve(&m);
	m.fs.events = POLLIN;
	m.session->notify(m.session, m.fs.token);
	assert_int_equal(serve_until_end_of(&m, poller), 0);
	mounted_close(&m);
}

static void the_mount_of_a_dead_server_is_cleared_away(void **state)
{
	struct mounted m;
	struct front_config config = {
		.fs = &m.fs, .stack = &m.stack, .log = &m.log, .mountpoint = m.where
	};
	struct stat st;
	char why[256] = "";
	pid_t server;
	int status;
	(void)state;

	mounted_open(&m);
	front_close(m.front);
	server = fork();
	if (server == 0)
		_exit(front_open(&m.front, &config, why, sizeof(why)) < 0);
	assert_int_equal(waitpid(server, &status, 0), server);
	assert_int_equal(status, 0);
	assert_true(stat(m.where, &st) < 0 && errno == ENOTCONN);
	if (front_open(&m.front, &config, why, sizeof(why)) < 0)
		fail_msg("%s", why);
	assert_client(&m, read_text);
	mounted_close(&m);
}

static void a_mount_that_is_taken_away_is_told(void **state)
{
	struct mounted m;
	int got;
	(void)state;

	mounted_open(&m);
	assert_client(&m, read_text);
	assert_int_equal(umount2(m.where, MNT_DETACH), 0);
	while ((got = front_pump(m.front, 64)) >= 0)
		;
	assert_int_equal(got, -ENODEV);
	mounted_close(&m);
}

static void a_missing_mount_point_is_told_with_its_remedy(void **state)
{
	struct log log;
	struct front_config config = { .log = &log, .mountpoint = "/tmp/test_front_nowhere" };
	struct front *f = NULL;
	char why[256] = "";
	(void)state;

	log_open(&log, LEVEL_ERROR);
	assert_int_equal(front_open(&f, &config, why, sizeof(why)), -ENOENT);
	assert_non_null(strstr(why, "mkdir -p /tmp/test_front_nowhere"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_listed_and_looked_at),
		cmocka_unit_test(a_name_is_looked_up_each_time_unless_it_lasts),
		cmocka_unit_test(a_table_has_a_position_and_an_end),
		cmocka_unit_test(what_the_tree_has_no_use_for_is_refused),
		cmocka_unit_test(a_mode_reaches_the_tree_and_truncating_is_let_pass),
		cmocka_unit_test(written_bytes_stay_where_they_arrived),
		cmocka_unit_test(written_bytes_begin_with_a_page),
		cmocka_unit_test(without_memory_of_the_stack_a_waiting_write_keeps_its_bytes),
		cmocka_unit_test(a_reader_that_waits_dies_at_once_when_it_is_killed),
		cmocka_unit_test(a_signal_ends_the_wait_with_eintr),
		cmocka_unit_test(a_reader_that_waits_holds_up_no_writer_on_the_same_descriptor),
		cmocka_unit_test(who_does_not_want_to_wait_is_told_to_come_again),
		cmocka_unit_test(an_ioctl_hands_over_as_much_as_its_number_says),
		cmocka_unit_test(an_ioctl_that_waits_is_ended_by_a_signal),
		cmocka_unit_test(an_ioctl_that_waits_holds_up_nobody_on_the_same_descriptor),
		cmocka_unit_test(what_the_kernel_would_keep_in_pages_is_refused),
		cmocka_unit_test(a_poll_that_waits_is_woken),
		cmocka_unit_test(the_mount_of_a_dead_server_is_cleared_away),
		cmocka_unit_test(a_mount_that_is_taken_away_is_told),
		cmocka_unit_test(a_missing_mount_point_is_told_with_its_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
