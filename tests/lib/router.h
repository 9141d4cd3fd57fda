/*
 * router.h - a router of the tester's on link 0 of some rooms: what it asks about groups, and what
 * it is told.
 */
#ifndef TESTS_ROUTER_H
#define TESTS_ROUTER_H

#include "rooms.h"

#define GROUP   0xefffff01u /* 239.255.255.1 */
#define OTHER   0xef000002u
#define ALL     0xe0000001u
#define ROUTERS 0xe0000002u
#define V3      0xe0000016u

#define V1_REPORT 0x12
#define V2_REPORT 0x16
#define V2_LEAVE  0x17
#define V3_REPORT 0x22

enum { IS_IN = 1, IS_EX, TO_IN, TO_EX };

/* A query, or another message by its TYPE. */
struct query {
	uint8_t code;
	uint32_t group; /* where it goes; 0: to all hosts */
	uint8_t qrv, qqic;
	uint16_t sources_n;
	uint32_t sources[20];
	bool is_old; /* 8 bytes */
	uint8_t type;
};

/* Q as a frame whose payload is at BYTES, of 128; and given to the rooms. */
struct frame router_message(const struct query *q, uint8_t *bytes);
void router_asks(struct rooms *r, const struct query *q);

/* About all groups; about one; and as a router of version 2 (or 1, by code 0). */
void router_asks_all(struct rooms *r, uint8_t code);
void router_asks_group(struct rooms *r, uint8_t code, uint32_t group);
void router_asks_v2(struct rooms *r, uint8_t tenths, uint32_t group);

/* Has F the form of an IGMP message to TO? */
void assert_igmp_form(const struct frame *f, uint32_t to);

/* The next frame must be a report of one record about GROUP, and SOURCES_N sources. */
struct frame expect_record(struct rooms *r, uint8_t type, uint32_t group, unsigned sources_n);

/* Or a message of 8 bytes, as versions 1 and 2 have them. */
void expect_old(struct rooms *r, uint8_t type, uint32_t group, uint32_t to);

/* We join and leave on link 0; and so that all that is to be said of it has been. */
void join(struct rooms *r, uint32_t group);
void leave(struct rooms *r, uint32_t group);
void join_quietly(struct rooms *r, uint32_t group);

/* Time passes. */
void pass(struct rooms *r, usec_t us);

#endif
