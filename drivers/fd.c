#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parts.h"

/* Plain Ethernet: a socket does not say what fits. */
#define FD_MTU 1500

/* A socket of which each message is a frame. */
struct fd_nic {
	struct nic nic;
	int fd;
	bool has_end; /* 0 bytes say that the other side is gone, not that a frame is empty */
	bool wants_out;
	char name[16];
};

static struct fd_nic *fd_of(struct nic *n)
{
	return CONTAINER_OF(n, struct fd_nic, nic);
}

static int fd_fd(struct nic *n)
{
	return fd_of(n)->fd;
}

static bool fd_wants_out(struct nic *n)
{
	return fd_of(n)->wants_out;
}

static void fd_close(struct nic *n)
{
	struct fd_nic *f = fd_of(n);

	close(f->fd);
	free(f);
}

static int fd_recv(struct nic *n, struct pkt *into, struct buf *rest)
{
	struct fd_nic *f = fd_of(n);
	uint32_t head_room = pkt_tailroom(into);
	struct iovec iov[2] = {
		{ .iov_base = pkt_data(into), .iov_len = head_room },
		{ .iov_base = rest ? rest->data : NULL, .iov_len = rest ? rest->cap : 0 },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t got = recvmsg(f->fd, &msg, MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (got == 0 && f->has_end)
		return -ENOTCONN;
	if (msg.msg_flags & MSG_TRUNC)
		return rest ? NIC_TOO_LONG : NIC_TRUNCATED;
	into->segs = 1;
	into->len = min_u32((uint32_t)got, head_room);
	if ((size_t)got > head_room)
		(void)pkt_add_slice(into, rest, 0, (uint32_t)got - head_room);
	return 1;
}

static int fd_send(struct link *link, struct pkt *p)
{
	struct fd_nic *f = CONTAINER_OF(link, struct fd_nic, nic.link);
	struct iovec iov[PARTS_IOV_MAX];
	struct msghdr msg = { .msg_iov = iov };
	int err;

	msg.msg_iovlen = (size_t)nic_pkt_iov(p, iov);
	err = sendmsg(f->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
	f->wants_out = err == -EAGAIN;
	if (err == -EAGAIN)
		return err;
	pkt_free(f->nic.pkts, p);
	return err;
}

static int socket_kind(int fd, char *why, size_t why_len)
{
	int kind = 0;
	socklen_t len = sizeof(kind);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &len) < 0)
		return nic_fail(why, why_len, -errno,
			"descriptor %d is neither a TAP nor a socket: %s", fd, strerror(errno));
	if (kind != SOCK_DGRAM && kind != SOCK_SEQPACKET)
		return nic_fail(why, why_len, -EINVAL,
			"descriptor %d: the socket must keep messages apart (SOCK_DGRAM or "
			"SOCK_SEQPACKET)",
			fd);
	return kind;
}

static int fd_start(struct nic **out, int fd, int kind, char *why, size_t why_len)
{
	struct fd_nic *f = calloc(1, sizeof(*f));
	uint64_t seed = 0;

	if (!f)
		return nic_fail(why, why_len, -ENOMEM, "out of memory");
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) < 0)
		seed = (uint64_t)getpid();
	f->fd = fd;
	f->has_end = kind == SOCK_SEQPACKET;
	f->nic.driver = &fd_driver;
	f->nic.link.name = f->name;
	f->nic.link.mtu = FD_MTU;
	f->nic.link.send = fd_send;
	snprintf(f->name, sizeof(f->name), "fd%d", fd);
	nic_mac_from(f->nic.link.mac, seed);
	*out = &f->nic;
	return 0;
}

static int fd_open(struct nic **out, const char *arg, char *why, size_t why_len)
{
	char *end;
	long number = strtol(arg, &end, 10);
	int fd = (int)number;
	bool is_tap;
	int kind;

	if (end == arg || *end || number < 0 || number > INT16_MAX)
		return nic_fail(why, why_len, -EINVAL, "\"%s\" is no descriptor number", arg);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return nic_fail(why, why_len, -errno, "descriptor %d is not open", fd);
	is_tap = tap_is(fd);
	kind = is_tap ? 0 : socket_kind(fd, why, why_len);
	if (kind < 0)
		return kind;
	/* In the background the standard ones are let go of. */
	if (fd <= STDERR_FILENO)
		fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd < 0)
		return nic_fail(why, why_len, -errno, "descriptor %s: %s", arg, strerror(errno));
	if (is_tap) {
		/* The loop must never wait in a read; a socket is told so call by call. */
		if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
			return nic_fail(
				why, why_len, -errno, "descriptor %d: %s", fd, strerror(errno));
		return tap_adopt(out, fd, why, why_len);
	}
	return fd_start(out, fd, kind, why, why_len);
}

const struct driver fd_driver = {
	.name = "fd",
	.open = fd_open,
	.fd = fd_fd,
	.recv = fd_recv,
	.wants_out = fd_wants_out,
	.close = fd_close,
};
