#include "transcript_private.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int number;
} errnos[] = {
	{ "EAGAIN", EAGAIN },
	{ "EPIPE", EPIPE },
	{ "ECONNRESET", ECONNRESET },
	{ "ECONNREFUSED", ECONNREFUSED },
	{ "ECONNABORTED", ECONNABORTED },
	{ "ETIMEDOUT", ETIMEDOUT },
	{ "EHOSTUNREACH", EHOSTUNREACH },
	{ "ENETUNREACH", ENETUNREACH },
	{ "EADDRINUSE", EADDRINUSE },
	{ "EADDRNOTAVAIL", EADDRNOTAVAIL },
	{ "EISCONN", EISCONN },
	{ "EALREADY", EALREADY },
	{ "ENOTCONN", ENOTCONN },
	{ "EINVAL", EINVAL },
	{ "EACCES", EACCES },
	{ "EMSGSIZE", EMSGSIZE },
	{ "ENOBUFS", ENOBUFS },
	{ "EOPNOTSUPP", EOPNOTSUPP },
	{ "EEXIST", EEXIST },
	{ "EPROTO", EPROTO },
	{ "ENOPROTOOPT", ENOPROTOOPT },
	{ "EHOSTDOWN", EHOSTDOWN },
	{ "none", 0 },
};

int tr_errno(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(errnos); i++)
		if (strcmp(errnos[i].name, word) == 0)
			return errnos[i].number;
	return -1;
}

const char *tr_errno_name(int number, char *to, size_t cap)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(errnos); i++)
		if (errnos[i].number == number)
			return errnos[i].name;
	(void)snprintf(to, cap, "%d", number);
	return to;
}

/* A field of a saved frame, TCP numbers as the transcript counts them. */
static bool field_of(const struct saved *s, const char *field, long long *out)
{
	const struct frame *f = &s->frame;
	const struct flow *flow = s->flow;

	if (strcmp(field, "seq") == 0)
		*out = flow ? (int32_t)(f->tcp.seq - flow->iss) : (int64_t)f->tcp.seq;
	else if (strcmp(field, "ack") == 0)
		*out = flow ? (int32_t)(f->tcp.ack - flow->irs) : (int64_t)f->tcp.ack;
	else if (strcmp(field, "win") == 0)
		*out = f->tcp.window;
	else if (strcmp(field, "wnd") == 0)
		*out = (long long)f->tcp.window << (flow ? tr_scale_out(flow) : 0);
	else if (strcmp(field, "tsval") == 0)
		*out = f->tcp.ts_val;
	else if (strcmp(field, "tsecr") == 0)
		*out = f->tcp.ts_ecr;
	else if (strcmp(field, "len") == 0)
		*out = (long long)f->data_len;
	else if (strcmp(field, "id") == 0)
		*out = f->ip.id;
	else if (strcmp(field, "isn") == 0)
		*out = f->tcp.seq;
	else if (strcmp(field, "port") == 0)
		*out = f->tcp.src_port;
	else if (strcmp(field, "ms") == 0)
		*out = (long long)(s->at_us / 1000);
	else
		return false;
	return true;
}

/* "edge": the right edge of our window; "nxt": what the tester sends next; "S.field". */
static bool symbol(struct tr *t, const char *name, long long *out)
{
	const char *dot = strchr(name, '.');
	struct flow *flow = t->flow;
	uint32_t edge;

	if (strcmp(name, "edge") == 0) {
		if (!oracle_edge(box_oracle(tr_box(t)), &flow->tuple, &edge))
			return tr_fail(t, "no window has been offered yet");
		*out = (int32_t)(edge - flow->irs);
		return true;
	}
	if (strcmp(name, "nxt") == 0) {
		*out = flow->in_nxt;
		return true;
	}
	if (dot) {
		char head[TR_NAME_MAX];
		struct saved *s;

		(void)snprintf(head, sizeof(head), "%.*s", (int)(dot - name), name);
		s = tr_saved(t, head);
		if (s && field_of(s, dot + 1, out))
			return true;
	}
	return tr_fail(t, "no value is called %s", name);
}

static bool term(struct tr *t, const char *word, size_t len, long long *out)
{
	char copy[64], *end;

	if (len == 0 || len >= sizeof(copy))
		return tr_fail(t, "a number was expected: %s", word);
	(void)snprintf(copy, sizeof(copy), "%.*s", (int)len, word);
	*out = strtoll(copy, &end, 0);
	if (*end == '\0')
		return true;
	return symbol(t, copy, out);
}

bool tr_number(struct tr *t, const char *word, long long *out)
{
	size_t len = strcspn(word + 1, "+-") + 1;
	long long value, other;

	if (!*word)
		return tr_fail(t, "a number was expected");
	if (!term(t, word, len, &value))
		return false;
	while (word[len]) {
		char sign = word[len];
		size_t more = strcspn(word + len + 1, "+-");

		if (!term(t, word + len + 1, more, &other))
			return false;
		value += sign == '+' ? other : -other;
		len += 1 + more;
	}
	*out = value;
	return true;
}

bool tr_range(struct tr *t, const char *word, struct range *out)
{
	const char *dots = strstr(word, "..");
	char low[64];

	if (!dots) {
		if (!tr_number(t, word, &out->lo))
			return false;
		out->hi = out->lo;
		return true;
	}
	(void)snprintf(low, sizeof(low), "%.*s", (int)(dots - word), word);
	return tr_number(t, low, &out->lo) && tr_number(t, dots + 2, &out->hi);
}

