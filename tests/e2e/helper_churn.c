/*
 * helper_churn.c - processes that look up, open, use and close files of the tree at random.
 *
 *     helper_churn PROCESSES SECONDS LEAST SEED
 *
 * The tree is at $CATNET. Every process goes on for SECONDS, and until it has done its part of
 * LEAST look-ups, opens and closes. It prints what was done and how long the slowest took, and
 * fails when something answered an error that has no business here.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT(a)      (sizeof(a) / sizeof((a)[0]))
#define PROCESSES_MAX 64
#define FILES_MAX     16 /* open at once, in one process */
#define NAMES         8  /* of one process; others guess at them too */
#define PATH_LEN      4096

/* What one process has done; all see it. */
struct tally {
	uint64_t lookups;
	uint64_t opens;
	uint64_t closes;
	uint64_t others; /* reads, writes, polls, listings, names made and ended */
	uint64_t slowest_us;
	char unexpected[256];
};

struct churn {
	const char *root;
	struct tally *tally;
	uint64_t random;
	unsigned self;
	unsigned processes;
	int files[FILES_MAX]; /* -1: none */
};

static const char *const protos[] = { "tcp", "udp", "icmp" };
static const char *const top_files[] = { "stats", "err", "arp", "iproute", "ipselftab", "nothing" };
static const char *const conv_files[] = { "ctl", "data", "accept", "err", "local", "remote",
	"status", "stats", "nothing" };
static const char *const orders[] = { "ttl 9\n", "tos 8\n", "nonsense\n", "keep 1\n", "hangup\n",
	"bind 0\n", "announce 0\n", "rcvbuf 8192\n", "" };

/* SplitMix64's steps: the same seed, the same walk. */
static uint64_t random_next(struct churn *c)
{
	uint64_t z = c->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static unsigned below(struct churn *c, size_t n)
{
	return (unsigned)(random_next(c) % n);
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Errors that say that the mount or the server is ill, and not that the question was odd. */
static void judge(struct churn *c, const char *what, const char *path, int err)
{
	static const int ill[] = { EIO, ENOTCONN, ECONNABORTED, EPROTO, ENOSYS, EFAULT, ENODEV,
		ENFILE, ENOMEM };
	bool is_data = strstr(path, "/data") != NULL;

	for (size_t i = 0; i < COUNT(ill); i++) {
		if (err == ill[i] && !(is_data && err == ENOTCONN) && !c->tally->unexpected[0])
			snprintf(c->tally->unexpected, sizeof(c->tally->unexpected), "%s %s: %s",
				what, path, strerror(err));
	}
}

static void took(struct churn *c, uint64_t since)
{
	uint64_t us = now_us() - since;

	if (us > c->tally->slowest_us)
		c->tally->slowest_us = us;
}

__attribute__((format(printf, 3, 4))) static void path_of(
	struct churn *c, char *path, const char *format, ...)
{
	int n = snprintf(path, PATH_LEN, "%s/", c->root);
	va_list args;

	va_start(args, format);
	vsnprintf(path + n, (size_t)(PATH_LEN - n), format, args);
	va_end(args);
}

static void name_path(struct churn *c, char *path, unsigned whose)
{
	path_of(c, path, "%s/churn-%u-%u", protos[below(c, COUNT(protos))], whose, below(c, NAMES));
}

/* Mostly files of conversations, mostly of one's own. */
static void any_path(struct churn *c, char *path)
{
	unsigned whose = below(c, 4) ? c->self : below(c, c->processes);
	unsigned kind = below(c, 10);
	char dir[PATH_LEN];

	if (kind == 0) {
		path_of(c, path, "%s", top_files[below(c, COUNT(top_files))]);
	} else if (kind == 1) {
		path_of(c, path, "%s/%s", protos[below(c, COUNT(protos))],
			below(c, 2) ? "clone" : "stats");
	} else {
		name_path(c, dir, whose);
		snprintf(path, PATH_LEN, "%.*s/%s", PATH_LEN - 16, dir,
			conv_files[below(c, COUNT(conv_files))]);
	}
}

/* --- what is done ------------------------------------------------------------------------ */

static void do_lookup(struct churn *c)
{
	char path[PATH_LEN];
	struct stat st;

	any_path(c, path);
	if (stat(path, &st) < 0)
		judge(c, "stat", path, errno);
	c->tally->lookups++;
}

static void do_close(struct churn *c, unsigned i)
{
	if (c->files[i] < 0)
		return;
	if (close(c->files[i]) < 0)
		judge(c, "close", "a file", errno);
	c->files[i] = -1;
	c->tally->closes++;
}

static void do_open(struct churn *c)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC,
		O_WRONLY | O_APPEND };
	unsigned i = below(c, FILES_MAX);
	int flags = modes[below(c, COUNT(modes))];
	char path[PATH_LEN];

	do_close(c, i);
	any_path(c, path);
	/* A clone that is only read is kept for a minute after. */
	if (strstr(path, "/clone") && flags == O_RDONLY)
		flags = O_RDWR;
	c->files[i] = open(path, flags | O_NONBLOCK | O_CLOEXEC);
	c->tally->opens++;
	if (c->files[i] < 0)
		judge(c, "open", path, errno);
}

