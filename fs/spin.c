#include "spin.h"

void spin_init(struct spin *s, usec_t max_us)
{
	*s = (struct spin){ .max_us = max_us, .is_on = max_us > 0, .penalty = 1 };
}

void spin_paid(struct spin *s)
{
	s->penalty = s->penalty > 1 ? s->penalty / 2 : 1;
}

void spin_failed(struct spin *s)
{
	s->is_on = false;
	s->pass = s->penalty;
	s->penalty = min_u32(2 * s->penalty, SPIN_PASS_MAX);
}

void spin_slept(struct spin *s, usec_t asleep_us)
{
	/* Half of such a sleep may have been our own waking, which looking again would spare. */
	if (asleep_us >= 2 * s->max_us)
		return;
	if (s->pass > 0)
		s->pass--;
	else
		s->is_on = true;
}
