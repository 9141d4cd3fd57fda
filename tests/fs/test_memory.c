/*
 * What comes and goes leaves nothing behind: names looked up a million times and forgotten,
 * conversations made and ended, files opened and closed. A forgotten node needs no call of ours, so
 * a lookup may not hold anything at all. CATNET_LONG=1: ten times as much.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/tree.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
#define LOOKUPS    1000000u
#define LIVES      20000u

/* The sanitizer's own count, where there is one. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t bytes_in_use(void)
{
	if (__sanitizer_get_current_allocated_bytes)
		return __sanitizer_get_current_allocated_bytes();
	return mallinfo2().uordblks;
}

static unsigned times(unsigned n)
{
	return getenv("CATNET_LONG") ? 10 * n : n;
}

static node_t node_of(struct world *w, const char *path)
{
	struct fs_attr attr;

	assert_int_equal(walk(w, ALICE, path, &attr), 0);
	return attr.node;
}

/* Every name of a directory once, and one that is not there. */
static unsigned look_up_all(struct world *w, const char *dir, const char *const *names)
{
	struct cred who = cred_of(ALICE);
	node_t node = node_of(w, dir);
	struct fs_attr attr;
	unsigned n = 0;

	for (; names[n]; n++)
		assert_int_equal(fs_lookup(w->fs, &who, node, names[n], &attr), 0);
	assert_int_equal(fs_lookup(w->fs, &who, node, "nothing", &attr), -ENOENT);
	return n + 2; /* with the directory's own */
}

static void a_million_lookups_leave_the_memory_as_it_was(void **state)
{
	static const char *const in_root[] = { "tcp", "udp", "icmp", "arp", "iproute", "err",
		"stats", "ipifc", NULL };
	static const char *const in_ifc[] = { "ctl", "local", "status", "stats", NULL };
	static const char *const in_proto[] = { "clone", "stats", NULL };
	static const char *const in_conv[] = { "ctl", "data", "listen", "local", "remote", "status",
		"stats", "err", NULL };
	struct world *w = *state;
	struct end tcp = end_open(w, "tcp");
	struct end udp = end_open(w, "udp");
	size_t before = 0;
	unsigned n = 0;

	while (n < times(LOOKUPS)) {
		n += look_up_all(w, "/", in_root);
		n += look_up_all(w, "/ipifc/1", in_ifc);
		n += look_up_all(w, "/tcp", in_proto);
		n += look_up_all(w, tcp.dir, in_conv);
		n += look_up_all(w, udp.dir, in_conv);
		if (before == 0 && n > 10000)
			before = bytes_in_use();
	}
	assert_int_equal(bytes_in_use(), before);
	end_close(w, &tcp);
	end_close(w, &udp);
}

/* A life through every door that keeps something: a name, a reservation, texts, an error. */
static void live_once(struct world *w, unsigned i)
{
	char name[32], path[64];
	struct end e = end_open(w, i % 2 ? "tcp" : "udp");
	struct token token = { 0 };

	(void)poll_file(w, e.ctl, &token);
	(void)cat(w, ALICE, end_path(&e, "status"));
	assert_true(write_text(w, e.ctl, "nonsense") < 0);
	assert_true(write_text(w, e.ctl, "bind 127.0.0.1!0") > 0);
	(void)cat(w, ALICE, end_path(&e, "err"));
	end_close(w, &e);
	(void)snprintf(name, sizeof(name), "n%u", i);
	(void)snprintf(path, sizeof(path), "/udp/%s", name);
	assert_int_equal(make_dir(w, BOB, path), 0);
	assert_int_equal(remove_dir(w, BOB, path), 0);
	world_turn(w);
}

static void conversations_that_came_and_went_leave_nothing(void **state)
{
	struct world *w = *state;
	size_t before = 0;
	unsigned i;

	for (i = 0; i < times(LIVES); i++) {
		live_once(w, i);
		if (i == 1000)
			before = bytes_in_use();
	}
	world_sleep(w, 600 * USEC_PER_SEC);
	/* what is kept for names does not grow with the numbers that were given */
	assert_in_range(bytes_in_use(), 0, before + 4096);
	assert_string_equal(ls(w, "/udp"), "clone stats");
	assert_string_equal(ls(w, "/tcp"), "clone stats");
}

static void connections_that_were_read_and_closed_leave_nothing(void **state)
{
	struct world *w = *state;
	size_t before = 0;
	unsigned i;

	for (i = 0; i < times(2000); i++) {
		struct end near, far;

		ends_connect(w, "tcp", &near, &far);
		assert_int_equal(write_text(w, near.data, "across"), 6);
		assert_string_equal(read_text(w, far.data), "across");
		end_close(w, &near);
		end_close(w, &far);
		world_sleep(w, 300 * USEC_PER_SEC);
		if (i == 100)
			before = bytes_in_use();
	}
	assert_in_range(bytes_in_use(), 0, before + 4096);
	assert_int_equal(stack_convs(w->stack), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_million_lookups_leave_the_memory_as_it_was),
		CASE(conversations_that_came_and_went_leave_nothing),
		CASE(connections_that_were_read_and_closed_leave_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
