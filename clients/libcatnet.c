#include "catnet.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "dial.h"

#define STATS_MAX  16384 /* a conversation's `stats` with room to grow */
#define PREFIX_LEN 52    /* what `headers` mode puts before a datagram */

/* --- the table: which conversation a descriptor belongs to ------------------------------- */

struct sock {
	const char *proto; /* NULL: the entry is free */
	uint64_t number;
	int family;
	bool headers; /* a datagram socket that serves anyone */
};

struct table {
	pthread_mutex_t lock;
	struct sock *socks; /* by descriptor */
	size_t cap;
};

/* The one piece of state of a library whose callers know nothing but small integers. */
static struct table table = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* fork(2) while another thread looks something up must not leave the child's table locked. */
static pthread_once_t forks_minded = PTHREAD_ONCE_INIT;

static void table_lock(void)
{
	pthread_mutex_lock(&table.lock);
}

static void table_unlock(void)
{
	pthread_mutex_unlock(&table.lock);
}

static void mind_forks(void)
{
	pthread_atfork(table_lock, table_unlock, table_unlock);
}

static bool is_stream(const struct sock *s)
{
	return strcmp(s->proto, "tcp") == 0;
}

static int fail(int err)
{
	errno = err;
	return -1;
}

/* Make room for FD's entry; called with the lock held. */
static int table_grow(struct table *t, size_t fd)
{
	size_t cap = t->cap ? t->cap : 16;

	while (cap <= fd)
		cap *= 2;
	if (cap == t->cap)
		return 0;

	struct sock *grown = realloc(t->socks, cap * sizeof(*grown));

	if (!grown)
		return fail(ENOMEM);
	memset(grown + t->cap, 0, (cap - t->cap) * sizeof(*grown));
	t->socks = grown;
	t->cap = cap;
	return 0;
}

static int table_put(int fd, const struct sock *s)
{
	pthread_once(&forks_minded, mind_forks);
	table_lock();
	int err = table_grow(&table, (size_t)fd);

	if (!err)
		table.socks[fd] = *s;
	table_unlock();
	return err;
}

/* A copy of FD's entry, so that no call holds the lock while it waits. */
static int table_get(int fd, struct sock *out)
{
	bool is_found = false;

	table_lock();
	if (fd >= 0 && (size_t)fd < table.cap && table.socks[fd].proto) {
		*out = table.socks[fd];
		is_found = true;
	}
	table_unlock();
	if (is_found)
		return 0;
	return fcntl(fd, F_GETFD) < 0 ? -1 : fail(ENOTSOCK);
}

static void table_drop(int fd)
{
	table_lock();
	if (fd >= 0 && (size_t)fd < table.cap)
		table.socks[fd].proto = NULL;
	table_unlock();
}

/* --- commands ------------------------------------------------------------------------------ */

/*
 * Each command has an open ctl of its own: a second writer on one descriptor would have to wait
 * in the kernel for a connect on it that waits. It waits, or not, as FD does.
 */
static int order(int fd, const struct sock *s, const char *verb, const char *argument)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;

	int ctl = dial_open(s->proto, s->number, "ctl", O_WRONLY | (flags & O_NONBLOCK));

	if (ctl < 0)
		return -1;

	int err = dial_order(ctl, "%s %s", verb, argument) < 0 ? errno : 0;

	close(ctl);
	return err ? fail(err) : 0;
}

