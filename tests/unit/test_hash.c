/*
 * SipHash-2-4 against its authors' numbers, and against one written from the paper's words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/region.h"

/* Key 00 01 .. 0f, messages "", 00, 00 01, ...: the first of the paper's appendix A numbers. */
static const uint64_t published[] = {
	0x726fdb47dd0e0e31,
	0x74f839c593dc67fd,
	0x0d6c8009d9a94f5a,
	0x85676696d7fb7e2d,
};

/* Appendix A: 00 .. 0e. */
#define PUBLISHED_15 0xa129ca6149be45e5

static struct hash_key counting_key(void)
{
	return (struct hash_key){ 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
}

/* A state of 64 single bits a word, and addition by hand: slow, and nothing in common. */
struct word {
	uint8_t bit[64];
};

static struct word word_of(uint64_t x)
{
	struct word w;

	for (int i = 0; i < 64; i++)
		w.bit[i] = (uint8_t)(x >> i & 1);
	return w;
}

static uint64_t value_of(const struct word *w)
{
	uint64_t x = 0;

	for (int i = 63; i >= 0; i--)
		x = x * 2 + w->bit[i];
	return x;
}

static void add(struct word *a, const struct word *b)
{
	int carry = 0;

	for (int i = 0; i < 64; i++) {
		int sum = a->bit[i] + b->bit[i] + carry;

		a->bit[i] = (uint8_t)(sum % 2);
		carry = sum / 2;
	}
}

static void turn(struct word *a, int by)
{
	struct word was = *a;

	for (int i = 0; i < 64; i++)
		a->bit[(i + by) % 64] = was.bit[i];
}

static void mix(struct word *a, const struct word *b)
{
	for (int i = 0; i < 64; i++)
		a->bit[i] = a->bit[i] != b->bit[i];
}

/* Figure 2.1: two half rounds, each on two pairs, left and right. */
static void half_round(struct word *a, struct word *b, struct word *c, struct word *d, int s, int t)
{
	add(a, b);
	add(c, d);
	turn(b, s);
	turn(d, t);
	mix(b, a);
	mix(d, c);
	turn(a, 32);
}

static void slow_rounds(struct word v[4], int n)
{
	for (int i = 0; i < n; i++) {
		half_round(&v[0], &v[1], &v[2], &v[3], 13, 16);
		half_round(&v[2], &v[1], &v[0], &v[3], 17, 21);
	}
}

static void slow_word(struct word v[4], uint64_t m)
{
	struct word w = word_of(m);

	mix(&v[3], &w);
	slow_rounds(v, 2);
	mix(&v[0], &w);
}

static uint64_t slow_siphash(const struct hash_key *key, const uint8_t *bytes, size_t len)
{
	uint8_t padded[256] = { 0 };
	struct word v[4];
	struct word end = word_of(0xff);
	size_t words = len / 8 + 1;

	memcpy(padded, bytes, len);
	padded[words * 8 - 1] = (uint8_t)len;
	v[0] = word_of(key->k0 ^ 0x736f6d6570736575);
	v[1] = word_of(key->k1 ^ 0x646f72616e646f6d);
	v[2] = word_of(key->k0 ^ 0x6c7967656e657261);
	v[3] = word_of(key->k1 ^ 0x7465646279746573);
	for (size_t i = 0; i < words; i++) {
		uint64_t m = 0;

		for (int j = 7; j >= 0; j--)
			m = m * 256 + padded[i * 8 + (size_t)j];
		slow_word(v, m);
	}
	mix(&v[2], &end);
	slow_rounds(v, 4);
	return value_of(&v[0]) ^ value_of(&v[1]) ^ value_of(&v[2]) ^ value_of(&v[3]);
}

static void the_published_numbers_come_out(void **state)
{
	struct hash_key key = counting_key();
	uint8_t message[15];

	(void)state;
	for (uint8_t i = 0; i < sizeof(message); i++)
		message[i] = i;
	for (size_t len = 0; len < ARRAY_LEN(published); len++)
		assert_true(siphash(&key, message, len) == published[len]);
	assert_true(siphash(&key, message, 15) == PUBLISHED_15);
}

static void it_agrees_with_the_slow_one_at_every_length(void **state)
{
	struct random r;
	uint8_t message[200];

	(void)state;
	seeded(&r);
	for (size_t len = 0; len < sizeof(message); len++) {
		struct hash_key key = { random_u64(&r), random_u64(&r) };

		for (size_t i = 0; i < sizeof(message); i++)
			message[i] = (uint8_t)random_u32(&r);
		assert_true(siphash(&key, message, len) == slow_siphash(&key, message, len));
	}
}

static void it_does_not_matter_where_the_message_lies(void **state)
{
	struct hash_key key = counting_key();
	uint8_t memory[64] = { 0 };
	uint64_t expected;

	(void)state;
	memcpy(memory, "a message of some words", 23);
	expected = siphash(&key, memory, 23);
	for (size_t i = 1; i < 16; i++) {
		memmove(memory + i, memory + i - 1, 23);
		assert_true(siphash(&key, memory + i, 23) == expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_numbers_come_out),
		cmocka_unit_test(it_agrees_with_the_slow_one_at_every_length),
		cmocka_unit_test(it_does_not_matter_where_the_message_lies),
	};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
