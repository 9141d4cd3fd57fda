/* offload.c - see offload.h. */
#include "offload.h"

#include "../base/checksum.h"
#include "../base/wire.h"
#include "../stack_private.h"
#include "eth.h"
#include "ifc.h"

#include <string.h>

#define UDP_HDR_LEN 8

#define TCP_SEQ     4 /* where the fields lie that change from segment to segment */
#define TCP_OFFSET  12
#define TCP_FLAGS   13
#define TCP_FIN     0x01
#define TCP_PSH     0x08
#define TCP_CWR     0x80
#define UDP_LEN     4
#define IP4_LEN     2
#define IP4_ID      4
#define IP4_SUM     10
#define IP6_LEN     4
#define IP6_HDR_LEN 40

/* Where things lie in a frame that is to be cut; all offsets from its first byte. */
struct plan {
	uint32_t ip_off;
	uint32_t transport_off;
	uint32_t hdr_len; /* all headers: what each segment begins with */
	uint32_t payload; /* bytes behind them */
	bool is_ip4;
	bool is_tcp;
};

static uint32_t transport_hdr_len(const struct pkt *p)
{
	const uint8_t *transport = p->head->data + p->csum_start;

	return p->offload & PKT_SEG_TCP ? (transport[TCP_OFFSET] >> 4) * 4u : UDP_HDR_LEN;
}

uint32_t offload_segs(const struct pkt *p)
{
	if (!(p->offload & (PKT_SEG_TCP | PKT_SEG_UDP)))
		return 1;

	uint32_t hdr_len = p->csum_start - p->off + transport_hdr_len(p);
	uint32_t payload = pkt_len(p) - hdr_len;

	return payload <= p->seg_len ? 1 : (payload + p->seg_len - 1) / p->seg_len;
}

void offload_fill(struct pkt *p)
{
	ASSERT(p->csum_start >= p->off);

	uint32_t from = p->csum_start - p->off;
	uint16_t sum = checksum_finish(pkt_checksum(p, from, pkt_len(p) - from, 0));

	/* Zero and all ones are the same number to who adds up, but to UDP zero means that nobody
	 * has summed (RFC 768). */
	put_be16(p->head->data + p->csum_start + p->csum_off, sum ? sum : 0xffff);
	p->offload = (uint8_t)(p->offload & ~PKT_CSUM_FILL);
}

/* --- a part of a packet ----------------------------------------------------------------------- */

/* Keep LEN bytes of the N pieces; how many pieces are left. */
static int cut_pieces(struct slice *pieces, int n, uint32_t len)
{
	int kept = 0;

	while (kept < n && len > 0) {
		pieces[kept].len = min_u32(pieces[kept].len, len);
		len -= pieces[kept].len;
		kept++;
	}
	ASSERT(len == 0);
	return kept;
}

static bool carry(struct pkt *part, const struct slice *pieces, int n)
{
	int i = 0;

	if (n > PKT_SLICES_MAX) {
		uint8_t *to = pkt_append(part, pieces[0].len);

		if (!to)
			return false;
		memcpy(to, pieces[0].buf->data + pieces[0].off, pieces[0].len);
		i = 1;
	}
	for (; i < n; i++) {
		if (pkt_add_slice(part, pieces[i].buf, pieces[i].off, pieces[i].len) < 0)
			return false;
	}
	return true;
}

struct pkt *offload_part(struct stack *s, const struct pkt *p, uint32_t headroom, uint32_t hdr_len,
	uint32_t off, uint32_t len)
{
	struct slice pieces[PKT_SLICES_MAX + 1];
	struct pkt *part = pkt_new(&s->pkts, headroom, BUF_DATA);

	ASSERT(hdr_len <= p->len);
	if (!part)
		return NULL;

	int n = cut_pieces(pieces, pkt_slices(p, off, pieces), len);
	uint8_t *hdr = pkt_append(part, hdr_len);

	if (!hdr || !carry(part, pieces, n)) {
		pkt_free(&s->pkts, part);
		return NULL;
	}
	memcpy(hdr, pkt_data(p), hdr_len);
	return part;
}

/* --- cutting -------------------------------------------------------------------------- */

static struct plan plan_for(const struct pkt *p)
{
	const uint8_t *frame = pkt_data(p);
	struct plan plan = { .ip_off = ETH_HDR_LEN, .transport_off = p->csum_start - p->off };

	plan.is_ip4 = (frame[12] << 8 | frame[13]) == ETH_IP4;
	plan.is_tcp = (p->offload & PKT_SEG_TCP) != 0;
	plan.hdr_len = plan.transport_off + transport_hdr_len(p);
	plan.payload = pkt_len(p) - plan.hdr_len;

	/* It is ours: who made it put all headers into the head. */
	ASSERT(plan.hdr_len <= p->len);
	ASSERT(p->offload & PKT_CSUM_FILL);
	ASSERT(p->seg_len > 0);
	return plan;
}

