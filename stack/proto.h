/*
 * proto.h - the row that makes a protocol, and the part that all its conversations share.
 *
 * For files under stack/ only: fs/ sees conversations through conv.h.
 */
#ifndef CATNET_PROTO_H
#define CATNET_PROTO_H

#include "base/list.h"
#include "conv.h"
#include "ports.h"

struct describer;
struct ip_info;
struct ip_advice;
struct pkt;
struct trace_event;

#define CONV_MAGIC 0xc0417e57u

/* What every protocol calls the state of one that is idle or over. */
#define CONV_CLOSED_NAME "Closed"

/* How far a conversation has come, as far as all protocols agree. */
enum conv_stage {
	CONV_IDLE,       /* may be bound; a failed connect comes back here, its error standing */
	CONV_CONNECTING, /* until conv_raise(CONV_UP) or conv_end */
	CONV_CONNECTED,  /* until conv_end */
	CONV_ANNOUNCED,  /* until conv_end */
	CONV_OVER,       /* for good */
};

#define CONV_STAGES_MAX 7 /* remembered for stats */

/* A protocol's own struct begins with one. */
struct conv {
	uint32_t magic; /* CONV_MAGIC while it lives */
	uint32_t holds;
	uint8_t events; /* enum conv_event, as it stands */
	uint8_t ttl;
	uint8_t tos;
	uint8_t stage;                   /* enum conv_stage */
	uint8_t stages[CONV_STAGES_MAX]; /* the last it came to, oldest first, if the state changed
					  */
	uint8_t stages_n;
	bool ignores_advice;
	bool may_broadcast;
	bool is_bound;     /* the user has chosen `bound`, which is kept for it */
	bool is_releasing; /* its last hold is being given up: conv_release frees it, no one else */
	bool is_ending;    /* was held, and is no more */
	int16_t error;     /* what ended it, as -errno */
	int16_t soft_error;
	struct stack *stack;
	const struct proto *proto;
	struct tuple tuple; /* local and remote; entered once it has a port */
	struct endpoint bound;
	struct cred owner;
	struct list ready; /* in stack's ready list while the holder has news to hear */
	struct list all;   /* in its protocol's list of all */
	uint64_t number;
	usec_t born_us;
	usec_t changed_us;
	uint32_t rcvbuf; /* caps in bytes; what is charged is blocks held */
	uint32_t sndbuf;
	struct ifc *ifc; /* bound to an interface; NULL: routed */
	conv_ready *user_ready;
	void *user_arg;
	void *tag;
};

/* Every function is called with a conversation of this protocol; those that may be NULL say so. */
struct proto {
	const char *name; /* its directory: "tcp" */
	uint8_t ip_number;
	bool takes_groups; /* broadcast and multicast remotes; else they are -EINVAL */
	bool is_portless;  /* a remote has no port (echo): it is taken as 0 */
	size_t conv_size;

	/* Carve tables and pools at start; 0 or -ENOMEM. May be NULL. */
	int (*setup)(struct stack *s);
	/* Assert that the protocol's own tables make sense. May be NULL. */
	void (*check)(const struct stack *s);
	/* What is due at the end of a batch (acknowledgements). May be NULL. */
	void (*flush)(struct stack *s);
	/* Memory is short: what does not move on shall keep as little as it can. Asked of each once
	 * a second at most. May be NULL. */
	void (*settle)(struct conv *c);

	/* The MTU of some interface is another. Asked of each. May be NULL. */
	void (*mtu_changed)(struct conv *c);

	/* IFC goes: what was asked of it is over, and who hears by it alone is told -EIO. May be
	 * NULL. */
	void (*forget_ifc)(struct stack *s, struct ifc *ifc);

