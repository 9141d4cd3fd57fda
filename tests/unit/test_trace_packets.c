/*
 * What is remembered of packets and states: whose they are, counted from where, and why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/text.h"
#include "../lib/far.h"

static void want(const char *kinds)
{
	bool all = strcmp(kinds, "all") == 0;

	stack_trace_want(box_stack(talk_box), 0,
		all ? (unsigned)STACK_TRACE_ALL : stack_trace_kinds(kinds), NULL);
}

/* The next line must fit WORDS, in which "*" stands for a number that differs from run to run. */
static void hear(const char *words)
{
	const char *line = box_line(talk_box);
	const char *at = line;

	if (!line)
		fail_msg("nothing was told, not \"%s\"", words);
	for (const char *w = words; *w; w++) {
		if (*w == '*')
			at += strspn(at, "0123456789");
		else if (*at++ != *w)
			fail_msg("\"%s\" is not \"%s\"", line, words);
	}
	if (*at)
		fail_msg("\"%s\" is more than \"%s\"", line, words);
}

static void hear_nothing(void)
{
	const char *line = box_line(talk_box);

	if (line)
		fail_msg("\"%s\" was told", line);
}

/* A frame of IP from the peer to the box. */
static struct frame from_peer(enum frame_kind kind)
{
	struct frame f;

	frame_init(&f, kind);
	f.ip.src = TALK_PEER;
	f.ip.dst = TALK_US;
	return f;
}

/* --- tcp -------------------------------------------------------------------------------- */

static void a_connection_is_told_from_its_first_numbers_on(void **state)
{
	struct far p;

	(void)state;
	want("tcp");
	p = far_connected(false);
	hear("tcp 1 10.0.0.2!80 Closed to Syn_sent by connect");
	hear("tcp 1 > 10.0.0.2!80 S seq 0 win 65535 mss 1460 ws * ts * ecr 0");
	hear("tcp 1 < 10.0.0.2!80 S. seq 0 ack 1 win 65535 mss 1460");
	hear("tcp 1 10.0.0.2!80 Syn_sent to Established by segment S.");
	hear("tcp 1 > 10.0.0.2!80 . ack 1 win *");
	far_sends(&p, FRAME_PSH, 100);
	hear("tcp 1 < 10.0.0.2!80 P. seq 1:101 ack 1 win 65535 length 100");
	assert_int_equal(talk_write(talk_box, p.conv, talk_bytes, 10), 10);
	hear("tcp 1 > 10.0.0.2!80 P. seq 1:11 ack 101 win * length 10");
	hear_nothing();
}

static void what_comes_again_or_ahead_is_marked(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	far_sends(&p, FRAME_PSH, 100);
	assert_int_equal(talk_write(talk_box, p.conv, talk_bytes, 10), 10);
	want("packet");
	far_sends_at(&p, FRAME_ACK, 1, 100);
	hear("tcp 1 < 10.0.0.2!80 . seq 1:101 ack 1 win 65535 length 100 again");
	hear("tcp 1 > 10.0.0.2!80 . ack 101 win *");
	far_sends_at(&p, FRAME_ACK, 301, 100);
	hear("tcp 1 < 10.0.0.2!80 . seq 301:401 ack 1 win 65535 length 100 ahead");
	hear("tcp 1 > 10.0.0.2!80 . ack 101 win *");
}

static void a_retransmission_is_told_with_its_timeout(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	assert_int_equal(talk_write(talk_box, p.conv, talk_bytes, 10), 10);
	far_hears(&p, FRAME_ACK, 1, 10);
	want("tcp");
	far_waits(3);
	hear("tcp 1 10.0.0.2!80 timeout, 1 in a row, RTO * ms");
	hear("tcp 1 > 10.0.0.2!80 P. seq 1:11 ack 1 win * length 10 again");
	hear_nothing();
}

