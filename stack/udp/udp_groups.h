/*
 * udp_groups.h - which conversations are in which groups; for udp/ only.
 *
 * One is in a group on an interface, by addmulti, until remmulti or its end, or until the
 * interface goes. The interface listens for as long as somebody is (igmp.h).
 */
#ifndef CATNET_UDP_GROUPS_H
#define CATNET_UDP_GROUPS_H

#include "udp_private.h"

int udp_groups_setup(struct stack *s);

/* addmulti and remmulti, ARGV[0] being the verb. 0, or -errno with WHY. */
int udp_group_verb(struct udp_conv *u, int argc, char **argv, struct text *why);

/* IFC goes: who was in a group there is so no longer; one of a group's that is in none any more
 * ends with -EIO. */
void udp_forget_ifc(struct stack *s, struct ifc *ifc);

/* U is over. */
void udp_leave_all(struct udp_conv *u);

/* Is U in GROUP on IFC, or is everybody there? */
bool udp_is_member(const struct udp_conv *u, const struct ifc *ifc, const struct addr *group);

/* Is it announced on a group's address? */
bool udp_is_of_group(const struct udp_conv *u);

/* From where U sends to GROUP: our address on the interface where it is in it, or by the route. 0,
 * -ENETUNREACH, -EADDRNOTAVAIL. */
int udp_group_source(const struct udp_conv *u, const struct addr *group, struct addr *out);

void udp_groups_describe(const struct udp_conv *u, struct describer *d);
void udp_groups_check(const struct stack *s);

#endif
