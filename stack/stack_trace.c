/*
 * stack_trace.c - the doors to the trace: what is wanted, and the words for who reads.
 */
#include "ip/ip4.h"
#include "link/eth.h"
#include "stack.h"
#include "stack_private.h"
#include "trace_words.h"

#include "base/wire.h"

#include <string.h>

static const struct {
	const char *name;
	unsigned kinds;
} kinds_by_name[] = {
	{ "state", STACK_TRACE_STATE },
	{ "packet", STACK_TRACE_PACKET },
	{ "drop", STACK_TRACE_DROP },
	{ "tcp", STACK_TRACE_TCP },
	{ "udp", STACK_TRACE_UDP },
	{ "icmp", STACK_TRACE_ICMP },
	{ "arp", STACK_TRACE_ARP },
	{ "ip", STACK_TRACE_IP },
	{ "all", STACK_TRACE_STATE | STACK_TRACE_PACKET | STACK_TRACE_DROP },
};

unsigned stack_trace_kinds(const char *name)
{
	for (unsigned i = 0; i < ARRAY_LEN(kinds_by_name); i++)
		if (strcmp(kinds_by_name[i].name, name) == 0)
			return kinds_by_name[i].kinds;
	return 0;
}

const char *stack_trace_name(unsigned i)
{
	return i < ARRAY_LEN(kinds_by_name) ? kinds_by_name[i].name : NULL;
}

void stack_trace_want(struct stack *s, unsigned kinds, const struct addr *only)
{
	s->trace.wanted = s->trace.ring ? kinds : 0;
	s->trace.only = only ? *only : addr_any;
}

bool stack_trace_next(
	const struct stack *s, uint64_t *cursor, struct text *line, struct stack_trace *out)
{
	struct trace_event e;

	if (!trace_next(&s->trace, cursor, &e, &out->lost))
		return false;
	out->at_us = e.at_us;
	out->kinds = trace_kinds_of(&e);
	out->peer = e.peer.addr;
	trace_words(&e, line);
	return true;
}

uint64_t stack_trace_end(const struct stack *s)
{
	return s->trace.written;
}

/* --- whose a frame is -------------------------------------------------------------------- */

static bool read_packet(
	struct trace_event *e, const uint8_t *frame, size_t len, bool is_in, uint32_t *hdr_len)
{
	struct cursor c = cursor_over(frame, len);
	struct ip_info ip;
	int got;

	take_bytes(&c, ETH_HDR_LEN - 2);
	if (take_be16(&c) != ETH_IP4)
		return false;
	got = ip4_read_header(c.at, cursor_left(&c), &ip);
	if (got < 0 || ip.was_fragmented)
		return false;
	*hdr_len = (uint32_t)got;
	*e = (struct trace_event){ .local = { .addr = is_in ? ip.dst : ip.src },
		.peer = { .addr = is_in ? ip.src : ip.dst },
		.protocol = ip.protocol,
		.is_in = is_in };
	return true;
}

const struct conv *stack_frame_conv(
	const struct stack *s, const uint8_t *frame, size_t len, bool is_in)
{
	struct trace_event e;
	uint32_t hdr_len;
	size_t off;

	if (!read_packet(&e, frame, len, is_in, &hdr_len))
		return NULL;
	off = ETH_HDR_LEN + hdr_len;
	return trace_look(s, &e, frame + off, len - off, (uint32_t)(len - off));
}
