/*
 * conv.c - a conversation's life, its news and its facts. Where it speaks to is conv_ends.c.
 */
#include "conv.h"

#include "base/text.h"
#include "describe.h"
#include "stack_private.h"

const struct proto *stack_proto(const struct stack *s, unsigned i)
{
	return i < s->convs_n ? s->convs[i].proto : NULL;
}

const char *proto_name(const struct proto *proto)
{
	return proto->name;
}

/* --- birth --------------------------------------------------------------------------- */

static struct proto_convs *convs_of(struct stack *s, const struct proto *proto)
{
	struct proto_convs *of = s->convs;

	while (of->proto != proto) {
		of++;
		ASSERT(of < s->convs + s->convs_n);
	}
	return of;
}

uint32_t conv_max(const struct stack *s, const struct proto *proto)
{
	for (unsigned i = 0; i < s->convs_n; i++)
		if (s->convs[i].proto == proto)
			return s->convs[i].pool.cap;
	return 0;
}

static struct conv *conv_refuse(struct stack *s)
{
	count(s, COUNT_conv_refused);
	return NULL;
}

bool conv_memory_is_tight(const struct stack *s)
{
	return bufs_pressure_percent(&s->bufs) >= LIMIT_PRESSURE_YELLOW;
}

bool conv_memory_is_short(const struct stack *s)
{
	return bufs_pressure_percent(&s->bufs) >= LIMIT_PRESSURE_RED;
}

/* The common part filled in, and the protocol's by its open. Held by nobody yet. */
static struct conv *conv_make(struct stack *s, const struct proto *proto, const struct cred *owner)
{
	struct proto_convs *of = convs_of(s, proto);
	struct conv *c;

	if (s->conv_numbers + 1 >= LIMIT_CONV_NUMBER || conv_memory_is_short(s))
		return conv_refuse(s);
	c = pool_get(&of->pool);
	if (!c)
		return conv_refuse(s);
	c->magic = CONV_MAGIC;
	c->stack = s;
	c->proto = proto;
	c->tuple.protocol = proto->ip_number;
	c->tuple.kind = TUPLE_CONV;
	c->owner = *owner;
	c->born_us = c->changed_us = s->now_us;
	list_init(&c->ready);
	list_init(&c->all);
	if (proto->open(c) < 0) {
		c->magic = 0;
		pool_put(&of->pool, c);
		return conv_refuse(s);
	}
	c->number = ++s->conv_numbers;
	list_append(&of->all, &c->all);
	count(s, COUNT_conv_made);
	return c;
}

struct conv *conv_new(struct stack *s, const struct proto *proto, const struct cred *owner)
{
	struct conv *c = conv_make(s, proto, owner);

	if (c)
		c->holds = 1;
	return c;
}

struct conv *conv_new_call(struct conv *listener)
{
	struct conv *c = conv_make(listener->stack, listener->proto, &listener->owner);

	if (!c)
		return NULL;
	c->stage = c->stages[c->stages_n++] = CONV_CONNECTED;
	c->ttl = listener->ttl;
	c->tos = listener->tos;
	c->ignores_advice = listener->ignores_advice;
	c->may_broadcast = listener->may_broadcast;
	c->rcvbuf = listener->rcvbuf;
	c->sndbuf = listener->sndbuf;
	c->ifc = listener->ifc;
	return c;
}

/* --- death --------------------------------------------------------------------------- */

static void conv_free(struct conv *c)
{
	struct stack *s = c->stack;
	struct proto_convs *of = convs_of(s, c->proto);

	if (c->is_ending)
		of->ending--;
	c->proto->free(c);
	ports_leave(&s->ports, &c->tuple);
	list_remove(&c->ready);
	list_remove(&c->all);
	c->magic = 0;
	pool_put(&of->pool, c);
	count(s, COUNT_conv_freed);
}

void conv_hold(struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	c->holds++;
}

void conv_release(struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	ASSERT(c->holds > 0);
	if (--c->holds > 0)
		return;
	list_remove(&c->ready);
	c->user_ready = NULL;
	c->tag = NULL;
	because(c->stack, CAUSE_CALL, CALL_RELEASE);
	c->is_releasing = true;
	c->proto->orphan(c);
	c->is_releasing = false;
	if (c->proto->retire(c)) {
		conv_free(c);
		return;
	}
	c->is_ending = true;
	convs_of(c->stack, c->proto)->ending++;
}

