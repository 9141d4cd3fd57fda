#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

/* Under PIPE_BUF, which poll promises to a writer of a pipe. */
#define LINE_MAX_LEN 1024

#define SYSTEM_LOG    "/dev/log"
#define SYSTEM_DAEMON (3 << 3) /* RFC 5424 6.2.1: facility 3 */

static const struct {
	const char *name;
	int severity; /* RFC 5424 6.2.1 */
} levels[] = {
	[LEVEL_ERROR] = { "error", 3 },
	[LEVEL_WARNING] = { "warning", 4 },
	[LEVEL_INFO] = { "info", 6 },
	[LEVEL_DEBUG] = { "debug", 7 },
};

/* Is FD what the service manager has connected to the journal? It says so by device and inode,
 * for the variable alone is inherited by those whose output goes elsewhere. */
static bool is_the_journal(int fd)
{
	const char *where = getenv("JOURNAL_STREAM");
	char at[64];
	struct stat st;

	if (where == NULL || fstat(fd, &st) < 0)
		return false;
	snprintf(at, sizeof(at), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(where, at) == 0;
}

void log_open(struct log *l, enum log_level level)
{
	*l = (struct log){ .level = level, .fd = STDERR_FILENO, .system = -1 };
	l->is_journal = is_the_journal(l->fd);
}

void log_close(struct log *l)
{
	if (l->system >= 0)
		close(l->system);
	l->system = -1;
	l->fd = -1;
}

void log_to_system(struct log *l)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = SYSTEM_LOG };

	l->fd = -1;
	l->system = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->system >= 0 && connect(l->system, (struct sockaddr *)&to, sizeof(to)) < 0) {
		close(l->system);
		l->system = -1;
	}
}

static bool put_line(struct log *l, const char *line, size_t len)
{
	struct pollfd room = { .fd = l->fd, .events = POLLOUT };

	/* Others have the same terminal or pipe: it is not ours to make it non-blocking. */
	return poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) &&
		write(l->fd, line, len) == (ssize_t)len;
}

static bool put_message(struct log *l, enum log_level level, const char *words)
{
	char message[LINE_MAX_LEN + 32];
	int len = snprintf(message, sizeof(message), "<%d>catnetd[%d]: %s",
		SYSTEM_DAEMON | levels[level].severity, (int)getpid(), words);

	return send(l->system, message, min_size((size_t)len, sizeof(message) - 1),
		       MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
}

/* IS_BARE: the journal's priority may stand in front, nothing else. */
static void put(struct log *l, enum log_level level, bool is_bare, const char *words)
{
	char line[LINE_MAX_LEN];
	int len;

	if (l->system >= 0 && !put_message(l, level, words))
		l->lost++;
	if (l->fd < 0)
		return;
	if (l->is_journal)
		len = snprintf(line, sizeof(line) - 1, "<%d>%s", levels[level].severity, words);
	else
		len = snprintf(line, sizeof(line) - 1, "%s%s%s%s",
			is_bare ? "" : "catnetd: ", is_bare ? "" : levels[level].name,
			is_bare ? "" : ": ", words);
	len = len < (int)sizeof(line) - 1 ? len : (int)sizeof(line) - 2;
	line[len++] = '\n';
	if (!put_line(l, line, (size_t)len))
		l->lost++;
}

static void tell_lost(struct log *l)
{
	uint64_t lost = l->lost;
	char words[64];

	snprintf(words, sizeof(words), "%llu lines before this one were lost",
		(unsigned long long)lost);
	l->lost = 0;
	put(l, LEVEL_WARNING, false, words);
	if (l->lost > 0)
		l->lost = lost;
}

void log_also(struct log *l, void (*also)(void *arg, const char *line), void *arg)
{
	l->also = also;
	l->also_arg = arg;
}

static void tell_also(struct log *l, enum log_level level, const char *words)
{
	char line[LINE_MAX_LEN];

	if (l->also == NULL)
		return;
	snprintf(line, sizeof(line), "%s: %s", levels[level].name, words);
	l->also(l->also_arg, line);
}

/* Of UTF-8 the control characters U+0080 to U+009F are two bytes. */
static bool is_second_control(const char *at)
{
	return (uint8_t)at[0] == 0xc2 && (uint8_t)at[1] >= 0x80 && (uint8_t)at[1] < 0xa0;
}

void log_tame(char *words)
{
	for (; *words != '\0'; words++) {
		if (is_second_control(words))
			*words++ = '?';
		else if ((uint8_t)*words >= ' ' && *words != 0x7f)
			continue;
		*words = '?';
	}
}

void log_say(struct log *l, enum log_level level, const char *format, ...)
{
	char words[LINE_MAX_LEN - 64];
	va_list args;

	if (level > l->level && l->also == NULL)
		return;
	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	log_tame(words);
	tell_also(l, level, words);
	if (level > l->level)
		return;
	if (l->lost > 0)
		tell_lost(l);
	put(l, level, false, words);
}

void log_line(struct log *l, const char *format, ...)
{
	char words[LINE_MAX_LEN - 64];
	va_list args;

	if (l->lost > 0)
		tell_lost(l);
	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	log_tame(words);
	put(l, LEVEL_DEBUG, true, words);
}

bool log_level_parse(enum log_level *out, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (strcmp(levels[i].name, name) == 0) {
			*out = (enum log_level)i;
			return true;
		}
	}
	return false;
}
