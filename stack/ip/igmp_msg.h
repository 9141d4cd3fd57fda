/*
 * igmp_msg.h - the bytes of IGMP: queries read, reports written (RFC 1112, 2236, 9776).
 *
 * Knows no timer and no interface: bytes in, facts out.
 */
#ifndef CATNET_IGMP_MSG_H
#define CATNET_IGMP_MSG_H

#include "../base/addr.h"
#include "../base/pkt.h"
#include "../limits.h"

enum igmp_type {
	IGMP_QUERY = 0x11,
	IGMP_V1_REPORT = 0x12,
	IGMP_V2_REPORT = 0x16,
	IGMP_V2_LEAVE = 0x17,
	IGMP_V3_REPORT = 0x22,
};

/* RFC 9776 4.2.13. */
enum igmp_record { IGMP_IS_IN = 1, IGMP_IS_EX = 2, IGMP_TO_IN = 3, IGMP_TO_EX = 4 };

#define IGMP_LEN_MIN 8 /* all of a message of version 1 or 2 */
/* What is read of a longer one: as many sources as are remembered. */
#define IGMP_READ_MAX (12 + 4 * LIMIT_IGMP_SOURCES)

struct igmp_query {
	uint8_t version;     /* of the querier: 1, 2 or 3 */
	struct addr group;   /* addr_any: about all */
	usec_t max_delay_us; /* within which an answer is wanted */
	uint8_t robustness;  /* 0: not said */
	uint32_t interval_s; /* between queries; 0: not said */
	uint32_t sources_n;  /* asked about */
	uint8_t kept_n;      /* of which these are here, all or none */
	uint32_t sources[LIMIT_IGMP_SOURCES];
};

/* The query of LEN bytes whose first IGMP_READ_MAX, or all, are at BYTES. 0, or -EBADMSG. */
int igmp_parse_query(struct igmp_query *out, const uint8_t *bytes, size_t len);

/* A message of version 1 or 2 about GROUP, written behind what P holds. */
void igmp_build(struct pkt *p, enum igmp_type type, const struct addr *group);

/* A report of version 3: begun in an empty packet, a record added (false: there is no room for it
 * in LEN_MAX bytes), and finished. */
void igmp_report_begin(struct pkt *p);
bool igmp_report_add(struct pkt *p, uint32_t len_max, enum igmp_record type,
	const struct addr *group, const uint32_t *sources, uint8_t sources_n);
void igmp_report_end(struct pkt *p, uint16_t records);

#endif
