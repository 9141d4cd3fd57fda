#include "config.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIGITS_MAX 24 /* of an integer, its sign and NUL included */
#define COMMANDS   "commands"
/* Compared with each other when the file is read again, which is to take no tenth of a second. */
#define COMMANDS_MAX 4096

struct config {
	json_t *root; /* whose strings the settings are; NULL: it is no JSON */
	char *name;
	char *text;
	struct setting settings[OPTIONS_SETTINGS_MAX];
	char digits[OPTIONS_SETTINGS_MAX][DIGITS_MAX]; /* of those that are numbers */
	unsigned settings_n;
	bool *obeyed; /* of the commands */
	unsigned commands_n;
	unsigned mistakes;
	const struct teller *to;
};

/* --- reading ----------------------------------------------------------------------------- */

static int read_all(int fd, char *to, size_t *len)
{
	ssize_t got;

	*len = 0;
	do {
		got = read(fd, to + *len, CONFIG_LEN_MAX + 1 - *len);
		if (got < 0 && errno != EINTR)
			return -errno;
		*len += got > 0 ? (size_t)got : 0;
	} while (got != 0 && *len <= CONFIG_LEN_MAX);
	to[*len] = '\0';
	return *len > CONFIG_LEN_MAX ? -EFBIG : 0;
}

int config_load(char **text, size_t *len, const char *path, char *why, size_t why_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int err = fd < 0 ? -errno : 0;
	char *at = err == 0 ? malloc(CONFIG_LEN_MAX + 2) : NULL;

	if (err == 0)
		err = at ? read_all(fd, at, len) : -ENOMEM;
	if (fd >= 0)
		close(fd);
	if (err == 0) {
		*text = at;
		return 0;
	}
	free(at);
	if (err == -ENOENT)
		snprintf(why, why_len, "%s: there is no such file: --config names it", path);
	else if (err == -EFBIG)
		snprintf(why, why_len, "%s: longer than %zu bytes", path, CONFIG_LEN_MAX);
	else
		snprintf(why, why_len, "%s: %s", path, strerror(-err));
	return err;
}

/* --- places ------------------------------------------------------------------------------ */

/*
 * Jansson does not keep where a value stood, so what it has found sound is walked once more, only
 * by those who have a mistake to tell. Every text here ends in NUL, and is JSON.
 */

static const char *skip_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

/* AT is its first quote; past the last. */
static const char *skip_string(const char *at)
{
	at++;
	while (*at != '\0' && *at != '"')
		at += *at == '\\' && at[1] != '\0' ? 2 : 1;
	return *at == '"' ? at + 1 : at;
}

static const char *skip_value(const char *at)
{
	unsigned depth = 0;

	do {
		if (*at == '"') {
			at = skip_string(at);
		} else if (*at == '[' || *at == '{') {
			depth++;
			at++;
		} else if (*at == ']' || *at == '}') {
			depth--;
			at++;
		} else if (depth > 0) {
			at++;
		} else {
			return at + strcspn(at, ",]} \t\r\n");
		}
	} while (depth > 0 && *at != '\0');
	return at;
}

static const char *skip_comma(const char *at)
{
	at = skip_space(at);
	return *at == ',' ? skip_space(at + 1) : at;
}

/* Element INDEX of the value at AT, or the value itself. */
static const char *find_element(const char *at, int index)
{
	if (*at != '[')
		return at;
	at = skip_space(at + 1);
	while (index-- > 0)
		at = skip_comma(skip_value(at));
	return at;
}

/* The key, or with an INDEX the value or its element; NULL when it cannot be found. */
static const char *find(const char *text, const char *key, int index)
{
	size_t key_len = strlen(key);
	const char *at = skip_space(text);

	if (*at != '{')
		return NULL;
	at = skip_space(at + 1);
	while (*at == '"') {
		const char *word = at + 1;
		bool is_it;

		at = skip_string(at);
		is_it = (size_t)(at - word) == key_len + 1 && strncmp(word, key, key_len) == 0;
		if (is_it && index < 0)
			return word - 1;
		at = skip_space(skip_space(at) + 1); /* the colon */
		if (is_it)
			return find_element(at, index);
		at = skip_comma(skip_value(at));
	}
	return NULL;
}

