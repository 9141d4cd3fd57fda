/*
 * neigh.h - one cache of neighbours for both families, with RFC 4861 7.3.2's states.
 *
 * Packets wait here, a few each, while their next hop is asked for. When nobody answers they
 * are given back through neigh_take_failed, and the spine tells their senders.
 */
#ifndef CATNET_NEIGH_H
#define CATNET_NEIGH_H

#include "../base/addr.h"
#include "../base/pkt.h"
#include "../base/text.h"

struct describer;
struct ifc;
struct stack;

int neigh_setup(struct stack *s);

/* Send P (from its IP header on, of TYPE) to NEXT_HOP on IFC, now or when it has answered;
 * takes P. 0, or -EHOSTUNREACH when it is known not to answer. */
int neigh_output(
	struct stack *s, struct ifc *ifc, const struct addr *next_hop, uint16_t type, struct pkt *p);

/* MAC speaks for A: refresh what is known; make an entry only if CREATE. */
void neigh_heard(struct stack *s, struct ifc *ifc, const struct addr *a, const uint8_t mac[6],
	bool create);

/* The transport heard from A, or never does: RFC 4861 7.3.1, RFC 1122 3.3.1.4. */
void neigh_confirm(struct stack *s, const struct addr *a);
void neigh_doubt(struct stack *s, const struct addr *a);

/* A packet of ours whose next hop did not answer, from its IP header on; NULL when there is
 * none left. The caller frees it. */
struct pkt *neigh_take_failed(struct stack *s);

/* IFC goes: forget its neighbours, what waits has failed. */
void neigh_forget_ifc(struct stack *s, struct ifc *ifc);

void neigh_check(const struct stack *s);

#endif
