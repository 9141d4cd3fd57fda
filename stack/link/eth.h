/*
 * eth.h - Ethernet: the header off what comes in, and in front of what goes out.
 */
#ifndef CATNET_ETH_H
#define CATNET_ETH_H

#include "../base/pkt.h"

struct ifc;
struct stack;

#define ETH_HDR_LEN 14

enum eth_type { ETH_IP4 = 0x0800, ETH_ARP = 0x0806, ETH_IP6 = 0x86dd };

struct eth_hdr {
	uint8_t dst[6];
	uint8_t src[6];
	uint16_t type;   /* under 0x600: an 802.3 length, which we do not speak */
	bool is_for_all; /* broadcast or multicast */
};

extern const uint8_t eth_broadcast[6];

/* Take the header off P. 0; -EBADMSG when it is short; -EHOSTUNREACH when it is for another
 * station or a group that IFC has not joined. Keeps P either way. */
int eth_strip(const struct ifc *ifc, struct pkt *p, struct eth_hdr *out);

/* Put a header in front of P and hand it to IFC's device; takes P. */
void eth_send(struct stack *s, struct ifc *ifc, const uint8_t dst[6], uint16_t type, struct pkt *p);

#endif
