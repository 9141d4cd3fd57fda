/*
 * Random walks against models of the judge's own: a receiver that knows which bytes came and
 * what must be acknowledged (RFC 9293 3.10.7.4, RFC 5681 4.2), and a peer that takes what it is
 * sent with any window, any delay and any loss. A failure names its seed.
 */
#include "../lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PEER   0x0a000002u
#define SEEDS  150
#define STREAM 60000u

static const struct cred nobody = { 0, 0, 1 };

/* A walk: its dice, its box, its connection. */
struct walk {
	uint64_t seed, dice;
	struct box *box;
	struct conv *listener, *conv;
	struct peer peer;
};

static uint32_t roll(struct walk *w, uint32_t below)
{
	w->dice = w->dice * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((w->dice >> 33) % below);
}

static void walk_begin(struct walk *w, uint64_t seed)
{
	struct box_config config = {
		.name = "model", .seed = seed, .offers = seed % 3 ? 0 : LINK_CSUM | LINK_TSO4
	};
	struct endpoint local = { .addr = addr_any, .port = 80 };

	memset(w, 0, sizeof(*w));
	w->seed = seed;
	w->dice = seed * 77 + 1;
	w->box = box_new(&config);
	w->listener = conv_new(box_stack(w->box), box_proto(w->box, "tcp"), &nobody);
	assert_non_null(w->listener);
	if (roll(w, 2))
		assert_int_equal(conv_set_rcvbuf(w->listener, 8192 + roll(w, 40000)), 0);
	assert_int_equal(conv_announce(w->listener, &local), 0);
	peer_init(&w->peer, w->box, PEER, 4000, 80);
	w->peer.irs = w->peer.snd_nxt = roll(w, 4) ? roll(w, 1u << 30) : 0u - roll(w, 30000);
	assert_true(peer_call(&w->peer));
	w->conv = conv_accept(w->listener);
	assert_non_null(w->conv);
}

static void walk_end(struct walk *w)
{
	conv_hangup(w->conv);
	conv_release(w->conv);
	conv_release(w->listener);
	box_teardown(w->box);
	if (box_fault(w->box))
		fail_msg("seed %llu: %s", (unsigned long long)w->seed, box_fault(w->box));
	box_free(w->box);
}

static void fail_walk(const struct walk *w, const char *what, uint32_t a, uint32_t b)
{
	fail_msg("seed %llu: %s: %u, by the model %u", (unsigned long long)w->seed, what, a, b);
}

/* What has arrived of the peer's stream, by offset. */
struct arrived {
	uint8_t have[STREAM];
	uint32_t nxt;  /* all before it have */
	uint32_t read; /* what the application has taken */
};

static uint32_t edge_off(struct walk *w)
{
	struct oracle_tuple t = { box_ip(w->box), PEER, 80, 4000 };
	uint32_t edge = 0;

	assert_true(oracle_edge(box_oracle(w->box), &t, &edge));
	return edge - w->peer.irs - 1;
}

/*
 * The model takes what of [OFF, OFF + LEN) is in the window that was offered. To the letter of
 * the four-case test a segment that sticks out at both sides is not acceptable.
 */
static void arrive(struct walk *w, struct arrived *a, uint32_t off, uint32_t len)
{
	uint32_t edge = edge_off(w), i;

	if (off < a->nxt && off + len > edge)
		return;
	for (i = off; i < off + len && i < edge && i < STREAM; i++)
		a->have[i] = 1;
	while (a->nxt < STREAM && a->have[a->nxt])
		a->nxt++;
}

/* All acknowledgements so far agree with the model; the last one says all that there is. */
static void judge_acks(struct walk *w, const struct arrived *a)
{
	uint32_t acked = 0;
	bool any = false;

	while (peer_take(&w->peer)) {
		acked = w->peer.last.tcp.ack - w->peer.irs - 1;
		any = true;
		if (acked > a->nxt)
			fail_walk(w, "acknowledged", acked, a->nxt);
	}
	if (any && acked + 2 * 1460 < a->nxt)
		fail_walk(w, "acknowledged late", acked, a->nxt);
}

static void read_some(struct walk *w, struct arrived *a, uint32_t most)
{
	struct span piece[8];
	int n = 0, i;
	uint32_t j, k = 0;
	ssize_t got = conv_peek(w->conv, piece, 8, most, &n);

	if (got <= 0)
		return;
	if (a->read + (uint32_t)got > a->nxt)
		fail_walk(w, "read", a->read + (uint32_t)got, a->nxt);
	for (i = 0; i < n; i++)
		for (j = 0; j < piece[i].len; j++, k++)
			if (piece[i].at[j] != peer_byte(a->read + k))
				fail_walk(w, "a wrong byte at", a->read + k, a->read);
	conv_taken(w->conv, (size_t)got);
	a->read += (uint32_t)got;
	box_settle(w->box);
}

