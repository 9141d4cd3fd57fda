#include "oracle_private.h"

#include <stdlib.h>
#include <string.h>

/* A peer who asks for tinier segments than this is not followed all the way (T-09). */
#define MSS_FLOOR   216
#define MSS_DEFAULT 536

/* A clock of 1 ms may have gone half way round after this. */
#define TS_MEANING_US (20ull * 86400 * 1000000)

static bool seq_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static uint32_t flow_hash(const struct oracle_tuple *t)
{
	uint32_t h = t->our_ip * 31 + t->peer_ip;

	h = h * 31 + t->our_port * 65537u + t->peer_port * 257u;
	return (h ^ h >> 13) % ORACLE_FLOW_HEADS;
}

static bool is_same_tuple(const struct oracle_tuple *a, const struct oracle_tuple *b)
{
	return a->our_ip == b->our_ip && a->peer_ip == b->peer_ip && a->our_port == b->our_port &&
		a->peer_port == b->peer_port;
}

static struct oracle_flow *flow_find(const struct oracle *o, const struct oracle_tuple *t)
{
	struct oracle_flow *flow = o->flows[flow_hash(t)];

	while (flow && !is_same_tuple(&flow->tuple, t))
		flow = flow->next;
	return flow;
}

static struct oracle_flow *flow_make(struct oracle *o, const struct oracle_tuple *t)
{
	struct oracle_flow *flow = flow_find(o, t);
	uint32_t h = flow_hash(t);

	if (flow)
		return flow;
	flow = calloc(1, sizeof(*flow));
	if (!flow)
		abort();
	flow->tuple = *t;
	flow->next = o->flows[h];
	o->flows[h] = flow;
	return flow;
}

void oracle_flows_free(struct oracle *o)
{
	int i;

	for (i = 0; i < ORACLE_FLOW_HEADS; i++) {
		while (o->flows[i]) {
			struct oracle_flow *flow = o->flows[i];

			o->flows[i] = flow->next;
			free(flow->sent);
			free(flow);
		}
	}
}

bool oracle_edge(const struct oracle *o, const struct oracle_tuple *t, uint32_t *edge)
{
	const struct oracle_flow *flow = flow_find(o, t);

	if (!flow || !flow->has_edge)
		return false;
	*edge = flow->edge;
	return true;
}

static uint32_t segment_end(const struct frame *f)
{
	return f->tcp.seq + (uint32_t)f->data_len + ((f->tcp.flags & FRAME_SYN) ? 1u : 0u) +
		((f->tcp.flags & FRAME_FIN) ? 1u : 0u);
}

static bool scales(const struct oracle_flow *flow)
{
	return flow->sent_ws && flow->theirs.has_ws;
}

static void heard_syn(struct oracle_flow *flow, const struct frame *f)
{
	struct oracle_syn *syn = &flow->syns[0];

	memmove(&flow->syns[1], &flow->syns[0], sizeof(flow->syns) - sizeof(flow->syns[0]));
	if (flow->syns_n < ORACLE_SYNS)
		flow->syns_n++;
	syn->seq = f->tcp.seq;
	syn->end = segment_end(f);
	syn->has_ack = f->tcp.flags & FRAME_ACK;
	syn->ack = f->tcp.ack;
	syn->has_mss = f->tcp.has_mss;
	syn->mss = f->tcp.mss;
	syn->has_ws = f->tcp.has_ws;
	syn->ws = f->tcp.ws > 14 ? 14 : f->tcp.ws; /* RFC 7323 2.3 */
	syn->has_ts = f->tcp.has_ts;
	syn->is_unclear = f->tcp.has_bad_options;
}

/* Furthest edge that the tester has offered, believing only what acknowledges our stream. */
static void heard_window(struct oracle_flow *flow, const struct frame *f)
{
	bool is_scaled = !(f->tcp.flags & FRAME_SYN) && scales(flow);
	uint32_t edge = f->tcp.ack + ((uint32_t)f->tcp.window << (is_scaled ? flow->theirs.ws : 0));

	if (!flow->has_iss || f->tcp.ack - flow->iss > flow->sent_len + 2)
		return;
	if (!flow->has_peer_edge || seq_after(edge, flow->peer_edge))
		flow->peer_edge = edge;
	flow->has_peer_edge = true;
}

