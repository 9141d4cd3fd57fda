/*
 * config.h - the configuration file: JSON, with the words of the options for keys.
 *
 * Knows what a file looks like and where in it things stand; what the values mean is for options.c.
 */
#ifndef CATNET_CONFIG_H
#define CATNET_CONFIG_H

#include "options.h"

/* Far more than all options and a few thousand commands; what is longer is another file. */
#define CONFIG_LEN_MAX ((size_t)1 << 20)

/* The bytes of the file at PATH, to be freed, a NUL behind them; 0, or -errno with WHY. */
int config_load(char **text, size_t *len, const char *path, char *why, size_t why_len);

/* Take LEN bytes of TEXT, which are those of the file called NAME. Mistakes of form, words that
 * are none and values of a wrong type are told, each in a line; how many, or -ENOMEM. */
int config_parse(struct config **out, const char *name, const char *text, size_t len,
	const struct teller *to);
void config_free(struct config *c); /* NULL is allowed */

/* The I-th word that the file says; false past the last. Good as long as C. */
bool config_setting(const struct config *c, unsigned i, struct setting *out);

/* The I-th of the commands, NULL past the last. Once obeyed it is to be marked so. */
const char *config_command(const struct config *c, unsigned i);
void config_obeyed(struct config *c, unsigned i);

/* C has come after BEFORE (NULL: none): what was obeyed there is so here, a line as often as it
 * was there. How many were obeyed and are no longer said. */
unsigned config_follow(struct config *c, const struct config *before);

/* The I-th of the commands that are not obeyed; its index in *AT, from which on is looked for. */
const char *config_next(const struct config *c, unsigned *at);

/* "FILE:3:12: addr[1]" for a key, and an INDEX if its value is a list, into AT. */
void config_place(const struct config *c, const char *key, int index, char *at, size_t cap);

#endif
