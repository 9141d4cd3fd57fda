#include "rooms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/ip/frag.h"
#include "../../stack/ip/icmp4.h"
#include "../../stack/ip/igmp.h"
#include "../../stack/ip/ip4.h"
#include "../../stack/ip/neigh.h"
#include "../../stack/ip/route.h"
#include "../../stack/link/group.h"
#include "../../stack/link/lo.h"
#include "region.h"

#define MEMORY ((size_t)64 << 20)

struct addr v4(uint32_t ip)
{
	return addr_from_v4(ip);
}

static struct rooms *rooms_of(struct stack *s)
{
	return CONTAINER_OF(s, struct rooms, stack);
}

static uint8_t *flat(const struct pkt *p)
{
	uint32_t len = pkt_len(p);
	uint8_t *bytes = malloc(len + 1);

	assert_non_null(bytes);
	assert_true(pkt_copy_out(p, 0, bytes, len));
	return bytes;
}

/* --- protocols that only listen ----------------------------------------------------------- */

static struct told_packet *tell(struct stack *s, const struct pkt *p)
{
	struct rooms *r = rooms_of(s);
	struct told_packet *t;

	assert_true(r->told_n < ROOMS_SEEN);
	t = &r->told[r->told_n++];
	*t = (struct told_packet){ .len = pkt_len(p),
		.bytes = flat(p),
		.in_head = p->len,
		.segs = p->segs,
		.offload = p->offload };
	return t;
}

static void told_input(struct stack *s, const struct ip_info *ip, struct pkt *p)
{
	struct told_packet *t = tell(s, p);

	assert_int_equal(ip->len, pkt_len(p));
	t->proto = ip->protocol;
	t->ip = *ip;
	pkt_free(&s->pkts, p);
}

static void told_advise(struct stack *s, const struct ip_info *quoted, const struct pkt *p,
	const struct ip_advice *advice)
{
	struct told_packet *t = tell(s, p);

	t->proto = quoted->protocol;
	t->is_advice = true;
	t->ip = *quoted;
	t->advice = *advice;
}

static const struct proto listeners[] = {
	{ .name = "icmp", .ip_number = IP_ICMP, .input = told_input, .advise = told_advise },
	{ .name = "tcp", .ip_number = IP_TCP, .input = told_input, .advise = told_advise },
	{ .name = "udp", .ip_number = IP_UDP, .input = told_input, .advise = told_advise },
};

/* --- links that only write down ------------------------------------------------------------- */

static int link_send(struct link *link, struct pkt *p)
{
	struct rooms_link *l = CONTAINER_OF(link, struct rooms_link, link);
	struct rooms *r = l->rooms;
	struct seen *seen;

	if (l->refuse == -EAGAIN)
		return -EAGAIN;
	if (l->refuse == 0) {
		assert_true(r->seen_n < ROOMS_SEEN);
		seen = &r->seen[r->seen_n++];
		*seen = (struct seen){ .link = (unsigned)(l - r->links),
			.at_us = r->stack.now_us - ROOMS_BIRTH,
			.len = pkt_len(p),
			.bytes = flat(p),
			.offload = p->offload,
			.seg_len = p->seg_len,
			.shares_payload = p->slices_n > 0 };
	}
	pkt_free(&r->stack.pkts, p);
	return l->refuse;
}

void rooms_station(uint32_t ip, uint8_t mac[6])
{
	mac[0] = 2;
	mac[1] = 0;
	frame_put32(mac + 2, ip);
}

/* --- life ----------------------------------------------------------------------------- */

static void carve(struct stack *s)
{
	region_take(&s->arena, MEMORY);
	assert_int_equal(pkts_init(&s->pkts, &s->arena, &s->bufs, LIMIT_PKTS), 0);
	assert_int_equal(ifc_setup(s), 0);
	assert_int_equal(lo_setup(s), 0);
	assert_int_equal(group_setup(s), 0);
	assert_int_equal(route_setup(s), 0);
	assert_int_equal(neigh_setup(s), 0);
	assert_int_equal(frag_setup(s), 0);
	assert_int_equal(ip4_setup(s), 0);
	assert_int_equal(igmp_setup(s), 0);
	assert_int_equal(icmp4_setup(s), 0);
	assert_int_equal(bufs_init(&s->bufs, &s->arena, LIMIT_CONTROL_PERCENT), 0);
}

