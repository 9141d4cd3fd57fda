/*
 * igmp.h - which groups we listen to, as told to the routers of each link (RFC 9776, the host's
 * part; RFC 2236 and 1112 where the querier is older).
 *
 * A change is reported when it happens and again after short random delays; a query is answered
 * within the time that it gives. Of a group all sources are wanted: there are no filters. What
 * stays inside, on lo, is told to nobody, nor is 224.0.0.1.
 */
#ifndef CATNET_IGMP_H
#define CATNET_IGMP_H

#include "ip.h"

int igmp_setup(struct stack *s);

/* One more is in GROUP on IFC. 0, or -ENOBUFS when there are too many groups. */
int igmp_join(struct stack *s, struct ifc *ifc, const struct addr *group);

/* And one less. */
void igmp_leave(struct stack *s, struct ifc *ifc, const struct addr *group);

/* A message came in, its IP header off; takes P. */
void igmp_input(struct stack *s, const struct ip_info *ip, struct pkt *p);

/* IFC goes, and all that it listened to: who was in a group there is so no longer. */
void igmp_forget_ifc(struct stack *s, struct ifc *ifc);

void igmp_check(const struct stack *s);

#endif
