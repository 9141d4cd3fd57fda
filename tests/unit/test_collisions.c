/*
 * A hundred thousand connections that somebody has chosen so that their tuples meet in one place of
 * a table without a key: by sum, by exclusive or, by their low bits, by FNV. With a key nobody
 * knows they lie as chance has it, and the longest chain stays short.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/limits.h"
#include "../../stack/ports.h"
#include "../lib/region.h"

#define TCP     6
#define TUPLES  100000u
#define LONGEST 16u
#define OURS    0x0a000001u

static struct tuple many[TUPLES];
static struct arena arena;
static struct ports ports;

/* How the attacker chooses remote I. */
typedef struct endpoint choice(uint32_t i);

static struct endpoint at(uint32_t v4, uint16_t port)
{
	struct endpoint e = { .addr = addr_from_v4(v4), .port = port };

	return e;
}

/* Address and port sum up to the same. */
static struct endpoint by_sum(uint32_t i)
{
	return at(0xc0000000u + i % 60000 + (i / 60000 << 16), (uint16_t)(60000 - i % 60000));
}

static struct endpoint by_exclusive_or(uint32_t i)
{
	uint32_t low = i & 0xffff;

	return at(0xc0000000u | (i >> 16) << 17 | low, (uint16_t)(low ^ 0x5a5a));
}

static struct endpoint by_low_bits(uint32_t i)
{
	return at(0x01000000u + (i << 12), 4096);
}

static struct endpoint by_high_bits(uint32_t i)
{
	return at(0xc0a80000u + i, 4096);
}

static struct endpoint by_ports(uint32_t i)
{
	return at(0xc0a80000u + i / 65535, (uint16_t)(1 + i % 65535));
}

static uint32_t fnv(const struct endpoint *e)
{
	uint32_t hash = 2166136261u;
	unsigned i;

	for (i = 0; i < sizeof(e->addr.b); i++)
		hash = (hash ^ e->addr.b[i]) * 16777619u;
	hash = (hash ^ e->port >> 8) * 16777619u;
	return (hash ^ (e->port & 255u)) * 16777619u;
}

/* The I-th of those whose FNV hash ends in zeroes: to be asked for in order. */
static struct endpoint by_fnv(uint32_t i)
{
	static uint32_t next;
	struct endpoint e;

	if (i == 0)
		next = 0;
	do {
		e = at(0xc0000000u + next / 60000, (uint16_t)(1 + next % 60000));
		next++;
	} while (fnv(&e) & 63);
	return e;
}

static uint32_t longest_chain(void)
{
	uint32_t longest = 0, i;

	for (i = 0; i <= ports.mask; i++) {
		const struct tuple *t;
		uint32_t len = 0;

		for (t = ports.chains[i]; t; t = t->next)
			len++;
		longest = len > longest ? len : longest;
	}
	return longest;
}

static void fill(choice *choose, const struct hash_key *key)
{
	uint32_t i;

	region_take(&arena, (size_t)32 << 20);
	assert_int_equal(ports_init(&ports, &arena, key, LIMIT_TCP_CONVS), 0);
	for (i = 0; i < TUPLES; i++) {
		many[i] = (struct tuple){
			.protocol = TCP, .local = at(OURS, 80), .remote = choose(i)
		};
		assert_int_equal(ports_enter(&ports, &many[i]), 0);
	}
	ports_check(&ports);
}

static void assert_chains_are_short(choice *choose)
{
	static const struct hash_key keys[] = { { 1, 2 }, { 0, 0 },
		{ 0x0123456789abcdefu, 0xfedcba9876543210u } };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		fill(choose, &keys[i]);
		assert_in_range(longest_chain(), 1, LONGEST);
		region_give_back(&arena);
	}
}

/* clang-format off */
#define CASE_OF(choose) \
	static void tuples_that_meet_##choose(void **state) { (void)state; assert_chains_are_short(choose); }
/* clang-format on */

CASE_OF(by_sum)
CASE_OF(by_exclusive_or)
CASE_OF(by_low_bits)
CASE_OF(by_high_bits)
CASE_OF(by_ports)
CASE_OF(by_fnv)

/* Who has seen one machine's table, or guessed it, knows nothing of another's. */
static void tuples_that_meet_under_one_key_do_not_under_another(void **state)
{
	const struct hash_key one = { 1, 2 }, other = { 1, 3 };
	static struct endpoint met[LONGEST];
	uint32_t i, n = 0, chain = 0;
	const struct tuple *t;

	(void)state;
	fill(by_ports, &one);
	for (i = 0; i <= ports.mask; i++) {
		uint32_t len = 0;

		for (t = ports.chains[i]; t; t = t->next)
			len++;
		if (len > n) {
			n = len;
			chain = i;
		}
	}
	n = 0;
	for (t = ports.chains[chain]; t && n < LONGEST; t = t->next)
		met[n++] = t->remote;
	region_give_back(&arena);
	region_take(&arena, (size_t)32 << 20);
	assert_int_equal(ports_init(&ports, &arena, &other, LIMIT_TCP_CONVS), 0);
	assert_true(n >= 4);
	for (i = 0; i < n; i++) {
		many[i] =
			(struct tuple){ .protocol = TCP, .local = at(OURS, 80), .remote = met[i] };
		assert_int_equal(ports_enter(&ports, &many[i]), 0);
	}
	assert_in_range(longest_chain(), 1, 2);
	region_give_back(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tuples_that_meet_by_sum),
		cmocka_unit_test(tuples_that_meet_by_exclusive_or),
		cmocka_unit_test(tuples_that_meet_by_low_bits),
		cmocka_unit_test(tuples_that_meet_by_high_bits),
		cmocka_unit_test(tuples_that_meet_by_ports),
		cmocka_unit_test(tuples_that_meet_by_fnv),
		cmocka_unit_test(tuples_that_meet_under_one_key_do_not_under_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
