/*
 * How each kind of event reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/ip/arp_msg.h"
#include "../../stack/ip/icmp4_msg.h"
#include "../../stack/ip/ip.h"
#include "../../stack/tcp/seg.h"
#include "../../stack/trace_words.h"

static void assert_words(const struct trace_event *e, const char *want)
{
	char words[256];
	struct text line = text_over(words, sizeof(words));

	trace_words(e, &line);
	assert_string_equal(words, want);
}

static struct endpoint at(uint32_t ip, uint16_t port)
{
	return (struct endpoint){ .addr = addr_from_v4(ip), .port = port };
}

/* Between 10.0.0.1!1234, which is ours, and 10.0.0.2!80. */
static struct trace_event event(enum trace_kind kind, uint8_t protocol, uint64_t conv)
{
	return (struct trace_event){ .at_us = 12345678,
		.conv = conv,
		.local = at(0x0a000001, 1234),
		.peer = at(0x0a000002, 80),
		.kind = (uint8_t)kind,
		.protocol = protocol };
}

/* --- segments -------------------------------------------------------------------------- */

static void a_syn_says_what_it_offers(void **state)
{
	struct trace_event e = event(TRACE_SEGMENT, IP_TCP, 7);

	(void)state;
	e.seg = (struct trace_seg){ .window = 65535,
		.flags = SEG_SYN,
		.mss = 1460,
		.wscale = 7,
		.ts_val = 5,
		.marks = MARK_SACK,
		.options = SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_TIMESTAMP };
	assert_words(&e,
		"tcp 7 > 10.0.0.2!80 S seq 0 win 65535 mss 1460 ws 7 sack "
		"ts 5 ecr 0");
}

static void data_say_from_where_to_where(void **state)
{
	struct trace_event e = event(TRACE_SEGMENT, IP_TCP, 7);

	(void)state;
	e.is_in = true;
	e.seg = (struct trace_seg){
		.seq = 1, .ack = 18, .window = 65536, .len = 1448, .flags = SEG_ACK | SEG_PSH
	};
	assert_words(&e, "tcp 7 < 10.0.0.2!80 P. seq 1:1449 ack 18 win 65536 length 1448");
}

static void an_ack_alone_is_short(void **state)
{
	struct trace_event e = event(TRACE_SEGMENT, IP_TCP, 7);

	(void)state;
	e.seg = (struct trace_seg){ .seq = 18, .ack = 1449, .window = 64000, .flags = SEG_ACK };
	assert_words(&e, "tcp 7 > 10.0.0.2!80 . ack 1449 win 64000");
}

static void what_is_not_in_its_place_says_where_it_is(void **state)
{
	struct trace_event e = event(TRACE_SEGMENT, IP_TCP, 7);

	(void)state;
	e.seg = (struct trace_seg){
		.seq = 17, .ack = 1, .window = 100, .flags = SEG_ACK, .marks = MARK_SEQ
	};
	assert_words(&e, "tcp 7 > 10.0.0.2!80 . seq 17 ack 1 win 100");
	e.seg.marks = MARK_SEQ | MARK_AGAIN;
	e.seg.len = 3;
	assert_words(&e, "tcp 7 > 10.0.0.2!80 . seq 17:20 ack 1 win 100 length 3 again");
	e.seg.marks = MARK_SEQ | MARK_AHEAD;
	assert_words(&e, "tcp 7 > 10.0.0.2!80 . seq 17:20 ack 1 win 100 length 3 ahead");
}

static void flags_are_those_of_tcpdump(void **state)
{
	struct trace_event e = event(TRACE_SEGMENT, IP_TCP, 7);

	(void)state;
	e.seg.flags = SEG_FIN | SEG_ACK;
	assert_words(&e, "tcp 7 > 10.0.0.2!80 F. seq 0 ack 0 win 0");
	e.seg.flags = SEG_RST;
	assert_words(&e, "tcp 7 > 10.0.0.2!80 R seq 0 win 0");
	e.seg.flags = SEG_SYN | SEG_ECE | SEG_CWR;
	assert_words(&e, "tcp 7 > 10.0.0.2!80 SEW seq 0 win 0");
	e.seg.flags = 0;
	assert_words(&e, "tcp 7 > 10.0.0.2!80 none win 0");
}

static void a_segment_of_no_conversation_shows_both_ends(void **state)
{
	struct trace_event e = event(TRACE_SEGMENT, IP_TCP, 0);

	(void)state;
	e.is_in = true;
	e.seg = (struct trace_seg){ .seq = 4000000000, .window = 10, .flags = SEG_SYN };
	assert_words(&e, "tcp - < 10.0.0.2!80 to 10.0.0.1!1234 S seq 4000000000 win 10");
	e.is_in = false;
	e.seg = (struct trace_seg){ .ack = 4000000001, .flags = SEG_RST | SEG_ACK };
	assert_words(&e, "tcp - > 10.0.0.2!80 from 10.0.0.1!1234 R. seq 0 ack 4000000001 win 0");
}

