/*
 * http_client ADDRESS [PATH] - fetch a page over the tree, HTTP/1.0, and print its body.
 *
 * ADDRESS is A, A!P, A:P or [A6]:P; without a port it is 80. Ends with 0 for a page, 1 when it
 * could not be had (with the words of the conversation's `err`), 2 for a wrong call, 3 when the
 * server answered with something but 2xx (the body is printed all the same).
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "dial.h"

#define HEAD_MAX 16384 /* as much of a header as common servers send themselves */
#define BODY_CAP 131072

enum outcome { HAD = 0, FAILED = 1, MISUSED = 2, REFUSED = 3 };

/* What a server says before the body. */
struct head {
	char text[HEAD_MAX + 1];
	size_t len;      /* of what has been read */
	size_t body_off; /* where the body begins in it; 0: not seen yet */
};

static enum outcome complain(const char *what, const char *why)
{
	fprintf(stderr, "http_client: %s: %s\n", what, why);
	return FAILED;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static ssize_t read_some(int fd, char *into, size_t cap)
{
	ssize_t n;

	do
		n = read(fd, into, cap);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Add the port of the web where ADDRESS has none. An IPv6 address alone has several colons. */
static int complete(char *out, size_t cap, const char *address)
{
	const char *colon = strchr(address, ':');
	bool has_port = strchr(address, '!') || *address == '[' ||
		(colon && colon == strrchr(address, ':'));
	int len = snprintf(out, cap, has_port ? "%s" : "%s!80", address);

	return len < 0 || (size_t)len >= cap ? -1 : 0;
}

static int ask(int data, const char *address, const char *path)
{
	char request[4096];
	size_t name_len = strcspn(address, "!");
	int len = snprintf(request, sizeof(request),
		"GET %s%s HTTP/1.0\r\nHost: %.*s\r\nUser-Agent: catnet\r\n\r\n",
		*path == '/' ? "" : "/", path, (int)name_len, address);

	if (len < 0 || (size_t)len >= sizeof(request)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return write_all(data, request, (size_t)len);
}

/* Read up to the empty line. 0; -1 with errno, EPROTO when no header comes. */
static int read_head(int data, struct head *h)
{
	while (h->len < HEAD_MAX) {
		ssize_t n = read_some(data, h->text + h->len, HEAD_MAX - h->len);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		h->len += (size_t)n;
		h->text[h->len] = '\0';

		const char *gap = strstr(h->text, "\r\n\r\n");

		if (gap) {
			h->body_off = (size_t)(gap - h->text) + 4;
			return 0;
		}
	}
	errno = EPROTO;
	return -1;
}

/* The status, as 200; 0 when the first line is none of HTTP. */
static int status_of(const struct head *h)
{
	int status;

	return sscanf(h->text, "HTTP/%*d.%*d %3d", &status) == 1 ? status : 0;
}

/* How long the body says it is; -1 when it does not say. */
static long long length_of(const struct head *h)
{
	static const char key[] = "\nContent-Length:";

	for (const char *at = h->text; (at = strchr(at, '\n')) && at < h->text + h->body_off; at++)
		if (strncasecmp(at, key, sizeof(key) - 1) == 0)
			return strtoll(at + sizeof(key) - 1, NULL, 10);
	return -1;
}

/* Print what came with the header, then the rest; how many bytes, -1 with errno and *WHERE. */
static long long print_body(int data, const struct head *h, const char **where)
{
	char bytes[BODY_CAP];
	ssize_t n = (ssize_t)(h->len - h->body_off);
	long long total = 0;

	*where = "standard output";
	if (write_all(STDOUT_FILENO, h->text + h->body_off, (size_t)n) < 0)
		return -1;
	for (total = n; (n = read_some(data, bytes, sizeof(bytes))) > 0; total += n)
		if (write_all(STDOUT_FILENO, bytes, (size_t)n) < 0)
			return -1;
	*where = NULL;
	return n < 0 ? -1 : total;
}

static enum outcome fetch(int data, const char *address, const char *path)
{
	struct head head = { .len = 0 };
	const char *where = NULL;

	if (ask(data, address, path) < 0 || read_head(data, &head) < 0)
		return complain(
			address, errno == EPROTO ? "the answer is not HTTP" : strerror(errno));

	int status = status_of(&head);

	if (!status)
		return complain(address, "the answer is not HTTP");

	long long said = length_of(&head);
	long long came = print_body(data, &head, &where);

	if (came < 0)
		return complain(where ? where : address, strerror(errno));
	if (said >= 0 && came < said)
		return complain(address, "the page ended too early");
	if (status / 100 == 2)
		return HAD;
	fprintf(stderr, "http_client: %s: %.*s\n", address, (int)strcspn(head.text, "\r\n"),
		head.text);
	return REFUSED;
}

int main(int argc, char **argv)
{
	char address[DIAL_WORDS_MAX];
	char why[DIAL_WORDS_MAX];

	if (argc < 2 || argc > 3 || *argv[1] == '-' ||
		complete(address, sizeof(address), argv[1]) < 0) {
		fprintf(stderr,
			"usage: http_client ADDRESS [PATH]   as in: http_client "
			"'10.0.0.1!80' /index.html\n");
		return MISUSED;
	}

	int data = dial("tcp", address, why, sizeof(why));

	if (data < 0) {
		fprintf(stderr, "http_client: %s\n", why);
		return FAILED;
	}
	return (int)fetch(data, address, argc > 2 ? argv[2] : "/");
}
