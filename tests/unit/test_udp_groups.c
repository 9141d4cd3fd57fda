/*
 * Conversations in groups: who hears what, from the wire and from ourselves, and what is sent. Rows
 * M-.. and U-.. are those of the requirement matrix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/pkt.h"
#include "../../stack/limits.h"
#include "../lib/talk_groups.h"

/* --- hearing ------------------------------------------------------------------------------ */

static void a_member_reads_what_is_sent_to_the_group(void **state) /* M-04 */
{
	struct conv *c = on_group(GROUP);

	(void)state;
	talk_join(c, "10.0.0.1");
	assert_true(conv_events(c) & CONV_UP);
	peer_says(GROUP, "hello");
	talk_assert_reads(c, "hello");
	assert_hears_nothing(c);
}

static void who_is_not_in_it_hears_nothing(void **state) /* M-04 */
{
	struct conv *member = on_group(GROUP);
	struct conv *stranger = on_group(GROUP);
	struct conv *elsewhere = on_group(OTHER);

	(void)state;
	talk_join(member, "10.0.0.1");
	talk_join(elsewhere, "10.0.0.1");
	peer_says(GROUP, "hello");
	talk_assert_reads(member, "hello");
	assert_hears_nothing(stranger);
	assert_hears_nothing(elsewhere);
}

static void each_of_several_members_has_a_copy(void **state) /* M-04 */
{
	struct conv *c[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		c[i] = i < 3 ? on_group(GROUP) : on_any(true);
		talk_join(c[i], "10.0.0.1 239.1.1.1");
	}
	peer_says(GROUP, "one");
	peer_says(GROUP, "two");
	for (unsigned i = 0; i < 3; i++) {
		talk_assert_reads(c[i], "one");
		talk_assert_reads(c[i], "two");
	}
	assert_int_equal(talk_read(c[3], talk_bytes, sizeof(talk_bytes)), 52 + 3);
}

static void a_group_that_shares_a_station_is_told_apart(void **state) /* M-04, L-01 */
{
	struct conv *c = on_group(GROUP);

	(void)state;
	talk_join(c, "10.0.0.1");
	peer_says(TWIN, "not for us");
	assert_hears_nothing(c);
	assert_int_equal(box_count(talk_box, "ip4_drop_not_ours"), 1);
}

static void before_anybody_is_in_it_a_group_s_frames_are_not_taken(void **state) /* L-01 */
{
	(void)state;
	on_group(GROUP);
	peer_says(GROUP, "hello");
	assert_int_equal(box_count(talk_box, "eth_drop_not_ours"), 1);
}

static void a_datagram_at_whose_port_nobody_is_a_member_is_dropped_silently(void **state) /* U-13 */
{
	struct conv *c = talk_keep(talk_announced(talk_box, "udp", talk_at(GROUP, 6000)));

	(void)state;
	talk_join(c, "10.0.0.1");
	peer_says(GROUP, "hello");
	assert_int_equal(box_count(talk_box, "udp_drop_no_conv"), 1);
	on_group(GROUP);
	peer_says(GROUP, "hello");
	assert_int_equal(box_count(talk_box, "udp_drop_no_member"), 1);
	assert_null(talk_out(talk_box));
}

static void with_headers_the_group_is_where_to_and_we_are_where_at(void **state)
{
	struct conv *c = on_any(true);
	const uint8_t group[4] = { 239, 1, 1, 1 };
	const uint8_t us[4] = { 10, 0, 0, 1 };
	const uint8_t peer[4] = { 10, 0, 0, 2 };

	(void)state;
	talk_join(c, "10.0.0.1 239.1.1.1");
	peer_says(GROUP, "hello");
	assert_int_equal(talk_read(c, talk_bytes, sizeof(talk_bytes)), 57);
	assert_memory_equal(talk_bytes + 12, peer, 4);
	assert_memory_equal(talk_bytes + 28, group, 4);
	assert_memory_equal(talk_bytes + 44, us, 4);
}

static void a_listener_in_a_group_takes_its_senders_as_calls(void **state)
{
	struct conv *listener = on_any(false);
	struct conv *call;

	(void)state;
	talk_join(listener, "10.0.0.1 239.1.1.1");
	peer_says(GROUP, "hello");
	peer_says(GROUP, "again");
	call = talk_keep(conv_accept(listener));
	assert_non_null(call);
	assert_null(conv_accept(listener));
	talk_assert_reads(call, "hello");
	talk_assert_reads(call, "again");
	/* An answer comes from our own address, and what follows to it is the same call's. */
	assert_true(addr_v4(&conv_local(call)->addr) == TALK_US);
	talk_udp_in(talk_box, 4000, talk_at(TALK_US, 5000), "to us alone", 11);
	talk_assert_reads(call, "to us alone");
}

