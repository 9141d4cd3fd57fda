/*
 * A conversation's two ends: connecting, announcing, binding, and the end of it. Rows T-.. and
 * I-.. are those of the requirement matrix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/fake_proto.h"
#include "../lib/talk.h"

/* --- connecting ---------------------------------------------------------------------- */

static void connecting_twice_is_already_then_isconn(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	assert_int_equal(fake_connect_peer(c), 0);
	assert_int_equal(fake_connect_peer(c), -EALREADY);
	assert_int_equal(fake_announce_at(c, 0, 80), -EALREADY);
	assert_int_equal(conv_write(c, NULL, "x", 1), -EAGAIN);
	conv_raise(c, CONV_UP | CONV_OUT);
	assert_int_equal(fake_connect_peer(c), -EISCONN);
	assert_int_equal(fake_announce_at(c, 0, 80), -EISCONN);
	assert_int_equal(fake_bind_at(c, 0, 80), -EISCONN);
	assert_int_equal(conv_write(c, NULL, "x", 1), 1);
	assert_int_equal(fake.connects, 1);
}

static void connect_after_announce_is_isconn(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	assert_int_equal(fake_announce_at(c, 0, 80), 0);
	assert_int_equal(fake_connect_peer(c), -EISCONN);
	assert_int_equal(fake_announce_at(c, 0, 81), -EISCONN);
}

static void a_failed_connect_leaves_it_idle_and_usable(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	assert_int_equal(fake_connect_peer(c), 0);
	conv_end(c, -ECONNREFUSED);
	assert_true(conv_events(c) & CONV_END);
	assert_int_equal(conv_error(c), -ECONNREFUSED);
	assert_int_equal(conv_local(c)->port, 0);
	assert_int_equal(conv_write(c, NULL, "x", 1), -ECONNREFUSED);
	assert_int_equal(fake_connect_peer(c), 0);
	assert_int_equal(conv_events(c), 0);
	assert_int_equal(conv_error(c), 0);
}

static void a_connect_refused_at_once_leaves_it_idle(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	fake.connect_answer = -ENETUNREACH;
	assert_int_equal(fake_connect_peer(c), -ENETUNREACH);
	assert_int_equal(conv_local(c)->port, 0);
	assert_int_equal(conv_write(c, NULL, "x", 1), -ENOTCONN);
	fake.connect_answer = 0;
	assert_int_equal(fake_connect_peer(c), 0);
}

static void hangup_ends_an_attempt_and_another_may_follow(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	assert_int_equal(fake_connect_peer(c), 0);
	conv_hangup(c);
	assert_int_equal(fake.hangups, 1);
	assert_int_equal(conv_error(c), -ECONNABORTED);
	assert_true(conv_events(c) & CONV_END);
	assert_int_equal(fake_connect_peer(c), 0);
}

/* T-11 */
static void what_is_no_single_host_is_refused(void **state)
{
	const uint32_t ips[] = { 0, 0xe0000001, 0xffffffff, 0x0a0000ff };
	struct conv *c = fake_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ips); i++) {
		const struct endpoint to = talk_at(ips[i], 80);

		assert_int_equal(conv_connect(c, NULL, &to), -EINVAL);
	}
	assert_int_equal(fake.connects, 0);
}

static void port_zero_is_refused(void **state)
{
	const struct endpoint to = talk_at(TALK_PEER, 0);

	(void)state;
	assert_int_equal(conv_connect(fake_new(), NULL, &to), -EINVAL);
}

static void an_address_that_is_not_ours_is_refused(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	assert_int_equal(fake_connect_from(c, 0x0a000063, 5000), -EADDRNOTAVAIL);
	assert_int_equal(fake_announce_at(c, 0x0a000063, 80), -EADDRNOTAVAIL);
	assert_int_equal(fake_bind_at(c, 0x0a000063, 80), -EADDRNOTAVAIL);
	assert_int_equal(conv_local(c)->port, 0);
}

/* I-05 */
static void loopback_does_not_speak_to_the_wire(void **state)
{
	(void)state;
	assert_int_equal(fake_connect_from(fake_new(), 0x7f000001, 5000), -EADDRNOTAVAIL);
}

/* T-13 */
static void the_local_end_is_as_chosen(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	assert_int_equal(fake_connect_from(c, TALK_US, 5000), 0);
	assert_int_equal(conv_local(c)->port, 5000);
	assert_int_equal(addr_v4(&conv_local(c)->addr), TALK_US);
}

static void the_same_tuple_is_in_use(void **state)
{
	(void)state;
	assert_int_equal(fake_connect_from(fake_new(), TALK_US, 5000), 0);
	assert_int_equal(fake_connect_from(fake_new(), TALK_US, 5000), -EADDRINUSE);
}

/* --- announcing and binding ---------------------------------------------------------- */

static void two_listeners_on_one_address_clash(void **state)
{
	struct conv *a = fake_new();
	const struct endpoint at = talk_at(TALK_US, 80);

	(void)state;
	assert_int_equal(fake_announce_at(a, TALK_US, 80), 0);
	assert_int_equal(fake_announce_at(fake_new(), TALK_US, 80), -EADDRINUSE);
	assert_int_equal(fake_announce_at(fake_new(), 0, 80), -EADDRINUSE);
	assert_int_equal(fake_announce_at(fake_new(), 0x7f000001, 80), 0);
	assert_ptr_equal(conv_clash(box_stack(talk_box), &fake_proto, &at), a);
}

static void a_connected_one_does_not_clash_with_a_listener(void **state)
{
	(void)state;
	assert_int_equal(fake_connect_from(fake_new(), TALK_US, 80), 0);
	assert_int_equal(fake_announce_at(fake_new(), 0, 80), 0);
}

