/*
 * Any call in any order, by users who mean nothing by it: the stack stays whole, and when all
 * have let go it is at rest. Conversations of every protocol, against each other within the
 * stack and against stations that answer or do not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/limits.h"
#include "../lib/region.h"
#include "../lib/talk.h"

#define CONVS_MAX 24

static struct conv *convs[CONVS_MAX]; /* NULL: a free place */
static struct random dice;

static uint32_t roll(uint32_t below)
{
	return random_below(&dice, below);
}

static struct endpoint some_end(void)
{
	static const uint32_t ips[] = { 0, TALK_US, TALK_US, TALK_US, TALK_PEER, 0x0a000063,
		0x7f000001, 0x7f000002, 0x0a0000ff, 0xe0000001, 0xef010101, 0xef010101, 0x08080808,
		0xffffffff };
	static const uint16_t ports[] = { 0, 7, 7, 80, 80, 5000, 53, 65535 };

	/* Mostly where somebody may listen, else anything. */
	if (roll(4))
		return talk_at(TALK_US, roll(2) ? 7 : 80);
	return talk_at(ips[roll(ARRAY_LEN(ips))], ports[roll(ARRAY_LEN(ports))]);
}

static void make(uint32_t at)
{
	static const char *const names[] = { "udp", "icmp", "tcp" };
	const struct cred who = { .uid = roll(2) };
	const struct proto *proto = box_proto(talk_box, names[roll(ARRAY_LEN(names))]);

	convs[at] = conv_new(box_stack(talk_box), proto, &who);
}

static void take_call(struct conv *listener)
{
	struct conv *call = conv_accept(listener);

	if (!call)
		return;
	for (uint32_t i = 0; i < CONVS_MAX; i++) {
		if (!convs[i]) {
			convs[i] = call;
			return;
		}
	}
	conv_release(call);
}

static void command(struct conv *c)
{
	static const char *const words[] = { "headers", "headers off", "headers maybe",
		"broadcast on", "broadcast off", "shutdown wr", "shutdown rd", "shutdown rdwr",
		"nodelay on", "cork on", "cork off", "keepalive 1000", "backlog 1", "backlog 4096",
		"reject", "mss 536", "usertimeout 100", "congestion newreno",
		"addmulti 10.0.0.1 239.1.1.1", "addmulti 10.0.0.1 224.0.0.1",
		"addmulti 127.0.0.1 239.1.1.1", "addmulti *", "remmulti 10.0.0.1 239.1.1.1",
		"remmulti 127.0.0.1 239.1.1.1", "nonsense" };

	(void)talk_ctl(c, words[roll(ARRAY_LEN(words))], NULL);
}

static void set_something(struct conv *c)
{
	switch (roll(5)) {
	case 0:
		(void)conv_set_ttl(c, roll(300));
		return;
	case 1:
		(void)conv_set_tos(c, roll(300));
		return;
	case 2:
		(void)conv_set_rcvbuf(c, roll(100000));
		return;
	case 3:
		(void)conv_set_sndbuf(c, roll(100000));
		return;
	default:
		conv_ignore_advice(c, roll(2));
	}
}

static void connect_or_so(struct conv *c)
{
	struct endpoint local = some_end(), remote = some_end();

	switch (roll(6)) {
	case 0:
		(void)conv_bind(c, &local);
		return;
	case 1:
	case 2:
		(void)conv_announce(c, roll(4) ? &local : NULL);
		return;
	default:
		(void)conv_connect(c, roll(3) ? NULL : &local, &remote);
	}
}

static void move_bytes(struct conv *c)
{
	static uint8_t bytes[65600];

	if (roll(2))
		(void)conv_write(c, NULL, bytes, roll(roll(8) ? 3000 : 65600));
	else
		(void)talk_read(c, bytes, roll(roll(8) ? 3000 : 65600));
}

static void end(uint32_t at)
{
	switch (roll(6)) {
	case 0:
		(void)conv_close(convs[at]);
		return;
	case 1:
		conv_hangup(convs[at]);
		return;
	default:
		conv_release(convs[at]);
		convs[at] = NULL;
	}
}

static void act(uint32_t at)
{
	uint32_t what = roll(64);

	if (!convs[at])
		make(at);
	else if (what < 8)
		connect_or_so(convs[at]);
	else if (what < 40)
		move_bytes(convs[at]);
	else if (what < 56)
		take_call(convs[at]);
	else if (what < 59)
		command(convs[at]);
	else if (what < 61)
		set_something(convs[at]);
	else
		end(at);
}

static void let_time_pass(void)
{
	static const usec_t spans_us[] = { 1, 1000, 200000, 3000000, 61000000 };

	box_settle(talk_box);
	if (roll(4) == 0)
		box_run_through(talk_box,
			box_now(talk_box) + spans_us[roll(roll(8) ? 3 : ARRAY_LEN(spans_us))]);
	box_seen_all(talk_box);
}

static void any_calls_in_any_order_leave_it_whole(void **state)
{
	(void)state;
	seeded(&dice);
	memset(convs, 0, sizeof(convs));
	box_silence(talk_box, 0x0a000063);
	for (uint32_t i = 0; i < steps(20000); i++) {
		act(roll(CONVS_MAX));
		if (roll(8) == 0)
			let_time_pass();
		if (roll(128) == 0)
			stack_check(box_stack(talk_box));
	}
	for (uint32_t i = 0; i < CONVS_MAX; i++)
		if (convs[i])
			conv_release(convs[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			any_calls_in_any_order_leave_it_whole, talk_open, talk_close),
	};

	return cmocka_run_group_tests_name("conv_any", tests, NULL, NULL);
}
