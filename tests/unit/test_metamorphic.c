/*
 * What must not matter: how often the stack is polled, how late, in what batches, and whether it
 * is run again (rows ). One life with datagrams, echo, fragments, calls and silent
 * neighbours is lived by a stack under different habits of its loop, and compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/link.h"
#include "../../stack/net.h"
#include "../../stack/stack.h"
#include "../lib/box_link.h"
#include "../lib/frame.h"
#include "../lib/talk.h"

#define BIRTH_US   (77 * USEC_PER_SEC)
#define SILENT     0x0a000063u /* nobody answers for it */
#define PEERS      5
#define EVENTS     400
#define EVENT_US   (250 * USEC_PER_MSEC)
#define WAITING    256
#define DAY_US     (24 * 3600 * USEC_PER_SEC)
#define BATCHES_OF 8

/* How a loop drives its stack. */
struct habit {
	uint64_t seed;
	usec_t early_us; /* also polls each time so much has passed; 0: only when it must */
	usec_t late_us;  /* polls at multiples of this only; 0: just in time */
	bool twice;
	bool by_frame; /* flushes and polls after every frame, not after a batch */
};

struct world {
	struct habit habit;
	struct link link;
	struct stack *stack;
	struct ifc *ifc;
	usec_t now_us;
	uint8_t *waiting[WAITING]; /* what the tester says next, each with its length */
	size_t waiting_len[WAITING];
	unsigned waiting_n;
	uint64_t frames_n;
	uint64_t polls_n;
	uint64_t content; /* a hash of all bytes sent, in order */
	uint64_t timed;   /* of when, too */
	uint64_t read;    /* of all bytes read by conversations */
	struct conv *client[PEERS], *ping, *listener, *to_silent;
};

static uint64_t mix(uint64_t h, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		h = (h ^ at[i]) * 0x100000001b3u;
	return h ^ len;
}

/* --- the tester's side of the wire ----------------------------------------------------- */

static void say(struct world *w, const struct frame *f)
{
	uint8_t *bytes = malloc(FRAME_MAX);

	assert_in_range(w->waiting_n, 0, WAITING - 1);
	w->waiting_len[w->waiting_n] = frame_build(f, bytes);
	w->waiting[w->waiting_n++] = bytes;
}

static void answer_arp(struct world *w, const struct frame *asked)
{
	struct frame f;

	if (asked->arp.op != 1 || asked->arp.target == SILENT || asked->arp.target == TALK_US)
		return;
	frame_init(&f, FRAME_ARP);
	f.arp.op = 2;
	f.arp.sender = asked->arp.target;
	f.arp.target = asked->arp.sender;
	box_station(f.arp.sender, f.arp.sender_mac);
	memcpy(f.arp.target_mac, asked->arp.sender_mac, 6);
	memcpy(f.eth_dst, asked->eth_src, 6);
	memcpy(f.eth_src, f.arp.sender_mac, 6);
	say(w, &f);
}

/* Every other datagram is answered; each echo request is. */
static void answer_ip(struct world *w, const struct frame *sent)
{
	struct frame f;

	if (sent->kind == FRAME_UDP && sent->udp.dst_port == 53 && (sent->data_len & 1)) {
		frame_init(&f, FRAME_UDP);
		f.udp.src_port = sent->udp.dst_port;
		f.udp.dst_port = sent->udp.src_port;
	} else if (sent->kind == FRAME_ICMP && sent->icmp.type == 8) {
		frame_init(&f, FRAME_ICMP);
		f.icmp.rest = sent->icmp.rest;
	} else {
		return;
	}
	f.ip.src = sent->ip.dst;
	f.ip.dst = sent->ip.src;
	f.data = sent->data;
	f.data_len = sent->data_len;
	memcpy(f.eth_dst, sent->eth_src, 6);
	memcpy(f.eth_src, sent->eth_dst, 6);
	say(w, &f);
}

