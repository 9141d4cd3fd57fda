/*
 * oracle.h - what must be true of every frame a host sends, whatever the test is about.
 *
 * It is shown each frame that the stack was given and each that it sent, in order, and keeps
 * the little it needs to judge: every form, length and checksum; our addresses and no other
 * (never 127/8, I-05); TTL at least 1 (I-06); an ICMP error quotes what was heard (C-04); IP ids
 * are not reused while a packet may live (I-08); MSS, window scale and timestamps where they
 * belong (T-05, T-06, T-74); the window's right edge never shrinks (T-65); nothing beyond the
 * window that was offered (T-80); the same bytes at the same sequence number (T-85); no
 * acknowledgement of what was never sent to us. The first fault stays.
 */
#ifndef TESTS_ORACLE_H
#define TESTS_ORACLE_H

#include "frame.h"

struct oracle;

struct oracle *oracle_new(const uint8_t mac[6], unsigned mtu);
void oracle_free(struct oracle *o);

/* IP is (or is no longer) one of the stack's own. */
void oracle_owns(struct oracle *o, uint32_t ip);
void oracle_disowns(struct oracle *o, uint32_t ip);
bool oracle_is_ours(const struct oracle *o, uint32_t ip);

/* The stack was given, or sent, this frame at NOW_US. */
void oracle_heard(struct oracle *o, const uint8_t *bytes, size_t len);
void oracle_sent(struct oracle *o, const uint8_t *bytes, size_t len, uint64_t now_us);

/* What is wrong, or NULL. */
const char *oracle_fault(const struct oracle *o);

/* One conversation as the wire shows it. */
struct oracle_tuple {
	uint32_t our_ip, peer_ip;
	uint16_t our_port, peer_port;
};

/* The right edge of the window the stack has offered, as an absolute sequence number; false
 * when it has offered none. */
bool oracle_edge(const struct oracle *o, const struct oracle_tuple *t, uint32_t *edge);

#endif
