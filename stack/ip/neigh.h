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

struct ifc;
struct stack;

int neigh_setup(struct stack *s);

/* Send P (from its IP header on) to NEXT_HOP on IFC, now or when it has answered; takes P.
 * 0; -EHOSTUNREACH when it is known not to answer; -ENOBUFS when no entry can be made. */
int neigh_output(struct stack *s, struct ifc *ifc, const struct addr *next_hop, struct pkt *p);

/* Why we believe that a MAC speaks for an address, from little to much. */
enum neigh_news {
	NEIGH_SEEN,     /* in passing: refreshes what is known, makes no entry */
	NEIGH_TOLD,     /* spoke to us: makes an entry */
	NEIGH_ANSWERED, /* answered us: proof of reachability, if we had asked */
};

/* MAC, which must be a station's, speaks for A. */
void neigh_heard(struct stack *s, struct ifc *ifc, const struct addr *a, const uint8_t mac[6],
	enum neigh_news news);

/* The transport heard by way of A, or never does: RFC 4861 7.3.1, RFC 1122 3.3.1.4. */
void neigh_confirm(struct stack *s, const struct addr *a);
void neigh_doubt(struct stack *s, const struct addr *a);

/* Is there any entry whose state a confirmation could change? */
bool neigh_any_in_doubt(const struct stack *s);

/* A packet of ours whose next hop did not answer, from its IP header on; NULL when there is
 * none left. The caller frees it. */
struct pkt *neigh_take_failed(struct stack *s);

/* IFC goes: forget its neighbours, what waits has failed. */
void neigh_forget_ifc(struct stack *s, struct ifc *ifc);

/* The administrator's entries: net.h says how. */
int neigh_add(struct stack *s, struct ifc *ifc, const struct addr *a, const uint8_t mac[6]);
int neigh_del(struct stack *s, const struct addr *a);
void neigh_flush(struct stack *s);

/* What a reader may know of an entry. */
struct neigh_view {
	struct addr addr;
	const struct ifc *ifc;
	uint8_t mac[6];
	bool has_mac;
	const char *state;
	uint32_t waiting; /* packets */
};

/* The I-th; false past the last. */
bool neigh_view_at(const struct stack *s, unsigned i, struct neigh_view *out);

void neigh_check(const struct stack *s);

#endif
