/*
 * wire.h - big-endian integers taken from bytes that came from elsewhere, and put into ours.
 *
 * Taking is total: a cursor never reads past its end. It gives 0 instead and stays bad, so a
 * parser takes all its fields and asks once. Putting is a promise: the caller has the room.
 */
#ifndef CATNET_WIRE_H
#define CATNET_WIRE_H

#include "base.h"

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool bad; /* something was taken that was not there */
};

static inline struct cursor cursor_over(const uint8_t *bytes, size_t len)
{
	return (struct cursor){ .at = bytes, .end = bytes + len, .bad = false };
}

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/* LEN bytes and go past them; NULL, and bad, when fewer are left. */
static inline const uint8_t *take_bytes(struct cursor *c, size_t len)
{
	const uint8_t *bytes = c->at;

	if (cursor_left(c) < len) {
		c->bad = true;
		c->at = c->end;
		return NULL;
	}
	c->at += len;
	return bytes;
}

static inline uint8_t take_u8(struct cursor *c)
{
	const uint8_t *b = take_bytes(c, 1);

	return b ? b[0] : 0;
}

static inline uint16_t take_be16(struct cursor *c)
{
	const uint8_t *b = take_bytes(c, 2);

	if (!b)
		return 0;
	return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t take_be32(struct cursor *c)
{
	const uint8_t *b = take_bytes(c, 4);

	return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

/* Each put returns the place after what it has put. */
static inline uint8_t *put_u8(uint8_t *to, uint8_t value)
{
	to[0] = value;
	return to + 1;
}

static inline uint8_t *put_be16(uint8_t *to, uint16_t value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
	return to + 2;
}

static inline uint8_t *put_be32(uint8_t *to, uint32_t value)
{
	return put_be16(put_be16(to, (uint16_t)(value >> 16)), (uint16_t)value);
}

#endif
