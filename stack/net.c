/* net.c - see net.h. The administrator's calls, and what they show of ip/. */
#include "net.h"

#include "base/text.h"
#include "describe.h"
#include "ip/acd.h"
#include "ip/frag.h"
#include "ip/igmp.h"
#include "ip/ip4.h"
#include "ip/neigh.h"
#include "ip/route.h"
#include "link/ifc.h"
#include "stack_private.h"

#include <string.h>

#define MAC_TEXT_LEN 12 /* 9front writes no colons */

/* --- interfaces ------------------------------------------------------------------------- */

void stack_detach(struct stack *s, struct ifc *ifc)
{
	ASSERT(ifc->link);
	neigh_forget_ifc(s, ifc);
	route_forget_ifc(s, ifc);
	frag_forget_ifc(s, ifc);
	for (unsigned i = 0; i < s->convs_n; i++) {
		if (s->convs[i].proto->forget_ifc)
			s->convs[i].proto->forget_ifc(s, ifc);
	}
	igmp_forget_ifc(s, ifc);
	ifc_detach(s, ifc);
}

/* --- addresses ----------------------------------------------------------------------------- */

/* IPv4 alone for now: an IPv6 address needs neighbour discovery behind it. */
static int check_own_addr(struct ifc *ifc, const struct addr *a, unsigned bits)
{
	uint32_t host_part;

	if (!addr_is_v4(a))
		return -EAFNOSUPPORT;
	if (!ifc->link || !ip4_is_host(a) || bits < 97 || bits > 128)
		return -EINVAL;
	if (bits > 126)
		return 0;
	/* The first and the last of a prefix are the prefix itself and everybody in it. */
	host_part = addr_v4(a) & (UINT32_MAX >> (bits - 96));
	return host_part == 0 || host_part == UINT32_MAX >> (bits - 96) ? -EINVAL : 0;
}

/* Everybody's address in one prefix of ours cannot be our own in another: what is sent to it could
 * mean either. On whatever link, for addresses are looked up without one. */
static bool is_everybodys(const struct stack *s, const struct addr *a, unsigned bits)
{
	const struct addr all = ifc_broadcast_of(a, bits);
	const struct ifc_addr *own;

	for (unsigned i = 0; (own = ifc_addr_at(s, i)); i++) {
		struct addr theirs = ifc_broadcast_of(&own->addr, own->bits);

		if (own->ifc && (addr_equal(&theirs, a) || addr_equal(&own->addr, &all)))
			return true;
	}
	return false;
}

int net_addr_add(
	struct stack *s, struct ifc *ifc, const struct addr *a, unsigned bits, unsigned flags)
{
	int err = check_own_addr(ifc, a, bits);

	if (err < 0)
		return err;
	if (ifc_addr_find(s, a))
		return -EEXIST;
	if (is_everybodys(s, a, bits))
		return -EADDRINUSE;
	return acd_start(s, ifc, a, bits, !(flags & NET_ADDR_UNPROBED));
}

/* What speaks from A is over, while its last word can still be sent. Each is looked at once, and
 * goes to the end: one that ends may take others with it. */
static void end_those_at(struct proto_convs *of, const struct addr *a)
{
	for (uint32_t n = of->pool.out; n > 0 && !list_is_empty(&of->all); n--) {
		struct conv *c = CONTAINER_OF(of->all.next, struct conv, all);

		list_remove(&c->all);
		list_append(&of->all, &c->all);
		if (!addr_equal(&c->tuple.local.addr, a))
			continue;
		if (c->holds > 0)
			conv_fail(c, -EADDRNOTAVAIL);
		else
			conv_hangup(c);
	}
}

int net_addr_del(struct stack *s, struct ifc *ifc, const struct addr *a)
{
	struct ifc_addr *own = ifc_addr_find(s, a);

	if (!own || own->ifc != ifc)
		return -EADDRNOTAVAIL;
	for (unsigned i = 0; i < s->convs_n; i++)
		end_those_at(&s->convs[i], a);
	ifc_addr_free(s, own);
	return 0;
}

