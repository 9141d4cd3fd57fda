/*
 * The virtio header: what it says of a frame is believed only where the frame agrees.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../drivers/driver.h"
#include "../../drivers/vnet.h"
#include "../lib/packets.h"

#define GSO_UDP_L4  5
#define HEADERS_LEN 54 /* Ethernet, IPv4, TCP */

/* An IPv4 TCP frame with PAYLOAD bytes behind 20 bytes of TCP header. */
static struct pkt *tcp4_frame(struct packets *ps, uint32_t payload)
{
	struct pkt *p = packets_frame(ps, HEADERS_LEN + payload, 0);
	uint8_t *at = pkt_data(p);

	at[12] = 0x08;
	at[13] = 0x00;
	at[34 + 12] = 0x50;
	at[34 + 13] = 0x10;
	return p;
}

static struct virtio_net_hdr_v1 tcp4_header(uint16_t gso_size)
{
	return (struct virtio_net_hdr_v1){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = gso_size ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_NONE,
		.hdr_len = HEADERS_LEN,
		.gso_size = gso_size,
		.csum_start = 34,
		.csum_offset = 16,
	};
}

/* What taking H with a frame of PAYLOAD bytes gives; the packet's facts go to FACTS. */
static int take(const struct virtio_net_hdr_v1 *h, uint32_t payload, struct pkt *facts)
{
	struct packets ps;
	struct pkt *p;
	int err;

	packets_open(&ps);
	p = tcp4_frame(&ps, payload);
	err = vnet_take(h, p);
	*facts = *p;
	facts->csum_start -= p->off;
	packets_free(&ps, p);
	packets_close(&ps);
	return err;
}

static void an_empty_header_says_nothing(void **state)
{
	struct virtio_net_hdr_v1 h = { 0 };
	struct pkt p;
	(void)state;

	assert_int_equal(take(&h, 10, &p), 0);
	assert_int_equal(p.offload, 0);
	assert_int_equal(p.segs, 1);
}

static void a_sum_nobody_filled_in_is_good(void **state)
{
	struct virtio_net_hdr_v1 h = tcp4_header(0);
	struct pkt p;
	(void)state;

	assert_int_equal(take(&h, 10, &p), 0);
	assert_int_equal(p.offload, PKT_CSUM_GOOD);
	assert_int_equal(p.csum_start, 34);
	assert_int_equal(p.csum_off, 16);
}

static void a_sum_somebody_checked_is_good(void **state)
{
	struct virtio_net_hdr_v1 h = { .flags = VIRTIO_NET_HDR_F_DATA_VALID };
	struct pkt p;
	(void)state;

	assert_int_equal(take(&h, 10, &p), 0);
	assert_int_equal(p.offload, PKT_CSUM_GOOD);
	assert_int_equal(p.csum_off, 0);
}

static void segments_are_counted_with_the_short_last_one(void **state)
{
	struct virtio_net_hdr_v1 h = tcp4_header(1448);
	struct pkt p;
	(void)state;

	assert_int_equal(take(&h, 10 * 1448 + 1, &p), 0);
	assert_int_equal(p.segs, 11);
	assert_int_equal(p.seg_len, 1448);
	assert_int_equal(p.offload, PKT_CSUM_GOOD | PKT_SEG_TCP);
}

static void ecn_does_not_hide_the_kind(void **state)
{
	struct virtio_net_hdr_v1 h = tcp4_header(1000);
	struct pkt p;
	(void)state;

	h.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	assert_int_equal(take(&h, 3000, &p), 0);
	assert_int_equal(p.segs, 3);
}

static void a_sum_outside_the_frame_is_refused(void **state)
{
	struct virtio_net_hdr_v1 h = tcp4_header(0);
	struct pkt p;
	(void)state;

	h.csum_start = 60;
	assert_int_equal(take(&h, 0, &p), NIC_BAD_OFFLOAD);
	h.csum_start = UINT16_MAX;
	h.csum_offset = UINT16_MAX;
	assert_int_equal(take(&h, 0, &p), NIC_BAD_OFFLOAD);
}

static void segments_without_a_sum_to_fill_in_are_refused(void **state)
{
	struct virtio_net_hdr_v1 h = tcp4_header(1000);
	struct pkt p;
	(void)state;

	h.flags = 0;
	assert_int_equal(take(&h, 3000, &p), NIC_BAD_OFFLOAD);
}

static void segments_of_no_length_are_refused(void **state)
{
	struct virtio_net_hdr_v1 h = tcp4_header(1000);
	struct pkt p;
	(void)state;

	h.gso_size = 0;
	assert_int_equal(take(&h, 3000, &p), NIC_BAD_OFFLOAD);
}

static void segments_of_a_frame_without_payload_are_refused(void **state)
{
	struct virtio_net_hdr_v1 h = tcp4_header(1000);
	struct pkt p;
	(void)state;

	assert_int_equal(take(&h, 0, &p), NIC_BAD_OFFLOAD);
}

