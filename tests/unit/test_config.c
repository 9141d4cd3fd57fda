/*
 * The file of --config: that it says what the line says, that the line is stronger, and that every
 * mistake in it is told with its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "../../fs/config.h"
#include "../../stack/base/text.h"
#include "../lib/region.h"

#define WORDS_MAX 16
#define FILE_NAME "net.json"
#define LINE      "catnetd --config " FILE_NAME

struct read {
	char words[256];
	char *argv[WORDS_MAX + 1];
	struct options options;
	char told_at[8192];
	struct text told;
};

static void tell(void *arg, const char *line)
{
	text_put(arg, line);
	text_put(arg, "\n");
}

/* What LINE and a file of TEXT, LEN bytes, mean together; the status. */
static int read_bytes(struct read *r, const char *line, const char *text, size_t len)
{
	const struct teller to = { .tell = tell, .arg = &r->told };
	char *rest = r->words;
	int argc = 0;

	r->told = text_over(r->told_at, sizeof(r->told_at));
	snprintf(r->words, sizeof(r->words), "%s", line);
	while (argc < WORDS_MAX && (r->argv[argc] = strsep(&rest, " ")) != NULL)
		argc++;
	r->argv[argc] = NULL;
	return options_read(&r->options, argc, r->argv, text, len, &to);
}

static int read_text(struct read *r, const char *line, const char *text)
{
	return read_bytes(r, line, text, strlen(text));
}

/* TEXT is refused, and exactly WORDS are told. */
static void assert_told(const char *text, const char *words)
{
	struct read r;

	assert_int_equal(read_text(&r, LINE " /net", text), EX_CONFIG);
	assert_string_equal(r.told_at, words);
	options_free(&r.options);
}

static void the_file_says_what_the_line_would(void **state)
{
	struct read r;
	(void)state;

	assert_int_equal(
		read_text(&r, LINE,
			"{ \"mountpoint\": \"/net\", \"foreground\": true,\n"
			"\"addr\": [\"10.0.0.2/24\", \"fd00::2/64\"], \"gw\": \"10.0.0.1\",\n"
			"\"memory\": \"256M\", \"spin-us\": 7, \"log\": \"debug\" }"),
		EX_OK);
	assert_string_equal(r.options.mountpoint, "/net");
	assert_true(r.options.in_foreground);
	assert_int_equal(r.options.addrs_n, 2);
	assert_int_equal(addr_v4(&r.options.gateways[0].addr), 0x0a000001);
	assert_int_equal(r.options.memory, (size_t)256 << 20);
	assert_int_equal(r.options.spin_us, 7);
	assert_int_equal(r.options.level, LEVEL_DEBUG);
	options_free(&r.options);
}

static void the_line_is_stronger_than_the_file(void **state)
{
	struct read r;
	(void)state;

	assert_int_equal(read_text(&r, LINE " --tap one --addr 10.0.0.9/24 /here",
				 "{ \"mountpoint\": \"/there\", \"tap\": \"two\",\n"
				 "\"addr\": [\"10.0.0.2/24\", \"10.0.0.3/24\"], \"mtu\": 1400 }"),
		EX_OK);
	assert_string_equal(r.options.mountpoint, "/here");
	assert_string_equal(r.options.tap, "one");
	assert_int_equal(r.options.addrs_n, 1);
	assert_int_equal(addr_v4(&r.options.addrs[0].addr), 0x0a000009);
	assert_int_equal(r.options.mtu, 1400);
	options_free(&r.options);
}

static void a_switch_that_is_false_is_not_said(void **state)
{
	struct read r;
	(void)state;

	assert_int_equal(read_text(&r, LINE " /net", "{ \"no-acd\": false }"), EX_OK);
	assert_false(r.options.unprobed);
	options_free(&r.options);
}

static void every_word_is_known_to_both_or_says_where_it_belongs(void **state)
{
	struct read r;
	char text[64];
	(void)state;

	for (unsigned i = 0; i < option_words_n; i++) {
		const struct option_word *w = &option_words[i];

		snprintf(text, sizeof(text), "{ \"%s\": null }", w->name);
		assert_int_equal(read_text(&r, LINE " /net", text), EX_CONFIG);
		assert_int_equal(strstr(r.told_at, "only for the command line") != NULL,
			(w->flags & IN_LINE_ONLY) != 0);
		assert_null(strstr(r.told_at, "no such word"));
		options_free(&r.options);
	}
}

static void what_is_no_json_is_told_with_line_and_column(void **state)
{
	(void)state;

	assert_told("{ \"mtu\": 1400,\n  \"mtu\": 1500 }",
		FILE_NAME ":2:7: duplicate object key near '\"mtu\"'\n");
	assert_told("", FILE_NAME ":1:0: '[' or '{' expected near end of file\n");
	assert_told("[]", FILE_NAME ":1:1: expected an object { }, got a list\n");
	assert_told("{\n\"mtu\": 1400,\n}", FILE_NAME ":3:1: string or '}' expected near '}'\n");
}

