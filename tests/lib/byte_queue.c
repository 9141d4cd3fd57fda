#include "byte_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MEMORY      ((size_t)13 << 20)
#define CONTENT_MAX ((uint32_t)4 << 20)

struct queue_box queue_box;

static struct queue_box *const box = &queue_box;

void queue_box_open(uint32_t nodes)
{
	memset(box, 0, sizeof(*box));
	region_take(&box->arena, MEMORY);
	assert_int_equal(bytes_home_init(&box->home, &box->arena, &box->bufs, nodes), 0);
	assert_int_equal(bufs_init(&box->bufs, &box->arena, 5), 0);
	bytes_init(&box->q);
}

void queue_box_close(void)
{
	unhog_all();
	bytes_check(&box->q);
	bytes_clear(&box->home, &box->q);
	bytes_check(&box->q);
	buf_drop(box->chunk);
	assert_int_equal(box->q.held, 0);
	assert_int_equal(box->home.nodes.out, box->nodes_lost);
	assert_int_equal(box->bufs.bytes_out, 0);
	bufs_check(&box->bufs);
	pool_check(&box->home.nodes);
	region_give_back(&box->arena);
}

static uint8_t byte_at(uint64_t pos)
{
	return (uint8_t)((pos * 0x9e3779b97f4a7c15u) >> 56);
}

void fill(uint8_t *to, uint64_t pos, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		to[i] = byte_at(pos + i);
}

struct buf *block_for(enum buf_class class, uint32_t off, uint64_t pos, uint32_t len)
{
	struct buf *buf = buf_new(&box->bufs, class, BUF_CONTROL);

	assert_non_null(buf);
	fill(buf->data + off, pos, len);
	return buf;
}

/* Where the next piece of a chunk may lie. */
static uint8_t *chunk_piece(uint32_t len)
{
	if (box->chunk && box->chunk->cap - box->chunk_used < len) {
		buf_drop(box->chunk);
		box->chunk = NULL;
	}
	if (!box->chunk) {
		box->chunk = buf_new(&box->bufs, BUF_CHUNK, BUF_DATA);
		box->chunk_used = 0;
	}
	assert_non_null(box->chunk);
	box->chunk_used += len + 80;
	return box->chunk->data + box->chunk_used - len - 80;
}

uint32_t give(enum buf_class class, uint32_t len)
{
	uint64_t pos = box->q.base + box->q.len;
	struct buf *buf;
	uint32_t n;

	if (class == BUF_CHUNK) {
		uint8_t *at = chunk_piece(len);

		fill(at, pos, len);
		return bytes_give(&box->home, &box->q, box->chunk, at, len);
	}
	buf = block_for(class, 16, pos, len);
	n = bytes_give(&box->home, &box->q, buf, buf->data + 16, len);
	buf_drop(buf);
	return n;
}

uint32_t give_from_nowhere(uint32_t len)
{
	static uint8_t bytes[CONTENT_MAX];

	fill(bytes, box->q.base + box->q.len, len);
	return bytes_give(&box->home, &box->q, NULL, bytes, len);
}

ssize_t place_at(
	uint32_t off, struct buf *from, const uint8_t *at, uint32_t len, uint32_t pieces_max)
{
	return bytes_place(&box->home, &box->q, off, from, at, len, pieces_max);
}

ssize_t place(enum buf_class class, uint32_t off, uint32_t len)
{
	struct buf *buf = block_for(class, 16, box->q.base + off, len);
	ssize_t n = place_at(off, buf, buf->data + 16, len, PIECES_MAX);

	buf_drop(buf);
	return n;
}

void assert_content(uint32_t off, uint32_t len)
{
	static uint8_t out[CONTENT_MAX];
	static uint8_t expected[CONTENT_MAX];

	bytes_copy_out(&box->q, off, out, len);
	fill(expected, box->q.base + off, len);
	assert_memory_equal(out, expected, len);
}

static bool hog(enum buf_class class)
{
	struct buf *buf = buf_new(&box->bufs, class, BUF_DATA);

	if (!buf)
		return false;
	assert_in_range(box->hogs_n, 0, HOGS_MAX - 1);
	box->hogs[box->hogs_n++] = buf;
	return true;
}

/* A small one first, so that there are small ones to take out again. */
void hog_all(void)
{
	hog(BUF_SMALL);
	while (hog(BUF_LARGE))
		;
	while (hog(BUF_SMALL))
		;
}

struct buf *unhog(enum buf_class class)
{
	for (uint32_t i = 0; i < box->hogs_n; i++) {
		struct buf *buf = box->hogs[i];

		if (buf_class_of(buf) == class) {
			box->hogs[i] = box->hogs[--box->hogs_n];
			return buf;
		}
	}
	fail();
	return NULL;
}

void unhog_all(void)
{
	while (box->hogs_n > 0)
		buf_drop(box->hogs[--box->hogs_n]);
}
