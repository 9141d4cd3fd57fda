/*
 * What users ask of UDP. Nothing waits but a read: a write is sent, or fails.
 */
#include "../base/text.h"
#include "../describe.h"
#include "../ip/ip.h"
#include "udp_groups.h"
#include "udp_private.h"

#include <string.h>

/* Does a read give datagrams, from whomever? */
static bool is_readable(const struct udp_conv *u)
{
	return u->conv.stage != CONV_ANNOUNCED || u->has_headers || udp_is_of_group(u);
}

void udp_in_event(struct udp_conv *u)
{
	if (u->queue.n > 0 || u->pending || u->conv.stage == CONV_OVER)
		conv_raise(&u->conv, CONV_IN);
	else
		conv_lower(&u->conv, CONV_IN);
}

/* Without headers an empty datagram at the front would look like the end. */
static void skip_empty(struct udp_conv *u)
{
	while (!u->has_headers && u->queue.n > 0 && u->queue.first->len == 0)
		datagrams_drop(&u->conv.stack->datagrams, &u->queue);
}

/* --- life ---------------------------------------------------------------------------- */

static int udp_open(struct conv *c)
{
	struct udp_conv *u = udp_of(c);

	c->rcvbuf = LIMIT_UDP_RCVBUF;
	c->sndbuf = LIMIT_UDP_RCVBUF;
	u->active_us = c->stack->now_us;
	datagrams_init(&u->queue);
	list_init(&u->calls);
	list_init(&u->waiting);
	timer_init(&u->idle, udp_call_idle);
	return 0;
}

static int udp_connect(struct conv *c)
{
	conv_raise(c, CONV_UP | CONV_OUT);
	return 0;
}

static int udp_announce(struct conv *c)
{
	if (is_readable(udp_of(c)))
		conv_raise(c, CONV_UP | CONV_OUT);
	return 0;
}

static struct conv *udp_accept(struct conv *c)
{
	struct udp_conv *u = udp_of(c), *call;

	if (u->calls_n == 0)
		return NULL;
	call = CONTAINER_OF(u->calls.next, struct udp_conv, waiting);
	list_remove(&call->waiting);
	call->listener = NULL;
	if (--u->calls_n == 0)
		conv_lower(c, CONV_CALL);
	conv_hold(&call->conv);
	return &call->conv;
}

void udp_call_forget(struct udp_conv *call)
{
	struct udp_conv *listener = call->listener;

	list_remove(&call->waiting);
	call->listener = NULL;
	if (--listener->calls_n == 0)
		conv_lower(&listener->conv, CONV_CALL);
	conv_end(&call->conv, 0);
	conv_retire(&call->conv);
}

static void forget_calls(struct udp_conv *u)
{
	while (u->calls_n > 0)
		udp_call_forget(CONTAINER_OF(u->calls.next, struct udp_conv, waiting));
}

/* Nothing more comes in, and nothing goes out; what has come may still be read. */
static void udp_end(struct conv *c)
{
	struct udp_conv *u = udp_of(c);

	forget_calls(u);
	udp_leave_all(u);
	timer_stop(&c->stack->timers, &u->idle);
	ports_leave(&c->stack->ports, &c->tuple);
	conv_end(c, 0);
}

static int udp_close(struct conv *c)
{
	udp_end(c);
	return 0;
}

static bool udp_retire(struct conv *c)
{
	return udp_of(c)->listener == NULL;
}

static void udp_free(struct conv *c)
{
	struct udp_conv *u = udp_of(c);

	ASSERT(u->calls_n == 0);
	ASSERT(u->members_n == 0);
	timer_stop(&c->stack->timers, &u->idle);
	datagrams_clear(&c->stack->datagrams, &u->queue);
}

/* --- reading ------------------------------------------------------------------------- */

/* In front of the datagram stands who sent it, where to, and where it came in: ip(3). */
static struct span prefix_of(struct udp_conv *u)
{
	const struct datagram *d = u->queue.first;
	const struct udp_prefix prefix = {
		.remote = d->remote, .local = d->local, .interface = d->interface
	};

	udp_prefix_build(u->prefix, &prefix);
	return (struct span){ .at = u->prefix, .len = UDP_PREFIX_LEN };
}

