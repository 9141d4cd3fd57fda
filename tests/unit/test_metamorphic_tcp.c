/*
 * What must not matter to TCP: how often the stacks are polled, how late, in what batches (rows
 * One stream goes over a slow wire that loses frames and comes back, under
 * different habits of the loop: its bytes are the same, and where only superfluous polls were
 * added, so is every frame and its time.
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
#include "../lib/talk.h"

#define BIRTH_US  (77 * USEC_PER_SEC)
#define DELAY_US  (5 * USEC_PER_MSEC)
#define LOST_EACH 41 /* every so many frames one is lost */
#define LEN       (300u << 10)
#define PIECE     10000
#define LATEST_US (BIRTH_US + 600 * USEC_PER_SEC)

struct habit {
	usec_t early_us; /* also polls each time so much has passed; 0: only when it must */
	usec_t late_us;  /* polls at multiples of this only; 0: just in time */
	bool twice;
	bool by_frame; /* flushes and polls after every frame, not after a batch */
};

struct frame_bytes {
	struct frame_bytes *next;
	usec_t due_us;
	unsigned to;
	size_t len;
	uint8_t bytes[];
};

struct world;

struct host {
	struct link link;
	struct world *world;
	struct stack *stack;
	struct ifc *ifc;
	struct conv *conv; /* the client's, or the call that the server took */
	uint32_t written;
	uint32_t read;
};

struct world {
	struct habit habit;
	usec_t now_us;
	struct host host[2]; /* client, server */
	struct conv *listener;
	struct frame_bytes *first, **last; /* on the wire, in order of due time */
	uint64_t frames_n;
	uint64_t polls_n;
	uint64_t timed; /* a hash of all bytes sent, and when */
	bool ended;
	bool fin_was_lost;
};

static uint8_t byte_at(uint32_t off)
{
	return (uint8_t)(off * 2654435761u >> 24);
}

/* --- the wire -------------------------------------------------------------------------- */

/* TCP's flags lie 13 bytes into its header, behind Ethernet and an IPv4 header of 20 bytes. */
static bool is_fin(const uint8_t *bytes, size_t len)
{
	return len > 47 && bytes[23] == 6 && bytes[47] & 1;
}

/* One frame in so many; and the client's first FIN, which nothing but a timer sends again. */
static bool is_lost(struct host *h, const uint8_t *bytes, size_t len)
{
	struct world *w = h->world;
	bool is_first_fin = h == &w->host[0] && !w->fin_was_lost && is_fin(bytes, len);

	if (is_first_fin)
		w->fin_was_lost = true;
	return ++w->frames_n % LOST_EACH == 0 || is_first_fin;
}

static void wire_frame(void *arg, const uint8_t *bytes, size_t len)
{
	struct host *h = arg;
	struct world *w = h->world;
	struct frame_bytes *f;

	for (size_t i = 0; i < len; i++)
		w->timed = (w->timed ^ bytes[i]) * 0x100000001b3u;
	w->timed = (w->timed ^ w->now_us) * 0x100000001b3u;
	if (is_lost(h, bytes, len))
		return;
	f = malloc(sizeof(*f) + len);
	assert_non_null(f);
	f->next = NULL;
	f->due_us = w->now_us + DELAY_US;
	f->to = h == &w->host[0];
	f->len = len;
	memcpy(f->bytes, bytes, len);
	*w->last = f;
	w->last = &f->next;
}

static int wire_send(struct link *link, struct pkt *p)
{
	struct host *h = CONTAINER_OF(link, struct host, link);

	assert_null(box_link_send(p, 0, wire_frame, h));
	stack_pkt_free(h->stack, p);
	return 0;
}

/* --- the programs ---------------------------------------------------------------------- */

