/*
 * What peers, neighbours in memory and chance can do to a conversation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/stack_private.h"
#include "../lib/far.h"

/* Take every packet that there is. */
static struct pkt *all_packets(struct stack *s)
{
	struct pkt *all = NULL, *p;

	while ((p = pkt_new(&s->pkts, PKT_HEADROOM, BUF_DATA)) ||
		(p = pkt_new(&s->pkts, PKT_HEADROOM, BUF_CONTROL))) {
		p->next = all;
		all = p;
	}
	return all;
}

static void give_back(struct stack *s, struct pkt *all)
{
	while (all) {
		struct pkt *p = all;

		all = p->next;
		p->next = NULL;
		pkt_free(&s->pkts, p);
	}
}

static void a_delayed_ack_that_cannot_be_built_comes_later(void **state)
{
	struct far p = far_connected(false);
	struct stack *s = box_stack(talk_box);
	struct pkt *all;

	(void)state;
	far_sends(&p, 0, 10);
	far_hears_nothing();
	all = all_packets(s);
	box_run_through(talk_box, box_now(talk_box) + USEC_PER_SEC);
	give_back(s, all);
	assert_in_range(far_waits(1), 0, 500000);
	assert_int_equal(far_hears(&p, FRAME_ACK, 1, 0)->tcp.ack, FAR_ISS + 11);
}

/* The window that was offered is full, and nothing was read. */
static void fill_window(struct far *p)
{
	conv_set_rcvbuf(p->conv, LIMIT_BUF_MIN);
	for (uint32_t left = 65535; left > 0; left -= min_u32(left, FAR_MSS))
		far_sends(p, 0, min_u32(left, FAR_MSS));
	box_run_through(talk_box, box_now(talk_box) + USEC_PER_SEC);
	box_seen_all(talk_box);
}

static void a_window_update_that_cannot_be_built_comes_later(void **state)
{
	struct far p = far_connected(false);
	struct stack *s = box_stack(talk_box);
	struct pkt *all;

	(void)state;
	fill_window(&p);
	all = all_packets(s);
	while (talk_read(p.conv, talk_bytes, sizeof talk_bytes) > 0)
		continue;
	box_settle(talk_box);
	give_back(s, all);
	assert_in_range(far_waits(1), 0, 500000);
	assert_int_equal(far_hears(&p, FRAME_ACK, 1, 0)->tcp.window, LIMIT_BUF_MIN);
}

/* A quarter of all slices is left; the rest is somebody's. */
static void use_up_slices(struct stack *s, void **taken, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		taken[i] = pool_get(&s->bytes.nodes);
		assert_non_null(taken[i]);
	}
}

static void bytes_ahead_leave_slices_to_those_in_order(void **state)
{
	struct far p = far_connected(false);
	struct stack *s = box_stack(talk_box);
	uint32_t n = s->bytes.nodes.cap / 4 * 3;
	void **taken = calloc(n, sizeof *taken);

	(void)state;
	assert_non_null(taken);
	use_up_slices(s, taken, n);
	far_sends_at(&p, FRAME_ACK, 11, 10);
	far_hears(&p, FRAME_ACK, 1, 0);
	far_sends_at(&p, FRAME_ACK, 1, 10);
	far_waits(1);
	assert_int_equal(far_hears(&p, FRAME_ACK, 1, 0)->tcp.ack, FAR_ISS + 11);
	assert_int_equal(box_count(talk_box, "tcp_drop_out_of_order"), 1);
	for (uint32_t i = 0; i < n; i++)
		pool_put(&s->bytes.nodes, taken[i]);
	free(taken);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_open, talk_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_delayed_ack_that_cannot_be_built_comes_later),
		TEST(bytes_ahead_leave_slices_to_those_in_order),
		TEST(a_window_update_that_cannot_be_built_comes_later),
	};

	return cmocka_run_group_tests_name("tcp: hostile", tests, NULL, NULL);
}
