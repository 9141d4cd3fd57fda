/*
 * Rows of docs/rfcs.md about UDP that have no other test: datagrams to a group (U-12); and how
 * long a conversation has been quiet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/talk.h"
#include "../lib/told.h"

#define GROUP 0xe00000fbu /* 224.0.0.251 */
#define PORT  5353

/* The frame in which WORDS went to the group by C. */
static const struct frame *sent_to_group(struct conv *c, const char *words)
{
	const struct frame *f;

	assert_int_equal(talk_write(talk_box, c, words, strlen(words)), strlen(words));
	f = talk_out(talk_box);
	assert_non_null(f);
	assert_int_equal(f->ip.dst, GROUP);
	assert_int_equal(f->data_len, strlen(words));
	return f;
}

static struct conv *group_member(void)
{
	return talk_keep(talk_connected(talk_box, "udp", talk_at(GROUP, PORT)));
}

/* U-12: RFC 1112 6.1. */
static void a_datagram_to_a_group_stays_on_its_link(void **state)
{
	(void)state;
	assert_int_equal(sent_to_group(group_member(), "near")->ip.ttl, 1);
}

static void a_ttl_that_was_set_is_kept(void **state)
{
	struct conv *c = group_member();

	(void)state;
	assert_int_equal(conv_set_ttl(c, 7), 0);
	assert_int_equal(sent_to_group(c, "far")->ip.ttl, 7);
}

/* RFC 1112 6.4: the low 23 bits of the group, behind 01:00:5e. */
static void a_group_has_a_mac_of_its_own(void **state)
{
	static const uint8_t mac[6] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb };

	(void)state;
	assert_memory_equal(sent_to_group(group_member(), "group")->eth_dst, mac, 6);
}

static void nobody_hears_his_own_datagram_to_a_group(void **state)
{
	struct conv *ear = talk_keep(talk_announced(talk_box, "udp", talk_at(0, PORT)));

	(void)state;
	assert_int_equal(talk_ctl(ear, "headers", NULL), 0);
	sent_to_group(group_member(), "echo?");
	box_run_through(talk_box, box_now(talk_box) + USEC_PER_SEC);
	assert_int_equal(talk_read(ear, talk_bytes, sizeof(talk_bytes)), -EAGAIN);
}

static void a_conversation_is_quiet_since_it_began(void **state)
{
	struct conv *c = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, PORT)));
	static struct told told;

	(void)state;
	box_run_through(talk_box, box_now(talk_box) + 3 * USEC_PER_SEC);
	told_init(&told);
	conv_describe(c, &told.describer);
	assert_int_equal(told_find(&told, "quiet_us")->number, 3 * USEC_PER_SEC);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, talk_open, talk_close)
	const struct CMUnitTest tests[] = {
		TEST(a_datagram_to_a_group_stays_on_its_link),
		TEST(a_ttl_that_was_set_is_kept),
		TEST(a_group_has_a_mac_of_its_own),
		TEST(a_conversation_is_quiet_since_it_began),
		TEST(nobody_hears_his_own_datagram_to_a_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
