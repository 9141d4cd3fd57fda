/*
 * programs.c - the programs at both ends: they connect, write and read known bytes at a pace of
 * their own, shut down, and complain of every byte that is not the one that was sent
 * (X-02).
 */
#include "sim.h"

#include <string.h>

#define PORT          80
#define RETRIES_MAX   12
#define REDIAL_US     (2 * USEC_PER_SEC)
#define SHARED_AT     16384 /* a write this long goes in a block of its own, to be shared */
#define WRITE_MAX     131072
#define ROUNDS_A_WAKE 8

static const struct cred nobody = { .uid = 65534, .gid = 65534, .pid = 1 };

/* Eight bytes of a stream at a time; a byte depends on its place and on its stream alone. */
static uint64_t eight_bytes(uint64_t key, uint64_t block)
{
	struct dice d = { .state = key + block * 0x632be59bd9b4e019u };

	return dice_roll(&d);
}

static uint64_t stream_key(const struct talk *t, unsigned side)
{
	return t->key * 2 + side;
}

static void make_bytes(uint64_t key, uint64_t off, uint8_t *to, uint32_t len)
{
	uint64_t block = off / 8;
	uint64_t eight = eight_bytes(key, block);

	for (uint32_t i = 0; i < len; i++) {
		if ((off + i) / 8 != block) {
			block = (off + i) / 8;
			eight = eight_bytes(key, block);
		}
		to[i] = (uint8_t)(eight >> ((off + i) % 8 * 8));
	}
}

static bool bytes_are(uint64_t key, uint64_t off, const uint8_t *at, uint32_t len)
{
	uint8_t want[512];

	for (uint32_t done = 0; done < len;) {
		uint32_t n = min_u32(len - done, sizeof want);

		make_bytes(key, off + done, want, n);
		if (memcmp(want, at + done, n) != 0)
			return false;
		done += n;
	}
	return true;
}

static void maybe_nap(struct sim *s, struct half *h)
{
	if (h->nap_us && dice_chance(&s->dice, h->nap_chance))
		h->wakes_us = s->now_us + 1 + dice_below(&s->dice, (uint32_t)h->nap_us);
}

/* --- beginning ----------------------------------------------------------------------- */

static bool dial(struct sim *s, struct talk *t)
{
	struct host *from = &s->host[0];
	struct endpoint to = { .addr = addr_from_v4(0x0a000002u), .port = PORT };
	struct half *h = &t->half[0];
	int err;

	h->conv = conv_new(from->stack, stack_proto(from->stack, 0), &nobody);
	if (!h->conv)
		return sim_fail(s, "no conversation to dial with");
	if (s->is_hostile)
		mischief_buffers(s, h->conv);
	err = conv_connect(h->conv, NULL, &to);
	if (err < 0)
		return sim_fail(s, "connect: %d", err);
	return true;
}

bool programs_listen(struct sim *s)
{
	struct stack *stack = s->host[1].stack;
	struct endpoint at = { .addr = addr_any, .port = PORT };

	s->listener = conv_new(stack, stack_proto(stack, 0), &nobody);
	if (!s->listener || conv_announce(s->listener, &at) < 0)
		return sim_fail(s, "announce");
	if (s->is_hostile)
		mischief_buffers(s, s->listener);
	return true;
}

bool programs_start(struct sim *s)
{
	if (!programs_listen(s))
		return false;
	for (unsigned i = 0; i < s->talks_n; i++)
		if (!dial(s, &s->talk[i]))
			return false;
	return true;
}

static struct talk *talk_from(struct sim *s, const struct endpoint *caller)
{
	for (unsigned i = 0; i < s->talks_n; i++) {
		struct conv *c = s->talk[i].half[0].conv;

		if (c && !s->talk[i].was_accepted && endpoint_equal(conv_local(c), caller))
			return &s->talk[i];
	}
	return NULL;
}

/* A call whose caller has given up meanwhile belongs to nobody and is hung up. */
static void take_calls(struct sim *s)
{
	struct conv *c;

	while ((c = conv_accept(s->listener))) {
		struct talk *t = talk_from(s, conv_remote(c));

		if (!t) {
			conv_hangup(c);
			conv_release(c);
			continue;
		}
		t->half[1].conv = c;
		t->was_accepted = true;
	}
}

static bool redial(struct sim *s, struct talk *t)
{
	t->must_dial = false;
	conv_release(t->half[0].conv);
	return dial(s, t);
}

/*
 * In heavy weather a connect may time out, and a server may forget a caller whose last step of
 * the handshake never came: RFC 9293 allows both, and a program dials again.
 */
static bool dial_again(struct sim *s, struct talk *t, int err)
{
	struct half *h = &t->half[0];

	if (t->is_ruined) {
		mischief_leave(h);
		return true;
	}
	if (t->was_accepted || t->retries++ >= RETRIES_MAX)
		return sim_fail(s, "talk %u: error %d after %llu bytes", (unsigned)(t - s->talk),
			err, (unsigned long long)h->got);
	h->sent = 0;
	h->has_shut = false;
	t->must_dial = true;
	/* A neighbour that did not answer is not asked again at once: nor should we. */
	if (s->is_hostile)
		h->wakes_us = s->now_us + REDIAL_US;
	return s->is_hostile || redial(s, t);
}

/* A read or a write has failed with ERR. */
static bool failed(struct sim *s, struct talk *t, unsigned side, const char *what, int err)
{
	if (side == 0)
		return dial_again(s, t, err);
	if (!t->is_ruined)
		return sim_fail(s, "%s: %d", what, err);
	mischief_leave(&t->half[side]);
	return true;
}

/* --- reading and writing ------------------------------------------------------------- */

