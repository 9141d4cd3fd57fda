/*
 * Sixty virtual days: one conversation that speaks once an hour, one that is kept alive, and some
 * that are idle for weeks. The clocks of timestamps (2^32 ms, 49.7 days) and of microseconds in 32
 * bits (71 minutes) go round meanwhile; nothing must notice, and no memory be used up.
 *
 * rows T-75, T-92, X-03, X-07 (RFC 7323 5.5; RFC 9293 3.8.4)
 */
#include "../lib/far.h"
#include "../lib/told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(f)  cmocka_unit_test_setup_teardown(f, talk_open, talk_close)
#define DAYS     60u
#define HOUR_US  (3600 * USEC_PER_SEC)
#define SPOKEN   100u
#define SLEEPERS 5u

/* Who lives here; and what the stack has sent that nobody asked for. */
struct household {
	struct far hourly, kept, sleeper[SLEEPERS];
	uint32_t said; /* relative: how far our side of the hourly one has come */
	unsigned keepalives;
};

static uint64_t told_number(const char *name)
{
	static struct told t;
	const struct told_item *item;

	told_init(&t);
	stack_describe(box_stack(talk_box), &t.describer);
	item = told_find(&t, name);
	assert_non_null(item);
	return item->number;
}

/* Both sides say something; at once, so that no timer is left. */
static void speak(struct far *p, uint32_t *said)
{
	far_sends(p, FRAME_PSH, SPOKEN);
	assert_int_equal(talk_read(p->conv, talk_bytes + 1000, 5000), SPOKEN);
	assert_int_equal(talk_write(talk_box, p->conv, talk_bytes, SPOKEN), SPOKEN);
	far_hears(p, FRAME_ACK, *said, SPOKEN);
	*said += SPOKEN;
	far_acks(p, *said);
	far_hears_nothing();
}

/* Let time pass; the only thing that may be heard is the kept one's question, which is answered. */
static void pass_until(struct household *h, usec_t until_us)
{
	while (box_run(talk_box, until_us)) {
		const struct frame *f = talk_out(talk_box);

		assert_non_null(f);
		assert_int_equal(f->kind, FRAME_TCP);
		assert_int_equal(f->tcp.src_port, conv_local(h->kept.conv)->port);
		assert_int_equal(f->tcp.flags, FRAME_ACK);
		assert_int_equal(f->tcp.seq - h->kept.ours_iss, 0);
		h->kept.ts = f->tcp.ts_val;
		far_acks(&h->kept, 1);
		h->keepalives++;
	}
}

static void sixty_days_change_nothing(void **state)
{
	struct household h = { .said = 1 };
	usec_t begin_us;
	uint64_t blocks = 0, sent = 0, of_a_day = 0;
	unsigned hour, i;

	(void)state;
	h.hourly = far_connected(true);
	h.kept = far_connected(true);
	assert_int_equal(talk_ctl(h.kept.conv, "keepalive 7200000", NULL), 0);
	for (i = 0; i < SLEEPERS; i++)
		h.sleeper[i] = far_connected(true);
	begin_us = box_now(talk_box);
	for (hour = 1; hour <= DAYS * 24; hour++) {
		pass_until(&h, begin_us + hour * HOUR_US);
		speak(&h.hourly, &h.said);
		if (hour % 24 == 0)
			stack_check(box_stack(talk_box));
		if (hour == 24) {
			blocks = told_number("blocks_bytes");
			sent = box_sent_n(talk_box);
		}
		if (hour == 48)
			of_a_day = box_sent_n(talk_box) - sent;
	}
	assert_int_equal(told_number("blocks_bytes"), blocks);
	/* a day is like another: as many frames in each, ARP included, but for a few of chance */
	assert_in_range(box_sent_n(talk_box) - sent, (DAYS - 2) * of_a_day, DAYS * of_a_day);
	assert_in_range(h.keepalives, DAYS * 12 - 2, DAYS * 12);
	for (i = 0; i < SLEEPERS; i++) {
		uint32_t said = 1;

		speak(&h.sleeper[i], &said);
		assert_int_equal(far_stat(&h.sleeper[i], "segs_retransmitted"), 0);
	}
	assert_int_equal(far_stat(&h.hourly, "segs_retransmitted"), 0);
	assert_int_equal(far_stat(&h.hourly, "segs_dropped"), 0);
}

/* RFC 7323 5.5: what was heard more than 24 days ago is no measure of what is old. */
static void whoever_sleeps_for_weeks_is_heard_when_he_speaks(void **state)
{
	static const unsigned slept_days[] = { 20, 24, 25, 26, 30, 40, 49, 50, 60, 75 };
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(slept_days) / sizeof(*slept_days); i++) {
		struct far p = far_connected(true);
		uint32_t said = 1;

		speak(&p, &said);
		far_waits_in_silence(slept_days[i] * 24 * HOUR_US);
		speak(&p, &said);
		assert_int_equal(far_stat(&p, "segs_dropped"), 0);
	}
}

/* nobody has anything to say, and nothing is to be done but what is documented. */
static void an_idle_stack_does_nothing_for_sixty_days(void **state)
{
	struct stack *s = box_stack(talk_box);
	usec_t end_us;
	uint64_t sent;
	unsigned wakes = 0;

	(void)state;
	talk_keep(talk_announced(talk_box, "tcp", talk_at(0, 80)));
	talk_keep(talk_announced(talk_box, "udp", talk_at(0, 53)));
	(void)far_connected(false);
	box_run_through(talk_box, box_now(talk_box) + HOUR_US);
	box_seen_all(talk_box);
	sent = box_sent_n(talk_box);
	end_us = box_now(talk_box) + DAYS * 24 * HOUR_US;
	while (stack_deadline(s) < end_us) {
		box_run_through(talk_box, stack_deadline(s));
		wakes++;
	}
	assert_int_equal(box_sent_n(talk_box), sent);
	/* timers further ahead than the wheel's outermost turn may wake it now and then */
	assert_in_range(wakes, 0, DAYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sixty_days_change_nothing),
		TEST(whoever_sleeps_for_weeks_is_heard_when_he_speaks),
		TEST(an_idle_stack_does_nothing_for_sixty_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
