/*
 * sim.h - two stacks on a bad wire, in virtual time, from one seed.
 *
 * A run is a world: two hosts, the wire between them, and pairs of programs that send each
 * other streams whose every byte is known. All that happens follows from the seed, so a failure
 * is a number. The stacks are driven through their doors alone.
 */
#ifndef CATNET_SIM_H
#define CATNET_SIM_H

#include "../../stack/base/pkt.h"
#include "../../stack/conv.h"
#include "../../stack/link.h"
#include "../../stack/stack.h"

#define SIM_TALKS_MAX   64
#define SIM_TALKS_USUAL 16

/* A generator of the simulator's own, so that the stacks' randomness is not disturbed. */
struct dice {
	uint64_t state;
};
uint64_t dice_roll(struct dice *d);
uint32_t dice_below(struct dice *d, uint32_t below);
bool dice_chance(struct dice *d, uint32_t per_million);

/* --- the wire ------------------------------------------------------------------------ */

struct weather { /* per million frames, and times */
	uint32_t loss;
	uint32_t duplicate;
	uint32_t reorder;
	uint32_t corrupt;
	usec_t delay_us;
	usec_t jitter_us;
	uint64_t bits_per_sec; /* 0: as fast as it likes */
	uint32_t queue_max;    /* frames a direction holds; more are lost */
};

struct frame {
	struct frame *next;
	usec_t due_us;
	uint64_t order; /* equal times: in the order sent */
	unsigned to;
	uint8_t offload;
	uint16_t seg_len;
	uint16_t segs;
	uint32_t len;
	uint8_t bytes[];
};

struct sim;

struct host {
	struct link link; /* first: the stack's link is the host */
	struct sim *sim;
	unsigned side; /* 0 or 1 */
	struct stack *stack;
	struct ifc *ifc;
	usec_t free_us; /* when its direction of the wire has sent what it was given */
	uint32_t queued;
	uint64_t frames_sent;
	uint64_t bytes_sent;
};

/* --- the programs -------------------------------------------------------------------- */

struct half { /* one end of one stream pair */
	struct conv *conv;
	uint64_t to_send; /* bytes this end will write in all */
	uint64_t sent;
	uint64_t expected; /* bytes it must get before the end */
	uint64_t got;
	bool has_shut; /* said it will write no more */
	bool has_eof;
	usec_t wakes_us; /* the program sleeps until then; 0: awake */
	uint32_t write_len;
	uint32_t read_len;
	usec_t nap_us; /* how long it sleeps now and then */
	uint32_t nap_chance;
	uint32_t deed_chance; /* hostile: that it does something else when it wakes */
	usec_t gives_up_us;   /* once the talk is ruined: it leaves then at the latest */
};

struct talk {
	uint64_t key; /* what its bytes are made from */
	struct half half[2];
	bool was_accepted;
	bool may_be_ruined; /* its programs may hang up, die or stop reading */
	bool must_dial;     /* the caller sleeps, and then tries again */
	bool is_ruined;     /* one has: all that must still be true is X-02 */
	unsigned retries;
};

struct sim {
	uint64_t seed;
	struct dice dice;
	struct weather weather;
	usec_t now_us;
	usec_t began_us;
	struct host host[2];
	struct frame *frames; /* in order of due time */
	uint64_t frames_n;
	struct conv *listener;
	struct talk talk[SIM_TALKS_MAX];
	unsigned talks_n;
	uint64_t trace; /* a hash of every frame and when it was sent */
	uint64_t steps;
	bool is_verbose; /* a failure tells what the stacks did last */
	bool is_hostile; /* programs and links of the worse kind: mischief.c */
	int pcap_fd;     /* -1: none */
	char why[256];   /* of a failed run */
};

/* Is the weather fixed by the caller, or chosen by the seed (NULL)? */
bool sim_run(struct sim *s, uint64_t seed, const struct weather *fixed);

/* A long one-way stream for the golden table: virtual microseconds it took; 0 on failure. */
usec_t sim_stream(struct sim *s, uint64_t seed, const struct weather *weather, uint64_t bytes,
	uint32_t buffer);

/* wire.c */
int wire_send(struct link *link, struct pkt *p);
void wire_deliver(struct sim *s);
usec_t wire_next_us(const struct sim *s);
void wire_clear(struct sim *s);
void wire_capture_open(struct sim *s, const char *path);

/* programs.c */
bool programs_start(struct sim *s);
bool programs_run(struct sim *s); /* false: s->why says what went wrong */
bool programs_are_done(const struct sim *s);
usec_t programs_next_us(const struct sim *s);
void programs_free(struct sim *s);
bool programs_listen(struct sim *s);

/* mischief.c: what programs do besides talking, in hostile worlds */
void mischief_plan(struct sim *s, struct talk *t);
void mischief_buffers(struct sim *s, struct conv *c);
bool mischief(struct sim *s, struct talk *t, unsigned side);
void mischief_leave(struct half *h);
bool mischief_ctl(struct conv *c, const char *verb, const char *arg);

/* What went wrong, once. Returns false. */
bool sim_fail(struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