static void a_mistake_is_told_with_its_place(void **state)
{
	(void)state;

	assert_told("{\n  \"colour\": 1\n}",
		FILE_NAME ":2:3: colour: no such word: catnetd.json(5) lists them\n");
	assert_told("{ \"help\": true }", FILE_NAME ":1:3: help: only for the command line\n");
	assert_told("{ \"mtu\": \"1400\" }",
		FILE_NAME ":1:3: mtu: expected a whole number, got text\n");
	assert_told("{ \"no-acd\": 1 }",
		FILE_NAME ":1:3: no-acd: expected true or false, got a number\n");
	assert_told("{ \"tap\": [\"a\"] }", FILE_NAME ":1:3: tap: expected text, got a list\n");
	assert_told("{ \"gw\": {} }",
		FILE_NAME ":1:3: gw: expected text, or a list of it, got an object\n");
	assert_told("{ \"mtu\": 7 }",
		FILE_NAME ":1:3: mtu: expected a number from 576 to 65521, got \"7\"\n");
}

static void in_a_list_the_place_is_the_elements(void **state)
{
	(void)state;

	assert_told(
		"{ \"tap\": \"[,]\\\"{\",\n\"addr\": [ \"10.0.0.2/24\",\n\t\"10.0.0.300/24\" ] }",
		FILE_NAME ":3:2: addr[1]: expected ADDRESS/PREFIX, as in 10.0.0.2/24, got "
			  "\"10.0.0.300/24\"\n");
	assert_told("{ \"addr\": [ \"10.0.0.2/24\", 7 ] }",
		FILE_NAME ":1:28: addr[1]: expected text, got a number\n");
}

static void columns_are_characters(void **state)
{
	(void)state;

	assert_told("{ \"tap\": \"n\xc3\xa4t\", \"mtu\": 0.5 }",
		FILE_NAME ":1:17: mtu: expected a whole number, got a number with a fraction\n");
}

static void every_mistake_is_told(void **state)
{
	(void)state;

	assert_told("{ \"colour\": 1,\n\"mtu\": 3,\n\"gw\": \"nowhere\" }",
		FILE_NAME ":1:3: colour: no such word: catnetd.json(5) lists them\n" FILE_NAME
			  ":2:1: mtu: expected a number from 576 to 65521, got \"3\"\n" FILE_NAME
			  ":3:1: gw: expected an address, got \"nowhere\"\n");
}

static void too_many_words_are_refused(void **state)
{
	struct read r;
	char text[8192];
	struct text t = text_over(text, sizeof(text));
	(void)state;

	text_put(&t, "{ \"host-addr\": [ \"10.0.0.1/24\"");
	for (int i = 0; i < OPTIONS_SETTINGS_MAX + 5; i++)
		text_put(&t, ", \"10.0.0.1/24\"");
	text_put(&t, " ] }");
	assert_false(t.is_cut);
	assert_int_equal(read_text(&r, LINE " /net", text), EX_CONFIG);
	assert_non_null(strstr(r.told_at, "too many words"));
	options_free(&r.options);
}

static void what_differs_is_seen_word_by_word(void **state)
{
	struct read a, b;
	(void)state;

	(void)read_text(&a, LINE " /net",
		"{ \"addr\": [\"10.0.0.2/24\", \"10.0.0.3/24\"], \"mtu\": 1400 }");
	(void)read_text(&b, LINE " /net",
		"{ \"addr\": [\"10.0.0.2/24\"], \"mtu\": 1400, \"no-acd\": true }");
	assert_true(options_differ(&a.options, &b.options, option_find("addr")));
	assert_true(options_differ(&a.options, &b.options, option_find("no-acd")));
	assert_false(options_differ(&a.options, &b.options, option_find("mtu")));
	assert_false(options_differ(&a.options, &b.options, option_find("tap")));
	options_free(&a.options);
	options_free(&b.options);
}

static void commands_are_a_list_of_text(void **state)
{
	(void)state;

	assert_told("{ \"commands\": \"tcp/web announce 80\" }",
		FILE_NAME ":1:3: commands: expected a list of text, got text\n");
	assert_told("{ \"commands\": [7, \"x y\"] }",
		FILE_NAME ":1:16: commands[0]: expected text, got a number\n");
}

static const struct config *commands_of(struct read *r, const char *list)
{
	char text[256];

	snprintf(text, sizeof(text), "{ \"commands\": %s }", list);
	assert_int_equal(read_text(r, LINE " /net", text), EX_OK);
	return r->options.config;
}

static void assert_next(const struct config *c, unsigned from, const char *words)
{
	const char *got = config_next(c, &from);

	if (!words)
		assert_null(got);
	else
		assert_string_equal(got, words);
}

