/*
 * Segments from somebody who knows the addresses and ports and guesses the numbers: what a reset,
 * a SYN, and data with an ACK may do in each state, how often they are answered, and that what
 * one conversation is answered says nothing about another.
 *
 * rows T-44, T-45, T-46, T-47 (RFC 5961 3, 4, 5, 7; RFC 9293 3.10.7.4)
 */
#include "../lib/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OLDER    70000u /* than the largest window of the peer's */
#define CROWD    200
#define LASTS_US (10 * USEC_PER_SEC)

/* What must come of a probe. */
enum fate {
	ENDS,       /* the conversation is over, in silence */
	SILENCE,    /* nothing at all */
	CHALLENGE,  /* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, and nothing else */
	RESET,      /* <SEQ=SEG.ACK><CTL=RST> (3.10.7.4, fifth, SYN-RECEIVED) */
	AT_MOST_ACK /* an ACK or nothing */
};

struct probe {
	const char *name;
	uint8_t flags;
	enum { AT_NXT, AFTER_NXT, LAST_IN_WINDOW, AT_EDGE, BEFORE_NXT, FAR_AWAY } seq;
	enum { ACK_NXT, ACK_OLD, ACK_FUTURE } ack;
	size_t len;
	enum fate fate;
	enum fate in_syn_received, in_time_wait;
};

/* RFC 1337: in TIME-WAIT no reset counts. What a SYN does in SYN-RECEIVED and in TIME-WAIT is a
 * matter of other rules, and of other tests (AT_MOST_ACK is then not asked for either). */
#define OTHERS_SAY ((enum fate)99)

static const struct probe probes[] = {
	{ "exact reset", FRAME_RST, AT_NXT, ACK_NXT, 0, ENDS, ENDS, SILENCE },
	{ "reset after it", FRAME_RST, AFTER_NXT, ACK_NXT, 0, CHALLENGE, CHALLENGE, AT_MOST_ACK },
	{ "reset last in window", FRAME_RST, LAST_IN_WINDOW, ACK_NXT, 0, CHALLENGE, CHALLENGE,
		AT_MOST_ACK },
	{ "reset at the edge", FRAME_RST, AT_EDGE, ACK_NXT, 0, SILENCE, SILENCE, SILENCE },
	{ "reset before", FRAME_RST, BEFORE_NXT, ACK_NXT, 0, SILENCE, SILENCE, SILENCE },
	{ "SYN in window", FRAME_SYN, AT_NXT, ACK_NXT, 0, CHALLENGE, OTHERS_SAY, OTHERS_SAY },
	{ "SYN outside", FRAME_SYN, FAR_AWAY, ACK_NXT, 0, CHALLENGE, OTHERS_SAY, OTHERS_SAY },
	{ "data with an old ACK", FRAME_ACK, AT_NXT, ACK_OLD, 10, CHALLENGE, RESET, AT_MOST_ACK },
	{ "data with a future ACK", FRAME_ACK, AT_NXT, ACK_FUTURE, 10, CHALLENGE, RESET,
		AT_MOST_ACK },
};

static uint32_t seq_of(const struct scene *sc, const struct probe *p)
{
	uint32_t nxt = sc->peer.snd_nxt;

	switch (p->seq) {
	case AFTER_NXT:
		return nxt + 1;
	case LAST_IN_WINDOW:
		return sc->edge - 1;
	case AT_EDGE:
		return sc->edge;
	case BEFORE_NXT:
		return nxt - 1;
	case FAR_AWAY:
		return nxt + 0x80000000u;
	case AT_NXT:
	default:
		return nxt;
	}
}

static uint32_t ack_of(const struct scene *sc, const struct probe *p)
{
	if (!(p->flags & FRAME_ACK))
		return 0;
	return sc->peer.rcv_nxt + (p->ack == ACK_OLD ? -OLDER : p->ack == ACK_FUTURE ? 1 : 0);
}

static enum fate fate_in(const struct probe *p, enum scene_state state)
{
	if (state == SCENE_SYN_RECEIVED)
		return p->in_syn_received;
	return state == SCENE_TIME_WAIT ? p->in_time_wait : p->fate;
}

static void fail_probe(const struct scene *sc, const struct probe *p, const char *why)
{
	fail_msg("%s, %s: %s", scene_state_name(sc->state), p->name, why);
}

static bool is_challenge(const struct scene *sc, uint32_t rcv_nxt)
{
	const struct frame *f = &sc->peer.last;

	return f->tcp.flags == FRAME_ACK && f->data_len == 0 && f->tcp.seq == rcv_nxt &&
		f->tcp.ack == sc->peer.snd_nxt;
}

static void judge_answer(struct scene *sc, const struct probe *p, enum fate fate)
{
	uint32_t rcv_nxt = sc->peer.rcv_nxt, acked = ack_of(sc, p);
	bool is_answered = peer_take(&sc->peer);

	if (!is_answered) {
		if (fate == CHALLENGE || fate == RESET)
			fail_probe(sc, p, "no answer");
		return;
	}
	if (fate == ENDS || fate == SILENCE)
		fail_probe(sc, p, "an answer");
	if (fate == RESET) {
		if (sc->peer.last.tcp.flags != FRAME_RST || sc->peer.last.tcp.seq != acked)
			fail_probe(sc, p, "no right reset");
	} else if (!is_challenge(sc, rcv_nxt)) {
		fail_probe(sc, p, "no challenge");
	}
	if (peer_take(&sc->peer))
		fail_probe(sc, p, "more than one answer");
}

