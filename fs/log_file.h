/*
 * log_file.h - the file `log`: who may speak in it, what of it is wanted, about which host.
 *
 * Each room that has something to say is a subsystem, known by the word that `set` and `clear`
 * take. It is wanted while it is set and somebody reads, and is told when that begins and ends,
 * so that what nobody reads costs nothing. The words are the speaker's.
 */
#ifndef CATNET_LOG_FILE_H
#define CATNET_LOG_FILE_H

#include "../stack/base/addr.h"

struct fs;
struct life;

#define LOG_SUBSYSTEMS_MAX 32 /* rooms of the house, and of the stack */

struct log_subsystem {
	const char *name;
	bool is_set;
	bool is_wanted; /* set, and somebody reads */
	void (*turn)(void *arg, bool is_wanted);
	void *arg;
};

struct log_subsystems {
	struct log_subsystem v[LOG_SUBSYSTEMS_MAX];
	unsigned n;
	bool has_only; /* nothing about other hosts than this one */
	struct addr only;
	int daemon, failures; /* of the server itself, and of what users ask for */
};

/*
 * Make NAME, which stays the caller's, a subsystem; set from the start or not. TURN (may be NULL)
 * is called with ARG when lines of it begin and cease to be wanted. Its number, for the calls
 * below; -EEXIST, -ENOSPC.
 */
int log_subsystem(struct fs *fs, const char *name, bool is_set,
	void (*turn)(void *arg, bool is_wanted), void *arg);

/* Does anybody want lines of it? And such that are about these hosts (NULL: about none)? Asked
 * before words are made. */
bool log_feed_wants(const struct fs *fs, int subsystem);
bool log_feed_wants_about(
	const struct fs *fs, int subsystem, const struct addr *one, const struct addr *other);

/* Say WORDS, one line, about what happened at AT_US of the loop's clock: readers are given
 * "USEC SUBSYSTEM WORDS". Nothing when it is not wanted. */
void log_feed_say(struct fs *fs, int subsystem, usec_t at_us, const char *words);

/* What the server itself has to say. */
void log_feed_say_daemon(struct fs *fs, const char *words);

/* --- log_trace.c: what the stack tells of packets and states -------------------------------- */

#define FS_TRACE_READER 0 /* of the stack's trace: the file; the program itself is the other */

void log_trace_init(struct fs *fs);

/* What is wanted of it, or about whom, may have changed. */
void log_trace_settle(struct fs *fs);

/* Make lines of what was told, MOST of them; true when there is more. Is there anything? */
bool log_trace_hear(struct fs *fs, unsigned most);
bool log_trace_has(const struct fs *fs);

/* --- for the tree ----------------------------------------------------------------------- */

void log_file_init(struct fs *fs);

/* Something that UID asked for has failed, in words; L is the conversation it was asked of, or
 * NULL. */
void log_failure(struct fs *fs, uint32_t uid, const struct life *l, const char *words);

#endif
