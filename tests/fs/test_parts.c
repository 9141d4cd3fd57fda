/* The small parts of the tree on their own: numbers, tables, nodes, pages, lines, JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "../../fs/json.h"
#include "../../fs/tree.h"
#include "../lib/region.h"

/* What a part needs of the tree: somewhere to take memory. */
static struct fs tree;

/* --- numbers ----------------------------------------------------------------------------- */

#define MODEL 600 /* numbers that a model can hold */

static void *life_of(uint64_t number)
{
	return (uint8_t *)&tree + number;
}

static void compare(const struct numbers *s, const bool *model)
{
	size_t count = 0;
	uint64_t next = MODEL;

	numbers_check(s);
	for (uint64_t i = MODEL; i-- > 0;) {
		count += model[i];
		if (model[i])
			next = i;
		assert_ptr_equal(numbers_find(s, i), model[i] ? life_of(i) : NULL);
		assert_ptr_equal(numbers_from(s, i), next < MODEL ? life_of(next) : NULL);
	}
	assert_int_equal(numbers_count(s), count);
}

static void numbers_are_found_and_listed_whatever_comes_and_goes(void **state)
{
	struct numbers s = { .n = 0 };
	bool model[MODEL] = { false };
	struct random r;

	(void)state;
	seeded(&r);
	for (uint32_t i = steps(3000); i > 0; i--) {
		uint64_t number = random_below(&r, MODEL);

		/* Whole flocks come and whole flocks go. */
		if (model[number] && (i / 500) % 2 == 0) {
			numbers_remove(&s, number);
			model[number] = false;
		} else if (!model[number]) {
			/* A number that is gone is never given again: its gap may be there. */
			if (numbers_from(&s, number) == NULL || (i / 500) % 2 == 1) {
				struct numbers before = s;
				bool has_gap = false;

				for (size_t k = 0; k < before.n; k++)
					has_gap |= before.v[k].number == number;
				if (has_gap)
					continue;
				assert_int_equal(
					numbers_add(&tree, &s, number, life_of(number)), 0);
				model[number] = true;
			}
		}
		if (i % 50 == 0)
			compare(&s, model);
	}
	compare(&s, model);
	numbers_free(&tree, &s);
}

/* --- tables ------------------------------------------------------------------------------ */

struct thing {
	struct entry entry;
	unsigned key;
	bool is_in;
};

static struct thing *find(const struct table *t, unsigned key)
{
	for (struct entry *e = table_first(t, key % 37); e != NULL; e = table_next(e)) {
		struct thing *thing = CONTAINER_OF(e, struct thing, entry);

		if (thing->key == key)
			return thing;
	}
	return NULL;
}

static void a_table_finds_what_is_in_it_also_when_hashes_are_equal(void **state)
{
	enum { THINGS = 200 };
	static struct thing things[THINGS];
	struct table t = { .n = 0 };
	struct random r;
	size_t n = 0;

	(void)state;
	seeded(&r);
	for (uint32_t i = steps(2000); i > 0; i--) {
		unsigned key = random_below(&r, THINGS);
		struct thing *thing = &things[key];

		thing->key = key;
		if (thing->is_in)
			table_remove(&t, &thing->entry);
		else
			assert_int_equal(table_add(&tree, &t, &thing->entry, key % 37), 0);
		thing->is_in = !thing->is_in;
		n += thing->is_in ? 1 : -(size_t)1;
		assert_ptr_equal(find(&t, key), thing->is_in ? thing : NULL);
	}
	table_check(&t);
	assert_int_equal(t.n, n);
	while (table_pop(&t) != NULL)
		n--;
	assert_int_equal(n, 0);
	table_free(&tree, &t);
}

static bool always(void *arg)
{
	(void)arg;
	return true;
}

static void a_table_that_cannot_grow_still_serves(void **state)
{
	enum { THINGS = 100 };
	static struct thing things[THINGS];
	struct table t = { .n = 0 };

	(void)state;
	tree.config.refuse = always;
	assert_int_equal(table_add(&tree, &t, &things[0].entry, 0), -ENOMEM);
	tree.config.refuse = NULL;
	assert_int_equal(table_add(&tree, &t, &things[0].entry, 0), 0);
	tree.config.refuse = always;
	for (unsigned i = 1; i < THINGS; i++) {
		things[i].key = i;
		assert_int_equal(table_add(&tree, &t, &things[i].entry, i % 37), 0);
	}
	tree.config.refuse = NULL;
	table_check(&t);
	for (unsigned i = 0; i < THINGS; i++)
		assert_ptr_equal(find(&t, i), &things[i]);
	while (table_pop(&t) != NULL)
		;
	table_free(&tree, &t);
}

