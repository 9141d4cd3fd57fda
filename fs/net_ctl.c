/* net_ctl.c - what the administrator writes to arp and iproute: add, del, flush. */
#include <string.h>

#include "../stack/net.h"
#include "files.h"
#include "net_words.h"
#include "tree.h"

/* --- arp --------------------------------------------------------------------------------- */

/* The device that has other stations on it. */
static struct ifc *first_device(const struct stack *s)
{
	struct ifc *ifc;

	for (unsigned i = 0; (ifc = net_ifc(s, i)) != NULL; i++) {
		if (strcmp(net_ifc_name(ifc), "lo") != 0)
			return ifc;
	}
	return NULL;
}

/* `add [ether] ADDRESS MAC`, the medium as arp prints it. */
static ssize_t arp_add(struct command *c)
{
	struct ifc *ifc = first_device(command_stack(c));
	uint8_t mac[6] = { 0 };
	struct addr a;
	int err = net_take_addr(c, c->argc - 2, &a);

	if (err == 0)
		err = net_take_mac(c, c->argc - 1, mac);
	if (err < 0)
		return err;
	if (ifc == NULL) {
		text_put(&c->why, "there is no device");
		return -ENODEV;
	}
	return net_neigh_add(command_stack(c), ifc, &a, mac);
}

static ssize_t arp_del(struct command *c)
{
	struct addr a;
	int err = net_take_addr(c, c->argc - 1, &a);

	return err < 0 ? err : net_neigh_del(command_stack(c), &a);
}

static ssize_t arp_flush(struct command *c)
{
	net_neigh_flush(command_stack(c));
	return 0;
}

/* --- iproute ----------------------------------------------------------------------------- */

static ssize_t iproute_add(struct command *c)
{
	struct addr dst;
	struct addr gateway;
	unsigned bits;
	int words = net_take_prefix(c, 1, &dst, &bits);
	int err;

	if (words < 0)
		return words;
	if (c->argc != 1 + words + 1)
		return command_expected(c, "ADDRESS /BITS GATEWAY", c->argv[1 + words]);
	err = net_take_addr(c, 1 + words, &gateway);
	if (err < 0)
		return err;
	err = net_route_add(command_stack(c), &dst, bits, &gateway, NULL);
	if (err == -EEXIST)
		text_put(&c->why, "there is such a route already");
	if (err == -ENETUNREACH)
		text_put(&c->why,
			"the gateway is on no link of ours; ipselftab lists our addresses");
	return err;
}

static ssize_t iproute_del(struct command *c)
{
	struct addr dst;
	unsigned bits;
	int words = net_take_prefix(c, 1, &dst, &bits);

	return words < 0 ? words : net_route_del(command_stack(c), &dst, bits);
}

static ssize_t iproute_flush(struct command *c)
{
	net_route_flush(command_stack(c));
	return 0;
}

/* --- the tables -------------------------------------------------------------------------- */

/* clang-format off */
static const struct verb arp_verbs[] = {
	{ "add",   2, 3, "ADDRESS MAC",  arp_add },
	{ "del",   1, 2, "ADDRESS",      arp_del },
	{ "flush", 0, 0, "nothing more", arp_flush },
};

static const struct verb iproute_verbs[] = {
	{ "add",   2, 3, "ADDRESS /BITS GATEWAY", iproute_add },
	{ "del",   1, 2, "ADDRESS /BITS",         iproute_del },
	{ "flush", 0, 0, "nothing more",          iproute_flush },
};
/* clang-format on */

static ssize_t arp_run(struct command *c)
{
	return net_run(c, command_verb(c, arp_verbs, ARRAY_LEN(arp_verbs)), "add, del and flush");
}

static ssize_t iproute_run(struct command *c)
{
	return net_run(
		c, command_verb(c, iproute_verbs, ARRAY_LEN(iproute_verbs)), "add, del and flush");
}

static void net_failed(struct command *c, int err)
{
	net_fail(c, err, c->f->row->name);
}

ssize_t arp_write(struct fid *f, struct req *r)
{
	return commands_obey(f, r, arp_run, net_failed);
}

ssize_t iproute_write(struct fid *f, struct req *r)
{
	return commands_obey(f, r, iproute_run, net_failed);
}
