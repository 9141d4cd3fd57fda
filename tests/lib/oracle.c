#include "oracle_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 6864 4.1: a packet may live this long, and its id with it. */
#define LIFE_US (120ull * 1000000)

struct oracle *oracle_new(const uint8_t mac[6], unsigned mtu)
{
	struct oracle *o = calloc(1, sizeof(*o));

	if (!o)
		abort();
	memcpy(o->mac, mac, 6);
	o->mtu = mtu;
	return o;
}

void oracle_free(struct oracle *o)
{
	unsigned i;

	oracle_flows_free(o);
	for (i = 0; i < o->ids_n; i++)
		free(o->ids[i].at_us);
	for (i = 0; i < ORACLE_PIECES; i++) {
		free(o->pieces[i].bytes);
		free(o->pieces[i].have);
	}
	free(o);
}

void oracle_owns(struct oracle *o, uint32_t ip)
{
	if (o->ours_n < ORACLE_OURS)
		o->ours[o->ours_n++] = ip;
}

void oracle_disowns(struct oracle *o, uint32_t ip)
{
	unsigned i;

	for (i = 0; i < o->ours_n; i++)
		if (o->ours[i] == ip)
			o->ours[i] = o->ours[--o->ours_n];
}

bool oracle_is_ours(const struct oracle *o, uint32_t ip)
{
	unsigned i;

	for (i = 0; i < o->ours_n; i++)
		if (o->ours[i] == ip)
			return true;
	return false;
}

void oracle_blame(struct oracle *o, const char *format, ...)
{
	va_list args;

	if (o->has_fault)
		return;
	o->has_fault = true;
	va_start(args, format);
	(void)vsnprintf(o->fault, sizeof(o->fault), format, args);
	va_end(args);
}

const char *oracle_fault(const struct oracle *o)
{
	return o->has_fault ? o->fault : NULL;
}

static void remember_quote(struct oracle *o, const uint8_t *bytes, size_t len)
{
	unsigned slot = o->quotes_n++ % ORACLE_QUOTES;

	if (len < FRAME_ETH_LEN)
		return;
	len -= FRAME_ETH_LEN;
	if (len > ORACLE_QUOTE_LEN)
		len = ORACLE_QUOTE_LEN;
	memcpy(o->quotes[slot], bytes + FRAME_ETH_LEN, len);
	o->quote_lens[slot] = len;
}

void oracle_heard(struct oracle *o, const uint8_t *bytes, size_t len)
{
	struct frame f;

	remember_quote(o, bytes, len);
	(void)frame_parse(&f, bytes, len);
	if (f.is_whole)
		oracle_tcp_heard(o, &f);
}

static void judge_arp(struct oracle *o, const struct frame *f)
{
	const struct frame_arp *a = &f->arp;

	if (memcmp(a->sender_mac, o->mac, 6) != 0)
		oracle_blame(o, "ARP with a sender MAC that is not ours");
	if (a->op != 1 && a->op != 2)
		oracle_blame(o, "ARP with operation %u", a->op);
	if (a->sender == 0 && a->op == 1)
		return; /* RFC 5227 2.1.1: a probe claims nothing */
	if (!oracle_is_ours(o, a->sender))
		oracle_blame(o, "ARP with a sender address that is not ours");
	if (a->op == 2 && !(f->eth_dst[0] & 1) && memcmp(a->target_mac, f->eth_dst, 6) != 0)
		oracle_blame(o, "ARP reply to one station about another");
}

/* RFC 1122 3.2.2: an error quotes the header and at least 8 bytes of what caused it, if there
 * were so many. */
static void judge_quote(struct oracle *o, const struct frame *f)
{
	unsigned i;
	size_t least;

	if (f->icmp.type != 3 && f->icmp.type != 11 && f->icmp.type != 12)
		return;
	least = f->data_len < 20 ? 20 : (f->data[0] & 0x0fu) * 4u + 8;
	if (f->data_len < least && (f->data_len < 20 || f->data_len < frame_get16(f->data + 2)))
		oracle_blame(o, "ICMP error that quotes less than a header and 8 bytes");
	if (f->ip_len > 576)
		oracle_blame(o, "ICMP error of %zu bytes, more than 576", f->ip_len);
	for (i = 0; i < ORACLE_QUOTES; i++)
		if (f->data_len <= o->quote_lens[i] &&
			memcmp(f->data, o->quotes[i], f->data_len) == 0)
			return;
	if (o->quotes_n <= ORACLE_QUOTES)
		oracle_blame(o, "ICMP error that quotes what was never sent");
}

static struct oracle_ids *ids_for(struct oracle *o, uint32_t dst, uint8_t proto)
{
	struct oracle_ids *ids;
	unsigned i;

	for (i = 0; i < o->ids_n; i++)
		if (o->ids[i].dst == dst && o->ids[i].proto == proto)
			return &o->ids[i];
	if (o->ids_n == ORACLE_SENDERS)
		return NULL;
	ids = &o->ids[o->ids_n++];
	ids->dst = dst;
	ids->proto = proto;
	ids->at_us = calloc(65536, sizeof(*ids->at_us));
	return ids;
}

