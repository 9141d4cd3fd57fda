/* ifc.c - see ifc.h. */
#include "ifc.h"

#include "../stack_private.h"
#include "eth.h"
#include "offload.h"

#include <string.h>

struct ifcs {
	struct ifc ifcs[LIMIT_IFCS]; /* without a link: free */
	uint32_t serial;             /* of the latest */
	struct ifc_addr addrs[LIMIT_ADDRS];
	unsigned addrs_n; /* slots from here on are free: most hosts have few, and every packet
			     looks */
};

int ifc_setup(struct stack *s)
{
	s->ifcs = arena_take(&s->arena, sizeof(*s->ifcs), _Alignof(struct ifcs));
	return s->ifcs ? 0 : -ENOMEM;
}

/* --- interfaces ------------------------------------------------------------------------ */

/* Cutting without summing is no use to us: each segment has a sum of its own. */
static uint8_t usable_offers(const struct link *link)
{
	return link->offers & LINK_CSUM ? link->offers : 0;
}

/* lo's is left out, which is as if it had been the second to be bound. */
static uint8_t number_of_slot(unsigned slot)
{
	return (uint8_t)(slot < IFC_LO_NUMBER ? slot : slot + 1);
}

static struct ifc *ifc_numbered(const struct stack *s, unsigned number)
{
	for (unsigned i = 0; i < LIMIT_IFCS; i++) {
		if (number_of_slot(i) == number)
			return &s->ifcs->ifcs[i];
	}
	return NULL;
}

int ifc_free_number(const struct stack *s, uint32_t taken)
{
	for (unsigned i = 0; i < LIMIT_IFCS; i++) {
		if (!s->ifcs->ifcs[i].link && !(taken & BIT(number_of_slot(i))))
			return number_of_slot(i);
	}
	return -ENOSPC;
}

int stack_attach_at(struct stack *s, struct link *link, unsigned number, struct ifc **out)
{
	struct ifc *ifc = ifc_numbered(s, number);

	if (link->mtu < LIMIT_MTU_MIN || link->mtu > LIMIT_MTU_MAX || !ifc)
		return -EINVAL;
	if (ifc->link)
		return -EBUSY;
	s->ifcs->serial = s->ifcs->serial % IFC_SERIAL_MAX + 1;
	*ifc = (struct ifc){ .link = link,
		.stack = s,
		.name = link->name,
		.mtu = link->mtu,
		.offers = usable_offers(link),
		.index = (uint8_t)number,
		.serial = s->ifcs->serial };
	memcpy(ifc->mac, link->mac, sizeof(ifc->mac));
	*out = ifc;
	return 0;
}

int stack_attach(struct stack *s, struct link *link, struct ifc **out)
{
	int number = ifc_free_number(s, 0);

	return number < 0 ? number : stack_attach_at(s, link, (unsigned)number, out);
}

static struct pkt *queue_take(struct ifc *ifc)
{
	struct pkt *p = ifc->queue_first;

	ifc->queue_first = p->next;
	if (!ifc->queue_first)
		ifc->queue_last = NULL;
	ifc->queue_n--;
	p->next = NULL;
	return p;
}

void ifc_detach(struct stack *s, struct ifc *ifc)
{
	for (unsigned i = 0; i < LIMIT_ADDRS; i++) {
		if (s->ifcs->addrs[i].ifc == ifc)
			ifc_addr_free(s, &s->ifcs->addrs[i]);
	}
	while (ifc->queue_first)
		drop(s, queue_take(ifc), COUNT_link_drop_detached);
	ifc->link = NULL;
}

struct ifc *ifc_at(const struct stack *s, unsigned i)
{
	for (unsigned slot = 0; slot < LIMIT_IFCS; slot++) {
		if (s->ifcs->ifcs[slot].link && i-- == 0)
			return &s->ifcs->ifcs[slot];
	}
	return NULL;
}

/* --- frames on their way out ------------------------------------------------------------ */

static void count_sent(struct stack *s, struct ifc *ifc, uint32_t bytes, uint32_t segs)
{
	ifc->frames_out++;
	ifc->bytes_out += bytes;
	count(s, COUNT_link_frames_out);
	count_add(s, COUNT_link_bytes_out, bytes);
	count_add(s, COUNT_link_segs_out, segs);
}

