/*
 * trace_event.h - one thing that has happened, in numbers (trace.h).
 */
#ifndef CATNET_TRACE_EVENT_H
#define CATNET_TRACE_EVENT_H

#include "base/addr.h"
#include "counters.h"

enum trace_kind {
	TRACE_NONE,
	TRACE_SEGMENT,  /* of TCP: seg */
	TRACE_DATAGRAM, /* of UDP: len */
	TRACE_ICMP,     /* icmp */
	TRACE_ARP,      /* arp */
	TRACE_PACKET,   /* of a protocol that is not spoken, or cut short: len */
	TRACE_FRAGMENT, /* fragment */
	TRACE_DROP,     /* why */
	TRACE_STATE,    /* state */
	TRACE_TIMEOUT,  /* loss: how often in a row before it, the RTO in ms */
	TRACE_RECOVER,  /* loss: bytes in flight, cwnd; a fast retransmit follows */
};

/* --- why a state changed ----------------------------------------------------------------- */

/* What set the stack to work last. */
enum trace_cause {
	CAUSE_NONE,
	CAUSE_CALL,    /* enum trace_call */
	CAUSE_SEGMENT, /* its flags */
	CAUSE_TIMER,   /* enum trace_timer */
	CAUSE_DATAGRAM,
	CAUSE_ICMP,  /* errno: what a message meant */
	CAUSE_ERROR, /* errno: what went wrong at this end */
};

/* clang-format off */
#define TRACE_CALLS(X) \
	X(CONNECT,  "connect") \
	X(ANNOUNCE, "announce") \
	X(CLOSE,    "close") \
	X(SHUTDOWN, "shutdown") \
	X(HANGUP,   "hangup") \
	X(RELEASE,  "its last holder")

#define TRACE_TIMERS(X) \
	X(RETRANSMIT,  "retransmit") \
	X(PERSIST,     "persist") \
	X(KEEPALIVE,   "keepalive") \
	X(USER,        "usertimeout") \
	X(FINWAIT2,    "finwait2") \
	X(TIME_WAIT,   "time_wait") \
	X(IDLE,        "idle")
/* clang-format on */

#define TRACE_CALL_ENUM(name, word)  CALL_##name,
#define TRACE_TIMER_ENUM(name, word) TIMER_##name,
enum trace_call { TRACE_CALLS(TRACE_CALL_ENUM) TRACE_CALLS_N };
enum trace_timer { TRACE_TIMERS(TRACE_TIMER_ENUM) TRACE_TIMERS_N };
#undef TRACE_CALL_ENUM
#undef TRACE_TIMER_ENUM

/* --- events ------------------------------------------------------------------------------ */

/* What a line says of a segment besides its header. */
enum trace_mark {
	MARK_SEQ = 1,   /* it is not where the next was to begin */
	MARK_AGAIN = 2, /* all of it was sent, or had come, before */
	MARK_AHEAD = 4, /* something before it has not come */
	MARK_SACK = 8,  /* SACK is permitted */
};

struct trace_seg {
	uint32_t seq, ack; /* from the first of each side on, where that is known */
	uint32_t window;   /* in bytes */
	uint32_t len;
	uint32_t ts_val, ts_ecr;
	uint16_t flags; /* enum seg_flag */
	uint16_t mss;
	uint8_t wscale;
	uint8_t options; /* enum seg_option */
	uint8_t marks;   /* enum trace_mark */
};

struct trace_icmp {
	uint64_t about; /* the conversation whose packet is quoted; 0: none of ours */
	struct endpoint quoted_peer;
	uint32_t len;
	uint32_t rest;    /* what the type makes of it: an MTU, a gateway */
	uint16_t id, seq; /* of an echo */
	uint8_t type, code;
	uint8_t quoted_protocol; /* 0: it quotes nothing */
};

struct trace_arp {
	struct addr sender;
	struct addr target; /* asked for, or answered to */
	uint16_t op;        /* enum arp_op */
	uint8_t mac[6];     /* the sender's */
};

struct trace_fragment {
	uint32_t off;
	uint32_t len;
	uint16_t id;
	bool more;
};

struct trace_because {
	uint8_t cause; /* enum trace_cause */
	uint16_t what; /* of it */
};

struct trace_state {
	const char *from, *to; /* as the protocol calls them: constants */
	struct trace_because because;
};

struct trace_event {
	usec_t at_us;
	uint64_t conv; /* its number, 0 for none */
	struct endpoint local;
	struct endpoint peer; /* unset when there is none */
	uint8_t kind;         /* enum trace_kind */
	uint8_t protocol;     /* as IP numbers them; 0: none that is known */
	bool is_in;
	uint16_t each; /* not 0: it stands for several, of so many bytes each but for the last */
	union {
		struct trace_seg seg;
		struct trace_icmp icmp;
		struct trace_arp arp;
		struct trace_fragment fragment;
		struct trace_state state;
		uint32_t len;
		uint32_t loss[2];
		enum counter why;
	};
};

_Static_assert(sizeof(struct trace_event) <= 128, "two cache lines");

#endif