void conv_retire(struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	if (c->holds == 0 && !c->is_releasing)
		conv_free(c);
}

/* --- news ---------------------------------------------------------------------------- */

void conv_touch(struct conv *c)
{
	if (c->holds > 0 && !list_is_linked(&c->ready))
		list_append(&c->stack->ready, &c->ready);
}

void conv_raise(struct conv *c, unsigned events)
{
	unsigned risen = events & ~(unsigned)c->events;

	if (!risen)
		return;
	c->events |= (uint8_t)risen;
	if ((risen & CONV_UP) && c->stage == CONV_CONNECTING) {
		conv_enter(c, CONV_CONNECTED);
		c->changed_us = c->stack->now_us;
	}
	conv_touch(c);
}

void conv_lower(struct conv *c, unsigned events)
{
	c->events &= (uint8_t)~events;
}

bool conv_is_idle(const struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	return c->stage == CONV_IDLE;
}

unsigned conv_events(const struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	return c->events;
}

void conv_set_user(struct conv *c, conv_ready *ready, void *arg)
{
	ASSERT(c->magic == CONV_MAGIC);
	c->user_ready = ready;
	c->user_arg = arg;
	/* What rose before must not be lost on whoever is told from now on. */
	if (c->events)
		conv_touch(c);
}

struct conv *conv_next_ready(struct stack *s)
{
	while (!list_is_empty(&s->ready)) {
		struct conv *c = CONTAINER_OF(s->ready.next, struct conv, ready);

		ASSERT(c->magic == CONV_MAGIC);
		list_remove(&c->ready);
		if (!c->user_ready)
			return c;
		c->user_ready(c->user_arg, c);
	}
	return NULL;
}

/* --- bytes --------------------------------------------------------------------------- */

/* Why an idle or a connecting conversation moves no bytes; 0 when the protocol is to say. */
static int not_yet(const struct conv *c)
{
	if (c->stage == CONV_CONNECTING)
		return -EAGAIN;
	if (c->stage != CONV_IDLE)
		return 0;
	return c->error ? c->error : -ENOTCONN;
}

ssize_t conv_peek(struct conv *c, struct span *out, int max, size_t len, int *pieces)
{
	int err;

	ASSERT(c->magic == CONV_MAGIC);
	*pieces = 0;
	err = not_yet(c);
	return err ? err : c->proto->peek(c, out, max, len, pieces);
}

void conv_taken(struct conv *c, size_t len)
{
	ASSERT(c->magic == CONV_MAGIC);
	c->proto->taken(c, len);
}

ssize_t conv_write(struct conv *c, struct buf *from, const void *at, size_t len)
{
	int err;

	ASSERT(c->magic == CONV_MAGIC);
	err = not_yet(c);
	return err ? err : c->proto->write(c, from, at, len);
}

int conv_datagram(const struct conv *c, struct conv_datagram *out)
{
	ASSERT(c->magic == CONV_MAGIC);
	return c->proto->datagram ? c->proto->datagram(c, out) : -EOPNOTSUPP;
}

int conv_take_report(struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	return c->proto->take_report ? c->proto->take_report(c) : 0;
}

void conv_queues(const struct conv *c, struct conv_queues *out)
{
	ASSERT(c->magic == CONV_MAGIC);
	*out = (struct conv_queues){ .in = 0 };
	c->proto->queues(c, out);
}

/* --- settings ------------------------------------------------------------------------ */

int conv_set_ttl(struct conv *c, unsigned ttl)
{
	ASSERT(c->magic == CONV_MAGIC);
	if (ttl < 1 || ttl > UINT8_MAX) /* RFC 1122 3.2.1.7: never sent with 0 */
		return -EINVAL;
	c->ttl = (uint8_t)ttl;
	return 0;
}

int conv_set_tos(struct conv *c, unsigned tos)
{
	ASSERT(c->magic == CONV_MAGIC);
	if (tos > UINT8_MAX)
		return -EINVAL;
	c->tos = (uint8_t)tos;
	return 0;
}

