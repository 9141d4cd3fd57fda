#include "box_link.h"

#include "../../stack/link.h"
#include "frame.h"

#include <stdlib.h>
#include <string.h>

/* The sum that the device is asked for: over all from START on, the field included. */
static const char *fill_checksum(const struct pkt *p, uint8_t *bytes, size_t len)
{
	size_t start = p->csum_start - p->off;
	size_t at = start + p->csum_off;

	if (p->csum_start < p->off || at + 2 > len)
		return "PKT_CSUM_FILL outside the packet";
	frame_put16(bytes + at, frame_sum(bytes + start, len - start, 0));
	if (start + 8 <= len && p->csum_off == 6 && frame_get16(bytes + at) == 0)
		frame_put16(bytes + at, 0xffff); /* UDP has no zero checksum */
	return NULL;
}

/* One wire segment of the long packet WHOLE: the payload from OFF on, LEN bytes of it. */
static void cut_segment(const struct frame *whole, const uint8_t *headers, size_t hdrs_len,
	size_t off, size_t len, unsigned index, box_link_frame *frame, void *arg)
{
	static uint8_t bytes[FRAME_MAX];
	uint8_t *ip = bytes + FRAME_ETH_LEN;
	size_t ip_hdr_len = 20u + whole->ip.options_len;
	uint8_t *tcp = ip + ip_hdr_len;
	size_t tcp_len = whole->tcp.hdr_len + len;

	memcpy(bytes, headers, hdrs_len);
	memcpy(bytes + hdrs_len, whole->data + off, len);
	frame_put16(ip + 2, (uint32_t)(ip_hdr_len + tcp_len));
	frame_put16(ip + 4, whole->ip.id + index);
	frame_put16(ip + 10, 0);
	frame_put16(ip + 10, frame_sum(ip, ip_hdr_len, 0));
	frame_put32(tcp + 4, whole->tcp.seq + (uint32_t)off);
	if (off)
		tcp[13] &= (uint8_t)~FRAME_CWR;
	if (off + len < whole->data_len)
		tcp[13] &= (uint8_t) ~(FRAME_FIN | FRAME_PSH);
	frame_put16(tcp + 16, 0);
	frame_put16(tcp + 16, frame_pseudo_sum(whole->ip.src, whole->ip.dst, 6, tcp, tcp_len));
	frame(arg, bytes, hdrs_len + len);
}

static const char *cut_tcp(
	const struct pkt *p, const uint8_t *bytes, size_t len, box_link_frame *frame, void *arg)
{
	struct frame whole;
	size_t off, hdrs_len;
	unsigned index = 0;

	(void)frame_parse(&whole, bytes, len); /* its checksum is not filled in */
	if (whole.kind != FRAME_TCP || !p->seg_len || !(p->offload & PKT_CSUM_FILL))
		return "PKT_SEG_TCP on what is no TCP, or without a length or PKT_CSUM_FILL";
	hdrs_len = len - whole.data_len;
	for (off = 0; off < whole.data_len; off += p->seg_len) {
		size_t left = whole.data_len - off;

		cut_segment(&whole, bytes, hdrs_len, off, left < p->seg_len ? left : p->seg_len,
			index++, frame, arg);
	}
	return NULL;
}

const char *box_link_send(const struct pkt *p, unsigned offers, box_link_frame *frame, void *arg)
{
	static uint8_t bytes[FRAME_MAX];
	size_t len = pkt_len(p);
	const char *bad = NULL;

	if (len > sizeof(bytes) || !pkt_copy_out(p, 0, bytes, (uint32_t)len))
		return "a packet that is longer than a frame can be";
	if ((p->offload & PKT_CSUM_FILL) && !(offers & LINK_CSUM))
		return "PKT_CSUM_FILL, which the link does not offer";
	if ((p->offload & PKT_SEG_TCP) && !(offers & LINK_TSO4))
		return "PKT_SEG_TCP, which the link does not offer";
	if (p->offload & PKT_SEG_UDP)
		return "PKT_SEG_UDP, which the link does not offer";
	if (p->offload & PKT_SEG_TCP)
		return cut_tcp(p, bytes, len, frame, arg);
	if (p->offload & PKT_CSUM_FILL)
		bad = fill_checksum(p, bytes, len);
	if (!bad)
		frame(arg, bytes, len);
	return bad;
}

struct pkt *box_link_receive(struct stack *s, const uint8_t *bytes, size_t len)
{
	struct pkt *p = stack_pkt(s);
	size_t first;
	struct buf *rest;

	if (!p)
		return NULL;
	p->segs = 1;
	first = min_size(len, pkt_tailroom(p));
	memcpy(pkt_append(p, (uint32_t)first), bytes, first);
	if (first == len)
		return p;
	rest = stack_rx_buf(s);
	if (!rest || len - first > rest->cap) {
		buf_drop(rest);
		stack_pkt_free(s, p);
		return NULL;
	}
	memcpy(rest->data, bytes + first, len - first);
	(void)pkt_add_slice(p, rest, 0, (uint32_t)(len - first));
	buf_drop(rest);
	return p;
}
