/*
 * What all protocols share: life, news and settings of conversations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/fake_proto.h"
#include "../lib/talk.h"

static struct conv *next_ready(void)
{
	return conv_next_ready(box_stack(talk_box));
}

/* --- life ---------------------------------------------------------------------------- */

static void numbers_rise_across_protocols(void **state)
{
	struct conv *a = fake_new(), *b = talk_keep(talk_new(talk_box, "udp")), *c = fake_new();

	(void)state;
	assert_true(conv_number(a) > 0);
	assert_int_equal(conv_number(b), conv_number(a) + 1);
	assert_int_equal(conv_number(c), conv_number(b) + 1);
}

static void a_number_is_never_used_again(void **state)
{
	struct conv *a = talk_new(talk_box, "fake");
	uint64_t number = conv_number(a);

	(void)state;
	conv_release(a);
	assert_true(conv_number(fake_new()) > number);
}

static void the_pools_end_is_an_answer(void **state)
{
	const struct cred who = { .uid = 1 };

	(void)state;
	for (int i = 0; i < FAKES_MAX; i++)
		fake_new();
	assert_null(conv_new(box_stack(talk_box), &fake_proto, &who));
	assert_int_equal(box_count(talk_box, "conv_refused"), 1);
}

static void the_last_hold_orphans_and_frees(void **state)
{
	struct conv *c = talk_new(talk_box, "fake");

	(void)state;
	conv_hold(c);
	conv_release(c);
	assert_int_equal(fake.orphans, 0);
	conv_release(c);
	assert_int_equal(fake.orphans, 1);
	assert_int_equal(fake.frees, 1);
}

static void what_still_has_to_be_said_keeps_it_alive(void **state)
{
	struct conv *c = talk_new(talk_box, "fake");

	(void)state;
	((struct fake_conv *)c)->has_more_to_say = true;
	conv_release(c);
	assert_int_equal(fake.orphans, 1);
	assert_int_equal(fake.frees, 0);
	conv_retire(c);
	assert_int_equal(fake.frees, 1);
}

static void retiring_within_orphan_frees_it_once(void **state)
{
	(void)state;
	fake.ends_in_orphan = true;
	conv_release(talk_new(talk_box, "fake"));
	assert_int_equal(fake.frees, 1);
}

static void retiring_what_is_held_does_nothing(void **state)
{
	(void)state;
	conv_retire(fake_new());
	assert_int_equal(fake.frees, 0);
}

static void a_call_is_its_listeners_until_it_is_taken(void **state)
{
	struct conv *l = fake_new_of(55), *call;

	(void)state;
	assert_int_equal(fake_announce_at(l, 0, 80), 0);
	conv_set_ttl(l, 9);
	conv_set_rcvbuf(l, 8192);
	call = fake.waiting = conv_new_call(l);
	conv_raise(call, CONV_UP | CONV_OUT);
	assert_null(next_ready()); /* nobody holds it: nobody is told */
	assert_ptr_equal(conv_accept(l), call);
	assert_int_equal(conv_owner(call)->uid, 55);
	assert_int_equal(call->ttl, 9);
	assert_int_equal(call->rcvbuf, 8192);
	talk_keep(call);
}

/* --- news ---------------------------------------------------------------------------- */

static void news_come_once_however_many_there_are(void **state)
{
	struct conv *a = fake_new(), *b = fake_new();

	(void)state;
	conv_raise(b, CONV_IN);
	conv_raise(a, CONV_IN);
	conv_raise(b, CONV_OUT);
	conv_touch(b);
	assert_ptr_equal(next_ready(), b);
	assert_ptr_equal(next_ready(), a);
	assert_null(next_ready());
}

static void what_was_up_already_is_no_news(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	conv_raise(c, CONV_IN);
	assert_ptr_equal(next_ready(), c);
	conv_raise(c, CONV_IN);
	assert_null(next_ready());
	conv_touch(c);
	assert_ptr_equal(next_ready(), c);
}

static unsigned told_n;

static void told(void *arg, struct conv *c)
{
	assert_ptr_equal(arg, &told_n);
	assert_true(conv_events(c) & CONV_IN);
	told_n++;
}

static void a_user_inside_is_told_instead(void **state)
{
	struct conv *a = fake_new(), *b = fake_new();

	(void)state;
	told_n = 0;
	conv_set_user(a, told, &told_n);
	conv_raise(a, CONV_IN);
	conv_raise(b, CONV_IN);
	assert_ptr_equal(next_ready(), b);
	assert_int_equal(told_n, 1);
	conv_set_user(a, NULL, NULL);
	assert_ptr_equal(next_ready(), a);
}

static void what_rose_before_a_user_came_is_told_to_him(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	told_n = 0;
	conv_raise(c, CONV_IN);
	assert_ptr_equal(next_ready(), c);
	conv_set_user(c, told, &told_n);
	assert_null(next_ready());
	assert_int_equal(told_n, 1);
}

static void what_was_let_go_has_no_news(void **state)
{
	struct conv *c = talk_new(talk_box, "fake");

	(void)state;
	((struct fake_conv *)c)->has_more_to_say = true;
	conv_raise(c, CONV_IN);
	conv_release(c);
	conv_raise(c, CONV_END);
	assert_null(next_ready());
	conv_retire(c);
}

/* --- settings ------------------------------------------------------------------------ */

static void settings_out_of_range_are_refused(void **state)
{
	struct conv *c = fake_new();

	(void)state;
	assert_int_equal(conv_set_ttl(c, 0), -EINVAL);
	assert_int_equal(conv_set_ttl(c, 256), -EINVAL);
	assert_int_equal(conv_set_ttl(c, 255), 0);
	assert_int_equal(conv_set_tos(c, 256), -EINVAL);
	assert_int_equal(conv_set_rcvbuf(c, LIMIT_BUF_MIN - 1), -EINVAL);
	assert_int_equal(conv_set_rcvbuf(c, (uint64_t)LIMIT_BUF_MAX + 1), -EINVAL);
	assert_int_equal(conv_set_sndbuf(c, LIMIT_BUF_MAX), 0);
}

static void a_verb_it_does_not_have_is_said_so(void **state)
{
	(void)state;
	assert_int_equal(talk_ctl(fake_new(), "headers on", NULL), -EOPNOTSUPP);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_set_up, fake_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(numbers_rise_across_protocols),
		TEST(a_number_is_never_used_again),
		TEST(the_pools_end_is_an_answer),
		TEST(the_last_hold_orphans_and_frees),
		TEST(what_still_has_to_be_said_keeps_it_alive),
		TEST(retiring_within_orphan_frees_it_once),
		TEST(retiring_what_is_held_does_nothing),
		TEST(a_call_is_its_listeners_until_it_is_taken),
		TEST(news_come_once_however_many_there_are),
		TEST(what_was_up_already_is_no_news),
		TEST(a_user_inside_is_told_instead),
		TEST(what_rose_before_a_user_came_is_told_to_him),
		TEST(what_was_let_go_has_no_news),
		TEST(settings_out_of_range_are_refused),
		TEST(a_verb_it_does_not_have_is_said_so),
	};

	return cmocka_run_group_tests_name("conv", tests, NULL, NULL);
}
