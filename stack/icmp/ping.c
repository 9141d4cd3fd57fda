#include "ping.h"

#include "../base/checksum.h"
#include "../base/text.h"
#include "../base/wire.h"
#include "../datagrams.h"
#include "../describe.h"
#include "../ip/ip.h"
#include "../stack_private.h"

#define ECHO_HDR_LEN 8
#define ECHO_REQUEST 8

struct ping_conv {
	struct conv conv;
	struct datagrams queue; /* replies not read yet, ICMP header included */
	uint16_t seq;           /* of the last request */
	int16_t pending;        /* what ICMP said and nobody has been told yet, as -errno */
	uint64_t requests, replies;
	uint64_t bytes_in, bytes_out;
	uint64_t drop_full, drop_no_memory;
	usec_t asked_us; /* when the last request went */
	usec_t rtt_us;   /* from it to its reply; 0 before the first */
};

static struct ping_conv *ping_of(struct conv *c)
{
	return CONTAINER_OF(c, struct ping_conv, conv);
}

static void in_event(struct ping_conv *g)
{
	if (g->queue.n > 0 || g->pending || g->conv.stage == CONV_OVER)
		conv_raise(&g->conv, CONV_IN);
	else
		conv_lower(&g->conv, CONV_IN);
}

/* --- life ---------------------------------------------------------------------------- */

static int ping_open(struct conv *c)
{
	c->rcvbuf = LIMIT_PING_RCVBUF;
	c->sndbuf = LIMIT_PING_RCVBUF;
	datagrams_init(&ping_of(c)->queue);
	return 0;
}

static int ping_connect(struct conv *c)
{
	conv_raise(c, CONV_UP | CONV_OUT);
	return 0;
}

static void ping_end(struct conv *c)
{
	ports_leave(&c->stack->ports, &c->tuple);
	conv_end(c, 0);
}

static int ping_close(struct conv *c)
{
	ping_end(c);
	return 0;
}

static bool ping_retire(struct conv *c)
{
	(void)c;
	return true;
}

static void ping_free(struct conv *c)
{
	datagrams_clear(&c->stack->datagrams, &ping_of(c)->queue);
}

/* --- bytes --------------------------------------------------------------------------- */

static int ping_take_report(struct conv *c)
{
	struct ping_conv *g = ping_of(c);
	int error = g->pending;

	g->pending = 0;
	conv_lower(c, CONV_REPORT);
	in_event(g);
	return error;
}

static ssize_t ping_peek(struct conv *c, struct span *out, int max, size_t len, int *pieces)
{
	struct ping_conv *g = ping_of(c);

	if (g->queue.n > 0)
		return (ssize_t)datagrams_peek(&g->queue, len, out, max, pieces);
	if (g->pending)
		return ping_take_report(c);
	return c->stage == CONV_OVER ? c->error : -EAGAIN;
}

static void ping_taken(struct conv *c, size_t len)
{
	struct ping_conv *g = ping_of(c);

	(void)len; /* a reply is read as a whole: what did not fit is lost */
	if (g->queue.n > 0)
		datagrams_drop(&c->stack->datagrams, &g->queue);
	in_event(g);
}

static int ping_datagram(const struct conv *c, struct conv_datagram *out)
{
	return datagrams_front(&((const struct ping_conv *)c)->queue, out);
}

static void ping_queues(const struct conv *c, struct conv_queues *out)
{
	const struct ping_conv *g = (const struct ping_conv *)c;

	out->in = g->queue.n > 0 ? g->queue.first->len : 0;
}

/* RFC 792: the sum covers the whole message and no pseudo-header, so it is made here. */
static void put_request(const struct ping_conv *g, struct pkt *p)
{
	uint8_t *hdr = pkt_data(p);
	uint8_t *sum = hdr + 2;

	hdr = put_u8(hdr, ECHO_REQUEST);
	hdr = put_u8(hdr, 0);
	hdr = put_be16(hdr, 0);
	hdr = put_be16(hdr, g->conv.tuple.local.port);
	put_be16(hdr, g->seq);
	put_be16(sum, checksum_finish(pkt_checksum(p, 0, pkt_len(p), 0)));
}

/* Sends LEN bytes of payload at AT as request SEQ. */
static int send_request(
	struct ping_conv *g, uint16_t seq, struct buf *from, const void *at, uint32_t len)
{
	struct stack *s = g->conv.stack;
	const struct ip_send how = { .src = g->conv.tuple.local.addr,
		.dst = g->conv.tuple.remote.addr,
		.ifc = g->conv.ifc,
		.protocol = IP_ICMP,
		.ttl = g->conv.ttl,
		.tos = g->conv.tos };
	struct pkt *p = pkt_new(&s->pkts, PKT_HEADROOM, BUF_DATA);
	int err;

	if (!p)
		return -ENOBUFS;
	pkt_append(p, ECHO_HDR_LEN);
	if (datagrams_carry(&s->datagrams, p, from, at, len) < 0) {
		pkt_free(&s->pkts, p);
		return -ENOBUFS;
	}
	g->seq = seq;
	put_request(g, p);
	err = ip_output(s, &how, p);
	if (err < 0)
		return err;
	count(s, COUNT_ping_out);
	g->requests++;
	g->bytes_out += len;
	g->asked_us = s->now_us;
	return 0;
}

