/*
 * Any request, in any order, by anybody, with memory that is refused now and then: the tree stays
 * whole, every request is answered once, and in the end all has come back.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../clients/catnet_ioctl.h"
#include "../lib/region.h"
#include "../lib/tree.h"

/* Processes that come and go, besides the users' own. */
enum { PROCESSES_FROM = 40, PROCESSES = 4 };

enum { FILES = 24, REQUESTS = 32, TOKENS = 1000 };

struct crowd {
	struct world w;
	struct random r;
	uint64_t files[FILES]; /* 0: closed */
	struct token tokens[TOKENS];
	unsigned tokens_n;
	struct asked *asked[REQUESTS]; /* NULL: none */
	char *bytes;
};

#define BYTES_MAX 200000

static unsigned pick(struct crowd *c, unsigned below)
{
	return random_below(&c->r, below);
}

static uint32_t anybody(struct crowd *c)
{
	static const uint32_t users[] = { ALICE, ALICE, ALICE, BOB, ROOT };

	return users[pick(c, ARRAY_LEN(users))];
}

/* A path that may or may not be there. */
static const char *some_path(struct crowd *c)
{
	static const char *const protos[] = { "tcp", "tcp", "udp", "icmp" };
	static const char *const files[] = { "ctl", "data", "data", "listen", "accept", "err",
		"local", "status", "stats", "nothing" };
	static const char *const roots[] = { "/stats", "/err", "/arp", "/iproute", "/tcp/stats",
		"/ipselftab", "/ipifc/1/ctl", "/ipifc/1/status", "/ipifc/stats", "/events",
		"/events", "/events", "/log", "/log" };
	static char path[64];
	const char *proto = protos[pick(c, ARRAY_LEN(protos))];
	const char *file = files[pick(c, ARRAY_LEN(files))];

	switch (pick(c, 8)) {
	case 0:
		return roots[pick(c, ARRAY_LEN(roots))];
	case 1:
	case 2:
		snprintf(path, sizeof(path), "/%s/clone", proto);
		break;
	case 3:
		snprintf(path, sizeof(path), "/%s/%u/%s", proto, pick(c, 200), file);
		break;
	default:
		snprintf(path, sizeof(path), "/%s/n%u/%s", proto, pick(c, 4), file);
		break;
	}
	return path;
}

static const char *some_command(struct crowd *c)
{
	static const char *const commands[] = { "connect 127.0.0.1!5000", "connect 127.0.0.1!5001",
		"connect 127.0.0.1!5000", "connect 10.9.9.9!1", "announce 5000",
		"announce 127.0.0.1!5001", "announce 5000", "bind 4000", "hangup", "close",
		"shutdown wr", "shutdown rd", "ttl 5", "ttl x", "keep 1", "keep 0", "keep forever",
		"timeout read 1", "timeout write 1", "timeout connect 1", "timeout read 0",
		"headers on", "headers off", "backlog 1", "nodelay on", "reject", "rcvbuf 8192",
		"sndbuf 8192", "nonsense", "ttl 5\nconnect 127.0.0.1!5000\nttl 6", "\n\n", "add",
		"flush", "hold", "hold 40", "hold 41", "hold 42", "hold 43", "hold 40\nkeep 1",
		"usertimeout 1000", "usertimeout 0", "set fs state", "clear fs", "only 127.0.0.1",
		"only all" };

	return commands[pick(c, ARRAY_LEN(commands))];
}

static int some_file(struct crowd *c)
{
	for (unsigned tried = 0; tried < FILES; tried++) {
		unsigned i = pick(c, FILES);

		if (c->files[i] != 0)
			return (int)i;
	}
	return -1;
}

static int free_slot(const struct crowd *c)
{
	for (unsigned i = 0; i < REQUESTS; i++) {
		if (c->asked[i] == NULL)
			return (int)i;
	}
	return -1;
}

