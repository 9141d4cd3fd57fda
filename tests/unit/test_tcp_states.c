/*
 * The user's calls (RFC 9293 3.10.1 to 3.10.6) and the states they lead to. Rows T-.. are those
 * of the requirement matrix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/limits.h"
#include "../lib/far.h"
#include "../lib/told.h"

static struct conv *listening(void)
{
	return talk_keep(talk_announced(talk_box, "tcp", talk_at(0, 80)));
}

static ssize_t read_one(struct conv *c)
{
	uint8_t byte;

	return talk_read(c, &byte, 1);
}

static void assert_state(const struct far *p, const char *name)
{
	assert_string_equal(conv_state_name(p->conv), name);
}

/* --- opening ------------------------------------------------------------------------- */

static void a_new_one_is_closed_and_not_connected(void **state)
{
	struct conv *c = talk_keep(talk_new(talk_box, "tcp"));

	(void)state;
	assert_string_equal(conv_state_name(c), "Closed");
	assert_int_equal(read_one(c), -ENOTCONN);
	assert_int_equal(talk_write(talk_box, c, "x", 1), -ENOTCONN);
}

static void while_connecting_reads_and_writes_wait(void **state)
{
	struct far p = far_called();

	(void)state;
	assert_state(&p, "Syn_sent");
	assert_int_equal(read_one(p.conv), -EAGAIN);
	assert_int_equal(talk_write(talk_box, p.conv, "x", 1), -EAGAIN);
	assert_int_equal(conv_events(p.conv) & (CONV_IN | CONV_OUT | CONV_UP), 0);
}

static void an_answer_brings_it_up(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	assert_state(&p, "Established");
	assert_int_equal(conv_events(p.conv), CONV_UP | CONV_OUT);
	assert_int_equal(read_one(p.conv), -EAGAIN);
}

static void a_refused_connect_may_be_tried_again(void **state)
{
	struct far p = far_called();
	struct endpoint to = talk_at(TALK_PEER, FAR_PORT);

	(void)state;
	far_sends(&p, FRAME_RST, 0);
	assert_state(&p, "Closed");
	assert_int_equal(conv_error(p.conv), -ECONNREFUSED);
	assert_int_equal(box_count(talk_box, "tcp_connect_failures"), 1);
	assert_int_equal(conv_connect(p.conv, NULL, &to), 0);
	box_settle(talk_box);
	p.nxt = 0;
	p.ours_iss = talk_out(talk_box)->tcp.seq;
	far_sends(&p, FRAME_SYN, 0);
	far_hears(&p, FRAME_ACK, 1, 0);
	assert_state(&p, "Established");
	assert_int_equal(conv_error(p.conv), 0);
}

static void both_may_call_at_once(void **state)
{
	struct far p = far_called();

	(void)state;
	far_sends_at(&p, FRAME_SYN, 0, 0);
	assert_state(&p, "Syn_received");
	far_hears(&p, FRAME_SYN | FRAME_ACK, 0, 0);
	far_sends(&p, 0, 0);
	assert_state(&p, "Established");
	assert_int_equal(conv_events(p.conv), CONV_UP | CONV_OUT);
}

static void a_listener_holds_no_bytes(void **state)
{
	struct conv *c = listening();

	(void)state;
	assert_string_equal(conv_state_name(c), "Listen");
	assert_int_equal(read_one(c), -EINVAL);
	assert_int_equal(talk_write(talk_box, c, "x", 1), -EINVAL);
	assert_null(conv_accept(c));
}

static void a_call_is_taken_once(void **state)
{
	struct conv *c = listening();
	struct far p = far_calling(c);

	(void)state;
	assert_state(&p, "Established");
	assert_int_equal(conv_events(c) & CONV_CALL, 0);
	assert_null(conv_accept(c));
}

/* --- closing ------------------------------------------------------------------------- */

static void our_end_comes_first(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	assert_int_equal(conv_close(p.conv), 0);
	box_settle(talk_box);
	assert_state(&p, "Finwait1");
	far_hears(&p, FRAME_FIN | FRAME_ACK, 1, 0);
	far_sends(&p, 0, 0);
	assert_state(&p, "Finwait2");
	far_sends(&p, FRAME_FIN, 0);
	assert_state(&p, "Time_wait");
	far_hears(&p, FRAME_ACK, 2, 0);
	assert_int_equal(read_one(p.conv), 0);
}

