/*
 * fake_proto.h - a protocol that does nothing but remember what it was asked, on talk.h's box.
 */
#ifndef TESTS_FAKE_PROTO_H
#define TESTS_FAKE_PROTO_H

#include "../../stack/stack_private.h"
#include "region.h"

#define FAKES_MAX 8

struct fake_conv {
	struct conv conv;
	bool has_more_to_say; /* retire answers no */
};

/* What the fake protocol was asked, and shall answer. */
struct fake {
	struct arena arena;
	int connect_answer;
	bool ends_in_orphan;
	unsigned connects, announces, hangups, closes, orphans, frees;
	struct conv *waiting; /* the next accept */
};
extern struct fake fake;
extern const struct proto fake_proto;

int fake_set_up(void **state);
int fake_tear_down(void **state);

/* A new one, of uid 1000 or another; let go of at the end. */
struct conv *fake_new(void);
struct conv *fake_new_of(uint32_t uid);

/* conv_connect to the peer's port 80, from a local end or from any; announce and bind. */
int fake_connect_peer(struct conv *c);
int fake_connect_from(struct conv *c, uint32_t ip, uint16_t port);
int fake_announce_at(struct conv *c, uint32_t ip, uint16_t port);
int fake_bind_at(struct conv *c, uint32_t ip, uint16_t port);

#endif