/* Take in what has been answered; an OPEN gives a file, or is closed when there is no room. */
static void collect(struct crowd *c)
{
	for (unsigned i = 0; i < REQUESTS; i++) {
		struct asked *a = c->asked[i];
		unsigned slot = 0;

		if (a == NULL || !a->is_answered)
			continue;
		c->asked[i] = NULL;
		if (a->req.op == REQ_OPEN && a->result == 0 && !a->is_lost) {
			while (slot < FILES && c->files[slot] != 0)
				slot++;
			if (slot < FILES)
				c->files[slot] = a->req.handle;
			else
				fs_close(c->w.fs, a->req.handle);
		}
		asked_free(a);
	}
}

/* --- what may happen --------------------------------------------------------------------- */

/* One that there is, mostly; of any size, and now and then with other bytes than it says. */
static struct asked *ask_some_ioctl(struct crowd *c, uint64_t file)
{
	uint8_t bytes[sizeof(struct catnet_message) + CATNET_BYTES_MAX] = { 0 };
	const unsigned commands[] = { CATNET_RECV(0), CATNET_RECV(0), CATNET_SEND(0),
		CATNET_SEND(0), CATNET_ERROR, CATNET_QUEUES, 0x5401, pick(c, UINT32_MAX) };
	unsigned command = commands[pick(c, ARRAY_LEN(commands))];
	uint32_t flags = pick(c, pick(c, 20) ? 8 : UINT32_MAX);
	size_t size = pick(c, pick(c, 2) ? 100 : sizeof(bytes));
	bool reads = _IOC_DIR(command) & _IOC_READ;
	bool writes = _IOC_DIR(command) & _IOC_WRITE;

	if (command == CATNET_RECV(0) || command == CATNET_SEND(0))
		size = max_u32((uint32_t)size, sizeof(struct catnet_message));
	memcpy(bytes, &flags, sizeof(flags));
	/* To a port that there may be. */
	memcpy(bytes + 22, "\xff\xff\x7f\x00\x00\x01", pick(c, 2) ? 6 : 0);
	memcpy(bytes + 60, "\x13\x88", 2);
	command = (command & ~(unsigned)IOCSIZE_MASK) | (unsigned)size << _IOC_SIZESHIFT;
	if (pick(c, 20) == 0)
		size = pick(c, sizeof(bytes));
	return ask_ioctl(
		&c->w, anybody(c), file, command, bytes, writes ? size : 0, reads ? size : 0);
}

static void ask_something(struct crowd *c)
{
	int slot = free_slot(c);
	int file = some_file(c);
	unsigned how = pick(c, 3) == 0 ? O_N : 0;
	struct asked *a;

	if (slot < 0)
		return;
	if (file < 0 || pick(c, 3) == 0) {
		static const unsigned ways[] = { O_R, O_W, O_RW, O_RW, O_RW };

		how |= ways[pick(c, ARRAY_LEN(ways))];
		a = ask_open(&c->w, anybody(c), some_path(c), how);
	} else if (pick(c, 4) == 0) {
		a = ask_some_ioctl(c, c->files[file]);
	} else if (pick(c, 2) == 0) {
		a = ask_read(&c->w, anybody(c), c->files[file],
			1 + pick(c, pick(c, 3) ? BYTES_MAX : 100), how);
	} else if (pick(c, 2) == 0) {
		const char *command = some_command(c);

		a = ask_write(&c->w, anybody(c), c->files[file], command, strlen(command), how);
	} else {
		a = ask_write(&c->w, anybody(c), c->files[file], c->bytes,
			1 + pick(c, pick(c, 2) ? 100 : BYTES_MAX), how);
	}
	a->is_lost = !a->is_answered && pick(c, 20) == 0;
	c->asked[slot] = a;
}

static void interrupt_something(struct crowd *c)
{
	unsigned i = pick(c, REQUESTS);

	if (c->asked[i] != NULL && !c->asked[i]->is_answered)
		fs_interrupt(c->w.fs, &c->asked[i]->req);
}

static void close_something(struct crowd *c)
{
	int i = some_file(c);

	if (i < 0)
		return;
	fs_close(c->w.fs, c->files[i]);
	c->files[i] = 0;
}

