/*
 * transcript_private.h - what the parts of the transcript runner share.
 *
 * A line is words; a verb's function gets them all, with words[0] the verb. It returns false
 * after tr_fail.
 */
#ifndef TESTS_TRANSCRIPT_PRIVATE_H
#define TESTS_TRANSCRIPT_PRIVATE_H

#include "box.h"
#include "transcript.h"

#define TR_WORDS_MAX 64
#define TR_FLOWS_MAX 40
#define TR_SAVED_MAX 24
#define TR_NAME_MAX  24
#define TR_LINE_MAX  4096

/* The tester's clock of timestamps begins here, and its sequence numbers. */
#define TR_TS_BASE 1000000u
#define TR_IRS     500000u

/* One conversation: its two ends, and what both have said so far, in relative numbers. */
struct flow {
	char name[TR_NAME_MAX];
	struct oracle_tuple tuple;
	bool has_port; /* our port is known */
	struct conv *conv;
	bool is_stream; /* of tcp */
	bool has_iss;
	uint32_t iss;     /* ours */
	uint32_t irs;     /* the tester's, which it chooses */
	uint32_t in_nxt;  /* relative: what the tester has sent up to */
	uint32_t out_nxt; /* relative: what we have sent up to */
	uint32_t acked;   /* relative: what we have acknowledged up to */
	uint16_t win;     /* the tester's window field */
	bool in_has_ws, out_has_ws, in_has_ts, out_has_ts;
	uint8_t in_ws, out_ws;
	uint32_t ts_last; /* our last TSval */
	uint32_t in_ts;   /* the tester's last, and when that was */
	usec_t in_ts_at_us;
	bool in_is_text, out_is_text; /* the data is not the pattern */
	uint64_t read_off, write_off;
};

/* A frame that has a name. */
struct saved {
	char name[TR_NAME_MAX];
	uint8_t *bytes;
	size_t len;
	usec_t at_us;
	struct flow *flow;
	struct frame frame; /* points into bytes */
};

struct tr {
	struct box *box;
	struct box_config config;
	bool is_batch;
	bool is_lent; /* TRANSCRIPT_LENT */
	int line;
	char text[TR_LINE_MAX]; /* the line, for messages */
	struct flow flows[TR_FLOWS_MAX];
	unsigned flows_n;
	struct flow *flow; /* the one this line is about */
	struct saved saved[TR_SAVED_MAX];
	unsigned saved_n;
	struct saved last; /* the last frame that an out line took */
	char fault[800];
};

struct range {
	long long lo, hi;
};

typedef bool tr_verb(struct tr *t, int n, char **words);

/* Say why this line fails; always false. */
bool tr_fail(struct tr *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Run one line; for verbs that stand for several. */
bool tr_line(struct tr *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The box, made at the first line that needs it. */
struct box *tr_box(struct tr *t);

/* Fail when a frame waits that no line has expected. */
bool tr_quiet(struct tr *t);

/* Values (transcript_values.c): numbers, "edge+1", "S.win", "3..5", "1.5" seconds. */
bool tr_number(struct tr *t, const char *word, long long *out);
bool tr_range(struct tr *t, const char *word, struct range *out);
bool tr_seconds(struct tr *t, const char *word, usec_t *out);
bool tr_seconds_range(struct tr *t, const char *word, usec_t *from, usec_t *to);
bool tr_endpoint(struct tr *t, const char *word, uint32_t *ip, uint16_t *port);
int tr_errno(const char *word); /* -1: not the name of one */
const char *tr_errno_name(int number, char *to, size_t cap);
struct saved *tr_saved(struct tr *t, const char *name);
/* What a frame of ours says about its flow. */
void tr_note_out(struct flow *flow, const struct frame *f);

void tr_save(struct tr *t, struct saved *to, const char *name, const struct box_frame *frame);
bool tr_is_same_state(const char *a, const char *b);

/* The pattern: byte OFF of the stream that the tester sends, or that our application does. */
uint8_t tr_in_byte(uint64_t off);
uint8_t tr_out_byte(uint64_t off);

/* Flows. tr_flow makes one that is not there yet. */
struct flow *tr_flow(struct tr *t, const char *name);
struct flow *tr_flow_of(struct tr *t, const struct frame *f);
uint8_t tr_scale_in(const struct flow *flow);
uint8_t tr_scale_out(const struct flow *flow);

/* A frame in the making, or one that is being compared. */
struct keys {
	struct tr *t;
	struct flow *flow;
	struct frame *f;
	usec_t at_us;
	bool has_len, has_psh, has_ts, is_named, wants_pattern;
	long long seq;   /* of a TCP frame in the making, relative */
	uint8_t *data;   /* room for FRAME_MAX */
	const char *why; /* what did not fit */
	char expected[64], found[64];
};

/* Words of a frame line from WORDS on; in: set, out: compare. False with k->why. */
bool tr_keys_set(struct keys *k, int n, char **words);
bool tr_keys_match(struct keys *k, int n, char **words);

tr_verb tr_in, tr_out, tr_datagram;
tr_verb tr_do_connect, tr_do_announce, tr_do_accept, tr_do_bind, tr_do_write, tr_do_read;
tr_verb tr_do_ctl, tr_do_shutdown, tr_do_close, tr_do_release, tr_do_hangup;
tr_verb tr_see_state, tr_see_event, tr_see_noevent, tr_see_error, tr_see_soft, tr_see_count;
tr_verb tr_see_key, tr_see_acked, tr_see_check, tr_see_local;
tr_verb tr_net_addr, tr_net_route, tr_net_neigh;

/* Let go of all conversations, with a reset. */
void tr_app_end(struct tr *t);

#endif
