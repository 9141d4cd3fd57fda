/*
 * What the wire brings for UDP: datagrams, and the news that one of ours went wrong.
 */
#include "../base/wire.h"
#include "../ip/icmp4.h"
#include "../ip/ip.h"
#include "../link/ifc.h"
#include "../link/lo.h"
#include "udp_groups.h"
#include "udp_private.h"

#include <string.h>

/* --- for the trace ------------------------------------------------------------------- */

const struct conv *udp_trace(
	const struct stack *s, struct trace_event *e, const uint8_t *at, size_t len, uint32_t total)
{
	struct cursor c = cursor_over(at, len);
	uint16_t from = take_be16(&c);
	uint16_t to = take_be16(&c);

	if (len < UDP_HDR_LEN)
		return NULL;
	e->kind = TRACE_DATAGRAM;
	e->len = total - UDP_HDR_LEN;
	e->local.port = e->is_in ? to : from;
	e->peer.port = e->is_in ? from : to;
	return trace_whose(s, IP_UDP, &e->local, &e->peer);
}

/* --- calls --------------------------------------------------------------------------- */

/* Only now and then: each datagram just notes the time, and the timer looks when it fires. */
void udp_call_idle(void *arg, struct timer *t)
{
	struct stack *s = arg;
	struct udp_conv *u = CONTAINER_OF(t, struct udp_conv, idle);

	if (s->now_us - u->active_us < LIMIT_UDP_IDLE_US) {
		timer_set(&s->timers, t, u->active_us + LIMIT_UDP_IDLE_US);
		return;
	}
	if (u->listener) {
		udp_call_forget(u);
		return;
	}
	because(s, CAUSE_TIMER, TIMER_IDLE);
	ports_leave(&s->ports, &u->conv.tuple);
	conv_end(&u->conv, 0);
}

/* A new remote has spoken to LISTENER: a conversation of its own, which waits to be taken. */
static struct udp_conv *new_call(
	struct udp_conv *listener, const struct endpoint *local, const struct endpoint *remote)
{
	struct stack *s = listener->conv.stack;
	struct conv *c = conv_new_call(&listener->conv);
	struct udp_conv *call;

	if (!c)
		return NULL;
	call = udp_of(c);
	c->tuple.local = *local;
	c->tuple.remote = *remote;
	if (ports_enter(&s->ports, &c->tuple) < 0) {
		conv_retire(c);
		return NULL;
	}
	call->is_call = true;
	call->listener = listener;
	call->active_us = s->now_us;
	because(s, CAUSE_DATAGRAM, 0);
	conv_changed(c, CONV_CLOSED_NAME);
	list_append(&listener->calls, &call->waiting);
	listener->calls_n++;
	timer_set(&s->timers, &call->idle, s->now_us + LIMIT_UDP_IDLE_US);
	conv_raise(c, CONV_UP | CONV_OUT);
	conv_raise(&listener->conv, CONV_CALL);
	return call;
}

/* --- datagrams ----------------------------------------------------------------------- */

/* Our address where a datagram came in: where it was sent to, or, for one to everybody, the
 * one that its sender would reach us by. */
static struct addr interface_of(struct stack *s, const struct ip_info *ip)
{
	const struct ifc_addr *a;

	if (!ip->to_broadcast)
		return ip->dst;
	if (ip->ifc == lo_ifc(s))
		return ip->src; /* to a group, from 127/8: what stays inside has no other address */
	a = ip->ifc ? ifc_addr_towards(s, ip->ifc, &ip->src) : NULL;
	return a ? a->addr : addr_any;
}

/* A datagram that U has no room for. */
static void lose(struct udp_conv *u, int err)
{
	if (err == -ENOSPC) {
		u->drop_full++;
		count(u->conv.stack, COUNT_udp_drop_full);
	} else {
		u->drop_no_memory++;
		count(u->conv.stack, COUNT_udp_drop_no_memory);
	}
}

/* P's payload for U to read, from byte UDP_HDR_LEN on; borrows P. */
static void give_to(struct udp_conv *u, const struct ip_info *ip, const struct udp_hdr *hdr,
	const struct pkt *p)
{
	struct stack *s = u->conv.stack;
	struct datagram *d;
	int err;

	/* Without headers an empty datagram would look like the end: it only keeps a call alive. */
	if (hdr->len == UDP_HDR_LEN && !u->has_headers) {
		count(s, COUNT_udp_in);
		u->datagrams_in++;
		u->active_us = s->now_us;
		return;
	}
	err = datagrams_put(&s->datagrams, &u->queue, u->conv.rcvbuf, p, UDP_HDR_LEN, &d);
	if (err < 0) {
		lose(u, err);
		return;
	}
	d->remote = (struct endpoint){ .addr = ip->src, .port = hdr->src_port };
	d->local = (struct endpoint){ .addr = ip->dst, .port = hdr->dst_port };
	d->interface = interface_of(s, ip);
	count(s, COUNT_udp_in);
	u->datagrams_in++;
	u->bytes_in += d->len;
	u->active_us = s->now_us;
	/* Also when one waited already: each datagram may wake another reader. */
	conv_raise(&u->conv, CONV_IN);
	conv_touch(&u->conv);
}

