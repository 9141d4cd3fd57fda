/*
 * The words of a frame line: each row can put a value into a frame in the making and compare
 * one that was sent.
 */
#include "transcript_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOFLAG     ((size_t)-1)
#define AT(member) offsetof(struct frame, member)

/* A number that is a member of struct frame, and the member that says it is there. */
struct field {
	const char *word;
	unsigned kinds;
	size_t at, size, flag;
};

static const struct field fields[] = {
	{ "win", KEYS_TCP, AT(tcp.window), 2, NOFLAG },
	{ "mss", KEYS_TCP, AT(tcp.mss), 2, AT(tcp.has_mss) },
	{ "ws", KEYS_TCP, AT(tcp.ws), 1, AT(tcp.has_ws) },
	{ "ttl", KEYS_IPS, AT(ip.ttl), 1, NOFLAG },
	{ "tos", KEYS_IPS, AT(ip.tos), 1, NOFLAG },
	{ "id", KEYS_IPS & ~KEYS_ICMP, AT(ip.id), 2, NOFLAG },
	{ "ipid", KEYS_IPS, AT(ip.id), 2, NOFLAG },
	{ "off", KEYS_IPS, AT(ip.off), 2, NOFLAG },
	{ "proto", KEYS_IPS, AT(ip.proto), 1, NOFLAG },
	{ "type", KEYS_ICMP, AT(icmp.type), 1, NOFLAG },
	{ "code", KEYS_ICMP, AT(icmp.code), 1, NOFLAG },
	{ "rest", KEYS_ICMP, AT(icmp.rest), 4, NOFLAG },
	{ "mtu", KEYS_ICMP, AT(icmp.rest), 4, NOFLAG },
	{ "op", KEYS_ARP, AT(arp.op), 2, NOFLAG },
	{ "hw", KEYS_ARP, AT(arp.hw), 2, NOFLAG },
	{ "pro", KEYS_ARP, AT(arp.proto), 2, NOFLAG },
	{ "hln", KEYS_ARP, AT(arp.hw_len), 1, NOFLAG },
	{ "pln", KEYS_ARP, AT(arp.proto_len), 1, NOFLAG },
	{ "ethertype", KEYS_ANY, AT(eth_type), 2, NOFLAG },
};

/* Lies are ints, and only for frames in the making. */
static const struct field lies[] = {
	{ "doff", KEYS_TCP, AT(lies.tcp_words), sizeof(int), NOFLAG },
	{ "ulen", KEYS_UDP, AT(lies.udp_len), sizeof(int), NOFLAG },
	{ "ver", KEYS_IPS, AT(lies.ip_version), sizeof(int), NOFLAG },
	{ "ihl", KEYS_IPS, AT(lies.ip_hdr_words), sizeof(int), NOFLAG },
	{ "totlen", KEYS_IPS, AT(lies.ip_total_len), sizeof(int), NOFLAG },
	{ "cut", KEYS_ANY, AT(lies.cut), sizeof(int), NOFLAG },
	{ "pad", KEYS_ANY, AT(lies.pad), sizeof(int), NOFLAG },
};

bool keys_differ(struct keys *k, const char *what, const char *expected, long long found)
{
	k->why = what;
	(void)snprintf(k->expected, sizeof(k->expected), "%s", expected);
	(void)snprintf(k->found, sizeof(k->found), "%lld", found);
	return false;
}

bool keys_match_range(struct keys *k, const char *what, const char *word, long long found)
{
	struct range r;

	if (strcmp(word, "*") == 0)
		return true;
	if (!tr_range(k->t, word, &r))
		return false;
	return (found >= r.lo && found <= r.hi) || keys_differ(k, what, word, found);
}

static void put_field(struct frame *f, const struct field *field, long long value)
{
	uint8_t *at = (uint8_t *)f + field->at;
	uint32_t v32 = (uint32_t)value;
	uint16_t v16 = (uint16_t)value;
	uint8_t v8 = (uint8_t)value;

	if (field->size == 4)
		memcpy(at, &v32, 4);
	else if (field->size == 2)
		memcpy(at, &v16, 2);
	else
		memcpy(at, &v8, 1);
	if (field->flag != NOFLAG)
		((uint8_t *)f)[field->flag] = 1;
}

