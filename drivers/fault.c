#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"

/* Frames on their way in one direction; past that the wire is full and loses them. */
#define FAULT_HELD_MAX 4096
/* Frames read from below in one go without one to hand on. */
#define FAULT_READ_MAX  64
#define FAULT_DELAY_MAX (10 * USEC_PER_SEC)
#define FAULT_PPM_MAX   1000000
/* How long a frame that is to be overtaken is late, besides the delay of all. */
#define FAULT_LATE_MIN_US 1000
#define FAULT_LATE_MAX_US 5000

#define ETH_HDR_LEN 14

/* A frame that is on its way, with what the device below said of it. */
struct held {
	struct held *next;
	usec_t due_us;
	uint32_t len;
	uint32_t csum_start; /* from the frame's first byte */
	uint16_t csum_off;
	uint16_t seg_len;
	uint16_t segs;
	uint8_t offload;
	uint8_t bytes[];
};

/* One direction. */
struct way {
	/* In millionths. */
	uint32_t loss;
	uint32_t dup;
	uint32_t reorder;
	uint32_t corrupt;
	usec_t delay_us;

	uint64_t random;
	struct held *first; /* by the time they are due, equal ones in the order they came */
	uint32_t held;
};

enum { WAY_IN, WAY_OUT, WAYS };

struct fault_nic {
	struct nic nic;
	struct nic *inner;
	usec_t now_us;
	struct way ways[WAYS];
};

/* What shall become of one frame. */
struct fate {
	bool is_lost;
	bool is_doubled;
	bool is_damaged;
	usec_t late_us;
	uint64_t place; /* of the damage */
};

static struct fault_nic *fault_of(struct nic *n)
{
	return CONTAINER_OF(n, struct fault_nic, nic);
}

