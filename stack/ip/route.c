/* route.c - see route.h. */
#include "route.h"

#include "../link/ifc.h"
#include "../stack_private.h"

#include <string.h>

/* How long a gateway that did not answer is passed over, and how long a destination keeps to
 * another gateway than its route's. RFC 1122 3.3.1.4 asks that neither be for ever. */
#define GATEWAY_DEAD_US (120 * USEC_PER_SEC)
#define REDIRECT_US     (600 * USEC_PER_SEC)

struct row {
	struct addr dst;
	unsigned bits;
	struct addr gateway; /* addr_any: on-link */
	struct ifc *ifc;
	usec_t dead_until_us; /* its gateway did not answer; 0: it may */
	char tag[ROUTE_TAG_MAX];
};

struct redirect {
	struct addr dst;
	struct addr gateway;
	struct ifc *ifc; /* NULL: free */
	usec_t until_us;
};

/* What is not the administrator's is told apart by these. */
static const char redirect_tag[ROUTE_TAG_MAX] = { 'r', 'd', 'r' };
static const char address_tag[ROUTE_TAG_MAX] = { 'i', 'f', 'c' };

struct routes {
	struct row rows[LIMIT_ROUTES]; /* longest prefix first; equal ones side by side, as added */
	uint32_t n;
	uint32_t redirects_n; /* slots in use, timed out ones included */
	struct redirect redirects[LIMIT_REDIRECTS];
};

int route_setup(struct stack *s)
{
	s->routes = arena_take(&s->arena, sizeof(*s->routes), _Alignof(struct routes));
	return s->routes ? 0 : -ENOMEM;
}

/* --- redirects -------------------------------------------------------------------------- */

/* The one place where a redirect for DST may lie: a newer one takes it over. */
static struct redirect *redirect_slot(const struct stack *s, const struct addr *dst)
{
	uint64_t hash = siphash(&s->secret, dst->b, sizeof(dst->b));

	return &s->routes->redirects[hash % LIMIT_REDIRECTS];
}

static const struct redirect *redirect_of(const struct stack *s, const struct addr *dst)
{
	const struct redirect *r;

	if (s->routes->redirects_n == 0)
		return NULL;
	r = redirect_slot(s, dst);
	return r->ifc && addr_equal(&r->dst, dst) && s->now_us < r->until_us ? r : NULL;
}

static void redirect_free(struct stack *s, struct redirect *r)
{
	r->ifc = NULL;
	s->routes->redirects_n--;
}

void route_redirect(
	struct stack *s, const struct addr *dst, struct ifc *ifc, const struct addr *gateway)
{
	struct redirect *r = redirect_slot(s, dst);

	if (!r->ifc)
		s->routes->redirects_n++;
	*r = (struct redirect){
		.dst = *dst, .gateway = *gateway, .ifc = ifc, .until_us = s->now_us + REDIRECT_US
	};
}

/* --- looking up --------------------------------------------------------------------------- */

static bool same_prefix(const struct row *a, const struct row *b)
{
	return a->bits == b->bits && addr_equal(&a->dst, &b->dst);
}

static bool serves(const struct row *row, const struct ifc *ifc)
{
	return !ifc || row->ifc == ifc;
}

static bool is_alive(const struct stack *s, const struct row *row)
{
	return s->now_us >= row->dead_until_us;
}

/* The first row of the longest prefix that holds DST; NULL. */
static const struct row *first_row(
	const struct stack *s, const struct ifc *ifc, const struct addr *dst)
{
	const struct routes *routes = s->routes;

	for (uint32_t i = 0; i < routes->n; i++) {
		const struct row *row = &routes->rows[i];

		if (serves(row, ifc) && addr_in_prefix(&row->dst, dst, row->bits))
			return row;
	}
	return NULL;
}

/* The first row of FIRST's prefix whose gateway answers; FIRST when none does: then it is as good
 * a try as any. */
static const struct row *alive_row(
	const struct stack *s, const struct ifc *ifc, const struct row *first)
{
	const struct row *end = s->routes->rows + s->routes->n;

	for (const struct row *row = first; row < end && same_prefix(row, first); row++) {
		if (serves(row, ifc) && is_alive(s, row))
			return row;
	}
	return first;
}

int route_lookup(struct stack *s, const struct ifc *ifc, const struct addr *dst, struct route *out)
{
	const struct ifc_addr *near = ifc_addr_on_link(s, ifc, dst);
	const struct row *row = first_row(s, ifc, dst);
	const struct redirect *r;

	if (near && (!row || near->bits >= row->bits)) {
		*out = (struct route){ .ifc = near->ifc, .next_hop = *dst };
		return 0;
	}
	if (!row)
		return -ENETUNREACH;
	row = alive_row(s, ifc, row);
	*out = (struct route){
		.ifc = row->ifc, .next_hop = row->gateway, .is_dead = !is_alive(s, row)
	};
	if (addr_is_any(&row->gateway)) {
		out->next_hop = *dst;
		return 0;
	}
	r = redirect_of(s, dst);
	if (r && r->ifc == row->ifc)
		out->next_hop = r->gateway;
	return 0;
}

