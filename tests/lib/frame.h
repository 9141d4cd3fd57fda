/*
 * frame.h - frames in words: what a test sends, and what it saw, built and parsed by code that
 * shares nothing with the stack it judges.
 *
 * One struct serves both ways. frame_build writes it down as bytes, filling in every length and
 * checksum truthfully unless a lie is asked for; frame_parse reads bytes back into it and says
 * what is wrong with them. IPv4 addresses and all numbers are in host order.
 */
#ifndef TESTS_FRAME_H
#define TESTS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX      (65535 + 14 + 64)
#define FRAME_ETH_LEN  14
#define FRAME_ARP_LEN  28
#define FRAME_TRUTH    (-1)
#define FRAME_SACK_MAX 4

#define FRAME_TYPE_ARP 0x0806
#define FRAME_TYPE_IP4 0x0800

enum frame_kind {
	FRAME_OTHER, /* neither ARP nor IPv4 */
	FRAME_ARP,
	FRAME_IP, /* IPv4, and no whole transport header that we know */
	FRAME_TCP,
	FRAME_UDP,
	FRAME_ICMP,
};

enum frame_flag {
	FRAME_FIN = 1,
	FRAME_SYN = 2,
	FRAME_RST = 4,
	FRAME_PSH = 8,
	FRAME_ACK = 16,
	FRAME_URG = 32,
	FRAME_ECE = 64,
	FRAME_CWR = 128,
};

struct frame_arp {
	uint16_t hw, proto, op;
	uint8_t hw_len, proto_len;
	uint8_t sender_mac[6], target_mac[6];
	uint32_t sender, target;
};

struct frame_ip {
	uint8_t tos, ttl, proto;
	uint16_t id, off; /* off counts bytes */
	bool df, mf;
	uint32_t src, dst;
	uint8_t options[40];
	uint8_t options_len;
};

/* A TCP header; its options in words, in the order MSS, WS, SACK-permitted, TS, then raw. */
struct frame_tcp {
	uint16_t src_port, dst_port, window, urgent;
	uint32_t seq, ack;
	uint8_t flags;
	bool has_mss, has_ws, has_ts, has_sack_ok;
	uint16_t mss;
	uint8_t ws;
	uint32_t ts_val, ts_ecr;
	uint8_t raw[40]; /* building: appended as they are */
	uint8_t raw_len;
	uint8_t hdr_len;      /* parsing: the whole header */
	bool has_bad_options; /* parsing: how much is read of them is the reader's choice */
};

struct frame_udp {
	uint16_t src_port, dst_port;
};

struct frame_icmp {
	uint8_t type, code;
	uint32_t rest; /* the second word: id and seq, or what an error says there */
};

/* What a built frame shall say instead of the truth; FRAME_TRUTH for the truth. */
struct frame_lies {
	int ip_version, ip_hdr_words, ip_total_len;
	int tcp_words, udp_len;
	int ip_sum_add, sum_add; /* added to the right checksum; 0 is the truth */
	bool no_udp_sum;
	int cut; /* bytes of the frame that are left */
	int pad; /* bytes of rubbish after it; 0 is none */
};

struct frame {
	enum frame_kind kind;
	uint8_t eth_dst[6], eth_src[6];
	uint16_t eth_type;
	struct frame_arp arp;
	struct frame_ip ip;
	struct frame_tcp tcp;
	struct frame_udp udp;
	struct frame_icmp icmp;
	const uint8_t *data; /* behind the innermost header; not owned */
	size_t data_len;
	const uint8_t *ip_at; /* parsing: the IP packet as it lies in the frame */
	size_t ip_len;
	bool is_whole; /* parsing: TCP with header and checksum right, whatever its options */
	struct frame_lies lies;
};

/* An empty frame of KIND that lies about nothing: TTL 64, DF, window 65535. */
void frame_init(struct frame *f, enum frame_kind kind);

/* F as bytes at TO, which has room for FRAME_MAX; how many. */
size_t frame_build(const struct frame *f, uint8_t *to);

/* BYTES in words, which go on pointing into them; NULL, or what is malformed about them (every
 * length, every checksum, the form of every option). */
const char *frame_parse(struct frame *f, const uint8_t *bytes, size_t len);

/* F in one line for people. At most CAP bytes with the NUL; returns TO. */
char *frame_words(const struct frame *f, char *to, size_t cap);

/* The names of FLAGS joined by commas, "-" for none; and back, false for an unknown name. */
char *frame_flag_words(uint8_t flags, char *to, size_t cap);
bool frame_flags_from(const char *words, uint8_t *flags);

/* RFC 1071 over LEN bytes, started at SUM, folded and complemented. */
uint16_t frame_sum(const uint8_t *bytes, size_t len, uint32_t sum);

uint16_t frame_get16(const uint8_t *at);
uint32_t frame_get32(const uint8_t *at);
void frame_put16(uint8_t *at, uint32_t value);
void frame_put32(uint8_t *at, uint32_t value);

/* The checksum of a transport header and what follows, with its pseudo-header. */
uint16_t frame_pseudo_sum(
	uint32_t src, uint32_t dst, uint8_t proto, const uint8_t *bytes, size_t len);

/* "10.0.0.1" and "02:00:0a:00:00:01" both ways; the parsers give false for anything else. */
bool frame_ip4_from(const char *words, uint32_t *out);
bool frame_mac_from(const char *words, uint8_t out[6]);
char *frame_ip4_words(uint32_t ip, char *to, size_t cap);

#endif