/* The same; takes P. */
static void deliver_to(
	struct udp_conv *u, const struct ip_info *ip, const struct udp_hdr *hdr, struct pkt *p)
{
	give_to(u, ip, hdr, p);
	pkt_free(&u->conv.stack->pkts, p);
}

static struct udp_conv *conv_at(struct tuple *t)
{
	return t ? udp_of(CONTAINER_OF(t, struct conv, tuple)) : NULL;
}

/* LISTENER has been spoken to by a remote that is nobody's yet; borrows P. */
static void give_call(struct udp_conv *listener, const struct endpoint *local,
	const struct ip_info *ip, const struct udp_hdr *hdr, const struct pkt *p)
{
	struct stack *s = listener->conv.stack;
	const struct endpoint remote = { .addr = ip->src, .port = hdr->src_port };
	struct udp_conv *call;

	if (listener->calls_n >= LIMIT_UDP_CALLS) {
		listener->drop_calls++;
		count(s, COUNT_udp_drop_calls);
		return;
	}
	call = new_call(listener, local, &remote);
	if (call)
		give_to(call, ip, hdr, p);
	else
		lose(listener, -ENOMEM);
}

static void deliver_call(struct udp_conv *listener, const struct endpoint *local,
	const struct ip_info *ip, const struct udp_hdr *hdr, struct pkt *p)
{
	give_call(listener, local, ip, hdr, p);
	pkt_free(&listener->conv.stack->pkts, p);
}

static void nobody_has_it(struct stack *s, const struct ip_info *ip, struct pkt *p)
{
	/* RFC 1122 3.2.2.1 and 4.1.3.1. Nothing to everybody is ever answered so. */
	if (!ip->to_broadcast && !ip->link_broadcast)
		icmp4_unreachable(s, ip, p, ICMP4_PORT_UNREACHABLE);
	drop(s, p, COUNT_udp_drop_no_conv);
}

/* U takes calls, and is in the group: its datagram belongs to the same call as what the sender says
 * to our address. */
static void give_as_call(struct udp_conv *u, const struct ip_info *ip, const struct udp_hdr *hdr,
	const struct pkt *p)
{
	struct stack *s = u->conv.stack;
	const struct endpoint remote = { .addr = ip->src, .port = hdr->src_port };
	const struct endpoint local = { .addr = interface_of(s, ip), .port = hdr->dst_port };
	struct udp_conv *call = conv_at(ports_find(&s->ports, IP_UDP, &local, &remote));

	if (call && call->is_call)
		give_to(call, ip, hdr, p);
	else
		give_call(u, &local, ip, hdr, p);
}

/* To all at this port who are in the group: announced on the group, or on any address. Each has a
 * copy of his own. */
static void dispatch_to_group(
	struct stack *s, const struct ip_info *ip, const struct udp_hdr *hdr, struct pkt *p)
{
	enum counter why = COUNT_udp_drop_no_conv;
	struct tuple *t = NULL;
	bool is_heard = false;

	while ((t = ports_next_listener(&s->ports, IP_UDP, hdr->dst_port, t))) {
		struct udp_conv *u = conv_at(t);

		if (!addr_is_any(&t->local.addr) && !addr_equal(&t->local.addr, &ip->dst))
			continue;
		if (!udp_is_member(u, ip->ifc, &ip->dst)) {
			why = COUNT_udp_drop_no_member;
			continue;
		}
		is_heard = true;
		if (u->has_headers || udp_is_of_group(u))
			give_to(u, ip, hdr, p);
		else
			give_as_call(u, ip, hdr, p);
	}
	if (is_heard)
		pkt_free(&s->pkts, p);
	else
		drop(s, p, why);
}

/*
 * To whom? First one that is connected with just this remote, then who takes calls here. A
 * datagram to everybody counts as one to our address that answers would come from, so that it
 * belongs to the same call as what follows.
 */
static void dispatch(
	struct stack *s, const struct ip_info *ip, const struct udp_hdr *hdr, struct pkt *p)
{
	const struct endpoint remote = { .addr = ip->src, .port = hdr->src_port };
	struct endpoint local = { .addr = interface_of(s, ip), .port = hdr->dst_port };
	const struct endpoint to = { .addr = ip->dst, .port = hdr->dst_port };
	struct udp_conv *listener = conv_at(ports_listener(&s->ports, IP_UDP, &to));
	struct udp_conv *u = conv_at(ports_find(&s->ports, IP_UDP, &local, &remote));

	if (addr_is_multicast(&ip->dst)) {
		dispatch_to_group(s, ip, hdr, p);
		return;
	}
	if (u && (!ip->to_broadcast || u->is_call)) {
		deliver_to(u, ip, hdr, p);
		return;
	}
	if (!listener) {
		nobody_has_it(s, ip, p);
		return;
	}
	if (listener->has_headers)
		deliver_to(listener, ip, hdr, p);
	else
		deliver_call(listener, &local, ip, hdr, p);
}

/* --- a packet that stands for several datagrams ----------------------------------------- */