static void their_end_comes_first(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	far_sends(&p, FRAME_FIN, 0);
	assert_state(&p, "Close_wait");
	far_hears(&p, FRAME_ACK, 1, 0);
	assert_int_equal(conv_events(p.conv) & CONV_PEER_END, CONV_PEER_END);
	assert_int_equal(read_one(p.conv), 0);
	assert_int_equal(conv_close(p.conv), 0);
	box_settle(talk_box);
	assert_state(&p, "Last_ack");
	far_hears(&p, FRAME_FIN | FRAME_ACK, 1, 0);
	far_sends(&p, 0, 0);
	assert_state(&p, "Closed");
	assert_int_equal(conv_error(p.conv), 0);
}

static void both_may_end_at_once(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	conv_close(p.conv);
	box_settle(talk_box);
	far_sends(&p, FRAME_FIN, 0); /* has not seen ours */
	assert_state(&p, "Closing");
	far_hears(&p, FRAME_FIN | FRAME_ACK, 1, 0);
	far_hears(&p, FRAME_ACK, 2, 0);
	far_sends(&p, 0, 0);
	assert_state(&p, "Time_wait");
}

static void half_closed_it_still_reads(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	assert_int_equal(talk_ctl(p.conv, "shutdown wr", NULL), 0);
	box_settle(talk_box);
	far_hears(&p, FRAME_FIN | FRAME_ACK, 1, 0);
	assert_int_equal(talk_write(talk_box, p.conv, "x", 1), -EPIPE);
	far_sends(&p, 0, 10);
	assert_int_equal(read_one(p.conv), 1);
}

static void shut_for_reading_it_drops_and_acknowledges(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	far_sends(&p, 0, 10);
	assert_int_equal(talk_ctl(p.conv, "shutdown rd", NULL), 0);
	assert_int_equal(read_one(p.conv), 0);
	far_sends(&p, 0, 10);
	assert_int_equal(read_one(p.conv), 0);
	assert_int_equal(far_hears(&p, FRAME_ACK, 1, 0)->tcp.ack - FAR_ISS, 21);
}

static void a_hangup_resets_and_leaves_nothing(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	conv_hangup(p.conv);
	box_settle(talk_box);
	far_hears(&p, FRAME_RST | FRAME_ACK, 1, 0);
	assert_state(&p, "Closed");
	assert_int_equal(conv_error(p.conv), -ECONNABORTED);
	assert_int_equal(box_count(talk_box, "tcp_time_waits"), 0);
}

static void a_reset_comes_after_what_was_received(void **state)
{
	struct far p = far_connected(false);
	uint8_t bytes[20];

	(void)state;
	far_sends(&p, 0, 10);
	far_sends(&p, FRAME_RST, 0);
	assert_int_equal(talk_read(p.conv, bytes, sizeof bytes), 10);
	assert_int_equal(read_one(p.conv), -ECONNRESET);
	assert_int_equal(read_one(p.conv), -ECONNRESET);
	assert_int_equal(talk_write(talk_box, p.conv, "x", 1), -ECONNRESET);
}

/* --- letting go ---------------------------------------------------------------------- */

/* What a test does not keep any more is let go of by hand: one more hold stands for it. */
static struct far let_go_of_later(void)
{
	struct far p = { .port = FAR_PORT, .window = 65535 };

	p.conv = talk_connected(talk_box, "tcp", talk_at(TALK_PEER, FAR_PORT));
	box_settle(talk_box);
	p.ours_iss = talk_out(talk_box)->tcp.seq;
	p.heard = 1;
	far_sends(&p, FRAME_SYN, 0);
	far_hears(&p, FRAME_ACK, 1, 0);
	return p;
}

/* The port, for after the conversation is gone. */
static void segment_in(
	const struct far *p, uint16_t our_port, uint8_t flags, uint32_t seq, size_t len)
{
	struct frame f;

	frame_init(&f, FRAME_TCP);
	f.ip.src = TALK_PEER;
	f.ip.dst = TALK_US;
	f.tcp.src_port = p->port;
	f.tcp.dst_port = our_port;
	f.tcp.seq = FAR_ISS + seq;
	f.tcp.ack = p->ours_iss + p->heard;
	f.tcp.flags = flags;
	f.data = talk_bytes;
	f.data_len = len;
	talk_frame_in(talk_box, &f);
}

static void what_was_accepted_is_still_sent_after_the_last_hold(void **state)
{
	struct far p = let_go_of_later();
	uint16_t port = conv_local(p.conv)->port;

	(void)state;
	assert_int_equal(talk_write(talk_box, p.conv, "hello", 5), 5);
	conv_release(p.conv);
	box_settle(talk_box);
	far_hears(&p, FRAME_ACK, 1, 5);
	far_hears(&p, FRAME_FIN | FRAME_ACK, 6, 0);
	segment_in(&p, port, FRAME_ACK, 1, 0);
	segment_in(&p, port, FRAME_FIN | FRAME_ACK, 1, 0);
	far_hears(&p, FRAME_ACK, 7, 0);
	assert_int_equal(box_count(talk_box, "tcp_time_waits"), 1);
	assert_int_equal(box_count(talk_box, "conv_freed"), 1);
}

