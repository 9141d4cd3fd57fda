/*
 * Every mixture of flags in every state of TCP, at telling sequence and acknowledgement
 * numbers, judged by what RFC 9293 3.10.7 says of all of them: who may change the state, who
 * is answered, and with what.
 *
 * row T-52 (RFC 9293 3.10.7)
 */
#include "../lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PEER 0x0a000002u

static const struct cred nobody = { 0, 0, 1 };

enum state {
	LISTEN,
	SYN_SENT,
	SYN_RECEIVED,
	ESTABLISHED,
	FIN_WAIT_1,
	FIN_WAIT_2,
	CLOSE_WAIT,
	CLOSING,
	LAST_ACK,
	TIME_WAIT,
	CLOSED,
	STATES
};

static const char *const names[] = { "Listen", "Synsent", "Synreceived", "Established", "Finwait1",
	"Finwait2", "Closewait", "Closing", "Lastack", "Timewait", "Closed" };

/* One connection in a state, and the box it lives in. */
struct scene {
	struct box *box;
	struct conv *listener, *conv;
	struct peer peer;
	uint16_t port; /* the next peer's */
	enum state state;
	uint32_t edge;  /* of our window */
	uint32_t tried; /* the number of the last stimulus */
};

/* One segment, before it is made absolute. */
struct stimulus {
	uint8_t flags;
	uint32_t seq, ack;
	size_t len;
};

static bool is_state(const char *said, enum state state)
{
	const char *want = names[state];

	for (; *said; said++) {
		if (*said == '_')
			continue;
		if (!*want || (*said | 32) != (*want | 32))
			return false;
		want++;
	}
	return !*want;
}

static void settle(struct scene *sc)
{
	box_settle(sc->box);
}

static void take(struct scene *sc)
{
	while (peer_take(&sc->peer))
		;
}

static void say(struct scene *sc, uint8_t flags)
{
	peer_send(&sc->peer, flags, sc->peer.snd_nxt, sc->peer.rcv_nxt, 0);
	if (flags & (FRAME_SYN | FRAME_FIN))
		sc->peer.snd_nxt++;
	settle(sc);
	take(sc);
}

/* From ESTABLISHED on by what both sides do. */
static void close_as_far_as(struct scene *sc)
{
	enum state to = sc->state;

	if (to == CLOSE_WAIT || to == LAST_ACK)
		say(sc, FRAME_FIN | FRAME_ACK);
	if (to == FIN_WAIT_1 || to == FIN_WAIT_2 || to == CLOSING || to == LAST_ACK ||
		to == TIME_WAIT) {
		uint32_t before = sc->peer.rcv_nxt;

		assert_int_equal(conv_close(sc->conv), 0);
		settle(sc);
		take(sc);
		if (to == CLOSING) {
			sc->peer.rcv_nxt = before; /* it has not seen our FIN */
			say(sc, FRAME_FIN | FRAME_ACK);
		}
	}
	if (to == FIN_WAIT_2 || to == TIME_WAIT)
		say(sc, FRAME_ACK);
	if (to == TIME_WAIT)
		say(sc, FRAME_FIN | FRAME_ACK);
}

static void go_to(struct scene *sc, enum state state)
{
	struct endpoint remote = { .addr = addr_from_v4(PEER), .port = sc->port };

	sc->state = state;
	sc->conv = NULL;
	peer_init(&sc->peer, sc->box, PEER, sc->port, 80);
	sc->port = sc->port == 60000 ? 2000 : (uint16_t)(sc->port + 1);
	if (state == LISTEN)
		return;
	if (state == CLOSED) {
		sc->peer.our_port = 81;
		return;
	}
	if (state == SYN_SENT) {
		sc->conv = conv_new(box_stack(sc->box), box_proto(sc->box, "tcp"), &nobody);
		assert_non_null(sc->conv);
		assert_int_equal(conv_connect(sc->conv, NULL, &remote), 0);
		settle(sc);
		assert_true(peer_take(&sc->peer));
		sc->peer.our_port = sc->peer.last.tcp.src_port;
		return;
	}
	if (state == SYN_RECEIVED) {
		say(sc, FRAME_SYN);
		return;
	}
	assert_true(peer_call(&sc->peer));
	sc->conv = conv_accept(sc->listener);
	assert_non_null(sc->conv);
	close_as_far_as(sc);
	if (!is_state(conv_state_name(sc->conv), state))
		fail_msg("wanted %s, came to %s", names[state], conv_state_name(sc->conv));
}

