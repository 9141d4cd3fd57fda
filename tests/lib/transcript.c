/*
 * Lines to verbs, and the verbs that are about the run itself.
 */
#include "transcript_private.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool tr_fail(struct tr *t, const char *format, ...)
{
	char why[500];
	va_list args;

	if (t->fault[0])
		return false;
	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	(void)snprintf(t->fault, sizeof(t->fault), "line %d: %.120s: %s", t->line, t->text, why);
	return false;
}

struct box *tr_box(struct tr *t)
{
	if (!t->box) {
		t->box = box_new(&t->config);
		if (t->config.is_arp_by_hand && !t->config.is_probing)
			box_run_through(t->box, box_now(t->box) + 3 * USEC_PER_SEC); /* announced */
		evidence_say(t->config.evidence, "the box stands");
	}
	return t->box;
}

bool tr_quiet(struct tr *t)
{
	const struct box_frame *frame = box_peek(tr_box(t));
	struct frame f;
	char words[300];

	if (!frame)
		return true;
	(void)frame_parse(&f, frame->bytes, frame->len);
	return tr_fail(t, "before this nobody expected: %s (at %.3f s)",
		frame_words(&f, words, sizeof(words)), (double)(frame->at_us - BOX_BIRTH_US) / 1e6);
}

/* after 1.5: that time passes in silence; at 3: so does the time until then */
static bool do_after(struct tr *t, int n, char **words)
{
	usec_t span;

	if (n != 2 || !tr_seconds(t, words[1], &span) || !tr_quiet(t))
		return tr_fail(t, "seconds were expected");
	(void)box_run(t->box, span + (words[0][1] == 't' ? BOX_BIRTH_US : box_now(t->box)));
	return tr_quiet(t);
}

/* Take what waits without judging it, but remember what it says about its flow. */
static void take_all(struct tr *t)
{
	const struct box_frame *frame;

	while ((frame = box_peek(t->box)) != NULL) {
		struct frame f;
		struct flow *flow;

		(void)frame_parse(&f, frame->bytes, frame->len);
		flow = tr_flow_of(t, &f);
		if (flow && (f.tcp.flags & FRAME_SYN) && !flow->has_iss) {
			flow->iss = f.tcp.seq;
			flow->has_iss = true;
		}
		tr_note_out(flow, &f);
		box_seen(t->box);
	}
}

/* skip 1.5: that time passes, whatever is sent; skip: what waits is not looked at */
static bool do_skip(struct tr *t, int n, char **words)
{
	usec_t span = 0, until;

	if (n > 1 && !tr_seconds(t, words[1], &span))
		return false;
	(void)tr_box(t);
	take_all(t);
	until = box_now(t->box) + span;
	while (span && box_run(t->box, until))
		take_all(t);
	return true;
}

static bool do_batch(struct tr *t, int n, char **words)
{
	(void)n;
	(void)tr_box(t);
	t->is_batch = strcmp(words[0], "batch") == 0;
	if (!t->is_batch)
		box_settle(t->box);
	return true;
}

/* link mtu N | link offload: before anything else */
static bool do_link(struct tr *t, int n, char **words)
{
	long long mtu;

	if (t->box)
		return tr_fail(t, "the box stands already");
	if (n == 2 && strcmp(words[1], "offload") == 0) {
		t->config.offers = LINK_CSUM | LINK_TSO4;
		return true;
	}
	if (n != 3 || !tr_number(t, words[2], &mtu))
		return tr_fail(t, "link wants offload, or mtu and a number");
	t->config.mtu = (uint16_t)mtu;
	return true;
}

/* box ADDRESS[/BITS] | box probing | box empty | box gateway ADDRESS | box seed N */
static bool do_box(struct tr *t, int n, char **words)
{
	long long seed;

	if (t->box)
		return tr_fail(t, "the box stands already");
	if (n == 2 && strcmp(words[1], "probing") == 0)
		return t->config.is_probing = true;
	if (n == 2 && strcmp(words[1], "empty") == 0)
		return t->config.has_no_address = true;
	if (n == 3 && strcmp(words[1], "gateway") == 0)
		return frame_ip4_from(words[2], &t->config.gateway);
	if (n == 3 && strcmp(words[1], "seed") == 0 && tr_number(t, words[2], &seed)) {
		t->config.seed = (uint64_t)seed;
		return true;
	}
	return tr_fail(t, "box wants probing, empty, gateway or seed");
}

/* stall: the device takes no frame; unstall: it does again */
static bool do_stall(struct tr *t, int n, char **words)
{
	(void)n;
	if (words[0][0] == 's')
		box_stall(tr_box(t));
	else
		box_unstall(tr_box(t));
	return true;
}

/* arp by hand: the transcript answers, and sees, ARP itself */
static bool do_arp(struct tr *t, int n, char **words)
{
	(void)n;
	(void)words;
	if (t->box)
		return tr_fail(t, "the box stands already");
	return t->config.is_arp_by_hand = true;
}