/* A token may be with one file only, so each is left once. */
static void poll_something(struct crowd *c)
{
	int i = some_file(c);
	struct token *token = NULL;

	if (i < 0)
		return;
	if (c->tokens_n < TOKENS && pick(c, 2) == 0)
		token = &c->tokens[c->tokens_n++];
	assert_int_equal(fs_poll_file(c->w.fs, &c->w.session, c->files[i], token) & POLLNVAL, 0);
}

static void name_something(struct crowd *c)
{
	static const char *const protos[] = { "tcp", "udp", "icmp" };
	char path[32];

	snprintf(path, sizeof(path), "/%s/n%u", protos[pick(c, 3)], pick(c, 4));
	if (pick(c, 4) == 0)
		remove_dir(&c->w, anybody(c), path);
	else
		make_dir(&c->w, anybody(c), path);
}

static void let_time_pass(struct crowd *c)
{
	world_sleep(&c->w, pick(c, 2) ? pick(c, 1000) : pick(c, 90) * USEC_PER_SEC);
}

static void change_modes(struct crowd *c)
{
	struct fs_attr attr;
	struct fs_attr to = { .mode = pick(c, 01000), .gid = pick(c, 3), .uid = pick(c, 3) };
	struct cred who = cred_of(anybody(c));

	if (walk(&c->w, who.uid, some_path(c), &attr) == 0)
		fs_setattr(c->w.fs, &who, attr.node, pick(c, 8), &to, &attr);
}

/* It ends, or one that has ended is told of; and its number is given again. */
static void end_a_process(struct crowd *c)
{
	struct fake_processes *p = &c->w.processes;
	int32_t pid = PROCESSES_FROM + (int32_t)pick(c, PROCESSES);

	if (pick(c, 2) == 0) {
		fake_processes_tell(p, c->w.fs);
		return;
	}
	fake_process_ends(p, pid, pick(c, 2) ? c->w.fs : NULL);
	fake_process(p, pid, anybody(c), 0);
}

static void something(struct crowd *c)
{
	switch (pick(c, 17)) {
	case 0:
		interrupt_something(c);
		break;
	case 1:
		close_something(c);
		break;
	case 2:
		poll_something(c);
		break;
	case 3:
		name_something(c);
		break;
	case 4:
		let_time_pass(c);
		break;
	case 5:
		change_modes(c);
		break;
	case 6:
		c->w.refuse_at = pick(c, 20);
		break;
	case 7:
		world_turn(&c->w);
		break;
	case 8:
		end_a_process(c);
		break;
	default:
		ask_something(c);
		break;
	}
}

/* --- the end ----------------------------------------------------------------------------- */

static void end_all(struct crowd *c)
{
	c->w.refuse_at = 0;
	collect(c);
	for (unsigned i = 0; i < REQUESTS; i++) {
		if (c->asked[i] != NULL && !c->asked[i]->is_answered)
			fs_interrupt(c->w.fs, &c->asked[i]->req);
	}
	collect(c);
	for (unsigned i = 0; i < FILES; i++) {
		if (c->files[i] != 0)
			fs_close(c->w.fs, c->files[i]);
	}
	world_turn(&c->w);
}

static void any_request_in_any_order_leaves_the_tree_whole(void **state)
{
	static struct crowd c;

	(void)state;
	seeded(&c.r);
	c.bytes = calloc(1, BYTES_MAX);
	assert_non_null(c.bytes);
	for (unsigned round = 0; round < 10; round++) {
		world_up(&c.w);
		for (int32_t i = 0; i < PROCESSES; i++)
			fake_process(&c.w.processes, PROCESSES_FROM + i, ALICE, 0);
		memset(c.files, 0, sizeof(c.files));
		memset(c.tokens, 0, sizeof(c.tokens));
		c.tokens_n = 0;
		for (uint32_t i = steps(1500); i > 0; i--) {
			something(&c);
			collect(&c);
			fs_check(c.w.fs);
			if (i % 16 == 0)
				stack_check(c.w.stack);
		}
		end_all(&c);
		world_down(&c.w);
	}
	free(c.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_request_in_any_order_leaves_the_tree_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
