/*
 * arp_msg.h - an ARP message of IPv4 over Ethernet (RFC 826), parsed.
 */
#ifndef CATNET_ARP_MSG_H
#define CATNET_ARP_MSG_H

#include "../base/addr.h"

#define ARP_LEN 28

enum arp_op { ARP_REQUEST = 1, ARP_REPLY = 2 };

struct arp_msg {
	uint16_t op; /* enum arp_op, or what else was said */
	uint8_t sender_mac[6];
	uint8_t target_mac[6];
	struct addr sender; /* 0.0.0.0: a probe (RFC 5227 2.1.1) */
	struct addr target;
};

/* 0; -EBADMSG when LEN is too short, -EPROTONOSUPPORT when it is of other kinds of addresses. */
int arp_parse(struct arp_msg *out, const uint8_t *at, size_t len);

/* ARP_LEN bytes to TO. */
void arp_build(uint8_t *to, const struct arp_msg *m);

#endif