static void who_is_announced_on_one_address_hears_no_group(void **state)
{
	struct conv *c = talk_keep(talk_announced(talk_box, "udp", talk_at(TALK_US, 5000)));

	(void)state;
	assert_int_equal(talk_ctl(c, "headers", NULL), 0);
	talk_join(c, "10.0.0.1 239.1.1.1");
	peer_says(GROUP, "hello");
	assert_hears_nothing(c);
}

static void one_full_queue_keeps_nothing_from_the_others(void **state)
{
	struct conv *slow = on_group(GROUP);
	struct conv *quick = on_group(GROUP);

	(void)state;
	assert_int_equal(conv_set_rcvbuf(slow, LIMIT_BUF_MIN), 0);
	talk_join(slow, "10.0.0.1");
	talk_join(quick, "10.0.0.1");
	for (unsigned i = 0; i < 100; i++) {
		char words[1001];

		memset(words, 'a', 1000);
		words[1000] = '\0';
		peer_says(GROUP, words);
		assert_int_equal(talk_read(quick, talk_bytes, sizeof(talk_bytes)), 1000);
	}
	assert_true(box_count(talk_box, "udp_drop_full") > 0);
}

static void what_the_administrator_listens_to_is_heard_by_all_at_the_port(void **state)
{
	struct addr group = addr_from_v4(GROUP);
	struct conv *c = on_any(true);
	struct conv *other = on_group(OTHER);

	(void)state;
	assert_int_equal(net_group_add(box_stack(talk_box), box_ifc(talk_box), &group), 0);
	assert_int_equal(net_group_add(box_stack(talk_box), box_ifc(talk_box), &group), 0);
	box_seen_all(talk_box);
	peer_says(GROUP, "hello");
	assert_int_equal(talk_read(c, talk_bytes, sizeof(talk_bytes)), 57);
	assert_hears_nothing(other);
	assert_int_equal(net_group_del(box_stack(talk_box), box_ifc(talk_box), &group), 0);
	assert_int_equal(
		net_group_del(box_stack(talk_box), box_ifc(talk_box), &group), -EADDRNOTAVAIL);
	peer_says(GROUP, "hello");
	assert_hears_nothing(c);
	box_seen_all(talk_box);
}

/* --- sending ------------------------------------------------------------------------------ */

static void assert_sent(uint32_t group, uint8_t ttl, const char *words)
{
	const uint8_t mac[6] = { 0x01, 0x00, 0x5e, group >> 16 & 0x7f, group >> 8 & 0xff,
		group & 0xff };
	const struct frame *f = talk_out(talk_box);

	assert_non_null(f);
	assert_int_equal(f->ip.dst, group);
	assert_int_equal(f->ip.src, TALK_US);
	assert_int_equal(f->ip.ttl, ttl);
	assert_memory_equal(f->eth_dst, mac, 6);
	assert_int_equal(f->data_len, strlen(words));
	assert_memory_equal(f->data, words, f->data_len);
}

static void a_group_is_sent_to_by_who_is_connected_with_it(void **state) /* U-12 */
{
	struct conv *c = talk_keep(talk_connected(talk_box, "udp", talk_at(GROUP, 5000)));

	(void)state;
	assert_int_equal(talk_write(talk_box, c, "hello", 5), 5);
	assert_sent(GROUP, 1, "hello");
	assert_int_equal(conv_set_ttl(c, 7), 0);
	assert_int_equal(talk_write(talk_box, c, "far", 3), 3);
	assert_sent(GROUP, 7, "far");
}

static void who_is_announced_on_a_group_writes_to_it(void **state) /* U-12 */
{
	struct conv *c = on_group(GROUP);
	const struct frame *f;

	(void)state;
	assert_int_equal(talk_write(talk_box, c, "hello", 5), 5);
	f = talk_out(talk_box);
	assert_non_null(f);
	assert_int_equal(f->ip.dst, GROUP);
	assert_int_equal(f->ip.src, TALK_US);
	assert_int_equal(f->ip.ttl, 1);
	assert_int_equal(f->udp.src_port, 5000);
	assert_int_equal(f->udp.dst_port, 5000);
}

static void a_prefix_says_to_whom_and_the_group_is_never_the_source(void **state)
{
	struct conv *c = on_group(GROUP);
	uint8_t datagram[52 + 2] = { 0 };

	(void)state;
	assert_int_equal(talk_ctl(c, "headers", NULL), 0);
	talk_join(c, "10.0.0.1");
	peer_says(GROUP, "hello");
	assert_int_equal(talk_read(c, talk_bytes, sizeof(talk_bytes)), 57);
	memcpy(datagram, talk_bytes, 52);
	memcpy(datagram + 52, "hi", 2);
	assert_int_equal(talk_write(talk_box, c, datagram, sizeof(datagram)), sizeof(datagram));
	{
		const struct frame *f = talk_out(talk_box);

		assert_non_null(f);
		assert_int_equal(f->ip.src, TALK_US);
		assert_int_equal(f->ip.dst, TALK_PEER);
		assert_int_equal(f->udp.dst_port, 4000);
	}
}

