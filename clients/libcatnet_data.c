/*
 * Sending and receiving. A plain call is a plain read or write, which carries most in one request;
 * what these cannot say is said by ioctl, and where the server has none of them by a second open.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "catnet.h"
#include "catnet_ioctl.h"
#include "sock.h"

#define PREFIX_LEN 52 /* what `headers` mode puts before a datagram */

/* What one ioctl carries. */
union parcel {
	struct catnet_message m;
	uint8_t room[sizeof(struct catnet_message) + CATNET_BYTES_MAX];
};

static size_t shorter(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_nonblocking(int fd)
{
	return fcntl(fd, F_GETFL) & O_NONBLOCK;
}

/* The kernel does not tell the server how FD is set, so the message does. */
static uint32_t how_to_wait(int fd, int flags)
{
	return (flags & MSG_DONTWAIT) || is_nonblocking(fd) ? CATNET_DONTWAIT : CATNET_WAIT;
}

/* --- without ioctls -------------------------------------------------------------------------- */

/* The descriptor that waits as FLAGS say: FD itself, or a second open of its file that never
 * does, which the caller closes. */
static int way_of(int fd, const struct sock *s, int flags)
{
	if (!(flags & MSG_DONTWAIT))
		return fd;
	return dial_open(s->proto, s->number, "data", O_RDWR | O_NONBLOCK);
}

static void way_done(int way, int fd)
{
	int keep = errno;

	if (way != fd)
		close(way);
	errno = keep;
}

static ssize_t read_plain(
	int fd, const struct sock *s, void *bytes, size_t cap, int flags, struct place *from)
{
	int way = way_of(fd, s, flags);

	if (way < 0)
		return -1;

	ssize_t n = read(way, bytes, cap);

	way_done(way, fd);
	if (n >= 0 && from && place_read(from, s->proto, s->number, "remote") < 0)
		return -1;
	return n;
}

static ssize_t read_prefixed(
	int fd, const struct sock *s, void *bytes, size_t cap, int flags, struct place *from)
{
	uint8_t prefix[PREFIX_LEN];
	struct iovec pieces[2] = { { prefix, PREFIX_LEN }, { bytes, cap } };
	int way = way_of(fd, s, flags);

	if (way < 0)
		return -1;

	ssize_t n = readv(way, pieces, 2);

	way_done(way, fd);
	if (n < PREFIX_LEN)
		return n < 0 ? -1 : fail(EPROTO);
	if (from) {
		memcpy(from->bytes, prefix, 16);
		from->port = (uint16_t)(prefix[48] << 8 | prefix[49]);
	}
	return n - PREFIX_LEN;
}

static ssize_t write_plain(int fd, const struct sock *s, const void *bytes, size_t len, int flags)
{
	int way = way_of(fd, s, flags);

	if (way < 0)
		return -1;

	ssize_t n = write(way, bytes, len);

	way_done(way, fd);
	return n;
}

static ssize_t write_prefixed(int fd, const struct sock *s, const void *bytes, size_t len,
	int flags, const struct place *to)
{
	/* writev only reads what it is given, but its iovec cannot say so. */
	union {
		const void *in;
		void *out;
	} payload = { .in = bytes };
	uint8_t prefix[PREFIX_LEN] = { 0 };
	struct iovec pieces[2] = { { prefix, PREFIX_LEN }, { payload.out, len } };
	int way = way_of(fd, s, flags);

	if (way < 0)
		return -1;
	memcpy(prefix, to->bytes, 16);
	prefix[48] = (uint8_t)(to->port >> 8);
	prefix[49] = (uint8_t)to->port;

	ssize_t n = writev(way, pieces, 2);

	way_done(way, fd);
	return n < PREFIX_LEN ? (n < 0 ? -1 : fail(EPROTO)) : n - PREFIX_LEN;
}

/* --- receiving ------------------------------------------------------------------------------- */

/* With MSG_TRUNC the result is a datagram's whole length. */
static ssize_t recv_by_ioctl(int fd, void *bytes, size_t cap, int flags, struct place *from)
{
	union parcel p;

	cap = shorter(cap, CATNET_BYTES_MAX);
	memset(&p.m, 0, sizeof(p.m));
	p.m.flags = how_to_wait(fd, flags) | (flags & MSG_PEEK ? CATNET_PEEK : 0);

	int n = ioctl(fd, CATNET_RECV(cap), &p);

	if (n < 0)
		return -1;
	if (n > 0)
		memcpy(bytes, p.m.bytes, (size_t)n);
	if (from) {
		memcpy(from->bytes, p.m.remote, 16);
		from->port = ntohs(p.m.remote_port);
	}
	return flags & MSG_TRUNC ? (ssize_t)p.m.len : (ssize_t)n;
}

static ssize_t recv_by_read(
	int fd, const struct sock *s, void *bytes, size_t cap, int flags, struct place *from)
{
	return s->headers ? read_prefixed(fd, s, bytes, cap, flags, from)
			  : read_plain(fd, s, bytes, cap, flags, from);
}

/* Longer than an ioctl can carry: first measured, then read. */
static ssize_t recv_measured(
	int fd, const struct sock *s, void *bytes, size_t cap, int flags, struct place *from)
{
	ssize_t len = recv_by_ioctl(fd, NULL, 0, flags | MSG_PEEK, NULL);

	if (len < 0)
		return -1;
	return recv_by_read(fd, s, bytes, cap, flags, from) < 0 ? -1 : len;
}

/* Is there anything in it that a read could not say as well? */
static bool wants_ioctl(int fd, const struct sock *s, size_t cap, int flags, bool wants_from)
{
	/* What an ioctl cut off of a datagram would be lost. */
	if (!sock_is_stream(s) && cap > CATNET_BYTES_MAX)
		return false;
	if ((flags & MSG_DONTWAIT) && !is_nonblocking(fd))
		return true;
	return wants_from && !s->headers;
}

static ssize_t recv_once(
	int fd, const struct sock *s, void *bytes, size_t cap, int flags, struct place *from)
{
	if (flags & (MSG_PEEK | MSG_TRUNC)) {
		bool fits = (flags & MSG_PEEK) || cap <= CATNET_BYTES_MAX;
		ssize_t n = fits ? recv_by_ioctl(fd, bytes, cap, flags, from)
				 : recv_measured(fd, s, bytes, cap, flags, from);

		return n < 0 && errno == ENOTTY ? fail(EOPNOTSUPP) : n;
	}
	if (wants_ioctl(fd, s, cap, flags, from != NULL)) {
		ssize_t n = recv_by_ioctl(fd, bytes, cap, flags, from);

		if (n >= 0 || errno != ENOTTY)
			return n;
	} else if ((flags & MSG_DONTWAIT) && is_nonblocking(fd)) {
		flags &= ~MSG_DONTWAIT;
	}
	return recv_by_read(fd, s, bytes, cap, flags, from);
}

/* Until CAP, the end, or an error; what was received before an error is given first. */
static ssize_t recv_all(
	int fd, const struct sock *s, uint8_t *bytes, size_t cap, int flags, struct place *from)
{
	size_t done = 0;

	do {
		ssize_t n = recv_once(fd, s, bytes + done, cap - done, flags, from);

		if (n < 0 && done == 0)
			return -1;
		if (n <= 0)
			break;
		done += (size_t)n;
	} while (done < cap);
	return (ssize_t)done;
}

static int check_recv_flags(const struct sock *s, int flags)
{
	const int known = MSG_NOSIGNAL | MSG_DONTWAIT | MSG_WAITALL | MSG_PEEK | MSG_TRUNC;

	/* To a stream MSG_TRUNC means something else. */
	if ((flags & ~known) || ((flags & MSG_TRUNC) && sock_is_stream(s)))
		return fail(EOPNOTSUPP);
	return 0;
}

/* --- sending --------------------------------------------------------------------------------- */

static ssize_t send_by_ioctl(
	int fd, const void *bytes, size_t len, int flags, const struct place *to)
{
	union parcel p;

	memset(&p.m, 0, sizeof(p.m));
	p.m.flags = how_to_wait(fd, flags);
	if (to) {
		memcpy(p.m.remote, to->bytes, 16);
		p.m.remote_port = htons(to->port);
	}
	if (len > 0)
		memcpy(p.m.bytes, bytes, len);
	return ioctl(fd, CATNET_SEND(len), &p);
}

/* A stream takes what is longer than one ioctl in several, until it takes no more. */
static ssize_t send_in_pieces(
	int fd, const uint8_t *bytes, size_t len, int flags, const struct place *to)
{
	size_t done = 0;

	do {
		size_t piece = shorter(len - done, CATNET_BYTES_MAX);
		ssize_t n = send_by_ioctl(fd, bytes + done, piece, flags, to);

		if (n < 0 && done == 0)
			return -1;
		if (n > 0)
			done += (size_t)n;
		if (n < (ssize_t)piece)
			break;
	} while (done < len);
	return (ssize_t)done;
}

static ssize_t send_to(int fd, const struct sock *s, const void *bytes, size_t len, int flags,
	const struct place *to)
{
	/* A write of nothing does not even reach the server. */
	bool is_empty = len == 0 && !sock_is_stream(s) && !s->headers;

	if (flags & ~(MSG_NOSIGNAL | MSG_DONTWAIT))
		return fail(EOPNOTSUPP);
	if (is_empty || wants_ioctl(fd, s, len, flags, false)) {
		ssize_t n = send_in_pieces(fd, bytes, len, flags, to);

		if (n >= 0 || errno != ENOTTY)
			return n;
	} else if ((flags & MSG_DONTWAIT) && is_nonblocking(fd)) {
		flags &= ~MSG_DONTWAIT;
	}
	return to ? write_prefixed(fd, s, bytes, len, flags, to)
		  : write_plain(fd, s, bytes, len, flags);
}

/* --- the calls ------------------------------------------------------------------------------- */

ssize_t net_send(int fd, const void *bytes, size_t len, int flags)
{
	return net_sendto(fd, bytes, len, flags, NULL, 0);
}

ssize_t net_recv(int fd, void *bytes, size_t cap, int flags)
{
	return net_recvfrom(fd, bytes, cap, flags, NULL, NULL);
}

/* Is S a datagram socket that has neither a port nor a peer? */
static int is_unbound(const struct sock *s)
{
	struct place local;

	if (sock_is_stream(s) || s->headers)
		return 0;
	return place_read(&local, s->proto, s->number, "local") < 0 ? -1 : local.port == 0;
}

static int bind_if_unbound(int fd, struct sock *s)
{
	struct place anywhere = { .port = 0 };
	int unbound = is_unbound(s);

	return unbound > 0 ? sock_serve_anyone(fd, s, &anywhere) : unbound;
}

ssize_t net_sendto(int fd, const void *bytes, size_t len, int flags, const struct sockaddr *to,
	socklen_t to_len)
{
	struct sock s;
	struct place p;

	if (sock_find(fd, &s) < 0)
		return -1;
	if (to) {
		if (place_from(&p, s.family, to, to_len) < 0 || bind_if_unbound(fd, &s) < 0)
			return -1;
		return s.headers ? send_to(fd, &s, bytes, len, flags, &p) : fail(EISCONN);
	}
	if (s.headers)
		return fail(EDESTADDRREQ);

	ssize_t n = send_to(fd, &s, bytes, len, flags, NULL);

	return n < 0 && errno == ENOTCONN && !sock_is_stream(&s) ? fail(EDESTADDRREQ) : n;
}

ssize_t net_recvfrom(
	int fd, void *bytes, size_t cap, int flags, struct sockaddr *from, socklen_t *from_len)
{
	struct sock s;
	struct place p = { .port = 0 };
	struct place *who = from ? &p : NULL;

	if (sock_find(fd, &s) < 0 || check_recv_flags(&s, flags) < 0)
		return -1;
	if (from && bind_if_unbound(fd, &s) < 0)
		return -1;

	/* What is only peeked at cannot be waited for: it is there, or it is not all there yet. */
	bool is_whole = (flags & MSG_WAITALL) && !(flags & MSG_PEEK) && sock_is_stream(&s);
	ssize_t n = is_whole ? recv_all(fd, &s, bytes, cap, flags, who)
			     : recv_once(fd, &s, bytes, cap, flags, who);

	if (n >= 0 && from)
		place_give(&p, s.family, from, from_len);
	return n;
}
