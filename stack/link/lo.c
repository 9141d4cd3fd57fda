/* lo.c - see lo.h. */
#include "lo.h"

#include "../stack_private.h"
#include "ifc.h"
#include "offload.h"

struct lo {
	struct ifc ifc;
	struct pkt *first;
	struct pkt *last;
	uint32_t n;
};

int lo_setup(struct stack *s)
{
	struct lo *lo = arena_take(&s->arena, sizeof(*lo), _Alignof(struct lo));

	if (!lo)
		return -ENOMEM;
	lo->ifc.stack = s;
	lo->ifc.name = "lo";
	lo->ifc.mtu = 65535;
	lo->ifc.offers = LINK_CSUM | LINK_TSO4 | LINK_TSO6 | LINK_USO;
	lo->ifc.index = IFC_LO_NUMBER;
	s->lo = lo;
	return 0;
}

int lo_send(struct stack *s, struct pkt *p)
{
	struct lo *lo = s->lo;

	if (lo->n == LIMIT_LO_QUEUE) {
		lo->ifc.errors_out++;
		drop(s, p, COUNT_lo_drop_full);
		return -ENOBUFS;
	}
	lo->ifc.frames_out++;
	lo->ifc.bytes_out += pkt_len(p);
	p->segs = (uint16_t)offload_segs(p);
	if (p->offload & PKT_CSUM_FILL)
		p->offload = (uint8_t)((p->offload & ~PKT_CSUM_FILL) | PKT_CSUM_GOOD);
	p->next = NULL;
	if (lo->last)
		lo->last->next = p;
	else
		lo->first = p;
	lo->last = p;
	lo->n++;
	count(s, COUNT_lo_packets);
	return 0;
}

struct pkt *lo_take(struct stack *s)
{
	struct lo *lo = s->lo;
	struct pkt *p = lo->first;

	if (!p)
		return NULL;
	lo->first = p->next;
	if (!lo->first)
		lo->last = NULL;
	lo->n--;
	lo->ifc.frames_in++;
	lo->ifc.bytes_in += pkt_len(p);
	p->next = NULL;
	return p;
}

bool lo_is_empty(const struct stack *s)
{
	return !s->lo->first;
}

struct ifc *lo_ifc(const struct stack *s)
{
	return &s->lo->ifc;
}

void lo_check(const struct stack *s)
{
	const struct lo *lo = s->lo;
	uint32_t n = 0;

	for (const struct pkt *p = lo->first; p; p = p->next) {
		n++;
		ASSERT(p->next || p == lo->last);
	}
	ASSERT(n == lo->n);
	ASSERT((lo->first == NULL) == (lo->last == NULL));
}
