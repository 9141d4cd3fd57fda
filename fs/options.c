#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "../stack/base/text.h"
#include "../stack/limits.h"
#include "config.h"
#include "exits.h"
#include "options.h"
#include "tracer.h"

#define SPIN_DEFAULT_US 50
#define SPIN_MAX_US     (1 * USEC_PER_SEC)
#define MEMORY_MIN      ((size_t)LIMIT_MEMORY_MIN_MIB << 20)
#define IN_WORDS(n)     #n
#define NUMBER_WORDS(n) IN_WORDS(n)
#define MEMORY_MIN_WORD NUMBER_WORDS(LIMIT_MEMORY_MIN_MIB) "M"
/* The kernel's IFNAMSIZ, its NUL included. */
#define TAP_NAME_MAX 16

enum key {
	KEY_ADDR = 'a',
	KEY_GATEWAY = 'g',
	KEY_FOREGROUND = 'f',
	KEY_LEVEL = 'l',
	KEY_CHECK = 't',
	KEY_HELP = 'h',
	KEY_LONG_ONLY = 256,
	KEY_CONFIG = KEY_LONG_ONLY,
	KEY_VERSION,
	KEY_READY_FD,
	KEY_PIDFILE,
	KEY_FSNAME,
	KEY_TAP,
	KEY_HOST_ADDR,
	KEY_FD,
	KEY_PCAP,
	KEY_TRACE,
	KEY_FAULT,
	KEY_NO_ACD,
	KEY_MTU,
	KEY_MEMORY,
	KEY_SPIN,
	KEY_SEED,
	KEY_MOUNTPOINT,
	KEY_COMMANDS,
};

/* clang-format off */
const struct option_word option_words[] = {
	{ "config",     "FILE",  "read FILE first: these words in JSON, catnetd.json(5)", KEY_CONFIG, IN_LINE_ONLY },
	{ "check",      NULL,    "say whether the file is right, and start nothing", KEY_CHECK, IN_LINE_ONLY },
	{ "foreground", NULL,    "stay in the foreground, log to standard error", KEY_FOREGROUND, 0 },
	{ "ready-fd",   "N",     "write a newline to descriptor N when the tree serves", KEY_READY_FD, IN_LINE_ONLY },
	{ "pidfile",    "FILE",  "keep the number of the serving process in FILE", KEY_PIDFILE, 0 },
	{ "fsname",     "NAME",  "what the list of mounts calls it (default catnetd)", KEY_FSNAME, 0 },
	{ "log",        "LEVEL", "error, warning, info (default) or debug", KEY_LEVEL, CAN_CHANGE },
	{ "tap",        "NAME",  "the TAP to speak on, made if missing (default catnet0)", KEY_TAP, 0 },
	{ "fd",         "N",     "speak on open descriptor N: a TAP or socket of frames", KEY_FD, IS_NUMBER },
	{ "host-addr",  "A/P",   "give the kernel's side of the TAP this address", KEY_HOST_ADDR, IS_LIST },
	{ "mtu",        "BYTES", "set the MTU of the TAP", KEY_MTU, IS_NUMBER },
	{ "addr",       "A/P",   "an address of ours; like --host-addr, also several", KEY_ADDR, IS_LIST | CAN_CHANGE },
	{ "gw",         "A",     "the default gateway, one a family", KEY_GATEWAY, IS_LIST | CAN_CHANGE },
	{ "no-acd",     NULL,    "do not ask, for some 6 s, whether an address is taken", KEY_NO_ACD, 0 },
	{ "memory",     "SIZE",  "the stack's budget (default 512M, at least " MEMORY_MIN_WORD ")", KEY_MEMORY, IS_SIZE },
	{ "spin-us",    "N",     "look for work for N us before sleeping (default 50)", KEY_SPIN, IS_NUMBER | CAN_CHANGE },
	{ "pcap",       "FILE",  "capture every frame into FILE", KEY_PCAP, 0 },
	{ "trace",      "KINDS", "log the wire: state, packet, drop, tcp, ..., or all", KEY_TRACE, CAN_CHANGE },
	{ "fault",      "SPEC",  "be a bad wire: loss=1%,dup=1%,reorder=1%,delay=5ms", KEY_FAULT, 0 },
	{ "seed",       "N",     "all randomness follows from N: for tests only", KEY_SEED, IS_NUMBER },
	{ "help",       NULL,    "this list", KEY_HELP, IN_LINE_ONLY },
	{ "version",    NULL,    "which catnetd this is", KEY_VERSION, IN_LINE_ONLY },
	{ "mountpoint", "DIR",   "where the tree is to be", KEY_MOUNTPOINT, IN_FILE_ONLY },
	{ "commands",   "LINE",  "\"PATH COMMAND\", obeyed once the tree is there", KEY_COMMANDS, IN_FILE_ONLY | IS_LIST | CAN_CHANGE },
};
/* clang-format on */

