#include "seg.h"

#include "../base/wire.h"

enum option_kind { OPT_END = 0, OPT_NOP = 1, OPT_MSS = 2, OPT_WSCALE = 3, OPT_TIMESTAMP = 8 };

/* Lengths on the wire, and with the padding that we put in front of them. */
#define MSS_LEN          4
#define WSCALE_LEN       3
#define WSCALE_PADDED    4
#define TIMESTAMP_LEN    10
#define TIMESTAMP_PADDED 12

#define FLAGS_MASK 0x1ff

/* Does the option's own length say what its kind demands? Unknown kinds may say anything. */
static bool length_is_legal(uint8_t kind, uint8_t len)
{
	switch (kind) {
	case OPT_MSS:
		return len == MSS_LEN;
	case OPT_WSCALE:
		return len == WSCALE_LEN;
	case OPT_TIMESTAMP:
		return len == TIMESTAMP_LEN;
	default:
		return len >= 2;
	}
}

static void take_option(struct seg *out, uint8_t kind, struct cursor value)
{
	switch (kind) {
	case OPT_MSS:
		out->mss = take_be16(&value);
		out->options |= SEG_OPT_MSS;
		return;
	case OPT_WSCALE:
		out->wscale = take_u8(&value);
		out->options |= SEG_OPT_WSCALE;
		return;
	case OPT_TIMESTAMP:
		out->ts_val = take_be32(&value);
		out->ts_ecr = take_be32(&value);
		out->options |= SEG_OPT_TIMESTAMP;
		return;
	default:
		return;
	}
}

/*
 * RFC 9293 3.1 MUST-6 and MUST-7: unknown options are passed over by their length, a length
 * that cannot be must do no harm. After one, nothing that follows can be believed.
 */
static void take_options(struct seg *out, struct cursor c)
{
	while (cursor_left(&c) > 0) {
		uint8_t kind = take_u8(&c);
		const uint8_t *value;
		uint8_t len;

		if (kind == OPT_END)
			return;
		if (kind == OPT_NOP)
			continue;
		len = take_u8(&c);
		if (c.bad || !length_is_legal(kind, len))
			return;
		value = take_bytes(&c, len - 2u);
		if (!value)
			return;
		take_option(out, kind, cursor_over(value, len - 2u));
	}
}

int seg_parse(struct seg *out, const uint8_t *bytes, size_t len)
{
	struct cursor c = cursor_over(bytes, len);
	uint16_t offset_flags;

	*out = (struct seg){ .flags = 0 };
	out->src_port = take_be16(&c);
	out->dst_port = take_be16(&c);
	out->seq = take_be32(&c);
	out->ack = take_be32(&c);
	offset_flags = take_be16(&c);
	out->window = take_be16(&c);
	take_be16(&c); /* the checksum is of more than this header */
	out->urgent = take_be16(&c);
	if (c.bad)
		return -ENODATA;
	out->flags = offset_flags & FLAGS_MASK;
	out->hdr_len = (uint8_t)(offset_flags >> 12 << 2);
	if (out->hdr_len < SEG_HDR_LEN || out->hdr_len > len)
		return -EBADMSG;
	take_options(out, cursor_over(c.at, out->hdr_len - (size_t)SEG_HDR_LEN));
	return 0;
}

size_t seg_built_len(const struct seg *seg)
{
	size_t len = SEG_HDR_LEN;

	if (seg->options & SEG_OPT_MSS)
		len += MSS_LEN;
	if (seg->options & SEG_OPT_WSCALE)
		len += WSCALE_PADDED;
	if (seg->options & SEG_OPT_TIMESTAMP)
		len += TIMESTAMP_PADDED;
	return len;
}

/* The NOPs stand in front, so that every value ends on a word (RFC 7323 appendix A). */
static uint8_t *put_options(const struct seg *seg, uint8_t *to)
{
	if (seg->options & SEG_OPT_MSS) {
		to = put_u8(to, OPT_MSS);
		to = put_u8(to, MSS_LEN);
		to = put_be16(to, seg->mss);
	}
	if (seg->options & SEG_OPT_WSCALE) {
		to = put_u8(to, OPT_NOP);
		to = put_u8(to, OPT_WSCALE);
		to = put_u8(to, WSCALE_LEN);
		to = put_u8(to, seg->wscale);
	}
	if (seg->options & SEG_OPT_TIMESTAMP) {
		to = put_u8(to, OPT_NOP);
		to = put_u8(to, OPT_NOP);
		to = put_u8(to, OPT_TIMESTAMP);
		to = put_u8(to, TIMESTAMP_LEN);
		to = put_be32(to, seg->ts_val);
		to = put_be32(to, seg->ts_ecr);
	}
	return to;
}

void seg_build(const struct seg *seg, uint8_t *to)
{
	size_t len = seg_built_len(seg);
	const uint8_t *from = to;

	to = put_be16(to, seg->src_port);
	to = put_be16(to, seg->dst_port);
	to = put_be32(to, seg->seq);
	to = put_be32(to, seg->ack);
	to = put_be16(to, (uint16_t)(len / 4 << 12 | (seg->flags & FLAGS_MASK)));
	to = put_be16(to, seg->window);
	to = put_be16(to, 0);
	to = put_be16(to, seg->urgent);
	to = put_options(seg, to);
	ASSERT(to == from + len);
}
