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
	bool is_dead;         /* the gateway did not answer lately, and there is no better one */
};

int route_setup(struct stack *s);

/*
 * The way to DST, which is none of our own addresses, by the longest prefix; by IFC alone when it
 * is not NULL. 0, or -ENETUNREACH. A route whose gateway does not answer yields to another of
 * the same prefix (RFC 1122 3.3.1.4); a redirect goes before any route.
 */
int route_lookup(struct stack *s, const struct ifc *ifc, const struct addr *dst, struct route *out);

/* GATEWAY does not answer, or answers again. */
void route_gateway_is(struct stack *s, const struct addr *gateway, bool dead);

/* Packets to DST alone are to go by GATEWAY from now on, for a while. */
void route_redirect(
	struct stack *s, const struct addr *dst, struct ifc *ifc, const struct addr *gateway);

/* The transport hears nothing from DST by the present gateway: let DST go by the next one of the
 * same prefix, if there is one (RFC 1122 3.3.1.4). */
void route_avoid(struct stack *s, const struct addr *dst);

/* Who set a route, as the administrator calls him: up to four bytes, padded with zeros. */
#define ROUTE_TAG_MAX 4

/* The administrator's calls: net.h says how. A NULL GATEWAY stands for each of a prefix, a NULL
 * tag for all of them and for what redirects said. */
int route_add(struct stack *s, const struct addr *dst, unsigned bits, const struct addr *gateway,
	struct ifc *ifc, const char tag[ROUTE_TAG_MAX]);
int route_del(struct stack *s, const struct addr *dst, unsigned bits, const struct addr *gateway);
void route_flush(struct stack *s, const char tag[ROUTE_TAG_MAX]);

/* What a reader may know of a route. */
struct route_view {
	struct addr dst;
	unsigned bits;
	struct addr gateway; /* addr_any: on-link */
	const struct ifc *ifc;
	bool is_dead;     /* passed over while another gateway answers */
	bool is_redirect; /* learnt; else configured, or the prefix of an address */
	bool is_address;
	char tag[ROUTE_TAG_MAX];
};

/* The I-th: what was learnt, what was configured, what lies on-link; false past the last. */
bool route_view_at(const struct stack *s, unsigned i, struct route_view *out);

void route_check(const struct stack *s);

/* IFC goes, and its routes with it. */
void route_forget_ifc(struct stack *s, struct ifc *ifc);

#endif
