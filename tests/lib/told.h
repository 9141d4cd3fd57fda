/*
 * told.h - what an object told of itself, as names and values that a test can ask for.
 *
 * A describer that keeps everything. A name inside groups is found by its own name or by the
 * path ("timers.rexmit"); the first that fits counts.
 */
#ifndef TESTS_TOLD_H
#define TESTS_TOLD_H

#include "../../stack/describe.h"

#define TOLD_MAX      1024
#define TOLD_NAME_MAX 96
#define TOLD_TEXT_MAX 96

struct told_item {
	char path[TOLD_NAME_MAX];
	uint64_t number;
	char text[TOLD_TEXT_MAX]; /* empty for a number */
};

struct told {
	struct describer describer; /* give this to whoever is asked */
	struct told_item items[TOLD_MAX];
	unsigned items_n;
	char path[TOLD_NAME_MAX];
};

void told_init(struct told *t);

/* The item NAME, or NULL. */
const struct told_item *told_find(const struct told *t, const char *name);

#endif
