/* frag.c - see frag.h. Reassembly: who may be kept, for how long, and what becomes of it. */
#include "frag.h"

#include "../base/wire.h"
#include "../link/ifc.h"
#include "../stack_private.h"
#include "frag_pieces.h"
#include "icmp4.h"
#include "ip4.h"

#include <string.h>

/* RFC 1122 3.3.2: between 60 and 120 seconds, from the first arrival. */
#define REASSEMBLY_US (60 * USEC_PER_SEC)

#define TCP_HDR_MIN 20

#define CHAINS (2 * LIMIT_FRAG_DATAGRAMS)

enum ecn { ECN_NOT_ECT = 0, ECN_CE = 3 };

/* What the sources of one hash hold together. */
struct frag_source {
	size_t held; /* bytes of blocks */
	uint32_t datagrams;
};

struct frags {
	struct pool pool;
	struct list oldest_first;
	size_t held; /* bytes of blocks, of all datagrams */
	struct frag_source sources[LIMIT_FRAG_SOURCES];
	struct frag_datagram *chains[CHAINS];
};

static void frag_timer(void *arg, struct timer *t);

int frag_setup(struct stack *s)
{
	struct frags *f = arena_take(&s->arena, sizeof(*f), _Alignof(struct frags));

	if (!f)
		return -ENOMEM;
	list_init(&f->oldest_first);
	s->frags = f;
	return pool_init(&f->pool, &s->arena, sizeof(struct frag_datagram), LIMIT_FRAG_DATAGRAMS);
}

/* --- lives ----------------------------------------------------------------------------------- */

static void charge(struct stack *s, struct frag_datagram *d, const struct buf *buf)
{
	d->held += pieces_weight(buf);
	d->source->held += pieces_weight(buf);
	s->frags->held += pieces_weight(buf);
}

static void discharge(struct stack *s, struct frag_datagram *d, uint32_t weight)
{
	ASSERT(weight <= d->held);
	d->held -= weight;
	d->source->held -= weight;
	s->frags->held -= weight;
}

static struct frag_datagram **chain_of(struct stack *s, const struct ip_info *info, uint32_t id)
{
	uint8_t key[2 * sizeof(struct addr) + 5];
	uint8_t *at = key;

	memcpy(at, info->src.b, sizeof(info->src.b));
	memcpy(at + sizeof(info->src.b), info->dst.b, sizeof(info->dst.b));
	at = put_be32(at + 2 * sizeof(struct addr), id);
	put_u8(at, info->protocol);
	return &s->frags->chains[siphash(&s->secret, key, sizeof(key)) % CHAINS];
}

static bool is_of(const struct frag_datagram *d, const struct ip_info *info, uint32_t id)
{
	return d->id == id && d->protocol == info->protocol && d->ifc == info->ifc &&
		addr_equal(&d->src, &info->src) && addr_equal(&d->dst, &info->dst);
}

static void drop_pieces(struct stack *s, struct frag_datagram *d)
{
	pieces_drop(&s->pkts, d);
	discharge(s, d, d->held);
}

static void forget(struct stack *s, struct frag_datagram *d)
{
	struct ip_info key = { .src = d->src, .dst = d->dst, .protocol = d->protocol };
	struct frag_datagram **at = chain_of(s, &key, d->id);

	drop_pieces(s, d);
	d->source->datagrams--;
	timer_stop(&s->timers, &d->timer);
	list_remove(&d->age);
	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	pool_put(&s->frags->pool, d);
}

/* RFC 8200 4.5, which IPv4 does well to follow: nothing of a datagram that overlaps is believed,
 * neither what came nor what is still to come. */
static void kill(struct stack *s, struct frag_datagram *d)
{
	drop_pieces(s, d);
	d->is_dead = true;
	count_drop(s, COUNT_frag_drop_overlap);
}

static void frag_timer(void *arg, struct timer *t)
{
	struct stack *s = arg;
	struct frag_datagram *d = CONTAINER_OF(t, struct frag_datagram, timer);

	if (!d->is_dead)
		count_drop(s, COUNT_frag_drop_timeout);
	/* RFC 792: without the first fragment there is nobody to tell. */
	if (pieces_have_first(d)) {
		pkt_push(d->pieces[0].p, d->first.hdr_len);
		icmp4_time_exceeded(s, d->ifc, d->pieces[0].p);
	}
	forget(s, d);
}

/* The oldest from SOURCE (NULL: from anybody) other than SPARED; NULL. */
static struct frag_datagram *oldest(
	struct stack *s, const struct frag_source *source, const struct frag_datagram *spared)
{
	LIST_EACH(at, &s->frags->oldest_first)
	{
		struct frag_datagram *d = CONTAINER_OF(at, struct frag_datagram, age);

		if (d != spared && (!source || d->source == source))
			return d;
	}
	return NULL;
}

static struct frag_source *source_of(const struct stack *s, const struct addr *src)
{
	uint64_t hash = siphash(&s->secret, src->b, sizeof(src->b));

