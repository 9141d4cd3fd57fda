/*
 * ping.h - echo as conversations (RFC 792): a write is a request, a read is a reply.
 *
 * What is written is the payload of one echo request; id, sequence number and checksum are
 * ours. What is read is one reply, its ICMP header of 8 bytes included. The id is the local
 * port; a remote has none.
 */
#ifndef CATNET_PING_H
#define CATNET_PING_H

#include "../proto.h"

extern const struct proto ping_proto;

#endif
