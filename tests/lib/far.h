/*
 * far.h - a TCP by hand at the other end of a box, for tests of conversations in C.
 *
 * Sequence numbers are relative: each side's SYN is 0 and its data begin at 1. What the peer
 * sends acknowledges all that it has heard in order, unless a test says otherwise; what it has
 * heard it does not answer by itself.
 */
#ifndef TESTS_FAR_H
#define TESTS_FAR_H

#include "talk.h"

#define FAR_ISS  600000u
#define FAR_MSS  1460u
#define FAR_PORT 80

struct far {
	struct conv *conv; /* of the box */
	uint16_t port;     /* the peer's */
	uint16_t window;   /* as it stands in the field */
	uint32_t ours_iss; /* the box's first number */
	uint32_t nxt;      /* the peer's next number, relative */
	uint32_t heard;    /* what it acknowledges, relative */
	bool has_ts;
	uint32_t ts; /* its clock, in ms; moves with the box's */
};

/* The box has connected: its SYN is out and taken, nothing is answered. The conversation is
 * kept until the test is over. */
struct far far_called(void);

/* The whole handshake; MSS 1460, without window scale; with or without timestamps. */
struct far far_connected(bool has_ts);

/* A call from the peer to the box's PORT, accepted. */
struct far far_calling(struct conv *listener);

/* Send a segment of FLAGS and ACK with LEN bytes of pattern at the next number, or at SEQ; it
 * acknowledges what was heard, or ACK. */
void far_sends(struct far *p, uint8_t flags, size_t len);
void far_sends_at(struct far *p, uint8_t flags, uint32_t seq, size_t len);
void far_acks(struct far *p, uint32_t ack);

/* The next frame must be a segment of FLAGS (PSH apart) with LEN bytes from SEQ on; it is taken.
 * FRAME's words stay good until the next. Hearing what is in order moves what is acked. */
const struct frame *far_hears(struct far *p, uint8_t flags, uint32_t seq, size_t len);

/* Nothing has been sent. */
void far_hears_nothing(void);

/* Time passes until the box sends something; at most SECONDS. How long it took, in us; fails
 * when nothing came. */
usec_t far_waits(unsigned seconds);

/* Nothing is sent for US. */
void far_waits_in_silence(usec_t us);

/* A number of the conversation's stats, or a counter of the stack. */
uint64_t far_stat(const struct far *p, const char *name);

#endif
