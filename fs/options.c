#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "../stack/base/text.h"
#include "../stack/limits.h"
#include "options.h"

#define SPIN_DEFAULT_US 50
#define SPIN_MAX_US     (1 * USEC_PER_SEC)
/* What the tables of the default limits take, and a few chunks of blocks. */
#define MEMORY_MIN ((size_t)160 << 20)

enum key {
	KEY_TAP = 't',
	KEY_ADDR = 'a',
	KEY_GATEWAY = 'g',
	KEY_FOREGROUND = 'f',
	KEY_LEVEL = 'l',
	KEY_HELP = 'h',
	KEY_LONG_ONLY = 256,
	KEY_VERSION = KEY_LONG_ONLY,
	KEY_HOST_ADDR,
	KEY_FD,
	KEY_PCAP,
	KEY_FAULT,
	KEY_NO_ACD,
	KEY_MTU,
	KEY_MEMORY,
	KEY_SPIN,
	KEY_SEED,
};

/* What catnetd understands, and what --help says of it. */
struct word {
	const char *name;
	const char *arg; /* what its value is called; NULL: it takes none */
	const char *help;
	int key; /* a letter is a short form too */
};

static const struct word words[] = {
	{ "foreground", NULL, "stay in the foreground, log to standard error", KEY_FOREGROUND },
	{ "log", "LEVEL", "error, warning, info (default) or debug", KEY_LEVEL },
	{ "tap", "NAME", "the TAP to speak on, made if missing (default catnet0)", KEY_TAP },
	{ "fd", "N", "speak on open descriptor N: a TAP or socket of frames", KEY_FD },
	{ "host-addr", "A/P", "give the kernel's side of the TAP this address", KEY_HOST_ADDR },
	{ "mtu", "BYTES", "set the MTU of the TAP", KEY_MTU },
	{ "addr", "A/P", "an address of ours; like --host-addr, also several", KEY_ADDR },
	{ "gw", "A", "the default gateway, one a family", KEY_GATEWAY },
	{ "no-acd", NULL, "do not ask, for some 6 s, whether an address is taken", KEY_NO_ACD },
	{ "memory", "SIZE", "the stack's budget (default 512M, at least 160M)", KEY_MEMORY },
	{ "spin-us", "N", "look for work for N us before sleeping (default 50)", KEY_SPIN },
	{ "pcap", "FILE", "capture every frame into FILE", KEY_PCAP },
	{ "fault", "SPEC", "be a bad wire: loss=1%,dup=1%,reorder=1%,delay=5ms", KEY_FAULT },
	{ "seed", "N", "all randomness follows from N: for tests only", KEY_SEED },
	{ "help", NULL, "this list", KEY_HELP },
	{ "version", NULL, "which catnetd this is", KEY_VERSION },
};

static const char head[] =
	"usage: catnetd [OPTION...] MOUNTPOINT\n"
	"A TCP/IP host of its own, whose sockets are a tree of files under MOUNTPOINT.\n\n";
static const char tail[] =
	"\nExit status: 0 after an orderly end; 64 mistake in the options; 66 no such\n"
	"file; 69 device missing or taken; 71 other error of the system; 75 address\n"
	"taken; 77 no right.\n";

/* --- values ------------------------------------------------------------------------------ */

__attribute__((format(printf, 1, 2), noreturn)) static void refuse(const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fprintf(stderr, "catnetd: %s\n", line);
	exit(EX_USAGE);
}

static void parse_addr(struct options_addr *list, unsigned *n, const char *word)
{
	struct options_addr *at = &list[*n];

	if (*n == OPTIONS_ADDRS_MAX)
		refuse("at most %d addresses: leave out %s", OPTIONS_ADDRS_MAX, word);
	if (prefix_parse(&at->addr, &at->bits, word, strlen(word)) < 0)
		refuse("\"%s\": expected ADDRESS/PREFIX, as in 10.0.0.2/24", word);
	(*n)++;
}

static void parse_gateway(struct options *o, const char *word)
{
	struct addr a;

	if (addr_parse(&a, word, strlen(word)) < 0)
		refuse("--gw: expected an address, got \"%s\"", word);
	for (unsigned i = 0; i < o->gateways_n; i++) {
		if (addr_is_v4(&a) == addr_is_v4(&o->gateways[i]))
			refuse("one gateway a family: leave out %s", word);
	}
	o->gateways[o->gateways_n++] = a;
}

static uint64_t parse_number(const char *what, const char *word, uint64_t least, uint64_t most)
{
	uint64_t value;

	if (number_parse(&value, word, most) < 0 || value < least)
		refuse("%s: expected a number from %llu to %llu, got \"%s\"", what,
			(unsigned long long)least, (unsigned long long)most, word);
	return value;
}

