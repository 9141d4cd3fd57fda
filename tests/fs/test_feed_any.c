/*
 * Lines for anybody, readers that come, go, fall behind and read in pieces of any size: each is
 * given every line for him in order, whole, or told exactly how many he has lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fs/tree.h"
#include "../lib/region.h"
#include "feed_words.h"

enum { READERS = 8, USERS = 3 };

static const uint32_t users[USERS] = { ROOT, ALICE, BOB };

/* What a reader must be given: lines number themselves, once for root and once for their user. */
struct follower {
	uint64_t handle;               /* 0: closed */
	unsigned user;                 /* in USERS */
	uint64_t told;                 /* the number of the next */
	char begun[2 * FEED_LINE_MAX]; /* a line whose end has not been read */
};

struct model {
	struct world *w;
	struct random r;
	uint64_t told[USERS]; /* so far; [0] is of all */
	struct follower followers[READERS];
};

static unsigned pick(struct model *m, unsigned below)
{
	return random_below(&m->r, below);
}

static void put_something(struct model *m)
{
	unsigned user = 1 + pick(m, USERS - 1);
	unsigned len = pick(m, 4) ? 40 : 40 + pick(m, FEED_LINE_MAX - 41);
	char words[FEED_LINE_MAX];

	if (pick(m, 500) == 0) {
		unsigned n = 1 + pick(m, 20);

		feed_put_lost(&m->w->fs->events, n);
		for (unsigned i = 0; i < USERS; i++)
			m->told[i] += n;
		return;
	}
	memset(words, '.', len);
	words[len] = '\0';
	words[snprintf(words, len, "%llu %llu ", (unsigned long long)m->told[0],
		(unsigned long long)m->told[user])] = '.';
	feed_put(&m->w->fs->events, users[user], words);
	m->told[0]++;
	m->told[user]++;
}

static void take_line(struct follower *f, const char *line)
{
	char *end;
	uint64_t of_all, of_user;

	if (strncmp(line, "lost ", 5) == 0) {
		f->told += strtoull(line + 5, &end, 10);
		assert_int_equal(*end, '\0');
		return;
	}
	of_all = strtoull(line, &end, 10);
	of_user = strtoull(end, &end, 10);
	assert_int_equal(f->user == 0 ? of_all : of_user, f->told);
	assert_int_equal(strspn(end + 1, "."), strlen(end + 1));
	f->told++;
}

static void take(struct follower *f, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		assert_true(strlen(f->begun) + len < sizeof(f->begun));
		strncat(f->begun, text, len);
		text += len;
		if (*text == '\0')
			return;
		text++;
		take_line(f, f->begun);
		f->begun[0] = '\0';
	}
}

/* False when there was nothing. */
static bool read_something(struct model *m, struct follower *f)
{
	size_t len = pick(m, 3) ? 1 + pick(m, 60000) : 1 + pick(m, 60);
	struct asked *a = ask_read(m->w, users[f->user], f->handle, len, O_N);
	bool is_empty;

	while (!a->is_answered)
		(void)fs_pump(m->w->fs);
	is_empty = a->result == -EAGAIN;
	if (is_empty)
		asked_free(a);
	else
		take(f, line_text(a));
	return !is_empty;
}

static void drain(struct model *m, struct follower *f)
{
	while (read_something(m, f))
		continue;
	assert_int_equal(f->told, m->told[f->user]);
	assert_string_equal(f->begun, "");
}

static void come_or_go(struct model *m, struct follower *f)
{
	if (f->handle == 0) {
		*f = (struct follower){ .user = pick(m, USERS) };
		f->handle = open_events(m->w, users[f->user]);
		f->told = m->told[f->user];
	} else {
		close_file(m->w, f->handle);
		f->handle = 0;
	}
}

/* Some are slow: they read once in a while. */
static void something(struct model *m)
{
	struct follower *f = &m->followers[pick(m, READERS)];

	if (pick(m, 4000) == 0)
		come_or_go(m, f);
	else if (f->handle != 0 && pick(m, 30000) == 0)
		drain(m, f);
	else if (f->handle != 0 && f < m->followers + READERS / 2)
		(void)read_something(m, f);
	else
		put_something(m);
	fs_pump(m->w->fs);
}

static void every_line_is_given_or_counted_as_lost(void **state)
{
	static struct model m;

	m = (struct model){ .w = *state };
	seeded(&m.r);
	for (unsigned i = 0; i < READERS; i++)
		come_or_go(&m, &m.followers[i]);
	for (uint32_t i = steps(60000); i > 0; i--)
		something(&m);
	for (unsigned i = 0; i < READERS; i++) {
		if (m.followers[i].handle == 0)
			continue;
		drain(&m, &m.followers[i]);
		close_file(m.w, m.followers[i].handle);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_line_is_given_or_counted_as_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
