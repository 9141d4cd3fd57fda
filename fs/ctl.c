/* ctl.c - commands, one a line: a table of verbs, each a few lines. */
#include "ctl.h"

#include <string.h>

#include "allow.h"
#include "command.h"
#include "holders.h"
#include "tree.h"

/* Keeping a reservation longer than this is `forever`. */
#define KEEP_SECONDS_MAX    (366u * 24 * 3600)
#define TIMEOUT_SECONDS_MAX (366u * 24 * 3600)
/* Lines that take as long as one of `hold`, which asks the kernel about processes. */
#define HOLD_COST 50

/* --- verbs with a number or a choice ----------------------------------------------------- */

static ssize_t verb_ttl(struct command *c)
{
	uint64_t n;
	int err = command_number(c, 1, "a number from 1 to 255", 255, &n);

	if (err < 0)
		return err;
	err = conv_set_ttl(c->life->conv, (unsigned)n);
	return err < 0 ? command_expected(c, "a number from 1 to 255", c->argv[1]) : 0;
}

static ssize_t verb_tos(struct command *c)
{
	uint64_t n;
	int err = command_number(c, 1, "a number from 0 to 255", 255, &n);

	if (err < 0)
		return err;
	err = conv_set_tos(c->life->conv, (unsigned)n);
	return err < 0 ? command_expected(c, "a number from 0 to 255", c->argv[1]) : 0;
}

static ssize_t set_buffer(struct command *c, int (*set)(struct conv *, uint64_t))
{
	uint64_t n;
	int err = command_number(c, 1, "a number of bytes", UINT64_MAX, &n);

	if (err < 0)
		return err;
	err = set(c->life->conv, n);
	if (err == -EINVAL)
		return command_expected(c, "a number of bytes from 4096 to 67108864", c->argv[1]);
	return err;
}

static ssize_t verb_rcvbuf(struct command *c)
{
	return set_buffer(c, conv_set_rcvbuf);
}

static ssize_t verb_sndbuf(struct command *c)
{
	return set_buffer(c, conv_set_sndbuf);
}

static ssize_t verb_ignoreadvice(struct command *c)
{
	bool ignore = true;
	int err = c->argc < 2 ? 0 : command_switch(c, 1, &ignore);

	if (err < 0)
		return err;
	conv_ignore_advice(c->life->conv, ignore);
	return 0;
}

static ssize_t verb_timeout(struct command *c)
{
	static const char *const words[TIMEOUTS] = {
		[TIMEOUT_CONNECT] = "connect",
		[TIMEOUT_READ] = "read",
		[TIMEOUT_WRITE] = "write",
	};
	uint64_t seconds;
	int err;

	for (unsigned i = 0; i < TIMEOUTS; i++) {
		if (strcmp(c->argv[1], words[i]) != 0)
			continue;
		err = command_number(
			c, 2, "seconds up to 31622400 (0: none)", TIMEOUT_SECONDS_MAX, &seconds);
		if (err < 0)
			return err;
		c->life->timeout_s[i] = (uint32_t)seconds;
		return 0;
	}
	return command_expected(c, "connect, read or write", c->argv[1]);
}

/* The quota that counts is the owner's, whoever says it. */
static ssize_t verb_keep(struct command *c)
{
	usec_t keep_us = USEC_NEVER;
	uint64_t seconds;

	if (strcmp(c->argv[1], "forever") != 0) {
		int err = command_number(
			c, 1, "seconds up to 31622400, or forever", KEEP_SECONDS_MAX, &seconds);

		if (err < 0)
			return err;
		keep_us = seconds * USEC_PER_SEC;
	}
	if (keep_us == 0) {
		life_unreserve(c->life);
		return 0;
	}
	return life_reserve(c->life, conv_owner(c->life->conv), keep_us);
}

/* By a process: the one named, or the writer's own. */
static ssize_t verb_hold(struct command *c)
{
	uint64_t pid = 0;

	c->cost = HOLD_COST;
	if (c->argc > 1) {
		int err = command_number(c, 1, "the number of a process", INT32_MAX, &pid);

		if (err < 0)
			return err;
		if (pid == 0)
			return command_expected(c, "the number of a process", c->argv[1]);
		text_printf(&c->subject, " %s", c->argv[1]);
	}
	return holder_take(c->life, &c->r->caller, (int32_t)pid, &c->why);
}

/* --- addresses --------------------------------------------------------------------------- */

static int allowed(struct command *c, enum act act, const struct endpoint *local,
	const struct endpoint *remote)
{
	int err = allow(c->life->fs, &c->f->opener, &c->r->caller, act, c->life->proto->proto,
		local, remote);

	if (err == -EACCES)
		text_put(&c->why, "a port below 1024 needs uid 0");
	return err;
}

