/*
 * trace_words.c - events of the trace put into words, as close to tcpdump's as they can be.
 *
 * A line is the protocol with the number of the conversation, a sign for the way ("<" is in, ">" is
 * out), the peer, and what there is to say.
 */
#include "trace_words.h"

#include "ip/arp_msg.h"
#include "ip/icmp4_msg.h"
#include "ip/ip.h"
#include "stack_private.h"
#include "tcp/seg.h"

/* --- who ----------------------------------------------------------------------------------- */

static const char *protocol_name(uint8_t protocol)
{
	switch (protocol) {
	case IP_TCP:
		return "tcp";
	case IP_UDP:
		return "udp";
	case IP_ICMP:
		return "icmp";
	default:
		return NULL;
	}
}

static void put_addr(const struct addr *a, struct text *to)
{
	char words[ADDR_TEXT_MAX];

	text_put_len(to, words, addr_format(a, words));
}

/* Protocols without ports have addresses only. */
static void put_end(const struct trace_event *e, const struct endpoint *end, struct text *to)
{
	char words[ENDPOINT_TEXT_MAX];

	if (e->protocol == IP_TCP || e->protocol == IP_UDP)
		text_put_len(to, words, endpoint_format(end, words));
	else
		put_addr(&end->addr, to);
}

static void put_protocol(const struct trace_event *e, struct text *to)
{
	const char *name = protocol_name(e->protocol);

	if (!name)
		text_put(to, "ip");
	else if (e->conv)
		text_printf(to, "%s %llu", name, (unsigned long long)e->conv);
	else
		text_printf(to, "%s -", name);
}

/* Whose packet it is, and between whom: of a conversation everybody knows the near end. */
static void put_ends(const struct trace_event *e, struct text *to)
{
	put_protocol(e, to);
	text_put(to, e->is_in ? " < " : " > ");
	put_end(e, &e->peer, to);
	if (e->conv)
		return;
	text_put(to, e->is_in ? " to " : " from ");
	put_end(e, &e->local, to);
}

/* Of a state: a listener has no peer. */
static void put_conv(const struct trace_event *e, struct text *to)
{
	bool has_peer = !addr_is_any(&e->peer.addr);

	put_protocol(e, to);
	text_put(to, " ");
	put_end(e, has_peer ? &e->peer : &e->local, to);
}

/* --- segments ------------------------------------------------------------------------------- */

/* As tcpdump has them. */
static void put_flags(uint16_t flags, struct text *to)
{
	static const char letters[] = "FSRP.UEWe";

	if (flags == 0)
		text_put(to, "none");
	for (unsigned i = 0; letters[i]; i++)
		if (flags >> i & 1)
			text_put_len(to, &letters[i], 1);
}

static void put_numbers(const struct trace_seg *seg, struct text *to)
{
	bool has_place = seg->flags & (SEG_SYN | SEG_FIN | SEG_RST) || seg->marks & MARK_SEQ;

	if (seg->len > 0)
		text_printf(to, " seq %u:%u", seg->seq, seg->seq + seg->len);
	else if (has_place)
		text_printf(to, " seq %u", seg->seq);
	if (seg->flags & SEG_ACK)
		text_printf(to, " ack %u", seg->ack);
	text_printf(to, " win %u", seg->window);
}

static void put_options(const struct trace_seg *seg, struct text *to)
{
	if (seg->options & SEG_OPT_MSS)
		text_printf(to, " mss %u", seg->mss);
	if (seg->options & SEG_OPT_WSCALE)
		text_printf(to, " ws %u", seg->wscale);
	if (seg->marks & MARK_SACK)
		text_put(to, " sack");
	if (seg->options & SEG_OPT_TIMESTAMP)
		text_printf(to, " ts %u ecr %u", seg->ts_val, seg->ts_ecr);
}

static void put_segment(const struct trace_event *e, struct text *to)
{
	const struct trace_seg *seg = &e->seg;

	put_ends(e, to);
	text_put(to, " ");
	put_flags(seg->flags, to);
	put_numbers(seg, to);
	put_options(seg, to);
	if (seg->len > 0)
		text_printf(to, " length %u", seg->len);
	if (seg->marks & MARK_AGAIN)
		text_put(to, " again");
	if (seg->marks & MARK_AHEAD)
		text_put(to, " ahead");
}

