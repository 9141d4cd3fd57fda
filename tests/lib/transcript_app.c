/*
 * What the application does, and what it must see.
 */
#include "transcript_private.h"

#include "../../stack/base/text.h"
#include "told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct cred tester = { 0, 0, 1 };

/* "... = RESULT": take it off the line; NULL when there is none. */
static const char *take_result(int *n, char **words)
{
	if (*n >= 2 && strcmp(words[*n - 2], "=") == 0) {
		*n -= 2;
		return words[*n + 1];
	}
	return NULL;
}

/* RESULT is a number, a range, EOF, or the name of an errno; without one GOOD is expected. */
static bool judge(struct tr *t, const char *what, const char *expected, long long good, ssize_t got)
{
	char name[24];
	struct range r = { good, good };
	int number = expected ? tr_errno(expected) : -1;

	box_settle(t->box);
	if (expected && strcmp(expected, "EOF") == 0)
		r.lo = r.hi = 0;
	else if (number >= 0)
		r.lo = r.hi = -number;
	else if (expected && !tr_range(t, expected, &r))
		return false;
	if (got >= r.lo && got <= r.hi)
		return true;
	if (got < 0)
		return tr_fail(t, "%s gave %s", what, tr_errno_name((int)-got, name, sizeof(name)));
	return tr_fail(t, "%s gave %lld", what, (long long)got);
}

static bool need_conv(struct tr *t)
{
	return t->flow->conv || tr_fail(t, "no conversation is called %s", t->flow->name);
}

static struct endpoint endpoint_of(uint32_t ip, uint16_t port)
{
	struct endpoint e;

	e.addr = ip ? addr_from_v4(ip) : addr_any;
	e.port = port;
	return e;
}

/* An idle conversation for this flow, if it has none; PROTO by its name. */
static bool make_conv(struct tr *t, const char *proto)
{
	struct flow *flow = t->flow;

	(void)tr_box(t);
	if (flow->conv)
		return true;
	if (!box_proto(t->box, proto))
		return tr_fail(t, "the stack has no %s", proto);
	flow->conv = conv_new(box_stack(t->box), box_proto(t->box, proto), &tester);
	flow->is_stream = strcmp(proto, "tcp") == 0;
	return flow->conv || tr_fail(t, "no conversation could be made");
}

/* Takes the protocol's word off, if there is one. */
static const char *take_proto(int *n, char **words)
{
	const char *proto = "tcp";

	if (*n > 1 && (strcmp(words[1], "udp") == 0 || strcmp(words[1], "icmp") == 0)) {
		proto = words[1];
		memmove(words + 1, words + 2, (size_t)(*n - 2) * sizeof(*words));
		(*n)--;
	}
	return proto;
}

/* The flow's ends are those of a call that has begun. */
static void ends_of_call(struct tr *t, const struct endpoint *local, const struct endpoint *remote)
{
	struct oracle_tuple *tuple = &t->flow->tuple;

	tuple->our_ip = addr_is_v4(&local->addr) ? addr_v4(&local->addr) : box_ip(t->box);
	tuple->our_port = local->port;
	tuple->peer_ip = addr_is_v4(&remote->addr) ? addr_v4(&remote->addr) : 0;
	tuple->peer_port = remote->port;
	t->flow->has_port = local->port != 0;
}

/* connect [udp] [10.0.0.2!80] [from 10.0.0.1!5000] [= ERRNO] */
bool tr_do_connect(struct tr *t, int n, char **words)
{
	const char *result = take_result(&n, words);
	const char *proto = take_proto(&n, words);
	uint32_t peer = 0x0a000002, ours = 0;
	uint16_t peer_port = 80, our_port = 0;
	struct endpoint local, remote;
	bool has_from = n >= 3 && strcmp(words[n - 2], "from") == 0;
	int got;

	if (!make_conv(t, proto) || !tr_quiet(t))
		return false;
	if (has_from && !tr_endpoint(t, words[n - 1], &ours, &our_port))
		return false;
	if (n - (has_from ? 2 : 0) > 1 && !tr_endpoint(t, words[1], &peer, &peer_port))
		return false;
	local = endpoint_of(ours, our_port);
	remote = endpoint_of(peer, peer_port);
	got = conv_connect(t->flow->conv, has_from ? &local : NULL, &remote);
	if (got == 0)
		ends_of_call(t, &local, &remote);
	return judge(t, "connect", result, 0, got);
}

