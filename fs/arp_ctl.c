/* arp_ctl.c - what the administrator writes to arp: add, del, flush. */
#include <string.h>

#include "../stack/net.h"
#include "files.h"
#include "net_words.h"
#include "tree.h"

/* There is no device but Ethernet, so that each has stations. */
static int device_of(struct command *c, const struct addr *a, struct ifc **out)
{
	*out = net_ifc_towards(command_stack(c), a);
	if (*out != NULL)
		return 0;
	text_put(&c->why, "there is no device");
	return -ENODEV;
}

/* What stands in front of an address, as arp prints it. How many words that took, or -EINVAL. */
static int take_medium(struct command *c, bool is_there)
{
	if (!is_there)
		return 0;
	return strcmp(c->argv[1], "ether") == 0 ? 1 : command_expected(c, "ether", c->argv[1]);
}

/* `add [ether] ADDRESS MAC`, or with the medium `add ether ADDRESS MAC OURS`. */
static ssize_t arp_add(struct command *c)
{
	int skip = take_medium(c, c->argc > 3);
	uint8_t mac[6] = { 0 };
	struct ifc *ifc;
	struct addr a;
	struct addr ours;
	int err = skip < 0 ? skip : net_take_addr(c, 1 + skip, &a);

	if (err == 0)
		err = net_take_mac(c, 2 + skip, mac);
	if (err == 0 && c->argc > 4)
		err = net_take_addr(c, 4, &ours);
	if (err < 0)
		return err;
	err = c->argc > 4 ? net_ifc_of_addr(c, &ours, &ifc) : device_of(c, &a, &ifc);
	if (err == 0)
		err = net_neigh_add(command_stack(c), ifc, &a, mac);
	if (err == -EINVAL)
		text_put(&c->why, "not one host's address, or not one station's");
	return err;
}

static ssize_t arp_del(struct command *c)
{
	int skip = take_medium(c, c->argc > 2);
	struct addr a;
	int err = skip < 0 ? skip : net_take_addr(c, 1 + skip, &a);

	return err < 0 ? err : net_neigh_del(command_stack(c), &a);
}

static ssize_t arp_flush(struct command *c)
{
	net_neigh_flush(command_stack(c));
	return 0;
}

/* clang-format off */
static const struct verb verbs[] = {
	{ "add",   2, 4, "ADDRESS MAC",  arp_add },
	{ "del",   1, 2, "ADDRESS",      arp_del },
	{ "flush", 0, 0, "nothing more", arp_flush },
};
/* clang-format on */

static ssize_t arp_run(struct command *c)
{
	return net_run(c, command_verb(c, verbs, ARRAY_LEN(verbs)), "add, del and flush");
}

static void arp_failed(struct command *c, int err)
{
	net_fail(c, err, "arp");
}

ssize_t arp_write(struct fid *f, struct req *r)
{
	return commands_obey(f, r, arp_run, arp_failed);
}