static void wire_frame(void *arg, const uint8_t *bytes, size_t len)
{
	struct world *w = arg;
	struct frame f;

	w->frames_n++;
	w->content = mix(w->content, bytes, len);
	w->timed = mix(mix(w->timed, bytes, len), &w->now_us, sizeof(w->now_us));
	if (frame_parse(&f, bytes, len))
		fail_msg("a malformed frame was sent");
	if (f.kind == FRAME_ARP)
		answer_arp(w, &f);
	else
		answer_ip(w, &f);
}

static int wire_send(struct link *link, struct pkt *p)
{
	struct world *w = CONTAINER_OF(link, struct world, link);

	assert_null(box_link_send(p, 0, wire_frame, w));
	stack_pkt_free(w->stack, p);
	return 0;
}

/* --- the holders' side ----------------------------------------------------------------- */

static void read_all(struct world *w, struct conv *c)
{
	static uint8_t bytes[65600];
	ssize_t n;

	while ((n = talk_read(c, bytes, sizeof(bytes))) > 0)
		w->read = mix(w->read, bytes, (size_t)n);
	w->read = mix(w->read, &n, sizeof(n));
}

/* Calls are taken, answered with what they said, and kept no longer. */
static void serve_calls(struct world *w)
{
	uint8_t bytes[2000];
	struct conv *call;

	while ((call = conv_accept(w->listener))) {
		ssize_t n = talk_read(call, bytes, sizeof(bytes));

		if (n > 0) {
			w->read = mix(w->read, bytes, (size_t)n);
			(void)conv_write(call, NULL, bytes, (size_t)n);
		}
		conv_release(call);
	}
}

static void holders_act(struct world *w)
{
	struct conv *c;

	while ((c = conv_next_ready(w->stack))) {
		if (c == w->listener)
			serve_calls(w);
		else if (conv_events(c) & CONV_IN)
			read_all(w, c);
	}
}

/* --- the loop, by its habit ------------------------------------------------------------ */

static void poll_once(struct world *w)
{
	stack_poll(w->stack, w->now_us);
	w->polls_n++;
	if (w->habit.twice)
		stack_poll(w->stack, w->now_us);
}

static void turn(struct world *w)
{
	poll_once(w);
	for (unsigned i = 0; i < w->waiting_n; i++) {
		struct pkt *p = box_link_receive(w->stack, w->waiting[i], w->waiting_len[i]);

		assert_non_null(p);
		free(w->waiting[i]);
		stack_input(w->stack, w->ifc, p, w->now_us);
		if (w->habit.by_frame) {
			stack_flush(w->stack);
			poll_once(w);
		}
	}
	w->waiting_n = 0;
	stack_flush(w->stack);
	holders_act(w);
	stack_flush(w->stack);
}

/* When the loop looks next, if nothing else happens before UNTIL_US. */
static usec_t next_us(const struct world *w, usec_t until_us)
{
	usec_t at_us = stack_deadline(w->stack);

	if (w->waiting_n > 0 || at_us <= w->now_us)
		return w->now_us;
	if (w->habit.late_us && at_us != USEC_NEVER)
		at_us += w->habit.late_us - 1 - (at_us - 1) % w->habit.late_us;
	if (w->habit.early_us)
		at_us = min_u64(at_us, w->now_us + w->habit.early_us);
	return min_u64(at_us, until_us);
}

static void run_until(struct world *w, usec_t until_us)
{
	unsigned at_once = 0;

	do {
		usec_t at_us = next_us(w, until_us);

		at_once = at_us == w->now_us ? at_once + 1 : 0;
		assert_in_range(at_once, 0, 1000);
		w->now_us = at_us;
		turn(w);
	} while (w->now_us < until_us || next_us(w, until_us) <= until_us - 1);
}

/* --- one life -------------------------------------------------------------------------- */

static void *memory_take(void *arg, size_t len)
{
	(void)arg;
	return calloc(1, len);
}

static void memory_give_back(void *arg, void *at, size_t len)
{
	(void)arg;
	(void)len;
	free(at);
}

static struct conv *new_conv(struct world *w, unsigned proto, uint32_t ip, uint16_t port)
{
	const struct cred who = { .uid = 1000 };
	const struct endpoint at = talk_at(ip, port);
	struct conv *c = conv_new(w->stack, stack_proto(w->stack, proto), &who);

