/*
 * ICMP errors that come in: whose they are, what they say, and which are not believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/ip/route.h"
#include "../lib/rooms.h"

#define SEC         USEC_PER_SEC
#define FAR         0xc6336401u
#define GATEWAY     0x0a0000feu
#define GATEWAY_TWO 0x0a0000fdu

static struct rooms r;

static int open_rooms(void **state)
{
	struct addr any = v4(0), gateway = v4(GATEWAY);
	uint8_t mac[6];

	(void)state;
	rooms_open(&r, 0);
	assert_int_equal(net_route_add(&r.stack, &any, 96, &gateway, NULL), 0);
	for (uint32_t ip = GATEWAY_TWO; ip <= GATEWAY; ip++) {
		struct addr a = v4(ip);

		rooms_station(ip, mac);
		assert_int_equal(net_neigh_add(&r.stack, r.ifc[0], &a, mac), 0);
	}
	return 0;
}

static int close_rooms(void **state)
{
	(void)state;
	rooms_close(&r);
	return 0;
}

/* What is quoted: a UDP datagram of LEN bytes in all from us to DST, DF set. */
static struct frame ours(uint32_t dst, int len)
{
	struct frame f = rooms_ip(FRAME_UDP);
	static uint8_t payload[2000];

	f.ip.src = ROOMS_IP;
	f.ip.dst = dst;
	f.ip.df = true;
	f.data = payload;
	f.data_len = (size_t)(len - 28);
	return f;
}

/* From FROM: an error that quotes QUOTE bytes of F. */
static void error_about(const struct frame *f, size_t quote, uint32_t from, uint8_t type,
	uint8_t code, uint32_t rest)
{
	static uint8_t quoted[2100];
	size_t len = frame_build(f, quoted) - 14;
	struct frame error = rooms_ip(FRAME_ICMP);

	error.ip.src = from;
	error.icmp.type = type;
	error.icmp.code = code;
	error.icmp.rest = rest;
	error.data = quoted + 14;
	error.data_len = quote < len ? quote : len;
	rooms_input_frame(&r, 0, &error);
}

static const struct told_packet *told(void)
{
	assert_int_equal(r.told_n, 1);
	assert_true(r.told[0].is_advice);
	return &r.told[0];
}

static void an_error_reaches_the_protocol_that_sent_the_packet(void **state) /* C-08 */
{
	struct frame f = ours(ROOMS_PEER, 100);
	const struct told_packet *t;

	(void)state;
	error_about(&f, 28, ROOMS_PEER, 3, 3, 0);
	t = told();
	assert_int_equal(t->proto, IP_UDP);
	assert_int_equal(addr_v4(&t->ip.src), ROOMS_IP);
	assert_int_equal(addr_v4(&t->ip.dst), ROOMS_PEER);
	assert_int_equal(t->len, 8);
	assert_int_equal(frame_get16(t->bytes), 4000);
	assert_int_equal(frame_get16(t->bytes + 2), 5000);
	assert_int_equal(rooms_count(&r, COUNT_icmp4_errors_in), 1);
}

