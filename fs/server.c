/* server.c - opening and closing all that catnetd has open. */
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "../drivers/driver.h"
#include "../stack/base/text.h"
#include "../stack/limits.h"
#include "../stack/net.h"
#include "../stack/stack.h"
#include "bindings.h"
#include "configure.h"
#include "frame_comment.h"
#include "fs.h"
#include "fuse.h"
#include "groups.h"
#include "holders.h"
#include "log_file.h"
#include "loop.h"
#include "mount.h"
#include "processes.h"
#include "wall.h"

/* What conversations have left to say after the end must be said within this. */
#define LAST_WORDS_US      (1 * USEC_PER_SEC)
#define LAST_WORDS_STEP_US (5 * USEC_PER_MSEC)

/* --- what is given to the rooms ----------------------------------------------------------- */

static void *take_memory(void *arg, size_t len)
{
	/* Touched only as used: address space costs nothing. */
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	(void)arg;
	return at == MAP_FAILED ? NULL : at;
}

static void give_back_memory(void *arg, void *at, size_t len)
{
	(void)arg;
	munmap(at, len);
}

/* LEN bytes that nobody can foresee; with --seed, bytes that follow from it and from WHAT. */
static int fill_random(const struct options *o, uint8_t what, void *at, size_t len)
{
	uint64_t seed = o->seed + what;
	uint8_t *to = at;

	if (!o->has_seed)
		return getrandom(at, len, 0) == (ssize_t)len ? 0 : -EIO;
	for (size_t i = 0; i < len; i++) {
		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		to[i] = (uint8_t)(seed >> 56);
	}
	return 0;
}

/* --- opening ------------------------------------------------------------------------------ */

int server_fail(struct server *s, int err, const char *what)
{
	struct text words = text_over(s->why, sizeof(s->why));

	text_printf(&words, "%s: %s", what, strerror(-err));
	return err;
}

/* What is in s->why was brought about by FROM: say so in front. */
int server_blame(struct server *s, const struct setting *from, int err)
{
	char place[OPTIONS_WHY_MAX];
	char why[SERVER_WHY_MAX];
	struct text words;

	memcpy(why, s->why, sizeof(why));
	options_place(s->latest, from, place, sizeof(place));
	words = text_over(s->why, sizeof(s->why));
	text_put(&words, place);
	text_put(&words, ": ");
	text_put(&words, why);
	s->status = from->in_file ? EX_CONFIG : EX_USAGE;
	return err;
}

static int open_device(struct server *s)
{
	const struct options *o = s->options;
	char spec[128];

	if (o->fd >= 0)
		snprintf(spec, sizeof(spec), "fd:%d", o->fd);
	else
		snprintf(spec, sizeof(spec), "tap:%s", o->tap);
	return nic_open(&s->nic, spec, s->why, sizeof(s->why));
}

static int set_mtu(struct server *s)
{
	const struct options *o = s->options;
	int err = 0;

	if (o->mtu == 0)
		return 0;
	if (o->fd < 0)
		err = host_mtu_set(s->nic->link.name, o->mtu, s->why, sizeof(s->why));
	s->nic->link.mtu = (uint16_t)o->mtu;
	return err;
}

/* The kernel's side of the TAP. */
static int set_host(struct server *s)
{
	const struct options *o = s->options;
	const char *name = s->nic->link.name;
	int err;

	for (unsigned i = 0; i < o->host_addrs_n; i++) {
		const struct options_addr *a = &o->host_addrs[i];

		err = host_addr_add(name, a->addr.b, a->bits, s->why, sizeof(s->why));
		if (err < 0)
			return err;
	}
	return o->fd >= 0 ? 0 : host_up(name, s->why, sizeof(s->why));
}

/* The first frames come before the tree, and the last after it. */
static size_t about_frame(
	void *arg, const uint8_t *frame, uint32_t len, bool is_in, char *to, size_t cap)
{
	const struct server *s = arg;

	return s->stack ? frame_comment(s->stack, s->fs, frame, len, is_in, to, cap) : 0;
}

int server_wrap_device(struct server *s)
{
	const struct pcap_teller teller = {
		.application = "catnetd " CATNET_VERSION, .about = about_frame, .arg = s
	};
	const struct options *o = s->options;
	struct nic *outer;
	int err;

	if (o->pcap) {
		err = pcap_wrap(&outer, s->nic, o->pcap, &teller, s->why, sizeof(s->why));
		if (err < 0) {
			s->status = EX_CANTCREAT;
			return err;
		}
		s->nic = s->capture = outer;
	}
	if (o->fault) {
		err = fault_wrap(&outer, s->nic, o->fault, s->why, sizeof(s->why));
		if (err < 0)
			return err == -EINVAL ? server_blame(s, options_said(o, "fault"), err)
					      : err;
		s->nic = outer;
	}
	return 0;
}