/* --- datagrams, messages, fragments ------------------------------------------------------ */

static void a_datagram_says_how_long_it_is(void **state)
{
	struct trace_event e = event(TRACE_DATAGRAM, IP_UDP, 9);

	(void)state;
	e.len = 40;
	assert_words(&e, "udp 9 > 10.0.0.2!80 length 40");
	e.each = 16;
	assert_words(&e, "udp 9 > 10.0.0.2!80 length 40, 16 each");
}

static void an_echo_says_which(void **state)
{
	struct trace_event e = event(TRACE_ICMP, IP_ICMP, 4);

	(void)state;
	e.icmp = (struct trace_icmp){ .type = ICMP4_TYPE_ECHO, .id = 77, .seq = 2, .len = 64 };
	assert_words(&e, "icmp 4 > 10.0.0.2 echo request id 77 seq 2 length 64");
	e.is_in = true;
	e.icmp.type = ICMP4_TYPE_ECHO_REPLY;
	assert_words(&e, "icmp 4 < 10.0.0.2 echo reply id 77 seq 2 length 64");
}

static void an_error_says_what_it_is_about(void **state)
{
	struct trace_event e = event(TRACE_ICMP, IP_ICMP, 0);

	(void)state;
	e.is_in = true;
	e.icmp = (struct trace_icmp){ .type = ICMP4_UNREACHABLE,
		.code = 3,
		.about = 9,
		.quoted_protocol = IP_UDP,
		.quoted_peer = at(0x0a000009, 53) };
	assert_words(&e,
		"icmp - < 10.0.0.2 to 10.0.0.1 port unreachable about udp 9 "
		"10.0.0.9!53");
	e.icmp.code = 4;
	e.icmp.rest = 1400;
	e.icmp.about = 0;
	assert_words(&e,
		"icmp - < 10.0.0.2 to 10.0.0.1 needs to be cut, mtu 1400 about "
		"udp - 10.0.0.9!53");
}

static void other_messages_are_named(void **state)
{
	struct trace_event e = event(TRACE_ICMP, IP_ICMP, 0);

	(void)state;
	e.icmp = (struct trace_icmp){ .type = ICMP4_REDIRECT, .rest = 0x0a000003 };
	assert_words(&e, "icmp - > 10.0.0.2 from 10.0.0.1 redirect to 10.0.0.3");
	e.icmp = (struct trace_icmp){ .type = ICMP4_TIME_EXCEEDED, .code = 1 };
	assert_words(&e, "icmp - > 10.0.0.2 from 10.0.0.1 reassembly time exceeded");
	e.icmp = (struct trace_icmp){ .type = 13, .code = 0, .len = 20 };
	assert_words(&e, "icmp - > 10.0.0.2 from 10.0.0.1 type 13 code 0 length 20");
	e.icmp = (struct trace_icmp){ .type = ICMP4_UNREACHABLE, .code = 99 };
	assert_words(&e, "icmp - > 10.0.0.2 from 10.0.0.1 unreachable, code 99");
}

static void arp_reads_as_tcpdump_has_it(void **state)
{
	struct trace_event e = event(TRACE_ARP, 0, 0);

	(void)state;
	e.arp = (struct trace_arp){ .sender = addr_from_v4(0x0a000001),
		.target = addr_from_v4(0x0a000002),
		.op = ARP_REQUEST,
		.mac = { 2, 0, 10, 0, 0, 1 } };
	assert_words(&e, "arp > who-has 10.0.0.2 tell 10.0.0.1");
	e.arp.op = ARP_REPLY;
	assert_words(&e, "arp > 10.0.0.1 is-at 02:00:0a:00:00:01");
	e.arp.op = ARP_REQUEST;
	e.arp.target = e.arp.sender;
	assert_words(&e, "arp > 10.0.0.1 is-at 02:00:0a:00:00:01, announced");
	e.arp.sender = addr_from_v4(0);
	assert_words(&e, "arp > who-has 10.0.0.1, probed");
	e.arp.op = 9;
	e.is_in = true;
	assert_words(&e, "arp < operation 9");
}

static void a_fragment_says_which_part_it_is(void **state)
{
	struct trace_event e = event(TRACE_FRAGMENT, IP_UDP, 0);

	(void)state;
	e.is_in = true;
	e.fragment = (struct trace_fragment){ .off = 1480, .len = 1480, .id = 4660, .more = true };
	assert_words(&e, "ip < 10.0.0.2 udp fragment 1480:2960 more id 4660");
}

static void a_packet_nobody_speaks_says_its_protocol(void **state)
{
	struct trace_event e = event(TRACE_PACKET, 47, 0);

	(void)state;
	e.is_in = true;
	e.len = 20;
	assert_words(&e, "ip < 10.0.0.2 protocol 47 length 20");
	e.protocol = IP_TCP;
	assert_words(&e, "ip < 10.0.0.2 tcp, cut short length 20");
}