void rooms_open_bare(struct rooms *r, uint8_t offers)
{
	static const uint32_t ips[] = { ROOMS_IP, ROOMS_IP_TWO };
	static const uint8_t seed[16] = { 1, 2, 3, 4, 5 };
	struct stack *s = &r->stack;

	memset(r, 0, sizeof(*r));
	s->now_us = ROOMS_BIRTH;
	s->secret = (struct hash_key){ 0x0123456789abcdef, 0xfedcba9876543210 };
	random_init(&s->random, seed);
	timers_init(&s->timers, s->now_us, s);
	list_init(&s->ready);
	carve(s);
	for (unsigned i = 0; i < ARRAY_LEN(listeners); i++)
		s->convs[s->convs_n++].proto = &listeners[i];
	for (unsigned i = 0; i < ROOMS_LINKS; i++) {
		struct rooms_link *l = &r->links[i];

		l->rooms = r;
		l->link = (struct link){ .name = i == 0 ? "one" : "two",
			.mtu = 1500,
			.offers = offers,
			.send = link_send };
		rooms_station(ips[i], l->link.mac);
		assert_int_equal(stack_attach(s, &l->link, &r->ifc[i]), 0);
	}
}

void rooms_open(struct rooms *r, uint8_t offers)
{
	struct addr one = v4(ROOMS_IP), two = v4(ROOMS_IP_TWO), peer = v4(ROOMS_PEER);
	uint8_t mac[6];

	rooms_open_bare(r, offers);
	rooms_station(ROOMS_PEER, mac);
	assert_int_equal(net_addr_add(&r->stack, r->ifc[0], &one, 120, NET_ADDR_UNPROBED), 0);
	assert_int_equal(net_addr_add(&r->stack, r->ifc[1], &two, 120, NET_ADDR_UNPROBED), 0);
	assert_int_equal(net_neigh_add(&r->stack, r->ifc[0], &peer, mac), 0);
	rooms_forget(r);
}

void rooms_check(struct rooms *r)
{
	struct stack *s = &r->stack;

	ifc_check(s);
	lo_check(s);
	route_check(s);
	neigh_check(s);
	frag_check(s);
	igmp_check(s);
	timers_check(&s->timers);
	bufs_check(&s->bufs);
	pool_check(&s->pkts.pool);
}

void rooms_close(struct rooms *r)
{
	struct stack *s = &r->stack;
	struct pkt *p;

	rooms_check(r);
	for (unsigned i = 0; i < ROOMS_LINKS; i++) {
		if (r->ifc[i]->link)
			stack_detach(s, r->ifc[i]);
	}
	while ((p = neigh_take_failed(s)))
		pkt_free(&s->pkts, p);
	while ((p = lo_take(s)))
		pkt_free(&s->pkts, p);
	rooms_check(r);
	assert_int_equal(s->pkts.pool.out, 0);
	assert_int_equal(s->bufs.bytes_out, 0);
	assert_int_equal(s->timers.armed, 0);
	rooms_forget(r);
	region_give_back(&s->arena);
}

void rooms_forget(struct rooms *r)
{
	for (unsigned i = 0; i < r->seen_n; i++)
		free(r->seen[i].bytes);
	for (unsigned i = 0; i < r->told_n; i++)
		free(r->told[i].bytes);
	r->next = 0;
	r->seen_n = 0;
	r->told_n = 0;
}

/* --- time and frames ------------------------------------------------------------------ */

void rooms_settle(struct rooms *r)
{
	stack_flush(&r->stack);
	while (stack_deadline(&r->stack) <= r->stack.now_us)
		stack_poll(&r->stack, r->stack.now_us);
}

void rooms_run(struct rooms *r, usec_t after_birth_us)
{
	usec_t until_us = ROOMS_BIRTH + after_birth_us;

	rooms_settle(r);
	while (stack_deadline(&r->stack) <= until_us) {
		usec_t due_us = stack_deadline(&r->stack);

		stack_poll(&r->stack, due_us > r->stack.now_us ? due_us : r->stack.now_us);
	}
	stack_poll(&r->stack, until_us);
}

