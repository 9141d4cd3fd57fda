/* Who is served when: users in turn, shares of what waits, memory that is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/tree.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

/* --- turns ------------------------------------------------------------------------------- */

static void one_users_flood_does_not_delay_another(void **state)
{
	enum { FLOOD = 200 };
	struct world *w = *state;
	struct asked *flood[FLOOD];
	struct asked *other;

	for (unsigned i = 0; i < FLOOD; i++)
		flood[i] = ask_open(w, ALICE, "/udp/stats", O_R);
	assert_true(flood[0]->is_answered);
	assert_false(flood[FLOOD - 1]->is_answered);
	other = ask_open(w, BOB, "/udp/stats", O_R);
	assert_true(other->is_answered);
	fs_close(w->fs, opened(other));
	world_turn(w);
	for (unsigned i = 0; i < FLOOD; i++)
		fs_close(w->fs, opened(flood[i]));
}

static void a_users_requests_are_served_in_the_order_they_came(void **state)
{
	enum { FLOOD = 100 };
	struct world *w = *state;
	struct asked *asked[FLOOD];
	struct end near;
	struct end far;

	ends_connect(w, "udp", &near, &far);
	for (unsigned i = 0; i < FLOOD; i++) {
		uint8_t number = (uint8_t)i;

		asked[i] = ask_write(w, ALICE, near.data, &number, 1, 0);
	}
	world_turn(w);
	for (unsigned i = 0; i < FLOOD; i++) {
		struct asked *r = ask_read(w, ALICE, far.data, 10, 0);

		world_turn(w);
		assert_int_equal(outcome(asked[i]), 1);
		assert_int_equal(r->bytes[0], i);
		asked_free(r);
	}
	end_close(w, &near);
	end_close(w, &far);
}

static void a_long_list_of_commands_does_not_delay_another_user(void **state)
{
	enum { LINES = 10000 };
	static char lines[LINES * 6 + 1];
	struct world *w = *state;
	struct end e = end_open(w, "udp");
	struct asked *list;

	for (unsigned i = 0; i < LINES; i++)
		memcpy(lines + i * 6, i + 1 < LINES ? "ttl 3\n" : "ttl 4\n", 6);
	list = ask_write(w, ALICE, e.ctl, lines, LINES * 6, 0);
	assert_false(list->is_answered);
	assert_int_equal(fs_deadline(w->fs), w->now_us);
	fs_close(w->fs, opened(ask_open(w, BOB, "/udp/stats", O_R)));
	world_turn(w);
	assert_int_equal(outcome(list), LINES * 6);
	assert_non_null(strstr(cat(w, ALICE, end_path(&e, "status")), " ttl 4 "));
	list = ask_write(w, ALICE, e.ctl, lines, LINES * 6, 0);
	fs_interrupt(w->fs, &list->req);
	assert_int_equal(outcome(list), 6000);
	end_close(w, &e);
}

static void a_connect_in_a_long_list_waits_and_goes_on(void **state)
{
	enum { BLANKS = 5000 };
	static char lines[BLANKS * 2 + 64];
	struct world *w = *state;
	struct end listener = end_open(w, "tcp");
	struct end e = end_open(w, "tcp");
	struct asked *list;
	size_t len;

	assert_int_equal(write_text(w, listener.ctl, "announce 127.0.0.1!5000"), 23);
	assert_int_equal(write_text(w, e.ctl, "timeout connect 5"), 17);
	memset(lines, '\n', sizeof(lines));
	memcpy(lines + BLANKS, "connect 127.0.0.1!5000", 22);
	len = BLANKS + 22 + BLANKS;
	list = ask_write(w, ALICE, e.ctl, lines, len, 0);
	assert_false(list->is_answered);
	world_turn(w);
	assert_int_equal(outcome(list), len);
	end_close(w, &e);
	end_close(w, &listener);
}