static void windows_are_told_in_bytes(void **state)
{
	struct endpoint here = talk_at(0, 80);
	struct conv *listener = talk_keep(talk_announced(talk_box, "tcp", here));
	struct frame f = from_peer(FRAME_TCP);

	(void)state;
	(void)listener;
	want("tcp");
	f.tcp.src_port = 4000;
	f.tcp.dst_port = 80;
	f.tcp.seq = 7000;
	f.tcp.flags = FRAME_SYN;
	f.tcp.window = 1000;
	f.tcp.has_ws = f.tcp.has_mss = f.tcp.has_sack_ok = true;
	f.tcp.ws = 3;
	f.tcp.mss = 1000;
	talk_frame_in(talk_box, &f);
	hear("tcp 1 < 10.0.0.2!4000 S seq 0 win 1000 mss 1000 ws 3 sack");
	hear("tcp 1 > 10.0.0.2!4000 S. seq 0 ack 1 win 65504 mss 1460 ws 5");
	f.tcp.seq++;
	f.tcp.ack = talk_out(talk_box)->tcp.seq + 1;
	f.tcp.flags = FRAME_ACK;
	f.tcp.has_ws = f.tcp.has_mss = f.tcp.has_sack_ok = false;
	talk_frame_in(talk_box, &f);
	hear("tcp 1 < 10.0.0.2!4000 . ack 1 win 8000"); /* the call has no number yet */
	hear("tcp 2 10.0.0.2!4000 Closed to Established by segment .");
	talk_frame_in(talk_box, &f);
	hear("tcp 2 < 10.0.0.2!4000 . ack 1 win 8000");
	hear_nothing();
}

static void a_segment_for_nobody_is_dropped_and_refused(void **state)
{
	struct frame f = from_peer(FRAME_TCP);

	(void)state;
	want("all");
	f.tcp.src_port = 4000;
	f.tcp.dst_port = 81;
	f.tcp.seq = 7000;
	f.tcp.flags = FRAME_SYN;
	talk_frame_in(talk_box, &f);
	hear("tcp - < 10.0.0.2!4000 to 10.0.0.1!81 S seq 7000 win 65535");
	hear("tcp - < 10.0.0.2!4000 to 10.0.0.1!81 dropped: tcp_drop_no_conv");
	hear("tcp - > 10.0.0.2!4000 from 10.0.0.1!81 R. seq 0 ack 7001 win 0");
	hear("arp > who-has 10.0.0.2 tell 10.0.0.1");
	hear("arp < 10.0.0.2 is-at 02:00:0a:00:00:02");
	hear_nothing();
}

static void a_drop_is_its_segments(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	want("drop");
	far_sends_at(&p, 0, 500000, 10);
	hear("tcp 1 < 10.0.0.2!80 dropped: tcp_drop_outside_window");
	hear_nothing();
}

static void an_ack_of_a_drop_does_not_take_it_over(void **state)
{
	struct frame f = from_peer(FRAME_UDP);

	(void)state;
	want("drop");
	f.udp.src_port = 4000;
	f.udp.dst_port = 53;
	talk_frame_in(talk_box, &f); /* answered before it is dropped */
	hear("udp - < 10.0.0.2!4000 to 10.0.0.1!53 dropped: udp_drop_no_conv");
	hear_nothing();
}

/* --- causes ------------------------------------------------------------------------------ */

static void the_end_is_told_with_its_causes(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	want("state");
	assert_int_equal(conv_close(p.conv), 0);
	box_settle(talk_box);
	far_hears(&p, FRAME_ACK | FRAME_FIN, 1, 0);
	far_sends(&p, 0, 0);
	far_sends(&p, FRAME_FIN, 0);
	box_run_through(talk_box, box_now(talk_box) + 241 * USEC_PER_SEC);
	hear("tcp 1 10.0.0.2!80 Established to Finwait1 by close");
	hear("tcp 1 10.0.0.2!80 Finwait1 to Finwait2 by segment .");
	hear("tcp 1 10.0.0.2!80 Finwait2 to Time_wait by segment F.");
	hear("tcp 1 10.0.0.2!80 Time_wait to Closed by timer time_wait");
	hear_nothing();
}

static void a_verb_is_a_cause(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	want("state");
	assert_int_equal(talk_ctl(p.conv, "shutdown wr", NULL), 0);
	hear("tcp 1 10.0.0.2!80 Established to Finwait1 by shutdown");
	conv_hangup(p.conv);
	hear("tcp 1 10.0.0.2!80 Finwait1 to Closed by hangup");
	hear_nothing();
}

