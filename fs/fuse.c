/* fuse.c - the session: mounting, receiving, unmounting. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../stack/base/text.h"
#include "../stack/stack.h"
#include "fuse_private.h"
#include "mount.h"

/* libfuse reads a request with its headers into this much. */
#define RECEIVE_MIN (FRONT_MAX_WRITE + 4096)
/* In front of a WRITE's bytes: fuse_in_header and fuse_write_in of linux/fuse.h. */
#define WRITE_HEAD_LEN 80
#define PAGE_LEN       4096

static void notify(struct session *session, void *token)
{
	(void)session;
	fuse_lowlevel_notify_poll(token);
}

static void token_free(struct session *session, void *token)
{
	(void)session;
	fuse_pollhandle_destroy(token);
}

/* libfuse would speak to standard error, of which we have one line and our own words. */
static void say_nothing(enum fuse_log_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
}

static int attach(struct front *f, const char *options, const char *where)
{
	char *argv[] = { "catnetd", (char *)(uintptr_t)options, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(options ? 2 : 1, argv);

	f->fuse = fuse_session_new(&args, &front_ops, sizeof(front_ops), f);
	fuse_opt_free_args(&args);
	if (!f->fuse)
		return -ENOMEM;
	if (fuse_session_mount(f->fuse, where) == 0)
		return 0;
	fuse_session_destroy(f->fuse);
	f->fuse = NULL;
	return -EPERM;
}

/* As fusermount3 reads a line: without its comment, and the blanks around. */
static bool allows_others(char *line)
{
	const char *word = line + strspn(line, " \t");
	size_t len;

	line[strcspn(line, "#\n")] = '\0';
	len = strcspn(word, " \t");
	return len == strlen("user_allow_other") && strncmp(word, "user_allow_other", len) == 0 &&
		word[len + strspn(word + len, " \t")] == '\0';
}

/* Does the machine let users mount for others? fusermount3 would complain aloud before we could. */
static bool may_share(void)
{
	FILE *f = fopen("/etc/fuse.conf", "re");
	bool may = false;
	char line[256];

	while (f && !may && fgets(line, sizeof(line), f))
		may = allows_others(line);
	if (f)
		fclose(f);
	return may;
}

/* By fusermount3, for others too or not; commas in the name would be the list's. */
static int attach_named(struct front *f, const char *for_others)
{
	struct text options;
	char at[512];

	options = text_over(at, sizeof(at));
	text_printf(&options,
		"-o%sdefault_permissions,noexec,subtype=" MOUNT_SUBTYPE ",fsname=", for_others);
	for (const char *c = f->name; *c != '\0'; c++) {
		if (*c == ',' || *c == '\\')
			text_put(&options, "\\");
		text_put_len(&options, c, 1);
	}
	return attach(f, at, f->mountpoint);
}

/* Without root, fusermount3 mounts for us; for others too where the machine allows that. */
static int attach_by_helper(struct front *f, char *why, size_t why_len)
{
	if (may_share() && attach_named(f, "allow_other,") == 0)
		return 0;
	if (attach_named(f, "") == 0) {
		log_say(f->log, LEVEL_WARNING,
			"only your own programs can use %s: to share it, put user_allow_other "
			"into the system's fuse.conf",
			f->mountpoint);
		return 0;
	}
	snprintf(why, why_len,
		"cannot mount on %s: run as root, or install fusermount3 and own the directory",
		f->mountpoint);
	return -EPERM;
}

static int mount_by_helper(struct front *f, char *why, size_t why_len)
{
	int err = attach_by_helper(f, why, why_len);

	f->dev = err < 0 ? 0 : mount_at(f->mountpoint);
	return err;
}

static int mount_as_root(struct front *f, char *why, size_t why_len)
{
	char where[32];
	int fd = mount_open(f->mountpoint, f->name, why, why_len);
	int err;

	if (fd < 0)
		return fd;
	f->mounted_by_us = true;
	f->dev = mount_at(f->mountpoint);
	snprintf(where, sizeof(where), "/dev/fd/%d", fd);
	err = attach(f, NULL, where);
	if (err < 0) {
		snprintf(why, why_len, "cannot serve %s: %s", f->mountpoint, strerror(-err));
		close(fd);
	}
	return err;
}

static int mount_tree(struct front *f, char *why, size_t why_len)
{
	unsigned timeout_s = mount_request_timeout();
	int err;

	if (timeout_s > 0)
		log_say(f->log, LEVEL_WARNING,
			"this kernel will cut the mount off when one read waits longer than %u s, "
			"and all its users with it: sysctl -w fs.fuse.default_request_timeout=0 "
			"fs.fuse.max_request_timeout=0, and start again",
			timeout_s);
	fuse_set_log_func(say_nothing);
	err = geteuid() == 0 ? mount_as_root(f, why, why_len) : mount_by_helper(f, why, why_len);
	if (err < 0)
		return err;
	err = fcntl(front_fd(f), F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
	return err < 0 ? err : fcntl(front_fd(f), F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

int front_open(struct front **out, const struct front_config *config, char *why, size_t why_len)
{
	struct front *f = calloc(1, sizeof(*f));
	int err;

	if (!f) {
		snprintf(why, why_len, "out of memory");
		return -ENOMEM;
	}
	f->session.fs = config->fs;
	f->session.notify = notify;
	f->session.token_free = token_free;
	f->stack = config->stack;
	f->log = config->log;
	f->name = config->name;
	err = mount_prepare(&f->mountpoint, config->mountpoint, why, why_len);
	if (err == 0)
		err = mount_tree(f, why, why_len);
	if (err < 0) {
		front_close(f);
		return err;
	}
	*out = f;
	return 0;
}

int front_fd(const struct front *f)
{
	return fuse_session_fd(f->fuse);
}

/*
 * Where in the chunk the next request goes. A WRITE's bytes are to begin with a page, as they do
 * in the memory of most programs that write much: the kernel copies page by page, and where pages
 * lie alike that is one copy a page instead of two.
 */
static uint32_t place_in_chunk(const struct front *f)
{
	uintptr_t bytes = (uintptr_t)f->chunk->data + f->chunk_at + WRITE_HEAD_LEN;

	return f->chunk_at + (uint32_t)(-bytes & (PAGE_LEN - 1));
}

/* Where the next request is received; NULL when there is no memory at all. */
static uint8_t *next_place(struct front *f)
{
	/* Nobody needs what came before any more: the same memory again, while it is warm. */
	if (f->chunk && !buf_is_shared(f->chunk))
		f->chunk_at = 0;
	if (f->chunk && place_in_chunk(f) > f->chunk->cap - RECEIVE_MIN) {
		buf_drop(f->chunk);
		f->chunk = NULL;
	}
	if (!f->chunk) {
		f->chunk = stack_chunk(f->stack);
		f->chunk_at = 0;
	}
	if (f->chunk) {
		f->chunk_at = place_in_chunk(f);
		return f->chunk->data + f->chunk_at;
	}
	if (!f->fallback)
		f->fallback = malloc(RECEIVE_MIN);
	return f->fallback;
}

/* One request: 1, 0 when there is none, -ENODEV. */
static int receive(struct front *f)
{
	struct fuse_buf in = { .mem = next_place(f) };
	int got;

	if (!in.mem)
		return 0;
	got = fuse_session_receive_buf(f->fuse, &in);
	if (got == -EAGAIN || got == -EINTR)
		return 0;
	if (got <= 0) {
		f->is_gone = true;
		return -ENODEV;
	}
	f->has_write = false;
	fuse_session_process_buf(f->fuse, &in);
	/* Bytes that somebody may still hold stay where they are. */
	if (f->has_write && f->chunk && buf_is_shared(f->chunk))
		f->chunk_at += (uint32_t)got;
	return fuse_session_exited(f->fuse) ? -ENODEV : 1;
}

int front_pump(struct front *f, int max)
{
	for (int served = 0; served < max; served++) {
		int got = receive(f);

		if (got <= 0)
			return got < 0 ? got : served;
	}
	return max;
}

bool front_answers(const struct front *f)
{
	return f->has_begun;
}

/* It may have been taken away, and another's stand in its place. Where that is not to be learned,
 * as without /proc, a mount that still asks us is taken to be there. */
static bool has_mount(const struct front *f)
{
	return f->dev == 0 ? !f->is_gone : mount_at(f->mountpoint) == f->dev;
}

bool front_is_cut_off(const struct front *f)
{
	return f->is_gone && has_mount(f);
}

static void unmount(struct front *f)
{
	if (f->mounted_by_us && has_mount(f))
		mount_close(f->mountpoint);
	if (!f->fuse)
		return;
	/* libfuse goes by the name alone. */
	if (!f->mounted_by_us && has_mount(f))
		fuse_session_unmount(f->fuse);
	fuse_session_destroy(f->fuse);
}

void front_close(struct front *f)
{
	if (!f)
		return;
	unmount(f);
	front_free_spares(f);
	buf_drop(f->chunk);
	free(f->fallback);
	free(f->mountpoint);
	free(f);
}
