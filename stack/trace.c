/*
 * trace.c - see trace.h. What is wanted, the ring, and whose a packet is.
 */
#include "trace.h"

#include "ip/frag.h"
#include "ip/ip.h"
#include "ip/ip4.h"
#include "stack_private.h"

#include <string.h>

/* --- the ring ---------------------------------------------------------------------------- */

int trace_init(struct trace *t, struct arena *a, uint32_t cap)
{
	*t = (struct trace){ .cap = cap };
	if (cap == 0)
		return 0;
	ASSERT((cap & (cap - 1)) == 0);
	t->ring = arena_take(a, cap * sizeof(*t->ring), _Alignof(struct trace_event));
	return t->ring ? 0 : -ENOMEM;
}

void trace_write(struct trace *t, const struct trace_event *e)
{
	if (!t->ring)
		return;
	t->ring[t->written++ & (t->cap - 1)] = *e;
}

bool trace_next(const struct trace *t, uint64_t *cursor, struct trace_event *out, uint64_t *lost)
{
	uint64_t oldest = t->written > t->cap ? t->written - t->cap : 0;

	*lost = 0;
	if (!t->ring || *cursor >= t->written)
		return false;
	if (*cursor < oldest) {
		*lost = oldest - *cursor;
		*cursor = oldest;
	}
	*out = t->ring[(*cursor)++ & (t->cap - 1)];
	return true;
}

/* --- what is wanted ---------------------------------------------------------------------- */

static uint32_t kind_of_protocol(uint8_t protocol)
{
	switch (protocol) {
	case IP_TCP:
		return STACK_TRACE_TCP;
	case IP_UDP:
		return STACK_TRACE_UDP;
	case IP_ICMP:
	case IP_ICMP6:
		return STACK_TRACE_ICMP;
	default:
		return STACK_TRACE_IP;
	}
}

/* By the room that its name begins with. */
static uint32_t kind_of_counter(enum counter why)
{
	static const struct {
		const char *room;
		uint32_t kind;
	} rooms[] = {
		{ "tcp_", STACK_TRACE_TCP },
		{ "udp_", STACK_TRACE_UDP },
		{ "icmp", STACK_TRACE_ICMP },
		{ "ping_", STACK_TRACE_ICMP },
		{ "arp_", STACK_TRACE_ARP },
		{ "neigh_", STACK_TRACE_ARP },
	};
	const char *name = counter_name(why);

	for (unsigned i = 0; i < ARRAY_LEN(rooms); i++)
		if (strncmp(name, rooms[i].room, strlen(rooms[i].room)) == 0)
			return rooms[i].kind;
	return STACK_TRACE_IP;
}

uint32_t trace_kinds_of(const struct trace_event *e)
{
	switch ((enum trace_kind)e->kind) {
	case TRACE_NONE:
		return 0;
	case TRACE_ARP:
		return STACK_TRACE_PACKET | STACK_TRACE_ARP;
	case TRACE_PACKET:
	case TRACE_FRAGMENT:
		return STACK_TRACE_PACKET | STACK_TRACE_IP;
	case TRACE_SEGMENT:
	case TRACE_DATAGRAM:
	case TRACE_ICMP:
		return STACK_TRACE_PACKET | kind_of_protocol(e->protocol);
	case TRACE_DROP:
		return STACK_TRACE_DROP | kind_of_counter(e->why);
	case TRACE_STATE:
	case TRACE_TIMEOUT:
	case TRACE_RECOVER:
		return STACK_TRACE_STATE | kind_of_protocol(e->protocol);
	}
	return 0;
}

/* Has it to do with PEER, or with nobody? An error is about whom it quotes as well. */
static bool is_about(const struct trace_event *e, const struct addr *peer)
{
	return addr_is_any(&e->peer.addr) || addr_equal(&e->peer.addr, peer) ||
		(e->kind == TRACE_ICMP && e->icmp.quoted_protocol != 0 &&
			addr_equal(&e->icmp.quoted_peer.addr, peer));
}

bool trace_is_wanted(const struct trace_reader *reader, const struct trace_event *e, uint32_t kinds)
{
	return (kinds & reader->wanted) &&
		(addr_is_any(&reader->only) || is_about(e, &reader->only));
}

void trace_put(struct stack *s, const struct trace_event *e)
{
	uint32_t kinds = trace_kinds_of(e);

	for (unsigned i = 0; i < STACK_TRACE_READERS; i++) {
		struct trace_event now = *e;

		if (!trace_is_wanted(&s->trace.readers[i], e, kinds))
			continue;
		now.at_us = s->now_us;
		trace_write(&s->trace, &now);
		return;
	}
}

/* --- packets ------------------------------------------------------------------------------ */

