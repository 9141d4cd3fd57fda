/*
 * Echo as conversations: a write is a request, a read is a reply.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/talk.h"
#include "../lib/told.h"

#define ECHO_HDR_LEN 8

static struct conv *pinging(void)
{
	return talk_keep(talk_connected(talk_box, "icmp", talk_at(TALK_PEER, 1)));
}

/* Write an echo request with this sequence number, its checksum and id left open; how many bytes
 * of DATA went out in it, or -errno. */
static ssize_t ask(struct conv *c, uint16_t seq, const void *data, size_t len)
{
	static uint8_t message[65536];
	ssize_t n;

	memset(message, 0, ECHO_HDR_LEN);
	message[0] = 8;
	message[6] = (uint8_t)(seq >> 8);
	message[7] = (uint8_t)seq;
	memcpy(message + ECHO_HDR_LEN, data, len);
	n = talk_write(talk_box, c, message, ECHO_HDR_LEN + len);
	return n < 0 ? n : n - ECHO_HDR_LEN;
}

/* The peer answers the request SENT, with another id when ID_ADD is not 0. */
static void reply_to(const struct frame *sent, uint16_t id_add)
{
	static uint8_t data[65507];
	struct frame f;

	memcpy(data, sent->data, sent->data_len);
	frame_init(&f, FRAME_ICMP);
	f.ip.src = sent->ip.dst;
	f.ip.dst = sent->ip.src;
	f.icmp.type = 0;
	f.icmp.rest = sent->icmp.rest + ((uint32_t)id_add << 16);
	f.data = data;
	f.data_len = sent->data_len;
	talk_frame_in(talk_box, &f);
}

static void a_write_is_one_request(void **state)
{
	struct conv *c = pinging();
	const struct frame *f;

	(void)state;
	assert_int_equal(ask(c, 1, "hello", 5), 5);
	f = talk_out(talk_box);
	assert_non_null(f);
	assert_int_equal(f->kind, FRAME_ICMP);
	assert_int_equal(f->icmp.type, 8);
	assert_int_equal(f->icmp.rest >> 16, conv_local(c)->port);
	assert_int_equal(f->icmp.rest & 0xffff, 1);
	assert_memory_equal(f->data, "hello", 5);
}

static void a_request_keeps_its_sequence_number(void **state)
{
	struct conv *c = pinging();

	(void)state;
	for (uint16_t i = 7; i <= 9; i++) {
		assert_int_equal(ask(c, i, "x", 1), 1);
		assert_int_equal(talk_out(talk_box)->icmp.rest & 0xffff, i);
	}
}

static void what_is_no_echo_request_is_refused(void **state)
{
	static const uint8_t reply[ECHO_HDR_LEN] = { 0 };
	static const uint8_t code[ECHO_HDR_LEN] = { 8, 1 };
	static const uint8_t request[ECHO_HDR_LEN] = { 8 };
	struct conv *c = pinging();

	(void)state;
	assert_int_equal(talk_write(talk_box, c, reply, sizeof(reply)), -EINVAL);
	assert_int_equal(talk_write(talk_box, c, code, sizeof(code)), -EINVAL);
	assert_int_equal(talk_write(talk_box, c, request, sizeof(request) - 1), -EINVAL);
	assert_int_equal(talk_write(talk_box, c, request, sizeof(request)), sizeof(request));
}

static void a_read_is_one_reply_with_its_header(void **state)
{
	struct conv *c = pinging();
	uint8_t got[100];

	(void)state;
	assert_int_equal(ask(c, 1, "hello", 5), 5);
	reply_to(talk_out(talk_box), 0);
	assert_int_equal(talk_read(c, got, sizeof(got)), 13);
	assert_int_equal(got[0], 0);
	assert_int_equal(frame_get16(got + 4), conv_local(c)->port);
	assert_int_equal(frame_get16(got + 6), 1);
	assert_memory_equal(got + 8, "hello", 5);
	assert_int_equal(talk_read(c, got, sizeof(got)), -EAGAIN);
}

static void replies_that_find_no_room_are_dropped_and_counted(void **state)
{
	struct conv *c = pinging();
	uint32_t read = 0;

	(void)state;
	assert_int_equal(conv_set_rcvbuf(c, 4096), 0);
	for (uint16_t i = 0; i < 100; i++) {
		assert_int_equal(ask(c, i, talk_bytes, 500), 500);
		reply_to(talk_out(talk_box), 0);
	}
	while (talk_read(c, talk_bytes, sizeof(talk_bytes)) > 0)
		read++;
	assert_in_range(read, 1, 8);
	assert_int_equal(box_count(talk_box, "ping_in"), read);
	assert_int_equal(box_count(talk_box, "ping_drop_full"), 100 - read);
}

static void a_reply_to_another_id_is_nobodys(void **state)
{
	struct conv *c = pinging();

	(void)state;
	assert_int_equal(ask(c, 1, "hello", 5), 5);
	reply_to(talk_out(talk_box), 1);
	assert_int_equal(talk_read(c, talk_bytes, 100), -EAGAIN);
	assert_int_equal(box_count(talk_box, "ping_drop_no_conv"), 1);
}

