/*
 * packets.h - packets and blocks without a stack, for tests of what carries them.
 */
#ifndef CATNET_TEST_PACKETS_H
#define CATNET_TEST_PACKETS_H

#include "../../stack/base/pkt.h"

struct packets {
	void *memory;
	struct arena arena;
	struct bufs bufs;
	struct pkts pkts;
	struct buf *rest; /* a large block for the rest of long frames */
};

/* A pool of packets over memory of its own; fails the test when there is none. */
void packets_open(struct packets *ps);

/* Everything must have come back: asserted. */
void packets_close(struct packets *ps);

/* An empty packet to receive into. */
struct pkt *packets_empty(struct packets *ps);

/* A frame of LEN bytes that go 0, 1, 2 ... from FIRST on; what does not fit into the head lies
 * in a slice. */
struct pkt *packets_frame(struct packets *ps, uint32_t len, uint8_t first);

/* The same bytes? Asserted. */
void packets_assert_frame(const struct pkt *p, uint32_t len, uint8_t first);

void packets_free(struct packets *ps, struct pkt *p);

#endif
