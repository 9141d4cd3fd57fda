/*
 * transcript.h - a rule of the protocol as a text file: what goes in, what must come out, when.
 *
 * tests/tcp/README.md describes the language. A transcript passes when every frame that the
 * stack sends is expected by a line and every line is met, the oracle is content, and the stack
 * is at rest after everything has been closed.
 */
#ifndef TESTS_TRANSCRIPT_H
#define TESTS_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct transcript_result {
	char fault[800]; /* "line 12: ...", empty when it passed */
	uint64_t trace;  /* depends on every byte the stack sent, and when */
};

enum transcript_way {
	TRANSCRIPT_EVIDENCE = 1, /* everything is written down in build/failed/NAME/ */
	/* as in life: writes lend their blocks, reads take bites, the device cuts and checksums */
	TRANSCRIPT_LENT = 2,
	TRANSCRIPT_TRACED = 4, /* the stack tells everything, which must change nothing */
};

/* Run the file at PATH, as NAME, in the ways of WAY. True when it passed. */
bool transcript_run(
	const char *path, const char *name, unsigned way, struct transcript_result *result);

#endif
