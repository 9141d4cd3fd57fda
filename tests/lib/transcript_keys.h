/*
 * transcript_keys.h - the rows that know a word of a frame line, and what they are built from.
 */
#ifndef TESTS_TRANSCRIPT_KEYS_H
#define TESTS_TRANSCRIPT_KEYS_H

#include "transcript_private.h"

/* The kinds of frame in which a word means something. */
#define KEYS_TCP  BIT(FRAME_TCP)
#define KEYS_UDP  BIT(FRAME_UDP)
#define KEYS_ICMP BIT(FRAME_ICMP)
#define KEYS_ARP  BIT(FRAME_ARP)
#define KEYS_IPS  (BIT(FRAME_IP) | KEYS_TCP | KEYS_UDP | KEYS_ICMP)
#define KEYS_ANY  (BIT(FRAME_OTHER) | KEYS_ARP | KEYS_IPS)

/* A word that is set and compared in a way of its own; NULL where it has no meaning. */
struct keys_row {
	const char *word;
	unsigned kinds;
	int args;
	bool (*set)(struct keys *k, char **a);
	bool (*match)(struct keys *k, char **a);
};

/* Each ends in a row without a word. */
extern const struct keys_row keys_tcp_rows[];
extern const struct keys_row keys_ip_rows[];

/* Say that WHAT is not as EXPECTED; always false. */
bool keys_differ(struct keys *k, const char *what, const char *expected, long long found);

/* Is FOUND in the range that WORD gives? */
bool keys_match_range(struct keys *k, const char *what, const char *word, long long found);

/* WORD's hex digits as bytes. */
bool keys_hex(struct keys *k, const char *word, uint8_t *to, size_t cap, size_t *len);

#endif
