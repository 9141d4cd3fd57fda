/*
 * Rows of docs/rfcs.md about TCP whose limits are reached sooner in a small stack.
 */
#include "../lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ROOM  4 /* conversations, and so half-open calls */
#define CALLS 10
#define PEER  0x0a000002u

static struct conv *listener(struct box *b)
{
	const struct cred nobody = { .uid = 1 };
	const struct endpoint local = { .port = 80 };
	struct conv *c = conv_new(box_stack(b), box_proto(b, "tcp"), &nobody);

	assert_non_null(c);
	assert_int_equal(conv_announce(c, &local), 0);
	return c;
}

/* Call from a port of its own, and be answered with a SYN,ACK; the handshake is left there. */
static void half_call(struct peer *p, struct box *b, uint16_t port)
{
	peer_init(p, b, PEER, port, 80);
	peer_send(p, FRAME_SYN, p->irs, 0, 0);
	box_settle(b);
	assert_true(peer_take(p));
	assert_int_equal(p->last.tcp.flags, FRAME_SYN | FRAME_ACK);
	p->iss = p->last.tcp.seq;
}

static void complete(struct peer *p, struct box *b)
{
	peer_send(p, FRAME_ACK, p->irs + 1, p->iss + 1, 0);
	box_settle(b);
}

/* T-30: RFC 4987 3.3, recycling the oldest half-open call. */
static void the_oldest_half_open_call_makes_room_for_the_newest(void **state)
{
	const struct box_config config = { .name = "half-open", .tcp_convs_max = ROOM };
	struct box *b = box_new(&config);
	struct conv *l = listener(b), *call;
	struct peer p[CALLS];

	(void)state;
	for (uint16_t i = 0; i < CALLS; i++)
		half_call(&p[i], b, (uint16_t)(4000 + i));
	assert_int_equal(box_count(b, "tcp_drop_half_open"), CALLS - ROOM);
	complete(&p[0], b);
	assert_null(conv_accept(l));
	complete(&p[CALLS - 1], b);
	call = conv_accept(l);
	assert_non_null(call);
	assert_int_equal(conv_remote(call)->port, 4000 + CALLS - 1);
	conv_hangup(call);
	conv_release(call);
	conv_release(l);
	box_teardown(b);
	assert_null(box_fault(b));
	box_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_half_open_call_makes_room_for_the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
