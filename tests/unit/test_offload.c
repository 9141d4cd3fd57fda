/*
 * What a device does not do for us: cutting and summing, without copying payload.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/checksum.h"
#include "../../stack/base/wire.h"
#include "../../stack/link/offload.h"
#include "../lib/rooms.h"

#define TCP_LEN 20
#define SEQ     0xfffffe00u
#define MSS     1000

static struct rooms r;

static int open_plain(void **state)
{
	(void)state;
	rooms_open(&r, 0);
	return 0;
}

static int open_summing(void **state)
{
	(void)state;
	rooms_open(&r, LINK_CSUM);
	return 0;
}

static int open_cutting(void **state)
{
	(void)state;
	rooms_open(&r, LINK_CSUM | LINK_TSO4);
	return 0;
}

static int close_rooms(void **state)
{
	(void)state;
	rooms_close(&r);
	return 0;
}

static const struct ip_send *to_peer(uint8_t protocol, bool dont_fragment)
{
	static struct ip_send how;

	how = (struct ip_send){ .src = v4(ROOMS_IP),
		.dst = v4(ROOMS_PEER),
		.protocol = protocol,
		.dont_fragment = dont_fragment };
	return &how;
}

/* A TCP packet with LEN bytes of payload, IN_HEAD of them in its head. */
static struct pkt *tcp_packet(uint32_t len, uint32_t in_head, uint8_t flags)
{
	struct pkt *p = rooms_packet(&r, TCP_LEN + len, TCP_LEN + in_head);
	uint8_t *at = pkt_data(p);

	memset(at, 0, TCP_LEN);
	put_be16(at, 4000);
	put_be16(at + 2, 5000);
	put_be32(at + 4, SEQ);
	at[12] = TCP_LEN / 4 << 4;
	at[13] = flags;
	put_be16(at + 14, 1024);
	ip_checksum_later(p, to_peer(IP_TCP, true), 16);
	p->offload |= PKT_SEG_TCP;
	p->seg_len = MSS;
	return p;
}

static struct pkt *udp_packet(uint32_t len, uint16_t seg_len)
{
	struct pkt *p = rooms_packet(&r, 8 + len, 8);
	uint8_t *at = pkt_data(p);

	memset(at, 0, 8);
	put_be16(at, 4000);
	put_be16(at + 2, 5000);
	put_be16(at + 4, (uint16_t)(8 + len));
	ip_checksum_later(p, to_peer(IP_UDP, false), 6);
	if (seg_len) {
		p->offload |= PKT_SEG_UDP;
		p->seg_len = seg_len;
	}
	return p;
}

static void send(struct pkt *p, uint8_t protocol, bool dont_fragment)
{
	assert_int_equal(ip_output(&r.stack, to_peer(protocol, dont_fragment), p), 0);
}

/* The payload of all frames seen, which must be tcp_packet's, in order. */
static uint32_t expect_payload(uint32_t expected)
{
	uint32_t frames = 0;
	uint32_t at = 0;
	struct frame f;

	while (rooms_see(&r, &f)) {
		assert_int_equal(f.tcp.seq, SEQ + at);
		for (size_t i = 0; i < f.data_len; i++)
			assert_int_equal(f.data[i], (uint8_t)(TCP_LEN + at + i));
		at += (uint32_t)f.data_len;
		frames++;
	}
	assert_int_equal(at, expected);
	return frames;
}

/* T-84 */
static void a_long_packet_leaves_as_segments_with_good_sums(void **state)
{
	(void)state;
	send(tcp_packet(2500, 0, FRAME_ACK), IP_TCP, true);
	assert_int_equal(expect_payload(2500), 3); /* every sum was verified on the way */
}

static void the_last_segment_may_be_a_single_byte(void **state)
{
	(void)state;
	send(tcp_packet(2 * MSS + 1, 0, FRAME_ACK), IP_TCP, true);
	assert_int_equal(expect_payload(2 * MSS + 1), 3);
}