static void a_failure_is_a_cause(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	want("state");
	conv_fail(p.conv, -EIO);
	hear("tcp 1 10.0.0.2!80 Established to Closed by error: the device is gone");
}

static void silence_is_a_cause(void **state)
{
	struct far p = far_called();

	(void)state;
	want("tcp");
	stack_trace_want(box_stack(talk_box), 0, STACK_TRACE_STATE, NULL);
	box_run_through(talk_box, box_now(talk_box) + 200 * USEC_PER_SEC);
	(void)p;
	for (int i = 1; i <= 7; i++)
		hear("tcp 1 10.0.0.2!80 timeout, * in a row, RTO * ms");
	hear("tcp 1 10.0.0.2!80 Syn_sent to Closed by timer retransmit");
}

static void a_user_who_has_waited_enough_is_a_cause(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	assert_int_equal(talk_ctl(p.conv, "usertimeout 300", NULL), 0);
	assert_int_equal(talk_write(talk_box, p.conv, talk_bytes, 10), 10);
	want("state");
	box_run_through(talk_box, box_now(talk_box) + 2 * USEC_PER_SEC);
	hear("tcp 1 10.0.0.2!80 timeout, 1 in a row, RTO 200 ms");
	hear("tcp 1 10.0.0.2!80 Established to Closed by timer usertimeout");
	box_seen_all(talk_box);
}

static void icmp_is_a_cause(void **state)
{
	struct endpoint to = talk_at(TALK_PEER, 80);
	struct conv *c = talk_keep(talk_new(talk_box, "tcp"));

	(void)state;
	want("state");
	assert_int_equal(conv_connect(c, NULL, &to), 0);
	box_settle(talk_box);
	talk_icmp_about(talk_box, 3, 3, talk_out(talk_box));
	hear("tcp 1 10.0.0.2!80 Closed to Syn_sent by connect");
	hear("tcp 1 10.0.0.2!80 Syn_sent to Closed by icmp: connection refused by the peer");
	hear_nothing();
}

static void a_neighbour_that_is_silent_is_a_cause(void **state)
{
	struct endpoint to = talk_at(TALK_PEER, 80);
	struct conv *c = talk_keep(talk_new(talk_box, "tcp"));

	(void)state;
	want("all");
	stack_trace_want(box_stack(talk_box), 0, STACK_TRACE_STATE | STACK_TRACE_DROP, NULL);
	box_silence(talk_box, TALK_PEER);
	assert_int_equal(conv_connect(c, NULL, &to), 0);
	box_run_through(talk_box, box_now(talk_box) + 10 * USEC_PER_SEC);
	hear("tcp 1 10.0.0.2!80 Closed to Syn_sent by connect");
	hear("tcp 1 10.0.0.2!80 timeout, 1 in a row, RTO 1000 ms");
	hear("tcp 1 10.0.0.2!80 timeout, 2 in a row, RTO 2000 ms");
	for (int i = 0; i < 3; i++)
		hear("tcp 1 > 10.0.0.2!80 dropped: neigh_drop_unreachable");
	hear("tcp 1 10.0.0.2!80 Syn_sent to Closed by error: host unreachable");
	hear_nothing();
}

static void the_last_holder_is_a_cause(void **state)
{
	struct conv *c = talk_announced(talk_box, "tcp", talk_at(0, 80));

	(void)state;
	want("state");
	conv_release(c);
	hear("tcp 1 ::!80 Listen to Closed by its last holder");
}

/* --- udp, icmp, arp and ip ------------------------------------------------------------------ */

static void datagrams_and_their_ends_are_told(void **state)
{
	struct conv *c;

	(void)state;
	want("udp");
	c = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53)));
	hear("udp 1 10.0.0.2!53 Closed to Connected by connect");
	assert_int_equal(talk_write(talk_box, c, talk_bytes, 40), 40);
	hear("udp 1 > 10.0.0.2!53 length 40");
	talk_udp_in(talk_box, 53, *conv_local(c), talk_bytes, 30);
	hear("udp 1 < 10.0.0.2!53 length 30");
	conv_hangup(c);
	hear("udp 1 10.0.0.2!53 Connected to Closed by hangup");
	hear_nothing();
}

