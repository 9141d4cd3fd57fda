/*
 * Fragments from somebody who means no good: overlaps of every geometry and in both orders, and
 * more first fragments than memory should ever hold. CATNET_LONG=1: a minute of the flood.
 *
 * rows I-15, I-18 (RFC 8200 4.5 for IPv4 too; RFC 5722; CVE-2018-5391)
 */
#include "../lib/talk.h"
#include "../lib/told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(f)   cmocka_unit_test_setup_teardown(f, talk_open, talk_close)
#define HOST      0x0a000000u
#define FROM_PORT 5000
#define PORT      7000
#define PIECE     64u
#define WHOLE     (5 * PIECE)
#define HELD_MAX  (1u << 20)

static uint8_t truth[65536];

/* A UDP datagram of LEN bytes, header included, without a checksum that could find anything
 * out. */
static void make_truth(uint32_t len)
{
	uint32_t i;

	for (i = 0; i < len; i++)
		truth[i] = (uint8_t)(i * 131 + (i >> 8) * 7);
	frame_put16(truth, FROM_PORT);
	frame_put16(truth + 2, PORT);
	frame_put16(truth + 4, len);
	frame_put16(truth + 6, 0);
}

/* The bytes [FROM, TO) of datagram ID, as SOURCE sends them; WRONG: none of them is true. */
struct part {
	uint32_t source;
	uint16_t id;
	uint32_t from, to;
	bool more, is_wrong;
};

static void send_part(struct box *b, const struct part *p)
{
	static uint8_t data[65536], bytes[FRAME_MAX];
	struct frame f;
	uint32_t i;

	for (i = p->from; i < p->to; i++)
		data[i - p->from] = p->is_wrong ? (uint8_t)~truth[i] : truth[i];
	frame_init(&f, FRAME_IP);
	memcpy(f.eth_dst, box_mac(b), 6);
	box_station(TALK_PEER, f.eth_src);
	f.ip.src = p->source;
	f.ip.dst = box_ip(b);
	f.ip.proto = 17;
	f.ip.id = p->id;
	f.ip.df = false;
	f.ip.off = (uint16_t)p->from;
	f.ip.mf = p->more;
	f.data = data;
	f.data_len = p->to - p->from;
	box_input(b, bytes, frame_build(&f, bytes));
	box_settle(b);
}

/* --- overlaps ------------------------------------------------------------------------ */

/* Against the pieces [64, 128) and [192, 256), of five of 64 bytes. */
static const struct geometry {
	const char *name;
	uint32_t from, to;
	bool more;
} geometries[] = {
	{ "over the head", 32, 96, true },
	{ "over the tail", 96, 160, true },
	{ "within", 80, 112, true },
	{ "within, at the head", 64, 96, true },
	{ "within, at the tail", 96, 128, true },
	{ "the same place", 64, 128, true },
	{ "around", 32, 160, true },
	{ "around two", 64, 256, true },
	{ "from one to the next", 96, 224, true },
	{ "by the least there is", 120, 136, true },
	{ "over all but the end", 0, 256, true },
	{ "another end", 256, 328, false },
};

#define GEOMETRIES (sizeof(geometries) / sizeof(*geometries))

static void send_true(struct box *b, uint16_t id, uint32_t i)
{
	struct part p = { TALK_PEER, id, i * PIECE, (i + 1) * PIECE, i < 4, false };

	send_part(b, &p);
}

static void send_evil(struct box *b, uint16_t id, const struct geometry *g, bool is_wrong)
{
	struct part p = { TALK_PEER, id, g->from, g->to, g->more, is_wrong };

	send_part(b, &p);
}

/* One of the 24 cases: the overlap before or after two pieces it lies over, then all the rest.
 * The case "another end" lies over the last piece instead. */
static void send_case(struct box *b, uint16_t id, const struct geometry *g, bool first, bool wrong)
{
	static const uint32_t held[] = { 1, 3, 4 };
	size_t i;

	if (first)
		send_evil(b, id, g, wrong);
	for (i = 0; i < 3; i++)
		send_true(b, id, held[i]);
	if (!first)
		send_evil(b, id, g, wrong);
	send_true(b, id, 0);
	send_true(b, id, 2);
}

static struct conv *hearer(void)
{
	struct conv *c = talk_keep(talk_new(talk_box, "udp"));
	struct endpoint local = talk_at(0, PORT), remote = talk_at(TALK_PEER, FROM_PORT);

	assert_int_equal(conv_connect(c, &local, &remote), 0);
	return c;
}

static void assert_reads_truth(struct conv *c, const char *name)
{
	static uint8_t got[65536];

	if (talk_read(c, got, sizeof(got)) != (ssize_t)(WHOLE - 8))
		fail_msg("%s: it did not come", name);
	assert_memory_equal(got, truth + 8, WHOLE - 8);
}

static void no_overlap_is_accepted_in_24_cases(void **state)
{
	struct conv *c = hearer();
	uint16_t id = 1;
	size_t i;

	(void)state;
	make_truth(WHOLE + PIECE);
	frame_put16(truth + 4, WHOLE);
	for (i = 0; i < 2 * GEOMETRIES; i++) {
		const struct geometry *g = &geometries[i / 2];
		uint64_t drops = box_count(talk_box, "frag_drop_overlap");
		uint32_t k;

		send_case(talk_box, id++, g, i % 2, true);
		if (talk_read(c, talk_bytes, sizeof(talk_bytes)) != -EAGAIN)
			fail_msg("%s%s: believed", g->name, i % 2 ? ", first" : "");
		if (box_count(talk_box, "frag_drop_overlap") == drops)
			fail_msg("%s: not counted", g->name);
		/* another datagram of the same host is put together as ever */
		for (k = 0; k < 5; k++)
			send_true(talk_box, id, 4 - k);
		id++;
		assert_reads_truth(c, g->name);
	}
}

