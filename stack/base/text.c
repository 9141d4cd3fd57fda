#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text text_over(char *at, size_t cap)
{
	ASSERT(cap > 0);
	at[0] = '\0';
	return (struct text){ .at = at, .cap = cap };
}

void text_put_len(struct text *t, const char *words, size_t len)
{
	size_t room = t->cap - 1 - t->len;
	size_t part = min_size(len, room);

	memcpy(t->at + t->len, words, part);
	t->len += part;
	t->at[t->len] = '\0';
	t->is_cut |= part < len;
}

void text_put(struct text *t, const char *words)
{
	text_put_len(t, words, strlen(words));
}

void text_printf(struct text *t, const char *format, ...)
{
	size_t room = t->cap - t->len;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(t->at + t->len, room, format, args);
	va_end(args);
	ASSERT(len >= 0);
	t->is_cut |= (size_t)len >= room;
	t->len += min_size((size_t)len, room - 1);
}

void text_clear(struct text *t)
{
	t->len = 0;
	t->at[0] = '\0';
	t->is_cut = false;
}

int number_parse(uint64_t *out, const char *word, uint64_t max)
{
	uint64_t value = 0;
	bool is_large = false;

	if (*word == '\0')
		return -EINVAL;
	for (; *word != '\0'; word++) {
		uint64_t digit = (uint64_t)(*word - '0');

		if (*word < '0' || *word > '9')
			return -EINVAL;
		is_large |= value > (UINT64_MAX - digit) / 10;
		value = value * 10 + digit;
	}
	if (is_large || value > max)
		return -ERANGE;
	*out = value;
	return 0;
}
