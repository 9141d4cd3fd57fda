/*
 * group.h - the groups that interfaces listen to.
 *
 * An interface listens to a group for as long as somebody is in it there: conversations, or the
 * administrator, each of them counted. Here is who listens to what, for the frames that come in;
 * what is said of it on the wire is noted beside, by igmp.c. Everybody listens to 224.0.0.1,
 * without a place here.
 */
#ifndef CATNET_GROUP_H
#define CATNET_GROUP_H

#include "../base/addr.h"
#include "../base/timer.h"
#include "../limits.h"

struct ifc;
struct stack;

#define GROUP_ALL_HOSTS 0xe0000001u /* 224.0.0.1 */

struct group {
	struct addr addr;
	struct ifc *ifc;  /* NULL: this slot is free */
	uint32_t members; /* 0: all have left, which has still to be said */
	bool has_admin;   /* one of them is the administrator */
	/* igmp.c's */
	bool is_reporter;    /* RFC 2236 3: the last report that was heard of it was ours */
	uint8_t to_report;   /* how often its last change has still to be said */
	uint8_t sources_n;   /* that a querier asked about; 0: about the whole group */
	struct timer change; /* the next time its change is said */
	struct timer answer; /* to a query */
	uint32_t sources[LIMIT_IGMP_SOURCES];
};

int group_setup(struct stack *s);

/* A slot for A on IFC without members, its timers initialised; NULL when all are taken. One of a
 * group that all have left makes room, unsaid. */
struct group *group_new(struct stack *s, struct ifc *ifc, const struct addr *a, timer_fire *change,
	timer_fire *answer);

/* Stop its timers and free the slot. */
void group_free(struct stack *s, struct group *g);

/* The slot of A on IFC, with members or without; NULL. */
struct group *group_find(const struct stack *s, const struct ifc *ifc, const struct addr *a);

/* Does IFC listen to A? And is it the administrator's wish? */
bool group_is_joined(const struct stack *s, const struct ifc *ifc, const struct addr *a);
bool group_is_admins(const struct stack *s, const struct ifc *ifc, const struct addr *a);

/* The I-th slot of all, free ones included; NULL past the last. */
struct group *group_at(const struct stack *s, unsigned i);

/* The station that GROUP is sent to: the low 23 bits of it (RFC 1112 6.4). */
void group_mac(uint8_t mac[6], const struct addr *group);

/* Is a frame to this station, which stands for many, for IFC? Groups may share a station. */
bool group_hears(const struct ifc *ifc, const uint8_t mac[6]);

void group_check(const struct stack *s);

#endif