/* Who has it? One that nobody holds any more is not found by its number, so it is not named. */
static int in_use(struct command *c, const struct endpoint *local)
{
	const struct life *l = c->life;
	struct conv *other = conv_clash(l->fs->config.stack, l->proto->proto, local);

	if (other != NULL && other != l->conv && conv_tag(other) != NULL)
		text_printf(&c->why, "in use by conversation %llu",
			(unsigned long long)conv_number(other));
	return -EADDRINUSE;
}

/* There is no way, or no such address of ours: when the device is gone, that is why. */
static int no_way(const struct command *c, int err)
{
	bool is_cut_off = err == -ENETUNREACH || err == -EADDRNOTAVAIL;

	return is_cut_off && c->life->fs->has_no_device ? -EIO : err;
}

/* -EISCONN, in words that say why. */
static int is_taken(struct command *c)
{
	char at[ENDPOINT_TEXT_MAX];

	if (conv_events(c->life->conv) & CONV_END) {
		text_put(&c->why, "this conversation is over, make another");
		return -EISCONN;
	}
	if (c->life->is_announced) {
		endpoint_format(conv_local(c->life->conv), at);
		text_printf(&c->why, "already announced as %s", at);
	} else {
		endpoint_format(conv_remote(c->life->conv), at);
		text_printf(&c->why, "already connected to %s", at);
	}
	return -EISCONN;
}

/* What the failure of a local address is reported under: "announce tcp!80" for all addresses,
 * "announce 10.0.0.1!80" for one. */
static void subject_local(struct command *c, const struct endpoint *local)
{
	char at[ENDPOINT_TEXT_MAX];

	text_clear(&c->subject);
	if (addr_is_any(&local->addr)) {
		text_printf(&c->subject, "%s %s!%u", c->argv[0], proto_name(c->life->proto->proto),
			(unsigned)local->port);
		return;
	}
	endpoint_format(local, at);
	text_printf(&c->subject, "%s %s", c->argv[0], at);
}

static ssize_t take_local(
	struct command *c, enum act act, int (*take)(struct conv *, const struct endpoint *))
{
	struct endpoint local;
	int err = command_endpoint(c, 1, true, &local);

	if (err < 0)
		return err;
	subject_local(c, &local);
	err = allowed(c, act, &local, NULL);
	if (err < 0)
		return err;
	err = take(c->life->conv, &local);
	if (err == -EISCONN)
		return is_taken(c);
	return err == -EADDRINUSE ? in_use(c, &local) : no_way(c, err);
}

static ssize_t verb_announce(struct command *c)
{
	ssize_t err = take_local(c, ACT_ANNOUNCE, conv_announce);

	if (err == 0)
		c->life->is_announced = true;
	return err;
}

static ssize_t verb_bind(struct command *c)
{
	return take_local(c, ACT_BIND, conv_bind);
}

/* --- connect ----------------------------------------------------------------------------- */

static bool is_same_attempt(
	const struct life *l, const struct endpoint *from, const struct endpoint *to)
{
	return endpoint_equal(&l->connecting->from, from) && endpoint_equal(&l->connecting->to, to);
}

/* Who waited for it has been told, so that it need not be told by data. */
static ssize_t told(struct command *c, ssize_t err)
{
	c->life->told = c->life->attempts + 1;
	return err;
}

/* How did it come out? Both may be up: connected, and over again at once. */
static ssize_t connect_outcome(struct command *c)
{
	struct conv *conv = c->life->conv;
	unsigned events = conv_events(conv);

	if ((events & CONV_END) && conv_error(conv) < 0)
		return told(c, conv_error(conv));
	if (events & CONV_UP)
		return 0;
	return events & CONV_END ? -ECONNABORTED : FS_PARK;
}

/* -EINVAL, in words that say why. Ports are looked at last, as by conv_connect. */
static int is_no_end(struct command *c, const struct endpoint *from, const struct endpoint *to)
{
	const struct endpoint *own = addr_is_any(&from->addr) ? conv_local(c->life->conv) : from;
	bool is_bound = !addr_is_any(&own->addr);

	if (addr_is_any(&to->addr))
		text_put(&c->why, "expected the address of a host");
	else if (is_bound && addr_is_v4(&own->addr) != addr_is_v4(&to->addr))
		text_put(&c->why, "both addresses must be IPv4, or both IPv6");
	else if (to->port == 0 && !addr_is_multicast(&to->addr))
		text_put(&c->why, "expected a port from 1 to 65535");
	else
		text_printf(&c->why, "the address of many; %s speaks with one host",
			proto_name(c->life->proto->proto));
	return -EINVAL;
}

