/*
 * The example of a loop of one's own does what it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

int embed_main(void);

#define main embed_main
#include "../../examples/embed.c"
#undef main

static void the_example_gets_both_its_answers(void **state)
{
	(void)state;
	assert_int_equal(embed_main(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_example_gets_both_its_answers) };

	return cmocka_run_group_tests_name("embed", tests, NULL, NULL);
}
