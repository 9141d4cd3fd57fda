/*
 * json.h - descriptions turned into JSON. The only user of Jansson besides the configuration.
 */
#ifndef CATNET_JSON_H
#define CATNET_JSON_H

#include "../stack/describe.h"
#include "text.h"

struct json_t; /* Jansson's */

/* Groups in groups; what is described is not deeper. */
#define JSON_DEPTH_MAX 16

struct json_describer {
	struct describer d;
	struct json_t *open[JSON_DEPTH_MAX]; /* open[0] is the whole; the rest are borrowed */
	unsigned depth;                      /* of the innermost that is open */
	bool has_failed;                     /* memory was short: what there is is not all */
};

/* Begin an object with "schema": 1. */
void json_begin(struct json_describer *j);

/* Put the object on the page, a newline behind it, and forget it; 0, or -ENOMEM. */
int json_end(struct json_describer *j, struct page *to);

/*
 * TEXT, an object such as json_end makes, as lines for a log, none much longer than MOST bytes:
 * what is plain in one, `NAME: {"schema":1}`, and each group in its own, `NAME.memory: {...}`, or
 * in several where it is long. 0, -EINVAL or -ENOMEM.
 */
int json_lines(struct fs *fs, const char *name, const char *text, size_t most,
	void (*line)(void *arg, const char *words), void *arg);

#endif