static void heard_text(struct oracle_flow *flow, const struct frame *f)
{
	uint32_t end = segment_end(f);

	if (!flow->is_met || !flow->has_edge)
		return;
	if ((f->tcp.flags & FRAME_FIN) && !seq_after(end, flow->edge)) {
		flow->has_heard_fin = true;
		flow->heard_fin = end;
	}
	if (seq_after(end, flow->edge))
		end = flow->edge;
	if (seq_after(end, flow->heard_end))
		flow->heard_end = end;
}

void oracle_tcp_heard(struct oracle *o, const struct frame *f)
{
	struct oracle_tuple t = { f->ip.dst, f->ip.src, f->tcp.dst_port, f->tcp.src_port };
	struct oracle_flow *flow = flow_find(o, &t);

	if (!flow && !(f->tcp.flags & FRAME_SYN))
		return;
	flow = flow_make(o, &t);
	if (f->tcp.flags & FRAME_SYN)
		heard_syn(flow, f);
	if (f->tcp.flags & FRAME_ACK)
		heard_window(flow, f);
	heard_text(flow, f);
}

/* A SYN of ours with a new number, or in answer to another SYN: a new life of this tuple. */
static void flow_begin(struct oracle_flow *flow, const struct frame *f)
{
	struct oracle_flow old = *flow;

	memset(flow, 0, sizeof(*flow));
	flow->next = old.next;
	flow->tuple = old.tuple;
	memcpy(flow->syns, old.syns, sizeof(old.syns));
	flow->syns_n = old.syns_n;
	free(old.sent);
	flow->has_iss = true;
	flow->iss = f->tcp.seq;
}

/* The first acknowledgement of theirs says which of the SYNs we were given was taken. */
static void flow_meet(struct oracle_flow *flow, const struct frame *f)
{
	unsigned i;

	for (i = 0; i < flow->syns_n; i++) {
		const struct oracle_syn *syn = &flow->syns[i];

		if (f->tcp.ack - syn->seq - 1 > syn->end - syn->seq)
			continue;
		if (syn->has_ack && syn->ack != flow->iss + 1)
			continue;
		flow->theirs = *syn;
		flow->heard_end = syn->end;
		flow->is_met = true;
		return;
	}
}

static void judge_syn(struct oracle *o, struct oracle_flow *flow, const struct frame *f)
{
	bool is_other = flow->is_met && (f->tcp.flags & FRAME_ACK) &&
		f->tcp.ack - flow->theirs.seq - 1 > flow->theirs.end - flow->theirs.seq;

	if (!flow->has_iss || flow->iss != f->tcp.seq || is_other)
		flow_begin(flow, f);
	if (f->tcp.has_ws && f->tcp.ws > 14)
		oracle_blame(o, "window scale %u (RFC 7323 2.3)", f->tcp.ws);
	flow->sent_ws = f->tcp.has_ws;
	flow->our_ws = f->tcp.ws;
	flow->sent_ts = f->tcp.has_ts;
}

static void judge_options(struct oracle *o, struct oracle_flow *flow, const struct frame *f)
{
	const struct frame_tcp *t = &f->tcp;
	bool is_syn = t->flags & FRAME_SYN;
	bool is_agreed = flow->is_met && flow->sent_ts && flow->theirs.has_ts;

	if (!is_syn && (t->has_mss || t->has_ws || t->has_sack_ok))
		oracle_blame(o, "MSS, WS or SACK-permitted without SYN (T-06)");
	if (flow->is_met && flow->theirs.is_unclear)
		return; /* what was agreed on depends on how much of the SYN was read */
	if (is_syn && (t->flags & FRAME_ACK) && flow->is_met &&
		((t->has_ws && !flow->theirs.has_ws) || (t->has_ts && !flow->theirs.has_ts)))
		oracle_blame(o, "a SYN,ACK offers what the SYN did not (RFC 7323 1.3)");
	if (!is_syn && is_agreed && !t->has_ts)
		oracle_blame(o, "no timestamps though they were agreed on (T-74)");
	if (!is_syn && !is_agreed && t->has_ts)
		oracle_blame(o, "timestamps though they were not agreed on (RFC 7323 3.2)");
	if (t->has_ts && flow->has_ts_val && o->now_us - flow->ts_at_us < TS_MEANING_US &&
		seq_after(flow->ts_val, t->ts_val))
		oracle_blame(o, "TSval went back from %u to %u", flow->ts_val, t->ts_val);
	if (t->has_ts)
		flow->ts_val = t->ts_val;
	flow->has_ts_val = t->has_ts;
	flow->ts_at_us = o->now_us;
}

/* RFC 9293 3.8.6: the right edge of the window does not move left, but by what its scale cannot
 * say (RFC 7323 2.4). */
