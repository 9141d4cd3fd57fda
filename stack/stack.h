/*
 * stack.h - the engine's door: a TCP/IP host as a pure machine.
 *
 * Frames, calls and the time go in; frames and "this conversation is ready" come out. It opens
 * nothing, waits for nothing, reads no clock, allocates nothing after stack_new, and keeps no
 * state outside struct stack, so that any number may live in one process and the same seed
 * with the same calls gives the same bytes.
 *
 * Not to be entered twice at once: a link's send must not call back.
 */
#ifndef CATNET_STACK_H
#define CATNET_STACK_H

#include "base/addr.h"
#include "base/base.h"

struct conv;
struct describer;
struct ifc;
struct link;
struct pkt;
struct proto;
struct pkts;
struct stack;
struct text;

/* Time, randomness and memory are inputs; zero means the default where one is given. */
struct stack_config {
	/* Called once, by stack_new, for LEN bytes of zeroes; NULL refuses. And once to take
	 * them back, by stack_free. */
	void *(*memory_take)(void *arg, size_t len);
	void (*memory_give_back)(void *arg, void *at, size_t len);
	void *memory_arg;
	size_t memory; /* the whole budget in bytes; default LIMIT_MEMORY */

	uint8_t secret[16]; /* keys the tables, ports and sequence numbers */
	uint8_t seed[16];   /* all randomness follows from it */

	/* Not over 1 << 24. Default LIMIT_TCP_CONVS, and so on; of a budget below LIMIT_MEMORY,
	 * in proportion. */
	uint32_t tcp_convs_max;
	uint32_t udp_convs_max;
	uint32_t icmp_convs_max;
	uint32_t trace_events; /* a power of 2; 0: no trace */
};

/* A machine at NOW_US; NULL when memory was refused or is too small for the limits asked. */
struct stack *stack_new(const struct stack_config *config, usec_t now_us);

/* Everything, conversations included, whoever holds them. Sends nothing. */
void stack_free(struct stack *s);

/* Move time to NOW_US, which is never before the last, and do what has come due; the next
 * deadline, as stack_deadline gives it. */
usec_t stack_poll(struct stack *s, usec_t now_us);

/* When stack_poll must be called at the latest: now when something is put off, USEC_NEVER when
 * there is nothing to wait for. */
usec_t stack_deadline(const struct stack *s);

/*
 * Send what was put off to the end of a batch: acknowledgements, which then cover all that
 * came in with it. To be called after a batch of stack_input and of conv_ calls; stack_poll
 * begins with it.
 */
void stack_flush(struct stack *s);

/* One frame has arrived on IFC. Takes the frame. */
void stack_input(struct stack *s, struct ifc *ifc, struct pkt *frame, usec_t now_us);

/* An empty packet to receive a frame into, with headroom; the pool keeps a batch of them for
 * this, so that reading the wire cannot starve. NULL when even that is out. */
struct pkt *stack_pkt(struct stack *s);

/* A large block for the part of a long frame that the head of a packet does not hold; NULL
 * when memory is short, and then the frame must be read without it (and is truncated). */
struct buf *stack_rx_buf(struct stack *s);

/* The pool that packets come from: a device frees into it what it has sent. */
struct pkts *stack_pkts(struct stack *s);

/* A packet that was not needed. */
void stack_pkt_free(struct stack *s, struct pkt *p);

/* A whole chunk to receive requests into, one count on it; NULL when memory is short. */
struct buf *stack_chunk(struct stack *s);

/* Bring a link into the stack as an interface; 0, -ENOSPC, or -EINVAL when its MTU is out of
 * range. The link stays the caller's and must outlive the interface. */
int stack_attach(struct stack *s, struct link *link, struct ifc **out);

/* The same as the interface of this number (net.h): -EBUSY when it has a link, -EINVAL. */
int stack_attach_at(struct stack *s, struct link *link, unsigned number, struct ifc **out);

/* The link is gone: its addresses, routes and neighbours go, what waits on it fails. */
void stack_detach(struct stack *s, struct ifc *ifc);