static void two_users_who_flood_are_served_in_turn(void **state)
{
	enum { FLOOD = 400 };
	struct world *w = *state;
	struct asked *alice[FLOOD];
	struct asked *bob[FLOOD];
	unsigned alices = 0;
	unsigned bobs = 0;

	for (unsigned i = 0; i < FLOOD; i++)
		alice[i] = ask_open(w, ALICE, "/udp/stats", O_R);
	for (unsigned i = 0; i < FLOOD; i++)
		bob[i] = ask_open(w, BOB, "/udp/stats", O_R);
	assert_true(fs_pump(w->fs));
	for (unsigned i = 0; i < FLOOD; i++) {
		alices += alice[i]->is_answered;
		bobs += bob[i]->is_answered;
	}
	assert_true(alices < FLOOD);
	assert_int_equal(alices, bobs);
	world_turn(w);
	for (unsigned i = 0; i < FLOOD; i++) {
		fs_close(w->fs, opened(alice[i]));
		fs_close(w->fs, opened(bob[i]));
	}
}

static void what_was_not_served_yet_can_be_interrupted(void **state)
{
	enum { FLOOD = 100 };
	struct world *w = *state;
	struct asked *asked[FLOOD];

	for (unsigned i = 0; i < FLOOD; i++)
		asked[i] = ask_open(w, ALICE, "/udp/clone", O_RW);
	assert_false(asked[FLOOD - 1]->is_answered);
	fs_interrupt(w->fs, &asked[FLOOD - 1]->req);
	assert_int_equal(outcome(asked[FLOOD - 1]), -EINTR);
	world_turn(w);
	for (unsigned i = 0; i < FLOOD - 1; i++)
		fs_close(w->fs, opened(asked[i]));
	world_turn(w);
	assert_string_equal(ls(w, "/udp"), "clone stats");
}

static void what_was_not_served_yet_ends_with_its_file_and_with_the_tree(void **state)
{
	enum { FLOOD = 100 };
	struct world w;
	struct asked *asked[FLOOD];
	struct end near;
	struct end far;

	(void)state;
	world_up(&w);
	ends_connect(&w, "udp", &near, &far);
	for (unsigned i = 0; i < FLOOD; i++)
		asked[i] = ask_write(&w, ALICE, near.data, "x", 1, 0);
	assert_false(asked[FLOOD - 1]->is_answered);
	fs_close(w.fs, near.data);
	assert_int_equal(outcome(asked[FLOOD - 1]), -ECONNABORTED);
	for (unsigned i = 0; i < FLOOD - 1; i++)
		asked_free(asked[i]);
	for (unsigned i = 0; i < FLOOD; i++)
		asked[i] = ask_open(&w, ALICE, "/udp/clone", O_RW);
	assert_false(asked[FLOOD - 1]->is_answered);
	fs_free(w.fs);
	assert_int_equal(outcome(asked[FLOOD - 1]), -ECONNABORTED);
	for (unsigned i = 0; i < FLOOD - 1; i++)
		asked_free(asked[i]);
	buf_drop(w.chunk);
	stack_free(w.stack);
}

/* --- shares ------------------------------------------------------------------------------ */

static void so_many_may_wait_and_half_of_them_are_one_users(void **state)
{
	struct fs_config config = world_config();
	struct asked *alice[5];
	struct asked *bob[5];
	struct world w;
	struct end near;
	struct end far;

	(void)state;
	config.parked_max = 8;
	world_up_with(&w, &config);
	ends_connect(&w, "udp", &near, &far);
	for (unsigned i = 0; i < 5; i++)
		alice[i] = ask_read(&w, ALICE, far.data, 10, 0);
	assert_int_equal(outcome(alice[4]), -ENOBUFS);
	for (unsigned i = 0; i < 5; i++)
		bob[i] = ask_read(&w, BOB, far.data, 10, 0);
	assert_int_equal(outcome(bob[4]), -ENOBUFS);
	/* Root has a share too, but all are taken. */
	assert_int_equal(outcome(ask_read(&w, ROOT, far.data, 10, 0)), -ENOBUFS);
	fs_interrupt(w.fs, &bob[0]->req);
	assert_int_equal(outcome(bob[0]), -EINTR);
	bob[0] = ask_read(&w, ROOT, far.data, 10, 0);
	assert_false(bob[0]->is_answered);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(write_text(&w, near.data, "x"), 1);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(outcome(alice[i]), 1);
		assert_int_equal(outcome(bob[i]), 1);
	}
	world_down(&w);
}

/* Writers of ALICE's that wait on a conversation of hers whose peer does not read. */
static void ask_writers(struct world *w, uint64_t data, struct asked **asked, unsigned n)
{
	static const uint8_t bytes[1 << 20];

	for (unsigned i = 0; i < n; i++) {
		asked[i] = ask_write(w, ALICE, data, bytes, sizeof(bytes), 0);
		world_turn(w);
	}
}

