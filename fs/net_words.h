/*
 * net_words.h - what arp, iproute and the ctl of an interface have in common: words that name
 * addresses, masks and stations, who may change them, and where a failure is told.
 */
#ifndef CATNET_NET_WORDS_H
#define CATNET_NET_WORDS_H

#include "command.h"

struct ifc;
struct stack;

struct stack *command_stack(const struct command *c);

/* The I-th argument as an address, or as a station: twelve hexadecimal digits, as arp prints
 * them, with or without colons between. 0, or -EINVAL with why. */
int net_take_addr(struct command *c, int i, struct addr *out);
int net_take_mac(struct command *c, int i, uint8_t mac[6]);

/* From the I-th on ADDRESS /BITS, ADDRESS/BITS in one word, or ADDRESS MASK in dots; BITS as the
 * family counts them or, as iproute prints them, of 128. How many words that took, or -EINVAL with
 * why. */
int net_take_prefix(struct command *c, int i, struct addr *a, unsigned *bits);

/* An interface by an address of ours on it. 0, or -EADDRNOTAVAIL with why. */
int net_ifc_of_addr(struct command *c, const struct addr *a, struct ifc **out);

/* The I-th argument as an interface: its number, its name, or an address of ours. 0, or -errno with
 * why. */
int net_take_ifc(struct command *c, int i, struct ifc **out);

/* Run V if whoever asks may; NULL: there is no such verb, but those KNOWN. */
ssize_t net_run(struct command *c, const struct verb *v, const char *known);

/* The line failed with ERR. FILE has no err of its own: it is told in the caller's. */
void net_fail(struct command *c, int err, const char *file);

#endif
