/*
 * talk.h - short words for tests that hold conversations of datagrams on a box.
 */
#ifndef TESTS_TALK_H
#define TESTS_TALK_H

#include "box.h"

#define TALK_US   0x0a000001u /* the box */
#define TALK_PEER 0x0a000002u /* a station of the tester's */

/*
 * What a test stands on: a box, and conversations to let go of at the end. CLOSE lets time pass
 * until everything has ended, and fails the test when the box found a fault or is not at rest.
 */
extern struct box *talk_box;
extern uint8_t talk_bytes[65508]; /* to send, or to read into */
int talk_open(void **state);
int talk_close(void **state);
struct conv *talk_keep(struct conv *c);

/* A read gives just WORDS: asserted. */
void talk_assert_reads(struct conv *c, const char *words);

/* IP (0: any) and PORT. */
struct endpoint talk_at(uint32_t ip, uint16_t port);

/* A conversation of uid 1000 by the protocol's name; fails the test when there is none. */
struct conv *talk_new(struct box *b, const char *proto);
struct conv *talk_new_of(struct box *b, const char *proto, uint32_t uid);

/* The same, connected or announced; fails the test when that fails. */
struct conv *talk_connected(struct box *b, const char *proto, struct endpoint remote);
struct conv *talk_announced(struct box *b, const char *proto, struct endpoint local);

/* A verb of the protocol's own, its words parted by one space. WHY, of 128 bytes, may be NULL. */
int talk_ctl(struct conv *c, const char *words, char *why);

/* Read like read(2), a datagram or an error; and write what lies in no block. */
ssize_t talk_read(struct conv *c, void *to, size_t cap);
ssize_t talk_write(struct box *b, struct conv *c, const void *at, size_t len);

/* A datagram from the peer at its port to TO, and what follows from it at once. */
void talk_udp_in(struct box *b, uint16_t from_port, struct endpoint to, const void *at, size_t len);

/* Many at once, SEG_LEN bytes each but the last, in one frame that the device vouches for. */
void talk_udp_batch_in(struct box *b, uint16_t from_port, struct endpoint to, const void *at,
	size_t len, uint16_t seg_len);

/* The same in fragments of FRAGMENT bytes of payload. */
void talk_udp_in_fragments(struct box *b, uint16_t from_port, struct endpoint to, const void *at,
	size_t len, size_t fragment);

/* ICMP of TYPE and CODE from the peer about the frame SENT of ours. */
void talk_icmp_about(struct box *b, uint8_t type, uint8_t code, const struct frame *sent);

/* Give the box a frame as it is described; the Ethernet addresses, when unset, are filled in. */
void talk_frame_in(struct box *b, struct frame *f);

/* The next frame that the box has sent, in words that stay good until the next call; NULL when
 * there is none. Malformed ones fail the test. */
const struct frame *talk_out(struct box *b);

/* All frames of one datagram that the box has sent put together at TO, which has room for
 * 65,535 bytes: the IP payload; its length. */
size_t talk_out_whole(struct box *b, uint8_t *to);

#endif
