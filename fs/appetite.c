/* appetite.c - see appetite.h. */
#include "appetite.h"

#define TURNS  4
#define GROWTH 4

void appetite_learn(struct appetite *a, int served, int most)
{
	if (served < a->max) {
		a->max = served > 1 ? served : 1;
		a->full_turns = 0;
	} else if (++a->full_turns >= TURNS) {
		a->max = a->max * GROWTH < most ? a->max * GROWTH : most;
		a->full_turns = 0;
	}
}
