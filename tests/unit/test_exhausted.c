/*
 * Each pool and each class of blocks is used up, or all but a few, while everything that a stack
 * does is asked of it: what cannot be done is refused, nothing is lost, and once there is memory
 * again all goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/stack_private.h"
#include "../lib/box_link.h"
#include "../lib/talk.h"

#define PEER_PORT 4000
#define OUR_PORT  80
#define LEFT_MAX  12

/* What is kept from the stack: a chain through the things themselves. */
struct hog {
	void *first;
};

enum kind {
	PACKETS,
	SLICES,
	RECORDS,
	TCP_CONVS,
	UDP_CONVS,
	SMALL_BLOCKS,
	SMALL_BLOCKS_OF_DATA,
	LARGE_BLOCKS,
};

static struct pool *pool_of(struct stack *s, enum kind kind)
{
	if (kind == PACKETS)
		return &s->pkts.pool;
	return kind == SLICES ? &s->bytes.nodes : &s->datagrams.pool;
}

static struct conv *idle_one(struct stack *s, const char *proto)
{
	const struct cred who = { .uid = 1000 };

	return conv_new(s, box_proto(talk_box, proto), &who);
}

static bool is_conv(enum kind kind)
{
	return kind == TCP_CONVS || kind == UDP_CONVS;
}

static bool is_block(enum kind kind)
{
	return kind >= SMALL_BLOCKS;
}

static void *take_one(struct stack *s, enum kind kind)
{
	if (is_conv(kind))
		return idle_one(s, kind == TCP_CONVS ? "tcp" : "udp");
	if (!is_block(kind))
		return pool_get(pool_of(s, kind));
	return buf_new(&s->bufs, kind == LARGE_BLOCKS ? BUF_LARGE : BUF_SMALL,
		kind == SMALL_BLOCKS ? BUF_CONTROL : BUF_DATA);
}

static void chain(struct hog *h, enum kind kind, void *thing)
{
	if (is_conv(kind))
		conv_set_tag(thing, h->first);
	else if (is_block(kind))
		memcpy(((struct buf *)thing)->data, &h->first, sizeof(h->first));
	else
		memcpy(thing, &h->first, sizeof(h->first));
	h->first = thing;
}

static void give_one(struct stack *s, enum kind kind, struct hog *h)
{
	void *thing = h->first;

	if (is_conv(kind)) {
		h->first = conv_tag(thing);
		conv_release(thing);
	} else if (is_block(kind)) {
		memcpy(&h->first, ((struct buf *)thing)->data, sizeof(h->first));
		buf_drop(thing);
	} else {
		memcpy(&h->first, thing, sizeof(h->first));
		pool_put(pool_of(s, kind), thing);
	}
}

/* All but LEFT of them. */
static void hog(struct stack *s, enum kind kind, unsigned left, struct hog *h)
{
	void *thing;

	while ((thing = take_one(s, kind)))
		chain(h, kind, thing);
	while (left-- > 0 && h->first)
		give_one(s, kind, h);
}

static void unhog(struct stack *s, enum kind kind, struct hog *h)
{
	while (h->first)
		give_one(s, kind, h);
}

/* --- what is asked of it ------------------------------------------------------------------ */

/* What comes in while there is no packet to receive into is lost on the wire. */
static void frame_in(struct frame *f)
{
	static uint8_t bytes[FRAME_MAX];
	struct stack *s = box_stack(talk_box);
	struct pkt *p;
	size_t len;

	f->ip.src = TALK_PEER;
	f->ip.dst = TALK_US;
	box_station(TALK_PEER, f->eth_src);
	memcpy(f->eth_dst, box_mac(talk_box), 6);
	len = frame_build(f, bytes);
	p = box_link_receive(s, bytes, len);
	oracle_heard(box_oracle(talk_box), bytes, len);
	if (p)
		stack_input(s, box_ifc(talk_box), p, box_now(talk_box));
}

static void segment_in(uint8_t flags, uint32_t seq, uint32_t ack, uint16_t port, size_t len)
{
	struct frame f;

	frame_init(&f, FRAME_TCP);
	f.tcp.src_port = port;
	f.tcp.dst_port = OUR_PORT;
	f.tcp.seq = seq;
	f.tcp.ack = ack;
	f.tcp.flags = flags;
	f.tcp.window = 65535;
	f.data = talk_bytes;
	f.data_len = len;
	frame_in(&f);
}

static void datagram_in(uint16_t from_port, uint16_t port, size_t len)
{
	struct frame f;

	frame_init(&f, FRAME_UDP);
	f.udp.src_port = from_port;
	f.udp.dst_port = port;
	f.data = talk_bytes;
	f.data_len = len;
	frame_in(&f);
}

