/*
 * data.c - the user reads and writes (RFC 9293 3.10.2 and 3.10.3).
 */
#include "parts.h"
#include "user.h"

/* --- reading ------------------------------------------------------------------------- */

/* What a reader gets when nothing is queued. */
static int nothing_to_read(const struct tcp_conv *c)
{
	switch ((enum tcp_state)c->state) {
	case TCP_LISTEN:
		return -EINVAL;
	case TCP_CLOSED:
		return c->conv.error;
	case TCP_CLOSE_WAIT:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
	case TCP_TIME_WAIT:
		return 0;
	case TCP_SYN_SENT:
	case TCP_SYN_RECEIVED:
	case TCP_ESTABLISHED:
	case TCP_FINWAIT1:
	case TCP_FINWAIT2:
	case TCP_STATES_N:
		break;
	}
	return c->rd_shut ? 0 : -EAGAIN;
}

ssize_t tcp_peek(struct conv *conv, struct span *out, int max, size_t len, int *pieces)
{
	struct tcp_conv *c = tcp_of(conv);
	uint32_t want = (uint32_t)min_size(len, c->rcvq.len);
	ssize_t got = 0;

	if (c->rcvq.len == 0) {
		int nothing = nothing_to_read(c);

		if (nothing == -EAGAIN)
			conv_lower(conv, CONV_IN);
		return nothing;
	}
	*pieces = bytes_spans(&c->rcvq, 0, want, out, max);
	for (int i = 0; i < *pieces; i++)
		got += out[i].len;
	return got;
}

void tcp_taken(struct conv *conv, size_t len)
{
	struct tcp_conv *c = tcp_of(conv);

	if (len == 0)
		return;
	ASSERT(len <= c->rcvq.len);
	bytes_drop(&conv->stack->bytes, &c->rcvq, (uint32_t)len);
	if (c->rcvq.len == 0 && nothing_to_read(c) == -EAGAIN)
		conv_lower(conv, CONV_IN);
	tcp_window_maybe_update(c);
}

void tcp_end_reading(struct tcp_conv *c)
{
	c->rd_shut = true;
	tcp_taken(&c->conv, c->rcvq.len);
	bytes_forget_beyond(&c->conv.stack->bytes, &c->rcvq);
	conv_raise(&c->conv, CONV_IN | CONV_PEER_END);
	conv_touch(&c->conv);
}

/* --- writing ------------------------------------------------------------------------- */

/*
 * What is charged against sndbuf are the blocks that the queue keeps from others; but one of
 * them may be mostly dead at its front or mostly empty at its end, and a writer must not wait
 * for its last byte to be acknowledged.
 */
static uint32_t sndq_room(const struct tcp_conv *c, uint32_t limit)
{
	uint32_t slack = buf_class_cap(BUF_LARGE);
	uint32_t held = c->sndq.held > slack ? c->sndq.held - slack : 0;
	uint32_t charged = max_u32(held, c->sndq.len);

	return limit > charged ? limit - charged : 0;
}

/* When memory is tight, a few writers whose peers do not read may not have the rest of it too. */
static uint32_t sndq_limit(const struct tcp_conv *c)
{
	return conv_memory_is_tight(c->conv.stack) ? min_u32(c->conv.sndbuf, LIMIT_TCP_SND_TIGHT)
						   : c->conv.sndbuf;
}

void tcp_sndq_freed(struct tcp_conv *c)
{
	uint32_t limit = sndq_limit(c);

	if (!c->fin_wanted && sndq_room(c, limit) >= limit / 3)
		conv_raise(&c->conv, CONV_OUT);
}

/* 0: bytes may be queued. */
static int may_write(const struct tcp_conv *c)
{
	if (c->state == TCP_LISTEN)
		return -EINVAL;
	if (c->state == TCP_CLOSED)
		return c->conv.error ? c->conv.error : -EPIPE;
	return c->fin_wanted ? -EPIPE : 0;
}

/* None of it could be taken. An ACK wakes the writer, if one is to come. */
static ssize_t cannot_queue(struct tcp_conv *c)
{
	if (c->sndq.len == 0)
		return -ENOBUFS;
	conv_lower(&c->conv, CONV_OUT);
	return -EAGAIN;
}

ssize_t tcp_write(struct conv *conv, struct buf *from, const void *at, size_t len)
{
	struct tcp_conv *c = tcp_of(conv);
	uint32_t taken;
	int err = may_write(c);

	if (err < 0)
		return err;
	if (len == 0)
		return 0;
	/* A piece of a chunk keeps all of it from others. */
	if (conv_memory_is_tight(conv->stack))
		from = NULL;
	len = min_size(len, sndq_room(c, sndq_limit(c)));
	taken = bytes_give(&conv->stack->bytes, &c->sndq, from, at, (uint32_t)len);
	if (taken == 0)
		return cannot_queue(c);
	tcp_output(c);
	return taken;
}

void tcp_buffers_changed(struct conv *conv)
{
	struct tcp_conv *c = tcp_of(conv);

	tcp_size_queues(c);
	if (!tcp_is_synchronized(c))
		return;
	tcp_sndq_freed(c);
	tcp_window_maybe_update(c);
}

void tcp_settle(struct conv *conv)
{
	struct tcp_conv *c = tcp_of(conv);

	bytes_settle(&conv->stack->bytes, &c->sndq);
	bytes_settle(&conv->stack->bytes, &c->rcvq);
}
