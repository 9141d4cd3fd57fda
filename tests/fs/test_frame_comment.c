/* What a capture says of a frame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fs/frame_comment.h"
#include "../lib/frame.h"
#include "../lib/tree.h"

#define LOOPBACK   0x7f000001u
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

/* Of a datagram from 127.0.0.1!4000 to PORT there. */
static const char *comment_at(struct world *w, struct fs *fs, uint16_t port, size_t cap)
{
	static char words[256];
	uint8_t bytes[256];
	struct frame f;
	size_t len;

	frame_init(&f, FRAME_UDP);
	f.ip.src = f.ip.dst = LOOPBACK;
	f.udp.src_port = 4000;
	f.udp.dst_port = port;
	len = frame_build(&f, bytes);
	len = frame_comment(w->stack, fs, bytes, len, true, words, cap);
	words[len] = '\0';
	return words;
}

static void a_named_conversation_is_named(void **state)
{
	struct world *w = *state;

	assert_int_equal(make_dir(w, ROOT, "/udp/clock"), 0);
	assert_true(echo(w, ROOT, "announce 4037", "/udp/clock/ctl") > 0);
	assert_string_equal(comment_at(w, w->fs, 4037, 256), "udp 1 \"clock\" Announced");
	assert_string_equal(comment_at(w, w->fs, 4038, 256), "");
	assert_int_equal(remove_dir(w, ROOT, "/udp/clock"), 0);
}

static void without_a_name_there_is_the_number(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "udp");

	assert_true(write_text(w, e.ctl, "announce 4037") > 0);
	assert_string_equal(comment_at(w, w->fs, 4037, 256), "udp 1 Announced");
	assert_string_equal(comment_at(w, NULL, 4037, 256), "udp 1 Announced");
	end_close(w, &e);
}

static void what_does_not_fit_is_cut(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "udp");

	assert_true(write_text(w, e.ctl, "announce 4037") > 0);
	assert_string_equal(comment_at(w, w->fs, 4037, 8), "udp 1 A");
	end_close(w, &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_named_conversation_is_named),
		CASE(without_a_name_there_is_the_number),
		CASE(what_does_not_fit_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
