/* net_ifc.c - see net.h. Interfaces and their addresses, as users see them. */
#include "base/text.h"
#include "describe.h"
#include "ip/igmp.h"
#include "link/group.h"
#include "link/ifc.h"
#include "link/lo.h"
#include "net.h"
#include "stack_private.h"

#define LO_ADDR 0x7f000001u
#define LO_BITS 104

/* Of an address's lifetime in milliseconds: for ever, as 9front prints it, or over. */
#define FOR_EVER "4294967295"
#define IS_OVER  "0"

_Static_assert(NET_LO == IFC_LO_NUMBER, "one number");

/* --- which there are ------------------------------------------------------------------------ */

struct ifc *net_ifc(const struct stack *s, unsigned i)
{
	return ifc_at(s, i);
}

const char *net_ifc_name(const struct ifc *ifc)
{
	return ifc->name;
}

unsigned net_ifc_number(const struct ifc *ifc)
{
	return ifc->index;
}

uint32_t net_ifc_serial(const struct ifc *ifc)
{
	return ifc->serial;
}

int net_ifc_free_number(const struct stack *s, uint32_t taken)
{
	return ifc_free_number(s, taken);
}

struct ifc *net_ifc_towards(const struct stack *s, const struct addr *a)
{
	const struct ifc_addr *near = ifc_addr_on_link(s, NULL, a);

	return near ? near->ifc : ifc_at(s, 0);
}

bool net_ifc_is_lo(const struct ifc *ifc)
{
	return ifc == lo_ifc(ifc->stack);
}

/* Devices are in the order of their numbers, and lo stands somewhere between them. */
struct ifc *net_ifc_from(const struct stack *s, unsigned from)
{
	struct ifc *found = from <= NET_LO ? lo_ifc(s) : NULL;
	struct ifc *ifc;

	for (unsigned i = 0; (ifc = ifc_at(s, i)); i++) {
		if (ifc->index >= from && (!found || ifc->index < found->index))
			found = ifc;
	}
	return found;
}

/* --- their MTU -------------------------------------------------------------------------- */

unsigned net_ifc_mtu_min(void)
{
	return LIMIT_MTU_MIN;
}

unsigned net_ifc_mtu_max(const struct ifc *ifc)
{
	if (!ifc->link)
		return ifc->mtu;
	return max_u32(min_u32(ifc->link->mtu, LIMIT_MTU_MAX), LIMIT_MTU_MIN);
}

static void tell_convs(struct stack *s)
{
	for (unsigned i = 0; i < s->convs_n; i++) {
		const struct proto_convs *of = &s->convs[i];

		if (!of->proto->mtu_changed)
			continue;
		LIST_EACH(at, &of->all)
		{
			of->proto->mtu_changed(CONTAINER_OF(at, struct conv, all));
		}
	}
}

static void set_mtu(struct stack *s, struct ifc *ifc, unsigned mtu)
{
	if (ifc->mtu == mtu)
		return;
	ifc->mtu = (uint16_t)mtu;
	tell_convs(s);
}

void stack_link_changed(struct stack *s, struct ifc *ifc, bool is_up)
{
	unsigned mtu = net_ifc_mtu_max(ifc);

	ASSERT(ifc->link);
	ifc->is_down = !is_up;
	if (ifc->mtu_asked)
		mtu = min_u32(mtu, ifc->mtu_asked);
	set_mtu(s, ifc, mtu);
}

int net_ifc_set_mtu(struct stack *s, struct ifc *ifc, unsigned mtu)
{
	if (!ifc->link || mtu < LIMIT_MTU_MIN || mtu > net_ifc_mtu_max(ifc))
		return -EINVAL;
	ifc->mtu_asked = (uint16_t)mtu;
	set_mtu(s, ifc, mtu);
	return 0;
}

/* --- their addresses ---------------------------------------------------------------------- */

static const char *state_name(enum ifc_addr_state state)
{
	switch (state) {
	case IFC_ADDR_PROBING:
		return "probing";
	case IFC_ADDR_USED:
		return "used";
	case IFC_ADDR_CONFLICT:
		return "conflict";
	}
	ASSERT(false);
	return "";
}

static void fill_in(
	struct net_addr *out, const struct addr *a, unsigned bits, enum ifc_addr_state state)
{
	*out = (struct net_addr){ .addr = *a,
		.bits = bits,
		.network = addr_masked(a, bits),
		.broadcast = ifc_broadcast_of(a, bits),
		.state = state_name(state),
		.is_used = state == IFC_ADDR_USED };
}

