/*
 * flow - one measurement from the program's side, through files or through the kernel's sockets.
 *
 *     flow send|recv|rr|crr|ctl|line|status|open|idle DOOR ADDRESS AMOUNT [PID...]
 *     flow pipe - - AMOUNT
 *
 * DOOR is the mount point of a tree, or "kernel". The ends that answer are services.c at ADDRESS.
 * AMOUNT is milliseconds for send, recv and rr, a count for all else. Prints one line of JSON;
 * times in nanoseconds. PIDs are processes whose CPU time over a send or recv is wanted too.
 * A timer ends it, whatever hangs.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "services.h"

#define PIECE       ((size_t)1 << 20)
#define PAGE        4096 /* where a buffer begins, as cat's and cp's do */
#define WARM_NS     300000000
#define WARM_N      20 /* of what is counted */
#define LIMIT_S     90
#define SAMPLES_MAX 1000000
#define STACK_LEN   ((size_t)16 << 10)
#define PATH_LEN    256

struct flow {
	const char *door;
	const char *address;
	uint64_t amount;
	char **pids; /* NULL ends them */
	uint64_t *samples;
	size_t samples_n;
	uint8_t *piece;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void must(bool is_well, const char *what)
{
	if (!is_well)
		die(what);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- connecting ------------------------------------------------------------------------------ */

static int dial_kernel(const struct flow *f, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	must(inet_pton(AF_INET, f->address, &to.sin_addr) == 1, f->address);
	must(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0, "connect");
	must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0, "setsockopt");
	return fd;
}

/* The directory of a connected conversation; its ctl, which keeps it, is the result. Where
 * there is nobody to connect to, as in null_fuse, any number will do. */
static int dial_dir(const struct flow *f, uint16_t port, char *dir)
{
	char words[PATH_LEN];
	int ctl, len;
	ssize_t n;

	if (strcmp(f->address, "-") == 0) {
		snprintf(dir, PATH_LEN, "%s/tcp/0", f->door);
		snprintf(words, sizeof(words), "%s/ctl", dir);
		ctl = open(words, O_RDWR | O_CLOEXEC);
		must(ctl >= 0, words);
		return ctl;
	}
	snprintf(words, sizeof(words), "%s/tcp/clone", f->door);
	ctl = open(words, O_RDWR | O_CLOEXEC);
	must(ctl >= 0, words);
	len = snprintf(words, sizeof(words), "connect %s!%u\n", f->address, port);
	must(write(ctl, words, (size_t)len) == len, words);
	n = read(ctl, words, sizeof(words) - 1);
	must(n > 1, "ctl");
	words[n - 1] = '\0';
	snprintf(dir, PATH_LEN, "%s/tcp/%.20s", f->door, words);
	return ctl;
}

static int dial(const struct flow *f, uint16_t port)
{
	char dir[PATH_LEN], data[PATH_LEN + 8];
	int ctl, fd;

	if (strcmp(f->door, "kernel") == 0)
		return dial_kernel(f, port);
	ctl = dial_dir(f, port, dir);
	snprintf(data, sizeof(data), "%s/data", dir);
	fd = open(data, O_RDWR | O_CLOEXEC);
	must(fd >= 0, data);
	close(ctl);
	return fd;
}

static void exchange_byte(int fd)
{
	char byte = 'x';

	must(write(fd, &byte, 1) == 1, "write");
	must(read(fd, &byte, 1) == 1, "read");
}

/* --- samples --------------------------------------------------------------------------------- */

static void note(struct flow *f, uint64_t since_ns)
{
	if (f->samples_n < SAMPLES_MAX)
		f->samples[f->samples_n++] = now_ns() - since_ns;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void tell_samples(struct flow *f)
{
	uint64_t *s = f->samples;
	size_t n = f->samples_n;

	must(n > 0, "no samples");
	qsort(s, n, sizeof(*s), compare);
	printf("{\"n\": %zu, \"p50\": %" PRIu64 ", \"p99\": %" PRIu64 "}\n", n, s[n / 2],
		s[n - 1 - n / 100]);
}

/* What a process has used of the CPUs so far. */
static uint64_t used_ns(const char *pid)
{
	char path[PATH_LEN];
	uint64_t used = 0;
	FILE *from;

	snprintf(path, sizeof(path), "/proc/%s/schedstat", pid);
	from = fopen(path, "re");
	must(from && fscanf(from, "%" SCNu64, &used) == 1, path);
	fclose(from);
	return used;
}

static uint64_t used_by_all_ns(const struct flow *f)
{
	uint64_t used = used_ns("self");

	for (char **pid = f->pids; *pid; pid++)
		used += used_ns(*pid);
	return used;
}

/* --- throughput ------------------------------------------------------------------------------ */

static uint64_t move_until(const struct flow *f, int fd, bool sends, uint64_t end_ns)
{
	uint64_t moved = 0;

	while (now_ns() < end_ns) {
		ssize_t n = sends ? write(fd, f->piece, PIECE) : read(fd, f->piece, PIECE);

		must(n > 0, sends ? "write" : "read");
		moved += (uint64_t)n;
	}
	return moved;
}

static void run_stream(struct flow *f, bool sends)
{
	int fd = dial(f, sends ? PORT_SINK : PORT_SOURCE);
	uint64_t used, begin, moved;

	move_until(f, fd, sends, now_ns() + WARM_NS);
	used = used_by_all_ns(f);
	begin = now_ns();
	moved = move_until(f, fd, sends, begin + f->amount * 1000000);
	printf("{\"bytes\": %" PRIu64 ", \"ns\": %" PRIu64, moved, now_ns() - begin);
	printf(", \"cpu_ns\": %" PRIu64 "}\n", used_by_all_ns(f) - used);
	close(fd);
}

static void run_send(struct flow *f)
{
	run_stream(f, true);
}

static void run_recv(struct flow *f)
{
	run_stream(f, false);
}

/* --- latency --------------------------------------------------------------------------------- */

static void run_rr(struct flow *f)
{
	int fd = dial(f, PORT_ECHO);
	uint64_t end = now_ns() + f->amount * 1000000;

	for (int i = 0; i < WARM_N; i++)
		exchange_byte(fd);
	while (now_ns() < end) {
		uint64_t begin = now_ns();

		exchange_byte(fd);
		note(f, begin);
	}
	tell_samples(f);
	close(fd);
}

static void run_crr(struct flow *f)
{
	for (uint64_t i = 0; i < f->amount + WARM_N; i++) {
		uint64_t begin = now_ns();
		int fd = dial(f, PORT_ECHO);

		exchange_byte(fd);
		close(fd);
		if (i >= WARM_N)
			note(f, begin);
	}
	tell_samples(f);
}

/* The yardstick of whatever needs one answer from another process. */
static void run_pipe(struct flow *f)
{
	int there[2], back[2];
	char byte = 'x';
	pid_t child;

	must(pipe(there) == 0 && pipe(back) == 0, "pipe");
	child = fork();
	must(child >= 0, "fork");
	if (child == 0) {
		close(there[1]);
		while (read(there[0], &byte, 1) == 1)
			must(write(back[1], &byte, 1) == 1, "write");
		_exit(0);
	}
	for (uint64_t i = 0; i < f->amount; i++) {
		uint64_t begin = now_ns();

		must(write(there[1], &byte, 1) == 1, "write");
		must(read(back[0], &byte, 1) == 1, "read");
		note(f, begin);
	}
	tell_samples(f);
	close(there[1]);
	waitpid(child, NULL, 0);
}

/* --- what a file costs ----------------------------------------------------------------------- */

static const char order[] = "nodelay on\n";

/* As `echo nodelay on >ctl`. */
static void echo_to(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	must(fd >= 0 && write(fd, order, sizeof(order) - 1) == sizeof(order) - 1, path);
	close(fd);
}

static void cat(const char *path)
{
	char page[4096];
	int fd = open(path, O_RDONLY);

	must(fd >= 0, path);
	while (read(fd, page, sizeof(page)) > 0)
		;
	close(fd);
}

static void open_and_close(const char *path)
{
	int fd = open(path, O_RDWR);

	must(fd >= 0, path);
	close(fd);
}

static void run_file(struct flow *f, const char *name, void (*use)(const char *path))
{
	char dir[PATH_LEN], path[PATH_LEN + 16];
	int ctl = dial_dir(f, PORT_ECHO, dir);

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (uint64_t i = 0; i < f->amount + WARM_N; i++) {
		uint64_t begin = now_ns();

		use(path);
		if (i >= WARM_N)
			note(f, begin);
	}
	tell_samples(f);
	close(ctl);
}

static void run_ctl(struct flow *f)
{
	run_file(f, "ctl", echo_to);
}

static void run_status(struct flow *f)
{
	run_file(f, "status", cat);
}

static void run_open(struct flow *f)
{
	run_file(f, "data", open_and_close);
}

/* A verb written into a ctl that is open: one request and its answer. */
static void run_line(struct flow *f)
{
	char dir[PATH_LEN];
	int ctl = dial_dir(f, PORT_ECHO, dir);

	for (uint64_t i = 0; i < f->amount; i++) {
		uint64_t begin = now_ns();

		must(write(ctl, order, sizeof(order) - 1) == sizeof(order) - 1, "ctl");
		note(f, begin);
	}
	tell_samples(f);
	close(ctl);
}

/* --- memory ---------------------------------------------------------------------------------- */

static void *wait_for_byte(void *arg)
{
	const int *fd = arg;
	char byte;

	must(read(*fd, &byte, 1) == 1, "read");
	return NULL;
}

static void wait_for_line(const char *state)
{
	char line[16];

	puts(state);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(0);
}

/* Conversations that have said a byte each and are silent; then a reader waits in each. */
static void run_idle(struct flow *f)
{
	int *fds = calloc(f->amount, sizeof(*fds));
	uint8_t *stacks = mmap(NULL, f->amount * STACK_LEN, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	pthread_attr_t attr;
	pthread_t thread;

	must(fds && stacks != MAP_FAILED, "memory");
	wait_for_line("ready");
	for (uint64_t i = 0; i < f->amount; i++) {
		fds[i] = dial(f, PORT_ECHO);
		exchange_byte(fds[i]);
	}
	wait_for_line("held");
	for (uint64_t i = 0; i < f->amount; i++) {
		pthread_attr_init(&attr);
		pthread_attr_setstack(&attr, stacks + i * STACK_LEN, STACK_LEN);
		must(pthread_create(&thread, &attr, wait_for_byte, &fds[i]) == 0, "thread");
	}
	wait_for_line("parked");
}

/* --- which ----------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*run)(struct flow *f);
} modes[] = { { "send", run_send }, { "recv", run_recv }, { "rr", run_rr }, { "crr", run_crr },
	{ "pipe", run_pipe }, { "ctl", run_ctl }, { "line", run_line }, { "status", run_status },
	{ "open", run_open }, { "idle", run_idle } };

int main(int argc, char **argv)
{
	struct flow f;

	if (argc < 5) {
		fprintf(stderr, "usage: flow MODE DOOR ADDRESS AMOUNT [PID...]\n");
		return 2;
	}
	f = (struct flow){ .door = argv[2],
		.address = argv[3],
		.amount = strtoull(argv[4], NULL, 10),
		.pids = argv + 5,
		.samples = calloc(SAMPLES_MAX, sizeof(*f.samples)),
		.piece = aligned_alloc(PAGE, PIECE) };
	must(f.samples && f.piece && take_all_files() == 0, "set-up");
	memset(f.piece, 'x', PIECE); /* else all of it is the one page of zeros, always warm */
	alarm(LIMIT_S);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(modes[i].name, argv[1]) == 0) {
			modes[i].run(&f);
			return 0;
		}
	}
	fprintf(stderr, "flow: no such mode: %s\n", argv[1]);
	return 2;
}
