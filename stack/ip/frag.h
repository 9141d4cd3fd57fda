/*
 * frag.h - fragments put together, and datagrams cut, within limits.
 */
#ifndef CATNET_FRAG_H
#define CATNET_FRAG_H

#include "ip.h"

struct ifc;
struct stack;

/* Where a fragment belongs and what of it this is. */
struct frag_info {
	uint32_t id;
	uint32_t off; /* of its payload in the datagram's */
	bool more;
};

int frag_setup(struct stack *s);

/*
 * Add a fragment, its header off (INFO->hdr_len of it still in front). Takes P. The whole
 * datagram, header off, when this completed it: INFO is then the first fragment's with the
 * whole length; NULL when it was held or dropped (RFC 791, 815; overlaps end the datagram,
 * RFC 8200 4.5; the timer runs from the first arrival).
 */
struct pkt *frag_input(
	struct stack *s, struct ip_info *info, const struct frag_info *frag, struct pkt *p);

/* Cut P, which begins with its IPv4 header and is longer than MTU, and give the fragments to
 * EMIT in order; takes P. */
void frag_cut4(struct stack *s, struct ifc *ifc, const uint8_t mac[6], struct pkt *p,
	void (*emit)(struct stack *s, struct ifc *ifc, const uint8_t mac[6], struct pkt *frag));

/* IFC goes: forget what came in by it. */
void frag_forget_ifc(struct stack *s, const struct ifc *ifc);

void frag_check(const struct stack *s);

#endif
