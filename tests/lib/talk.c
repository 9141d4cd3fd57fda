#include "talk.h"

#include "box_link.h"

#include "../../stack/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HELD_MAX 16

struct box *talk_box;
uint8_t talk_bytes[65508];
static struct conv *held[HELD_MAX];
static unsigned held_n;

struct conv *talk_keep(struct conv *c)
{
	assert_in_range(held_n, 0, HELD_MAX - 1);
	held[held_n++] = c;
	return c;
}

int talk_open(void **state)
{
	const struct box_config config = { .name = "talk" };

	(void)state;
	held_n = 0;
	talk_box = box_new(&config);
	for (size_t i = 0; i < sizeof(talk_bytes); i++)
		talk_bytes[i] = (uint8_t)(i * 31 + (i >> 8));
	return 0;
}

int talk_close(void **state)
{
	(void)state;
	stack_check(box_stack(talk_box));
	while (held_n > 0)
		conv_release(held[--held_n]);
	box_teardown(talk_box);
	if (box_fault(talk_box))
		fail_msg("%s", box_fault(talk_box));
	box_free(talk_box);
	return 0;
}

void talk_assert_reads(struct conv *c, const char *words)
{
	char got[200];
	ssize_t n = talk_read(c, got, sizeof(got));

	assert_int_equal(n, strlen(words));
	assert_memory_equal(got, words, strlen(words));
}

struct endpoint talk_at(uint32_t ip, uint16_t port)
{
	struct endpoint e = { .port = port };

	if (ip)
		e.addr = addr_from_v4(ip);
	return e;
}

struct conv *talk_new_of(struct box *b, const char *proto, uint32_t uid)
{
	const struct cred who = { .uid = uid, .gid = uid, .pid = 7 };
	struct conv *c = conv_new(box_stack(b), box_proto(b, proto), &who);

	assert_non_null(c);
	return c;
}

struct conv *talk_new(struct box *b, const char *proto)
{
	return talk_new_of(b, proto, 1000);
}

struct conv *talk_connected(struct box *b, const char *proto, struct endpoint remote)
{
	struct conv *c = talk_new(b, proto);

	assert_int_equal(conv_connect(c, NULL, &remote), 0);
	return c;
}

struct conv *talk_announced(struct box *b, const char *proto, struct endpoint local)
{
	struct conv *c = talk_new(b, proto);

	assert_int_equal(conv_announce(c, &local), 0);
	return c;
}

int talk_ctl(struct conv *c, const char *words, char *why)
{
	char copy[128], own_why[128];
	struct text text = text_over(why ? why : own_why, 128);
	char *argv[8], *at = copy;
	int argc = 0;

	assert_in_range(strlen(words), 1, sizeof(copy) - 1);
	memcpy(copy, words, strlen(words) + 1);
	while (at && argc < 8) {
		argv[argc++] = at;
		at = strchr(at, ' ');
		if (at)
			*at++ = '\0';
	}
	return conv_ctl(c, argc, argv, &text);
}

ssize_t talk_read(struct conv *c, void *to, size_t cap)
{
	struct span spans[8];
	int pieces;
	ssize_t n = conv_peek(c, spans, 8, cap, &pieces);
	uint8_t *at = to;

	if (n < 0)
		return n;
	for (int i = 0; i < pieces; i++) {
		memcpy(at, spans[i].at, spans[i].len);
		at += spans[i].len;
	}
	assert_int_equal(at - (uint8_t *)to, n);
	conv_taken(c, (size_t)n);
	return n;
}

ssize_t talk_write(struct box *b, struct conv *c, const void *at, size_t len)
{
	ssize_t n = conv_write(c, NULL, at, len);

	box_settle(b);
	return n;
}

/* --- in ------------------------------------------------------------------------------ */

void talk_frame_in(struct box *b, struct frame *f)
{
	static uint8_t bytes[FRAME_MAX];
	static const uint8_t unset[6];

	if (memcmp(f->eth_dst, unset, 6) == 0)
		memcpy(f->eth_dst, box_mac(b), 6);
	if (memcmp(f->eth_src, unset, 6) == 0)
		box_station(f->ip.src, f->eth_src);
	box_input(b, bytes, frame_build(f, bytes));
	box_settle(b);
}

