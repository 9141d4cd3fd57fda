/*
 * udp_hdr.h - the UDP header (RFC 768), and the prefix of a datagram in `headers` mode.
 *
 * Numbers in, numbers out: knows no conversation and no packet.
 */
#ifndef CATNET_UDP_HDR_H
#define CATNET_UDP_HDR_H

#include "../base/addr.h"

#define UDP_HDR_LEN      8
#define UDP_CHECKSUM_OFF 6
#define UDP_PREFIX_LEN   52

struct udp_hdr {
	uint16_t src_port;
	uint16_t dst_port;
	uint16_t len;      /* header and payload */
	uint16_t checksum; /* 0: the sender made none */
};

/* The header of a datagram of which LEN bytes came. 0; -EBADMSG when there is no whole header;
 * -EMSGSIZE when its length is under 8 or over LEN. */
int udp_parse(struct udp_hdr *out, const uint8_t *bytes, size_t len);

/* UDP_HDR_LEN bytes at TO, the checksum's being HDR's. */
void udp_build(uint8_t *to, const struct udp_hdr *hdr);

/* What ip(3) puts before a datagram: remote, local and interface address, 16 bytes each, then
 * remote and local port, big-endian. */
struct udp_prefix {
	struct endpoint remote;
	struct endpoint local;
	struct addr interface;
};

/* 0, or -EINVAL when there are fewer than UDP_PREFIX_LEN bytes. */
int udp_prefix_parse(struct udp_prefix *out, const uint8_t *bytes, size_t len);
void udp_prefix_build(uint8_t *to, const struct udp_prefix *prefix);

#endif