static int open_nic(struct server *s)
{
	int err = open_device(s);

	if (err == 0)
		err = set_mtu(s);
	if (err == 0 && s->options->has_seed) {
		err = fill_random(s->options, 'm', s->nic->link.mac, 6);
		s->nic->link.mac[0] = (uint8_t)((s->nic->link.mac[0] & ~1u) | 2u);
	}
	if (err == 0)
		err = server_wrap_device(s);
	if (err == 0)
		err = set_host(s);
	/* A descriptor that is no TAP, or one of elsewhere, has nobody to tell of it. */
	if (err == 0 && host_watch_open(&s->host, s->nic) < 0)
		s->host = NULL;
	return err;
}

int server_open_stack(struct server *s)
{
	struct stack_config config = {
		.memory_take = take_memory,
		.memory_give_back = give_back_memory,
		.memory = s->options->memory,
		.trace_events = LIMIT_TRACE_EVENTS,
	};
	usec_t now_us = loop_clock_us();
	int err = fill_random(s->options, 's', config.secret, sizeof(config.secret));

	if (err == 0)
		err = fill_random(s->options, 'r', config.seed, sizeof(config.seed));
	if (err < 0)
		return server_fail(s, err, "randomness");
	s->stack = stack_new(&config, now_us);
	if (!s->stack) {
		snprintf(s->why, sizeof(s->why),
			"too little memory for the stack: give more with --memory");
		return -ENOMEM;
	}
	tracer_init(&s->tracer, s->stack, &s->log, now_us);
	tracer_want(&s->tracer, s->options->trace);
	s->nic->pkts = stack_pkts(s->stack);
	err = stack_attach(s->stack, &s->nic->link, &s->ifc);
	if (err == -EINVAL)
		snprintf(s->why, sizeof(s->why),
			"%s has an MTU of %u, which is none of %d to %d: give another with --mtu",
			s->nic->link.name, s->nic->link.mtu, LIMIT_MTU_MIN, LIMIT_MTU_MAX);
	return err == 0 || err == -EINVAL ? err : server_fail(s, err, s->nic->link.name);
}

int server_turn(struct server *s, usec_t until_us)
{
	switch (loop_turn(s->loop, until_us)) {
	case LOOP_SIGNALLED:
		s->over = -EINTR;
		return s->over;
	case LOOP_UNMOUNTED:
		s->over = -ENODEV;
		return s->over;
	case LOOP_RELOAD:
		s->wants_reload = true;
		break;
	case LOOP_REPORT:
		s->wants_report = true;
		break;
	case LOOP_WATCHED:
		s->wants_pump = true;
		break;
	case LOOP_GOES_ON:
		break;
	}
	return 0;
}

static int open_loop(struct server *s)
{
	struct loop_config config = {
		.stack = s->stack,
		.nic = s->nic,
		.ifc = s->ifc,
		.host = s->host,
		.log = &s->log,
		.tracer = &s->tracer,
		.hangup_ends = s->options->in_foreground && !s->options->config_path,
		.spin_us = s->options->spin_us,
	};
	int err = processes_new(&s->processes);

	config.processes = s->processes;
	if (err == 0)
		err = loop_new(&s->loop, &config);
	if (err == 0)
		err = bindings_new(&s->bindings, s->stack, s->loop, &s->log);
	return err < 0 ? server_fail(s, err, "the event loop") : 0;
}

/* Descriptors that the server needs for itself: files, devices, what libraries open. */
#define FILES_OF_OURS 64

/* As many processes may hold conversations as we can have descriptors of; the soft limit is for
 * programs that use select. */
static uint32_t holders_max(void)
{
	struct rlimit files;
	rlim_t ours;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return 0;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	ours = min_u64(files.rlim_max / 2, FILES_OF_OURS);
	return (uint32_t)min_u64(files.rlim_max - ours, HOLDERS_MAX);
}

/* What is said to whoever runs the server is said in the tree as well. */
static void say_in_tree(void *arg, const char *line)
{
	log_feed_say_daemon(arg, line);
}

int server_open_tree(struct server *s)
{
	struct fs_config config = { .stack = s->stack,
		.opener = processes_opener(s->processes),
		.binder = bindings_binder(s->bindings),
		.holders_max = holders_max(),
		.version = CATNET_VERSION,
		.keeper_uid = geteuid(),
		.keeper_gid = getegid(),
		.addr_unprobed = s->options->unprobed,
		.in_group = groups_hold };
	int err = fill_random(s->options, 'f', &config.secret, sizeof(config.secret));

	if (err < 0)
		return server_fail(s, err, "randomness");
	config.wall_offset_us = wall_offset_us();
	s->fs = fs_new(&config, loop_clock_us());
	if (!s->fs)
		return server_fail(s, -ENOMEM, "the tree");
	log_also(&s->log, say_in_tree, s->fs);
	return 0;
}

