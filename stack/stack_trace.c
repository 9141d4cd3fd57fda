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

/* Events of others that are passed over in one go. */
#define LOOKS_MAX 64

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

void stack_trace_want(struct stack *s, unsigned reader, unsigned kinds, const struct addr *only)
{
	struct trace *t = &s->trace;
	struct trace_reader *r = &t->readers[reader];

	ASSERT(reader < STACK_TRACE_READERS);
	if (!t->ring)
		return;
	if (r->wanted == 0)
		r->cursor = t->written; /* what others wanted before is not his */
	r->wanted = kinds;
	r->only = only ? *only : addr_any;
	t->wanted = 0;
	for (unsigned i = 0; i < STACK_TRACE_READERS; i++)
		t->wanted |= t->readers[i].wanted;
}

bool stack_trace_next(struct stack *s, unsigned reader, struct text *line, struct stack_trace *out)
{
	struct trace_reader *r = &s->trace.readers[reader];
	struct trace_event e;
	uint64_t lost;

	ASSERT(reader < STACK_TRACE_READERS);
	*out = (struct stack_trace){ .lost = 0 };
	for (unsigned i = 0; i < LOOKS_MAX && trace_next(&s->trace, &r->cursor, &e, &lost); i++) {
		out->lost += lost;
		out->kinds = trace_kinds_of(&e);
		if (!trace_is_wanted(r, &e, out->kinds))
			continue;
		out->at_us = e.at_us;
		trace_words(&e, line);
		return true;
	}
	return false;
}

bool stack_trace_has(const struct stack *s, unsigned reader)
{
	ASSERT(reader < STACK_TRACE_READERS);
	return s->trace.readers[reader].wanted != 0 &&
		s->trace.readers[reader].cursor < s->trace.written;
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
