#include "cc.h"

#include <string.h>

static const struct cc_ops *const algorithms[] = { &cc_newreno };

const struct cc_ops *cc_find(const char *name)
{
	for (unsigned i = 0; i < ARRAY_LEN(algorithms); i++)
		if (strcmp(algorithms[i]->name, name) == 0)
			return algorithms[i];
	return NULL;
}

const struct cc_ops *cc_at(unsigned i)
{
	return i < ARRAY_LEN(algorithms) ? algorithms[i] : NULL;
}

/* RFC 6928 2, equation (1). */
uint32_t cc_initial_window(uint32_t mss)
{
	return min_u32(10 * mss, max_u32(2 * mss, 14600));
}

/* RFC 5681 3.1: ssthresh begins arbitrarily high; a lost SYN leaves one segment. */
void cc_init(struct cc *cc, const struct cc_ops *ops, uint32_t mss, bool syn_was_lost)
{
	ASSERT(mss > 0);
	*cc = (struct cc){ .ops = ops, .mss = mss };
	cc->cwnd = syn_was_lost ? mss : cc_initial_window(mss);
	cc->ssthresh = CC_WINDOW_MAX;
	ops->init(cc);
}

/* The windows are bytes and stay what they are, but they hold a segment, and two. */
void cc_set_mss(struct cc *cc, uint32_t mss)
{
	ASSERT(mss > 0);
	cc->mss = mss;
	cc->cwnd = max_u32(cc->cwnd, mss);
	cc->ssthresh = max_u32(cc->ssthresh, 2 * mss);
}