static void udp_frame(
	struct frame *f, uint16_t from_port, struct endpoint to, const void *at, size_t len)
{
	frame_init(f, FRAME_UDP);
	f->ip.src = TALK_PEER;
	f->ip.dst = addr_v4(&to.addr);
	f->udp.src_port = from_port;
	f->udp.dst_port = to.port;
	f->data = at;
	f->data_len = len;
}

void talk_udp_in(struct box *b, uint16_t from_port, struct endpoint to, const void *at, size_t len)
{
	struct frame f;

	udp_frame(&f, from_port, to, at, len);
	talk_frame_in(b, &f);
}

void talk_udp_batch_in(struct box *b, uint16_t from_port, struct endpoint to, const void *at,
	size_t len, uint16_t seg_len)
{
	static uint8_t bytes[FRAME_MAX];
	struct frame f;
	struct pkt *p;

	udp_frame(&f, from_port, to, at, len);
	memcpy(f.eth_dst, box_mac(b), 6);
	box_station(f.ip.src, f.eth_src);
	p = box_link_receive(box_stack(b), bytes, frame_build(&f, bytes));
	assert_non_null(p);
	p->offload = PKT_CSUM_GOOD | PKT_SEG_UDP;
	p->seg_len = seg_len;
	p->segs = (uint16_t)((len + seg_len - 1) / seg_len);
	stack_input(box_stack(b), box_ifc(b), p, box_now(b));
	box_settle(b);
}

void talk_udp_in_fragments(struct box *b, uint16_t from_port, struct endpoint to, const void *at,
	size_t len, size_t fragment)
{
	static uint8_t whole[FRAME_MAX];
	static uint16_t id;
	struct frame f, part;
	size_t ip_len;

	udp_frame(&f, from_port, to, at, len);
	ip_len = frame_build(&f, whole) - FRAME_ETH_LEN - 20;
	id++;
	for (size_t off = 0; off < ip_len; off += fragment) {
		frame_init(&part, FRAME_IP);
		part.ip = f.ip;
		part.ip.id = id;
		part.ip.df = false;
		part.ip.off = (uint16_t)off;
		part.ip.mf = off + fragment < ip_len;
		part.data = whole + FRAME_ETH_LEN + 20 + off;
		part.data_len = part.ip.mf ? fragment : ip_len - off;
		talk_frame_in(b, &part);
	}
}

void talk_icmp_about(struct box *b, uint8_t type, uint8_t code, const struct frame *sent)
{
	struct frame f;

	frame_init(&f, FRAME_ICMP);
	f.ip.src = TALK_PEER;
	f.ip.dst = sent->ip.src;
	f.icmp.type = type;
	f.icmp.code = code;
	f.data = sent->ip_at;
	f.data_len = sent->ip_len < 28 ? sent->ip_len : 28; /* RFC 792: header and 8 bytes */
	talk_frame_in(b, &f);
}

/* --- out ----------------------------------------------------------------------------- */

const struct frame *talk_out(struct box *b)
{
	static uint8_t bytes[FRAME_MAX];
	static struct frame f;
	const struct box_frame *sent = box_peek(b);
	const char *bad;

	if (!sent)
		return NULL;
	memcpy(bytes, sent->bytes, sent->len);
	bad = frame_parse(&f, bytes, sent->len);
	if (bad)
		fail_msg("a frame the box sent is malformed: %s", bad);
	box_seen(b);
	return &f;
}

size_t talk_out_whole(struct box *b, uint8_t *to)
{
	size_t whole_len = 0;
	const struct frame *f;

	while ((f = talk_out(b))) {
		size_t hdr_len = 20u + f->ip.options_len;
		size_t end = f->ip.off + f->ip_len - hdr_len;

		memcpy(to + f->ip.off, f->ip_at + hdr_len, f->ip_len - hdr_len);
		if (!f->ip.mf)
			whole_len = end;
	}
	return whole_len;
}