/* The link has another MTU now, which is in it already, or is down, or up again. What is sent while
 * it is down is lost. An MTU out of range counts as the next in range. */
void stack_link_changed(struct stack *s, struct ifc *ifc, bool is_up);

/* The link, which had refused with -EAGAIN, takes frames again. */
void stack_writable(struct stack *s, struct ifc *ifc);

/* The driver threw a frame away before we saw it (too long, truncated, no memory): count it. */
enum stack_rx_fault {
	STACK_RX_TOO_LONG,
	STACK_RX_TRUNCATED,
	STACK_RX_NO_MEMORY,
	STACK_RX_BAD_OFFLOAD
};
void stack_rx_fault(struct stack *s, struct ifc *ifc, enum stack_rx_fault what);

/* Idle memory whose pages may go back to the system; false when there is none. */
bool stack_idle_span(struct stack *s, void **at, size_t *len);

/* The whole server: memory, pools, and every counter under its room. */
void stack_describe(const struct stack *s, struct describer *d);

/* The counters alone whose names begin with PREFIX ("tcp_"; "": all), by their names. */
void stack_describe_counters(const struct stack *s, const char *prefix, struct describer *d);

/* How many conversations PROTO has, could have, and which end; and what it says of all together. */
void stack_describe_proto(const struct stack *s, const struct proto *proto, struct describer *d);

/* Conversations that are not over: held by somebody, or with something left to say. */
uint32_t stack_convs(const struct stack *s);

/* What can be remembered of what happens; each event is of several kinds. */
enum stack_trace_kind {
	STACK_TRACE_STATE = 1,  /* conversations' states, timeouts and fast retransmits */
	STACK_TRACE_PACKET = 2, /* every segment, datagram, message and fragment */
	STACK_TRACE_DROP = 4,   /* what was dropped, and why */
	STACK_TRACE_TCP = 8,    /* any of these, of one room alone */
	STACK_TRACE_UDP = 16,
	STACK_TRACE_ICMP = 32,
	STACK_TRACE_ARP = 64,
	STACK_TRACE_IP = 128, /* and of the link below it */
	STACK_TRACE_ALL = 7,
};

/* The kind called NAME ("state", "tcp"); 0 for no such name. And all names, from 0 on; NULL past
 * the last. */
unsigned stack_trace_kinds(const char *name);
const char *stack_trace_name(unsigned i);

/* Who may read the trace, each what he wants and from where he is. */
#define STACK_TRACE_READERS 2

/* From now on READER is told of events of any of KINDS, and if ONLY is not NULL of none that are
 * about other peers than this one. At first nobody is told anything; nor ever is he without
 * config.trace_events. */
void stack_trace_want(struct stack *s, unsigned reader, unsigned kinds, const struct addr *only);

struct stack_trace {
	usec_t at_us;
	unsigned kinds; /* all that it is of: one of tcp, udp, icmp, arp and ip among them */
	uint64_t lost;  /* how many events before it, of whatever kind, were overwritten unread */
};

/* The next that has happened for READER, in words behind LINE; false when there is none. What is
 * passed over on the way to it is bounded. */
bool stack_trace_next(struct stack *s, unsigned reader, struct text *line, struct stack_trace *out);

/* Has something happened, perhaps for READER? */
bool stack_trace_has(const struct stack *s, unsigned reader);

/* Whose is this Ethernet frame, which comes in or goes out: a conversation's, or for a call that is
 * half open its listener's; NULL. An ICMP error is about whose packet it quotes. Only looks. */
const struct conv *stack_frame_conv(
	const struct stack *s, const uint8_t *frame, size_t len, bool is_in);

/* Walk everything, assert that it makes sense. For tests, fuzzers and debuggers. */
void stack_check(const struct stack *s);

/* Is nothing held that is not there at rest: packets, blocks, conversations, tuples? For tests
 * of teardown; says what is into D (which may be NULL). Timers of neighbours and addresses may
 * still be set. */
bool stack_is_at_rest(const struct stack *s, struct describer *d);

#endif
