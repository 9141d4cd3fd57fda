/* Which groups a thread is in, as the process file system tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <sys/types.h>
#include <sys/wait.h>

#include <grp.h>

#include <cmocka.h>

#include "../../fs/groups.h"

static bool is_in(int32_t pid, uint32_t gid)
{
	struct cred who = { .uid = 1, .gid = 1, .pid = pid };

	return groups_hold(NULL, &who, gid);
}

static void each_group_that_the_kernel_knows_of_is_told(void **state)
{
	gid_t groups[1024];
	int n = getgroups(1024, groups);

	(void)state;
	assert_true(n >= 0);
	for (int i = 0; i < n; i++)
		assert_true(is_in(getpid(), groups[i]));
	assert_false(is_in(getpid(), 3999999999u));
}

static void many_groups_are_read_to_the_last(void **state)
{
	gid_t groups[100];
	int status = 0;
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		skip();
	for (unsigned i = 0; i < 100; i++)
		groups[i] = 70000 + i;
	child = fork();
	if (child == 0) {
		bool is_right = setgroups(100, groups) == 0 && is_in(getpid(), 70000) &&
			is_in(getpid(), 70099) && !is_in(getpid(), 7000);

		_exit(is_right ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void who_is_not_there_is_in_none(void **state)
{
	(void)state;
	assert_false(is_in(0, 0));
	assert_false(is_in(-1, 0));
	assert_false(is_in(0x7fffffff, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_group_that_the_kernel_knows_of_is_told),
		cmocka_unit_test(many_groups_are_read_to_the_last),
		cmocka_unit_test(who_is_not_there_is_in_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