/* Offer P to the device: false when it must wait; else it is gone, or was refused and is gone. */
static bool hand_over(struct stack *s, struct ifc *ifc, struct pkt *p)
{
	uint32_t bytes = pkt_len(p);
	uint32_t segs = offload_segs(p);
	int err = ifc->link->send(ifc->link, p);

	if (err == -EAGAIN)
		return false;
	if (err < 0) {
		ifc->errors_out++;
		count_drop(s, COUNT_link_drop_send_failed);
	} else {
		count_sent(s, ifc, bytes, segs);
	}
	return true;
}

static void queue_put(struct stack *s, struct ifc *ifc, struct pkt *p)
{
	if (ifc->queue_n == LIMIT_LINK_QUEUE) {
		ifc->errors_out++;
		drop(s, p, COUNT_link_drop_queue_full);
		return;
	}
	p->next = NULL;
	if (ifc->queue_last)
		ifc->queue_last->next = p;
	else
		ifc->queue_first = p;
	ifc->queue_last = p;
	ifc->queue_n++;
}

/* A frame that the device can take as it is; behind those that wait. */
static void send_or_queue(struct stack *s, struct ifc *ifc, struct pkt *p)
{
	if (ifc->queue_first || !hand_over(s, ifc, p))
		queue_put(s, ifc, p);
}

void ifc_send(struct stack *s, struct ifc *ifc, struct pkt *p)
{
	if (!ifc->link)
		drop(s, p, COUNT_link_drop_detached);
	else
		offload_send(s, ifc, p, send_or_queue);
}

static void queue_put_back(struct ifc *ifc, struct pkt *p)
{
	p->next = ifc->queue_first;
	ifc->queue_first = p;
	if (!ifc->queue_last)
		ifc->queue_last = p;
	ifc->queue_n++;
}

void stack_writable(struct stack *s, struct ifc *ifc)
{
	while (ifc->queue_first) {
		struct pkt *p = queue_take(ifc);

		if (!hand_over(s, ifc, p)) {
			queue_put_back(ifc, p);
			return;
		}
	}
}

/* --- frames that came in ------------------------------------------------------------------ */

void stack_rx_fault(struct stack *s, struct ifc *ifc, enum stack_rx_fault what)
{
	static const enum counter counter_of[] = {
		[STACK_RX_TOO_LONG] = COUNT_link_drop_too_long,
		[STACK_RX_TRUNCATED] = COUNT_link_drop_truncated,
		[STACK_RX_NO_MEMORY] = COUNT_link_drop_no_memory,
		[STACK_RX_BAD_OFFLOAD] = COUNT_link_drop_bad_offload,
	};

	ASSERT(what < ARRAY_LEN(counter_of));
	ifc->errors_in++;
	count_drop(s, counter_of[what]);
}

/* --- addresses ------------------------------------------------------------------------------ */

struct ifc_addr *ifc_addr_new(
	struct stack *s, struct ifc *ifc, const struct addr *a, unsigned bits, timer_fire *fire)
{
	ASSERT(!ifc_addr_find(s, a));
	for (unsigned i = 0; i < LIMIT_ADDRS; i++) {
		struct ifc_addr *own = &s->ifcs->addrs[i];

		if (own->ifc)
			continue;
		*own = (struct ifc_addr){
			.addr = *a, .bits = bits, .ifc = ifc, .defended_us = USEC_NEVER
		};
		timer_init(&own->timer, fire);
		s->ifcs->addrs_n = max_u32(s->ifcs->addrs_n, i + 1);
		return own;
	}
	return NULL;
}

void ifc_addr_free(struct stack *s, struct ifc_addr *own)
{
	struct ifcs *ifcs = s->ifcs;

	timer_stop(&s->timers, &own->timer);
	own->ifc = NULL;
	while (ifcs->addrs_n > 0 && !ifcs->addrs[ifcs->addrs_n - 1].ifc)
		ifcs->addrs_n--;
}

