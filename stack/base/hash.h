/*
 * hash.h - SipHash-2-4, the keyed hash behind every table and number that an outsider
 * could try to predict.
 */
#ifndef CATNET_HASH_H
#define CATNET_HASH_H

#include "base.h"

struct hash_key {
	uint64_t k0;
	uint64_t k1;
};

/* The 64-bit SipHash-2-4 of LEN bytes. */
uint64_t siphash(const struct hash_key *key, const void *bytes, size_t len);

#endif
