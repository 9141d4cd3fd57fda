/*
 * rehearse.h - --check: a start of which nothing outside of this process learns.
 *
 * A stack with a wire to nowhere is given the addresses and gateways, and a tree over it the
 * commands. What would wait there has been understood, and that is all that can be said of it.
 */
#ifndef CATNET_REHEARSE_H
#define CATNET_REHEARSE_H

#include "server.h"

/* S has options and nothing else. The exit status, after TO was told of every mistake. */
int rehearse(struct server *s, const struct teller *to);

#endif
