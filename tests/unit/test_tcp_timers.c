/*
 * The deadlines of a conversation. Rows T-.. are those of the requirement matrix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/far.h"

static void write_n(struct far *p, size_t len)
{
	assert_int_equal(talk_write(talk_box, p->conv, talk_bytes, len), len);
}

/* The window is shut, and LEN bytes wait behind it. */
static struct far far_that_shut(size_t len)
{
	struct far p = far_connected(false);

	p.window = 0;
	far_sends(&p, 0, 0);
	write_n(&p, len);
	far_hears_nothing();
	return p;
}

/* --- handshake and retransmission ---------------------------------------------------- */

static void a_syn_is_sent_for_three_minutes(void **state)
{
	struct far p = far_called();
	usec_t began_us = box_now(talk_box);
	usec_t last_us = began_us;
	unsigned sent = 1;

	(void)state;
	while (box_run(talk_box, began_us + 600 * USEC_PER_SEC)) {
		far_hears(&p, FRAME_SYN, 0, 0);
		last_us = box_now(talk_box);
		sent++;
	}
	assert_in_range(last_us - began_us, 120 * USEC_PER_SEC, 180 * USEC_PER_SEC);
	assert_int_equal(sent, 8); /* after 0, 1, 3, 7, 15, 31, 63 and 123 s */
	assert_int_equal(conv_error(p.conv), -ETIMEDOUT);
	assert_in_range(conv_changed_us(p.conv) - began_us, 180 * USEC_PER_SEC, 190 * USEC_PER_SEC);
}

static void silence_ends_a_conversation_after_r2(void **state)
{
	struct far p = far_connected(false);
	usec_t began_us, waits_us[3] = { 0 };
	unsigned sent = 0;

	(void)state;
	write_n(&p, 10);
	far_hears(&p, FRAME_ACK, 1, 10);
	began_us = box_now(talk_box);
	while (box_run(talk_box, began_us + 3600 * USEC_PER_SEC)) {
		if (sent < 3)
			waits_us[sent] = box_now(talk_box) - began_us;
		far_hears(&p, FRAME_ACK, 1, 10);
		sent++;
	}
	assert_int_equal(waits_us[0], 200000);
	assert_int_equal(waits_us[1], 600000);
	assert_int_equal(waits_us[2], 1400000);
	assert_int_equal(conv_error(p.conv), -ETIMEDOUT);
	assert_true(conv_changed_us(p.conv) - began_us >= 100 * USEC_PER_SEC);
}

static void an_ack_starts_the_timer_anew(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	write_n(&p, 2 * FAR_MSS);
	box_seen_all(talk_box);
	box_run_through(talk_box, box_now(talk_box) + 150000);
	far_acks(&p, 1 + FAR_MSS);
	far_waits_in_silence(190000);
	assert_in_range(far_waits(1), 1, 400000);
	far_hears(&p, FRAME_ACK, 1 + FAR_MSS, FAR_MSS);
}

static void nothing_is_armed_when_all_is_acknowledged(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	write_n(&p, 10);
	far_hears(&p, FRAME_ACK, 1, 10);
	far_acks(&p, 11);
	far_waits_in_silence((usec_t)24 * 3600 * USEC_PER_SEC);
	assert_int_equal(
		stack_deadline(box_stack(talk_box)) >= box_now(talk_box) + USEC_PER_SEC, 1);
	assert_string_equal(conv_state_name(p.conv), "Established");
}

/* --- the shut window ----------------------------------------------------------------- */

static void a_shut_window_is_probed_at_growing_intervals(void **state)
{
	struct far p = far_that_shut(100);
	usec_t before_us = 0;

	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		usec_t us = far_waits(61);

		far_hears(&p, FRAME_ACK, 1, 1);
		p.heard = 1;
		assert_true(us >= before_us);
		assert_in_range(us, 200000, 60000000);
		before_us = us;
		far_acks(&p, 1);
	}
	assert_int_equal(before_us, 60000000);
}

static void an_open_window_ends_the_probing(void **state)
{
	struct far p = far_that_shut(100);

	(void)state;
	far_waits(2);
	far_hears(&p, FRAME_ACK, 1, 1);
	p.window = 1000;
	far_acks(&p, 1);
	far_hears(&p, FRAME_ACK, 1, 100);
	far_acks(&p, 101);
	far_waits_in_silence(600 * USEC_PER_SEC);
}

static void a_probe_that_is_taken_is_not_sent_again(void **state)
{
	struct far p = far_that_shut(100);

	(void)state;
	far_waits(2);
	far_hears(&p, FRAME_ACK, 1, 1);
	p.window = 1000;
	far_acks(&p, 2);
	far_hears(&p, FRAME_ACK, 2, 99);
}

static void a_peer_that_answers_is_probed_for_ever(void **state)
{
	struct far p = far_that_shut(100);

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		far_waits(61);
		far_hears(&p, FRAME_ACK, 1, 1);
		p.heard = 1;
		far_acks(&p, 1);
	}
	assert_string_equal(conv_state_name(p.conv), "Established");
}

static void a_peer_that_does_not_is_given_up(void **state)
{
	struct far p = far_that_shut(100);
	usec_t began_us = box_now(talk_box);

	(void)state;
	while (conv_error(p.conv) == 0 && box_run(talk_box, began_us + 7200 * USEC_PER_SEC))
		box_seen_all(talk_box);
	assert_int_equal(conv_error(p.conv), -ETIMEDOUT);
	assert_in_range(
		conv_changed_us(p.conv) - began_us, 100 * USEC_PER_SEC, 3600 * USEC_PER_SEC);
}

