/*
 * ping.h - echo as conversations (RFC 792): a write is a request, a read is a reply.
 *
 * Both are the ICMP header of 8 bytes and the payload, without an IP header. In what is written
 * checksum and id are left open: they are ours. The id is the local port; a remote has none.
 */
#ifndef CATNET_PING_H
#define CATNET_PING_H

#include "../proto.h"

extern const struct proto ping_proto;

/* icmp_trace.c: the row's. */
const struct conv *ping_trace(const struct stack *s, struct trace_event *e, const uint8_t *at,
	size_t len, uint32_t total);

#endif
