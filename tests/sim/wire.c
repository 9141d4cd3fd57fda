/*
 * wire.c - a wire that loses, doubles, delays, reorders and damages, by the seed.
 */
#include "sim.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ETH_TYPE_OFF 12
#define ETH_HDR_LEN  14

/* SplitMix64: small, and every state is as good as any other. */
uint64_t dice_roll(struct dice *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint32_t dice_below(struct dice *d, uint32_t below)
{
	return below ? (uint32_t)(dice_roll(d) % below) : 0;
}

bool dice_chance(struct dice *d, uint32_t per_million)
{
	return dice_below(d, 1000000) < per_million;
}

static void trace_frame(struct sim *s, const struct frame *f)
{
	uint64_t h = s->trace ^ s->now_us ^ ((uint64_t)f->len << 32);

	for (uint32_t i = 0; i < f->len; i++)
		h = (h ^ f->bytes[i]) * 0x100000001b3u;
	s->trace = h;
}

static void enqueue(struct sim *s, struct frame *f)
{
	struct frame **at = &s->frames;

	f->order = s->frames_n++;
	while (*at && (*at)->due_us <= f->due_us)
		at = &(*at)->next;
	f->next = *at;
	*at = f;
}

static struct frame *frame_copy(const struct frame *f)
{
	struct frame *copy = malloc(sizeof *copy + f->len);

	memcpy(copy, f, sizeof *f + f->len);
	return copy;
}

static struct frame *frame_from(struct host *h, const struct pkt *p)
{
	uint32_t len = pkt_len(p);
	struct frame *f = calloc(1, sizeof *f + len);

	f->to = !h->side;
	f->len = len;
	f->offload = p->offload;
	f->seg_len = p->seg_len;
	pkt_copy_out(p, 0, f->bytes, len);
	return f;
}

/*
 * One bit, which every Internet checksum notices. ARP has no checksum: damage there would be
 * believed, by any host, and is not what is being tried.
 */
static void damage(struct sim *s, struct frame *f)
{
	uint32_t bit;

	if (f->bytes[ETH_TYPE_OFF] == 0x08 && f->bytes[ETH_TYPE_OFF + 1] == 0x06)
		return;
	bit = dice_below(&s->dice, (f->len - ETH_HDR_LEN) * 8);
	f->bytes[ETH_HDR_LEN + bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static usec_t time_on_wire_us(const struct weather *w, uint32_t len)
{
	return w->bits_per_sec ? (usec_t)len * 8 * USEC_PER_SEC / w->bits_per_sec : 0;
}

/* When does a frame sent now arrive? Frames of one direction leave one after another. */
static usec_t due_us(struct host *h, const struct frame *f)
{
	struct sim *s = h->sim;
	const struct weather *w = &s->weather;
	usec_t leaves_us = max_u64(h->free_us, s->now_us) + time_on_wire_us(w, f->len);

	h->free_us = leaves_us;
	return leaves_us + w->delay_us;
}

static void send_one(struct host *h, struct frame *f)
{
	struct sim *s = h->sim;
	const struct weather *w = &s->weather;

	if (dice_chance(&s->dice, w->loss) || h->queued >= w->queue_max) {
		free(f);
		return;
	}
	f->due_us = due_us(h, f);
	if (dice_chance(&s->dice, w->reorder))
		f->due_us += 1 + dice_below(&s->dice, (uint32_t)w->jitter_us + 1);
	if (dice_chance(&s->dice, w->corrupt))
		damage(s, f);
	h->queued++;
	if (dice_chance(&s->dice, w->duplicate)) {
		struct frame *twin = frame_copy(f);

		twin->due_us += dice_below(&s->dice, (uint32_t)w->jitter_us + 1);
		h->queued++;
		enqueue(s, twin);
	}
	enqueue(s, f);
}

static void capture(const struct sim *s, const struct frame *f)
{
	uint32_t record[4] = { (uint32_t)(s->now_us / USEC_PER_SEC),
		(uint32_t)(s->now_us % USEC_PER_SEC), f->len, f->len };

	if (s->pcap_fd < 0)
		return;
	if (write(s->pcap_fd, record, sizeof record) < 0 || write(s->pcap_fd, f->bytes, f->len) < 0)
		return;
}

void wire_capture_open(struct sim *s, const char *path)
{
	const uint32_t header[6] = { 0xa1b2c3d4u, 0x00040002u, 0, 0, 262144, 1 };

	s->pcap_fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
	if (s->pcap_fd >= 0 && write(s->pcap_fd, header, sizeof header) < 0)
		s->pcap_fd = -1;
}

int wire_send(struct link *link, struct pkt *p)
{
	struct host *h = CONTAINER_OF(link, struct host, link);
	struct frame *f = frame_from(h, p);

	h->frames_sent++;
	h->bytes_sent += f->len;
	trace_frame(h->sim, f);
	capture(h->sim, f);
	stack_pkt_free(h->stack, p);
	send_one(h, f);
	return 0;
}

/* How many wire segments a frame stands for, by the headers in it. */
static uint16_t segs_of(const struct frame *f)
{
	uint32_t headers = ETH_HDR_LEN;

	/* The wire may have damaged what it says. */
	if (!(f->offload & PKT_SEG_TCP) || f->seg_len == 0)
		return 1;
	headers += (uint32_t)(f->bytes[ETH_HDR_LEN] & 15) * 4;
	if (f->len <= headers + 12)
		return 1;
	headers += (uint32_t)(f->bytes[headers + 12] >> 4) * 4;
	if (f->len <= headers)
		return 1;
	return (uint16_t)((f->len - headers + f->seg_len - 1) / f->seg_len);
}

static bool fill(struct pkt *p, const struct frame *f, struct buf *rest)
{
	uint32_t head = min_u32(f->len, pkt_tailroom(p));

	memcpy(pkt_append(p, head), f->bytes, head);
	if (head == f->len)
		return true;
	if (!rest || f->len - head > rest->cap)
		return false;
	memcpy(rest->data, f->bytes + head, f->len - head);
	return pkt_add_slice(p, rest, 0, f->len - head) == 0;
}

static void deliver(struct sim *s, const struct frame *f)
{
	struct host *h = &s->host[f->to];
	struct pkt *p = stack_pkt(h->stack);
	struct buf *rest = stack_rx_buf(h->stack);

	if (!p || !fill(p, f, rest)) {
		stack_rx_fault(h->stack, h->ifc, STACK_RX_NO_MEMORY);
		stack_pkt_free(h->stack, p);
		buf_drop(rest);
		return;
	}
	buf_drop(rest);
	if (f->offload & PKT_CSUM_FILL)
		p->offload = PKT_CSUM_GOOD;
	p->seg_len = f->seg_len;
	p->segs = segs_of(f);
	stack_input(h->stack, h->ifc, p, s->now_us);
}

void wire_deliver(struct sim *s)
{
	while (s->frames && s->frames->due_us <= s->now_us) {
		struct frame *f = s->frames;

		s->frames = f->next;
		s->host[!f->to].queued--;
		deliver(s, f);
		free(f);
	}
}

usec_t wire_next_us(const struct sim *s)
{
	return s->frames ? s->frames->due_us : USEC_NEVER;
}

void wire_clear(struct sim *s)
{
	while (s->frames) {
		struct frame *f = s->frames;

		s->frames = f->next;
		free(f);
	}
}