static void what_one_users_writers_wait_with_leaves_memory_to_others(void **state)
{
	enum { WRITERS = 60 };
	struct world *w = *state;
	struct asked *asked[WRITERS];
	struct end near;
	struct end far;

	ends_connect(w, "tcp", &near, &far);
	assert_int_equal(write_text(w, near.ctl, "sndbuf 4096"), 11);
	assert_int_equal(write_text(w, far.ctl, "rcvbuf 4096"), 11);
	ask_writers(w, near.data, asked, WRITERS);
	assert_int_equal(open_error(w, BOB, "/udp/clone", O_RW), 0);
	assert_int_equal(write_text(w, far.ctl, "hangup"), 6);
	for (unsigned i = 0; i < WRITERS; i++)
		assert_true(outcome(asked[i]) != -ENOBUFS);
	end_close(w, &near);
	end_close(w, &far);
}

static void what_one_users_conversations_send_leaves_memory_to_others(void **state)
{
	enum { CONVERSATIONS = 12 };
	struct world *w = *state;
	struct asked *asked[CONVERSATIONS][5];
	struct end near[CONVERSATIONS];
	struct end far[CONVERSATIONS];

	for (unsigned i = 0; i < CONVERSATIONS; i++) {
		ends_connect(w, "tcp", &near[i], &far[i]);
		assert_int_equal(write_text(w, far[i].ctl, "rcvbuf 4096"), 11);
		ask_writers(w, near[i].data, asked[i], 5);
		assert_int_equal(open_error(w, BOB, "/udp/clone", O_RW), 0);
	}
	for (unsigned i = 0; i < CONVERSATIONS; i++) {
		assert_int_equal(write_text(w, far[i].ctl, "hangup"), 6);
		for (unsigned k = 0; k < 5; k++)
			assert_true(outcome(asked[i][k]) != -ENOBUFS);
		end_close(w, &near[i]);
		end_close(w, &far[i]);
	}
}

static void one_users_writers_wait_with_so_many_bytes_and_no_more(void **state)
{
	struct fs_config config = world_config();
	struct asked *alice[4];
	struct asked *bob;
	struct world w;
	struct end near;
	struct end far;

	(void)state;
	config.waiting_max = 3 << 20;
	world_up_with(&w, &config);
	ends_connect(&w, "tcp", &near, &far);
	assert_int_equal(write_text(&w, near.ctl, "sndbuf 4096"), 11);
	assert_int_equal(write_text(&w, far.ctl, "rcvbuf 4096"), 11);
	ask_writers(&w, near.data, alice, 4);
	assert_int_equal(outcome(alice[3]), -ENOBUFS);
	assert_string_equal(cat(&w, ALICE, end_path(&near, "err")),
		"write: too many bytes wait to be sent already; try again when some are\n");
	bob = ask_write(&w, BOB, near.data, "x", 1, 0);
	assert_false(bob->is_answered);
	fs_interrupt(w.fs, &alice[2]->req);
	assert_int_equal(outcome(alice[2]), -EINTR);
	ask_writers(&w, near.data, alice + 2, 1);
	assert_false(alice[2]->is_answered);
	assert_int_equal(write_text(&w, far.ctl, "hangup"), 6);
	assert_true(outcome(alice[0]) > 0); /* a part was sent */
	assert_int_equal(outcome(alice[1]), -ECONNRESET);
	assert_int_equal(outcome(alice[2]), -ECONNRESET);
	assert_int_equal(outcome(bob), -ECONNRESET);
	world_down(&w);
}