static bool check_bytes(
	struct sim *s, struct talk *t, unsigned side, const struct span *spans, int n)
{
	struct half *h = &t->half[side];

	for (int i = 0; i < n; i++) {
		if (!bytes_are(stream_key(t, !side), h->got, spans[i].at, spans[i].len))
			return sim_fail(s, "talk %u: wrong bytes after %llu",
				(unsigned)(t - s->talk), (unsigned long long)h->got);
		h->got += spans[i].len;
	}
	return true;
}

static bool at_end(struct sim *s, struct talk *t, unsigned side)
{
	struct half *h = &t->half[side];

	h->has_eof = true;
	if (h->got != h->expected && !t->is_ruined)
		return sim_fail(s, "talk %u: the end after %llu of %llu bytes",
			(unsigned)(t - s->talk), (unsigned long long)h->got,
			(unsigned long long)h->expected);
	return true;
}

static bool read_some(struct sim *s, struct talk *t, unsigned side, bool *moved)
{
	struct half *h = &t->half[side];
	struct span spans[32];
	int n = 0;
	ssize_t got = conv_peek(h->conv, spans, 32, h->read_len, &n);

	if (got == -EAGAIN)
		return true;
	if (got < 0)
		return failed(s, t, side, "read", (int)got);
	*moved = true;
	if (got == 0)
		return at_end(s, t, side);
	if (!check_bytes(s, t, side, spans, n))
		return false;
	conv_taken(h->conv, (size_t)got);
	maybe_nap(s, h);
	return true;
}

static ssize_t write_bytes(struct host *host, struct talk *t, unsigned side, uint32_t len)
{
	struct half *h = &t->half[side];
	static uint8_t scratch[WRITE_MAX];
	struct buf *block = len >= SHARED_AT ? stack_chunk(host->stack) : NULL;
	uint8_t *at = block ? block->data : scratch;
	ssize_t n;

	make_bytes(stream_key(t, side), h->sent, at, len);
	n = conv_write(h->conv, block, at, len);
	buf_drop(block);
	return n;
}

static bool shut(struct sim *s, const struct talk *t, struct half *h)
{
	h->has_shut = true;
	if (mischief_ctl(h->conv, "shutdown", "wr") || t->is_ruined)
		return true;
	return sim_fail(s, "shutdown");
}

static bool write_some(struct sim *s, struct talk *t, unsigned side, bool *moved)
{
	struct half *h = &t->half[side];
	uint32_t len =
		(uint32_t)min_u64(h->to_send - h->sent, 1 + dice_below(&s->dice, h->write_len));
	ssize_t n;

	if (h->sent == h->to_send) {
		*moved = true;
		return shut(s, t, h);
	}
	n = write_bytes(&s->host[side], t, side, len);
	if (n == -EAGAIN)
		return true;
	if (n <= 0)
		return failed(s, t, side, "write", (int)n);
	h->sent += (uint64_t)n;
	*moved = true;
	maybe_nap(s, h);
	return true;
}

static bool half_is_done(const struct half *h)
{
	return h->has_eof && h->has_shut;
}

static bool half_is_over(const struct talk *t, unsigned side)
{
	return t->is_ruined ? !t->half[side].conv : half_is_done(&t->half[side]);
}

static bool run_half(struct sim *s, struct talk *t, unsigned side)
{
	struct half *h = &t->half[side];
	bool moved = true;

	if (s->is_hostile && !mischief(s, t, side))
		return false;
	for (int i = 0; i < ROUNDS_A_WAKE && moved && h->conv; i++) {
		if (h->wakes_us > s->now_us)
			return true;
		if (side == 0 && t->must_dial && !redial(s, t))
			return false;
		moved = false;
		if (!h->has_eof && !read_some(s, t, side, &moved))
			return false;
		if (h->conv && !h->has_shut && !write_some(s, t, side, &moved))
			return false;
		if (h->conv && half_is_done(h)) {
			conv_release(h->conv);
			h->conv = NULL;
		}
	}
	if (moved && h->conv && h->wakes_us <= s->now_us)
		h->wakes_us = s->now_us + 1; /* there was more: go on in the next turn */
	return true;
}

bool programs_run(struct sim *s)
{
	for (unsigned side = 0; side < 2; side++)
		while (conv_next_ready(s->host[side].stack))
			continue;
	take_calls(s);
	for (unsigned i = 0; i < s->talks_n; i++)
		for (unsigned side = 0; side < 2; side++)
			if (s->talk[i].half[side].conv && !run_half(s, &s->talk[i], side))
				return false;
	return true;
}

bool programs_are_done(const struct sim *s)
{
	for (unsigned i = 0; i < s->talks_n; i++)
		for (unsigned side = 0; side < 2; side++)
			if (!half_is_over(&s->talk[i], side))
				return false;
	return true;
}

usec_t programs_next_us(const struct sim *s)
{
	usec_t next_us = USEC_NEVER;

	for (unsigned i = 0; i < s->talks_n; i++)
		for (unsigned side = 0; side < 2; side++) {
			const struct half *h = &s->talk[i].half[side];

			if (h->conv && h->wakes_us > s->now_us)
				next_us = min_u64(next_us, h->wakes_us);
			if (h->conv && s->talk[i].is_ruined)
				next_us = min_u64(next_us, h->gives_up_us);
		}
	return next_us;
}

void programs_free(struct sim *s)
{
	for (unsigned i = 0; i < s->talks_n; i++)
		for (unsigned side = 0; side < 2; side++) {
			if (s->talk[i].half[side].conv)
				conv_release(s->talk[i].half[side].conv);
			s->talk[i].half[side].conv = NULL;
		}
	if (s->listener)
		conv_release(s->listener);
	s->listener = NULL;
}
