/*
 * stack.c - the spine: what happens to a frame, and to the time. A layer answers "is this for
 * us, and what is it?"; here stands what follows.
 */
#include "stack.h"

#include "ip/arp.h"
#include "ip/icmp4.h"
#include "ip/igmp.h"
#include "ip/ip4.h"
#include "ip/neigh.h"
#include "link/eth.h"
#include "link/ifc.h"
#include "link/lo.h"
#include "stack_private.h"

/* Settling in one poll: that it takes no longer than serving a batch. */
#define SETTLE_CONVS    64
#define SETTLE_BYTES    ((uint64_t)256 << 10)
#define SETTLE_ROUND_US USEC_PER_SEC

/* The stack is never entered twice: a link's send must not call back. */
static void enter(struct stack *s, usec_t now_us)
{
	ASSERT(!s->is_inside);
	ASSERT(now_us >= s->now_us);
	s->is_inside = true;
	s->now_us = now_us;
}

static void leave(struct stack *s)
{
	s->is_inside = false;
	s->trace.about.kind = TRACE_NONE;
}

/* --- in ------------------------------------------------------------------------------ */

static const struct proto *proto_by_number(const struct stack *s, uint8_t ip_number)
{
	for (unsigned i = 0; i < s->convs_n; i++)
		if (s->convs[i].proto->ip_number == ip_number)
			return s->convs[i].proto;
	return NULL;
}

/* A packet of ours went wrong: tell the protocol that sent it. Borrows P. */
static void advise(struct stack *s, const struct ip_info *quoted, const struct pkt *p,
	const struct ip_advice *advice)
{
	const struct proto *proto = proto_by_number(s, quoted->protocol);

	if (proto && proto->advise)
		proto->advise(s, quoted, p, advice);
}

/* ICMP answers with a fact; whom it concerns is decided here. */
static void deliver_icmp(
	struct stack *s, const struct proto *ping, const struct ip_info *ip, struct pkt *p)
{
	struct icmp4_fact fact = icmp4_input(s, ip, p);

	switch (fact.kind) {
	case ICMP4_NOTHING:
		return;
	case ICMP4_ECHO_REPLY:
		ping->input(s, ip, p);
		return;
	case ICMP4_ERROR:
		because(s, CAUSE_ICMP, (unsigned)-fact.advice.error);
		advise(s, &fact.quoted, p, &fact.advice);
		pkt_free(&s->pkts, p);
		return;
	}
}

static void deliver(struct stack *s, const struct ip_info *ip, struct pkt *p)
{
	const struct proto *proto = proto_by_number(s, ip->protocol);

	if (trace_is_on(s))
		trace_in(s, ip, p);
	if (ip->protocol == IP_IGMP) {
		igmp_input(s, ip, p);
	} else if (!proto) {
		icmp4_unreachable(s, ip, p, ICMP4_PROTOCOL_UNREACHABLE);
		drop(s, p, COUNT_ip4_drop_protocol);
	} else if (ip->protocol == IP_ICMP) {
		deliver_icmp(s, proto, ip, p);
	} else {
		proto->input(s, ip, p);
	}
}

static void count_in(struct stack *s, struct ifc *ifc, const struct pkt *p)
{
	uint32_t len = pkt_len(p);

	ifc->frames_in++;
	ifc->bytes_in += len;
	count(s, COUNT_link_frames_in);
	count_add(s, COUNT_link_bytes_in, len);
	count_add(s, COUNT_link_segs_in, max_u32(p->segs, 1));
}

static void frame_input(struct stack *s, struct ifc *ifc, struct pkt *p)
{
	struct eth_hdr eth;
	struct ip_info ip;
	int err;

	count_in(s, ifc, p);
	err = eth_strip(ifc, p, &eth);
	if (err < 0) {
		drop(s, p, err == -EBADMSG ? COUNT_eth_drop_short : COUNT_eth_drop_not_ours);
		return;
	}
	switch (eth.type) {
	case ETH_ARP:
		arp_input(s, ifc, p);
		return;
	case ETH_IP4:
		if (ip4_accept(s, ifc, eth.is_for_all, &p, &ip)) /* false: held, or dropped */
			deliver(s, &ip, p);
		return;
	default:
		drop(s, p, COUNT_eth_drop_type);
	}
}

void stack_input(struct stack *s, struct ifc *ifc, struct pkt *frame, usec_t now_us)
{
	enter(s, now_us);
	frame_input(s, ifc, frame);
	leave(s);
}

/* --- time ---------------------------------------------------------------------------- */

