/*
 * lo.h - frames to our own addresses: they queue here and come in at the next stack_poll.
 *
 * Payload is shared with the sender's queue, never copied. Checksums that a device would have
 * filled in are vouched for, and what a device would have cut comes in uncut, as a device that
 * joins segments would give it: PKT_SEG_* and seg_len stay, and segs is set.
 */
#ifndef CATNET_LO_H
#define CATNET_LO_H

#include "../base/pkt.h"

struct ifc;
struct stack;

int lo_setup(struct stack *s);

/* Queue P, from its IP header on; takes P. 0, or -ENOBUFS when the queue is full. */
int lo_send(struct stack *s, struct pkt *p);

/* The oldest; NULL when there is none. */
struct pkt *lo_take(struct stack *s);
bool lo_is_empty(const struct stack *s);

void lo_check(const struct stack *s);

/* The interface such packets are said to come in by: no link, MTU 65,535, all offloads. */
struct ifc *lo_ifc(const struct stack *s);

#endif
