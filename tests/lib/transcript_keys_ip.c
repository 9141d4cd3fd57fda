#include "transcript_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool len_set(struct keys *k, char **a)
{
	long long value;

	if (!tr_number(k->t, a[0], &value))
		return false;
	if (value < 0 || value > 65535) {
		k->why = "len out of range";
		return false;
	}
	k->f->data_len = (size_t)value;
	k->has_len = true;
	k->wants_pattern = true;
	return true;
}

static bool len_match(struct keys *k, char **a)
{
	k->has_len = true;
	return keys_match_range(k, "len", a[0], (long long)k->f->data_len);
}

static bool text_set(struct keys *k, char **a)
{
	k->f->data_len = strlen(a[0] + 1);
	memcpy(k->data, a[0] + 1, k->f->data_len);
	k->has_len = true;
	if (k->flow)
		k->flow->in_is_text = true;
	return true;
}

static bool text_match(struct keys *k, char **a)
{
	size_t len = strlen(a[0] + 1);

	k->has_len = true;
	k->wants_pattern = false;
	if (len != k->f->data_len)
		return keys_differ(k, "text, by its length", a[0], (long long)k->f->data_len);
	if (memcmp(k->f->data, a[0] + 1, len) == 0)
		return true;
	k->why = "text differs";
	return false;
}

static bool hex_set(struct keys *k, char **a)
{
	k->has_len = true;
	return keys_hex(k, a[0], k->data, FRAME_MAX, &k->f->data_len);
}

static bool ipopt_set(struct keys *k, char **a)
{
	size_t len;

	if (!keys_hex(k, a[0], k->f->ip.options, sizeof(k->f->ip.options), &len))
		return false;
	k->f->ip.options_len = (uint8_t)len;
	return true;
}

static bool ipopt_match(struct keys *k, char **a)
{
	uint8_t want[40];
	size_t len;

	if (!keys_hex(k, a[0], want, sizeof(want), &len))
		return false;
	if (len == k->f->ip.options_len && memcmp(want, k->f->ip.options, len) == 0)
		return true;
	k->why = "IP options differ";
	return false;
}

static bool df_set(struct keys *k, char **a)
{
	(void)a;
	k->f->ip.df = true;
	return true;
}

static bool df_match(struct keys *k, char **a)
{
	(void)a;
	k->why = "DF is not set";
	return k->f->ip.df;
}

static bool nodf_set(struct keys *k, char **a)
{
	(void)a;
	k->f->ip.df = false;
	return true;
}

static bool nodf_match(struct keys *k, char **a)
{
	(void)a;
	k->why = "DF is set";
	return !k->f->ip.df;
}

static bool mf_set(struct keys *k, char **a)
{
	(void)a;
	k->f->ip.mf = true;
	return true;
}

static bool mf_match(struct keys *k, char **a)
{
	(void)a;
	k->why = "MF is not set";
	return k->f->ip.mf;
}

static bool nomf_match(struct keys *k, char **a)
{
	(void)a;
	k->why = "MF is set";
	return !k->f->ip.mf;
}

static bool address(struct keys *k, const char *word, uint32_t *out)
{
	return frame_ip4_from(word, out) || tr_fail(k->t, "not an address: %s", word);
}

static bool match_address(struct keys *k, const char *what, const char *word, uint32_t found)
{
	uint32_t want;
	char text[16];

	if (!address(k, word, &want))
		return false;
	if (want == found)
		return true;
	k->why = what;
	(void)snprintf(k->expected, sizeof(k->expected), "%s", word);
	(void)snprintf(
		k->found, sizeof(k->found), "%s", frame_ip4_words(found, text, sizeof(text)));
	return false;
}

static bool src_set(struct keys *k, char **a)
{
	if (!address(k, a[0], &k->f->ip.src))
		return false;
	return true;
}

static bool src_match(struct keys *k, char **a)
{
	return match_address(k, "src", a[0], k->f->ip.src);
}

static bool dst_set(struct keys *k, char **a)
{
	return address(k, a[0], &k->f->ip.dst);
}

static bool dst_match(struct keys *k, char **a)
{
	return match_address(k, "dst", a[0], k->f->ip.dst);
}

static bool spa_set(struct keys *k, char **a)
{
	return address(k, a[0], &k->f->arp.sender);
}

static bool spa_match(struct keys *k, char **a)
{
	return match_address(k, "spa", a[0], k->f->arp.sender);
}

