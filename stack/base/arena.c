#include "arena.h"

#include "poison.h"

#include <stdalign.h>

/* Things of a pool start where any C object may. */
#define POOL_ALIGN alignof(max_align_t)

void arena_init(struct arena *a, void *base, size_t len)
{
	ASSERT(base);
	a->base = base;
	a->len = len;
	a->used = 0;
}

void arena_done(struct arena *a)
{
	unpoison(a->base, a->len);
	*a = (struct arena){ .base = NULL };
}

void *arena_take(struct arena *a, size_t size, size_t align)
{
	size_t gap;
	void *at;

	ASSERT(align > 0);
	ASSERT((align & (align - 1)) == 0);
	gap = (size_t)(-(uintptr_t)(a->base + a->used) & (align - 1));
	if (gap > arena_left(a) || size > arena_left(a) - gap)
		return NULL;
	at = a->base + a->used + gap;
	a->used += gap + size;
	return at;
}

size_t arena_left(const struct arena *a)
{
	return a->len - a->used;
}

int pool_init(struct pool *p, struct arena *a, size_t item_size, uint32_t cap)
{
	size_t room;

	ASSERT(item_size > 0);
	ASSERT(item_size <= SIZE_MAX - POOL_ALIGN);
	*p = (struct pool){ .cap = cap };
	p->item_size = (item_size + POOL_ALIGN - 1) & ~(POOL_ALIGN - 1);
	if (cap > SIZE_MAX / p->item_size)
		return -ENOMEM;
	room = cap * p->item_size;
	p->items = arena_take(a, room, POOL_ALIGN);
	if (!p->items)
		return -ENOMEM;
	poison(p->items, room);
	return 0;
}

/* What came back is used again, and cleared; else the next that nobody ever touched, which is
 * zero because the whole region was. */
void *pool_get(struct pool *p)
{
	void *thing = p->free;

	if (thing) {
		p->free = free_link_take(thing);
		unpoison(thing, p->item_size);
		memset(thing, 0, p->item_size);
	} else if (p->fresh < p->cap) {
		thing = p->items + p->fresh++ * p->item_size;
		unpoison(thing, p->item_size);
	} else {
		return NULL;
	}
	p->out++;
	p->out_max = max_u32(p->out_max, p->out);
	return thing;
}

void pool_put(struct pool *p, void *thing)
{
	uint8_t *at = thing;

	ASSERT(at >= p->items);
	ASSERT(at < p->items + p->fresh * p->item_size);
	ASSERT((size_t)(at - p->items) % p->item_size == 0);
	ASSERT(!is_poisoned(thing));
	ASSERT(p->out > 0);
	free_link_put(thing, p->item_size, p->free);
	p->free = thing;
	p->out--;
}

void pool_check(const struct pool *p)
{
	uint32_t free_n = 0;

	ASSERT(p->fresh <= p->cap);
	ASSERT(p->out <= p->out_max);
	ASSERT(p->out_max <= p->fresh);
	for (void *thing = p->free; thing; thing = free_link_peek(thing)) {
		ASSERT((uint8_t *)thing >= p->items);
		ASSERT((uint8_t *)thing < p->items + p->fresh * p->item_size);
		ASSERT(free_n < p->fresh);
		free_n++;
	}
	ASSERT(free_n + p->out == p->fresh);
}
