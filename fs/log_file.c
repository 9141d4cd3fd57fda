/* log_file.c - the file `log`: subsystems, and the commands set, clear, only. */
#include "log_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "files.h"
#include "tree.h"

/* --- what is wanted ---------------------------------------------------------------------- */

static struct log_subsystem *find(struct fs *fs, const char *name)
{
	for (unsigned i = 0; i < fs->subsystems.n; i++) {
		if (strcmp(fs->subsystems.v[i].name, name) == 0)
			return &fs->subsystems.v[i];
	}
	return NULL;
}

/* Whether it is wanted may have changed. */
static void settle(const struct fs *fs, struct log_subsystem *s)
{
	bool is_wanted = s->is_set && feed_is_read(&fs->log);

	if (is_wanted == s->is_wanted)
		return;
	s->is_wanted = is_wanted;
	if (s->turn != NULL)
		s->turn(s->arg, is_wanted);
}

static void log_watched(struct fs *fs, bool is_watched)
{
	(void)is_watched;
	for (unsigned i = 0; i < fs->subsystems.n; i++)
		settle(fs, &fs->subsystems.v[i]);
}

int log_subsystem(struct fs *fs, const char *name, bool is_set,
	void (*turn)(void *arg, bool is_wanted), void *arg)
{
	struct log_subsystems *all = &fs->subsystems;

	if (find(fs, name) != NULL)
		return -EEXIST;
	if (all->n == LOG_SUBSYSTEMS_MAX)
		return -ENOSPC;
	all->v[all->n] =
		(struct log_subsystem){ .name = name, .is_set = is_set, .turn = turn, .arg = arg };
	settle(fs, &all->v[all->n]);
	return (int)all->n++;
}

bool log_feed_wants(const struct fs *fs, int subsystem)
{
	ASSERT(subsystem >= 0 && (unsigned)subsystem < fs->subsystems.n);
	return fs->subsystems.v[subsystem].is_wanted;
}

bool log_feed_wants_about(
	const struct fs *fs, int subsystem, const struct addr *one, const struct addr *other)
{
	const struct log_subsystems *all = &fs->subsystems;

	if (!log_feed_wants(fs, subsystem))
		return false;
	if (!all->has_only || (one == NULL && other == NULL))
		return true;
	return (one != NULL && addr_equal(one, &all->only)) ||
		(other != NULL && addr_equal(other, &all->only));
}

/* --- saying ------------------------------------------------------------------------------ */

void log_feed_say(struct fs *fs, int subsystem, usec_t at_us, const char *words)
{
	char line[FEED_LINE_MAX];
	struct text at = text_over(line, sizeof(line));

	if (!log_feed_wants(fs, subsystem))
		return;
	text_printf(&at, "%" PRIu64 " %s %s", at_us + fs->config.wall_offset_us,
		fs->subsystems.v[subsystem].name, words);
	feed_put(&fs->log, FEED_FOR_ALL, line);
}

void log_feed_say_daemon(struct fs *fs, const char *words)
{
	log_feed_say(fs, fs->subsystems.daemon, fs->now_us, words);
}

void log_failure(struct fs *fs, uint32_t uid, const struct life *l, const char *words)
{
	int subsystem = fs->subsystems.failures;
	char line[FEED_LINE_MAX];
	char at[64] = "";

	if (!log_feed_wants_about(
		    fs, subsystem, l != NULL ? &conv_remote(l->conv)->addr : NULL, NULL))
		return;
	if (l != NULL)
		snprintf(
			at, sizeof(at), "%s/%" PRIu64 ": ", proto_name(l->proto->proto), l->number);
	snprintf(line, sizeof(line), "uid %" PRIu32 ": %s%s", uid, at, words);
	log_feed_say(fs, subsystem, fs->now_us, line);
}

void log_file_init(struct fs *fs)
{
	feed_init(&fs->log, fs, true);
	fs->log.watched = log_watched;
	fs->subsystems.daemon = log_subsystem(fs, "daemon", true, NULL, NULL);
	fs->subsystems.failures = log_subsystem(fs, "fs", false, NULL, NULL);
	log_trace_init(fs);
}

/* --- commands ---------------------------------------------------------------------------- */

static ssize_t no_such_subsystem(struct command *c, const char *word)
{
	struct fs *fs = c->f->fs;
	char at[COMMAND_WORDS_MAX];
	struct text known = text_over(at, sizeof(at));

	text_put(&known, "one of");
	for (unsigned i = 0; i < fs->subsystems.n; i++)
		text_printf(&known, "%s %s", i > 0 ? "," : "", fs->subsystems.v[i].name);
	return command_expected(c, known.at, word);
}

/* All of them or none. */
static ssize_t switch_all(struct command *c, bool is_set)
{
	for (int i = 1; i < c->argc; i++) {
		if (find(c->f->fs, c->argv[i]) == NULL)
			return no_such_subsystem(c, c->argv[i]);
	}
	for (int i = 1; i < c->argc; i++) {
		struct log_subsystem *s = find(c->f->fs, c->argv[i]);

		ASSERT(s);
		s->is_set = is_set;
		settle(c->f->fs, s);
	}
	return 0;
}

static ssize_t log_set(struct command *c)
{
	return switch_all(c, true);
}

static ssize_t log_clear(struct command *c)
{
	return switch_all(c, false);
}

static ssize_t log_only(struct command *c)
{
	struct log_subsystems *all = &c->f->fs->subsystems;
	struct addr a = addr_any;

	if (strcmp(c->argv[1], "all") != 0 && addr_parse(&a, c->argv[1], strlen(c->argv[1])) < 0)
		return command_expected(c, "an address or all", c->argv[1]);
	/* ip(3) says so too: no host has this address. */
	all->has_only = !addr_is_any(&a);
	all->only = a;
	log_trace_settle(c->f->fs);
	return 0;
}

/* clang-format off */
static const struct verb log_verbs[] = {
	{ "set",   1, COMMAND_ARGS_MAX - 1, "a subsystem",       log_set },
	{ "clear", 1, COMMAND_ARGS_MAX - 1, "a subsystem",       log_clear },
	{ "only",  1, 1,                    "an address or all", log_only },
};
/* clang-format on */

static ssize_t log_run(struct command *c)
{
	const struct verb *v = command_verb(c, log_verbs, ARRAY_LEN(log_verbs));

	if (v == NULL) {
		text_put(&c->why, "no such verb; there are set, clear and only");
		return -EINVAL;
	}
	if (c->argc == 1 && v->run != log_only)
		return no_such_subsystem(c, NULL);
	return command_run(c, v);
}

static void log_failed(struct command *c, int err)
{
	char at[COMMAND_WORDS_MAX * 2];
	struct text words = text_over(at, sizeof(at));

	text_put(&words, "log: ");
	command_failure(c, err, &words);
	user_failed(c->f->fs, &c->r->caller, words.at);
}

ssize_t log_write(struct fid *f, struct req *r)
{
	return commands_obey(f, r, log_run, log_failed);
}
