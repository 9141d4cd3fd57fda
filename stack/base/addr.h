/*
 * addr.h - addresses of both families in one form, ports, and how people write them.
 *
 * An address is 16 bytes; an IPv4 address is its IPv4-mapped IPv6 address (RFC 4291 2.5.5.2)
 * and prints as IPv4. All zero is "unset", "any", "*".
 */
#ifndef CATNET_ADDR_H
#define CATNET_ADDR_H

#include "base.h"

struct addr {
	uint8_t b[16];
};

struct endpoint {
	struct addr addr;
	uint16_t port; /* host order */
};

#define ADDR_TEXT_MAX     46 /* an IPv6 address with an embedded IPv4 one, and its NUL */
#define ENDPOINT_TEXT_MAX (ADDR_TEXT_MAX + 6)

extern const struct addr addr_any;

/* The mapped form of an IPv4 address in host order, and back (asserts addr_is_v4). */
struct addr addr_from_v4(uint32_t v4);
uint32_t addr_v4(const struct addr *a);

bool addr_is_v4(const struct addr *a);
bool addr_is_any(const struct addr *a); /* ::, 0.0.0.0 */
bool addr_is_multicast(const struct addr *a);
bool addr_is_loopback(const struct addr *a); /* 127/8, ::1 */
bool addr_is_limited_broadcast(const struct addr *a);
bool addr_equal(const struct addr *a, const struct addr *b);
int addr_compare(const struct addr *a, const struct addr *b);
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);

/* Do A and B agree in their first BITS bits? BITS counts in the 128-bit form; an IPv4 prefix
 * of n bits is 96 + n here. */
bool addr_in_prefix(const struct addr *a, const struct addr *b, unsigned bits);

/* A with all bits after the first BITS cleared. */
struct addr addr_masked(const struct addr *a, unsigned bits);

/* Text to address; IPv4 dotted decimal without leading zeros, IPv6 as RFC 4291 2.2 in any
 * form. 0, or -EINVAL. TEXT need not end in NUL. */
int addr_parse(struct addr *out, const char *text, size_t len);

/* RFC 5952, or dotted decimal for a mapped one. Writes at most ADDR_TEXT_MAX; returns its
 * length. */
size_t addr_format(const struct addr *a, char *to);

/*
 * "A!P", "A:P", "[A6]:P" or, with PORT_ALONE allowed, "P"; A may be "*". A port is a decimal
 * number of at most 65535. 0, -EINVAL, or -ENOENT when A looks like a name.
 */
int endpoint_parse(struct endpoint *out, const char *text, size_t len, bool port_alone);

/* "A!P", unset as "::!0". Writes at most ENDPOINT_TEXT_MAX; returns its length. */
size_t endpoint_format(const struct endpoint *e, char *to);

/* "A/BITS" or "A" (then all bits); BITS as the family counts them, returned in 128-bit form.
 * 0 or -EINVAL. */
int prefix_parse(struct addr *out, unsigned *bits, const char *text, size_t len);

#endif