static bool tpa_set(struct keys *k, char **a)
{
	return address(k, a[0], &k->f->arp.target);
}

static bool tpa_match(struct keys *k, char **a)
{
	return match_address(k, "tpa", a[0], k->f->arp.target);
}

/* "broadcast", "ours", "of ADDRESS" in one word ("of:10.0.0.9"), or six bytes. */
static bool mac_of(struct keys *k, const char *word, uint8_t mac[6])
{
	uint32_t ip;

	if (strcmp(word, "broadcast") == 0) {
		memset(mac, 255, 6);
		return true;
	}
	if (strcmp(word, "zero") == 0) {
		memset(mac, 0, 6);
		return true;
	}
	if (strcmp(word, "ours") == 0) {
		memcpy(mac, box_mac(k->t->box), 6);
		return true;
	}
	if (strncmp(word, "of:", 3) == 0 && frame_ip4_from(word + 3, &ip)) {
		box_station(ip, mac);
		return true;
	}
	return frame_mac_from(word, mac) || tr_fail(k->t, "not a MAC address: %s", word);
}

static bool match_mac(struct keys *k, const char *what, const char *word, const uint8_t found[6])
{
	uint8_t want[6];

	if (!mac_of(k, word, want))
		return false;
	if (memcmp(want, found, 6) == 0)
		return true;
	k->why = what;
	(void)snprintf(k->expected, sizeof(k->expected), "%s", word);
	(void)snprintf(k->found, sizeof(k->found), "%02x:%02x:%02x:%02x:%02x:%02x", found[0],
		found[1], found[2], found[3], found[4], found[5]);
	return false;
}

static bool ethdst_set(struct keys *k, char **a)
{
	return mac_of(k, a[0], k->f->eth_dst);
}

static bool ethdst_match(struct keys *k, char **a)
{
	return match_mac(k, "ethdst", a[0], k->f->eth_dst);
}

static bool ethsrc_set(struct keys *k, char **a)
{
	return mac_of(k, a[0], k->f->eth_src);
}

static bool sha_set(struct keys *k, char **a)
{
	return mac_of(k, a[0], k->f->arp.sender_mac);
}

static bool sha_match(struct keys *k, char **a)
{
	return match_mac(k, "sha", a[0], k->f->arp.sender_mac);
}

static bool tha_set(struct keys *k, char **a)
{
	return mac_of(k, a[0], k->f->arp.target_mac);
}

static bool tha_match(struct keys *k, char **a)
{
	return match_mac(k, "tha", a[0], k->f->arp.target_mac);
}

static bool badsum_set(struct keys *k, char **a)
{
	(void)a;
	k->f->lies.sum_add = 1;
	return true;
}

static bool badipsum_set(struct keys *k, char **a)
{
	(void)a;
	k->f->lies.ip_sum_add = 1;
	return true;
}

static bool nosum_set(struct keys *k, char **a)
{
	(void)a;
	k->f->lies.no_udp_sum = true;
	return true;
}

static bool from_set(struct keys *k, char **a)
{
	return tr_endpoint(k->t, a[0], &k->f->ip.src, &k->f->udp.src_port);
}

static bool to_set(struct keys *k, char **a)
{
	return tr_endpoint(k->t, a[0], &k->f->ip.dst, &k->f->udp.dst_port);
}

static bool from_match(struct keys *k, char **a)
{
	uint32_t ip = k->f->ip.src;
	uint16_t port = k->f->udp.src_port;

	k->why = "from";
	return tr_endpoint(k->t, a[0], &ip, &port) && ip == k->f->ip.src &&
		port == k->f->udp.src_port;
}

static bool to_match(struct keys *k, char **a)
{
	uint32_t ip = k->f->ip.dst;
	uint16_t port = k->f->udp.dst_port;

	k->why = "to";
	return tr_endpoint(k->t, a[0], &ip, &port) && ip == k->f->ip.dst &&
		port == k->f->udp.dst_port;
}

static bool half_set(struct keys *k, const char *word, int shift)
{
	long long value;

	if (!tr_number(k->t, word, &value))
		return false;
	k->f->icmp.rest &= ~(0xffffu << shift);
	k->f->icmp.rest |= ((uint32_t)value & 0xffff) << shift;
	return true;
}

static bool echo_id_set(struct keys *k, char **a)
{
	return half_set(k, a[0], 16);
}

