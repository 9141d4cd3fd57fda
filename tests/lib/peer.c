#include "peer.h"

#include <string.h>

uint8_t peer_byte(uint32_t off)
{
	uint32_t x = off * 2654435761u + 99;

	return (uint8_t)(x >> 24 ^ x >> 9);
}

void peer_init(struct peer *p, struct box *b, uint32_t ip, uint16_t port, uint16_t our_port)
{
	memset(p, 0, sizeof(*p));
	p->box = b;
	p->ip = ip;
	p->port = port;
	p->our_port = our_port;
	p->window = 65535;
	p->irs = 7777 + ip * 31 + port;
	p->snd_nxt = p->irs;
}

void peer_send(struct peer *p, uint8_t flags, uint32_t seq, uint32_t ack, size_t len)
{
	uint8_t data[1460], bytes[1600];
	struct frame f;
	size_t i;

	for (i = 0; i < len && i < sizeof(data); i++)
		data[i] = peer_byte(seq - p->irs - 1 + (uint32_t)i);
	frame_init(&f, FRAME_TCP);
	memcpy(f.eth_dst, box_mac(p->box), 6);
	box_station(p->ip, f.eth_src);
	f.ip.src = p->ip;
	f.ip.dst = box_ip(p->box);
	f.tcp.src_port = p->port;
	f.tcp.dst_port = p->our_port;
	f.tcp.seq = seq;
	f.tcp.ack = ack;
	f.tcp.flags = flags;
	f.tcp.window = p->window;
	if (flags & FRAME_SYN) {
		f.tcp.has_mss = true;
		f.tcp.mss = 1460;
	}
	f.data = data;
	f.data_len = len;
	box_input(p->box, bytes, frame_build(&f, bytes));
}

static void note(struct peer *p)
{
	const struct frame *f = &p->last;

	if (f->tcp.flags & FRAME_SYN)
		p->iss = f->tcp.seq;
	if (f->tcp.flags & FRAME_RST)
		return;
	p->rcv_nxt = f->tcp.seq + (uint32_t)f->data_len;
	if (f->tcp.flags & (FRAME_SYN | FRAME_FIN))
		p->rcv_nxt++;
}

bool peer_take(struct peer *p)
{
	const struct box_frame *frame;

	while ((frame = box_peek(p->box)) != NULL) {
		size_t len = frame->len < sizeof(p->bytes) ? frame->len : sizeof(p->bytes);

		memcpy(p->bytes, frame->bytes, len);
		box_seen(p->box);
		if (frame_parse(&p->last, p->bytes, len) || p->last.kind != FRAME_TCP ||
			p->last.ip.dst != p->ip || p->last.tcp.dst_port != p->port)
			continue;
		note(p);
		return true;
	}
	return false;
}

bool peer_call(struct peer *p)
{
	peer_send(p, FRAME_SYN, p->irs, 0, 0);
	box_settle(p->box);
	if (!peer_take(p) || p->last.tcp.flags != (FRAME_SYN | FRAME_ACK))
		return false;
	p->snd_nxt = p->irs + 1;
	peer_send(p, FRAME_ACK, p->snd_nxt, p->rcv_nxt, 0);
	box_settle(p->box);
	return true;
}

bool peer_answer(struct peer *p)
{
	if (p->last.tcp.flags != FRAME_SYN)
		return false;
	p->our_port = p->last.tcp.src_port;
	peer_send(p, FRAME_SYN | FRAME_ACK, p->irs, p->rcv_nxt, 0);
	p->snd_nxt = p->irs + 1;
	box_settle(p->box);
	return peer_take(p) && p->last.tcp.flags == FRAME_ACK;
}
