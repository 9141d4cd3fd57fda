/*
 * random.h - numbers nobody outside can foresee, all from one seed.
 *
 * SipHash over a counter, keyed by the seed: the same seed gives the same numbers, and
 * numbers seen tell nothing of those to come. There is no other randomness in stack/.
 */
#ifndef CATNET_RANDOM_H
#define CATNET_RANDOM_H

#include "hash.h"

struct random {
	struct hash_key key;
	uint64_t counter;
};

void random_init(struct random *r, const uint8_t seed[16]);
uint64_t random_u64(struct random *r);
uint32_t random_u32(struct random *r);

/* Uniform in [0, below), below > 0; without bias. */
uint32_t random_below(struct random *r, uint32_t below);

#endif
