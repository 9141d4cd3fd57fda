/* What the tables tell: JSON, status, snapshots (tree.md sections 1, 7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "../lib/tree.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

/* A file's JSON, which must be one object with a newline behind it. */
static json_t *json_of(struct world *w, uint32_t uid, const char *path)
{
	const char *text = cat(w, uid, path);
	json_error_t error;
	json_t *j = json_loads(text, 0, &error);

	if (j == NULL)
		print_error("%s: %s: %s\n", path, error.text, text);
	assert_non_null(j);
	assert_true(json_is_object(j));
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_int_equal(json_integer_value(json_object_get(j, "schema")), 1);
	return j;
}

static const char *string_in(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	if (text == NULL)
		print_error("no text %s\n", key);
	assert_non_null(text);
	return text;
}

static json_int_t number_in(const json_t *j, const char *key)
{
	const json_t *n = json_object_get(j, key);

	if (!json_is_integer(n))
		print_error("no number %s\n", key);
	assert_true(json_is_integer(n));
	return json_integer_value(n);
}

static void every_stats_file_is_json_of_schema_1(void **state)
{
	static const char *const files[] = { "/stats", "/udp/stats", "/icmp/stats", "/tcp/stats",
		"/udp/n/stats", "/tcp/n/stats", "/icmp/n/stats" };

	assert_int_equal(make_dir(*state, ALICE, "/udp/n"), 0);
	assert_int_equal(make_dir(*state, ALICE, "/tcp/n"), 0);
	assert_int_equal(make_dir(*state, ALICE, "/icmp/n"), 0);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		json_decref(json_of(*state, ALICE, files[i]));
}

/* No key but says what it counts, and none is null. */
static void check_keys(const json_t *j)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)j, key, value)
	{
		assert_false(json_is_null(value));
		for (const char *at = key; *at != '\0'; at++)
			assert_true(*at == '_' || (*at >= 'a' && *at <= 'z') ||
				(*at >= '0' && *at <= '9'));
		if (json_is_object(value))
			check_keys(value);
	}
}

static void keys_are_snake_case_and_never_null(void **state)
{
	static const char *const files[] = { "/stats", "/tcp/stats", "/tcp/n/stats" };

	assert_int_equal(make_dir(*state, ALICE, "/tcp/n"), 0);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		json_t *j = json_of(*state, ALICE, files[i]);

		check_keys(j);
		json_decref(j);
	}
}

static void the_root_tells_version_and_uptime(void **state)
{
	json_t *j;

	world_sleep(*state, 5 * USEC_PER_SEC);
	j = json_of(*state, BOB, "/stats");
	assert_string_equal(string_in(j, "version"), "test");
	assert_int_equal(number_in(j, "uptime_us"), 5 * USEC_PER_SEC);
	assert_int_equal(number_in(json_object_get(j, "tree"), "conversations"), 0);
	json_decref(j);
}

static void the_bytes_that_were_copied_are_published(void **state)
{
	char *text = strdup(cat(*state, BOB, "/stats"));

	assert_non_null(text);
	assert_non_null(strstr(text, "copied"));
	free(text);
}

static void a_protocol_counts_its_conversations(void **state)
{
	struct end e = end_open(*state, "tcp");
	json_t *j = json_of(*state, BOB, "/tcp/stats");

	assert_string_equal(string_in(j, "proto"), "tcp");
	assert_int_equal(number_in(j, "conversations"), 1);
	json_decref(j);
	end_close(*state, &e);
}

/* How many TCP conversations are in STATE, by the protocol's stats. */
static json_int_t in_state(struct world *w, const char *state)
{
	json_t *j = json_of(w, BOB, "/tcp/stats");
	json_int_t n = number_in(json_object_get(j, "states"), state);

	json_decref(j);
	return n;
}

static json_int_t ending(struct world *w)
{
	json_t *j = json_of(w, BOB, "/tcp/stats");
	json_int_t n = number_in(j, "conversations_ending");

	json_decref(j);
	return n;
}

static void what_is_sent_after_the_end_and_time_wait_are_counted(void **state)
{
	static char bytes[3 << 20];
	struct end near;
	struct end far;
	struct asked *a;

	ends_connect(*state, "tcp", &near, &far);
	assert_int_equal(in_state(*state, "established"), 2);
	a = ask_write(*state, ALICE, near.data, bytes, 1 << 20, 0);
	world_turn(*state);
	assert_int_equal(outcome(a), 1 << 20);
	a = ask_write(*state, ALICE, near.data, bytes, 1 << 20, 0);
	world_turn(*state);
	assert_int_equal(outcome(a), 1 << 20);
	end_close(*state, &near);
	/* The peer has not read so much yet: nobody holds it, and it goes on. */
	assert_int_equal(ending(*state), 1);
	assert_int_equal(in_state(*state, "finwait1"), 1);
	for (size_t got = 0; got < 2 << 20;) {
		a = ask_read(*state, ALICE, far.data, sizeof(bytes), 0);
		world_sleep(*state, USEC_PER_SEC);
		got += (size_t)a->result;
		assert_true(outcome(a) > 0);
	}
	end_close(*state, &far);
	world_sleep(*state, USEC_PER_SEC);
	assert_int_equal(ending(*state), 0);
	assert_int_equal(in_state(*state, "time_wait"), 1);
	assert_int_equal(in_state(*state, "closed"), 0);
	world_sleep(*state, 300 * USEC_PER_SEC);
	assert_int_equal(in_state(*state, "time_wait"), 0);
}

