#include "addr.h"

#include <string.h>

#define V4_PREFIX_LEN 12
#define GROUPS        8

const struct addr addr_any = { { 0 } };

static const uint8_t v4_prefix[V4_PREFIX_LEN] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
static const struct addr loopback_v6 = { { [15] = 1 } };

struct addr addr_from_v4(uint32_t v4)
{
	struct addr a;

	memcpy(a.b, v4_prefix, V4_PREFIX_LEN);
	for (unsigned i = 0; i < 4; i++)
		a.b[V4_PREFIX_LEN + i] = (uint8_t)(v4 >> (24 - 8 * i));
	return a;
}

uint32_t addr_v4(const struct addr *a)
{
	const uint8_t *b = a->b + V4_PREFIX_LEN;

	ASSERT(addr_is_v4(a));
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

bool addr_is_v4(const struct addr *a)
{
	return memcmp(a->b, v4_prefix, V4_PREFIX_LEN) == 0;
}

bool addr_is_any(const struct addr *a)
{
	return addr_equal(a, &addr_any) || (addr_is_v4(a) && addr_v4(a) == 0);
}

bool addr_is_multicast(const struct addr *a)
{
	return a->b[0] == 0xff || (addr_is_v4(a) && addr_v4(a) >> 28 == 0xe);
}

bool addr_is_loopback(const struct addr *a)
{
	return addr_equal(a, &loopback_v6) || (addr_is_v4(a) && addr_v4(a) >> 24 == 127);
}

bool addr_is_limited_broadcast(const struct addr *a)
{
	return addr_is_v4(a) && addr_v4(a) == UINT32_MAX;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

int addr_compare(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && addr_equal(&a->addr, &b->addr);
}

/* A byte with its first BITS bits set. */
static uint8_t mask(unsigned bits)
{
	return (uint8_t)(0xff00 >> bits);
}

bool addr_in_prefix(const struct addr *a, const struct addr *b, unsigned bits)
{
	unsigned whole = bits / 8;

	ASSERT(bits <= 128);
	if (memcmp(a->b, b->b, whole) != 0)
		return false;
	return bits % 8 == 0 || ((a->b[whole] ^ b->b[whole]) & mask(bits % 8)) == 0;
}

struct addr addr_masked(const struct addr *a, unsigned bits)
{
	struct addr masked = addr_any;
	unsigned whole = bits / 8;

	ASSERT(bits <= 128);
	memcpy(masked.b, a->b, whole);
	if (bits % 8 != 0)
		masked.b[whole] = a->b[whole] & mask(bits % 8);
	return masked;
}

/* --- text to address --- */

struct reader {
	const char *at;
	const char *end;
};

static bool reader_done(const struct reader *r)
{
	return r->at == r->end;
}

/* Go past this character, if it comes next. */
static bool accept(struct reader *r, char c)
{
	if (reader_done(r) || *r->at != c)
		return false;
	r->at++;
	return true;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* A number in BASE of at most DIGITS digits and at most MAX; -EINVAL. */
static int read_number(struct reader *r, int base, int digits, int max)
{
	int value = 0;
	int n = 0;

	while (!reader_done(r) && digit_value(*r->at) < base && n < digits) {
		value = value * base + digit_value(*r->at++);
		n++;
	}
	return n == 0 || value > max ? -EINVAL : value;
}

/* Leading zeroes are refused: half of the world reads them as octal. */
static int read_decimal(struct reader *r, int digits, int max)
{
	const char *from = r->at;
	int value = read_number(r, 10, digits, max);

	return value >= 0 && *from == '0' && r->at - from > 1 ? -EINVAL : value;
}

static bool read_v4(struct reader *r, uint8_t *out)
{
	for (int i = 0; i < 4; i++) {
		int part;

		if (i > 0 && !accept(r, '.'))
			return false;
		part = read_decimal(r, 3, 255);
		if (part < 0)
			return false;
		out[i] = (uint8_t)part;
	}
	return reader_done(r);
}

/* Does dotted decimal come next: digits and a dot? */
static bool v4_follows(struct reader r)
{
	while (!reader_done(&r) && *r.at >= '0' && *r.at <= '9')
		r.at++;
	return accept(&r, '.');
}

struct groups {
	uint8_t b[16];
	int n;   /* bytes read */
	int gap; /* where "::" stood, in bytes; -1 for nowhere */
};

/* One group, or the IPv4 address that may stand for the last two. */
static bool read_group(struct reader *r, struct groups *g)
{
	int value;

	if (g->n <= 12 && v4_follows(*r)) {
		g->n += 4;
		return read_v4(r, g->b + g->n - 4);
	}
	value = g->n <= 14 ? read_number(r, 16, 4, 0xffff) : -EINVAL;
	if (value < 0)
		return false;
	g->b[g->n++] = (uint8_t)(value >> 8);
	g->b[g->n++] = (uint8_t)value;
	return true;
}

/* What stands between two groups; a second "::" is refused. */
static bool read_colons(struct reader *r, struct groups *g)
{
	if (!accept(r, ':'))
		return false;
	if (accept(r, ':')) {
		if (g->gap >= 0)
			return false;
		g->gap = g->n;
		return true;
	}
	return !reader_done(r);
}

static bool read_v6(struct reader *r, struct groups *g)
{
	if (accept(r, ':')) {
		if (!accept(r, ':'))
			return false;
		g->gap = 0;
	} else if (!read_group(r, g)) {
		return false;
	}
	if (g->gap == 0 && !reader_done(r) && !read_group(r, g))
		return false;
	while (!reader_done(r)) {
		if (!read_colons(r, g))
			return false;
		if (!reader_done(r) && !read_group(r, g))
			return false;
	}
	return g->gap < 0 ? g->n == 16 : g->n <= 14;
}

int addr_parse(struct addr *out, const char *text, size_t len)
{
	struct reader r = { text, text + len };
	struct groups g = { .gap = -1 };
	uint8_t v4[4];

	if (v4_follows(r)) {
		if (!read_v4(&r, v4))
			return -EINVAL;
		memcpy(out->b, v4_prefix, V4_PREFIX_LEN);
		memcpy(out->b + V4_PREFIX_LEN, v4, sizeof(v4));
		return 0;
	}
	if (!read_v6(&r, &g))
		return -EINVAL;
	*out = addr_any;
	if (g.gap < 0)
		g.gap = g.n;
	memcpy(out->b, g.b, (size_t)g.gap);
	memcpy(out->b + 16 - (g.n - g.gap), g.b + g.gap, (size_t)(g.n - g.gap));
	return 0;
}

/* --- address to text --- */

static char *put_decimal(char *to, unsigned value)
{
	char digits[10];
	int n = 0;

	do
		digits[n++] = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	while (n > 0)
		*to++ = digits[--n];
	return to;
}

static char *put_group(char *to, unsigned value)
{
	unsigned shift = 12;

	while (shift > 0 && value >> shift == 0)
		shift -= 4;
	for (;; shift -= 4) {
		*to++ = "0123456789abcdef"[value >> shift & 0xf];
		if (shift == 0)
			return to;
	}
}

/* RFC 5952 4.2: the longest run of two zero groups or more, the first of equals. */
static int longest_zeroes(const uint16_t *group, int *len)
{
	int best = 0;

	*len = 1;
	for (int i = 0; i < GROUPS; i++) {
		int n = 0;

		while (i + n < GROUPS && group[i + n] == 0)
			n++;
		if (n > *len) {
			best = i;
			*len = n;
		}
		i += n;
	}
	if (*len == 1)
		*len = 0;
	return best;
}

static char *put_v6(char *to, const struct addr *a)
{
	uint16_t group[GROUPS];
	int zeroes_len;
	int zeroes;

	for (int i = 0; i < GROUPS; i++)
		group[i] = (uint16_t)(a->b[2 * i] << 8 | a->b[2 * i + 1]);
	zeroes = longest_zeroes(group, &zeroes_len);
	for (int i = 0; i < GROUPS; i++) {
		if (zeroes_len > 0 && i == zeroes) {
			*to++ = ':';
			*to++ = ':';
			i += zeroes_len - 1;
			continue;
		}
		if (i > 0 && to[-1] != ':')
			*to++ = ':';
		to = put_group(to, group[i]);
	}
	return to;
}

static char *put_v4(char *to, const struct addr *a)
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*to++ = '.';
		to = put_decimal(to, a->b[V4_PREFIX_LEN + i]);
	}
	return to;
}

size_t addr_format(const struct addr *a, char *to)
{
	char *end = addr_is_v4(a) ? put_v4(to, a) : put_v6(to, a);

	*end = '\0';
	return (size_t)(end - to);
}

/* --- endpoints and prefixes --- */

static int port_parse(uint16_t *out, const char *text, size_t len)
{
	struct reader r = { text, text + len };
	int value = read_decimal(&r, 5, UINT16_MAX);

	if (value < 0 || !reader_done(&r))
		return -EINVAL;
	*out = (uint16_t)value;
	return 0;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '-' || c == '.' || c == '_';
}

/* A host name has a character that no address in dotted decimal has. */
static bool looks_like_name(const char *text, size_t len)
{
	bool has_letter = false;

	for (size_t i = 0; i < len; i++) {
		if (!is_name_char(text[i]))
			return false;
		has_letter |= text[i] != '.' && (text[i] < '0' || text[i] > '9');
	}
	return has_letter;
}

static int host_parse(struct addr *out, const char *text, size_t len)
{
	if (len == 1 && *text == '*') {
		*out = addr_any;
		return 0;
	}
	if (addr_parse(out, text, len) == 0)
		return 0;
	return looks_like_name(text, len) ? -ENOENT : -EINVAL;
}

/* How often C stands in TEXT; AT is the last such place. */
static size_t count_char(const char *text, size_t len, char c, size_t *at)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == c) {
			*at = i;
			n++;
		}
	}
	return n;
}

