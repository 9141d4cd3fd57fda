/*
 * bindings.h - devices that are bound while the server runs, besides its own: the program's answer
 * to binder.h. They are let go of by unbind, and with the server.
 */
#ifndef CATNET_BINDINGS_H
#define CATNET_BINDINGS_H

#include "binder.h"

struct bindings;
struct log;
struct loop;
struct stack;

/* None yet; devices are served by LOOP. Without one they are made up, and carry nothing: for who
 * only tries what he would do. 0 or -ENOMEM. */
int bindings_new(struct bindings **out, struct stack *stack, struct loop *loop, struct log *log);

const struct binder *bindings_binder(const struct bindings *b);

/* Before the stack goes, and after the loop; NULL is allowed. */
void bindings_free(struct bindings *b);

#endif
