/*
 * route_ctl.c - what the administrator writes to iproute: add, del, flush, tag.
 *
 * What iproute tells of a route can be written behind add or del as it stands, and shorter forms
 * as in ip(3), which leave out what stands between gateway and source, or both.
 */
#include <string.h>

#include "../stack/net.h"
#include "files.h"
#include "net_words.h"
#include "tree.h"

#define V4_BITS 96

/* A route as a line names it. */
struct route_words {
	struct addr dst;
	unsigned bits;
	struct addr gateway; /* addr_any: on-link */
	bool has_gateway;
	struct ifc *ifc; /* NULL: not named */
	char tag[NET_TAG_MAX + 1];
};

/* Which word behind the prefix is what, from 1 on; 0: none is. Of three or more the last two are
 * the source. */
struct form {
	int gateway, type, tag, ifc;
};

/* By how many words there are behind the prefix. */
static const struct form add_forms[] = {
	[1] = { .gateway = 1 },
	[2] = { .gateway = 1, .ifc = 2 },
	[3] = { .gateway = 1 },
	[4] = { .gateway = 1, .ifc = 2 },
	[5] = { .gateway = 1, .tag = 2, .ifc = 3 },
	[6] = { .gateway = 1, .type = 2, .tag = 3, .ifc = 4 },
};

/* The same, but two words alone are a source. */
static const struct form del_forms[] = {
	[0] = { .gateway = 0 },
	[1] = { .gateway = 1 },
	[2] = { .gateway = 0 },
	[3] = { .gateway = 1 },
	[4] = { .gateway = 1, .ifc = 2 },
	[5] = { .gateway = 1, .tag = 2, .ifc = 3 },
	[6] = { .gateway = 1, .type = 2, .tag = 3, .ifc = 4 },
};

/* --- words ------------------------------------------------------------------------------- */

/* From anywhere is all that there is. */
static int take_source(struct command *c, int i)
{
	struct addr from;
	unsigned bits;
	int err = net_take_prefix(c, i, &from, &bits); /* how many words */

	if (err < 0)
		return err;
	if (i + err < c->argc)
		return command_expected(c, "nothing more", c->argv[i + err]);
	if (bits == 0 || (addr_is_v4(&from) && bits == V4_BITS))
		return 0;
	text_put(&c->why, "routes do not ask where from; leave the source out");
	return -EOPNOTSUPP;
}

/* `4`, `4i` and so on, as iproute prints it; an i says that there is no gateway. */
static int take_type(struct command *c, int i, struct route_words *out)
{
	const char *word = c->argv[i];

	if ((word[0] != '4' && word[0] != '6') || (word[1] != '\0' && strcmp(word + 1, "i") != 0))
		return command_expected(c, "4 or 4i", word);
	if (word[1] == 'i')
		out->gateway = addr_any;
	return 0;
}

static int take_tag(struct command *c, int i, char tag[NET_TAG_MAX + 1])
{
	size_t len = strlen(c->argv[i]);

	if (len > NET_TAG_MAX)
		return command_expected(c, "a tag of at most 4 characters", c->argv[i]);
	memcpy(tag, c->argv[i], len + 1);
	return 0;
}

/* What stands behind the prefix, N words from the I-th on. */
static int take_rest(
	struct command *c, int i, int n, const struct form *form, struct route_words *out)
{
	bool has_source = n > 2 || (n == 2 && form->gateway == 0);
	int err = has_source ? take_source(c, i + n - 2) : 0;

	if (err == 0 && form->gateway > 0) {
		err = net_take_addr(c, i + form->gateway - 1, &out->gateway);
		out->has_gateway = true;
	}
	if (err == 0 && form->type > 0)
		err = take_type(c, i + form->type - 1, out);
	if (err == 0 && form->tag > 0)
		err = take_tag(c, i + form->tag - 1, out->tag);
	if (err == 0 && form->ifc > 0)
		err = net_take_ifc(c, i + form->ifc - 1, &out->ifc);
	return err;
}

/* The whole line, N_FORMS of FORMS being known; 0 or -errno with why. */
static int take_route(
	struct command *c, const struct form *forms, int n_forms, struct route_words *out)
{
	int words, rest;

	*out = (struct route_words){ .tag = "none" };
	if (c->f->tag[0] != '\0')
		memcpy(out->tag, c->f->tag, NET_TAG_MAX);
	words = net_take_prefix(c, 1, &out->dst, &out->bits);
	if (words < 0)
		return words;
	rest = c->argc - 1 - words;
	if (rest >= n_forms)
		return command_expected(c, "nothing more", c->argv[words + n_forms]);
	if (rest == 0 && forms == add_forms)
		return command_expected(c, "ADDRESS /BITS GATEWAY", c->argv[c->argc - 1]);
	return take_rest(c, 1 + words, rest, &forms[rest], out);
}

/* --- verbs ------------------------------------------------------------------------------- */

static ssize_t route_add_line(struct command *c)
{
	struct route_words w;
	int err = take_route(c, add_forms, ARRAY_LEN(add_forms), &w);

	if (err < 0)
		return err;
	err = net_route_add_tagged(command_stack(c), &w.dst, w.bits, &w.gateway, w.ifc, w.tag);
	if (err == -EEXIST)
		text_put(&c->why, "there is such a route already");
	if (err == -ENETUNREACH)
		text_put(&c->why,
			"the gateway is on no link of ours; ipselftab lists our addresses");
	if (err == -EINVAL)
		text_put(&c->why,
			"a route goes by another host, or straight by a device that is named");
	return err;
}

static ssize_t route_del_line(struct command *c)
{
	struct route_words w;
	int err = take_route(c, del_forms, ARRAY_LEN(del_forms), &w);

	if (err < 0)
		return err;
	return net_route_del_by(
		command_stack(c), &w.dst, w.bits, w.has_gateway ? &w.gateway : NULL);
}

static ssize_t route_flush_line(struct command *c)
{
	char tag[NET_TAG_MAX + 1];
	int err;

	if (c->argc == 1) {
		net_route_flush(command_stack(c));
		return 0;
	}
	err = take_tag(c, 1, tag);
	return err < 0 ? err : net_route_flush_tagged(command_stack(c), tag);
}

/* Of the routes that this open file adds from now on. */
static ssize_t route_tag_line(struct command *c)
{
	char tag[NET_TAG_MAX + 1] = "";
	int err = take_tag(c, 1, tag);

	if (err < 0)
		return err;
	memcpy(c->f->tag, tag, NET_TAG_MAX);
	return 0;
}

/* --- the table --------------------------------------------------------------------------- */

/* clang-format off */
static const struct verb verbs[] = {
	{ "add",    2, 8, "ADDRESS /BITS GATEWAY",         route_add_line },
	{ "del",    1, 8, "ADDRESS /BITS",                 route_del_line },
	{ "flush",  0, 1, "a tag of at most 4 characters", route_flush_line },
	{ "remove", 1, 8, "ADDRESS /BITS",                 route_del_line },
	{ "tag",    1, 1, "a tag of at most 4 characters", route_tag_line },
};
/* clang-format on */

static ssize_t route_run(struct command *c)
{
	const struct verb *v = command_verb(c, verbs, ARRAY_LEN(verbs));

	return net_run(c, v, "add, del, flush, remove and tag");
}

static void route_failed(struct command *c, int err)
{
	net_fail(c, err, "iproute");
}

ssize_t iproute_write(struct fid *f, struct req *r)
{
	return commands_obey(f, r, route_run, route_failed);
}
