/* command.c - lines into words, words into numbers and addresses. */
#include "command.h"

#include <string.h>

#include "tree.h"

/* What a user wrote is shown, but never more than fits and nothing a terminal would obey. */
#define SHOWN_MAX 64

static void show(struct text *to, const char *word)
{
	char at[SHOWN_MAX + 1];
	size_t len = 0;

	while (word[len] != '\0' && len < SHOWN_MAX) {
		unsigned char byte = (unsigned char)word[len];

		at[len] = byte < ' ' || byte > '~' ? '?' : word[len];
		len++;
	}
	text_put_len(to, at, len);
}

int command_expected(struct command *c, const char *what, const char *word)
{
	text_clear(&c->why);
	if (word == NULL) {
		text_printf(&c->why, "expected %s, got nothing", what);
		return -EINVAL;
	}
	text_printf(&c->why, "expected %s, got \"", what);
	show(&c->why, word);
	text_put(&c->why, "\"");
	return -EINVAL;
}

int command_number(struct command *c, int i, const char *what, uint64_t max, uint64_t *out)
{
	return number_parse(out, c->argv[i], max) < 0 ? command_expected(c, what, c->argv[i]) : 0;
}

int command_switch(struct command *c, int i, bool *out)
{
	if (strcmp(c->argv[i], "on") == 0)
		*out = true;
	else if (strcmp(c->argv[i], "off") == 0)
		*out = false;
	else
		return command_expected(c, "on or off", c->argv[i]);
	return 0;
}

int command_endpoint(struct command *c, int i, bool port_alone, struct endpoint *out)
{
	const char *word = c->argv[i];
	int err = endpoint_parse(out, word, strlen(word), port_alone);

	if (err == -ENOENT) {
		text_put(&c->why, "names are not available, give an address");
		return -EINVAL;
	}
	if (err < 0)
		return command_expected(c, port_alone ? "[ADDRESS!]PORT" : "ADDRESS!PORT", word);
	return 0;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

/* Words end at blanks; one more than fits is left to be refused as too many. */
static void split(struct command *c)
{
	char *at = c->line;

	c->argc = 0;
	while (c->argc < COMMAND_ARGS_MAX) {
		while (is_blank(*at))
			at++;
		if (*at == '\0')
			break;
		c->argv[c->argc++] = at;
		while (*at != '\0' && !is_blank(*at))
			at++;
		if (*at == '\0')
			break;
		*at++ = '\0';
	}
	c->argv[c->argc] = NULL;
}

static void command_begin(struct command *c, struct fid *f, struct req *r)
{
	c->f = f;
	c->r = r;
	c->life = f->life;
	c->argc = 0;
	c->cost = 1;
	c->subject = text_over(c->subject_at, sizeof(c->subject_at));
	c->why = text_over(c->why_at, sizeof(c->why_at));
	text_put(&c->subject, "command");
}

/* Take the LEN bytes of a line apart; 0, or -EINVAL with why. */
static int command_parse(struct command *c, const char *at, size_t len)
{
	if (len > COMMAND_LINE_MAX) {
		text_printf(&c->why, "a line has at most %d bytes", COMMAND_LINE_MAX);
		return -EINVAL;
	}
	if (memchr(at, '\0', len) != NULL) {
		text_put(&c->why, "a line of words, not of bytes, was expected");
		return -EINVAL;
	}
	memcpy(c->line, at, len);
	c->line[len] = '\0';
	split(c);
	if (c->argc > 0) {
		text_clear(&c->subject);
		show(&c->subject, c->argv[0]);
	}
	return 0;
}

ssize_t commands_obey(struct fid *f, struct req *r, ssize_t (*run)(struct command *c),
	void (*failed)(struct command *c, int err))
{
	struct command c;

	for (unsigned lines = 0; r->done < r->len; lines += c.cost) {
		const char *at = (const char *)r->at + r->done;
		size_t left = r->len - r->done;
		const char *end = memchr(at, '\n', left);
		size_t len = end == NULL ? left : (size_t)(end - at);
		ssize_t n;

		if (lines >= COMMAND_LINES_MAX)
			return FS_YIELD;
		command_begin(&c, f, r);
		n = command_parse(&c, at, len);
		if (n == 0 && c.argc > 0)
			n = run(&c);
		if (n == FS_PARK)
			return FS_PARK;
		if (n < 0) {
			failed(&c, (int)n);
			return n;
		}
		r->done += end == NULL ? len : len + 1;
		r->resumed = false; /* the next line has not been run before */
	}
	return (ssize_t)r->len;
}

const struct verb *command_verb(const struct command *c, const struct verb *verbs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(verbs[i].word, c->argv[0]) == 0)
			return &verbs[i];
	}
	return NULL;
}

ssize_t command_run(struct command *c, const struct verb *v)
{
	if (c->argc - 1 < v->least)
		return command_expected(c, v->usage, c->argc > 1 ? c->argv[c->argc - 1] : NULL);
	if (c->argc - 1 > v->most)
		return command_expected(c, "nothing more", c->argv[v->most + 1]);
	return v->run(c);
}

void command_failure(const struct command *c, int err, struct text *words)
{
	text_printf(
		words, "%s: %s", c->subject.at, c->why.len > 0 ? c->why.at : failure_words(err));
}
