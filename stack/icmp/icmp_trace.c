/*
 * icmp_trace.c - a message as the trace tells it, whether a conversation's or not; for an error
 * also whose packet it quotes.
 */
#include "../base/wire.h"
#include "../ip/icmp4_msg.h"
#include "../ip/ip4.h"
#include "../stack_private.h"
#include "ping.h"

/* Ports, or of an echo the id: where a quoted packet came from and went to. */
static void read_ends(struct trace_event *quoted, struct cursor c)
{
	uint16_t first = take_be16(&c);
	uint16_t second = take_be16(&c);

	if (quoted->protocol == IP_ICMP) {
		quoted->local.port = take_be16(&c);
	} else {
		quoted->local.port = quoted->is_in ? second : first;
		quoted->peer.port = quoted->is_in ? first : second;
	}
}

/* What is quoted went the other way: an error that comes in is about what we sent. */
static const struct conv *read_quote(const struct stack *s, struct trace_event *e, struct cursor c)
{
	struct trace_event quoted = { .is_in = !e->is_in };
	const struct conv *whose;
	struct ip_info ip;
	int hdr_len = ip4_read_header(c.at, cursor_left(&c), &ip);

	if (hdr_len < 0)
		return NULL;
	take_bytes(&c, (size_t)hdr_len);
	quoted.protocol = ip.protocol;
	quoted.local.addr = quoted.is_in ? ip.dst : ip.src;
	quoted.peer.addr = quoted.is_in ? ip.src : ip.dst;
	read_ends(&quoted, c);
	whose = trace_whose(s, ip.protocol, &quoted.local, &quoted.peer);
	e->icmp.quoted_protocol = ip.protocol;
	e->icmp.quoted_peer = quoted.peer;
	e->icmp.about = whose ? whose->number : 0;
	return whose;
}

const struct conv *ping_trace(
	const struct stack *s, struct trace_event *e, const uint8_t *at, size_t len, uint32_t total)
{
	struct cursor c = cursor_over(at, len);
	struct trace_icmp m = { .len = total };
	struct endpoint from = e->local;

	m.type = take_u8(&c);
	m.code = take_u8(&c);
	take_be16(&c);
	m.rest = take_be32(&c);
	if (c.bad)
		return NULL;
	m.id = from.port = (uint16_t)(m.rest >> 16);
	m.seq = (uint16_t)m.rest;
	e->kind = TRACE_ICMP;
	e->icmp = m;
	if (icmp4_is_error(m.type))
		return read_quote(s, e, c);
	/* Only what we ask and what we are answered is a conversation's. */
	if (m.type != (e->is_in ? ICMP4_TYPE_ECHO_REPLY : ICMP4_TYPE_ECHO))
		return NULL;
	return trace_whose(s, IP_ICMP, &from, &e->peer);
}
