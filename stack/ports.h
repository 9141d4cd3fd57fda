/*
 * ports.h - who has which address and port.
 *
 * One hash table, keyed by a secret, of tuples {protocol, local, remote}. A tuple lies inside
 * what it names: a conversation, a half-open call, a TIME-WAIT record; its kind says which. A
 * listener is a tuple whose remote is unset, and may have an unset local address; so is a port
 * that is only kept for a conversation (TUPLE_BOUND), which clashes but is never found as a
 * listener. Conversations with a remote clash with nothing but their equals, and those that listen
 * on a group's address with nothing at all: what is sent to a group is for everybody in it.
 *
 * Connected tuples are found by all four parts. All without a remote that share a port lie in
 * one chain, LIMIT_PORT_LISTENERS at most, so that a clash is found without a search.
 */
#ifndef CATNET_PORTS_H
#define CATNET_PORTS_H

#include "base/addr.h"
#include "base/arena.h"
#include "base/hash.h"
#include "base/random.h"

enum tuple_kind { TUPLE_CONV, TUPLE_HALF_OPEN, TUPLE_TIME_WAIT, TUPLE_BOUND };

/* The range ports are chosen from, both included: 49,152 ports, 15.6 bits. Below are those
 * that services are known by. */
#define PORTS_LOW  16384
#define PORTS_HIGH 65535

struct tuple {
	struct tuple *next; /* in its chain */
	struct endpoint local;
	struct endpoint remote;
	uint8_t protocol;
	uint8_t kind;
	bool is_entered;
};

struct ports {
	struct tuple **chains;
	uint32_t mask;
	uint32_t entered;
	struct hash_key key;
	uint16_t *steps; /* RFC 6056 3.3.4's table: how far each group of remotes has come */
};

/* A table for about TUPLES of them; 0, or -ENOMEM. */
int ports_init(struct ports *p, struct arena *a, const struct hash_key *key, uint32_t tuples);

/* Make T found; -EADDRINUSE when the same tuple is there already, -ENOBUFS when its port has
 * too many listeners. Whether a listener clashes is ports_clash's to say. */
int ports_enter(struct ports *p, struct tuple *t);

/* Make T no longer found; nothing if it was not. */
void ports_leave(struct ports *p, struct tuple *t);

/* The tuple that is exactly this one; NULL. */
struct tuple *ports_find(const struct ports *p, uint8_t protocol, const struct endpoint *local,
	const struct endpoint *remote);

/* The listener for LOCAL: one on this address before one on any; NULL. */
struct tuple *ports_listener(const struct ports *p, uint8_t protocol, const struct endpoint *local);

/* Of those that listen at PORT, on whatever address, the one behind AFTER (NULL: the first); NULL
 * past the last. What begins to listen meanwhile may be left out. */
struct tuple *ports_next_listener(
	const struct ports *p, uint8_t protocol, uint16_t port, const struct tuple *after);

/* Is LOCAL's port taken for listening by something that would clash with it: the same
 * address, or either of them any? The one that has it; NULL. */
struct tuple *ports_clash(const struct ports *p, uint8_t protocol, const struct endpoint *local);

/*
 * A free local port for a conversation from LOCAL's address to REMOTE (unset for a listener),
 * by RFC 6056's double-hash algorithm (3.3.4) with random increments (3.3.5); 0 when all are
 * taken. Ports that clash with a listener are passed over also for a connect.
 */
uint16_t ports_pick(struct ports *p, struct random *r, uint8_t protocol, const struct addr *local,
	const struct endpoint *remote);

/* Assert that every tuple lies in its own chain. */
void ports_check(const struct ports *p);

#endif
