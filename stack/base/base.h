/*
 * base.h - the few words that every file speaks: time, assertion, small arithmetic.
 *
 * Owns nothing and knows no protocol. Needs C11 and <sys/types.h> for ssize_t.
 */
#ifndef CATNET_BASE_H
#define CATNET_BASE_H

#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A point in time or a span of it, in microseconds. Never negative, never wraps. */
typedef uint64_t usec_t;

#define USEC_NEVER    UINT64_MAX
#define USEC_PER_MSEC ((usec_t)1000)
#define USEC_PER_SEC  ((usec_t)1000000)

/*
 * Our own mistakes end the program at the line that made them, in every build. What comes
 * from the wire or from a user is never asserted: it is refused.
 */
#define ASSERT(condition) assert(condition)

#define BIT(n) (1u << (n))

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The struct of type TYPE whose member MEMBER lies at POINTER. */
#define CONTAINER_OF(pointer, type, member) \
	((type *)(void *)((uint8_t *)(pointer)-offsetof(type, member)))

static inline uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static inline uint32_t max_u32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static inline size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

#endif