/* LEN bytes of FROM, from byte OFF on, behind what P has already; false when they do not fit. */
static bool add_piece(struct pkt *p, const struct pkt *from, uint32_t off, uint32_t len)
{
	struct slice slices[PKT_SLICES_MAX + 1];
	int n = pkt_slices(from, off, slices);

	for (int i = 0; i < n && len > 0; i++) {
		uint32_t take = min_u32(len, slices[i].len);

		if (pkt_add_slice(p, slices[i].buf, slices[i].off, take) < 0)
			return false;
		len -= take;
	}
	return len == 0;
}

/* One datagram of LEN bytes of payload at OFF, with the headers that FROM has, so that an error
 * about it can quote them; NULL when memory is short. */
static struct pkt *cut_one(struct stack *s, const struct ip_info *ip, const struct udp_hdr *hdr,
	const struct pkt *from, uint32_t off, uint32_t len)
{
	struct pkt *p = pkt_new(&s->pkts, PKT_HEADROOM, BUF_DATA);
	uint8_t *to;

	if (!p)
		return NULL;
	to = pkt_append(p, (uint32_t)ip->hdr_len + UDP_HDR_LEN);
	memcpy(to, pkt_data(from) - ip->hdr_len, (size_t)ip->hdr_len + UDP_HDR_LEN);
	to = put_be16(to + ip->hdr_len, hdr->src_port);
	to = put_be16(to, hdr->dst_port);
	put_be16(to, (uint16_t)(UDP_HDR_LEN + len));
	pkt_pull(p, ip->hdr_len);
	p->offload = PKT_CSUM_GOOD; /* the whole was verified, or vouched for */
	p->segs = 1;
	if (add_piece(p, from, off, len))
		return p;
	pkt_free(&s->pkts, p);
	return NULL;
}

/* A sender may hand its kernel many datagrams of one length at once, the last one shorter, and
 * a device passes them on in one frame: each is one for its reader all the same. Takes P. */
static void dispatch_each(
	struct stack *s, const struct ip_info *ip, const struct udp_hdr *hdr, struct pkt *p)
{
	uint32_t end = pkt_len(p);

	for (uint32_t off = UDP_HDR_LEN; off < end; off += p->seg_len) {
		uint32_t len = min_u32(p->seg_len, end - off);
		struct udp_hdr own = *hdr;
		struct pkt *one = cut_one(s, ip, hdr, p, off, len);

		own.len = (uint16_t)(UDP_HDR_LEN + len);
		if (one)
			dispatch(s, ip, &own, one);
		else
			count_drop(s, COUNT_udp_drop_no_memory);
	}
	pkt_free(&s->pkts, p);
}

void udp_input(struct stack *s, const struct ip_info *ip, struct pkt *p)
{
	uint8_t bytes[UDP_HDR_LEN];
	struct udp_hdr hdr;
	uint32_t len = pkt_len(p);

	if (!pkt_copy_out(p, 0, bytes, UDP_HDR_LEN)) {
		drop(s, p, COUNT_udp_drop_short);
		return;
	}
	/* RFC 768: bytes after what the length says are not data. */
	if (udp_parse(&hdr, bytes, len) < 0 || pkt_trim(p, hdr.len) < 0) {
		drop(s, p, COUNT_udp_drop_length);
		return;
	}
	/* RFC 1122 4.1.3.4: a sum that is there must be right. IPv6 must have one (8200 8.1). */
	if ((hdr.checksum != 0 || !addr_is_v4(&ip->src)) && !ip_checksum_is_good(ip, p)) {
		drop(s, p, COUNT_udp_drop_checksum);
		return;
	}
	if (hdr.dst_port == 0) {
		drop(s, p, COUNT_udp_drop_port_zero);
		return;
	}
	if (p->offload & PKT_SEG_UDP && p->seg_len > 0)
		dispatch_each(s, ip, &hdr, p);
	else
		dispatch(s, ip, &hdr, p);
}

/*
 * RFC 1122 4.1.3.3: the error is passed up, to the conversation that is connected with the
 * remote; who serves many could not tell which of its datagrams is meant.
 */
void udp_advise(struct stack *s, const struct ip_info *quoted, const struct pkt *p,
	const struct ip_advice *advice)
{
	uint8_t bytes[4];
	struct cursor c = cursor_over(bytes, sizeof(bytes));
	struct endpoint local = { .addr = quoted->src }, remote = { .addr = quoted->dst };
	struct udp_conv *u;

	if (!pkt_copy_out(p, 0, bytes, sizeof(bytes)))
		return;
	local.port = take_be16(&c);
	remote.port = take_be16(&c);
	u = conv_at(ports_find(&s->ports, IP_UDP, &local, &remote));
	if (!u)
		return;
	u->conv.soft_error = (int16_t)advice->error;
	/* What is too long for the path is cut, not refused: nothing for the user to do. */
	if (u->conv.ignores_advice || advice->error == -EMSGSIZE)
		return;
	u->pending = (int16_t)advice->error;
	conv_raise(&u->conv, CONV_REPORT);
	udp_in_event(u);
	conv_touch(&u->conv);
}
