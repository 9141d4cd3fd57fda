#include <string.h>

#include "driver.h"
#include "vnet.h"

/* Newer than the headers we build with. */
#define VNET_GSO_UDP_L4 5

#define ETH_HDR_LEN  14
#define ETH_TYPE_OFF 12
#define ETH_TYPE_IP4 0x0800
#define ETH_TYPE_IP6 0x86dd
#define IP4_HDR_MIN  20
#define IP6_HDR_LEN  40
#define TCP_HDR_MIN  20
#define TCP_DOFF_OFF 12
#define TCP_FLAG_OFF 13
#define TCP_CWR      0x80
#define TCP_CSUM_OFF 16
#define UDP_HDR_LEN  8
#define UDP_CSUM_OFF 6

_Static_assert(sizeof(struct virtio_net_hdr_v1) == VNET_HDR_LEN, "the header as TAP has it");

/* 0 when the frame is shorter. */
static uint16_t ether_type(const struct pkt *p)
{
	const uint8_t *at = pkt_data(p) + ETH_TYPE_OFF;

	if (p->len < ETH_HDR_LEN)
		return 0;
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* Bytes of Ethernet, IP and TCP headers when TCP begins at START; 0 when they are not there. */
static uint32_t tcp_headers_len(const struct pkt *p, uint32_t start)
{
	uint32_t tcp_len;

	if (start + TCP_HDR_MIN > p->len)
		return 0;
	tcp_len = (pkt_data(p)[start + TCP_DOFF_OFF] >> 4) * 4u;
	return tcp_len < TCP_HDR_MIN || start + tcp_len > p->len ? 0 : start + tcp_len;
}

/* Does a transport header of an IP packet of this type begin at START? */
static bool starts_after_ip(const struct pkt *p, uint32_t start, bool may_be_4, bool may_be_6)
{
	switch (ether_type(p)) {
	case ETH_TYPE_IP4:
		return may_be_4 && start >= ETH_HDR_LEN + IP4_HDR_MIN;
	case ETH_TYPE_IP6:
		return may_be_6 && start >= ETH_HDR_LEN + IP6_HDR_LEN;
	default:
		return false;
	}
}

/* All headers of a frame of several segments, after which their payload begins; 0 when type,
 * offsets and frame do not belong together. */
static uint32_t headers_len(const struct virtio_net_hdr_v1 *h, const struct pkt *p)
{
	uint32_t start = h->csum_start;

	switch (h->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
		if (h->csum_offset != TCP_CSUM_OFF || !starts_after_ip(p, start, true, false))
			return 0;
		return tcp_headers_len(p, start);
	case VIRTIO_NET_HDR_GSO_TCPV6:
		if (h->csum_offset != TCP_CSUM_OFF || !starts_after_ip(p, start, false, true))
			return 0;
		return tcp_headers_len(p, start);
	case VNET_GSO_UDP_L4:
		if (h->csum_offset != UDP_CSUM_OFF || !starts_after_ip(p, start, true, true))
			return 0;
		return start + UDP_HDR_LEN > p->len ? 0 : start + UDP_HDR_LEN;
	default:
		return 0;
	}
}

static int take_segments(const struct virtio_net_hdr_v1 *h, struct pkt *p)
{
	uint32_t headers = headers_len(h, p);
	uint32_t payload = pkt_len(p) - headers;

	if (headers == 0 || payload == 0 || h->gso_size == 0)
		return NIC_BAD_OFFLOAD;
	p->offload |= h->csum_offset == TCP_CSUM_OFF ? PKT_SEG_TCP : PKT_SEG_UDP;
	p->seg_len = h->gso_size;
	p->segs = (uint16_t)((payload + h->gso_size - 1) / h->gso_size);
	return 0;
}

int vnet_take(const struct virtio_net_hdr_v1 *h, struct pkt *p)
{
	bool has_segments = h->gso_type != VIRTIO_NET_HDR_GSO_NONE;

	p->segs = 1;
	if (!(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)) {
		/* Segments that are still to be cut cannot have had their sums. */
		if (has_segments)
			return NIC_BAD_OFFLOAD;
		if (h->flags & VIRTIO_NET_HDR_F_DATA_VALID)
			p->offload |= PKT_CSUM_GOOD;
		return 0;
	}
	if ((uint32_t)h->csum_start + h->csum_offset + 2 > p->len)
		return NIC_BAD_OFFLOAD;
	/* Only the pseudo-header is summed: there is nothing that could have gone wrong. */
	p->offload |= PKT_CSUM_GOOD;
	p->csum_start = p->off + h->csum_start;
	p->csum_off = h->csum_offset;
	return has_segments ? take_segments(h, p) : 0;
}

static void put_tcp_segments(struct virtio_net_hdr_v1 *h, const struct pkt *p)
{
	uint32_t headers = tcp_headers_len(p, h->csum_start);
	bool is_6 = ether_type(p) == ETH_TYPE_IP6;

	ASSERT(headers > 0);
	h->gso_type = is_6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
	/* RFC 3168 6.1.2: CWR is for the first segment only, which whoever cuts must know. */
	if (pkt_data(p)[h->csum_start + TCP_FLAG_OFF] & TCP_CWR)
		h->gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	h->hdr_len = (uint16_t)headers;
}

void vnet_put(struct virtio_net_hdr_v1 *h, const struct pkt *p)
{
	memset(h, 0, sizeof(*h));
	if (!(p->offload & PKT_CSUM_FILL))
		return;
	ASSERT(p->csum_start >= p->off);
	/* Never DATA_VALID: a kernel that is told so sums all the same, and drops. */
	h->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	h->csum_start = (uint16_t)(p->csum_start - p->off);
	h->csum_offset = p->csum_off;
	if (!(p->offload & (PKT_SEG_TCP | PKT_SEG_UDP)))
		return;
	h->gso_size = p->seg_len;
	if (p->offload & PKT_SEG_TCP) {
		put_tcp_segments(h, p);
	} else {
		h->gso_type = VNET_GSO_UDP_L4;
		h->hdr_len = (uint16_t)(h->csum_start + UDP_HDR_LEN);
	}
}
