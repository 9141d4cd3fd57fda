/* When looking again is tried: what pays is kept, what does not becomes rare. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../fs/spin.h"

#define MAX_US  50
#define SOON_US 20

static struct spin spin_of_50_us(void)
{
	struct spin s;

	spin_init(&s, MAX_US);
	return s;
}

/* How many short sleeps pass before it is tried again. */
static uint32_t chances_passed(struct spin *s)
{
	uint32_t n = 0;

	for (spin_slept(s, SOON_US); !s->is_on; spin_slept(s, SOON_US))
		n++;
	return n;
}

static void it_is_tried_from_the_beginning(void **state)
{
	struct spin s = spin_of_50_us();
	(void)state;

	assert_true(s.is_on);
}

static void without_time_for_it_it_is_never_tried(void **state)
{
	struct spin s;
	(void)state;

	spin_init(&s, 0);
	assert_false(s.is_on);
	spin_slept(&s, 0);
	assert_false(s.is_on);
}

static void what_pays_goes_on(void **state)
{
	struct spin s = spin_of_50_us();
	(void)state;

	for (int i = 0; i < 100; i++)
		spin_paid(&s);
	assert_true(s.is_on);
}

static void a_try_in_vain_ends_it_until_answers_come_soon(void **state)
{
	struct spin s = spin_of_50_us();
	(void)state;

	spin_failed(&s);
	assert_false(s.is_on);
	assert_int_equal(chances_passed(&s), 1);
}

static void a_long_sleep_is_no_chance(void **state)
{
	struct spin s = spin_of_50_us();
	(void)state;

	spin_failed(&s);
	for (int i = 0; i < 100; i++)
		spin_slept(&s, 2 * MAX_US);
	assert_false(s.is_on);
}

static void each_try_in_vain_doubles_the_chances_let_pass(void **state)
{
	struct spin s = spin_of_50_us();
	(void)state;

	for (uint32_t n = 1; n <= 64; n *= 2) {
		spin_failed(&s);
		assert_int_equal(chances_passed(&s), n);
	}
}

static void what_pays_again_is_forgiven_step_by_step(void **state)
{
	struct spin s = spin_of_50_us();
	(void)state;

	for (int i = 0; i < 5; i++)
		spin_failed(&s);
	spin_paid(&s);
	spin_paid(&s);
	spin_failed(&s);
	assert_int_equal(chances_passed(&s), 8);
}

static void it_is_never_given_up_for_good(void **state)
{
	struct spin s = spin_of_50_us();
	(void)state;

	for (int i = 0; i < 1000; i++)
		spin_failed(&s);
	assert_int_equal(chances_passed(&s), SPIN_PASS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_tried_from_the_beginning),
		cmocka_unit_test(without_time_for_it_it_is_never_tried),
		cmocka_unit_test(what_pays_goes_on),
		cmocka_unit_test(a_try_in_vain_ends_it_until_answers_come_soon),
		cmocka_unit_test(a_long_sleep_is_no_chance),
		cmocka_unit_test(each_try_in_vain_doubles_the_chances_let_pass),
		cmocka_unit_test(what_pays_again_is_forgiven_step_by_step),
		cmocka_unit_test(it_is_never_given_up_for_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