static void payload_in_the_head_and_in_slices_is_cut_alike(void **state)
{
	(void)state;
	for (uint32_t in_head = 0; in_head <= 1500; in_head += 50)
		send(tcp_packet(7777, in_head, FRAME_ACK), IP_TCP, true);
	for (uint32_t i = 0; i <= 1500 / 50; i++) {
		for (uint32_t from = 0; from < 7777; from += MSS) {
			struct frame f = rooms_expect(&r);

			assert_int_equal(f.tcp.seq, SEQ + from);
			assert_int_equal(f.data[0], (uint8_t)(TCP_LEN + from));
		}
	}
	rooms_expect_silence(&r);
}

static void a_segment_may_lie_across_three_pieces(void **state)
{
	struct pkt *p = tcp_packet(1300, 100, FRAME_ACK);
	struct buf *more = buf_new(&r.stack.bufs, BUF_SMALL, BUF_DATA);

	(void)state;
	for (uint32_t i = 0; i < 900; i++)
		more->data[i] = (uint8_t)(TCP_LEN + 800 + i);
	assert_int_equal(pkt_trim(p, TCP_LEN + 800), 0);
	assert_int_equal(pkt_add_slice(p, more, 0, 900), 0);
	buf_drop(more);
	p->offload = 0;
	memset(pkt_data(p) + 16, 0, 2);
	ip_checksum_later(p, to_peer(IP_TCP, true), 16);
	p->offload |= PKT_SEG_TCP;
	send(p, IP_TCP, true);
	assert_int_equal(expect_payload(1700), 2);
}

