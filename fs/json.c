/* json.c - a describer that builds a tree of Jansson's and prints it. */
#include "json.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define SCHEMA 1

static struct json_describer *json_of(struct describer *d)
{
	return CONTAINER_OF(d, struct json_describer, d);
}

/* Into the innermost group or list; takes VALUE, which may be NULL for want of memory. */
static void put(struct json_describer *j, const char *name, json_t *value)
{
	json_t *into = j->open[j->depth];
	int err;

	if (value == NULL || into == NULL) {
		json_decref(value);
		j->has_failed = true;
		return;
	}
	if (json_is_array(into)) {
		err = json_array_append_new(into, value);
	} else {
		ASSERT(name != NULL);
		err = json_object_set_new(into, name, value);
	}
	if (err != 0)
		j->has_failed = true;
}

/* A group that could not be made is followed by NULL, into which nothing can be put. */
static void descend(struct json_describer *j, const char *name, json_t *group)
{
	ASSERT(j->depth + 1 < JSON_DEPTH_MAX);
	put(j, name, group);
	j->depth++;
	j->open[j->depth] = j->has_failed ? NULL : group;
}

static void json_open_group(struct describer *d, const char *name)
{
	descend(json_of(d), name, json_object());
}

static void json_open_list(struct describer *d, const char *name)
{
	descend(json_of(d), name, json_array());
}

static void json_close_group(struct describer *d)
{
	ASSERT(json_of(d)->depth > 0);
	json_of(d)->depth--;
}

static void json_put_number(struct describer *d, const char *name, uint64_t value)
{
	/* Jansson's integers are signed; what is larger means "for ever" anyway. */
	put(json_of(d), name, json_integer((json_int_t)min_u64(value, INT64_MAX)));
}

static void json_put_truth(struct describer *d, const char *name, bool value)
{
	put(json_of(d), name, json_boolean(value));
}

/* What is not UTF-8 cannot be a JSON string; its bytes above ASCII are shown as "?". */
static json_t *plain_string(const char *value)
{
	size_t len = strlen(value);
	char at[256];
	size_t n = min_size(len, sizeof(at) - 1);

	for (size_t i = 0; i < n; i++)
		at[i] = (value[i] & 0x80) ? '?' : value[i];
	at[n] = '\0';
	return json_string(at);
}

static void json_put_text(struct describer *d, const char *name, const char *value)
{
	json_t *string = json_string(value);

	put(json_of(d), name, string != NULL ? string : plain_string(value));
}

void json_begin(struct json_describer *j)
{
	*j = (struct json_describer){
		.d = { .open = json_open_group,
			.open_list = json_open_list,
			.close = json_close_group,
			.number = json_put_number,
			.truth = json_put_truth,
			.text = json_put_text },
	};
	j->open[0] = json_object();
	json_put_number(&j->d, "schema", SCHEMA);
}

int json_end(struct json_describer *j, struct page *to)
{
	json_free_t give_back = NULL;
	char *text = NULL;

	ASSERT(j->depth == 0);
	if (!j->has_failed)
		text = json_dumps(j->open[0], JSON_INDENT(2));
	json_decref(j->open[0]);
	j->open[0] = NULL;
	if (text == NULL)
		return -ENOMEM;
	page_words(to, text);
	page_words(to, "\n");
	/* What json_dumps took, whoever it takes memory from. */
	json_get_alloc_funcs(NULL, &give_back);
	give_back(text);
	return to->has_failed ? -ENOMEM : 0;
}

/* --- lines ------------------------------------------------------------------------------- */

#define NAME_LEN_MAX 128

/* An object whose members are being told, and how much of the name is its. */
struct level {
	json_t *object;
	void *at;
	size_t name_len;
};

struct lines {
	struct page line; /* members of the innermost, not told yet */
	struct level levels[JSON_DEPTH_MAX];
	unsigned depth;
	char name[NAME_LEN_MAX];
	size_t most;
	void (*tell)(void *arg, const char *words);
	void *arg;
};

static void flush(struct lines *l)
{
	if (l->line.len == 0)
		return;
	page_put(&l->line, "}", 2);
	if (!l->line.has_failed)
		l->tell(l->arg, l->line.at);
	l->line.len = 0;
}

static void add(struct lines *l, const char *key, const char *value)
{
	if (l->line.len > 0 && l->line.len + strlen(key) + strlen(value) > l->most)
		flush(l);
	if (l->line.len == 0)
		page_printf(&l->line, "%s: {", l->name);
	else
		page_words(&l->line, ",");
	page_printf(&l->line, "\"%s\":", key);
	page_words(&l->line, value);
}

/* VALUE's members come next, or it is told as it is. */
static void descend_into(struct lines *l, const char *key, json_t *value, const char *text)
{
	struct level *outer = &l->levels[l->depth];
	struct level *inner = outer + 1;

	flush(l);
	snprintf(l->name + outer->name_len, sizeof(l->name) - outer->name_len, ".%s", key);
	if (json_is_object(value) && strlen(text) > l->most && l->depth + 1 < JSON_DEPTH_MAX) {
		l->depth++;
		*inner = (struct level){ value, json_object_iter(value), strlen(l->name) };
		return;
	}
	page_printf(&l->line, "%s: ", l->name);
	page_put(&l->line, text, strlen(text) + 1);
	if (!l->line.has_failed)
		l->tell(l->arg, l->line.at);
	l->line.len = 0;
	l->name[outer->name_len] = '\0';
}

/* The next member of the innermost object, if there is one. */
static void tell_next(struct lines *l)
{
	struct level *now = &l->levels[l->depth];
	json_free_t give_back = NULL;
	const char *key;
	json_t *value;
	char *text;

	l->name[now->name_len] = '\0';
	key = json_object_iter_key(now->at);
	value = json_object_iter_value(now->at);
	now->at = json_object_iter_next(now->object, now->at);
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	if (text == NULL)
		l->line.has_failed = true;
	else if ((json_is_object(value) || json_is_array(value)) &&
		(l->depth == 0 || strlen(text) > l->most))
		descend_into(l, key, value, text);
	else
		add(l, key, text);
	json_get_alloc_funcs(NULL, &give_back);
	give_back(text);
}

static int tell_all(struct lines *l)
{
	for (;;) {
		if (l->levels[l->depth].at != NULL) {
			tell_next(l);
			continue;
		}
		flush(l);
		if (l->depth == 0)
			return l->line.has_failed ? -ENOMEM : 0;
		l->depth--;
	}
}

int json_lines(struct fs *fs, const char *name, const char *text, size_t most,
	void (*line)(void *arg, const char *words), void *arg)
{
	json_t *root = json_loads(text, 0, NULL);
	struct lines l = { .most = most, .tell = line, .arg = arg };
	int err;

	if (!json_is_object(root)) {
		json_decref(root);
		return -EINVAL;
	}
	page_init(&l.line, fs);
	snprintf(l.name, sizeof(l.name), "%s", name);
	l.levels[0] = (struct level){ root, json_object_iter(root), strlen(l.name) };
	err = tell_all(&l);
	page_free(&l.line);
	json_decref(root);
	return err;
}
