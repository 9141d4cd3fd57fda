/*
 * ICMP errors that anybody can forge, against a conversation in each state: none ends one that is
 * synchronized, none is heard unless it quotes what is in flight, and none changes what is sent.
 *
 * rows C-08, C-09, C-10, C-11, C-12, C-17, C-18 (RFC 1122 4.2.3.9; RFC 5927 4, 5.2, 7.2)
 */
#include "../lib/far.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(f) cmocka_unit_test_setup_teardown(f, talk_open, talk_close)

struct forgery {
	const char *name;
	uint8_t type, code;
	uint32_t rest;
};

static const struct forgery forgeries[] = {
	{ "net unreachable", 3, 0, 0 },
	{ "host unreachable", 3, 1, 0 },
	{ "protocol unreachable", 3, 2, 0 },
	{ "port unreachable", 3, 3, 0 },
	{ "too long, next hop 0", 3, 4, 0 },
	{ "too long, next hop 1", 3, 4, 1 },
	{ "too long, next hop 68", 3, 4, 68 },
	{ "too long, next hop 551", 3, 4, 551 },
	{ "too long, next hop 65535", 3, 4, 65535 },
	{ "source route failed", 3, 5, 0 },
	{ "prohibited", 3, 13, 0 },
	{ "source quench", 4, 0, 0 },
	{ "redirect", 5, 1, 0x0a000063 },
	{ "TTL exceeded", 11, 0, 0 },
	{ "reassembly timed out", 11, 1, 0 },
	{ "parameter problem", 12, 0, 0 },
};

#define FORGERIES (sizeof(forgeries) / sizeof(*forgeries))

/* What is quoted: 20 bytes of IP and 8 of TCP, as a router would, from somebody's imagination. */
struct quote {
	uint16_t src_port, dst_port;
	uint32_t seq; /* absolute */
	size_t len;   /* 28 for all of it */
};

static void forge(const struct forgery *f, const struct quote *q, uint32_t from)
{
	static uint8_t quoted[FRAME_MAX];
	struct frame inner, outer;

	frame_init(&inner, FRAME_TCP);
	inner.ip.src = TALK_US;
	inner.ip.dst = TALK_PEER;
	inner.tcp.src_port = q->src_port;
	inner.tcp.dst_port = q->dst_port;
	inner.tcp.seq = q->seq;
	inner.tcp.flags = FRAME_ACK;
	(void)frame_build(&inner, quoted);
	frame_init(&outer, FRAME_ICMP);
	outer.ip.src = from;
	outer.ip.dst = TALK_US;
	outer.icmp.type = f->type;
	outer.icmp.code = f->code;
	outer.icmp.rest = f->rest;
	outer.data = quoted + FRAME_ETH_LEN;
	outer.data_len = q->len;
	talk_frame_in(talk_box, &outer);
}

static struct quote quote_of(const struct far *p, uint32_t seq)
{
	return (struct quote){ conv_local(p->conv)->port, p->port, p->ours_iss + seq, 28 };
}

/* All that a forgery could have changed, as one conversation tells it. */
struct standing {
	char state[32];
	int error, soft_error;
	unsigned events;
	uint64_t cwnd, rto_us, sent_n;
};

static struct standing standing_of(const struct far *p)
{
	struct standing s = { .error = conv_error(p->conv),
		.soft_error = conv_soft_error(p->conv),
		.events = conv_events(p->conv),
		.cwnd = far_stat(p, "cwnd"),
		.rto_us = far_stat(p, "rto_us"),
		.sent_n = box_sent_n(talk_box) };

	(void)snprintf(s.state, sizeof(s.state), "%s", conv_state_name(p->conv));
	return s;
}

static void assert_unmoved(const struct far *p, const struct standing *was, const char *name,
	const char *how, bool may_be_told)
{
	struct standing is = standing_of(p);

	if (may_be_told)
		is.soft_error = was->soft_error;
	if (strcmp(is.state, was->state) != 0 || is.error != was->error ||
		is.soft_error != was->soft_error || is.events != was->events ||
		is.cwnd != was->cwnd || is.rto_us != was->rto_us || is.sent_n != was->sent_n)
		fail_msg("%s, %s: %s error %d soft %d events %#x cwnd %u sent %u", name, how,
			is.state, is.error, is.soft_error, is.events, (unsigned)is.cwnd,
			(unsigned)(is.sent_n - was->sent_n));
}

/* Every forgery with every wrong guess, then with the right ones. From HEARD to NEXT is in
 * flight. */
static void try_all(const struct far *p, uint32_t una, uint32_t next)
{
	size_t i;

	for (i = 0; i < FORGERIES; i++) {
		const struct forgery *f = &forgeries[i];
		struct standing was = standing_of(p);
		struct quote q = quote_of(p, una - 1);

		forge(f, &q, TALK_PEER);
		assert_unmoved(p, &was, f->name, "before what is in flight", false);
		q = quote_of(p, next);
		forge(f, &q, TALK_PEER);
		assert_unmoved(p, &was, f->name, "behind what is in flight", false);
		q = quote_of(p, una + 0x80000000u);
		forge(f, &q, TALK_PEER);
		assert_unmoved(p, &was, f->name, "far away", false);
		q = quote_of(p, una);
		q.len = 27;
		forge(f, &q, TALK_PEER);
		assert_unmoved(p, &was, f->name, "its number cut off", false);
		q = quote_of(p, una);
		q.dst_port++;
		forge(f, &q, TALK_PEER);
		assert_unmoved(p, &was, f->name, "another's port", false);
		if (next == una)
			continue;
		q = quote_of(p, una);
		forge(f, &q, TALK_PEER);
		assert_unmoved(p, &was, f->name, "in flight", true);
		q = quote_of(p, next - 1);
		forge(f, &q, 0x0a000009);
		assert_unmoved(p, &was, f->name, "last in flight, from a router", true);
	}
}

