#include "dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *dial_root(void)
{
	const char *root = getenv("CATNET");

	return root && *root ? root : "/net";
}

static int fail(int err)
{
	errno = err;
	return -1;
}

static void close_keeping_errno(int fd)
{
	int keep = errno;

	close(fd);
	errno = keep;
}

static int open_path(const char *path, int len, int flags)
{
	if (len < 0 || len >= DIAL_PATH_MAX)
		return fail(ENAMETOOLONG);
	return open(path, flags | O_CLOEXEC);
}

int dial_open(const char *proto, uint64_t number, const char *file, int flags)
{
	char path[DIAL_PATH_MAX];
	int len = snprintf(
		path, sizeof(path), "%s/%s/%" PRIu64 "/%s", dial_root(), proto, number, file);

	return open_path(path, len, flags);
}

/* A text is short and comes whole, but a file may hand it out in pieces. */
static ssize_t read_text(int fd, char *text, size_t cap)
{
	size_t len = 0;

	while (len < cap - 1) {
		ssize_t n = read(fd, text + len, cap - 1 - len);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	if (len > 0 && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	return (ssize_t)len;
}

ssize_t dial_text(const char *proto, uint64_t number, const char *file, char *text, size_t cap)
{
	int fd = dial_open(proto, number, file, O_RDONLY);

	if (fd < 0)
		return -1;

	ssize_t len = read_text(fd, text, cap);

	close_keeping_errno(fd);
	return len;
}

/* The first thing a ctl says is its conversation's number. */
static int read_number(int ctl, uint64_t *number)
{
	char text[32];
	ssize_t len = read(ctl, text, sizeof(text) - 1);
	char *end;

	if (len < 0)
		return -1;
	text[len] = '\0';
	*number = strtoull(text, &end, 10);
	if (end == text || *end != '\n')
		return fail(EPROTO);
	return 0;
}

static int numbered(int ctl, uint64_t *number)
{
	if (ctl < 0)
		return -1;
	if (read_number(ctl, number) < 0) {
		close_keeping_errno(ctl);
		return -1;
	}
	return ctl;
}

int dial_new(const char *proto, uint64_t *number)
{
	char path[DIAL_PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/%s/clone", dial_root(), proto);
	int ctl = open_path(path, len, O_RDWR);

	/* No tree there, or one whose server has died: the network is down, says socket(7). */
	if (ctl < 0 && (errno == ENOENT || errno == ENOTCONN || errno == ENODEV))
		errno = ENETDOWN;
	return numbered(ctl, number);
}

int dial_order(int ctl, const char *format, ...)
{
	char line[DIAL_WORDS_MAX];
	va_list args;

	va_start(args, format);
	int len = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);

	if (len < 0 || (size_t)len >= sizeof(line) - 1)
		return fail(EINVAL);
	line[len++] = '\n';
	return write(ctl, line, (size_t)len) < 0 ? -1 : 0;
}

int dial_call(const char *proto, uint64_t number, int flags, uint64_t *call)
{
	return numbered(dial_open(proto, number, "listen", O_RDWR | flags), call);
}

void dial_why(const char *proto, uint64_t number, char *words, size_t cap)
{
	int keep = errno;

	if (dial_text(proto, number, "err", words, cap) <= 0)
		snprintf(words, cap, "%s", strerror(keep));
	errno = keep;
}

/* A new conversation that has been told ORDER; else its `err` is in WHY and it is gone. */
static int ordered(const char *proto, const char *verb, const char *address, uint64_t *number,
	char *why, size_t cap)
{
	int ctl = dial_new(proto, number);

	if (ctl < 0 && errno == ENETDOWN)
		snprintf(why, cap, "no tree at %s: start catnetd, or say in CATNET where it is",
			dial_root());
	else if (ctl < 0)
		snprintf(why, cap, "%s/%s/clone: %s", dial_root(), proto, strerror(errno));
	if (ctl < 0)
		return -1;
	if (dial_order(ctl, "%s %s", verb, address) < 0) {
		dial_why(proto, *number, why, cap);
		close_keeping_errno(ctl);
		return -1;
	}
	return ctl;
}

int dial(const char *proto, const char *address, char *why, size_t cap)
{
	uint64_t number;
	int ctl = ordered(proto, "connect", address, &number, why, cap);

	if (ctl < 0)
		return -1;

	/* From here on the data's descriptor keeps the conversation; the ctl may go. */
	int data = dial_open(proto, number, "data", O_RDWR);

	if (data < 0)
		dial_why(proto, number, why, cap);
	close_keeping_errno(ctl);
	return data;
}

int dial_announce(const char *proto, const char *address, uint64_t *number, char *why, size_t cap)
{
	return ordered(proto, "announce", address, number, why, cap);
}

int dial_accept(const char *proto, uint64_t number)
{
	uint64_t call;
	int ctl = dial_call(proto, number, 0, &call);

	if (ctl < 0)
		return -1;

	int data = dial_open(proto, call, "data", O_RDWR);

	close_keeping_errno(ctl);
	return data;
}

/* --- addresses ---------------------------------------------------------------------------- */

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool is_mapped(const struct place *p)
{
	return memcmp(p->bytes, mapped, sizeof(mapped)) == 0;
}

bool place_is_any(const struct place *p)
{
	static const uint8_t zero[16];
	size_t head = is_mapped(p) ? sizeof(mapped) : 0;

	return memcmp(p->bytes + head, zero, sizeof(zero) - head) == 0;
}

int place_from(struct place *out, int family, const struct sockaddr *from, socklen_t len)
{
	if (!from || len < sizeof(from->sa_family))
		return fail(EINVAL);
	if (from->sa_family != family)
		return fail(EAFNOSUPPORT);
	memset(out, 0, sizeof(*out));
	if (family == AF_INET) {
		struct sockaddr_in in;

		if (len < sizeof(in))
			return fail(EINVAL);
		memcpy(&in, from, sizeof(in));
		if (in.sin_addr.s_addr != htonl(INADDR_ANY)) {
			memcpy(out->bytes, mapped, sizeof(mapped));
			memcpy(out->bytes + 12, &in.sin_addr, 4);
		}
		out->port = ntohs(in.sin_port);
		return 0;
	}

	struct sockaddr_in6 in6;

	if (len < sizeof(in6))
		return fail(EINVAL);
	memcpy(&in6, from, sizeof(in6));
	memcpy(out->bytes, &in6.sin6_addr, 16);
	out->port = ntohs(in6.sin6_port);
	return 0;
}

void place_to_ourselves(struct place *p, int family)
{
	if (family == AF_INET || is_mapped(p)) {
		memcpy(p->bytes, mapped, sizeof(mapped));
		p->bytes[12] = 127;
	}
	p->bytes[15] = 1;
}

void place_text(const struct place *p, char *text, size_t cap)
{
	char address[INET6_ADDRSTRLEN];

	if (place_is_any(p)) {
		snprintf(text, cap, "%u", p->port);
		return;
	}
	if (is_mapped(p))
		inet_ntop(AF_INET, p->bytes + 12, address, sizeof(address));
	else
		inet_ntop(AF_INET6, p->bytes, address, sizeof(address));
	snprintf(text, cap, "%s!%u", address, p->port);
}

int place_read(struct place *out, const char *proto, uint64_t number, const char *file)
{
	char text[DIAL_WORDS_MAX];

	if (dial_text(proto, number, file, text, sizeof(text)) < 0)
		return -1;

	char *mark = strchr(text, '!');

	if (!mark)
		return fail(EPROTO);
	*mark = '\0';
	memset(out, 0, sizeof(*out));
	out->port = (uint16_t)strtoul(mark + 1, NULL, 10);
	if (inet_pton(AF_INET6, text, out->bytes) == 1)
		return 0;
	memcpy(out->bytes, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, out->bytes + 12) == 1 ? 0 : fail(EPROTO);
}

void place_give(const struct place *p, int family, struct sockaddr *to, socklen_t *len)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(p->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(p->port) };
	/* An IPv6 caller can reach an AF_INET socket's wildcard; he is told as what he is. */
	bool is_short = family == AF_INET && (is_mapped(p) || place_is_any(p));
	const void *full = is_short ? (const void *)&in : (const void *)&in6;
	socklen_t full_len = is_short ? sizeof(in) : sizeof(in6);

	if (!to || !len)
		return;
	if (!place_is_any(p))
		memcpy(&in.sin_addr, p->bytes + 12, 4);
	memcpy(&in6.sin6_addr, p->bytes, 16);
	memcpy(to, full, *len < full_len ? *len : full_len);
	*len = full_len;
}