static void a_kind_that_is_not_the_frames_is_refused(void **state)
{
	struct virtio_net_hdr_v1 h = tcp4_header(1000);
	struct pkt p;
	(void)state;

	h.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
	assert_int_equal(take(&h, 3000, &p), NIC_BAD_OFFLOAD);
	h.gso_type = VIRTIO_NET_HDR_GSO_UDP; /* fragmentation, which we never asked for */
	assert_int_equal(take(&h, 3000, &p), NIC_BAD_OFFLOAD);
	h.gso_type = GSO_UDP_L4; /* with TCP's offset of the sum */
	assert_int_equal(take(&h, 3000, &p), NIC_BAD_OFFLOAD);
}

static void every_header_is_answered_without_reading_past_the_frame(void **state)
{
	const uint8_t kinds[] = { 0, 1, 3, 4, 5, 0x81, 0xff };
	struct packets ps;
	(void)state;

	packets_open(&ps);
	for (uint32_t len = 0; len < 80; len++) {
		for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++) {
			for (uint16_t start = 0; start < 90; start++) {
				struct virtio_net_hdr_v1 h = tcp4_header(1);
				struct pkt *p = packets_frame(&ps, len, 0xf0);

				h.gso_type = kinds[kind];
				h.csum_start = start;
				h.csum_offset = start % 2 ? 6 : 16;
				(void)vnet_take(&h, p);
				packets_free(&ps, p);
			}
		}
	}
	packets_close(&ps);
}

/* The header made for a frame of 3000 bytes of payload that is to be sent with OFFLOAD. */
static struct virtio_net_hdr_v1 put(unsigned offload, uint8_t tcp_flags)
{
	struct virtio_net_hdr_v1 h;
	struct packets ps;
	struct pkt *p;

	packets_open(&ps);
	p = tcp4_frame(&ps, 3000);
	pkt_data(p)[34 + 13] = tcp_flags;
	p->offload = (uint8_t)offload;
	p->csum_start = p->off + 34;
	p->csum_off = 16;
	p->seg_len = 1448;
	vnet_put(&h, p);
	packets_free(&ps, p);
	packets_close(&ps);
	return h;
}

static void a_finished_frame_goes_out_under_an_empty_header(void **state)
{
	const struct virtio_net_hdr_v1 empty = { 0 };
	struct virtio_net_hdr_v1 h = put(0, 0x10);
	(void)state;

	assert_memory_equal(&h, &empty, sizeof(h));
}

static void a_sum_to_fill_in_is_asked_for_and_never_said_to_be_valid(void **state)
{
	struct virtio_net_hdr_v1 h = put(PKT_CSUM_FILL, 0x10);
	(void)state;

	assert_int_equal(h.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	assert_int_equal(h.gso_type, VIRTIO_NET_HDR_GSO_NONE);
	assert_int_equal(h.csum_start, 34);
	assert_int_equal(h.csum_offset, 16);
}

static void segments_are_asked_for_with_length_and_headers(void **state)
{
	struct virtio_net_hdr_v1 h = put(PKT_CSUM_FILL | PKT_SEG_TCP, 0x10);
	(void)state;

	assert_int_equal(h.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
	assert_int_equal(h.gso_size, 1448);
	assert_int_equal(h.hdr_len, HEADERS_LEN);
}

static void who_cuts_is_told_of_cwr(void **state)
{
	struct virtio_net_hdr_v1 h = put(PKT_CSUM_FILL | PKT_SEG_TCP, 0x90);
	(void)state;

	assert_int_equal(h.gso_type, VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN);
}

static void datagrams_are_asked_for_as_such(void **state)
{
	struct virtio_net_hdr_v1 h = put(PKT_CSUM_FILL | PKT_SEG_UDP, 0x10);
	(void)state;

	assert_int_equal(h.gso_type, GSO_UDP_L4);
	assert_int_equal(h.hdr_len, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_header_says_nothing),
		cmocka_unit_test(a_sum_nobody_filled_in_is_good),
		cmocka_unit_test(a_sum_somebody_checked_is_good),
		cmocka_unit_test(segments_are_counted_with_the_short_last_one),
		cmocka_unit_test(ecn_does_not_hide_the_kind),
		cmocka_unit_test(a_sum_outside_the_frame_is_refused),
		cmocka_unit_test(segments_without_a_sum_to_fill_in_are_refused),
		cmocka_unit_test(segments_of_no_length_are_refused),
		cmocka_unit_test(segments_of_a_frame_without_payload_are_refused),
		cmocka_unit_test(a_kind_that_is_not_the_frames_is_refused),
		cmocka_unit_test(every_header_is_answered_without_reading_past_the_frame),
		cmocka_unit_test(a_finished_frame_goes_out_under_an_empty_header),
		cmocka_unit_test(a_sum_to_fill_in_is_asked_for_and_never_said_to_be_valid),
		cmocka_unit_test(segments_are_asked_for_with_length_and_headers),
		cmocka_unit_test(who_cuts_is_told_of_cwr),
		cmocka_unit_test(datagrams_are_asked_for_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
