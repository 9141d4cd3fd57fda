/*
 * icmp4_msg.h - the numbers of ICMPv4 (RFC 792).
 */
#ifndef CATNET_ICMP4_MSG_H
#define CATNET_ICMP4_MSG_H

#include "../base/base.h"

#define ICMP4_HDR_LEN 8

enum icmp4_type {
	ICMP4_TYPE_ECHO_REPLY = 0,
	ICMP4_UNREACHABLE = 3,
	ICMP4_SOURCE_QUENCH = 4,
	ICMP4_REDIRECT = 5,
	ICMP4_TYPE_ECHO = 8,
	ICMP4_TIME_EXCEEDED = 11,
	ICMP4_PARAMETER_PROBLEM = 12,
};

/* Does a message of TYPE quote another one? */
static inline bool icmp4_is_error(uint8_t type)
{
	return type == ICMP4_UNREACHABLE || type == ICMP4_SOURCE_QUENCH || type == ICMP4_REDIRECT ||
		type == ICMP4_TIME_EXCEEDED || type == ICMP4_PARAMETER_PROBLEM;
}

#endif
