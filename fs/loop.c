#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "../stack/stack.h"
#include "appetite.h"
#include "devices.h"
#include "fs.h"
#include "fuse.h"
#include "log.h"
#include "loop.h"
#include "processes.h"
#include "spin.h"
#include "tracer.h"
#include "wall.h"

#define REQUESTS_MAX 64 /* served in one turn */
#define SOURCES      16 /* told in one turn; of more the next turn hears */

/* When nothing has happened for so long, memory that nobody needs goes back to the system. */
#define IDLE_US    (1 * USEC_PER_SEC)
#define IDLE_SPANS 64 /* of 2 MiB, in one go */

/* The rest of the bits is that of devices. */
enum source {
	SOURCE_FRONT = 1,
	SOURCE_SIGNAL = 2,
	SOURCE_PROCESSES = 4,
	SOURCE_WATCHED = 8,
	SOURCE_WALL = 16
};

struct loop {
	struct stack *stack;
	struct devices *devices;
	struct log *log;
	struct tracer *tracer;
	struct processes *processes;
	struct fs *fs;
	struct front *front;
	int epoll_fd;
	int signal_fd;
	int wall_fd;
	int watched_fd; /* -1: none */
	bool hangup_ends;

	uint64_t readable; /* enum source and devices, as of this turn's wait */
	uint64_t writable;
	bool has_more;   /* a source was cut short: do not sleep */
	bool has_worked; /* this turn found something to do */
	struct appetite requests;
	usec_t deadline_us;

	struct spin spin;
	usec_t worked_us; /* when there was last something to do */
	bool may_trim;    /* since then no memory has been given back */
};

usec_t loop_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (usec_t)now.tv_sec * USEC_PER_SEC + (usec_t)now.tv_nsec / 1000;
}

/* --- waiting ----------------------------------------------------------------------------- */

static int watch(struct loop *l, int how, int fd, enum source what, uint32_t events)
{
	struct epoll_event e = { .events = events, .data = { .u64 = what } };

	return epoll_ctl(l->epoll_fd, how, fd, &e) < 0 ? -errno : 0;
}

/* Ask epoll; 0 to look only. Is there anything? */
static bool look(struct loop *l, usec_t timeout_us)
{
	struct timespec timeout = { .tv_sec = (time_t)(timeout_us / USEC_PER_SEC),
		.tv_nsec = (long)(timeout_us % USEC_PER_SEC) * 1000 };
	const struct timespec *limit = timeout_us == USEC_NEVER ? NULL : &timeout;
	struct epoll_event ready[SOURCES];
	int n = epoll_pwait2(l->epoll_fd, ready, SOURCES, limit, NULL);

	l->readable = 0;
	l->writable = 0;
	for (int i = 0; i < n; i++) {
		if (ready[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))
			l->readable |= ready[i].data.u64;
		if (ready[i].events & EPOLLOUT)
			l->writable |= ready[i].data.u64;
	}
	return n > 0;
}

/* Look again and again for a while; true when the turn is to begin. */
static bool spin(struct loop *l, usec_t until_us)
{
	usec_t now_us, end_us;

	if (look(l, 0))
		return true;
	now_us = loop_clock_us();
	end_us = now_us + l->spin.max_us;
	while (now_us < min_u64(until_us, end_us)) {
		if (look(l, 0)) {
			spin_paid(&l->spin);
			return true;
		}
		now_us = loop_clock_us();
	}
	if (now_us >= until_us)
		return true;
	spin_failed(&l->spin);
	return false;
}

static void give_back_idle_memory(struct loop *l)
{
	void *at;
	size_t len;

	for (int i = 0; i < IDLE_SPANS; i++) {
		if (!stack_idle_span(l->stack, &at, &len)) {
			l->may_trim = false;
			return;
		}
		(void)madvise(at, len, MADV_DONTNEED);
	}
}

