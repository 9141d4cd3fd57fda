#include "frame.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const flag_names[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR" };

/* Append to what is in TO already. */
__attribute__((format(printf, 3, 4))) static void add(char *to, size_t cap, const char *format, ...)
{
	size_t used = strlen(to);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(to + used, cap - used, format, args);
	va_end(args);
}

char *frame_flag_words(uint8_t flags, char *to, size_t cap)
{
	int i;

	to[0] = '\0';
	for (i = 0; i < 8; i++)
		if (flags >> i & 1)
			add(to, cap, "%s%s", to[0] ? "," : "", flag_names[i]);
	if (!to[0])
		add(to, cap, "-");
	return to;
}

bool frame_flags_from(const char *words, uint8_t *flags)
{
	char copy[64], *word, *rest = copy;

	if (strlen(words) >= sizeof(copy))
		return false;
	(void)snprintf(copy, sizeof(copy), "%s", words);
	*flags = 0;
	if (strcmp(copy, "-") == 0)
		return true;
	while ((word = strsep(&rest, ",")) != NULL) {
		int i = 0;

		while (i < 8 && strcmp(word, flag_names[i]) != 0)
			i++;
		if (i == 8)
			return false;
		*flags |= (uint8_t)(1u << i);
	}
	return true;
}

bool frame_ip4_from(const char *words, uint32_t *out)
{
	unsigned a, b, c, d;
	char end;

	if (sscanf(words, "%3u.%3u.%3u.%3u%c", &a, &b, &c, &d, &end) != 4)
		return false;
	if (a > 255 || b > 255 || c > 255 || d > 255)
		return false;
	*out = a << 24 | b << 16 | c << 8 | d;
	return true;
}

bool frame_mac_from(const char *words, uint8_t out[6])
{
	unsigned m[6];
	char end;
	int i;

	if (sscanf(words, "%2x:%2x:%2x:%2x:%2x:%2x%c", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5],
		    &end) != 6)
		return false;
	for (i = 0; i < 6; i++)
		out[i] = (uint8_t)m[i];
	return true;
}

char *frame_ip4_words(uint32_t ip, char *to, size_t cap)
{
	(void)snprintf(to, cap, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
	return to;
}

static void add_mac(char *to, size_t cap, const uint8_t mac[6])
{
	add(to, cap, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		mac[5]);
}

static void add_ip(char *to, size_t cap, uint32_t ip)
{
	char words[16];

	add(to, cap, "%s", frame_ip4_words(ip, words, sizeof(words)));
}

static void add_arp(const struct frame_arp *a, char *to, size_t cap)
{
	add(to, cap, "arp %s ", a->op == 1 ? "who-has" : a->op == 2 ? "reply" : "op?");
	add_ip(to, cap, a->op == 1 ? a->target : a->sender);
	add(to, cap, a->op == 1 ? " tell " : " to ");
	add_ip(to, cap, a->op == 1 ? a->sender : a->target);
	add(to, cap, " sender ");
	add_mac(to, cap, a->sender_mac);
	add(to, cap, " target ");
	add_mac(to, cap, a->target_mac);
}

static void add_tcp(const struct frame *f, char *to, size_t cap)
{
	const struct frame_tcp *t = &f->tcp;
	char flags[48];

	add(to, cap, ":%u>%u %s seq %u", t->src_port, t->dst_port,
		frame_flag_words(t->flags, flags, sizeof(flags)), t->seq);
	if (t->flags & FRAME_ACK)
		add(to, cap, " ack %u", t->ack);
	add(to, cap, " len %zu win %u", f->data_len, t->window);
	if (t->flags & FRAME_URG)
		add(to, cap, " urg %u", t->urgent);
	if (t->has_mss)
		add(to, cap, " mss %u", t->mss);
	if (t->has_ws)
		add(to, cap, " ws %u", t->ws);
	if (t->has_sack_ok)
		add(to, cap, " sackok");
	if (t->has_ts)
		add(to, cap, " ts %u:%u", t->ts_val, t->ts_ecr);
}

static void add_ip_parts(const struct frame *f, char *to, size_t cap)
{
	if (f->ip.mf || f->ip.off)
		add(to, cap, " frag id %u off %u%s", f->ip.id, f->ip.off, f->ip.mf ? " mf" : "");
	if (f->ip.ttl != 64)
		add(to, cap, " ttl %u", f->ip.ttl);
	if (f->ip.tos)
		add(to, cap, " tos %u", f->ip.tos);
}

char *frame_words(const struct frame *f, char *to, size_t cap)
{
	to[0] = '\0';
	if (f->kind == FRAME_ARP) {
		add_arp(&f->arp, to, cap);
		return to;
	}
	if (f->kind == FRAME_OTHER) {
		add(to, cap, "ethertype %04x len %zu", f->eth_type, f->data_len);
		return to;
	}
	add_ip(to, cap, f->ip.src);
	add(to, cap, ">");
	add_ip(to, cap, f->ip.dst);
	if (f->kind == FRAME_TCP)
		add_tcp(f, to, cap);
	else if (f->kind == FRAME_UDP)
		add(to, cap, ":%u>%u udp len %zu", f->udp.src_port, f->udp.dst_port, f->data_len);
	else if (f->kind == FRAME_ICMP)
		add(to, cap, " icmp type %u code %u rest %08x len %zu", f->icmp.type, f->icmp.code,
			f->icmp.rest, f->data_len);
	else
		add(to, cap, " proto %u len %zu", f->ip.proto, f->data_len);
	add_ip_parts(f, to, cap);
	return to;
}