bool net_addr_at(const struct ifc *ifc, unsigned i, struct net_addr *out)
{
	const struct ifc_addr *own;

	if (net_ifc_is_lo(ifc)) {
		const struct addr a = addr_from_v4(LO_ADDR);

		fill_in(out, &a, LO_BITS, IFC_ADDR_USED);
		out->broadcast = addr_any; /* all of 127/8 is ours, one by one */
		return i == 0;
	}
	for (unsigned slot = 0; (own = ifc_addr_at(ifc->stack, slot)); slot++) {
		if (own->ifc != ifc || i-- != 0)
			continue;
		fill_in(out, &own->addr, own->bits, own->state);
		return true;
	}
	return false;
}

/* --- their groups ----------------------------------------------------------------------- */

int net_group_add(struct stack *s, struct ifc *ifc, const struct addr *group)
{
	int err;

	if (!ifc->link || !addr_is_v4(group) || !addr_is_multicast(group))
		return -EINVAL;
	if (group_is_admins(s, ifc, group))
		return 0;
	err = igmp_join(s, ifc, group);
	if (err == 0)
		group_find(s, ifc, group)->has_admin = true;
	return err;
}

int net_group_del(struct stack *s, struct ifc *ifc, const struct addr *group)
{
	if (!group_is_admins(s, ifc, group))
		return -EADDRNOTAVAIL;
	group_find(s, ifc, group)->has_admin = false;
	igmp_leave(s, ifc, group);
	return 0;
}

/* All hosts first, which every device listens to. */
bool net_group_at(const struct ifc *ifc, unsigned i, struct addr *out)
{
	const struct group *g;

	*out = addr_from_v4(GROUP_ALL_HOSTS);
	if (ifc->link && i-- == 0)
		return true;
	for (unsigned slot = 0; (g = group_at(ifc->stack, slot)); slot++) {
		if (g->ifc != ifc || g->members == 0 || addr_v4(&g->addr) == GROUP_ALL_HOSTS ||
			i-- != 0)
			continue;
		*out = g->addr;
		return true;
	}
	return false;
}

/* --- described ------------------------------------------------------------------------ */

static void tell_addr(struct describer *d, const char *name, const struct addr *a)
{
	char words[ADDR_TEXT_MAX];

	addr_format(a, words);
	d->text(d, name, words);
}

static void tell_mac(struct describer *d, const uint8_t mac[6])
{
	char words[18];
	struct text t = text_over(words, sizeof(words));

	for (unsigned i = 0; i < 6; i++)
		text_printf(&t, "%s%02x", i > 0 ? ":" : "", mac[i]);
	d->text(d, "mac", words);
}

static void describe_own(const struct net_addr *own, struct describer *d)
{
	d->open(d, NULL);
	tell_addr(d, "address", &own->addr);
	d->number(d, "prefix_bits", addr_is_v4(&own->addr) ? own->bits - 96 : own->bits);
	d->text(d, "state", own->state);
	d->close(d);
}

void net_describe_ifc(const struct ifc *ifc, struct describer *d)
{
	struct net_addr own;
	struct addr group;

	d->number(d, "number", ifc->index);
	d->text(d, "device", ifc->name);
	if (!net_ifc_is_lo(ifc))
		tell_mac(d, ifc->mac);
	d->truth(d, "up", !ifc->is_down);
	d->number(d, "mtu_bytes", ifc->mtu);
	d->truth(d, "offers_checksum", ifc->offers & LINK_CSUM);
	d->truth(d, "offers_tcp4_segmentation", ifc->offers & LINK_TSO4);
	d->truth(d, "offers_tcp6_segmentation", ifc->offers & LINK_TSO6);
	d->truth(d, "offers_udp_segmentation", ifc->offers & LINK_USO);
	d->number(d, "frames_in", ifc->frames_in);
	d->number(d, "frames_out", ifc->frames_out);
	d->number(d, "bytes_in", ifc->bytes_in);
	d->number(d, "bytes_out", ifc->bytes_out);
	d->number(d, "errors_in", ifc->errors_in);
	d->number(d, "errors_out", ifc->errors_out);
	d->number(d, "queued_frames", ifc->queue_n);
	d->open_list(d, "addresses");
	for (unsigned i = 0; net_addr_at(ifc, i, &own); i++)
		describe_own(&own, d);
	d->close(d);
	d->open_list(d, "groups");
	for (unsigned i = 0; net_group_at(ifc, i, &group); i++) {
		d->open(d, NULL);
		tell_addr(d, "group", &group);
		d->close(d);
	}
	d->close(d);
}

/* --- as 9front prints it -------------------------------------------------------------- */