static void a_conversations_stats_hold_what_the_contract_asks(void **state)
{
	static const char *const numbers[] = { "number", "uid", "pid", "age_us", "bytes_in",
		"bytes_out", "srtt_us", "rttvar_us", "rto_us", "snd_una", "snd_nxt", "snd_wnd",
		"rcv_nxt", "rcv_wnd", "mss", "cwnd", "ssthresh" };
	struct end near;
	struct end far;
	json_t *j;

	ends_connect(*state, "tcp", &near, &far);
	assert_int_equal(write_text(*state, near.data, "1234567"), 7);
	j = json_of(*state, ALICE, end_path(&near, "stats"));
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		number_in(j, numbers[i]);
	assert_string_equal(string_in(j, "proto"), "tcp");
	assert_string_equal(string_in(j, "state"), "Established");
	assert_string_equal(string_in(j, "remote"), "127.0.0.1!5000");
	assert_string_equal(string_in(j, "name"), "");
	assert_int_equal(number_in(j, "number"), near.number);
	assert_int_equal(number_in(j, "uid"), ALICE);
	assert_int_equal(number_in(j, "pid"), ALICE);
	assert_int_equal(number_in(json_object_get(j, "last_error"), "errno"), 0);
	json_decref(j);
	end_close(*state, &near);
	end_close(*state, &far);
}

static void stats_name_the_name_and_the_last_error(void **state)
{
	json_t *j;

	assert_int_equal(make_dir(*state, ALICE, "/tcp/web"), 0);
	assert_int_equal(
		echo(*state, ALICE, "connect 127.0.0.1!99", "/tcp/web/ctl"), -ECONNREFUSED);
	j = json_of(*state, ALICE, "/tcp/web/stats");
	assert_string_equal(string_in(j, "name"), "web");
	assert_int_equal(number_in(json_object_get(j, "last_error"), "errno"), ECONNREFUSED);
	assert_string_equal(string_in(json_object_get(j, "last_error"), "text"),
		"connect 127.0.0.1!99: connection refused by the peer");
	json_decref(j);
}

static void status_is_the_state_and_then_pairs(void **state)
{
	struct end near;
	struct end far;
	const char *text;
	unsigned blanks = 0;

	ends_connect(*state, "tcp", &near, &far);
	text = cat(*state, BOB, end_path(&near, "status"));
	assert_memory_equal(text, "Established ", 12);
	for (const char *at = text; *at != '\0'; at++)
		blanks += *at == ' ';
	assert_int_equal(blanks % 2, 0);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_null(strstr(text, "snd_nxt")); /* not for everybody's eyes */
	end_close(*state, &near);
	end_close(*state, &far);
}

static void a_table_read_byte_by_byte_is_one_snapshot(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "udp");
	uint64_t local = open_file(w, end_path(&e, "local"), O_R);
	char text[64] = "";

	for (unsigned i = 0;; i++) {
		struct asked *a = ask_read_at(w, ALICE, local, i, 1);

		if (a->result == 0) {
			asked_free(a);
			break;
		}
		text[i] = (char)a->bytes[0];
		asked_free(a);
		if (i == 1)
			assert_int_equal(write_text(w, e.ctl, "connect 127.0.0.1!9"), 19);
	}
	assert_string_equal(text, "::!0\n");
	assert_string_not_equal(cat(w, ALICE, end_path(&e, "local")), "::!0\n");
	close_file(w, local);
	end_close(w, &e);
}

static void a_table_is_read_from_any_offset(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "udp");
	uint64_t local = open_file(w, end_path(&e, "local"), O_R);
	struct asked *a = ask_read_at(w, ALICE, local, 3, 100);

	assert_int_equal(a->result, 2);
	assert_memory_equal(a->bytes, "0\n", 2);
	asked_free(a);
	assert_int_equal(outcome(ask_read_at(w, ALICE, local, 5, 100)), 0);
	assert_int_equal(outcome(ask_read_at(w, ALICE, local, UINT64_MAX, 100)), 0);
	close_file(w, local);
	end_close(w, &e);
}

static void streams_say_that_they_are_streams(void **state)
{
	static const char *const streams[] = { "clone", "n/ctl", "n/data", "n/accept" };
	static const char *const tables[] = { "stats", "n/err", "n/local", "n/remote", "n/status",
		"n/stats" };
	char path[32];

	assert_int_equal(make_dir(*state, ALICE, "/udp/n"), 0);
	for (size_t i = 0; i < ARRAY_LEN(streams) + ARRAY_LEN(tables); i++) {
		bool is_stream = i < ARRAY_LEN(streams);
		struct asked *a;

		snprintf(path, sizeof(path), "/udp/%s",
			is_stream ? streams[i] : tables[i - ARRAY_LEN(streams)]);
		a = ask_open(*state, ALICE, path, O_R);
		world_turn(*state);
		assert_int_equal(a->req.is_stream, is_stream);
		close_file(*state, opened(a));
	}
}

static void our_addresses_are_listed(void **state)
{
	/* No device: there is none but lo's, whose lines are the net's to choose. */
	assert_memory_not_equal(cat(*state, BOB, "/ipselftab"), "errno", 5);
	assert_memory_not_equal(cat(*state, BOB, "/iproute"), "errno", 5);
	assert_string_equal(cat(*state, BOB, "/arp"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_stats_file_is_json_of_schema_1),
		CASE(keys_are_snake_case_and_never_null),
		CASE(the_root_tells_version_and_uptime),
		CASE(the_bytes_that_were_copied_are_published),
		CASE(a_protocol_counts_its_conversations),
		CASE(what_is_sent_after_the_end_and_time_wait_are_counted),
		CASE(a_conversations_stats_hold_what_the_contract_asks),
		CASE(stats_name_the_name_and_the_last_error),
		CASE(status_is_the_state_and_then_pairs),
		CASE(a_table_read_byte_by_byte_is_one_snapshot),
		CASE(a_table_is_read_from_any_offset),
		CASE(streams_say_that_they_are_streams),
		CASE(our_addresses_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
