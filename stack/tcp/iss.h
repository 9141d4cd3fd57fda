/*
 * iss.h - initial sequence numbers and timestamp offsets: RFC 6528, 7323 7.1.
 */
#ifndef CATNET_ISS_H
#define CATNET_ISS_H

#include "../base/addr.h"
#include "../base/hash.h"

/* ISN = M + F(tuple, secret), M a clock of 4 us a tick (RFC 9293 3.4.1). */
uint32_t iss_choose(const struct hash_key *secret, const struct endpoint *local,
	const struct endpoint *remote, usec_t now_us);

/* A random offset of the timestamp clock for these two hosts' tuple, in ticks of 1 ms; the
 * same for the same tuple, so that a reborn conversation's clock still rises (RFC 6191). */
uint32_t iss_timestamp_offset(
	const struct hash_key *secret, const struct endpoint *local, const struct endpoint *remote);

#endif