static void sleep_until(struct loop *l, usec_t until_us)
{
	usec_t now_us = loop_clock_us();
	usec_t asleep_us = now_us;

	if (l->may_trim && now_us >= l->worked_us + IDLE_US)
		give_back_idle_memory(l);
	if (l->may_trim)
		until_us = min_u64(until_us, now_us + IDLE_US);
	if (until_us == USEC_NEVER)
		look(l, USEC_NEVER);
	else
		look(l, until_us > now_us ? until_us - now_us : 0);
	if (l->readable)
		spin_slept(&l->spin, loop_clock_us() - asleep_us);
}

static void wait_for_work(struct loop *l, usec_t until_us)
{
	until_us = min_u64(until_us, l->deadline_us);
	/* What the program has said since the last turn may be waited for in the tree. */
	if (l->fs)
		until_us = min_u64(until_us, fs_deadline(l->fs));
	if (l->has_more || until_us == 0) {
		look(l, 0);
		return;
	}
	if (l->has_worked && l->spin.is_on && spin(l, until_us))
		return;
	sleep_until(l, until_us);
}

/* --- the tree ---------------------------------------------------------------------------- */

static enum loop_end requests_pump(struct loop *l)
{
	int served;

	if (!l->front || !(l->readable & SOURCE_FRONT))
		return LOOP_GOES_ON;
	served = front_pump(l->front, l->requests.max);
	if (served < 0)
		return LOOP_UNMOUNTED;
	l->has_worked = l->has_worked || served > 0;
	appetite_learn(&l->requests, served, REQUESTS_MAX);
	return LOOP_GOES_ON;
}

static void ends_pump(struct loop *l)
{
	if (!l->fs || !(l->readable & SOURCE_PROCESSES))
		return;
	processes_pump(l->processes, l->fs);
	l->has_worked = true;
}

static void wall_pump(struct loop *l)
{
	if (!(l->readable & SOURCE_WALL))
		return;
	wall_watch(l->wall_fd);
	if (l->fs)
		fs_wall(l->fs, wall_offset_us());
}

static enum loop_end signals_pump(struct loop *l)
{
	struct signalfd_siginfo info;

	if (!(l->readable & SOURCE_SIGNAL) || read(l->signal_fd, &info, sizeof(info)) < 0)
		return l->readable & SOURCE_WATCHED ? LOOP_WATCHED : LOOP_GOES_ON;
	if (info.ssi_signo == SIGUSR1)
		return LOOP_REPORT;
	if (info.ssi_signo == SIGHUP && !l->hangup_ends)
		return LOOP_RELOAD;
	log_say(l->log, LEVEL_INFO, "ending: %s", strsignal((int)info.ssi_signo));
	return LOOP_SIGNALLED;
}

static void frames_pump(struct loop *l, usec_t now_us)
{
	int served = devices_pump(l->devices, l->readable, now_us, &l->has_more);

	l->has_worked = l->has_worked || served > 0;
}

/* --- the turn ---------------------------------------------------------------------------- */

static void plan_next(struct loop *l, usec_t now_us)
{
	l->deadline_us = min_u64(stack_deadline(l->stack), devices_poll(l->devices, now_us));
	if (!l->has_worked)
		return;
	l->worked_us = now_us;
	l->may_trim = true;
}

enum loop_end loop_turn(struct loop *l, usec_t until_us)
{
	enum loop_end end;
	usec_t now_us;

	wait_for_work(l, until_us);
	now_us = loop_clock_us();
	l->has_more = false;
	l->has_worked = false;

