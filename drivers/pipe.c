#include <stdlib.h>
#include <string.h>

#include "parts.h"

/* On its way in one direction; as long as a TAP's own queue. */
#define PIPE_QUEUE_MAX 512

struct pipe_nic {
	struct nic nic;
	struct pipe_nic *peer; /* NULL: closed */
	/* What we sent and the peer has not taken in. */
	struct pkt *first;
	struct pkt *last;
	uint32_t queued;
	bool wants_out;
};

static struct pipe_nic *pipe_of(struct nic *n)
{
	return CONTAINER_OF(n, struct pipe_nic, nic);
}

static int pipe_send(struct link *link, struct pkt *p)
{
	struct pipe_nic *me = CONTAINER_OF(link, struct pipe_nic, nic.link);

	me->wants_out = me->queued == PIPE_QUEUE_MAX;
	if (me->wants_out)
		return -EAGAIN;
	if (!me->peer) {
		pkt_free(me->nic.pkts, p);
		return -ENOTCONN;
	}
	p->next = NULL;
	if (me->last)
		me->last->next = p;
	else
		me->first = p;
	me->last = p;
	me->queued++;
	return 0;
}

static struct pkt *pipe_unqueue(struct pipe_nic *from)
{
	struct pkt *p = from->first;

	if (!p)
		return NULL;
	from->first = p->next;
	if (!from->first)
		from->last = NULL;
	from->queued--;
	p->next = NULL;
	return p;
}

/* What the sender left to the device is, to the receiver, what the device has checked. */
static void take_offload(struct pkt *into, const struct pkt *p)
{
	uint32_t headers;

	into->segs = 1;
	if (!(p->offload & PKT_CSUM_FILL))
		return;
	into->offload = PKT_CSUM_GOOD | (p->offload & (PKT_SEG_TCP | PKT_SEG_UDP));
	into->csum_start = into->off + p->csum_start - p->off;
	into->csum_off = p->csum_off;
	into->seg_len = p->seg_len;
	if (p->seg_len == 0)
		return;
	headers = p->csum_start - p->off;
	headers += p->offload & PKT_SEG_UDP ? 8 : (p->head->data[p->csum_start + 12] >> 4) * 4u;
	into->segs = (uint16_t)((pkt_len(p) - headers + p->seg_len - 1) / p->seg_len);
}

static int pipe_fill(struct pkt *into, struct buf *rest, const struct pkt *p)
{
	uint32_t len = pkt_len(p);
	uint32_t head_len = min_u32(len, pkt_tailroom(into));
	uint32_t rest_len = len - head_len;

	if (rest_len > 0 && !rest)
		return NIC_TRUNCATED;
	if (rest_len > 0 && rest_len > rest->cap)
		return NIC_TOO_LONG;
	(void)pkt_copy_out(p, 0, pkt_data(into), head_len);
	into->len = head_len;
	if (rest_len > 0) {
		(void)pkt_copy_out(p, head_len, rest->data, rest_len);
		(void)pkt_add_slice(into, rest, 0, rest_len);
	}
	take_offload(into, p);
	return 1;
}

static int pipe_recv(struct nic *n, struct pkt *into, struct buf *rest)
{
	struct pipe_nic *peer = pipe_of(n)->peer;
	struct pkt *p = peer ? pipe_unqueue(peer) : NULL;
	int got;

	if (!p)
		return 0;
	got = pipe_fill(into, rest, p);
	pkt_free(peer->nic.pkts, p);
	return got;
}

static int pipe_fd(struct nic *n)
{
	(void)n;
	return -1;
}

static bool pipe_wants_out(struct nic *n)
{
	return pipe_of(n)->wants_out;
}

static void pipe_limit(struct nic *n, uint8_t offers)
{
	struct pipe_nic *me = pipe_of(n);

	/* What comes in is what the other side was offered. */
	n->link.offers &= offers;
	if (me->peer)
		me->peer->nic.link.offers &= offers;
}

static void pipe_close(struct nic *n)
{
	struct pipe_nic *me = pipe_of(n);
	struct pkt *p;

	while ((p = pipe_unqueue(me)) != NULL)
		pkt_free(me->nic.pkts, p);
	if (me->peer) {
		while ((p = pipe_unqueue(me->peer)) != NULL)
			pkt_free(me->peer->nic.pkts, p);
		me->peer->peer = NULL;
	}
	free(me);
}

static const struct driver pipe_driver = {
	.name = "pipe",
	.fd = pipe_fd,
	.recv = pipe_recv,
	.wants_out = pipe_wants_out,
	.limit = pipe_limit,
	.close = pipe_close,
};

static struct pipe_nic *pipe_new(const char *name, uint64_t mac_seed, uint16_t mtu, uint8_t offers)
{
	struct pipe_nic *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->nic.driver = &pipe_driver;
	p->nic.link.name = name;
	p->nic.link.mtu = mtu;
	p->nic.link.offers = offers;
	p->nic.link.send = pipe_send;
	nic_mac_from(p->nic.link.mac, mac_seed);
	return p;
}

int pipe_pair(struct nic **a, struct nic **b, uint16_t mtu, uint8_t offers)
{
	struct pipe_nic *left = pipe_new("pipe0", 1, mtu, offers);
	struct pipe_nic *right;

	if (!left)
		return -ENOMEM;
	right = pipe_new("pipe1", 2, mtu, offers);
	if (!right) {
		free(left);
		return -ENOMEM;
	}
	left->peer = right;
	right->peer = left;
	*a = &left->nic;
	*b = &right->nic;
	return 0;
}
