#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "../drivers/driver.h"
#include "../stack/limits.h"
#include "../stack/stack.h"
#include "fs.h"
#include "fuse.h"
#include "log.h"
#include "loop.h"
#include "processes.h"
#include "spin.h"
#include "tracer.h"
#include "wall.h"

#define REQUESTS_MAX 64 /* served in one turn */
#define SOURCES      7

/* When nothing has happened for so long, memory that nobody needs goes back to the system. */
#define IDLE_US    (1 * USEC_PER_SEC)
#define IDLE_SPANS 64 /* of 2 MiB, in one go */

/* A frame longer than this is of a bulk transfer: there will be more behind it. */
#define BULK_LEN 1000

enum source {
	SOURCE_NIC = 1,
	SOURCE_FRONT = 2,
	SOURCE_SIGNAL = 4,
	SOURCE_PROCESSES = 8,
	SOURCE_WATCHED = 16,
	SOURCE_WALL = 32,
	SOURCE_HOST = 64
};

/*
 * How much to ask of a source in one turn. To ask until there is no more costs a call in vain,
 * which tells when there is one request or frame at a time, as in question and answer. So a
 * source is asked for as much as it had lately, and for more when it keeps having that.
 */
struct appetite {
	int max;
	int full_turns; /* in a row */
};

#define APPETITE_TURNS  4
#define APPETITE_GROWTH 4

struct loop {
	struct stack *stack;
	struct nic *nic; /* NULL once it is gone */
	struct ifc *ifc;
	struct log *log;
	struct tracer *tracer;
	struct processes *processes;
	struct host_watch *host; /* NULL: none */
	bool is_up;              /* the device, as the kernel says */
	struct fs *fs;
	struct front *front;
	int epoll_fd;
	int signal_fd;
	int wall_fd;
	int watched_fd; /* -1: none */
	bool hangup_ends;

	unsigned readable; /* enum source, as of this turn's wait */
	bool nic_writable;
	bool waits_for_out; /* epoll has been told to look for it */
	bool has_more;      /* a source was cut short: do not sleep */
	bool has_worked;    /* this turn found something to do */
	struct appetite frames;
	struct appetite requests;
	usec_t deadline_us;

	struct spin spin;
	usec_t worked_us; /* when there was last something to do */
	bool may_trim;    /* since then no memory has been given back */

