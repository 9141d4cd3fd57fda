/*
 * IPv4: how our packets leave, and what the transports may know of the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/checksum.h"
#include "../lib/rooms.h"

static struct rooms r;

static int open_rooms(void **state)
{
	(void)state;
	rooms_open(&r, 0);
	return 0;
}

static int close_rooms(void **state)
{
	(void)state;
	rooms_close(&r);
	return 0;
}

static struct ip_send to(uint32_t dst)
{
	return (struct ip_send){ .src = v4(ROOMS_IP), .dst = v4(dst), .protocol = IP_UDP };
}

/* --- what goes out -------------------------------------------------------------------- */

static void a_packet_leaves_with_what_was_asked_for(void **state) /* I-05, I-06, I-07 */
{
	struct ip_send how = to(ROOMS_PEER);
	struct frame f;

	(void)state;
	how.ttl = 3;
	how.tos = 0xb8;
	how.dont_fragment = true;
	assert_int_equal(rooms_send(&r, &how, 100), 0);
	f = rooms_expect(&r);
	assert_int_equal(f.ip.src, ROOMS_IP);
	assert_int_equal(f.ip.dst, ROOMS_PEER);
	assert_int_equal(f.ip.ttl, 3);
	assert_int_equal(f.ip.tos, 0xb8);
	assert_int_equal(f.ip.proto, IP_UDP);
	assert_true(f.ip.df);
	assert_int_equal(f.data_len, 100);
	assert_int_equal(rooms_count(&r, COUNT_ip4_out), 1);
}

static void ttl_is_64_unless_said(void **state) /* I-06 */
{
	struct ip_send how = to(ROOMS_PEER);

	(void)state;
	rooms_send(&r, &how, 1);
	assert_int_equal(rooms_expect(&r).ip.ttl, 64);
}

static void a_source_that_is_not_ours_is_refused(void **state) /* I-05 */
{
	static const uint32_t srcs[] = { 0x0a000002, 0x7f000001, 0xffffffff, 0x0a0000ff, 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(srcs); i++) {
		struct ip_send how = to(ROOMS_PEER);

		how.src = v4(srcs[i]);
		assert_int_equal(rooms_send(&r, &how, 1), -EADDRNOTAVAIL);
	}
	assert_int_equal(rooms_count(&r, COUNT_ip4_drop_no_source), ARRAY_LEN(srcs));
	rooms_expect_silence(&r);
}

static void where_there_is_no_way_is_said_at_once(void **state)
{
	static const uint32_t dsts[] = { 0x08080808, 0, 0x00000001, 0xf0000001 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dsts); i++) {
		struct ip_send how = to(dsts[i]);

		assert_int_equal(rooms_send(&r, &how, 1), -ENETUNREACH);
	}
	assert_int_equal(rooms_count(&r, COUNT_ip4_drop_no_route), ARRAY_LEN(dsts));
}

static void an_ipv6_destination_has_no_way_yet(void **state)
{
	struct ip_send how = to(ROOMS_PEER);
	struct addr six = { .b = { 0x20, 1, [15] = 1 } };
	struct addr source;

	(void)state;
	how.dst = six;
	assert_int_equal(ip_output(&r.stack, &how, rooms_packet(&r, 8, 8)), -ENETUNREACH);
	assert_int_equal(ip_source(&r.stack, &six, &source), -ENETUNREACH);
}

static void broadcast_needs_leave(void **state)
{
	static const uint32_t dsts[] = { 0xffffffff, 0x0a0000ff };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dsts); i++) {
		struct ip_send how = to(dsts[i]);
		struct frame f;

		assert_int_equal(rooms_send(&r, &how, 1), -EACCES);
		how.may_broadcast = true;
		assert_int_equal(rooms_send(&r, &how, 1), 0);
		f = rooms_expect(&r);
		assert_int_equal(f.eth_dst[0], 0xff);
		assert_int_equal(f.eth_dst[5], 0xff);
	}
	assert_int_equal(rooms_count(&r, COUNT_ip4_drop_no_leave), 2);
}

