/*
 * command.h - a line of ctl taken apart, and what its verb says about it.
 */
#ifndef CATNET_COMMAND_H
#define CATNET_COMMAND_H

#include "../stack/base/addr.h"
#include "../stack/base/text.h"
#include "rows.h"

struct life;

#define COMMAND_LINE_MAX  512 /* longer than any verb with its arguments */
#define COMMAND_ARGS_MAX  8
#define COMMAND_WORDS_MAX 256 /* of the subject, and of why */

struct command {
	struct fid *f;
	struct req *r;
	struct life *life;
	int argc; /* 0: an empty line, nothing to do */
	char *argv[COMMAND_ARGS_MAX + 1];
	struct text subject; /* what a failure is reported under: the verb, perhaps its object */
	struct text why;     /* in words; empty: what the errno means */
	char line[COMMAND_LINE_MAX + 1];
	char subject_at[COMMAND_WORDS_MAX];
	char why_at[COMMAND_WORDS_MAX];
};

struct verb {
	const char *word;
	int least; /* arguments behind the verb */
	int most;
	const char *usage; /* what was expected */
	ssize_t (*run)(struct command *c);
};

/* Take the line at R->done apart; USED is set to how many bytes it takes, its newline
 * included. 0, or -EINVAL with why. */
int command_parse(struct command *c, struct fid *f, struct req *r, size_t *used);

/* -EINVAL, and why: "expected WHAT, got "WORD"" (NULL: nothing). */
int command_expected(struct command *c, const char *what, const char *word);

/* The I-th argument as a number of at most MAX; 0 or -EINVAL with why, WHAT being expected. */
int command_number(struct command *c, int i, const char *what, uint64_t max, uint64_t *out);

/* As on or off. */
int command_switch(struct command *c, int i, bool *out);

/* As ADDRESS!PORT, or with PORT_ALONE as [ADDRESS!]PORT. */
int command_endpoint(struct command *c, int i, bool port_alone, struct endpoint *out);

#endif