/*
 * Packets to ourselves. What they bring about queues behind them for the next turn: only what
 * was there at the start is taken, so two conversations in one stack cannot keep each other
 * and the loop busy.
 */
static void lo_input(struct stack *s)
{
	struct pkt *first = NULL, **end = &first, *p;
	struct ip_info ip;

	while ((p = lo_take(s))) {
		*end = p;
		end = &p->next;
	}
	while ((p = first)) {
		first = p->next;
		p->next = NULL;
		if (ip4_accept(s, lo_ifc(s), false, &p, &ip))
			deliver(s, &ip, p);
	}
}

/* What waited for a neighbour that did not answer: whoever sent it learns why (RFC 1122 2.4). */
static void tell_failed(struct stack *s)
{
	const struct ip_advice advice = { .error = -EHOSTUNREACH };
	struct ip_info quoted;
	struct pkt *p;

	while ((p = neigh_take_failed(s))) {
		because(s, CAUSE_ERROR, (unsigned)-advice.error);
		if (ip4_parse_quoted(p, &quoted) == 0)
			advise(s, &quoted, p, &advice);
		pkt_free(&s->pkts, p);
	}
}

static void flush(struct stack *s)
{
	s->flush_due = false;
	for (unsigned i = 0; i < s->convs_n; i++)
		if (s->convs[i].proto->flush)
			s->convs[i].proto->flush(s);
	tell_failed(s);
}

void stack_flush(struct stack *s)
{
	if (!s->flush_due)
		return;
	enter(s, s->now_us);
	flush(s);
	leave(s);
}

/* Ask the next few of a protocol; who has been asked goes to the end. */
static void settle_some(struct stack *s, struct proto_convs *of)
{
	uint64_t copied = s->bytes.copied;

	for (unsigned i = 0; i < SETTLE_CONVS && s->bytes.copied - copied < SETTLE_BYTES; i++) {
		struct list *first = of->all.next;

		if (of->to_settle == 0 || first == &of->all)
			return;
		of->to_settle--;
		list_remove(first);
		list_append(&of->all, first);
		of->proto->settle(CONTAINER_OF(first, struct conv, all));
	}
}

/*
 * A peer that takes nothing, or a reader who reads nothing, may keep a whole chunk for a few of
 * the bytes that were shared there; some hundred of them keep the whole budget. So, when memory
 * gets short, all are asked in turn, some in each poll.
 */
static void settle(struct stack *s)
{
	bool is_new_round = s->now_us >= s->settle_us;

	if (bufs_pressure_percent(&s->bufs) < LIMIT_PRESSURE_YELLOW)
		return;
	if (is_new_round)
		s->settle_us = s->now_us + SETTLE_ROUND_US;
	for (unsigned i = 0; i < s->convs_n; i++) {
		struct proto_convs *of = &s->convs[i];

		if (is_new_round && of->to_settle == 0 && of->proto->settle)
			of->to_settle = of->pool.out;
		settle_some(s, of);
	}
}

usec_t stack_poll(struct stack *s, usec_t now_us)
{
	enter(s, now_us);
	flush(s);
	lo_input(s);
	timers_run(&s->timers, now_us);
	settle(s);
	tell_failed(s);
	leave(s);
	return stack_deadline(s);
}

usec_t stack_deadline(const struct stack *s)
{
	if (s->flush_due || !lo_is_empty(s))
		return s->now_us;
	return timers_next(&s->timers);
}

/* --- memory for whoever drives us ---------------------------------------------------- */

/* What arrives may be what frees memory (an acknowledgement), so frames may be received into
 * the reserve too; a protocol refuses to keep them there. */
struct pkt *stack_pkt(struct stack *s)
{
	struct pkt *p = pkt_new(&s->pkts, PKT_HEADROOM, BUF_DATA);

	return p ? p : pkt_new(&s->pkts, PKT_HEADROOM, BUF_CONTROL);
}

struct buf *stack_rx_buf(struct stack *s)
{
	return buf_new(&s->bufs, BUF_LARGE, BUF_DATA);
}

struct pkts *stack_pkts(struct stack *s)
{
	return &s->pkts;
}

void stack_pkt_free(struct stack *s, struct pkt *p)
{
	pkt_free(&s->pkts, p);
}

struct buf *stack_chunk(struct stack *s)
{
	return buf_new(&s->bufs, BUF_CHUNK, BUF_DATA);
}

bool stack_idle_span(struct stack *s, void **at, size_t *len)
{
	return bufs_idle_span(&s->bufs, at, len);
}
