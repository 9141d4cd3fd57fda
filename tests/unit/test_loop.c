/*
 * The loop around a stack, with a socket for a wire: what a turn does, and when it ends.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../drivers/driver.h"
#include "../../fs/log.h"
#include "../../fs/loop.h"
#include "../../stack/describe.h"
#include "../../stack/limits.h"
#include "../../stack/net.h"
#include "../../stack/stack.h"

#define MEMORY  ((size_t)64 << 20)
#define ARP_LEN 42

struct rig {
	struct stack *stack;
	struct nic *nic;
	struct ifc *ifc;
	struct log log;
	struct loop *loop;
	int wire; /* the other end */
};

static bool hangup_ends = true;

static void *take(void *arg, size_t len)
{
	(void)arg;
	return calloc(1, len);
}

static void give_back(void *arg, void *at, size_t len)
{
	(void)arg, (void)len;
	free(at);
}

/* A stack that is 10.0.0.2 on NIC, and its loop. */
static void rig_start(struct rig *r)
{
	struct stack_config config = { .memory_take = take,
		.memory_give_back = give_back,
		.memory = MEMORY,
		.tcp_convs_max = 64,
		.udp_convs_max = 64,
		.icmp_convs_max = 64 };
	struct addr ours = addr_from_v4(0x0a000002);
	struct loop_config loop = { .log = &r->log, .nic = r->nic, .hangup_ends = hangup_ends };

	log_open(&r->log, LEVEL_ERROR);
	r->log.fd = -1;
	r->stack = stack_new(&config, loop_clock_us());
	assert_non_null(r->stack);
	r->nic->pkts = stack_pkts(r->stack);
	assert_int_equal(stack_attach(r->stack, &r->nic->link, &r->ifc), 0);
	assert_int_equal(net_addr_add(r->stack, r->ifc, &ours, 96 + 24, NET_ADDR_UNPROBED), 0);
	loop.stack = r->stack;
	loop.ifc = r->ifc;
	assert_int_equal(loop_new(&r->loop, &loop), 0);
}

static void rig_open(struct rig *r)
{
	char spec[32], why[256] = "";
	int fds[2];

	memset(r, 0, sizeof(*r));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	snprintf(spec, sizeof(spec), "fd:%d", fds[0]);
	assert_int_equal(nic_open(&r->nic, spec, why, sizeof(why)), 0);
	r->wire = fds[1];
	rig_start(r);
}

static void rig_close(struct rig *r)
{
	loop_free(r->loop);
	nic_close(r->nic);
	stack_free(r->stack);
	if (r->wire >= 0)
		close(r->wire);
}

/* "Who has 10.0.0.2? Tell 10.0.0.1" */
static void make_request(uint8_t frame[ARP_LEN])
{
	const uint8_t request[ARP_LEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1,
		0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0,
		0, 10, 0, 0, 2 };

	memcpy(frame, request, ARP_LEN);
}

static bool is_reply(const uint8_t *frame, ssize_t len)
{
	return len >= ARP_LEN && frame[12] == 0x08 && frame[13] == 0x06 && frame[21] == 2;
}

static void a_frame_is_answered_in_the_turn_that_takes_it_in(void **state)
{
	uint8_t frame[2048];
	struct rig r;
	bool answered = false;
	ssize_t got;
	(void)state;

	rig_open(&r);
	make_request(frame);
	assert_int_equal(send(r.wire, frame, ARP_LEN, 0), ARP_LEN);
	assert_int_equal(loop_turn(r.loop, USEC_NEVER), LOOP_GOES_ON);
	while ((got = recv(r.wire, frame, sizeof(frame), MSG_DONTWAIT)) > 0)
		answered = answered || is_reply(frame, got);
	assert_true(answered);
	rig_close(&r);
}

static void a_turn_with_nothing_to_do_ends_when_it_is_told_to(void **state)
{
	struct rig r;
	usec_t end_us;
	(void)state;

	rig_open(&r);
	end_us = loop_clock_us() + 2 * USEC_PER_MSEC;
	while (loop_clock_us() < end_us)
		assert_int_equal(loop_turn(r.loop, end_us), LOOP_GOES_ON);
	assert_true(loop_clock_us() < end_us + USEC_PER_SEC);
	rig_close(&r);
}

static void a_signal_ends_it(void **state)
{
	struct rig r;
	(void)state;

	rig_open(&r);
	raise(SIGTERM);
	assert_int_equal(loop_turn(r.loop, USEC_NEVER), LOOP_SIGNALLED);
	rig_close(&r);
}

/* A turn with all that waits, until the loop says something; GOES_ON when there is nothing. */
static enum loop_end next_word(struct rig *r)
{
	enum loop_end end = LOOP_GOES_ON;

