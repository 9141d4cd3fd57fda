/*
 * pcapng.h - the blocks of a capture file, one interface in one section (draft-ietf-opsawg-pcapng).
 *
 * Bytes only: knows no file and no clock. All in the byte order of this machine, which the
 * section says; times in nanoseconds since 1970.
 */
#ifndef CATNET_DRIVERS_PCAPNG_H
#define CATNET_DRIVERS_PCAPNG_H

#include "../stack/base/base.h"

#define PCAPNG_SNAPLEN   262144
#define PCAPNG_TEXT_MAX  256  /* a comment or name; what is longer is cut */
#define PCAPNG_BLOCK_MAX 1024 /* any block without the bytes of a frame */
#define PCAPNG_DATA_OFF  28   /* of a frame's bytes in its block */

/* What the section and its interface are called: at most PCAPNG_BLOCK_MAX bytes to TO; how many. */
size_t pcapng_begin(uint8_t *to, const char *application, const char *interface);

struct pcapng_packet {
	uint64_t at_ns;
	uint32_t len;      /* as it passed */
	uint32_t kept;     /* bytes of it that lie at PCAPNG_DATA_OFF of the block already */
	uint64_t lost;     /* frames between the one before and this */
	const char *about; /* a comment of ABOUT_LEN bytes; 0: none */
	size_t about_len;
	bool is_in;
};

/* The block around a frame; how long it is: at most PCAPNG_BLOCK_MAX more than what was kept. */
size_t pcapng_packet(uint8_t *to, const struct pcapng_packet *p);

/* Of a block: how long it is, and whether it is a frame's. */
uint32_t pcapng_len(const uint8_t *block);
bool pcapng_is_packet(const uint8_t *block);

struct pcapng_stats {
	uint64_t begun_ns, now_ns;
	uint64_t passed; /* frames, lost ones included */
	uint64_t lost;
};

/* The end of the interface. */
size_t pcapng_end(uint8_t *to, const struct pcapng_stats *s);

#endif