	int (*open)(struct conv *c); /* a new one, its common part filled in */
	/* Both ends are in the tuple, the local one complete, and entered. */
	int (*connect)(struct conv *c);
	/* The local end is in the tuple, and entered. NULL: it takes no calls. */
	int (*announce)(struct conv *c);
	struct conv *(*accept)(struct conv *c); /* held once, or NULL; NULL: it takes no calls */
	int (*close)(struct conv *c);           /* connecting, connected or announced */
	void (*stop_reading)(struct conv *c);   /* connected; may be NULL */
	void (*hangup)(struct conv *c);         /* connecting, connected or announced */
	/* Nobody holds it any more, in whatever stage: begin to end it. */
	void (*orphan)(struct conv *c);
	/* Nobody holds it: has it nothing left to say, so that it may be freed now? The protocol
	 * calls conv_retire when that becomes true later. */
	bool (*retire)(struct conv *c);
	/* It is about to be freed: give up what it still holds. The tuple is left for it. */
	void (*free)(struct conv *c);

	/* Not called while idle or connecting, but when over or announced. */

	ssize_t (*peek)(struct conv *c, struct span *out, int max, size_t len, int *pieces);
	void (*taken)(struct conv *c, size_t len);
	ssize_t (*write)(struct conv *c, struct buf *from, const void *at, size_t len);
	/* What conv.h says of each; in every stage. NULL: it is a stream, is told of no reports. */
	int (*datagram)(const struct conv *c, struct conv_datagram *out);
	int (*take_report)(struct conv *c);
	void (*queues)(const struct conv *c, struct conv_queues *out);
	int (*ctl)(struct conv *c, int argc, char **argv, struct text *why);
	void (*buffers_changed)(struct conv *c); /* rcvbuf or sndbuf was set; may be NULL */
	const char *(*state_name)(const struct conv *c);
	void (*describe)(const struct conv *c, struct describer *d);
	/* What there is to say of all of them together. May be NULL. */
	void (*describe_all)(const struct stack *s, struct describer *d);

	/* A packet for this protocol, its IP header off; owns P. */
	void (*input)(struct stack *s, const struct ip_info *ip, struct pkt *p);
	/* One of ours went wrong: QUOTED.src is ours, P begins with the transport header as far
	 * as it was quoted. Borrows P. */
	void (*advise)(struct stack *s, const struct ip_info *quoted, const struct pkt *p,
		const struct ip_advice *advice);
	/* For trace_look: fill in E's kind, ports and numbers; whose it is, or NULL. What cannot be
	 * read is left as it is. May be NULL. */
	const struct conv *(*trace)(const struct stack *s, struct trace_event *e, const uint8_t *at,
		size_t len, uint32_t total);
};

/*
 * For protocols: the same as conv_new, for a call that arrived at LISTENER: connected, its owner
 * and its settings the listener's, held by nobody. The caller fills in the tuple and enters it.
 * Until somebody holds it, it is the protocol's, which gives it up by conv_retire.
 */
struct conv *conv_new_call(struct conv *listener);

/* Set and clear event bits; a bit that rises brings the conversation to the ready list. CONV_UP
 * ends connecting. */
void conv_raise(struct conv *c, unsigned events);
void conv_lower(struct conv *c, unsigned events);

/* Come to this stage: the one way there, but for a call that begins connected. */
void conv_enter(struct conv *c, enum conv_stage next);

/* "state_history" of a protocol whose state follows from the stage alone. */
void conv_describe_stages(const struct conv *c, struct describer *d);

/* C was in the state called FROM. If it is in another one now, that is a change which the holder
 * may ask for. */
void conv_changed(struct conv *c, const char *from);

/* Tell the holder again though no bit changed (more data behind data). */
void conv_touch(struct conv *c);

/* It ended with ERROR (0 or -errno; the first one stays): raises what readers, writers and
 * connecters wait for. One that was connecting is idle again, its tuple left. */
void conv_end(struct conv *c, int error);

/* The protocol has nothing left to say: free it now if nobody holds it. C may be gone after,
 * but not when it is called from within orphan. */
void conv_retire(struct conv *c);

/* Assert what must be true of every conversation. */
void conv_check(const struct conv *c);

#endif
