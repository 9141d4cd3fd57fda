/* acd.c - see acd.h. */
#include "acd.h"

#include "../stack_private.h"
#include "arp.h"
#include "arp_msg.h"

/* RFC 5227 1.1, by its own names. */
#define PROBE_WAIT_US        (1 * USEC_PER_SEC)
#define PROBE_NUM            3
#define PROBE_MIN_US         (1 * USEC_PER_SEC)
#define PROBE_MAX_US         (2 * USEC_PER_SEC)
#define ANNOUNCE_WAIT_US     (2 * USEC_PER_SEC)
#define ANNOUNCE_NUM         2
#define ANNOUNCE_INTERVAL_US (2 * USEC_PER_SEC)
#define DEFEND_INTERVAL_US   (10 * USEC_PER_SEC)

static void announce(struct stack *s, struct ifc_addr *own)
{
	arp_announce(s, own->ifc, &own->addr);
	own->to_announce--;
	if (own->to_announce > 0)
		timer_set(&s->timers, &own->timer, s->now_us + ANNOUNCE_INTERVAL_US);
}

/* RFC 5227 2.3: from the first announcement on the address may be used. */
static void begin_use(struct stack *s, struct ifc_addr *own, uint8_t announcements)
{
	own->state = IFC_ADDR_USED;
	own->to_announce = announcements;
	announce(s, own);
}

/* RFC 5227 2.1.1: probes at random distances, and after the last one a longer wait. */
static void probe(struct stack *s, struct ifc_addr *own)
{
	usec_t wait_us = ANNOUNCE_WAIT_US;

	arp_probe(s, own->ifc, &own->addr);
	own->probes++;
	if (own->probes < PROBE_NUM)
		wait_us = PROBE_MIN_US + random_below(&s->random, PROBE_MAX_US - PROBE_MIN_US + 1);
	timer_set(&s->timers, &own->timer, s->now_us + wait_us);
}

static void acd_timer(void *arg, struct timer *t)
{
	struct stack *s = arg;
	struct ifc_addr *own = CONTAINER_OF(t, struct ifc_addr, timer);

	if (own->state == IFC_ADDR_USED)
		announce(s, own);
	else if (own->probes < PROBE_NUM)
		probe(s, own);
	else
		begin_use(s, own, ANNOUNCE_NUM);
}

int acd_start(
	struct stack *s, struct ifc *ifc, const struct addr *a, unsigned bits, bool probe_first)
{
	struct ifc_addr *own = ifc_addr_new(s, ifc, a, bits, acd_timer);

	if (!own)
		return -ENOSPC;
	if (probe_first) {
		usec_t wait_us = random_below(&s->random, PROBE_WAIT_US + 1);

		own->state = IFC_ADDR_PROBING;
		timer_set(&s->timers, &own->timer, s->now_us + wait_us);
	} else {
		begin_use(s, own, 1);
	}
	return 0;
}

/* --- conflicts --------------------------------------------------------------------------- */

static void give_up(struct stack *s, struct ifc_addr *own)
{
	timer_stop(&s->timers, &own->timer);
	own->state = IFC_ADDR_CONFLICT;
	count(s, COUNT_arp_addresses_lost);
}

/*
 * RFC 5227 2.4 (c): an address in use is defended for good, once in ten seconds. An
 * administrator gave it to us; were it given up after two conflicts (b), two forged frames would
 * be enough to take a host off its network.
 */
static void defend(struct stack *s, struct ifc_addr *own)
{
	if (own->defended_us != USEC_NEVER && s->now_us - own->defended_us < DEFEND_INTERVAL_US)
		return;
	own->defended_us = s->now_us;
	arp_announce(s, own->ifc, &own->addr);
}

/* RFC 5227 2.1.1: while we probe, somebody else's probe for the same address counts as well, for
 * two hosts may be given it in the same moment. */
static bool probes_for(const struct arp_msg *m, const struct ifc_addr *own)
{
	return m->op == ARP_REQUEST && addr_is_any(&m->sender) &&
		addr_equal(&m->target, &own->addr);
}

bool acd_conflicts(struct stack *s, struct ifc *ifc, const struct arp_msg *m)
{
	struct ifc_addr *own = ifc_addr_find(s, &m->sender);
	struct ifc_addr *wanted = ifc_addr_find(s, &m->target);

	if (wanted && wanted->ifc == ifc && wanted->state == IFC_ADDR_PROBING &&
		probes_for(m, wanted)) {
		count(s, COUNT_arp_conflicts);
		give_up(s, wanted);
		return true;
	}
	if (!own || own->ifc != ifc)
		return false;
	count(s, COUNT_arp_conflicts);
	if (own->state == IFC_ADDR_PROBING)
		give_up(s, own);
	else if (own->state == IFC_ADDR_USED)
		defend(s, own);
	return true;
}