/* --- gateways that do not answer ------------------------------------------------------------ */

void route_gateway_is(struct stack *s, const struct addr *gateway, bool dead)
{
	struct routes *routes = s->routes;

	for (uint32_t i = 0; i < routes->n; i++) {
		if (addr_equal(&routes->rows[i].gateway, gateway))
			routes->rows[i].dead_until_us = dead ? s->now_us + GATEWAY_DEAD_US : 0;
	}
	for (unsigned i = 0; dead && routes->redirects_n > 0 && i < LIMIT_REDIRECTS; i++) {
		struct redirect *r = &routes->redirects[i];

		if (r->ifc && addr_equal(&r->gateway, gateway))
			redirect_free(s, r);
	}
}

/* Of FIRST's prefix, the row behind that of GATEWAY, going round, whose gateway answers; NULL when
 * there is no other. */
static const struct row *row_after(
	const struct stack *s, const struct row *first, const struct addr *gateway)
{
	const struct row *end = s->routes->rows + s->routes->n;
	const struct row *before = NULL;
	bool passed = false;

	for (const struct row *row = first; row < end && same_prefix(row, first); row++) {
		if (addr_equal(&row->gateway, gateway))
			passed = true;
		else if (row->ifc != first->ifc || !is_alive(s, row) || addr_is_any(&row->gateway))
			continue;
		else if (passed)
			return row;
		else if (!before)
			before = row;
	}
	return before;
}

void route_avoid(struct stack *s, const struct addr *dst)
{
	const struct row *first = first_row(s, NULL, dst);
	const struct row *other;
	struct route now;

	if (!first || route_lookup(s, NULL, dst, &now) < 0 || addr_equal(&now.next_hop, dst))
		return;
	other = row_after(s, first, &now.next_hop);
	if (other)
		route_redirect(s, dst, other->ifc, &other->gateway);
}

/* --- the administrator ----------------------------------------------------------------------- */

/* The interface on whose link GATEWAY lies, by any address that is not lost: routes may be set
 * while addresses are still being probed. */
static struct ifc *ifc_towards(const struct stack *s, const struct addr *gateway)
{
	const struct ifc_addr *own;

	for (unsigned i = 0; (own = ifc_addr_at(s, i)); i++) {
		if (own->ifc && own->state != IFC_ADDR_CONFLICT &&
			addr_in_prefix(&own->addr, gateway, own->bits))
			return own->ifc;
	}
	return NULL;
}

/* Where a row for DST/BITS goes: behind all longer prefixes, smaller ones of the same length and
 * those of the same prefix. */
static uint32_t place_for(const struct routes *routes, const struct addr *dst, unsigned bits)
{
	uint32_t i = 0;

	while (i < routes->n &&
		(routes->rows[i].bits > bits ||
			(routes->rows[i].bits == bits &&
				addr_compare(&routes->rows[i].dst, dst) <= 0)))
		i++;
	return i;
}

static bool has_row(const struct routes *routes, const struct row *wanted)
{
	for (uint32_t i = 0; i < routes->n; i++) {
		const struct row *row = &routes->rows[i];

		if (same_prefix(row, wanted) && row->ifc == wanted->ifc &&
			addr_equal(&row->gateway, &wanted->gateway))
			return true;
	}
	return false;
}

int route_add(struct stack *s, const struct addr *dst, unsigned bits, const struct addr *gateway,
	struct ifc *ifc, const char tag[ROUTE_TAG_MAX])
{
	struct routes *routes = s->routes;
	struct row row = { .dst = addr_masked(dst, bits), .bits = bits, .gateway = *gateway };
	uint32_t at;

	memcpy(row.tag, tag, ROUTE_TAG_MAX);
	/* One form of "none", whichever family it was written in. */
	if (addr_is_any(gateway))
		row.gateway = addr_any;
	row.ifc = ifc ? ifc : addr_is_any(gateway) ? NULL : ifc_towards(s, gateway);
	if (!row.ifc)
		return addr_is_any(gateway) ? -EINVAL : -ENETUNREACH;
	if (has_row(routes, &row))
		return -EEXIST;
	if (routes->n == LIMIT_ROUTES)
		return -ENOSPC;
	at = place_for(routes, &row.dst, bits);
	memmove(routes->rows + at + 1, routes->rows + at, (routes->n - at) * sizeof(row));
	routes->rows[at] = row;
	routes->n++;
	return 0;
}

