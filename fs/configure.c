#include "configure.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "../stack/base/text.h"
#include "../stack/net.h"
#include "config.h"
#include "replay.h"

#define COMMAND_WHY_MAX 1024

/* --- addresses --------------------------------------------------------------------------- */

/* The stack's refusal of an address of ours, or of a gateway, in words. */
static const char *refusal(int err)
{
	switch (err) {
	case -EEXIST:
		return "given twice, leave one out";
	case -EINVAL:
		return "not an address that a host can have on a link";
	case -EAFNOSUPPORT:
		return "IPv6 is not spoken yet, give an IPv4 address";
	case -ENETUNREACH:
		return "no address of ours (addr) is in its network, so it cannot be reached";
	default:
		return strerror(-err);
	}
}

static int refused(struct server *s, int err, const struct setting *from)
{
	struct text words = text_over(s->why, sizeof(s->why));

	text_printf(&words, "%s: %s", from->value, refusal(err));
	return server_blame(s, from, err);
}

int configure_addr(struct server *s, const struct options_addr *a)
{
	unsigned flags = s->options->unprobed ? NET_ADDR_UNPROBED : 0;
	int err = net_addr_add(s->stack, s->ifc, &a->addr, a->bits, flags);

	return err < 0 ? refused(s, err, a->from) : 0;
}

int configure_gateway(struct server *s, const struct options_gateway *g)
{
	bool is_v4 = addr_is_v4(&g->addr);
	struct addr any = is_v4 ? addr_from_v4(0) : addr_any;
	int err = net_route_add(s->stack, &any, is_v4 ? 96 : 0, &g->addr, NULL);

	return err < 0 ? refused(s, err, g->from) : 0;
}

/* Was that the end of it? */
static bool ends(struct server *s, int err, const struct teller *to)
{
	if (err < 0 && to)
		to->tell(to->arg, s->why);
	return err < 0 && !to;
}

int configure_net(struct server *s, const struct teller *to)
{
	const struct options *o = s->options;
	int first = 0;

	for (unsigned i = 0; i < o->addrs_n; i++) {
		int err = configure_addr(s, &o->addrs[i]);

		first = first < 0 ? first : err;
		if (ends(s, err, to))
			return err;
	}
	for (unsigned i = 0; i < o->gateways_n; i++) {
		int err = configure_gateway(s, &o->gateways[i]);

		first = first < 0 ? first : err;
		if (ends(s, err, to))
			return err;
	}
	return first;
}

/* --- commands ---------------------------------------------------------------------------- */

/* FILE:7:3: commands[2]: "tcp/web announce 80": WHY. */
static void blame_command(struct server *s, const struct options *o, unsigned i, const char *why)
{
	struct text words = text_over(s->why, sizeof(s->why));
	char place[OPTIONS_WHY_MAX];

	config_place(o->config, "commands", (int)i, place, sizeof(place));
	text_put(&words, place);
	text_printf(&words, ": \"%.128s\": ", config_command(o->config, i));
	text_put(&words, why);
	s->status = EX_CONFIG;
}

static int obey(struct server *s, struct options *o, unsigned i, int (*turn)(void *arg))
{
	const struct replay_config config = {
		.fs = s->fs,
		.who = { .uid = geteuid(), .gid = getegid(), .pid = getpid() },
		.turn = turn,
		.arg = s,
	};
	char why[COMMAND_WHY_MAX];
	int err = replay(&config, config_command(o->config, i), why, sizeof(why));

	if (err == 0)
		config_obeyed(o->config, i);
	if (err == 0 || s->over < 0 || err == -EWOULDBLOCK)
		return err;
	blame_command(s, o, i, why);
	return err;
}

int configure_commands(
	struct server *s, struct options *o, int (*turn)(void *arg), const struct teller *to)
{
	int first = 0;

	for (unsigned i = 0; o->config && config_next(o->config, &i); i++) {
		int err = obey(s, o, i, turn);

		if (err == -EWOULDBLOCK)
			continue;
		first = first < 0 ? first : err;
		if (s->over < 0)
			return s->over;
		if (ends(s, err, to))
			return err;
	}
	return first;
}
