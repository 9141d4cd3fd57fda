#include "random.h"

void random_init(struct random *r, const uint8_t seed[16])
{
	uint64_t key[2] = { 0, 0 };

	/* By value, not by memory, so that a seed means the same on every machine. */
	for (unsigned i = 0; i < 16; i++)
		key[i / 8] |= (uint64_t)seed[i] << 8 * (i % 8);
	r->key = (struct hash_key){ key[0], key[1] };
	r->counter = 0;
}

uint64_t random_u64(struct random *r)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(r->counter >> 8 * i);
	r->counter++;
	return siphash(&r->key, bytes, sizeof(bytes));
}

uint32_t random_u32(struct random *r)
{
	return (uint32_t)(random_u64(r) >> 32);
}

/*
 * The product of a 32-bit number and BELOW has its result in the high half. The low half tells
 * the few numbers apart that would make some results likelier than others; they are not used.
 */
uint32_t random_below(struct random *r, uint32_t below)
{
	uint32_t unfair;
	uint64_t product;

	ASSERT(below > 0);
	unfair = (uint32_t)-below % below;
	do
		product = (uint64_t)random_u32(r) * below;
	while ((uint32_t)product < unfair);
	return (uint32_t)(product >> 32);
}