/* announce [udp] 80 | 10.0.0.1!80 | *!80 [= ERRNO]; the listener is flow "l" by default */
bool tr_do_announce(struct tr *t, int n, char **words)
{
	const char *result = take_result(&n, words);
	const char *proto = take_proto(&n, words);
	uint32_t ip = 0;
	uint16_t port = 80;
	struct endpoint local;

	if (strcmp(t->flow->name, "a") == 0)
		t->flow = tr_flow(t, "l");
	if (!make_conv(t, proto) || (n > 1 && !tr_endpoint(t, words[1], &ip, &port)))
		return false;
	t->flow->tuple.our_port = 0;
	t->flow->tuple.peer_port = 0;
	t->flow->tuple.peer_ip = 0;
	local = endpoint_of(ip, port);
	return judge(t, "announce", result, 0, conv_announce(t->flow->conv, &local));
}

/* accept [from LISTENER] [= EAGAIN] */
bool tr_do_accept(struct tr *t, int n, char **words)
{
	const char *result = take_result(&n, words);
	struct flow *listener = tr_flow(t, n == 3 ? words[2] : "l");
	struct conv *c;

	if (!listener || !listener->conv)
		return tr_fail(t, "no listener");
	c = conv_accept(listener->conv);
	box_settle(t->box);
	if (result && !c)
		return true;
	if (result)
		return tr_fail(t, "a call was there");
	if (!c)
		return tr_fail(t, "no call waits");
	if (t->flow->conv)
		return tr_fail(t, "%s is already a conversation", t->flow->name);
	t->flow->conv = c;
	t->flow->is_stream = listener->is_stream;
	return true;
}

bool tr_do_bind(struct tr *t, int n, char **words)
{
	const char *result = take_result(&n, words);
	const char *proto = take_proto(&n, words);
	uint32_t ip = 0;
	uint16_t port = 0;
	struct endpoint local;

	if (!make_conv(t, proto) || n != 2 || !tr_endpoint(t, words[1], &ip, &port))
		return tr_fail(t, "bind wants an endpoint");
	local = endpoint_of(ip, port);
	return judge(t, "bind", result, 0, conv_bind(t->flow->conv, &local));
}

/* Give the conversation LEN bytes: copied, or lent in a block that is let go of at once. */
static ssize_t hand_over(struct tr *t, const void *bytes, size_t len)
{
	struct buf *block;
	ssize_t got;

	if (!t->is_lent || len == 0)
		return conv_write(t->flow->conv, NULL, bytes, len);
	block = stack_chunk(box_stack(t->box));
	if (!block)
		return -ENOBUFS;
	memcpy(block->data + 100, bytes, len);
	got = conv_write(t->flow->conv, block, block->data + 100, len);
	buf_drop(block);
	return got;
}

/* write N | write "words" [= RESULT] */
bool tr_do_write(struct tr *t, int n, char **words)
{
	static uint8_t bytes[1 << 16];
	const char *result = take_result(&n, words);
	struct flow *flow = t->flow;
	long long want, done = 0, i;
	ssize_t got = 0;

	if (!need_conv(t) || n != 2)
		return tr_fail(t, "write wants a number or words, and a conversation");
	if (words[1][0] == '"') {
		flow->out_is_text = true;
		want = (long long)strlen(words[1] + 1);
		return judge(t, "write", result, want, hand_over(t, words[1] + 1, (size_t)want));
	}
	if (!tr_number(t, words[1], &want))
		return false;
	do {
		long long part = want - done < (long long)sizeof(bytes) ? want - done
									: (long long)sizeof(bytes);
		uint64_t off = flow->is_stream ? flow->write_off : 0;

		for (i = 0; i < part; i++)
			bytes[i] = tr_out_byte(off + (uint64_t)i);
		got = hand_over(t, bytes, (size_t)part);
		if (got > 0) {
			done += got;
			flow->write_off += (uint64_t)got;
		}
	} while (got > 0 && done < want);
	return judge(t, "write", result, want, done || got >= 0 ? (ssize_t)done : got);
}

