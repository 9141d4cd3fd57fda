/*
 * stack_new.c - the beginning and the end: one region taken, carved into every room's tables,
 * and given back.
 */
#include "describe.h"
#include "icmp/ping.h"
#include "ip/frag.h"
#include "ip/icmp4.h"
#include "ip/igmp.h"
#include "ip/ip4.h"
#include "ip/neigh.h"
#include "ip/route.h"
#include "link/group.h"
#include "link/ifc.h"
#include "link/lo.h"
#include "stack.h"
#include "stack_private.h"
#include "tcp/tcp.h"
#include "udp/udp.h"

/* The protocols, in the order of their directories. */
static const struct proto *const protos[] = { &tcp_proto, &udp_proto, &ping_proto };

_Static_assert(ARRAY_LEN(protos) <= STACK_PROTOS_MAX, "struct stack has a place for each");

/* --- what is asked ------------------------------------------------------------------- */

/* A limit is what the default budget has; a smaller one has fewer, so that tables always take the
 * same part of it and leave the same part to blocks. */
static uint32_t in_proportion(uint32_t limit, size_t memory)
{
	if (memory >= LIMIT_MEMORY)
		return limit;
	return max_u32(1, (uint32_t)((uint64_t)limit * memory / LIMIT_MEMORY));
}

static uint32_t or_usual(uint32_t asked, uint32_t limit, size_t memory)
{
	return asked ? asked : in_proportion(limit, memory);
}

static void fill_in(struct stack_config *config, size_t memory)
{
	config->tcp_convs_max = or_usual(config->tcp_convs_max, LIMIT_TCP_CONVS, memory);
	config->udp_convs_max = or_usual(config->udp_convs_max, LIMIT_UDP_CONVS, memory);
	config->icmp_convs_max = or_usual(config->icmp_convs_max, LIMIT_ICMP_CONVS, memory);
}

static uint32_t convs_max(const struct stack_config *config, const struct proto *proto)
{
	switch (proto->ip_number) {
	case IP_TCP:
		return config->tcp_convs_max;
	case IP_UDP:
		return config->udp_convs_max;
	default:
		return config->icmp_convs_max;
	}
}

/* The same on every machine, whatever its byte order. */
static struct hash_key key_of(const uint8_t bytes[16])
{
	struct hash_key key = { .k0 = 0 };

	for (unsigned i = 0; i < 8; i++) {
		key.k0 |= (uint64_t)bytes[i] << 8 * i;
		key.k1 |= (uint64_t)bytes[i + 8] << 8 * i;
	}
	return key;
}

/* A key for one room alone: what its hashes give away says nothing of another's. */
static struct hash_key key_for(const struct hash_key *secret, const char room[8])
{
	uint8_t label[9];

	for (unsigned i = 0; i < 8; i++)
		label[i] = (uint8_t)room[i];
	struct hash_key key;

	label[8] = 0;
	key.k0 = siphash(secret, label, sizeof(label));
	label[8] = 1;
	key.k1 = siphash(secret, label, sizeof(label));
	return key;
}

/* --- carving ------------------------------------------------------------------------- */

static int carve_shared(struct stack *s)
{
	size_t memory = s->arena.len;
	uint32_t nodes = in_proportion(LIMIT_BYTES_NODES, memory);
	uint32_t datagrams = in_proportion(LIMIT_DATAGRAMS, memory);

	if (pkts_init(&s->pkts, &s->arena, &s->bufs, LIMIT_PKTS) < 0 ||
		bytes_home_init(&s->bytes, &s->arena, &s->bufs, nodes) < 0 ||
		datagrams_home_init(&s->datagrams, &s->arena, &s->bytes, datagrams) < 0 ||
		changes_init(&s->changes, &s->arena) < 0)
		return -ENOMEM;
	return trace_init(&s->trace, &s->arena, s->config.trace_events);
}

static int carve_rooms(struct stack *s)
{
	if (ifc_setup(s) < 0 || lo_setup(s) < 0 || group_setup(s) < 0 || route_setup(s) < 0 ||
		neigh_setup(s) < 0 || frag_setup(s) < 0 || ip4_setup(s) < 0 || igmp_setup(s) < 0)
		return -ENOMEM;
	return icmp4_setup(s);
}

static int carve_proto(struct stack *s, const struct proto *proto)
{
	struct proto_convs *of = &s->convs[s->convs_n++];
	uint32_t cap = convs_max(&s->config, proto);

	if (cap > LIMIT_CONVS_EACH)
		return -ENOMEM;
	of->proto = proto;
	list_init(&of->all);
	if (pool_init(&of->pool, &s->arena, proto->conv_size, cap) < 0)
		return -ENOMEM;
	return proto->setup ? proto->setup(s) : 0;
}