/* Its own words, and those of IPv6 routers, which we are none: they say so by nought. */
static void device_line(const struct ifc *ifc, struct text *line)
{
	text_printf(line,
		"device %s maxtu %u sendra 0 recvra 0 mflag 0 oflag 0 maxraint 0 minraint 0 "
		"linkmtu 0 reachtime 0 rxmitra 0 ttl 64 routerlt 0",
		ifc->name, (unsigned)ifc->mtu);
	text_printf(line, " pktin %llu pktout %llu errin %llu errout %llu speed 0 delay 0",
		(unsigned long long)ifc->frames_in, (unsigned long long)ifc->frames_out,
		(unsigned long long)ifc->errors_in, (unsigned long long)ifc->errors_out);
}

/* Address, mask in 128-bit form, network, valid and preferred lifetime; and our own, the state. */
static void address_line(const struct net_addr *own, struct text *line)
{
	const char *lifetime = own->is_used ? FOR_EVER : IS_OVER;
	char addr[ADDR_TEXT_MAX];
	char network[ADDR_TEXT_MAX];

	addr_format(&own->addr, addr);
	addr_format(&own->network, network);
	text_printf(line, "\t%-40s /%-9u %-40s %-12s %-12s %s", addr, own->bits, network, lifetime,
		lifetime, own->state);
}

bool net_ifc_line(const struct ifc *ifc, unsigned i, struct text *line)
{
	struct net_addr own;

	if (i == 0) {
		device_line(ifc, line);
		return true;
	}
	if (!net_addr_at(ifc, i - 1, &own))
		return false;
	address_line(&own, line);
	return true;
}

/* --- ipselftab ------------------------------------------------------------------------ */

/* Of one interface, and more: addresses, each with a broadcast address, and groups. */
#define SELVES_MAX 1024u

_Static_assert(2 * LIMIT_ADDRS + LIMIT_GROUPS + 1 < SELVES_MAX, "each has a place of its own");

struct self {
	struct addr addr;
	char kind; /* as 9front: u for one host, b for everybody, m for a group */
	unsigned ifcs;
};

static bool listens_to(const struct ifc *ifc, const struct addr *group)
{
	if (addr_v4(group) == GROUP_ALL_HOSTS)
		return ifc->link != NULL;
	return group_is_joined(ifc->stack, ifc, group);
}

/* Does an interface before IFC listen to GROUP too? And on how many is it listened to? */
static bool is_listed(const struct ifc *ifc, const struct addr *group, unsigned *ifcs)
{
	bool seen = false;

	*ifcs = 0;
	for (const struct ifc *at = net_ifc_from(ifc->stack, 0); at;
		at = net_ifc_from(ifc->stack, at->index + 1u)) {
		if (!listens_to(at, group))
			continue;
		++*ifcs;
		seen = seen || at->index < ifc->index;
	}
	return seen;
}

/* The I-th of IFC's own: its addresses, and the broadcast addresses of their prefixes. */
static bool own_self_at(const struct ifc *ifc, unsigned *i, struct self *out)
{
	struct net_addr own;

	for (unsigned k = 0; net_addr_at(ifc, k, &own); k++) {
		if (!own.is_used)
			continue;
		*out = (struct self){ .addr = own.addr, .kind = 'u', .ifcs = 1 };
		if ((*i)-- == 0)
			return true;
		if (addr_is_any(&own.broadcast))
			continue;
		*out = (struct self){ .addr = own.broadcast, .kind = 'b', .ifcs = 1 };
		if ((*i)-- == 0)
			return true;
	}
	return false;
}

/* The K-th of all; false past the last. */
static bool self_at(const struct ifc *ifc, unsigned k, struct self *out)
{
	if (own_self_at(ifc, &k, out))
		return true;
	*out = (struct self){ .kind = 'm' };
	return net_group_at(ifc, k, &out->addr);
}

/* Address, on how many interfaces, type. */
static void self_line(const struct self *self, struct text *line)
{
	char words[ADDR_TEXT_MAX];

	addr_format(&self->addr, words);
	text_printf(line, "%-44s %02u %c%c", words, self->ifcs, addr_is_v4(&self->addr) ? '4' : '6',
		self->kind);
}

bool net_self_line(const struct stack *s, unsigned *at, struct text *line)
{
	unsigned k = *at % SELVES_MAX;
	struct self self;

	for (const struct ifc *ifc = net_ifc_from(s, *at / SELVES_MAX); ifc;
		ifc = net_ifc_from(s, ifc->index + 1u)) {
		if (ifc->index != *at / SELVES_MAX)
			k = 0;
		while (self_at(ifc, k++, &self)) {
			if (self.kind == 'm' && is_listed(ifc, &self.addr, &self.ifcs))
				continue;
			*at = ifc->index * SELVES_MAX + k;
			self_line(&self, line);
			return true;
		}
	}
	return false;
}