/* Whatever is made of bytes that come twice and are the same: never another datagram. */
static void overlaps_that_tell_the_truth_give_the_truth_or_nothing(void **state)
{
	struct conv *c = hearer();
	uint16_t id = 1;
	size_t i;

	(void)state;
	make_truth(WHOLE + PIECE);
	frame_put16(truth + 4, WHOLE);
	for (i = 0; i < 2 * (GEOMETRIES - 1); i++) {
		ssize_t n;

		send_case(talk_box, id++, &geometries[i / 2], i % 2, false);
		n = talk_read(c, talk_bytes, sizeof(talk_bytes));
		if (n == -EAGAIN)
			continue;
		assert_int_equal(n, WHOLE - 8);
		assert_memory_equal(talk_bytes, truth + 8, WHOLE - 8);
	}
}

/* --- how much ---------------------------------------------------------------------- */

static uint64_t blocks_bytes(struct box *b)
{
	static struct told t;

	told_init(&t);
	stack_describe(box_stack(b), &t.describer);
	assert_non_null(told_find(&t, "blocks_bytes"));
	return told_find(&t, "blocks_bytes")->number;
}

static bool answers_ping(struct box *b)
{
	static const uint8_t data[56];
	uint8_t bytes[128];
	struct frame f;
	bool is_answered = false;

	frame_init(&f, FRAME_ICMP);
	memcpy(f.eth_dst, box_mac(b), 6);
	box_station(TALK_PEER, f.eth_src);
	f.ip.src = TALK_PEER;
	f.ip.dst = box_ip(b);
	f.icmp.type = 8;
	f.data = data;
	f.data_len = sizeof(data);
	box_seen_all(b);
	box_input(b, bytes, frame_build(&f, bytes));
	box_settle(b);
	for (; box_peek(b); box_seen(b))
		is_answered |= !frame_parse(&f, box_peek(b)->bytes, box_peek(b)->len) &&
			f.kind == FRAME_ICMP && f.icmp.type == 0 && f.ip.dst == TALK_PEER;
	return is_answered;
}

static void flood(uint32_t sources)
{
	struct box_config config = { .name = "fragments", .prefix_bits = 8 };
	struct box *b = box_new(&config);
	usec_t begin_us = box_now(b);
	unsigned seconds = getenv("CATNET_LONG") ? 60 : 3, pings = 0, i;
	uint64_t rest = blocks_bytes(b), most = 0;

	make_truth(1480);
	for (i = 0; i < seconds * 20000; i++) {
		struct part p = { HOST + 0x100 + i % sources, (uint16_t)(i / sources), 0, 1480,
			true, false };
		uint64_t now;

		box_run_through(b, begin_us + i * 50u);
		send_part(b, &p);
		if (i % 200 == 0)
			pings += answers_ping(b);
		now = i % 16 ? 0 : blocks_bytes(b);
		most = now > most ? now : most;
	}
	assert_int_equal(pings, seconds * 100);
	assert_in_range(most - rest, 0, HELD_MAX);
	box_run_through(b, box_now(b) + 130 * USEC_PER_SEC);
	box_seen_all(b);
	assert_int_equal(blocks_bytes(b), rest);
	box_teardown(b);
	if (box_fault(b))
		fail_msg("%s", box_fault(b));
	box_free(b);
}

static void a_flood_from_many_holds_a_mebibyte_and_every_ping_is_answered(void **state)
{
	(void)state;
	flood(5000);
}

static void a_flood_from_one_holds_a_mebibyte_and_every_ping_is_answered(void **state)
{
	(void)state;
	flood(1);
}

/* One source begins COUNT datagrams of LEN bytes, all but the last 8, and then finishes them all,
 * the latest first, since the oldest makes room: how many came. */
static unsigned finished(uint32_t len, unsigned count)
{
	struct conv *c = hearer();
	unsigned n = 0, i;

	make_truth(len);
	assert_int_equal(conv_set_rcvbuf(c, 8 << 20), 0);
	for (i = 0; i < count; i++) {
		struct part p = { TALK_PEER, (uint16_t)i, 0, 0, true, false };

		for (; p.from < len - 8; p.from = p.to) {
			p.to = p.from + 1480 < len - 8 ? p.from + 1480 : len - 8;
			send_part(talk_box, &p);
		}
	}
	for (i = 0; i < count; i++) {
		uint16_t id = (uint16_t)(count - 1 - i);
		struct part p = { TALK_PEER, id, len - 8, len, false, false };

		send_part(talk_box, &p);
	}
	while (talk_read(c, talk_bytes, sizeof(talk_bytes)) >= 0)
		n++;
	return n;
}

static void one_source_has_16_datagrams_begun_at_most(void **state)
{
	(void)state;
	assert_in_range(finished(80, 100), 1, 16);
}

static void one_source_has_128_kib_begun_at_most(void **state)
{
	(void)state;
	assert_in_range(finished(20000, 16), 1, 6);
}

static void one_source_may_send_the_longest_datagram(void **state)
{
	(void)state;
	assert_int_equal(finished(65512, 1), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_overlap_is_accepted_in_24_cases),
		TEST(overlaps_that_tell_the_truth_give_the_truth_or_nothing),
		cmocka_unit_test(a_flood_from_many_holds_a_mebibyte_and_every_ping_is_answered),
		cmocka_unit_test(a_flood_from_one_holds_a_mebibyte_and_every_ping_is_answered),
		TEST(one_source_has_16_datagrams_begun_at_most),
		TEST(one_source_has_128_kib_begun_at_most),
		TEST(one_source_may_send_the_longest_datagram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