/* In turns of what was received where, and in memory of the tree's own. */
static void writers_that_wait_are_sent_whole_and_in_order(void **state)
{
	enum { WRITERS = 24, LEN = 70000 };
	struct world *w = *state;
	struct asked *asked[WRITERS];
	static uint8_t bytes[LEN];
	struct end near;
	struct end far;
	size_t read = 0;

	ends_connect(w, "tcp", &near, &far);
	assert_int_equal(write_text(w, near.ctl, "sndbuf 8192"), 11);
	assert_int_equal(write_text(w, far.ctl, "rcvbuf 8192"), 11);
	for (unsigned i = 0; i < WRITERS; i++) {
		for (size_t k = 0; k < LEN; k++)
			bytes[k] = (uint8_t)((i * LEN + k) % 251);
		asked[i] = ask_write(w, ALICE, near.data, bytes, LEN, 0);
	}
	while (read < (size_t)WRITERS * LEN) {
		struct asked *r = ask_read(w, ALICE, far.data, 100000, 0);

		/* A sender waits a little for a window worth a segment (RFC 1122 4.2.3.4). */
		world_sleep(w, r->is_answered ? 0 : USEC_PER_SEC);
		assert_true(r->is_answered);
		assert_true(r->result > 0);
		for (size_t k = 0; k < r->bytes_len; k++)
			assert_int_equal(r->bytes[k], (read + k) % 251);
		read += r->bytes_len;
		asked_free(r);
	}
	for (unsigned i = 0; i < WRITERS; i++)
		assert_int_equal(outcome(asked[i]), LEN);
	end_close(w, &near);
	end_close(w, &far);
}

static void ten_thousand_readers_wait_and_are_told_of_the_end(void **state)
{
	enum { READERS = 10000 };
	struct world *w = *state;
	struct asked **asked = calloc(READERS, sizeof(struct asked *));
	struct end near;
	struct end far;

	assert_non_null(asked);
	ends_connect(w, "tcp", &near, &far);
	for (unsigned i = 0; i < READERS; i++) {
		asked[i] = ask_read(w, i % 2 ? ALICE : BOB, near.data, 10, 0);
		if (i % 50 == 0)
			fs_pump(w->fs);
	}
	world_turn(w);
	assert_int_equal(write_text(w, far.data, "one"), 3);
	assert_int_equal(outcome(asked[0]), 3);
	assert_false(asked[1]->is_answered);
	assert_int_equal(write_text(w, far.ctl, "hangup"), 6);
	for (unsigned i = 1; i < READERS; i++)
		assert_int_equal(outcome(asked[i]), -ECONNRESET);
	free(asked);
	end_close(w, &near);
	end_close(w, &far);
}

/* --- many ------------------------------------------------------------------------------- */

static void a_thousand_conversations_come_and_go(void **state)
{
	enum { CONVERSATIONS = 1000 };
	struct world *w = *state;
	uint64_t *handles = calloc(CONVERSATIONS, sizeof(uint64_t));

	assert_non_null(handles);
	for (unsigned i = 0; i < CONVERSATIONS; i++) {
		handles[i] = opened(ask_open(w, ALICE, "/udp/clone", O_RW));
		if (i % 30 == 29)
			world_turn(w);
	}
	/* Every second one goes, so that there are gaps everywhere. */
	for (unsigned i = 0; i < CONVERSATIONS; i += 2)
		fs_close(w->fs, handles[i]);
	world_turn(w);
	for (unsigned i = 1; i < CONVERSATIONS; i += 2)
		fs_close(w->fs, handles[i]);
	world_turn(w);
	assert_string_equal(ls(w, "/udp"), "clone stats");
	free(handles);
}

/* Of all users root alone may have them all. */
static void when_all_conversations_are_out_there_is_emfile(void **state)
{
	struct world *w = *state;
	char name[32];
	unsigned n = 0;
	int err;

	do {
		snprintf(name, sizeof(name), "/icmp/n%u", n++);
		err = make_dir(w, ROOT, name);
	} while (err == 0);
	assert_int_equal(err, -EMFILE);
	assert_true(n > 1000);
	assert_int_equal(open_error(w, ROOT, "/icmp/clone", O_RW), -EMFILE);
	assert_string_equal(cat(w, ROOT, "/err"), "icmp/clone: no room for another conversation\n");
	assert_int_equal(remove_dir(w, ROOT, "/icmp/n0"), 0);
	assert_int_equal(open_error(w, ROOT, "/icmp/clone", O_RW), 0);
}

static void when_memory_is_short_there_is_enobufs(void **state)
{
	enum { CHUNKS = 1024 };
	static struct buf *chunks[CHUNKS];
	struct world *w = *state;
	unsigned n = 0;

	while (n < CHUNKS && (chunks[n] = stack_chunk(w->stack)) != NULL)
		n++;
	assert_int_equal(open_error(w, ALICE, "/udp/clone", O_RW), -ENOBUFS);
	while (n > 0)
		buf_drop(chunks[--n]);
	assert_int_equal(open_error(w, ALICE, "/udp/clone", O_RW), 0);
}

