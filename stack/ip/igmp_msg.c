/* igmp_msg.c - see igmp_msg.h. */
#include "igmp_msg.h"

#include "../base/checksum.h"
#include "../base/wire.h"

#define V3_QUERY_LEN  12
#define RECORD_LEN    8
#define TENTH_US      (USEC_PER_SEC / 10)
#define V1_DELAY_US   (10 * USEC_PER_SEC) /* RFC 9776 7.2.1 */
#define ROBUSTNESS(b) ((b)&7)

/* RFC 9776 4.1.1: from 128 on a number with an exponent. */
static uint32_t float_of(uint8_t code)
{
	if (code < 128)
		return code;
	return (uint32_t)((code & 0xf) | 0x10) << ((code >> 4 & 7) + 3);
}

static void read_sources(struct igmp_query *out, struct cursor *c)
{
	if (out->sources_n > LIMIT_IGMP_SOURCES)
		return;
	out->kept_n = (uint8_t)out->sources_n;
	for (unsigned i = 0; i < out->kept_n; i++)
		out->sources[i] = take_be32(c);
}

int igmp_parse_query(struct igmp_query *out, const uint8_t *bytes, size_t len)
{
	struct cursor c = cursor_over(bytes, min_size(len, IGMP_READ_MAX));
	uint8_t code;
	uint32_t group;

	take_u8(&c);
	code = take_u8(&c);
	take_be16(&c);
	group = take_be32(&c);
	if (c.bad || (len > IGMP_LEN_MIN && len < V3_QUERY_LEN))
		return -EBADMSG;
	*out = (struct igmp_query){ .group = group ? addr_from_v4(group) : addr_any };
	if (group && !addr_is_multicast(&out->group))
		return -EBADMSG;
	/* RFC 9776 7.1: what a querier speaks is told by length and code. */
	if (len == IGMP_LEN_MIN) {
		out->version = code == 0 ? 1 : 2;
		out->max_delay_us = code == 0 ? V1_DELAY_US : code * TENTH_US;
		return 0;
	}
	out->version = 3;
	out->max_delay_us = max_u32(float_of(code), 1) * TENTH_US;
	out->robustness = ROBUSTNESS(take_u8(&c));
	out->interval_s = float_of(take_u8(&c));
	out->sources_n = take_be16(&c);
	if (len - V3_QUERY_LEN < 4 * (size_t)out->sources_n)
		return -EBADMSG;
	read_sources(out, &c);
	return 0;
}

static void sum_up(struct pkt *p)
{
	uint8_t *at = pkt_data(p);

	put_be16(at + 2, 0);
	put_be16(at + 2, checksum_finish(checksum_add(0, at, p->len)));
}

void igmp_build(struct pkt *p, enum igmp_type type, const struct addr *group)
{
	uint8_t *at = put_u8(pkt_append(p, IGMP_LEN_MIN), (uint8_t)type);

	at = put_u8(at, 0);
	at = put_be16(at, 0);
	put_be32(at, addr_v4(group));
	sum_up(p);
}

void igmp_report_begin(struct pkt *p)
{
	uint8_t *at = put_be16(pkt_append(p, IGMP_LEN_MIN), IGMP_V3_REPORT << 8);

	put_be32(put_be16(at, 0), 0);
}

bool igmp_report_add(struct pkt *p, uint32_t len_max, enum igmp_record type,
	const struct addr *group, const uint32_t *sources, uint8_t sources_n)
{
	uint32_t len = RECORD_LEN + 4u * sources_n;
	uint8_t *at;

	if (len > pkt_tailroom(p) || p->len + len > len_max)
		return false;
	at = put_u8(pkt_append(p, len), (uint8_t)type);
	at = put_u8(at, 0); /* no auxiliary data */
	at = put_be16(at, sources_n);
	at = put_be32(at, addr_v4(group));
	for (unsigned i = 0; i < sources_n; i++)
		at = put_be32(at, sources[i]);
	return true;
}

void igmp_report_end(struct pkt *p, uint16_t records)
{
	put_be16(pkt_data(p) + 6, records);
	sum_up(p);
}