void rooms_input(struct rooms *r, unsigned link, const uint8_t *bytes, size_t len)
{
	struct stack *s = &r->stack;
	struct pkt *p = stack_pkt(s);
	uint32_t in_head;

	assert_non_null(p);
	in_head = min_u32((uint32_t)len, pkt_tailroom(p));
	memcpy(pkt_append(p, in_head), bytes, in_head);
	if (in_head < len) {
		struct buf *rest = stack_rx_buf(s);

		assert_non_null(rest);
		assert_true(len - in_head <= rest->cap);
		memcpy(rest->data, bytes + in_head, len - in_head);
		assert_int_equal(pkt_add_slice(p, rest, 0, (uint32_t)(len - in_head)), 0);
		buf_drop(rest);
	}
	stack_input(s, r->ifc[link], p, s->now_us);
	rooms_settle(r);
}

void rooms_input_frame(struct rooms *r, unsigned link, const struct frame *f)
{
	rooms_input(r, link, r->scratch, frame_build(f, r->scratch));
}

bool rooms_see(struct rooms *r, struct frame *f)
{
	const struct seen *seen;
	const char *bad;

	if (r->next == r->seen_n)
		return false;
	seen = &r->seen[r->next++];
	bad = frame_parse(f, seen->bytes, seen->len);
	if (bad && !(seen->offload & PKT_CSUM_FILL))
		fail_msg("a malformed frame was sent: %s", bad);
	return true;
}

struct frame rooms_expect(struct rooms *r)
{
	struct frame f;

	assert_true(rooms_see(r, &f));
	return f;
}

void rooms_expect_silence(struct rooms *r)
{
	struct frame f;
	char words[200];

	if (rooms_see(r, &f))
		fail_msg("sent: %s", frame_words(&f, words, sizeof(words)));
}

uint64_t rooms_count(const struct rooms *r, enum counter what)
{
	return r->stack.counters[what];
}

struct frame rooms_ip(enum frame_kind kind)
{
	struct frame f;

	frame_init(&f, kind);
	rooms_station(ROOMS_IP, f.eth_dst);
	rooms_station(ROOMS_PEER, f.eth_src);
	f.ip.src = ROOMS_PEER;
	f.ip.dst = ROOMS_IP;
	f.ip.df = false;
	f.udp = (struct frame_udp){ .src_port = 4000, .dst_port = 5000 };
	f.tcp.src_port = 4000;
	f.tcp.dst_port = 5000;
	return f;
}

struct frame rooms_arp(uint16_t op, uint32_t sender, uint32_t target)
{
	struct frame f;

	frame_init(&f, FRAME_ARP);
	f.arp.op = op;
	f.arp.sender = sender;
	f.arp.target = target;
	rooms_station(sender, f.arp.sender_mac);
	rooms_station(sender, f.eth_src);
	memset(f.eth_dst, 0xff, 6);
	if (op == 2) {
		rooms_station(ROOMS_IP, f.arp.target_mac);
		rooms_station(ROOMS_IP, f.eth_dst);
	}
	return f;
}

struct pkt *rooms_packet(struct rooms *r, uint32_t len, uint32_t in_head)
{
	struct stack *s = &r->stack;
	struct pkt *p = pkt_new(&s->pkts, PKT_HEADROOM, BUF_DATA);
	struct buf *block;
	uint8_t *to;

	assert_non_null(p);
	in_head = min_u32(len, in_head);
	to = pkt_append(p, in_head);
	assert_non_null(to);
	for (uint32_t i = 0; i < in_head; i++)
		to[i] = (uint8_t)i;
	if (in_head == len)
		return p;
	block = buf_new(&s->bufs, BUF_LARGE, BUF_DATA);
	assert_non_null(block);
	for (uint32_t i = in_head; i < len; i++)
		block->data[i - in_head] = (uint8_t)i;
	assert_int_equal(pkt_add_slice(p, block, 0, len - in_head), 0);
	buf_drop(block);
	return p;
}

int rooms_send(struct rooms *r, const struct ip_send *how, uint32_t len)
{
	struct pkt *p = rooms_packet(r, 8 + len, 100);
	uint8_t *at = pkt_data(p);

	frame_put16(at, 4000);
	frame_put16(at + 2, 5000);
	frame_put16(at + 4, 8 + len);
	frame_put16(at + 6, 0);
	ip_checksum_later(p, how, 6);
	return ip_output(&r->stack, how, p);
}
