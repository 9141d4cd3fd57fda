/*
 * peer.h - the other end of one TCP connection to a stack in a box, driven a segment at a time.
 *
 * For tests that need loops or arithmetic; a single rule is better told as a transcript. Numbers
 * are absolute. Data is a pattern by stream offset, so that what is read can be checked.
 */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include "box.h"

struct peer {
	struct box *box;
	uint32_t ip;
	uint16_t port, our_port;
	uint16_t window;   /* what it offers: 65535 */
	uint32_t irs;      /* its own first number */
	uint32_t snd_nxt;  /* what it sends next */
	uint32_t iss;      /* ours */
	uint32_t rcv_nxt;  /* what it expects next */
	struct frame last; /* what it took last; points into bytes */
	uint8_t bytes[2048];
};

/* The peer at IP!PORT of OUR_PORT in box B. */
void peer_init(struct peer *p, struct box *b, uint32_t ip, uint16_t port, uint16_t our_port);

/* Send a segment; LEN bytes of the pattern at SEQ. Does not settle the box. */
void peer_send(struct peer *p, uint8_t flags, uint32_t seq, uint32_t ack, size_t len);

/* Take our next frame if it is a TCP segment to this peer's address and port; what else waits is
 * thrown away. False when nothing for it is left. */
bool peer_take(struct peer *p);

/* The whole handshake of a call to a listener; false when we do not answer with a SYN,ACK. */
bool peer_call(struct peer *p);

/* Answer the SYN of ours that was taken last, and see it through. */
bool peer_answer(struct peer *p);

/* Byte OFF of the stream that a peer sends. */
uint8_t peer_byte(uint32_t off);

#endif
