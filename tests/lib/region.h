/*
 * region.h - what tests of base/ stand on: memory to carve, and a seed that is told.
 */
#ifndef CATNET_TEST_REGION_H
#define CATNET_TEST_REGION_H

#include "../../stack/base/arena.h"
#include "../../stack/base/random.h"

/* An arena of LEN zero bytes of its own; fails the test when there is none. */
void region_take(struct arena *a, size_t len);

void region_give_back(struct arena *a);

/* Random numbers from CATNET_SEED, or from the clock; prints which, to be run again with. */
void seeded(struct random *r);

/* Does calling F with ARG end the program, as an assertion should? Tried in a child. */
bool dies(void (*f)(void *), void *arg);

/* How many random steps a model runs: SHORT, or 20 times as many with CATNET_LONG set. */
uint32_t steps(uint32_t few);

#endif
