/*
 * Every operation in every state, and every file opened in every way by every kind of user,
 * against a table. Each cell has a world of its own.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/tree.h"

#define IN  (POLLIN | POLLRDNORM)
#define OUT (POLLOUT | POLLWRNORM)

/* --- states ------------------------------------------------------------------------------ */

/* A conversation under test and whoever it needs to be in its state. */
struct stage {
	struct world w;
	struct end e;
	struct end others[2];
	unsigned others_n;
	const char *proto;
};

static void say(struct stage *s, struct end *e, const char *command)
{
	assert_int_equal(write_text(&s->w, e->ctl, command), (int)strlen(command));
}

static void idle(struct stage *s)
{
	s->e = end_open(&s->w, s->proto);
}

static void bound(struct stage *s)
{
	idle(s);
	say(s, &s->e, "bind 127.0.0.1!4100");
}

static void announced(struct stage *s)
{
	idle(s);
	say(s, &s->e, "announce 127.0.0.1!5000");
}

static void called(struct stage *s)
{
	struct end *caller = &s->others[s->others_n++];

	announced(s);
	*caller = end_open(&s->w, s->proto);
	say(s, caller, "connect 127.0.0.1!5000");
	assert_int_equal(write_text(&s->w, caller->data, "x"), 1);
}

static void with_headers(struct stage *s)
{
	idle(s);
	say(s, &s->e, "headers\nannounce 127.0.0.1!5000");
}

/* The SYN waits in the stack for as long as the test does not let it turn. */
static void connecting(struct stage *s)
{
	idle(s);
	assert_int_equal(
		outcome(ask_write(&s->w, ALICE, s->e.ctl, "connect 127.0.0.1!5000", 22, O_N)),
		-EINPROGRESS);
}

static void connected(struct stage *s)
{
	ends_connect(&s->w, s->proto, &s->e, &s->others[0]);
	s->others_n = 1;
}

static void with_bytes(struct stage *s)
{
	connected(s);
	assert_int_equal(write_text(&s->w, s->others[0].data, "x"), 1);
}

static void peer_ended(struct stage *s)
{
	connected(s);
	say(s, &s->others[0], "shutdown wr");
}

static void shut(struct stage *s)
{
	connected(s);
	say(s, &s->e, "shutdown wr");
}

static void was_reset(struct stage *s)
{
	connected(s);
	say(s, &s->others[0], "hangup");
}

static void refused(struct stage *s)
{
	idle(s);
	assert_int_equal(write_text(&s->w, s->e.ctl, "connect 127.0.0.1!99"), -ECONNREFUSED);
}

/* Nobody has waited for it. */
static void refused_later(struct stage *s)
{
	idle(s);
	assert_int_equal(
		outcome(ask_write(&s->w, ALICE, s->e.ctl, "connect 127.0.0.1!99", 20, O_N)),
		-EINPROGRESS);
	world_turn(&s->w);
}

static void hung_up(struct stage *s)
{
	connected(s);
	say(s, &s->e, "hangup");
}

static void closed(struct stage *s)
{
	connected(s);
	say(s, &s->e, "close");
}

/* --- operations -------------------------------------------------------------------------- */

static int read_file(struct stage *s, const char *file)
{
	uint64_t handle = opened(ask_open(&s->w, ALICE, end_path(&s->e, file), O_R));
	int n = (int)outcome(ask_read(&s->w, ALICE, handle, 100, O_N));

	fs_close(s->w.fs, handle);
	return n;
}

static int read_data(struct stage *s)
{
	return read_file(s, "data");
}

static int read_accept(struct stage *s)
{
	int n = read_file(s, "accept");

	return n > 0 ? 1 : n; /* how long the line is does not matter */
}

static int write_data(struct stage *s)
{
	return (int)outcome(ask_write(&s->w, ALICE, s->e.data, "y", 1, O_N));
}

static int poll_data(struct stage *s)
{
	return (int)poll_file(&s->w, s->e.data, NULL);
}

static int open_listen(struct stage *s)
{
	struct asked *a = ask_open(&s->w, ALICE, end_path(&s->e, "listen"), O_RW | O_N);

	if (a->result == 0)
		fs_close(s->w.fs, a->req.handle);
	return (int)outcome(a);
}

/* 0 or -errno of one command. */
static int command(struct stage *s, const char *words)
{
	size_t len = strlen(words);
	ssize_t n = outcome(ask_write(&s->w, ALICE, s->e.ctl, words, len, O_N));

	return n == (ssize_t)len ? 0 : (int)n;
}