const unsigned option_words_n = ARRAY_LEN(option_words);

static const char head[] =
	"usage: catnetd [OPTION...] MOUNTPOINT\n"
	"       catnetd --check --config FILE\n"
	"A TCP/IP host of its own, whose sockets are a tree of files under MOUNTPOINT.\n\n";

const struct option_word *option_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(option_words); i++) {
		if (strcmp(option_words[i].name, name) == 0)
			return &option_words[i];
	}
	return NULL;
}

static const struct option_word *word_of(int key)
{
	for (size_t i = 0; i < ARRAY_LEN(option_words); i++) {
		if (option_words[i].key == key)
			return &option_words[i];
	}
	return NULL;
}

/* --- mistakes ---------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static int refuse(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, OPTIONS_WHY_MAX, format, args);
	va_end(args);
	return -EINVAL;
}

__attribute__((format(printf, 2, 3))) static int usage(
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

void options_place(const struct options *o, const struct setting *s, char *at, size_t cap)
{
	if (s->in_file)
		config_place(o->config, s->word->name, s->index, at, cap);
	else
		snprintf(at, cap, "%s%s", s->word->flags & IN_FILE_ONLY ? "" : "--", s->word->name);
}

/* --- values ------------------------------------------------------------------------------ */

static int parse_addr(struct options_addr *list, unsigned *n, const struct setting *s, char *why)
{
	struct options_addr *at = &list[*n];

	if (*n == OPTIONS_ADDRS_MAX)
		return refuse(
			why, "at most %d addresses: leave out %s", OPTIONS_ADDRS_MAX, s->value);
	if (strchr(s->value, '/') == NULL ||
		prefix_parse(&at->addr, &at->bits, s->value, strlen(s->value)) < 0)
		return refuse(
			why, "expected ADDRESS/PREFIX, as in 10.0.0.2/24, got \"%s\"", s->value);
	for (unsigned i = 0; i < *n; i++) {
		if (addr_equal(&list[i].addr, &at->addr))
			return refuse(why, "%s: given twice, leave one out", s->value);
	}
	at->from = s;
	(*n)++;
	return 0;
}

static int parse_gateway(struct options *o, const struct setting *s, char *why)
{
	struct options_gateway *at = &o->gateways[o->gateways_n];
	struct addr a;

	if (addr_parse(&a, s->value, strlen(s->value)) < 0)
		return refuse(why, "expected an address, got \"%s\"", s->value);
	for (unsigned i = 0; i < o->gateways_n; i++) {
		if (addr_is_v4(&a) == addr_is_v4(&o->gateways[i].addr))
			return refuse(why, "one gateway a family: leave out %s", s->value);
	}
	*at = (struct options_gateway){ .addr = a, .from = s };
	o->gateways_n++;
	return 0;
}

static int parse_number(uint64_t *out, const char *word, uint64_t least, uint64_t most, char *why)
{
	if (number_parse(out, word, most) == 0 && *out >= least)
		return 0;
	return refuse(why, "expected a number from %llu to %llu, got \"%s\"",
		(unsigned long long)least, (unsigned long long)most, word);
}

static int parse_fd(int *out, const char *word, char *why)
{
	uint64_t number = 0;
	int err = parse_number(&number, word, 0, INT16_MAX, why);

	*out = (int)number;
	return err;
}