static int connect_refused(
	struct command *c, const struct endpoint *from, const struct endpoint *to, int err)
{
	if (err == -EADDRINUSE)
		return in_use(c, from);
	if (err == -EISCONN)
		return is_taken(c);
	if (err == -EINVAL)
		return is_no_end(c, from, to);
	if (err == -EACCES)
		text_put(&c->why, "everybody's address; it needs \"broadcast on\" first");
	return no_way(c, err);
}

static ssize_t connect_begin(
	struct command *c, const struct endpoint *from, const struct endpoint *to)
{
	struct life *l = c->life;
	bool is_bound = !addr_is_any(&from->addr) || from->port != 0;
	int err = allowed(c, ACT_CONNECT, from, to);
	struct attempt *attempt;

	if (err < 0)
		return err;
	/* Who waited for the attempt before this one must not be told how this one comes out. */
	if ((conv_events(l->conv) & CONV_END) && conv_error(l->conv) < 0)
		park_serve(l);
	attempt = fs_alloc(l->fs, sizeof(*attempt));
	if (attempt == NULL)
		return -ENOMEM;
	*attempt = (struct attempt){ .to = *to, .from = *from };
	err = conv_connect(l->conv, is_bound ? from : NULL, to);
	if (err < 0) {
		fs_dispose(l->fs, attempt);
		return connect_refused(c, from, to, err);
	}
	l->connecting = attempt;
	l->attempts++;
	l->end_is_noted = false;
	return 0;
}

/* The first run dials; each retry only asks how the dialling went. */
static ssize_t verb_connect(struct command *c)
{
	struct endpoint to;
	struct endpoint from = { .port = 0 };
	ssize_t n;
	int err = command_endpoint(c, 1, false, &to);

	if (err == 0 && c->argc > 2)
		err = command_endpoint(c, 2, false, &from);
	if (err < 0)
		return err;
	text_printf(&c->subject, " %s", c->argv[1]);
	if (c->r->resumed)
		return connect_outcome(c);
	ctl_heard(c->life);
	if (c->life->connecting != NULL) {
		if (c->r->nonblock || !is_same_attempt(c->life, &from, &to))
			return -EALREADY;
		return FS_PARK;
	}
	n = connect_begin(c, &from, &to);
	if (n < 0)
		return n;
	n = connect_outcome(c);
	return n == FS_PARK && c->r->nonblock ? -EINPROGRESS : n;
}

/* "connect 10.0.0.9!80", or once it was up "10.0.0.9!80"; a listener has only its own end. */
static void note_end(struct life *l, int err)
{
	const struct endpoint *remote = conv_remote(l->conv);
	char at[ENDPOINT_TEXT_MAX + sizeof("connect ")] = "connect ";
	size_t skip = strlen(at);

	if (l->connecting != NULL)
		remote = &l->connecting->to;
	endpoint_format(remote->port == 0 ? conv_local(l->conv) : remote, at + skip);
	life_failed_plainly(l, l->connecting != NULL ? at : at + skip, err);
	l->end_is_noted = true;
}

void ctl_heard(struct life *l)
{
	unsigned events = conv_events(l->conv);

	if (!(events & CONV_END))
		l->end_is_noted = false;
	if (!(events & (CONV_UP | CONV_END)))
		return;
	if ((events & CONV_END) && !l->end_is_noted && conv_error(l->conv) < 0)
		note_end(l, conv_error(l->conv));
	fs_dispose(l->fs, l->connecting);
	l->connecting = NULL;
}

/* As a hangup from here: the conversation can connect again. */
void ctl_give_up(struct life *l)
{
	ctl_heard(l);
	if (l->connecting == NULL)
		return;
	note_end(l, -ETIMEDOUT);
	conv_fail(l->conv, -ETIMEDOUT);
	l->told = l->attempts + 1;
}

/* Not every shell starts a write again that a signal has ended, and then it looks for words. */
void ctl_interrupted(struct life *l)
{
	char at[ENDPOINT_TEXT_MAX];
	char text[ENDPOINT_TEXT_MAX + 80];
	struct text words = text_over(text, sizeof(text));

	if (l->connecting == NULL)
		return;
	endpoint_format(&l->connecting->to, at);
	text_printf(
		&words, "connect %s: interrupted, and goes on; the same connect waits for it", at);
	life_failed(l, -EINTR, words.at);
}

/* --- the end ----------------------------------------------------------------------------- */

static ssize_t verb_hangup(struct command *c)
{
	conv_hangup(c->life->conv);
	return 0;
}

/* As close(2): nothing more is written or read, and what was written is still sent. */
static ssize_t verb_close(struct command *c)
{
	struct life *l = c->life;
	int err = l->stream.ops->shutdown(&l->stream);

	if (err < 0)
		return err;
	l->is_closed = true;
	conv_stop_reading(l->conv);
	poll_changed(l);
	return 0;
}

