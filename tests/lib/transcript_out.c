/*
 * Lines that begin with "out": frames that the stack must send, and when.
 */
#include "transcript_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an out line asks besides the frame itself. */
struct terms {
	usec_t from_us, to_us; /* when, absolute */
	struct range times;
	const char *save;
};

/* Take the option WORD and its value out of the line; NULL when it is not there. */
static char *take_option(int *n, char **words, const char *word)
{
	char *value;
	int i;

	for (i = 1; i + 1 < *n; i++) {
		if (strcmp(words[i], word) != 0)
			continue;
		value = words[i + 1];
		memmove(words + i, words + i + 2, (size_t)(*n - i - 2) * sizeof(*words));
		*n -= 2;
		return value;
	}
	return NULL;
}

static bool take_terms(struct tr *t, int *n, char **words, struct terms *terms)
{
	const char *after = take_option(n, words, "after");
	const char *at = take_option(n, words, "at");
	const char *within = take_option(n, words, "within");
	const char *times = take_option(n, words, "times");
	usec_t base = box_now(t->box);

	terms->save = take_option(n, words, "save");
	terms->from_us = 0;
	terms->to_us = 0;
	terms->times.lo = terms->times.hi = 1;
	if (times && !tr_range(t, times, &terms->times))
		return false;
	if (at)
		base = BOX_BIRTH_US;
	if (within)
		return tr_seconds(t, within, &terms->to_us) && (terms->to_us += base);
	if (!at && !after)
		return (terms->to_us = base) != 0;
	if (!tr_seconds_range(t, at ? at : after, &terms->from_us, &terms->to_us))
		return false;
	terms->from_us += base;
	terms->to_us += base;
	return true;
}

/* What we said, for defaults, scales and the next comparison. */
void tr_note_out(struct flow *flow, const struct frame *f)
{
	int32_t end;

	if (!flow || (f->tcp.flags & FRAME_RST))
		return;
	if (f->tcp.flags & FRAME_SYN) {
		flow->out_has_ws = f->tcp.has_ws;
		flow->out_ws = f->tcp.ws;
		flow->out_has_ts = f->tcp.has_ts;
	}
	end = (int32_t)(f->tcp.seq - flow->iss) + (int32_t)f->data_len;
	if (f->tcp.flags & FRAME_SYN)
		end++;
	if (f->tcp.flags & FRAME_FIN)
		end++;
	if (end > (int32_t)flow->out_nxt)
		flow->out_nxt = (uint32_t)end;
	if ((f->tcp.flags & FRAME_ACK) && (int32_t)(f->tcp.ack - flow->irs) > (int32_t)flow->acked)
		flow->acked = f->tcp.ack - flow->irs;
	if (f->tcp.has_ts)
		flow->ts_last = f->tcp.ts_val;
}

static bool mismatch(struct keys *k)
{
	char words[300];
	struct tr *t = k->t;

	if (t->fault[0])
		return false;
	frame_words(k->f, words, sizeof(words));
	if (k->expected[0] || k->found[0])
		return tr_fail(t, "%s should be %s and is %s in: %s", k->why, k->expected, k->found,
			words);
	return tr_fail(t, "%s: found: %s", k->why ? k->why : "another frame", words);
}

static bool matches_pattern(const struct keys *k)
{
	const struct frame *f = k->f;
	uint64_t off = 0;
	size_t i;

	if (f->kind == FRAME_TCP) {
		if (!k->flow || k->flow->out_is_text || (f->tcp.flags & FRAME_RST))
			return true;
		off = (uint64_t)(f->tcp.seq - k->flow->iss - 1);
	}
	for (i = 0; i < f->data_len; i++)
		if (f->data[i] != (f->kind == FRAME_ICMP ? tr_in_byte(i) : tr_out_byte(off + i)))
			return false;
	return true;
}

