/* ifc_ctl.c - the verbs of an interface's ctl: its addresses and its MTU, as ip(3) has them. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "../stack/net.h"
#include "binder.h"
#include "files.h"
#include "ifc_walk.h"
#include "net_words.h"
#include "tree.h"

#define V4_BITS 96

#define FILE_NAME_MAX 32

/* Whose ctl F is, be it by clone. */
static uint64_t id_of(const struct fid *f)
{
	return f->row->dir == DIR_IFCS ? f->ifc : node_unpack(f->node).number;
}

static unsigned number_of(const struct fid *f)
{
	return IFC_NUMBER(id_of(f));
}

/* NULL: nothing is bound to it, or it is gone. */
static struct ifc *ifc_of(const struct command *c)
{
	return ifc_of_id(c->f->fs, id_of(c->f));
}

/* --- addresses --------------------------------------------------------------------------- */

/* RFC 791 3.2: what a network's first bits say of its size, where nobody says more, as ip(3). */
static unsigned class_bits(const struct addr *a)
{
	uint32_t ip = addr_is_v4(a) ? addr_v4(a) : 0;

	if (!addr_is_v4(a))
		return 64;
	if (!(ip & 0x80000000u))
		return V4_BITS + 8;
	return ip & 0x40000000u ? V4_BITS + 24 : V4_BITS + 16;
}

/* LOCAL with its mask, or alone and with that of its class. How many words, or -EINVAL. */
static int take_own(struct command *c, struct addr *a, unsigned *bits)
{
	int err = c->argc == 2 ? addr_parse(a, c->argv[1], strlen(c->argv[1])) : -EINVAL;

	if (err < 0)
		return net_take_prefix(c, 1, a, bits);
	*bits = class_bits(a);
	return 1;
}

/* Has the interface A already? Then in OUT, what it knows of it. */
static bool has_addr(const struct ifc *ifc, const struct addr *a, struct net_addr *out)
{
	for (unsigned i = 0; net_addr_at(ifc, i, out); i++) {
		if (addr_equal(&out->addr, a))
			return true;
	}
	return false;
}

static ssize_t explain_add(struct command *c, int err)
{
	switch (err) {
	case -EINVAL:
		text_put(&c->why, "not an address that a host can have on a link");
		break;
	case -EADDRINUSE:
		text_put(&c->why, "everybody's address, in its network or in another of ours");
		break;
	case -EAFNOSUPPORT:
		text_put(&c->why, "IPv6 is not spoken yet, give an IPv4 address");
		break;
	case -EEXIST:
		text_put(&c->why, "another interface has it");
		break;
	case -ENOSPC:
		text_put(&c->why, "there are as many addresses as there can be, remove one");
		break;
	default:
		break;
	}
	return err;
}

static ssize_t add_own(struct command *c, struct ifc *ifc, const struct addr *a, unsigned bits)
{
	unsigned flags = c->f->fs->config.addr_unprobed ? NET_ADDR_UNPROBED : 0;
	struct net_addr there;

	if (!has_addr(ifc, a, &there))
		return explain_add(c, net_addr_add(command_stack(c), ifc, a, bits, flags));
	if (there.bits == bits)
		return 0; /* as ip(3) has it: it need not be done twice */
	text_printf(
		&c->why, "it is there already, with a mask of /%u: remove it first", there.bits);
	return -EEXIST;
}

/* One that IFC can have. */
static int take_mtu(struct command *c, int i, const struct ifc *ifc, unsigned *out)
{
	char range[64];
	struct text expected = text_over(range, sizeof(range));
	uint64_t n;

	if (number_parse(&n, c->argv[i], net_ifc_mtu_max(ifc)) == 0 && n >= net_ifc_mtu_min()) {
		*out = (unsigned)n;
		return 0;
	}
	text_printf(&expected, "a number from %u to the device's %u", net_ifc_mtu_min(),
		net_ifc_mtu_max(ifc));
	return command_expected(c, range, c->argv[i]);
}

