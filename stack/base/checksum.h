/*
 * checksum.h - the Internet checksum, RFC 1071.
 *
 * Sums are kept uncomplemented and folded to 16 bits when finished; adding may go on over
 * pieces of any length as long as each piece but the last is even, or the caller swaps.
 */
#ifndef CATNET_CHECKSUM_H
#define CATNET_CHECKSUM_H

#include "base.h"

/* SUM plus the 16-bit big-endian words of LEN bytes; an odd last byte counts as the high half
 * of a word. */
uint32_t checksum_add(uint32_t sum, const void *bytes, size_t len);

/* The sum of a piece that begins at an odd offset of the whole (RFC 1071 2 (B)). */
uint32_t checksum_add_odd(uint32_t sum, const void *bytes, size_t len);

/* Folded to 16 bits, not complemented. */
uint16_t checksum_fold(uint32_t sum);

/* What goes into a header: folded and complemented. */
static inline uint16_t checksum_finish(uint32_t sum)
{
	return (uint16_t)~checksum_fold(sum);
}

#endif
