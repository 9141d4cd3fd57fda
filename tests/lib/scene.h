/*
 * scene.h - a connection in any state of TCP, made by a peer that keeps to the rules, and the box
 * it lives in.
 */
#ifndef TESTS_SCENE_H
#define TESTS_SCENE_H

#include "peer.h"

#define SCENE_PEER 0x0a000002u

enum scene_state {
	SCENE_LISTEN,
	SCENE_SYN_SENT,
	SCENE_SYN_RECEIVED,
	SCENE_ESTABLISHED,
	SCENE_FIN_WAIT_1,
	SCENE_FIN_WAIT_2,
	SCENE_CLOSE_WAIT,
	SCENE_CLOSING,
	SCENE_LAST_ACK,
	SCENE_TIME_WAIT,
	SCENE_CLOSED, /* nobody is at the port */
	SCENE_STATES
};

struct scene {
	struct box *box;
	struct conv *listener, *conv; /* conv: NULL where the program has none */
	struct peer peer;
	uint16_t port; /* the next peer's */
	enum scene_state state;
	uint32_t edge;  /* of our window: the first number outside */
	uint32_t tried; /* the first number of a half-open call that a test may have caused */
};

/* A box named NAME with a listener on port 80; and its end, which fails a test that left
 * something behind. */
struct scene scene_open(const char *name);
void scene_close(struct scene *sc);

/* A new connection, from the next port of the peer's, in STATE. All that was sent is taken. */
void scene_go_to(struct scene *sc, enum scene_state state);

/* Let go of it without a word on the wire that matters. */
void scene_leave(struct scene *sc);

/* A segment without data at the peer's next number, and all answers to it taken. */
void scene_say(struct scene *sc, uint8_t flags);

/* Take all that was sent to the peer. */
void scene_take(struct scene *sc);

const char *scene_state_name(enum scene_state state);

/* Is what a conversation calls its state this one? */
bool scene_is_named(const char *said, enum scene_state state);

/* Is the connection still in the state it was brought to? True where no program can tell. */
bool scene_stands(const struct scene *sc);

#endif