	return &s->frags->sources[hash % LIMIT_FRAG_SOURCES];
}

static bool evict(struct stack *s, struct frag_datagram *d)
{
	if (!d)
		return false;
	count_drop(s, COUNT_frag_drop_limit);
	forget(s, d);
	return true;
}

/* Room for WEIGHT bytes more of D: the oldest of its source go first, then the oldest of all. */
static bool make_room(struct stack *s, const struct frag_datagram *d, uint32_t weight)
{
	while (d->source->held + weight > LIMIT_FRAG_SOURCE_BYTES) {
		if (!evict(s, oldest(s, d->source, d)))
			return false;
	}
	while (s->frags->held + weight > LIMIT_FRAG_BYTES) {
		if (!evict(s, oldest(s, NULL, d)))
			return false;
	}
	return true;
}

static struct frag_datagram *make(struct stack *s, const struct ip_info *info, uint32_t id)
{
	struct frag_datagram **chain = chain_of(s, info, id);
	struct frag_source *source = source_of(s, &info->src);
	struct frags *f = s->frags;
	struct frag_datagram *d;

	if (source->datagrams == LIMIT_FRAG_PER_SOURCE)
		evict(s, oldest(s, source, NULL));
	else if (f->pool.out == LIMIT_FRAG_DATAGRAMS)
		evict(s, oldest(s, NULL, NULL));
	d = pool_get(&f->pool);
	d->src = info->src;
	d->dst = info->dst;
	d->source = source;
	source->datagrams++;
	d->ifc = info->ifc;
	d->id = id;
	d->protocol = info->protocol;
	d->next = *chain;
	*chain = d;
	list_init(&d->age);
	list_append(&f->oldest_first, &d->age);
	timer_init(&d->timer, frag_timer);
	timer_set(&s->timers, &d->timer, s->now_us + REASSEMBLY_US);
	return d;
}

static struct frag_datagram *find_or_make(struct stack *s, const struct ip_info *info, uint32_t id)
{
	for (struct frag_datagram *d = *chain_of(s, info, id); d; d = d->next) {
		if (is_of(d, info, id))
			return d;
	}
	return make(s, info, id);
}

/* --- keeping a fragment ---------------------------------------------------------------------- */

/* A block that the budget has room for becomes D's. */
static bool begin_block(struct stack *s, struct frag_datagram *d)
{
	struct buf *block = buf_new(&s->bufs, BUF_LARGE, BUF_DATA);

	if (!block)
		return false;
	if (!make_room(s, d, pieces_weight(block))) {
		buf_drop(block);
		return false;
	}
	charge(s, d, block);
	discharge(s, d, pieces_gather(&s->pkts, d, block));
	return true;
}

/* It costs less than what is held, or is needed for what does not lie in the head. */
static bool wants_block(const struct frag_datagram *d, const struct pkt *p)
{
	if (p->slices_n > 0 || !pieces_have_room(d, 2))
		return true;
	return d->held + pieces_weight(p->head) > IP4_LEN_MAX;
}

/* Takes P when true. */
static bool keep(struct stack *s, struct frag_datagram *d, uint32_t off, struct pkt *p)
{
	if (buf_is_reserved(p->head))
		return false;
	if (!d->block && wants_block(d, p) && !begin_block(s, d))
		return false;
	if (!pieces_have_room(d, 2))
		return false;
	if (d->block && off > 0) {
		pieces_keep_in_block(&s->pkts, d, off, p);
		return true;
	}
	if (!make_room(s, d, pieces_weight(p->head)))
		return false;
	charge(s, d, p->head);
	pieces_keep_packet(d, off, p);
	return true;
}

/* --- the whole ------------------------------------------------------------------------ */

/* The header in front of the whole speaks of the whole. */
static void rewrite_header(struct pkt *p, const struct ip_info *info)
{
	uint8_t *hdr = pkt_data(p) - info->hdr_len;

	put_be16(hdr + 2, (uint16_t)(info->hdr_len + info->len));
	put_be16(hdr + 6, 0);
	put_u8(hdr + 1, info->tos);
	ip4_sum_header(hdr, info->hdr_len);
}

/* RFC 3168 5.3: congestion that one fragment met, the datagram met; but fragments marked so beside
 * others whose sender cannot be told are not to be trusted. */
static bool join_ecn(const struct frag_datagram *d, struct ip_info *info)
{
	if (!(d->ecn_seen & BIT(ECN_CE)))
		return true;
	info->tos |= ECN_CE;
	return !(d->ecn_seen & BIT(ECN_NOT_ECT));
}

/* The block that a whole is made in goes away with it and is not charged. */
static struct pkt *make_whole(struct stack *s, struct frag_datagram *d)
{
	if (pieces_can_be_linked(d))
		return pieces_link(&s->pkts, d);
	if (!d->block) {
		struct buf *block = buf_new(&s->bufs, BUF_LARGE, BUF_DATA);

		if (!block)
			return NULL;
		pieces_gather(&s->pkts, d, block);
	}
	return pieces_hang(d);
}

