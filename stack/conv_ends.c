/*
 * conv_ends.c - a conversation's two ends: bound, announced, connected, and given up again.
 */
#include "conv.h"
#include "ip/ip.h"
#include "stack_private.h"

static const struct endpoint unset;

/* --- the local end ------------------------------------------------------------------- */

/* Enter C's tuple with these ends, as KIND; what it was in before it has left. */
static int place(struct conv *c, enum tuple_kind kind, const struct endpoint *local,
	const struct endpoint *remote)
{
	ports_leave(&c->stack->ports, &c->tuple);
	c->tuple.kind = (uint8_t)kind;
	c->tuple.local = *local;
	c->tuple.remote = *remote;
	return ports_enter(&c->stack->ports, &c->tuple);
}

/*
 * Back to idle: what was bound is kept for C again. Another may have taken the port while C
 * used it for something more special; then it is lost, and a later connect chooses anew.
 */
static void unplace(struct conv *c)
{
	ports_leave(&c->stack->ports, &c->tuple);
	c->tuple.kind = TUPLE_CONV;
	c->tuple.local = c->tuple.remote = unset;
	if (!c->is_bound)
		return;
	if (ports_clash(&c->stack->ports, c->proto->ip_number, &c->bound) ||
		place(c, TUPLE_BOUND, &c->bound, &unset) < 0) {
		c->is_bound = false;
		c->tuple.local = unset;
	}
}

static bool is_usable_local(const struct stack *s, const struct addr *a)
{
	return addr_is_any(a) || ip_is_ours(s, a);
}

struct conv *conv_clash(struct stack *s, const struct proto *proto, const struct endpoint *local)
{
	struct tuple *t = ports_clash(&s->ports, proto->ip_number, local);

	return t ? CONTAINER_OF(t, struct conv, tuple) : NULL;
}

/* What the user asks for, completed by what is bound: an address, a port, both or none. */
static struct endpoint with_bound(const struct conv *c, const struct endpoint *asked)
{
	struct endpoint local = asked ? *asked : unset;

	if (addr_is_any(&local.addr))
		local.addr = addr_any;
	if (!c->is_bound)
		return local;
	if (local.port == 0)
		local.port = c->bound.port;
	if (addr_is_any(&local.addr))
		local.addr = c->bound.addr;
	return local;
}

/* A group's address, where several may hear the same. */
static bool may_be_shared(const struct conv *c, const struct endpoint *local)
{
	return c->proto->takes_groups && addr_is_v4(&local->addr) &&
		addr_is_multicast(&local->addr);
}

/* Keep LOCAL, whose port may be 0 to choose one, from all others: as a listener or bound. */
static int keep_port(struct conv *c, enum tuple_kind kind, struct endpoint *local)
{
	struct stack *s = c->stack;

	if (!is_usable_local(s, &local->addr) && !(kind == TUPLE_CONV && may_be_shared(c, local)))
		return -EADDRNOTAVAIL;
	ports_leave(&s->ports, &c->tuple);
	if (local->port == 0)
		local->port = ports_pick(
			&s->ports, &s->random, c->proto->ip_number, &local->addr, &unset);
	if (local->port == 0 || ports_clash(&s->ports, c->proto->ip_number, local))
		return -EADDRINUSE;
	return place(c, kind, local, &unset);
}

/* An idle conversation tries again: what the last attempt left is forgotten. */
static void forget_failure(struct conv *c)
{
	c->error = 0;
	c->soft_error = 0;
	conv_lower(c, CONV_IN | CONV_OUT | CONV_UP | CONV_END | CONV_PEER_END);
}

int conv_bind(struct conv *c, const struct endpoint *local)
{
	struct endpoint at = local ? *local : unset;
	int err;

	ASSERT(c->magic == CONV_MAGIC);
	if (c->stage != CONV_IDLE)
		return c->stage == CONV_CONNECTING ? -EALREADY : -EISCONN;
	if (addr_is_any(&at.addr))
		at.addr = addr_any;
	err = keep_port(c, TUPLE_BOUND, &at);
	if (err < 0) {
		unplace(c);
		return err;
	}
	c->bound = at;
	c->is_bound = true;
	return 0;
}

int conv_announce(struct conv *c, const struct endpoint *local)
{
	struct endpoint at;
	int err;

	ASSERT(c->magic == CONV_MAGIC);
	if (!c->proto->announce)
		return -EOPNOTSUPP;
	if (c->stage != CONV_IDLE)
		return c->stage == CONV_CONNECTING ? -EALREADY : -EISCONN;
	at = with_bound(c, local);
	forget_failure(c);
	err = keep_port(c, TUPLE_CONV, &at);
	because(c->stack, CAUSE_CALL, CALL_ANNOUNCE);
	if (err == 0) {
		conv_enter(c, CONV_ANNOUNCED);
		err = c->proto->announce(c);
	}
	if (err < 0) {
		conv_enter(c, CONV_IDLE);
		unplace(c);
		return err;
	}
	c->changed_us = c->stack->now_us;
	return 0;
}

/* --- connecting ---------------------------------------------------------------------- */

/* May C speak to REMOTE at all? */
static int check_remote(const struct conv *c, const struct endpoint *remote)
{
	bool is_broadcast = ip_is_broadcast(c->stack, &remote->addr);

	/* RFC 9293 3.9.1.1 (MUST-46): an open towards what is no single host is refused. */
	if (addr_is_any(&remote->addr))
		return -EINVAL;
	if ((is_broadcast || addr_is_multicast(&remote->addr)) && !c->proto->takes_groups)
		return -EINVAL;
	if (is_broadcast && !c->may_broadcast)
		return -EACCES;
	return remote->port == 0 && !c->proto->is_portless ? -EINVAL : 0;
}

