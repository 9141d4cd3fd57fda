/*
 * Too much of everything: what a hostile network sends must cost a bounded amount, and leave
 * those alone who have nothing to do with it.
 */
#include "../lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOST 0x0a000000u

static const struct cred nobody = { 0, 0, 1 };

static struct box *wide_box(void)
{
	struct box_config config = { .name = "floods", .prefix_bits = 8 };

	return box_new(&config);
}

static struct conv *listener(struct box *b)
{
	struct conv *c = conv_new(box_stack(b), box_proto(b, "tcp"), &nobody);
	struct endpoint local = { .addr = addr_any, .port = 80 };

	assert_non_null(c);
	assert_int_equal(conv_announce(c, &local), 0);
	return c;
}

static void end(struct box *b)
{
	box_teardown(b);
	if (box_fault(b))
		fail_msg("%s", box_fault(b));
	box_free(b);
}

/* Take all that can be read at once and compare it with the pattern from OFF on; how much. */
static size_t read_all(struct conv *c, uint32_t off)
{
	size_t done = 0;
	ssize_t got;

	for (;;) {
		struct span piece[16];
		int n = 0, i;
		size_t k = 0;
		uint32_t j;

		got = conv_peek(c, piece, 16, 1 << 20, &n);
		if (got <= 0)
			return done;
		for (i = 0; i < n; i++)
			for (j = 0; j < piece[i].len; j++, k++)
				assert_int_equal(
					piece[i].at[j], peer_byte(off + (uint32_t)(done + k)));
		conv_taken(c, (size_t)got);
		done += (size_t)got;
	}
}

static void assert_alive(struct box *b, struct peer *p, struct conv *c)
{
	box_seen_all(b);
	peer_send(p, FRAME_ACK, p->snd_nxt, p->rcv_nxt, 100);
	box_settle(b);
	assert_int_equal(read_all(c, p->snd_nxt - p->irs - 1), 100);
	p->snd_nxt += 100;
	box_run_through(b, box_now(b) + USEC_PER_SEC);
}

static void assert_echo(struct box *b)
{
	static const uint8_t data[8];
	uint8_t bytes[128];
	struct frame f;

	box_seen_all(b);
	frame_init(&f, FRAME_ICMP);
	memcpy(f.eth_dst, box_mac(b), 6);
	box_station(HOST + 2, f.eth_src);
	f.ip.src = HOST + 2;
	f.ip.dst = box_ip(b);
	f.icmp.type = 8;
	f.data = data;
	f.data_len = sizeof(data);
	box_input(b, bytes, frame_build(&f, bytes));
	box_settle(b);
	assert_non_null(box_peek(b));
	assert_null(frame_parse(&f, box_peek(b)->bytes, box_peek(b)->len));
	assert_int_equal(f.kind, FRAME_ICMP);
	assert_int_equal(f.icmp.type, 0);
	box_seen_all(b);
}

/* row T-30 (RFC 4987 3) */
static void a_flood_of_syns_leaves_a_connection_alone_and_passes(void **state)
{
	struct box *b = wide_box();
	struct conv *l = listener(b), *c, *late;
	struct peer friend, spoofed;
	uint32_t i;

	(void)state;
	peer_init(&friend, b, HOST + 2, 4000, 80);
	assert_true(peer_call(&friend));
	c = conv_accept(l);
	assert_non_null(c);
	for (i = 0; i < 20000; i++) {
		peer_init(&spoofed, b, HOST + 0x10000 + i, (uint16_t)(1024 + i), 80);
		peer_send(&spoofed, FRAME_SYN, spoofed.irs, 0, 0);
		if (i % 64 == 63) {
			box_settle(b);
			box_seen_all(b);
		}
		if (i % 2000 == 1999)
			assert_alive(b, &friend, c);
	}
	assert_echo(b);
	/* the half-open ones give up in time, and a new client is served */
	box_run_through(b, box_now(b) + 300 * USEC_PER_SEC);
	peer_init(&spoofed, b, HOST + 3, 4000, 80);
	assert_true(peer_call(&spoofed));
	late = conv_accept(l);
	assert_non_null(late);
	assert_alive(b, &friend, c);
	conv_hangup(c);
	conv_release(c);
	conv_hangup(late);
	conv_release(late);
	conv_release(l);
	end(b);
}

