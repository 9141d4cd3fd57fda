/*
 * Lines that begin with "in": frames that the tester sends.
 */
#include "transcript_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void address_frame(struct tr *t, struct frame *f, uint32_t src, uint32_t dst)
{
	f->ip.src = src;
	f->ip.dst = dst;
	memcpy(f->eth_dst, box_mac(t->box), 6);
	box_station(src, f->eth_src);
}

static bool keys_failed(struct keys *k)
{
	if (k->t->fault[0])
		return false;
	return tr_fail(k->t, "%s", k->why ? k->why : "a word does not fit");
}

/* Send what K holds TIMES times; each is answered at once unless a batch is open. */
static bool send_frame(struct keys *k, long long times)
{
	static uint8_t bytes[FRAME_MAX + 1024];
	struct tr *t = k->t;
	size_t i, len;

	if (k->wants_pattern)
		for (i = 0; i < k->f->data_len; i++)
			k->data[i] = tr_in_byte((uint64_t)(k->seq - 1) + i);
	k->f->data = k->data;
	len = frame_build(k->f, bytes);
	while (times-- > 0) {
		box_input(t->box, bytes, len);
		if (!t->is_batch)
			box_settle(t->box);
	}
	return true;
}

static struct keys keys_for(struct tr *t, struct frame *f, struct flow *flow)
{
	static uint8_t data[FRAME_MAX];
	struct keys k = { .t = t, .f = f, .flow = flow, .data = data, .seq = 1 };

	return k;
}

/* What the tester has said so far, for defaults and for scales. */
static void note_in(struct keys *k)
{
	struct flow *flow = k->flow;
	const struct frame *f = k->f;
	long long end = k->seq + (long long)f->data_len;

	if (f->tcp.flags & FRAME_RST)
		return;
	if (f->tcp.flags & FRAME_SYN)
		end++;
	if (f->tcp.flags & FRAME_FIN)
		end++;
	if (k->seq <= flow->in_nxt && end > flow->in_nxt)
		flow->in_nxt = (uint32_t)end;
	flow->win = f->tcp.window;
	if (f->tcp.has_ts) {
		flow->in_ts = f->tcp.ts_val;
		flow->in_ts_at_us = box_now(k->t->box);
	}
	if (!(f->tcp.flags & FRAME_SYN) || k->seq != 0)
		return;
	flow->in_has_ws = f->tcp.has_ws;
	flow->in_ws = f->tcp.ws;
	flow->in_has_ts = f->tcp.has_ts;
}

/* Timestamps go along by themselves once both have agreed; the tester's ticks are milliseconds
 * since its last one. */
static void default_ts(struct keys *k)
{
	const struct flow *flow = k->flow;

	if (k->has_ts || (k->f->tcp.flags & FRAME_SYN) || !flow->in_has_ts || !flow->out_has_ts)
		return;
	k->f->tcp.has_ts = true;
	k->f->tcp.ts_val =
		flow->in_ts + (uint32_t)((box_now(k->t->box) - flow->in_ts_at_us) / USEC_PER_MSEC);
	k->f->tcp.ts_ecr = flow->ts_last;
}

static bool in_tcp(struct tr *t, int n, char **words, long long times)
{
	struct frame f;
	struct keys k = keys_for(t, &f, t->flow);

	frame_init(&f, FRAME_TCP);
	if (!frame_flags_from(words[0], &f.tcp.flags))
		return tr_fail(t, "neither a kind of frame nor flags: %s", words[0]);
	address_frame(t, &f, t->flow->tuple.peer_ip, t->flow->tuple.our_ip);
	f.tcp.src_port = t->flow->tuple.peer_port;
	f.tcp.dst_port = t->flow->tuple.our_port;
	f.tcp.window = t->flow->win;
	k.seq = t->flow->in_nxt;
	if (f.tcp.flags & FRAME_ACK)
		f.tcp.ack = t->flow->out_nxt + t->flow->iss;
	if (!tr_keys_set(&k, n - 1, words + 1))
		return keys_failed(&k);
	if (f.ip.src != t->flow->tuple.peer_ip)
		box_station(f.ip.src, f.eth_src);
	f.tcp.seq = (uint32_t)k.seq + t->flow->irs;
	default_ts(&k);
	if (f.tcp.flags & FRAME_SYN)
		k.seq++; /* the first byte of its text is number 1 */
	send_frame(&k, times);
	if (f.tcp.flags & FRAME_SYN)
		k.seq--;
	note_in(&k);
	return true;
}

/* "stream 1..14601 by 1460": data in order, a frame each. */
static bool in_stream(struct tr *t, int n, char **words)
{
	struct range r;
	long long mss;
	char seq[32], len[32];

	if (n < 4 || strcmp(words[2], "by") != 0 || !tr_range(t, words[1], &r) ||
		!tr_number(t, words[3], &mss))
		return tr_fail(t, "stream wants FROM..TO by LENGTH");
	while (r.lo < r.hi) {
		long long left = r.hi - r.lo;
		char *line[TR_WORDS_MAX] = { (char[]){ "ACK" }, (char[]){ "seq" }, seq,
			(char[]){ "len" }, len };
		int i;

		for (i = 4; i < n; i++)
			line[i + 1] = words[i];
		(void)snprintf(seq, sizeof(seq), "%lld", r.lo);
		(void)snprintf(len, sizeof(len), "%lld", left < mss ? left : mss);
		if (!in_tcp(t, n + 1, line, 1))
			return false;
		r.lo += left < mss ? left : mss;
	}
	return true;
}