static size_t parse_size(const char *word)
{
	static const char units[] = "KMG";
	char *end;
	unsigned long long value = strtoull(word, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;

	if (end == word || *word == '-' || (*end && (!unit || end[1])) ||
		value > SIZE_MAX >> shift || (size_t)value << shift < MEMORY_MIN)
		refuse("--memory: expected a size of at least 160M, got \"%s\"", word);
	return (size_t)value << shift;
}

static enum log_level parse_level(const char *word)
{
	enum log_level level;

	if (!log_level_parse(&level, word))
		refuse("--log: expected error, warning, info or debug, got \"%s\"", word);
	return level;
}

/* --- the line ---------------------------------------------------------------------------- */

_Noreturn static void print_help(void)
{
	fputs(head, stdout);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const struct word *w = &words[i];
		char left[32];

		snprintf(left, sizeof(left), "--%s%s%s", w->name, w->arg ? " " : "",
			w->arg ? w->arg : "");
		if (w->key < KEY_LONG_ONLY)
			printf("  -%c, %-18s %s\n", w->key, left, w->help);
		else
			printf("      %-18s %s\n", left, w->help);
	}
	fputs(tail, stdout);
	exit(EX_OK);
}

_Noreturn static void print_version(void)
{
	puts("catnetd " CATNET_VERSION);
	exit(EX_OK);
}

/* How the program is run. */
static void take_run(struct options *o, int key, const char *arg)
{
	switch (key) {
	case KEY_FOREGROUND:
		o->in_foreground = true;
		break;
	case KEY_LEVEL:
		o->level = parse_level(arg);
		break;
	case KEY_MEMORY:
		o->memory = parse_size(arg);
		break;
	case KEY_SPIN:
		o->spin_us = parse_number("--spin-us", arg, 0, SPIN_MAX_US);
		break;
	case KEY_PCAP:
		o->pcap = arg;
		break;
	case KEY_FAULT:
		o->fault = arg;
		break;
	case KEY_SEED:
		o->has_seed = true;
		o->seed = parse_number("--seed", arg, 0, UINT64_MAX);
		break;
	case KEY_HELP:
		print_help();
	case KEY_VERSION:
		print_version();
	default:
		break;
	}
}

/* What it speaks on, and as whom. */
static void take_one(struct options *o, int key, const char *arg)
{
	switch (key) {
	case KEY_TAP:
		o->tap = arg;
		break;
	case KEY_FD:
		o->fd = (int)parse_number("--fd", arg, 0, INT16_MAX);
		break;
	case KEY_HOST_ADDR:
		parse_addr(o->host_addrs, &o->host_addrs_n, arg);
		break;
	case KEY_MTU:
		o->mtu = (unsigned)parse_number("--mtu", arg, LIMIT_MTU_MIN, LIMIT_MTU_MAX);
		break;
	case KEY_ADDR:
		parse_addr(o->addrs, &o->addrs_n, arg);
		break;
	case KEY_GATEWAY:
		parse_gateway(o, arg);
		break;
	case KEY_NO_ACD:
		o->unprobed = true;
		break;
	default:
		take_run(o, key, arg);
	}
}

static void check_all(const struct options *o)
{
	if (!o->mountpoint)
		refuse("no mount point: give a directory, as in catnetd --addr 10.0.0.2/24 /net");
	if (o->fd >= 0 && o->host_addrs_n > 0)
		refuse("--host-addr needs a TAP of ours: leave out --fd, or set the address "
		       "before");
}

/* The table as getopt wants it. */
static void make_forms(struct option *longs, char *shorts)
{
	*shorts++ = ':'; /* a missing value is told apart from an unknown word */
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const struct word *w = &words[i];

		longs[i] = (struct option){
			.name = w->name, .has_arg = w->arg != NULL, .val = w->key
		};
		if (w->key >= KEY_LONG_ONLY)
			continue;
		*shorts++ = (char)w->key;
		if (w->arg)
			*shorts++ = ':';
	}
	*shorts = '\0';
	longs[ARRAY_LEN(words)] = (struct option){ 0 };
}

void options_read(struct options *o, int argc, char **argv)
{
	struct option longs[ARRAY_LEN(words) + 1];
	char shorts[2 * ARRAY_LEN(words) + 2];
	int key;

	*o = (struct options){
		.tap = "catnet0", .fd = -1, .level = LEVEL_INFO, .spin_us = SPIN_DEFAULT_US
	};
	make_forms(longs, shorts);
	opterr = 0;
	while ((key = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (key == '?')
			refuse("%s: no such option: catnetd --help lists them", argv[optind - 1]);
		if (key == ':')
			refuse("%s: its value is missing: see catnetd --help", argv[optind - 1]);
		take_one(o, key, optarg);
	}
	if (optind + 1 < argc)
		refuse("one mount point only: leave out \"%s\"", argv[optind + 1]);
	o->mountpoint = argv[optind]; /* the NULL at the end, when there is none */
	check_all(o);
}
