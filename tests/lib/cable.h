/*
 * cable.h - a tree over a stack that has a device, for tests of what concerns devices: its frames
 * are counted, and are gone.
 */
#ifndef CATNET_TEST_CABLE_H
#define CATNET_TEST_CABLE_H

#include "../../fs/binder.h"
#include "../../stack/link.h"
#include "../../stack/net.h"
#include "tree.h"

struct cable {
	struct world world;
	struct link link;
	struct ifc *ifc;
	unsigned sent;
};

extern struct cable cable;

/* Set-up and tear-down of a test, whose state is the world: with tap7, its MTU 1500, without an
 * address. */
int cable_setup(void **state);
int cable_teardown(void **state);

/* The device for a world that was made by hand. */
void cable_plug_in(void);

/* What binds further devices: cables of which nothing is heard, called as they are asked for.
 * "none" is not there. */
extern const struct binder cable_binder;

/* An address of the device's, to be used at once. */
void cable_give(uint32_t ip, unsigned bits);

#endif
