#include "told.h"

#include <stdio.h>
#include <string.h>

static struct told *told_of(struct describer *d)
{
	return CONTAINER_OF(d, struct told, describer);
}

static void told_open(struct describer *d, const char *name)
{
	struct told *t = told_of(d);
	size_t used = strlen(t->path);

	(void)snprintf(t->path + used, sizeof(t->path) - used, "%s.", name ? name : "");
}

static void told_close(struct describer *d)
{
	struct told *t = told_of(d);
	size_t used = strlen(t->path);

	if (used)
		t->path[used - 1] = '\0';
	while (used > 0 && t->path[used - 1] != '.')
		t->path[--used] = '\0';
}

static struct told_item *told_add(struct describer *d, const char *name)
{
	struct told *t = told_of(d);
	struct told_item *item = &t->items[t->items_n];
	size_t used = strlen(t->path);

	if (t->items_n < TOLD_MAX - 1)
		t->items_n++;
	memcpy(item->path, t->path, used + 1);
	(void)snprintf(item->path + used, sizeof(item->path) - used, "%s", name ? name : "");
	item->number = 0;
	item->text[0] = '\0';
	return item;
}

static void told_number(struct describer *d, const char *name, uint64_t value)
{
	told_add(d, name)->number = value;
}

static void told_truth(struct describer *d, const char *name, bool value)
{
	told_add(d, name)->number = value;
}

static void told_text(struct describer *d, const char *name, const char *value)
{
	struct told_item *item = told_add(d, name);

	(void)snprintf(item->text, sizeof(item->text), "%s", value);
}

void told_init(struct told *t)
{
	t->describer.open = told_open;
	t->describer.open_list = told_open;
	t->describer.close = told_close;
	t->describer.number = told_number;
	t->describer.truth = told_truth;
	t->describer.text = told_text;
	t->items_n = 0;
	t->path[0] = '\0';
}

const struct told_item *told_find(const struct told *t, const char *name)
{
	unsigned i;

	for (i = 0; i < t->items_n; i++) {
		const char *path = t->items[i].path;
		const char *last = strrchr(path, '.');

		if (strcmp(path, name) == 0 || (last && strcmp(last + 1, name) == 0))
			return &t->items[i];
	}
	return NULL;
}