	for (int i = 0; i < 4 && end == LOOP_GOES_ON; i++)
		end = loop_turn(r->loop, loop_clock_us());
	return end;
}

static void a_hangup_ends_it_where_it_is_to(void **state)
{
	struct rig r;
	(void)state;

	rig_open(&r);
	raise(SIGHUP);
	assert_int_equal(next_word(&r), LOOP_SIGNALLED);
	rig_close(&r);
}

static void two_signals_ask_for_something_and_end_nothing(void **state)
{
	struct rig r;
	(void)state;

	hangup_ends = false;
	rig_open(&r);
	hangup_ends = true;
	raise(SIGHUP);
	assert_int_equal(next_word(&r), LOOP_RELOAD);
	raise(SIGUSR1);
	assert_int_equal(next_word(&r), LOOP_REPORT);
	assert_int_equal(next_word(&r), LOOP_GOES_ON);
	rig_close(&r);
}

static void a_descriptor_is_watched_until_it_is_no_longer(void **state)
{
	struct rig r;
	int fds[2];
	(void)state;

	rig_open(&r);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(loop_watch(r.loop, fds[0]), 0);
	assert_int_equal(next_word(&r), LOOP_GOES_ON);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(next_word(&r), LOOP_WATCHED);
	assert_int_equal(loop_watch(r.loop, -1), 0);
	assert_int_equal(next_word(&r), LOOP_GOES_ON);
	close(fds[0]);
	close(fds[1]);
	rig_close(&r);
}

static void a_device_that_is_gone_is_let_go_and_the_loop_goes_on(void **state)
{
	struct rig r;
	(void)state;

	rig_open(&r);
	close(r.wire);
	r.wire = -1;
	assert_int_equal(loop_turn(r.loop, USEC_NEVER), LOOP_GOES_ON);
	assert_false(loop_has_device(r.loop));
	assert_int_equal(loop_turn(r.loop, loop_clock_us()), LOOP_GOES_ON);
	rig_close(&r);
}

/* --- counting --------------------------------------------------------------------------- */

struct reader {
	struct describer describer;
	uint64_t frames_in;
};

static void skip_name(struct describer *d, const char *name)
{
	(void)d, (void)name;
}

static void skip_close(struct describer *d)
{
	(void)d;
}

static void take_number(struct describer *d, const char *name, uint64_t value)
{
	struct reader *r = CONTAINER_OF(d, struct reader, describer);

	if (strcmp(name, "link_frames_in") == 0)
		r->frames_in = value;
}

static uint64_t frames_in(const struct stack *s)
{
	struct reader r = { .describer = { .open = skip_name,
				    .open_list = skip_name,
				    .close = skip_close,
				    .number = take_number } };

	stack_describe_counters(s, "link_", &r.describer);
	return r.frames_in;
}

static void a_flood_does_not_keep_a_turn_from_its_end(void **state)
{
	struct rig r = { .wire = -1 };
	struct nic *inner, *far;
	char why[256] = "";
	(void)state;

	assert_int_equal(pipe_pair(&inner, &far, 1500, 0), 0);
	/* A wrapper is asked for frames in every turn. */
	assert_int_equal(fault_wrap(&r.nic, inner, "seed=1", why, sizeof(why)), 0);
	rig_start(&r);
	far->pkts = stack_pkts(r.stack);
	for (int i = 0; i < 3 * LIMIT_RX_BATCH; i++) {
		struct pkt *p = stack_pkt(r.stack);

		assert_non_null(p);
		make_request(pkt_append(p, ARP_LEN));
		assert_int_equal(far->link.send(&far->link, p), 0);
	}
	for (int turn = 1; frames_in(r.stack) < 3 * LIMIT_RX_BATCH; turn++) {
		uint64_t before = frames_in(r.stack);

		assert_int_equal(loop_turn(r.loop, loop_clock_us()), LOOP_GOES_ON);
		assert_in_range(frames_in(r.stack) - before, 1, LIMIT_RX_BATCH);
	}
	rig_close(&r);
	nic_close(far);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_answered_in_the_turn_that_takes_it_in),
		cmocka_unit_test(a_turn_with_nothing_to_do_ends_when_it_is_told_to),
		cmocka_unit_test(a_signal_ends_it),
		cmocka_unit_test(a_hangup_ends_it_where_it_is_to),
		cmocka_unit_test(two_signals_ask_for_something_and_end_nothing),
		cmocka_unit_test(a_descriptor_is_watched_until_it_is_no_longer),
		cmocka_unit_test(a_device_that_is_gone_is_let_go_and_the_loop_goes_on),
		cmocka_unit_test(a_flood_does_not_keep_a_turn_from_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
