/*
 * icmp4.h - ICMPv4 (RFC 792, 1122 3.2.2): echo answered, errors told and heard.
 *
 * It names no protocol above: an echo reply and an error about a packet of ours are facts that
 * the spine hands to whom they concern.
 */
#ifndef CATNET_ICMP4_H
#define CATNET_ICMP4_H

#include "ip.h"

enum icmp4_fact_kind {
	ICMP4_NOTHING,    /* answered, dropped or of no concern: P is gone */
	ICMP4_ECHO_REPLY, /* P begins with the ICMP header, whole and verified */
	ICMP4_ERROR,      /* P begins with the quoted transport header; quoted and advice are set */
};

struct icmp4_fact {
	enum icmp4_fact_kind kind;
	struct ip_info quoted;
	struct ip_advice advice;
};

enum icmp4_unreachable { ICMP4_PROTOCOL_UNREACHABLE = 2, ICMP4_PORT_UNREACHABLE = 3 };

int icmp4_setup(struct stack *s);

/* A message for us. With ICMP4_NOTHING P has been taken; else it stays the caller's. */
struct icmp4_fact icmp4_input(struct stack *s, const struct ip_info *ip, struct pkt *p);

/* Tell the sender of P (header off, as delivered) that it could not be delivered, if RFC 1122
 * 3.2.2 and the rate limit allow; borrows P. */
void icmp4_unreachable(struct stack *s, const struct ip_info *ip, const struct pkt *p,
	enum icmp4_unreachable code);

/* Tell that reassembly took too long: FIRST is the first fragment, from its IP header on. */
void icmp4_time_exceeded(struct stack *s, struct ifc *ifc, const struct pkt *first);

#endif
