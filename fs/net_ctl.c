/* net_ctl.c - what the administrator writes to arp and iproute: add, del, flush. */
#include <string.h>

#include "../stack/net.h"
#include "allow.h"
#include "command.h"
#include "files.h"
#include "tree.h"

#define MAC_DIGITS 12

/* Prefix lengths of IPv4 count from here in the 128-bit form. */
#define V4_BITS 96

static struct stack *stack_of(const struct command *c)
{
	return c->f->fs->config.stack;
}

/* --- words ------------------------------------------------------------------------------- */

static int take_addr(struct command *c, int i, struct addr *out)
{
	if (addr_parse(out, c->argv[i], strlen(c->argv[i])) < 0)
		return command_expected(c, "an address", c->argv[i]);
	return 0;
}

static int hex_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return -1;
}

/* Twelve hexadecimal digits, as arp prints them, with or without colons between. */
static int take_mac(struct command *c, int i, uint8_t mac[6])
{
	unsigned digits = 0;

	for (const char *at = c->argv[i]; *at != '\0'; at++) {
		int digit = hex_digit(*at);

		if (*at == ':' && digits > 0 && digits % 2 == 0)
			continue;
		if (digit < 0 || digits == MAC_DIGITS)
			return command_expected(c, "a MAC address", c->argv[i]);
		mac[digits / 2] = (uint8_t)(digits % 2 ? mac[digits / 2] << 4 | digit : digit);
		digits++;
	}
	return digits == MAC_DIGITS ? 0 : command_expected(c, "a MAC address", c->argv[i]);
}

/* /BITS: as the family counts them, or in the 128-bit form that iproute prints. */
static int take_mask(struct command *c, int i, const struct addr *a, unsigned *bits)
{
	const char *word = c->argv[i];
	uint64_t n;

	if (word[0] != '/' || number_parse(&n, word + 1, 128) < 0 ||
		(addr_is_v4(a) && n > 32 && n < V4_BITS))
		return command_expected(c, "a mask as /BITS", word);
	*bits = (unsigned)(addr_is_v4(a) && n <= 32 ? V4_BITS + n : n);
	return 0;
}

/* ADDRESS /BITS, or ADDRESS/BITS in one word. How many words that took, or -EINVAL. */
static int take_prefix(struct command *c, struct addr *a, unsigned *bits)
{
	const char *word = c->argv[1];
	int err;

	if (strchr(word, '/') != NULL) {
		if (prefix_parse(a, bits, word, strlen(word)) < 0)
			return command_expected(c, "ADDRESS/BITS", word);
		return 1;
	}
	if (c->argc < 3)
		return command_expected(c, "ADDRESS /BITS", word);
	err = take_addr(c, 1, a);
	if (err == 0)
		err = take_mask(c, 2, a, bits);
	return err < 0 ? err : 2;
}

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
	struct ifc *ifc = first_device(stack_of(c));
	uint8_t mac[6] = { 0 };
	struct addr a;
	int err = take_addr(c, c->argc - 2, &a);

	if (err == 0)
		err = take_mac(c, c->argc - 1, mac);
	if (err < 0)
		return err;
	if (ifc == NULL) {
		text_put(&c->why, "there is no device");
		return -ENODEV;
	}
	return net_neigh_add(stack_of(c), ifc, &a, mac);
}

static ssize_t arp_del(struct command *c)
{
	struct addr a;
	int err = take_addr(c, c->argc - 1, &a);

	return err < 0 ? err : net_neigh_del(stack_of(c), &a);
}

static ssize_t arp_flush(struct command *c)
{
	net_neigh_flush(stack_of(c));
	return 0;
}

/* --- iproute ----------------------------------------------------------------------------- */

static ssize_t iproute_add(struct command *c)
{
	struct addr dst;
	struct addr gateway;
	unsigned bits;
	int words = take_prefix(c, &dst, &bits);
	int err;

	if (words < 0)
		return words;
	if (c->argc != 1 + words + 1)
		return command_expected(c, "ADDRESS /BITS GATEWAY", c->argv[1 + words]);
	err = take_addr(c, 1 + words, &gateway);
	if (err < 0)
		return err;
	err = net_route_add(stack_of(c), &dst, bits, &gateway, NULL);
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
	int words = take_prefix(c, &dst, &bits);

	return words < 0 ? words : net_route_del(stack_of(c), &dst, bits);
}

static ssize_t iproute_flush(struct command *c)
{
	net_route_flush(stack_of(c));
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

static ssize_t net_run(struct command *c, const struct verb *v, const char *known)
{
	int err = allow(c->f->fs, &c->f->opener, &c->r->caller, ACT_NET, NULL, NULL, NULL);

	if (err < 0) {
		text_put(&c->why, "only uid 0 may change it");
		return err;
	}
	if (v == NULL) {
		text_printf(&c->why, "no such verb; there are %s", known);
		return -EINVAL;
	}
	return command_run(c, v);
}

static ssize_t arp_run(struct command *c)
{
	return net_run(c, command_verb(c, arp_verbs, ARRAY_LEN(arp_verbs)), "add, del and flush");
}

static ssize_t iproute_run(struct command *c)
{
	return net_run(
		c, command_verb(c, iproute_verbs, ARRAY_LEN(iproute_verbs)), "add, del and flush");
}

/* These files have no err of their own: it is in the caller's. */
static void net_failed(struct command *c, int err)
{
	char at[COMMAND_WORDS_MAX * 2];
	struct text words = text_over(at, sizeof(at));

	text_printf(&words, "%s: ", c->f->row->name);
	command_failure(c, err, &words);
	user_failed(c->f->fs, &c->r->caller, words.at);
}

ssize_t arp_write(struct fid *f, struct req *r)
{
	return commands_obey(f, r, arp_run, net_failed);
}

ssize_t iproute_write(struct fid *f, struct req *r)
{
	return commands_obey(f, r, iproute_run, net_failed);
}