static void judge_window(struct oracle *o, struct oracle_flow *flow, const struct frame *f)
{
	bool is_scaled = !(f->tcp.flags & FRAME_SYN) && flow->is_met && scales(flow);
	uint32_t edge = f->tcp.ack + ((uint32_t)f->tcp.window << (is_scaled ? flow->our_ws : 0));

	if (!(f->tcp.flags & FRAME_ACK))
		return;
	if (flow->is_met && seq_after(f->tcp.ack, flow->heard_end))
		oracle_blame(
			o, "acknowledges %u bytes that nobody sent", f->tcp.ack - flow->heard_end);
	/* nothing can follow their FIN: then the window means nothing any more */
	if (flow->has_edge && flow->edge - edge >= (is_scaled ? 1u << flow->our_ws : 1u) &&
		seq_after(flow->edge, edge) &&
		!(flow->has_heard_fin && f->tcp.ack == flow->heard_fin))
		oracle_blame(o, "the window's right edge shrank by %u (T-65)", flow->edge - edge);
	if (!flow->has_edge || seq_after(edge, flow->edge))
		flow->edge = edge;
	flow->has_edge = true;
}

static void grow(struct oracle_flow *flow, uint32_t len)
{
	if (len <= flow->sent_cap)
		return;
	flow->sent_cap = len * 2 > 65536 ? len * 2 : 65536;
	flow->sent = realloc(flow->sent, flow->sent_cap);
	if (!flow->sent)
		abort();
}

static void judge_bytes(struct oracle *o, struct oracle_flow *flow, const struct frame *f)
{
	uint32_t from = f->tcp.seq - flow->iss - 1;
	uint32_t len = (uint32_t)f->data_len;
	uint32_t old;

	if (from > flow->sent_len) {
		oracle_blame(o, "a hole in what was sent: at %u, so far %u", from + 1,
			flow->sent_len + 1);
		return;
	}
	old = flow->sent_len - from < len ? flow->sent_len - from : len;
	if (old && memcmp(flow->sent + from, f->data, old) != 0)
		oracle_blame(o, "other bytes at sequence number %u than before (T-85)", from + 1);
	if (old == len)
		return;
	if (flow->has_fin)
		oracle_blame(o, "data behind our FIN");
	grow(flow, from + len);
	memcpy(flow->sent + from + old, f->data + old, len - old);
	flow->sent_len = from + len;
}

static void judge_text(struct oracle *o, struct oracle_flow *flow, const struct frame *f)
{
	uint32_t mss = flow->theirs.has_mss ? flow->theirs.mss : MSS_DEFAULT;
	uint32_t end = f->tcp.seq + (uint32_t)f->data_len;
	size_t cost = f->data_len + f->tcp.hdr_len - 20u;

	if (mss < MSS_FLOOR)
		mss = MSS_FLOOR;
	if (flow->is_met && f->data_len && cost > mss)
		oracle_blame(
			o, "%zu bytes with options to a peer whose MSS is %u (T-08)", cost, mss);
	if (flow->has_peer_edge && f->data_len && seq_after(end, flow->peer_edge) &&
		!(f->tcp.seq == flow->peer_edge && f->data_len == 1))
		oracle_blame(o, "%u bytes beyond the window that was offered (T-80)",
			end - flow->peer_edge);
	if (f->data_len)
		judge_bytes(o, flow, f);
	if (f->tcp.flags & FRAME_FIN) {
		if (end != flow->iss + 1 + flow->sent_len)
			oracle_blame(o, "a FIN in front of the end of the data");
		flow->has_fin = true;
	}
}

void oracle_tcp_sent(struct oracle *o, const struct frame *f)
{
	struct oracle_tuple t = { f->ip.src, f->ip.dst, f->tcp.src_port, f->tcp.dst_port };
	struct oracle_flow *flow;

	if (f->tcp.flags & FRAME_RST)
		return; /* it speaks in the name of no conversation */
	flow = flow_make(o, &t);
	if (f->tcp.flags & FRAME_SYN)
		judge_syn(o, flow, f);
	if (!flow->has_iss) {
		oracle_blame(o, "a segment in a conversation we never opened");
		return;
	}
	if (!flow->is_met && (f->tcp.flags & FRAME_ACK))
		flow_meet(flow, f);
	judge_options(o, flow, f);
	judge_window(o, flow, f);
	if (!(f->tcp.flags & FRAME_SYN))
		judge_text(o, flow, f);
}
