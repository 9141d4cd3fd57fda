/*
 * catnet.h - libcatnet: the calls of sockets(7) over the files of a catnet tree.
 *
 * Each net_ call takes, returns and refuses what its namesake in POSIX does, with errno as
 * connect(2), accept(2) and the others have it; what differs is said below. Nothing but open,
 * read, write and close stands behind them, so a program needs no privilege and no header of
 * the server's. The tree is at $CATNET, or at /net.
 *
 * The descriptor returned IS the conversation's open `data` file: read(2), write(2), readv(2),
 * poll(2), select(2), epoll(7) and fcntl(2) with O_NONBLOCK or FD_CLOEXEC work on it directly.
 * It is also all that keeps the conversation, which ends with the last descriptor of it, in any
 * process: dup(2), fork(2) and execve(2) hand it on as they do a socket. Beside it the library
 * has a table from descriptors to conversations, so that the calls below know theirs: they know
 * no descriptor from dup(2) or after execve(2) (ENOTSOCK). net_close takes the entry away;
 * close(2) ends the conversation just as well, and the entry goes when its number is used again.
 * All but sending and receiving open further files of the conversation, which are its owner's:
 * a program that has given up its uid keeps its connections, but accepts no more.
 *
 * All calls may be made from several threads at once, also on one descriptor.
 */
#ifndef CATNET_H
#define CATNET_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A new, idle conversation. DOMAIN is AF_INET or AF_INET6 and decides only how addresses are
 * written and read (EAFNOSUPPORT). TYPE is SOCK_STREAM (tcp) or SOCK_DGRAM (udp), perhaps with
 * SOCK_NONBLOCK and SOCK_CLOEXEC; PROTOCOL 0, IPPROTO_TCP or IPPROTO_UDP (EPROTONOSUPPORT).
 * ENETDOWN when no tree is mounted; ENOBUFS, EMFILE and EDQUOT when the server has no room.
 */
int net_socket(int domain, int type, int protocol);

/*
 * Connect to TO and wait for the outcome. With O_NONBLOCK: EINPROGRESS, then EALREADY, and FD
 * polls writable when it is decided; net_error then says how. EINTR leaves the attempt under
 * way, and the same call made again waits for it. After a failure the socket is idle and may
 * connect again. EISCONN, ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EADDRINUSE,
 * EADDRNOTAVAIL, EACCES; EAFNOSUPPORT for another domain, EINVAL for a short address.
 * A datagram socket may connect again elsewhere; what it had not read by then is lost.
 */
int net_connect(int fd, const struct sockaddr *to, socklen_t len);

/*
 * Choose the local address; port 0 chooses one, and the wildcard address takes both families.
 * EADDRINUSE, EADDRNOTAVAIL, EACCES (a port below 1024 without being root), EINVAL when bound.
 */
int net_bind(int fd, const struct sockaddr *local, socklen_t len);

/* Take calls, at most BACKLOG of them waiting (0 or less: 1), at a port of the server's choice
 * when not bound. Again: sets the backlog. EADDRINUSE, EISCONN, EOPNOTSUPP (not a stream). */
int net_listen(int fd, int backlog);

/*
 * Wait for a call; its descriptor, blocking and not FD_CLOEXEC, whatever FD is. FROM and LEN may
 * be NULL. EAGAIN with O_NONBLOCK, EINTR, EINVAL (not listening), EOPNOTSUPP (not a stream).
 */
int net_accept(int fd, struct sockaddr *from, socklen_t *len);

/*
 * FLAGS may hold MSG_NOSIGNAL (no write here ever raises SIGPIPE) and MSG_DONTWAIT; net_recv also
 * takes MSG_WAITALL, MSG_PEEK (beside which MSG_WAITALL counts for nothing), and for datagrams
 * MSG_TRUNC, whose result is the whole length. Others: EOPNOTSUPP; so are MSG_PEEK and MSG_TRUNC
 * with a server that has no ioctls. A peek shows at most the first 16,319 bytes. A blocking send of
 * a stream waits until all is queued. EPIPE, ECONNRESET, ENOTCONN, EAGAIN, EMSGSIZE; EDESTADDRREQ
 * for a datagram socket that is not connected. An empty datagram is received only by net_recvfrom
 * of a socket that is not connected.
 */
ssize_t net_send(int fd, const void *bytes, size_t len, int flags);
ssize_t net_recv(int fd, void *bytes, size_t cap, int flags);

/*
 * Datagrams to and from anyone. The first use of an unbound socket binds it to a port of the
 * server's choice. While a datagram socket is not connected its `data` is in `headers` mode:
 * read(2) and write(2) on FD then carry a prefix of 52 bytes, and these two calls put it on and
 * take it off. A datagram loses what does not fit in CAP. On a connected socket and on a stream
 * a destination is EISCONN, and FROM gets the peer.
 */
ssize_t net_sendto(int fd, const void *bytes, size_t len, int flags, const struct sockaddr *to,
	socklen_t to_len);
ssize_t net_recvfrom(
	int fd, void *bytes, size_t cap, int flags, struct sockaddr *from, socklen_t *from_len);

/* HOW is SHUT_RD, SHUT_WR or SHUT_RDWR (else EINVAL). ENOTCONN; EOPNOTSUPP (not a stream). */
int net_shutdown(int fd, int how);

/* Close; what was sent is still delivered, as after close(2) of a socket. */
int net_close(int fd);

/* The addresses, as getsockname(2) and getpeername(2) give them; ENOTCONN without a peer. */
int net_getsockname(int fd, struct sockaddr *local, socklen_t *len);
int net_getpeername(int fd, struct sockaddr *peer, socklen_t *len);

/* The errno of what has gone wrong and was not told by a call yet, and it is told with this, as
 * SO_ERROR: how a connect that did not wait went, what ended a stream, what was reported of a
 * datagram. 0 if nothing did; -1 on failure. (With a server that has no ioctls it is the last
 * error, again and again.) */
int net_error(int fd);

/* Bytes that a receive would give at once, of datagrams the next one's length (FIONREAD); and bytes
 * that were sent and have not arrived, as far as is known (SIOCOUTQ). -1 on failure; EOPNOTSUPP
 * with a server that has no ioctls. */
ssize_t net_pending(int fd);
ssize_t net_unsent(int fd);

/* The same in words that name the thing and the remedy (the file `err`): always ended by a zero,
 * empty if nothing went wrong. 0, or -1 on failure. */
int net_why(int fd, char *words, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
