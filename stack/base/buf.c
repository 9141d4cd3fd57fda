#include "buf.h"

#include "poison.h"

/* Chunks go back to the system by the page. */
#define PAGE_SIZE ((size_t)4096)

static const uint32_t block_size[BUF_CLASSES] = {
	[BUF_SMALL] = 2048,
	[BUF_LARGE] = 65536,
	[BUF_CHUNK] = (uint32_t)ARENA_CHUNK,
};

static uint32_t blocks_per_chunk(enum buf_class class)
{
	return (uint32_t)ARENA_CHUNK / block_size[class];
}

static void lists_init(struct bufs *b)
{
	list_init(&b->idle);
	list_init(&b->gone);
	for (int use = 0; use < BUF_USES; use++)
		for (int class = 0; class < BUF_CLASSES; class ++)
			list_init(&b->room[use][class]);
}

int bufs_init(struct bufs *b, struct arena *a, uint32_t reserved_percent)
{
	size_t n = arena_left(a) / (ARENA_CHUNK + sizeof(struct chunk));
	uint8_t *base = NULL;

	ASSERT(reserved_percent < 100);
	ASSERT(n <= UINT32_MAX);
	*b = (struct bufs){ .chunks_n = 0 };
	lists_init(b);
	/* Alignment may cost the last one. */
	if (n > 0 && arena_left(a) - n * (ARENA_CHUNK + sizeof(struct chunk)) < 2 * PAGE_SIZE)
		n--;
	b->chunks_reserved = (uint32_t)((n * reserved_percent + 99) / 100);
	if (n < BUF_CLASSES + b->chunks_reserved)
		return -ENOMEM;
	b->chunks = arena_take(a, n * sizeof(struct chunk), sizeof(void *));
	base = arena_take(a, n * ARENA_CHUNK, PAGE_SIZE);
	ASSERT(b->chunks);
	ASSERT(base);
	b->chunks_n = (uint32_t)n;
	b->chunks_idle = b->chunks_n;
	for (uint32_t i = 0; i < b->chunks_n; i++) {
		b->chunks[i].base = base + i * ARENA_CHUNK;
		list_init(&b->chunks[i].link);
		list_append(&b->gone, &b->chunks[i].link);
	}
	return 0;
}

static struct chunk *chunk_at(struct list *link)
{
	return CONTAINER_OF(link, struct chunk, link);
}

/* How many of the idle chunks only control may open. */
static uint32_t reserve_left(const struct bufs *b)
{
	return b->chunks_reserved - b->reserved_open;
}

/*
 * Open an idle chunk for CLASS, a warm one if there is any. What control opens out of the
 * reserve stays control's: if data filled up the rest of such a chunk, the reserve would be
 * eaten one chunk after another.
 */
static struct chunk *chunk_open(struct bufs *b, enum buf_class class, enum buf_use use)
{
	bool is_reserved = b->chunks_idle <= reserve_left(b);
	struct chunk *c;

	if (b->chunks_idle == 0 || (is_reserved && use != BUF_CONTROL))
		return NULL;
	c = chunk_at(list_is_empty(&b->idle) ? b->gone.next : b->idle.next);
	list_remove(&c->link);
	b->chunks_idle--;
	c->class = (uint8_t) class;
	c->use = is_reserved ? BUF_CONTROL : BUF_DATA;
	b->reserved_open += is_reserved;
	c->free = NULL;
	c->fresh = 0;
	poison(c->base, ARENA_CHUNK);
	list_append(&b->room[c->use][class], &c->link);
	return c;
}

static struct chunk *chunk_with_room(struct bufs *b, enum buf_class class, enum buf_use use)
{
	if (!list_is_empty(&b->room[BUF_DATA][class]))
		return chunk_at(b->room[BUF_DATA][class].next);
	if (use == BUF_CONTROL && !list_is_empty(&b->room[BUF_CONTROL][class]))
		return chunk_at(b->room[BUF_CONTROL][class].next);
	return chunk_open(b, class, use);
}

static struct buf *block_take(struct chunk *c)
{
	uint32_t size = block_size[c->class];
	void *block = c->free;

	if (block)
		c->free = free_link_take(block);
	else
		block = c->base + (size_t)c->fresh++ * size;
	unpoison(block, size);
	c->blocks_out++;
	if (c->blocks_out == blocks_per_chunk(c->class))
		list_remove(&c->link);
	return block;
}

uint32_t buf_class_cap(enum buf_class class)
{
	return block_size[class] - (uint32_t)sizeof(struct buf);
}

struct buf *buf_new(struct bufs *b, enum buf_class class, enum buf_use use)
{
	struct chunk *c = chunk_with_room(b, class, use);
	struct buf *buf;

	if (!c)
		return NULL;
	buf = block_take(c);
	buf->home = b;
	buf->refs = 1;
	buf->cap = buf_class_cap(class);
	b->blocks_out[class]++;
	b->bytes_out += block_size[class];
	return buf;
}

