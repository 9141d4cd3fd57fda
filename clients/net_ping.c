/*
 * net_ping [-c COUNT] [-i SECONDS] [-s SIZE] [-t TTL] [-W SECONDS] [-q] ADDRESS - ask whether a
 * host answers, over the tree. What it prints is what ping(8) prints. Ends with 0 when there was an
 * answer, 1 when there was none, 2 when it could not ask. Ctrl-C ends it with the sums; so does the
 * server's end.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dial.h"
#include "plan9.h"

#define HEAD_LEN                                                                        \
	8 /* type, code, checksum, id, sequence (RFC 792); checksum and id are catnet's \
	   */
#define STAMP_LEN   8
#define ECHO        8
#define PAYLOAD_MAX 65499 /* 65,507 with the header */
#define NS_PER_S    1000000000
#define SEEN_WORDS  1024 /* bits for all 65,536 sequence numbers */
#define LONGEST_S   86400

struct ping {
	const char *address;
	int data;
	int ctl;
	char dir[P9_DIR_MAX];
	uint64_t count; /* 0: until Ctrl-C */
	double interval_s;
	double patience_s; /* for the last answer */
	size_t size;
	bool is_quiet;
	uint64_t sent;
	uint64_t received;
	uint64_t doubled;
	uint64_t failed;
	uint64_t seen[SEEN_WORDS];
	uint8_t bytes[HEAD_LEN + PAYLOAD_MAX];
	int64_t begun_ns;
	double least_ms, most_ms, sum_ms, squares;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* Why the tree refused, as its `err` has it. */
static void complain(const struct ping *p, const char *what)
{
	uint64_t number = strtoull(strrchr(p->dir, '/') + 1, NULL, 10);
	char why[DIAL_WORDS_MAX];

	dial_why("icmp", number, why, sizeof(why));
	printf("%s: %s\n", what, why);
}

static bool mark_seen(struct ping *p, uint16_t sequence)
{
	uint64_t bit = (uint64_t)1 << sequence % 64;
	bool is_new = !(p->seen[sequence / 64] & bit);

	p->seen[sequence / 64] |= bit;
	return is_new;
}

/* One of those that were sent will have no answer, and here is why. */
static void fail(struct ping *p)
{
	p->failed++;
	if (!p->is_quiet)
		complain(p, "net_ping");
}

/* --- asking -------------------------------------------------------------------------------- */

static void ask(struct ping *p)
{
	uint16_t sequence = (uint16_t)(p->sent + 1);
	int64_t now = now_ns();

	memset(p->bytes, 0, HEAD_LEN);
	p->bytes[0] = ECHO;
	p->bytes[6] = (uint8_t)(sequence >> 8);
	p->bytes[7] = (uint8_t)sequence;
	p->seen[sequence / 64] &= ~((uint64_t)1 << sequence % 64);
	for (size_t i = 0; i < p->size; i++)
		p->bytes[HEAD_LEN + i] = (uint8_t)i;
	if (p->size >= STAMP_LEN)
		memcpy(p->bytes + HEAD_LEN, &now, STAMP_LEN);
	p->sent++;
	if (write(p->data, p->bytes, HEAD_LEN + p->size) < 0 && errno != EINTR)
		fail(p);
}

/* --- hearing ------------------------------------------------------------------------------- */

static void add(struct ping *p, double ms)
{
	if (p->received == 1 || ms < p->least_ms)
		p->least_ms = ms;
	if (ms > p->most_ms)
		p->most_ms = ms;
	p->sum_ms += ms;
	p->squares += ms * ms;
}

static void take(struct ping *p, size_t len, int64_t now)
{
	uint16_t sequence = (uint16_t)(p->bytes[6] << 8 | p->bytes[7]);
	bool is_new = mark_seen(p, sequence);
	bool is_timed = len >= HEAD_LEN + STAMP_LEN && p->size >= STAMP_LEN;
	double ms = 0;
	int64_t then;

	if (is_new)
		p->received++;
	else
		p->doubled++;
	if (is_timed) {
		memcpy(&then, p->bytes + HEAD_LEN, STAMP_LEN);
		ms = ((double)now - (double)then) / 1e6; /* theirs may be any number */
		add(p, ms);
	}
	if (p->is_quiet)
		return;
	printf("%zu bytes from %s: icmp_seq=%u", len, p->address, sequence);
	if (is_timed)
		printf(" time=%.*f ms", ms < 1 ? 3 : ms < 10 ? 2 : ms < 100 ? 1 : 0, ms);
	puts(is_new ? "" : " (DUP!)");
}

/* What came until END; false when it is over, or the tree has gone. */
static bool hear(struct ping *p, int64_t end, uint64_t enough)
{
	struct pollfd fd = { .fd = p->data, .events = POLLIN };

	while (!stopped && p->received + p->failed < enough) {
		int64_t left = end - now_ns();
		ssize_t n;

		if (left <= 0)
			break;
		if (poll(&fd, 1, (int)(left / 1000000) + 1) <= 0)
			continue;
		n = read(p->data, p->bytes, sizeof(p->bytes));
		if (n >= HEAD_LEN)
			take(p, (size_t)n, now_ns());
		else if (n < 0 && (errno == ENOTCONN || errno == ECONNABORTED || errno == EIO))
			return false;
		else if (n < 0 && errno != EINTR && errno != EAGAIN)
			fail(p);
		/* Whose address was taken away, for one: nothing will come any more. */
		if (n <= 0 && fd.revents & POLLHUP)
			return false;
	}
	return true;
}

static void go(struct ping *p)
{
	int64_t step = (int64_t)(p->interval_s * NS_PER_S);
	int64_t next = p->begun_ns = now_ns();

	while (!stopped) {
		bool is_last = p->count > 0 && p->sent + 1 == p->count;

		ask(p);
		next += step;
		if (!hear(p, is_last ? now_ns() + (int64_t)(p->patience_s * NS_PER_S) : next,
			    is_last ? p->sent : UINT64_MAX) ||
			is_last)
			break;
	}
}

/* Newton's way, so that nothing but the C library is needed. */
static double root(double square)
{
	double x = square > 1 ? square : 1;

	for (int i = 0; i < 60; i++)
		x = (x + square / x) / 2;
	return x;
}

/* --- telling ------------------------------------------------------------------------------- */

static void tell_sums(const struct ping *p)
{
	double n = (double)(p->received + p->doubled);
	double mean = n > 0 ? p->sum_ms / n : 0;
	double spread = n > 0 ? p->squares / n - mean * mean : 0;

	printf("\n--- %s ping statistics ---\n%llu packets transmitted, %llu received", p->address,
		(unsigned long long)p->sent, (unsigned long long)p->received);
	if (p->doubled)
		printf(", +%llu duplicates", (unsigned long long)p->doubled);
	if (p->failed)
		printf(", +%llu errors", (unsigned long long)p->failed);
	printf(", %.4g%% packet loss, time %lldms\n",
		p->sent ? 100.0 * (double)(p->sent - p->received) / (double)p->sent : 0,
		(long long)((now_ns() - p->begun_ns) / 1000000));
	if (p->received > 0 && p->size >= STAMP_LEN)
		printf("rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n", p->least_ms, mean,
			p->most_ms, spread > 0 ? root(spread) : 0);
}

static double number(const char *text, double least, double most)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= least && value <= most)) {
		fprintf(stderr, "net_ping: \"%s\": expected a number from %g to %g\n", text, least,
			most);
		exit(2);
	}
	return value;
}

