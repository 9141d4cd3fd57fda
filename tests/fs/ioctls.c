/* ioctls.c - the ioctls of `data`, asked. */
#include "ioctls.h"

#include <string.h>

struct pair ends;

static int up(void **state, const char *proto)
{
	world_up(&ends.w);
	ends_connect(&ends.w, proto, &ends.near, &ends.far);
	*state = &ends;
	return 0;
}

int ends_tcp(void **state)
{
	return up(state, "tcp");
}

int ends_udp(void **state)
{
	return up(state, "udp");
}

int ends_down(void **state)
{
	(void)state;
	world_down(&ends.w);
	return 0;
}

struct asked *ask_recv(uint64_t data, uint32_t flags, size_t cap)
{
	uint8_t room[HEAD + CATNET_BYTES_MAX] = { 0 };
	const struct catnet_message m = { .flags = flags };

	memcpy(room, &m, HEAD);
	return ask_ioctl(&ends.w, ALICE, data, CATNET_RECV(cap), room, HEAD + cap, HEAD + cap);
}

struct asked *ask_send_to(uint64_t data, uint32_t flags, const struct catnet_message *to,
	const void *bytes, size_t len)
{
	uint8_t whole[HEAD + CATNET_BYTES_MAX] = { 0 };
	struct catnet_message m = { 0 };

	if (to)
		memcpy(&m, to, HEAD);
	m.flags = flags;
	memcpy(whole, &m, HEAD);
	memcpy(whole + HEAD, bytes, len);
	return ask_ioctl(&ends.w, ALICE, data, CATNET_SEND(len), whole, HEAD + len, 0);
}

struct asked *ask_send(uint64_t data, uint32_t flags, const void *bytes, size_t len)
{
	return ask_send_to(data, flags, NULL, bytes, len);
}

struct catnet_message received(struct asked *a, const char *text)
{
	struct catnet_message m = { 0 };

	assert_true(a->is_answered);
	assert_int_equal(a->result, strlen(text));
	assert_int_equal(a->bytes_len, HEAD + strlen(text));
	memcpy(&m, a->bytes, HEAD);
	assert_memory_equal(a->bytes + HEAD, text, strlen(text));
	asked_free(a);
	return m;
}

struct catnet_message receive(uint64_t data, uint32_t flags, const char *text)
{
	struct asked *a = ask_recv(data, flags, 100);

	world_turn(&ends.w);
	return received(a, text);
}

ssize_t refusal(uint64_t data, uint32_t flags)
{
	struct asked *a = ask_recv(data, flags, 100);

	world_turn(&ends.w);
	return outcome(a);
}

int error_of(uint64_t data)
{
	struct asked *a = ask_ioctl(&ends.w, ALICE, data, CATNET_ERROR, NULL, 0, 4);
	int32_t number;

	assert_int_equal(a->result, 0);
	assert_int_equal(a->bytes_len, 4);
	memcpy(&number, a->bytes, 4);
	asked_free(a);
	return number;
}

struct catnet_queues queues_of(uint64_t data)
{
	struct asked *a = ask_ioctl(
		&ends.w, ALICE, data, CATNET_QUEUES, NULL, 0, sizeof(struct catnet_queues));
	struct catnet_queues q;

	assert_int_equal(a->result, sizeof(q));
	memcpy(&q, a->bytes, sizeof(q));
	asked_free(a);
	return q;
}

uint64_t send_until_full(void)
{
	static const uint8_t bytes[CATNET_BYTES_MAX];
	uint64_t sent = 0;
	ssize_t n = 0;

	while (n >= 0) {
		n = outcome(ask_send(ends.near.data, CATNET_DONTWAIT, bytes, sizeof(bytes)));
		sent += n > 0 ? (uint64_t)n : 0;
		world_sleep(&ends.w, USEC_PER_SEC);
	}
	assert_int_equal(n, -EAGAIN);
	return sent;
}

void receive_all(uint64_t expected)
{
	uint64_t got = 0;

	for (unsigned i = 0; i < 1000 && got < expected; i++) {
		struct asked *a = ask_recv(ends.far.data, CATNET_DONTWAIT, CATNET_BYTES_MAX);

		world_turn(&ends.w);
		if (a->result > 0)
			got += (uint64_t)a->result;
		else
			world_sleep(&ends.w, USEC_PER_SEC);
		asked_free(a);
	}
	assert_int_equal(got, expected);
}