/* A TCP frame against "FLAGS words". */
static bool match_tcp(struct keys *k, int n, char **words)
{
	uint8_t flags, found = k->f->tcp.flags;

	if (!frame_flags_from(words[0], &flags))
		return tr_fail(k->t, "neither a kind of frame nor flags: %s", words[0]);
	k->why = "another frame";
	if (k->f->kind != FRAME_TCP)
		return false;
	if (k->flow != k->t->flow) {
		k->why = "not of this flow";
		return false;
	}
	if (!(flags & FRAME_PSH))
		found &= (uint8_t)~FRAME_PSH;
	if (found != flags) {
		k->why = "other flags";
		return false;
	}
	if (!tr_keys_match(k, n - 1, words + 1))
		return false;
	if (!k->has_len && k->f->data_len) {
		k->why = "data was not expected";
		return false;
	}
	return true;
}

static bool match_arp(struct keys *k, int n, char **words)
{
	int op = n > 1 && strcmp(words[1], "request") == 0 ? 1 : 2;

	k->why = "another frame";
	if (k->f->kind != FRAME_ARP || k->f->arp.op != op)
		return false;
	return n <= 2 || tr_keys_match(k, n - 2, words + 2);
}

static bool match_icmp(struct keys *k, int n, char **words)
{
	static const char *const names[] = { "echoreply", "", "", "unreach", "", "", "", "", "echo",
		"", "", "exceeded", "param" };
	size_t i;

	k->why = "another frame";
	if (k->f->kind != FRAME_ICMP)
		return false;
	for (i = 0; n > 1 && i < ARRAY_LEN(names); i++) {
		if (strcmp(words[1], names[i]) != 0)
			continue;
		if (k->f->icmp.type != i)
			return false;
		n--;
		words++;
		break;
	}
	k->wants_pattern = k->f->icmp.type == 0 || k->f->icmp.type == 8;
	if (!tr_keys_match(k, n - 1, words + 1))
		return false;
	k->why = "a length was not expected";
	return k->has_len || !k->f->data_len;
}

static bool match_kind(struct keys *k, enum frame_kind kind, int n, char **words)
{
	k->why = "another frame";
	if (k->f->kind != kind)
		return false;
	k->wants_pattern = kind == FRAME_UDP;
	if (!tr_keys_match(k, n - 1, words + 1))
		return false;
	k->why = "a length was not expected";
	return k->has_len || !k->f->data_len || kind == FRAME_IP;
}

/* Does FRAME fit the line? K says why not. */
static bool match_frame(struct keys *k, const struct box_frame *frame, int n, char **words)
{
	char *copy[TR_WORDS_MAX];
	bool fits;

	(void)frame_parse(k->f, frame->bytes, frame->len);
	k->flow = tr_flow_of(k->t, k->f);
	k->at_us = frame->at_us;
	if (k->flow && (k->f->tcp.flags & FRAME_SYN) && !k->flow->has_iss) {
		k->flow->iss = k->f->tcp.seq;
		k->flow->has_iss = true;
	}
	memcpy(copy, words, (size_t)n * sizeof(*copy));
	if (strcmp(words[0], "any") == 0)
		return true;
	if (strcmp(words[0], "arp") == 0)
		return match_arp(k, n, copy);
	if (strcmp(words[0], "icmp") == 0)
		fits = match_icmp(k, n, copy);
	else if (strcmp(words[0], "udp") == 0)
		fits = match_kind(k, FRAME_UDP, n, copy);
	else if (strcmp(words[0], "ip") == 0)
		return match_kind(k, FRAME_IP, n, copy);
	else
		fits = k->wants_pattern = match_tcp(k, n, copy);
	if (!fits || !k->wants_pattern || matches_pattern(k))
		return fits;
	k->why = "the data is not what was written";
	return false;
}

static void take_frame(struct keys *k, const char *save)
{
	struct tr *t = k->t;
	const struct box_frame *frame = box_peek(t->box);
	struct saved *s;

	if (k->f->kind == FRAME_TCP)
		tr_note_out(k->flow, k->f);
	tr_save(t, &t->last, "last", frame);
	if (save) {
		s = tr_saved(t, save);
		if (!s && t->saved_n < TR_SAVED_MAX)
			s = &t->saved[t->saved_n++];
		if (s)
			tr_save(t, s, save, frame);
	}
	box_seen(t->box);
}

