/* udp_groups.c - see udp_groups.h. */
#include "udp_groups.h"

#include "../base/text.h"
#include "../describe.h"
#include "../ip/igmp.h"
#include "../ip/ip.h"
#include "../link/group.h"
#include "../link/ifc.h"
#include "../link/lo.h"

#include <string.h>

#define LOOPBACK 0x7f000001u

struct udp_member {
	struct udp_member *next; /* of the same conversation */
	struct list all;
	struct udp_conv *u;
	struct ifc *ifc;
	struct addr group;
};

struct udp {
	struct pool pool;
	struct list all;
};

int udp_groups_setup(struct stack *s)
{
	s->udp = arena_take(&s->arena, sizeof(*s->udp), _Alignof(struct udp));
	if (!s->udp)
		return -ENOMEM;
	list_init(&s->udp->all);
	return pool_init(&s->udp->pool, &s->arena, sizeof(struct udp_member), LIMIT_UDP_MEMBERS);
}

/* --- who is in ------------------------------------------------------------------------------ */

/* Where the membership stands in U's chain, or the chain's end. */
static struct udp_member **find(struct udp_conv *u, const struct ifc *ifc, const struct addr *group)
{
	struct udp_member **at = &u->members;

	while (*at && ((*at)->ifc != ifc || !addr_equal(&(*at)->group, group)))
		at = &(*at)->next;
	return at;
}

bool udp_is_member(const struct udp_conv *u, const struct ifc *ifc, const struct addr *group)
{
	for (const struct udp_member *m = u->members; m; m = m->next) {
		if (m->ifc == ifc && addr_equal(&m->group, group))
			return true;
	}
	return group_is_admins(u->conv.stack, ifc, group);
}

bool udp_is_of_group(const struct udp_conv *u)
{
	return u->conv.stage == CONV_ANNOUNCED && addr_is_multicast(&u->conv.tuple.local.addr);
}

int udp_group_source(const struct udp_conv *u, const struct addr *group, struct addr *out)
{
	struct stack *s = u->conv.stack;

	for (const struct udp_member *m = u->members; m; m = m->next) {
		const struct ifc_addr *own = ifc_addr_towards(s, m->ifc, group);

		if (!addr_equal(&m->group, group))
			continue;
		if (!own && m->ifc != lo_ifc(s))
			return -EADDRNOTAVAIL;
		*out = own ? own->addr : addr_from_v4(LOOPBACK);
		return 0;
	}
	return ip_source(s, group, out);
}

/* --- joining and leaving -------------------------------------------------------------------- */

static uint32_t memberships_of(const struct stack *s, uint32_t uid)
{
	uint32_t n = 0;

	LIST_EACH(at, &s->udp->all)
	{
		n += CONTAINER_OF(at, struct udp_member, all)->u->conv.owner.uid == uid;
	}
	return n;
}

static int join(struct udp_conv *u, struct ifc *ifc, const struct addr *group)
{
	struct stack *s = u->conv.stack;
	uint32_t uid = u->conv.owner.uid;
	struct udp_member *m;
	int err;

	if (*find(u, ifc, group))
		return 0;
	if (u->members_n == LIMIT_UDP_GROUPS)
		return -ENOBUFS;
	if (uid != 0 && memberships_of(s, uid) >= LIMIT_UDP_MEMBERS_UID)
		return -EDQUOT;
	m = pool_get(&s->udp->pool);
	if (!m)
		return -ENOBUFS;
	err = igmp_join(s, ifc, group);
	if (err < 0) {
		pool_put(&s->udp->pool, m);
		return err;
	}
	m->u = u;
	m->ifc = ifc;
	m->group = *group;
	m->next = NULL;
	*find(u, ifc, group) = m;
	list_init(&m->all);
	list_append(&s->udp->all, &m->all);
	u->members_n++;
	return 0;
}

/* The membership that stands at AT ends; the interface's is another matter. */
static void forget(struct udp_member **at)
{
	struct udp_member *m = *at;
	struct stack *s = m->u->conv.stack;

	*at = m->next;
	m->u->members_n--;
	list_remove(&m->all);
	pool_put(&s->udp->pool, m);
}

static int leave(struct udp_conv *u, struct ifc *ifc, const struct addr *group)
{
	struct udp_member **at = find(u, ifc, group);

	if (!*at)
		return -EADDRNOTAVAIL;
	forget(at);
	igmp_leave(u->conv.stack, ifc, group);
	return 0;
}