static void unread_bytes_make_it_a_reset(void **state)
{
	struct far p = let_go_of_later();

	(void)state;
	far_sends(&p, 0, 10);
	conv_release(p.conv);
	box_settle(talk_box);
	far_hears(&p, FRAME_RST | FRAME_ACK, 1, 0);
	assert_int_equal(box_count(talk_box, "conv_freed"), 1);
}

static void bytes_for_nobody_are_answered_with_a_reset(void **state)
{
	struct far p = let_go_of_later();
	uint16_t port = conv_local(p.conv)->port;

	(void)state;
	conv_release(p.conv);
	box_settle(talk_box);
	far_hears(&p, FRAME_FIN | FRAME_ACK, 1, 0);
	segment_in(&p, port, FRAME_ACK, 1, 0);
	p.heard = 2;
	segment_in(&p, port, FRAME_ACK, 1, 10);
	assert_true(talk_out(talk_box)->tcp.flags & FRAME_RST);
	assert_int_equal(box_count(talk_box, "tcp_drop_after_close"), 1);
}

static void an_orphan_does_not_wait_for_ever_in_finwait2(void **state)
{
	struct far p = let_go_of_later();
	uint16_t port = conv_local(p.conv)->port;

	(void)state;
	conv_release(p.conv);
	box_settle(talk_box);
	far_hears(&p, FRAME_FIN | FRAME_ACK, 1, 0);
	segment_in(&p, port, FRAME_ACK, 1, 0);
	far_waits_in_silence(59 * USEC_PER_SEC);
	assert_int_equal(box_count(talk_box, "conv_freed"), 0);
	far_waits_in_silence(2 * USEC_PER_SEC);
	assert_int_equal(box_count(talk_box, "conv_freed"), 1);
}

static void time_wait_passes_into_a_record_and_back_out(void **state)
{
	struct far p = far_connected(false);

	(void)state;
	conv_close(p.conv);
	box_settle(talk_box);
	far_hears(&p, FRAME_FIN | FRAME_ACK, 1, 0);
	far_sends(&p, FRAME_FIN, 0);
	far_hears(&p, FRAME_ACK, 2, 0);
	assert_state(&p, "Time_wait");
	far_waits_in_silence(239 * USEC_PER_SEC);
	assert_state(&p, "Time_wait");
	far_waits_in_silence(2 * USEC_PER_SEC);
	assert_state(&p, "Closed");
}

static void a_listener_takes_its_calls_along(void **state)
{
	struct conv *c = talk_announced(talk_box, "tcp", talk_at(0, 80));
	struct far p = { .conv = c, .port = 4000, .window = 65535 };

	(void)state;
	far_sends_at(&p, FRAME_SYN, 0, 0);
	p.ours_iss = talk_out(talk_box)->tcp.seq;
	p.heard = 1;
	far_sends(&p, 0, 0);
	assert_int_equal(conv_events(c) & CONV_CALL, CONV_CALL);
	conv_release(c);
	box_settle(talk_box);
	far_hears(&p, FRAME_RST | FRAME_ACK, 1, 0);
	assert_int_equal(box_count(talk_box, "conv_freed"), 2);
}

/* --- verbs --------------------------------------------------------------------------- */

static void assert_refused(struct conv *c, const char *words, int error, const char *why)
{
	char got[128];

	assert_int_equal(talk_ctl(c, words, got), error);
	assert_string_equal(got, why);
}

static void a_wrong_word_is_named_with_what_was_expected(void **state)
{
	struct conv *c = talk_keep(talk_new(talk_box, "tcp"));

	(void)state;
	assert_refused(c, "keepalive 99", -EINVAL,
		"keepalive: expected milliseconds from 100 on, off or nothing, got \"99\"");
	assert_refused(c, "nodelay yes", -EINVAL, "nodelay: expected on or off, got \"yes\"");
	assert_refused(c, "nodelay", -EINVAL, "nodelay: expected on or off, got 0 words");
	assert_refused(c, "mss 12", -EINVAL, "mss: expected bytes from 216 to 65495, got \"12\"");
	assert_refused(
		c, "congestion bbr", -EINVAL, "congestion: expected one of newreno, got \"bbr\"");
	assert_refused(c, "shutdown wr", -ENOTCONN, "shutdown: not connected");
	assert_refused(
		c, "reject", -EINVAL, "reject: expected a call that was taken, and this is none");
}