/* row T-54 (CVE-2018-5390) */
static void crumbs_out_of_order_are_bounded_and_lose_nothing(void **state)
{
	struct box *b = wide_box();
	struct conv *l = listener(b), *c;
	struct peer p;
	uint32_t i;

	(void)state;
	peer_init(&p, b, HOST + 2, 4000, 80);
	assert_true(peer_call(&p));
	c = conv_accept(l);
	assert_non_null(c);
	for (i = 0; i < 30000; i++) {
		peer_send(&p, FRAME_ACK, p.snd_nxt + 1 + 2 * i, p.rcv_nxt, 1);
		if (i % 64 == 63) {
			box_settle(b);
			box_seen_all(b);
		}
	}
	assert_true(box_count(b, "tcp_drop_out_of_order") > 29000);
	/* then everything comes again, in order */
	for (i = 0; i < 60000; i += 1000) {
		peer_send(&p, FRAME_ACK, p.snd_nxt, p.rcv_nxt, 1000);
		box_settle(b);
		box_seen_all(b);
		p.snd_nxt += 1000;
		assert_int_equal(read_all(c, i), 1000);
	}
	conv_hangup(c);
	conv_release(c);
	conv_release(l);
	end(b);
}

/* A first fragment, of a datagram that never ends. */
static void first_fragment(struct box *b, uint32_t source, uint16_t id)
{
	static const uint8_t data[1480];
	uint8_t bytes[1600];
	struct frame f;

	frame_init(&f, FRAME_IP);
	memcpy(f.eth_dst, box_mac(b), 6);
	box_station(HOST + 2, f.eth_src);
	f.ip.src = source;
	f.ip.dst = box_ip(b);
	f.ip.proto = 17;
	f.ip.id = id;
	f.ip.df = false;
	f.ip.mf = true;
	f.data = data;
	f.data_len = sizeof(data);
	box_input(b, bytes, frame_build(&f, bytes));
}

/* row I-18 (practice) */
static void a_flood_of_fragments_is_bounded(void **state)
{
	struct box *b = wide_box();
	uint32_t i;

	(void)state;
	for (i = 0; i < 50000; i++) {
		first_fragment(b, HOST + 0x100 + i % 5000, (uint16_t)i);
		if (i % 64 == 63) {
			box_settle(b);
			box_seen_all(b);
		}
		if (i % 5000 == 0)
			assert_echo(b);
	}
	assert_true(box_count(b, "frag_drop_limit") > 40000);
	assert_echo(b);
	end(b);
}

/* row I-18 (practice) */
static void one_source_of_fragments_does_not_shut_out_another(void **state)
{
	struct box *b = wide_box();
	struct conv *u = conv_new(box_stack(b), box_proto(b, "udp"), &nobody), *call;
	struct endpoint local = { .addr = addr_any, .port = 7000 };
	static uint8_t whole[3008];
	uint8_t bytes[1600];
	struct frame f;
	uint32_t i;

	(void)state;
	assert_int_equal(conv_announce(u, &local), 0);
	for (i = 0; i < 1000; i++)
		first_fragment(b, HOST + 9, (uint16_t)i);
	memset(whole, 0, sizeof(whole));
	frame_put16(whole, 5000);
	frame_put16(whole + 2, 7000);
	frame_put16(whole + 4, sizeof(whole)); /* and no checksum */
	for (i = 0; i < sizeof(whole); i += 1480) {
		frame_init(&f, FRAME_IP);
		memcpy(f.eth_dst, box_mac(b), 6);
		box_station(HOST + 2, f.eth_src);
		f.ip.src = HOST + 2;
		f.ip.dst = box_ip(b);
		f.ip.proto = 17;
		f.ip.df = false;
		f.ip.off = (uint16_t)i;
		f.ip.mf = i + 1480 < sizeof(whole);
		f.data = whole + i;
		f.data_len = f.ip.mf ? 1480 : sizeof(whole) - i;
		box_input(b, bytes, frame_build(&f, bytes));
	}
	box_settle(b);
	call = conv_accept(u);
	assert_non_null(call);
	conv_release(call);
	conv_release(u);
	end(b);
}

/* Answer what is asked about HOST + 2, and nobody else; how often everybody was asked. */
static unsigned answer_for_the_friend(struct box *b)
{
	const struct box_frame *frame;
	unsigned broadcasts = 0;

	while ((frame = box_peek(b)) != NULL) {
		uint8_t bytes[64];
		struct frame asked, f;
		bool is_it = !frame_parse(&asked, frame->bytes, frame->len) &&
			asked.kind == FRAME_ARP && asked.arp.op == 1 &&
			asked.arp.target == HOST + 2;

		box_seen(b);
		if (!is_it)
			continue;
		broadcasts += asked.eth_dst[0] == 255;
		frame_init(&f, FRAME_ARP);
		box_station(HOST + 2, f.eth_src);
		memcpy(f.eth_dst, asked.eth_src, 6);
		f.arp.op = 2;
		f.arp.sender = HOST + 2;
		f.arp.target = asked.arp.sender;
		memcpy(f.arp.sender_mac, f.eth_src, 6);
		memcpy(f.arp.target_mac, asked.eth_src, 6);
		box_input(b, bytes, frame_build(&f, bytes));
		box_settle(b);
	}
	return broadcasts;
}

