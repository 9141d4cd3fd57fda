#include "daemon.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "mount_helper.h"

#define PID_TEXT_MAX 16
/* Longer than any service manager that works needs to take a line. */
#define NOTIFY_WAIT_US 200000

__attribute__((format(printf, 4, 5))) static int fail(
	char *why, size_t why_len, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, why_len, format, args);
	va_end(args);
	return err;
}

/* --- the background ---------------------------------------------------------------------- */

/* As a program that was ended by SIGNAL_NUMBER. */
_Noreturn static void end_by(int signal_number)
{
	sigset_t set;

	signal(signal_number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, signal_number);
	raise(signal_number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + signal_number);
}

static int as_it_is(int status)
{
	return status;
}

/* CHILD has ended before it served. */
_Noreturn static void end_as(const struct daemon *d, pid_t child, int signalled)
{
	int (*const said)(int) = d->by_mount ? mount_helper_status : as_it_is;
	int status = 0;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (signalled)
		end_by(signalled);
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status) == EX_OK ? said(EX_TEMPFAIL) : WEXITSTATUS(status));
	fprintf(stderr, "catnetd: the server was ended by signal %d (%s) before it served\n",
		WTERMSIG(status), strsignal(WTERMSIG(status)));
	_exit(said(EX_OSERR));
}

/* Until CHILD says on READY that it serves, or has ended. Signals that would end us are its. */
_Noreturn static void wait_for(
	const struct daemon *d, pid_t child, int ready, const sigset_t *signals)
{
	struct pollfd fds[2] = { { .fd = ready, .events = POLLIN },
		{ .fd = signalfd(-1, signals, SFD_CLOEXEC), .events = POLLIN } };
	struct signalfd_siginfo info;
	int signalled = 0;
	char byte;

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			end_as(d, child, signalled);
		if ((fds[1].revents & POLLIN) &&
			read(fds[1].fd, &info, sizeof(info)) == sizeof(info)) {
			signalled = (int)info.ssi_signo;
			kill(child, SIGTERM);
		}
		if (fds[0].revents == 0)
			continue;
		if (read(ready, &byte, 1) == 1)
			_exit(EX_OK);
		end_as(d, child, signalled);
	}
}

/* In the child: it goes with its parent until it serves. */
static int leave(pid_t parent, const sigset_t *old)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		return -errno;
	sigprocmask(SIG_SETMASK, old, NULL);
	if (getppid() != parent)
		_exit(EX_TEMPFAIL);
	setsid();
	return 0;
}

/* Only the child returns. */
static int to_background(struct daemon *d)
{
	pid_t parent = getpid();
	sigset_t signals, old;
	int fds[2];
	pid_t child;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, &signals, &old);
	child = fork();
	if (child > 0) {
		close(fds[1]);
		wait_for(d, child, fds[0], &signals);
	}
	close(fds[0]);
	if (child < 0) {
		int err = -errno;

		close(fds[1]);
		return err;
	}
	d->parent = fds[1];
	return leave(parent, &old);
}

/* A file that standard error was sent to goes on being written; a terminal, or a pipe whose
 * reader waits for its end, is let go. */
static void let_go_of_terminal(struct log *log)
{
	struct stat st;
	bool keep = fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (!keep)
		log_to_system(log);
	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (!keep)
		dup2(null, STDERR_FILENO);
	close(null);
}

/* --- the PID file ------------------------------------------------------------------------ */

static int open_pid_dir(struct daemon *d, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int err = 0;

	d->pid_name = strdup(slash ? slash + 1 : path);
	if (!dir || !d->pid_name)
		err = -ENOMEM;
	if (err == 0) {
		d->pid_dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
		err = d->pid_dir < 0 ? -errno : 0;
	}
	free(dir);
	return err;
}

/* A live server that has the file keeps it locked; what a dead one left is taken over. 0, -EBUSY
 * with the file open, or -errno. */
static int lock_pid_file(struct daemon *d)
{
	struct stat st;

	for (;;) {
		d->pid_fd = openat(d->pid_dir, d->pid_name,
			O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0644);
		if (d->pid_fd < 0)
			return -errno;
		if (flock(d->pid_fd, LOCK_EX | LOCK_NB) < 0)
			return errno == EWOULDBLOCK ? -EBUSY : -errno;
		/* Whoever had it has perhaps taken it away meanwhile, with his lock. */
		if (fstat(d->pid_fd, &st) == 0 && st.st_nlink > 0)
			break;
		close(d->pid_fd);
	}
	/* A dead one's number may be anybody's by now. */
	(void)!ftruncate(d->pid_fd, 0);
	return 0;
}

static int open_pid_file(struct daemon *d, const char *path, int *status, char *why, size_t why_len)
{
	char pid[PID_TEXT_MAX] = "";
	int err = open_pid_dir(d, path);

	if (err == 0)
		err = lock_pid_file(d);
	if (err == 0)
		return 0;
	if (err != -EBUSY || d->pid_fd < 0) {
		*status = EX_CANTCREAT;
		return fail(why, why_len, err, "--pidfile: %s: %s", path, strerror(-err));
	}
	(void)!pread(d->pid_fd, pid, sizeof(pid) - 1, 0);
	pid[strcspn(pid, "\n")] = '\0';
	close(d->pid_fd);
	d->pid_fd = -1;
	return fail(why, why_len, err, "--pidfile: %s: the server with PID %s has it: end that one",
		path, *pid ? pid : "(not written yet)");
}

