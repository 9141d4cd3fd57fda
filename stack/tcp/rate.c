/*
 * rate.c - how fast the peer acknowledges: bytes over the time it took, once a round trip. (The
 * idea of draft-cheng-iccrg-delivery-rate-estimation, with one mark instead of a note a segment.)
 *
 * The mark is the end of what was just sent. When it is acknowledged, all that was acknowledged
 * since has been delivered in that time, which is no shorter than a round trip.
 */
#include "parts.h"

/* There was nothing more to send, and the network would have taken more. */
static bool is_app_limited(const struct tcp_conv *c, uint32_t in_flight)
{
	return !seq_before(c->snd_nxt, tcp_snd_end(c)) && in_flight + c->mss <= c->cc.cwnd;
}

void tcp_rate_sent(struct tcp_conv *c)
{
	if (c->rate_us)
		return;
	c->rate_seq = c->snd_max;
	c->rate_us = max_u64(c->conv.stack->now_us, 1);
	c->rate_from = (uint32_t)c->bytes_out;
	c->rate_is_limited = false;
}

/* What the program's pace says is only believed when it is more than was known. */
void tcp_rate_acked(struct tcp_conv *c, uint32_t in_flight)
{
	usec_t took_us = c->conv.stack->now_us - c->rate_us;
	uint64_t rate;

	if (c->rate_us == 0)
		return;
	c->rate_is_limited = c->rate_is_limited || is_app_limited(c, in_flight);
	if (seq_before(c->snd_una, c->rate_seq))
		return;
	c->rate_us = 0;
	if (took_us == 0)
		return;
	rate = (uint64_t)((uint32_t)c->bytes_out - c->rate_from) * USEC_PER_SEC / took_us;
	if (c->rate_is_limited && rate < c->delivery_rate)
		return;
	c->delivery_rate = rate;
	c->delivery_is_limited = c->rate_is_limited;
}