static void a_group_is_reached_at_its_own_mac_and_no_farther(void **state)
{
	static const uint8_t mac[6] = { 0x01, 0x00, 0x5e, 0x7f, 0xff, 0xfa };
	struct ip_send how = to(0xefffffff & 0xeffffffa);
	struct frame f;

	(void)state;
	assert_int_equal(rooms_send(&r, &how, 1), 0);
	f = rooms_expect(&r);
	assert_memory_equal(f.eth_dst, mac, 6);
	assert_int_equal(f.ip.ttl, 1);
}

static void a_packet_leaves_by_the_link_of_its_source(void **state) /* I-26 */
{
	struct addr any = v4(0), one = v4(ROOMS_PEER), two = v4(0x0a000109);
	struct ip_send how = to(0xc6336401);
	uint8_t mac[6] = { 2, 2, 2, 2, 2, 2 };

	(void)state;
	assert_int_equal(net_neigh_add(&r.stack, r.ifc[1], &two, mac), 0);
	assert_int_equal(net_route_add(&r.stack, &any, 96, &one, NULL), 0);
	how.src = v4(ROOMS_IP_TWO);
	assert_int_equal(rooms_send(&r, &how, 1), -ENETUNREACH);
	assert_int_equal(net_route_add(&r.stack, &any, 96, &two, NULL), 0);
	assert_int_equal(rooms_send(&r, &how, 1), 0);
	assert_int_equal(r.seen[0].link, 1);
	how.src = v4(ROOMS_IP);
	assert_int_equal(rooms_send(&r, &how, 1), 0);
	assert_int_equal(r.seen[1].link, 0);
}

static void a_host_without_an_address_may_speak_on_an_interface(void **state)
{
	struct ip_send how = { .ifc = r.ifc[0], .protocol = IP_UDP, .may_broadcast = true };
	struct frame f;

	(void)state;
	how.dst = v4(0xffffffff);
	assert_int_equal(rooms_send(&r, &how, 300), 0);
	f = rooms_expect(&r);
	assert_int_equal(f.ip.src, 0);
	assert_int_equal(f.eth_dst[0], 0xff);
	how.ifc = NULL;
	assert_int_equal(rooms_send(&r, &how, 300), -EADDRNOTAVAIL);
}

static void an_interface_and_a_source_on_another_do_not_go_together(void **state) /* I-26 */
{
	struct ip_send how = to(ROOMS_PEER);

	(void)state;
	how.ifc = r.ifc[1];
	assert_int_equal(rooms_send(&r, &how, 1), -EADDRNOTAVAIL);
	how.ifc = r.ifc[0];
	assert_int_equal(rooms_send(&r, &how, 1), 0);
}

static void what_must_not_be_cut_and_is_too_long_is_refused(void **state) /* I-20 */
{
	struct ip_send how = to(ROOMS_PEER);

	(void)state;
	how.dont_fragment = true;
	assert_int_equal(rooms_send(&r, &how, 1500 - 28), 0);
	assert_int_equal(rooms_send(&r, &how, 1500 - 27), -EMSGSIZE);
	assert_int_equal(rooms_count(&r, COUNT_ip4_drop_too_long), 1);
	assert_int_equal(ip_mtu(&r.stack, &how.dst), 1500);
}

static void what_no_header_can_say_is_refused(void **state)
{
	struct ip_send how = to(ROOMS_PEER);

	(void)state;
	assert_int_equal(ip_output(&r.stack, &how, rooms_packet(&r, 65516, 8)), -EMSGSIZE);
	assert_int_equal(ip_output(&r.stack, &how, rooms_packet(&r, 65515, 8)), 0);
}