/* What stands behind the prefix: REMOTE, which on Ethernet is the network, and an MTU. */
static int take_rest(struct command *c, int i, const struct ifc *ifc, const struct addr *a,
	unsigned bits, unsigned *mtu)
{
	struct addr remote;
	struct addr network = addr_masked(a, bits);
	int err;

	if (i >= c->argc)
		return 0;
	err = net_take_addr(c, i, &remote);
	if (err < 0)
		return err;
	remote = addr_masked(&remote, bits);
	if (!addr_equal(&remote, &network)) {
		text_put(&c->why,
			"a remote outside of the network; there are no point-to-point links");
		return -EINVAL;
	}
	if (i + 1 >= c->argc)
		return 0;
	if (i + 2 < c->argc)
		return command_expected(c, "nothing more", c->argv[i + 2]);
	return take_mtu(c, i + 1, ifc, mtu);
}

static ssize_t ifc_add(struct command *c)
{
	struct ifc *ifc = ifc_of(c);
	struct addr a;
	unsigned bits;
	unsigned mtu = 0;
	int words = take_own(c, &a, &bits);
	ssize_t err;

	if (words < 0)
		return words;
	err = take_rest(c, 1 + words, ifc, &a, bits, &mtu);
	if (err == 0)
		err = add_own(c, ifc, &a, bits);
	/* Last, for a line that is refused changes nothing. */
	if (err == 0 && mtu > 0)
		err = net_ifc_set_mtu(command_stack(c), ifc, mtu);
	return err;
}

static ssize_t ifc_remove(struct command *c)
{
	struct ifc *ifc = ifc_of(c);
	struct net_addr there;
	struct addr a;
	unsigned bits;
	/* An address alone is that address, whatever its mask. */
	bool has_mask = c->argc > 2 || strchr(c->argv[1], '/') != NULL;
	int words = take_own(c, &a, &bits);

	if (words < 0)
		return words;
	if (1 + words < c->argc)
		return command_expected(c, "nothing more", c->argv[1 + words]);
	if (!has_addr(ifc, &a, &there)) {
		text_put(&c->why, "no address of this interface; status lists them");
		return -EADDRNOTAVAIL;
	}
	if (has_mask && there.bits != bits) {
		text_printf(&c->why, "its mask is /%u", there.bits);
		return -EADDRNOTAVAIL;
	}
	return net_addr_del(command_stack(c), ifc, &a);
}

static ssize_t ifc_mtu(struct command *c)
{
	struct ifc *ifc = ifc_of(c);
	unsigned mtu;
	int err = take_mtu(c, 1, ifc, &mtu);

	return err < 0 ? err : net_ifc_set_mtu(command_stack(c), ifc, mtu);
}

/* --- groups ------------------------------------------------------------------------------ */

static ssize_t ifc_addmulti(struct command *c)
{
	struct addr group;
	int err = net_take_addr(c, 1, &group);

	if (err < 0)
		return err;
	err = net_group_add(command_stack(c), ifc_of(c), &group);
	if (err == -EINVAL)
		return command_expected(c, "a group, 224.0.0.0 to 239.255.255.255", c->argv[1]);
	if (err == -ENOBUFS)
		text_put(&c->why, "there are as many groups as there can be");
	return err;
}

static ssize_t ifc_remmulti(struct command *c)
{
	struct addr group;
	int err = net_take_addr(c, 1, &group);

	if (err < 0)
		return err;
	err = net_group_del(command_stack(c), ifc_of(c), &group);
	if (err < 0)
		text_put(&c->why, "it was not added here");
	return err;
}

/* --- devices ----------------------------------------------------------------------------- */

/* The device NAME, from now on and until unbind, whoever closes this file. */
static ssize_t ifc_bind(struct command *c)
{
	struct fs *fs = c->f->fs;
	const struct binder *b = fs->config.binder;
	unsigned number = number_of(c->f);
	char why[COMMAND_WORDS_MAX] = "";
	int err;

	if (strcmp(c->argv[1], "ether") != 0)
		return command_expected(c, "ether", c->argv[1]);
	if (!c->f->is_reserving) {
		text_put(&c->why, "it has a device; another is bound through clone");
		return -EBUSY;
	}
	err = b->bind(b->arg, number, c->argv[2], why, sizeof(why));
	if (err < 0) {
		text_put(&c->why, why);
		return err;
	}
	c->f->is_reserving = false;
	c->f->ifc = ifc_id(net_ifc_from(fs->config.stack, number));
	fs->ifcs_reserved &= ~BIT(number);
	fs->has_no_device = false;
	return 0;
}

