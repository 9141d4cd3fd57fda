/*
 * seg.h - a segment's header and options, between bytes and host order (RFC 9293 3.1).
 *
 * Knows no conversation: numbers in, numbers out.
 */
#ifndef CATNET_SEG_H
#define CATNET_SEG_H

#include "../base/base.h"

#define SEG_HDR_LEN     20
#define SEG_OPTIONS_MAX 40
#define SEG_WSCALE_MAX  14 /* RFC 7323 2.3: a larger shift means this one */

enum seg_flag {
	SEG_FIN = 1,
	SEG_SYN = 2,
	SEG_RST = 4,
	SEG_PSH = 8,
	SEG_ACK = 16,
	SEG_URG = 32,
	SEG_ECE = 64,
	SEG_CWR = 128,
};

enum seg_option { SEG_OPT_MSS = 1, SEG_OPT_WSCALE = 2, SEG_OPT_TIMESTAMP = 4 };

struct seg {
	uint16_t src_port;
	uint16_t dst_port;
	uint32_t seq;
	uint32_t ack;
	uint16_t flags;  /* enum seg_flag, AE at bit 8 */
	uint16_t window; /* as on the wire, unscaled */
	uint16_t urgent;
	uint8_t hdr_len; /* options included */
	uint8_t options; /* enum seg_option: which of the following were there */
	uint8_t wscale;  /* as sent; RFC 7323 2.3's cap of 14 is the reader's to apply */
	uint16_t mss;
	uint32_t ts_val;
	uint32_t ts_ecr;
	bool was_syn; /* the SYN was taken off by who knew it: the window is not scaled */
	uint32_t len; /* bytes of text, set by who knows the segment's length */
};

/*
 * Parse the header at BYTES, of which LEN are there. 0; -ENODATA when shorter than a header;
 * -EBADMSG when the data offset is under 5 or past LEN. Options of illegal length end the list
 * (RFC 9293 M7); unknown ones are skipped. Ports are at BYTES whatever happens, if LEN >= 4.
 */
int seg_parse(struct seg *out, const uint8_t *bytes, size_t len);

/* Bytes of header and options, padded, that seg_build would write. */
size_t seg_built_len(const struct seg *seg);

/* Write header and options at TO (seg_built_len of them), checksum zero. Options stand in the
 * order and alignment that RFC 7323 appendix A recommends. */
void seg_build(const struct seg *seg, uint8_t *to);

/* What it occupies of the sequence space: text, SYN and FIN (RFC 9293 3.4, SEG.LEN). */
static inline uint32_t seg_space(const struct seg *seg)
{
	return seg->len + ((seg->flags & SEG_SYN) ? 1 : 0) + ((seg->flags & SEG_FIN) ? 1 : 0);
}

#endif