	assert_non_null(c);
	assert_int_equal(ip ? conv_connect(c, NULL, &at) : conv_announce(c, &at), 0);
	return c;
}

static unsigned proto_called(const struct world *w, const char *name)
{
	unsigned i = 0;

	while (strcmp(proto_name(stack_proto(w->stack, i)), name) != 0)
		i++;
	return i;
}

static void be_born(struct world *w, const struct habit *habit)
{
	struct stack_config config = { .memory_take = memory_take,
		.memory_give_back = memory_give_back,
		.memory = (size_t)32 << 20,
		.tcp_convs_max = 16,
		.udp_convs_max = 256,
		.icmp_convs_max = 16 };
	const struct addr us = addr_from_v4(TALK_US);
	unsigned udp;

	memset(w, 0, sizeof(*w));
	w->habit = *habit;
	w->now_us = BIRTH_US;
	memcpy(config.seed, &habit->seed, sizeof(habit->seed));
	memcpy(config.secret, &habit->seed, sizeof(habit->seed));
	w->link = (struct link){ .name = "wire", .mtu = 1500, .send = wire_send };
	box_station(TALK_US, w->link.mac);
	w->stack = stack_new(&config, w->now_us);
	assert_non_null(w->stack);
	assert_int_equal(stack_attach(w->stack, &w->link, &w->ifc), 0);
	assert_int_equal(net_addr_add(w->stack, w->ifc, &us, 96 + 24, 0), 0);
	run_until(w, BIRTH_US + 20 * USEC_PER_SEC); /* probed, announced */
	udp = proto_called(w, "udp");
	for (uint32_t i = 0; i < PEERS; i++)
		w->client[i] = new_conv(w, udp, TALK_PEER + i, 53);
	w->ping = new_conv(w, proto_called(w, "icmp"), TALK_PEER, 0);
	w->listener = new_conv(w, udp, 0, 7);
	w->to_silent = new_conv(w, udp, SILENT, 9);
}

static void die(struct world *w)
{
	for (uint32_t i = 0; i < PEERS; i++)
		conv_release(w->client[i]);
	conv_release(w->ping);
	conv_release(w->listener);
	conv_release(w->to_silent);
	run_until(w, w->now_us + 600 * USEC_PER_SEC);
	stack_check(w->stack);
	assert_true(stack_is_at_rest(w->stack, NULL));
	stack_free(w->stack);
}

struct dice {
	uint64_t state;
};

static uint32_t roll(struct dice *d, uint32_t below)
{
	d->state = d->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(d->state >> 33) % below;
}

/* A datagram to port 7 from one of many remotes; one to a closed port; or half of one. */
static void peer_speaks(struct world *w, struct dice *d)
{
	static uint8_t data[3000];
	uint32_t what = roll(d, 32);
	struct frame f;

	frame_init(&f, what == 0 ? FRAME_IP : FRAME_UDP);
	f.ip.src = TALK_PEER + roll(d, PEERS);
	f.ip.dst = TALK_US;
	f.ip.proto = 17;
	f.ip.id = (uint16_t)d->state;
	f.udp.src_port = (uint16_t)(1000 + roll(d, 40));
	f.udp.dst_port = what < 8 ? 9 : 7;
	f.data = data;
	f.data_len = 8 * (1 + roll(d, 150));
	f.ip.mf = what == 0; /* its end never comes */
	f.ip.df = what != 0;
	memcpy(f.eth_dst, w->link.mac, 6);
	box_station(f.ip.src, f.eth_src);
	say(w, &f);
}

static void holder_speaks(struct world *w, struct dice *d)
{
	static const uint8_t data[4000] = { 1, 2, 3 };
	uint32_t who = roll(d, PEERS + 2);
	struct conv *c = who < PEERS ? w->client[who] : who == PEERS ? w->ping : w->to_silent;

	(void)conv_write(c, NULL, data, roll(d, 4000));
}