static bool do_silent(struct tr *t, int n, char **words)
{
	uint32_t ip;

	if (n != 2 || !frame_ip4_from(words[1], &ip))
		return tr_fail(t, "%s wants an address", words[0]);
	if (words[0][0] == 's')
		box_silence(tr_box(t), ip);
	else
		box_unsilence(tr_box(t), ip);
	return true;
}

/* moved ADDRESS MAC: it has another station from now on */
static bool do_moved(struct tr *t, int n, char **words)
{
	uint32_t ip;
	uint8_t mac[6];

	if (n != 3 || !frame_ip4_from(words[1], &ip) || !frame_mac_from(words[2], mac))
		return tr_fail(t, "moved wants an address and a MAC");
	box_move(tr_box(t), ip, mac);
	return true;
}

/* opaque: what this conversation reads is not the pattern */
static bool do_opaque(struct tr *t, int n, char **words)
{
	(void)n;
	(void)words;
	return t->flow->in_is_text = true;
}

/* flow NAME [local 80] [peer 10.0.0.2!4000] [iss N]: afresh, whatever it was */
static bool do_flow(struct tr *t, int n, char **words)
{
	struct flow *flow = n > 1 ? tr_flow(t, words[1]) : NULL;
	struct conv *conv;
	struct oracle_tuple tuple;
	long long iss;
	int i;

	if (!flow)
		return tr_fail(t, "flow wants a name");
	conv = flow->conv;
	tuple = flow->tuple;
	iss = flow->irs;
	memset(flow, 0, sizeof(*flow));
	(void)snprintf(flow->name, sizeof(flow->name), "%s", words[1]);
	flow->conv = conv;
	flow->is_stream = true;
	flow->win = 65535;
	for (i = 2; i + 1 < n; i += 2) {
		uint32_t ip = 0;
		uint16_t port = 0;

		if (strcmp(words[i], "iss") == 0 && tr_number(t, words[i + 1], &iss))
			continue;
		if (!tr_endpoint(t, words[i + 1], &ip, &port))
			return false;
		if (words[i][0] == 'l') {
			tuple.our_port = port;
			tuple.our_ip = ip ? ip : tuple.our_ip;
		} else {
			tuple.peer_port = port;
			tuple.peer_ip = ip ? ip : tuple.peer_ip;
		}
	}
	flow->tuple = tuple;
	flow->has_port = tuple.our_port != 0;
	flow->irs = (uint32_t)iss;
	return true;
}

/*
 * start passive|active [words for the tester's SYN]: a conversation that is established, both
 * sides at 1. The tester's window field is WIN in all it sends, 65535 without.
 */
static bool do_start(struct tr *t, int n, char **words)
{
	struct flow *flow = t->flow;
	char name[TR_NAME_MAX], rest[300] = "";
	bool is_passive = n > 1 && strcmp(words[1], "passive") == 0;
	bool has_mss = false;
	int i;

	if (n < 2 || (!is_passive && strcmp(words[1], "active") != 0))
		return tr_fail(t, "start wants passive or active");
	(void)snprintf(name, sizeof(name), "%s", flow->name);
	for (i = 2; i < n; i++) {
		size_t used = strlen(rest);

		has_mss = has_mss || strcmp(words[i], "mss") == 0;
		(void)snprintf(rest + used, sizeof(rest) - used, " %s",
			strcmp(words[i], "no-mss") == 0 ? "" : words[i]);
		has_mss = has_mss || strcmp(words[i], "no-mss") == 0;
	}
	if (!has_mss)
		(void)snprintf(rest + strlen(rest), sizeof(rest) - strlen(rest), " mss 1460");
	if (is_passive) {
		if (!tr_flow(t, "l")->conv && !tr_line(t, "l: announce %u", flow->tuple.our_port))
			return false;
		return tr_line(t, "%s: in SYN seq 0%s", name, rest) &&
			tr_line(t, "%s: out SYN,ACK seq 0 ack 1", name) &&
			tr_line(t, "%s: in ACK seq 1 ack 1", name) &&
			tr_line(t, "%s: accept", name) && tr_line(t, "%s: state Established", name);
	}
	if (!flow->conv || tr_is_same_state(conv_state_name(flow->conv), "Closed")) {
		if (!tr_line(t, "%s: connect", name))
			return false;
	}
	return tr_line(t, "%s: out SYN seq 0", name) &&
		tr_line(t, "%s: in SYN,ACK seq 0 ack 1%s", name, rest) &&
		tr_line(t, "%s: out ACK seq 1 ack 1", name) &&
		tr_line(t, "%s: state Established", name);
}

