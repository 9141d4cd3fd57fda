#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "loop.h"
#include "replay.h"
#include "server.h"

#define STATS_MAX ((size_t)1 << 20)
/* Shorter than a line of the log, which cuts, with room for its beginning. */
#define LINE_LEN_MAX 800

static int turn(void *arg)
{
	return server_turn(arg, USEC_NEVER);
}

static void tell(void *arg, const char *line)
{
	log_say(arg, LEVEL_INFO, "%s", line);
}

void report(struct server *s)
{
	const struct replay_config config = {
		.fs = s->fs,
		.who = { .uid = geteuid(), .gid = getegid(), .pid = getpid() },
		.turn = turn,
		.arg = s,
	};
	enum log_level kept = s->log.level;
	char *text = malloc(STATS_MAX + 1);
	ssize_t n = text ? replay_read(&config, "stats", text, STATS_MAX) : -ENOMEM;

	s->wants_report = false;
	if (s->log.level < LEVEL_INFO)
		s->log.level = LEVEL_INFO;
	if (n >= 0)
		n = json_lines(s->fs, "stats", text, LINE_LEN_MAX, tell, &s->log);
	if (n < 0)
		log_say(&s->log, LEVEL_ERROR, "stats: %s", strerror((int)-n));
	s->log.level = kept;
	free(text);
}