static uint16_t get_be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get_be32(const uint8_t *at)
{
	return (uint32_t)get_be16(at) << 16 | get_be16(at + 2);
}

/* The network header of segment I, TRANSPORT_LEN bytes with the transport's. */
static void patch_ip(const struct plan *plan, uint8_t *frame, uint32_t i, uint32_t transport_len)
{
	uint8_t *ip = frame + plan->ip_off;
	uint32_t ip_hdr_len = plan->transport_off - plan->ip_off;

	if (!plan->is_ip4) {
		put_be16(ip + IP6_LEN, (uint16_t)(ip_hdr_len - IP6_HDR_LEN + transport_len));
		return;
	}
	put_be16(ip + IP4_LEN, (uint16_t)(ip_hdr_len + transport_len));
	put_be16(ip + IP4_ID, (uint16_t)(get_be16(ip + IP4_ID) + i));
	put_be16(ip + IP4_SUM, 0);
	put_be16(ip + IP4_SUM, checksum_finish(checksum_add(0, ip, ip_hdr_len)));
}

static void patch_tcp(uint8_t *tcp, uint32_t from, bool is_first, bool is_last)
{
	put_be32(tcp + TCP_SEQ, get_be32(tcp + TCP_SEQ) + from);
	if (!is_last)
		tcp[TCP_FLAGS] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (!is_first)
		tcp[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
}

/* The checksum's field holds the pseudo-header's sum with the length of the whole: put the length
 * of the segment in its place (RFC 1624), whichever family the addresses are of. */
static void patch_pseudo_sum(uint8_t *field, uint32_t whole_len, uint32_t len)
{
	uint32_t sum = get_be16(field);

	sum += 0xffff - (whole_len & 0xffff);
	sum += len;
	put_be16(field, checksum_fold(sum));
}

/* The payload bytes from FROM on as a frame of their own; NULL when memory is short. */
static struct pkt *segment(
	struct stack *s, const struct pkt *p, const struct plan *plan, uint32_t from)
{
	uint32_t len = min_u32(p->seg_len, plan->payload - from);
	uint32_t transport_hdr = plan->hdr_len - plan->transport_off;
	struct pkt *seg = offload_part(s, p, 0, plan->hdr_len, plan->hdr_len + from, len);

	if (!seg)
		return NULL;

	uint8_t *frame = pkt_data(seg);
	uint8_t *transport = frame + plan->transport_off;

	patch_ip(plan, frame, from / p->seg_len, transport_hdr + len);
	if (plan->is_tcp)
		patch_tcp(transport, from, from == 0, from + len == plan->payload);
	else
		put_be16(transport + UDP_LEN, (uint16_t)(transport_hdr + len));
	patch_pseudo_sum(
		transport + p->csum_off, transport_hdr + plan->payload, transport_hdr + len);
	seg->offload = PKT_CSUM_FILL;
	seg->csum_start = seg->off + plan->transport_off;
	seg->csum_off = p->csum_off;
	return seg;
}

/* Sum, if the device does not, and send. */
static void send_whole(struct stack *s, struct ifc *ifc, struct pkt *p,
	void (*send)(struct stack *s, struct ifc *ifc, struct pkt *frame))
{
	if ((p->offload & PKT_CSUM_FILL) && !(ifc->offers & LINK_CSUM))
		offload_fill(p);
	send(s, ifc, p);
}

static void send_cut(struct stack *s, struct ifc *ifc, struct pkt *p,
	void (*send)(struct stack *s, struct ifc *ifc, struct pkt *frame))
{
	struct plan plan = plan_for(p);

	for (uint32_t from = 0; from < plan.payload; from += p->seg_len) {
		struct pkt *seg = segment(s, p, &plan, from);

		if (!seg) {
			count_drop(s, COUNT_offload_drop_no_memory);
			break;
		}
		send_whole(s, ifc, seg, send);
	}
	pkt_free(&s->pkts, p);
}

/* What IFC would have to offer so that P, which is of several segments, can go uncut. */
static uint8_t offer_needed(const struct pkt *p)
{
	if (p->offload & PKT_SEG_UDP)
		return LINK_USO;
	return get_be16(pkt_data(p) + 12) == ETH_IP4 ? LINK_TSO4 : LINK_TSO6;
}

void offload_send(struct stack *s, struct ifc *ifc, struct pkt *p,
	void (*send)(struct stack *s, struct ifc *ifc, struct pkt *frame))
{
	if ((p->offload & (PKT_SEG_TCP | PKT_SEG_UDP)) && offload_segs(p) == 1) {
		p->offload = (uint8_t)(p->offload & ~(PKT_SEG_TCP | PKT_SEG_UDP));
		p->seg_len = 0;
	}
	if ((p->offload & (PKT_SEG_TCP | PKT_SEG_UDP)) && !(ifc->offers & offer_needed(p)))
		send_cut(s, ifc, p, send);
	else
		send_whole(s, ifc, p, send);
}