static void two_conversations_have_ids_of_their_own(void **state)
{
	struct conv *a = pinging(), *b = pinging();

	(void)state;
	assert_int_not_equal(conv_local(a)->port, conv_local(b)->port);
	assert_int_equal(ask(b, 1, "b", 1), 1);
	reply_to(talk_out(talk_box), 0);
	assert_int_equal(talk_read(a, talk_bytes, 100), -EAGAIN);
	assert_int_equal(talk_read(b, talk_bytes, 100), 9);
}

static void a_host_that_cannot_be_reached_is_told_once(void **state)
{
	struct conv *c = pinging();
	struct frame sent;

	(void)state;
	assert_int_equal(ask(c, 1, "x", 1), 1);
	sent = *talk_out(talk_box);
	talk_icmp_about(talk_box, 3, 1, &sent);
	assert_int_equal(talk_read(c, talk_bytes, 100), -EHOSTUNREACH);
	assert_int_equal(talk_read(c, talk_bytes, 100), -EAGAIN);
}

static void a_neighbour_that_does_not_answer_is_told(void **state)
{
	struct conv *c = pinging();

	(void)state;
	box_silence(talk_box, TALK_PEER);
	assert_int_equal(ask(c, 1, "x", 1), 1);
	box_run_through(talk_box, box_now(talk_box) + 10 * USEC_PER_SEC);
	assert_int_equal(talk_read(c, talk_bytes, 100), -EHOSTUNREACH);
}

static void our_own_address_answers(void **state)
{
	struct conv *c = talk_keep(talk_connected(talk_box, "icmp", talk_at(TALK_US, 0)));

	(void)state;
	assert_int_equal(ask(c, 1, "self", 4), 4);
	assert_int_equal(talk_read(c, talk_bytes, 100), 12);
	assert_memory_equal(talk_bytes + 8, "self", 4);
}

static void a_long_request_is_answered_whole(void **state)
{
	struct conv *c = talk_keep(talk_connected(talk_box, "icmp", talk_at(0x7f000001, 0)));
	static uint8_t got[65535];

	(void)state;
	assert_int_equal(ask(c, 1, talk_bytes, 65499), 65499);
	assert_int_equal(talk_read(c, got, sizeof(got)), 65507);
	assert_memory_equal(got + 8, talk_bytes, 65499);
	assert_int_equal(ask(c, 1, talk_bytes, 65500), -EMSGSIZE);
}

static void everybody_is_not_pinged(void **state)
{
	struct conv *c = talk_keep(talk_new(talk_box, "icmp"));
	const struct endpoint all = talk_at(0x0a0000ff, 0), group = talk_at(0xe0000001, 0);

	(void)state;
	assert_int_equal(conv_connect(c, NULL, &all), -EINVAL);
	assert_int_equal(conv_connect(c, NULL, &group), -EINVAL);
}

static void it_takes_no_calls(void **state)
{
	struct conv *c = talk_keep(talk_new(talk_box, "icmp"));
	const struct endpoint any = talk_at(0, 0);

	(void)state;
	assert_int_equal(conv_announce(c, &any), -EOPNOTSUPP);
}

static void hangup_ends_it(void **state)
{
	struct conv *c = pinging();

	(void)state;
	conv_hangup(c);
	assert_int_equal(talk_read(c, talk_bytes, 100), 0);
	assert_int_equal(ask(c, 1, "x", 1), -EPIPE);
	assert_string_equal(conv_state_name(c), "Closed");
}

static void it_tells_the_time_an_answer_took(void **state)
{
	static struct told told;
	struct conv *c = pinging();
	struct frame sent;

	(void)state;
	assert_int_equal(ask(c, 1, "x", 1), 1);
	sent = *talk_out(talk_box);
	box_run_through(talk_box, box_now(talk_box) + 250);
	reply_to(&sent, 0);
	told_init(&told);
	conv_describe(c, &told.describer);
	assert_int_equal(told_find(&told, "rtt_us")->number, 250);
	assert_int_equal(told_find(&told, "requests_out")->number, 1);
	assert_int_equal(told_find(&told, "replies_in")->number, 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, talk_open, talk_close)
	const struct CMUnitTest tests[] = {
		TEST(a_write_is_one_request),
		TEST(a_request_keeps_its_sequence_number),
		TEST(what_is_no_echo_request_is_refused),
		TEST(a_read_is_one_reply_with_its_header),
		TEST(replies_that_find_no_room_are_dropped_and_counted),
		TEST(a_reply_to_another_id_is_nobodys),
		TEST(two_conversations_have_ids_of_their_own),
		TEST(a_host_that_cannot_be_reached_is_told_once),
		TEST(a_neighbour_that_does_not_answer_is_told),
		TEST(our_own_address_answers),
		TEST(a_long_request_is_answered_whole),
		TEST(everybody_is_not_pinged),
		TEST(it_takes_no_calls),
		TEST(hangup_ends_it),
		TEST(it_tells_the_time_an_answer_took),
	};

	return cmocka_run_group_tests_name("ping", tests, NULL, NULL);
}
