/* arp.c - see arp.h. */
#include "arp.h"

#include "../base/wire.h"
#include "../link/eth.h"
#include "../link/ifc.h"
#include "../stack_private.h"
#include "acd.h"
#include "arp_msg.h"
#include "ip4.h"
#include "neigh.h"

#include <string.h>

#define ARP_ETHERNET 1

static const uint8_t no_mac[6];

/* --- the message ------------------------------------------------------------------------- */

int arp_parse(struct arp_msg *out, const uint8_t *at, size_t len)
{
	struct cursor c = cursor_over(at, len);
	bool is_known;

	if (len < ARP_LEN)
		return -EBADMSG;
	is_known = take_be16(&c) == ARP_ETHERNET;
	is_known &= take_be16(&c) == ETH_IP4;
	is_known &= take_u8(&c) == sizeof(out->sender_mac);
	is_known &= take_u8(&c) == 4;
	out->op = take_be16(&c);
	memcpy(out->sender_mac, take_bytes(&c, 6), 6);
	out->sender = addr_from_v4(take_be32(&c));
	memcpy(out->target_mac, take_bytes(&c, 6), 6);
	out->target = addr_from_v4(take_be32(&c));
	return is_known ? 0 : -EPROTONOSUPPORT;
}

void arp_build(uint8_t *to, const struct arp_msg *m)
{
	to = put_be16(to, ARP_ETHERNET);
	to = put_be16(to, ETH_IP4);
	to = put_u8(to, sizeof(m->sender_mac));
	to = put_u8(to, 4);
	to = put_be16(to, m->op);
	memcpy(to, m->sender_mac, 6);
	to = put_be32(to + 6, addr_v4(&m->sender));
	memcpy(to, m->target_mac, 6);
	put_be32(to + 6, addr_v4(&m->target));
}

/* For the trace: M came from, or goes to, PEER. */
static void tell(struct stack *s, const struct arp_msg *m, const struct addr *peer, bool is_in)
{
	struct trace_event e = { .kind = TRACE_ARP,
		.peer = { .addr = *peer },
		.is_in = is_in,
		.arp = { .sender = m->sender, .target = m->target, .op = m->op } };

	memcpy(e.arp.mac, m->sender_mac, sizeof(e.arp.mac));
	trace_put(s, &e);
}

/* --- asking and answering ----------------------------------------------------------------- */

static void send_msg(
	struct stack *s, struct ifc *ifc, const uint8_t dst[6], const struct arp_msg *m)
{
	struct pkt *p = pkt_new(&s->pkts, PKT_HEADROOM, BUF_CONTROL);

	if (!p) {
		count(s, COUNT_arp_no_memory);
		return;
	}
	arp_build(pkt_append(p, ARP_LEN), m);
	if (trace_is_on(s))
		tell(s, m, &m->target, false);
	count(s, m->op == ARP_REQUEST ? COUNT_arp_requests_out : COUNT_arp_replies_out);
	eth_send(s, ifc, dst, ETH_ARP, p);
}

static void request(struct stack *s, struct ifc *ifc, const uint8_t dst[6],
	const struct addr *sender, const struct addr *target)
{
	struct arp_msg m = { .op = ARP_REQUEST, .sender = *sender, .target = *target };

	memcpy(m.sender_mac, ifc->mac, 6);
	send_msg(s, ifc, dst, &m);
}

void arp_ask(struct stack *s, struct ifc *ifc, const struct addr *target, const uint8_t *mac)
{
	const struct ifc_addr *own = ifc_addr_towards(s, ifc, target);

	/* Without an address of ours the question would look like a probe. */
	if (own)
		request(s, ifc, mac ? mac : eth_broadcast, &own->addr, target);
}

void arp_probe(struct stack *s, struct ifc *ifc, const struct addr *target)
{
	const struct addr nobody = addr_from_v4(0);

	request(s, ifc, eth_broadcast, &nobody, target);
}

void arp_announce(struct stack *s, struct ifc *ifc, const struct addr *own)
{
	request(s, ifc, eth_broadcast, own, own);
}

static void answer(struct stack *s, struct ifc *ifc, const struct arp_msg *asked)
{
	struct arp_msg m = { .op = ARP_REPLY, .sender = asked->target, .target = asked->sender };

	memcpy(m.sender_mac, ifc->mac, 6);
	memcpy(m.target_mac, asked->sender_mac, 6);
	send_msg(s, ifc, asked->sender_mac, &m);
}

/* --- hearing --------------------------------------------------------------------------------- */

/* Also what we said ourselves on another interface of the same wire (RFC 5227 2.4). */
static bool is_our_mac(const struct stack *s, const uint8_t mac[6])
{
	const struct ifc *ifc;

	for (unsigned i = 0; (ifc = ifc_at(s, i)); i++) {
		if (memcmp(ifc->mac, mac, 6) == 0)
			return true;
	}
	return false;
}

/* Nobody can be reached at a group's MAC, at none, or at our own; and nobody but a prober may be
 * without an address of a host (RFC 1812 3.3.2). */
static bool may_be_sender(const struct stack *s, const struct arp_msg *m)
{
	if ((m->sender_mac[0] & 1) || memcmp(m->sender_mac, no_mac, 6) == 0 ||
		is_our_mac(s, m->sender_mac))
		return false;
	return addr_is_any(&m->sender) || ip4_is_host(&m->sender);
}

static bool is_for_us(const struct stack *s, const struct ifc *ifc, const struct arp_msg *m)
{
	const struct ifc_addr *own = ifc_addr_find(s, &m->target);

	return own && own->ifc == ifc && own->state == IFC_ADDR_USED;
}

/* RFC 826, "Packet Reception": what is known of the sender is merged before anybody looks at the
 * operation. */
static void merge(struct stack *s, struct ifc *ifc, const struct arp_msg *m, bool for_us)
{
	enum neigh_news news = NEIGH_SEEN;

	/* A prober has no address yet; and ours, on whichever link, nobody else speaks for. */
	if (addr_is_any(&m->sender) || ifc_addr_find(s, &m->sender))
		return;
	if (for_us)
		news = m->op == ARP_REPLY ? NEIGH_ANSWERED : NEIGH_TOLD;
	neigh_heard(s, ifc, &m->sender, m->sender_mac, news);
}

static void count_op(struct stack *s, const struct arp_msg *m)
{
	if (m->op == ARP_REQUEST)
		count(s, COUNT_arp_requests_in);
	else if (m->op == ARP_REPLY)
		count(s, COUNT_arp_replies_in);
	else
		count_drop(s, COUNT_arp_drop_op);
}

static void hear(struct stack *s, struct ifc *ifc, const struct arp_msg *m)
{
	bool for_us;

	count_op(s, m);
	if (acd_conflicts(s, ifc, m))
		return;
	for_us = is_for_us(s, ifc, m);
	merge(s, ifc, m, for_us);
	if (for_us && m->op == ARP_REQUEST)
		answer(s, ifc, m);
}

void arp_input(struct stack *s, struct ifc *ifc, struct pkt *p)
{
	struct arp_msg m;
	int err = arp_parse(&m, pkt_data(p), p->len);

	if (trace_is_on(s) && err == 0)
		tell(s, &m, &m.sender, true);
	if (err == -EBADMSG) {
		drop(s, p, COUNT_arp_drop_short);
	} else if (err < 0) {
		drop(s, p, COUNT_arp_drop_format);
	} else if (!may_be_sender(s, &m)) {
		drop(s, p, COUNT_arp_drop_sender);
	} else {
		hear(s, ifc, &m);
		pkt_free(&s->pkts, p);
	}
}