static void a_listeners_port_is_not_undermined_by_another_user(void **state)
{
	(void)state;
	assert_int_equal(fake_announce_at(fake_new_of(1), 0, 80), 0);
	assert_int_equal(fake_connect_from(fake_new_of(2), TALK_US, 80), -EADDRINUSE);
	assert_int_equal(fake_connect_from(fake_new_of(1), TALK_US, 80), 0);
}

static void port_zero_chooses_one(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	assert_int_equal(fake_announce_at(c, 0, 0), 0);
	assert_in_range(conv_local(c)->port, PORTS_LOW, PORTS_HIGH);
}

static void a_bound_port_is_kept_and_used(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	assert_int_equal(fake_bind_at(c, 0, 5000), 0);
	assert_int_equal(conv_local(c)->port, 5000);
	assert_int_equal(fake_announce_at(fake_new(), 0, 5000), -EADDRINUSE);
	assert_int_equal(fake_connect_peer(c), 0);
	assert_int_equal(conv_local(c)->port, 5000);
}

static void a_bound_port_is_kept_again_after_a_failure(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	assert_int_equal(fake_bind_at(c, TALK_US, 5000), 0);
	assert_int_equal(fake_connect_peer(c), 0);
	conv_end(c, -ETIMEDOUT);
	assert_int_equal(conv_local(c)->port, 5000);
	assert_int_equal(fake_announce_at(fake_new(), TALK_US, 5000), -EADDRINUSE);
	assert_int_equal(fake_announce_at(c, 0, 0), 0);
	assert_int_equal(conv_local(c)->port, 5000);
	assert_int_equal(addr_v4(&conv_local(c)->addr), TALK_US);
}

static void binding_anew_lets_go_of_the_old_port(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	assert_int_equal(fake_bind_at(c, 0, 5000), 0);
	assert_int_equal(fake_bind_at(c, 0, 5001), 0);
	assert_int_equal(fake_announce_at(fake_new(), 0, 5000), 0);
	assert_int_equal(fake_bind_at(c, 0, 5000), -EADDRINUSE);
	assert_int_equal(conv_local(c)->port, 5001);
}

static void a_port_is_free_again_when_its_conversation_has_gone(void **state)
{
	struct conv *c = talk_new(talk_box, "fake");

	(void)state;
	assert_int_equal(fake_announce_at(c, 0, 80), 0);
	conv_release(c);
	assert_int_equal(fake_announce_at(fake_new(), 0, 80), 0);
}

/* --- ending -------------------------------------------------------------------------- */

static void hangup_is_the_end_of_what_was_connected(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	assert_int_equal(fake_connect_peer(c), 0);
	conv_raise(c, CONV_UP | CONV_OUT);
	conv_hangup(c);
	assert_true(conv_events(c) & CONV_END);
	assert_int_equal(conv_error(c), -ECONNABORTED);
	assert_int_equal(fake_connect_peer(c), -EISCONN);
	assert_int_equal(box_stack(talk_box)->ports.entered, 0);
}

static void the_first_error_stays(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	assert_int_equal(fake_connect_peer(c), 0);
	conv_raise(c, CONV_UP);
	conv_end(c, -ECONNRESET);
	conv_end(c, -ETIMEDOUT);
	assert_int_equal(conv_error(c), -ECONNRESET);
}

static void an_idle_one_just_ends(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	assert_int_equal(fake_bind_at(c, 0, 5000), 0);
	assert_int_equal(conv_close(c), 0);
	assert_true(conv_events(c) & CONV_END);
	assert_int_equal(fake.closes, 0);
	assert_int_equal(fake_announce_at(fake_new(), 0, 5000), 0);
	assert_int_equal(fake_connect_peer(c), -EISCONN);
}

static void an_idle_one_is_not_connected(void **state)
{
	struct conv *c = fake_new();
	int pieces;

	(void)state;
	assert_int_equal(conv_peek(c, NULL, 0, 1, &pieces), -ENOTCONN);
	assert_int_equal(conv_write(c, NULL, "x", 1), -ENOTCONN);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_set_up, fake_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(connecting_twice_is_already_then_isconn),
		TEST(connect_after_announce_is_isconn),
		TEST(a_failed_connect_leaves_it_idle_and_usable),
		TEST(a_connect_refused_at_once_leaves_it_idle),
		TEST(hangup_ends_an_attempt_and_another_may_follow),
		TEST(what_is_no_single_host_is_refused),
		TEST(port_zero_is_refused),
		TEST(an_address_that_is_not_ours_is_refused),
		TEST(loopback_does_not_speak_to_the_wire),
		TEST(the_local_end_is_as_chosen),
		TEST(the_same_tuple_is_in_use),
		TEST(two_listeners_on_one_address_clash),
		TEST(a_connected_one_does_not_clash_with_a_listener),
		TEST(a_listeners_port_is_not_undermined_by_another_user),
		TEST(port_zero_chooses_one),
		TEST(a_bound_port_is_kept_and_used),
		TEST(a_bound_port_is_kept_again_after_a_failure),
		TEST(binding_anew_lets_go_of_the_old_port),
		TEST(a_port_is_free_again_when_its_conversation_has_gone),
		TEST(hangup_is_the_end_of_what_was_connected),
		TEST(the_first_error_stays),
		TEST(an_idle_one_just_ends),
		TEST(an_idle_one_is_not_connected),
	};

	return cmocka_run_group_tests_name("conv_ends", tests, NULL, NULL);
}