static void write_pid(const struct daemon *d)
{
	char pid[PID_TEXT_MAX];
	int len = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());

	(void)!ftruncate(d->pid_fd, 0);
	(void)!pwrite(d->pid_fd, pid, (size_t)len, 0);
}

/* Somebody may have taken it away, and another put his there. */
static bool has_pid_file(const struct daemon *d)
{
	struct stat ours, there;

	return fstat(d->pid_fd, &ours) == 0 &&
		fstatat(d->pid_dir, d->pid_name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
		ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/* --- those who wait ---------------------------------------------------------------------- */

static int open_ready_fd(struct daemon *d, int fd, int *status, char *why, size_t why_len)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
		*status = EX_USAGE;
		return fail(why, why_len, -EBADF,
			"--ready-fd: %d is no descriptor that can be written: open it first, as in "
			"catnetd --ready-fd %d %d>FILE",
			fd, fd, fd);
	}
	/* Nobody whom we start is to keep it open. */
	if (fd > STDERR_FILENO)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	d->ready_fd = fd;
	return 0;
}

/* sd_notify(3): a path, or behind "@" a name in the kernel's own space. */
static void open_notify(struct daemon *d)
{
	const struct timeval patience = { .tv_usec = NOTIFY_WAIT_US };
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (len == 0 || len >= sizeof(to.sun_path) || (*path != '/' && *path != '@'))
		return;
	memcpy(to.sun_path, path, len);
	if (*path == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&to,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) == 0)
		d->notify = fd;
	else
		close(fd);
}

void daemon_notify(const struct daemon *d, const char *lines)
{
	if (d->notify >= 0)
		(void)send(d->notify, lines, strlen(lines), MSG_NOSIGNAL);
}

/* --- the whole --------------------------------------------------------------------------- */

/* What whoever started us had open is not ours to keep: a lock, a pipe. But for what we were given.
 */
static void close_others(const struct daemon *d, const struct options *o)
{
	const int kept[] = { o->fd, d->parent, d->ready_fd };
	int from = STDERR_FILENO + 1;

	for (;;) {
		int next = INT_MAX;

		for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
			if (kept[i] >= from && kept[i] < next)
				next = kept[i];
		}
		if (next == INT_MAX)
			break;
		if (next > from)
			close_range((unsigned)from, (unsigned)next - 1, 0);
		from = next + 1;
	}
	close_range((unsigned)from, ~0u, 0);
}

int daemon_begin(struct daemon *d, const struct options *o, int *status, char *why, size_t why_len)
{
	int err = 0;

	*d = (struct daemon){
		.parent = -1, .ready_fd = -1, .notify = -1, .pid_fd = -1, .pid_dir = -1
	};
	d->by_mount = o->by_mount;
	if (o->ready_fd >= 0)
		err = open_ready_fd(d, o->ready_fd, status, why, why_len);
	if (err == 0 && !o->in_foreground) {
		err = to_background(d);
		if (err < 0)
			return fail(why, why_len, err, "the background: %s", strerror(-err));
		close_others(d, o);
	}
	if (err == 0 && o->pidfile)
		err = open_pid_file(d, o->pidfile, status, why, why_len);
	if (err == 0)
		open_notify(d);
	return err;
}

static void tell_ready_fd(struct daemon *d)
{
	(void)!write(d->ready_fd, "\n", 1);
	if (d->ready_fd > STDERR_FILENO)
		close(d->ready_fd);
	d->ready_fd = -1;
}

void daemon_ready(struct daemon *d, struct log *l, const char *words)
{
	char lines[512];

	if (d->pid_fd >= 0)
		write_pid(d);
	snprintf(
		lines, sizeof(lines), "READY=1\nMAINPID=%d\nSTATUS=%.400s\n", (int)getpid(), words);
	daemon_notify(d, lines);
	if (d->ready_fd >= 0)
		tell_ready_fd(d);
	if (d->parent < 0)
		return;
	let_go_of_terminal(l);
	prctl(PR_SET_PDEATHSIG, 0);
	(void)!write(d->parent, "r", 1);
	close(d->parent);
	d->parent = -1;
}

void daemon_end(struct daemon *d)
{
	if (d->pid_fd >= 0) {
		if (has_pid_file(d))
			(void)unlinkat(d->pid_dir, d->pid_name, 0);
		close(d->pid_fd);
	}
	if (d->pid_dir >= 0)
		close(d->pid_dir);
	if (d->notify >= 0)
		close(d->notify);
	free(d->pid_name);
	*d = (struct daemon){
		.parent = -1, .ready_fd = -1, .notify = -1, .pid_fd = -1, .pid_dir = -1
	};
}
