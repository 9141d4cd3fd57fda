/*
 * mischief.c - what programs do besides talking, in hostile worlds: buffers of four kilobytes
 * and settings that change under way; some hang up, die, stop reading or close the listener.
 * A talk in which that happens is ruined, and its other end gives up after a while.
 */
#include "sim.h"

#include "../../stack/base/text.h"
#include "../../stack/limits.h"

#include <stdio.h>
#include <string.h>

#define STREAM_PART       4 /* of what others send */
#define PATIENCE_US       (60 * (uint32_t)USEC_PER_SEC)
#define RELISTENS_PER_MIL 200 /* of the deeds of those who may ruin, in thousands */

bool mischief_ctl(struct conv *c, const char *verb, const char *arg)
{
	char first[32], second[32], words[128];
	char *argv[] = { first, second, NULL };
	struct text why = text_over(words, sizeof words);

	snprintf(first, sizeof first, "%s", verb);
	snprintf(second, sizeof second, "%s", arg);
	return conv_ctl(c, 2, argv, &why) >= 0;
}

void mischief_plan(struct sim *s, struct talk *t)
{
	struct dice *d = &s->dice;

	/* Small windows make many frames of few bytes. */
	t->half[0].to_send = t->half[1].expected = 1 + t->half[0].to_send / STREAM_PART;
	t->half[1].to_send = t->half[0].expected = t->half[1].to_send / STREAM_PART;
	t->may_be_ruined = dice_chance(d, 300000);
	for (unsigned side = 0; side < 2; side++)
		t->half[side].deed_chance = dice_chance(d, 500000) ? dice_below(d, 20000) : 0;
}

static uint32_t some_buffer(struct dice *d)
{
	static const uint32_t sizes[] = { 4096, 4096, 5000, 16384, 65535, 65536, 262144 };

	return sizes[dice_below(d, ARRAY_LEN(sizes))];
}

void mischief_buffers(struct sim *s, struct conv *c)
{
	/* Now and then one whose scale is too coarse for what small segments bring. */
	conv_set_rcvbuf(c, dice_chance(&s->dice, 100000) ? LIMIT_BUF_MAX : some_buffer(&s->dice));
	conv_set_sndbuf(c, some_buffer(&s->dice));
}

void mischief_leave(struct half *h)
{
	if (h->conv)
		conv_release(h->conv);
	h->conv = NULL;
}

/* --- deeds that change nothing of what must come out ------------------------------------ */

static const char *on_or_off(struct sim *s)
{
	return dice_chance(&s->dice, 500000) ? "on" : "off";
}

/* A keepalive must not end a talk that the weather only hinders. */
static void set_keepalive(struct sim *s, struct conv *c)
{
	char ms[16];

	if (s->weather.loss > 50000 || dice_chance(&s->dice, 300000)) {
		mischief_ctl(c, "keepalive", "off");
		return;
	}
	snprintf(ms, sizeof ms, "%u", 1000 + dice_below(&s->dice, 5000));
	mischief_ctl(c, "keepalive", ms);
}

static void set_mss(struct sim *s, struct conv *c)
{
	char mss[16];

	snprintf(mss, sizeof mss, "%u", 216 + dice_below(&s->dice, 10000));
	mischief_ctl(c, "mss", mss);
}

static void change_setting(struct sim *s, struct conv *c)
{
	switch (dice_below(&s->dice, 7)) {
	case 0:
		mischief_ctl(c, "cork", on_or_off(s));
		return;
	case 1:
		mischief_ctl(c, "nodelay", on_or_off(s));
		return;
	case 2:
		set_keepalive(s, c);
		return;
	case 3:
		set_mss(s, c);
		return;
	case 4:
		conv_set_rcvbuf(c, some_buffer(&s->dice));
		return;
	case 5:
		conv_set_sndbuf(c, some_buffer(&s->dice));
		return;
	default: /* also while calls are half open */
		mischief_buffers(s, s->listener);
		return;
	}
}

/* --- deeds that ruin ---------------------------------------------------------------------- */

static void ruin(struct sim *s, struct talk *t)
{
	t->is_ruined = true;
	for (unsigned side = 0; side < 2; side++)
		t->half[side].gives_up_us = s->now_us + 1 + dice_below(&s->dice, PATIENCE_US);
}

static void do_harm(struct sim *s, struct talk *t, struct half *h)
{
	ruin(s, t);
	switch (dice_below(&s->dice, 5)) {
	case 0:
		conv_hangup(h->conv); /* and goes on, until it is told */
		return;
	case 1:
		conv_hangup(h->conv);
		mischief_leave(h);
		return;
	case 2:
		conv_close(h->conv);
		return;
	case 3:
		h->has_eof = mischief_ctl(h->conv, "shutdown", "rd");
		return;
	default:
		mischief_leave(h);
		return;
	}
}

/* Calls that wait are reset, and who made them dials again. */
static bool listen_anew(struct sim *s)
{
	if (dice_chance(&s->dice, 500000))
		conv_hangup(s->listener);
	conv_release(s->listener);
	s->listener = NULL;
	return programs_listen(s);
}

bool mischief(struct sim *s, struct talk *t, unsigned side)
{
	struct half *h = &t->half[side];

	if (t->is_ruined && s->now_us >= h->gives_up_us) {
		mischief_leave(h);
		return true;
	}
	if (!dice_chance(&s->dice, h->deed_chance))
		return true;
	if (!t->may_be_ruined || dice_chance(&s->dice, 800000)) {
		change_setting(s, h->conv);
		return true;
	}
	if (dice_chance(&s->dice, 1000 * RELISTENS_PER_MIL))
		return listen_anew(s);
	do_harm(s, t, h);
	return true;
}
