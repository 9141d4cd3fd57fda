/*
 * Numbers that go round: streams in both directions over sequence number 2^32 at every place of a
 * segment, with losses on the way; and one life lived at many times, around 2^31 and 2^32 of each
 * clock's units, always the same to the microsecond.
 *
 * rows T-60, T-75, T-86 (RFC 9293 3.4; RFC 7323 5.2)
 */
#include "../lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PEER   0x0a000002u
#define STREAM 20000u
#define MSS    1460u
#define TICK   4 /* us of the clock that first numbers rise by (RFC 6528 3) */

static const struct cred nobody = { 0, 0, 1 };

/* One connection from the box, and what the peer has got of it. */
struct stream {
	struct box *box;
	struct conv *conv;
	struct peer p;
	uint8_t is_got[STREAM];
	uint32_t got; /* in order */
	bool has_fin;
	unsigned lost; /* the segment with this offset is lost once; UINT_MAX: none */
};

/* A SYN to PORT from our port 5000, taken by the peer. */
static void call(struct stream *st, uint16_t port)
{
	struct endpoint local = { .addr = addr_from_v4(box_ip(st->box)), .port = 5000 };
	struct endpoint remote = { .addr = addr_from_v4(PEER), .port = port };

	st->conv = conv_new(box_stack(st->box), box_proto(st->box, "tcp"), &nobody);
	assert_non_null(st->conv);
	peer_init(&st->p, st->box, PEER, port, 5000);
	assert_int_equal(conv_connect(st->conv, &local, &remote), 0);
	box_settle(st->box);
	assert_true(peer_take(&st->p));
	assert_int_equal(st->p.last.tcp.flags, FRAME_SYN);
}

/* A connection whose numbers are OURS and THEIRS before 2^32 when it begins: the clock behind our
 * first number is waited for. */
static void connect_before_wrap(struct stream *st, uint16_t port, uint32_t ours, uint32_t theirs)
{
	uint32_t away;

	call(st, port);
	away = -(ours + 1) - st->p.iss;
	conv_hangup(st->conv);
	conv_release(st->conv);
	box_settle(st->box);
	box_seen_all(st->box);
	box_run_through(st->box, box_now(st->box) + (usec_t)away * TICK);
	box_seen_all(st->box);
	call(st, port);
	assert_int_equal(st->p.iss, -(ours + 1));
	st->p.irs = st->p.snd_nxt = -(theirs + 1);
	assert_true(peer_answer(&st->p));
	memset(st->is_got, 0, sizeof(st->is_got));
	st->got = 0;
	st->has_fin = false;
}

/* Take what was sent: bytes anywhere in the stream, each as it must be. */
static bool take_segments(struct stream *st)
{
	uint32_t before = st->got;

	while (peer_take(&st->p)) {
		const struct frame *f = &st->p.last;
		uint32_t off = f->tcp.seq - st->p.iss - 1, i;

		assert_int_equal(f->tcp.flags & (FRAME_RST | FRAME_SYN), 0);
		if (f->data_len && off == st->lost) {
			st->lost = UINT32_MAX;
			continue;
		}
		assert_true(off + f->data_len <= STREAM + 1);
		for (i = 0; i < f->data_len; i++) {
			assert_int_equal(f->data[i], peer_byte(off + i));
			st->is_got[off + i] = 1;
		}
		while (st->got < STREAM && st->is_got[st->got])
			st->got++;
		if (f->tcp.flags & FRAME_FIN && st->got == STREAM)
			st->has_fin = true;
		peer_send(
			&st->p, FRAME_ACK, st->p.snd_nxt, st->p.iss + 1 + st->got + st->has_fin, 0);
		box_settle(st->box);
	}
	return st->got > before;
}

static void send_stream(struct stream *st)
{
	static uint8_t bytes[STREAM];
	uint32_t done = 0, i;
	usec_t end_us = box_now(st->box) + 30 * USEC_PER_SEC;

	for (i = 0; i < STREAM; i++)
		bytes[i] = peer_byte(i);
	while (st->got < STREAM && box_now(st->box) < end_us) {
		ssize_t n = done < STREAM ? conv_write(st->conv, NULL, bytes + done, STREAM - done)
					  : -1;

		done += n > 0 ? (uint32_t)n : 0;
		box_settle(st->box);
		if (!take_segments(st))
			(void)box_run(st->box, end_us);
	}
	assert_int_equal(st->got, STREAM);
}

static uint32_t read_some(struct stream *st, uint32_t off)
{
	struct span piece[16];
	int n = 0, i;
	uint32_t k = 0, j;
	ssize_t got = conv_peek(st->conv, piece, 16, STREAM, &n);

	if (got <= 0)
		return 0;
	for (i = 0; i < n; i++)
		for (j = 0; j < piece[i].len; j++)
			assert_int_equal(piece[i].at[j], peer_byte(off + k++));
	conv_taken(st->conv, (size_t)got);
	return (uint32_t)got;
}