/* Is there somebody whose listening a port chosen by C's owner would undermine? Those of one
 * uid may share, as with SO_REUSEPORT; C's own binding does not count. */
static bool is_anothers(const struct conv *c, const struct endpoint *local)
{
	const struct conv *other = conv_clash(c->stack, c->proto, local);

	return other && other != c && other->owner.uid != c->owner.uid;
}

/* Complete LOCAL for a way to REMOTE: our address towards it, and a port. */
static int choose_local(struct conv *c, struct endpoint *local, const struct endpoint *remote)
{
	struct stack *s = c->stack;
	int err;

	if (addr_is_any(&local->addr)) {
		err = ip_source(s, &remote->addr, &local->addr);
		if (err < 0)
			return err;
	} else if (!ip_is_ours(s, &local->addr)) {
		return -EADDRNOTAVAIL;
	}
	if (addr_is_v4(&local->addr) != addr_is_v4(&remote->addr))
		return -EINVAL;
	/* RFC 1122 3.2.1.3: what is of 127/8 never leaves the host. */
	if (addr_is_loopback(&local->addr) && !ip_is_ours(s, &remote->addr))
		return -EADDRNOTAVAIL;
	if (local->port != 0)
		return is_anothers(c, local) ? -EADDRINUSE : 0;
	local->port = ports_pick(&s->ports, &s->random, c->proto->ip_number, &local->addr, remote);
	return local->port == 0 ? -EADDRNOTAVAIL : 0;
}

static int connect_from(struct conv *c, struct endpoint *local, const struct endpoint *remote)
{
	struct stack *s = c->stack;
	int err = choose_local(c, local, remote);

	if (err == 0)
		err = place(c, TUPLE_CONV, local, remote);
	if (err < 0)
		return err;
	because(s, CAUSE_CALL, CALL_CONNECT);
	conv_enter(c, CONV_CONNECTING);
	return c->proto->connect(c);
}

int conv_connect(struct conv *c, const struct endpoint *local, const struct endpoint *remote)
{
	struct endpoint from, to = *remote;
	int err;

	ASSERT(c->magic == CONV_MAGIC);
	if (c->stage == CONV_CONNECTING)
		return -EALREADY;
	if (c->stage != CONV_IDLE)
		return -EISCONN;
	if (c->proto->is_portless)
		to.port = 0;
	err = check_remote(c, &to);
	if (err < 0)
		return err;
	forget_failure(c);
	from = with_bound(c, local);
	c->changed_us = c->stack->now_us;
	err = connect_from(c, &from, &to);
	if (err < 0) {
		conv_enter(c, CONV_IDLE);
		forget_failure(c);
		unplace(c);
	}
	return err;
}

struct conv *conv_accept(struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	if (c->stage != CONV_ANNOUNCED)
		return NULL;
	return c->proto->accept(c);
}

/* --- ending -------------------------------------------------------------------------- */

void conv_end(struct conv *c, int error)
{
	ASSERT(c->magic == CONV_MAGIC);
	ASSERT(error <= 0);
	if (c->stage == CONV_OVER)
		return;
	c->error = (int16_t)error;
	c->changed_us = c->stack->now_us;
	if (c->stage == CONV_CONNECTING) {
		conv_enter(c, CONV_IDLE);
		unplace(c);
	} else {
		conv_enter(c, CONV_OVER);
	}
	conv_lower(c, CONV_CALL);
	conv_raise(c, CONV_IN | CONV_OUT | CONV_END | CONV_PEER_END);
}

/* An idle one has nothing to say to anybody: it just ends. */
static void end_idle(struct conv *c)
{
	c->is_bound = false;
	unplace(c);
	conv_end(c, 0);
}

int conv_close(struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	because(c->stack, CAUSE_CALL, CALL_CLOSE);
	switch ((enum conv_stage)c->stage) {
	case CONV_IDLE:
		end_idle(c);
		return 0;
	case CONV_CONNECTING:
	case CONV_CONNECTED:
	case CONV_ANNOUNCED:
		return c->proto->close(c);
	case CONV_OVER:
		return 0;
	}
	return 0;
}

void conv_stop_reading(struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	if (c->stage == CONV_CONNECTED && c->proto->stop_reading)
		c->proto->stop_reading(c);
}

static void hang_up(struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	switch ((enum conv_stage)c->stage) {
	case CONV_IDLE:
		end_idle(c);
		return;
	case CONV_CONNECTING:
	case CONV_CONNECTED:
	case CONV_ANNOUNCED:
		c->proto->hangup(c);
		conv_end(c, -ECONNABORTED);
		break;
	case CONV_OVER:
		/* What is still being sent in the background ends as well. */
		c->proto->hangup(c);
		break;
	}
	if (c->stage == CONV_OVER)
		ports_leave(&c->stack->ports, &c->tuple);
}

void conv_hangup(struct conv *c)
{
	because(c->stack, CAUSE_CALL, CALL_HANGUP);
	hang_up(c);
}

void conv_fail(struct conv *c, int error)
{
	ASSERT(c->magic == CONV_MAGIC);
	ASSERT(c->holds > 0);
	if (c->stage == CONV_IDLE || c->stage == CONV_OVER)
		return;
	because(c->stack, CAUSE_ERROR, (unsigned)-error);
	hang_up(c);
	c->error = (int16_t)error;
}
