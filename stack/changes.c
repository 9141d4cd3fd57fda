/*
 * changes.c - what states conversations have gone through, until the holder asks.
 */
#include "changes.h"

#include <string.h>

#include "conv.h"
#include "describe.h"
#include "stack_private.h"

_Static_assert((LIMIT_CHANGES & (LIMIT_CHANGES - 1)) == 0, "a position is masked");

int changes_init(struct changes *v, struct arena *a)
{
	*v = (struct changes){ 0 };
	v->ring = arena_take(a, LIMIT_CHANGES * sizeof(*v->ring), sizeof(uint64_t));
	return v->ring ? 0 : -ENOMEM;
}

/* Where it speaks to; where it is, as long as there is no such place. */
static const struct endpoint *end_of(const struct conv *c)
{
	bool has_remote = !addr_is_any(&c->tuple.remote.addr);

	return has_remote ? &c->tuple.remote : &c->tuple.local;
}

static void remember(const struct conv *c, const char *from, const char *to)
{
	struct changes *v = &c->stack->changes;

	if (v->written - v->taken == LIMIT_CHANGES) {
		v->taken++;
		v->lost++;
		count(c->stack, COUNT_conv_changes_lost);
	}
	v->ring[v->written++ & (LIMIT_CHANGES - 1)] = (struct conv_change){
		.at_us = c->stack->now_us,
		.number = c->number,
		.proto = c->proto,
		.from = from,
		.to = to,
		.uid = c->owner.uid,
		.end = *end_of(c),
	};
}

void conv_changed(struct conv *c, const char *from)
{
	const struct stack *s = c->stack;
	const char *to = c->proto->state_name(c);

	if (!(s->changes.is_watched || trace_is_on(s)) || strcmp(from, to) == 0)
		return;
	if (trace_is_on(s))
		trace_change(c, from, to);
	if (s->changes.is_watched)
		remember(c, from, to);
}

static void remember_stage(struct conv *c)
{
	if (c->stages_n == CONV_STAGES_MAX) {
		memmove(c->stages, c->stages + 1, CONV_STAGES_MAX - 1);
		c->stages_n--;
	}
	c->stages[c->stages_n++] = c->stage;
}

void conv_enter(struct conv *c, enum conv_stage next)
{
	const char *from = c->proto->state_name(c);

	c->stage = (uint8_t)next;
	if (strcmp(from, c->proto->state_name(c)) != 0)
		remember_stage(c);
	conv_changed(c, from);
}

void conv_describe_stages(const struct conv *c, struct describer *d)
{
	struct conv then = *c;

	d->open_list(d, "state_history");
	for (unsigned i = 0; i < c->stages_n; i++) {
		then.stage = c->stages[i];
		d->text(d, NULL, c->proto->state_name(&then));
	}
	d->close(d);
}

void conv_watch_changes(struct stack *s, bool is_watched)
{
	s->changes.is_watched = is_watched;
	s->changes.taken = s->changes.written;
	s->changes.lost = 0;
}

bool conv_next_change(struct stack *s, struct conv_change *out, uint64_t *lost)
{
	struct changes *v = &s->changes;

	if (v->taken == v->written)
		return false;
	*lost = v->lost;
	v->lost = 0;
	*out = v->ring[v->taken++ & (LIMIT_CHANGES - 1)];
	/* Those who ask in time meet the same few lines of memory, warm. */
	if (v->taken == v->written)
		v->taken = v->written = 0;
	return true;
}
