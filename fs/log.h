/*
 * log.h - what the server has to say to whoever runs it.
 *
 * Lines go to standard error, and to the system's log once the program is in the background.
 * Where standard error is the journal's, each has its priority in front (sd-daemon(3)). Never
 * waits: a line that cannot be taken now is counted and told with the next that can.
 */
#ifndef CATNET_LOG_H
#define CATNET_LOG_H

#include "../stack/base/base.h"

enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO, LEVEL_DEBUG };

struct log {
	enum log_level level; /* and all before it */
	int fd;               /* lines; -1: none */
	int system;           /* the system's log; -1: not in use */
	bool is_journal;      /* FD is */
	uint64_t lost;
	void (*also)(void *arg, const char *line);
	void *also_arg;
};

void log_open(struct log *l, enum log_level level);
void log_close(struct log *l);

/* From now on to the system's log, if there is one, and no longer to standard error. */
void log_to_system(struct log *l);

/* From now on ALSO is told of every line, "info: serving /net", whatever its level; NULL: no
 * longer. */
void log_also(struct log *l, void (*also)(void *arg, const char *line), void *arg);

void log_say(struct log *l, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A line of the trace, which has no level and nothing in front: of it there is as much as was asked
 * for. ALSO is not told. */
void log_line(struct log *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Words of others come from files and names: in WORDS nothing is left that a terminal would obey,
 * or that would look like a line of its own. */
void log_tame(char *words);

/* The level called NAME; false when there is none. */
bool log_level_parse(enum log_level *out, const char *name);

#endif