/* Lines and columns count from 1, columns in characters. */
static void locate(const char *text, const char *at, unsigned *line, unsigned *column)
{
	*line = 1;
	*column = 1;
	for (; text < at; text++) {
		if (*text == '\n') {
			(*line)++;
			*column = 1;
		} else if ((*text & 0xc0) != 0x80) {
			(*column)++;
		}
	}
}

void config_place(const struct config *c, const char *key, int index, char *at, size_t cap)
{
	const char *where = find(c->text, key, index);
	char which[16] = "";
	unsigned line, column;

	if (index >= 0)
		snprintf(which, sizeof(which), "[%d]", index);
	if (!where) {
		snprintf(at, cap, "%s: %s%s", c->name, key, which);
		return;
	}
	locate(c->text, where, &line, &column);
	snprintf(at, cap, "%s:%u:%u: %s%s", c->name, line, column, key, which);
}

/* --- mistakes ---------------------------------------------------------------------------- */

static void mistake(struct config *c, const char *key, int index, const char *words)
{
	char place[OPTIONS_WHY_MAX];
	char line[2 * OPTIONS_WHY_MAX];

	config_place(c, key, index, place, sizeof(place));
	snprintf(line, sizeof(line), "%s: %s", place, words);
	c->to->tell(c->to->arg, line);
	c->mistakes++;
}

static const char *kind_of(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "text";
	case JSON_INTEGER:
		return "a number";
	case JSON_REAL:
		return "a number with a fraction";
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_NULL:
		break;
	}
	return "null";
}

static const char *wanted_by(const struct option_word *w)
{
	if (!w->arg)
		return "true or false";
	if (w->flags & IS_NUMBER)
		return "a whole number";
	if (w->flags & IS_SIZE)
		return "a whole number, or text as \"512M\"";
	return "text";
}

static void wrong_type(
	struct config *c, const struct option_word *w, int index, const json_t *value)
{
	char words[128];
	bool is_commands = strcmp(w->name, COMMANDS) == 0;
	const char *list = w->flags & IS_LIST && index < 0 ? ", or a list of it" : "";

	snprintf(words, sizeof(words), "expected %s%s, got %s",
		is_commands && index < 0 ? "a list of text" : wanted_by(w), is_commands ? "" : list,
		kind_of(value));
	mistake(c, w->name, index, words);
}

/* --- taking ------------------------------------------------------------------------------ */

static void add(struct config *c, const struct option_word *w, int index, const char *value)
{
	if (c->settings_n == OPTIONS_SETTINGS_MAX) {
		mistake(c, w->name, index, "too many words in this file");
		return;
	}
	c->settings[c->settings_n++] =
		(struct setting){ .word = w, .value = value, .index = index, .in_file = true };
}