/* clang-format off */
static const struct {
	const char *word;
	tr_verb *run;
} verbs[] = {
	{ "in", tr_in }, { "out", tr_out }, { "datagram", tr_datagram },
	{ "at", do_after }, { "after", do_after }, { "skip", do_skip },
	{ "batch", do_batch }, { "end", do_batch },
	{ "link", do_link }, { "box", do_box }, { "arp", do_arp },
	{ "stall", do_stall }, { "unstall", do_stall },
	{ "silent", do_silent }, { "unsilent", do_silent },
	{ "moved", do_moved }, { "opaque", do_opaque }, { "flow", do_flow }, { "start", do_start },
	{ "connect", tr_do_connect }, { "announce", tr_do_announce }, { "accept", tr_do_accept },
	{ "bind", tr_do_bind }, { "write", tr_do_write }, { "read", tr_do_read },
	{ "ctl", tr_do_ctl }, { "shutdown", tr_do_shutdown }, { "close", tr_do_close },
	{ "release", tr_do_release }, { "hangup", tr_do_hangup },
	{ "state", tr_see_state }, { "still", tr_see_state },
	{ "event", tr_see_event }, { "noevent", tr_see_noevent },
	{ "error", tr_see_error }, { "soft", tr_see_soft },
	{ "count", tr_see_count }, { "key", tr_see_key }, { "acked", tr_see_acked },
	{ "check", tr_see_check }, { "local", tr_see_local },
	{ "addr", tr_net_addr }, { "route", tr_net_route }, { "neigh", tr_net_neigh },
};
/* clang-format on */

/* Cut LINE into words in place; a quoted one keeps its first quote as a mark. */
static int split(char *line, char **words)
{
	int n = 0;

	while (n < TR_WORDS_MAX) {
		while (isspace((unsigned char)*line))
			line++;
		if (!*line || *line == '#')
			break;
		words[n++] = line;
		if (*line == '"') {
			char *end = strchr(line + 1, '"');

			line = end ? end : line + strlen(line);
		} else {
			line += strcspn(line, " \t\n");
		}
		if (!*line)
			break;
		*line++ = '\0';
	}
	return n;
}

static bool run_words(struct tr *t, int n, char **words)
{
	size_t len = strlen(words[0]);
	size_t i;

	t->flow = tr_flow(t, "a");
	if (words[0][len - 1] == ':') {
		words[0][len - 1] = '\0';
		t->flow = tr_flow(t, words[0]);
		words++;
		n--;
	}
	if (n == 0 || !t->flow)
		return tr_fail(t, "too many flows, or an empty line");
	for (i = 0; i < ARRAY_LEN(verbs); i++) {
		if (strcmp(verbs[i].word, words[0]) != 0)
			continue;
		if (!verbs[i].run(t, n, words))
			return tr_fail(t, "failed");
		if (t->box && box_fault(t->box))
			return tr_fail(t, "%s", box_fault(t->box));
		return true;
	}
	return tr_fail(t, "no verb is called %s", words[0]);
}

bool tr_line(struct tr *t, const char *format, ...)
{
	char line[TR_LINE_MAX];
	char *words[TR_WORDS_MAX];
	struct flow *flow = t->flow;
	va_list args;
	bool is_good;
	int n;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	n = split(line, words);
	is_good = n == 0 || run_words(t, n, words);
	t->flow = flow;
	return is_good;
}

static bool run_file(struct tr *t, FILE *file)
{
	char line[TR_LINE_MAX];

	while (fgets(line, sizeof(line), file)) {
		char *words[TR_WORDS_MAX];
		int n;

		t->line++;
		line[strcspn(line, "\n")] = '\0';
		(void)snprintf(t->text, sizeof(t->text), "%s", line);
		n = split(line, words);
		if (n == 0)
			continue;
		evidence_say(t->config.evidence, "%d: %s", t->line, t->text);
		if (!run_words(t, n, words))
			return false;
	}
	(void)snprintf(t->text, sizeof(t->text), "end of the transcript");
	return tr_quiet(t);
}

static bool end_of_run(struct tr *t)
{
	(void)snprintf(t->text, sizeof(t->text), "after the end");
	evidence_say(t->config.evidence, "teardown");
	tr_app_end(t);
	box_teardown(tr_box(t));
	if (box_fault(t->box))
		return tr_fail(t, "%s", box_fault(t->box));
	return true;
}

static void tr_free(struct tr *t)
{
	unsigned i;

	if (t->box)
		box_free(t->box);
	for (i = 0; i < t->saved_n; i++)
		free(t->saved[i].bytes);
	free(t->last.bytes);
	free(t);
}

bool transcript_run(
	const char *path, const char *name, unsigned way, struct transcript_result *result)
{
	struct tr *t = calloc(1, sizeof(*t));
	FILE *file = fopen(path, "r");
	bool is_good = false;

	if (!t)
		abort();
	t->config.name = name;
	t->is_lent = way & TRANSCRIPT_LENT;
	t->config.is_traced = way & (TRANSCRIPT_TRACED | TRANSCRIPT_EVIDENCE);
	if (t->is_lent)
		t->config.offers = LINK_CSUM | LINK_TSO4;
	if (way & TRANSCRIPT_EVIDENCE)
		t->config.evidence = evidence_open(name);
	if (!file)
		(void)tr_fail(t, "cannot be opened: %s", path);
	else
		is_good = run_file(t, file) && end_of_run(t);
	evidence_say(t->config.evidence, "%s", is_good ? "passed" : t->fault);
	(void)snprintf(result->fault, sizeof(result->fault), "%s", t->fault);
	result->trace = t->box ? box_trace_hash(t->box) : 0;
	if (file)
		(void)fclose(file);
	tr_free(t);
	return is_good;
}
