/*
 * route.h - where to send: the longest prefix, and the source address to send from.
 */
#ifndef CATNET_ROUTE_H
#define CATNET_ROUTE_H

#include "../base/addr.h"

struct ifc;
struct stack;

struct route {
	struct ifc *ifc;      /* lo's when it stays inside */
	struct addr next_hop; /* the gateway, or the destination itself */
};

int route_setup(struct stack *s);

/* 0, or -ENETUNREACH. A route whose gateway does not answer yields to another of the same
 * prefix (RFC 1122 3.3.1.4). */
int route_lookup(struct stack *s, const struct addr *dst, struct route *out);

/* GATEWAY does not answer, or answers again. */
void route_gateway_is(struct stack *s, const struct addr *gateway, bool dead);

/* IFC goes, and its routes with it. */
void route_forget_ifc(struct stack *s, struct ifc *ifc);

#endif