/* Compare LEN bytes in PIECES with the pattern, or with TEXT. */
static bool same_bytes(
	struct tr *t, const struct span *pieces, int n, ssize_t len, const char *text)
{
	struct flow *flow = t->flow;
	uint64_t off = flow->is_stream ? flow->read_off : 0;
	ssize_t done = 0;
	int i;

	for (i = 0; i < n; i++) {
		uint32_t j;

		for (j = 0; j < pieces[i].len && done < len; j++, done++) {
			uint8_t want =
				text ? (uint8_t)text[done] : tr_in_byte(off + (uint64_t)done);

			if (pieces[i].at[j] != want && (text || !flow->in_is_text))
				return tr_fail(
					t, "byte %lld of what was read is wrong", (long long)done);
		}
	}
	return done == len || tr_fail(t, "the pieces hold %zd bytes, not %zd", done, len);
}

/* read N | read "words" [= RESULT]: reads until N are there or nothing comes at once */
bool tr_do_read(struct tr *t, int n, char **words)
{
	const char *result = take_result(&n, words);
	const char *text = n == 2 && words[1][0] == '"' ? words[1] + 1 : NULL;
	struct flow *flow = t->flow;
	long long want, done = 0;
	ssize_t got;

	if (!need_conv(t) || n != 2)
		return tr_fail(t, "read wants a number or words, and a conversation");
	if (text)
		want = (long long)strlen(text);
	else if (!tr_number(t, words[1], &want))
		return false;
	do {
		struct span pieces[16];
		int pieces_n = 0;
		long long bite =
			t->is_lent && flow->is_stream && want - done > 777 ? 777 : want - done;

		got = conv_peek(flow->conv, pieces, 16, (size_t)bite, &pieces_n);
		if (got <= 0 && !(got == 0 && !flow->is_stream))
			break;
		if (!same_bytes(t, pieces, pieces_n, got, text ? text + done : NULL))
			return false;
		conv_taken(flow->conv, (size_t)got);
		flow->read_off += (uint64_t)got;
		done += got;
	} while (done < want && flow->is_stream);
	return judge(t, "read", result, want, done ? (ssize_t)done : got);
}

static int set_number(struct conv *c, const char *verb, uint64_t value)
{
	if (strcmp(verb, "ttl") == 0)
		return conv_set_ttl(c, (unsigned)value);
	if (strcmp(verb, "tos") == 0)
		return conv_set_tos(c, (unsigned)value);
	if (strcmp(verb, "rcvbuf") == 0)
		return conv_set_rcvbuf(c, value);
	if (strcmp(verb, "sndbuf") == 0)
		return conv_set_sndbuf(c, value);
	return 1;
}

/* ctl VERB ARGUMENTS: as a line of the conversation's ctl file */
bool tr_do_ctl(struct tr *t, int n, char **words)
{
	const char *result = take_result(&n, words);
	char memory[200];
	struct text why = text_over(memory, sizeof(memory));
	int got = 1;

	if (n < 2 || !make_conv(t, "tcp"))
		return tr_fail(t, "ctl wants a verb");
	if (n == 3)
		got = set_number(t->flow->conv, words[1], strtoull(words[2], NULL, 10));
	if (got == 1)
		got = conv_ctl(t->flow->conv, n - 1, words + 1, &why);
	return judge(t, "ctl", result, 0, got > 0 ? 0 : got);
}

bool tr_do_shutdown(struct tr *t, int n, char **words)
{
	char *line[] = { (char[]){ "ctl" }, (char[]){ "shutdown" }, (char[]){ "wr" }, NULL, NULL };
	const char *result = take_result(&n, words);

	if (n > 1)
		line[2] = words[1];
	if (result) {
		line[3] = (char[]){ "=" };
		line[4] = words[n + 1];
	}
	return tr_do_ctl(t, result ? 5 : 3, line);
}

bool tr_do_close(struct tr *t, int n, char **words)
{
	const char *result = take_result(&n, words);

	return need_conv(t) && judge(t, "close", result, 0, conv_close(t->flow->conv));
}

/* The last file of it is closed. */
bool tr_do_release(struct tr *t, int n, char **words)
{
	(void)n;
	(void)words;
	if (!need_conv(t))
		return false;
	conv_release(t->flow->conv);
	t->flow->conv = NULL;
	box_settle(t->box);
	return true;
}