static int open_it(struct ping *p, int ttl)
{
	char address[DIAL_ADDRESS_MAX + 8];

	snprintf(address, sizeof(address), "icmp!%s!0", p->address);
	p->data = p9dial(address, NULL, p->dir, &p->ctl);
	if (p->data < 0) {
		fprintf(stderr, "net_ping: %s\n", p9why());
		return -1;
	}
	if (ttl > 0 && dial_order(p->ctl, "ttl %d", ttl) < 0) {
		complain(p, "net_ping");
		return -1;
	}
	return 0;
}

static const char usage[] =
	"usage: net_ping [-c COUNT] [-i SECONDS] [-s SIZE] [-t TTL] [-W SECONDS] [-q] ADDRESS\n"
	"  -c  so many, then end (until Ctrl-C)    -s  bytes of payload (56)\n"
	"  -i  seconds between two (1)             -t  how many routers may pass it on (64)\n"
	"  -W  seconds to wait for the last (10)   -q  only the sums\n";

int main(int argc, char **argv)
{
	static struct ping p = { .interval_s = 1, .patience_s = 10, .size = 56 };
	struct sigaction on_stop = { .sa_handler = stop };
	int ttl = 0;
	int option;

	opterr = 0;
	while ((option = getopt(argc, argv, "c:i:s:t:W:q")) != -1) {
		switch (option) {
		case 'c':
			p.count = (uint64_t)number(optarg, 1, 1e9);
			break;
		case 'i':
			p.interval_s = number(optarg, 0.001, LONGEST_S);
			break;
		case 's':
			p.size = (size_t)number(optarg, 0, PAYLOAD_MAX);
			break;
		case 't':
			ttl = (int)number(optarg, 1, 255);
			break;
		case 'W':
			p.patience_s = number(optarg, 0.001, LONGEST_S);
			break;
		case 'q':
			p.is_quiet = true;
			break;
		default:
			optind = argc;
		}
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return 2;
	}
	p.address = argv[optind];
	/* An answer that nobody asked for is as one that has come before. */
	memset(p.seen, 0xff, sizeof(p.seen));
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGINT, &on_stop, NULL);
	sigaction(SIGTERM, &on_stop, NULL);
	if (open_it(&p, ttl) < 0)
		return 2;
	printf("PING %s %zu(%zu) bytes of data.\n", p.address, p.size, p.size + HEAD_LEN + 20);
	go(&p);
	tell_sums(&p);
	return p.received > 0 ? 0 : 1;
}
