/*
 * exits.h - what the exit status says: one table, by the numbers of sysexits(3head).
 */
#ifndef CATNET_EXITS_H
#define CATNET_EXITS_H

#include "../stack/base/base.h"

#define EXIT_ERRORS_MAX 6

struct exit_row {
	int status;
	const char *when;
	int errors[EXIT_ERRORS_MAX]; /* -errnos that mean it where nothing else is known; 0 ends */
};

extern const struct exit_row exit_rows[];
extern const unsigned exit_rows_n;

/* The status that tells of ERR, 0 or -errno. */
int exit_of_error(int err);

#endif
