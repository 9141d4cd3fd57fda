#include "plan9.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dial.h"

/* An address taken apart: the directory of its network, and the rest as `ctl` wants it. */
struct target {
	char network[P9_DIR_MAX];
	const char *rest;
};

static _Thread_local char words[DIAL_WORDS_MAX];

const char *p9why(void)
{
	return words;
}

/* -1 with ERR, in words of our own. */
__attribute__((format(printf, 2, 3))) static int fail(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	errno = err;
	return -1;
}

static int join(char *path, const char *dir, const char *file)
{
	int len = snprintf(path, P9_DIR_MAX, "%s/%s", dir, file);

	return len < 0 || len >= P9_DIR_MAX
		? fail(ENAMETOOLONG, "%s/%s: too long a path", dir, file)
		: 0;
}

static int open_file(const char *dir, const char *file, int flags)
{
	char path[P9_DIR_MAX];
	int fd;

	if (join(path, dir, file) < 0)
		return -1;
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? fail(errno, "%s: %s", path, strerror(errno)) : fd;
}

static void close_keeping_errno(int fd)
{
	int keep = errno;

	close(fd);
	errno = keep;
}

/* --- addresses ---------------------------------------------------------------------------- */

static bool is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && strncmp(text, word, len) == 0;
}

/* Is what stands before the first mark a network, and not an address? */
static bool names_network(const char *address, size_t len)
{
	static const char *const known[] = { "net", "tcp", "udp", "icmp" };

	if (*address == '/' || strchr(address + len + 1, '!'))
		return true;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (is_word(address, len, known[i]))
			return true;
	return false;
}

static int parse(struct target *t, const char *address)
{
	const char *mark = strchr(address, '!');
	size_t len = mark ? (size_t)(mark - address) : 0;
	const char *network = address;
	int n;

	if (!mark || !names_network(address, len)) {
		network = "tcp";
		len = strlen(network);
		t->rest = address;
	} else {
		t->rest = mark + 1;
	}
	if (is_word(network, len, "net")) {
		network = "tcp";
		len = strlen(network);
	}
	if (*network == '/')
		n = snprintf(t->network, P9_DIR_MAX, "%.*s", (int)len, network);
	else
		n = snprintf(t->network, P9_DIR_MAX, "%s/%.*s", dial_root(), (int)len, network);
	return n < 0 || n >= P9_DIR_MAX ? fail(ENAMETOOLONG, "%s: too long", address) : 0;
}

/* --- conversations ------------------------------------------------------------------------ */

/* The directory of the conversation that CTL, in NETWORK, says it is. */
static int dir_of(int ctl, const char *network, char *dir)
{
	char number[32];
	ssize_t len = read(ctl, number, sizeof(number) - 1);

	if (len <= 1)
		return fail(len < 0 ? errno : EPROTO, "%s: its number could not be read", network);
	number[len - 1] = '\0';
	return join(dir, network, number);
}

static int give(int ctl, const char *network, char *dir)
{
	if (ctl < 0 || dir_of(ctl, network, dir) == 0)
		return ctl;
	close_keeping_errno(ctl);
	return -1;
}

static int make(const char *network, char *dir)
{
	int ctl = open_file(network, "clone", O_RDWR);

	if (ctl < 0 && (errno == ENOENT || errno == ENOTCONN || errno == ENODEV))
		return fail(ENETDOWN, "no tree at %s: start catnetd, or say in CATNET where it is",
			network);
	return give(ctl, network, dir);
}

/* Tell the conversation at DIR; if it refuses, its `err` has the words. */
static int order(int ctl, const char *dir, const char *verb, const char *what, const char *more)
{
	int err;
	int fd;

	if (dial_order(ctl, "%s%s%s%s%s", verb, *what ? " " : "", what, *more ? " " : "", more) ==
		0)
		return 0;
	err = errno;
	fd = open_file(dir, "err", O_RDONLY);

	ssize_t len = fd < 0 ? -1 : read(fd, words, sizeof(words) - 1);

	if (fd >= 0)
		close(fd);
	if (len <= 1)
		return fail(err, "%s %s: %s", verb, what, strerror(err));
	words[words[len - 1] == '\n' ? len - 1 : len] = '\0';
	errno = err;
	return -1;
}

int p9dial(const char *address, const char *local, char *dir, int *ctl)
{
	char own[P9_DIR_MAX];
	struct target to;
	int order_fd;
	int data;

	if (!dir)
		dir = own;
	if (parse(&to, address) < 0 || (order_fd = make(to.network, dir)) < 0)
		return -1;
	data = order(order_fd, dir, "connect", to.rest, local ? local : "");
	if (data == 0)
		data = open_file(dir, "data", O_RDWR);
	if (data >= 0 && ctl)
		*ctl = order_fd;
	else
		close_keeping_errno(order_fd);
	return data;
}

int p9announce(const char *address, char *dir)
{
	struct target at;
	int ctl;

	if (parse(&at, address) < 0 || (ctl = make(at.network, dir)) < 0)
		return -1;
	if (order(ctl, dir, "announce", at.rest, "") == 0)
		return ctl;
	close_keeping_errno(ctl);
	return -1;
}

int p9listen(const char *dir, char *new_dir)
{
	char network[P9_DIR_MAX];
	char *slash;

	snprintf(network, sizeof(network), "%s", dir);
	slash = strrchr(network, '/');
	if (!slash)
		return fail(EINVAL, "%s: expected a directory that p9announce gave", dir);
	*slash = '\0';
	return give(open_file(dir, "listen", O_RDWR), network, new_dir);
}

int p9accept(int ctl, const char *dir)
{
	(void)ctl;
	return open_file(dir, "data", O_RDWR);
}

int p9reject(int ctl, const char *dir, const char *cause)
{
	(void)cause;
	return order(ctl, dir, "reject", "", "");
}
