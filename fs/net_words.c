/* net_words.c - see net_words.h. */
#include "net_words.h"

#include <string.h>

#include "../stack/net.h"
#include "allow.h"
#include "tree.h"

#define MAC_DIGITS 12

/* Prefix lengths of IPv4 count from here in the 128-bit form. */
#define V4_BITS 96

struct stack *command_stack(const struct command *c)
{
	return c->f->fs->config.stack;
}

/* --- words ------------------------------------------------------------------------------- */

int net_take_addr(struct command *c, int i, struct addr *out)
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

int net_take_mac(struct command *c, int i, uint8_t mac[6])
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

/* Ones, then zeros: how many ones, or -EINVAL. */
static int bits_of_mask(const char *word)
{
	struct addr mask;
	uint32_t zeros;

	if (addr_parse(&mask, word, strlen(word)) < 0 || !addr_is_v4(&mask))
		return -EINVAL;
	zeros = ~addr_v4(&mask);
	if ((zeros & (zeros + 1)) != 0)
		return -EINVAL;
	return zeros == 0 ? 32 : __builtin_clz(zeros);
}

static int take_mask(struct command *c, int i, const struct addr *a, unsigned *bits)
{
	const char *word = c->argv[i];
	int ones = addr_is_v4(a) ? bits_of_mask(word) : -EINVAL;
	uint64_t n;

	if (ones >= 0) {
		*bits = V4_BITS + (unsigned)ones;
		return 0;
	}
	if (word[0] != '/' || number_parse(&n, word + 1, 128) < 0 ||
		(addr_is_v4(a) && n > 32 && n < V4_BITS))
		return command_expected(c, "a mask as /BITS", word);
	*bits = (unsigned)(addr_is_v4(a) && n <= 32 ? V4_BITS + n : n);
	return 0;
}

int net_take_prefix(struct command *c, int i, struct addr *a, unsigned *bits)
{
	const char *word = c->argv[i];
	int err;

	if (strchr(word, '/') != NULL) {
		if (prefix_parse(a, bits, word, strlen(word)) < 0)
			return command_expected(c, "ADDRESS/BITS", word);
		return 1;
	}
	if (c->argc < i + 2)
		return command_expected(c, "ADDRESS /BITS", word);
	err = net_take_addr(c, i, a);
	if (err == 0)
		err = take_mask(c, i + 1, a, bits);
	return err < 0 ? err : 2;
}

/* --- interfaces -------------------------------------------------------------------------- */

int net_ifc_of_addr(struct command *c, const struct addr *a, struct ifc **out)
{
	const struct stack *s = command_stack(c);
	struct net_addr own;

	for (struct ifc *ifc = net_ifc_from(s, 0); ifc != NULL;
		ifc = net_ifc_from(s, net_ifc_number(ifc) + 1)) {
		for (unsigned i = 0; net_addr_at(ifc, i, &own); i++) {
			if (!addr_equal(&own.addr, a))
				continue;
			*out = ifc;
			return 0;
		}
	}
	text_put(&c->why, failure_words(-EADDRNOTAVAIL));
	return -EADDRNOTAVAIL;
}

static bool is_called(const struct ifc *ifc, const char *word)
{
	uint64_t number;

	if (strcmp(net_ifc_name(ifc), word) == 0)
		return true;
	return number_parse(&number, word, UINT16_MAX) == 0 && number == net_ifc_number(ifc);
}

int net_take_ifc(struct command *c, int i, struct ifc **out)
{
	const struct stack *s = command_stack(c);
	struct addr a;

	for (struct ifc *ifc = net_ifc_from(s, 0); ifc != NULL;
		ifc = net_ifc_from(s, net_ifc_number(ifc) + 1)) {
		if (!is_called(ifc, c->argv[i]))
			continue;
		*out = ifc;
		return 0;
	}
	if (addr_parse(&a, c->argv[i], strlen(c->argv[i])) == 0)
		return net_ifc_of_addr(c, &a, out);
	return command_expected(c, "an interface: its number, or our address there", c->argv[i]);
}

/* --- the line ---------------------------------------------------------------------------- */

ssize_t net_run(struct command *c, const struct verb *v, const char *known)
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

void net_fail(struct command *c, int err, const char *file)
{
	char at[COMMAND_WORDS_MAX * 2];
	struct text words = text_over(at, sizeof(at));

	text_printf(&words, "%s: ", file);
	command_failure(c, err, &words);
	user_failed(c->f->fs, &c->r->caller, words.at);
}