static void send_to(struct box *b, uint32_t ip)
{
	struct conv *u = conv_new(box_stack(b), box_proto(b, "udp"), &nobody);
	struct endpoint to = { .addr = addr_from_v4(ip), .port = 9 };

	assert_non_null(u);
	assert_int_equal(conv_connect(u, NULL, &to), 0);
	(void)conv_write(u, NULL, "x", 1);
	box_settle(b);
	conv_release(u);
}

/* row L-20 (practice) */
static void a_sweep_of_neighbours_leaves_a_busy_one_alone(void **state)
{
	struct box_config config = { .name = "floods", .prefix_bits = 8, .is_arp_by_hand = true };
	struct box *b = box_new(&config);
	struct conv *friend = conv_new(box_stack(b), box_proto(b, "udp"), &nobody);
	struct endpoint to = { .addr = addr_from_v4(HOST + 2), .port = 9 };
	unsigned broadcasts = 0;
	uint32_t i;

	(void)state;
	assert_int_equal(conv_connect(friend, NULL, &to), 0);
	assert_int_equal(conv_write(friend, NULL, "x", 1), 1);
	box_settle(b);
	assert_int_equal(answer_for_the_friend(b), 1);
	for (i = 0; i < 4000; i++) {
		send_to(b, HOST + 0x200 + i);
		if (i % 10)
			continue;
		assert_int_equal(conv_write(friend, NULL, "x", 1), 1);
		box_settle(b);
		broadcasts += answer_for_the_friend(b);
		(void)box_run(b, box_now(b) + 10 * USEC_PER_MSEC);
		broadcasts += answer_for_the_friend(b);
	}
	assert_int_equal(broadcasts, 0);
	conv_release(friend);
	end(b);
}

/* row L-20 (practice) */
static void claims_of_neighbours_nobody_asked_for_fill_nothing(void **state)
{
	struct box *b = wide_box();
	uint8_t bytes[64];
	struct frame f;
	uint32_t i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		frame_init(&f, FRAME_ARP);
		memset(f.eth_dst, 255, 6);
		box_station(HOST + 0x300 + i, f.eth_src);
		f.arp.op = 1;
		f.arp.sender = HOST + 0x300 + i;
		f.arp.target = i % 2 ? box_ip(b) : HOST + 0x300 + i;
		memcpy(f.arp.sender_mac, f.eth_src, 6);
		box_input(b, bytes, frame_build(&f, bytes));
		if (i % 64 == 63)
			box_settle(b);
	}
	box_settle(b);
	assert_echo(b);
	end(b);
}

/* row T-61 (RFC 9293 3.10.7.4, SHLD-31) */
static void five_segments_in_every_order(void **state)
{
	struct box *b = wide_box();
	struct conv *l = listener(b);
	unsigned order;

	(void)state;
	for (order = 0; order < 120; order++) {
		unsigned left[5] = { 0, 1, 2, 3, 4 }, code = order, n, k;
		struct conv *c;
		struct peer p;

		peer_init(&p, b, HOST + 2, (uint16_t)(4000 + order), 80);
		assert_true(peer_call(&p));
		c = conv_accept(l);
		assert_non_null(c);
		for (n = 5; n > 0; n--) {
			k = code % n;
			code /= n;
			peer_send(&p, FRAME_ACK, p.snd_nxt + 100 * left[k], p.rcv_nxt, 100);
			box_settle(b);
			memmove(left + k, left + k + 1, (n - k - 1) * sizeof(*left));
		}
		assert_int_equal(read_all(c, 0), 500);
		conv_hangup(c);
		conv_release(c);
		box_settle(b);
		box_seen_all(b);
	}
	conv_release(l);
	end(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_of_syns_leaves_a_connection_alone_and_passes),
		cmocka_unit_test(crumbs_out_of_order_are_bounded_and_lose_nothing),
		cmocka_unit_test(a_flood_of_fragments_is_bounded),
		cmocka_unit_test(one_source_of_fragments_does_not_shut_out_another),
		cmocka_unit_test(a_sweep_of_neighbours_leaves_a_busy_one_alone),
		cmocka_unit_test(claims_of_neighbours_nobody_asked_for_fill_nothing),
		cmocka_unit_test(five_segments_in_every_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
