/*
 * link.h - what the stack asks of a device that carries Ethernet frames.
 */
#ifndef CATNET_LINK_H
#define CATNET_LINK_H

#include "base/base.h"

struct pkt;

/* What send may leave to the device. Without a bit the stack does that work itself. */
enum link_offer {
	LINK_CSUM = 1, /* PKT_CSUM_FILL */
	LINK_TSO4 = 2, /* PKT_SEG_TCP over IPv4 */
	LINK_TSO6 = 4, /* PKT_SEG_TCP over IPv6 */
	LINK_USO = 8,  /* PKT_SEG_UDP */
};

struct link {
	const char *name;
	uint8_t mac[6]; /* our own on this link */
	uint16_t mtu;   /* of IP, without the Ethernet header */
	uint8_t offers; /* enum link_offer */
	/*
	 * Takes the packet, head and counted slices, and frees it when it has gone (or could not
	 * go: a wire loses things): 0, or -errno when the device refused it. -EAGAIN alone leaves
	 * it with the caller until stack_writable. Never calls into the stack.
	 */
	int (*send)(struct link *link, struct pkt *p);
};

#endif