static void a_call_of_udp_is_by_a_datagram(void **state)
{
	struct conv *c = talk_keep(talk_announced(talk_box, "udp", talk_at(0, 53)));

	(void)state;
	(void)c;
	want("udp");
	talk_udp_in(talk_box, 4000, talk_at(TALK_US, 53), talk_bytes, 30);
	hear("udp 1 < 10.0.0.2!4000 length 30"); /* the listener's, when it came */
	hear("udp 2 10.0.0.2!4000 Closed to Connected by a datagram");
	hear_nothing();
}

static void an_error_is_told_with_whose_packet_it_quotes(void **state)
{
	struct conv *c = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53)));

	(void)state;
	assert_int_equal(talk_write(talk_box, c, talk_bytes, 40), 40);
	want("icmp");
	talk_icmp_about(talk_box, 3, 3, talk_out(talk_box));
	hear("icmp - < 10.0.0.2 to 10.0.0.1 port unreachable about udp 1 10.0.0.2!53");
	hear_nothing();
}

static void an_echo_is_its_conversations(void **state)
{
	const uint8_t request[] = { 8, 0, 0, 0, 0, 0, 0, 3, 'h', 'i' };
	struct conv *c = talk_keep(talk_connected(talk_box, "icmp", talk_at(TALK_PEER, 0)));
	struct frame f = from_peer(FRAME_ICMP);

	(void)state;
	want("icmp");
	assert_int_equal(talk_write(talk_box, c, request, sizeof(request)), sizeof(request));
	hear("icmp 1 > 10.0.0.2 echo request id * seq 3 length 10");
	f.icmp.rest = talk_out(talk_box)->icmp.rest;
	talk_frame_in(talk_box, &f);
	hear("icmp 1 < 10.0.0.2 echo reply id * seq 3 length 8");
	f.icmp.type = 8;
	talk_frame_in(talk_box, &f);
	hear("icmp - < 10.0.0.2 to 10.0.0.1 echo request id * seq 3 length 8");
	hear("icmp - > 10.0.0.2 from 10.0.0.1 echo reply id * seq 3 length 8");
	hear_nothing();
}

static void fragments_are_told_piece_by_piece(void **state)
{
	struct conv *c = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53)));

	(void)state;
	want("packet");
	assert_int_equal(talk_write(talk_box, c, talk_bytes, 2000), 2000);
	hear("udp 1 > 10.0.0.2!53 length 2000");
	hear("arp > who-has 10.0.0.2 tell 10.0.0.1");
	hear("arp < 10.0.0.2 is-at 02:00:0a:00:00:02");
	hear("ip > 10.0.0.2 udp fragment 0:1480 more id *");
	hear("ip > 10.0.0.2 udp fragment 1480:2008 id *");
	talk_udp_in_fragments(talk_box, 53, *conv_local(c), talk_bytes, 1500, 1000);
	hear("ip < 10.0.0.2 udp fragment 0:1000 more id *");
	hear("ip < 10.0.0.2 udp fragment 1000:1508 id *");
	hear("udp 1 < 10.0.0.2!53 length 1500");
	hear_nothing();
}

static void what_ip_drops_is_told(void **state)
{
	struct frame f = from_peer(FRAME_UDP);

	(void)state;
	want("ip");
	f.ip.dst = 0x0a000063;
	memcpy(f.eth_dst, box_mac(talk_box), 6);
	talk_frame_in(talk_box, &f);
	hear("ip < 10.0.0.2 to 10.0.0.99 dropped: ip4_drop_not_ours");
	f.ip.dst = TALK_US;
	f.ip.proto = 99;
	f.kind = FRAME_IP;
	talk_frame_in(talk_box, &f);
	hear("ip < 10.0.0.2 protocol 99 length 0");
	hear("ip < 10.0.0.2 to 10.0.0.1 dropped: ip4_drop_protocol");
	f.eth_type = 0x1234;
	f.kind = FRAME_OTHER;
	talk_frame_in(talk_box, &f);
	hear("ip dropped: eth_drop_type");
	hear_nothing();
}