int net_addr_state(const struct stack *s, const struct addr *a)
{
	const struct ifc_addr *own = ifc_addr_find(s, a);

	if (!own)
		return addr_is_loopback(a) && addr_is_v4(a) ? 0 : -EADDRNOTAVAIL;
	switch (own->state) {
	case IFC_ADDR_PROBING:
		return -EAGAIN;
	case IFC_ADDR_CONFLICT:
		return -EADDRINUSE;
	case IFC_ADDR_USED:
		return 0;
	}
	ASSERT(false);
	return 0;
}

/* --- routes ----------------------------------------------------------------------------------- */

static int check_route(const struct stack *s, const struct addr *dst, unsigned bits,
	const struct addr *gateway, const struct ifc *ifc)
{
	if (!addr_is_v4(dst) || bits < 96)
		return -EAFNOSUPPORT;
	if (bits > 128 || (ifc && !ifc->link))
		return -EINVAL;
	if (addr_is_any(gateway))
		return 0;
	return ip4_is_host(gateway) && !ifc_addr_find(s, gateway) ? 0 : -EINVAL;
}

_Static_assert(NET_TAG_MAX == ROUTE_TAG_MAX, "one length");

static int tag_from(char to[ROUTE_TAG_MAX], const char *tag)
{
	size_t len = strlen(tag);

	if (len == 0 || len > ROUTE_TAG_MAX)
		return -EINVAL;
	memset(to, 0, ROUTE_TAG_MAX);
	memcpy(to, tag, len);
	return 0;
}

int net_route_add_tagged(struct stack *s, const struct addr *dst, unsigned bits,
	const struct addr *gateway, struct ifc *ifc, const char *tag)
{
	char padded[ROUTE_TAG_MAX];
	int err = tag_from(padded, tag);

	if (err == 0)
		err = check_route(s, dst, bits, gateway, ifc);
	return err < 0 ? err : route_add(s, dst, bits, gateway, ifc, padded);
}

int net_route_add(struct stack *s, const struct addr *dst, unsigned bits,
	const struct addr *gateway, struct ifc *ifc)
{
	return net_route_add_tagged(s, dst, bits, gateway, ifc, "none");
}

int net_route_del(struct stack *s, const struct addr *dst, unsigned bits)
{
	return net_route_del_by(s, dst, bits, NULL);
}

int net_route_del_by(
	struct stack *s, const struct addr *dst, unsigned bits, const struct addr *gateway)
{
	return bits > 128 ? -ENOENT : route_del(s, dst, bits, gateway);
}

void net_route_flush(struct stack *s)
{
	route_flush(s, NULL);
}

int net_route_flush_tagged(struct stack *s, const char *tag)
{
	char padded[ROUTE_TAG_MAX];
	int err = tag_from(padded, tag);

	if (err == 0)
		route_flush(s, padded);
	return err;
}

/* --- neighbours ----------------------------------------------------------------------- */

int net_neigh_add(struct stack *s, struct ifc *ifc, const struct addr *a, const uint8_t mac[6])
{
	static const uint8_t none[6];

	if (!addr_is_v4(a))
		return -EAFNOSUPPORT;
	if (!ifc->link || !ip4_is_host(a) || (mac[0] & 1) || memcmp(mac, none, 6) == 0)
		return -EINVAL;
	return neigh_add(s, ifc, a, mac);
}

int net_neigh_del(struct stack *s, const struct addr *a)
{
	return neigh_del(s, a);
}

void net_neigh_flush(struct stack *s)
{
	neigh_flush(s);
}

/* --- described ------------------------------------------------------------------------ */

static void put_mac(struct text *t, const uint8_t mac[6], const char *between)
{
	for (unsigned i = 0; i < 6; i++)
		text_printf(t, "%s%02x", i > 0 ? between : "", mac[i]);
}

