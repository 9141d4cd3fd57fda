/*
 * Every mixture of flags in every state of TCP, at telling sequence and acknowledgement
 * numbers, judged by what RFC 9293 3.10.7 says of all of them: who may change the state, who
 * is answered, and with what.
 *
 * row T-52 (RFC 9293 3.10.7)
 */
#include "../lib/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One segment, before it is made absolute. */
struct stimulus {
	uint8_t flags;
	uint32_t seq, ack;
	size_t len;
};

static void fail_stimulus(const struct scene *sc, const struct stimulus *st, const char *why)
{
	char flags[48];

	fail_msg("%s: %s seq %d ack %d len %zu: %s", scene_state_name(sc->state),
		frame_flag_words(st->flags, flags, sizeof(flags)),
		(int)(st->seq - sc->peer.snd_nxt), (int)(st->ack - sc->peer.rcv_nxt), st->len, why);
}

/* RFC 9293 3.5.2: the form of a reset, and that none answers a reset. */
static void judge_reset(
	const struct scene *sc, const struct stimulus *st, const struct frame_tcp *answer)
{
	uint32_t end = st->seq + (uint32_t)st->len + ((st->flags & FRAME_SYN) ? 1u : 0u) +
		((st->flags & FRAME_FIN) ? 1u : 0u);

	if (st->flags & FRAME_RST)
		fail_stimulus(sc, st, "a reset in answer to a reset");
	if (sc->state >= SCENE_ESTABLISHED && sc->state <= SCENE_TIME_WAIT) {
		/* only data that nobody can read any more may be reset, and nobody closed that */
		fail_stimulus(sc, st, "a reset in a synchronised state");
	}
	if (st->flags & FRAME_ACK) {
		if (answer->flags != FRAME_RST || answer->seq != st->ack)
			fail_stimulus(sc, st, "a reset that is not <SEQ=SEG.ACK>");
	} else if (answer->flags != (FRAME_RST | FRAME_ACK) || answer->seq != 0 ||
		answer->ack != end) {
		fail_stimulus(sc, st, "a reset that is not <SEQ=0><ACK=SEG.SEQ+SEG.LEN>");
	}
}

static void judge_answer(struct scene *sc, const struct stimulus *st)
{
	const struct frame_tcp *answer = &sc->peer.last.tcp;

	if (answer->flags & FRAME_RST) {
		judge_reset(sc, st, answer);
		return;
	}
	if ((answer->flags & FRAME_SYN) && sc->state >= SCENE_ESTABLISHED &&
		sc->state != SCENE_TIME_WAIT)
		fail_stimulus(sc, st, "a SYN in a synchronised state");
	if (sc->state == SCENE_CLOSED)
		fail_stimulus(sc, st, "an answer from nobody");
	/* 3.10.7.4, fifth: without ACK nothing in the window is taken, nor answered */
	if (sc->state >= SCENE_ESTABLISHED && !(st->flags & (FRAME_ACK | FRAME_SYN | FRAME_RST)) &&
		st->seq == sc->peer.snd_nxt)
		fail_stimulus(sc, st, "an answer to a segment without ACK");
}

static bool in_window(const struct scene *sc, uint32_t seq)
{
	return seq - sc->peer.snd_nxt < sc->edge - sc->peer.snd_nxt;
}

/* May this segment leave the state as another? RFC 9293 3.10.7.4, first to fifth; RFC 5961. */
static bool may_change(const struct scene *sc, const struct stimulus *st)
{
	uint32_t last = st->seq + (uint32_t)st->len - 1 + ((st->flags & FRAME_FIN) ? 1u : 0u);

	if (st->flags & FRAME_RST)
		return st->seq == sc->peer.snd_nxt;
	if (!in_window(sc, st->seq) && !(st->len && in_window(sc, last)))
		return false;
	if (st->flags & FRAME_SYN)
		return false;
	return st->flags & FRAME_ACK;
}

static void judge_state(struct scene *sc, const struct stimulus *st)
{
	const char *now;

	if (!sc->conv || sc->state == SCENE_SYN_SENT || sc->state == SCENE_TIME_WAIT)
		return;
	now = conv_state_name(sc->conv);
	if (!scene_is_named(now, sc->state) && !may_change(sc, st))
		fail_stimulus(sc, st, now);
	if (scene_is_named(now, sc->state) && (st->flags & FRAME_RST) &&
		st->seq == sc->peer.snd_nxt)
		fail_stimulus(sc, st, "an exact reset was not obeyed");
}

