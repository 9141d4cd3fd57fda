/*
 * A bad wire: loses, doubles, delays and damages, and does the same again for the same seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../drivers/driver.h"
#include "../lib/packets.h"

#define ALL_OFFERS (LINK_CSUM | LINK_TSO4 | LINK_TSO6 | LINK_USO)
#define FRAMES     200
#define FRAME_LEN  60

struct wire {
	struct packets packets;
	struct nic *near; /* behind the bad wire */
	struct nic *far;
};

/* What arrived: the first byte of each frame, which is its number. */
struct arrived {
	uint8_t numbers[2 * FRAMES];
	int n;
};

static void wire_open(struct wire *w, const char *spec)
{
	struct nic *inner;
	char why[256] = "";

	packets_open(&w->packets);
	assert_int_equal(pipe_pair(&inner, &w->far, 1500, ALL_OFFERS), 0);
	assert_int_equal(fault_wrap(&w->near, inner, spec, why, sizeof(why)), 0);
	w->near->pkts = &w->packets.pkts;
	w->far->pkts = &w->packets.pkts;
}

static void wire_close(struct wire *w)
{
	nic_close(w->near);
	nic_close(w->far);
	packets_close(&w->packets);
}

static void send_frame(struct wire *w, struct nic *n, uint8_t number)
{
	struct pkt *p = packets_frame(&w->packets, FRAME_LEN, number);

	/* An IPv4 frame, so that damage has something to damage. */
	pkt_data(p)[12] = 0x08;
	pkt_data(p)[13] = 0x00;
	assert_int_equal(n->link.send(&n->link, p), 0);
}

/* A may be NULL: never mind what. */
static void take_all(struct wire *w, struct nic *n, struct arrived *a)
{
	for (;;) {
		struct pkt *p = packets_empty(&w->packets);

		if (n->driver->recv(n, p, w->packets.rest) != 1) {
			packets_free(&w->packets, p);
			return;
		}
		if (a) {
			assert_true(a->n < 2 * FRAMES);
			a->numbers[a->n++] = pkt_data(p)[0];
		}
		packets_free(&w->packets, p);
	}
}

/* Send FRAMES frames out of the bad end, a millisecond apart, and take them in at the other. */
static struct arrived run_out(const char *spec)
{
	struct arrived a = { .n = 0 };
	struct wire w;
	usec_t now_us = 0;

	wire_open(&w, spec);
	for (int i = 0; i < FRAMES; i++) {
		w.near->driver->poll(w.near, now_us += 1000);
		send_frame(&w, w.near, (uint8_t)i);
		take_all(&w, w.far, &a);
	}
	w.near->driver->poll(w.near, now_us + USEC_PER_SEC);
	take_all(&w, w.far, &a);
	wire_close(&w);
	return a;
}

static struct arrived run_in(const char *spec)
{
	struct arrived a = { .n = 0 };
	struct wire w;
	usec_t now_us = 0;

	wire_open(&w, spec);
	for (int i = 0; i < FRAMES; i++) {
		w.near->driver->poll(w.near, now_us += 1000);
		send_frame(&w, w.far, (uint8_t)i);
		take_all(&w, w.near, &a);
	}
	w.near->driver->poll(w.near, now_us + USEC_PER_SEC);
	take_all(&w, w.near, &a);
	wire_close(&w);
	return a;
}

static bool is_in_order(const struct arrived *a)
{
	for (int i = 1; i < a->n; i++) {
		if (a->numbers[i] <= a->numbers[i - 1])
			return false;
	}
	return true;
}

static void without_faults_every_frame_passes_in_order(void **state)
{
	struct arrived out = run_out("seed=1"), in = run_in("seed=1");
	(void)state;

	assert_int_equal(out.n, FRAMES);
	assert_int_equal(in.n, FRAMES);
	assert_true(is_in_order(&out) && is_in_order(&in));
}

static void the_same_seed_meets_the_same_fate(void **state)
{
	const char *spec = "loss=20%,dup=10%,reorder=10%,delay=3ms,seed=7";
	struct arrived first = run_out(spec), again = run_out(spec);
	(void)state;

	assert_int_equal(first.n, again.n);
	assert_memory_equal(first.numbers, again.numbers, (size_t)first.n);
}