/* The conversation still carries LEN bytes from SEQ on, in segments as long as ever. */
static void assert_carries_on(struct far *p, uint32_t seq)
{
	static const uint8_t bytes[2 * FAR_MSS];

	assert_int_equal(conv_write(p->conv, NULL, bytes, sizeof(bytes)), sizeof(bytes));
	box_settle(talk_box);
	far_hears(p, FRAME_ACK, seq, FAR_MSS);
	far_hears(p, FRAME_ACK, seq + FAR_MSS, FAR_MSS);
	far_acks(p, seq + 2 * FAR_MSS);
}

static void none_harms_a_conversation_with_data_in_flight(void **state)
{
	struct far p = far_connected(false);
	static const uint8_t bytes[3 * FAR_MSS];
	uint32_t i;

	(void)state;
	assert_int_equal(conv_write(p.conv, NULL, bytes, sizeof(bytes)), sizeof(bytes));
	box_settle(talk_box);
	for (i = 0; i < 3; i++)
		far_hears(&p, FRAME_ACK, 1 + i * FAR_MSS, FAR_MSS);
	try_all(&p, 1, 1 + 3 * FAR_MSS);
	far_acks(&p, 1 + 3 * FAR_MSS);
	assert_carries_on(&p, 1 + 3 * FAR_MSS);
}

static void none_is_heard_while_nothing_is_in_flight(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	try_all(&p, 1, 1);
	assert_carries_on(&p, 1);
}

static void none_harms_a_conversation_that_is_closing(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	assert_int_equal(conv_close(p.conv), 0);
	box_settle(talk_box);
	far_hears(&p, FRAME_FIN | FRAME_ACK, 1, 0);
	try_all(&p, 1, 2); /* Finwait1 */
	far_acks(&p, 2);
	try_all(&p, 2, 2); /* Finwait2 */
	far_sends(&p, FRAME_FIN, 0);
	far_hears(&p, FRAME_ACK, 2, 0);
}

/* Nor are retransmissions put off: RFC 5927 4 asks that an attacker gains no time either. */
static void what_was_lost_comes_again_in_its_time(void **state)
{
	struct far p = far_connected(false);
	usec_t took_us;
	size_t i;

	(void)state;
	assert_int_equal(conv_write(p.conv, NULL, "x", 1), 1);
	box_settle(talk_box);
	far_hears(&p, FRAME_ACK, 1, 1);
	took_us = far_stat(&p, "rto_us");
	for (i = 0; i < FORGERIES; i++) {
		struct quote q = quote_of(&p, 1);

		forge(&forgeries[i], &q, TALK_PEER);
	}
	assert_int_equal(far_waits(5), took_us);
	far_hears(&p, FRAME_ACK, 1, 1);
	far_acks(&p, 2);
}

/* RFC 5927 5.2: also a call that is only begun is ended by nobody who does not know its number. */
static void a_call_that_is_begun_needs_its_number_quoted(void **state)
{
	struct far p = far_called();
	size_t i;

	(void)state;
	for (i = 0; i < FORGERIES; i++) {
		struct quote q = quote_of(&p, 1);

		forge(&forgeries[i], &q, TALK_PEER);
		q = quote_of(&p, (uint32_t)-1);
		forge(&forgeries[i], &q, TALK_PEER);
	}
	far_hears_nothing();
	far_sends(&p, FRAME_SYN, 0);
	far_hears(&p, FRAME_ACK, 1, 0);
	assert_int_equal(conv_error(p.conv), 0);
}

static void a_half_open_call_needs_its_number_quoted(void **state)
{
	struct conv *l = talk_keep(talk_announced(talk_box, "tcp", talk_at(0, 80)));
	struct far p = { .conv = l, .port = 4000, .window = 65535 };
	const struct frame *f;
	size_t i;

	(void)state;
	far_sends_at(&p, FRAME_SYN, 0, 0);
	f = talk_out(talk_box);
	assert_non_null(f);
	p.ours_iss = f->tcp.seq;
	p.heard = 1;
	for (i = 0; i < FORGERIES; i++) {
		struct quote q = quote_of(&p, 1);

		forge(&forgeries[i], &q, TALK_PEER);
		q = quote_of(&p, (uint32_t)-1);
		forge(&forgeries[i], &q, TALK_PEER);
	}
	far_hears_nothing();
	far_sends(&p, 0, 0);
	p.conv = conv_accept(l);
	assert_non_null(p.conv);
	talk_keep(p.conv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(none_harms_a_conversation_with_data_in_flight),
		TEST(none_is_heard_while_nothing_is_in_flight),
		TEST(none_harms_a_conversation_that_is_closing),
		TEST(what_was_lost_comes_again_in_its_time),
		TEST(a_call_that_is_begun_needs_its_number_quoted),
		TEST(a_half_open_call_needs_its_number_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
