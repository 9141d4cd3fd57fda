/*
 * udp_echo [ADDRESS!]PORT - send every datagram back to where it came from, until killed.
 *
 * One conversation in `headers` mode serves all: what is read begins with whose it is, so the very
 * bytes that were read, written again, are the answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dial.h"

#define HEADER_LEN   52
#define DATAGRAM_MAX 65507

static int die(const char *what, const char *why)
{
	fprintf(stderr, "udp_echo: %s: %s\n", what, why);
	return 1;
}

/* An announced conversation that brings its headers along; its `data`. */
static int begin(const char *address, uint64_t *number, char *why, size_t cap)
{
	int ctl = dial_announce("udp", address, number, why, cap);
	int data;

	if (ctl < 0)
		return -1;
	data = dial_order(ctl, "headers on") < 0 ? -1 : dial_open("udp", *number, "data", O_RDWR);
	if (data < 0)
		dial_why("udp", *number, why, cap);
	close(ctl);
	return data;
}

/* Whose address was taken away, for one: there is nothing to wait for any more. */
static bool is_over(int data)
{
	struct pollfd fd = { .fd = data };

	return poll(&fd, 1, 0) > 0 && fd.revents & (POLLHUP | POLLNVAL);
}

static int serve(int data)
{
	static char bytes[HEADER_LEN + DATAGRAM_MAX];

	for (;;) {
		ssize_t n = read(data, bytes, sizeof(bytes));
		int err;

		/* An unreachable caller is his trouble; the next one is served. */
		if (n >= HEADER_LEN)
			n = write(data, bytes, (size_t)n);
		if (n == 0)
			return 0;
		err = n < 0 ? errno : 0;
		if (err == ENOTCONN || err == ECONNABORTED || err == EIO)
			return die("the tree has gone", strerror(err));
		if (err && is_over(data))
			return die("it is over", strerror(err));
	}
}

int main(int argc, char **argv)
{
	char why[DIAL_WORDS_MAX];
	char at[DIAL_WORDS_MAX];
	uint64_t number;
	int data;

	if (argc != 2 || *argv[1] == '-') {
		fputs("usage: udp_echo [ADDRESS!]PORT   as in: udp_echo 7\n", stderr);
		return 2;
	}
	data = begin(argv[1], &number, why, sizeof(why));
	if (data < 0)
		return die(argv[1], why);
	if (dial_text("udp", number, "local", at, sizeof(at)) > 0) {
		printf("echoing at %s\n", at);
		fflush(stdout);
	}
	return serve(data);
}
