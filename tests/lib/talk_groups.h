/*
 * talk_groups.h - short words for tests of conversations in groups, on a box (talk.h). Port 5000.
 */
#ifndef TESTS_TALK_GROUPS_H
#define TESTS_TALK_GROUPS_H

#include "talk.h"

#define GROUP 0xef010101u /* 239.1.1.1 */
#define OTHER 0xef010102u
#define TWIN  0xef810101u /* shares the station of GROUP, not the address */

/* Announced on a group's address; or on any, perhaps with headers. */
struct conv *on_group(uint32_t group);
struct conv *on_any(bool has_headers);

/* addmulti with these words; what is reported of it is not looked at. */
void talk_join(struct conv *c, const char *words);

/* A datagram of the peer's to the group. */
void peer_says(uint32_t group, const char *words);

void assert_hears_nothing(struct conv *c);

#endif
