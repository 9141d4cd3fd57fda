/*
 * catnet_ioctl.h - the ioctls of a conversation's `data`: what read(2) and write(2) cannot say.
 *
 * They are for libraries, and libcatnet is made with them; ENOTTY means that the file is no `data`,
 * or that the server is older than this header. Every number has a fixed width and the byte order
 * of the machine, ports apart. The size of what is handed over is part of a command, so write
 * CATNET_RECV(cap), CATNET_SEND(len) and CATNET_QUEUES as they stand, with your own room.
 *
 *	union {
 *		struct catnet_message m;
 *		char room[sizeof(struct catnet_message) + 100];
 *	} u = { .m = { .flags = CATNET_PEEK } };
 *	int n = ioctl(fd, CATNET_RECV(100), &u);	// n bytes at u.m.bytes
 *
 * Waiting: RECV and SEND wait as read(2) and write(2) do, in one line with them; a signal ends the
 * wait with EINTR, `timeout read` and `timeout write` with ETIMEDOUT, and so on. But the kernel
 * does not say with an ioctl whether O_NONBLOCK has been set since the file was opened. So say it:
 * CATNET_DONTWAIT gives EAGAIN rather than wait, CATNET_WAIT waits; with neither it is as the file
 * was opened. (FIONREAD and SIOCOUTQ are the kernel's own and know nothing of a conversation.)
 */
#ifndef CATNET_IOCTL_H
#define CATNET_IOCTL_H

#include <stdint.h>
#include <sys/ioctl.h>

/* What is received, or is to be sent. From `remote` on it is as in `headers` mode: an address is
 * 16 bytes, IPv4 mapped, all zero for none; a port is in network byte order. */
struct catnet_message {
	uint32_t flags;    /* in: of those below; RECV sets CATNET_END */
	uint32_t len;      /* RECV: the whole length of the datagram, also when less fitted */
	uint32_t reserved; /* 0 */
	uint8_t remote[16];
	uint8_t local[16];
	uint8_t interface[16]; /* RECV: our address where it came in; SEND: not used */
	uint16_t remote_port;
	uint16_t local_port;
	uint8_t bytes[];
};

#define CATNET_PEEK     1u          /* RECV: leave it where it is, to be read again */
#define CATNET_DONTWAIT 2u          /* EAGAIN rather than wait */
#define CATNET_WAIT     4u          /* wait, also when the file was opened O_NONBLOCK */
#define CATNET_END      0x80000000u /* RECV, out: 0 bytes because no more will come */

/* What a command's size has bits for, less the struct: 16,319 bytes on most machines. */
#define CATNET_BYTES_MAX (_IOC_SIZEMASK - sizeof(struct catnet_message))

#define CATNET_IOCTL 0xc7

/*
 * Receive at most CAP bytes, which follow the struct; gives how many. A stream waits for at least
 * one, and gives what is there. Of datagrams it is the next one, however much of it fits; `remote`
 * and the others say whose it is, in `headers` mode or not. 0 with CATNET_END is the end; without
 * it an empty datagram (in `headers` mode), or CAP was 0. A datagram can be measured by CAP 0 with
 * CATNET_PEEK. Refused as read(2) is: ENOTCONN (idle), EINVAL (announced, unknown flags), EBADF
 * (not opened for reading), ECONNRESET and so on.
 */
#define CATNET_RECV(cap)                              \
	_IOC(_IOC_READ | _IOC_WRITE, CATNET_IOCTL, 1, \
		(uint32_t)(sizeof(struct catnet_message) + (cap)))

/*
 * Send the LEN bytes that follow the struct; gives how many were queued. A stream waits until all
 * are, or with CATNET_DONTWAIT takes what fits. A datagram is sent whole, also an empty one. In
 * `headers` mode it goes to `remote`, and from `local` unless that is all zero; otherwise `remote`
 * must be all zero or the peer (EISCONN). EBADF (not opened for writing), EPIPE, ENOTCONN, EINVAL
 * (announced, `headers` mode and no remote, unknown flags), EMSGSIZE, EACCES and so on.
 */
#define CATNET_SEND(len) \
	_IOC(_IOC_WRITE, CATNET_IOCTL, 2, (uint32_t)(sizeof(struct catnet_message) + (len)))

/*
 * What has gone wrong and was not told on this open file yet, as SO_ERROR: an errno, or 0, in an
 * int32_t. It is told with that: a read gives the end then. A connect that did not wait has
 * succeeded when `data` polls writable and this is 0.
 */
#define CATNET_ERROR _IOR(CATNET_IOCTL, 3, int32_t)

/* Bytes that wait. A server fills in what it knows and leaves the rest 0; the struct may grow. */
struct catnet_queues {
	uint64_t in;     /* to read, as FIONREAD: of datagrams the next one, its prefix apart */
	uint64_t out;    /* sent and not known to have arrived, as SIOCOUTQ; datagrams: 0 */
	uint64_t unsent; /* the part of these that has not left at all */
};

#define CATNET_QUEUES _IOR(CATNET_IOCTL, 4, struct catnet_queues)

#endif
