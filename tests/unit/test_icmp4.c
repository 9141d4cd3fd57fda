/*
 * ICMP: echo answered, errors told with measure, and errors heard with doubt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/ip/icmp4.h"
#include "../../stack/ip/route.h"
#include "../lib/rooms.h"

#define SEC         USEC_PER_SEC
#define FAR         0xc6336401u
#define GATEWAY     0x0a0000feu
#define GATEWAY_TWO 0x0a0000fdu

static struct rooms r;
static uint8_t data[65536];

static int open_rooms(void **state)
{
	(void)state;
	rooms_open(&r, 0);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 31 + i / 255);
	return 0;
}

static int close_rooms(void **state)
{
	(void)state;
	rooms_close(&r);
	return 0;
}

/* --- echo ----------------------------------------------------------------------------- */

static struct frame request(uint32_t len)
{
	struct frame f = rooms_ip(FRAME_ICMP);

	f.icmp.type = 8;
	f.icmp.rest = 0x12345678;
	f.data = data;
	f.data_len = len;
	return f;
}

static void an_echo_request_is_answered_with_its_own_data(void **state) /* C-01 */
{
	static const uint32_t lens[] = { 0, 1, 2, 7, 55, 56, 57, 1471, 1472 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		struct frame f = request(lens[i]);
		struct frame reply;

		f.lies.pad = lens[i] < 18 ? (int)(18 - lens[i]) : 0;
		rooms_input_frame(&r, 0, &f);
		reply = rooms_expect(&r);
		assert_int_equal(reply.icmp.type, 0);
		assert_int_equal(reply.icmp.code, 0);
		assert_int_equal(reply.icmp.rest, 0x12345678);
		assert_int_equal(reply.ip.src, ROOMS_IP);
		assert_int_equal(reply.ip.dst, ROOMS_PEER);
		assert_int_equal(reply.data_len, lens[i]);
		assert_memory_equal(reply.data, data, lens[i]);
	}
	assert_int_equal(rooms_count(&r, COUNT_icmp4_in), ARRAY_LEN(lens));
	assert_int_equal(rooms_count(&r, COUNT_icmp4_out), ARRAY_LEN(lens));
	assert_int_equal(rooms_count(&r, COUNT_icmp4_echo_answered), ARRAY_LEN(lens));
}

static void an_echo_of_any_length_goes_and_comes_in_fragments(void **state) /* C-01, I-11, I-19 */
{
	static uint8_t message[65515], back[65515];
	struct frame f = rooms_ip(FRAME_IP);
	uint32_t len = 0;
	struct frame part;

	(void)state;
	memset(message, 0, 8);
	message[0] = 8;
	memcpy(message + 8, data, sizeof(message) - 8);
	frame_put16(message + 2, frame_sum(message, sizeof(message), 0));
	for (uint32_t from = 0; from < sizeof(message); from += 1480) {
		f.ip.proto = IP_ICMP;
		f.ip.off = (uint16_t)from;
		f.ip.mf = from + 1480 < sizeof(message);
		f.data = message + from;
		f.data_len = f.ip.mf ? 1480 : sizeof(message) - from;
		rooms_input_frame(&r, 0, &f);
	}
	while (rooms_see(&r, &part)) {
		memcpy(back + part.ip.off, part.data, part.data_len);
		len += (uint32_t)part.data_len;
	}
	assert_int_equal(len, sizeof(message));
	assert_int_equal(back[0], 0);
	assert_int_equal(frame_sum(back, len, 0), 0);
	assert_memory_equal(back + 8, data, len - 8);
}

static void a_reply_keeps_the_service_but_not_the_marks(void **state) /* C-01 */
{
	struct frame f = request(10);

	(void)state;
	f.ip.tos = 0xb8 | 3;
	rooms_input_frame(&r, 0, &f);
	assert_int_equal(rooms_expect(&r).ip.tos, 0xb8);
}

static void a_ping_of_ourselves_is_answered_inside(void **state) /* C-01 */
{
	struct ip_send how = { .src = v4(ROOMS_IP), .dst = v4(0x7f000001), .protocol = IP_ICMP };
	struct pkt *p = rooms_packet(&r, 64, 64);
	uint8_t *at = pkt_data(p);

	(void)state;
	how.src = v4(0x7f000001);
	at[0] = 8;
	at[1] = 0;
	frame_put16(at + 2, 0);
	frame_put16(at + 2, frame_sum(at, 64, 0));
	assert_int_equal(ip_output(&r.stack, &how, p), 0);
	rooms_settle(&r);
	rooms_expect_silence(&r);
	assert_int_equal(r.told_n, 1);
	assert_int_equal(r.told[0].bytes[0], 0);
	assert_int_equal(frame_sum(r.told[0].bytes, 64, 0), 0);
}

