#include "checksum.h"

#include <string.h>

uint16_t checksum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static uint16_t swapped(uint16_t word)
{
	return (uint16_t)(word << 8 | word >> 8);
}

/* A word's two bytes in the order in which the machine adds them, as the wire's. */
static uint16_t from_native(uint16_t word)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return swapped(word);
#else
	return word;
#endif
}

/* One's complement addition of 64-bit words: what is carried out comes in again. */
static uint64_t add_carry(uint64_t sum, uint64_t word)
{
	sum += word;
	return sum + (sum < word);
}

static uint64_t load_64(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* Less than 8 bytes; an odd last one is the first of its word. */
static uint64_t sum_of_rest(const uint8_t *at, size_t len)
{
	uint8_t odd[2] = { 0, 0 };
	uint64_t sum = 0;
	uint32_t four;
	uint16_t two;

	if (len >= 4) {
		memcpy(&four, at, sizeof(four));
		sum += four;
		at += 4;
		len -= 4;
	}
	if (len >= 2) {
		memcpy(&two, at, sizeof(two));
		sum += two;
		at += 2;
		len -= 2;
	}
	if (len == 1) {
		odd[0] = at[0];
		memcpy(&two, odd, sizeof(two));
		sum += two;
	}
	return sum;
}

static uint16_t fold_64(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT32_MAX) + (sum >> 32);
	return checksum_fold((uint32_t)sum);
}

/*
 * RFC 1071 2 (B) and (C): the sum may be taken in the machine's own byte order and in words
 * of any width, as 2^64 - 1 is a multiple of 2^16 - 1. Four independent sums, so that one
 * addition need not wait for the other.
 */
static uint16_t sum_of(const uint8_t *at, size_t len)
{
	uint64_t s[4] = { 0, 0, 0, 0 };

	for (; len >= 32; at += 32, len -= 32) {
		s[0] = add_carry(s[0], load_64(at));
		s[1] = add_carry(s[1], load_64(at + 8));
		s[2] = add_carry(s[2], load_64(at + 16));
		s[3] = add_carry(s[3], load_64(at + 24));
	}
	for (; len >= 8; at += 8, len -= 8)
		s[0] = add_carry(s[0], load_64(at));
	s[1] = add_carry(s[1], sum_of_rest(at, len));
	s[0] = add_carry(add_carry(s[0], s[1]), add_carry(s[2], s[3]));
	return from_native(fold_64(s[0]));
}

/* Kept folded, so that a caller may add words of his own without a carry getting lost. */
uint32_t checksum_add(uint32_t sum, const void *bytes, size_t len)
{
	return fold_64((uint64_t)sum + sum_of(bytes, len));
}

uint32_t checksum_add_odd(uint32_t sum, const void *bytes, size_t len)
{
	return fold_64((uint64_t)sum + swapped(sum_of(bytes, len)));
}
