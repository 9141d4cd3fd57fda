/*
 * dial.h - a conversation of the tree as a program sees it: its files, by open, read and write.
 *
 * Owns nothing but the descriptors it returns, all of them opened O_CLOEXEC. A conversation made
 * here comes from PROTO/clone opened read and write, so it lives until its last open file is
 * closed, in any process. Every function gives -1 and errno when it fails.
 */
#ifndef CATNET_DIAL_H
#define CATNET_DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#define DIAL_PATH_MAX    512
#define DIAL_ADDRESS_MAX 64  /* the longest A!P, with its end */
#define DIAL_WORDS_MAX   256 /* a line of `err`, or an address, with its end */

/* Where the tree is: $CATNET, or /net. */
const char *dial_root(void);

/* Open ROOT/PROTO/NUMBER/FILE with FLAGS of open(2); ENAMETOOLONG when the root is too long. */
int dial_open(const char *proto, uint64_t number, const char *file, int flags);

/* The text of such a file, ended by a zero and without its last newline; its length. */
ssize_t dial_text(const char *proto, uint64_t number, const char *file, char *text, size_t cap);

/* A new conversation: its ctl, and its number. ENETDOWN when no tree is mounted. */
int dial_new(const char *proto, uint64_t *number);

/* Write one command to CTL, printf's way, without a newline. EINTR leaves it under way. */
int dial_order(int ctl, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Wait for a call of an announced conversation: the call's ctl, and its number. FLAGS may hold
 * O_NONBLOCK, and then EAGAIN says that none waits. */
int dial_call(const char *proto, uint64_t number, int flags, uint64_t *call);

/* Why the last thing failed, in the words of the conversation's `err`; strerror's if it has none.
 */
void dial_why(const char *proto, uint64_t number, char *words, size_t cap);

/* Connect to ADDRESS (A!P, A:P, [A6]:P): the `data` of a new conversation. WHY gets the words. */
int dial(const char *proto, const char *address, char *why, size_t cap);

/* Announce ADDRESS (P or A!P): the ctl of a new conversation, and its number, for dial_accept. */
int dial_announce(const char *proto, const char *address, uint64_t *number, char *why, size_t cap);

/* Wait for a call: its `data`. */
int dial_accept(const char *proto, uint64_t number);

/* --- addresses ---------------------------------------------------------------------------- */

/* An address and a port; the bytes are 16, IPv4 mapped, and all zero for the wildcard. */
struct place {
	uint8_t bytes[16];
	uint16_t port;
};

bool place_is_any(const struct place *p);

/* From sockets' form, for a socket of FAMILY: EINVAL (too short), EAFNOSUPPORT. */
int place_from(struct place *out, int family, const struct sockaddr *from, socklen_t len);

/* The loopback address of FAMILY in place of the wildcard. */
void place_to_ourselves(struct place *p, int family);

/* As a command wants it: A!P, or P alone for the wildcard. */
void place_text(const struct place *p, char *text, size_t cap);

/* What a conversation's `local` or `remote` says; EPROTO when it is no address. */
int place_read(struct place *out, const char *proto, uint64_t number, const char *file);

/* In sockets' form, cut to the *LEN the caller has room for, and its true length in *LEN. TO and
 * LEN may be NULL. */
void place_give(const struct place *p, int family, struct sockaddr *to, socklen_t *len);

#endif