static int cmd_connect(struct stage *s)
{
	return command(s, "connect 127.0.0.1!5999");
}

static int cmd_announce(struct stage *s)
{
	return command(s, "announce 5998");
}

static int cmd_bind(struct stage *s)
{
	return command(s, "bind 5997");
}

static int cmd_ttl(struct stage *s)
{
	return command(s, "ttl 5");
}

static int cmd_close(struct stage *s)
{
	return command(s, "close");
}

static int cmd_hangup(struct stage *s)
{
	return command(s, "hangup");
}

typedef int operation(struct stage *s);

enum { OPERATIONS = 11 };

static operation *const operations[OPERATIONS] = { read_data, write_data, poll_data, open_listen,
	read_accept, cmd_connect, cmd_announce, cmd_bind, cmd_ttl, cmd_close, cmd_hangup };

static const char *const operation_names[OPERATIONS] = { "read data", "write data", "poll data",
	"open listen", "read accept", "connect", "announce", "bind", "ttl", "close", "hangup" };

struct state_row {
	const char *name;
	void (*make)(struct stage *s);
	int expected[OPERATIONS];
};

/* clang-format off */

#define OVER (IN | OUT | POLLHUP | POLLRDHUP)

/*                     read data      write data     poll data           open listen  read accept  connect       announce   bind       ttl close hangup */
static const struct state_row tcp_states[] = {
	{ "idle",       idle,       { -ENOTCONN,     -ENOTCONN,     OUT | POLLHUP,      -EINVAL,     -EINVAL,     -EINPROGRESS, 0,         0,         0, 0, 0 } },
	{ "bound",      bound,      { -ENOTCONN,     -ENOTCONN,     OUT | POLLHUP,      -EINVAL,     -EINVAL,     -EINPROGRESS, 0,         0,         0, 0, 0 } },
	{ "announced",  announced,  { -EINVAL,       -EINVAL,       0,                  -EAGAIN,     -EAGAIN,     -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
	{ "called",     called,     { -EINVAL,       -EINVAL,       IN,                 0,           1,           -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
	{ "connecting", connecting, { -EAGAIN,       -EAGAIN,       0,                  -EINVAL,     -EINVAL,     -EALREADY,    -EALREADY, -EALREADY, 0, 0, 0 } },
	{ "connected",  connected,  { -EAGAIN,       1,             OUT,                -EINVAL,     -EINVAL,     -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
	{ "with bytes", with_bytes, { 1,             1,             IN | OUT,           -EINVAL,     -EINVAL,     -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
	{ "peer ended", peer_ended, { 0,             1,             IN | OUT | POLLRDHUP, -EINVAL,   -EINVAL,     -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
	{ "shut",       shut,       { -EAGAIN,       -EPIPE,        OUT,                -EINVAL,     -EINVAL,     -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
	{ "reset",      was_reset,  { -ECONNRESET,   -ECONNRESET,   OVER | POLLERR,     -EINVAL,     -EINVAL,     -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
	{ "refused",    refused,    { -ENOTCONN,     -ENOTCONN,     OUT | POLLHUP,      -EINVAL,     -EINVAL,     -EINPROGRESS, 0,         0,         0, 0, 0 } },
	{ "refused later", refused_later, { -ECONNREFUSED, -ECONNREFUSED, IN | OUT | POLLERR | POLLHUP, -EINVAL, -EINVAL, -EINPROGRESS, 0, 0,     0, 0, 0 } },
	{ "hung up",    hung_up,    { -ECONNABORTED, -ECONNABORTED, OVER | POLLERR,     -EINVAL,     -EINVAL,     -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
	{ "closed",     closed,     { 0,             -EPIPE,        OVER,               -EINVAL,     -EINVAL,     -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
};

static const struct state_row udp_states[] = {
	{ "idle",       idle,       { -ENOTCONN,     -ENOTCONN,     OUT | POLLHUP,      -EINVAL,     -EINVAL,     0,            0,         0,         0, 0, 0 } },
	{ "bound",      bound,      { -ENOTCONN,     -ENOTCONN,     OUT | POLLHUP,      -EINVAL,     -EINVAL,     0,            0,         0,         0, 0, 0 } },
	{ "announced",  announced,  { -EINVAL,       -EINVAL,       0,                  -EAGAIN,     -EAGAIN,     -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
	{ "called",     called,     { -EINVAL,       -EINVAL,       IN,                 0,           1,           -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
	{ "with headers", with_headers, { -EAGAIN,   -EINVAL,       OUT,                -EINVAL,     -EINVAL,     -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
	{ "connected",  connected,  { -EAGAIN,       1,             OUT,                -EINVAL,     -EINVAL,     -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
	{ "with bytes", with_bytes, { 1,             1,             IN | OUT,           -EINVAL,     -EINVAL,     -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
	{ "closed",     closed,     { 0,             -EPIPE,        OVER,               -EINVAL,     -EINVAL,     -EISCONN,     -EISCONN,  -EISCONN,  0, 0, 0 } },
};

/* clang-format on */

static unsigned run_cell(const char *proto, const struct state_row *row, unsigned op)
{
	static struct stage s;
	int got;

	s = (struct stage){ .proto = proto };
	world_up(&s.w);
	row->make(&s);
	got = operations[op](&s);
	world_turn(&s.w);
	world_down(&s.w);
	if (got == row->expected[op])
		return 0;
	print_error("%s %s, %s: expected %d, got %d\n", proto, row->name, operation_names[op],
		row->expected[op], got);
	return 1;
}

static void every_operation_on_tcp_in_every_state(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tcp_states); i++) {
		for (unsigned op = 0; op < OPERATIONS; op++)
			wrong += run_cell("tcp", &tcp_states[i], op);
	}
	assert_int_equal(wrong, 0);
}

static void every_operation_on_udp_in_every_state(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(udp_states); i++) {
		for (unsigned op = 0; op < OPERATIONS; op++)
			wrong += run_cell("udp", &udp_states[i], op);
	}
	assert_int_equal(wrong, 0);
}

/* --- who may open what ------------------------------------------------------------------- */

struct file_case {
	const char *path;
	unsigned mode;
	bool is_alices; /* else root's */
	bool is_written;
};

/* What the mode says, worked out again from the contract's words alone. */
static int may(const struct file_case *c, uint32_t uid, unsigned how)
{
	bool owns = uid == (c->is_alices ? ALICE : ROOT);
	unsigned bits = owns ? c->mode >> 6 : c->mode;

	if ((how & O_W) && !c->is_written)
		return -EACCES;
	if (uid == ROOT)
		return 0;
	if ((how & O_R) && !(bits & 4))
		return -EACCES;
	return (how & O_W) && !(bits & 2) ? -EACCES : 0;
}

static void every_file_opened_in_every_way_by_every_user(void **state)
{
	static const struct file_case cases[] = {
		{ "/stats", 0444, false, false },
		{ "/err", 0444, false, false },
		{ "/arp", 0664, false, true },
		{ "/iproute", 0664, false, true },
		{ "/ipselftab", 0444, false, false },
		{ "/ipifc/stats", 0444, false, false },
		{ "/ipifc/1/ctl", 0664, false, true },
		{ "/ipifc/1/local", 0444, false, false },
		{ "/ipifc/1/status", 0444, false, false },
		{ "/ipifc/1/stats", 0444, false, false },
		{ "/tcp/clone", 0666, false, true },
		{ "/tcp/stats", 0444, false, false },
		{ "/tcp/n/ctl", 0600, true, true },
		{ "/tcp/n/data", 0600, true, true },
		{ "/tcp/n/accept", 0600, true, true },
		{ "/tcp/n/err", 0400, true, false },
		{ "/tcp/n/local", 0444, true, false },
		{ "/tcp/n/remote", 0444, true, false },
		{ "/tcp/n/status", 0444, true, false },
		{ "/tcp/n/stats", 0400, true, false },
	};
	static const uint32_t users[] = { ROOT, ALICE, BOB };
	static const unsigned ways[] = { O_R, O_W, O_RW };
	struct world *w = *state;
	unsigned wrong = 0;

	assert_int_equal(make_dir(w, ALICE, "/tcp/n"), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases) * ARRAY_LEN(users) * ARRAY_LEN(ways); i++) {
		const struct file_case *c = &cases[i / 9];
		uint32_t uid = users[i / 3 % 3];
		unsigned how = ways[i % 3];
		int got = open_error(w, uid, c->path, how);

		if (got == may(c, uid, how))
			continue;
		wrong++;
		print_error("%s by %u in way %u: %d\n", c->path, uid, how, got);
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operation_on_tcp_in_every_state),
		cmocka_unit_test(every_operation_on_udp_in_every_state),
		cmocka_unit_test_setup_teardown(
			every_file_opened_in_every_way_by_every_user, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