/* RFC 6864 4.3: unless a packet is atomic (DF, whole) its id is its own for its lifetime. */
static void judge_id(struct oracle *o, const struct frame *f, uint64_t now_us)
{
	struct oracle_ids *ids;

	if (f->ip.off || (f->ip.df && !f->ip.mf))
		return;
	ids = ids_for(o, f->ip.dst, f->ip.proto);
	if (!ids || !ids->at_us)
		return;
	if (ids->at_us[f->ip.id] && now_us - ids->at_us[f->ip.id] < LIFE_US)
		oracle_blame(o, "IP id %u used again within 2 minutes (RFC 6864 4.3)", f->ip.id);
	ids->at_us[f->ip.id] = now_us;
}

static struct oracle_pieces *pieces_of(struct oracle *o, const struct frame *f)
{
	struct oracle_pieces *p;
	unsigned i;

	for (i = 0; i < ORACLE_PIECES; i++) {
		p = &o->pieces[i];
		if (p->bytes && p->src == f->ip.src && p->dst == f->ip.dst && p->id == f->ip.id &&
			p->proto == f->ip.proto)
			return p;
	}
	p = &o->pieces[o->pieces_n++ % ORACLE_PIECES];
	free(p->bytes);
	free(p->have);
	memset(p, 0, sizeof(*p));
	p->src = f->ip.src;
	p->dst = f->ip.dst;
	p->id = f->ip.id;
	p->proto = f->ip.proto;
	p->bytes = calloc(1, FRAME_ETH_LEN + 20 + 65536);
	p->have = calloc(1, 65536);
	if (!p->bytes || !p->have)
		abort();
	return p;
}

/* All of it is there: it must have been a good packet before it was cut. */
static void judge_whole(struct oracle *o, struct oracle_pieces *p)
{
	struct frame whole;
	uint8_t *ip = p->bytes + FRAME_ETH_LEN;
	const char *bad;

	frame_put16(p->bytes + 12, FRAME_TYPE_IP4);
	ip[0] = 0x45;
	ip[8] = 1;
	ip[9] = p->proto;
	frame_put16(ip + 2, (uint32_t)(20 + p->len));
	frame_put32(ip + 12, p->src);
	frame_put32(ip + 16, p->dst);
	frame_put16(ip + 10, frame_sum(ip, 20, 0));
	bad = frame_parse(&whole, p->bytes, FRAME_ETH_LEN + 20 + p->len);
	if (bad)
		oracle_blame(o, "sent in fragments: %s", bad);
	free(p->bytes);
	free(p->have);
	p->bytes = NULL;
	p->have = NULL;
}

static void judge_fragment(struct oracle *o, const struct frame *f)
{
	struct oracle_pieces *p = pieces_of(o, f);
	size_t i;

	if (f->ip.df)
		oracle_blame(o, "a fragment with DF");
	if (f->ip.mf && (f->data_len % 8 || f->data_len == 0))
		oracle_blame(o, "a fragment of %zu bytes, not a multiple of 8", f->data_len);
	if (f->ip.off + f->data_len > 65515) {
		oracle_blame(o, "a fragment past 65535 bytes");
		return;
	}
	for (i = 0; i < f->data_len; i++) {
		if (p->have[f->ip.off + i]++)
			oracle_blame(o, "fragments that overlap");
		else
			p->have_n++;
	}
	memcpy(p->bytes + FRAME_ETH_LEN + 20 + f->ip.off, f->data, f->data_len);
	if (!f->ip.mf)
		p->len = f->ip.off + f->data_len;
	if (p->len && p->have_n == p->len)
		judge_whole(o, p);
}

static void judge_ip(struct oracle *o, const struct frame *f, size_t frame_len, uint64_t now_us)
{
	size_t i;
	size_t wire_len = FRAME_ETH_LEN + f->ip_len;

	if (f->ip.src >> 24 == 127 || f->ip.dst >> 24 == 127)
		oracle_blame(o, "127/8 on the wire (I-05)");
	if (!oracle_is_ours(o, f->ip.src))
		oracle_blame(o, "a source address that is not ours (I-05)");
	if (f->ip.ttl == 0)
		oracle_blame(o, "TTL 0 (I-06)");
	if (f->ip_len > o->mtu)
		oracle_blame(o, "%zu bytes of IP on a link with MTU %u", f->ip_len, o->mtu);
	if (frame_len > wire_len && frame_len > 60)
		oracle_blame(o, "%zu bytes behind the packet", frame_len - wire_len);
	for (i = wire_len; i < frame_len; i++)
		if (f->ip_at[i - FRAME_ETH_LEN])
			oracle_blame(o, "padding that is not zero: it leaks memory");
	judge_id(o, f, now_us);
	if (f->ip.mf || f->ip.off)
		judge_fragment(o, f);
	else if (f->kind == FRAME_TCP)
		oracle_tcp_sent(o, f);
	else if (f->kind == FRAME_ICMP)
		judge_quote(o, f);
}

void oracle_sent(struct oracle *o, const uint8_t *bytes, size_t len, uint64_t now_us)
{
	struct frame f;
	const char *bad = frame_parse(&f, bytes, len);

	o->now_us = now_us;
	if (bad)
		oracle_blame(o, "sent a malformed frame: %s", bad);
	if (memcmp(f.eth_src, o->mac, 6) != 0)
		oracle_blame(o, "an Ethernet source that is not ours");
	if (bad)
		return;
	if (f.kind == FRAME_ARP)
		judge_arp(o, &f);
	else if (f.kind == FRAME_OTHER)
		oracle_blame(o, "sent EtherType %04x", f.eth_type);
	else
		judge_ip(o, &f, len, now_us);
}