static int set_buffer(struct conv *c, uint32_t *which, uint64_t bytes)
{
	ASSERT(c->magic == CONV_MAGIC);
	if (bytes < LIMIT_BUF_MIN || bytes > LIMIT_BUF_MAX)
		return -EINVAL;
	*which = (uint32_t)bytes;
	if (c->proto->buffers_changed)
		c->proto->buffers_changed(c);
	return 0;
}

int conv_set_rcvbuf(struct conv *c, uint64_t bytes)
{
	return set_buffer(c, &c->rcvbuf, bytes);
}

int conv_set_sndbuf(struct conv *c, uint64_t bytes)
{
	return set_buffer(c, &c->sndbuf, bytes);
}

void conv_ignore_advice(struct conv *c, bool ignore)
{
	ASSERT(c->magic == CONV_MAGIC);
	c->ignores_advice = ignore;
}

int conv_ctl(struct conv *c, int argc, char **argv, struct text *why)
{
	ASSERT(c->magic == CONV_MAGIC);
	ASSERT(argc > 0);
	return c->proto->ctl ? c->proto->ctl(c, argc, argv, why) : -EOPNOTSUPP;
}

/* --- what it is ---------------------------------------------------------------------- */

uint64_t conv_number(const struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	return c->number;
}

const struct proto *conv_proto(const struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	return c->proto;
}

const struct cred *conv_owner(const struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	return &c->owner;
}

void conv_set_owner(struct conv *c, const struct cred *owner)
{
	ASSERT(c->magic == CONV_MAGIC);
	c->owner = *owner;
}

const struct endpoint *conv_local(const struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	return &c->tuple.local;
}

const struct endpoint *conv_remote(const struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	return &c->tuple.remote;
}

const char *conv_state_name(const struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	return c->proto->state_name(c);
}

usec_t conv_born_us(const struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	return c->born_us;
}

usec_t conv_changed_us(const struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	return c->changed_us;
}

int conv_error(const struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	return c->error;
}

int conv_soft_error(const struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	return c->soft_error;
}

void conv_set_tag(struct conv *c, void *tag)
{
	ASSERT(c->magic == CONV_MAGIC);
	c->tag = tag;
}

void *conv_tag(const struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	return c->tag;
}

static void describe_endpoint(struct describer *d, const char *name, const struct endpoint *e)
{
	char words[ENDPOINT_TEXT_MAX + 1];

	words[endpoint_format(e, words)] = '\0';
	d->text(d, name, words);
}

void conv_describe(const struct conv *c, struct describer *d)
{
	int error = c->error ? c->error : c->soft_error;

	ASSERT(c->magic == CONV_MAGIC);
	d->text(d, "proto", c->proto->name);
	d->number(d, "number", c->number);
	d->number(d, "uid", c->owner.uid);
	d->number(d, "pid", (uint64_t)c->owner.pid);
	d->text(d, "state", c->proto->state_name(c));
	describe_endpoint(d, "local", &c->tuple.local);
	describe_endpoint(d, "remote", &c->tuple.remote);
	d->number(d, "age_us", c->stack->now_us - c->born_us);
	d->number(d, "ttl", c->ttl ? c->ttl : 64);
	d->number(d, "tos", c->tos);
	d->number(d, "rcvbuf", c->rcvbuf);
	d->number(d, "sndbuf", c->sndbuf);
	d->truth(d, "ignores_advice", c->ignores_advice);
	d->open(d, "last_error");
	d->number(d, "errno", (uint64_t)-error);
	d->text(d, "text", error_words(error));
	d->close(d);
	c->proto->describe(c, d);
}

void conv_check(const struct conv *c)
{
	ASSERT(c->magic == CONV_MAGIC);
	ASSERT(c->number > 0 && c->number < LIMIT_CONV_NUMBER);
	ASSERT(c->stage <= CONV_OVER);
	ASSERT(c->holds > 0 || !list_is_linked(&c->ready));
	ASSERT(c->stage != CONV_CONNECTING || c->tuple.is_entered);
	ASSERT(c->stage != CONV_ANNOUNCED || c->tuple.is_entered);
	ASSERT(c->stage != CONV_IDLE || c->tuple.is_entered == c->is_bound);
	ASSERT(!(c->events & CONV_CALL) || c->stage == CONV_ANNOUNCED);
}