static void an_unknown_verb_is_somebody_elses(void **state)
{
	struct conv *c = talk_keep(talk_new(talk_box, "tcp"));

	(void)state;
	assert_int_equal(talk_ctl(c, "dance", NULL), -EOPNOTSUPP);
}

static void reject_resets_a_call(void **state)
{
	struct far p = far_calling(listening());

	(void)state;
	assert_int_equal(talk_ctl(p.conv, "reject", NULL), 0);
	box_settle(talk_box);
	far_hears(&p, FRAME_RST | FRAME_ACK, 1, 0);
	assert_state(&p, "Closed");
}

static void a_backlog_may_be_said_before_the_announcement(void **state)
{
	struct conv *c = talk_keep(talk_new(talk_box, "tcp"));
	struct endpoint at = talk_at(0, 80);
	struct far p = { .conv = c };

	(void)state;
	assert_int_equal(talk_ctl(c, "backlog 7", NULL), 0);
	assert_int_equal(conv_announce(c, &at), 0);
	assert_int_equal(far_stat(&p, "backlog"), 7);
	assert_int_equal(talk_ctl(c, "backlog 9", NULL), 0);
	assert_int_equal(far_stat(&p, "backlog"), 9);
}

static void an_mss_of_ours_is_offered_and_kept(void **state)
{
	struct conv *c = talk_keep(talk_new(talk_box, "tcp"));
	struct endpoint to = talk_at(TALK_PEER, FAR_PORT);
	struct far p = { .conv = c, .port = FAR_PORT, .window = 65535 };
	const struct frame *f;

	(void)state;
	assert_int_equal(talk_ctl(c, "mss 500", NULL), 0);
	assert_int_equal(conv_connect(c, NULL, &to), 0);
	box_settle(talk_box);
	f = talk_out(talk_box);
	assert_int_equal(f->tcp.mss, 500);
	p.ours_iss = f->tcp.seq;
	p.heard = 1;
	far_sends(&p, FRAME_SYN, 0);
	far_hears(&p, FRAME_ACK, 1, 0);
	assert_int_equal(talk_write(talk_box, c, talk_bytes, 1000), 1000);
	far_hears(&p, FRAME_ACK, 1, 500);
	far_hears(&p, FRAME_ACK, 501, 500);
}

/* --- stats --------------------------------------------------------------------------- */

static void the_states_it_went_through_are_remembered(void **state)
{
	struct far p = far_connected(false);
	static struct told t;
	const char *want[] = { "Syn_sent", "Established", "Close_wait" };
	unsigned at = 0;

	(void)state;
	far_sends(&p, FRAME_FIN, 0);
	box_seen_all(talk_box);
	told_init(&t);
	conv_describe(p.conv, &t.describer);
	for (unsigned i = 0; i < t.items_n; i++)
		if (strncmp(t.items[i].path, "state_history", 13) == 0) {
			assert_in_range(at, 0, 2);
			assert_string_equal(t.items[i].text, want[at++]);
		}
	assert_int_equal(at, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_open, talk_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_one_is_closed_and_not_connected),
		TEST(while_connecting_reads_and_writes_wait),
		TEST(an_answer_brings_it_up),
		TEST(a_refused_connect_may_be_tried_again),
		TEST(both_may_call_at_once),
		TEST(a_listener_holds_no_bytes),
		TEST(a_call_is_taken_once),
		TEST(our_end_comes_first),
		TEST(their_end_comes_first),
		TEST(both_may_end_at_once),
		TEST(half_closed_it_still_reads),
		TEST(shut_for_reading_it_drops_and_acknowledges),
		TEST(a_hangup_resets_and_leaves_nothing),
		TEST(a_reset_comes_after_what_was_received),
		TEST(what_was_accepted_is_still_sent_after_the_last_hold),
		TEST(unread_bytes_make_it_a_reset),
		TEST(bytes_for_nobody_are_answered_with_a_reset),
		TEST(an_orphan_does_not_wait_for_ever_in_finwait2),
		TEST(time_wait_passes_into_a_record_and_back_out),
		TEST(a_listener_takes_its_calls_along),
		TEST(a_wrong_word_is_named_with_what_was_expected),
		TEST(an_unknown_verb_is_somebody_elses),
		TEST(reject_resets_a_call),
		TEST(a_backlog_may_be_said_before_the_announcement),
		TEST(an_mss_of_ours_is_offered_and_kept),
		TEST(the_states_it_went_through_are_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