static void do_use(struct churn *c)
{
	const char *order = orders[below(c, COUNT(orders))];
	int fd = c->files[below(c, FILES_MAX)];
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	char bytes[700];
	ssize_t n = 0;

	if (fd < 0)
		return;
	switch (below(c, 3)) {
	case 0:
		n = read(fd, bytes, sizeof(bytes));
		break;
	case 1:
		n = write(fd, order, strlen(order));
		break;
	default:
		n = poll(&p, 1, 0);
	}
	if (n < 0)
		judge(c, "use", "/data", errno);
	c->tally->others++;
}

static void do_name(struct churn *c)
{
	char path[PATH_LEN];

	name_path(c, path, c->self);
	if (mkdir(path, 0755) < 0 && errno == EEXIST)
		rmdir(path);
	c->tally->others++;
}

static void do_list(struct churn *c)
{
	char path[PATH_LEN];
	DIR *dir;

	path_of(c, path, "%s", protos[below(c, COUNT(protos))]);
	dir = opendir(path);
	if (!dir) {
		judge(c, "opendir", path, errno);
		return;
	}
	while (readdir(dir) != NULL)
		;
	closedir(dir);
	c->tally->others++;
}

static void step(struct churn *c)
{
	unsigned kind = below(c, 100);
	uint64_t since = now_us();

	if (kind < 35)
		do_lookup(c);
	else if (kind < 70)
		do_open(c);
	else if (kind < 80)
		do_close(c, below(c, FILES_MAX));
	else if (kind < 93)
		do_use(c);
	else if (kind < 99)
		do_name(c);
	else
		do_list(c);
	took(c, since);
}

static void put_away(struct churn *c)
{
	char path[PATH_LEN];

	for (unsigned i = 0; i < FILES_MAX; i++)
		do_close(c, i);
	for (unsigned i = 0; i < COUNT(protos) * NAMES; i++) {
		path_of(c, path, "%s/churn-%u-%u", protos[i / NAMES], c->self, i % NAMES);
		rmdir(path);
	}
}

static int live(struct churn *c, uint64_t seconds, uint64_t least)
{
	uint64_t end = now_us() + seconds * 1000000;
	const struct tally *t = c->tally;

	for (unsigned i = 0; i < FILES_MAX; i++)
		c->files[i] = -1;
	while (now_us() < end || t->lookups + t->opens + t->closes < least)
		step(c);
	put_away(c);
	return t->unexpected[0] ? 1 : 0;
}

/* --- all of them ------------------------------------------------------------------------- */

static void print(const struct tally *tallies, unsigned n)
{
	struct tally sum = { .lookups = 0 };

	for (unsigned i = 0; i < n; i++) {
		sum.lookups += tallies[i].lookups;
		sum.opens += tallies[i].opens;
		sum.closes += tallies[i].closes;
		sum.others += tallies[i].others;
		if (tallies[i].slowest_us > sum.slowest_us)
			sum.slowest_us = tallies[i].slowest_us;
		if (tallies[i].unexpected[0])
			printf("process %u: %s\n", i, tallies[i].unexpected);
	}
	printf("%llu lookups, %llu opens, %llu closes, %llu others, the slowest %llu us\n",
		(unsigned long long)sum.lookups, (unsigned long long)sum.opens,
		(unsigned long long)sum.closes, (unsigned long long)sum.others,
		(unsigned long long)sum.slowest_us);
}

static int wait_for_all(void)
{
	int failed = 0;
	int status;

	while (wait(&status) > 0) {
		if (status != 0)
			failed = 1;
	}
	return failed;
}

int main(int argc, char **argv)
{
	unsigned n = argc == 5 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	struct tally *tallies;
	int failed;

	if (n < 1 || n > PROCESSES_MAX || !getenv("CATNET")) {
		fputs("usage: CATNET=DIR helper_churn PROCESSES SECONDS LEAST SEED\n", stderr);
		return 64;
	}
	tallies = mmap(NULL, n * sizeof(*tallies), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tallies == MAP_FAILED)
		return 71;
	for (unsigned i = 0; i < n; i++) {
		struct churn c = { .root = getenv("CATNET"),
			.tally = &tallies[i],
			.random = strtoull(argv[4], NULL, 10) * PROCESSES_MAX + i,
			.self = i,
			.processes = n };

		if (fork() == 0)
			_exit(live(
				&c, strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10) / n));
	}
	failed = wait_for_all();
	print(tallies, n);
	return failed;
}
