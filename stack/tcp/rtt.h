/*
 * rtt.h - the retransmission timeout, RFC 6298. Numbers in, numbers out.
 */
#ifndef CATNET_RTT_H
#define CATNET_RTT_H

#include "../base/base.h"

#define RTT_RTO_INITIAL_US ((usec_t)1000000)
#define RTT_RTO_MIN_US     ((usec_t)200000) /* below RFC 6298 (2.4)'s SHOULD of 1 s, as every */
					    /* stack in use: its section 2.4 allows it */
#define RTT_RTO_MAX_US ((usec_t)60000000)   /* the least that RFC 6298 (2.5) allows: a path */
					    /* that comes back is found within it */
#define RTT_GRANULARITY_US ((usec_t)1000)   /* G: the timestamp clock's tick */

/* The means are kept with a fraction, for steps of a thousandth of a window would be lost. */
#define RTT_FINE_BITS 16

struct rtt {
	uint32_t srtt_us; /* 0: no sample yet */
	uint32_t rttvar_us;
	uint32_t min_us;
	uint32_t rto_us;    /* without back-off */
	uint8_t backoff;    /* how often it has been doubled */
	uint64_t srtt_fine; /* srtt_us and rttvar_us, times 2^RTT_FINE_BITS */
	uint64_t rttvar_fine;
};

void rtt_init(struct rtt *r);

/* A round trip took SAMPLE_US (RFC 6298 2.2, 2.3). IN_FLIGHT samples a window may be expected
 * (RFC 7323 appendix G): alpha and beta are divided by it; at least 1. Ends the back-off. */
void rtt_sample(struct rtt *r, usec_t sample_us, uint32_t per_window);

/* The timer fired: double (RFC 6298 5.5), up to the cap. */
void rtt_back_off(struct rtt *r);

/* The handshake's timer fired: RFC 6298 5.7 wants 3 s for data. */
void rtt_after_syn_loss(struct rtt *r);

/* What to wait for an ACK now, back-off included. */
usec_t rtt_rto_us(const struct rtt *r);

#endif