static void segments_share_the_payload_they_are_cut_from(void **state)
{
	struct pkt *p = tcp_packet(3 * MSS, 0, FRAME_ACK);

	(void)state;
	send(p, IP_TCP, true);
	assert_int_equal(r.seen_n, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_true(r.seen[i].shares_payload);
}

static void flags_go_to_the_segment_they_belong_to(void **state)
{
	struct frame first, middle, last;

	(void)state;
	send(tcp_packet(3 * MSS, 0, FRAME_ACK | FRAME_PSH | FRAME_FIN | FRAME_CWR | FRAME_ECE),
		IP_TCP, true);
	first = rooms_expect(&r);
	middle = rooms_expect(&r);
	last = rooms_expect(&r);
	assert_int_equal(first.tcp.flags, FRAME_ACK | FRAME_CWR | FRAME_ECE);
	assert_int_equal(middle.tcp.flags, FRAME_ACK | FRAME_ECE);
	assert_int_equal(last.tcp.flags, FRAME_ACK | FRAME_ECE | FRAME_PSH | FRAME_FIN);
}

static void ids_go_on_from_segment_to_segment(void **state)
{
	struct pkt *p = tcp_packet(3 * MSS, 0, FRAME_ACK);
	uint16_t first;

	(void)state;
	send(p, IP_TCP, false);
	first = rooms_expect(&r).ip.id;
	assert_int_equal(rooms_expect(&r).ip.id, (uint16_t)(first + 1));
	assert_int_equal(rooms_expect(&r).ip.id, (uint16_t)(first + 2));
	send(tcp_packet(10, 0, FRAME_ACK), IP_TCP, false);
	assert_int_equal(rooms_expect(&r).ip.id, (uint16_t)(first + 3));
}

static void a_device_that_sums_gets_segments_with_the_pseudo_sum(void **state)
{
	(void)state;
	send(tcp_packet(2500, 0, FRAME_ACK), IP_TCP, true);
	assert_int_equal(r.seen_n, 3);
	for (unsigned i = 0; i < 3; i++) {
		const uint8_t *ip = r.seen[i].bytes + 14;
		uint32_t len = r.seen[i].len - 34;
		struct addr src = v4(ROOMS_IP), dst = v4(ROOMS_PEER);

		assert_int_equal(r.seen[i].offload, PKT_CSUM_FILL);
		assert_int_equal(frame_get16(ip + 20 + 16),
			checksum_fold(ip_pseudo_sum(&src, &dst, IP_TCP, len)));
	}
}

static void a_device_that_cuts_gets_the_packet_whole(void **state)
{
	(void)state;
	send(tcp_packet(2500, 0, FRAME_ACK), IP_TCP, true);
	assert_int_equal(r.seen_n, 1);
	assert_int_equal(r.seen[0].offload, PKT_CSUM_FILL | PKT_SEG_TCP);
	assert_int_equal(r.seen[0].seg_len, MSS);
	assert_int_equal(rooms_count(&r, COUNT_link_segs_out), 3 + 2); /* and two announcements */
}

static void what_fits_into_one_segment_is_not_called_several(void **state)
{
	(void)state;
	send(tcp_packet(MSS, 0, FRAME_ACK), IP_TCP, true);
	assert_int_equal(r.seen_n, 1);
	assert_int_equal(r.seen[0].offload, PKT_CSUM_FILL);
	assert_int_equal(r.seen[0].seg_len, 0);
}

static void datagrams_for_one_remote_are_cut_at_their_length(void **state)
{
	struct frame f;

	(void)state;
	send(udp_packet(2500, 1000), IP_UDP, true);
	for (unsigned i = 0; i < 3; i++) {
		f = rooms_expect(&r);
		assert_int_equal(f.kind, FRAME_UDP);
		assert_int_equal(f.data_len, i < 2 ? 1000 : 500);
		assert_int_equal(f.data[0], (uint8_t)(8 + 1000 * i));
	}
	rooms_expect_silence(&r);
}

/* U-01 */
static void a_udp_sum_of_zero_is_sent_as_ones(void **state)
{
	struct pkt *p = udp_packet(2, 0);
	uint16_t sum;

	(void)state;
	/* Make the payload the complement of all else, so that the sum is zero. */
	put_be16(p->slices[0].buf->data, 0);
	sum = checksum_fold(pkt_checksum(p, 0, pkt_len(p), 0));
	put_be16(p->slices[0].buf->data, (uint16_t)~sum);
	send(p, IP_UDP, false);
	assert_int_equal(r.seen_n, 1);
	assert_int_equal(frame_get16(r.seen[0].bytes + 34 + 6), 0xffff);
}

static void cutting_without_memory_loses_the_rest_and_says_so(void **state)
{
	struct pkt *p = tcp_packet(5 * MSS, 0, FRAME_ACK);
	struct stack *s = &r.stack;
	struct pkt *hoard = NULL;
	struct pkt *one;

	(void)state;
	while (s->pkts.pool.out < s->pkts.pool.cap - 2) {
		one = pkt_new(&s->pkts, 0, BUF_DATA);
		assert_non_null(one);
		one->next = hoard;
		hoard = one;
	}
	r.links[0].refuse = -EAGAIN; /* so that segments stay in hand */
	send(p, IP_TCP, true);
	assert_int_equal(rooms_count(&r, COUNT_offload_drop_no_memory), 1);
	while ((one = hoard)) {
		hoard = one->next;
		pkt_free(&s->pkts, one);
	}
}

#define P(name) cmocka_unit_test_setup_teardown(name, open_plain, close_rooms)
#define S(name) cmocka_unit_test_setup_teardown(name, open_summing, close_rooms)
#define C(name) cmocka_unit_test_setup_teardown(name, open_cutting, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		P(a_long_packet_leaves_as_segments_with_good_sums),
		P(the_last_segment_may_be_a_single_byte),
		P(payload_in_the_head_and_in_slices_is_cut_alike),
		P(a_segment_may_lie_across_three_pieces),
		P(segments_share_the_payload_they_are_cut_from),
		P(flags_go_to_the_segment_they_belong_to),
		P(ids_go_on_from_segment_to_segment),
		S(a_device_that_sums_gets_segments_with_the_pseudo_sum),
		C(a_device_that_cuts_gets_the_packet_whole),
		C(what_fits_into_one_segment_is_not_called_several),
		P(datagrams_for_one_remote_are_cut_at_their_length),
		P(a_udp_sum_of_zero_is_sent_as_ones),
		P(cutting_without_memory_loses_the_rest_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
