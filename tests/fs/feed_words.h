/*
 * feed_words.h - short words for tests of the files that lines come out of.
 */
#ifndef TESTS_FEED_WORDS_H
#define TESTS_FEED_WORDS_H

#include "../lib/tree.h"

/* A world whose time of day begins at this time; CASE's set-up. */
#define WALL_US ((usec_t)1700000000 * USEC_PER_SEC)
int feed_setup(void **state);

#define CASE(name) cmocka_unit_test_setup_teardown(name, feed_setup, world_teardown)

uint64_t open_events(struct world *w, uint32_t uid);

/* What an answered read gave, good until the next call; "errno N" for an error. */
const char *line_text(struct asked *a);

/* What a read of LEN bytes, or of very many, gives that does not wait. */
const char *read_some(struct world *w, uint64_t handle, size_t len);
const char *heard(struct world *w, uint64_t handle);

/* How many lines are in a text; and are left to be read. */
unsigned lines_of(const char *text);
unsigned lines_left(struct world *w, uint64_t events);

/* One change of state of a conversation of UID's: it is announced, at PORT. Its clone. */
uint64_t announce(struct world *w, uint32_t uid, unsigned port);

/* And a second one, its end. */
void change_twice(struct world *w, uint32_t uid, unsigned port);

#endif