/* --- memory ------------------------------------------------------------------------------ */

/* All that takes memory, once; each step may fail, and what was there before stays whole. */
static void scenario(struct world *w)
{
	struct asked *asked[8];
	uint64_t handles[8];
	unsigned n = 0;

	make_dir(w, BOB, "/udp/name");
	make_dir(w, BOB, "/udp/name");
	asked[n++] = ask_open(w, BOB, "/udp/clone", O_RW);
	asked[n++] = ask_open(w, BOB, "/udp/clone", O_R);
	asked[n++] = ask_open(w, BOB, "/udp/name/ctl", O_RW);
	asked[n++] = ask_open(w, BOB, "/udp/name/status", O_R);
	asked[n++] = ask_open(w, BOB, "/udp/name/stats", O_R);
	asked[n++] = ask_open(w, BOB, "/stats", O_R);
	asked[n++] = ask_open(w, BOB, "/err", O_R);
	asked[n++] = ask_open(w, BOB, "/ipselftab", O_R);
	world_turn(w);
	for (unsigned i = 0; i < n; i++) {
		handles[i] = asked[i]->result == 0 ? asked[i]->req.handle : 0;
		asked_free(asked[i]);
	}
	if (handles[2] != 0) {
		asked[0] = ask_write(w, BOB, handles[2], "nonsense", 8, 0);
		asked[1] = ask_write(w, BOB, handles[2], "keep 5", 6, 0);
		world_turn(w);
		assert_int_equal(outcome(asked[0]), -EINVAL);
		asked_free(asked[1]);
	}
	for (unsigned i = 0; i < n; i++)
		fs_close(w->fs, handles[i]);
	remove_dir(w, BOB, "/udp/name");
	world_sleep(w, 100 * USEC_PER_SEC);
}

/* Run the scenario with its AT-th allocation refused, and perhaps all after; true if it got that
 * far. */
static bool scenario_without(unsigned at, bool all)
{
	struct world w;
	bool was_reached;
	struct end near;
	struct end far;

	world_up(&w);
	ends_connect(&w, "udp", &near, &far);
	w.refuse_at = at;
	w.refuse_all = all;
	scenario(&w);
	was_reached = all ? w.refuse_at == 1 : w.refuse_at == 0;
	w.refuse_at = 0;
	/* Nobody else is any the worse. */
	assert_int_equal(write_text(&w, near.data, "well"), 4);
	assert_string_equal(read_text(&w, far.data), "well");
	assert_int_equal(make_dir(&w, ALICE, "/udp/name"), 0);
	world_down(&w);
	return was_reached;
}

static void each_refusal_of_memory_is_survived(void **state)
{
	unsigned at = 1;

	(void)state;
	while (scenario_without(at, false))
		at++;
	assert_true(at > 20);
}

static void memory_that_is_refused_from_then_on_is_survived(void **state)
{
	unsigned at = 1;

	(void)state;
	while (scenario_without(at, true))
		at++;
	assert_true(at > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(one_users_flood_does_not_delay_another),
		CASE(a_users_requests_are_served_in_the_order_they_came),
		CASE(a_long_list_of_commands_does_not_delay_another_user),
		CASE(a_connect_in_a_long_list_waits_and_goes_on),
		CASE(two_users_who_flood_are_served_in_turn),
		CASE(what_was_not_served_yet_can_be_interrupted),
		cmocka_unit_test(what_was_not_served_yet_ends_with_its_file_and_with_the_tree),
		cmocka_unit_test(so_many_may_wait_and_half_of_them_are_one_users),
		CASE(what_one_users_writers_wait_with_leaves_memory_to_others),
		CASE(what_one_users_conversations_send_leaves_memory_to_others),
		cmocka_unit_test(one_users_writers_wait_with_so_many_bytes_and_no_more),
		CASE(writers_that_wait_are_sent_whole_and_in_order),
		CASE(ten_thousand_readers_wait_and_are_told_of_the_end),
		CASE(a_thousand_conversations_come_and_go),
		CASE(when_all_conversations_are_out_there_is_emfile),
		CASE(when_memory_is_short_there_is_enobufs),
		cmocka_unit_test(each_refusal_of_memory_is_survived),
		cmocka_unit_test(memory_that_is_refused_from_then_on_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
