#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packets.h"

#define MEMORY    ((size_t)16 << 20)
#define PACKETS_N 8192
#define HEADROOM  64

void packets_open(struct packets *ps)
{
	memset(ps, 0, sizeof(*ps));
	ps->memory = aligned_alloc(ARENA_CHUNK, MEMORY);
	assert_non_null(ps->memory);
	memset(ps->memory, 0, MEMORY);
	arena_init(&ps->arena, ps->memory, MEMORY);
	/* Blocks come after the packets, which so must know them before they are there. */
	assert_int_equal(pkts_init(&ps->pkts, &ps->arena, &ps->bufs, PACKETS_N), 0);
	assert_int_equal(bufs_init(&ps->bufs, &ps->arena, 0), 0);
	ps->rest = buf_new(&ps->bufs, BUF_LARGE, BUF_DATA);
	assert_non_null(ps->rest);
}

void packets_close(struct packets *ps)
{
	assert_false(buf_is_shared(ps->rest));
	buf_drop(ps->rest);
	assert_int_equal(ps->pkts.pool.out, 0);
	assert_int_equal(ps->bufs.bytes_out, 0);
	free(ps->memory);
}

struct pkt *packets_empty(struct packets *ps)
{
	struct pkt *p = pkt_new(&ps->pkts, HEADROOM, BUF_DATA);

	assert_non_null(p);
	return p;
}

struct pkt *packets_frame(struct packets *ps, uint32_t len, uint8_t first)
{
	struct pkt *p = packets_empty(ps);
	uint32_t head_len = min_u32(len, pkt_tailroom(p));
	uint8_t *head = pkt_append(p, head_len);
	struct buf *rest;

	for (uint32_t i = 0; i < head_len; i++)
		head[i] = (uint8_t)(first + i);
	if (head_len == len)
		return p;
	rest = buf_new(&ps->bufs, BUF_LARGE, BUF_DATA);
	assert_non_null(rest);
	for (uint32_t i = head_len; i < len; i++)
		rest->data[i - head_len] = (uint8_t)(first + i);
	assert_int_equal(pkt_add_slice(p, rest, 0, len - head_len), 0);
	buf_drop(rest);
	return p;
}

void packets_assert_frame(const struct pkt *p, uint32_t len, uint8_t first)
{
	uint8_t *bytes = malloc(len + 1);

	assert_non_null(bytes);
	assert_int_equal(pkt_len(p), len);
	assert_true(pkt_copy_out(p, 0, bytes, len));
	for (uint32_t i = 0; i < len; i++)
		assert_int_equal(bytes[i], (uint8_t)(first + i));
	free(bytes);
}

void packets_free(struct packets *ps, struct pkt *p)
{
	pkt_free(&ps->pkts, p);
}