static void another_seed_meets_another_fate(void **state)
{
	struct arrived first = run_out("loss=20%,seed=7"), other = run_out("loss=20%,seed=8");
	(void)state;

	assert_true(
		first.n != other.n || memcmp(first.numbers, other.numbers, (size_t)first.n) != 0);
}

static void about_the_share_that_was_asked_for_is_lost(void **state)
{
	struct arrived out = run_out("loss=20%,seed=3"), in = run_in("loss=20%,seed=3");
	(void)state;

	assert_in_range(out.n, FRAMES * 70 / 100, FRAMES * 90 / 100);
	assert_in_range(in.n, FRAMES * 70 / 100, FRAMES * 90 / 100);
}

static void a_word_after_in_counts_for_that_way_only(void **state)
{
	struct arrived out = run_out("in.loss=100%,seed=3"), in = run_in("in.loss=100%,seed=3");
	(void)state;

	assert_int_equal(out.n, FRAMES);
	assert_int_equal(in.n, 0);
}

static void doubling_everything_brings_everything_twice(void **state)
{
	struct arrived out = run_out("dup=100%"), in = run_in("dup=100%");
	(void)state;

	assert_int_equal(out.n, 2 * FRAMES);
	assert_int_equal(in.n, 2 * FRAMES);
	assert_int_equal(in.numbers[2], in.numbers[3]);
}

static void a_delayed_frame_comes_when_it_is_due_and_not_before(void **state)
{
	struct arrived a = { .n = 0 };
	struct wire w;
	(void)state;

	wire_open(&w, "delay=5ms");
	w.near->driver->poll(w.near, 1000);
	send_frame(&w, w.near, 9);
	assert_int_equal(w.near->driver->poll(w.near, 1000), 6000);
	w.near->driver->poll(w.near, 5999);
	take_all(&w, w.far, &a);
	assert_int_equal(a.n, 0);
	assert_int_equal(w.near->driver->poll(w.near, 6000), USEC_NEVER);
	take_all(&w, w.far, &a);
	assert_int_equal(a.n, 1);
	wire_close(&w);
}

static void delay_alone_keeps_the_order(void **state)
{
	struct arrived out = run_out("delay=20ms"), in = run_in("delay=20ms");
	(void)state;

	assert_int_equal(out.n, FRAMES);
	assert_true(is_in_order(&out) && is_in_order(&in));
}

static void reordering_loses_nothing(void **state)
{
	struct arrived out = run_out("reorder=30%,seed=5");
	(void)state;

	assert_int_equal(out.n, FRAMES);
	assert_false(is_in_order(&out));
}

static void damage_changes_one_bit_behind_the_ethernet_header(void **state)
{
	struct wire w;
	struct pkt *p;
	unsigned bits = 0;
	(void)state;

	wire_open(&w, "corrupt=100%,seed=2");
	w.near->driver->poll(w.near, 1000);
	send_frame(&w, w.far, 0);
	p = packets_empty(&w.packets);
	assert_int_equal(w.near->driver->recv(w.near, p, w.packets.rest), 1);
	assert_int_equal(pkt_len(p), FRAME_LEN);
	for (uint32_t i = 14; i < FRAME_LEN; i++) {
		for (unsigned change = pkt_data(p)[i] ^ i; change; change &= change - 1)
			bits++;
	}
	assert_int_equal(bits, 1);
	packets_free(&w.packets, p);
	wire_close(&w);
}

static void segments_are_lost_one_by_one_so_none_are_offered_together(void **state)
{
	struct wire w;
	(void)state;

	wire_open(&w, "loss=1%");
	assert_int_equal(w.near->link.offers, LINK_CSUM);
	assert_int_equal(w.far->link.offers, LINK_CSUM);
	wire_close(&w);
}

static void where_bits_flip_sums_are_not_left_out(void **state)
{
	struct wire w;
	(void)state;

	wire_open(&w, "in.corrupt=1%");
	assert_int_equal(w.near->link.offers, 0);
	assert_int_equal(w.far->link.offers, 0);
	wire_close(&w);
}