static void remove_row(struct routes *routes, uint32_t i)
{
	routes->n--;
	memmove(routes->rows + i, routes->rows + i + 1, (routes->n - i) * sizeof(routes->rows[0]));
}

int route_del(struct stack *s, const struct addr *dst, unsigned bits, const struct addr *gateway)
{
	struct routes *routes = s->routes;
	struct row wanted = { .dst = addr_masked(dst, bits), .bits = bits };
	int err = -ENOENT;

	if (gateway && !addr_is_any(gateway))
		wanted.gateway = *gateway;
	for (uint32_t i = routes->n; i-- > 0;) {
		if (!same_prefix(&routes->rows[i], &wanted) ||
			(gateway && !addr_equal(&routes->rows[i].gateway, &wanted.gateway)))
			continue;
		remove_row(routes, i);
		err = 0;
	}
	return err;
}

void route_forget_ifc(struct stack *s, struct ifc *ifc)
{
	struct routes *routes = s->routes;

	for (uint32_t i = routes->n; i-- > 0;) {
		if (routes->rows[i].ifc == ifc)
			remove_row(routes, i);
	}
	for (unsigned i = 0; i < LIMIT_REDIRECTS; i++) {
		if (routes->redirects[i].ifc == ifc)
			redirect_free(s, &routes->redirects[i]);
	}
}

static void forget_redirects(struct stack *s)
{
	for (unsigned i = 0; i < LIMIT_REDIRECTS; i++) {
		if (s->routes->redirects[i].ifc)
			redirect_free(s, &s->routes->redirects[i]);
	}
}

void route_flush(struct stack *s, const char tag[ROUTE_TAG_MAX])
{
	struct routes *routes = s->routes;

	for (uint32_t i = routes->n; i-- > 0;) {
		if (!tag || memcmp(routes->rows[i].tag, tag, ROUTE_TAG_MAX) == 0)
			remove_row(routes, i);
	}
	if (!tag || memcmp(tag, redirect_tag, ROUTE_TAG_MAX) == 0)
		forget_redirects(s);
}

/* --- for readers ---------------------------------------------------------------------- */

static bool view_redirect(const struct stack *s, unsigned *i, struct route_view *out)
{
	for (unsigned slot = 0; slot < LIMIT_REDIRECTS; slot++) {
		const struct redirect *r = &s->routes->redirects[slot];

		if (!r->ifc || s->now_us >= r->until_us || (*i)-- != 0)
			continue;
		*out = (struct route_view){ .dst = r->dst,
			.bits = 128,
			.gateway = r->gateway,
			.ifc = r->ifc,
			.is_redirect = true };
		memcpy(out->tag, redirect_tag, ROUTE_TAG_MAX);
		return true;
	}
	return false;
}

static bool view_row(const struct stack *s, unsigned *i, struct route_view *out)
{
	const struct row *row = &s->routes->rows[*i];

	if (*i >= s->routes->n) {
		*i -= s->routes->n;
		return false;
	}
	*out = (struct route_view){ .dst = row->dst,
		.bits = row->bits,
		.gateway = row->gateway,
		.ifc = row->ifc,
		.is_dead = !is_alive(s, row) };
	memcpy(out->tag, row->tag, ROUTE_TAG_MAX);
	return true;
}

static bool view_on_link(const struct stack *s, unsigned i, struct route_view *out)
{
	const struct ifc_addr *own;

	for (unsigned slot = 0; (own = ifc_addr_at(s, slot)); slot++) {
		if (!own->ifc || own->state != IFC_ADDR_USED || i-- != 0)
			continue;
		*out = (struct route_view){ .dst = addr_masked(&own->addr, own->bits),
			.bits = own->bits,
			.gateway = addr_any,
			.ifc = own->ifc,
			.is_address = true };
		memcpy(out->tag, address_tag, ROUTE_TAG_MAX);
		return true;
	}
	return false;
}

bool route_view_at(const struct stack *s, unsigned i, struct route_view *out)
{
	return view_redirect(s, &i, out) || view_row(s, &i, out) || view_on_link(s, i, out);
}

void route_check(const struct stack *s)
{
	const struct routes *routes = s->routes;
	uint32_t redirects = 0;

	ASSERT(routes->n <= LIMIT_ROUTES);
	for (uint32_t i = 0; i < routes->n; i++) {
		const struct row *row = &routes->rows[i];

		ASSERT(row->ifc);
		ASSERT(row->bits <= 128);
		ASSERT(i == 0 || row->bits <= routes->rows[i - 1].bits);
	}
	for (unsigned i = 0; i < LIMIT_REDIRECTS; i++)
		redirects += routes->redirects[i].ifc != NULL;
	ASSERT(redirects == routes->redirects_n);
}
