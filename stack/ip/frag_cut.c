/* frag_cut.c - see frag.h. Datagrams cut for a link that does not take them whole. */
#include "../base/wire.h"
#include "../link/ifc.h"
#include "../link/offload.h"
#include "../stack_private.h"
#include "frag.h"
#include "ip4.h"

#define FLAG_MF 0x2000

/* The header of the fragment at OFF with LEN bytes of payload. RFC 791 3.2: all of one datagram
 * have its identification. */
static void patch_header(uint8_t *hdr, uint32_t hdr_len, uint32_t off, uint32_t len, bool more)
{
	put_be16(hdr + 2, (uint16_t)(hdr_len + len));
	put_be16(hdr + 6, (uint16_t)((more ? FLAG_MF : 0) | off / 8));
	ip4_sum_header(hdr, hdr_len);
}

static void tell(struct stack *s, const struct pkt *part, uint32_t off, bool more)
{
	const uint8_t *hdr = pkt_data(part);
	const struct frag_info frag = {
		.id = (uint32_t)(hdr[4] << 8 | hdr[5]), .off = off, .more = more
	};
	struct ip_info info;

	if (ip4_read_header(hdr, part->len, &info) > 0)
		trace_fragment(s, &info, &frag, false);
}

void frag_cut4(struct stack *s, struct ifc *ifc, const uint8_t mac[6], struct pkt *p,
	void (*emit)(struct stack *s, struct ifc *ifc, const uint8_t mac[6], struct pkt *frag))
{
	uint32_t hdr_len = (pkt_data(p)[0] & 0xf) * 4u;
	uint32_t payload = pkt_len(p) - hdr_len;
	uint32_t step = (ifc->mtu - hdr_len) & ~7u;

	/* The sum is the datagram's: no device can fill it into a piece. */
	if (p->offload & PKT_CSUM_FILL)
		offload_fill(p);
	for (uint32_t off = 0; off < payload; off += step) {
		uint32_t len = min_u32(step, payload - off);
		struct pkt *part = offload_part(s, p, PKT_HEADROOM, hdr_len, hdr_len + off, len);

		if (!part) {
			count_drop(s, COUNT_frag_drop_no_memory);
			break;
		}
		patch_header(pkt_data(part), hdr_len, off, len, off + len < payload);
		count(s, COUNT_frag_sent);
		if (trace_is_on(s))
			tell(s, part, off, off + len < payload);
		emit(s, ifc, mac, part);
	}
	pkt_free(&s->pkts, p);
}