bool tr_seconds(struct tr *t, const char *word, usec_t *out)
{
	char *end;
	double seconds = strtod(word, &end);

	if (end == word || *end || seconds < 0)
		return tr_fail(t, "seconds were expected: %s", word);
	*out = (usec_t)(seconds * 1e6 + 0.5);
	return true;
}

/* "0.9..1.1"; a single number allows a millisecond either way. */
bool tr_seconds_range(struct tr *t, const char *word, usec_t *from, usec_t *to)
{
	const char *dots = strstr(word, "..");
	char low[64];

	if (!dots) {
		if (!tr_seconds(t, word, from))
			return false;
		*to = *from + USEC_PER_MSEC;
		*from -= *from > USEC_PER_MSEC ? USEC_PER_MSEC : *from;
		return true;
	}
	(void)snprintf(low, sizeof(low), "%.*s", (int)(dots - word), word);
	return tr_seconds(t, low, from) && tr_seconds(t, dots + 2, to);
}

/* "10.0.0.2!80", "!80" or "80" (then IP is left as it is), "10.0.0.2". */
bool tr_endpoint(struct tr *t, const char *word, uint32_t *ip, uint16_t *port)
{
	const char *mark = strchr(word, '!');
	char host[32];
	char *end;
	unsigned long number;

	if (!mark && strchr(word, '.'))
		return frame_ip4_from(word, ip) || tr_fail(t, "not an address: %s", word);
	(void)snprintf(host, sizeof(host), "%.*s", mark ? (int)(mark - word) : 0, word);
	if (strcmp(host, "*") == 0)
		*ip = 0;
	else if (host[0] && !frame_ip4_from(host, ip))
		return tr_fail(t, "not an address: %s", word);
	number = strtoul(mark ? mark + 1 : word, &end, 10);
	if (*end || number > 65535)
		return tr_fail(t, "not a port: %s", word);
	*port = (uint16_t)number;
	return true;
}

struct saved *tr_saved(struct tr *t, const char *name)
{
	unsigned i;

	if (strcmp(name, "last") == 0)
		return t->last.bytes ? &t->last : NULL;
	for (i = 0; i < t->saved_n; i++)
		if (strcmp(t->saved[i].name, name) == 0)
			return &t->saved[i];
	return NULL;
}

void tr_save(struct tr *t, struct saved *to, const char *name, const struct box_frame *frame)
{
	free(to->bytes);
	(void)snprintf(to->name, sizeof(to->name), "%s", name);
	to->bytes = malloc(frame->len);
	if (!to->bytes)
		abort();
	memcpy(to->bytes, frame->bytes, frame->len);
	to->len = frame->len;
	to->at_us = frame->at_us;
	(void)frame_parse(&to->frame, to->bytes, to->len);
	to->flow = tr_flow_of(t, &to->frame);
}

/* "FIN-WAIT-1", "Fin_wait1" and "Finwait1" are one. */
bool tr_is_same_state(const char *a, const char *b)
{
	for (;;) {
		while (*a == '_' || *a == '-')
			a++;
		while (*b == '_' || *b == '-')
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (!*a)
			return true;
		a++;
		b++;
	}
}

static uint8_t pattern(uint64_t off, uint32_t salt)
{
	uint32_t x = (uint32_t)off * 2654435761u + salt;

	return (uint8_t)(x >> 24 ^ x >> 11);
}

uint8_t tr_in_byte(uint64_t off)
{
	return pattern(off, 17);
}

uint8_t tr_out_byte(uint64_t off)
{
	return pattern(off, 4711);
}

struct flow *tr_flow(struct tr *t, const char *name)
{
	struct flow *flow;
	unsigned i;

	for (i = 0; i < t->flows_n; i++)
		if (strcmp(t->flows[i].name, name) == 0)
			return &t->flows[i];
	if (t->flows_n == TR_FLOWS_MAX)
		return NULL;
	flow = &t->flows[t->flows_n++];
	(void)snprintf(flow->name, sizeof(flow->name), "%s", name);
	flow->tuple.our_ip = t->config.ip ? t->config.ip : 0x0a000001;
	flow->tuple.our_port = 80;
	flow->tuple.peer_ip = 0x0a000002;
	flow->tuple.peer_port = (uint16_t)(4000 + t->flows_n - 1);
	flow->has_port = true;
	flow->irs = TR_IRS + 100000 * t->flows_n;
	flow->win = 65535;
	flow->is_stream = true;
	return flow;
}

/* The flow that a frame of ours belongs to; one that waits for its port takes it. */
struct flow *tr_flow_of(struct tr *t, const struct frame *f)
{
	unsigned i;

	if (f->kind != FRAME_TCP)
		return NULL;
	for (i = 0; i < t->flows_n; i++) {
		struct flow *flow = &t->flows[i];

		if (flow->tuple.peer_ip != f->ip.dst || flow->tuple.peer_port != f->tcp.dst_port)
			continue;
		if (!flow->has_port && (f->tcp.flags & FRAME_SYN)) {
			flow->tuple.our_port = f->tcp.src_port;
			flow->has_port = true;
		}
		if (flow->tuple.our_port == f->tcp.src_port && flow->tuple.our_ip == f->ip.src)
			return flow;
	}
	return NULL;
}

uint8_t tr_scale_in(const struct flow *flow)
{
	if (!flow->in_has_ws || !flow->out_has_ws)
		return 0;
	return flow->in_ws > 14 ? 14 : flow->in_ws;
}

uint8_t tr_scale_out(const struct flow *flow)
{
	return flow->in_has_ws && flow->out_has_ws ? flow->out_ws : 0;
}
