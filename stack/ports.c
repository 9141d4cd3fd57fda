#include "ports.h"

#include "base/wire.h"
#include "limits.h"

#include <string.h>

#define PORTS_N ((uint32_t)PORTS_HIGH - PORTS_LOW + 1)

_Static_assert((LIMIT_PORT_STEPS & (LIMIT_PORT_STEPS - 1)) == 0, "an index is cut from a hash");
_Static_assert(LIMIT_ADDRS < LIMIT_PORT_LISTENERS, "every address of ours can have a listener");

int ports_init(struct ports *p, struct arena *a, const struct hash_key *key, uint32_t tuples)
{
	uint32_t chains_n = 16;

	while (chains_n < tuples && chains_n < UINT32_MAX / 2)
		chains_n *= 2;
	*p = (struct ports){ .mask = chains_n - 1, .key = *key };
	p->chains = arena_take(a, chains_n * sizeof(*p->chains), _Alignof(struct tuple *));
	p->steps = arena_take(a, LIMIT_PORT_STEPS * sizeof(*p->steps), _Alignof(uint16_t));
	return p->chains && p->steps ? 0 : -ENOMEM;
}

static bool is_unset(const struct endpoint *remote)
{
	return addr_is_any(&remote->addr);
}

static uint8_t *put_endpoint(uint8_t *to, const struct endpoint *e)
{
	memcpy(to, e->addr.b, sizeof(e->addr.b));
	return put_be16(to + sizeof(e->addr.b), e->port);
}

/* Those without a remote lie together by port alone, so that clashes meet in one chain. */
static struct tuple **chain_of(const struct ports *p, uint8_t protocol,
	const struct endpoint *local, const struct endpoint *remote)
{
	uint8_t bytes[37];
	uint8_t *end = put_u8(bytes, protocol);

	if (is_unset(remote)) {
		end = put_be16(end, local->port);
	} else {
		end = put_endpoint(end, local);
		end = put_endpoint(end, remote);
	}
	return &p->chains[siphash(&p->key, bytes, (size_t)(end - bytes)) & p->mask];
}

static bool is_this(const struct tuple *t, uint8_t protocol, const struct endpoint *local,
	const struct endpoint *remote)
{
	return t->protocol == protocol && endpoint_equal(&t->local, local) &&
		endpoint_equal(&t->remote, remote);
}

/* Does T keep PORT for itself, with or without taking calls there? */
static bool keeps_port(const struct tuple *t, uint8_t protocol, uint16_t port)
{
	return t->protocol == protocol && t->local.port == port && is_unset(&t->remote);
}

/* Does it listen on a group's address, where others may listen too? */
static bool is_shared(const struct tuple *t)
{
	return is_unset(&t->remote) && addr_is_multicast(&t->local.addr);
}

int ports_enter(struct ports *p, struct tuple *t)
{
	struct tuple **chain = chain_of(p, t->protocol, &t->local, &t->remote);
	uint32_t same_port_n = 0;

	ASSERT(!t->is_entered);
	for (const struct tuple *at = *chain; at; at = at->next) {
		if (is_this(at, t->protocol, &t->local, &t->remote) && !is_shared(t))
			return -EADDRINUSE;
		same_port_n += keeps_port(at, t->protocol, t->local.port);
	}
	if (is_unset(&t->remote) && same_port_n >= LIMIT_PORT_LISTENERS)
		return -ENOBUFS;
	t->next = *chain;
	*chain = t;
	t->is_entered = true;
	p->entered++;
	return 0;
}

void ports_leave(struct ports *p, struct tuple *t)
{
	struct tuple **at;

	if (!t->is_entered)
		return;
	at = chain_of(p, t->protocol, &t->local, &t->remote);
	while (*at != t) {
		ASSERT(*at); /* its ends were changed while it was entered */
		at = &(*at)->next;
	}
	*at = t->next;
	t->next = NULL;
	t->is_entered = false;
	p->entered--;
}

