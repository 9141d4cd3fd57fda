/*
 * ioctls.h - two ends of a conversation, and the ioctls of `data` asked of them.
 */
#ifndef CATNET_TESTS_IOCTLS_H
#define CATNET_TESTS_IOCTLS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../clients/catnet_ioctl.h"
#include "../lib/tree.h"

#define HEAD sizeof(struct catnet_message)

/* Two connected ends of a protocol: udp's near one has port 4000, the far ones 5000. */
struct pair {
	struct world w;
	struct end near;
	struct end far;
};
extern struct pair ends;

int ends_tcp(void **state);
int ends_udp(void **state);
int ends_down(void **state);

#define TCP(name) cmocka_unit_test_setup_teardown(name, ends_tcp, ends_down)
#define UDP(name) cmocka_unit_test_setup_teardown(name, ends_udp, ends_down)

/* One request each, which may be waiting on return. */
struct asked *ask_recv(uint64_t data, uint32_t flags, size_t cap);
struct asked *ask_send(uint64_t data, uint32_t flags, const void *bytes, size_t len);
struct asked *ask_send_to(uint64_t data, uint32_t flags, const struct catnet_message *to,
	const void *bytes, size_t len);

/* The head of what came; TEXT is asserted to be what came behind it. */
struct catnet_message received(struct asked *a, const char *text);
struct catnet_message receive(uint64_t data, uint32_t flags, const char *text);

/* What a receive comes to. */
ssize_t refusal(uint64_t data, uint32_t flags);

int error_of(uint64_t data);
struct catnet_queues queues_of(uint64_t data);

/* The near end sends until not a byte more is taken; how many were. */
uint64_t send_until_full(void);

/* The far end receives until that many have come, asserted. */
void receive_all(uint64_t expected);

#endif
