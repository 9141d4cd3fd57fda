/*
 * cc.h - congestion control, as a small table of algorithms (RFC 5681).
 *
 * An algorithm sees bytes and time and sets cwnd and ssthresh; it knows no conversation and
 * sends nothing. When to recover is decided by the loss detection above it.
 */
#ifndef CATNET_CC_H
#define CATNET_CC_H

#include "../base/base.h"

struct cc_ops;

/* The largest window there can be (RFC 7323 2.3). */
#define CC_WINDOW_MAX ((uint32_t)1 << 30)

struct cc {
	const struct cc_ops *ops;
	uint32_t mss;      /* SMSS: payload bytes of a full segment */
	uint32_t cwnd;     /* bytes */
	uint32_t ssthresh; /* bytes */
	uint32_t acked;    /* bytes acknowledged since cwnd last grew (RFC 3465) */
	uint64_t state[4]; /* the algorithm's own */
};

/* What an ACK of new data said. */
struct cc_ack {
	usec_t now_us;
	uint32_t bytes;     /* newly acknowledged */
	uint32_t in_flight; /* before this ACK */
	uint32_t srtt_us;
	bool is_limited; /* the sender had cwnd's worth in flight (RFC 7661's spirit) */
};

struct cc_ops {
	const char *name; /* what `congestion NAME` takes */
	void (*init)(struct cc *cc);
	/* New data was acknowledged outside recovery: slow start and congestion avoidance. */
	void (*acked)(struct cc *cc, const struct cc_ack *ack);
	/* Loss was detected by duplicate ACKs: set ssthresh (and what else it remembers). */
	void (*lost)(struct cc *cc, usec_t now_us, uint32_t in_flight);
	/* The retransmission timer fired: set ssthresh; cwnd becomes the loss window. */
	void (*timed_out)(struct cc *cc, usec_t now_us, uint32_t in_flight, bool is_first);
	/* Nothing was sent for longer than an RTO: the restart window (RFC 5681 4.1). */
	void (*idle)(struct cc *cc, usec_t idle_us);
};

extern const struct cc_ops cc_newreno;

/* The algorithm of this name; NULL. The I-th; NULL past the last. */
const struct cc_ops *cc_find(const char *name);
const struct cc_ops *cc_at(unsigned i);

/* RFC 6928: 10 segments, or what 14,600 bytes hold of larger ones, but at least 2. */
uint32_t cc_initial_window(uint32_t mss);

/* Begin with the initial window for MSS: RFC 6928's 10 segments, or 1 after the handshake lost
 * a segment (RFC 5681 3.1). */
void cc_init(struct cc *cc, const struct cc_ops *ops, uint32_t mss, bool syn_was_lost);

/* The path takes segments of MSS bytes from now on. */
void cc_set_mss(struct cc *cc, uint32_t mss);

#endif
