/*
 * ifc.h - interfaces, their addresses, and the queue before a stalled device.
 */
#ifndef CATNET_IFC_H
#define CATNET_IFC_H

#include "../base/addr.h"
#include "../base/pkt.h"
#include "../base/timer.h"
#include "../limits.h"
#include "../link.h"

struct stack;

enum ifc_addr_state {
	IFC_ADDR_PROBING,  /* RFC 5227 2.1: answers nothing, sends nothing but probes */
	IFC_ADDR_USED,
	IFC_ADDR_CONFLICT, /* somebody else has it: not used */
};

struct ifc_addr {
	struct addr addr;
	unsigned bits; /* of the on-link prefix, in 128-bit form */
	enum ifc_addr_state state;
	struct ifc *ifc; /* NULL: this slot is free */
	struct timer timer; /* next probe or announcement */
	uint8_t sent;	    /* probes, then announcements, so far */
	usec_t defended_us; /* RFC 5227 2.4: when we last defended it */
};

struct ifc {
	struct link *link; /* NULL: lo, or detached */
	struct stack *stack;
	const char *name;
	uint8_t mac[6];
	uint16_t mtu;
	uint8_t offers;
	uint8_t index;
	struct pkt *queue_first; /* refused with -EAGAIN, in order */
	struct pkt *queue_last;
	uint32_t queue_n;
	uint64_t frames_in, frames_out, bytes_in, bytes_out;
};

int ifc_setup(struct stack *s);

/* Hand a finished frame to the device, after software offload where it has none (offload.c);
 * takes P. */
void ifc_send(struct stack *s, struct ifc *ifc, struct pkt *p);

/* The address A of ours in whatever state; NULL. */
struct ifc_addr *ifc_addr_find(const struct stack *s, const struct addr *a);

/* The I-th address of all, free slots included; NULL past the last. */
struct ifc_addr *ifc_addr_at(const struct stack *s, unsigned i);

/* The first usable address of IFC whose prefix holds A, or any of it; NULL. */
struct ifc_addr *ifc_addr_towards(const struct stack *s, const struct ifc *ifc, const struct addr *a);

#endif
