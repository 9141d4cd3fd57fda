#include "far.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "told.h"

#define PATTERN_MAX 60000

static void send_frame(const struct far *p, uint8_t flags, uint32_t seq, uint32_t ack, size_t len)
{
	struct frame f;

	frame_init(&f, FRAME_TCP);
	f.ip.src = TALK_PEER;
	f.ip.dst = TALK_US;
	f.tcp.src_port = p->port;
	f.tcp.dst_port = conv_local(p->conv)->port;
	f.tcp.seq = FAR_ISS + seq;
	f.tcp.ack = flags & FRAME_ACK ? p->ours_iss + ack : 0;
	f.tcp.flags = flags;
	f.tcp.window = p->window;
	f.tcp.has_mss = flags & FRAME_SYN;
	f.tcp.mss = FAR_MSS;
	f.tcp.has_ts = p->has_ts;
	f.tcp.ts_val = (uint32_t)(box_now(talk_box) / 1000);
	f.tcp.ts_ecr = p->ts;
	assert_in_range(len, 0, PATTERN_MAX);
	f.data = talk_bytes + (seq ? (seq - 1) % 1000 : 0);
	f.data_len = len;
	talk_frame_in(talk_box, &f);
}

/* --- sending ------------------------------------------------------------------------- */

void far_sends_at(struct far *p, uint8_t flags, uint32_t seq, size_t len)
{
	uint32_t space = (uint32_t)len + !!(flags & FRAME_SYN) + !!(flags & FRAME_FIN);

	send_frame(p, flags, seq, p->heard, len);
	if (seq == p->nxt)
		p->nxt += space;
}

void far_sends(struct far *p, uint8_t flags, size_t len)
{
	far_sends_at(p, flags | FRAME_ACK, p->nxt, len);
}

void far_acks(struct far *p, uint32_t ack)
{
	send_frame(p, FRAME_ACK, p->nxt, ack, 0);
}

/* --- hearing ------------------------------------------------------------------------- */

const struct frame *far_hears(struct far *p, uint8_t flags, uint32_t seq, size_t len)
{
	const struct frame *f = talk_out(talk_box);
	char words[200];

	if (!f)
		fail_msg("nothing was sent");
	if (f->kind != FRAME_TCP || (f->tcp.flags & ~FRAME_PSH) != flags ||
		f->tcp.seq - p->ours_iss != seq || f->data_len != len)
		fail_msg("expected flags %#x seq %u len %zu, got seq %u: %s", flags, seq, len,
			f->tcp.seq - p->ours_iss, frame_words(f, words, sizeof words));
	if (f->tcp.has_ts)
		p->ts = f->tcp.ts_val;
	if (seq == p->heard)
		p->heard += (uint32_t)len + !!(flags & (FRAME_SYN | FRAME_FIN));
	return f;
}

void far_hears_nothing(void)
{
	const struct frame *f = talk_out(talk_box);
	char words[200];

	if (f)
		fail_msg("expected nothing, got %s", frame_words(f, words, sizeof words));
}

usec_t far_waits(unsigned seconds)
{
	usec_t from_us = box_now(talk_box);

	far_hears_nothing();
	if (!box_run(talk_box, from_us + seconds * USEC_PER_SEC))
		fail_msg("nothing was sent for %u s", seconds);
	return box_now(talk_box) - from_us;
}

void far_waits_in_silence(usec_t us)
{
	far_hears_nothing();
	box_run(talk_box, box_now(talk_box) + us);
	far_hears_nothing();
}

/* --- beginning ----------------------------------------------------------------------- */

struct far far_called(void)
{
	struct far p = { .port = FAR_PORT, .window = 65535 };
	const struct frame *f;

	p.conv = talk_keep(talk_connected(talk_box, "tcp", talk_at(TALK_PEER, FAR_PORT)));
	box_settle(talk_box);
	f = talk_out(talk_box);
	assert_non_null(f);
	assert_int_equal(f->tcp.flags, FRAME_SYN);
	p.ours_iss = f->tcp.seq;
	p.ts = f->tcp.ts_val;
	p.heard = 1;
	return p;
}

struct far far_connected(bool has_ts)
{
	struct far p = far_called();

	p.has_ts = has_ts;
	far_sends(&p, FRAME_SYN, 0);
	far_hears(&p, FRAME_ACK, 1, 0);
	return p;
}

struct far far_calling(struct conv *listener)
{
	struct far p = { .conv = listener, .port = 4000, .window = 65535 };
	const struct frame *f;

	far_sends_at(&p, FRAME_SYN, 0, 0);
	f = talk_out(talk_box);
	assert_non_null(f);
	assert_int_equal(f->tcp.flags, FRAME_SYN | FRAME_ACK);
	p.ours_iss = f->tcp.seq;
	p.heard = 1;
	far_sends(&p, 0, 0);
	p.conv = conv_accept(listener);
	assert_non_null(p.conv);
	talk_keep(p.conv);
	return p;
}

uint64_t far_stat(const struct far *p, const char *name)
{
	static struct told t;
	const struct told_item *item;

	told_init(&t);
	conv_describe(p->conv, &t.describer);
	item = told_find(&t, name);
	if (!item)
		fail_msg("no stat %s", name);
	return item->number;
}