static bool in_arp(struct tr *t, int n, char **words, long long times)
{
	struct frame f;
	struct keys k = keys_for(t, &f, NULL);

	frame_init(&f, FRAME_ARP);
	address_frame(t, &f, 0x0a000002, box_ip(t->box));
	f.arp.sender = 0x0a000002;
	f.arp.target = box_ip(t->box);
	box_station(f.arp.sender, f.arp.sender_mac);
	if (n > 1 && strcmp(words[1], "request") == 0) {
		f.arp.op = 1;
		memset(f.eth_dst, 255, 6);
	} else if (n > 1 && strcmp(words[1], "reply") == 0) {
		f.arp.op = 2;
		memcpy(f.arp.target_mac, box_mac(t->box), 6);
	} else {
		return tr_fail(t, "arp wants request or reply");
	}
	if (!tr_keys_set(&k, n - 2, words + 2))
		return keys_failed(&k);
	return send_frame(&k, times);
}

static bool in_udp(struct tr *t, int n, char **words, long long times)
{
	struct frame f;
	struct keys k = keys_for(t, &f, NULL);

	frame_init(&f, FRAME_UDP);
	address_frame(t, &f, 0x0a000002, box_ip(t->box));
	f.udp.src_port = 5000;
	if (!tr_keys_set(&k, n - 1, words + 1))
		return keys_failed(&k);
	if (f.ip.src != 0x0a000002 && !(f.eth_src[0] & 1) && f.eth_src[5] == 2)
		box_station(f.ip.src, f.eth_src);
	return send_frame(&k, times);
}

static const struct {
	const char *name;
	uint8_t type;
} icmp_types[] = {
	{ "echo", 8 },
	{ "echoreply", 0 },
	{ "unreach", 3 },
	{ "quench", 4 },
	{ "redirect", 5 },
	{ "exceeded", 11 },
	{ "param", 12 },
	{ "timestamp", 13 },
	{ "mask", 17 },
};

static bool in_icmp(struct tr *t, int n, char **words, long long times)
{
	struct frame f;
	struct keys k = keys_for(t, &f, t->flow);
	size_t i;

	frame_init(&f, FRAME_ICMP);
	address_frame(t, &f, 0x0a000002, box_ip(t->box));
	for (i = 0; n > 1 && i < ARRAY_LEN(icmp_types); i++) {
		if (strcmp(words[1], icmp_types[i].name) == 0) {
			f.icmp.type = icmp_types[i].type;
			n--;
			words++;
			break;
		}
	}
	if (!tr_keys_set(&k, n - 1, words + 1))
		return keys_failed(&k);
	return send_frame(&k, times);
}

static bool in_ip(struct tr *t, int n, char **words, long long times, enum frame_kind kind)
{
	struct frame f;
	struct keys k = keys_for(t, &f, NULL);

	frame_init(&f, kind);
	address_frame(t, &f, 0x0a000002, box_ip(t->box));
	if (!tr_keys_set(&k, n - 1, words + 1))
		return keys_failed(&k);
	return send_frame(&k, times);
}

static bool in_hex(struct tr *t, const char *digits, long long times)
{
	static uint8_t bytes[4096];
	unsigned byte;
	size_t len = 0;

	for (; digits[0] && digits[1] && len < sizeof(bytes); digits += 2) {
		if (sscanf(digits, "%2x", &byte) != 1)
			return tr_fail(t, "hex digits were expected");
		bytes[len++] = (uint8_t)byte;
	}
	while (times-- > 0) {
		box_input(t->box, bytes, len);
		if (!t->is_batch)
			box_settle(t->box);
	}
	return true;
}