static int carve_protos(struct stack *s)
{
	struct hash_key key = key_for(&s->secret, "ports   ");
	uint32_t tuples = LIMIT_TCP_HALF_OPEN + LIMIT_TCP_TIME_WAIT;

	for (unsigned i = 0; i < ARRAY_LEN(protos); i++) {
		if (carve_proto(s, protos[i]) < 0)
			return -ENOMEM;
		tuples += s->convs[i].pool.cap;
	}
	return ports_init(&s->ports, &s->arena, &key, tuples);
}

/* Blocks come last: they take all that is left. */
static int carve(struct stack *s)
{
	if (carve_shared(s) < 0 || carve_rooms(s) < 0 || carve_protos(s) < 0)
		return -ENOMEM;
	return bufs_init(&s->bufs, &s->arena, LIMIT_CONTROL_PERCENT);
}

/* --- life ---------------------------------------------------------------------------- */

static void begin(struct stack *s, const struct stack_config *config, usec_t now_us)
{
	s->config = *config;
	fill_in(&s->config, s->arena.len);
	s->now_us = now_us;
	s->secret = key_of(config->secret);
	random_init(&s->random, config->seed);
	timers_init(&s->timers, now_us, s);
	list_init(&s->ready);
}

struct stack *stack_new(const struct stack_config *config, usec_t now_us)
{
	size_t len = config->memory ? config->memory : LIMIT_MEMORY;
	void *base = config->memory_take(config->memory_arg, len);
	struct arena arena;
	struct stack *s;

	if (!base)
		return NULL;
	arena_init(&arena, base, len);
	s = arena_take(&arena, sizeof(*s), _Alignof(struct stack));
	if (s) {
		s->arena = arena;
		begin(s, config, now_us);
		if (carve(s) == 0)
			return s;
	}
	arena_done(&arena);
	config->memory_give_back(config->memory_arg, base, len);
	return NULL;
}

void stack_free(struct stack *s)
{
	struct arena arena = s->arena;
	struct stack_config config = s->config;
	void *base = arena.base;
	size_t len = arena.len;

	/* What lies in the region is over with it; s is in it too. */
	arena_done(&arena);
	config.memory_give_back(config.memory_arg, base, len);
}

/* --- does it make sense? ------------------------------------------------------------- */

static void check_convs(const struct stack *s, const struct proto_convs *of)
{
	uint32_t n = 0;

	pool_check(&of->pool);
	for (const struct list *at = of->all.next; at != &of->all; at = at->next) {
		const struct conv *c = (const struct conv *)(const void *)((const uint8_t *)at -
			offsetof(struct conv, all));

		ASSERT(c->proto == of->proto);
		ASSERT(c->stack == s);
		conv_check(c);
		n++;
	}
	ASSERT(n == of->pool.out);
	if (of->proto->check)
		of->proto->check(s);
}

void stack_check(const struct stack *s)
{
	bufs_check(&s->bufs);
	pool_check(&s->pkts.pool);
	pool_check(&s->bytes.nodes);
	pool_check(&s->datagrams.pool);
	timers_check(&s->timers);
	ports_check(&s->ports);
	ifc_check(s);
	lo_check(s);
	igmp_check(s);
	route_check(s);
	neigh_check(s);
	frag_check(s);
	for (unsigned i = 0; i < s->convs_n; i++)
		check_convs(s, &s->convs[i]);
}

uint32_t stack_convs(const struct stack *s)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < s->convs_n; i++)
		n += s->convs[i].pool.out;
	return n;
}

/* One thing that must be 0 at rest; said into D when it is not. */
static bool is_none(struct describer *d, const char *name, uint64_t n)
{
	if (n != 0 && d)
		d->number(d, name, n);
	return n == 0;
}

bool stack_is_at_rest(const struct stack *s, struct describer *d)
{
	bool at_rest = is_none(d, "packets", s->pkts.pool.out);

	at_rest &= is_none(d, "slices", s->bytes.nodes.out);
	at_rest &= is_none(d, "datagrams", s->datagrams.pool.out);
	at_rest &= is_none(d, "block_bytes", s->bufs.bytes_out);
	at_rest &= is_none(d, "tuples", s->ports.entered);
	at_rest &= is_none(d, "flush_due", s->flush_due);
	at_rest &= is_none(d, "ready", !list_is_empty(&s->ready));
	for (unsigned i = 0; i < s->convs_n; i++)
		at_rest &= is_none(d, s->convs[i].proto->name, s->convs[i].pool.out);
	return at_rest;
}