/* The peer's stream, each pair of segments in the wrong order. */
static void hear_stream(struct stream *st)
{
	uint32_t first = st->p.snd_nxt, off, read = 0;
	uint32_t acked = st->p.iss + 1 + st->got;

	for (off = 0; off < STREAM; off += 2 * MSS) {
		uint32_t len = STREAM - off < MSS ? STREAM - off : MSS;
		uint32_t next = off + len;
		uint32_t next_len = STREAM - next < MSS ? STREAM - next : MSS;

		if (next_len)
			peer_send(&st->p, FRAME_ACK, first + next, acked, next_len);
		peer_send(&st->p, FRAME_ACK, first + off, acked, len);
		box_settle(st->box);
		read += read_some(st, read);
		(void)take_segments(st);
	}
	assert_int_equal(read, STREAM);
	st->p.snd_nxt = first + STREAM;
}

static void end_stream(struct stream *st)
{
	assert_int_equal(conv_close(st->conv), 0);
	box_settle(st->box);
	(void)take_segments(st);
	assert_true(st->has_fin);
	peer_send(&st->p, FRAME_FIN | FRAME_ACK, st->p.snd_nxt, st->p.iss + 2 + STREAM, 0);
	box_settle(st->box);
	assert_true(peer_take(&st->p));
	assert_int_equal(st->p.last.tcp.ack, st->p.snd_nxt + 1);
	assert_string_equal(conv_state_name(st->conv), "Time_wait");
	conv_release(st->conv);
	box_settle(st->box);
	box_seen_all(st->box);
}

/* Where the numbers go round: before the SYN's, at its own, in, before and behind each segment,
 * at the FIN's, and behind it. */
static const uint32_t places[] = { 0, 1, 2, 100, MSS - 1, MSS, MSS + 1, 2 * MSS, 3 * MSS - 1,
	5 * MSS + 700, 9999, 10 * MSS, STREAM - 1, STREAM, STREAM + 1, STREAM + 2, UINT32_MAX,
	UINT32_MAX - 1 };

#define PLACES (sizeof(places) / sizeof(*places))

static void both_streams_go_round_anywhere(void **state)
{
	struct box_config config = { .name = "wraps" };
	struct stream st = { .box = box_new(&config) };
	uint16_t port = 1000;
	size_t i;
	uint32_t lost;

	(void)state;
	for (i = 0; i < PLACES; i++) {
		for (lost = 0; lost < 4; lost++) {
			/* none, the first, the one that goes round, the last */
			const uint32_t which[] = { UINT32_MAX, 0, places[i] / MSS * MSS,
				(STREAM - 1) / MSS * MSS };

			st.lost = which[lost];
			connect_before_wrap(&st, port++, places[i], places[PLACES - 1 - i]);
			send_stream(&st);
			hear_stream(&st);
			end_stream(&st);
		}
		stack_check(box_stack(st.box));
	}
	box_teardown(st.box);
	if (box_fault(st.box))
		fail_msg("%s", box_fault(st.box));
	box_free(st.box);
}

/* --- one life at many times ------------------------------------------------------------ */

#define EVENTS_MAX 400

struct event {
	usec_t at_us; /* from its beginning */
	uint32_t seq, ack;
	uint16_t window;
	uint8_t flags;
	size_t len;
};

struct life {
	struct event event[EVENTS_MAX];
	unsigned n;
};

/* What is sent until UNTIL_US, written down and not answered. */
static void note_until(struct stream *st, struct life *l, usec_t begin_us, usec_t until_us)
{
	for (;;) {
		while (peer_take(&st->p)) {
			const struct frame *f = &st->p.last;

			assert_in_range(l->n, 0, EVENTS_MAX - 1);
			l->event[l->n++] = (struct event){ box_now(st->box) - begin_us,
				f->tcp.seq - st->p.iss, f->tcp.ack - st->p.irs, f->tcp.window,
				f->tcp.flags, f->data_len };
		}
		if (!box_run(st->box, until_us))
			return;
	}
}

static void say(struct stream *st, uint8_t flags, uint32_t ack, size_t len)
{
	peer_send(&st->p, flags | FRAME_ACK, st->p.snd_nxt, st->p.iss + ack, len);
	st->p.snd_nxt += (uint32_t)len + (flags & FRAME_FIN ? 1 : 0);
	box_settle(st->box);
}

