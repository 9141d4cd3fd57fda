/*
 * command.h - a line of ctl taken apart, and what its verb says about it.
 */
#ifndef CATNET_COMMAND_H
#define CATNET_COMMAND_H

#include "../stack/base/addr.h"
#include "../stack/base/text.h"
#include "rows.h"

struct life;

#define COMMAND_LINE_MAX 512 /* longer than any verb with its arguments */
#define COMMAND_ARGS_MAX \
	10 /* iproute's add with all that iproute tells of a route, and one too many */
#define COMMAND_LINES_MAX 1000 /* obeyed in one go: well under a millisecond */
#define COMMAND_WORDS_MAX 256  /* of the subject, and of why */

struct command {
	struct fid *f;
	struct req *r;
	struct life *life;
	int argc; /* 0: an empty line, nothing to do */
	char *argv[COMMAND_ARGS_MAX + 1];
	unsigned cost;       /* in lines, of COMMAND_LINES_MAX; 1 unless the verb says more */
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

/*
 * Obey what R brings, line by line: the whole length, FS_PARK, FS_YIELD, or -errno for the first
 * line that fails, after FAILED was told of it. What was done before counts in R->done, and there a
 * retry goes on.
 */
ssize_t commands_obey(struct fid *f, struct req *r, ssize_t (*run)(struct command *c),
	void (*failed)(struct command *c, int err));

/* The verb of the line in a table of N; NULL when it is not in there. */
const struct verb *command_verb(const struct command *c, const struct verb *verbs, size_t n);

/* Check how many arguments V has been given, and run it. */
ssize_t command_run(struct command *c, const struct verb *v);

/* "connect 10.0.0.9!80: connection refused by the peer": subject and why, or what ERR means. */
void command_failure(const struct command *c, int err, struct text *words);

/* -EINVAL, and why: "expected WHAT, got "WORD"" (NULL: nothing). */
int command_expected(struct command *c, const char *what, const char *word);

/* The I-th argument as a number of at most MAX; 0 or -EINVAL with why, WHAT being expected. */
int command_number(struct command *c, int i, const char *what, uint64_t max, uint64_t *out);

/* As on or off. */
int command_switch(struct command *c, int i, bool *out);

/* As ADDRESS!PORT, or with PORT_ALONE as [ADDRESS!]PORT. */
int command_endpoint(struct command *c, int i, bool port_alone, struct endpoint *out);

#endif
