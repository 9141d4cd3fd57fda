#include "transcript_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static bool seq_set(struct keys *k, char **a)
{
	return tr_number(k->t, a[0], &k->seq);
}

static bool seq_match(struct keys *k, char **a)
{
	return keys_match_range(k, "seq", a[0], (int32_t)(k->f->tcp.seq - k->flow->iss));
}

static bool ack_set(struct keys *k, char **a)
{
	long long value;

	if (!tr_number(k->t, a[0], &value))
		return false;
	k->f->tcp.ack = (uint32_t)(value + k->flow->iss);
	return true;
}

static bool ack_match(struct keys *k, char **a)
{
	return keys_match_range(k, "ack", a[0], (int32_t)(k->f->tcp.ack - k->flow->irs));
}

/* A number as it is on the wire: for resets, which belong to no conversation. */
static bool rawseq_match(struct keys *k, char **a)
{
	return keys_match_range(k, "rawseq", a[0], k->f->tcp.seq);
}

static bool rawack_match(struct keys *k, char **a)
{
	return keys_match_range(k, "rawack", a[0], k->f->tcp.ack);
}

static bool rawseq_set(struct keys *k, char **a)
{
	long long value;

	if (!tr_number(k->t, a[0], &value))
		return false;
	k->seq = value - k->flow->irs;
	return true;
}

static bool rawack_set(struct keys *k, char **a)
{
	long long value;

	if (!tr_number(k->t, a[0], &value))
		return false;
	k->f->tcp.ack = (uint32_t)value;
	return true;
}

static bool wnd_set(struct keys *k, char **a)
{
	long long value;

	if (!tr_number(k->t, a[0], &value))
		return false;
	k->f->tcp.window = (uint16_t)(value >> tr_scale_in(k->flow));
	return true;
}

static bool wnd_match(struct keys *k, char **a)
{
	return keys_match_range(
		k, "wnd", a[0], (long long)k->f->tcp.window << tr_scale_out(k->flow));
}

static bool opt_set(struct keys *k, char **a)
{
	size_t len;

	if (!keys_hex(k, a[0], k->f->tcp.raw, sizeof(k->f->tcp.raw), &len))
		return false;
	k->f->tcp.raw_len = (uint8_t)len;
	return true;
}

/* "VAL:ECR", VAL counted from the tester's base; ECR "last" or any value. */
static bool ts_set(struct keys *k, char **a)
{
	char *colon = strchr(a[0], ':');
	long long val, ecr = 0;
	bool is_good;

	k->has_ts = true;
	if (!colon) {
		k->why = "ts wants VAL:ECR";
		return false;
	}
	*colon = '\0';
	is_good = tr_number(k->t, a[0], &val);
	*colon = ':';
	if (strcmp(colon + 1, "last") == 0)
		ecr = k->flow->ts_last;
	else
		is_good = is_good && tr_number(k->t, colon + 1, &ecr);
	if (!is_good)
		return false;
	k->f->tcp.has_ts = true;
	k->f->tcp.ts_val = (uint32_t)(val + TR_TS_BASE);
	k->f->tcp.ts_ecr = (uint32_t)ecr;
	return true;
}

static bool ts_match(struct keys *k, char **a)
{
	char *colon = strchr(a[0], ':');
	bool fits;

	k->has_ts = true;
	if (!k->f->tcp.has_ts) {
		k->why = "no timestamps";
		return false;
	}
	if (!colon) {
		k->why = "ts wants VAL:ECR";
		return false;
	}
	*colon = '\0';
	fits = keys_match_range(k, "TSval", a[0], k->f->tcp.ts_val) &&
		keys_match_range(k, "TSecr", colon + 1,
			(int32_t)(k->f->tcp.ts_ecr - (k->f->tcp.ts_ecr ? TR_TS_BASE : 0)));
	*colon = ':';
	return fits;
}

static bool no_ts_set(struct keys *k, char **a)
{
	(void)a;
	k->has_ts = true;
	return true;
}

static bool no_ts_match(struct keys *k, char **a)
{
	(void)a;
	k->why = "timestamps";
	return !k->f->tcp.has_ts;
}

static bool no_ws_match(struct keys *k, char **a)
{
	(void)a;
	k->why = "a window scale";
	return !k->f->tcp.has_ws;
}

static bool no_mss_match(struct keys *k, char **a)
{
	(void)a;
	k->why = "an MSS";
	return !k->f->tcp.has_mss;
}

static bool nopsh_match(struct keys *k, char **a)
{
	(void)a;
	k->why = "PSH";
	return !(k->f->tcp.flags & FRAME_PSH);
}

static bool sackok_set(struct keys *k, char **a)
{
	(void)a;
	k->f->tcp.has_sack_ok = true;
	return true;
}

static bool urg_set(struct keys *k, char **a)
{
	long long value;

	if (!tr_number(k->t, a[0], &value))
		return false;
	k->f->tcp.urgent = (uint16_t)value;
	k->f->tcp.flags |= FRAME_URG;
	return true;
}

const struct keys_row keys_tcp_rows[] = {
	{ "seq", KEYS_TCP, 1, seq_set, seq_match },
	{ "ack", KEYS_TCP, 1, ack_set, ack_match },
	{ "rawseq", KEYS_TCP, 1, rawseq_set, rawseq_match },
	{ "rawack", KEYS_TCP, 1, rawack_set, rawack_match },
	{ "wnd", KEYS_TCP, 1, wnd_set, wnd_match },
	{ "opt", KEYS_TCP, 1, opt_set, NULL },
	{ "ts", KEYS_TCP, 1, ts_set, ts_match },
	{ "no-ts", KEYS_TCP, 0, no_ts_set, no_ts_match },
	{ "no-ws", KEYS_TCP, 0, NULL, no_ws_match },
	{ "no-mss", KEYS_TCP, 0, NULL, no_mss_match },
	{ "nopsh", KEYS_TCP, 0, NULL, nopsh_match },
	{ "sackok", KEYS_TCP, 0, sackok_set, NULL },
	{ "urg", KEYS_TCP, 1, urg_set, NULL },
	{ NULL, 0, 0, NULL, NULL },
};
