#include "sock.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct table {
	pthread_mutex_t lock;
	struct sock *socks; /* by descriptor; without a protocol the entry is free */
	size_t cap;
};

/* The one piece of state of a library whose callers know nothing but small integers. */
static struct table table = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* fork(2) while another thread looks something up must not leave the child's table locked. */
static pthread_once_t forks_minded = PTHREAD_ONCE_INIT;

static void table_lock(void)
{
	pthread_mutex_lock(&table.lock);
}

static void table_unlock(void)
{
	pthread_mutex_unlock(&table.lock);
}

static void mind_forks(void)
{
	pthread_atfork(table_lock, table_unlock, table_unlock);
}

bool sock_is_stream(const struct sock *s)
{
	return strcmp(s->proto, "tcp") == 0;
}

/* Make room for FD's entry; called with the lock held. */
static int table_grow(struct table *t, size_t fd)
{
	size_t cap = t->cap ? t->cap : 16;

	while (cap <= fd)
		cap *= 2;
	if (cap == t->cap)
		return 0;

	struct sock *grown = realloc(t->socks, cap * sizeof(*grown));

	if (!grown)
		return fail(ENOMEM);
	memset(grown + t->cap, 0, (cap - t->cap) * sizeof(*grown));
	t->socks = grown;
	t->cap = cap;
	return 0;
}

int sock_enter(int fd, const struct sock *s)
{
	pthread_once(&forks_minded, mind_forks);
	table_lock();
	int err = table_grow(&table, (size_t)fd);

	if (!err)
		table.socks[fd] = *s;
	table_unlock();
	return err;
}

int sock_find(int fd, struct sock *out)
{
	bool is_found = false;

	table_lock();
	if (fd >= 0 && (size_t)fd < table.cap && table.socks[fd].proto) {
		*out = table.socks[fd];
		is_found = true;
	}
	table_unlock();
	if (is_found)
		return 0;
	return fcntl(fd, F_GETFD) < 0 ? -1 : fail(ENOTSOCK);
}

void sock_forget(int fd)
{
	table_lock();
	if (fd >= 0 && (size_t)fd < table.cap)
		table.socks[fd].proto = NULL;
	table_unlock();
}

/* --- commands ------------------------------------------------------------------------------ */

/*
 * Each command has an open ctl of its own: a second writer on one descriptor would have to wait
 * in the kernel for a connect on it that waits. It waits, or not, as FD does.
 */
int sock_order(int fd, const struct sock *s, const char *verb, const char *argument)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;

	int ctl = dial_open(s->proto, s->number, "ctl", O_WRONLY | (flags & O_NONBLOCK));

	if (ctl < 0)
		return -1;

	int err = dial_order(ctl, "%s %s", verb, argument) < 0 ? errno : 0;

	close(ctl);
	return err ? fail(err) : 0;
}

int sock_serve_anyone(int fd, struct sock *s, const struct place *local)
{
	char text[DIAL_ADDRESS_MAX];

	place_text(local, text, sizeof(text));
	if (sock_order(fd, s, "headers", "on") < 0)
		return -1;
	/* The first of two threads wins, and both are served. */
	if (sock_order(fd, s, "announce", text) < 0 && errno != EISCONN)
		return -1;
	s->headers = true;
	return sock_enter(fd, s);
}
