/*
 * verbs.c - what `ctl` understands for TCP alone (docs/tree.md, section 3).
 */
#include "../base/text.h"
#include "parts.h"
#include "user.h"

#include <string.h>

#define MSS_MAX (UINT16_MAX - SEG_HDR_LEN - 20)

struct verb {
	const char *word;
	uint8_t args_min;
	uint8_t args_max;
	int (*run)(struct tcp_conv *c, char **args, struct text *why);
	const char *expected; /* in words, for `err` */
};

/* A verb's own complaint names what it got; the caller puts verb and expectation before it. */
static int not_this(struct text *why, const char *got)
{
	text_printf(why, ", got \"%s\"", got);
	return -EINVAL;
}

/* Is WORD "on"? -EINVAL when it is neither that nor "off". */
static int on_or_off(bool *out, const char *word, struct text *why)
{
	if (strcmp(word, "on") != 0 && strcmp(word, "off") != 0)
		return not_this(why, word);
	*out = strcmp(word, "on") == 0;
	return 0;
}

static int number_between(
	uint64_t *out, const char *word, uint64_t min, uint64_t max, struct text *why)
{
	if (number_parse(out, word, max) < 0 || *out < min)
		return not_this(why, word);
	return 0;
}

/* --- the verbs ------------------------------------------------------------------------ */

static int verb_shutdown(struct tcp_conv *c, char **args, struct text *why)
{
	bool both = strcmp(args[0], "rdwr") == 0;
	bool rd = both || strcmp(args[0], "rd") == 0;
	bool wr = both || strcmp(args[0], "wr") == 0;

	if (!rd && !wr)
		return not_this(why, args[0]);
	if (!tcp_is_synchronized(c) && c->state != TCP_SYN_RECEIVED) {
		text_clear(why);
		text_put(why, "shutdown: not connected");
		return -ENOTCONN;
	}
	because(c->conv.stack, CAUSE_CALL, CALL_SHUTDOWN);
	if (rd)
		tcp_end_reading(c);
	if (wr)
		tcp_end_stream(c);
	return 0;
}

static int verb_backlog(struct tcp_conv *c, char **args, struct text *why)
{
	uint64_t n;
	int err = number_between(&n, args[0], 1, LIMIT_TCP_BACKLOG_MAX, why);

	if (err < 0)
		return err;
	c->backlog = (uint16_t)n;
	if (c->state == TCP_LISTEN)
		tcp_listen_set_backlog(c, c->backlog);
	return 0;
}

/* What was held back may go now. */
static int verb_nodelay(struct tcp_conv *c, char **args, struct text *why)
{
	bool on;
	int err = on_or_off(&on, args[0], why);

	if (err < 0)
		return err;
	c->nodelay = on;
	tcp_output(c);
	return 0;
}

static int verb_cork(struct tcp_conv *c, char **args, struct text *why)
{
	bool on;
	int err = on_or_off(&on, args[0], why);

	if (err < 0)
		return err;
	c->corked = on;
	tcp_output(c);
	return 0;
}

/* Probes are sent without anybody's asking, so no quota holds for them: ten thousand conversations
 * that each probe every millisecond would leave nobody else any time. */
#define KEEPALIVE_LEAST_MS 100

static int verb_keepalive(struct tcp_conv *c, char **args, struct text *why)
{
	uint64_t ms = 0;
	bool off = args[0] && strcmp(args[0], "off") == 0;

	if (args[0] && !off &&
		number_between(&ms, args[0], KEEPALIVE_LEAST_MS, UINT32_MAX, why) < 0)
		return -EINVAL;
	c->keepalive = !off;
	c->keepalive_ms = (uint32_t)ms;
	tcp_timers_keepalive_changed(c);
	return 0;
}

static int verb_usertimeout(struct tcp_conv *c, char **args, struct text *why)
{
	uint64_t ms;
	int err = number_between(&ms, args[0], 0, UINT32_MAX, why);

	if (err < 0)
		return err;
	c->user_timeout_ms = (uint32_t)ms;
	tcp_timers_user_timeout_changed(c);
	return 0;
}

/* Before the handshake it is what we offer and keep to; after it, what we keep to. */
static void refit(struct tcp_conv *c)
{
	if (!tcp_is_synchronized(c))
		return;
	tcp_set_mss(c);
	cc_set_mss(&c->cc, c->mss);
}

void tcp_mtu_changed(struct conv *conv)
{
	refit(tcp_of(conv));
}

static int verb_mss(struct tcp_conv *c, char **args, struct text *why)
{
	uint64_t n;
	int err = number_between(&n, args[0], LIMIT_TCP_MSS_MIN, MSS_MAX, why);

	if (err < 0)
		return err;
	c->user_mss = (uint16_t)n;
	refit(c);
	return 0;
}

static int verb_congestion(struct tcp_conv *c, char **args, struct text *why)
{
	const struct cc_ops *ops = cc_find(args[0]);

	if (!ops) {
		for (unsigned i = 0; cc_at(i); i++)
			text_printf(why, "%s%s", i ? ", " : " ", cc_at(i)->name);
		return not_this(why, args[0]);
	}
	if (c->cc.ops == ops)
		return 0;
	c->cc.ops = ops;
	if (tcp_is_synchronized(c))
		ops->init(&c->cc);
	return 0;
}

static int verb_reject(struct tcp_conv *c, char **args, struct text *why)
{
	(void)args;
	if (!c->was_passive || !tcp_is_synchronized(c)) {
		text_put(why, ", and this is none");
		return -EINVAL;
	}
	conv_hangup(&c->conv);
	return 0;
}

/* clang-format off */
static const struct verb verbs[] = {
	{ "shutdown",   1, 1, verb_shutdown,   "rd, wr or rdwr" },
	{ "backlog",    1, 1, verb_backlog,    "a number of calls from 1 to 4096" },
	{ "nodelay",    1, 1, verb_nodelay,    "on or off" },
	{ "cork",       1, 1, verb_cork,       "on or off" },
	{ "keepalive",  0, 1, verb_keepalive,  "milliseconds from 100 on, off or nothing" },
	{ "mss",        1, 1, verb_mss,        "bytes from 216 to 65495" },
	{ "congestion", 1, 1, verb_congestion, "one of" },
	{ "reject",     0, 0, verb_reject,     "a call that was taken" },
	{ "usertimeout", 1, 1, verb_usertimeout, "milliseconds (0: as if it had not been said)" },
};
/* clang-format on */

_Static_assert(LIMIT_TCP_BACKLOG_MAX == 4096 && LIMIT_TCP_MSS_MIN == 216 && MSS_MAX == 65495,
	"the words say these numbers");

static const struct verb *verb_find(const char *word)
{
	for (unsigned i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].word, word) == 0)
			return &verbs[i];
	return NULL;
}

int tcp_ctl(struct conv *conv, int argc, char **argv, struct text *why)
{
	const struct verb *v = verb_find(argv[0]);
	char *args[] = { argc > 1 ? argv[1] : NULL, NULL };
	int n = argc - 1;
	int err;

	if (!v)
		return -EOPNOTSUPP;
	text_clear(why);
	text_printf(why, "%s: expected %s", v->word, v->expected);
	if (n < v->args_min || n > v->args_max) {
		text_printf(why, ", got %d words", n);
		return -EINVAL;
	}
	err = v->run(tcp_of(conv), args, why);
	if (err >= 0)
		text_clear(why);
	return err;
}
