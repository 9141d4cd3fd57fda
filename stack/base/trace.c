#include "trace.h"

int trace_init(struct trace *t, struct arena *a, uint32_t cap)
{
	*t = (struct trace){ .cap = cap };
	if (cap == 0)
		return 0;
	ASSERT((cap & (cap - 1)) == 0);
	t->ring = arena_take(a, cap * sizeof(*t->ring), sizeof(uint64_t));
	return t->ring ? 0 : -ENOMEM;
}

void trace_put(struct trace *t, const struct trace_event *e)
{
	if (!t->ring)
		return;
	t->ring[t->written++ & (t->cap - 1)] = *e;
}

bool trace_next(const struct trace *t, uint64_t *cursor, struct trace_event *out, uint64_t *lost)
{
	uint64_t oldest = t->written > t->cap ? t->written - t->cap : 0;

	*lost = 0;
	if (!t->ring || *cursor >= t->written)
		return false;
	if (*cursor < oldest) {
		*lost = oldest - *cursor;
		*cursor = oldest;
	}
	*out = t->ring[(*cursor)++ & (t->cap - 1)];
	return true;
}