/* --- datagrams and messages ------------------------------------------------------------------ */

static void put_datagram(const struct trace_event *e, struct text *to)
{
	put_ends(e, to);
	text_printf(to, " length %u", e->len);
	if (e->each)
		text_printf(to, ", %u each", e->each);
}

static void put_packet(const struct trace_event *e, struct text *to)
{
	const char *name = protocol_name(e->protocol);

	text_printf(to, "ip %c ", e->is_in ? '<' : '>');
	put_addr(&e->peer.addr, to);
	if (name)
		text_printf(to, " %s, cut short", name);
	else
		text_printf(to, " protocol %u", e->protocol);
	text_printf(to, " length %u", e->len);
}

static void put_fragment(const struct trace_event *e, struct text *to)
{
	const struct trace_fragment *f = &e->fragment;
	const char *name = protocol_name(e->protocol);

	text_printf(to, "ip %c ", e->is_in ? '<' : '>');
	put_addr(&e->peer.addr, to);
	if (name)
		text_printf(to, " %s", name);
	else
		text_printf(to, " protocol %u", e->protocol);
	text_printf(to, " fragment %u:%u%s id %u", f->off, f->off + f->len, f->more ? " more" : "",
		f->id);
}

/* RFC 792, 1122 3.2.2.1 and 1812 5.2.7.1. */
static void put_unreachable(const struct trace_icmp *m, struct text *to)
{
	static const char *const words[] = {
		[0] = "net",
		[1] = "host",
		[2] = "protocol",
		[3] = "port",
		[5] = "source route",
		[6] = "net",
		[7] = "host",
		[9] = "net",
		[10] = "host",
		[11] = "net",
		[12] = "host",
	};

	if (m->code == 4)
		text_printf(to, " needs to be cut, mtu %u", m->rest & 0xffff);
	else if (m->code == 13)
		text_put(to, " unreachable, forbidden");
	else if (m->code < ARRAY_LEN(words) && words[m->code])
		text_printf(to, " %s unreachable", words[m->code]);
	else
		text_printf(to, " unreachable, code %u", m->code);
}

static void put_redirect(const struct trace_icmp *m, struct text *to)
{
	struct addr gateway = addr_from_v4(m->rest);

	text_put(to, " redirect to ");
	put_addr(&gateway, to);
}

static void put_message(const struct trace_icmp *m, struct text *to)
{
	switch (m->type) {
	case ICMP4_TYPE_ECHO:
	case ICMP4_TYPE_ECHO_REPLY:
		text_printf(to, " echo %s id %u seq %u length %u",
			m->type == ICMP4_TYPE_ECHO ? "request" : "reply", m->id, m->seq, m->len);
		return;
	case ICMP4_UNREACHABLE:
		put_unreachable(m, to);
		return;
	case ICMP4_REDIRECT:
		put_redirect(m, to);
		return;
	case ICMP4_TIME_EXCEEDED:
		text_put(to, m->code == 0 ? " time exceeded" : " reassembly time exceeded");
		return;
	case ICMP4_SOURCE_QUENCH:
		text_put(to, " source quench");
		return;
	case ICMP4_PARAMETER_PROBLEM:
		text_put(to, " parameter problem");
		return;
	default:
		text_printf(to, " type %u code %u length %u", m->type, m->code, m->len);
	}
}

static void put_icmp(const struct trace_event *e, struct text *to)
{
	const struct trace_icmp *m = &e->icmp;
	const struct trace_event quoted = {
		.conv = m->about, .protocol = m->quoted_protocol, .peer = m->quoted_peer
	};

	put_ends(e, to);
	put_message(m, to);
	if (m->quoted_protocol == 0)
		return;
	text_put(to, " about ");
	put_conv(&quoted, to);
}

static void put_mac(const uint8_t mac[6], struct text *to)
{
	text_printf(to, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		mac[5]);
}