static void add_number(struct config *c, const struct option_word *w, const json_t *value)
{
	char *digits = c->digits[min_u32(c->settings_n, OPTIONS_SETTINGS_MAX - 1)];

	snprintf(digits, DIGITS_MAX, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	add(c, w, -1, digits);
}

static bool takes_number(const struct option_word *w)
{
	return w->flags & (IS_NUMBER | IS_SIZE);
}

static bool takes_text(const struct option_word *w)
{
	return w->arg && !(w->flags & IS_NUMBER);
}

static void take_list(struct config *c, const struct option_word *w, const json_t *list)
{
	if (json_array_size(list) > COMMANDS_MAX) {
		mistake(c, w->name, -1, "too long: a list has at most 4096 entries");
		return;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *value = json_array_get(list, i);

		if (!json_is_string(value))
			wrong_type(c, w, (int)i, value);
		else if (strcmp(w->name, COMMANDS) != 0)
			add(c, w, (int)i, json_string_value(value));
	}
}

static void take_value(struct config *c, const struct option_word *w, const json_t *value)
{
	if (!w->arg && json_is_boolean(value)) {
		if (json_is_true(value))
			add(c, w, -1, "");
	} else if (w->flags & IS_LIST && json_is_array(value)) {
		take_list(c, w, value);
	} else if (takes_number(w) && json_is_integer(value)) {
		add_number(c, w, value);
	} else if (takes_text(w) && json_is_string(value) && strcmp(w->name, COMMANDS) != 0) {
		add(c, w, -1, json_string_value(value));
	} else {
		wrong_type(c, w, -1, value);
	}
}

static void take_key(struct config *c, const char *key, const json_t *value)
{
	const struct option_word *w = option_find(key);

	if (!w)
		mistake(c, key, -1, "no such word: catnetd.json(5) lists them");
	else if (w->flags & IN_LINE_ONLY)
		mistake(c, key, -1, "only for the command line");
	else
		take_value(c, w, value);
}

/* --- the whole --------------------------------------------------------------------------- */

static void no_json(struct config *c, const json_error_t *e)
{
	char line[2 * OPTIONS_WHY_MAX];

	snprintf(line, sizeof(line), "%s:%d:%d: %s", c->name, e->line, e->column, e->text);
	c->to->tell(c->to->arg, line);
	c->mistakes++;
}

static int parse(struct config *c, size_t len)
{
	json_error_t e;
	const char *key;
	json_t *value;

	c->root = json_loadb(c->text, len, JSON_REJECT_DUPLICATES, &e);
	/* Of a want of memory Jansson says so, or nothing. */
	if (!c->root && (json_error_code(&e) == json_error_out_of_memory || e.text[0] == '\0'))
		return -ENOMEM;
	if (!c->root) {
		no_json(c, &e);
		return 0;
	}
	if (!json_is_object(c->root)) {
		snprintf(
			e.text, sizeof(e.text), "expected an object { }, got %s", kind_of(c->root));
		e.line = e.column = 1;
		no_json(c, &e);
		return 0;
	}
	json_object_foreach(c->root, key, value)
	{
		take_key(c, key, value);
	}
	return 0;
}

int config_parse(struct config **out, const char *name, const char *text, size_t len,
	const struct teller *to)
{
	struct config *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->name = strdup(name);
	c->text = malloc(len + 1);
	if (!c->name || !c->text) {
		config_free(c);
		return -ENOMEM;
	}
	memcpy(c->text, text, len);
	c->text[len] = '\0';
	c->to = to;
	err = parse(c, len);
	c->to = NULL;
	c->commands_n = (unsigned)json_array_size(json_object_get(c->root, COMMANDS));
	c->obeyed = calloc(c->commands_n + 1, sizeof(*c->obeyed));
	if (err < 0 || !c->obeyed) {
		config_free(c);
		return -ENOMEM;
	}
	*out = c;
	return (int)c->mistakes;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	json_decref(c->root);
	free(c->name);
	free(c->text);
	free(c->obeyed);
	free(c);
}

bool config_setting(const struct config *c, unsigned i, struct setting *out)
{
	if (i >= c->settings_n)
		return false;
	*out = c->settings[i];
	return true;
}

/* --- commands ---------------------------------------------------------------------------- */

const char *config_command(const struct config *c, unsigned i)
{
	return json_string_value(json_array_get(json_object_get(c->root, COMMANDS), i));
}

void config_obeyed(struct config *c, unsigned i)
{
	ASSERT(i < c->commands_n);
	c->obeyed[i] = true;
}

const char *config_next(const struct config *c, unsigned *at)
{
	while (*at < c->commands_n && c->obeyed[*at])
		(*at)++;
	return *at < c->commands_n ? config_command(c, *at) : NULL;
}

/* One that is not yet obeyed and says WORDS, the first behind FROM, where it mostly is; -1. */
static int find_command(const struct config *c, const char *words, unsigned from)
{
	for (unsigned k = 0; k < c->commands_n; k++) {
		unsigned i = (from + k) % c->commands_n;

		if (!c->obeyed[i] && strcmp(config_command(c, i), words) == 0)
			return (int)i;
	}
	return -1;
}

unsigned config_follow(struct config *c, const struct config *before)
{
	unsigned gone = 0;
	unsigned from = 0;

	for (unsigned i = 0; before && i < before->commands_n; i++) {
		int same;

		if (!before->obeyed[i])
			continue;
		same = find_command(c, config_command(before, i), from);
		gone += same < 0;
		if (same < 0)
			continue;
		c->obeyed[same] = true;
		from = (unsigned)same + 1;
	}
	return gone;
}