/* "[A6]:P": the brackets are there because A6 itself has colons. */
static int bracketed_parse(struct endpoint *out, const char *text, size_t len)
{
	size_t close = 0;

	if (count_char(text, len, ']', &close) != 1 || close + 1 >= len || text[close + 1] != ':')
		return -EINVAL;
	if (port_parse(&out->port, text + close + 2, len - close - 2) < 0)
		return -EINVAL;
	if (addr_parse(&out->addr, text + 1, close - 1) < 0)
		return -EINVAL;
	return 0;
}

int endpoint_parse(struct endpoint *out, const char *text, size_t len, bool port_alone)
{
	struct endpoint e = { .port = 0 };
	size_t mark = 0;
	int err;

	if (len > 0 && text[0] == '[') {
		err = bracketed_parse(&e, text, len);
	} else if (count_char(text, len, '!', &mark) == 1 ||
		count_char(text, len, ':', &mark) == 1) {
		err = port_parse(&e.port, text + mark + 1, len - mark - 1);
		if (err == 0)
			err = host_parse(&e.addr, text, mark);
	} else {
		err = port_alone ? port_parse(&e.port, text, len) : -EINVAL;
	}
	if (err == 0)
		*out = e;
	return err;
}

size_t endpoint_format(const struct endpoint *e, char *to)
{
	char *end = to + addr_format(&e->addr, to);

	*end++ = '!';
	end = put_decimal(end, e->port);
	*end = '\0';
	return (size_t)(end - to);
}

int prefix_parse(struct addr *out, unsigned *bits, const char *text, size_t len)
{
	struct reader r = { text, text + len };
	size_t slash = len;
	struct addr a;
	int max;
	int n;

	if (count_char(text, len, '/', &slash) > 1 || addr_parse(&a, text, slash) < 0)
		return -EINVAL;
	max = addr_is_v4(&a) ? 32 : 128;
	n = max;
	if (slash < len) {
		r.at += slash + 1;
		n = read_decimal(&r, 3, max);
		if (n < 0 || !reader_done(&r))
			return -EINVAL;
	}
	*out = a;
	*bits = (unsigned)(n + 128 - max);
	return 0;
}