/* --- nodes ------------------------------------------------------------------------------- */

static void a_node_gives_back_its_parts(void **state)
{
	struct random r;

	(void)state;
	seeded(&r);
	for (unsigned i = 0; i < 1000; i++) {
		struct node n = { .number = random_u64(&r) >> 24,
			.lookup = (uint16_t)random_below(&r, 4096),
			.dir = (uint8_t)random_below(&r, 16),
			.row = (uint8_t)random_below(&r, 256) };
		struct node back = node_unpack(node_pack(&n));

		assert_true(back.number == n.number);
		assert_int_equal(back.lookup, n.lookup);
		assert_int_equal(back.dir, n.dir);
		assert_int_equal(back.row, n.row);
	}
}

static void an_ino_leaves_the_lookup_out(void **state)
{
	struct node n = { .number = 7, .lookup = 1, .dir = DIR_CONV, .row = 3 };
	uint64_t ino = node_ino(node_pack(&n));

	(void)state;
	n.lookup = 2;
	assert_true(node_ino(node_pack(&n)) == ino);
	n.number = 8;
	assert_true(node_ino(node_pack(&n)) != ino);
	n.dir = DIR_PROTO;
	ino = node_ino(node_pack(&n));
	n.number = 9;
	assert_true(node_ino(node_pack(&n)) == ino);
}

/* --- pages ------------------------------------------------------------------------------- */

static void a_page_grows_as_it_is_written(void **state)
{
	struct page p;

	(void)state;
	page_init(&p, &tree);
	for (unsigned i = 0; i < 1000; i++)
		page_printf(&p, "%03u,", i);
	assert_false(p.has_failed);
	assert_int_equal(p.len, 4000);
	assert_memory_equal(p.at + 3992, "998,999,", 8);
	page_free(&p);
}

static void a_page_without_memory_says_so(void **state)
{
	struct page p;

	(void)state;
	page_init(&p, &tree);
	page_words(&p, "some");
	tree.config.refuse = always;
	for (unsigned i = 0; i < 1000; i++)
		page_words(&p, "more");
	tree.config.refuse = NULL;
	assert_true(p.has_failed);
	page_free(&p);
}

/* --- lines and JSON ---------------------------------------------------------------------- */

static void describe(struct describer *d)
{
	d->number(d, "count", 3);
	d->truth(d, "is_on", true);
	d->text(d, "word", "one");
	d->text(d, "words", "two words");
	d->text(d, "nothing", "");
	d->open(d, "group");
	d->number(d, "inside", UINT64_MAX);
	d->close(d);
	d->open_list(d, "list");
	d->number(d, NULL, 1);
	d->open(d, NULL);
	d->text(d, "a", "\"quoted\" \xc3\xa4");
	d->close(d);
	d->close(d);
	d->text(d, "bytes", "\xff\xfe!");
}

static bool not_count(const char *key)
{
	return strcmp(key, "count") != 0;
}

static void a_line_has_the_plain_facts(void **state)
{
	struct line_describer line;
	struct page p;

	(void)state;
	page_init(&p, &tree);
	line_describer_init(&line, &p, not_count);
	describe(&line.d);
	page_put(&p, "", 1);
	assert_string_equal(p.at, " is_on on word one bytes \xff\xfe!");
	page_free(&p);
}

static void json_has_everything(void **state)
{
	struct json_describer j;
	struct page p;

	(void)state;
	page_init(&p, &tree);
	json_begin(&j);
	describe(&j.d);
	assert_int_equal(json_end(&j, &p), 0);
	page_put(&p, "", 1);
	assert_string_equal(p.at,
		"{\n  \"schema\": 1,\n  \"count\": 3,\n  \"is_on\": true,\n  \"word\": \"one\",\n"
		"  \"words\": \"two words\",\n  \"nothing\": \"\",\n"
		"  \"group\": {\n    \"inside\": 9223372036854775807\n  },\n"
		"  \"list\": [\n    1,\n    {\n      \"a\": \"\\\"quoted\\\" \xc3\xa4\"\n    }\n  "
		"],\n"
		"  \"bytes\": \"??"
		"!\"\n}\n");
	page_free(&p);
}