/* A whole datagram, built but not sent, from which fragments are cut. */
bool tr_datagram(struct tr *t, int n, char **words)
{
	struct saved *s = tr_saved(t, words[1]);
	struct frame f;
	struct keys k = keys_for(t, &f, t->flow);
	size_t i;

	if (n < 3)
		return tr_fail(t, "datagram wants NAME udp|icmp|tcp and its words");
	(void)tr_box(t);
	if (!s && t->saved_n < TR_SAVED_MAX)
		s = &t->saved[t->saved_n++];
	if (!s)
		return tr_fail(t, "too many names");
	frame_init(&f,
		strcmp(words[2], "udp") == 0            ? FRAME_UDP
			: strcmp(words[2], "icmp") == 0 ? FRAME_ICMP
							: FRAME_TCP);
	address_frame(t, &f, 0x0a000002, box_ip(t->box));
	f.udp.src_port = 5000;
	f.icmp.type = 8;
	f.tcp.src_port = t->flow->tuple.peer_port;
	f.tcp.dst_port = t->flow->tuple.our_port;
	f.tcp.flags = FRAME_SYN;
	f.ip.df = false;
	if (!tr_keys_set(&k, n - 3, words + 3))
		return keys_failed(&k);
	f.tcp.seq = (uint32_t)(k.seq - 1) + t->flow->irs;
	if (k.wants_pattern)
		for (i = 0; i < f.data_len; i++)
			k.data[i] = tr_in_byte(i);
	f.data = k.data;
	free(s->bytes);
	memset(s, 0, sizeof(*s));
	(void)snprintf(s->name, sizeof(s->name), "%s", words[1]);
	s->bytes = malloc(FRAME_MAX + 1024);
	if (!s->bytes)
		abort();
	s->len = frame_build(&f, s->bytes);
	(void)frame_parse(&s->frame, s->bytes, s->len);
	return true;
}

/* "frag D off 1480 len 1480 mf id 7": a piece of datagram D. */
static bool in_frag(struct tr *t, int n, char **words, long long times)
{
	struct saved *s = n > 1 ? tr_saved(t, words[1]) : NULL;
	struct frame f;
	struct keys k = keys_for(t, &f, NULL);
	size_t whole;

	if (!s)
		return tr_fail(t, "frag wants the name of a datagram");
	frame_init(&f, FRAME_IP);
	address_frame(t, &f, s->frame.ip.src, s->frame.ip.dst);
	f.ip.df = false;
	f.ip.proto = s->frame.ip.proto;
	f.ip.id = 1;
	if (!tr_keys_set(&k, n - 2, words + 2))
		return keys_failed(&k);
	k.wants_pattern = false;
	whole = s->len - FRAME_ETH_LEN - 20;
	if (f.ip.off + f.data_len <= whole)
		memcpy(k.data, s->bytes + FRAME_ETH_LEN + 20 + f.ip.off, f.data_len);
	else
		memset(k.data, 0x5a, f.data_len); /* past the end: bytes of no meaning */
	return send_frame(&k, times);
}

/* "frags D by 1480 id 7": all of datagram D. */
static bool in_frags(struct tr *t, int n, char **words)
{
	struct saved *s = n > 1 ? tr_saved(t, words[1]) : NULL;
	long long whole, piece, off;

	if (!s || n < 4 || !tr_number(t, words[3], &piece))
		return tr_fail(t, "frags wants the name of a datagram and by LENGTH");
	whole = (long long)s->len - FRAME_ETH_LEN - 20;
	for (off = 0; off < whole; off += piece) {
		char off_word[24], len_word[24];
		char *line[TR_WORDS_MAX] = { words[0], words[1], (char[]){ "off" }, off_word,
			(char[]){ "len" }, len_word };
		long long left = whole - off;
		int i;

		(void)snprintf(off_word, sizeof(off_word), "%lld", off);
		(void)snprintf(len_word, sizeof(len_word), "%lld", left < piece ? left : piece);
		for (i = 4; i < n; i++)
			line[i + 2] = words[i];
		line[n + 2] = (char[]){ "mf" };
		if (!in_frag(t, left > piece ? n + 3 : n + 2, line, 1))
			return false;
	}
	return true;
}

static bool take_times(struct tr *t, int *n, char **words, long long *times)
{
	int i;

	*times = 1;
	for (i = 1; i + 1 < *n; i++) {
		if (strcmp(words[i], "times") != 0)
			continue;
		if (!tr_number(t, words[i + 1], times))
			return false;
		memmove(words + i, words + i + 2, (size_t)(*n - i - 2) * sizeof(*words));
		*n -= 2;
		return true;
	}
	return true;
}

bool tr_in(struct tr *t, int n, char **words)
{
	long long times;

	if (n < 2)
		return tr_fail(t, "in wants a frame");
	(void)tr_box(t);
	if ((!t->is_batch && !tr_quiet(t)) || !take_times(t, &n, words, &times))
		return false;
	words++;
	n--;
	if (strcmp(words[0], "arp") == 0)
		return in_arp(t, n, words, times);
	if (strcmp(words[0], "udp") == 0)
		return in_udp(t, n, words, times);
	if (strcmp(words[0], "icmp") == 0)
		return in_icmp(t, n, words, times);
	if (strcmp(words[0], "ip") == 0)
		return in_ip(t, n, words, times, FRAME_IP);
	if (strcmp(words[0], "eth") == 0)
		return in_ip(t, n, words, times, FRAME_OTHER);
	if (strcmp(words[0], "frag") == 0)
		return in_frag(t, n, words, times);
	if (strcmp(words[0], "frags") == 0)
		return in_frags(t, n, words);
	if (strcmp(words[0], "stream") == 0)
		return in_stream(t, n, words);
	if (strcmp(words[0], "hex") == 0 && n == 2)
		return in_hex(t, words[1], times);
	return in_tcp(t, n, words, times);
}
