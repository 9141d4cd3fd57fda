#include "mount_helper.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* mount(8), EXIT STATUS */
#define MOUNT_USAGE  1
#define MOUNT_SYSTEM 2
#define MOUNT_FAILED 32

/* In front: our name, the name of the mount, and the mount point behind. */
#define ARGV_ALSO 5

/*
 * Options of mount(8) that are for itself, or say what is so anyway: there are no devices, programs
 * or setuid files in the tree, and no times of access are kept. Those that would promise what is
 * not so (ro) are not among them.
 */
static const char *const passed_over[] = { "rw", "defaults", "auto", "noauto", "nofail", "_netdev",
	"user", "nouser", "users", "nousers", "owner", "noowner", "group", "nogroup", "suid",
	"nosuid", "dev", "nodev", "exec", "noexec", "atime", "noatime", "diratime", "nodiratime",
	"relatime", "norelatime", "strictatime", "nostrictatime", "lazytime", "nolazytime", "sync",
	"async", "dirsync", "allow_other", "default_permissions" };

/* Whose value, behind "=" or as part of the name, is somebody else's business. */
static const char *const passed_over_with[] = { "x-", "X-", "comment=", "uhelper=", "helper=" };

static const struct {
	const char *word;
	const char *why;
} refused[] = {
	{ "ro", "commands are written to the tree: leave it out" },
	{ "remount", "SIGHUP to the server makes it read its config file again" },
	{ "foreground", "mount(8) waits for its helper to end: leave it out" },
	{ "ready-fd", "mount(8) waits for its helper to end: leave it out" },
};

bool mount_helper_is(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
	const char *name = slash ? slash + 1 : argv0;

	return name && strncmp(name, "mount.", strlen("mount.")) == 0;
}

int mount_helper_status(int status)
{
	switch (status) {
	case EX_OK:
		return 0;
	case EX_USAGE:
	case EX_CONFIG:
		return MOUNT_USAGE;
	case EX_OSERR:
		return MOUNT_SYSTEM;
	default:
		return MOUNT_FAILED;
	}
}

__attribute__((format(printf, 2, 3))) static int refuse(
	const struct teller *to, const char *format, ...)
{
	char line[OPTIONS_WHY_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	to->tell(to->arg, line);
	return EX_USAGE;
}

/* --- mount options ----------------------------------------------------------------------- */

static bool is_passed_over(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(passed_over); i++) {
		if (strcmp(passed_over[i], word) == 0)
			return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(passed_over_with); i++) {
		if (strncmp(passed_over_with[i], word, strlen(passed_over_with[i])) == 0)
			return true;
	}
	return false;
}

/* The word of ours that WORD, perhaps with a value, is; NULL: none that fstab may say. */
static const struct option_word *find(const char *word)
{
	char name[32];
	size_t len = strcspn(word, "=");
	const struct option_word *w;

	if (len >= sizeof(name))
		return NULL;
	memcpy(name, word, len);
	name[len] = '\0';
	w = option_find(name);
	if (!w || (w->flags & IN_FILE_ONLY))
		return NULL;
	return w->flags & IN_LINE_ONLY && strcmp(name, "config") != 0 ? NULL : w;
}

/* WORD, with two bytes of room in front of it, may become one of M's. */
static int take(struct mount_helper *m, char *word, bool is_sloppy, const struct teller *to)
{
	const struct option_word *w;

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		if (strcmp(refused[i].word, word) == 0)
			return refuse(to, "%s: %s", word, refused[i].why);
	}
	w = find(word);
	if (*word == '\0' || is_passed_over(word) || (!w && is_sloppy))
		return 0;
	if (!w)
		return refuse(to, "%s: no such mount option: catnetd --help lists ours", word);
	if (w->arg && !strchr(word, '='))
		return refuse(to, "%s: its value is missing, as in %s=%s", word, word, w->arg);
	if (!w->arg && strchr(word, '='))
		return refuse(to, "%s: takes no value", w->name);
	word[-2] = word[-1] = '-';
	m->argv[m->argc++] = word - 2;
	return 0;
}

/* The next of LIST's words without its quotes, in which commas are none; it is moved to TO, whose
 * end is given back. */
static char *unquote(const char **list, char *to)
{
	bool is_quoted = false;
	const char *at = *list;

	for (; *at != '\0' && (is_quoted || *at != ','); at++) {
		if (*at == '"')
			is_quoted = !is_quoted;
		else
			*to++ = *at;
	}
	*to++ = '\0';
	*list = *at == ',' ? at + 1 : at;
	return to;
}

static int take_list(struct mount_helper *m, char *into, const char *list, bool is_sloppy,
	const struct teller *to)
{
	while (*list != '\0') {
		char *word = into + 2;
		int status;

		into = unquote(&list, word);
		status = take(m, word, is_sloppy, to);
		if (status != 0)
			return status;
	}
	return 0;
}

/* --- the whole --------------------------------------------------------------------------- */

struct call {
	const char *list; /* of -o */
	bool is_sloppy;
	bool is_read_only;
};

static int read_flags(
	struct mount_helper *m, struct call *c, int argc, char **argv, const struct teller *to)
{
	int key;

	opterr = 0;
	optind = 0;
	while ((key = getopt(argc, argv, ":sfnvrwN:o:t:")) != -1) {
		switch (key) {
		case 's':
			c->is_sloppy = true;
			break;
		case 'f':
			m->is_fake = true;
			break;
		case 'r':
			c->is_read_only = true;
			break;
		case 'o':
			c->list = optarg;
			break;
		case 'N':
			return refuse(to, "-N %s: run it there instead, by nsenter(1)", optarg);
		case ':':
		case '?':
			return refuse(to, "-%c: no such flag of a mount helper", optopt);
		default:
			break; /* no mtab is kept; the rest says what we know */
		}
	}
	return c->is_read_only ? refuse(to, "%s: %s", refused[0].word, refused[0].why) : 0;
}

/* As many words as LIST can have, with room for two dashes each. */
static int make_room(struct mount_helper *m, const char *list)
{
	size_t commas = 0;

	for (const char *at = list; *at != '\0'; at++)
		commas += *at == ',';
	m->argv = calloc(commas + 1 + ARGV_ALSO + 1, sizeof(*m->argv));
	m->words = malloc(strlen(list) + 3 * (commas + 1) + 1);
	return m->argv && m->words ? 0 : -ENOMEM;
}

int mount_helper_read(struct mount_helper *m, int argc, char **argv, const struct teller *to)
{
	struct call c = { .list = "" };
	int status;

	*m = (struct mount_helper){ .argc = 0 };
	status = read_flags(m, &c, argc, argv, to);
	if (status != 0)
		return status;
	if (optind + 2 != argc)
		return refuse(to, "usage: %s NAME DIRECTORY [-o OPTION,...], as mount(8) calls it",
			argv[0]);
	if (make_room(m, c.list) < 0)
		return refuse(to, "out of memory");
	m->argv[m->argc++] = argv[0];
	m->argv[m->argc++] = "--fsname";
	m->argv[m->argc++] = argv[optind];
	status = take_list(m, m->words, c.list, c.is_sloppy, to);
	m->argv[m->argc++] = "--";
	m->argv[m->argc++] = argv[optind + 1];
	m->argv[m->argc] = NULL;
	return status;
}

void mount_helper_free(struct mount_helper *m)
{
	free(m->argv);
	free(m->words);
	*m = (struct mount_helper){ .argc = 0 };
}
