/*
 * appetite.h - how much to ask of a source in one turn.
 *
 * To ask until there is no more costs a call in vain, which tells when there is one request or
 * frame at a time, as in question and answer. So a source is asked for as much as it had lately,
 * and for more when it keeps having that.
 */
#ifndef CATNET_APPETITE_H
#define CATNET_APPETITE_H

struct appetite {
	int max;        /* 1 at first */
	int full_turns; /* in a row */
};

/* SERVED there were; never ask for more than MOST. */
void appetite_learn(struct appetite *a, int served, int most);

#endif