static void each_code_says_what_it_says(void **state) /* C-08, C-09, C-10 */
{
	static const struct {
		uint8_t type, code;
		int error;
		bool is_hard;
	} wanted[] = {
		{ 3, 0, -ENETUNREACH, false },
		{ 3, 1, -EHOSTUNREACH, false },
		{ 3, 2, -ENOPROTOOPT, true },
		{ 3, 3, -ECONNREFUSED, true },
		{ 3, 5, -ENETUNREACH, false },
		{ 3, 6, -ENETUNREACH, false },
		{ 3, 7, -EHOSTUNREACH, false },
		{ 3, 9, -ENETUNREACH, true },
		{ 3, 10, -EHOSTUNREACH, true },
		{ 3, 11, -ENETUNREACH, false },
		{ 3, 12, -EHOSTUNREACH, false },
		{ 3, 13, -EHOSTUNREACH, true },
		{ 3, 255, -EHOSTUNREACH, false },
		{ 11, 0, -EHOSTUNREACH, false },
		{ 11, 1, -EHOSTUNREACH, false },
		{ 12, 0, -EPROTO, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		struct frame f = ours(FAR, 100);

		error_about(&f, 28, 0x08080808, wanted[i].type, wanted[i].code, 0);
		assert_int_equal(told()->advice.error, wanted[i].error);
		assert_int_equal(told()->advice.is_hard, wanted[i].is_hard);
		rooms_forget(&r);
	}
}

static void a_quote_that_is_not_ours_is_dropped(void **state) /* C-08 */
{
	struct frame f = ours(ROOMS_PEER, 100);
	unsigned dropped = 0;

	(void)state;
	for (size_t quote = 0; quote < 28; quote++, dropped++)
		error_about(&f, quote, ROOMS_PEER, 3, 3, 0);
	f.ip.src = 0x0a000002;
	error_about(&f, 28, ROOMS_PEER, 3, 3, 0);
	f.ip.src = ROOMS_IP_TWO; /* ours, but it is not what the error came to */
	error_about(&f, 28, ROOMS_PEER, 3, 3, 0);
	f = ours(ROOMS_PEER, 100);
	f.ip.off = 1480; /* there is no transport header behind it */
	error_about(&f, 28, ROOMS_PEER, 3, 3, 0);
	f = ours(ROOMS_PEER, 100);
	f.lies.ip_version = 6;
	error_about(&f, 28, ROOMS_PEER, 3, 3, 0);
	f = ours(ROOMS_PEER, 100);
	f.lies.ip_hdr_words = 4;
	error_about(&f, 28, ROOMS_PEER, 3, 3, 0);
	assert_int_equal(r.told_n, 0);
	assert_int_equal(rooms_count(&r, COUNT_icmp4_drop_quote), dropped + 5);
}

static void source_quench_is_not_heard(void **state) /* C-12 */
{
	struct frame f = ours(ROOMS_PEER, 100);

	(void)state;
	error_about(&f, 28, ROOMS_PEER, 4, 0, 0);
	assert_int_equal(r.told_n, 0);
	assert_int_equal(rooms_count(&r, COUNT_icmp4_drop_type), 1);
}

static void a_next_hop_s_mtu_is_advice(void **state) /* C-15 */
{
	struct frame f = ours(FAR, 1500);

	(void)state;
	error_about(&f, 28, GATEWAY, 3, 4, 1300);
	assert_int_equal(told()->advice.error, -EMSGSIZE);
	assert_int_equal(told()->advice.mtu, 1300);
	assert_false(told()->advice.is_hard);
}

static void a_router_that_does_not_say_its_mtu_gets_the_next_plateau(void **state) /* C-16 */
{
	static const struct {
		int sent;
		uint32_t mtu;
	} wanted[] = { { 1500, 1492 }, { 1492, 1006 }, { 1493, 1492 }, { 1006, 508 }, { 576, 508 },
		{ 300, 296 }, { 296, 68 }, { 69, 68 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		struct frame f = ours(FAR, wanted[i].sent);

		error_about(&f, 28, GATEWAY, 3, 4, 0);
		assert_int_equal(told()->advice.mtu, wanted[i].mtu);
		rooms_forget(&r);
	}
}

static void an_mtu_that_cannot_be_is_not_believed(void **state) /* C-17 */
{
	static const uint32_t mtus[] = { 1, 67, 1500, 1501, 9000, 65535 };
	struct frame f = ours(FAR, 1500);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mtus); i++)
		error_about(&f, 28, GATEWAY, 3, 4, mtus[i]);
	f.ip.df = false; /* it could have been cut */
	error_about(&f, 28, GATEWAY, 3, 4, 1300);
	f = ours(FAR, 68); /* nothing is below that */
	error_about(&f, 28, GATEWAY, 3, 4, 0);
	assert_int_equal(r.told_n, 0);
	assert_int_equal(rooms_count(&r, COUNT_icmp4_drop_mtu), ARRAY_LEN(mtus) + 2);
}

static void an_error_about_what_stayed_inside_is_heard_inside(void **state) /* C-08 */
{
	struct ip_send how = { .src = v4(ROOMS_IP), .dst = v4(ROOMS_IP), .protocol = 200 };

	(void)state;
	assert_int_equal(ip_output(&r.stack, &how, rooms_packet(&r, 30, 30)), 0);
	rooms_settle(&r);
	rooms_expect_silence(&r);
	assert_int_equal(rooms_count(&r, COUNT_icmp4_errors_in), 1);
}

/* --- redirects ------------------------------------------------------------------------ */

