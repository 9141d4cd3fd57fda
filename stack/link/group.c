/* group.c - see group.h. */
#include "group.h"

#include "../base/wire.h"
#include "../stack_private.h"
#include "ifc.h"

#include <string.h>

struct groups {
	struct group slots[LIMIT_GROUPS];
	unsigned n; /* slots from here on are free */
};

int group_setup(struct stack *s)
{
	s->groups = arena_take(&s->arena, sizeof(*s->groups), _Alignof(struct groups));
	return s->groups ? 0 : -ENOMEM;
}

/* --- slots --------------------------------------------------------------------------------- */

struct group *group_at(const struct stack *s, unsigned i)
{
	return i < s->groups->n ? &s->groups->slots[i] : NULL;
}

struct group *group_find(const struct stack *s, const struct ifc *ifc, const struct addr *a)
{
	for (unsigned i = 0; i < s->groups->n; i++) {
		struct group *g = &s->groups->slots[i];

		if (g->ifc == ifc && addr_equal(&g->addr, a))
			return g;
	}
	return NULL;
}

/* A free slot, or that of a group which nobody is in any more. */
static struct group *vacancy(struct stack *s)
{
	struct groups *groups = s->groups;

	for (unsigned i = 0; i < LIMIT_GROUPS; i++) {
		if (!groups->slots[i].ifc)
			return &groups->slots[i];
	}
	for (unsigned i = 0; i < LIMIT_GROUPS; i++) {
		if (groups->slots[i].members > 0)
			continue;
		group_free(s, &groups->slots[i]);
		return &groups->slots[i];
	}
	return NULL;
}

struct group *group_new(struct stack *s, struct ifc *ifc, const struct addr *a, timer_fire *change,
	timer_fire *answer)
{
	struct group *g = vacancy(s);

	ASSERT(!group_find(s, ifc, a));
	if (!g)
		return NULL;
	*g = (struct group){ .addr = *a, .ifc = ifc };
	timer_init(&g->change, change);
	timer_init(&g->answer, answer);
	s->groups->n = max_u32(s->groups->n, (uint32_t)(g - s->groups->slots) + 1);
	return g;
}

void group_free(struct stack *s, struct group *g)
{
	struct groups *groups = s->groups;

	timer_stop(&s->timers, &g->change);
	timer_stop(&s->timers, &g->answer);
	g->ifc = NULL;
	while (groups->n > 0 && !groups->slots[groups->n - 1].ifc)
		groups->n--;
}

/* --- who listens --------------------------------------------------------------------------- */

bool group_is_joined(const struct stack *s, const struct ifc *ifc, const struct addr *a)
{
	const struct group *g = group_find(s, ifc, a);

	return g && g->members > 0;
}

bool group_is_admins(const struct stack *s, const struct ifc *ifc, const struct addr *a)
{
	const struct group *g = group_find(s, ifc, a);

	return g && g->has_admin;
}

void group_mac(uint8_t mac[6], const struct addr *group)
{
	uint8_t *at = put_be16(mac, 0x0100);

	at = put_u8(at, 0x5e);
	at = put_u8(at, group->b[13] & 0x7f);
	memcpy(at, group->b + 14, 2);
}

static bool is_sent_to(const struct addr *group, const uint8_t mac[6])
{
	uint8_t theirs[6];

	group_mac(theirs, group);
	return memcmp(theirs, mac, 6) == 0;
}

bool group_hears(const struct ifc *ifc, const uint8_t mac[6])
{
	const struct addr all_hosts = addr_from_v4(GROUP_ALL_HOSTS);
	const struct groups *groups = ifc->stack->groups;

	if (is_sent_to(&all_hosts, mac))
		return true;
	for (unsigned i = 0; i < groups->n; i++) {
		const struct group *g = &groups->slots[i];

		if (g->ifc == ifc && g->members > 0 && is_sent_to(&g->addr, mac))
			return true;
	}
	return false;
}

/* --- checks -------------------------------------------------------------------------------- */

static void check_slot(const struct group *g)
{
	if (!g->ifc) {
		ASSERT(g->change.fire == NULL || !timer_is_set(&g->change));
		ASSERT(g->answer.fire == NULL || !timer_is_set(&g->answer));
		return;
	}
	ASSERT(addr_is_multicast(&g->addr));
	ASSERT(g->members > 0 || timer_is_set(&g->change));
	ASSERT(g->members > 0 || !g->has_admin);
	ASSERT(g->sources_n <= LIMIT_IGMP_SOURCES);
}

void group_check(const struct stack *s)
{
	ASSERT(s->groups->n <= LIMIT_GROUPS);
	for (unsigned i = 0; i < LIMIT_GROUPS; i++) {
		check_slot(&s->groups->slots[i]);
		ASSERT(i < s->groups->n || !s->groups->slots[i].ifc);
	}
}
