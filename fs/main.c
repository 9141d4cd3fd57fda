/* main.c - catnetd: from the command line to the exit status. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "../drivers/driver.h"
#include "../stack/base/text.h"
#include "exits.h"
#include "fuse.h"
#include "loop.h"
#include "mount_helper.h"
#include "rehearse.h"
#include "report.h"
#include "server.h"

/* As long as the longest of mistakes, with its place. */
#define TOLD_MAX (2 * OPTIONS_WHY_MAX + 2)

static void tell(void *arg, const char *line)
{
	char at[TOLD_MAX];

	(void)arg;
	snprintf(at, sizeof(at), "%s", line);
	log_tame(at);
	fprintf(stderr, "catnetd: %s\n", at);
}

/* umount -f first cuts the mount off and then takes it away: so long it may be between the two. */
#define UNMOUNT_US      (200 * USEC_PER_MSEC)
#define UNMOUNT_STEP_US (5 * USEC_PER_MSEC)

/* Is the mount cut off, and there to stay so? The wire is served meanwhile. */
static bool stays_cut_off(struct server *s)
{
	usec_t now_us = loop_clock_us();
	usec_t end_us = now_us + UNMOUNT_US;

	(void)loop_serve(s->loop, NULL, NULL);
	while (front_is_cut_off(s->front)) {
		if (now_us >= end_us || server_turn(s, now_us + UNMOUNT_STEP_US) < 0)
			return true;
		now_us = loop_clock_us();
	}
	return false;
}

/* The mount is gone: who took it away? */
static int unmounted(struct server *s)
{
	const char *where = s->options->mountpoint;

	if (!stays_cut_off(s)) {
		log_say(&s->log, LEVEL_INFO, "ending: %s was unmounted", where);
		return 0;
	}
	log_say(&s->log, LEVEL_ERROR,
		"ending: the kernel has cut %s off, told to by umount -f while it was in use, by "
		"fusectl or by a timeout (fs.fuse.default_request_timeout)",
		where);
	s->status = EX_OSERR;
	return -ECONNABORTED;
}

static void say_ready(struct server *s)
{
	char at[512];
	struct text words = text_over(at, sizeof(at));

	text_printf(&words, "serving %s on %s", s->options->mountpoint, s->nic->link.name);
	log_tame(at);
	log_say(&s->log, LEVEL_INFO, "%s", at);
	daemon_ready(&s->daemon, &s->log, at);
}

/* Until the end: 0 or -errno. */
static int turn(struct server *s)
{
	while (s->over == 0) {
		(void)server_turn(s, USEC_NEVER);
		if (s->wants_reload)
			reload_begin(s);
		if (s->wants_pump)
			reload_pump(s);
		if (s->wants_report)
			report(s);
	}
	return s->over == -ENODEV ? unmounted(s) : 0;
}

/* Told to end before it served: whoever waits for it must not take that for success. */
static int ended_early(struct server *s)
{
	if (s->daemon.parent >= 0)
		s->status = EX_TEMPFAIL;
	return s->daemon.parent >= 0 ? -EINTR : 0;
}

static int run(struct server *s)
{
	int err = daemon_begin(&s->daemon, s->options, &s->status, s->why, sizeof(s->why));

	if (err == 0 && reload_init(s) < 0)
		err = server_fail(s, -errno, s->options->config_path);

	if (err == 0)
		err = server_open(s);
	if (err == -EINTR)
		return ended_early(s);
	if (err < 0) {
		tell(NULL, s->why);
		return err;
	}
	say_ready(s);
	return turn(s);
}

/* Serve until the end; the exit status. */
static int serve(struct server *s)
{
	int err;

	/* Until the loop takes it: it must not end us. */
	signal(SIGUSR1, SIG_IGN);
	log_open(&s->log, s->options->level);
	err = run(s);
	daemon_notify(&s->daemon, "STOPPING=1\n");
	server_close(s);
	daemon_end(&s->daemon);
	return err < 0 && s->status != 0 ? s->status : exit_of_error(err);
}

/* STATUS is what is known already. */
static int check(struct server *s, int status, const struct teller *to)
{
	int rest = 0;

	log_open(&s->log, LEVEL_ERROR);
	if (status == 0 || status == EX_CONFIG)
		rest = rehearse(s, to);
	status = status != 0 ? status : rest;
	if (status == 0)
		printf("%s: ok\n", s->options->config_path);
	return status;
}

/* As the command line says; the exit status. */
static int obey(int argc, char **argv, bool by_mount, const struct teller *to)
{
	struct server *s = calloc(1, sizeof(*s));
	int status;

	if (!s || !(s->options = calloc(1, sizeof(*s->options)))) {
		free(s);
		return EX_OSERR;
	}
	s->argc = argc;
	s->argv = argv;
	s->latest = s->options;
	s->reload.fd = -1;
	status = options_read(s->options, argc, argv, NULL, 0, to);
	if (by_mount) {
		s->options->by_mount = true;
		s->options->in_foreground = false;
	}
	if (s->options->is_check)
		status = check(s, status, to);
	else if (status == 0)
		status = serve(s);
	options_free(s->options);
	free(s->options);
	free(s);
	return status;
}

/* As mount(8) would have it. */
static int obey_mount(int argc, char **argv, const struct teller *to)
{
	struct mount_helper m;
	int status = mount_helper_read(&m, argc, argv, to);

	if (status == 0 && !m.is_fake)
		status = obey(m.argc, m.argv, true, to);
	mount_helper_free(&m);
	return mount_helper_status(status);
}

/* Started with standard descriptors closed, what is opened next would take their numbers, and what
 * is said there would go out on the wire, or to the kernel as an answer. */
static int fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	return fd < 0 ? -errno : close(fd);
}

int main(int argc, char **argv)
{
	const struct teller to = { .tell = tell };

	if (fill_standard_descriptors() < 0)
		return EX_OSERR;

	return mount_helper_is(argv[0]) ? obey_mount(argc, argv, &to)
					: obey(argc, argv, false, &to);
}