bool tr_do_hangup(struct tr *t, int n, char **words)
{
	(void)n;
	(void)words;
	if (!need_conv(t))
		return false;
	conv_hangup(t->flow->conv);
	box_settle(t->box);
	return true;
}

void tr_app_end(struct tr *t)
{
	unsigned i;

	for (i = 0; i < t->flows_n; i++) {
		if (!t->flows[i].conv)
			continue;
		conv_hangup(t->flows[i].conv);
		conv_release(t->flows[i].conv);
		t->flows[i].conv = NULL;
	}
}

bool tr_see_state(struct tr *t, int n, char **words)
{
	if (n != 2 || !need_conv(t))
		return tr_fail(t, "state wants a name, and a conversation");
	if (tr_is_same_state(words[1], conv_state_name(t->flow->conv)))
		return true;
	return tr_fail(t, "the state is %s", conv_state_name(t->flow->conv));
}

static unsigned event_named(const char *word)
{
	static const struct {
		const char *name;
		unsigned bit;
	} events[] = { { "IN", CONV_IN }, { "OUT", CONV_OUT }, { "CALL", CONV_CALL },
		{ "UP", CONV_UP }, { "END", CONV_END }, { "PEER_END", CONV_PEER_END } };
	size_t i;

	for (i = 0; i < ARRAY_LEN(events); i++)
		if (strcmp(events[i].name, word) == 0)
			return events[i].bit;
	return 0;
}

static bool see_event(struct tr *t, int n, char **words, bool is_up)
{
	unsigned bit = n == 2 ? event_named(words[1]) : 0;

	if (!bit || !need_conv(t))
		return tr_fail(t, "event wants IN, OUT, CALL, UP, END or PEER_END");
	if (!!(conv_events(t->flow->conv) & bit) == is_up)
		return true;
	return tr_fail(t, "event %s is %s", words[1], is_up ? "down" : "up");
}

bool tr_see_event(struct tr *t, int n, char **words)
{
	return see_event(t, n, words, true);
}

bool tr_see_noevent(struct tr *t, int n, char **words)
{
	return see_event(t, n, words, false);
}

static bool see_errno(struct tr *t, int n, char **words, int got)
{
	char name[24];
	int want = n == 2 ? tr_errno(words[1]) : -1;

	if (want < 0)
		return tr_fail(t, "an errno or none was expected");
	return got == -want ||
		tr_fail(t, "the error is %s", tr_errno_name(-got, name, sizeof(name)));
}

bool tr_see_error(struct tr *t, int n, char **words)
{
	return need_conv(t) && see_errno(t, n, words, conv_error(t->flow->conv));
}

bool tr_see_soft(struct tr *t, int n, char **words)
{
	return need_conv(t) && see_errno(t, n, words, conv_soft_error(t->flow->conv));
}

static bool see_number(struct tr *t, const char *name, const char *word, long long found)
{
	struct range r;

	if (!tr_range(t, word, &r))
		return false;
	return (found >= r.lo && found <= r.hi) || tr_fail(t, "%s is %lld", name, found);
}

bool tr_see_count(struct tr *t, int n, char **words)
{
	(void)tr_box(t);
	return n == 3 && see_number(t, words[1], words[2], (long long)box_count(t->box, words[1]));
}

bool tr_see_key(struct tr *t, int n, char **words)
{
	static struct told told;
	const struct told_item *item;

	if (n != 3 || !need_conv(t))
		return tr_fail(t, "key wants a name and a value");
	told_init(&told);
	conv_describe(t->flow->conv, &told.describer);
	item = told_find(&told, words[1]);
	if (!item)
		return tr_fail(t, "stats has no %s", words[1]);
	if (item->text[0])
		return strcmp(item->text, words[2]) == 0 ||
			tr_fail(t, "%s is %s", words[1], item->text);
	return see_number(t, words[1], words[2], (long long)item->number);
}

/* acked N: the highest number that we have acknowledged so far */
bool tr_see_acked(struct tr *t, int n, char **words)
{
	return n == 2 && see_number(t, "acknowledged", words[1], t->flow->acked);
}