static void what_we_send_is_heard_by_our_own_members_too(void **state) /* U-12 */
{
	struct conv *member = on_group(GROUP);
	struct conv *stranger = on_group(GROUP);
	struct conv *sender = talk_keep(talk_connected(talk_box, "udp", talk_at(GROUP, 5000)));

	(void)state;
	talk_join(member, "10.0.0.1");
	assert_int_equal(talk_write(talk_box, sender, "hello", 5), 5);
	assert_sent(GROUP, 1, "hello");
	box_settle(talk_box);
	talk_assert_reads(member, "hello");
	assert_hears_nothing(member);
	assert_hears_nothing(stranger);
}

static void the_sender_hears_himself_when_he_is_in_it(void **state)
{
	struct conv *c = on_group(GROUP);

	(void)state;
	talk_join(c, "10.0.0.1");
	assert_int_equal(talk_write(talk_box, c, "hello", 5), 5);
	assert_sent(GROUP, 1, "hello");
	box_settle(talk_box);
	talk_assert_reads(c, "hello");
}

static void a_long_one_goes_out_in_pieces_and_comes_to_ourselves_whole(void **state)
{
	struct conv *c = on_group(GROUP);
	static uint8_t whole[65535];

	(void)state;
	talk_join(c, "10.0.0.1");
	memset(talk_bytes, 'x', 20000);
	assert_int_equal(talk_write(talk_box, c, talk_bytes, 20000), 20000);
	assert_int_equal(talk_out_whole(talk_box, whole), 20008);
	box_settle(talk_box);
	assert_int_equal(talk_read(c, talk_bytes, sizeof(talk_bytes)), 20000);
}

static void what_cannot_be_heard_for_want_of_memory_is_counted(void **state)
{
	struct conv *c = on_group(GROUP);
	struct pkts *pkts = stack_pkts(box_stack(talk_box));
	struct pkt *taken = NULL;
	struct pkt *p;

	(void)state;
	talk_join(c, "10.0.0.1");
	while ((p = pkt_new(pkts, 0, BUF_CONTROL))) {
		p->next = taken;
		taken = p;
	}
	p = taken;
	taken = p->next;
	p->next = NULL;
	pkt_free(pkts, p);
	assert_int_equal(talk_write(talk_box, c, "hello", 5), 5);
	assert_int_equal(box_count(talk_box, "lo_no_memory"), 1);
	while ((p = taken)) {
		taken = p->next;
		p->next = NULL;
		pkt_free(pkts, p);
	}
	assert_hears_nothing(c);
	box_seen_all(talk_box);
}

static void from_127_a_group_is_reached_on_lo_alone(void **state)
{
	struct conv *inside = on_group(GROUP);
	struct conv *outside = on_group(GROUP);

	(void)state;
	talk_join(inside, "127.0.0.1");
	talk_join(outside, "10.0.0.1");
	assert_int_equal(talk_write(talk_box, inside, "hello", 5), 5);
	box_settle(talk_box);
	assert_null(talk_out(talk_box));
	talk_assert_reads(inside, "hello");
	assert_hears_nothing(outside);
	peer_says(GROUP, "from outside");
	assert_hears_nothing(inside);
	talk_assert_reads(outside, "from outside");
}

#define T(name) cmocka_unit_test_setup_teardown(name, talk_open, talk_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_member_reads_what_is_sent_to_the_group),
		T(who_is_not_in_it_hears_nothing),
		T(each_of_several_members_has_a_copy),
		T(a_group_that_shares_a_station_is_told_apart),
		T(before_anybody_is_in_it_a_group_s_frames_are_not_taken),
		T(a_datagram_at_whose_port_nobody_is_a_member_is_dropped_silently),
		T(with_headers_the_group_is_where_to_and_we_are_where_at),
		T(a_listener_in_a_group_takes_its_senders_as_calls),
		T(who_is_announced_on_one_address_hears_no_group),
		T(one_full_queue_keeps_nothing_from_the_others),
		T(what_the_administrator_listens_to_is_heard_by_all_at_the_port),
		T(a_group_is_sent_to_by_who_is_connected_with_it),
		T(who_is_announced_on_a_group_writes_to_it),
		T(a_prefix_says_to_whom_and_the_group_is_never_the_source),
		T(what_we_send_is_heard_by_our_own_members_too),
		T(the_sender_hears_himself_when_he_is_in_it),
		T(a_long_one_goes_out_in_pieces_and_comes_to_ourselves_whole),
		T(what_cannot_be_heard_for_want_of_memory_is_counted),
		T(from_127_a_group_is_reached_on_lo_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
