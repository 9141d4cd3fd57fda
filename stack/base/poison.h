/*
 * poison.h - memory that nobody holds is closed to the address sanitizer.
 *
 * Without the sanitizer these are nothing. What is poisoned must be opened again before the
 * owner of the region takes it back: arena_done().
 */
#ifndef CATNET_POISON_H
#define CATNET_POISON_H

#include "base.h"
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define POISON_ON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISON_ON 1
#endif
#endif

#ifdef POISON_ON

#include <sanitizer/asan_interface.h>

static inline void poison(const void *at, size_t len)
{
	__asan_poison_memory_region(at, len);
}

static inline void unpoison(const void *at, size_t len)
{
	__asan_unpoison_memory_region(at, len);
}

static inline bool is_poisoned(const void *at)
{
	return __asan_address_is_poisoned(at);
}

#else

static inline void poison(const void *at, size_t len)
{
	(void)at;
	(void)len;
}

static inline void unpoison(const void *at, size_t len)
{
	(void)at;
	(void)len;
}

/* Nobody can tell. */
static inline bool is_poisoned(const void *at)
{
	(void)at;
	return false;
}

#endif

/* Free things are chained through their own first word, which is poisoned with them. */
static inline void *free_link_take(void *thing)
{
	void *next;

	unpoison(thing, sizeof(next));
	memcpy(&next, thing, sizeof(next));
	return next;
}

/* The same, and THING stays as closed as it was. */
static inline void *free_link_peek(void *thing)
{
	void *next = free_link_take(thing);

	poison(thing, sizeof(next));
	return next;
}

/* Chain THING, LEN bytes long, in front of NEXT, and close it. */
static inline void free_link_put(void *thing, size_t len, void *next)
{
	memcpy(thing, &next, sizeof(next));
	poison(thing, len);
}

#endif