static void what_was_obeyed_is_not_new(void **state)
{
	struct read a, b, c;
	(void)state;

	commands_of(&a, "[ \"one a\", \"two b\", \"one a\", \"three c\" ]");
	assert_next(a.options.config, 0, "one a");
	for (unsigned i = 0; i < 3; i++)
		config_obeyed(a.options.config, i);
	assert_next(a.options.config, 0, "three c");

	/* Said twice and obeyed twice; the third of them is new. */
	commands_of(&b, "[ \"two b\", \"one a\", \"one a\", \"one a\" ]");
	assert_int_equal(config_follow(b.options.config, a.options.config), 0);
	assert_next(b.options.config, 0, "one a");
	assert_next(b.options.config, 4, NULL);

	commands_of(&c, "[ \"three c\" ]");
	assert_int_equal(config_follow(c.options.config, a.options.config), 3);
	assert_next(c.options.config, 0, "three c");
	assert_int_equal(config_follow(c.options.config, NULL), 0);
	options_free(&a.options);
	options_free(&b.options);
	options_free(&c.options);
}

static void a_file_that_is_not_there_is_told(void **state)
{
	struct read r;
	(void)state;

	assert_int_equal(
		read_bytes(&r, "catnetd --config /nowhere/net.json /net", NULL, 0), EX_NOINPUT);
	assert_string_equal(
		r.told_at, "/nowhere/net.json: there is no such file: --config names it\n");
	options_free(&r.options);
}

static void a_file_that_is_too_long_is_refused(void **state)
{
	struct read r;
	(void)state;

	assert_int_equal(read_bytes(&r, "catnetd --config /dev/zero /net", NULL, 0), EX_CONFIG);
	assert_non_null(strstr(r.told_at, "longer than 1048576 bytes"));
	options_free(&r.options);
}

static unsigned jansson_left;

static void *jansson_take(size_t size)
{
	if (jansson_left == 0)
		return NULL;
	jansson_left--;
	return malloc(size);
}

static void want_of_memory_is_told_and_breaks_nothing(void **state)
{
	struct read r;
	int status = -1;
	(void)state;

	json_set_alloc_funcs(jansson_take, free);
	for (unsigned at = 0; status != EX_OK; at++) {
		assert_true(at < 200);
		jansson_left = at;
		status = read_text(&r, LINE " /net",
			"{ \"addr\": [\"10.0.0.2/24\"], \"commands\": [\"tcp/web announce 80\"] }");
		/* Jansson takes some of it for a mistake. */
		assert_int_equal(status == EX_OK, r.told.len == 0);
		options_free(&r.options);
	}
	json_set_alloc_funcs(malloc, free);
}

/* Whatever the bytes, there is an answer, and words when it is no. */
static void damaged_files_are_read_or_refused(void **state)
{
	static const char whole[] =
		"{ \"mountpoint\": \"/n\\u00e4t\", \"addr\": [\"10.0.0.2/24\", \"10.0.0.3/24\"],\n"
		"  \"mtu\": 1400, \"memory\": \"200M\", \"no-acd\": true, \"gw\": \"10.0.0.1\" }";
	struct random dice;
	char text[sizeof(whole)];
	struct read r;
	(void)state;

	seeded(&dice);
	for (int i = 0; i < (int)steps(5000); i++) {
		size_t len = sizeof(whole) - 1;
		unsigned changes = random_below(&dice, 4);
		int status;

		memcpy(text, whole, sizeof(whole));
		for (unsigned k = 0; k < changes; k++)
			text[random_below(&dice, (uint32_t)len)] = (char)random_below(&dice, 256);
		if (random_below(&dice, 8) == 0)
			len = random_below(&dice, (uint32_t)len);
		status = read_bytes(&r, LINE, text, len);
		assert_true(status == EX_OK || status == EX_CONFIG || status == EX_USAGE);
		assert_int_equal(status == EX_OK, r.told.len == 0);
		options_free(&r.options);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_says_what_the_line_would),
		cmocka_unit_test(the_line_is_stronger_than_the_file),
		cmocka_unit_test(a_switch_that_is_false_is_not_said),
		cmocka_unit_test(every_word_is_known_to_both_or_says_where_it_belongs),
		cmocka_unit_test(what_is_no_json_is_told_with_line_and_column),
		cmocka_unit_test(a_mistake_is_told_with_its_place),
		cmocka_unit_test(in_a_list_the_place_is_the_elements),
		cmocka_unit_test(columns_are_characters),
		cmocka_unit_test(every_mistake_is_told),
		cmocka_unit_test(too_many_words_are_refused),
		cmocka_unit_test(what_differs_is_seen_word_by_word),
		cmocka_unit_test(commands_are_a_list_of_text),
		cmocka_unit_test(what_was_obeyed_is_not_new),
		cmocka_unit_test(a_file_that_is_not_there_is_told),
		cmocka_unit_test(a_file_that_is_too_long_is_refused),
		cmocka_unit_test(want_of_memory_is_told_and_breaks_nothing),
		cmocka_unit_test(damaged_files_are_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
