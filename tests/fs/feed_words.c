#include "feed_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int feed_setup(void **state)
{
	static struct world w;
	struct fs_config config = world_config();

	config.wall_offset_us = WALL_US;
	world_up_with(&w, &config);
	*state = &w;
	return 0;
}

uint64_t open_events(struct world *w, uint32_t uid)
{
	return opened(ask_open(w, uid, "/events", O_R));
}

const char *line_text(struct asked *a)
{
	static char text[65536];

	assert_true(a->is_answered);
	if (a->result < 0)
		snprintf(text, sizeof(text), "errno %d", (int)-a->result);
	else
		snprintf(text, sizeof(text), "%.*s", (int)a->bytes_len, (const char *)a->bytes);
	asked_free(a);
	return text;
}

const char *read_some(struct world *w, uint64_t handle, size_t len)
{
	struct asked *a;

	world_turn(w);
	a = ask_read(w, ROOT, handle, len, O_N);
	world_turn(w);
	return line_text(a);
}

const char *heard(struct world *w, uint64_t handle)
{
	return read_some(w, handle, 65535);
}

uint64_t announce(struct world *w, uint32_t uid, unsigned port)
{
	uint64_t clone = opened(ask_open(w, uid, "/udp/clone", O_RW));
	char words[32];
	struct asked *a;

	snprintf(words, sizeof(words), "announce %u", port);
	a = ask_write(w, uid, clone, words, strlen(words), 0);
	assert_int_equal(outcome(a), strlen(words));
	return clone;
}

void change_twice(struct world *w, uint32_t uid, unsigned port)
{
	fs_close(w->fs, announce(w, uid, port));
	world_turn(w);
}

unsigned lines_of(const char *text)
{
	unsigned n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

unsigned lines_left(struct world *w, uint64_t events)
{
	unsigned lines = 0;
	const char *text;

	while (strcmp(text = heard(w, events), "errno 11") != 0)
		lines += lines_of(text);
	return lines;
}
