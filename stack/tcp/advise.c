/*
 * advise.c - what ICMP says of our segments (RFC 1122 4.2.3.9, RFC 5927).
 *
 * Anybody can forge it, so it is believed only about sequence numbers that are in flight, and
 * it never ends a conversation that is synchronized.
 */
#include "parts.h"

/* The ports and the sequence number: what RFC 792 promises to be quoted. */
#define QUOTED_MIN 8

static struct tuple *quoted_tuple(
	struct stack *s, const struct ip_info *quoted, const uint8_t *header)
{
	struct endpoint local = { .addr = quoted->src,
		.port = (uint16_t)(header[0] << 8 | header[1]) };
	struct endpoint remote = { .addr = quoted->dst,
		.port = (uint16_t)(header[2] << 8 | header[3]) };

	return ports_find(&s->ports, IP_TCP, &local, &remote);
}

static void advise_conversation(struct tcp_conv *c, uint32_t seq, const struct ip_advice *advice)
{
	if (c->conv.ignores_advice || advice->error == -EMSGSIZE)
		return;
	if (!seq_in(seq, c->snd_una, c->snd_max))
		return;
	if (c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED) {
		tcp_end(c, advice->error);
		return;
	}
	c->conv.soft_error = (int16_t)advice->error;
}

void tcp_advise(struct stack *s, const struct ip_info *quoted, const struct pkt *p,
	const struct ip_advice *advice)
{
	uint8_t header[QUOTED_MIN];
	struct tuple *t;
	uint32_t seq;

	if (!pkt_copy_out(p, 0, header, sizeof header))
		return;
	seq = (uint32_t)header[4] << 24 | (uint32_t)header[5] << 16 | (uint32_t)header[6] << 8 |
		header[7];
	t = quoted_tuple(s, quoted, header);
	if (!t)
		return;
	if (t->kind == TUPLE_CONV)
		advise_conversation(tcp_of(CONTAINER_OF(t, struct conv, tuple)), seq, advice);
	else if (t->kind == TUPLE_HALF_OPEN)
		tcp_half_advise(t, seq, advice);
}