static void a_long_datagram_is_cut_as_rfc_791_says(void **state) /* I-19 */
{
	struct ip_send how = to(ROOMS_PEER);
	uint32_t off = 0;
	struct frame f;
	uint16_t id = 0;

	(void)state;
	assert_int_equal(rooms_send(&r, &how, 8000), 0);
	do {
		f = rooms_expect(&r);
		if (off == 0)
			id = f.ip.id;
		assert_int_equal(f.ip.off, off);
		assert_int_equal(f.ip.id, id);
		assert_int_equal(f.ip.proto, IP_UDP);
		assert_false(f.ip.df);
		assert_true(f.ip_len <= 1500);
		if (off >= 100) /* past what rooms_send wrote as header */
			assert_int_equal(f.data[0], (uint8_t)off);
		off += (uint32_t)f.data_len;
		assert_int_equal(f.ip.mf, off < 8008);
		assert_true(!f.ip.mf || f.data_len % 8 == 0);
	} while (f.ip.mf);
	assert_int_equal(off, 8008);
	rooms_expect_silence(&r);
	assert_int_equal(rooms_count(&r, COUNT_frag_sent), 6);
}

static void fragments_share_the_payload_they_are_cut_from(void **state) /* I-19 */
{
	struct ip_send how = to(ROOMS_PEER);

	(void)state;
	assert_int_equal(rooms_send(&r, &how, 8000), 0);
	for (unsigned i = 0; i < r.seen_n; i++)
		assert_true(r.seen[i].shares_payload);
}

static void the_sum_of_a_cut_datagram_is_filled_in_before(void **state) /* I-19 */
{
	struct ip_send how = to(ROOMS_PEER);
	uint8_t whole[4000 + 8];
	uint32_t len = 0;
	struct frame f;
	uint32_t sum;

	(void)state;
	r.ifc[0]->offers = LINK_CSUM;
	assert_int_equal(rooms_send(&r, &how, 4000), 0);
	while (rooms_see(&r, &f)) {
		memcpy(whole + f.ip.off, f.data, f.data_len);
		len += (uint32_t)f.data_len;
	}
	assert_int_equal(len, sizeof(whole));
	sum = ip_pseudo_sum(&how.src, &how.dst, IP_UDP, len);
	assert_int_equal(checksum_fold(checksum_add(sum, whole, len)), 0xffff);
	for (unsigned i = 0; i < r.seen_n; i++)
		assert_int_equal(r.seen[i].offload, 0);
}

static void ids_of_one_flow_are_not_reused(void **state) /* I-08 */
{
	static uint8_t used[65536];
	struct ip_send how = to(ROOMS_PEER);

	(void)state;
	memset(used, 0, sizeof(used));
	for (unsigned i = 0; i < 60000; i++) {
		uint16_t id;

		assert_int_equal(rooms_send(&r, &how, 1), 0);
		id = rooms_expect(&r).ip.id;
		assert_false(used[id]);
		used[id] = 1;
		if (r.seen_n == 1000)
			rooms_forget(&r);
	}
}

static void what_cannot_be_in_pieces_needs_no_id(void **state) /* I-08 */
{
	struct ip_send how = to(ROOMS_PEER);

	(void)state;
	how.dont_fragment = true;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(rooms_send(&r, &how, 1), 0);
		assert_int_equal(rooms_expect(&r).ip.id, 0);
	}
}

/* The id of a packet to DST. */
static uint16_t id_to(uint32_t dst)
{
	struct ip_send how = to(dst);

	assert_int_equal(rooms_send(&r, &how, 1), 0);
	return rooms_expect(&r).ip.id;
}

static void the_ids_to_one_say_nothing_of_what_others_are_sent(void **state) /* I-09 */
{
	uint16_t before = id_to(ROOMS_PEER);
	uint8_t mac[6] = { 2, 2, 2, 2, 2, 2 };

	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		struct addr other = v4(0x0a000020 + i);

		assert_int_equal(net_neigh_add(&r.stack, r.ifc[0], &other, mac), 0);
		for (unsigned n = 0; n < 10; n++)
			(void)id_to(0x0a000020 + i);
	}
	assert_int_equal(id_to(ROOMS_PEER), (uint16_t)(before + 1));
}