struct tuple *ports_find(const struct ports *p, uint8_t protocol, const struct endpoint *local,
	const struct endpoint *remote)
{
	struct tuple *at = *chain_of(p, protocol, local, remote);

	while (at && !is_this(at, protocol, local, remote))
		at = at->next;
	return at;
}

struct tuple *ports_listener(const struct ports *p, uint8_t protocol, const struct endpoint *local)
{
	const struct endpoint unset = { .port = 0 };
	struct tuple *on_any = NULL;

	for (struct tuple *at = *chain_of(p, protocol, local, &unset); at; at = at->next) {
		if (!keeps_port(at, protocol, local->port) || at->kind == TUPLE_BOUND)
			continue;
		if (addr_equal(&at->local.addr, &local->addr))
			return at;
		if (addr_is_any(&at->local.addr))
			on_any = at;
	}
	return on_any;
}

struct tuple *ports_next_listener(
	const struct ports *p, uint8_t protocol, uint16_t port, const struct tuple *after)
{
	const struct endpoint unset = { .port = 0 };
	const struct endpoint local = { .port = port };
	struct tuple *at = after ? after->next : *chain_of(p, protocol, &local, &unset);

	while (at && (!keeps_port(at, protocol, port) || at->kind == TUPLE_BOUND))
		at = at->next;
	return at;
}

struct tuple *ports_clash(const struct ports *p, uint8_t protocol, const struct endpoint *local)
{
	const struct endpoint unset = { .port = 0 };

	if (addr_is_multicast(&local->addr))
		return NULL;
	for (struct tuple *at = *chain_of(p, protocol, local, &unset); at; at = at->next) {
		if (!keeps_port(at, protocol, local->port) || is_shared(at))
			continue;
		if (addr_is_any(&local->addr) || addr_is_any(&at->local.addr) ||
			addr_equal(&at->local.addr, &local->addr))
			return at;
	}
	return NULL;
}

static bool is_free(const struct ports *p, uint8_t protocol, const struct endpoint *local,
	const struct endpoint *remote)
{
	return !ports_clash(p, protocol, local) &&
		(is_unset(remote) || !ports_find(p, protocol, local, remote));
}

/*
 * RFC 6056 3.3.4: where the sequence begins is a secret function of the three other parts of
 * the tuple, and how far it has come is counted apart for each group of them, so that what one
 * remote sees says nothing about another. The count goes on by random increments (3.3.5),
 * which also blurs what two remotes of one group see of each other.
 */
uint16_t ports_pick(struct ports *p, struct random *r, uint8_t protocol, const struct addr *local,
	const struct endpoint *remote)
{
	uint8_t bytes[36];
	uint8_t *end = put_u8(bytes, 0xff); /* no protocol's number: apart from chain_of's hashes */
	struct endpoint at = { .addr = *local };
	uint64_t hash;
	uint32_t from;
	uint16_t *step;

	end = put_u8(end, protocol);
	memcpy(end, local->b, sizeof(local->b));
	end = put_endpoint(end + sizeof(local->b), remote);
	hash = siphash(&p->key, bytes, (size_t)(end - bytes));
	step = &p->steps[hash >> 32 & (LIMIT_PORT_STEPS - 1)];
	*step = (uint16_t)((*step + 1 + random_below(r, LIMIT_PORT_STRIDE)) % PORTS_N);
	from = (uint32_t)(hash & UINT32_MAX) % PORTS_N + *step;
	for (uint32_t i = 0; i < PORTS_N; i++) {
		at.port = (uint16_t)(PORTS_LOW + (from + i) % PORTS_N);
		if (is_free(p, protocol, &at, remote))
			return at.port;
	}
	return 0;
}

void ports_check(const struct ports *p)
{
	uint32_t seen = 0;

	for (uint32_t i = 0; i <= p->mask; i++) {
		for (const struct tuple *at = p->chains[i]; at; at = at->next) {
			ASSERT(at->is_entered);
			ASSERT(at->local.port != 0);
			ASSERT(chain_of(p, at->protocol, &at->local, &at->remote) == &p->chains[i]);
			seen++;
			ASSERT(seen <= p->entered);
		}
	}
	ASSERT(seen == p->entered);
}
