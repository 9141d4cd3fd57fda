/*
 * conv.h - conversations: what fs/ holds on to. Nothing here blocks.
 *
 * A conversation is made idle, then connects, or announces and yields calls. What cannot be
 * done now is -EAGAIN, and then the matching event is down; when it rises, the conversation
 * comes out of conv_next_ready. It lives while somebody holds it and for as long after as the
 * protocol has something left to say.
 */
#ifndef CATNET_CONV_H
#define CATNET_CONV_H

#include "base/addr.h"
#include "base/base.h"
#include "base/buf.h"

struct conv;
struct describer;
struct proto;
struct stack;
struct text;

enum conv_event {
	CONV_IN = 1,        /* a read would give something: bytes, the end, or the error */
	CONV_OUT = 2,       /* a write would take something, or fail */
	CONV_CALL = 4,      /* announced, and a call waits */
	CONV_UP = 8,        /* connected; or, for a protocol without connections, addressed */
	CONV_END = 16,      /* over in both directions, or failed: conv_error says why */
	CONV_PEER_END = 32, /* the peer will send no more (poll's RDHUP) */
	CONV_REPORT = 64,   /* conv_take_report has something (poll's ERR) */
};

/* Who acts: ids as the kernel gave them. */
struct cred {
	uint32_t uid;
	uint32_t gid;
	int32_t pid;
};

/* The protocols this stack speaks, in the order of their directories; NULL past the last. */
const struct proto *stack_proto(const struct stack *s, unsigned i);
const char *proto_name(const struct proto *proto);

/* Is memory so short that nothing should lie in it for longer than it must? That no new
 * conversation is made? */
bool conv_memory_is_tight(const struct stack *s);
bool conv_memory_is_short(const struct stack *s);

/* How many there can be of PROTO. */
uint32_t conv_max(const struct stack *s, const struct proto *proto);

/* An idle conversation held once by the caller; NULL when the pool is used up or memory is
 * short. */
struct conv *conv_new(struct stack *s, const struct proto *proto, const struct cred *owner);

void conv_hold(struct conv *c);

/* Give up one hold. With the last the conversation ends as close(2) ends a socket: what was
 * accepted is still sent; a reset if data that arrived was never read. */
void conv_release(struct conv *c);

/* A number rises for ever and is never used again: below 1 << 40. */
uint64_t conv_number(const struct conv *c);
const struct proto *conv_proto(const struct conv *c);
const struct cred *conv_owner(const struct conv *c);
void conv_set_owner(struct conv *c, const struct cred *owner);
const struct endpoint *conv_local(const struct conv *c);
const struct endpoint *conv_remote(const struct conv *c);
const char *conv_state_name(const struct conv *c); /* "Established", as status prints it */
usec_t conv_born_us(const struct conv *c);
usec_t conv_changed_us(const struct conv *c); /* last change of state */

/* Begin to connect from LOCAL (NULL, or with port 0: chosen) to REMOTE. 0: begun, CONV_UP or
 * CONV_END will rise. -EISCONN, -EALREADY, -EADDRINUSE, -EADDRNOTAVAIL, -ENETUNREACH,
 * -EACCES (broadcast without leave), -EINVAL (multicast and broadcast for tcp, port 0, families
 * that differ), -ENOBUFS. A local port that the caller has chosen clashes with a listener of
 * another uid. What failed, at once or later, leaves the conversation idle and usable. */
int conv_connect(struct conv *c, const struct endpoint *local, const struct endpoint *remote);

/* Take calls at LOCAL; port 0 chooses one, or takes the bound one. 0, -EISCONN, -EADDRINUSE,
 * -EADDRNOTAVAIL, -ENOBUFS, -EOPNOTSUPP (this protocol takes no calls). A group's: udp alone. */
int conv_announce(struct conv *c, const struct endpoint *local);

/* Choose the local end of a later connect or announce, its port kept from others. As announce. */
int conv_bind(struct conv *c, const struct endpoint *local);

/* The oldest call that waits, held once for the caller and owned as the announced one;
 * NULL when none does (CONV_CALL is then down). */
struct conv *conv_accept(struct conv *c);

