/*
 * spin.h - whether it pays to look again for a while before sleeping, learnt from what happened.
 *
 * To wake a sleeping CPU can take longer than the answer that is waited for, and then it pays to
 * keep looking. It does not where nothing comes soon, nor where whoever is to answer needs this
 * very CPU. Which it is can only be tried, so what a try in vain costs is made rare: each one
 * doubles the number of chances that are let pass before the next. Reads no clock.
 */
#ifndef CATNET_SPIN_H
#define CATNET_SPIN_H

#include "../stack/base/base.h"

#define SPIN_PASS_MAX 4096 /* chances let pass: 50 us in vain are then nothing among them */

struct spin {
	usec_t max_us;    /* how long at most; 0: never */
	bool is_on;       /* look again before the next sleep */
	uint32_t pass;    /* chances still to let pass before it is tried again */
	uint32_t penalty; /* how many it will be after the next try in vain */
};

void spin_init(struct spin *s, usec_t max_us);

/* Something came, but only after looking again. */
void spin_paid(struct spin *s);

/* Nothing came in all that time. */
void spin_failed(struct spin *s);

/* Something came after a sleep of ASLEEP_US. */
void spin_slept(struct spin *s, usec_t asleep_us);

#endif
