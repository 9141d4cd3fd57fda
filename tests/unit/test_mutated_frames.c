/*
 * Frames that went wrong on their way, by a seed: nothing they say may end the stack, make it send
 * what it must not (the oracle looks at every frame), or leave anything behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/random.h"
#include "../lib/box.h"
#include "../lib/region.h"

#define FRAMES    200000
#define PORT      5000
#define PEER      0x0a000009u
#define OUR_IP    0x0a000001u
#define GROUP     0xef010203u
#define ALL_HOSTS 0xe0000001u
#define LEN_MAX   1514
#define IP_AT     14
#define DATA_MAX  1400

static struct random dice;

static uint32_t roll(uint32_t below)
{
	return random_below(&dice, below);
}

static uint8_t payload[DATA_MAX];

/* --- what would be good frames -------------------------------------------------------------- */

static void to_us(struct frame *f, enum frame_kind kind)
{
	static const uint32_t peers[] = { PEER, 0x0a000010, 0x08080808, 0x0a0000fe };

	frame_init(f, kind);
	box_station(OUR_IP, f->eth_dst);
	f->ip.src = peers[roll(ARRAY_LEN(peers))];
	box_station(f->ip.src, f->eth_src);
	f->ip.dst = OUR_IP;
	f->ip.df = roll(2);
	f->ip.id = (uint16_t)roll(8);
	f->data = payload;
	f->data_len = roll(4) ? roll(64) : roll(DATA_MAX);
}

static void make_arp(struct frame *f)
{
	frame_init(f, FRAME_ARP);
	f->arp.op = (uint16_t)(1 + roll(2));
	f->arp.sender = roll(200) ? PEER + roll(50) : OUR_IP * roll(2);
	f->arp.target = roll(8) ? OUR_IP : PEER + roll(50);
	box_station(PEER + roll(50), f->arp.sender_mac);
	memset(f->eth_dst, 0xff, 6);
	box_station(f->arp.sender, f->eth_src);
}

static void make_udp(struct frame *f)
{
	to_us(f, FRAME_UDP);
	f->udp.src_port = (uint16_t)(4000 + roll(4));
	f->udp.dst_port = (uint16_t)(PORT + roll(2));
}

static void make_tcp(struct frame *f)
{
	to_us(f, FRAME_TCP);
	f->tcp.src_port = (uint16_t)(4000 + roll(4));
	f->tcp.dst_port = (uint16_t)(PORT + roll(2));
	f->tcp.seq = roll(4) * 1000;
	f->tcp.flags = (uint8_t)roll(256);
	f->tcp.has_mss = roll(2);
	f->tcp.mss = (uint16_t)roll(65536);
	f->tcp.has_ts = roll(2);
	f->tcp.has_ws = roll(2);
	f->tcp.ws = (uint8_t)roll(16);
}

static void make_icmp(struct frame *f)
{
	to_us(f, FRAME_ICMP);
	f->icmp.type = (uint8_t)(roll(2) ? 8 : roll(20));
	f->icmp.code = (uint8_t)roll(5);
	f->icmp.rest = roll(4) ? roll(2000) : PEER;
}

/* An error about a packet that we might have sent. */
static void make_icmp_error(struct frame *f)
{
	static const uint8_t types[] = { 3, 3, 3, 4, 5, 11, 12 };
	static uint8_t quoted[FRAME_MAX];
	struct frame ours;
	size_t len;

	if (roll(2))
		make_udp(&ours);
	else
		make_tcp(&ours);
	ours.ip.dst = ours.ip.src;
	ours.ip.src = OUR_IP;
	len = frame_build(&ours, quoted) - IP_AT;
	to_us(f, FRAME_ICMP);
	f->icmp.type = types[roll(ARRAY_LEN(types))];
	f->icmp.code = (uint8_t)roll(16);
	f->icmp.rest = roll(2) ? roll(2000) : 0x0a0000fe;
	f->data = quoted + IP_AT;
	f->data_len = len < 500 ? len : 500;
}

static void make_fragment(struct frame *f)
{
	static const uint8_t protos[] = { 1, 6, 17, 17, 17, 200 };

	to_us(f, FRAME_IP);
	f->ip.proto = protos[roll(ARRAY_LEN(protos))];
	f->ip.id = (uint16_t)roll(3);
	f->ip.off = (uint16_t)(roll(6) ? 64 * roll(4) : 8 * roll(8192));
	f->ip.mf = roll(8) ? f->ip.off != 192 : roll(2);
	f->ip.df = false;
	f->data_len = roll(8) ? 64 : 8 * roll(100);
}