static void ids_begin_anywhere(void **state) /* I-09 */
{
	unsigned bits[16] = { 0 };
	uint8_t mac[6] = { 2, 2, 2, 2, 2, 2 };

	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		struct addr other = v4(0x0a000020 + i);
		uint16_t id;

		assert_int_equal(net_neigh_add(&r.stack, r.ifc[0], &other, mac), 0);
		id = id_to(0x0a000020 + i);
		for (unsigned bit = 0; bit < 16; bit++)
			bits[bit] += (id >> bit) & 1;
	}
	for (unsigned bit = 0; bit < 16; bit++)
		assert_in_range(bits[bit], 60, 140);
}

/* --- for the transports --------------------------------------------------------------- */

static uint32_t source_for(uint32_t dst)
{
	struct addr d = v4(dst);
	struct addr src;

	return ip_source(&r.stack, &d, &src) < 0 ? 0 : addr_v4(&src);
}

static void the_source_is_the_address_nearest_to_the_next_hop(void **state) /* I-25 */
{
	struct addr any = v4(0), gateway = v4(0x0a0001fe), narrow = v4(0x0a000081);

	(void)state;
	assert_int_equal(source_for(ROOMS_PEER), ROOMS_IP);
	assert_int_equal(source_for(0x0a000109), ROOMS_IP_TWO);
	assert_int_equal(source_for(0x08080808), 0);
	assert_int_equal(net_route_add(&r.stack, &any, 96, &gateway, NULL), 0);
	assert_int_equal(source_for(0x08080808), ROOMS_IP_TWO);
	assert_int_equal(net_addr_add(&r.stack, r.ifc[0], &narrow, 121, NET_ADDR_UNPROBED), 0);
	assert_int_equal(source_for(0x0a000090), 0x0a000081);
	assert_int_equal(source_for(ROOMS_PEER), ROOMS_IP);
}

static void to_ourselves_we_speak_from_ourselves(void **state)
{
	(void)state;
	assert_int_equal(source_for(ROOMS_IP), ROOMS_IP);
	assert_int_equal(source_for(0x7f000001), 0x7f000001);
	assert_int_equal(source_for(0x7f000005), 0x7f000001);
	assert_int_equal(source_for(0xffffffff), ROOMS_IP);
}

static void mtu_and_offload_are_those_of_the_interface(void **state)
{
	struct addr peer = v4(ROOMS_PEER), self = v4(ROOMS_IP), far = v4(0x08080808);

	(void)state;
	assert_int_equal(ip_mtu(&r.stack, &peer), 1500);
	assert_int_equal(ip_mtu(&r.stack, &self), 65535);
	assert_int_equal(ip_mtu(&r.stack, &far), 0);
	assert_false(ip_has_offload(&r.stack, &peer));
	assert_true(ip_has_offload(&r.stack, &self));
	r.ifc[0]->offers = LINK_CSUM | LINK_TSO4;
	assert_true(ip_has_offload(&r.stack, &peer));
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_packet_leaves_with_what_was_asked_for),
		T(ttl_is_64_unless_said),
		T(a_source_that_is_not_ours_is_refused),
		T(where_there_is_no_way_is_said_at_once),
		T(an_ipv6_destination_has_no_way_yet),
		T(broadcast_needs_leave),
		T(a_group_is_reached_at_its_own_mac_and_no_farther),
		T(a_packet_leaves_by_the_link_of_its_source),
		T(a_host_without_an_address_may_speak_on_an_interface),
		T(an_interface_and_a_source_on_another_do_not_go_together),
		T(what_must_not_be_cut_and_is_too_long_is_refused),
		T(what_no_header_can_say_is_refused),
		T(a_long_datagram_is_cut_as_rfc_791_says),
		T(fragments_share_the_payload_they_are_cut_from),
		T(the_sum_of_a_cut_datagram_is_filled_in_before),
		T(ids_of_one_flow_are_not_reused),
		T(what_cannot_be_in_pieces_needs_no_id),
		T(the_ids_to_one_say_nothing_of_what_others_are_sent),
		T(ids_begin_anywhere),
		T(the_source_is_the_address_nearest_to_the_next_hop),
		T(to_ourselves_we_speak_from_ourselves),
		T(mtu_and_offload_are_those_of_the_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