static void put_arp(const struct trace_event *e, struct text *to)
{
	const struct trace_arp *m = &e->arp;
	bool is_announced = m->op == ARP_REQUEST && addr_equal(&m->sender, &m->target);

	text_put(to, e->is_in ? "arp < " : "arp > ");
	if (m->op != ARP_REQUEST && m->op != ARP_REPLY) {
		text_printf(to, "operation %u", m->op);
	} else if (m->op == ARP_REPLY || is_announced) {
		put_addr(&m->sender, to);
		text_put(to, " is-at ");
		put_mac(m->mac, to);
		text_put(to, is_announced ? ", announced" : "");
	} else {
		text_put(to, "who-has ");
		put_addr(&m->target, to);
		if (addr_is_any(&m->sender)) {
			text_put(to, ", probed");
		} else {
			text_put(to, " tell ");
			put_addr(&m->sender, to);
		}
	}
}

/* --- what became of it ----------------------------------------------------------------------- */

static const char *room_of(const struct trace_event *e)
{
	uint32_t kinds = trace_kinds_of(e);

	if (kinds & STACK_TRACE_TCP)
		return "tcp";
	if (kinds & STACK_TRACE_UDP)
		return "udp";
	if (kinds & STACK_TRACE_ICMP)
		return "icmp";
	return kinds & STACK_TRACE_ARP ? "arp" : "ip";
}

static void put_drop(const struct trace_event *e, struct text *to)
{
	if (addr_is_any(&e->peer.addr))
		text_put(to, room_of(e));
	else
		put_ends(e, to);
	text_printf(to, " dropped: %s", counter_name(e->why));
}

#define WORD(name, word) word,
static const char *const call_names[] = { TRACE_CALLS(WORD) };
static const char *const timer_names[] = { TRACE_TIMERS(WORD) };
#undef WORD

static void put_cause(const struct trace_because *b, struct text *to)
{
	switch ((enum trace_cause)b->cause) {
	case CAUSE_NONE:
		return;
	case CAUSE_CALL:
		ASSERT(b->what < ARRAY_LEN(call_names));
		text_printf(to, " by %s", call_names[b->what]);
		return;
	case CAUSE_SEGMENT:
		text_put(to, " by segment ");
		put_flags(b->what, to);
		return;
	case CAUSE_TIMER:
		ASSERT(b->what < ARRAY_LEN(timer_names));
		text_printf(to, " by timer %s", timer_names[b->what]);
		return;
	case CAUSE_ICMP:
		text_printf(to, " by icmp: %s", error_words(b->what));
		return;
	case CAUSE_DATAGRAM:
		text_put(to, " by a datagram");
		return;
	case CAUSE_ERROR:
		text_printf(to, " by error: %s", error_words(b->what));
		return;
	}
}

static void put_change(const struct trace_event *e, struct text *to)
{
	put_conv(e, to);
	text_printf(to, " %s to %s", e->state.from, e->state.to);
	put_cause(&e->state.because, to);
}

static void put_loss(const struct trace_event *e, struct text *to)
{
	put_conv(e, to);
	if (e->kind == TRACE_TIMEOUT)
		text_printf(to, " timeout, %u in a row, RTO %u ms", e->loss[0], e->loss[1]);
	else
		text_printf(to, " fast retransmit, %u bytes in flight, cwnd %u", e->loss[0],
			e->loss[1]);
}

/* --- a line ----------------------------------------------------------------------------------- */

void trace_words(const struct trace_event *e, struct text *to)
{
	switch ((enum trace_kind)e->kind) {
	case TRACE_NONE:
		return;
	case TRACE_SEGMENT:
		put_segment(e, to);
		return;
	case TRACE_DATAGRAM:
		put_datagram(e, to);
		return;
	case TRACE_ICMP:
		put_icmp(e, to);
		return;
	case TRACE_ARP:
		put_arp(e, to);
		return;
	case TRACE_PACKET:
		put_packet(e, to);
		return;
	case TRACE_FRAGMENT:
		put_fragment(e, to);
		return;
	case TRACE_DROP:
		put_drop(e, to);
		return;
	case TRACE_STATE:
		put_change(e, to);
		return;
	case TRACE_TIMEOUT:
	case TRACE_RECOVER:
		put_loss(e, to);
		return;
	}
}
