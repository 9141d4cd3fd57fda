/*
 * ports.h - who has which address and port.
 *
 * One hash table, keyed by a secret, of tuples {protocol, local, remote}. A tuple lies inside
 * what it names: a conversation, a half-open call, a TIME-WAIT record; its kind says which. A
 * listener is a tuple whose remote is unset, and may have an unset local address.
 */
#ifndef CATNET_PORTS_H
#define CATNET_PORTS_H

#include "base/addr.h"
#include "base/arena.h"
#include "base/hash.h"
#include "base/random.h"

enum tuple_kind { TUPLE_CONV, TUPLE_HALF_OPEN, TUPLE_TIME_WAIT };

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
	uint16_t low; /* the range ports are chosen from, both included */
	uint16_t high;
};

/* A table for about TUPLES of them; 0, or -ENOMEM. */
int ports_init(struct ports *p, struct arena *a, const struct hash_key *key, uint32_t tuples);

/* Make T found; -EADDRINUSE when the same tuple is there already. */
int ports_enter(struct ports *p, struct tuple *t);

/* Make T no longer found; nothing if it was not. */
void ports_leave(struct ports *p, struct tuple *t);

/* The tuple that is exactly this one; NULL. */
struct tuple *ports_find(const struct ports *p, uint8_t protocol, const struct endpoint *local,
	const struct endpoint *remote);

/* The listener for LOCAL: one on this address before one on any; NULL. */
struct tuple *ports_listener(const struct ports *p, uint8_t protocol, const struct endpoint *local);

/* Is LOCAL's port taken for listening by something that would clash with it: the same
 * address, or either of them any? The one that has it; NULL. */
struct tuple *ports_clash(const struct ports *p, uint8_t protocol, const struct endpoint *local);

/*
 * A free local port for a conversation from LOCAL's address to REMOTE (unset for a listener),
 * by RFC 6056's double-hash algorithm (3.3.4); 0 when all are taken.
 */
uint16_t ports_pick(struct ports *p, struct random *r, uint8_t protocol,
	const struct addr *local, const struct endpoint *remote);

/* Assert that every tuple lies in its own chain. */
void ports_check(const struct ports *p);

#endif