static ssize_t ping_write(struct conv *c, struct buf *from, const void *at, size_t len)
{
	struct ping_conv *g = ping_of(c);
	struct cursor hdr = cursor_over(at, len);
	uint16_t seq;
	int err;

	if (c->stage == CONV_OVER)
		return c->error ? c->error : -EPIPE;
	if (len > LIMIT_DATAGRAM_MAX)
		return -EMSGSIZE;
	if (take_u8(&hdr) != ECHO_REQUEST || take_u8(&hdr) != 0)
		return -EINVAL;
	take_be16(&hdr); /* checksum and id are ours */
	take_be16(&hdr);
	seq = take_be16(&hdr);
	if (hdr.bad)
		return -EINVAL;
	err = send_request(
		g, seq, from, (const uint8_t *)at + ECHO_HDR_LEN, (uint32_t)(len - ECHO_HDR_LEN));
	return err < 0 ? err : (ssize_t)len;
}

/* --- what the wire brings ------------------------------------------------------------ */

/* The conversation that sent the request with this id to REMOTE from LOCAL. */
static struct ping_conv *conv_with(
	struct stack *s, const struct addr *local, const struct addr *remote, uint16_t id)
{
	const struct endpoint from = { .addr = *local, .port = id };
	const struct endpoint to = { .addr = *remote, .port = 0 };
	struct tuple *t = ports_find(&s->ports, IP_ICMP, &from, &to);

	return t ? ping_of(CONTAINER_OF(t, struct conv, tuple)) : NULL;
}

/* The id and sequence number of an echo header at the front of P; false when it is shorter. */
static bool echo_header(const struct pkt *p, uint8_t *type, uint16_t *id, uint16_t *seq)
{
	uint8_t bytes[ECHO_HDR_LEN];
	struct cursor c = cursor_over(bytes, sizeof(bytes));

	if (!pkt_copy_out(p, 0, bytes, sizeof(bytes)))
		return false;
	*type = take_u8(&c);
	take_bytes(&c, 3);
	*id = take_be16(&c);
	*seq = take_be16(&c);
	return true;
}

/* A verified echo reply, its ICMP header in front; takes P. */
static void ping_input(struct stack *s, const struct ip_info *ip, struct pkt *p)
{
	struct ping_conv *g = NULL;
	struct datagram *d;
	uint16_t id, seq;
	uint8_t type;
	int err;

	if (echo_header(p, &type, &id, &seq))
		g = conv_with(s, &ip->dst, &ip->src, id);
	if (!g) {
		drop(s, p, COUNT_ping_drop_no_conv);
		return;
	}
	err = datagrams_put(&s->datagrams, &g->queue, g->conv.rcvbuf, p, 0, &d);
	if (err < 0) {
		g->drop_full += err == -ENOSPC;
		g->drop_no_memory += err == -ENOBUFS;
		drop(s, p, COUNT_ping_drop_full);
		return;
	}
	d->remote = (struct endpoint){ .addr = ip->src };
	d->local = (struct endpoint){ .addr = ip->dst, .port = id };
	count(s, COUNT_ping_in);
	g->replies++;
	g->bytes_in += d->len;
	if (seq == g->seq)
		g->rtt_us = s->now_us - g->asked_us;
	pkt_free(&s->pkts, p);
	conv_raise(&g->conv, CONV_IN);
	conv_touch(&g->conv);
}

static void ping_advise(struct stack *s, const struct ip_info *quoted, const struct pkt *p,
	const struct ip_advice *advice)
{
	struct ping_conv *g;
	uint16_t id, seq;
	uint8_t type;

	if (!echo_header(p, &type, &id, &seq) || type != ECHO_REQUEST)
		return;
	g = conv_with(s, &quoted->src, &quoted->dst, id);
	if (!g)
		return;
	g->conv.soft_error = (int16_t)advice->error;
	if (g->conv.ignores_advice || advice->error == -EMSGSIZE)
		return;
	g->pending = (int16_t)advice->error;
	conv_raise(&g->conv, CONV_REPORT);
	in_event(g);
	conv_touch(&g->conv);
}

/* --- telling ------------------------------------------------------------------------- */

static const char *ping_state_name(const struct conv *c)
{
	return c->stage == CONV_CONNECTED ? "Connected" : CONV_CLOSED_NAME;
}

static void ping_describe(const struct conv *c, struct describer *d)
{
	const struct ping_conv *g = (const struct ping_conv *)c;

	conv_describe_stages(c, d);
	d->number(d, "bytes_in", g->bytes_in);
	d->number(d, "bytes_out", g->bytes_out);
	d->number(d, "requests_out", g->requests);
	d->number(d, "replies_in", g->replies);
	d->number(d, "seq", g->seq);
	d->number(d, "rtt_us", g->rtt_us);
	d->open(d, "dropped");
	d->number(d, "full", g->drop_full);
	d->number(d, "no_memory", g->drop_no_memory);
	d->close(d);
	d->number(d, "queue_datagrams", g->queue.n);
	d->number(d, "queue_bytes", g->queue.len);
	d->number(d, "queue_held_bytes", g->queue.charged);
}

const struct proto ping_proto = {
	.name = "icmp",
	.ip_number = IP_ICMP,
	.is_portless = true,
	.conv_size = sizeof(struct ping_conv),
	.open = ping_open,
	.connect = ping_connect,
	.close = ping_close,
	.hangup = ping_end,
	.orphan = ping_end,
	.retire = ping_retire,
	.free = ping_free,
	.peek = ping_peek,
	.taken = ping_taken,
	.write = ping_write,
	.datagram = ping_datagram,
	.take_report = ping_take_report,
	.queues = ping_queues,
	.state_name = ping_state_name,
	.describe = ping_describe,
	.input = ping_input,
	.advise = ping_advise,
	.trace = ping_trace,
};