static bool echo_id_match(struct keys *k, char **a)
{
	return keys_match_range(k, "id", a[0], k->f->icmp.rest >> 16);
}

static bool echo_seq_set(struct keys *k, char **a)
{
	return half_set(k, a[0], 0);
}

static bool echo_seq_match(struct keys *k, char **a)
{
	return keys_match_range(k, "seq", a[0], k->f->icmp.rest & 0xffff);
}

/* Quote the first 28 bytes of IP of a saved frame, as routers of old do. */
static bool quote_set(struct keys *k, char **a)
{
	struct saved *s = tr_saved(k->t, a[0]);
	size_t hdr_len;

	if (!s || s->len < FRAME_ETH_LEN + 28)
		return tr_fail(k->t, "no frame is called %s", a[0]);
	hdr_len = (s->bytes[FRAME_ETH_LEN] & 15u) * 4u;
	k->f->data_len = hdr_len + 8;
	if (s->len < FRAME_ETH_LEN + k->f->data_len)
		k->f->data_len = s->len - FRAME_ETH_LEN;
	memcpy(k->data, s->bytes + FRAME_ETH_LEN, k->f->data_len);
	k->has_len = true;
	return true;
}

/* Change the sequence number in what is quoted; relative to the flow's. */
static bool quoteseq_set(struct keys *k, char **a)
{
	long long value;

	if (!tr_number(k->t, a[0], &value))
		return false;
	frame_put32(k->data + 24, (uint32_t)(value + k->flow->iss));
	return true;
}

static bool quotecut_set(struct keys *k, char **a)
{
	long long value;

	if (!tr_number(k->t, a[0], &value))
		return false;
	k->f->data_len = (size_t)value;
	return true;
}

/* What is quoted is what the tester sent: its source, destination and protocol. */
static bool quotes_match(struct keys *k, char **a)
{
	long long proto;

	k->has_len = true;
	k->wants_pattern = false;
	if (!tr_number(k->t, a[0], &proto))
		return false;
	k->why = "the quoted protocol";
	return k->f->data_len >= 28 && k->f->data[9] == proto;
}

const struct keys_row keys_ip_rows[] = {
	{ "len", KEYS_ANY, 1, len_set, len_match },
	{ "text", KEYS_ANY, 1, text_set, text_match },
	{ "hex", KEYS_ANY, 1, hex_set, NULL },
	{ "ipopt", KEYS_IPS, 1, ipopt_set, ipopt_match },
	{ "df", KEYS_IPS, 0, df_set, df_match },
	{ "nodf", KEYS_IPS, 0, nodf_set, nodf_match },
	{ "mf", KEYS_IPS, 0, mf_set, mf_match },
	{ "nomf", KEYS_IPS, 0, NULL, nomf_match },
	{ "src", KEYS_IPS, 1, src_set, src_match },
	{ "dst", KEYS_IPS, 1, dst_set, dst_match },
	{ "spa", KEYS_ARP, 1, spa_set, spa_match },
	{ "tpa", KEYS_ARP, 1, tpa_set, tpa_match },
	{ "sha", KEYS_ARP, 1, sha_set, sha_match },
	{ "tha", KEYS_ARP, 1, tha_set, tha_match },
	{ "ethdst", KEYS_ANY, 1, ethdst_set, ethdst_match },
	{ "ethsrc", KEYS_ANY, 1, ethsrc_set, NULL },
	{ "badsum", KEYS_IPS, 0, badsum_set, NULL },
	{ "badipsum", KEYS_IPS, 0, badipsum_set, NULL },
	{ "nosum", KEYS_UDP, 0, nosum_set, NULL },
	{ "from", KEYS_IPS, 1, from_set, from_match },
	{ "to", KEYS_IPS, 1, to_set, to_match },
	{ "id", KEYS_ICMP, 1, echo_id_set, echo_id_match },
	{ "seq", KEYS_ICMP, 1, echo_seq_set, echo_seq_match },
	{ "quote", KEYS_ICMP, 1, quote_set, NULL },
	{ "quoteseq", KEYS_ICMP, 1, quoteseq_set, NULL },
	{ "quotecut", KEYS_ICMP, 1, quotecut_set, NULL },
	{ "quotes", KEYS_ICMP, 1, NULL, quotes_match },
	{ NULL, 0, 0, NULL, NULL },
};