static void write_what_fits(struct host *h, uint32_t until)
{
	static uint8_t bytes[PIECE];
	ssize_t n;

	while (h->written < until) {
		uint32_t len = min_u32(PIECE, until - h->written);

		for (uint32_t i = 0; i < len; i++)
			bytes[i] = byte_at(h->written + i);
		n = conv_write(h->conv, NULL, bytes, len);
		if (n == -EAGAIN)
			return;
		assert_in_range(n, 1, len);
		h->written += (uint32_t)n;
	}
}

/* what is read is what was written, from its beginning. True at the end. */
static bool read_what_came(struct host *h)
{
	static uint8_t bytes[PIECE];
	ssize_t n;

	while ((n = talk_read(h->conv, bytes, PIECE)) > 0)
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(bytes[i], byte_at(h->read++));
	assert_true(n == 0 || n == -EAGAIN);
	return n == 0;
}

static void client_acts(struct host *h)
{
	write_what_fits(h, LEN);
	if (h->written == LEN)
		assert_int_equal(talk_ctl(h->conv, "shutdown wr", NULL), 0);
	h->world->ended = read_what_came(h);
}

static void server_acts(struct world *w, struct host *h)
{
	bool at_end;

	if (!h->conv)
		h->conv = conv_accept(w->listener);
	if (!h->conv)
		return;
	at_end = read_what_came(h);
	write_what_fits(h, h->read);
	if (at_end && h->written == LEN)
		assert_int_equal(conv_close(h->conv), 0);
}

/* --- the loop, by its habit ------------------------------------------------------------ */

static void poll_once(struct world *w, struct host *h)
{
	stack_poll(h->stack, w->now_us);
	w->polls_n++;
	if (w->habit.twice)
		stack_poll(h->stack, w->now_us);
}

static void deliver_due(struct world *w)
{
	while (w->first && w->first->due_us <= w->now_us) {
		struct frame_bytes *f = w->first;
		struct host *h = &w->host[f->to];
		struct pkt *p = box_link_receive(h->stack, f->bytes, f->len);

		assert_non_null(p);
		w->first = f->next;
		if (!w->first)
			w->last = &w->first;
		stack_input(h->stack, h->ifc, p, w->now_us);
		free(f);
		if (w->habit.by_frame) {
			stack_flush(h->stack);
			poll_once(w, h);
		}
	}
}

static void turn(struct world *w)
{
	for (unsigned side = 0; side < 2; side++)
		poll_once(w, &w->host[side]);
	deliver_due(w);
	if (!w->ended) {
		client_acts(&w->host[0]);
		server_acts(w, &w->host[1]);
	}
	for (unsigned side = 0; side < 2; side++) {
		while (conv_next_ready(w->host[side].stack))
			; /* the programs look each time anyway */
		stack_flush(w->host[side].stack);
	}
}