/* --- what is wanted ------------------------------------------------------------------------- */

static void nothing_is_told_unless_it_is_wanted(void **state)
{
	(void)state;
	far_connected(false);
	hear_nothing();
	want("udp");
	(void)far_connected(false);
	hear_nothing();
}

static void only_one_peer_can_be_wanted(void **state)
{
	struct addr only = addr_from_v4(0x0a000007);
	struct conv *c = talk_keep(talk_connected(talk_box, "udp", talk_at(0x0a000007, 53)));

	(void)state;
	stack_trace_want(box_stack(talk_box), 0, STACK_TRACE_PACKET | STACK_TRACE_STATE, &only);
	(void)far_connected(false);
	assert_int_equal(talk_write(talk_box, c, talk_bytes, 40), 40);
	talk_icmp_about(talk_box, 3, 1, talk_out(talk_box)); /* from a router, about it */
	hear("udp 1 > 10.0.0.7!53 length 40");
	hear("arp > who-has 10.0.0.7 tell 10.0.0.1");
	hear("arp < 10.0.0.7 is-at 02:00:0a:00:00:07");
	hear("icmp - < 10.0.0.2 to 10.0.0.1 host unreachable about udp 1 10.0.0.7!53");
	hear_nothing();
}

static void kinds_have_names(void **state)
{
	(void)state;
	assert_int_equal(stack_trace_kinds("tcp"), STACK_TRACE_TCP);
	assert_int_equal(stack_trace_kinds("tcpwin"), 0);
	assert_string_equal(stack_trace_name(0), "state");
	for (unsigned i = 0; stack_trace_name(i); i++)
		assert_int_not_equal(stack_trace_kinds(stack_trace_name(i)), 0);
}

static void who_reads_late_is_told_how_much_is_lost(void **state)
{
	struct conv *c = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53)));
	struct stack *s = box_stack(talk_box);
	struct stack_trace what;
	char words[256];
	struct text line = text_over(words, sizeof(words));

	(void)state;
	want("udp");
	assert_false(stack_trace_has(s, 0));
	for (unsigned i = 0; i < 1030; i++)
		assert_int_equal(talk_write(talk_box, c, talk_bytes, i), i);
	assert_true(stack_trace_has(s, 0));
	assert_true(stack_trace_next(s, 0, &line, &what));
	assert_int_equal(what.lost, 6);
	assert_int_equal(what.kinds, STACK_TRACE_PACKET | STACK_TRACE_UDP);
	assert_non_null(strstr(words, "length 6"));
	box_seen_all(talk_box);
}

static void each_reader_has_what_he_wants(void **state)
{
	struct addr other = addr_from_v4(0x0a000003);
	struct conv *c = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53)));
	struct stack *s = box_stack(talk_box);
	struct stack_trace what;
	char words[256];
	struct text line = text_over(words, sizeof(words));

	(void)state;
	stack_trace_want(s, 1, STACK_TRACE_UDP, NULL);
	assert_int_equal(talk_write(talk_box, c, talk_bytes, 5), 5);
	stack_trace_want(s, 0, STACK_TRACE_UDP, &other); /* and from now on */
	assert_int_equal(talk_write(talk_box, c, talk_bytes, 6), 6);
	hear_nothing();
	assert_true(stack_trace_next(s, 1, &line, &what));
	assert_string_equal(words, "udp 1 > 10.0.0.2!53 length 5");
	text_clear(&line);
	assert_true(stack_trace_next(s, 1, &line, &what));
	assert_string_equal(words, "udp 1 > 10.0.0.2!53 length 6");
	assert_false(stack_trace_next(s, 1, &line, &what));
	stack_trace_want(s, 1, 0, NULL);
	assert_int_equal(talk_write(talk_box, c, talk_bytes, 7), 7);
	assert_false(stack_trace_has(s, 1));
	box_seen_all(talk_box);
}

/* --- whose a frame is ---------------------------------------------------------------------------
 */

static const struct conv *whose(struct frame *f, bool is_in)
{
	uint8_t bytes[2000];
	size_t len = frame_build(f, bytes);

	return stack_frame_conv(box_stack(talk_box), bytes, len, is_in);
}

