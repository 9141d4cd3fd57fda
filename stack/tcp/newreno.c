/*
 * NewReno's windows: RFC 5681, with windows counted in bytes (RFC 3465), that grow only while
 * they are what limits the sender (RFC 7661's spirit).
 */
#include "cc.h"

static void newreno_init(struct cc *cc)
{
	(void)cc;
}

/* RFC 5681 3.1 (2): at most SMSS for each ACK, however much it acknowledges. */
static uint32_t slow_start_growth(const struct cc *cc, uint32_t bytes)
{
	return min_u32(bytes, cc->mss);
}

/* RFC 5681 3.1 (3): one segment for each window of bytes that was acknowledged. */
static void avoid_congestion(struct cc *cc, uint32_t bytes)
{
	cc->acked += min_u32(bytes, cc->cwnd);
	if (cc->acked < cc->cwnd)
		return;
	cc->acked -= cc->cwnd;
	cc->cwnd += cc->mss;
}

static void newreno_acked(struct cc *cc, const struct cc_ack *ack)
{
	if (!ack->is_limited)
		return;
	if (cc->cwnd < cc->ssthresh)
		cc->cwnd = min_u32(cc->cwnd + slow_start_growth(cc, ack->bytes), cc->ssthresh);
	else
		avoid_congestion(cc, ack->bytes);
	cc->cwnd = min_u32(cc->cwnd, CC_WINDOW_MAX);
}

/* RFC 5681 3.1 (4): half of what was in flight, not of cwnd, which may not have been used. */
static void newreno_lost(struct cc *cc, usec_t now_us, uint32_t in_flight)
{
	(void)now_us;
	cc->ssthresh = max_u32(in_flight / 2, 2 * cc->mss);
	cc->acked = 0;
}

/* RFC 5681 3.1: a segment that times out again leaves ssthresh as it is. */
static void newreno_timed_out(struct cc *cc, usec_t now_us, uint32_t in_flight, bool is_first)
{
	if (is_first)
		newreno_lost(cc, now_us, in_flight);
	cc->cwnd = cc->mss;
	cc->acked = 0;
}

/* RFC 5681 4.1: the ACK clock has stopped; the restart window is no more than the first. */
static void newreno_idle(struct cc *cc, usec_t idle_us)
{
	(void)idle_us;
	cc->cwnd = min_u32(cc->cwnd, cc_initial_window(cc->mss));
	cc->acked = 0;
}

const struct cc_ops cc_newreno = {
	.name = "newreno",
	.init = newreno_init,
	.acked = newreno_acked,
	.lost = newreno_lost,
	.timed_out = newreno_timed_out,
	.idle = newreno_idle,
};
