/*
 * configure.h - what the options want of the stack and the tree, done: addresses, gateways,
 * commands. At start, in a rehearsal, and when the file is read again.
 */
#ifndef CATNET_CONFIGURE_H
#define CATNET_CONFIGURE_H

#include "server.h"

/* Each: 0, or -errno with s->why, and s->status, saying where in the options it was asked for. */
int configure_addr(struct server *s, const struct options_addr *a);
int configure_gateway(struct server *s, const struct options_gateway *g);

/* All of them; with TO every refusal is told and the rest done, else the first one ends it. */
int configure_net(struct server *s, const struct teller *to);

/* The commands of O's file that are not obeyed yet, in order; TURN as in replay.h. When it gives
 * -EWOULDBLOCK one command is left alone; s->over ends them all, and is what is returned. */
int configure_commands(
	struct server *s, struct options *o, int (*turn)(void *arg), const struct teller *to);

#endif