static void a_frame_is_a_conversations_or_a_listeners(void **state)
{
	struct conv *listener = talk_keep(talk_announced(talk_box, "tcp", talk_at(0, 80)));
	struct far p = far_calling(listener);
	struct frame f = from_peer(FRAME_TCP);

	(void)state;
	f.tcp.dst_port = 80;
	f.tcp.src_port = p.port;
	assert_ptr_equal(whose(&f, true), p.conv);
	f.tcp.src_port = 9;
	assert_ptr_equal(whose(&f, true), listener);
	f.tcp.dst_port = 81;
	assert_null(whose(&f, true));
	f.ip.src = TALK_US;
	f.ip.dst = TALK_PEER;
	f.tcp.src_port = 80;
	f.tcp.dst_port = p.port;
	assert_ptr_equal(whose(&f, false), p.conv);
	assert_null(whose(&f, true));
}

static void an_error_is_whose_packet_it_quotes(void **state)
{
	struct conv *c = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53)));
	const struct frame *sent;
	struct frame f = from_peer(FRAME_ICMP);

	(void)state;
	assert_int_equal(talk_write(talk_box, c, talk_bytes, 40), 40);
	sent = talk_out(talk_box);
	f.icmp.type = f.icmp.code = 3;
	f.data = sent->ip_at;
	f.data_len = 28;
	assert_ptr_equal(whose(&f, true), c);
	f.data_len = 22; /* cut before the second port */
	assert_null(whose(&f, true));
}

static void what_is_cut_or_no_packet_is_nobodys(void **state)
{
	struct conv *listener = talk_keep(talk_announced(talk_box, "tcp", talk_at(0, 80)));
	struct frame f = from_peer(FRAME_TCP);
	uint8_t bytes[2000];
	size_t len;

	(void)state;
	f.tcp.dst_port = 80;
	len = frame_build(&f, bytes);
	assert_ptr_equal(stack_frame_conv(box_stack(talk_box), bytes, len, true), listener);
	for (size_t cut = 0; cut < len; cut++)
		assert_null(stack_frame_conv(box_stack(talk_box), bytes, cut, true));
	bytes[20] |= 0x01; /* a later fragment has no ports */
	assert_null(stack_frame_conv(box_stack(talk_box), bytes, len, true));
}

#define TRACED(test) cmocka_unit_test_setup_teardown(test, talk_open, talk_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRACED(a_connection_is_told_from_its_first_numbers_on),
		TRACED(what_comes_again_or_ahead_is_marked),
		TRACED(a_retransmission_is_told_with_its_timeout),
		TRACED(windows_are_told_in_bytes),
		TRACED(a_segment_for_nobody_is_dropped_and_refused),
		TRACED(a_drop_is_its_segments),
		TRACED(an_ack_of_a_drop_does_not_take_it_over),
		TRACED(the_end_is_told_with_its_causes),
		TRACED(a_verb_is_a_cause),
		TRACED(a_failure_is_a_cause),
		TRACED(silence_is_a_cause),
		TRACED(a_user_who_has_waited_enough_is_a_cause),
		TRACED(icmp_is_a_cause),
		TRACED(a_neighbour_that_is_silent_is_a_cause),
		TRACED(the_last_holder_is_a_cause),
		TRACED(datagrams_and_their_ends_are_told),
		TRACED(a_call_of_udp_is_by_a_datagram),
		TRACED(an_error_is_told_with_whose_packet_it_quotes),
		TRACED(an_echo_is_its_conversations),
		TRACED(fragments_are_told_piece_by_piece),
		TRACED(what_ip_drops_is_told),
		TRACED(nothing_is_told_unless_it_is_wanted),
		TRACED(only_one_peer_can_be_wanted),
		TRACED(kinds_have_names),
		TRACED(who_reads_late_is_told_how_much_is_lost),
		TRACED(each_reader_has_what_he_wants),
		TRACED(a_frame_is_a_conversations_or_a_listeners),
		TRACED(an_error_is_whose_packet_it_quotes),
		TRACED(what_is_cut_or_no_packet_is_nobodys),
	};

	return cmocka_run_group_tests_name("trace_packets", tests, NULL, NULL);
}