static int udp_take_report(struct conv *c)
{
	struct udp_conv *u = udp_of(c);
	int error = u->pending;

	u->pending = 0;
	conv_lower(c, CONV_REPORT);
	udp_in_event(u);
	return error;
}

/* With nothing in the queue: an error, once, then the end or a wait. */
static ssize_t peek_nothing(struct udp_conv *u)
{
	if (u->pending)
		return udp_take_report(&u->conv);
	if (u->conv.stage == CONV_OVER)
		return u->conv.error;
	return -EAGAIN;
}

static ssize_t udp_peek(struct conv *c, struct span *out, int max, size_t len, int *pieces)
{
	struct udp_conv *u = udp_of(c);
	size_t given = 0;

	if (!is_readable(u))
		return -EINVAL;
	if (u->queue.n == 0)
		return peek_nothing(u);
	if (u->has_headers && max > 0) {
		*out = prefix_of(u);
		out->len = (uint32_t)min_size(out->len, len);
		given = out->len;
		datagrams_peek(&u->queue, len - given, out + 1, max - 1, pieces);
		++*pieces;
		for (int i = 1; i < *pieces; i++)
			given += out[i].len;
		return (ssize_t)given;
	}
	return (ssize_t)datagrams_peek(&u->queue, len, out, max, pieces);
}

static void udp_taken(struct conv *c, size_t len)
{
	struct udp_conv *u = udp_of(c);

	(void)len; /* a datagram is read as a whole: what did not fit is lost */
	if (u->queue.n > 0)
		datagrams_drop(&c->stack->datagrams, &u->queue);
	skip_empty(u);
	udp_in_event(u);
}

static int udp_datagram(const struct conv *c, struct conv_datagram *out)
{
	return datagrams_front(&((const struct udp_conv *)c)->queue, out);
}

/* What is sent is gone: nothing waits on the way out. */
static void udp_queues(const struct conv *c, struct conv_queues *out)
{
	const struct udp_conv *u = (const struct udp_conv *)c;

	out->in = u->queue.n > 0 ? u->queue.first->len : 0;
}

/* --- writing ------------------------------------------------------------------------- */

static int udp_send(struct udp_conv *u, const struct endpoint *local, const struct endpoint *remote,
	struct buf *from, const void *at, uint32_t len)
{
	struct stack *s = u->conv.stack;
	const struct udp_hdr hdr = { .src_port = local->port,
		.dst_port = remote->port,
		.len = (uint16_t)(UDP_HDR_LEN + len) };
	struct ip_send how = { .src = local->addr,
		.dst = remote->addr,
		.ifc = u->conv.ifc,
		.protocol = IP_UDP,
		.ttl = u->conv.ttl,
		.tos = u->conv.tos,
		.may_broadcast = u->conv.may_broadcast,
		.is_shared = true };
	struct pkt *p = pkt_new(&s->pkts, PKT_HEADROOM, BUF_DATA);
	int err;

	if (!p)
		return -ENOBUFS;
	/* RFC 1112 6.1: a datagram to a group stays on its link unless the user says more. */
	if (how.ttl == 0 && addr_is_multicast(&how.dst))
		how.ttl = 1;
	udp_build(pkt_append(p, UDP_HDR_LEN), &hdr);
	if (datagrams_carry(&s->datagrams, p, from, at, len) < 0) {
		pkt_free(&s->pkts, p);
		return -ENOBUFS;
	}
	ip_checksum_later(p, &how, UDP_CHECKSUM_OFF);
	err = ip_output(s, &how, p);
	if (err < 0)
		return err;
	count(s, COUNT_udp_out);
	u->datagrams_out++;
	u->bytes_out += len;
	u->active_us = s->now_us;
	return 0;
}

static int source_for(const struct udp_conv *u, const struct addr *remote, struct addr *out)
{
	if (addr_is_multicast(remote))
		return udp_group_source(u, remote, out);
	return ip_source(u->conv.stack, remote, out);
}

/* To all who are in the group that U is announced on. */
static int send_to_group(struct udp_conv *u, struct buf *from, const void *at, uint32_t len)
{
	const struct endpoint *group = &u->conv.tuple.local;
	struct endpoint local = { .port = group->port };
	int err = source_for(u, &group->addr, &local.addr);

	return err < 0 ? err : udp_send(u, &local, group, from, at, len);
}