/* Let go of everything without a word on the wire that matters. */
static void leave(struct scene *sc)
{
	struct conv *call;

	if (sc->conv) {
		conv_hangup(sc->conv);
		conv_release(sc->conv);
	}
	while ((call = conv_accept(sc->listener)) != NULL) {
		conv_hangup(call);
		conv_release(call);
	}
	settle(sc);
	box_seen_all(sc->box);
	/* the half-open call, if there is one: the first, or one that a SYN has just made */
	peer_send(&sc->peer, FRAME_RST, sc->peer.irs + 1, 0, 0);
	peer_send(&sc->peer, FRAME_RST, sc->tried + 1, 0, 0);
	settle(sc);
	box_seen_all(sc->box);
}

static void fail_stimulus(const struct scene *sc, const struct stimulus *st, const char *why)
{
	char flags[48];

	fail_msg("%s: %s seq %d ack %d len %zu: %s", names[sc->state],
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
	if (sc->state >= ESTABLISHED && sc->state <= TIME_WAIT) {
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
	if ((answer->flags & FRAME_SYN) && sc->state >= ESTABLISHED && sc->state != TIME_WAIT)
		fail_stimulus(sc, st, "a SYN in a synchronised state");
	if (sc->state == CLOSED)
		fail_stimulus(sc, st, "an answer from nobody");
	/* 3.10.7.4, fifth: without ACK nothing in the window is taken, nor answered */
	if (sc->state >= ESTABLISHED && !(st->flags & (FRAME_ACK | FRAME_SYN | FRAME_RST)) &&
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

	if (!sc->conv || sc->state == SYN_SENT || sc->state == TIME_WAIT)
		return;
	now = conv_state_name(sc->conv);
	if (!is_state(now, sc->state) && !may_change(sc, st))
		fail_stimulus(sc, st, now);
	if (is_state(now, sc->state) && (st->flags & FRAME_RST) && st->seq == sc->peer.snd_nxt)
		fail_stimulus(sc, st, "an exact reset was not obeyed");
}

static void try_one(struct scene *sc, const struct stimulus *st)
{
	uint64_t accounts;

	take(sc);
	sc->tried = st->seq;
	accounts = box_accounts(sc->box);
	peer_send(&sc->peer, st->flags, st->seq, st->ack, st->len);
	settle(sc);
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

static void try_all_numbers(struct scene *sc, enum state state, uint8_t flags)
{
	unsigned i;

	for (i = 0; i < SEQS * ACKS * LENS; i++) {
		struct oracle_tuple t;
		struct stimulus st = { .flags = flags };
		uint32_t nxt, una;

		go_to(sc, state);
		t = (struct oracle_tuple){ box_ip(sc->box), PEER, sc->peer.our_port,
			sc->peer.port };
		nxt = sc->peer.snd_nxt;
		una = sc->peer.rcv_nxt;
		sc->edge = nxt + 65535;
		(void)oracle_edge(box_oracle(sc->box), &t, &sc->edge);
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
		leave(sc);
	}
}

static void try_state(enum state state)
{
	struct box_config config = { .name = "states", .tcp_convs_max = 8192 };
	struct scene sc = { .box = box_new(&config), .port = 2000 };
	struct endpoint local = { .addr = addr_any, .port = 80 };
	unsigned flags;

	sc.listener = conv_new(box_stack(sc.box), box_proto(sc.box, "tcp"), &nobody);
	assert_int_equal(conv_announce(sc.listener, &local), 0);
	for (flags = 0; flags < 64; flags++) {
		try_all_numbers(&sc, state, (uint8_t)flags);
		/* limits of rate begin anew */
		box_run_through(sc.box, box_now(sc.box) + 5 * USEC_PER_SEC);
		stack_check(box_stack(sc.box));
	}
	conv_release(sc.listener);
	box_teardown(sc.box);
	if (box_fault(sc.box))
		fail_msg("%s: %s", names[state], box_fault(sc.box));
	box_free(sc.box);
}

/* clang-format off */
#define TEST_OF(STATE, name) static void name(void **unused) { (void)unused; try_state(STATE); }
/* clang-format on */

TEST_OF(CLOSED, all_flags_in_closed)
TEST_OF(LISTEN, all_flags_in_listen)
TEST_OF(SYN_SENT, all_flags_in_syn_sent)
TEST_OF(SYN_RECEIVED, all_flags_in_syn_received)
TEST_OF(ESTABLISHED, all_flags_in_established)
TEST_OF(FIN_WAIT_1, all_flags_in_fin_wait_1)
TEST_OF(FIN_WAIT_2, all_flags_in_fin_wait_2)
TEST_OF(CLOSE_WAIT, all_flags_in_close_wait)
TEST_OF(CLOSING, all_flags_in_closing)
TEST_OF(LAST_ACK, all_flags_in_last_ack)
TEST_OF(TIME_WAIT, all_flags_in_time_wait)

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
