/*
 * A ring threaded through the things it holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/list.h"

#define THINGS 5

struct thing {
	int name;
	struct list link;
};

struct box {
	struct list a;
	struct list b;
	struct thing thing[THINGS];
};

static int box_open(void **state)
{
	static struct box box;

	list_init(&box.a);
	list_init(&box.b);
	for (int i = 0; i < THINGS; i++) {
		box.thing[i].name = i;
		list_init(&box.thing[i].link);
	}
	*state = &box;
	return 0;
}

static void append(struct box *box, struct list *l, int first, int past)
{
	for (int i = first; i < past; i++)
		list_append(l, &box->thing[i].link);
}

/* L holds these, forwards and backwards. */
static void assert_list(struct list *l, const char *names)
{
	struct list *at = l;

	for (size_t i = 0; i < strlen(names); i++) {
		assert_ptr_equal(at->next->prev, at);
		at = at->next;
		assert_int_equal(CONTAINER_OF(at, struct thing, link)->name, names[i] - '0');
	}
	assert_ptr_equal(at->next, l);
	assert_ptr_equal(l->prev, at);
}

static void an_empty_list_is_empty_and_a_free_node_is_in_none(void **state)
{
	struct box *box = *state;

	assert_true(list_is_empty(&box->a));
	assert_false(list_is_linked(&box->thing[0].link));
}

static void things_stand_in_the_order_of_appending(void **state)
{
	struct box *box = *state;

	append(box, &box->a, 0, 3);
	assert_list(&box->a, "012");
	assert_true(list_is_linked(&box->thing[0].link));
}

static void what_is_prepended_comes_first(void **state)
{
	struct box *box = *state;

	append(box, &box->a, 0, 2);
	list_prepend(&box->a, &box->thing[2].link);
	assert_list(&box->a, "201");
}

static void a_thing_may_be_removed_twice(void **state)
{
	struct box *box = *state;

	append(box, &box->a, 0, 3);
	list_remove(&box->thing[1].link);
	list_remove(&box->thing[1].link);
	assert_list(&box->a, "02");
	assert_false(list_is_linked(&box->thing[1].link));
}

static void splicing_moves_all_behind_what_is_there(void **state)
{
	struct box *box = *state;

	append(box, &box->a, 0, 2);
	append(box, &box->b, 2, 5);
	list_splice(&box->a, &box->b);
	assert_list(&box->a, "01234");
	assert_list(&box->b, "");
}

static void splicing_nothing_changes_nothing(void **state)
{
	struct box *box = *state;

	append(box, &box->a, 0, 2);
	list_splice(&box->a, &box->b);
	assert_list(&box->a, "01");
	list_splice(&box->b, &box->a);
	assert_list(&box->b, "01");
}

static void things_may_be_removed_while_walking(void **state)
{
	struct box *box = *state;
	int seen = 0;

	append(box, &box->a, 0, THINGS);
	LIST_EACH(at, &box->a)
	{
		assert_int_equal(CONTAINER_OF(at, struct thing, link)->name, seen++);
		list_remove(at);
	}
	assert_int_equal(seen, THINGS);
	assert_true(list_is_empty(&box->a));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, box_open)
	const struct CMUnitTest tests[] = {
		TEST(an_empty_list_is_empty_and_a_free_node_is_in_none),
		TEST(things_stand_in_the_order_of_appending),
		TEST(what_is_prepended_comes_first),
		TEST(a_thing_may_be_removed_twice),
		TEST(splicing_moves_all_behind_what_is_there),
		TEST(splicing_nothing_changes_nothing),
		TEST(things_may_be_removed_while_walking),
	};

	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