/* The `data` of conversation S with the caller's flags, entered in the table. */
static int sock_open(const struct sock *s, int type)
{
	int nonblock = (type & SOCK_NONBLOCK) ? O_NONBLOCK : 0;
	int fd = dial_open(s->proto, s->number, "data", O_RDWR | nonblock);

	if (fd < 0)
		return -1;
	if ((!(type & SOCK_CLOEXEC) && fcntl(fd, F_SETFD, 0) < 0) || table_put(fd, s) < 0) {
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

/* --- making and connecting ----------------------------------------------------------------- */

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

/* Serve anyone from LOCAL; the first announce of two threads wins, and both are served. */
static int announce_datagrams(int fd, struct sock *s, const struct place *local)
{
	char text[DIAL_ADDRESS_MAX];

	place_text(local, text, sizeof(text));
	if (order(fd, s, "headers", "on") < 0)
		return -1;
	if (order(fd, s, "announce", text) < 0 && errno != EISCONN)
		return -1;
	s->headers = true;
	return table_put(fd, s);
}

int net_bind(int fd, const struct sockaddr *local, socklen_t len)
{
	struct sock s;
	struct place p;
	struct place now;
	char text[DIAL_ADDRESS_MAX];

	if (table_get(fd, &s) < 0 || place_from(&p, s.family, local, len) < 0 ||
		place_read(&now, s.proto, s.number, "local") < 0)
		return -1;
	if (now.port)
		return fail(EINVAL);
	if (!is_stream(&s))
		return announce_datagrams(fd, &s, &p);
	place_text(&p, text, sizeof(text));
	return order(fd, &s, "bind", text);
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
	table_drop(data);
	fresh.headers = false;
	/* The port is free only once the old conversation is over. */
	order(fd, s, "hangup", "");
	place_text(&local, text, sizeof(text));
	int err = local.port && order(data, &fresh, "bind", text) < 0 ? errno : 0;

	if (dup2(data, fd) < 0 || fcntl(fd, F_SETFD, fd_flags) < 0 || table_put(fd, &fresh) < 0)
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

	if (table_get(fd, &s) < 0 || place_from(&p, s.family, to, len) < 0)
		return -1;
	/* As Linux has it: the wildcard as a destination means this host. */
	if (place_is_any(&p))
		place_to_ourselves(&p, s.family);
	place_text(&p, text, sizeof(text));
	if (s.headers && replace(fd, &s) < 0)
		return -1;
	if (order(fd, &s, "connect", text) == 0)
		return 0;
	if (errno != EISCONN || is_stream(&s))
		return -1;
	return replace(fd, &s) < 0 ? -1 : order(fd, &s, "connect", text);
}

int net_listen(int fd, int backlog)
{
	struct sock s;
	struct place local;
	char text[DIAL_ADDRESS_MAX];

	if (table_get(fd, &s) < 0)
		return -1;
	if (!is_stream(&s))
		return fail(EOPNOTSUPP);
	snprintf(text, sizeof(text), "%d", backlog > 0 ? backlog : 1);
	if (order(fd, &s, "backlog", text) < 0 ||
		place_read(&local, s.proto, s.number, "local") < 0)
		return -1;
	place_text(&local, text, sizeof(text));
	if (order(fd, &s, "announce", text) == 0)
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

	if (flags < 0 || table_get(fd, &s) < 0)
		return -1;
	if (!is_stream(&s))
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

/* --- sending and receiving ----------------------------------------------------------------- */

/* The descriptor that waits as FLAGS say: FD itself, or a second open of its file that never
 * does, which the caller closes. */
static int way_of(int fd, const struct sock *s, int flags, int known)
{
	if (flags & ~(MSG_NOSIGNAL | MSG_DONTWAIT | known))
		return fail(EOPNOTSUPP);
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

static ssize_t send_plain(int fd, const struct sock *s, const void *bytes, size_t len, int flags)
{
	int way = way_of(fd, s, flags, 0);

	if (way < 0)
		return -1;

	ssize_t n = write(way, bytes, len);

	way_done(way, fd);
	return n < 0 && errno == ENOTCONN && !is_stream(s) ? fail(EDESTADDRREQ) : n;
}

/* Read until CAP, the end, or an error; what was read before an error is given first. */
static ssize_t read_all(int fd, uint8_t *bytes, size_t cap)
{
	size_t done = 0;

	while (done < cap) {
		ssize_t n = read(fd, bytes + done, cap - done);

		if (n < 0 && done == 0)
			return -1;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static ssize_t recv_plain(int fd, const struct sock *s, void *bytes, size_t cap, int flags)
{
	int way = way_of(fd, s, flags, MSG_WAITALL);

	if (way < 0)
		return -1;

	bool is_whole = (flags & MSG_WAITALL) && is_stream(s);
	ssize_t n = is_whole ? read_all(way, bytes, cap) : read(way, bytes, cap);

	way_done(way, fd);
	return n;
}

static ssize_t send_prefixed(int fd, const struct sock *s, const void *bytes, size_t len, int flags,
	const struct place *to)
{
	/* writev only reads what it is given, but its iovec cannot say so. */
	union {
		const void *in;
		void *out;
	} payload = { .in = bytes };
	uint8_t prefix[PREFIX_LEN] = { 0 };
	struct iovec pieces[2] = { { prefix, PREFIX_LEN }, { payload.out, len } };
	int way = way_of(fd, s, flags, 0);

	if (way < 0)
		return -1;
	memcpy(prefix, to->bytes, 16);
	prefix[48] = (uint8_t)(to->port >> 8);
	prefix[49] = (uint8_t)to->port;

	ssize_t n = writev(way, pieces, 2);

	way_done(way, fd);
	return n < PREFIX_LEN ? (n < 0 ? -1 : fail(EPROTO)) : n - PREFIX_LEN;
}

static ssize_t recv_prefixed(
	int fd, const struct sock *s, void *bytes, size_t cap, int flags, struct place *from)
{
	uint8_t prefix[PREFIX_LEN];
	struct iovec pieces[2] = { { prefix, PREFIX_LEN }, { bytes, cap } };
	int way = way_of(fd, s, flags, MSG_WAITALL);

	if (way < 0)
		return -1;

	ssize_t n = readv(way, pieces, 2);

	way_done(way, fd);
	if (n < PREFIX_LEN)
		return n < 0 ? -1 : fail(EPROTO);
	memcpy(from->bytes, prefix, 16);
	from->port = (uint16_t)(prefix[48] << 8 | prefix[49]);
	return n - PREFIX_LEN;
}

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

	if (is_stream(s) || s->headers)
		return 0;
	return place_read(&local, s->proto, s->number, "local") < 0 ? -1 : local.port == 0;
}

static int bind_if_unbound(int fd, struct sock *s)
{
	struct place anywhere = { .port = 0 };
	int unbound = is_unbound(s);

	return unbound > 0 ? announce_datagrams(fd, s, &anywhere) : unbound;
}

ssize_t net_sendto(int fd, const void *bytes, size_t len, int flags, const struct sockaddr *to,
	socklen_t to_len)
{
	struct sock s;
	struct place p;

	if (table_get(fd, &s) < 0)
		return -1;
	if (!to)
		return s.headers ? fail(EDESTADDRREQ) : send_plain(fd, &s, bytes, len, flags);
	if (place_from(&p, s.family, to, to_len) < 0 || bind_if_unbound(fd, &s) < 0)
		return -1;
	return s.headers ? send_prefixed(fd, &s, bytes, len, flags, &p) : fail(EISCONN);
}

ssize_t net_recvfrom(
	int fd, void *bytes, size_t cap, int flags, struct sockaddr *from, socklen_t *from_len)
{
	struct sock s;
	struct place p;

	if (table_get(fd, &s) < 0)
		return -1;
	if (from && bind_if_unbound(fd, &s) < 0)
		return -1;

	ssize_t n = s.headers ? recv_prefixed(fd, &s, bytes, cap, flags, &p)
			      : recv_plain(fd, &s, bytes, cap, flags);

	if (n < 0 || !from)
		return n;
	if (!s.headers && place_read(&p, s.proto, s.number, "remote") < 0)
		return -1;
	place_give(&p, s.family, from, from_len);
	return n;
}

/* --- ending and asking ---------------------------------------------------------------------- */

int net_shutdown(int fd, int how)
{
	struct sock s;
	const char *sides[] = { [SHUT_RD] = "rd", [SHUT_WR] = "wr", [SHUT_RDWR] = "rdwr" };

	if (table_get(fd, &s) < 0)
		return -1;
	if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
		return fail(EINVAL);
	return is_stream(&s) ? order(fd, &s, "shutdown", sides[how]) : fail(EOPNOTSUPP);
}

int net_close(int fd)
{
	struct sock s;

	if (table_get(fd, &s) < 0)
		return -1;
	/* First out of the table: the number may be another thread's the moment it is closed. */
	table_drop(fd);
	return close(fd);
}

int net_getsockname(int fd, struct sockaddr *local, socklen_t *len)
{
	struct sock s;
	struct place p;

	if (table_get(fd, &s) < 0 || place_read(&p, s.proto, s.number, "local") < 0)
		return -1;
	place_give(&p, s.family, local, len);
	return 0;
}

int net_getpeername(int fd, struct sockaddr *peer, socklen_t *len)
{
	struct sock s;
	struct place p;

	if (table_get(fd, &s) < 0 || place_read(&p, s.proto, s.number, "remote") < 0)
		return -1;
	if (p.port == 0)
		return fail(ENOTCONN);
	place_give(&p, s.family, peer, len);
	return 0;
}

int net_error(int fd)
{
	struct sock s;
	char stats[STATS_MAX];

	if (table_get(fd, &s) < 0 ||
		dial_text(s.proto, s.number, "stats", stats, sizeof(stats)) < 0)
		return -1;

	/* `"last_error": {"errno": 111, "text": ...}`: keys once published keep their meaning. */
	const char *at = strstr(stats, "\"last_error\"");

	at = at ? strstr(at, "\"errno\"") : NULL;
	at = at ? strchr(at, ':') : NULL;
	return at ? (int)strtol(at + 1, NULL, 10) : 0;
}

int net_why(int fd, char *words, size_t cap)
{
	struct sock s;

	if (cap == 0)
		return fail(EINVAL);
	if (table_get(fd, &s) < 0)
		return -1;
	return dial_text(s.proto, s.number, "err", words, cap) < 0 ? -1 : 0;
}