static void a_sum_the_device_vouches_for_is_made_anew(void **state)
{
	struct frame f = request(100);
	size_t len = frame_build(&f, r.scratch);
	struct pkt *p = stack_pkt(&r.stack);

	(void)state;
	memcpy(pkt_append(p, (uint32_t)len), r.scratch, len);
	frame_put16(pkt_data(p) + 14 + 20 + 2, 0xdead); /* nobody filled it in */
	p->offload = PKT_CSUM_GOOD;
	stack_input(&r.stack, r.ifc[0], p, r.stack.now_us);
	assert_int_equal(rooms_expect(&r).icmp.type, 0);
}

static void a_request_to_everybody_is_never_answered(void **state) /* C-02 */
{
	struct frame f = request(10);

	(void)state;
	memset(f.eth_dst, 0xff, 6);
	f.ip.dst = 0x0a0000ff;
	rooms_input_frame(&r, 0, &f);
	f.ip.dst = 0xffffffff;
	rooms_input_frame(&r, 0, &f);
	assert_int_equal(rooms_count(&r, COUNT_icmp4_drop_broadcast), 2);
	rooms_expect_silence(&r);
}

static void a_wrong_sum_is_dropped(void **state) /* C-03 */
{
	struct frame f = request(10);

	(void)state;
	f.lies.sum_add = 1;
	rooms_input_frame(&r, 0, &f);
	assert_int_equal(rooms_count(&r, COUNT_icmp4_drop_checksum), 1);
	rooms_expect_silence(&r);
}

static void what_is_too_short_for_a_message_is_dropped(void **state) /* C-03 */
{
	(void)state;
	for (uint32_t len = 0; len < 8; len++) {
		struct frame f = rooms_ip(FRAME_IP);

		f.data = data;
		f.data_len = len;
		rooms_input_frame(&r, 0, &f);
	}
	assert_int_equal(rooms_count(&r, COUNT_icmp4_drop_short), 8);
	rooms_expect_silence(&r);
}

static void types_that_are_not_answered_are_dropped(void **state) /* C-03, C-12, C-13 */
{
	unsigned dropped = 0;

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		struct frame f = request(40);

		if (type == 0 || type == 3 || type == 5 || type == 8 || type == 11 || type == 12)
			continue;
		f.icmp.type = (uint8_t)type; /* 4: source quench, 13: timestamp, 17: mask */
		rooms_input_frame(&r, 0, &f);
		dropped++;
	}
	assert_int_equal(rooms_count(&r, COUNT_icmp4_drop_type), dropped);
	assert_int_equal(r.told_n, 0);
	rooms_expect_silence(&r);
}

static void an_echo_reply_is_handed_on_whole(void **state)
{
	struct frame f = request(40);

	(void)state;
	f.icmp.type = 0;
	rooms_input_frame(&r, 0, &f);
	assert_int_equal(r.told_n, 1);
	assert_int_equal(r.told[0].len, 48);
	assert_int_equal(r.told[0].bytes[0], 0);
}

/* --- errors out ----------------------------------------------------------------------- */

/* A packet of a protocol that nobody speaks. */
static struct frame unwanted(uint32_t len)
{
	struct frame f = rooms_ip(FRAME_IP);

	f.ip.proto = 200;
	f.ip.tos = 0xb8;
	f.data = data;
	f.data_len = len;
	return f;
}

static void an_error_quotes_the_header_and_as_much_as_fits(void **state) /* C-04 */
{
	static const uint32_t lens[] = { 0, 1, 8, 9, 500, 528, 529, 1480 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		struct frame f = unwanted(lens[i]);
		struct frame error;
		size_t len;

		rooms_input_frame(&r, 0, &f);
		len = frame_build(&f, r.scratch) - 14;
		error = rooms_expect(&r);
		assert_int_equal(error.icmp.type, 3);
		assert_int_equal(error.icmp.code, ICMP4_PROTOCOL_UNREACHABLE);
		assert_int_equal(error.icmp.rest, 0);
		assert_int_equal(error.ip.tos, 0xb8);
		assert_true(error.ip_len <= 576);
		assert_int_equal(error.data_len, len < 548 ? len : 548);
		assert_memory_equal(error.data, r.scratch + 14, error.data_len);
		rooms_run(&r, (i + 1) * SEC);
	}
}

static void an_error_quotes_options_too(void **state) /* C-04 */
{
	struct frame f = unwanted(100);
	struct frame error;

	(void)state;
	f.ip.options_len = 40;
	memset(f.ip.options, 1, 40);
	rooms_input_frame(&r, 0, &f);
	error = rooms_expect(&r);
	assert_int_equal(error.data_len, 160);
	assert_int_equal(error.data[0], 0x4f);
}

