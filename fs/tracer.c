/* tracer.c - see tracer.h. */
#include "tracer.h"

#include <string.h>

#include "../stack/base/text.h"
#include "../stack/stack.h"
#include "log.h"
#include "wall.h"

#define READER 1 /* of the stack's trace; the tree is the other */

#define EVENTS_MAX 64  /* said in one go: two system calls each */
#define WORDS_MAX  256 /* twice the longest */

/* --- which ------------------------------------------------------------------------------- */

static unsigned kinds_of(const char *word, size_t len)
{
	const char *name;

	if (len == 3 && memcmp(word, "all", 3) == 0)
		return STACK_TRACE_ALL;
	for (unsigned i = 0; (name = stack_trace_name(i)) != NULL; i++) {
		if (strlen(name) == len && memcmp(name, word, len) == 0)
			return stack_trace_kinds(name);
	}
	return 0;
}

unsigned tracer_kinds(const char *words)
{
	unsigned kinds = 0;

	while (true) {
		size_t len = strcspn(words, ",");
		unsigned kind = kinds_of(words, len);

		if (kind == 0)
			return 0;
		kinds |= kind;
		if (words[len] == '\0')
			return kinds;
		words += len + 1;
	}
}

void tracer_names(char *to, size_t cap)
{
	struct text names = text_over(to, cap);
	const char *name;

	for (unsigned i = 0; (name = stack_trace_name(i)) != NULL; i++)
		text_printf(&names, "%s, ", name);
	text_put(&names, "all");
}

/* --- saying ------------------------------------------------------------------------------ */

void tracer_init(struct tracer *t, struct stack *stack, struct log *log, usec_t now_us)
{
	*t = (struct tracer){ .stack = stack, .log = log, .began_us = now_us };
}

/* Who compares with a capture or another host's log needs to know when 0 was. */
static void say_when(const struct tracer *t)
{
	uint64_t at_us = wall_offset_us() + t->began_us;

	log_say(t->log, LEVEL_INFO, "the trace counts seconds from %llu.%06llu",
		(unsigned long long)(at_us / USEC_PER_SEC),
		(unsigned long long)(at_us % USEC_PER_SEC));
}

void tracer_want(struct tracer *t, unsigned kinds)
{
	if (kinds != 0 && t->kinds == 0)
		say_when(t);
	t->kinds = kinds;
	stack_trace_want(t->stack, READER, kinds, NULL);
}

static void say(const struct tracer *t, const struct stack_trace *what, const char *words)
{
	usec_t at_us = what->at_us - t->began_us;

	if (what->lost > 0)
		log_line(t->log, "lost %llu", (unsigned long long)what->lost);
	log_line(t->log, "%llu.%06llu %s", (unsigned long long)(at_us / USEC_PER_SEC),
		(unsigned long long)(at_us % USEC_PER_SEC), words);
}

bool tracer_tell(struct tracer *t)
{
	char words[WORDS_MAX];
	struct stack_trace what;

	for (unsigned i = 0; i < EVENTS_MAX && stack_trace_has(t->stack, READER); i++) {
		struct text line = text_over(words, sizeof(words));

		if (stack_trace_next(t->stack, READER, &line, &what))
			say(t, &what, words);
	}
	return stack_trace_has(t->stack, READER);
}