static void fragment_in(uint16_t off, bool more, size_t len)
{
	struct frame f;

	frame_init(&f, FRAME_IP);
	f.ip.proto = 17;
	f.ip.id = 77;
	f.ip.off = off;
	f.ip.mf = more;
	f.data = talk_bytes;
	f.data_len = len;
	frame_in(&f);
}

static void echo_in(size_t len)
{
	struct frame f;

	frame_init(&f, FRAME_ICMP);
	f.icmp.type = 8;
	f.data = talk_bytes;
	f.data_len = len;
	frame_in(&f);
}

static void settle(void)
{
	struct stack *s = box_stack(talk_box);

	stack_flush(s);
	(void)stack_poll(s, box_now(talk_box));
	while (conv_next_ready(s))
		;
}

/* A new conversation of PROTO to IP, if there can be one, which writes and ends. */
static void come_and_go(const char *proto, uint32_t ip)
{
	const struct endpoint to = talk_at(ip, OUR_PORT);
	struct conv *c = idle_one(box_stack(talk_box), proto);

	if (!c)
		return;
	(void)conv_connect(c, NULL, &to);
	settle();
	talk_bytes[0] = 8; /* an echo request, when it is one */
	talk_bytes[1] = 0;
	(void)conv_write(c, NULL, talk_bytes, 100);
	(void)conv_write(c, NULL, talk_bytes, 20000);
	settle();
	conv_release(c);
	settle();
}

static void everything_at_once(struct conv *calls, struct conv *open)
{
	struct buf *block = stack_rx_buf(box_stack(talk_box));
	struct conv *call;

	segment_in(FRAME_SYN, 100, 0, PEER_PORT, 0);
	datagram_in(PEER_PORT, OUR_PORT, 10);
	datagram_in(PEER_PORT + 1, OUR_PORT, 1400);
	datagram_in(PEER_PORT, OUR_PORT + 1, 10);
	datagram_in(53, conv_local(open)->port, 1400);
	echo_in(1000);
	echo_in(5000);
	fragment_in(0, true, 1480);
	fragment_in(2960, false, 3000);
	fragment_in(1480, true, 1480);
	settle();
	come_and_go("tcp", TALK_PEER);
	come_and_go("udp", TALK_PEER);
	come_and_go("icmp", TALK_PEER);
	come_and_go("tcp", TALK_US);
	come_and_go("udp", TALK_US);
	come_and_go("icmp", TALK_US);
	come_and_go("udp", TALK_PEER + 1);
	if (block)
		(void)conv_write(open, block, block->data, 30000);
	buf_drop(block);
	while ((call = conv_accept(calls)))
		conv_release(call);
	settle();
	stack_check(box_stack(talk_box));
}

/* --- the tests ------------------------------------------------------------------------------ */

static void with_few(enum kind kind, unsigned left)
{
	struct stack *s = box_stack(talk_box);
	struct conv *tcp = talk_announced(talk_box, "tcp", talk_at(0, OUR_PORT));
	struct conv *udp = talk_announced(talk_box, "udp", talk_at(0, OUR_PORT));
	struct conv *open = talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53));
	struct hog h = { NULL };

	hog(s, kind, left, &h);
	everything_at_once(tcp, open);
	everything_at_once(udp, open);
	unhog(s, kind, &h);
	conv_release(tcp);
	conv_release(udp);
	conv_release(open);
	stack_check(s);
}

static void with_ever_more_of(enum kind kind)
{
	for (unsigned left = 0; left <= LEFT_MAX; left++) {
		with_few(kind, left);
		box_run_through(talk_box, box_now(talk_box) + 700 * USEC_PER_SEC);
		box_seen_all(talk_box);
	}
}

#define WITHOUT(name, kind)              \
	static void name(void **state)   \
	{                                \
		(void)state;             \
		with_ever_more_of(kind); \
	}

WITHOUT(packets_may_run_out, PACKETS)
WITHOUT(slices_may_run_out, SLICES)
WITHOUT(records_of_datagrams_may_run_out, RECORDS)
WITHOUT(tcp_conversations_may_run_out, TCP_CONVS)
WITHOUT(udp_conversations_may_run_out, UDP_CONVS)
WITHOUT(small_blocks_may_run_out, SMALL_BLOCKS)
WITHOUT(small_blocks_may_be_control_s_alone, SMALL_BLOCKS_OF_DATA)
WITHOUT(large_blocks_may_run_out, LARGE_BLOCKS)

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, talk_open, talk_close)
	const struct CMUnitTest tests[] = {
		TEST(packets_may_run_out),
		TEST(slices_may_run_out),
		TEST(records_of_datagrams_may_run_out),
		TEST(tcp_conversations_may_run_out),
		TEST(udp_conversations_may_run_out),
		TEST(small_blocks_may_run_out),
		TEST(small_blocks_may_be_control_s_alone),
		TEST(large_blocks_may_run_out),
	};

	return cmocka_run_group_tests_name("exhausted", tests, NULL, NULL);
}