/* What a read of LEN bytes would give, as at most MAX pieces in OUT: for a stream what is
 * there, for datagrams the next one, cut to LEN. How many bytes; 0 is the end; -EAGAIN;
 * the error that ended the stream, for as long as it stands; -ENOTCONN, -EINVAL (announced).
 * PIECES is set to how many pieces. They stay good until the next conv_ call. */
ssize_t conv_peek(struct conv *c, struct span *out, int max, size_t len, int *pieces);

/* Whose the datagram is that conv_peek gives next, and its whole length without any prefix. 0;
 * -EAGAIN when none waits; -EOPNOTSUPP of a stream, which has none. */
struct conv_datagram {
	struct endpoint remote, local; /* who sent it, where to */
	struct addr interface;         /* our address where it came in */
	size_t len;
};
int conv_datagram(const struct conv *c, struct conv_datagram *out);

/* LEN bytes of what was peeked have been read; a datagram goes as a whole, whatever LEN. */
void conv_taken(struct conv *c, size_t len);

/*
 * Take LEN bytes at AT for sending. They lie in FROM, on which a count may be kept, or FROM is
 * NULL and they are copied. How many were taken (a datagram: all or an error); -EAGAIN;
 * -EPIPE, -ENOTCONN, -EMSGSIZE, -EINVAL, or the error that ended the conversation.
 */
ssize_t conv_write(struct conv *c, struct buf *from, const void *at, size_t len);

/* End in order, after what is queued is sent; nothing more can be written. */
int conv_close(struct conv *c);

/* Nothing more will be read: what comes is dropped, and a read is at the end. A stream's peer
 * whose bytes came and were not read is told so by a reset (RFC 9293 3.10.4, RFC 2525 2.17). */
void conv_stop_reading(struct conv *c);

/* Reset, now; the conversation is over. An attempt to connect fails with -ECONNABORTED, and
 * another may follow. */
void conv_hangup(struct conv *c);

/* As hangup, of what is connecting, connected or announced, but ERROR is why. */
void conv_fail(struct conv *c, int error);

unsigned conv_events(const struct conv *c);
bool conv_is_idle(const struct conv *c); /* new, or it could not connect: it may try again */

/* Why it failed or ended, as -errno; 0 for an orderly end, or none. */
int conv_error(const struct conv *c);

/* A soft error that was reported but has not ended it (RFC 9293 3.9.2.2); 0 for none. */
int conv_soft_error(const struct conv *c);

/* What was reported of a datagram and is not told yet, -errno, told with this; 0: nothing. */
int conv_take_report(struct conv *c);

/* Bytes to be read (of datagrams the next one's), to arrive, and of these not sent at all. */
struct conv_queues {
	uint64_t in, out, unsent;
};
void conv_queues(const struct conv *c, struct conv_queues *out);

/* The verbs that all protocols share; 0, -EINVAL when out of range. */
int conv_set_ttl(struct conv *c, unsigned ttl);
int conv_set_tos(struct conv *c, unsigned tos);
int conv_set_rcvbuf(struct conv *c, uint64_t bytes);
int conv_set_sndbuf(struct conv *c, uint64_t bytes);
void conv_ignore_advice(struct conv *c, bool ignore);

/*
 * A verb of the protocol's own, ARGV[0] being the verb. 0 or a count on success; -EOPNOTSUPP
 * when this protocol has no such verb; else -errno with WHY saying what was expected.
 */
int conv_ctl(struct conv *c, int argc, char **argv, struct text *why);

/* All that tree.md section 7 asks of a conversation's stats. */
void conv_describe(const struct conv *c, struct describer *d);

/*
 * A user inside the server (a resolver, a benchmark port) is told here instead of through
 * conv_next_ready. READY NULL gives the conversation back to whoever polls.
 */
typedef void conv_ready(void *arg, struct conv *c);
void conv_set_user(struct conv *c, conv_ready *ready, void *arg);

/* A word of the holder's own, NULL at birth. */
void conv_set_tag(struct conv *c, void *tag);
void *conv_tag(const struct conv *c);

/* The one that keeps LOCAL from being announced or bound for PROTO, for words about -EADDRINUSE;
 * NULL when nobody does. */
struct conv *conv_clash(struct stack *s, const struct proto *proto, const struct endpoint *local);

/* Take the next conversation in which an event has risen; NULL when none is left. Those with a
 * user are told here. Each comes once, however many events have risen. */
struct conv *conv_next_ready(struct stack *s);

#endif
