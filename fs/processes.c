/* processes.c - pidfds in an epoll, and the lines "Tgid:", "NStgid:" and "Uid:" of /proc. */
#include "processes.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fs.h"

#define TOLD_MAX   64   /* ends told of in one turn */
#define STATUS_MAX 4096 /* the lines that are read stand in front */

struct processes {
	struct opener opener;
	int epoll_fd;
	unsigned out;  /* descriptors not let go */
	bool has_proc; /* /proc counts processes as we do */
};

/* --- /proc ----------------------------------------------------------------------------------- */

static int read_status(int32_t pid, char *to, size_t cap)
{
	char path[40];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == EMFILE || errno == ENFILE ? -EMFILE : -ESRCH;
	n = read(fd, to, cap - 1);
	close(fd);
	to[n > 0 ? n : 0] = '\0';
	return n > 0 ? 0 : -ESRCH;
}

/* What stands behind "\nNAME:" in the status; NULL. */
static const char *line_of(const char *status, const char *name)
{
	const char *at = strstr(status, name);

	return at == NULL ? NULL : at + strlen(name);
}

/* One that was mounted in another pid namespace would tell of other processes. */
static bool is_our_proc(void)
{
	char self[16] = "";

	return readlink("/proc/self", self, sizeof(self) - 1) > 0 &&
		strtol(self, NULL, 10) == getpid();
}

/* "NStgid: 4711 12 1": in the numbers of each namespace, from ours inwards. */
static void take_within(struct process *out, const char *at)
{
	char *end;
	long n;

	out->pid_within = out->pid;
	out->is_within = false;
	if (at == NULL)
		return;
	for (unsigned i = 0;; i++) {
		n = strtol(at, &end, 10);
		if (end == at || *at == '\n')
			return;
		out->is_within = i > 0;
		out->pid_within = (int32_t)n;
		if (*end == '\n')
			return;
		at = end;
	}
}

static int look(void *arg, int32_t pid, struct process *out)
{
	const struct processes *p = arg;
	char status[STATUS_MAX];
	const char *tgid, *uids;
	char *end;
	int err = p->has_proc ? read_status(pid, status, sizeof(status)) : -ESRCH;

	if (err < 0)
		return err;
	tgid = line_of(status, "\nTgid:");
	uids = line_of(status, "\nUid:");
	if (tgid == NULL || uids == NULL)
		return -ESRCH;
	out->pid = (int32_t)strtol(tgid, NULL, 10);
	out->uid = (uint32_t)strtoul(uids, &end, 10);
	out->euid = (uint32_t)strtoul(end, NULL, 10);
	take_within(out, line_of(status, "\nNStgid:"));
	return out->pid > 0 ? 0 : -ESRCH;
}

/* --- pidfds ---------------------------------------------------------------------------------- */

/* There is none, it is a thread that does not lead, or it has ended: nobody can be held by it. */
static int refusal(int err)
{
	switch (err) {
	case EMFILE:
	case ENFILE:
	case ENOSPC: /* of what one user may have epoll look after */
		return -EMFILE;
	case ENOMEM:
		return -ENOMEM;
	default:
		return -ESRCH;
	}
}

static int open_pidfd(void *arg, int32_t pid, void *token)
{
	struct processes *p = arg;
	struct epoll_event e = { .events = EPOLLIN, .data = { .ptr = token } };
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0)
		return refusal(errno);
	if (epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, fd, &e) < 0) {
		int err = refusal(errno);

		close(fd);
		return err;
	}
	p->out++;
	return fd;
}

static bool has_ended(void *arg, int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	(void)arg;
	return poll(&poll_fd, 1, 0) > 0;
}

static void let_go(void *arg, int fd)
{
	struct processes *p = arg;

	(void)epoll_ctl(p->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	close(fd);
	p->out--;
}

/* One at a time, for being told of one end may let go of another's descriptor. */
void processes_pump(struct processes *p, struct fs *fs)
{
	struct epoll_event e;

	for (unsigned i = 0; i < TOLD_MAX && epoll_wait(p->epoll_fd, &e, 1, 0) == 1; i++)
		fs_process_ended(fs, e.data.ptr);
}

/* --- beginning and end ----------------------------------------------------------------------- */

int processes_new(struct processes **out)
{
	struct processes *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -ENOMEM;
	p->opener = (struct opener){ .look = look,
		.pidfd = open_pidfd,
		.has_ended = has_ended,
		.let_go = let_go,
		.arg = p };
	p->has_proc = is_our_proc();
	p->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (p->epoll_fd < 0) {
		int err = -errno;

		free(p);
		return err;
	}
	*out = p;
	return 0;
}

const struct opener *processes_opener(const struct processes *p)
{
	return &p->opener;
}

int processes_fd(const struct processes *p)
{
	return p->epoll_fd;
}

void processes_free(struct processes *p)
{
	if (p == NULL)
		return;
	ASSERT(p->out == 0);
	close(p->epoll_fd);
	free(p);
}
