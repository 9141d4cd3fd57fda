/*
 * box.h - a stack in a box: one machine, one recording link, virtual time.
 *
 * The tester owns every address but the box's, and every station: 10.0.0.9 lives at
 * 02:00:0a:00:00:09. ARP is answered, and its frames are left out of what the test sees, unless
 * it asked to do that by hand. Time moves only by box_run and its kin, deadline by deadline.
 * Every frame in either direction passes the oracle. The first fault stays, and ends a test.
 */
#ifndef TESTS_BOX_H
#define TESTS_BOX_H

#include "../../stack/conv.h"
#include "../../stack/link.h"
#include "../../stack/net.h"
#include "../../stack/stack.h"
#include "evidence.h"
#include "frame.h"
#include "oracle.h"

#define BOX_BIRTH_US (1000 * USEC_PER_SEC)

struct box_config {
	const char *name;          /* of the test, for evidence */
	struct evidence *evidence; /* or NULL; closed by box_free */
	uint32_t ip;               /* 0: 10.0.0.1 */
	unsigned prefix_bits;      /* 0: 24 */
	uint32_t gateway;          /* 0: none */
	uint16_t mtu;              /* 0: 1500 */
	uint8_t offers;            /* enum link_offer */
	bool is_arp_by_hand;
	bool is_traced;  /* everything is wanted, put into words, and told as evidence */
	bool is_probing; /* the address is probed (RFC 5227) before it is used */
	bool has_no_address;
	uint64_t seed; /* of the stack's randomness */
	uint32_t tcp_convs_max;
	size_t memory; /* 0: enough for a test */
};

/* A frame that the stack has sent. */
struct box_frame {
	struct box_frame *next;
	usec_t at_us;
	size_t len;
	uint8_t bytes[];
};

struct box;

struct box *box_new(const struct box_config *config);

/* Give everything back. Sends nothing and judges nothing. */
void box_free(struct box *b);

struct stack *box_stack(struct box *b);
struct ifc *box_ifc(struct box *b);
struct oracle *box_oracle(struct box *b);
struct evidence *box_evidence(struct box *b);
usec_t box_now(const struct box *b);
uint32_t box_ip(const struct box *b);
const uint8_t *box_mac(const struct box *b);

/* The device refuses frames with -EAGAIN; and takes them again. */
void box_stall(struct box *b);
void box_unstall(struct box *b);

/* Where IP lives in the tester's world. */
void box_station(uint32_t ip, uint8_t mac[6]);

/* From now on nobody answers ARP for IP; and somebody does again. At most 8 addresses. */
void box_silence(struct box *b, uint32_t ip);
void box_unsilence(struct box *b, uint32_t ip);

/* IP lives at MAC from now on, and answers nothing that is sent to another station. One at a
 * time. */
void box_move(struct box *b, uint32_t ip, const uint8_t mac[6]);

/* Give the stack a frame; box_settle afterwards lets it answer. */
void box_input(struct box *b, const uint8_t *bytes, size_t len);

/* End of a batch: what was put off is sent, ARP is answered, what is due now is done. */
void box_settle(struct box *b);

/* The oldest frame the test has not seen, or NULL; and it has been seen. */
const struct box_frame *box_peek(const struct box *b);
void box_seen(struct box *b);
void box_seen_all(struct box *b);
unsigned box_unseen_n(const struct box *b);

/* Frames sent so far, ARP included; and a number that depends on every one of their bytes. */
uint64_t box_sent_n(const struct box *b);
uint64_t box_trace_hash(const struct box *b);

/* Move time to UNTIL_US, but stop where the stack has sent something unseen; true if it has. */
bool box_run(struct box *b, usec_t until_us);

/* Move time to UNTIL_US whatever is sent. */
void box_run_through(struct box *b, usec_t until_us);

/* The next line of what the trace tells; NULL when there is none. Good until the
 * next. Nothing is wanted (stack_trace_want) unless it was asked for. */
const char *box_line(struct box *b);

/* A counter of the stack's; faults on an unknown name. And the sum of all drop counters. */
uint64_t box_count(struct box *b, const char *counter);
uint64_t box_drops(struct box *b);

/* The sum of all counters but those of the link: each frame must move one of them. */
uint64_t box_accounts(struct box *b);

/* A protocol by name. */
const struct proto *box_proto(struct box *b, const char *name);

/*
 * Everything must be able to end: all that still lives is answered with resets while time
 * passes 2 MSL; then nothing may be held. The caller has let go of his conversations.
 */
void box_teardown(struct box *b);

/* Keep the first fault; and it, or the oracle's, or NULL. */
void box_blame(struct box *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *box_fault(const struct box *b);

#endif