/* To a group that is in use here, or to all hosts. */
static void to_group(struct frame *f, uint32_t group)
{
	f->ip.dst = group;
	memcpy(f->eth_dst, "\x01\0\x5e", 3);
	frame_put16(f->eth_dst + 4, (uint16_t)group);
	f->eth_dst[3] = group >> 16 & 0x7f;
}

static void make_udp_to_group(struct frame *f)
{
	make_udp(f);
	to_group(f, roll(4) ? GROUP : ALL_HOSTS);
}

static void make_igmp(struct frame *f)
{
	static const uint8_t types[] = { 0x11, 0x11, 0x11, 0x11, 0x12, 0x16, 0x17, 0x22 };
	static uint8_t message[160];
	uint32_t group = roll(3) ? GROUP : 0;
	unsigned sources_n = roll(30);

	to_us(f, FRAME_IP);
	f->ip.proto = 2;
	f->ip.ttl = 1;
	if (roll(20) == 0)
		f->ip.src = 0;
	f->ip.options_len = roll(8) ? 4 : 0;
	memcpy(f->ip.options, "\x94\x04\0\0", 4);
	message[0] = types[roll(ARRAY_LEN(types))];
	message[1] = (uint8_t)roll(256);
	frame_put32(message + 4, group);
	message[8] = (uint8_t)roll(16);
	message[9] = (uint8_t)roll(256);
	frame_put16(message + 10, (uint16_t)(roll(10) ? sources_n : roll(65536)));
	for (unsigned i = 0; i < sources_n; i++)
		frame_put32(message + 12 + 4 * i, 0x0a000020 + roll(40));
	f->data = message;
	f->data_len = roll(4) == 0 ? 8 : 12 + 4 * sources_n;
	to_group(f, group && roll(4) ? group : ALL_HOSTS);
}

static size_t make_good(uint8_t *to)
{
	static void (*const makers[])(struct frame * f) = { make_arp, make_udp, make_tcp, make_icmp,
		make_icmp_error, make_fragment, make_fragment, make_igmp, make_udp_to_group };
	struct frame f;

	makers[roll(ARRAY_LEN(makers))](&f);
	if (f.kind != FRAME_ARP && roll(10) == 0) {
		f.ip.options_len = (uint8_t)(4 * (1 + roll(10)));
		for (unsigned i = 0; i < f.ip.options_len; i++)
			f.ip.options[i] = (uint8_t)roll(roll(2) ? 8 : 256);
	}
	if (f.kind != FRAME_ARP && roll(20) == 0) {
		memset(f.eth_dst, 0xff, 6);
		f.ip.dst = roll(2) ? 0x0a0000ff : 0xffffffff;
	}
	return frame_build(&f, to);
}

/* --- what happens to them ------------------------------------------------------------- */

static void damage(uint8_t *bytes, size_t len)
{
	static const uint8_t edges[] = { 0, 1, 0x7f, 0x80, 0xfe, 0xff };
	size_t reach = roll(3) && len > 80 ? 80 : len; /* mostly headers */

	for (uint32_t n = roll(4); n > 0; n--) {
		size_t at = roll((uint32_t)reach);

		if (roll(2))
			bytes[at] ^= (uint8_t)(1 << roll(8));
		else
			bytes[at] = edges[roll(ARRAY_LEN(edges))];
	}
}

/* Make the sums of what is there true, so that what is damaged is looked at. */
static void mend_sums(uint8_t *bytes, size_t len)
{
	uint8_t *ip = bytes + IP_AT;
	size_t hdr = len > IP_AT ? (ip[0] & 0xf) * 4u : 0;
	size_t total;

	if (len < IP_AT + 20 || hdr < 20 || len < IP_AT + hdr || frame_get16(bytes + 12) != 0x0800)
		return;
	frame_put16(ip + 10, 0);
	frame_put16(ip + 10, frame_sum(ip, hdr, 0));
	total = frame_get16(ip + 2);
	if (total < hdr + 8 || total > len - IP_AT || roll(8) == 0)
		return;
	if (ip[9] == 1 || ip[9] == 2) {
		frame_put16(ip + hdr + 2, 0);
		frame_put16(ip + hdr + 2, frame_sum(ip + hdr, total - hdr, 0));
	} else if (ip[9] == 17 || (ip[9] == 6 && total >= hdr + 20)) {
		uint8_t *field = ip + hdr + (ip[9] == 17 ? 6 : 16);

		frame_put16(field, 0);
		frame_put16(field,
			frame_pseudo_sum(frame_get32(ip + 12), frame_get32(ip + 16), ip[9],
				ip + hdr, total - hdr));
	}
}

