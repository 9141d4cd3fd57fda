#include "catnet.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catnet_ioctl.h"
#include "sock.h"

#define STATS_MAX 16384 /* a conversation's `stats` with room to grow */

/* --- making and connecting ----------------------------------------------------------------- */

/* The `data` of conversation S with the caller's flags, entered in the table. */
static int sock_open(const struct sock *s, int type)
{
	int nonblock = (type & SOCK_NONBLOCK) ? O_NONBLOCK : 0;
	int fd = dial_open(s->proto, s->number, "data", O_RDWR | nonblock);

	if (fd < 0)
		return -1;
	if ((!(type & SOCK_CLOEXEC) && fcntl(fd, F_SETFD, 0) < 0) || sock_enter(fd, s) < 0) {
		int err = errno;

		close(fd);
		return fail(err);
	}
	return fd;
}

/* CTL has done its work once the data file, which keeps the conversation too, is open. */
static int sock_from(int ctl, const struct sock *s, int type)
{
	int fd = sock_open(s, type);
	int err = errno;

	close(ctl);
	errno = err;
	return fd;
}

int net_socket(int domain, int type, int protocol)
{
	int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct sock s = { .family = domain };

	if (domain != AF_INET && domain != AF_INET6)
		return fail(EAFNOSUPPORT);
	if (kind == SOCK_STREAM && (protocol == 0 || protocol == IPPROTO_TCP))
		s.proto = "tcp";
	else if (kind == SOCK_DGRAM && (protocol == 0 || protocol == IPPROTO_UDP))
		s.proto = "udp";
	else
		return fail(EPROTONOSUPPORT);

	int ctl = dial_new(s.proto, &s.number);

	return ctl < 0 ? -1 : sock_from(ctl, &s, type);
}

int net_bind(int fd, const struct sockaddr *local, socklen_t len)
{
	struct sock s;
	struct place p;
	struct place now;
	char text[DIAL_ADDRESS_MAX];

	if (sock_find(fd, &s) < 0 || place_from(&p, s.family, local, len) < 0 ||
		place_read(&now, s.proto, s.number, "local") < 0)
		return -1;
	if (now.port)
		return fail(EINVAL);
	if (!sock_is_stream(&s))
		return sock_serve_anyone(fd, &s, &p);
	place_text(&p, text, sizeof(text));
	return sock_order(fd, &s, "bind", text);
}

/*
 * A datagram conversation has one way of serving for life, so a socket that connects after all,
 * or elsewhere, gets a new conversation behind the same descriptor, at its old local port.
 */
static int replace(int fd, struct sock *s)
{
	struct sock fresh = *s;
	struct place local;
	int flags = fcntl(fd, F_GETFL);
	int fd_flags = fcntl(fd, F_GETFD);
	char text[DIAL_ADDRESS_MAX];

	if (flags < 0 || fd_flags < 0 || place_read(&local, s->proto, s->number, "local") < 0)
		return -1;

	int type = (flags & O_NONBLOCK ? SOCK_NONBLOCK : 0) | SOCK_CLOEXEC;
	int ctl = dial_new(s->proto, &fresh.number);
	int data = ctl < 0 ? -1 : sock_from(ctl, &fresh, type);

	if (data < 0)
		return -1;
	sock_forget(data);
	fresh.headers = false;
	/* The port is free only once the old conversation is over. */
	sock_order(fd, s, "hangup", "");
	place_text(&local, text, sizeof(text));
	int err = local.port && sock_order(data, &fresh, "bind", text) < 0 ? errno : 0;

	if (dup2(data, fd) < 0 || fcntl(fd, F_SETFD, fd_flags) < 0 || sock_enter(fd, &fresh) < 0)
		err = errno;
	close(data);
	*s = fresh;
	return err ? fail(err) : 0;
}

int net_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	struct sock s;
	struct place p;
	char text[DIAL_ADDRESS_MAX];

	if (sock_find(fd, &s) < 0 || place_from(&p, s.family, to, len) < 0)
		return -1;
	/* As Linux has it: the wildcard as a destination means this host. */
	if (place_is_any(&p))
		place_to_ourselves(&p, s.family);
	place_text(&p, text, sizeof(text));
	if (s.headers && replace(fd, &s) < 0)
		return -1;
	if (sock_order(fd, &s, "connect", text) == 0)
		return 0;
	if (errno != EISCONN || sock_is_stream(&s))
		return -1;
	return replace(fd, &s) < 0 ? -1 : sock_order(fd, &s, "connect", text);
}