static usec_t next_us(const struct world *w)
{
	usec_t at_us = min_u64(stack_deadline(w->host[0].stack), stack_deadline(w->host[1].stack));

	if (w->habit.late_us && at_us != USEC_NEVER)
		at_us += w->habit.late_us - 1 - (at_us + w->habit.late_us - 1) % w->habit.late_us;
	if (w->first)
		at_us = min_u64(at_us, w->first->due_us);
	if (w->habit.early_us)
		at_us = min_u64(at_us, w->now_us + w->habit.early_us);
	return max_u64(at_us, w->now_us);
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

static struct conv *new_tcp(struct stack *s)
{
	const struct cred who = { .uid = 1000 };
	struct conv *c;
	unsigned i = 0;

	while (strcmp(proto_name(stack_proto(s, i)), "tcp") != 0)
		i++;
	c = conv_new(s, stack_proto(s, i), &who);
	assert_non_null(c);
	return c;
}

static void make_host(struct world *w, unsigned side)
{
	struct host *h = &w->host[side];
	const struct stack_config config = { .memory_take = memory_take,
		.memory_give_back = memory_give_back,
		.memory = (size_t)48 << 20,
		.secret = { (uint8_t)(side + 1) },
		.seed = { (uint8_t)(side + 1) },
		.tcp_convs_max = 16,
		.udp_convs_max = 16,
		.icmp_convs_max = 16 };
	const struct addr a = addr_from_v4(TALK_US + side);

	h->world = w;
	h->link = (struct link){ .name = "wire", .mtu = 1500, .send = wire_send };
	box_station(TALK_US + side, h->link.mac);
	h->stack = stack_new(&config, w->now_us);
	assert_non_null(h->stack);
	assert_int_equal(stack_attach(h->stack, &h->link, &h->ifc), 0);
	assert_int_equal(net_addr_add(h->stack, h->ifc, &a, 96 + 24, NET_ADDR_UNPROBED), 0);
}

static void be_born(struct world *w, const struct habit *habit)
{
	const struct endpoint server = talk_at(TALK_US + 1, 80), any = talk_at(0, 80);

	memset(w, 0, sizeof(*w));
	w->habit = *habit;
	w->now_us = BIRTH_US;
	w->last = &w->first;
	make_host(w, 0);
	make_host(w, 1);
	w->listener = new_tcp(w->host[1].stack);
	assert_int_equal(conv_announce(w->listener, &any), 0);
	w->host[0].conv = new_tcp(w->host[0].stack);
	assert_int_equal(conv_connect(w->host[0].conv, NULL, &server), 0);
}

static void run_until(struct world *w, usec_t until_us)
{
	while (!w->ended && w->now_us < until_us) {
		w->now_us = next_us(w);
		turn(w);
	}
}

static void die(struct world *w)
{
	usec_t until_us = w->now_us + 600 * USEC_PER_SEC;

	conv_release(w->host[0].conv);
	conv_release(w->host[1].conv);
	conv_release(w->listener);
	while (next_us(w) < until_us) {
		w->now_us = next_us(w);
		turn(w);
	}
	w->now_us = until_us;
	turn(w);
	for (unsigned side = 0; side < 2; side++) {
		stack_check(w->host[side].stack);
		assert_true(stack_is_at_rest(w->host[side].stack, NULL));
		stack_free(w->host[side].stack);
	}
}

static void live(struct world *w, const struct habit *habit)
{
	be_born(w, habit);
	run_until(w, LATEST_US);
	assert_true(w->ended);
	assert_int_equal(w->host[0].read, LEN);
	die(w);
}

/* --- what must not matter -------------------------------------------------------------- */

static struct world as_usual, otherwise;

static int live_as_usual(void **state)
{
	(void)state;
	live(&as_usual, &(struct habit){ .twice = false });
	return 0;
}

/* */
static void the_same_seed_gives_the_same_frames(void **state)
{
	(void)state;
	live(&otherwise, &(struct habit){ .twice = false });
	assert_true(as_usual.timed == otherwise.timed);
	assert_true(as_usual.frames_n > 2 * LEN / 1460);
}

/* */
static void polling_early_changes_no_frame(void **state)
{
	(void)state;
	live(&otherwise, &(struct habit){ .early_us = 777 });
	assert_true(otherwise.polls_n > 2 * as_usual.polls_n);
	assert_true(as_usual.timed == otherwise.timed);
}

/* */
static void polling_twice_changes_no_frame(void **state)
{
	(void)state;
	live(&otherwise, &(struct habit){ .twice = true });
	assert_true(as_usual.timed == otherwise.timed);
}

/* */
static void polling_late_changes_no_byte(void **state)
{
	(void)state;
	live(&otherwise, &(struct habit){ .late_us = 10000 });
	assert_false(as_usual.timed == otherwise.timed);
}

/* */
static void frame_by_frame_changes_no_byte(void **state)
{
	(void)state;
	live(&otherwise, &(struct habit){ .by_frame = true });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same_frames),
		cmocka_unit_test(polling_early_changes_no_frame),
		cmocka_unit_test(polling_twice_changes_no_frame),
		cmocka_unit_test(polling_late_changes_no_byte),
		cmocka_unit_test(frame_by_frame_changes_no_byte),
	};

	return cmocka_run_group_tests_name("metamorphic_tcp", tests, live_as_usual, NULL);
}
