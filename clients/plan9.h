/*
 * plan9.h - Plan 9's dial(2) over a catnet tree: p9dial, p9announce, p9listen, p9accept, p9reject.
 *
 * The names carry a p9 because the C library has a listen and an accept of its own; with
 * PLAN9_NAMES defined before this header they can be written as in Plan 9. Part of libcatnet.
 *
 * An address is [NETWORK!]ADDRESS!PORT, NETWORK being tcp (the default, also called net), udp or
 * icmp, or with a path before it the network of another tree: /srv/net/tcp!10.0.0.1!80. The tree is
 * otherwise at $CATNET, or at /net. All descriptors are O_CLOEXEC. Where a function fails it gives
 * -1 and errno, and p9why has the words.
 *
 * A conversation made here lives until its last open file is closed, in any process (tree.md
 * section 4, rule 1); so what p9announce returns has to stay open for as long as it is served.
 */
#ifndef CATNET_PLAN9_H
#define CATNET_PLAN9_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Room for the path of a conversation's directory, with its end; Plan 9's NETPATHLEN. */
#define P9_DIR_MAX 512

/*
 * Connect to ADDRESS, from LOCAL (PORT or ADDRESS!PORT; NULL or "": chosen); the conversation's
 * `data`, open for reading and writing. DIR (NULL, or P9_DIR_MAX bytes) gets its directory, CTL
 * (NULL, or where to) its open `ctl`, which is the caller's to close. What connect(2) refuses, and
 * EINVAL for an address that is none, ENAMETOOLONG, ENETDOWN when no tree is mounted.
 */
int p9dial(const char *address, const char *local, char *dir, int *ctl);

/* Take calls at ADDRESS, as in tcp!*!80; the open `ctl` of the announced conversation, whose
 * directory is in DIR. EADDRINUSE, EADDRNOTAVAIL, EACCES, and what p9dial says of addresses. */
int p9announce(const char *address, char *dir);

/* Wait for a call of the conversation at DIR; the call's open `ctl`, its directory in NEW_DIR.
 * EINTR; EINVAL when DIR is not announced. */
int p9listen(const char *dir, char *new_dir);

/* Accept the call whose CTL and directory p9listen gave: its `data`. CTL stays open. */
int p9accept(int ctl, const char *dir);

/* Refuse it: a tcp caller is reset. CAUSE is for networks that can tell him; here it goes unused. 0
 * or -1. CTL stays open. */
int p9reject(int ctl, const char *dir, const char *cause);

/* Why the last call that failed in this thread did so: one line without a newline, good until the
 * next. Plan 9's errstr. */
const char *p9why(void);

#ifdef __cplusplus
}
#endif

#ifdef PLAN9_NAMES
#define dial     p9dial
#define announce p9announce
#define listen   p9listen
#define accept   p9accept
#define reject   p9reject
#endif

#endif