static void live(struct world *w, const struct habit *habit)
{
	struct dice d = { .state = habit->seed };

	be_born(w, habit);
	for (uint32_t i = 0; i < EVENTS; i++) {
		for (uint32_t n = roll(&d, BATCHES_OF); n > 0; n--)
			peer_speaks(w, &d);
		holder_speaks(w, &d);
		run_until(w, w->now_us - w->now_us % EVENT_US + EVENT_US);
	}
	die(w);
}

/* --- what must not matter -------------------------------------------------------------- */

static const uint64_t seeds[] = { 1, 20240611, 0xfeedface };

static void assert_same_content(const struct world *a, const struct world *b)
{
	assert_int_equal(a->frames_n, b->frames_n);
	assert_true(a->content == b->content);
	assert_true(a->read == b->read);
}

/* */
static void the_same_seed_lives_the_same_life(void **state)
{
	static struct world a, b;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(seeds); i++) {
		live(&a, &(struct habit){ .seed = seeds[i] });
		live(&b, &(struct habit){ .seed = seeds[i] });
		assert_same_content(&a, &b);
		assert_true(a.timed == b.timed);
		assert_true(a.frames_n > EVENTS);
	}
}

/* */
static void another_seed_lives_another(void **state)
{
	static struct world a, b;

	(void)state;
	live(&a, &(struct habit){ .seed = 1 });
	live(&b, &(struct habit){ .seed = 2 });
	assert_false(a.content == b.content);
}

/* */
static void polling_early_changes_nothing(void **state)
{
	static struct world a, b;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(seeds); i++) {
		live(&a, &(struct habit){ .seed = seeds[i] });
		live(&b, &(struct habit){ .seed = seeds[i], .early_us = 7777 });
		assert_true(b.polls_n > 2 * a.polls_n);
		assert_same_content(&a, &b);
		assert_true(a.timed == b.timed);
	}
}

/* */
static void polling_twice_changes_nothing(void **state)
{
	static struct world a, b;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(seeds); i++) {
		live(&a, &(struct habit){ .seed = seeds[i] });
		live(&b, &(struct habit){ .seed = seeds[i], .twice = true });
		assert_same_content(&a, &b);
		assert_true(a.timed == b.timed);
	}
}

/* */
static void polling_late_changes_only_when(void **state)
{
	static struct world a, b;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(seeds); i++) {
		live(&a, &(struct habit){ .seed = seeds[i] });
		live(&b, &(struct habit){ .seed = seeds[i], .late_us = 5000 });
		assert_same_content(&a, &b);
		assert_false(a.timed == b.timed);
	}
}

/* */
static void a_batch_is_as_good_as_frame_by_frame(void **state)
{
	static struct world a, b;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(seeds); i++) {
		live(&a, &(struct habit){ .seed = seeds[i] });
		live(&b, &(struct habit){ .seed = seeds[i], .by_frame = true });
		assert_same_content(&a, &b);
	}
}

/* once what was said has been answered, there is nothing to do but to forget. */
static void an_idle_stack_is_silent_for_a_day(void **state)
{
	static struct world w;
	uint64_t frames_n, polls_n;

	(void)state;
	be_born(&w, &(struct habit){ .seed = 3 });
	for (uint32_t i = 0; i < PEERS; i++)
		assert_int_equal(conv_write(w.client[i], NULL, "x", 1), 1);
	run_until(&w, w.now_us + 600 * USEC_PER_SEC);
	frames_n = w.frames_n;
	polls_n = w.polls_n;
	run_until(&w, w.now_us + DAY_US);
	assert_int_equal(w.frames_n, frames_n);
	assert_in_range(w.polls_n - polls_n, 0, 2 * PEERS);
	die(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_lives_the_same_life),
		cmocka_unit_test(another_seed_lives_another),
		cmocka_unit_test(polling_early_changes_nothing),
		cmocka_unit_test(polling_twice_changes_nothing),
		cmocka_unit_test(polling_late_changes_only_when),
		cmocka_unit_test(a_batch_is_as_good_as_frame_by_frame),
		cmocka_unit_test(an_idle_stack_is_silent_for_a_day),
	};

	return cmocka_run_group_tests_name("metamorphic", tests, NULL, NULL);
}