static ssize_t ifc_unbind(struct command *c)
{
	const struct binder *b = c->f->fs->config.binder;
	int err = b == NULL ? -EBUSY : b->unbind(b->arg, number_of(c->f));

	if (err == -EBUSY)
		text_put(&c->why, "it is the server's own device, and goes with the server");
	return err;
}

/* --- the table --------------------------------------------------------------------------- */

/* clang-format off */
static const struct verb verbs[] = {
	{ "add",      1, 4, "ADDRESS [MASK [REMOTE [MTU]]]", ifc_add },
	{ "addmulti", 1, 1, "a group's address",             ifc_addmulti },
	{ "bind",     2, 2, "ether and the name of a TAP",   ifc_bind },
	{ "del",      1, 2, "ADDRESS [MASK]",                ifc_remove },
	{ "mtu",      1, 1, "a number of bytes",             ifc_mtu },
	{ "remmulti", 1, 1, "a group's address",             ifc_remmulti },
	{ "remove",   1, 2, "ADDRESS [MASK]",                ifc_remove },
	{ "try",      1, 4, "ADDRESS [MASK [REMOTE [MTU]]]", ifc_add },
	{ "unbind",   0, 0, "nothing more",                  ifc_unbind },
};
/* clang-format on */

static ssize_t ifc_run(struct command *c)
{
	const struct verb *v = command_verb(c, verbs, ARRAY_LEN(verbs));
	const struct ifc *ifc = ifc_of(c);

	if (ifc == NULL && !c->f->is_reserving) {
		text_put(&c->why, "the device is gone");
		return -EIO;
	}
	if (ifc == NULL && v != NULL && v->run != ifc_bind) {
		text_put(&c->why, "it has no device yet: bind ether NAME");
		return -ENODEV;
	}
	if (v != NULL && ifc != NULL && net_ifc_is_lo(ifc)) {
		text_put(&c->why, "lo is as it is: 127.0.0.0/8, for what stays inside");
		return -EOPNOTSUPP;
	}
	return net_run(c, v, "add, addmulti, bind, del, mtu, remmulti, remove, try and unbind");
}

static void ifc_failed(struct command *c, int err)
{
	char file[FILE_NAME_MAX];

	snprintf(file, sizeof(file), "ipifc/%u", number_of(c->f));
	net_fail(c, err, file);
}

/* --- the files --------------------------------------------------------------------------- */

/* A number for a further interface, this file's until it is closed or a device is bound to it. */
ssize_t ifc_clone_open(struct fid *f, struct req *r)
{
	struct fs *fs = f->fs;
	int number = fs->config.binder == NULL
		? -EOPNOTSUPP
		: net_ifc_free_number(fs->config.stack, fs->ifcs_reserved);

	if (number == -ENOSPC) {
		user_failed(fs, &r->caller,
			"ipifc/clone: there are as many interfaces as there "
			"can be");
		return -EMFILE;
	}
	if (number < 0)
		return number;
	f->ifc = (uint32_t)number;
	f->is_reserving = true;
	fs->ifcs_reserved |= BIT(f->ifc);
	return 0;
}

ssize_t ifc_ctl_write(struct fid *f, struct req *r)
{
	f->cursor = 0; /* a write rewinds what there is to read */
	return commands_obey(f, r, ifc_run, ifc_failed);
}

/* Its number, which is all that it has to say, into the scratch. */
static size_t text_len(const struct fid *f)
{
	struct fs *fs = f->fs;

	return (size_t)snprintf(fs->scratch, sizeof(fs->scratch), "%u\n", number_of(f));
}

ssize_t ifc_ctl_read(struct fid *f, struct req *r)
{
	size_t len = text_len(f);

	return read_once(f, r, f->fs->scratch, len);
}

unsigned ifc_ctl_poll(struct fid *f)
{
	unsigned events = POLLOUT | POLLWRNORM;

	return f->cursor < text_len(f) ? events | POLLIN | POLLRDNORM : events;
}
