/*
 * rooms.h - link/ and ip/ with the spine, and nothing above: for tests of those rooms.
 *
 * A struct stack put together by hand, two links that write down what they are given, and three
 * protocols (icmp, tcp, udp) that write down what they are told. Time is a variable that
 * rooms_run moves deadline by deadline. What the stack says on the wire is read by frame.h, which
 * refuses every malformed frame. rooms_close asserts that everything has come back.
 */
#ifndef TESTS_ROOMS_H
#define TESTS_ROOMS_H

#include "../../stack/ip/ip.h"
#include "../../stack/link/ifc.h"
#include "../../stack/net.h"
#include "../../stack/stack_private.h"
#include "frame.h"

#define ROOMS_LINKS  2
#define ROOMS_SEEN   8192
#define ROOMS_IP     0x0a000001u /* ours on link 0, /24; on link 1 it is 10.0.1.1/24 */
#define ROOMS_IP_TWO 0x0a000101u
#define ROOMS_PEER   0x0a000009u
#define ROOMS_BIRTH  (1000 * USEC_PER_SEC)

/* A frame that a link was given. */
struct seen {
	unsigned link;
	usec_t at_us;
	uint32_t len;
	uint8_t *bytes;
	uint8_t offload; /* what was left to the device */
	uint16_t seg_len;
	bool shares_payload; /* it came with slices */
};

/* A packet that a protocol was given, or an error about one of ours. */
struct told_packet {
	uint8_t proto;
	bool is_advice;
	struct ip_info ip;
	struct ip_advice advice;
	uint32_t len;
	uint8_t *bytes;
	uint32_t in_head; /* of the bytes */
	uint16_t segs;
	uint8_t offload;
};

struct rooms_link {
	struct link link;
	struct rooms *rooms;
	int refuse; /* what send says next, and on: 0, -EAGAIN, or another error */
};

struct rooms {
	struct stack stack;
	struct rooms_link links[ROOMS_LINKS];
	struct ifc *ifc[ROOMS_LINKS];
	struct seen seen[ROOMS_SEEN]; /* what was sent; [next, n) not looked at yet */
	unsigned next, seen_n;
	struct told_packet told[ROOMS_SEEN];
	unsigned told_n;
	uint8_t scratch[FRAME_MAX];
};

/* Links with MTU 1500 that offer OFFERS; our addresses in use and announced; ROOMS_PEER known. */
void rooms_open(struct rooms *r, uint8_t offers);

/* The same without addresses and neighbours. */
void rooms_open_bare(struct rooms *r, uint8_t offers);

/* Detach the links, and assert that nothing is held or set any more. */
void rooms_close(struct rooms *r);

void rooms_check(struct rooms *r);

/* Forget what was seen and told. */
void rooms_forget(struct rooms *r);

/* Move time to so long after birth, deadline by deadline. */
void rooms_run(struct rooms *r, usec_t after_birth_us);

/* What is put off to this moment is done. */
void rooms_settle(struct rooms *r);

/* A frame comes in by link LINK. */
void rooms_input(struct rooms *r, unsigned link, const uint8_t *bytes, size_t len);
void rooms_input_frame(struct rooms *r, unsigned link, const struct frame *f);

/* The next frame not looked at yet, in words, on whatever link; false when there is none. Fails
 * the test when it is malformed. */
bool rooms_see(struct rooms *r, struct frame *f);

/* The same, and there must be one; and: there must be none. */
struct frame rooms_expect(struct rooms *r);
void rooms_expect_silence(struct rooms *r);

uint64_t rooms_count(const struct rooms *r, enum counter what);

/* Frames from ROOMS_PEER to our MAC on link 0: words to be changed by the test. */
struct frame rooms_ip(enum frame_kind kind);
struct frame rooms_arp(uint16_t op, uint32_t sender, uint32_t target);

/* The MAC where the tester's IP lives. */
void rooms_station(uint32_t ip, uint8_t mac[6]);

/* A packet of LEN payload bytes 0, 1, 2..., with the ICMP-like first 8 bytes left as they come;
 * the first IN_HEAD in the head, the rest in slices of a block of its own. */
struct pkt *rooms_packet(struct rooms *r, uint32_t len, uint32_t in_head);

/* Send a whole UDP datagram of LEN payload bytes; what ip_output says. */
int rooms_send(struct rooms *r, const struct ip_send *how, uint32_t len);

struct addr v4(uint32_t ip);

#endif