int net_listen(int fd, int backlog)
{
	struct sock s;
	struct place local;
	char text[DIAL_ADDRESS_MAX];

	if (sock_find(fd, &s) < 0)
		return -1;
	if (!sock_is_stream(&s))
		return fail(EOPNOTSUPP);
	snprintf(text, sizeof(text), "%d", backlog > 0 ? backlog : 1);
	if (sock_order(fd, &s, "backlog", text) < 0 ||
		place_read(&local, s.proto, s.number, "local") < 0)
		return -1;
	place_text(&local, text, sizeof(text));
	if (sock_order(fd, &s, "announce", text) == 0)
		return 0;

	/* Listening already, and this was about the backlog; or connected, and it has a peer. */
	struct place peer;
	int err = errno;

	if (err == EISCONN && place_read(&peer, s.proto, s.number, "remote") == 0 && !peer.port)
		return 0;
	return fail(err);
}

int net_accept(int fd, struct sockaddr *from, socklen_t *len)
{
	struct sock s;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || sock_find(fd, &s) < 0)
		return -1;
	if (!sock_is_stream(&s))
		return fail(EOPNOTSUPP);

	/* A call that is taken and then has no descriptor to live by is lost; accept(2) leaves it
	 * where it is. So the place for its data is made sure of first, and not by one that would
	 * keep the listener. */
	struct sock call = { .proto = s.proto, .family = s.family };
	int place = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (place < 0)
		return -1;

	int ctl = dial_call(s.proto, s.number, flags & O_NONBLOCK, &call.number);
	int err = errno;

	close(place);
	if (ctl < 0)
		return fail(err);

	struct place peer;
	bool is_known = place_read(&peer, call.proto, call.number, "remote") == 0;
	int taken = sock_from(ctl, &call, 0);

	if (taken >= 0 && is_known)
		place_give(&peer, s.family, from, len);
	return taken;
}

/* --- ending and asking ---------------------------------------------------------------------- */

int net_shutdown(int fd, int how)
{
	struct sock s;
	const char *sides[] = { [SHUT_RD] = "rd", [SHUT_WR] = "wr", [SHUT_RDWR] = "rdwr" };

	if (sock_find(fd, &s) < 0)
		return -1;
	if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
		return fail(EINVAL);
	return sock_is_stream(&s) ? sock_order(fd, &s, "shutdown", sides[how]) : fail(EOPNOTSUPP);
}

int net_close(int fd)
{
	struct sock s;

	if (sock_find(fd, &s) < 0)
		return -1;
	/* First out of the table: the number may be another thread's the moment it is closed. */
	sock_forget(fd);
	return close(fd);
}

int net_getsockname(int fd, struct sockaddr *local, socklen_t *len)
{
	struct sock s;
	struct place p;

	if (sock_find(fd, &s) < 0 || place_read(&p, s.proto, s.number, "local") < 0)
		return -1;
	place_give(&p, s.family, local, len);
	return 0;
}

int net_getpeername(int fd, struct sockaddr *peer, socklen_t *len)
{
	struct sock s;
	struct place p;

	if (sock_find(fd, &s) < 0 || place_read(&p, s.proto, s.number, "remote") < 0)
		return -1;
	if (p.port == 0)
		return fail(ENOTCONN);
	place_give(&p, s.family, peer, len);
	return 0;
}

/* A server without ioctls keeps the last error, and does not know who has been told. */
static int last_error(const struct sock *s)
{
	char stats[STATS_MAX];

	if (dial_text(s->proto, s->number, "stats", stats, sizeof(stats)) < 0)
		return -1;

	/* `"last_error": {"errno": 111, "text": ...}`: keys once published keep their meaning. */
	const char *at = strstr(stats, "\"last_error\"");

	at = at ? strstr(at, "\"errno\"") : NULL;
	at = at ? strchr(at, ':') : NULL;
	return at ? (int)strtol(at + 1, NULL, 10) : 0;
}

int net_error(int fd)
{
	struct sock s;
	int32_t error;

	if (sock_find(fd, &s) < 0)
		return -1;
	if (ioctl(fd, CATNET_ERROR, &error) == 0)
		return error;
	return errno == ENOTTY ? last_error(&s) : -1;
}

static int queues(int fd, struct catnet_queues *out)
{
	struct sock s;

	memset(out, 0, sizeof(*out));
	if (sock_find(fd, &s) < 0)
		return -1;
	if (ioctl(fd, CATNET_QUEUES, out) >= 0)
		return 0;
	return errno == ENOTTY ? fail(EOPNOTSUPP) : -1;
}

ssize_t net_pending(int fd)
{
	struct catnet_queues q;

	return queues(fd, &q) < 0 ? -1 : (ssize_t)q.in;
}

ssize_t net_unsent(int fd)
{
	struct catnet_queues q;

	return queues(fd, &q) < 0 ? -1 : (ssize_t)q.out;
}

int net_why(int fd, char *words, size_t cap)
{
	struct sock s;

	if (cap == 0)
		return fail(EINVAL);
	if (sock_find(fd, &s) < 0)
		return -1;
	return dial_text(s.proto, s.number, "err", words, cap) < 0 ? -1 : 0;
}