static size_t make_bad(uint8_t *to)
{
	size_t len = make_good(to);

	damage(to, len);
	if (roll(10) == 0)
		len = roll((uint32_t)len + 1);
	else if (roll(10) == 0 && len + 40 < LEN_MAX)
		len += roll(40);
	if (roll(4))
		mend_sums(to, len);
	return len;
}

/* --- and to the stack ----------------------------------------------------------------- */

static const struct cred nobody = { 0, 0, 0 };

static struct conv *listener(struct box *b, const char *proto)
{
	struct endpoint any = { .port = PORT };
	struct conv *c = conv_new(box_stack(b), box_proto(b, proto), &nobody);

	assert_non_null(c);
	assert_int_equal(conv_announce(c, &any), 0);
	return c;
}

/* Who hears all of one group, and comes and goes. */
static struct conv *member(struct box *b)
{
	static char verb[] = "addmulti", ours[] = "10.0.0.1";
	char *words[] = { verb, ours };
	struct endpoint group = { .addr = addr_from_v4(GROUP), .port = PORT };
	struct conv *c = conv_new(box_stack(b), box_proto(b, "udp"), &nobody);

	assert_non_null(c);
	assert_int_equal(conv_announce(c, &group), 0);
	(void)conv_ctl(c, 2, words, NULL);
	return c;
}

static void hear(struct conv *c)
{
	struct span spans[8];
	int n;
	ssize_t got = conv_peek(c, spans, 8, 2000, &n);

	if (got > 0)
		conv_taken(c, (size_t)got);
	(void)conv_write(c, NULL, "hello", 5);
}

/* Whoever called is heard a little, and let go. */
static void serve(struct conv *c)
{
	struct conv *call;

	while ((call = conv_accept(c))) {
		struct span spans[8];
		int n;
		ssize_t got = conv_peek(call, spans, 8, 2000, &n);

		if (got > 0)
			conv_taken(call, (size_t)got);
		(void)conv_write(call, NULL, "hello", 5);
		conv_release(call);
	}
}

/* An address that was lost to a rival is taken again, or the rest would be for nobody. */
static void keep_address(struct box *b)
{
	struct addr own = addr_from_v4(OUR_IP);

	if (net_addr_state(box_stack(b), &own) == 0)
		return;
	assert_int_equal(net_addr_del(box_stack(b), box_ifc(b), &own), 0);
	assert_int_equal(net_addr_add(box_stack(b), box_ifc(b), &own, 120, NET_ADDR_UNPROBED), 0);
}

/* As a capture asks it, of bytes that end where the frame does. */
static void ask_whose(struct box *b, const uint8_t *bytes, size_t len)
{
	uint8_t *exact = malloc(len + 1);

	assert_non_null(exact);
	memcpy(exact + 1, bytes, len);
	(void)stack_frame_conv(box_stack(b), exact + 1, len, roll(2));
	free(exact);
}

static void give_frames(bool is_traced)
{
	struct box_config config = {
		.name = "mutated_frames", .gateway = 0x0a0000fe, .is_traced = is_traced
	};
	static uint8_t bytes[FRAME_MAX];
	struct conv *in_group;
	struct conv *udp;
	struct box *b;

	seeded(&dice);
	config.seed = random_u64(&dice);
	b = box_new(&config);
	udp = listener(b, "udp");
	in_group = member(b);
	for (uint32_t i = 0; i < steps(FRAMES); i++) {
		size_t len = make_bad(bytes);

		if (is_traced)
			ask_whose(b, bytes, len);
		box_input(b, bytes, len);
		if (i % 16 == 0) {
			box_settle(b);
			keep_address(b);
			serve(udp);
			hear(in_group);
			if (roll(100) == 0) {
				conv_release(in_group);
				in_group = member(b);
			}
			box_run_through(b, box_now(b) + roll(roll(50) ? 10000 : 3000000));
		}
		if (i % 2000 == 0)
			stack_check(box_stack(b));
		if (box_fault(b))
			fail_msg("frame %u: %s", i, box_fault(b));
	}
	assert_true(box_count(b, "igmp_queries_in") > steps(FRAMES) / 100);
	conv_release(udp);
	conv_release(in_group);
	box_settle(b);
	box_teardown(b);
	if (box_fault(b))
		fail_msg("in the end: %s", box_fault(b));
	box_free(b);
}

static void mutated_frames_do_no_harm(void **state)
{
	(void)state;
	give_frames(false);
}

static void mutated_frames_can_be_told_of(void **state)
{
	(void)state;
	give_frames(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutated_frames_do_no_harm),
		cmocka_unit_test(mutated_frames_can_be_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