static void chunk_close(struct bufs *b, struct chunk *c)
{
	/* Its pages may go, and the chain through them with them. */
	c->free = NULL;
	c->fresh = 0;
	list_remove(&c->link);
	list_prepend(&b->idle, &c->link);
	b->chunks_idle++;
	b->reserved_open -= c->use == BUF_CONTROL;
}

/*
 * Blocks are taken from the front of a list. A chunk that was full until now goes there, one
 * that has become three quarters empty to the back: so the empty ones are left alone until
 * they are idle, and memory gathers in few chunks.
 */
static void chunk_gained_room(struct bufs *b, struct chunk *c)
{
	uint32_t all = blocks_per_chunk(c->class);

	if (c->blocks_out == 0) {
		chunk_close(b, c);
	} else if (c->blocks_out == all - 1) {
		list_prepend(&b->room[c->use][c->class], &c->link);
	} else if (c->blocks_out == all / 4) {
		list_remove(&c->link);
		list_append(&b->room[c->use][c->class], &c->link);
	}
}

/* Where BUF begins, counted from the first chunk. */
static size_t place_of(const struct buf *buf)
{
	size_t at = (size_t)((const uint8_t *)buf - buf->home->chunks[0].base);

	ASSERT(at < buf->home->chunks_n * ARENA_CHUNK);
	return at;
}

static void block_put(struct buf *buf)
{
	struct bufs *b = buf->home;
	size_t at = place_of(buf);
	struct chunk *c = &b->chunks[at / ARENA_CHUNK];
	uint32_t size = block_size[c->class];

	ASSERT(at % size == 0);
	ASSERT(c->blocks_out > 0);
	b->blocks_out[c->class]--;
	b->bytes_out -= size;
	free_link_put(buf, size, c->free);
	c->free = buf;
	c->blocks_out--;
	chunk_gained_room(b, c);
}

struct buf *buf_hold(struct buf *buf)
{
	ASSERT(buf->refs > 0);
	ASSERT(buf->refs < UINT32_MAX);
	buf->refs++;
	return buf;
}

void buf_drop(struct buf *buf)
{
	if (!buf)
		return;
	ASSERT(buf->refs > 0);
	if (--buf->refs == 0)
		block_put(buf);
}

bool buf_is_shared(const struct buf *buf)
{
	return buf->refs > 1;
}

bool buf_is_reserved(const struct buf *buf)
{
	return buf->home->chunks[place_of(buf) / ARENA_CHUNK].use == BUF_CONTROL;
}

enum buf_class buf_class_of(const struct buf *buf)
{
	if (buf->cap == buf_class_cap(BUF_SMALL))
		return BUF_SMALL;
	return buf->cap == buf_class_cap(BUF_LARGE) ? BUF_LARGE : BUF_CHUNK;
}

uint32_t bufs_pressure_percent(const struct bufs *b)
{
	return (uint32_t)((uint64_t)(b->chunks_n - b->chunks_idle) * 100 / b->chunks_n);
}

/* The coldest first. */
bool bufs_idle_span(struct bufs *b, void **at, size_t *len)
{
	struct chunk *c;

	if (list_is_empty(&b->idle))
		return false;
	c = chunk_at(b->idle.prev);
	list_remove(&c->link);
	list_prepend(&b->gone, &c->link);
	*at = c->base;
	*len = ARENA_CHUNK;
	return true;
}

static void chunk_check(const struct chunk *c)
{
	uint32_t free_n = 0;

	for (void *block = c->free; block; block = free_link_peek(block)) {
		ASSERT((uint8_t *)block >= c->base);
		ASSERT((uint8_t *)block < c->base + (size_t)c->fresh * block_size[c->class]);
		ASSERT(free_n < c->fresh);
		free_n++;
	}
	ASSERT(c->fresh <= blocks_per_chunk(c->class));
	ASSERT(free_n + c->blocks_out == c->fresh);
	ASSERT(list_is_linked(&c->link) == (c->blocks_out < blocks_per_chunk(c->class)));
}

static uint32_t list_len(const struct list *l)
{
	uint32_t n = 0;

	for (const struct list *at = l->next; at != l; at = at->next)
		n++;
	return n;
}

void bufs_check(const struct bufs *b)
{
	uint64_t blocks[BUF_CLASSES] = { 0 };
	uint32_t idle = 0;
	uint32_t reserved_open = 0;

	for (uint32_t i = 0; i < b->chunks_n; i++) {
		const struct chunk *c = &b->chunks[i];

		chunk_check(c);
		blocks[c->class] += c->blocks_out;
		idle += c->blocks_out == 0;
		reserved_open += c->blocks_out > 0 && c->use == BUF_CONTROL;
	}
	for (int class = 0; class < BUF_CLASSES; class ++)
		ASSERT(blocks[class] == b->blocks_out[class]);
	ASSERT(idle == b->chunks_idle);
	ASSERT(idle == list_len(&b->idle) + list_len(&b->gone));
	ASSERT(reserved_open == b->reserved_open);
	ASSERT(reserved_open <= b->chunks_reserved);
}
