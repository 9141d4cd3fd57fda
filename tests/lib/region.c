#include "region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <cmocka.h>

void region_take(struct arena *a, size_t len)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_true(at != MAP_FAILED);
	arena_init(a, at, len);
}

void region_give_back(struct arena *a)
{
	void *at = a->base;
	size_t len = a->len;

	arena_done(a);
	munmap(at, len);
}

void seeded(struct random *r)
{
	const char *given = getenv("CATNET_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	uint8_t bytes[16] = { 0 };

	print_message("CATNET_SEED=%llu\n", (unsigned long long)seed);
	memcpy(bytes, &seed, sizeof(seed));
	random_init(r, bytes);
}

uint32_t steps(uint32_t few)
{
	return getenv("CATNET_LONG") ? few * 20 : few;
}