/* Complete the ends that a prefix names, by what C is: connected to one, or announced. */
static int ends_of(struct udp_conv *u, struct udp_prefix *to)
{
	const struct tuple *t = &u->conv.tuple;

	if (u->conv.stage == CONV_CONNECTED) {
		/* A connected one may name its remote, or nobody; others are not reached. */
		if (!addr_is_any(&to->remote.addr) && !endpoint_equal(&to->remote, &t->remote))
			return -EISCONN;
		to->remote = t->remote;
	}
	if (addr_is_any(&to->remote.addr) || to->remote.port == 0)
		return -EINVAL;
	to->local.port = t->local.port;
	if (!addr_is_any(&t->local.addr) && !udp_is_of_group(u)) {
		if (!addr_is_any(&to->local.addr) && !addr_equal(&to->local.addr, &t->local.addr))
			return -EADDRNOTAVAIL;
		to->local.addr = t->local.addr;
		return 0;
	}
	if (addr_is_any(&to->local.addr) || addr_is_multicast(&to->local.addr))
		return source_for(u, &to->remote.addr, &to->local.addr);
	return ip_is_ours(u->conv.stack, &to->local.addr) ? 0 : -EADDRNOTAVAIL;
}

static ssize_t write_with_prefix(struct udp_conv *u, struct buf *from, const void *at, size_t len)
{
	struct udp_prefix to;
	int err = udp_prefix_parse(&to, at, len);

	if (err == 0 && len - UDP_PREFIX_LEN > LIMIT_DATAGRAM_MAX)
		err = -EMSGSIZE;
	if (err == 0)
		err = ends_of(u, &to);
	if (err == 0)
		err = udp_send(u, &to.local, &to.remote, from, (const uint8_t *)at + UDP_PREFIX_LEN,
			(uint32_t)(len - UDP_PREFIX_LEN));
	return err < 0 ? err : (ssize_t)len;
}

static ssize_t udp_write(struct conv *c, struct buf *from, const void *at, size_t len)
{
	struct udp_conv *u = udp_of(c);
	int err;

	if (c->stage == CONV_OVER)
		return c->error ? c->error : -EPIPE;
	if (!is_readable(u))
		return -EINVAL;
	/* As with sockets, whoever acts next is told (RFC 1122 4.1.3.3), once. */
	if (u->pending)
		return udp_take_report(c);
	if (u->has_headers)
		return write_with_prefix(u, from, at, len);
	if (len > LIMIT_DATAGRAM_MAX)
		return -EMSGSIZE;
	if (udp_is_of_group(u)) {
		err = send_to_group(u, from, at, (uint32_t)len);
		return err < 0 ? err : (ssize_t)len;
	}
	if (c->tuple.remote.port == 0)
		return -EINVAL; /* a call from port 0 wants no answer (RFC 768) */
	err = udp_send(u, &c->tuple.local, &c->tuple.remote, from, at, (uint32_t)len);
	return err < 0 ? err : (ssize_t)len;
}

/* --- ctl ----------------------------------------------------------------------------- */

/* The word after the verb: on, off, or none, which means on where NONE_IS_ON. */
static int switch_word(int argc, char **argv, bool none_is_on, bool *out, struct text *why)
{
	if (argc == 1 && none_is_on) {
		*out = true;
		return 0;
	}
	if (argc == 2 && (strcmp(argv[1], "on") == 0 || strcmp(argv[1], "off") == 0)) {
		*out = strcmp(argv[1], "on") == 0;
		return 0;
	}
	if (argc == 2)
		text_printf(why, "%s: expected on or off, got \"%s\"", argv[0], argv[1]);
	else
		text_printf(why, "%s: expected on or off", argv[0]);
	return -EINVAL;
}

/*
 * Announced, the switch decides who is served by whom: from now on new remotes come here, or
 * become calls. Calls that there are already stay calls; what waits to be read here could no
 * longer say whose it is, and goes.
 */
static int set_headers(struct udp_conv *u, bool on)
{
	u->has_headers = on;
	skip_empty(u);
	if (u->conv.stage != CONV_ANNOUNCED || udp_is_of_group(u)) {
		udp_in_event(u);
		return 0;
	}
	if (on) {
		conv_raise(&u->conv, CONV_UP | CONV_OUT);
	} else {
		datagrams_clear(&u->conv.stack->datagrams, &u->queue);
		conv_lower(&u->conv, CONV_UP | CONV_OUT);
		udp_in_event(u);
	}
	return 0;
}