static void a_held_frame_keeps_what_the_device_said_of_it(void **state)
{
	struct wire w;
	struct pkt *p;
	(void)state;

	wire_open(&w, "delay=1ms");
	w.near->driver->poll(w.near, 0);
	p = packets_frame(&w.packets, FRAME_LEN, 0);
	p->offload = PKT_CSUM_FILL;
	p->csum_start = p->off + 34;
	p->csum_off = 16;
	assert_int_equal(w.near->link.send(&w.near->link, p), 0);
	w.near->driver->poll(w.near, 1000);
	p = packets_empty(&w.packets);
	assert_int_equal(w.far->driver->recv(w.far, p, w.packets.rest), 1);
	assert_int_equal(p->offload, PKT_CSUM_GOOD);
	assert_int_equal(p->csum_start - p->off, 34);
	packets_free(&w.packets, p);
	wire_close(&w);
}

static void what_the_device_below_refuses_is_sent_when_it_takes_frames_again(void **state)
{
	struct arrived a = { .n = 0 };
	struct wire w;
	int sent = 0;
	(void)state;

	wire_open(&w, "out.delay=1ms");
	for (; sent < 600; sent++) /* more than the pipe holds */
		send_frame(&w, w.near, (uint8_t)sent);
	w.near->driver->poll(w.near, 2000);
	assert_true(w.near->driver->wants_out(w.near));
	take_all(&w, w.far, NULL);
	w.near->driver->poll(w.near, 2001);
	take_all(&w, w.far, &a);
	assert_int_equal(a.n, 600 - 512);
	wire_close(&w);
}

static void a_word_it_does_not_know_is_refused_and_named(void **state)
{
	struct nic *near = NULL, *a, *b;
	char why[256] = "";
	(void)state;

	assert_int_equal(pipe_pair(&a, &b, 1500, 0), 0);
	assert_int_equal(fault_wrap(&near, a, "loss=1%,gloom=2%", why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "gloom=2%"));
	assert_int_equal(fault_wrap(&near, a, "loss=101%", why, sizeof(why)), -EINVAL);
	assert_int_equal(fault_wrap(&near, a, "delay=5", why, sizeof(why)), -EINVAL);
	nic_close(a);
	nic_close(b);
}

static void a_value_that_is_none_is_refused_and_named(void **state)
{
	static const char *const values[] = { "loss", "loss=", "loss=%", "loss=.5.%%", "loss=0x10%",
		"loss= 1%", "loss=+1%", "loss=1e1%", "loss=nan%", "loss=-1%", "delay=ms",
		"delay=-5ms", "delay= 5ms", "delay=11s", "delay=99999999999999999999s",
		"seed=", "seed=-1", "seed=x", "seed= 1", "seed=99999999999999999999", "in.seed=1",
		"" };
	struct nic *near = NULL, *a, *b;
	char why[256] = "";
	(void)state;

	assert_int_equal(pipe_pair(&a, &b, 1500, 0), 0);
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		print_message("%s\n", values[i]);
		assert_int_equal(fault_wrap(&near, a, values[i], why, sizeof(why)), -EINVAL);
		assert_non_null(strstr(why, values[i]));
	}
	nic_close(a);
	nic_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_faults_every_frame_passes_in_order),
		cmocka_unit_test(the_same_seed_meets_the_same_fate),
		cmocka_unit_test(another_seed_meets_another_fate),
		cmocka_unit_test(about_the_share_that_was_asked_for_is_lost),
		cmocka_unit_test(a_word_after_in_counts_for_that_way_only),
		cmocka_unit_test(doubling_everything_brings_everything_twice),
		cmocka_unit_test(a_delayed_frame_comes_when_it_is_due_and_not_before),
		cmocka_unit_test(delay_alone_keeps_the_order),
		cmocka_unit_test(reordering_loses_nothing),
		cmocka_unit_test(damage_changes_one_bit_behind_the_ethernet_header),
		cmocka_unit_test(segments_are_lost_one_by_one_so_none_are_offered_together),
		cmocka_unit_test(where_bits_flip_sums_are_not_left_out),
		cmocka_unit_test(a_held_frame_keeps_what_the_device_said_of_it),
		cmocka_unit_test(what_the_device_below_refuses_is_sent_when_it_takes_frames_again),
		cmocka_unit_test(a_word_it_does_not_know_is_refused_and_named),
		cmocka_unit_test(a_value_that_is_none_is_refused_and_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
