/*
 * A server that is not root's: who runs it has root's place in the tree, and nobody else.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../lib/tree.h"

static int alices_world(void **state)
{
	static struct world w;
	struct fs_config config = world_config();

	config.keeper_uid = ALICE;
	config.keeper_gid = ALICE;
	world_up_with(&w, &config);
	*state = &w;
	return 0;
}

static void the_files_are_the_keepers(void **state)
{
	struct world *w = *state;
	struct fs_attr attr;

	assert_int_equal(walk(w, BOB, "/iproute", &attr), 0);
	assert_int_equal(attr.uid, ALICE);
	assert_int_equal(attr.gid, ALICE);
	assert_int_equal(walk(w, BOB, "/tcp", &attr), 0);
	assert_int_equal(attr.uid, ALICE);
}

static void the_keeper_may_what_root_may(void **state)
{
	struct world *w = *state;

	assert_true(echo(w, ALICE, "flush", "/iproute") > 0);
	assert_true(echo(w, ROOT, "flush", "/iproute") > 0);
	assert_int_equal(make_dir(w, ALICE, "/tcp/web"), 0);
	assert_true(echo(w, ALICE, "announce 80", "/tcp/web/ctl") > 0);
	assert_int_equal(make_dir(w, BOB, "/tcp/bobs"), 0);
	assert_true(echo(w, ALICE, "announce 81", "/tcp/bobs/ctl") > 0);
	assert_int_equal(remove_dir(w, ALICE, "/tcp/bobs"), 0);
	assert_int_equal(remove_dir(w, ALICE, "/tcp/web"), 0);
}

static void nobody_else_may(void **state)
{
	struct world *w = *state;

	assert_int_equal(echo(w, BOB, "flush", "/iproute"), -EACCES);
	assert_int_equal(make_dir(w, BOB, "/tcp/web"), 0);
	assert_int_equal(echo(w, BOB, "announce 80", "/tcp/web/ctl"), -EACCES);
	assert_int_equal(make_dir(w, ALICE, "/tcp/hers"), 0);
	assert_int_equal(remove_dir(w, BOB, "/tcp/hers"), -EPERM);
	assert_int_equal(remove_dir(w, ALICE, "/tcp/hers"), 0);
	assert_int_equal(remove_dir(w, BOB, "/tcp/web"), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, alices_world, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_files_are_the_keepers),
		CASE(the_keeper_may_what_root_may),
		CASE(nobody_else_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
