/*
 * describe.h - how an object tells of itself, to nobody in particular.
 *
 * One description, several tongues: a status line, JSON, a line of a test. Names are
 * snake_case with the unit last and, once published, keep their meaning.
 */
#ifndef CATNET_DESCRIBE_H
#define CATNET_DESCRIBE_H

#include "base/base.h"

/* Embedded in a writer, which finds itself by CONTAINER_OF. */
struct describer {
	/* A named group begins (NULL: an element of a list) and ends with close. */
	void (*open)(struct describer *d, const char *name);
	void (*open_list)(struct describer *d, const char *name);
	void (*close)(struct describer *d);
	void (*number)(struct describer *d, const char *name, uint64_t value);
	void (*truth)(struct describer *d, const char *name, bool value);
	void (*text)(struct describer *d, const char *name, const char *value);
};

#endif