static int parse_size(size_t *out, const char *word, char *why)
{
	static const char units[] = "KMG";
	char *end;
	unsigned long long value = strtoull(word, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;

	if (end == word || *word == '-' || (*end && (!unit || end[1])) ||
		value > SIZE_MAX >> shift || (size_t)value << shift < MEMORY_MIN)
		return refuse(
			why, "expected a size of at least %s, got \"%s\"", MEMORY_MIN_WORD, word);
	*out = (size_t)value << shift;
	return 0;
}

static int parse_level(enum log_level *out, const char *word, char *why)
{
	if (log_level_parse(out, word))
		return 0;
	return refuse(why, "expected error, warning, info or debug, got \"%s\"", word);
}

static int parse_kinds(unsigned *out, const char *words, char *why)
{
	char names[128];

	*out = tracer_kinds(words);
	if (*out != 0)
		return 0;
	tracer_names(names, sizeof(names));
	return refuse(why, "expected some of %s, with commas between, got \"%s\"", names, words);
}

static int parse_tap(const char **out, const char *word, char *why)
{
	size_t len = strlen(word);

	if (len == 0 || len >= TAP_NAME_MAX)
		return refuse(why, "\"%s\" cannot name a TAP: 1 to %d characters", word,
			TAP_NAME_MAX - 1);
	*out = word;
	return 0;
}

static int parse_path(const char **out, const char *word, char *why)
{
	if (*word == '\0')
		return refuse(why, "expected a word, got nothing");
	*out = word;
	return 0;
}

/* --- from settings to values ------------------------------------------------------------- */

/* How the program is run. */
static int take_run(struct options *o, const struct setting *s, char *why)
{
	switch (s->word->key) {
	case KEY_FOREGROUND:
		o->in_foreground = true;
		return 0;
	case KEY_CHECK:
		o->is_check = true;
		return 0;
	case KEY_CONFIG:
		return parse_path(&o->config_path, s->value, why);
	case KEY_MOUNTPOINT:
		return parse_path(&o->mountpoint, s->value, why);
	case KEY_LEVEL:
		return parse_level(&o->level, s->value, why);
	case KEY_MEMORY:
		return parse_size(&o->memory, s->value, why);
	case KEY_SPIN:
		return parse_number(&o->spin_us, s->value, 0, SPIN_MAX_US, why);
	case KEY_PCAP:
		return parse_path(&o->pcap, s->value, why);
	case KEY_FSNAME:
		return parse_path(&o->fsname, s->value, why);
	case KEY_TRACE:
		return parse_kinds(&o->trace, s->value, why);
	case KEY_PIDFILE:
		return parse_path(&o->pidfile, s->value, why);
	case KEY_FAULT:
		o->fault = s->value;
		return 0;
	case KEY_SEED:
		o->has_seed = true;
		return parse_number(&o->seed, s->value, 0, UINT64_MAX, why);
	default:
		return 0;
	}
}

/* What it speaks on, and as whom. */
static int take(struct options *o, const struct setting *s, char *why)
{
	uint64_t number = 0;
	int err;

	switch (s->word->key) {
	case KEY_TAP:
		return parse_tap(&o->tap, s->value, why);
	case KEY_FD:
		return parse_fd(&o->fd, s->value, why);
	case KEY_READY_FD:
		return parse_fd(&o->ready_fd, s->value, why);
	case KEY_HOST_ADDR:
		return parse_addr(o->host_addrs, &o->host_addrs_n, s, why);
	case KEY_MTU:
		err = parse_number(&number, s->value, LIMIT_MTU_MIN, LIMIT_MTU_MAX, why);
		o->mtu = err < 0 ? 0 : (unsigned)number;
		return err;
	case KEY_ADDR:
		return parse_addr(o->addrs, &o->addrs_n, s, why);
	case KEY_GATEWAY:
		return parse_gateway(o, s, why);
	case KEY_NO_ACD:
		o->unprobed = true;
		return 0;
	default:
		return take_run(o, s, why);
	}
}

/* Every mistake of the file's is told, of the line's the first. */
static int take_all(struct options *o, const struct teller *to)
{
	char place[OPTIONS_WHY_MAX];
	char why[OPTIONS_WHY_MAX];
	char line[2 * OPTIONS_WHY_MAX + 2];
	int status = 0;

	for (unsigned i = 0; i < o->settings_n; i++) {
		const struct setting *s = &o->settings[i];

		if (take(o, s, why) == 0)
			continue;
		options_place(o, s, place, sizeof(place));
		snprintf(line, sizeof(line), "%s: %s", place, why);
		to->tell(to->arg, line);
		if (!s->in_file)
			return EX_USAGE;
		status = EX_CONFIG;
	}
	return status;
}

/* --- the line ---------------------------------------------------------------------------- */

static void print_word(const struct option_word *w)
{
	char left[32];

	snprintf(left, sizeof(left), "--%s%s%s", w->name, w->arg ? " " : "", w->arg ? w->arg : "");
	if (w->key < KEY_LONG_ONLY)
		printf("  -%c, %-18s %s\n", w->key, left, w->help);
	else
		printf("      %-18s %s\n", left, w->help);
}

_Noreturn static void print_help(void)
{
	fputs(head, stdout);
	for (size_t i = 0; i < ARRAY_LEN(option_words); i++) {
		if (!(option_words[i].flags & IN_FILE_ONLY))
			print_word(&option_words[i]);
	}
	puts("\nExit status:");
	for (unsigned i = 0; i < exit_rows_n; i++)
		printf("  %2d  %s\n", exit_rows[i].status, exit_rows[i].when);
	exit(EX_OK);
}

_Noreturn static void print_version(void)
{
	puts("catnetd " CATNET_VERSION);
	exit(EX_OK);
}

/* The table as getopt wants it. */
static void make_forms(struct option *longs, char *shorts)
{
	size_t n = 0;

	*shorts++ = ':'; /* a missing value is told apart from an unknown word */
	for (size_t i = 0; i < ARRAY_LEN(option_words); i++) {
		const struct option_word *w = &option_words[i];

		if (w->flags & IN_FILE_ONLY)
			continue;
		longs[n++] = (struct option){
			.name = w->name, .has_arg = w->arg != NULL, .val = w->key
		};
		if (w->key >= KEY_LONG_ONLY)
			continue;
		*shorts++ = (char)w->key;
		if (w->arg)
			*shorts++ = ':';
	}
	*shorts = '\0';
	longs[n] = (struct option){ 0 };
}

static bool say(struct options *o, const struct option_word *w, const char *value)
{
	if (o->settings_n == OPTIONS_SETTINGS_MAX)
		return false;
	o->settings[o->settings_n++] = (struct setting){ .word = w, .value = value ? value : "" };
	return true;
}

static int read_line(struct options *o, int argc, char **argv, const struct teller *to)
{
	struct option longs[ARRAY_LEN(option_words) + 1];
	char shorts[2 * ARRAY_LEN(option_words) + 2];
	int key;

	make_forms(longs, shorts);
	opterr = 0;
	optind = 0; /* it may be read again */
	while ((key = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (key == '?')
			return usage(to, "%s: no such option: catnetd --help lists them",
				argv[optind - 1]);
		if (key == ':')
			return usage(to, "%s: its value is missing: see catnetd --help",
				argv[optind - 1]);
		if (key == KEY_HELP)
			print_help();
		if (key == KEY_VERSION)
			print_version();
		if (!say(o, word_of(key), optarg))
			return usage(to, "at most %d options", OPTIONS_SETTINGS_MAX);
	}
	if (optind + 1 < argc)
		return usage(to, "one mount point only: leave out \"%s\"", argv[optind + 1]);
	if (optind < argc && !say(o, word_of(KEY_MOUNTPOINT), argv[optind]))
		return usage(to, "at most %d options", OPTIONS_SETTINGS_MAX);
	return 0;
}

/* --- the file ---------------------------------------------------------------------------- */

const struct setting *options_said(const struct options *o, const char *name)
{
	const struct setting *last = NULL;

	for (unsigned i = 0; i < o->settings_n; i++) {
		if (strcmp(o->settings[i].word->name, name) == 0)
			last = &o->settings[i];
	}
	return last;
}

/* What the line says replaces what the file does, lists too. */
static int merge(struct options *o, const struct teller *to)
{
	unsigned of_line = o->settings_n;
	struct setting s;

	for (unsigned i = 0; config_setting(o->config, i, &s); i++) {
		bool is_overruled = false;

		for (unsigned k = 0; k < of_line; k++)
			is_overruled = is_overruled || o->settings[k].word == s.word;
		if (is_overruled)
			continue;
		if (o->settings_n == OPTIONS_SETTINGS_MAX) {
			(void)usage(to, "at most %d options, here and in the file together",
				OPTIONS_SETTINGS_MAX);
			return EX_CONFIG;
		}
		o->settings[o->settings_n++] = s;
	}
	return 0;
}

static int read_file(
	struct options *o, const char *path, const char *text, size_t len, const struct teller *to)
{
	char why[OPTIONS_WHY_MAX];
	char *loaded = NULL;
	int mistakes;

	if (!text) {
		int err = config_load(&loaded, &len, path, why, sizeof(why));

		if (err < 0) {
			(void)usage(to, "%s", why);
			return err == -ENOENT ? EX_NOINPUT : EX_CONFIG;
		}
		text = loaded;
	}
	mistakes = config_parse(&o->config, path, text, len, to);
	free(loaded);
	if (mistakes < 0) {
		(void)usage(to, "%s: %s", path, strerror(-mistakes));
		return EX_OSERR;
	}
	return mistakes > 0 ? EX_CONFIG : 0;
}

/* --- the whole --------------------------------------------------------------------------- */

static int check_all(const struct options *o, const struct teller *to)
{
	if (o->is_check && !o->config_path)
		return usage(to, "--check looks at a file: name it with --config FILE");
	if (!o->mountpoint && !o->is_check)
		return usage(to,
			"no mount point: give a directory, as in catnetd --addr 10.0.0.2/24 /net");
	if (o->fd >= 0 && o->host_addrs_n > 0) {
		char place[OPTIONS_WHY_MAX];

		options_place(o, o->host_addrs[0].from, place, sizeof(place));
		(void)usage(to,
			"%s: needs a TAP of ours: leave out --fd, or set the address before",
			place);
		return o->host_addrs[0].from->in_file ? EX_CONFIG : EX_USAGE;
	}
	return 0;
}

int options_read(struct options *o, int argc, char **argv, const char *text, size_t len,
	const struct teller *to)
{
	const struct setting *file;
	int status, values;

	*o = (struct options){ .fsname = "catnetd",
		.tap = "catnet0",
		.fd = -1,
		.ready_fd = -1,
		.level = LEVEL_INFO,
		.spin_us = SPIN_DEFAULT_US };
	status = read_line(o, argc, argv, to);
	if (status != 0)
		return status;
	file = options_said(o, "config");
	if (file)
		status = read_file(o, file->value, text, len, to);
	if (status != 0 && status != EX_CONFIG)
		return status;
	if (o->config && merge(o, to) != 0)
		return EX_CONFIG;
	values = take_all(o, to);
	if (status == 0)
		status = values;
	return status != 0 ? status : check_all(o, to);
}

void options_free(struct options *o)
{
	config_free(o->config);
	o->config = NULL;
}

/* The next setting of WORD from *AT on; NULL when there is none. */
static const struct setting *next_of(
	const struct options *o, const struct option_word *word, unsigned *at)
{
	while (*at < o->settings_n) {
		const struct setting *s = &o->settings[(*at)++];

		if (s->word == word)
			return s;
	}
	return NULL;
}

bool options_differ(
	const struct options *a, const struct options *b, const struct option_word *word)
{
	const struct setting *in_a, *in_b;
	unsigned at_a = 0, at_b = 0;

	do {
		in_a = next_of(a, word, &at_a);
		in_b = next_of(b, word, &at_b);
		if ((in_a == NULL) != (in_b == NULL))
			return true;
	} while (in_a && strcmp(in_a->value, in_b->value) == 0);
	return in_a != NULL;
}