static void tell_addr(struct describer *d, const char *name, const struct addr *a)
{
	char words[ADDR_TEXT_MAX];

	addr_format(a, words);
	d->text(d, name, words);
}

/* Prefix lengths as the family counts them. */
static uint64_t bits_of(const struct addr *a, unsigned bits)
{
	return addr_is_v4(a) ? bits - 96 : bits;
}

static void tell_mac(struct describer *d, const uint8_t mac[6])
{
	char words[18];
	struct text t = text_over(words, sizeof(words));

	put_mac(&t, mac, ":");
	d->text(d, "mac", words);
}

static const char *kind_of(const struct route_view *v)
{
	if (v->is_redirect)
		return "redirect";
	return v->is_address ? "on-link" : "configured";
}

void net_describe_routes(const struct stack *s, struct describer *d)
{
	struct route_view v;

	for (unsigned i = 0; route_view_at(s, i, &v); i++) {
		d->open(d, NULL);
		tell_addr(d, "destination", &v.dst);
		d->number(d, "prefix_bits", bits_of(&v.dst, v.bits));
		if (!addr_is_any(&v.gateway))
			tell_addr(d, "gateway", &v.gateway);
		d->text(d, "device", v.ifc->name);
		d->text(d, "kind", kind_of(&v));
		d->truth(d, "dead", v.is_dead);
		d->close(d);
	}
}

void net_describe_neighbours(const struct stack *s, struct describer *d)
{
	struct neigh_view v;

	for (unsigned i = 0; neigh_view_at(s, i, &v); i++) {
		d->open(d, NULL);
		tell_addr(d, "address", &v.addr);
		d->text(d, "device", v.ifc->name);
		if (v.has_mac)
			tell_mac(d, v.mac);
		d->text(d, "state", v.state);
		d->number(d, "waiting_packets", v.waiting);
		d->close(d);
	}
}

/* --- as 9front prints it -------------------------------------------------------------- */

/* Address, mask in 128-bit form, gateway, type, tag, interface; and from where, which is anywhere:
 * no route of ours asks. */
bool net_route_line(const struct stack *s, unsigned i, struct text *line)
{
	char dst[ADDR_TEXT_MAX];
	char gateway[ADDR_TEXT_MAX];
	struct route_view v;
	struct addr via;
	bool is_v4;

	if (!route_view_at(s, i, &v))
		return false;
	is_v4 = addr_is_v4(&v.dst);
	via = addr_is_any(&v.gateway) ? v.dst : v.gateway;
	addr_format(&v.dst, dst);
	addr_format(&via, gateway);
	text_printf(line, "%-15s /%-3u %-15s %c%-3s %-4.4s %3u %-15s /%u", dst, v.bits, gateway,
		is_v4 ? '4' : '6', addr_is_any(&v.gateway) ? "i" : "", v.tag, v.ifc->index,
		is_v4 ? "0.0.0.0" : "::", is_v4 ? 96 : 0);
	return true;
}

/* Medium, state, address, MAC, and the address of ours that speaks with it. */
bool net_neigh_line(const struct stack *s, unsigned i, struct text *line)
{
	char addr[ADDR_TEXT_MAX];
	char ours[ADDR_TEXT_MAX] = "";
	char mac[MAC_TEXT_LEN + 1] = "";
	struct text t = text_over(mac, sizeof(mac));
	const struct ifc_addr *own;
	struct neigh_view v;

	if (!neigh_view_at(s, i, &v))
		return false;
	addr_format(&v.addr, addr);
	if (v.has_mac)
		put_mac(&t, v.mac, "");
	own = ifc_addr_towards(s, v.ifc, &v.addr);
	if (own)
		addr_format(&own->addr, ours);
	text_printf(line, "%-6s %-4s %-40s %-16s %s", "ether", v.has_mac ? "OK" : "WAIT", addr, mac,
		ours);
	return true;
}