/* What acknowledges all that was sent; never less than the first thousand. */
static uint32_t end_of(const struct life *l)
{
	uint32_t end = 1001;
	unsigned i;

	for (i = 0; i < l->n; i++)
		if (l->event[i].seq + l->event[i].len > end)
			end = l->event[i].seq + (uint32_t)l->event[i].len;
	return end;
}

/* Connects, loses a segment three times, hears a byte (a delayed ACK), is shut out for 20 s
 * (probes), goes on, closes, and stays in TIME-WAIT to the end. */
static void live_at(usec_t begin_us, struct life *l)
{
	static const uint8_t bytes[3000];
	struct box_config config = { .name = "wraps" };
	struct stream st = { .box = box_new(&config) };
	usec_t sec = USEC_PER_SEC, t = begin_us;

	memset(l, 0, sizeof(*l));
	box_run_through(st.box, begin_us);
	call(&st, 80);
	assert_true(peer_answer(&st.p));
	assert_int_equal(conv_write(st.conv, NULL, bytes, 1000), 1000);
	box_settle(st.box);
	note_until(&st, l, begin_us, t += 8 * sec); /* 3 retransmissions */
	say(&st, 0, 1001, 0);
	say(&st, 0, 1001, 1);
	note_until(&st, l, begin_us, t += sec);
	assert_int_equal(read_some(&st, 0), 1);
	st.p.window = 0;
	say(&st, 0, 1001, 1);
	assert_int_equal(conv_write(st.conv, NULL, bytes, 3000), 3000);
	box_settle(st.box);
	note_until(&st, l, begin_us, t += 20 * sec);
	st.p.window = 65535;
	for (unsigned i = 0; i < 5; i++) {
		say(&st, 0, end_of(l), 0);
		note_until(&st, l, begin_us, t += sec / 100);
	}
	assert_int_equal(end_of(l), 4001);
	assert_int_equal(read_some(&st, 1), 1);
	assert_int_equal(conv_close(st.conv), 0);
	box_settle(st.box);
	note_until(&st, l, begin_us, t += 4 * sec); /* the FIN again */
	say(&st, FRAME_FIN, 4002, 0);
	note_until(&st, l, begin_us, t += sec);
	assert_string_equal(conv_state_name(st.conv), "Time_wait");
	/* when is it over? */
	while (strcmp(conv_state_name(st.conv), "Time_wait") == 0 && t < begin_us + 600 * sec)
		note_until(&st, l, begin_us, t += sec / 10);
	l->event[l->n++] = (struct event){ .at_us = t - begin_us };
	conv_release(st.conv);
	box_teardown(st.box);
	if (box_fault(st.box))
		fail_msg("%s", box_fault(st.box));
	box_free(st.box);
}

static bool is_same(const struct event *a, const struct event *b)
{
	return a->at_us == b->at_us && a->seq == b->seq && a->ack == b->ack &&
		a->window == b->window && a->flags == b->flags && a->len == b->len;
}

static void assert_same_life(const struct life *a, const struct life *b, const char *when)
{
	unsigned i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (!is_same(&a->event[i], &b->event[i]))
			fail_msg("%s: event %u: at %llu and %llu us, seq %u and %u", when, i,
				(unsigned long long)a->event[i].at_us,
				(unsigned long long)b->event[i].at_us, a->event[i].seq,
				b->event[i].seq);
	assert_int_equal(a->n, b->n);
}

static void a_life_is_the_same_at_every_time(void **state)
{
	static const struct {
		const char *name;
		usec_t at_us;
	} turns[] = {
		{ "2^31 us", (usec_t)1 << 31 },
		{ "2^32 us", (usec_t)1 << 32 },
		{ "2^33 us", (usec_t)1 << 33 },
		{ "2^31 ms", ((usec_t)1 << 31) * USEC_PER_MSEC },
		{ "2^32 ms", ((usec_t)1 << 32) * USEC_PER_MSEC },
		{ "2^32 of 4 us", ((usec_t)1 << 32) * TICK },
		{ "2^31 s", ((usec_t)1 << 31) * USEC_PER_SEC },
	};
	/* where in its life the clock goes round */
	static const usec_t before_us[] = { 0, 1, 1500000, 7000000, 8020000, 20000000, 29500000,
		31000000, 60000000, 90000000 };
	static struct life usual, other;
	size_t i, j;

	(void)state;
	live_at(1500 * USEC_PER_SEC, &usual);
	assert_in_range(usual.n, 12, EVENTS_MAX);
	for (i = 0; i < sizeof(turns) / sizeof(*turns); i++)
		for (j = 0; j < sizeof(before_us) / sizeof(*before_us); j++) {
			live_at(turns[i].at_us - before_us[j], &other);
			assert_same_life(&usual, &other, turns[i].name);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_streams_go_round_anywhere),
		cmocka_unit_test(a_life_is_the_same_at_every_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
