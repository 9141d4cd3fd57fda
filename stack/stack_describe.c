/*
 * stack_describe.c - the whole server's numbers: memory, pools, and every counter by its room.
 */
#include "describe.h"
#include "stack.h"
#include "stack_private.h"

#include <string.h>

#define COUNTER_NAME(name, sentence) #name,
static const char *const counter_names[] = { COUNTERS(COUNTER_NAME) };
#undef COUNTER_NAME

const char *counter_name(enum counter what)
{
	ASSERT(what < COUNTERS_N);
	return counter_names[what];
}

#define ROOM_NAME_MAX 16

/* --- counters ------------------------------------------------------------------------ */

/* How long is the room's part of a counter's name, before its first underscore? */
static size_t room_len(const char *name)
{
	size_t len = 0;

	while (name[len] != '_')
		len++;
	return len;
}

static bool is_same_room(const char *a, const char *b)
{
	return room_len(a) == room_len(b) && strncmp(a, b, room_len(a)) == 0;
}

static void open_room(struct describer *d, const char *counter)
{
	char name[ROOM_NAME_MAX];
	size_t len = room_len(counter);

	ASSERT(len < sizeof(name));
	memcpy(name, counter, len);
	name[len] = '\0';
	d->open(d, name);
}

/* A room's counters stand together in counters.h, so a group ends where the name changes. */
static void describe_rooms(const struct stack *s, struct describer *d)
{
	const char *room = NULL;

	for (unsigned i = 0; i < COUNTERS_N; i++) {
		const char *name = counter_names[i];

		if (!room || !is_same_room(room, name)) {
			if (room)
				d->close(d);
			open_room(d, name);
			room = name;
		}
		d->number(d, name, s->counters[i]);
	}
	d->close(d);
}

void stack_describe_counters(const struct stack *s, const char *prefix, struct describer *d)
{
	size_t len = strlen(prefix);

	for (unsigned i = 0; i < COUNTERS_N; i++)
		if (strncmp(counter_names[i], prefix, len) == 0)
			d->number(d, counter_names[i], s->counters[i]);
}

/* --- memory -------------------------------------------------------------------------- */

static void describe_memory(const struct stack *s, struct describer *d)
{
	d->open(d, "memory");
	d->number(d, "budget_bytes", s->arena.len);
	d->number(d, "tables_bytes", s->arena.len - (size_t)s->bufs.chunks_n * ARENA_CHUNK);
	d->number(d, "blocks_bytes", s->bufs.bytes_out);
	d->number(d, "chunks", s->bufs.chunks_n);
	d->number(d, "chunks_idle", s->bufs.chunks_idle);
	d->number(d, "pressure_percent", bufs_pressure_percent(&s->bufs));
	d->number(d, "copied_bytes", s->bytes.copied);
	d->number(d, "shared_bytes", s->bytes.shared);
	d->close(d);
}

static void describe_pool(struct describer *d, const char *name, const struct pool *pool)
{
	d->open(d, name);
	d->number(d, "in_use", pool->out);
	d->number(d, "most", pool->out_max);
	d->number(d, "cap", pool->cap);
	d->close(d);
}

static void describe_pools(const struct stack *s, struct describer *d)
{
	d->open(d, "pools");
	describe_pool(d, "packets", &s->pkts.pool);
	describe_pool(d, "slices", &s->bytes.nodes);
	describe_pool(d, "datagrams", &s->datagrams.pool);
	for (unsigned i = 0; i < s->convs_n; i++)
		describe_pool(d, s->convs[i].proto->name, &s->convs[i].pool);
	d->close(d);
}

static void describe_convs(
	const struct stack *s, const struct proto_convs *convs, struct describer *d)
{
	d->number(d, "conversations_in_use", convs->pool.out);
	d->number(d, "conversations_ending", convs->ending);
	d->number(d, "conversations_most", convs->pool.out_max);
	d->number(d, "conversations_max", convs->pool.cap);
	if (convs->proto->describe_all)
		convs->proto->describe_all(s, d);
}

void stack_describe_proto(const struct stack *s, const struct proto *proto, struct describer *d)
{
	for (unsigned i = 0; i < s->convs_n; i++)
		if (s->convs[i].proto == proto)
			describe_convs(s, &s->convs[i], d);
}

void stack_describe(const struct stack *s, struct describer *d)
{
	d->number(d, "now_us", s->now_us);
	d->number(d, "conversations_ever", s->conv_numbers);
	d->number(d, "tuples", s->ports.entered);
	d->number(d, "timers_armed", s->timers.armed);
	describe_memory(s, d);
	describe_pools(s, d);
	d->open(d, "counters");
	describe_rooms(s, d);
	d->close(d);
}
