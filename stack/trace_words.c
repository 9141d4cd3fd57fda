/*
 * trace_words.c - events of the trace ring put into words.
 */
#include "trace_words.h"

#include "tcp/states.h"

#define STATE_NAME(state, name, follow, truth) [TCP_##state] = name,
static const char *const state_names[TCP_STATES_N] = { TCP_STATES(STATE_NAME) };
#undef STATE_NAME

static const char *state_name(uint32_t state)
{
	return state < TCP_STATES_N ? state_names[state] : "?";
}

void trace_words(const struct trace_event *e, struct text *to)
{
	text_printf(to,
		"%llu.%06llu conversation %llu: ", (unsigned long long)(e->at_us / USEC_PER_SEC),
		(unsigned long long)(e->at_us % USEC_PER_SEC), (unsigned long long)e->conv);
	switch ((enum trace_kind)e->kind) {
	case TRACE_TCP_STATE:
		text_printf(to, "%s to %s", state_name(e->a), state_name(e->b));
		return;
	case TRACE_TCP_TIMEOUT:
		text_printf(to, "timeout after %u in a row, RTO %u ms", e->a, e->b);
		return;
	case TRACE_TCP_RECOVER:
		text_printf(to, "fast retransmit, %u bytes in flight, cwnd %u", e->a, e->b);
		return;
	}
	text_put(to, "?");
}