/* Steele, Lea and Flood's splitmix: small, and good enough for dice. */
static uint64_t next_random(struct way *w)
{
	uint64_t z = w->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static bool happens(struct way *w, uint32_t ppm)
{
	return next_random(w) % FAULT_PPM_MAX < ppm;
}

/* Every frame rolls the same dice, so that one word of the spec does not move the others. */
static struct fate roll(struct way *w)
{
	struct fate f;
	usec_t late_us;

	f.is_lost = happens(w, w->loss);
	f.is_doubled = happens(w, w->dup);
	f.is_damaged = happens(w, w->corrupt);
	late_us = happens(w, w->reorder) ? FAULT_LATE_MIN_US : 0;
	f.place = next_random(w);
	if (late_us > 0)
		late_us += next_random(w) % (FAULT_LATE_MAX_US - FAULT_LATE_MIN_US);
	f.late_us = late_us;
	return f;
}

/* One bit of an IP packet, which some sum notices. Other frames have no sum, and what carries
 * them would have thrown them away. */
static void damage(struct held *h, uint64_t place)
{
	uint32_t body = h->len < ETH_HDR_LEN ? 0 : h->len - ETH_HDR_LEN;
	uint32_t type = body == 0 ? 0 : (uint32_t)h->bytes[12] << 8 | h->bytes[13];

	if (body > 0 && (type == 0x0800 || type == 0x86dd))
		h->bytes[ETH_HDR_LEN + (place >> 3) % body] ^= (uint8_t)(1u << (place & 7));
}

static struct held *held_from(const struct pkt *p)
{
	uint32_t len = pkt_len(p);
	struct held *h = malloc(sizeof(*h) + len);

	if (!h)
		return NULL;
	h->len = len;
	h->csum_start = p->csum_start - p->off;
	h->csum_off = p->csum_off;
	h->seg_len = p->seg_len;
	h->segs = p->segs;
	h->offload = p->offload;
	(void)pkt_copy_out(p, 0, h->bytes, len);
	return h;
}

static void hold(struct way *w, struct held *h)
{
	struct held **at = &w->first;

	while (*at && (*at)->due_us <= h->due_us)
		at = &(*at)->next;
	h->next = *at;
	*at = h;
	w->held++;
}

static struct held *unhold(struct way *w)
{
	struct held *h = w->first;

	w->first = h->next;
	w->held--;
	return h;
}

/* Put a copy of P on its way; lost when there is no room or memory. */
static void hold_copy(struct way *w, const struct pkt *p, const struct fate *f, usec_t due_us)
{
	struct held *h = w->held < FAULT_HELD_MAX ? held_from(p) : NULL;

	if (!h)
		return;
	h->due_us = due_us;
	if (f->is_damaged)
		damage(h, f->place);
	hold(w, h);
}

static bool goes_straight(const struct way *w, const struct fate *f)
{
	return w->delay_us == 0 && f->late_us == 0 && !f->is_doubled && !f->is_damaged;
}

static void divert(struct fault_nic *n, struct way *w, const struct pkt *p, const struct fate *f)
{
	usec_t due_us = n->now_us + w->delay_us + f->late_us;

	hold_copy(w, p, f, due_us);
	if (f->is_doubled)
		hold_copy(w, p, f, due_us);
}

static bool is_due(const struct fault_nic *n, const struct way *w)
{
	return w->first && w->first->due_us <= n->now_us;
}

/* H as a packet; false when it does not fit what there is. */
static int restore(const struct held *h, struct pkt *p, struct buf *rest)
{
	int got = nic_pkt_fill(p, rest, h->bytes, h->len);

	p->csum_start = p->off + h->csum_start;
	p->csum_off = h->csum_off;
	p->seg_len = h->seg_len;
	p->segs = h->segs;
	p->offload = h->offload;
	return got;
}

/* --- out ------------------------------------------------------------------------------ */

static struct pkt *packet_from(struct fault_nic *n, const struct held *h)
{
	struct pkt *p = pkt_new(n->nic.pkts, 0, BUF_DATA);
	struct buf *rest = NULL;
	int got;

	if (!p)
		return NULL;
	if (h->len > pkt_tailroom(p))
		rest = buf_new(n->nic.pkts->bufs, BUF_LARGE, BUF_DATA);
	got = restore(h, p, rest);
	buf_drop(rest);
	if (got == 1)
		return p;
	pkt_free(n->nic.pkts, p);
	return NULL;
}

/* Send what is due, until the device below refuses. */
static void send_due(struct fault_nic *n)
{
	struct way *w = &n->ways[WAY_OUT];

	n->inner->pkts = n->nic.pkts;
	while (is_due(n, w)) {
		struct pkt *p = packet_from(n, w->first);

		if (p && n->inner->link.send(&n->inner->link, p) == -EAGAIN) {
			pkt_free(n->nic.pkts, p);
			return;
		}
		free(unhold(w));
	}
}

static int fault_send(struct link *link, struct pkt *p)
{
	struct fault_nic *n = CONTAINER_OF(link, struct fault_nic, nic.link);
	struct way *w = &n->ways[WAY_OUT];
	uint64_t before = w->random;
	struct fate f = roll(w);

	if (!f.is_lost && goes_straight(w, &f)) {
		int err;

		n->inner->pkts = n->nic.pkts;
		err = n->inner->link.send(&n->inner->link, p);
		if (err == -EAGAIN)
			w->random = before; /* it comes again, and meets the same fate */
		return err;
	}
	if (!f.is_lost)
		divert(n, w, p, &f);
	pkt_free(n->nic.pkts, p);
	send_due(n);
	return 0;
}

/* --- in ------------------------------------------------------------------------------- */

static int take_due(struct fault_nic *n, struct pkt *into, struct buf *rest)
{
	struct held *h = unhold(&n->ways[WAY_IN]);
	int got = restore(h, into, rest);

	free(h);
	return got;
}

static int fault_recv(struct nic *nic, struct pkt *into, struct buf *rest)
{
	struct fault_nic *n = fault_of(nic);
	struct way *w = &n->ways[WAY_IN];
	uint32_t off = into->off;

	n->inner->pkts = nic->pkts;
	for (int i = 0; i < FAULT_READ_MAX; i++) {
		struct fate f;
		int got;

		if (is_due(n, w))
			return take_due(n, into, rest);
		got = n->inner->driver->recv(n->inner, into, rest);
		if (got != 1)
			return got;
		f = roll(w);
		if (!f.is_lost && goes_straight(w, &f))
			return 1;
		if (!f.is_lost)
			divert(n, w, into, &f);
		nic_pkt_clear(into, off);
	}
	return 0;
}

/* --- the rest of a device ------------------------------------------------------------- */

static int fault_fd(struct nic *nic)
{
	struct nic *inner = fault_of(nic)->inner;

	return inner->driver->fd(inner);
}

static bool fault_wants_out(struct nic *nic)
{
	struct nic *inner = fault_of(nic)->inner;

	return inner->driver->wants_out(inner);
}

static usec_t fault_poll(struct nic *nic, usec_t now_us)
{
	struct fault_nic *n = fault_of(nic);
	usec_t next_us = USEC_NEVER;

	n->now_us = now_us;
	if (n->inner->driver->poll)
		next_us = n->inner->driver->poll(n->inner, now_us);
	send_due(n);
	if (n->ways[WAY_IN].first)
		next_us = min_u64(next_us, n->ways[WAY_IN].first->due_us);
	/* What is still due was refused; it goes when the descriptor can be written. */
	if (n->ways[WAY_OUT].first && !is_due(n, &n->ways[WAY_OUT]))
		next_us = min_u64(next_us, n->ways[WAY_OUT].first->due_us);
	return next_us;
}

static void fault_limit(struct nic *nic, uint8_t offers)
{
	struct nic *inner = fault_of(nic)->inner;

	if (inner->driver->limit)
		inner->driver->limit(inner, offers);
	nic->link.offers = inner->link.offers;
}

static void fault_close(struct nic *nic)
{
	struct fault_nic *n = fault_of(nic);

	nic_close(n->inner);
	for (int i = 0; i < WAYS; i++) {
		while (n->ways[i].first)
			free(unhold(&n->ways[i]));
	}
	free(n);
}

static const struct driver fault_driver = {
	.name = "fault",
	.fd = fault_fd,
	.recv = fault_recv,
	.wants_out = fault_wants_out,
	.poll = fault_poll,
	.limit = fault_limit,
	.close = fault_close,
};

/* --- the spec ------------------------------------------------------------------------- */

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* "0.5%" in millionths; false when it is none. */
static bool parse_share(uint32_t *ppm, const char *text)
{
	double percent = strtod(text, NULL);

	/* Nothing but digits and a point: no signs, no powers, no hexadecimal. */
	if (text[0] == '%' || strcmp(text + strspn(text, "0123456789."), "%") != 0 ||
		!(percent >= 0 && percent <= 100))
		return false;
	*ppm = (uint32_t)(percent * (FAULT_PPM_MAX / 100) + 0.5);
	return true;
}

/* "5ms", "200us", "1s"; false when it is none. */
static bool parse_span(usec_t *us, const char *text)
{
	static const struct {
		const char *unit;
		usec_t us;
	} units[] = { { "us", 1 }, { "ms", USEC_PER_MSEC }, { "s", USEC_PER_SEC } };
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (!is_digit(text[0]) || number > FAULT_DELAY_MAX)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(end, units[i].unit) == 0) {
			*us = number * units[i].us;
			return *us <= FAULT_DELAY_MAX;
		}
	}
	return false;
}