struct ifc_addr *ifc_addr_at(const struct stack *s, unsigned i)
{
	return i < s->ifcs->addrs_n ? &s->ifcs->addrs[i] : NULL;
}

struct ifc_addr *ifc_addr_find(const struct stack *s, const struct addr *a)
{
	for (unsigned i = 0; i < s->ifcs->addrs_n; i++) {
		struct ifc_addr *own = &s->ifcs->addrs[i];

		if (own->ifc && addr_equal(&own->addr, a))
			return own;
	}
	return NULL;
}

static bool is_used_on(const struct ifc_addr *own, const struct ifc *ifc)
{
	return own->ifc && own->state == IFC_ADDR_USED && (!ifc || own->ifc == ifc);
}

struct ifc_addr *ifc_addr_on_link(
	const struct stack *s, const struct ifc *ifc, const struct addr *a)
{
	struct ifc_addr *best = NULL;

	for (unsigned i = 0; i < s->ifcs->addrs_n; i++) {
		struct ifc_addr *own = &s->ifcs->addrs[i];

		if (is_used_on(own, ifc) && addr_in_prefix(&own->addr, a, own->bits) &&
			(!best || own->bits > best->bits))
			best = own;
	}
	return best;
}

struct ifc_addr *ifc_addr_towards(
	const struct stack *s, const struct ifc *ifc, const struct addr *a)
{
	struct ifc_addr *best = ifc_addr_on_link(s, ifc, a);

	for (unsigned i = 0; i < s->ifcs->addrs_n && !best; i++) {
		struct ifc_addr *own = &s->ifcs->addrs[i];

		if (is_used_on(own, ifc) && addr_is_v4(&own->addr) == addr_is_v4(a))
			best = own;
	}
	return best;
}

struct addr ifc_broadcast_of(const struct addr *a, unsigned bits)
{
	if (!addr_is_v4(a) || bits > 126)
		return addr_any;
	return addr_from_v4(addr_v4(a) | UINT32_MAX >> (bits - 96));
}

/* The same, for what every packet asks. */
static bool is_broadcast_of(const struct ifc_addr *own, const struct addr *a)
{
	if (!addr_is_v4(&own->addr) || !addr_is_v4(a) || own->bits > 126)
		return false;

	uint32_t host_part = UINT32_MAX >> (own->bits - 96);

	return addr_v4(a) == (addr_v4(&own->addr) | host_part);
}

bool ifc_is_broadcast(const struct stack *s, const struct ifc *ifc, const struct addr *a)
{
	for (unsigned i = 0; i < s->ifcs->addrs_n; i++) {
		const struct ifc_addr *own = &s->ifcs->addrs[i];

		if (is_used_on(own, ifc) && is_broadcast_of(own, a))
			return true;
	}
	return false;
}

/* --- checks --------------------------------------------------------------------------------- */

static void check_queue(const struct ifc *ifc)
{
	uint32_t n = 0;

	for (const struct pkt *p = ifc->queue_first; p; p = p->next) {
		n++;
		ASSERT(p->next || p == ifc->queue_last);
	}
	ASSERT(n == ifc->queue_n);
	ASSERT(n <= LIMIT_LINK_QUEUE);
	ASSERT(ifc->link || n == 0);
}

static void check_addr(const struct ifc_addr *own)
{
	if (!own->ifc) {
		ASSERT(own->timer.fire == NULL || !timer_is_set(&own->timer));
		return;
	}
	ASSERT(own->ifc->link);
	ASSERT(own->bits <= 128);
	ASSERT(own->state != IFC_ADDR_PROBING || timer_is_set(&own->timer));
	ASSERT(own->state != IFC_ADDR_CONFLICT || !timer_is_set(&own->timer));
}

void ifc_check(const struct stack *s)
{
	for (unsigned i = 0; i < LIMIT_IFCS; i++)
		check_queue(&s->ifcs->ifcs[i]);
	ASSERT(s->ifcs->addrs_n <= LIMIT_ADDRS);
	for (unsigned i = 0; i < LIMIT_ADDRS; i++) {
		check_addr(&s->ifcs->addrs[i]);
		ASSERT(i < s->ifcs->addrs_n || !s->ifcs->addrs[i].ifc);
	}
}