static int udp_ctl(struct conv *c, int argc, char **argv, struct text *why)
{
	struct udp_conv *u = udp_of(c);
	bool on;
	int err;

	if (strcmp(argv[0], "headers") == 0) {
		err = switch_word(argc, argv, true, &on, why);
		return err < 0 ? err : set_headers(u, on);
	}
	if (strcmp(argv[0], "broadcast") == 0) {
		err = switch_word(argc, argv, false, &on, why);
		if (err == 0)
			c->may_broadcast = on;
		return err;
	}
	if (strcmp(argv[0], "addmulti") == 0 || strcmp(argv[0], "remmulti") == 0)
		return udp_group_verb(u, argc, argv, why);
	return -EOPNOTSUPP;
}

/* --- telling ------------------------------------------------------------------------- */

static const char *udp_state_name(const struct conv *c)
{
	switch ((enum conv_stage)c->stage) {
	case CONV_CONNECTING:
	case CONV_CONNECTED:
		return "Connected";
	case CONV_ANNOUNCED:
		return "Announced";
	case CONV_IDLE:
	case CONV_OVER:
		return CONV_CLOSED_NAME;
	}
	return CONV_CLOSED_NAME;
}

static void udp_describe(const struct conv *c, struct describer *d)
{
	const struct udp_conv *u = (const struct udp_conv *)c;

	conv_describe_stages(c, d);
	d->number(d, "bytes_in", u->bytes_in);
	d->number(d, "bytes_out", u->bytes_out);
	d->number(d, "datagrams_in", u->datagrams_in);
	d->number(d, "datagrams_out", u->datagrams_out);
	d->open(d, "dropped");
	d->number(d, "full", u->drop_full);
	d->number(d, "no_memory", u->drop_no_memory);
	d->number(d, "calls", u->drop_calls);
	d->close(d);
	d->number(d, "queue_datagrams", u->queue.n);
	d->number(d, "queue_bytes", u->queue.len);
	d->number(d, "queue_held_bytes", u->queue.charged);
	d->number(d, "calls_waiting", u->calls_n);
	d->number(d, "calls_max", LIMIT_UDP_CALLS);
	d->truth(d, "headers", u->has_headers);
	d->truth(d, "broadcast", c->may_broadcast);
	d->truth(d, "is_call", u->is_call);
	udp_groups_describe(u, d);
	d->number(d, "quiet_us", c->stack->now_us - u->active_us);
	d->open(d, "timers");
	if (timer_is_set(&u->idle))
		d->number(d, "idle_in_us", u->active_us + LIMIT_UDP_IDLE_US - c->stack->now_us);
	d->close(d);
}

static void udp_check(const struct stack *s)
{
	udp_groups_check(s);
	for (unsigned i = 0; i < s->convs_n; i++) {
		if (s->convs[i].proto != &udp_proto)
			continue;
		for (const struct list *at = s->convs[i].all.next; at != &s->convs[i].all;
			at = at->next) {
			const struct udp_conv *u =
				(const struct udp_conv *)(const void *)((const uint8_t *)at -
					offsetof(struct conv, all));

			datagrams_check(&u->queue);
			ASSERT(u->calls_n <= LIMIT_UDP_CALLS);
			ASSERT((u->calls_n == 0) == list_is_empty(&u->calls));
			ASSERT(!u->listener || u->conv.holds == 0);
		}
	}
}

const struct proto udp_proto = {
	.name = "udp",
	.ip_number = IP_UDP,
	.takes_groups = true,
	.conv_size = sizeof(struct udp_conv),
	.setup = udp_groups_setup,
	.check = udp_check,
	.forget_ifc = udp_forget_ifc,
	.open = udp_open,
	.connect = udp_connect,
	.announce = udp_announce,
	.accept = udp_accept,
	.close = udp_close,
	.hangup = udp_end,
	.orphan = udp_end,
	.retire = udp_retire,
	.free = udp_free,
	.peek = udp_peek,
	.taken = udp_taken,
	.write = udp_write,
	.datagram = udp_datagram,
	.take_report = udp_take_report,
	.queues = udp_queues,
	.ctl = udp_ctl,
	.state_name = udp_state_name,
	.describe = udp_describe,
	.input = udp_input,
	.advise = udp_advise,
	.trace = udp_trace,
};