/* check S.tsval-R.tsval 90..110 | check A != B */
bool tr_see_check(struct tr *t, int n, char **words)
{
	long long a, b;

	if (n < 3 || !tr_number(t, words[1], &a))
		return tr_fail(t, "check wants VALUE RANGE, or VALUE != VALUE");
	if (n == 3)
		return see_number(t, words[1], words[2], a);
	if (strcmp(words[2], "!=") != 0 || !tr_number(t, words[3], &b))
		return tr_fail(t, "check wants VALUE RANGE, or VALUE != VALUE");
	return a != b || tr_fail(t, "both are %lld", a);
}

/* local 10.0.0.1!80: what the conversation calls itself; port * is any */
bool tr_see_local(struct tr *t, int n, char **words)
{
	uint32_t ip = 0;
	uint16_t port = 0;
	const struct endpoint *e;

	if (!need_conv(t) || n != 2 || !tr_endpoint(t, words[1], &ip, &port))
		return tr_fail(t, "local wants an endpoint");
	e = conv_local(t->flow->conv);
	if (addr_is_v4(&e->addr) && addr_v4(&e->addr) == ip && (!port || e->port == port))
		return true;
	return tr_fail(t, "the local end is another, port %u", e->port);
}

/* addr add 10.0.0.5 [probe] | addr del 10.0.0.5 | addr state 10.0.0.5 [= ERRNO] */
bool tr_net_addr(struct tr *t, int n, char **words)
{
	const char *result = take_result(&n, words);
	struct box *b = tr_box(t);
	struct stack *s = box_stack(b);
	struct addr a;
	uint32_t ip;

	if (n < 3 || !frame_ip4_from(words[2], &ip))
		return tr_fail(t, "addr wants add, del or state and an address");
	a = addr_from_v4(ip);
	if (strcmp(words[1], "add") == 0) {
		oracle_owns(box_oracle(b), ip);
		return judge(t, "addr add", result, 0,
			net_addr_add(s, box_ifc(b), &a, 96 + 24, n > 3 ? 0 : NET_ADDR_UNPROBED));
	}
	if (strcmp(words[1], "del") == 0) {
		bool is_gone = judge(t, "addr del", result, 0, net_addr_del(s, box_ifc(b), &a));

		oracle_disowns(box_oracle(b), ip);
		return is_gone;
	}
	return judge(t, "addr state", result, 0, net_addr_state(s, &a));
}

/* route add 0.0.0.0/0 10.0.0.254 | route del 0.0.0.0/0 */
bool tr_net_route(struct tr *t, int n, char **words)
{
	const char *result = take_result(&n, words);
	struct stack *s = box_stack(tr_box(t));
	struct addr dst, gateway = addr_any;
	unsigned bits;
	uint32_t ip;

	if (n < 3 || prefix_parse(&dst, &bits, words[2], strlen(words[2])))
		return tr_fail(t, "route wants add or del and a prefix");
	if (strcmp(words[1], "del") == 0)
		return judge(t, "route del", result, 0, net_route_del(s, &dst, bits));
	if (n < 4 || !frame_ip4_from(words[3], &ip))
		return tr_fail(t, "route add wants a gateway");
	gateway = addr_from_v4(ip);
	return judge(t, "route add", result, 0, net_route_add(s, &dst, bits, &gateway, NULL));
}

/* neigh add 10.0.0.9 MAC | neigh del 10.0.0.9 | neigh flush */
bool tr_net_neigh(struct tr *t, int n, char **words)
{
	const char *result = take_result(&n, words);
	struct stack *s = box_stack(tr_box(t));
	struct addr a;
	uint8_t mac[6];
	uint32_t ip;

	if (n == 2 && strcmp(words[1], "flush") == 0) {
		net_neigh_flush(s);
		return true;
	}
	if (n < 3 || !frame_ip4_from(words[2], &ip))
		return tr_fail(t, "neigh wants add or del and an address, or flush");
	a = addr_from_v4(ip);
	if (strcmp(words[1], "del") == 0)
		return judge(t, "neigh del", result, 0, net_neigh_del(s, &a));
	if (n < 4 || !frame_mac_from(words[3], mac))
		return tr_fail(t, "neigh add wants a MAC address");
	return judge(t, "neigh add", result, 0, net_neigh_add(s, box_ifc(t->box), &a, mac));
}
