#include "rtt.h"

/* RFC 6298 2.3: alpha is 1/8, beta is 1/4. */
#define ALPHA_PART 8
#define BETA_PART  4

/* RFC 6298 5.7. */
#define RTO_AFTER_SYN_LOSS_US ((usec_t)3000000)

/* No path takes this long; keeps the sums within their types. */
#define SAMPLE_MAX_US ((usec_t)1 << 30)

static uint32_t clamp_rto(uint64_t us)
{
	return (uint32_t)max_u64(RTT_RTO_MIN_US, min_u64(us, RTT_RTO_MAX_US));
}

void rtt_init(struct rtt *r)
{
	*r = (struct rtt){ .rto_us = RTT_RTO_INITIAL_US };
}

/* FROM moved a PART of the way to TO. */
static uint64_t moved(uint64_t from, uint64_t to, uint64_t part)
{
	return to > from ? from + (to - from) / part : from - (from - to) / part;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* RFC 6298 2.3 wants the variation updated first, with the old mean. */
static void smooth(struct rtt *r, uint64_t sample_fine, uint32_t per_window)
{
	if (r->srtt_us == 0) {
		r->srtt_fine = sample_fine;
		r->rttvar_fine = sample_fine / 2;
		return;
	}
	r->rttvar_fine = moved(r->rttvar_fine, distance(r->srtt_fine, sample_fine),
		(uint64_t)BETA_PART * per_window);
	r->srtt_fine = moved(r->srtt_fine, sample_fine, (uint64_t)ALPHA_PART * per_window);
}

void rtt_sample(struct rtt *r, usec_t sample_us, uint32_t per_window)
{
	uint32_t us = (uint32_t)max_u64(1, min_u64(sample_us, SAMPLE_MAX_US));

	smooth(r, (uint64_t)us << RTT_FINE_BITS, max_u32(per_window, 1));
	r->min_us = r->srtt_us == 0 ? us : min_u32(r->min_us, us);
	r->srtt_us = max_u32((uint32_t)(r->srtt_fine >> RTT_FINE_BITS), 1);
	r->rttvar_us = (uint32_t)(r->rttvar_fine >> RTT_FINE_BITS);
	r->rto_us = clamp_rto(r->srtt_us + max_u64(RTT_GRANULARITY_US, 4 * (uint64_t)r->rttvar_us));
	r->backoff = 0;
}

void rtt_back_off(struct rtt *r)
{
	if (rtt_rto_us(r) < RTT_RTO_MAX_US)
		r->backoff++;
}

void rtt_after_syn_loss(struct rtt *r)
{
	r->rto_us = max_u32(r->rto_us, (uint32_t)RTO_AFTER_SYN_LOSS_US);
	r->backoff = 0;
}

usec_t rtt_rto_us(const struct rtt *r)
{
	return min_u64((usec_t)r->rto_us << r->backoff, RTT_RTO_MAX_US);
}