static bool too_late(struct tr *t, const struct terms *terms)
{
	return tr_fail(
		t, "nothing was sent until %.3f s", (double)(terms->to_us - BOX_BIRTH_US) / 1e6);
}

/* One frame that fits, in time. *IS_OTHER tells a frame that does not fit from none at all. */
static bool expect_one(
	struct tr *t, int n, char **words, const struct terms *terms, struct keys *k, bool *is_none)
{
	const struct box_frame *frame;

	*is_none = !box_run(t->box, terms->to_us);
	if (*is_none)
		return false;
	frame = box_peek(t->box);
	if (!match_frame(k, frame, n, words))
		return false;
	k->why = "sent at the wrong time";
	if (frame->at_us >= terms->from_us && frame->at_us <= terms->to_us)
		return true;
	(void)snprintf(k->expected, sizeof(k->expected), "%.3f..%.3f s",
		(double)(terms->from_us > BOX_BIRTH_US ? terms->from_us - BOX_BIRTH_US : 0) / 1e6,
		(double)(terms->to_us - BOX_BIRTH_US) / 1e6);
	(void)snprintf(
		k->found, sizeof(k->found), "%.3f s", (double)(frame->at_us - BOX_BIRTH_US) / 1e6);
	return false;
}

static bool out_frames(struct tr *t, int n, char **words, const struct terms *terms)
{
	long long i;

	for (i = 0; i < terms->times.hi; i++) {
		struct frame f;
		struct keys k = { .t = t, .f = &f };
		bool is_none;

		if (expect_one(t, n, words, terms, &k, &is_none)) {
			take_frame(&k, terms->save);
			continue;
		}
		if (i >= terms->times.lo && !t->fault[0])
			return true;
		return is_none ? too_late(t, terms) : mismatch(&k);
	}
	return true;
}

/* "nothing for 0.5" and "nothing until 3". */
static bool out_nothing(struct tr *t, int n, char **words)
{
	usec_t span, until;

	if (n != 3 || !tr_seconds(t, words[2], &span))
		return tr_fail(t, "nothing wants for or until and seconds");
	until = span + (strcmp(words[1], "for") == 0 ? box_now(t->box) : BOX_BIRTH_US);
	(void)box_run(t->box, until);
	return tr_quiet(t);
}

/* "stream 1..14601 by 1460": new data in order, every segment full but the last. */
static bool out_stream(struct tr *t, int n, char **words, const struct terms *terms)
{
	struct range r;
	long long mss;

	if (n < 4 || strcmp(words[2], "by") != 0 || !tr_range(t, words[1], &r) ||
		!tr_number(t, words[3], &mss))
		return tr_fail(t, "stream wants FROM..TO by LENGTH");
	while (r.lo < r.hi) {
		struct frame f;
		struct keys k = { .t = t, .f = &f };
		long long left = r.hi - r.lo;
		char seq[32], len[32];
		char *line[] = { (char[]){ "ACK" }, (char[]){ "seq" }, seq, (char[]){ "len" },
			len };
		bool is_none;

		(void)snprintf(seq, sizeof(seq), "%lld", r.lo);
		(void)snprintf(len, sizeof(len), "%lld", left < mss ? left : mss);
		if (!expect_one(t, 5, line, terms, &k, &is_none)) {
			if (is_none)
				return tr_fail(t, "the stream stopped at %lld", r.lo);
			return mismatch(&k);
		}
		take_frame(&k, NULL);
		r.lo += left < mss ? left : mss;
	}
	return true;
}

bool tr_out(struct tr *t, int n, char **words)
{
	struct terms terms;

	if (n < 2)
		return tr_fail(t, "out wants a frame");
	(void)tr_box(t);
	if (strcmp(words[1], "nothing") == 0)
		return out_nothing(t, n - 1, words + 1);
	if (!take_terms(t, &n, words, &terms))
		return false;
	if (strcmp(words[1], "stream") == 0)
		return out_stream(t, n - 1, words + 1, &terms);
	return out_frames(t, n - 1, words + 1, &terms);
}
