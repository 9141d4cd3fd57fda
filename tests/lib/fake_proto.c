#include "fake_proto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "talk.h"

#define FAKE_NUMBER 254 /* RFC 3692: for experiments */

struct fake fake;

static int fake_open(struct conv *c)
{
	c->rcvbuf = c->sndbuf = 65536;
	return 0;
}

static int fake_connect(struct conv *c)
{
	(void)c;
	fake.connects++;
	return fake.connect_answer;
}

static int fake_announce(struct conv *c)
{
	(void)c;
	fake.announces++;
	return 0;
}

static struct conv *fake_accept(struct conv *c)
{
	struct conv *call = fake.waiting;

	fake.waiting = NULL;
	conv_lower(c, CONV_CALL);
	if (call)
		conv_hold(call);
	return call;
}

static int fake_close(struct conv *c)
{
	fake.closes++;
	conv_end(c, 0);
	return 0;
}

static void fake_hangup(struct conv *c)
{
	(void)c;
	fake.hangups++;
}

static void fake_orphan(struct conv *c)
{
	fake.orphans++;
	if (fake.ends_in_orphan)
		conv_retire(c);
}

static bool fake_retire(struct conv *c)
{
	return !((struct fake_conv *)c)->has_more_to_say;
}

static void fake_free(struct conv *c)
{
	(void)c;
	fake.frees++;
}

static ssize_t fake_peek(struct conv *c, struct span *out, int max, size_t len, int *pieces)
{
	(void)c;
	(void)out;
	(void)max;
	(void)len;
	(void)pieces;
	return 0;
}

static void fake_taken(struct conv *c, size_t len)
{
	(void)c;
	(void)len;
}

static ssize_t fake_write(struct conv *c, struct buf *from, const void *at, size_t len)
{
	(void)c;
	(void)from;
	(void)at;
	return (ssize_t)len;
}

static const char *fake_state_name(const struct conv *c)
{
	(void)c;
	return "Fake";
}

static void fake_describe(const struct conv *c, struct describer *d)
{
	(void)c;
	(void)d;
}

static void fake_queues(const struct conv *c, struct conv_queues *out)
{
	(void)c, (void)out;
}

const struct proto fake_proto = {
	.name = "fake",
	.ip_number = FAKE_NUMBER,
	.conv_size = sizeof(struct fake_conv),
	.open = fake_open,
	.connect = fake_connect,
	.announce = fake_announce,
	.accept = fake_accept,
	.close = fake_close,
	.hangup = fake_hangup,
	.orphan = fake_orphan,
	.retire = fake_retire,
	.free = fake_free,
	.peek = fake_peek,
	.taken = fake_taken,
	.write = fake_write,
	.queues = fake_queues,
	.state_name = fake_state_name,
	.describe = fake_describe,
};

int fake_set_up(void **state)
{
	struct stack *s;
	struct proto_convs *of;

	talk_open(state);
	s = box_stack(talk_box);
	of = &s->convs[s->convs_n++];
	memset(&fake, 0, sizeof(fake));
	region_take(&fake.arena, 65536);
	of->proto = &fake_proto;
	list_init(&of->all);
	return pool_init(&of->pool, &fake.arena, sizeof(struct fake_conv), FAKES_MAX);
}

int fake_tear_down(void **state)
{
	int err = talk_close(state);

	region_give_back(&fake.arena);
	return err;
}

struct conv *fake_new(void)
{
	return talk_keep(talk_new(talk_box, "fake"));
}

struct conv *fake_new_of(uint32_t uid)
{
	return talk_keep(talk_new_of(talk_box, "fake", uid));
}

int fake_connect_peer(struct conv *c)
{
	const struct endpoint peer = talk_at(TALK_PEER, 80);

	return conv_connect(c, NULL, &peer);
}

int fake_connect_from(struct conv *c, uint32_t ip, uint16_t port)
{
	const struct endpoint peer = talk_at(TALK_PEER, 80), local = talk_at(ip, port);

	return conv_connect(c, &local, &peer);
}

int fake_announce_at(struct conv *c, uint32_t ip, uint16_t port)
{
	const struct endpoint local = talk_at(ip, port);

	return conv_announce(c, &local);
}

int fake_bind_at(struct conv *c, uint32_t ip, uint16_t port)
{
	const struct endpoint local = talk_at(ip, port);

	return conv_bind(c, &local);
}