/* One segment somewhere around what is expected, then perhaps a read or some time. */
static void receive_step(struct walk *w, struct arrived *a)
{
	uint32_t around = a->nxt > 3000 ? a->nxt - roll(w, 3000) : a->nxt;
	uint32_t off = roll(w, 3) ? a->nxt : around + roll(w, 8000);
	uint32_t len = roll(w, 4) ? 1 + roll(w, 1460) : roll(w, 40);

	if (off >= STREAM)
		off = STREAM - 1;
	if (off + len > STREAM)
		len = STREAM - off;
	arrive(w, a, off, len);
	peer_send(&w->peer, FRAME_ACK, w->peer.irs + 1 + off, w->peer.rcv_nxt, len);
	if (roll(w, 3))
		box_settle(w->box);
	if (!roll(w, 4))
		read_some(w, a, 1 + roll(w, 6000));
	if (!roll(w, 10)) {
		box_settle(w->box);
		judge_acks(w, a);
		(void)box_run(w->box, box_now(w->box) + roll(w, 600000));
	}
}

static void judge_quiet(struct walk *w, const struct arrived *a)
{
	uint32_t acked;

	box_settle(w->box);
	while (peer_take(&w->peer) || box_run(w->box, box_now(w->box) + 500000))
		;
	acked = w->peer.last.tcp.ack - w->peer.irs - 1;
	if (acked != a->nxt)
		fail_walk(w, "acknowledged after half a second", acked, a->nxt);
}

/* row T-61 (RFC 9293 3.10.7.4) row T-41 (RFC 9293 3.10.7.4) row X-02 (house rule) */
static void segments_of_any_kind_give_one_stream(void **state)
{
	static struct arrived a;
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= SEEDS; seed++) {
		struct walk w;
		unsigned i;

		walk_begin(&w, seed);
		memset(&a, 0, sizeof(a));
		for (i = 0; i < 150; i++)
			receive_step(&w, &a);
		judge_quiet(&w, &a);
		while (a.read < a.nxt) {
			uint32_t before = a.read;

			read_some(&w, &a, 100000);
			if (a.read == before)
				fail_walk(&w, "could be read", a.read, a.nxt);
		}
		if (box_fault(w.box))
			fail_msg("seed %llu: %s", (unsigned long long)seed, box_fault(w.box));
		walk_end(&w);
	}
}

/* The peer as a receiver: keeps order only, loses at will, offers any window. */
struct taker {
	uint32_t nxt; /* offset of what it expects */
	unsigned lose_percent;
};

static void answer(struct walk *w, struct taker *k)
{
	struct peer *p = &w->peer;

	p->window = (uint16_t)(roll(w, 5) ? 65535 : roll(w, 3) * 3000);
	peer_send(p, FRAME_ACK, p->snd_nxt, p->iss + 1 + k->nxt, 0);
}

/* Take what was sent; for each segment an ACK, or now and then only one for some. */
static void take_all(struct walk *w, struct taker *k)
{
	while (peer_take(&w->peer)) {
		const struct frame *f = &w->peer.last;
		uint32_t off = f->tcp.seq - w->peer.iss - 1;
		uint32_t end = off + (uint32_t)f->data_len;

		if (!f->data_len || roll(w, 100) < k->lose_percent)
			continue;
		if (off <= k->nxt && end > k->nxt)
			k->nxt = end;
		if (roll(w, 4))
			answer(w, k);
		if (!roll(w, 3))
			box_settle(w->box);
	}
	box_settle(w->box);
}

static ssize_t write_some(struct walk *w, uint32_t *written)
{
	uint8_t bytes[8000];
	uint32_t len = 1 + roll(w, sizeof(bytes)), i;
	ssize_t got;

	for (i = 0; i < len; i++)
		bytes[i] = peer_byte(*written + i);
	got = conv_write(w->conv, NULL, bytes, len);
	if (got > 0)
		*written += (uint32_t)got;
	box_settle(w->box);
	return got;
}

/* row T-80 (RFC 9293 3.8.6) row T-85 (RFC 9293 3.8.1) row X-03 (house rule) */
static void what_is_written_arrives_whatever_is_lost(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= SEEDS; seed++) {
		struct taker k = { .lose_percent = (unsigned)(seed % 4) * 12 };
		uint32_t written = 0;
		unsigned steps = 0;
		struct walk w;

		walk_begin(&w, seed);
		while (k.nxt < STREAM) {
			if (written < STREAM)
				(void)write_some(&w, &written);
			take_all(&w, &k);
			answer(&w, &k);
			box_settle(w.box);
			if (box_fault(w.box))
				fail_msg("seed %llu: %s", (unsigned long long)seed,
					box_fault(w.box));
			if (++steps > 20000)
				fail_walk(&w, "does not get on", k.nxt, written);
			if (!box_peek(w.box) && k.nxt < written)
				(void)box_run(w.box, box_now(w.box) + 3 * USEC_PER_SEC);
		}
		walk_end(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_of_any_kind_give_one_stream),
		cmocka_unit_test(what_is_written_arrives_whatever_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
