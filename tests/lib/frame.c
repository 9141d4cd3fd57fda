#include "frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IP_PROTO_ICMP 1
#define IP_PROTO_TCP  6
#define IP_PROTO_UDP  17

uint16_t frame_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t frame_get32(const uint8_t *at)
{
	return (uint32_t)frame_get16(at) << 16 | frame_get16(at + 2);
}

void frame_put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void frame_put32(uint8_t *at, uint32_t value)
{
	frame_put16(at, value >> 16);
	frame_put16(at + 2, value & 0xffff);
}

static uint32_t sum_words(const uint8_t *bytes, size_t len, uint32_t sum)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2) {
		sum += frame_get16(bytes + i);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	if (len & 1)
		sum += (uint32_t)bytes[len - 1] << 8;
	return (sum & 0xffff) + (sum >> 16);
}

uint16_t frame_sum(const uint8_t *bytes, size_t len, uint32_t sum)
{
	sum = sum_words(bytes, len, (sum & 0xffff) + (sum >> 16));
	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

uint16_t frame_pseudo_sum(
	uint32_t src, uint32_t dst, uint8_t proto, const uint8_t *bytes, size_t len)
{
	uint8_t pseudo[12];

	frame_put32(pseudo, src);
	frame_put32(pseudo + 4, dst);
	pseudo[8] = 0;
	pseudo[9] = proto;
	frame_put16(pseudo + 10, (uint32_t)len);
	return frame_sum(bytes, len, sum_words(pseudo, sizeof(pseudo), 0));
}

void frame_init(struct frame *f, enum frame_kind kind)
{
	memset(f, 0, sizeof(*f));
	f->kind = kind;
	f->eth_type = kind == FRAME_ARP ? FRAME_TYPE_ARP : FRAME_TYPE_IP4;
	f->arp.hw = 1;
	f->arp.proto = FRAME_TYPE_IP4;
	f->arp.hw_len = 6;
	f->arp.proto_len = 4;
	f->ip.ttl = 64;
	f->ip.df = true;
	f->ip.proto = kind == FRAME_TCP ? IP_PROTO_TCP
		: kind == FRAME_UDP     ? IP_PROTO_UDP
					: IP_PROTO_ICMP;
	f->tcp.window = 65535;
	f->lies.ip_version = FRAME_TRUTH;
	f->lies.ip_hdr_words = FRAME_TRUTH;
	f->lies.ip_total_len = FRAME_TRUTH;
	f->lies.tcp_words = FRAME_TRUTH;
	f->lies.udp_len = FRAME_TRUTH;
	f->lies.cut = FRAME_TRUTH;
}

static size_t build_arp(const struct frame_arp *a, uint8_t *to)
{
	frame_put16(to, a->hw);
	frame_put16(to + 2, a->proto);
	to[4] = a->hw_len;
	to[5] = a->proto_len;
	frame_put16(to + 6, a->op);
	memcpy(to + 8, a->sender_mac, 6);
	frame_put32(to + 14, a->sender);
	memcpy(to + 18, a->target_mac, 6);
	frame_put32(to + 24, a->target);
	return FRAME_ARP_LEN;
}

static size_t build_tcp_options(const struct frame_tcp *t, uint8_t *to)
{
	size_t n = 0;

	if (t->has_mss) {
		to[n] = 2;
		to[n + 1] = 4;
		frame_put16(to + n + 2, t->mss);
		n += 4;
	}
	if (t->has_ws) {
		to[n] = 3;
		to[n + 1] = 3;
		to[n + 2] = t->ws;
		n += 3;
	}
	if (t->has_sack_ok) {
		to[n] = 4;
		to[n + 1] = 2;
		n += 2;
	}
	if (t->has_ts) {
		to[n] = 8;
		to[n + 1] = 10;
		frame_put32(to + n + 2, t->ts_val);
		frame_put32(to + n + 6, t->ts_ecr);
		n += 10;
	}
	memcpy(to + n, t->raw, t->raw_len);
	n += t->raw_len;
	while (n % 4)
		to[n++] = 0; /* RFC 9293 3.1: the rest is end-of-options and zeroes */
	return n;
}

static size_t build_tcp(const struct frame *f, uint8_t *to)
{
	const struct frame_tcp *t = &f->tcp;
	size_t hdr_len = 20 + build_tcp_options(t, to + 20);
	size_t words = f->lies.tcp_words == FRAME_TRUTH ? hdr_len / 4 : (size_t)f->lies.tcp_words;

	frame_put16(to, t->src_port);
	frame_put16(to + 2, t->dst_port);
	frame_put32(to + 4, t->seq);
	frame_put32(to + 8, t->ack);
	to[12] = (uint8_t)(words << 4);
	to[13] = t->flags;
	frame_put16(to + 14, t->window);
	frame_put16(to + 16, 0);
	frame_put16(to + 18, t->urgent);
	return hdr_len;
}

static size_t build_udp(const struct frame *f, uint8_t *to)
{
	size_t len = f->lies.udp_len == FRAME_TRUTH ? 8 + f->data_len : (size_t)f->lies.udp_len;

	frame_put16(to, f->udp.src_port);
	frame_put16(to + 2, f->udp.dst_port);
	frame_put16(to + 4, (uint32_t)len);
	frame_put16(to + 6, 0);
	return 8;
}

static size_t build_icmp(const struct frame *f, uint8_t *to)
{
	to[0] = f->icmp.type;
	to[1] = f->icmp.code;
	frame_put16(to + 2, 0);
	frame_put32(to + 4, f->icmp.rest);
	return 8;
}

/* The checksum goes in last, for it covers all the rest. */
static void seal_transport(const struct frame *f, uint8_t *at, size_t len)
{
	uint16_t sum;

	switch (f->kind) {
	case FRAME_TCP:
		sum = frame_pseudo_sum(f->ip.src, f->ip.dst, IP_PROTO_TCP, at, len);
		frame_put16(at + 16, (uint32_t)(sum + f->lies.sum_add));
		return;
	case FRAME_UDP:
		if (f->lies.no_udp_sum)
			return;
		sum = frame_pseudo_sum(f->ip.src, f->ip.dst, IP_PROTO_UDP, at, len);
		frame_put16(at + 6, (uint32_t)((sum ? sum : 0xffff) + f->lies.sum_add));
		return;
	case FRAME_ICMP:
		frame_put16(at + 2, (uint32_t)(frame_sum(at, len, 0) + f->lies.sum_add));
		return;
	case FRAME_ARP:
	case FRAME_IP:
	case FRAME_OTHER:
		return;
	}
}

static size_t build_transport(const struct frame *f, uint8_t *to)
{
	size_t n = f->kind == FRAME_TCP ? build_tcp(f, to)
		: f->kind == FRAME_UDP  ? build_udp(f, to)
		: f->kind == FRAME_ICMP ? build_icmp(f, to)
					: 0;

	if (f->data_len)
		memcpy(to + n, f->data, f->data_len);
	seal_transport(f, to, n + f->data_len);
	return n + f->data_len;
}

static size_t build_ip(const struct frame *f, uint8_t *to)
{
	const struct frame_ip *ip = &f->ip;
	size_t hdr_len = 20u + ((ip->options_len + 3u) & ~3u);
	size_t len = hdr_len + build_transport(f, to + hdr_len);
	const struct frame_lies *lies = &f->lies;
	size_t words = lies->ip_hdr_words == FRAME_TRUTH ? hdr_len / 4 : (size_t)lies->ip_hdr_words;
	size_t total = lies->ip_total_len == FRAME_TRUTH ? len : (size_t)lies->ip_total_len;
	size_t version = lies->ip_version == FRAME_TRUTH ? 4 : (size_t)lies->ip_version;
	size_t summed = words * 4 < 20 ? 20 : words * 4 < len ? words * 4 : len;

	memset(to, 0, hdr_len);
	to[0] = (uint8_t)(version << 4 | words);
	to[1] = ip->tos;
	frame_put16(to + 2, (uint32_t)total);
	frame_put16(to + 4, ip->id);
	frame_put16(to + 6,
		(ip->df ? 0x4000u : 0u) | (ip->mf ? 0x2000u : 0u) | (uint32_t)(ip->off / 8));
	to[8] = ip->ttl;
	to[9] = ip->proto;
	frame_put32(to + 12, ip->src);
	frame_put32(to + 16, ip->dst);
	memcpy(to + 20, ip->options, ip->options_len);
	frame_put16(to + 10, (uint32_t)(frame_sum(to, summed, 0) + lies->ip_sum_add));
	return len;
}

size_t frame_build(const struct frame *f, uint8_t *to)
{
	size_t len = FRAME_ETH_LEN;
	int i;

	memcpy(to, f->eth_dst, 6);
	memcpy(to + 6, f->eth_src, 6);
	frame_put16(to + 12, f->eth_type);
	if (f->kind == FRAME_ARP) {
		len += build_arp(&f->arp, to + len);
	} else if (f->kind == FRAME_OTHER) {
		if (f->data_len)
			memcpy(to + len, f->data, f->data_len);
		len += f->data_len;
	} else {
		len += build_ip(f, to + len);
	}
	for (i = 0; i < f->lies.pad; i++)
		to[len++] = (uint8_t)(0xa5 + i);
	if (f->lies.cut != FRAME_TRUTH && (size_t)f->lies.cut < len)
		len = (size_t)f->lies.cut;
	return len;
}

static const char *parse_arp(struct frame *f, const uint8_t *at, size_t len)
{
	struct frame_arp *a = &f->arp;

	if (len < FRAME_ARP_LEN)
		return "ARP shorter than 28 bytes";
	a->hw = frame_get16(at);
	a->proto = frame_get16(at + 2);
	a->hw_len = at[4];
	a->proto_len = at[5];
	a->op = frame_get16(at + 6);
	memcpy(a->sender_mac, at + 8, 6);
	a->sender = frame_get32(at + 14);
	memcpy(a->target_mac, at + 18, 6);
	a->target = frame_get32(at + 24);
	f->kind = FRAME_ARP;
	if (a->hw != 1 || a->proto != FRAME_TYPE_IP4 || a->hw_len != 6 || a->proto_len != 4)
		return "ARP not for Ethernet and IPv4";
	return NULL;
}

/* One option of known kind at AT, whose length byte says LEN. */
static const char *parse_tcp_option(struct frame_tcp *t, const uint8_t *at, size_t len)
{
	switch (at[0]) {
	case 2:
		if (len != 4)
			return "MSS option not of 4 bytes";
		t->has_mss = true;
		t->mss = frame_get16(at + 2);
		return NULL;
	case 3:
		if (len != 3)
			return "window scale option not of 3 bytes";
		t->has_ws = true;
		t->ws = at[2];
		return NULL;
	case 4:
		t->has_sack_ok = true;
		return len == 2 ? NULL : "SACK-permitted option not of 2 bytes";
	case 5:
		return (len - 2) % 8 == 0 && len > 2 ? NULL : "SACK option of a bad length";
	case 8:
		if (len != 10)
			return "timestamps option not of 10 bytes";
		t->has_ts = true;
		t->ts_val = frame_get32(at + 2);
		t->ts_ecr = frame_get32(at + 6);
		return NULL;
	default:
		return NULL;
	}
}

/* The first thing that is wrong; what stands behind an option of a wrong length can still be
 * read, as whoever skips that option does. */
static const char *parse_tcp_options(struct frame_tcp *t, const uint8_t *at, size_t len)
{
	const char *bad = NULL;
	size_t i = 0;

	while (i < len && at[i] != 0) {
		const char *this_bad;
		size_t n;

		if (at[i] == 1) {
			i++;
			continue;
		}
		if (i + 1 >= len || at[i + 1] < 2 || i + at[i + 1] > len)
			return "TCP option whose length is wrong";
		n = at[i + 1];
		this_bad = parse_tcp_option(t, at + i, n);
		bad = bad ? bad : this_bad;
		i += n;
	}
	for (; i < len; i++)
		if (at[i] && !bad)
			bad = "TCP options padded with something else than zero";
	return bad;
}

static const char *parse_tcp(struct frame *f, const uint8_t *at, size_t len)
{
	struct frame_tcp *t = &f->tcp;
	const char *bad;

	if (len < 20)
		return "TCP segment shorter than its header";
	t->src_port = frame_get16(at);
	t->dst_port = frame_get16(at + 2);
	t->seq = frame_get32(at + 4);
	t->ack = frame_get32(at + 8);
	t->hdr_len = (uint8_t)((at[12] >> 4) * 4);
	t->flags = at[13];
	t->window = frame_get16(at + 14);
	t->urgent = frame_get16(at + 18);
	f->kind = FRAME_TCP;
	if (t->hdr_len < 20 || t->hdr_len > len)
		return "TCP data offset outside the segment";
	f->data = at + t->hdr_len;
	f->data_len = len - t->hdr_len;
	if (frame_pseudo_sum(f->ip.src, f->ip.dst, IP_PROTO_TCP, at, len))
		return "TCP checksum is wrong";
	f->is_whole = true;
	bad = parse_tcp_options(t, at + 20, t->hdr_len - 20u);
	t->has_bad_options = bad != NULL;
	if (bad)
		return bad;
	return at[12] & 0x0f ? "TCP reserved bits are set" : NULL;
}

static const char *parse_udp(struct frame *f, const uint8_t *at, size_t len)
{
	size_t said;

	if (len < 8)
		return "UDP datagram shorter than its header";
	f->kind = FRAME_UDP;
	f->udp.src_port = frame_get16(at);
	f->udp.dst_port = frame_get16(at + 2);
	f->data = at + 8;
	f->data_len = len - 8;
	said = frame_get16(at + 4);
	if (said != len)
		return "UDP length is not that of the packet";
	if (frame_get16(at + 6) == 0)
		return "UDP without a checksum";
	if (frame_pseudo_sum(f->ip.src, f->ip.dst, IP_PROTO_UDP, at, len))
		return "UDP checksum is wrong";
	return NULL;
}

static const char *parse_icmp(struct frame *f, const uint8_t *at, size_t len)
{
	if (len < 8)
		return "ICMP message shorter than its header";
	f->kind = FRAME_ICMP;
	f->icmp.type = at[0];
	f->icmp.code = at[1];
	f->icmp.rest = frame_get32(at + 4);
	f->data = at + 8;
	f->data_len = len - 8;
	return frame_sum(at, len, 0) ? "ICMP checksum is wrong" : NULL;
}

static const char *parse_transport(struct frame *f)
{
	if (f->ip.mf || f->ip.off)
		return NULL;
	switch (f->ip.proto) {
	case IP_PROTO_TCP:
		return parse_tcp(f, f->data, f->data_len);
	case IP_PROTO_UDP:
		return parse_udp(f, f->data, f->data_len);
	case IP_PROTO_ICMP:
		return parse_icmp(f, f->data, f->data_len);
	default:
		return NULL;
	}
}

static const char *parse_ip(struct frame *f, const uint8_t *at, size_t len)
{
	struct frame_ip *ip = &f->ip;
	const char *bad;
	size_t hdr_len, total;

	if (len < 20)
		return "IP packet shorter than its header";
	hdr_len = (at[0] & 0x0fu) * 4u;
	total = frame_get16(at + 2);
	if (at[0] >> 4 != 4 || hdr_len < 20 || total < hdr_len || total > len)
		return "IP version or length is wrong";
	ip->tos = at[1];
	ip->id = frame_get16(at + 4);
	ip->df = at[6] & 0x40;
	ip->mf = at[6] & 0x20;
	ip->off = (uint16_t)((frame_get16(at + 6) & 0x1fff) * 8);
	ip->ttl = at[8];
	ip->proto = at[9];
	ip->src = frame_get32(at + 12);
	ip->dst = frame_get32(at + 16);
	ip->options_len = (uint8_t)(hdr_len - 20);
	memcpy(ip->options, at + 20, ip->options_len);
	f->kind = FRAME_IP;
	f->ip_at = at;
	f->ip_len = total;
	f->data = at + hdr_len;
	f->data_len = total - hdr_len;
	if (frame_sum(at, hdr_len, 0))
		return "IP header checksum is wrong";
	/* who hears that flag need not mind it: what lies behind it is looked at in any case */
	bad = parse_transport(f);
	return at[6] & 0x80 ? "IP reserved flag is set" : bad;
}

const char *frame_parse(struct frame *f, const uint8_t *bytes, size_t len)
{
	frame_init(f, FRAME_OTHER);
	if (len < FRAME_ETH_LEN)
		return "frame shorter than an Ethernet header";
	memcpy(f->eth_dst, bytes, 6);
	memcpy(f->eth_src, bytes + 6, 6);
	f->eth_type = frame_get16(bytes + 12);
	f->data = bytes + FRAME_ETH_LEN;
	f->data_len = len - FRAME_ETH_LEN;
	if (f->eth_type == FRAME_TYPE_ARP)
		return parse_arp(f, f->data, f->data_len);
	if (f->eth_type == FRAME_TYPE_IP4)
		return parse_ip(f, f->data, f->data_len);
	return NULL;
}