static void try_one(struct scene *sc, const struct stimulus *st)
{
	uint64_t accounts;

	scene_take(sc);
	sc->tried = st->seq;
	accounts = box_accounts(sc->box);
	peer_send(&sc->peer, st->flags, st->seq, st->ack, st->len);
	box_settle(sc->box);
	if (box_accounts(sc->box) == accounts)
		fail_stimulus(sc, st, "no counter has moved");
	judge_state(sc, st);
	while (box_peek(sc->box)) {
		uint32_t rcv_nxt = sc->peer.rcv_nxt;

		if (!peer_take(&sc->peer))
			break;
		judge_answer(sc, st);
		sc->peer.rcv_nxt = rcv_nxt;
	}
	if (box_fault(sc->box))
		fail_stimulus(sc, st, box_fault(sc->box));
}

#define SEQS 6
#define ACKS 6
#define LENS 2

static void try_all_numbers(struct scene *sc, enum scene_state state, uint8_t flags)
{
	unsigned i;

	for (i = 0; i < SEQS * ACKS * LENS; i++) {
		struct stimulus st = { .flags = flags };
		uint32_t nxt, una;

		scene_go_to(sc, state);
		nxt = sc->peer.snd_nxt;
		una = sc->peer.rcv_nxt;
		{
			const uint32_t seqs[SEQS] = { nxt, nxt - 1, nxt + 1, sc->edge - 1, sc->edge,
				nxt + 0x80000000u };
			const uint32_t acks[ACKS] = { una, una - 1, una + 1, una - 100000,
				una + 100000, 0 };
			const size_t lens[LENS] = { 0, 10 };

			st.seq = seqs[i % SEQS];
			st.ack = acks[i / SEQS % ACKS];
			st.len = lens[i / SEQS / ACKS];
		}
		try_one(sc, &st);
		scene_leave(sc);
	}
}

static void try_state(enum scene_state state)
{
	struct scene sc = scene_open("states");
	unsigned flags;

	for (flags = 0; flags < 64; flags++) {
		try_all_numbers(&sc, state, (uint8_t)flags);
		/* limits of rate begin anew */
		box_run_through(sc.box, box_now(sc.box) + 5 * USEC_PER_SEC);
		stack_check(box_stack(sc.box));
	}
	scene_close(&sc);
}

/* clang-format off */
#define TEST_OF(STATE, name) static void name(void **unused) { (void)unused; try_state(STATE); }
/* clang-format on */

TEST_OF(SCENE_CLOSED, all_flags_in_closed)
TEST_OF(SCENE_LISTEN, all_flags_in_listen)
TEST_OF(SCENE_SYN_SENT, all_flags_in_syn_sent)
TEST_OF(SCENE_SYN_RECEIVED, all_flags_in_syn_received)
TEST_OF(SCENE_ESTABLISHED, all_flags_in_established)
TEST_OF(SCENE_FIN_WAIT_1, all_flags_in_fin_wait_1)
TEST_OF(SCENE_FIN_WAIT_2, all_flags_in_fin_wait_2)
TEST_OF(SCENE_CLOSE_WAIT, all_flags_in_close_wait)
TEST_OF(SCENE_CLOSING, all_flags_in_closing)
TEST_OF(SCENE_LAST_ACK, all_flags_in_last_ack)
TEST_OF(SCENE_TIME_WAIT, all_flags_in_time_wait)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_flags_in_closed),
		cmocka_unit_test(all_flags_in_listen),
		cmocka_unit_test(all_flags_in_syn_sent),
		cmocka_unit_test(all_flags_in_syn_received),
		cmocka_unit_test(all_flags_in_established),
		cmocka_unit_test(all_flags_in_fin_wait_1),
		cmocka_unit_test(all_flags_in_fin_wait_2),
		cmocka_unit_test(all_flags_in_close_wait),
		cmocka_unit_test(all_flags_in_closing),
		cmocka_unit_test(all_flags_in_last_ack),
		cmocka_unit_test(all_flags_in_time_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