/* --- what becomes of it ------------------------------------------------------------------ */

static void a_drop_says_whose_and_why(void **state)
{
	struct trace_event e = event(TRACE_DROP, IP_TCP, 7);

	(void)state;
	e.is_in = true;
	e.why = COUNT_tcp_drop_paws;
	assert_words(&e, "tcp 7 < 10.0.0.2!80 dropped: tcp_drop_paws");
	e.conv = 0;
	assert_words(&e, "tcp - < 10.0.0.2!80 to 10.0.0.1!1234 dropped: tcp_drop_paws");
	e.peer = (struct endpoint){ .port = 0 };
	e.why = COUNT_arp_drop_short;
	assert_words(&e, "arp dropped: arp_drop_short");
}

static void a_change_of_state_names_both_and_the_cause(void **state)
{
	struct trace_event e = event(TRACE_STATE, IP_TCP, 7);

	(void)state;
	e.state = (struct trace_state){ .from = "Syn_sent",
		.to = "Established",
		.because = { CAUSE_SEGMENT, SEG_SYN | SEG_ACK } };
	assert_words(&e, "tcp 7 10.0.0.2!80 Syn_sent to Established by segment S.");
	e.state.because = (struct trace_because){ CAUSE_CALL, CALL_RELEASE };
	assert_words(&e, "tcp 7 10.0.0.2!80 Syn_sent to Established by its last holder");
	e.state.because = (struct trace_because){ CAUSE_TIMER, TIMER_RETRANSMIT };
	assert_words(&e, "tcp 7 10.0.0.2!80 Syn_sent to Established by timer retransmit");
	e.state.because = (struct trace_because){ CAUSE_ICMP, ECONNREFUSED };
	assert_words(&e,
		"tcp 7 10.0.0.2!80 Syn_sent to Established by icmp: connection "
		"refused by the peer");
	e.state.because = (struct trace_because){ CAUSE_ERROR, EIO };
	assert_words(&e,
		"tcp 7 10.0.0.2!80 Syn_sent to Established by error: the device "
		"is gone");
}

static void a_listener_has_its_own_end(void **state)
{
	struct trace_event e = event(TRACE_STATE, IP_TCP, 3);

	(void)state;
	e.local.addr = addr_any;
	e.peer = (struct endpoint){ .port = 0 };
	e.state = (struct trace_state){
		.from = "Closed", .to = "Listen", .because = { CAUSE_CALL, CALL_ANNOUNCE }
	};
	assert_words(&e, "tcp 3 ::!1234 Closed to Listen by announce");
}

static void a_datagram_is_a_cause(void **state)
{
	struct trace_event e = event(TRACE_STATE, IP_UDP, 5);

	(void)state;
	e.state = (struct trace_state){
		.from = "Closed", .to = "Connected", .because = { CAUSE_DATAGRAM, 0 }
	};
	assert_words(&e, "udp 5 10.0.0.2!80 Closed to Connected by a datagram");
}

static void loss_says_what_was_decided(void **state)
{
	struct trace_event e = event(TRACE_TIMEOUT, IP_TCP, 1);

	(void)state;
	e.loss[0] = 2;
	e.loss[1] = 800;
	assert_words(&e, "tcp 1 10.0.0.2!80 timeout, 2 in a row, RTO 800 ms");
	e.kind = TRACE_RECOVER;
	e.loss[0] = 7240;
	e.loss[1] = 14480;
	assert_words(&e,
		"tcp 1 10.0.0.2!80 fast retransmit, 7240 bytes in flight, cwnd "
		"14480");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_syn_says_what_it_offers),
		cmocka_unit_test(data_say_from_where_to_where),
		cmocka_unit_test(an_ack_alone_is_short),
		cmocka_unit_test(what_is_not_in_its_place_says_where_it_is),
		cmocka_unit_test(flags_are_those_of_tcpdump),
		cmocka_unit_test(a_segment_of_no_conversation_shows_both_ends),
		cmocka_unit_test(a_datagram_says_how_long_it_is),
		cmocka_unit_test(an_echo_says_which),
		cmocka_unit_test(an_error_says_what_it_is_about),
		cmocka_unit_test(other_messages_are_named),
		cmocka_unit_test(arp_reads_as_tcpdump_has_it),
		cmocka_unit_test(a_fragment_says_which_part_it_is),
		cmocka_unit_test(a_packet_nobody_speaks_says_its_protocol),
		cmocka_unit_test(a_drop_says_whose_and_why),
		cmocka_unit_test(a_change_of_state_names_both_and_the_cause),
		cmocka_unit_test(a_listener_has_its_own_end),
		cmocka_unit_test(a_datagram_is_a_cause),
		cmocka_unit_test(loss_says_what_was_decided),
	};

	return cmocka_run_group_tests_name("trace_words", tests, NULL, NULL);
}