static unsigned jansson_left;

static void *jansson_take(size_t size)
{
	if (jansson_left == 0)
		return NULL;
	jansson_left--;
	return malloc(size);
}

static void json_without_memory_says_so(void **state)
{
	struct json_describer j;
	struct page p;
	int err = -ENOMEM;

	(void)state;
	json_set_alloc_funcs(jansson_take, free);
	for (unsigned at = 0; err == -ENOMEM; at++) {
		jansson_left = at;
		page_init(&p, &tree);
		json_begin(&j);
		describe(&j.d);
		err = json_end(&j, &p);
		assert_true(at > 0 || err == -ENOMEM);
		page_free(&p);
	}
	json_set_alloc_funcs(malloc, free);
	assert_int_equal(err, 0);
}

static void keep_line(void *arg, const char *words)
{
	page_words(arg, words);
	page_words(arg, "\n");
}

static const char lines_from[] =
	"{ \"a\": 1, \"b\": { \"c\": \"two\" }, \"d\": \"three\", \"list\": [1, 2],"
	"  \"long\": { \"one\": 1111111111, \"two\": 2222222222, \"in\": { \"x\": true },"
	"            \"deep\": { \"four\": 4444444444, \"five\": 5555555555 } } }";

static const char lines_to[] =
	"s: {\"a\":1}\ns.b: {\"c\":\"two\"}\ns: {\"d\":\"three\"}\ns.list: [1,2]\n"
	"s.long: {\"one\":1111111111}\ns.long: {\"two\":2222222222}\ns.long: "
	"{\"in\":{\"x\":true}}\n"
	"s.long.deep: {\"four\":4444444444}\ns.long.deep: {\"five\":5555555555}\n";

static void json_goes_into_lines(void **state)
{
	struct page p;

	(void)state;
	page_init(&p, &tree);
	assert_int_equal(json_lines(&tree, "s", lines_from, 32, keep_line, &p), 0);
	page_put(&p, "", 1);
	assert_string_equal(p.at, lines_to);
	assert_int_equal(json_lines(&tree, "s", "{", 32, keep_line, &p), -EINVAL);
	assert_int_equal(json_lines(&tree, "s", "[]", 32, keep_line, &p), -EINVAL);
	page_free(&p);
}

static void lines_without_memory_say_so(void **state)
{
	struct page p;
	int err = -1;

	(void)state;
	json_set_alloc_funcs(jansson_take, free);
	for (unsigned at = 0; err < 0; at++) {
		jansson_left = at;
		page_init(&p, &tree);
		err = json_lines(&tree, "s", lines_from, 32, keep_line, &p);
		page_free(&p);
	}
	json_set_alloc_funcs(malloc, free);
	assert_int_equal(err, 0);
}

static void what_went_wrong_has_words(void **state)
{
	(void)state;
	assert_string_equal(failure_words(-ECONNREFUSED), "connection refused by the peer");
	assert_string_equal(failure_words(ECONNREFUSED), "connection refused by the peer");
	assert_string_equal(
		failure_words(-EADDRNOTAVAIL), "not an address of ours; ipselftab lists them");
	assert_string_not_equal(failure_words(-12345), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_found_and_listed_whatever_comes_and_goes),
		cmocka_unit_test(a_table_finds_what_is_in_it_also_when_hashes_are_equal),
		cmocka_unit_test(a_table_that_cannot_grow_still_serves),
		cmocka_unit_test(a_node_gives_back_its_parts),
		cmocka_unit_test(an_ino_leaves_the_lookup_out),
		cmocka_unit_test(a_page_grows_as_it_is_written),
		cmocka_unit_test(a_page_without_memory_says_so),
		cmocka_unit_test(a_line_has_the_plain_facts),
		cmocka_unit_test(json_has_everything),
		cmocka_unit_test(json_without_memory_says_so),
		cmocka_unit_test(json_goes_into_lines),
		cmocka_unit_test(lines_without_memory_say_so),
		cmocka_unit_test(what_went_wrong_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
