/*
 * box_link.h - the box's device: packets to bytes and back, with the work that a device takes
 * over (checksums, cutting of long TCP packets) done here, by code of the judge's own.
 */
#ifndef TESTS_BOX_LINK_H
#define TESTS_BOX_LINK_H

#include "../../stack/base/pkt.h"
#include "../../stack/stack.h"

typedef void box_link_frame(void *arg, const uint8_t *bytes, size_t len);

/* Hand every wire frame that P stands for to FRAME; borrows P. NULL, or why the device must
 * refuse P: it OFFERS less, or the packet contradicts itself. */
const char *box_link_send(const struct pkt *p, unsigned offers, box_link_frame *frame, void *arg);

/* A packet for the stack with these bytes, as a driver receives it; NULL without memory. */
struct pkt *box_link_receive(struct stack *s, const uint8_t *bytes, size_t len);

#endif
