#include "iss.h"

#include "../base/wire.h"

#include <string.h>

/* The same secret serves both, so what is asked for is hashed too. */
enum purpose { FOR_SEQUENCE = 1, FOR_TIMESTAMP = 2 };

#define TUPLE_LEN (2 * (16 + 2) + 1)

static uint8_t *put_endpoint(uint8_t *to, const struct endpoint *e)
{
	memcpy(to, e->addr.b, sizeof(e->addr.b));
	return put_be16(to + sizeof(e->addr.b), e->port);
}

static uint32_t tuple_hash(const struct hash_key *secret, const struct endpoint *local,
	const struct endpoint *remote, enum purpose purpose)
{
	uint8_t tuple[TUPLE_LEN];
	uint8_t *end = put_endpoint(put_endpoint(tuple, local), remote);

	end = put_u8(end, (uint8_t)purpose);
	ASSERT(end == tuple + sizeof(tuple));
	return (uint32_t)siphash(secret, tuple, sizeof(tuple));
}

uint32_t iss_choose(const struct hash_key *secret, const struct endpoint *local,
	const struct endpoint *remote, usec_t now_us)
{
	return (uint32_t)(now_us / 4) + tuple_hash(secret, local, remote, FOR_SEQUENCE);
}

uint32_t iss_timestamp_offset(
	const struct hash_key *secret, const struct endpoint *local, const struct endpoint *remote)
{
	return tuple_hash(secret, local, remote, FOR_TIMESTAMP);
}