void udp_leave_all(struct udp_conv *u)
{
	while (u->members) {
		struct udp_member m = *u->members;

		(void)leave(u, m.ifc, &m.group);
	}
}

/* It was in its groups by a device that is gone, and by no other. */
static void end_cut_off(struct conv *c)
{
	if (c->holds > 0)
		conv_fail(c, -EIO);
	else
		conv_hangup(c);
}

void udp_forget_ifc(struct stack *s, struct ifc *ifc)
{
	LIST_EACH(at, &s->udp->all)
	{
		struct udp_member *m = CONTAINER_OF(at, struct udp_member, all);
		struct udp_conv *u = m->u;

		if (m->ifc != ifc)
			continue;
		forget(find(u, ifc, &m->group));
		if (udp_is_of_group(u) && !u->members)
			end_cut_off(&u->conv);
	}
}

/* --- the verbs ------------------------------------------------------------------------------ */

/* The interface with this address of ours in use; `*`: the one that GROUP is reached by. */
static int take_ifc(struct udp_conv *u, char **argv, const struct addr *group, struct ifc **out,
	struct text *why)
{
	struct stack *s = u->conv.stack;
	const struct ifc_addr *own;
	struct addr a;
	int err = 0;

	if (strcmp(argv[1], "*") == 0)
		err = ip_source(s, group, &a);
	else if (addr_parse(&a, argv[1], strlen(argv[1])) < 0)
		err = -EINVAL;
	if (err == -EINVAL)
		text_printf(why, "%s: expected an address of ours, got \"%s\"", argv[0], argv[1]);
	if (err < 0)
		return err;
	*out = lo_ifc(s);
	if (addr_is_loopback(&a) && addr_is_v4(&a))
		return 0;
	own = ifc_addr_find(s, &a);
	if (!own || own->state != IFC_ADDR_USED)
		return -EADDRNOTAVAIL;
	*out = own->ifc;
	return 0;
}

/* The word behind the interface, or the group that U is announced on. */
static int take_group(
	const struct udp_conv *u, int argc, char **argv, struct addr *out, struct text *why)
{
	if (argc == 3 && addr_parse(out, argv[2], strlen(argv[2])) == 0 && addr_is_v4(out) &&
		addr_is_multicast(out))
		return 0;
	if (argc == 2 && udp_is_of_group(u)) {
		*out = u->conv.tuple.local.addr;
		return 0;
	}
	if (argc == 3)
		text_printf(why, "%s: expected a group, 224.0.0.0 to 239.255.255.255, got \"%s\"",
			argv[0], argv[2]);
	else
		text_printf(why, "%s: expected IFADDR GROUP", argv[0]);
	return -EINVAL;
}

int udp_group_verb(struct udp_conv *u, int argc, char **argv, struct text *why)
{
	struct ifc *ifc;
	struct addr group;
	int err;

	if (u->conv.stage != CONV_IDLE && u->conv.stage != CONV_ANNOUNCED) {
		text_printf(why, "%s: connected, it hears its peer alone; announce [GROUP!]PORT",
			argv[0]);
		return -EISCONN;
	}
	err = take_group(u, argc, argv, &group, why);
	if (err == 0)
		err = take_ifc(u, argv, &group, &ifc, why);
	if (err < 0)
		return err;
	if (strcmp(argv[0], "addmulti") == 0)
		return join(u, ifc, &group);
	err = leave(u, ifc, &group);
	if (err < 0)
		text_printf(why, "%s: it is not in this group there", argv[0]);
	return err;
}

/* --- telling -------------------------------------------------------------------------------- */

void udp_groups_describe(const struct udp_conv *u, struct describer *d)
{
	char words[ADDR_TEXT_MAX];

	d->open_list(d, "groups");
	for (const struct udp_member *m = u->members; m; m = m->next) {
		d->open(d, NULL);
		addr_format(&m->group, words);
		d->text(d, "group", words);
		d->number(d, "interface", m->ifc->index);
		d->close(d);
	}
	d->close(d);
}

void udp_groups_check(const struct stack *s)
{
	uint32_t n = 0;

	pool_check(&s->udp->pool);
	LIST_EACH(at, &s->udp->all)
	{
		const struct udp_member *m = CONTAINER_OF(at, struct udp_member, all);

		ASSERT(group_is_joined(s, m->ifc, &m->group));
		ASSERT(*find(m->u, m->ifc, &m->group) == m);
		ASSERT(m->u->members_n <= LIMIT_UDP_GROUPS);
		n++;
	}
	ASSERT(n == s->udp->pool.out);
}