/* --- the table --------------------------------------------------------------------------- */

/* What the protocols themselves understand; to tell "not here" from "nowhere". */
static const char *const proto_verbs[] = { "shutdown", "backlog", "nodelay", "cork", "keepalive",
	"usertimeout", "mss", "congestion", "reject", "headers", "broadcast", "addmulti",
	"remmulti" };

/* clang-format off */
static const struct verb verbs[] = {
	{ "announce",     1, 1, "[ADDRESS!]PORT",               verb_announce },
	{ "bind",         1, 1, "[ADDRESS!]PORT",               verb_bind },
	{ "close",        0, 0, "nothing more",                 verb_close },
	{ "connect",      1, 2, "ADDRESS!PORT",                 verb_connect },
	{ "hangup",       0, 0, "nothing more",                 verb_hangup },
	{ "hold",         0, 1, "the number of a process",      verb_hold },
	{ "ignoreadvice", 0, 1, "on or off",                    verb_ignoreadvice },
	{ "keep",         1, 1, "SECONDS or forever",           verb_keep },
	{ "rcvbuf",       1, 1, "BYTES",                        verb_rcvbuf },
	{ "sndbuf",       1, 1, "BYTES",                        verb_sndbuf },
	{ "timeout",      2, 2, "connect, read or write, and SECONDS", verb_timeout },
	{ "tos",          1, 1, "a number from 0 to 255",       verb_tos },
	{ "ttl",          1, 1, "a number from 1 to 255",       verb_ttl },
};
/* clang-format on */

static bool is_proto_verb(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(proto_verbs); i++) {
		if (strcmp(proto_verbs[i], word) == 0)
			return true;
	}
	return false;
}

/* A protocol's words begin with the verb; so does what a failure is reported under. */
static void drop_verb(struct command *c)
{
	size_t len = strlen(c->argv[0]);

	if (strncmp(c->why.at, c->argv[0], len) == 0 && strncmp(c->why.at + len, ": ", 2) == 0) {
		text_clear(&c->subject);
		text_put(&c->subject, c->argv[0]);
		memmove(c->why.at, c->why.at + len + 2, c->why.len - len - 1);
		c->why.len -= len + 2;
	}
}

/* Not one of ours: the protocol's own, or nobody's. */
static ssize_t verb_of_proto(struct command *c)
{
	int n;

	if (!is_proto_verb(c->argv[0])) {
		text_put(&c->why, "no such verb; net(4) lists them");
		return -EINVAL;
	}
	n = conv_ctl(c->life->conv, c->argc, c->argv, &c->why);
	drop_verb(c);
	if (n == -EOPNOTSUPP && c->why.len == 0)
		text_printf(&c->why, "%s has no such verb", proto_name(c->life->proto->proto));
	if (n >= 0 && strcmp(c->argv[0], "headers") == 0)
		c->life->has_headers = c->argc < 2 || strcmp(c->argv[1], "on") == 0;
	return n < 0 ? n : 0;
}

static ssize_t verb_run(struct command *c)
{
	const struct verb *v = command_verb(c, verbs, ARRAY_LEN(verbs));

	return v == NULL ? verb_of_proto(c) : command_run(c, v);
}

/* `echo foo > clone`: the conversation ends with it, and its err with that. */
static void note_failure_of_clone(const struct command *c, const char *why)
{
	char at[COMMAND_WORDS_MAX * 3];
	struct text words = text_over(at, sizeof(at));

	text_printf(&words, "%s/%s: %s", proto_name(c->life->proto->proto), c->f->row->name, why);
	user_note(c->life->fs, &c->r->caller, words.at);
}

/* A line that failed: keep why, under what it was about. */
static void note_failure(struct command *c, int err)
{
	char at[COMMAND_WORDS_MAX * 2];
	struct text words = text_over(at, sizeof(at));

	if (err == -EINPROGRESS)
		return; /* nothing has failed yet */
	command_failure(c, err, &words);
	/* How a connect came out was noted when it was heard of. */
	if (!c->life->end_is_noted || c->life->err == NULL || strcmp(c->life->err, words.at) != 0)
		life_failed(c->life, err, words.at);
	if (node_unpack(c->f->node).dir == DIR_PROTO)
		note_failure_of_clone(c, words.at);
}

ssize_t ctl_write(struct fid *f, struct req *r)
{
	if (f->cursor > 0) {
		f->cursor = 0; /* a write rewinds what there is to read */
		fid_notify(f);
	}
	return commands_obey(f, r, verb_run, note_failure);
}
