/*
 * udp.h - UDP (RFC 768, 1122 4.1): the row, and nothing else to see.
 */
#ifndef CATNET_UDP_H
#define CATNET_UDP_H

#include "../proto.h"

extern const struct proto udp_proto;

#endif
