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
	IFC_ADDR_PROBING, /* RFC 5227 2.1: answers nothing, sends nothing but probes */
	IFC_ADDR_USED,
	IFC_ADDR_CONFLICT, /* somebody else has it: not used */
};

struct ifc_addr {
	struct addr addr;
	unsigned bits; /* of the on-link prefix, in 128-bit form */
	enum ifc_addr_state state;
	struct ifc *ifc;     /* NULL: this slot is free */
	struct timer timer;  /* next probe or announcement */
	uint8_t probes;      /* sent so far */
	uint8_t to_announce; /* announcements still to be sent */
	usec_t defended_us;  /* RFC 5227 2.4: when we last defended it; USEC_NEVER */
};

struct ifc {
	struct link *link; /* NULL: lo, or detached */
	struct stack *stack;
	const char *name;
	uint8_t mac[6];
	uint16_t mtu;       /* in force */
	uint16_t mtu_asked; /* the administrator's, who wants no more than that; 0: none */
	bool is_down;       /* so its device says */
	uint8_t offers;
	uint8_t index;           /* its number, as users see it */
	uint32_t serial;         /* which of all that there have been; lo: 0 */
	struct pkt *queue_first; /* refused with -EAGAIN, in order */
	struct pkt *queue_last;
	uint32_t queue_n;
	uint64_t frames_in, frames_out, bytes_in, bytes_out;
	uint64_t errors_in, errors_out; /* frames lost between the device and us, and before it */
};

/* lo stands behind the first device, wherever there are more. */
#define IFC_LO_NUMBER 1

/* So that number and serial fit into 32 bits. */
#define IFC_SERIAL_MAX 0xffffffu

int ifc_setup(struct stack *s);

/* The least number that no device has, and that is none of the bits TAKEN; -ENOSPC. */
int ifc_free_number(const struct stack *s, uint32_t taken);

/* Give up the interface, its queue and its addresses, whose timers are stopped. What other
 * rooms know of it must be forgotten before. */
void ifc_detach(struct stack *s, struct ifc *ifc);

/* The I-th interface with a device; NULL past the last. */
struct ifc *ifc_at(const struct stack *s, unsigned i);

/* Hand a finished frame to the device, after software offload where it has none (offload.c);
 * takes P. */
void ifc_send(struct stack *s, struct ifc *ifc, struct pkt *p);

/* A free slot for A on IFC, its timer initialised with FIRE; NULL when all are taken. */
struct ifc_addr *ifc_addr_new(
	struct stack *s, struct ifc *ifc, const struct addr *a, unsigned bits, timer_fire *fire);

/* Stop its timer and free the slot. */
void ifc_addr_free(struct stack *s, struct ifc_addr *own);

/* The address A of ours in whatever state; NULL. */
struct ifc_addr *ifc_addr_find(const struct stack *s, const struct addr *a);

/* The I-th address of all, free slots included; NULL past the last. */
struct ifc_addr *ifc_addr_at(const struct stack *s, unsigned i);

/* The usable address of IFC (NULL: of any) whose prefix is the longest that holds A; NULL. */
struct ifc_addr *ifc_addr_on_link(
	const struct stack *s, const struct ifc *ifc, const struct addr *a);

/* The same, but any usable address of its family on IFC rather than none. */
struct ifc_addr *ifc_addr_towards(
	const struct stack *s, const struct ifc *ifc, const struct addr *a);

/* All ones behind the prefix of A; addr_any where there is none, as of a prefix of 31 or 32 bits
 * (RFC 3021 2.2). */
struct addr ifc_broadcast_of(const struct addr *a, unsigned bits);

/* Is A the broadcast address of a prefix in use on IFC (NULL: on any)? */
bool ifc_is_broadcast(const struct stack *s, const struct ifc *ifc, const struct addr *a);

void ifc_check(const struct stack *s);

#endif
