#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "parts.h"

int nic_fail(char *why, size_t why_len, int err, const char *format, ...)
{
	va_list args;

	if (why_len > 0) {
		va_start(args, format);
		vsnprintf(why, why_len, format, args);
		va_end(args);
	}
	return err;
}

int nic_open(struct nic **out, const char *spec, char *why, size_t why_len)
{
	const struct driver *const drivers[] = { &tap_driver, &fd_driver };
	size_t name_len = strcspn(spec, ":");

	for (size_t i = 0; i < ARRAY_LEN(drivers); i++) {
		const char *name = drivers[i]->name;

		if (strlen(name) == name_len && memcmp(name, spec, name_len) == 0 && spec[name_len])
			return drivers[i]->open(out, spec + name_len + 1, why, why_len);
	}
	return nic_fail(
		why, why_len, -EINVAL, "%s: no such device, expected tap:NAME or fd:N", spec);
}

void nic_close(struct nic *n)
{
	if (n)
		n->driver->close(n);
}

void nic_pkt_clear(struct pkt *p, uint32_t off)
{
	for (uint8_t i = 0; i < p->slices_n; i++) {
		buf_drop(p->slices[i].buf);
		p->slices[i] = (struct slice){ 0 };
	}
	p->off = off;
	p->len = 0;
	p->slices_n = 0;
	p->offload = 0;
	p->seg_len = 0;
	p->segs = 0;
	p->csum_off = 0;
	p->csum_start = 0;
}

int nic_pkt_fill(struct pkt *p, struct buf *rest, const uint8_t *at, uint32_t len)
{
	uint32_t head_len = min_u32(len, pkt_tailroom(p));
	uint32_t rest_len = len - head_len;

	if (rest_len > 0 && !rest)
		return NIC_TRUNCATED;
	if (rest_len > 0 && rest_len > rest->cap)
		return NIC_TOO_LONG;
	memcpy(pkt_data(p) + p->len, at, head_len);
	p->len += head_len;
	if (rest_len > 0) {
		memcpy(rest->data, at + head_len, rest_len);
		(void)pkt_add_slice(p, rest, 0, rest_len);
	}
	return 1;
}

int nic_pkt_iov(const struct pkt *p, struct iovec *iov)
{
	int n = 0;

	iov[n++] = (struct iovec){ .iov_base = pkt_data(p), .iov_len = p->len };
	for (uint8_t i = 0; i < p->slices_n; i++) {
		const struct slice *s = &p->slices[i];

		iov[n++] = (struct iovec){ .iov_base = s->buf->data + s->off, .iov_len = s->len };
	}
	return n;
}

void nic_csum_fill(uint8_t *frame, uint32_t len, uint32_t start, uint32_t off)
{
	uint8_t *field = frame + start + off;
	uint64_t sum = 0;
	uint32_t i;

	if (start > len || off + 2 > len - start)
		return;
	/* The field itself holds the pseudo-header's sum and so is summed along. */
	for (i = start; i + 1 < len; i += 2)
		sum += (uint32_t)frame[i] << 8 | frame[i + 1];
	if (i < len)
		sum += (uint32_t)frame[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	/* RFC 768: a sum of 0 says that there is none. Elsewhere both mean the same. */
	if (sum == 0)
		sum = 0xffff;
	field[0] = (uint8_t)(sum >> 8);
	field[1] = (uint8_t)sum;
}

void nic_mac_from(uint8_t mac[6], uint64_t seed)
{
	/* Steele, Lea and Flood's mixing of 64 bits: any change moves every byte. */
	seed ^= seed >> 30;
	seed *= UINT64_C(0xbf58476d1ce4e5b9);
	seed ^= seed >> 27;
	seed *= UINT64_C(0x94d049bb133111eb);
	seed ^= seed >> 31;
	for (int i = 0; i < 6; i++)
		mac[i] = (uint8_t)(seed >> 8 * i);
	mac[0] = (uint8_t)((mac[0] & ~1u) | 2u); /* unicast, locally administered */
}
