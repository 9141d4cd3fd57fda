/*
 * options.h - what catnetd is told: by its command line, and by a file in the same words.
 *
 * One table has all the words. Each that is said, here or there, becomes a struct setting; the
 * settings are merged, the line's before the file's, and only then taken as values. So both are
 * read by the same code and refused in the same words, behind the place where they stand.
 */
#ifndef CATNET_OPTIONS_H
#define CATNET_OPTIONS_H

#include "../stack/base/addr.h"
#include "log.h"

#define OPTIONS_ADDRS_MAX    8
#define OPTIONS_GATEWAYS_MAX 2 /* one a family */
/* Each word once from the line and once from the file, and the lists a few times over. */
#define OPTIONS_SETTINGS_MAX 96
/* A line of text about a mistake: the longest path, and words. */
#define OPTIONS_WHY_MAX 4608

struct config;

/* Where a word may be said, and what its value is; without a kind it is text, and without an
 * argument it is a switch. */
enum option_flag {
	IN_LINE_ONLY = 1,
	IN_FILE_ONLY = 2,
	IS_LIST = 4,     /* it may be said several times */
	IS_NUMBER = 8,   /* in the file: digits without quotes */
	IS_SIZE = 16,    /* in the file: digits, or text with a unit */
	CAN_CHANGE = 32, /* while the server runs */
};

/* A word that catnetd understands, and what --help says of it. */
struct option_word {
	const char *name;
	const char *arg; /* what its value is called; NULL: it takes none */
	const char *help;
	int key; /* a letter is a short form too */
	unsigned flags;
};

extern const struct option_word option_words[];
extern const unsigned option_words_n;

const struct option_word *option_find(const char *name); /* NULL: no such word */

/* A word that was said. */
struct setting {
	const struct option_word *word;
	const char *value; /* "" for a switch; the line's or the file's memory */
	int index;         /* in a list of the file; -1: in none */
	bool in_file;
};

struct options_addr {
	struct addr addr;
	unsigned bits; /* of the 128-bit form */
	const struct setting *from;
};

struct options_gateway {
	struct addr addr;
	const struct setting *from;
};

struct options {
	const char *mountpoint;
	const char *fsname; /* how the list of mounts calls it */
	const char *tap;
	int fd; /* an inherited device instead of a TAP; -1: none */
	struct options_addr host_addrs[OPTIONS_ADDRS_MAX]; /* the kernel's, on the TAP */
	unsigned host_addrs_n;
	struct options_addr addrs[OPTIONS_ADDRS_MAX]; /* ours */
	unsigned addrs_n;
	struct options_gateway gateways[OPTIONS_GATEWAYS_MAX];
	unsigned gateways_n;
	bool by_mount; /* it is mount(8) that has started us */
	bool in_foreground;
	bool unprobed; /* use addresses without asking whether they are taken */
	enum log_level level;
	const char *pcap;  /* NULL: no capture */
	unsigned trace;    /* enum stack_trace_kind */
	const char *fault; /* NULL: a good wire */
	unsigned mtu;      /* 0: as the device has it */
	size_t memory;     /* 0: the default */
	usec_t spin_us;
	bool has_seed;
	uint64_t seed;                                 /* everything random follows from it */
	const char *pidfile;                           /* NULL: none */
	int ready_fd;                                  /* whom to tell that we serve; -1: nobody */
	bool is_check;                                 /* only say what is wrong with the file */
	const char *config_path;                       /* NULL: no file */
	struct config *config;                         /* what is in it */
	struct setting settings[OPTIONS_SETTINGS_MAX]; /* what all of this was taken from */
	unsigned settings_n;
};

/* Takes lines about mistakes, without a newline. */
struct teller {
	void (*tell)(void *arg, const char *line);
	void *arg;
};

/*
 * Read the command line, and the file that it names: from the disk, or where TEXT is not NULL from
 * there, LEN bytes. 0; or EX_USAGE or EX_CONFIG after TO was told of each mistake in the file, or
 * of the first in the line. --help and --version end the program. ARGV must outlive O, which is to
 * be given to options_free either way.
 */
int options_read(struct options *o, int argc, char **argv, const char *text, size_t len,
	const struct teller *to);
void options_free(struct options *o);

/* "--addr", or "FILE:3:12: addr[1]": where S was said, into AT. */
void options_place(const struct options *o, const struct setting *s, char *at, size_t cap);

/* How the word of this NAME was said last; NULL: it was not. */
const struct setting *options_said(const struct options *o, const char *name);

/* Has WORD been said otherwise in A than in B? */
bool options_differ(
	const struct options *a, const struct options *b, const struct option_word *word);

#endif