/* The station that a packet to DST goes to, as the last 4 bytes of its MAC. */
static uint32_t station_for(uint32_t dst)
{
	struct ip_send how = { .src = v4(ROOMS_IP), .dst = v4(dst), .protocol = IP_UDP };

	rooms_forget(&r);
	assert_int_equal(rooms_send(&r, &how, 1), 0);
	return frame_get32(rooms_expect(&r).eth_dst + 2);
}

static void a_redirect_from_the_gateway_is_obeyed(void **state) /* I-22 */
{
	(void)state;
	for (uint8_t code = 0; code < 4; code++) {
		struct frame f = ours(FAR + code, 100);

		assert_int_equal(station_for(FAR + code), GATEWAY);
		error_about(&f, 28, GATEWAY, 5, code, GATEWAY_TWO);
		assert_int_equal(station_for(FAR + code), GATEWAY_TWO);
	}
	assert_int_equal(station_for(FAR + 9), GATEWAY);
	assert_int_equal(rooms_count(&r, COUNT_icmp4_redirects_in), 4);
}

static void forged_redirects_are_not_obeyed(void **state) /* I-22 */
{
	static const struct {
		uint32_t from, to, dst;
		uint8_t code;
	} forged[] = {
		{ GATEWAY_TWO, ROOMS_PEER, FAR, 1 }, /* not from the gateway of that destination */
		{ 0x08080808, GATEWAY_TWO, FAR, 1 },
		{ GATEWAY, 0x08080808, FAR, 1 },         /* to one who is not on the link */
		{ GATEWAY, ROOMS_IP, FAR, 1 },           /* to ourselves */
		{ GATEWAY, 0xe0000001, FAR, 1 },         /* to a group */
		{ GATEWAY, 0x0a0000ff, FAR, 1 },         /* to everybody */
		{ GATEWAY, 0, FAR, 1 },                  /* to nobody */
		{ GATEWAY, 0x0a000109, FAR, 1 },         /* to one on another link */
		{ GATEWAY, GATEWAY_TWO, FAR, 4 },        /* a code that is none */
		{ GATEWAY, GATEWAY_TWO, ROOMS_PEER, 1 }, /* about one who is our neighbour */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(forged); i++) {
		struct frame f = ours(forged[i].dst, 100);

		error_about(&f, 28, forged[i].from, 5, forged[i].code, forged[i].to);
		assert_int_equal(station_for(FAR), GATEWAY);
		assert_int_equal(station_for(ROOMS_PEER), ROOMS_PEER);
	}
	assert_int_equal(rooms_count(&r, COUNT_icmp4_drop_redirect), ARRAY_LEN(forged));
	assert_int_equal(rooms_count(&r, COUNT_icmp4_redirects_in), 0);
}

static void a_redirect_that_quotes_another_s_packet_is_not_obeyed(void **state) /* I-22 */
{
	struct frame f = ours(FAR, 100);

	(void)state;
	f.ip.src = ROOMS_PEER;
	error_about(&f, 28, GATEWAY, 5, 1, GATEWAY_TWO);
	assert_int_equal(station_for(FAR), GATEWAY);
}

static void a_redirect_may_be_redirected_by_the_new_gateway(void **state) /* I-22 */
{
	struct frame f = ours(FAR, 100);

	(void)state;
	error_about(&f, 28, GATEWAY, 5, 1, GATEWAY_TWO);
	error_about(&f, 28, GATEWAY, 5, 1, ROOMS_PEER); /* it is no longer his to say */
	assert_int_equal(station_for(FAR), GATEWAY_TWO);
	error_about(&f, 28, GATEWAY_TWO, 5, 1, ROOMS_PEER);
	assert_int_equal(station_for(FAR), ROOMS_PEER);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_rooms, close_rooms)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_error_reaches_the_protocol_that_sent_the_packet),
		T(each_code_says_what_it_says),
		T(a_quote_that_is_not_ours_is_dropped),
		T(source_quench_is_not_heard),
		T(a_next_hop_s_mtu_is_advice),
		T(a_router_that_does_not_say_its_mtu_gets_the_next_plateau),
		T(an_mtu_that_cannot_be_is_not_believed),
		T(an_error_about_what_stayed_inside_is_heard_inside),
		T(a_redirect_from_the_gateway_is_obeyed),
		T(forged_redirects_are_not_obeyed),
		T(a_redirect_that_quotes_another_s_packet_is_not_obeyed),
		T(a_redirect_may_be_redirected_by_the_new_gateway),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