	struct pkt *into; /* the next frame goes here, and what its head does not hold there */
	struct buf *rest;
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
	struct epoll_event e = { .events = events, .data = { .u32 = what } };

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
	l->nic_writable = false;
	for (int i = 0; i < n; i++) {
		if (ready[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))
			l->readable |= ready[i].data.u32;
		if (ready[i].events & EPOLLOUT)
			l->nic_writable = true;
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

static void learn(struct appetite *a, int served, int most)
{
	if (served < a->max) {
		a->max = served > 1 ? served : 1;
		a->full_turns = 0;
	} else if (++a->full_turns >= APPETITE_TURNS) {
		a->max = a->max * APPETITE_GROWTH < most ? a->max * APPETITE_GROWTH : most;
		a->full_turns = 0;
	}
}

/* --- the device -------------------------------------------------------------------------- */

static void nic_gone(struct loop *l, int err)
{
	log_say(l->log, LEVEL_ERROR, "%s is gone: %s", l->nic->link.name, strerror(-err));
	(void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, l->nic->driver->fd(l->nic), NULL);
	stack_detach(l->stack, l->ifc);
	if (l->fs)
		fs_device_gone(l->fs);
	l->nic = NULL;
	l->ifc = NULL;
}

/* A frame was thrown away; the packet it was to go into can take another. */
static void count_fault(struct loop *l, enum nic_fault fault)
{
	enum stack_rx_fault what = STACK_RX_TRUNCATED;

	switch (fault) {
	case NIC_TOO_LONG:
		what = STACK_RX_TOO_LONG;
		break;
	case NIC_BAD_OFFLOAD:
		what = STACK_RX_BAD_OFFLOAD;
		break;
	case NIC_TRUNCATED:
		what = l->rest ? STACK_RX_TRUNCATED : STACK_RX_NO_MEMORY;
		break;
	}
	stack_rx_fault(l->stack, l->ifc, what);
	stack_pkt_free(l->stack, l->into);
	l->into = NULL;
}

static bool has_room(struct loop *l)
{
	if (!l->into)
		l->into = stack_pkt(l->stack);
	if (!l->rest)
		l->rest = stack_rx_buf(l->stack);
	return l->into != NULL;
}

static void hand_in(struct loop *l, usec_t now_us)
{
	struct pkt *p = l->into;

	if (p->slices_n > 0) {
		/* The packet has a count of its own. */
		buf_drop(l->rest);
		l->rest = NULL;
	}
	l->into = NULL;
	if (p->len > BULK_LEN)
		l->frames.max = LIMIT_RX_BATCH;
	stack_input(l->stack, l->ifc, p, now_us);
}

/* One frame; false when there is none to be had. */
static bool frame_pump(struct loop *l, usec_t now_us)
{
	int got;

	if (!has_room(l))
		return false;
	got = l->nic->driver->recv(l->nic, l->into, l->rest);
	switch (got) {
	case 1:
		hand_in(l, now_us);
		return true;
	case 0:
		return false;
	case NIC_TOO_LONG:
	case NIC_TRUNCATED:
	case NIC_BAD_OFFLOAD:
		count_fault(l, (enum nic_fault)got);
		return true;
	default:
		nic_gone(l, got);
		return false;
	}
}

static void frames_pump(struct loop *l, usec_t now_us)
{
	int served = 0;

	/* A wrapper may hold frames of which the descriptor knows nothing. */
	if (!l->nic || !((l->readable & SOURCE_NIC) || l->nic->driver->poll))
		return;
	while (served < l->frames.max && frame_pump(l, now_us))
		served++;
	l->has_worked = l->has_worked || served > 0;
	l->has_more = l->has_more || served == LIMIT_RX_BATCH;
	learn(&l->frames, served, LIMIT_RX_BATCH);
}

static usec_t nic_poll(struct loop *l, usec_t now_us)
{
	if (!l->nic || !l->nic->driver->poll)
		return USEC_NEVER;
	return l->nic->driver->poll(l->nic, now_us);
}

/* The kernel has changed the device: the stack follows. */
static void host_pump(struct loop *l)
{
	struct host_news news;
	bool was_up = l->is_up;

	if (!(l->readable & SOURCE_HOST) || !host_watch_read(l->host, &news) || !l->nic)
		return;
	if (news.mtu != l->nic->link.mtu)
		log_say(l->log, LEVEL_INFO, "%s has an MTU of %u now", l->nic->link.name, news.mtu);
	l->nic->link.mtu = (uint16_t)min_u32(news.mtu, UINT16_MAX);
	l->is_up = news.is_up;
	if (was_up && !l->is_up)
		log_say(l->log, LEVEL_WARNING,
			"%s is down, nothing comes or goes: ip link set %s up", l->nic->link.name,
			l->nic->link.name);
	if (!was_up && l->is_up)
		log_say(l->log, LEVEL_INFO, "%s is up again", l->nic->link.name);
	stack_link_changed(l->stack, l->ifc, l->is_up);
}

static void watch_for_out(struct loop *l)
{
	bool wanted = l->nic && l->nic->driver->wants_out(l->nic);
	uint32_t events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN;

	if (wanted == l->waits_for_out || !l->nic)
		return;
	(void)watch(l, EPOLL_CTL_MOD, l->nic->driver->fd(l->nic), SOURCE_NIC, events);
	l->waits_for_out = wanted;
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
	learn(&l->requests, served, REQUESTS_MAX);
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

/* --- the turn ---------------------------------------------------------------------------- */

static void plan_next(struct loop *l, usec_t now_us)
{
	l->deadline_us = min_u64(stack_deadline(l->stack), nic_poll(l, now_us));
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

	nic_poll(l, now_us);
	/* Time moves first, for whoever begins to wait in this turn. */
	stack_poll(l->stack, now_us);
	if (l->fs)
		fs_poll(l->fs, now_us);
	if (l->nic_writable && l->nic)
		stack_writable(l->stack, l->ifc);
	host_pump(l);
	frames_pump(l, now_us); /* then what the wire said, a bounded batch */
	ends_pump(l);
	wall_pump(l);
	end = requests_pump(l); /* then what the programs ask */
	if (l->fs)
		l->has_more |= fs_pump(l->fs); /* and last, the answers now possible */
	stack_flush(l->stack);                 /* acknowledgements for the whole batch */
	if (l->tracer)
		l->has_more |= tracer_tell(l->tracer);
	watch_for_out(l);
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
	int fd = config->nic->driver->fd(config->nic);
	int err;

	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0)
		return -errno;
	err = take_signals(l);
	if (err == 0)
		err = watch_wall(l);
	if (err == 0 && fd >= 0)
		err = watch(l, EPOLL_CTL_ADD, fd, SOURCE_NIC, EPOLLIN);
	if (err == 0 && l->processes)
		err = watch(
			l, EPOLL_CTL_ADD, processes_fd(l->processes), SOURCE_PROCESSES, EPOLLIN);
	if (err == 0 && l->host)
		err = watch(l, EPOLL_CTL_ADD, host_watch_fd(l->host), SOURCE_HOST, EPOLLIN);
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
	l->nic = config->nic;
	l->ifc = config->ifc;
	l->log = config->log;
	l->tracer = config->tracer;
	l->hangup_ends = config->hangup_ends;
	l->processes = config->processes;
	l->host = config->host;
	l->is_up = true;
	loop_set_spin(l, config->spin_us);
	l->frames.max = 1;
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
	return l->nic != NULL;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	if (l->into)
		stack_pkt_free(l->stack, l->into);
	buf_drop(l->rest);
	if (l->signal_fd >= 0)
		close(l->signal_fd);
	if (l->wall_fd >= 0)
		close(l->wall_fd);
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
	free(l);
}
