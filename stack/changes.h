/*
 * changes.h - what states conversations have gone through, for who wants to be told of each.
 *
 * A ring of the last ones, written only while somebody watches; he asks for them one by one.
 */
#ifndef CATNET_CHANGES_H
#define CATNET_CHANGES_H

#include "base/addr.h"

struct proto;
struct stack;

/* A conversation has gone from one state to another, and was this then. */
struct conv_change {
	usec_t at_us;
	uint64_t number;
	const struct proto *proto;
	const char *from; /* as conv_state_name names them */
	const char *to;
	uint32_t uid;        /* of its owner */
	struct endpoint end; /* the remote one; the local one while there is none */
};

/* Remember changes from now on, or no longer. */
void conv_watch_changes(struct stack *s, bool is_watched);

/* Take the oldest change; false when there is none. LOST is set to how many before it were
 * forgotten, because nobody asked in time. */
bool conv_next_change(struct stack *s, struct conv_change *out, uint64_t *lost);

#endif