static int open_front(struct server *s)
{
	const struct front_config front = {
		.fs = s->fs,
		.stack = s->stack,
		.log = &s->log,
		.mountpoint = s->options->mountpoint,
		.name = s->options->fsname,
	};
	int err = front_open(&s->front, &front, s->why, sizeof(s->why));
	if (err < 0)
		return err;
	err = loop_serve(s->loop, s->fs, s->front);
	return err < 0 ? server_fail(s, err, "the event loop") : 0;
}

/* Turn the loop until every address of ours is known to be free; -EINTR when a signal asked us
 * to end meanwhile. */
static int wait_for_addresses(struct server *s)
{
	for (unsigned i = 0; i < s->options->addrs_n;) {
		const struct addr *a = &s->options->addrs[i].addr;
		int err = net_addr_state(s->stack, a);
		char text[ADDR_TEXT_MAX];

		if (err == 0) {
			i++;
			continue;
		}
		addr_format(a, text);
		if (err == -EADDRINUSE) {
			snprintf(s->why, sizeof(s->why),
				"%s is in use by another station: choose another with --addr",
				text);
			return err;
		}
		if (err != -EAGAIN)
			return server_fail(s, err, text);
		err = server_turn(s, USEC_NEVER);
		if (err < 0)
			return err;
	}
	return 0;
}

/* The kernel introduces itself first. */
static int wait_for_kernel(struct server *s)
{
	while (!front_answers(s->front)) {
		int err = server_turn(s, USEC_NEVER);

		if (err == -ENODEV) {
			snprintf(s->why, sizeof(s->why),
				"the kernel and libfuse have not come to terms about FUSE");
			s->status = EX_OSERR;
		}
		if (err < 0)
			return err;
	}
	return 0;
}

/* What is wrong with the mount point is said at once, not after some seconds of probing. */
static int check_mountpoint(struct server *s)
{
	char *name = NULL;
	int err = mount_prepare(&name, s->options->mountpoint, s->why, sizeof(s->why));

	free(name);
	return err;
}

static int turn(void *arg)
{
	return server_turn(arg, USEC_NEVER);
}

/* The tree appears when all of it works: who waits for the mount need not wait any longer. */
int server_open(struct server *s)
{
	int err = check_mountpoint(s);

	if (err == 0)
		err = open_nic(s);
	if (err == 0)
		err = server_open_stack(s);
	if (err == 0)
		err = configure_net(s, NULL);
	if (err == 0)
		err = open_loop(s);
	if (err == 0)
		err = wait_for_addresses(s);
	if (err == 0)
		err = server_open_tree(s);
	if (err == 0)
		err = open_front(s);
	if (err == 0)
		err = wait_for_kernel(s);
	/* From here on our own mount must not be touched by us: it would wait for ourselves. */
	if (err == 0 && chdir("/") < 0)
		err = server_fail(s, -errno, "/");
	if (err == 0)
		err = configure_commands(s, s->options, turn, NULL);
	return err;
}

/* --- closing ------------------------------------------------------------------------------ */

/* Let the stack send what conversations have left to say. */
static void say_last_words(struct server *s)
{
	usec_t end_us = loop_clock_us() + LAST_WORDS_US;

	while (stack_convs(s->stack) > 0 && loop_has_device(s->loop)) {
		usec_t now_us = loop_clock_us();

		if (now_us >= end_us || server_turn(s, now_us + LAST_WORDS_STEP_US) < 0)
			return; /* too late, or asked once more to end */
	}
}

void server_close(struct server *s)
{
	bool was_there = s->fs;

	reload_end(s);
	if (s->loop)
		(void)loop_serve(s->loop, NULL, NULL);
	log_also(&s->log, NULL, NULL);
	if (was_there)
		fs_free(s->fs);
	s->fs = NULL;
	front_close(s->front);
	if (s->loop && was_there)
		say_last_words(s);
	while (s->stack && tracer_tell(&s->tracer))
		continue;
	loop_free(s->loop);
	bindings_free(s->bindings);
	processes_free(s->processes);
	if (s->capture && pcap_lost(s->capture) > 0)
		log_say(&s->log, LEVEL_WARNING, "%s lacks %llu frames", s->options->pcap,
			(unsigned long long)pcap_lost(s->capture));
	host_watch_close(s->host);
	nic_close(s->nic);
	if (s->stack)
		stack_free(s->stack);
	log_close(&s->log);
	if (s->latest != s->options) {
		options_free(s->latest);
		free(s->latest);
	}
	free(s->config_path);
}