static long long get_field(const struct frame *f, const struct field *field)
{
	const uint8_t *at = (const uint8_t *)f + field->at;
	uint32_t v32;
	uint16_t v16;

	if (field->size == 4) {
		memcpy(&v32, at, 4);
		return v32;
	}
	if (field->size == 2) {
		memcpy(&v16, at, 2);
		return v16;
	}
	return *at;
}

static const struct field *field_named(
	const struct field *table, size_t n, const char *word, enum frame_kind kind)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(table[i].word, word) == 0 && (table[i].kinds & BIT(kind)))
			return &table[i];
	return NULL;
}

bool keys_hex(struct keys *k, const char *word, uint8_t *to, size_t cap, size_t *len)
{
	unsigned byte;
	size_t n = 0;

	for (; word[0] && word[1]; word += 2) {
		if (n == cap || sscanf(word, "%2x", &byte) != 1) {
			k->why = "hex digits were expected";
			return false;
		}
		to[n++] = (uint8_t)byte;
	}
	*len = n;
	return true;
}

static const struct keys_row *row_in(
	const struct keys_row *rows, const char *word, enum frame_kind kind)
{
	for (; rows->word; rows++)
		if (strcmp(rows->word, word) == 0 && (rows->kinds & BIT(kind)))
			return rows;
	return NULL;
}

static const struct keys_row *row_named(const char *word, enum frame_kind kind)
{
	const struct keys_row *row = row_in(keys_tcp_rows, word, kind);

	return row ? row : row_in(keys_ip_rows, word, kind);
}

static bool unknown(struct keys *k, const char *word)
{
	return tr_fail(k->t, "this frame has no \"%s\", or it lacks its value", word);
}

static bool set_number(struct keys *k, const char *word, const char *value)
{
	const struct field *field = field_named(fields, ARRAY_LEN(fields), word, k->f->kind);
	const struct field *lie = field_named(lies, ARRAY_LEN(lies), word, k->f->kind);
	long long number;

	if ((!field && !lie) || !value)
		return unknown(k, word);
	if (!tr_number(k->t, value, &number))
		return false;
	if (field) {
		put_field(k->f, field, number);
	} else {
		int as_int = (int)number;

		memcpy((uint8_t *)k->f + lie->at, &as_int, sizeof(as_int));
	}
	return true;
}

bool tr_keys_set(struct keys *k, int n, char **words)
{
	int i = 0;

	while (i < n) {
		const struct keys_row *s = row_named(words[i], k->f->kind);

		if (s && s->set && i + s->args < n) {
			if (!s->set(k, words + i + 1))
				return false;
			i += 1 + s->args;
			continue;
		}
		if (!set_number(k, words[i], i + 1 < n ? words[i + 1] : NULL))
			return false;
		i += 2;
	}
	return true;
}

static bool match_number(struct keys *k, const char *word, const char *value)
{
	const struct field *field = field_named(fields, ARRAY_LEN(fields), word, k->f->kind);

	if (!field || !value)
		return unknown(k, word);
	if (field->flag != NOFLAG && !((const uint8_t *)k->f)[field->flag])
		return keys_differ(k, field->word, value, -1);
	return keys_match_range(k, field->word, value, get_field(k->f, field));
}

bool tr_keys_match(struct keys *k, int n, char **words)
{
	int i = 0;

	while (i < n) {
		const struct keys_row *s = row_named(words[i], k->f->kind);

		if (s && s->match && i + s->args < n) {
			if (!s->match(k, words + i + 1))
				return false;
			i += 1 + s->args;
			continue;
		}
		if (!match_number(k, words[i], i + 1 < n ? words[i + 1] : NULL))
			return false;
		i += 2;
	}
	return true;
}