static void judge_end(struct scene *sc, const struct probe *p, enum fate fate)
{
	struct span piece[4];
	int n;

	if (fate != ENDS && !scene_stands(sc))
		fail_probe(sc, p, conv_state_name(sc->conv));
	if (!sc->conv)
		return;
	if (fate == ENDS && scene_stands(sc))
		fail_probe(sc, p, "it is not over");
	if (conv_peek(sc->conv, piece, 4, 100, &n) > 0)
		fail_probe(sc, p, "the data was taken");
}

static void try_probe(struct scene *sc, const struct probe *p, enum scene_state state)
{
	enum fate fate = fate_in(p, state);

	if (fate == OTHERS_SAY)
		return;
	scene_go_to(sc, state);
	sc->tried = seq_of(sc, p);
	peer_send(&sc->peer, p->flags, sc->tried, ack_of(sc, p), p->len);
	box_settle(sc->box);
	judge_answer(sc, p, fate);
	judge_end(sc, p, fate);
	scene_leave(sc);
}

/* Each of 200 conversations is answered at the same instant: none has spent another's answer. */
static void each_probe_in_each_state_has_the_fate_the_rules_give_it(void **unused)
{
	struct scene sc = scene_open("blind");
	unsigned state, i, j;

	(void)unused;
	for (state = SCENE_SYN_RECEIVED; state <= SCENE_TIME_WAIT; state++)
		for (i = 0; i < sizeof(probes) / sizeof(*probes); i++) {
			for (j = 0; j < CROWD; j++)
				try_probe(&sc, &probes[i], (enum scene_state)state);
			/* resets are limited for each host */
			box_run_through(sc.box, box_now(sc.box) + 5 * USEC_PER_SEC);
		}
	scene_close(&sc);
}

/* --- how often ------------------------------------------------------------------------ */

static void send_probe(struct scene *sc, unsigned i)
{
	static const uint8_t which[] = { 1, 2, 5, 6, 7, 8 };
	const struct probe *p = &probes[which[i % sizeof(which)]];

	if (sc->state == SCENE_SYN_RECEIVED || sc->state == SCENE_TIME_WAIT)
		p = &probes[1 + i % 2];
	peer_send(&sc->peer, p->flags, seq_of(sc, p), ack_of(sc, p), p->len);
}

/* The challenges among what waits, without letting the peer learn of them. */
static unsigned take_challenges(struct scene *sc)
{
	uint32_t rcv_nxt = sc->peer.rcv_nxt;
	unsigned n = 0;

	while (peer_take(&sc->peer)) {
		n += is_challenge(sc, rcv_nxt);
		sc->peer.rcv_nxt = rcv_nxt;
	}
	return n;
}

static unsigned challenges_in_10_s(struct scene *sc, usec_t step_us)
{
	usec_t end_us = box_now(sc->box) + LASTS_US;
	unsigned n = 0, i = 0;

	while (box_now(sc->box) < end_us) {
		send_probe(sc, i++);
		box_settle(sc->box);
		n += take_challenges(sc);
		box_run_through(sc->box, box_now(sc->box) + step_us);
		n += take_challenges(sc);
	}
	return n;
}

static void one_conversation_challenges_at_most_twice_a_second(void **unused)
{
	struct scene sc = scene_open("blind");
	unsigned state;

	(void)unused;
	for (state = SCENE_SYN_RECEIVED; state <= SCENE_TIME_WAIT; state++) {
		unsigned n;

		scene_go_to(&sc, (enum scene_state)state);
		n = challenges_in_10_s(&sc, 2 * USEC_PER_MSEC);
		/* TIME-WAIT need not answer resets at all (RFC 1337) */
		if ((n < 10 && state != SCENE_TIME_WAIT) || n > 21)
			fail_msg("%s: %u in 10 s", scene_state_name(sc.state), n);
		scene_leave(&sc);
	}
	scene_close(&sc);
}

/* --- what one learns of another ------------------------------------------------------- */

#define SEEN_MAX 100

/* When a conversation that is probed at odd times is answered, while another is flooded. */
static unsigned answers_beside(bool flood, usec_t *seen)
{
	struct scene sc = scene_open("blind"), other;
	usec_t begin_us;
	unsigned n = 0, i, j;

	scene_go_to(&sc, SCENE_ESTABLISHED);
	other = sc;
	scene_go_to(&sc, SCENE_ESTABLISHED);
	other.port = sc.port;
	begin_us = box_now(sc.box);
	for (i = 0; i < SEEN_MAX; i++) {
		for (j = 0; flood && j < 50; j++)
			send_probe(&other, j);
		box_settle(sc.box);
		box_seen_all(sc.box);
		send_probe(&sc, i);
		box_settle(sc.box);
		if (take_challenges(&sc))
			seen[n++] = box_now(sc.box) - begin_us;
		box_run_through(sc.box, box_now(sc.box) + (37 + i % 7) * USEC_PER_MSEC);
	}
	conv_hangup(other.conv);
	conv_release(other.conv);
	scene_leave(&sc);
	scene_close(&sc);
	return n;
}

static void when_one_is_answered_does_not_depend_on_another(void **unused)
{
	static usec_t quiet[SEEN_MAX], flooded[SEEN_MAX];
	unsigned n = answers_beside(false, quiet);

	(void)unused;
	assert_int_equal(answers_beside(true, flooded), n);
	assert_memory_equal(quiet, flooded, n * sizeof(*quiet));
	assert_in_range(n, 6, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_probe_in_each_state_has_the_fate_the_rules_give_it),
		cmocka_unit_test(one_conversation_challenges_at_most_twice_a_second),
		cmocka_unit_test(when_one_is_answered_does_not_depend_on_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