const struct conv *trace_whose(const struct stack *s, uint8_t protocol,
	const struct endpoint *local, const struct endpoint *peer)
{
	struct tuple *t = ports_find(&s->ports, protocol, local, peer);

	/* A half-open call is its listener's; a record in TIME-WAIT is nobody's any more. */
	if (t && t->kind == TUPLE_TIME_WAIT)
		return NULL;
	if (!t || t->kind != TUPLE_CONV)
		t = ports_listener(&s->ports, protocol, local);
	return t ? CONTAINER_OF(t, struct conv, tuple) : NULL;
}

const struct conv *trace_look(
	const struct stack *s, struct trace_event *e, const uint8_t *at, size_t len, uint32_t total)
{
	const struct conv *c = NULL;

	e->kind = TRACE_PACKET;
	e->len = total;
	for (unsigned i = 0; i < s->convs_n; i++) {
		const struct proto *proto = s->convs[i].proto;

		if (proto->ip_number == e->protocol && proto->trace)
			c = proto->trace(s, e, at, len, total);
	}
	/* What is about another's packet names it where it quotes it. */
	if (c && c->proto->ip_number == e->protocol)
		e->conv = c->number;
	return c;
}

static void look_at(struct stack *s, struct trace_event *e, const struct pkt *p)
{
	(void)trace_look(s, e, pkt_data(p), p->len, pkt_len(p));
	if (p->offload & (PKT_SEG_TCP | PKT_SEG_UDP))
		e->each = p->seg_len;
	s->trace.about = *e;
}

void trace_in(struct stack *s, const struct ip_info *ip, const struct pkt *p)
{
	struct trace_event e = { .local = { .addr = ip->dst },
		.peer = { .addr = ip->src },
		.protocol = ip->protocol,
		.is_in = true };

	look_at(s, &e, p);
	trace_put(s, &e);
}

void trace_out(struct stack *s, const struct ip_send *how, const struct pkt *p)
{
	struct trace_event e = { .local = { .addr = how->src },
		.peer = { .addr = how->dst },
		.protocol = how->protocol };

	look_at(s, &e, p);
	trace_put(s, &e);
}

void trace_fragment(
	struct stack *s, const struct ip_info *ip, const struct frag_info *frag, bool is_in)
{
	const struct trace_event e = { .kind = TRACE_FRAGMENT,
		.local = { .addr = is_in ? ip->dst : ip->src },
		.peer = { .addr = is_in ? ip->src : ip->dst },
		.protocol = ip->protocol,
		.is_in = is_in,
		.fragment = { .off = frag->off,
			.len = ip->len,
			.id = (uint16_t)frag->id,
			.more = frag->more } };

	trace_put(s, &e);
	s->trace.about = e;
	s->trace.about.protocol = 0; /* whose it is stands in the first of them alone */
}

void trace_about(struct stack *s, const struct ip_info *ip)
{
	s->trace.about = (struct trace_event){ .kind = TRACE_PACKET,
		.local = { .addr = ip->dst },
		.peer = { .addr = ip->src },
		.is_in = true };
}

/* --- drops -------------------------------------------------------------------------------- */

void trace_drop(struct stack *s, enum counter why)
{
	struct trace_event e = { .conv = 0 };

	if (s->trace.about.kind != TRACE_NONE)
		e = s->trace.about;
	e.kind = TRACE_DROP;
	e.why = why;
	trace_put(s, &e);
}

void trace_drop_sent(struct stack *s, const struct pkt *p, enum counter why)
{
	const struct trace_event before = s->trace.about;
	struct ip_info ip;
	int hdr_len = ip4_read_header(pkt_data(p), p->len, &ip);
	struct trace_event e = {
		.local = { .addr = ip.src }, .peer = { .addr = ip.dst }, .protocol = ip.protocol
	};

	if (hdr_len > 0)
		(void)trace_look(s, &e, pkt_data(p) + hdr_len, p->len - (uint32_t)hdr_len,
			pkt_len(p) - (uint32_t)hdr_len);
	s->trace.about = e;
	trace_drop(s, why);
	s->trace.about = before;
}

static struct trace_event event_of(const struct conv *c, enum trace_kind kind)
{
	return (struct trace_event){ .conv = c->number,
		.local = c->tuple.local,
		.peer = c->tuple.remote,
		.protocol = c->proto->ip_number,
		.kind = (uint8_t)kind };
}

void trace_drop_conv(const struct conv *c, enum counter why)
{
	struct trace_event e = event_of(c, TRACE_DROP);

	e.why = why;
	trace_put(c->stack, &e);
}

/* --- states -------------------------------------------------------------------------------- */

void trace_change(const struct conv *c, const char *from, const char *to)
{
	struct trace_event e = event_of(c, TRACE_STATE);

	e.state =
		(struct trace_state){ .from = from, .to = to, .because = c->stack->trace.because };
	trace_put(c->stack, &e);
}

void trace_loss(const struct conv *c, enum trace_kind kind, uint32_t a, uint32_t b)
{
	struct trace_event e = event_of(c, kind);

	e.loss[0] = a;
	e.loss[1] = b;
	trace_put(c->stack, &e);
}