/* Take the whole out of D, which is then forgotten; NULL when it is not to be had. */
static struct pkt *assemble(struct stack *s, struct frag_datagram *d, struct ip_info *info)
{
	struct pkt *p = NULL;

	*info = d->first;
	info->len = d->total;
	info->was_fragmented = true;
	if (info->hdr_len + info->len > IP4_LEN_MAX) {
		/* The first fragment's header was longer than the others'. */
		count_drop(s, COUNT_frag_drop_length);
	} else if (!join_ecn(d, info)) {
		count_drop(s, COUNT_frag_drop_ecn);
	} else {
		p = make_whole(s, d);
		if (p)
			count(s, COUNT_frag_reassembled);
		else
			count_drop(s, COUNT_frag_drop_no_memory);
	}
	forget(s, d);
	if (p)
		rewrite_header(p, info);
	return p;
}

/* --- the door ------------------------------------------------------------------------- */

/*
 * May this fragment be looked at? RFC 791 on lengths, and the end of the longest datagram, which a
 * fragment must not reach beyond. RFC 1858 and 3128: no fragment may split TCP's header, lest a
 * filter on the way has seen another one than we do.
 */
static bool is_sound(const struct ip_info *info, const struct frag_info *frag, enum counter *why)
{
	*why = COUNT_frag_drop_length;
	if (info->len == 0 || (frag->more && info->len % 8 != 0))
		return false;
	if (info->hdr_len + frag->off + info->len > IP4_LEN_MAX)
		return false;
	*why = COUNT_frag_drop_tiny;
	if (info->protocol != IP_TCP)
		return true;
	return frag->off == 0 ? info->len >= TCP_HDR_MIN : frag->off >= TCP_HDR_MIN;
}

/* What the device said of one piece is not true of the whole. */
static void forget_facts(struct pkt *p)
{
	p->offload = 0;
	p->seg_len = 0;
	p->segs = 1;
	p->csum_off = 0;
}

static void note(struct frag_datagram *d, const struct ip_info *info, const struct frag_info *frag)
{
	d->ecn_seen |= (uint8_t)BIT(info->tos & 3);
	if (frag->off == 0)
		d->first = *info;
	if (!frag->more)
		d->total = frag->off + info->len;
}

struct pkt *frag_input(
	struct stack *s, struct ip_info *info, const struct frag_info *frag, struct pkt *p)
{
	enum counter why;
	struct frag_datagram *d;
	enum frag_relation relation;

	count(s, COUNT_frag_in);
	if (!is_sound(info, frag, &why)) {
		drop(s, p, why);
		return NULL;
	}
	d = find_or_make(s, info, frag->id);
	if (d->is_dead) {
		drop(s, p, COUNT_frag_drop_overlap);
		return NULL;
	}
	relation = pieces_relation(d, frag->off, info->len, p);
	if (relation == FRAG_OVERLAP ||
		pieces_contradict_end(d, frag->off + info->len, !frag->more)) {
		kill(s, d);
		pkt_free(&s->pkts, p);
		return NULL;
	}
	if (relation == FRAG_DUPLICATE) {
		drop(s, p, COUNT_frag_duplicates);
		return NULL;
	}
	forget_facts(p);
	if (!keep(s, d, frag->off, p)) {
		drop(s, p, COUNT_frag_drop_limit);
		return NULL;
	}
	note(d, info, frag);
	return d->have == d->total ? assemble(s, d, info) : NULL;
}

void frag_forget_ifc(struct stack *s, const struct ifc *ifc)
{
	LIST_EACH(at, &s->frags->oldest_first)
	{
		struct frag_datagram *d = CONTAINER_OF(at, struct frag_datagram, age);

		if (d->ifc == ifc)
			forget(s, d);
	}
}

void frag_check(const struct stack *s)
{
	struct frags *f = s->frags;
	struct list *all = &f->oldest_first;
	uint32_t datagrams = 0;
	size_t held = 0;

	for (unsigned i = 0; i < LIMIT_FRAG_SOURCES; i++) {
		ASSERT(f->sources[i].datagrams <= LIMIT_FRAG_PER_SOURCE);
		ASSERT(f->sources[i].held <= LIMIT_FRAG_SOURCE_BYTES);
		held += f->sources[i].held;
	}
	ASSERT(held == f->held);
	held = 0;
	for (struct list *at = all->next; at != all; at = at->next) {
		const struct frag_datagram *d = CONTAINER_OF(at, struct frag_datagram, age);

		pieces_check(d);
		ASSERT(timer_is_set(&d->timer));
		held += d->held;
		datagrams++;
	}
	ASSERT(held == f->held);
	ASSERT(held <= LIMIT_FRAG_BYTES);
	ASSERT(datagrams == f->pool.out);
	pool_check(&f->pool);
}
