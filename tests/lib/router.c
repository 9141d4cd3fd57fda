/* router.c - see router.h. */
#include "router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/ip/igmp.h"

void join(struct rooms *r, uint32_t group)
{
	struct addr a = v4(group);

	assert_int_equal(igmp_join(&r->stack, r->ifc[0], &a), 0);
}

void leave(struct rooms *r, uint32_t group)
{
	struct addr a = v4(group);

	igmp_leave(&r->stack, r->ifc[0], &a);
}

void pass(struct rooms *r, usec_t us)
{
	rooms_run(r, r->stack.now_us - ROOMS_BIRTH + us);
}

/* --- what is said ------------------------------------------------------------------------- */

/* RFC 9776 4: TTL 1, internetwork control, the router alert, the group's station. */
void assert_igmp_form(const struct frame *f, uint32_t to)
{
	const uint8_t mac[6] = { 0x01, 0x00, 0x5e, to >> 16 & 0x7f, to >> 8 & 0xff, to & 0xff };

	assert_int_equal(f->kind, FRAME_IP);
	assert_int_equal(f->ip.proto, 2);
	assert_int_equal(f->ip.dst, to);
	assert_int_equal(f->ip.ttl, 1);
	assert_int_equal(f->ip.tos, 0xc0);
	assert_int_equal(f->ip.options_len, 4);
	assert_memory_equal(f->ip.options, "\x94\x04\0\0", 4);
	assert_memory_equal(f->eth_dst, mac, 6);
	assert_int_equal(frame_sum(f->data, f->data_len, 0), 0);
}

/* A report of one record about GROUP, and SOURCES_N sources. */
struct frame expect_record(struct rooms *r, uint8_t type, uint32_t group, unsigned sources_n)
{
	struct frame f = rooms_expect(r);

	assert_igmp_form(&f, V3);
	assert_int_equal(f.ip.src, ROOMS_IP);
	assert_int_equal(f.data_len, 16 + 4 * sources_n);
	assert_int_equal(f.data[0], V3_REPORT);
	assert_int_equal(frame_get16(f.data + 6), 1);
	assert_int_equal(f.data[8], type);
	assert_int_equal(f.data[9], 0);
	assert_int_equal(frame_get16(f.data + 10), sources_n);
	assert_int_equal(frame_get32(f.data + 12), group);
	return f;
}

/* A message of 8 bytes, as versions 1 and 2 have them. */
void expect_old(struct rooms *r, uint8_t type, uint32_t group, uint32_t to)
{
	struct frame f = rooms_expect(r);

	assert_igmp_form(&f, to);
	assert_int_equal(f.data_len, 8);
	assert_int_equal(f.data[0], type);
	assert_int_equal(f.data[1], 0);
	assert_int_equal(frame_get32(f.data + 4), group);
}

/* --- what a querier says ------------------------------------------------------------------ */

struct frame router_message(const struct query *q, uint8_t *bytes)
{
	struct frame f = rooms_ip(FRAME_IP);
	size_t len = q->is_old ? 8 : 12 + 4u * q->sources_n;

	memset(bytes, 0, len);
	bytes[0] = q->type ? q->type : 0x11;
	bytes[1] = q->code;
	frame_put32(bytes + 4, q->group);
	if (!q->is_old) {
		bytes[8] = q->qrv;
		bytes[9] = q->qqic;
		frame_put16(bytes + 10, q->sources_n);
		for (unsigned i = 0; i < q->sources_n; i++)
			frame_put32(bytes + 12 + 4 * i, q->sources[i]);
	}
	frame_put16(bytes + 2, frame_sum(bytes, len, 0));
	f.ip.proto = 2;
	f.ip.ttl = 1;
	f.ip.dst = q->group ? q->group : ALL;
	f.eth_dst[0] = 0x01;
	f.eth_dst[1] = 0x00;
	f.eth_dst[2] = 0x5e;
	f.eth_dst[3] = f.ip.dst >> 16 & 0x7f;
	f.eth_dst[4] = (uint8_t)(f.ip.dst >> 8);
	f.eth_dst[5] = (uint8_t)f.ip.dst;
	memcpy(f.ip.options, "\x94\x04\0\0", 4);
	f.ip.options_len = 4;
	f.data = bytes;
	f.data_len = len;
	return f;
}

void router_asks(struct rooms *r, const struct query *q)
{
	uint8_t bytes[128];
	struct frame f = router_message(q, bytes);

	rooms_input_frame(r, 0, &f);
}

void router_asks_all(struct rooms *r, uint8_t code)
{
	router_asks(r, &(struct query){ .code = code });
}

void router_asks_group(struct rooms *r, uint8_t code, uint32_t group)
{
	router_asks(r, &(struct query){ .code = code, .group = group });
}

void router_asks_v2(struct rooms *r, uint8_t tenths, uint32_t group)
{
	router_asks(r, &(struct query){ .code = tenths, .group = group, .is_old = true });
}

void join_quietly(struct rooms *r, uint32_t group)
{
	join(r, group);
	pass(r, 2 * USEC_PER_SEC);
	rooms_forget(r);
}
