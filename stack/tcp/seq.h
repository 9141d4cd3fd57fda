/*
 * seq.h - sequence number arithmetic modulo 2^32, RFC 9293 3.4.
 */
#ifndef CATNET_SEQ_H
#define CATNET_SEQ_H

#include "../base/base.h"

static inline bool seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool seq_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static inline bool seq_before_eq(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) <= 0;
}

static inline bool seq_after_eq(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) >= 0;
}

/* Is X in [FROM, TO)? */
static inline bool seq_in(uint32_t x, uint32_t from, uint32_t to)
{
	return x - from < to - from;
}

#endif