static void nothing_is_told_about_what_must_not_be_told_about(void **state) /* C-05 */
{
	struct frame f = unwanted(100);
	struct ip_info ip = {
		.src = v4(ROOMS_PEER), .dst = v4(ROOMS_IP), .protocol = IP_ICMP, .hdr_len = 20
	};

	(void)state;
	/* An ICMP error; an ICMP message that is none may be. */
	for (unsigned type = 0; type < 256; type++) {
		struct pkt *p = rooms_packet(&r, 60, 60);

		pkt_pull(p, 20);
		pkt_data(p)[0] = (uint8_t)type;
		r.stack.counters[COUNT_icmp4_errors_out] = 0;
		rooms_run(&r, (type + 1) * 10 * SEC);
		icmp4_unreachable(&r.stack, &ip, p, ICMP4_PORT_UNREACHABLE);
		pkt_free(&r.stack.pkts, p);
		assert_int_equal(rooms_count(&r, COUNT_icmp4_errors_out),
			!(type == 3 || type == 4 || type == 5 || type == 11 || type == 12));
	}
	rooms_forget(&r);
	/* For everybody, by address and by frame. */
	memset(f.eth_dst, 0xff, 6);
	f.ip.dst = 0x0a0000ff;
	rooms_input_frame(&r, 0, &f);
	f.ip.dst = 0xffffffff;
	rooms_input_frame(&r, 0, &f);
	f.ip.dst = ROOMS_IP;
	rooms_input_frame(&r, 0, &f);
	/* A later fragment. */
	f = unwanted(96);
	f.ip.off = 1480;
	rooms_input_frame(&r, 0, &f);
	/* From one that is no host. */
	f = unwanted(96);
	f.ip.src = 0;
	rooms_input_frame(&r, 0, &f);
	f.ip.src = 0xe0000005;
	rooms_input_frame(&r, 0, &f);
	f.ip.src = 0x0a0000ff;
	rooms_input_frame(&r, 0, &f);
	rooms_run(&r, 6000 * SEC);
	rooms_expect_silence(&r);
}

static void errors_to_one_destination_are_six_and_then_one_a_second(void **state) /* C-07 */
{
	(void)state;
	for (unsigned ms = 0; ms < 10000; ms++) {
		struct frame f = unwanted(10);

		rooms_run(&r, ms * 1000);
		rooms_input_frame(&r, 0, &f);
	}
	assert_int_equal(r.seen_n, 6 + 9);
	assert_int_equal(rooms_count(&r, COUNT_icmp4_errors_held_back), 10000 - 15);
}

static void errors_to_all_together_are_bounded_too(void **state) /* C-07 */
{
	(void)state;
	for (uint32_t n = 0; n < 20000; n++) {
		struct frame f = unwanted(10);

		rooms_run(&r, n * 50); /* 20,000 a second */
		f.ip.src = 0x0b000000 + n * 7;
		rooms_input_frame(&r, 0, &f);
	}
	assert_in_range(rooms_count(&r, COUNT_icmp4_errors_out), 300, 1100);
}

static void a_destination_s_allowance_comes_back(void **state) /* C-07 */
{
	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		struct frame f = unwanted(10);

		rooms_input_frame(&r, 0, &f);
	}
	rooms_forget(&r);
	rooms_run(&r, 100 * SEC);
	for (unsigned i = 0; i < 10; i++) {
		struct frame f = unwanted(10);

		rooms_input_frame(&r, 0, &f);
	}
	assert_int_equal(r.seen_n, 6);
}

static void without_memory_nothing_is_told(void **state)
{
	struct stack *s = &r.stack;
	struct frame f = unwanted(10);
	struct pkt *hoard = NULL;
	struct pkt *one;

	(void)state;
	while (s->pkts.pool.out < s->pkts.pool.cap - 1) {
		one = pkt_new(&s->pkts, 0, BUF_CONTROL);
		one->next = hoard;
		hoard = one;
	}
	rooms_input_frame(&r, 0, &f);
	assert_int_equal(rooms_count(&r, COUNT_icmp4_drop_no_memory), 1);
	assert_int_equal(r.seen_n, 0);
	while ((one = hoard)) {
		hoard = one->next;
		pkt_free(&s->pkts, one);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_echo_request_is_answered_with_its_own_data),
		T(an_echo_of_any_length_goes_and_comes_in_fragments),
		T(a_reply_keeps_the_service_but_not_the_marks),
		T(a_ping_of_ourselves_is_answered_inside),
		T(a_sum_the_device_vouches_for_is_made_anew),
		T(a_request_to_everybody_is_never_answered),
		T(a_wrong_sum_is_dropped),
		T(what_is_too_short_for_a_message_is_dropped),
		T(types_that_are_not_answered_are_dropped),
		T(an_echo_reply_is_handed_on_whole),
		T(an_error_quotes_the_header_and_as_much_as_fits),
		T(an_error_quotes_options_too),
		T(nothing_is_told_about_what_must_not_be_told_about),
		T(errors_to_one_destination_are_six_and_then_one_a_second),
		T(errors_to_all_together_are_bounded_too),
		T(a_destination_s_allowance_comes_back),
		T(without_memory_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