static void a_window_that_shrinks_to_nothing_is_probed(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	write_n(&p, 100);
	far_hears(&p, FRAME_ACK, 1, 100);
	p.heard = 1;
	p.window = 0;
	far_acks(&p, 1);
	for (unsigned i = 0; i < 50; i++) {
		far_waits(61);
		far_hears(&p, FRAME_ACK, 1, 1);
		p.heard = 1;
		far_acks(&p, 1);
	}
	p.window = 1000;
	far_acks(&p, 1);
	far_hears(&p, FRAME_ACK, 1, 100);
}

static void what_was_probed_with_is_not_held_back_by_a_cork(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	assert_int_equal(talk_ctl(p.conv, "cork on", NULL), 0);
	p.window = 0;
	far_sends(&p, 0, 0);
	write_n(&p, 100);
	far_waits(2);
	far_hears(&p, FRAME_ACK, 1, 1);
	p.window = 1000;
	far_acks(&p, 1);
	far_hears(&p, FRAME_ACK, 1, 100);
}

/* --- the delayed ACK ------------------------------------------------------------------- */

static void an_ack_waits_for_40_ms(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	far_sends(&p, 0, 100);
	assert_int_equal(far_waits(1), 40000);
	assert_int_equal(far_hears(&p, FRAME_ACK, 1, 0)->tcp.ack - FAR_ISS, 101);
	far_waits_in_silence(10 * USEC_PER_SEC);
}

static void an_ack_rides_on_data(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	far_sends(&p, 0, 100);
	write_n(&p, 10);
	assert_int_equal(far_hears(&p, FRAME_ACK, 1, 10)->tcp.ack - FAR_ISS, 101);
	far_acks(&p, 11);
	far_waits_in_silence(10 * USEC_PER_SEC);
}

/* --- keepalive ------------------------------------------------------------------------- */

static void keepalive_is_off_unless_asked_for(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	far_waits_in_silence((usec_t)48 * 3600 * USEC_PER_SEC);
	assert_string_equal(conv_state_name(p.conv), "Established");
}

static void after_two_hours_of_silence_the_peer_is_asked(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	assert_int_equal(talk_ctl(p.conv, "keepalive", NULL), 0);
	assert_int_equal(far_waits(8000), 7200 * USEC_PER_SEC);
	far_hears(&p, FRAME_ACK, 0, 0);
	far_acks(&p, 1);
	assert_int_equal(far_waits(8000), 7200 * USEC_PER_SEC);
	far_hears(&p, FRAME_ACK, 0, 0);
	far_acks(&p, 1);
}

static void what_is_heard_puts_the_question_off(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	assert_int_equal(talk_ctl(p.conv, "keepalive 10000", NULL), 0);
	far_waits_in_silence(9 * USEC_PER_SEC);
	far_acks(&p, 1);
	far_waits_in_silence(9 * USEC_PER_SEC);
	assert_int_equal(far_waits(5), 1 * USEC_PER_SEC);
	far_hears(&p, FRAME_ACK, 0, 0);
}

static void nine_questions_without_an_answer_end_it(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	assert_int_equal(talk_ctl(p.conv, "keepalive 100000", NULL), 0);
	far_waits(101);
	far_hears(&p, FRAME_ACK, 0, 0);
	for (unsigned i = 1; i < 9; i++) {
		assert_int_equal(far_waits(100), 75 * USEC_PER_SEC);
		far_hears(&p, FRAME_ACK, 0, 0);
	}
	far_waits(100);
	far_hears(&p, FRAME_RST | FRAME_ACK, 1, 0);
	assert_int_equal(conv_error(p.conv), -ETIMEDOUT);
}

static void a_user_timeout_that_is_none_is_refused_in_words(void **state)
{
	static const char *const bad[] = { "usertimeout", "usertimeout x", "usertimeout -1",
		"usertimeout 4294967296", "usertimeout 1 2" };
	struct far p = far_connected(false);
	char words[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(talk_ctl(p.conv, bad[i], words), -EINVAL);
		assert_non_null(strstr(words, "usertimeout: expected milliseconds (0: "));
	}
}

static void keepalive_can_be_switched_off(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	assert_int_equal(talk_ctl(p.conv, "keepalive 1000", NULL), 0);
	assert_int_equal(talk_ctl(p.conv, "keepalive off", NULL), 0);
	far_waits_in_silence((usec_t)48 * 3600 * USEC_PER_SEC);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_open, talk_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_syn_is_sent_for_three_minutes),
		TEST(silence_ends_a_conversation_after_r2),
		TEST(an_ack_starts_the_timer_anew),
		TEST(nothing_is_armed_when_all_is_acknowledged),
		TEST(a_shut_window_is_probed_at_growing_intervals),
		TEST(an_open_window_ends_the_probing),
		TEST(a_probe_that_is_taken_is_not_sent_again),
		TEST(a_peer_that_answers_is_probed_for_ever),
		TEST(a_peer_that_does_not_is_given_up),
		TEST(a_window_that_shrinks_to_nothing_is_probed),
		TEST(what_was_probed_with_is_not_held_back_by_a_cork),
		TEST(an_ack_waits_for_40_ms),
		TEST(an_ack_rides_on_data),
		TEST(keepalive_is_off_unless_asked_for),
		TEST(after_two_hours_of_silence_the_peer_is_asked),
		TEST(what_is_heard_puts_the_question_off),
		TEST(nine_questions_without_an_answer_end_it),
		TEST(a_user_timeout_that_is_none_is_refused_in_words),
		TEST(keepalive_can_be_switched_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
