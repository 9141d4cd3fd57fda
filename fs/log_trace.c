/* log_trace.c - what the stack's trace tells, in the file `log`: its kinds are subsystems there. */
#include <inttypes.h>
#include <stdio.h>

#include "../stack/stack.h"
#include "tree.h"

#define WORDS_MAX 256 /* twice the longest line */

void log_trace_settle(struct fs *fs)
{
	const struct log_subsystems *all = &fs->subsystems;
	const struct addr *only = all->has_only ? &all->only : NULL;
	unsigned kinds = 0;

	for (unsigned i = 0; i < all->n; i++) {
		if (all->v[i].is_wanted)
			kinds |= stack_trace_kinds(all->v[i].name);
	}
	stack_trace_want(fs->config.stack, FS_TRACE_READER, kinds, only);
}

static void turned(void *arg, bool is_wanted)
{
	(void)is_wanted;
	log_trace_settle(arg);
}

void log_trace_init(struct fs *fs)
{
	const char *name;

	for (unsigned i = 0; (name = stack_trace_name(i)) != NULL; i++)
		(void)log_subsystem(fs, name, false, turned, fs);
}

/* The words begin with the protocol, which is the subsystem that a line names. */
static void say(struct fs *fs, const struct stack_trace *what, const char *words)
{
	char line[FEED_LINE_MAX];

	if (what->lost > 0)
		feed_put_lost(&fs->log, what->lost);
	snprintf(line, sizeof(line), "%" PRIu64 " %s", what->at_us + fs->config.wall_offset_us,
		words);
	feed_put(&fs->log, FEED_FOR_ALL, line);
}

bool log_trace_has(const struct fs *fs)
{
	return stack_trace_has(fs->config.stack, FS_TRACE_READER);
}

bool log_trace_hear(struct fs *fs, unsigned most)
{
	char words[WORDS_MAX];

	for (unsigned i = 0; i < most && log_trace_has(fs); i++) {
		struct text line = text_over(words, sizeof(words));
		struct stack_trace what;

		if (stack_trace_next(fs->config.stack, FS_TRACE_READER, &line, &what))
			say(fs, &what, words);
	}
	return log_trace_has(fs);
}
