/* eth.c - see eth.h. */
#include "eth.h"

#include "../base/wire.h"
#include "group.h"
#include "ifc.h"

#include <string.h>

const uint8_t eth_broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

/* RFC 1122 2: a device may hand us more than is ours. */
static bool is_for_us(const struct ifc *ifc, const uint8_t dst[6])
{
	if (memcmp(dst, ifc->mac, 6) == 0 || memcmp(dst, eth_broadcast, 6) == 0)
		return true;
	return (dst[0] & 1) != 0 && group_hears(ifc, dst);
}

int eth_strip(const struct ifc *ifc, struct pkt *p, struct eth_hdr *out)
{
	const uint8_t *bytes = pkt_pull(p, ETH_HDR_LEN);

	if (!bytes)
		return -EBADMSG;

	struct cursor c = cursor_over(bytes, ETH_HDR_LEN);

	memcpy(out->dst, take_bytes(&c, 6), 6);
	memcpy(out->src, take_bytes(&c, 6), 6);
	out->type = take_be16(&c);
	out->is_for_all = (out->dst[0] & 1) != 0;
	return is_for_us(ifc, out->dst) ? 0 : -EHOSTUNREACH;
}

void eth_send(struct stack *s, struct ifc *ifc, const uint8_t dst[6], uint16_t type, struct pkt *p)
{
	uint8_t *at = pkt_push(p, ETH_HDR_LEN);

	memcpy(at, dst, 6);
	memcpy(at + 6, ifc->mac, 6);
	put_be16(at + 12, type);
	ifc_send(s, ifc, p);
}
