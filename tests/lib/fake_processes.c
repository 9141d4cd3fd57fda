/* fake_processes.c - an opener without a system. */
#include "fake_processes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "../../fs/fs.h"

static int find(const struct fake_processes *p, int32_t thread)
{
	for (unsigned i = 0; i < p->n; i++) {
		if (p->leader[i] == thread)
			return (int)i;
	}
	return -1;
}

static int look(void *arg, int32_t pid, struct process *out)
{
	const struct fake_processes *p = arg;
	int i = find(p, pid);

	if (i < 0)
		return -ESRCH;
	*out = p->v[i];
	return 0;
}

static int pidfd(void *arg, int32_t pid, void *token)
{
	struct fake_processes *p = arg;
	int i = find(p, pid);

	if (i < 0 || p->v[i].pid != pid)
		return -ESRCH;
	for (unsigned fd = 0; fd < p->fds_max; fd++) {
		if (p->fds[fd].is_out)
			continue;
		p->fds[fd] = (struct fake_pidfd){ .is_out = true, .pid = pid, .token = token };
		if (p->ends_opened == pid)
			fake_process_ends(p, pid, NULL);
		return (int)fd;
	}
	return -EMFILE;
}

static struct fake_pidfd *out(struct fake_processes *p, int fd)
{
	assert_in_range(fd, 0, FAKE_PIDFDS_MAX - 1);
	assert_true(p->fds[fd].is_out);
	return &p->fds[fd];
}

static bool has_ended(void *arg, int fd)
{
	return out(arg, fd)->has_ended;
}

static void let_go(void *arg, int fd)
{
	out(arg, fd)->is_out = false;
}

void fake_processes_init(struct fake_processes *p)
{
	memset(p, 0, sizeof(*p));
	p->opener = (struct opener){
		.look = look, .pidfd = pidfd, .has_ended = has_ended, .let_go = let_go, .arg = p
	};
	p->fds_max = FAKE_PIDFDS_MAX;
}

void fake_process(struct fake_processes *p, int32_t pid, uint32_t uid, int32_t within)
{
	assert_true(p->n < FAKE_PROCESSES_MAX);
	p->leader[p->n] = pid;
	p->v[p->n++] = (struct process){ .pid = pid,
		.pid_within = within != 0 ? within : pid,
		.is_within = within != 0,
		.uid = uid,
		.euid = uid };
}

struct process *fake_process_of(struct fake_processes *p, int32_t pid)
{
	int i = find(p, pid);

	assert_true(i >= 0);
	return &p->v[i];
}

void fake_thread(struct fake_processes *p, int32_t pid, int32_t leader)
{
	struct process process = *fake_process_of(p, leader);
	int i = find(p, pid);

	if (i < 0) {
		assert_true(p->n < FAKE_PROCESSES_MAX);
		i = (int)p->n++;
	}
	p->leader[i] = pid;
	p->v[i] = process;
}

static void forget(struct fake_processes *p, int32_t pid)
{
	for (unsigned i = 0; i < p->n;) {
		if (p->v[i].pid != pid) {
			i++;
			continue;
		}
		p->n--;
		p->v[i] = p->v[p->n];
		p->leader[i] = p->leader[p->n];
	}
}

void fake_process_ends(struct fake_processes *p, int32_t pid, struct fs *fs)
{
	forget(p, pid);
	for (unsigned fd = 0; fd < FAKE_PIDFDS_MAX; fd++) {
		if (p->fds[fd].is_out && p->fds[fd].pid == pid)
			p->fds[fd].has_ended = true;
	}
	if (fs != NULL)
		fake_processes_tell(p, fs);
}

void fake_processes_tell(struct fake_processes *p, struct fs *fs)
{
	for (unsigned fd = 0; fd < FAKE_PIDFDS_MAX; fd++) {
		if (p->fds[fd].is_out && p->fds[fd].has_ended)
			fs_process_ended(fs, p->fds[fd].token);
	}
}

unsigned fake_pidfds(const struct fake_processes *p)
{
	unsigned n = 0;

	for (unsigned fd = 0; fd < FAKE_PIDFDS_MAX; fd++)
		n += p->fds[fd].is_out;
	return n;
}