	devices_poll(l->devices, now_us);
	/* Time moves first, for whoever begins to wait in this turn. */
	stack_poll(l->stack, now_us);
	if (l->fs)
		fs_poll(l->fs, now_us);
	if (l->writable)
		devices_writable(l->devices, l->writable);
	frames_pump(l, now_us); /* then what the wire said, a bounded batch */
	ends_pump(l);
	wall_pump(l);
	end = requests_pump(l); /* then what the programs ask */
	if (l->fs)
		l->has_more |= fs_pump(l->fs); /* and last, the answers now possible */
	stack_flush(l->stack);                 /* acknowledgements for the whole batch */
	if (l->tracer)
		l->has_more |= tracer_tell(l->tracer);
	devices_watch_for_room(l->devices);
	plan_next(l, now_us);
	return end == LOOP_GOES_ON ? signals_pump(l) : end;
}

/* --- beginning and end --------------------------------------------------------------------- */

/* As nohup(1) leaves it. */
static bool is_ignored(int signal_number)
{
	struct sigaction now;

	return sigaction(signal_number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static int take_signals(struct loop *l)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	if (!l->hangup_ends || !is_ignored(SIGHUP))
		sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a capture or log that has grown to ulimit -f ends alone */
	l->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return l->signal_fd < 0 ? -errno
				: watch(l, EPOLL_CTL_ADD, l->signal_fd, SOURCE_SIGNAL, EPOLLIN);
}

static int watch_wall(struct loop *l)
{
	l->wall_fd = wall_open();
	return l->wall_fd < 0 ? l->wall_fd
			      : watch(l, EPOLL_CTL_ADD, l->wall_fd, SOURCE_WALL, EPOLLIN);
}

/* Looking again takes the CPU from whoever is to give us something to see. */
static bool has_one_cpu(void)
{
	cpu_set_t cpus;

	return sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) == 1;
}

static int start(struct loop *l, const struct loop_config *config)
{
	int err;

	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0)
		return -errno;
	err = take_signals(l);
	if (err == 0)
		err = watch_wall(l);
	if (err == 0)
		err = devices_new(&l->devices, l->stack, l->log, l->epoll_fd);
	if (err == 0)
		err = devices_add(l->devices, config->nic, config->ifc, config->host);
	if (err == 0 && l->processes)
		err = watch(
			l, EPOLL_CTL_ADD, processes_fd(l->processes), SOURCE_PROCESSES, EPOLLIN);
	return err;
}

void loop_set_spin(struct loop *l, usec_t spin_us)
{
	spin_init(&l->spin, has_one_cpu() ? 0 : spin_us);
}

int loop_new(struct loop **out, const struct loop_config *config)
{
	struct loop *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->stack = config->stack;
	l->log = config->log;
	l->tracer = config->tracer;
	l->hangup_ends = config->hangup_ends;
	l->processes = config->processes;
	loop_set_spin(l, config->spin_us);
	l->requests.max = 1;
	l->epoll_fd = -1;
	l->signal_fd = -1;
	l->wall_fd = -1;
	l->watched_fd = -1;
	err = start(l, config);
	if (err < 0) {
		loop_free(l);
		return err;
	}
	*out = l;
	return 0;
}

int loop_serve(struct loop *l, struct fs *fs, struct front *front)
{
	if (l->front && !front)
		(void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, front_fd(l->front), NULL);
	l->fs = fs;
	devices_serve(l->devices, fs);
	l->front = front;
	if (!front)
		return 0;
	return watch(l, EPOLL_CTL_ADD, front_fd(front), SOURCE_FRONT, EPOLLIN);
}

int loop_watch(struct loop *l, int fd)
{
	if (l->watched_fd >= 0)
		(void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, l->watched_fd, NULL);
	l->watched_fd = fd;
	return fd < 0 ? 0 : watch(l, EPOLL_CTL_ADD, fd, SOURCE_WATCHED, EPOLLIN);
}

bool loop_has_device(const struct loop *l)
{
	return devices_any(l->devices);
}

struct devices *loop_devices(struct loop *l)
{
	return l->devices;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	devices_free(l->devices);
	if (l->signal_fd >= 0)
		close(l->signal_fd);
	if (l->wall_fd >= 0)
		close(l->wall_fd);
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
	free(l);
}