static bool parse_way(struct way *w, const char *word, const char *value)
{
	if (strcmp(word, "loss") == 0)
		return parse_share(&w->loss, value);
	if (strcmp(word, "dup") == 0)
		return parse_share(&w->dup, value);
	if (strcmp(word, "reorder") == 0)
		return parse_share(&w->reorder, value);
	if (strcmp(word, "corrupt") == 0)
		return parse_share(&w->corrupt, value);
	return strcmp(word, "delay") == 0 && parse_span(&w->delay_us, value);
}

/* One "word=value" of the spec, which is cut in two. */
static bool parse_pair(struct fault_nic *n, char *pair)
{
	char *value = strchr(pair, '=');
	char *end;

	if (!value)
		return false;
	*value++ = '\0';
	if (strcmp(pair, "seed") == 0) {
		uint64_t seed;

		errno = 0;
		seed = strtoull(value, &end, 10);
		n->ways[WAY_IN].random = seed * 2;
		n->ways[WAY_OUT].random = seed * 2 + 1;
		return is_digit(value[0]) && !*end && errno == 0;
	}
	if (strncmp(pair, "in.", 3) == 0)
		return parse_way(&n->ways[WAY_IN], pair + 3, value);
	if (strncmp(pair, "out.", 4) == 0)
		return parse_way(&n->ways[WAY_OUT], pair + 4, value);
	return parse_way(&n->ways[WAY_IN], pair, value) &&
		parse_way(&n->ways[WAY_OUT], pair, value);
}

static int parse_spec(struct fault_nic *n, const char *spec, char *why, size_t why_len)
{
	char *copy = strdup(spec);
	char *rest = copy;
	char *pair;
	int err = copy ? 0 : nic_fail(why, why_len, -ENOMEM, "out of memory");

	while (err == 0 && (pair = strsep(&rest, ",")) != NULL) {
		size_t at = (size_t)(pair - copy);

		if (!parse_pair(n, pair))
			err = nic_fail(why, why_len, -EINVAL,
				"\"%.*s\": expected loss=N%%, dup=N%%, reorder=N%%, corrupt=N%%, "
				"delay=Nms (each also after in. or out.) or seed=N",
				(int)strcspn(spec + at, ","), spec + at);
	}
	free(copy);
	return err;
}

int fault_wrap(struct nic **out, struct nic *inner, const char *spec, char *why, size_t why_len)
{
	struct fault_nic *n = calloc(1, sizeof(*n));
	bool can_damage;
	int err;

	if (!n)
		return nic_fail(why, why_len, -ENOMEM, "out of memory");
	n->ways[WAY_OUT].random = 1;
	err = parse_spec(n, spec, why, why_len);
	if (err < 0) {
		free(n);
		return err;
	}
	n->inner = inner;
	n->nic = *inner;
	n->nic.driver = &fault_driver;
	n->nic.link.send = fault_send;
	/* Segments are to be lost one by one, so nobody may put several into a frame; and where
	 * bits flip, sums must be there that notice. */
	can_damage = n->ways[WAY_IN].corrupt > 0 || n->ways[WAY_OUT].corrupt > 0;
	fault_limit(&n->nic, can_damage ? 0 : LINK_CSUM);
	*out = &n->nic;
	return 0;
}
