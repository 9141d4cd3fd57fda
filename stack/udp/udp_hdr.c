#include "udp_hdr.h"

#include "../base/wire.h"

#include <string.h>

int udp_parse(struct udp_hdr *out, const uint8_t *bytes, size_t len)
{
	struct cursor c = cursor_over(bytes, len);

	out->src_port = take_be16(&c);
	out->dst_port = take_be16(&c);
	out->len = take_be16(&c);
	out->checksum = take_be16(&c);
	if (c.bad)
		return -EBADMSG;
	return out->len < UDP_HDR_LEN || out->len > len ? -EMSGSIZE : 0;
}

void udp_build(uint8_t *to, const struct udp_hdr *hdr)
{
	to = put_be16(to, hdr->src_port);
	to = put_be16(to, hdr->dst_port);
	to = put_be16(to, hdr->len);
	put_be16(to, hdr->checksum);
}

static struct addr take_addr(struct cursor *c)
{
	struct addr a = addr_any;
	const uint8_t *bytes = take_bytes(c, sizeof(a.b));

	if (bytes)
		memcpy(a.b, bytes, sizeof(a.b));
	return a;
}

int udp_prefix_parse(struct udp_prefix *out, const uint8_t *bytes, size_t len)
{
	struct cursor c = cursor_over(bytes, len);

	out->remote.addr = take_addr(&c);
	out->local.addr = take_addr(&c);
	out->interface = take_addr(&c);
	out->remote.port = take_be16(&c);
	out->local.port = take_be16(&c);
	return c.bad ? -EINVAL : 0;
}

static uint8_t *put_addr(uint8_t *to, const struct addr *a)
{
	memcpy(to, a->b, sizeof(a->b));
	return to + sizeof(a->b);
}

void udp_prefix_build(uint8_t *to, const struct udp_prefix *prefix)
{
	to = put_addr(to, &prefix->remote.addr);
	to = put_addr(to, &prefix->local.addr);
	to = put_addr(to, &prefix->interface);
	to = put_be16(to, prefix->remote.port);
	put_be16(to, prefix->local.port);
}
