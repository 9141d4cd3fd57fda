/*
 * udp_private.h - struct udp_conv; for udp/ only.
 *
 * A conversation is connected (one remote), or announced. Announced without headers each new
 * remote becomes a call, a conversation of its own that ends when it has been silent for a
 * while. Announced with headers it serves all remotes itself. Announced on a group it is the
 * group's: it reads what is sent there and writes there, and others may be announced beside it.
 */
#ifndef CATNET_UDP_PRIVATE_H
#define CATNET_UDP_PRIVATE_H

#include "../datagrams.h"
#include "../stack_private.h"
#include "udp.h"
#include "udp_hdr.h"

struct udp_conv {
	struct conv conv;
	struct datagrams queue; /* not read yet */
	bool has_headers;
	bool is_call;
	int16_t pending;   /* what ICMP said and nobody has been told yet, as -errno */
	struct list calls; /* announced: those that wait, by `waiting` */
	uint32_t calls_n;
	struct list waiting;        /* a call nobody has taken yet */
	struct udp_conv *listener;  /* whose list that is; NULL once taken */
	struct timer idle;          /* a call's */
	struct udp_member *members; /* the groups that it is in */
	uint32_t members_n;
	usec_t active_us;               /* when something last came or went */
	uint8_t prefix[UDP_PREFIX_LEN]; /* of the datagram peeked */
	uint64_t bytes_in, bytes_out;
	uint64_t datagrams_in, datagrams_out;
	uint64_t drop_full, drop_no_memory, drop_calls;
};

static inline struct udp_conv *udp_of(struct conv *c)
{
	return CONTAINER_OF(c, struct udp_conv, conv);
}

/* A datagram, its IP header off; takes P. */
void udp_input(struct stack *s, const struct ip_info *ip, struct pkt *p);

/* ICMP says that one of ours went wrong; borrows P. */
void udp_advise(struct stack *s, const struct ip_info *quoted, const struct pkt *p,
	const struct ip_advice *advice);

/* Raise or lower CONV_IN by whether a read would give something. */
void udp_in_event(struct udp_conv *u);

/* A call that nobody has taken leaves its listener and is freed. */
void udp_call_forget(struct udp_conv *call);

const struct conv *udp_trace(const struct stack *s, struct trace_event *e, const uint8_t *at,
	size_t len, uint32_t total);

void udp_call_idle(void *arg, struct timer *t);

#endif
