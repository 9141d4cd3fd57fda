/*
 * What TCP costs without a device: two conversations of one stack that talk through lo. Prints
 * throughput, the cost of a byte there and back, and of a whole conversation; judges nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../stack/base/addr.h"
#include "../../stack/base/buf.h"
#include "../../stack/conv.h"
#include "../../stack/stack.h"

#define PORT   80
#define CHUNK  ((size_t)1 << 20)
#define STREAM ((uint64_t)20 << 30)
#define ROUNDS 1000000u
#define CALLS  200000u

static struct stack *stack;
static usec_t now_us = 1000000;
static struct conv *listener;

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void *take(void *arg, size_t len)
{
	(void)arg;
	return calloc(1, len);
}

static void give_back(void *arg, void *at, size_t len)
{
	(void)arg;
	(void)len;
	free(at);
}

static void turn(void)
{
	stack_poll(stack, ++now_us);
	while (conv_next_ready(stack))
		continue;
}

static const struct cred nobody = { .uid = 1, .gid = 1, .pid = 1 };

static struct conv *call(void)
{
	const struct endpoint to = { .addr = addr_from_v4(0x7f000001), .port = PORT };
	struct conv *c = conv_new(stack, stack_proto(stack, 0), &nobody);

	if (!c || conv_connect(c, NULL, &to) < 0) {
		fprintf(stderr, "no connection\n");
		exit(1);
	}
	return c;
}

static struct conv *answer(void)
{
	struct conv *c;

	for (int i = 0; i < 10; i++) {
		turn();
		c = conv_accept(listener);
		if (c)
			return c;
	}
	fprintf(stderr, "no call\n");
	exit(1);
}

static uint64_t drain(struct conv *c)
{
	struct span spans[64];
	uint64_t all = 0;
	ssize_t n;
	int pieces;

	while ((n = conv_peek(c, spans, 64, CHUNK, &pieces)) > 0) {
		conv_taken(c, (size_t)n);
		all += (uint64_t)n;
	}
	return all;
}

static void bench_stream(void)
{
	struct conv *from = call(), *to = answer();
	struct buf *chunk = stack_chunk(stack);
	uint64_t got = 0, turns = 0;
	double began = now_ns();

	while (got < STREAM) {
		while (conv_write(from, chunk, chunk->data, CHUNK) > 0)
			continue;
		turn();
		turns++;
		got += drain(to);
	}
	printf("stream: %.1f Gbit/s, %.1f KiB and %.0f ns a turn\n",
		(double)got * 8 / (now_ns() - began), (double)got / 1024 / (double)turns,
		(now_ns() - began) / (double)turns);
	buf_drop(chunk);
	conv_release(from);
	conv_release(to);
	turn();
}

static void bench_round_trip(void)
{
	struct conv *a = call(), *b = answer();
	double began = now_ns();

	turn();
	for (unsigned i = 0; i < ROUNDS; i++) {
		conv_write(a, NULL, "a", 1);
		turn();
		if (drain(b) != 1)
			exit(2);
		conv_write(b, NULL, "b", 1);
		turn();
		if (drain(a) != 1)
			exit(2);
	}
	printf("round trip of one byte: %.0f ns\n", (now_ns() - began) / ROUNDS);
	conv_release(a);
	conv_release(b);
	turn();
}

static void bench_calls(void)
{
	double began = now_ns();

	for (unsigned i = 0; i < CALLS; i++) {
		struct conv *a = call(), *b = answer();

		conv_release(a);
		turn();
		conv_release(b);
		turn();
		if (i % 1000 == 0) /* out of TIME-WAIT */
			stack_poll(stack, now_us += 10 * USEC_PER_SEC);
	}
	printf("connect, accept, close: %.0f ns\n", (now_ns() - began) / CALLS);
}

int main(void)
{
	const struct stack_config config = {
		.memory_take = take, .memory_give_back = give_back, .seed = { 1 }, .secret = { 2 }
	};
	const struct endpoint at = { .port = PORT };

	stack = stack_new(&config, now_us);
	if (!stack)
		return 1;
	listener = conv_new(stack, stack_proto(stack, 0), &nobody);
	if (!listener || conv_announce(listener, &at) < 0)
		return 1;
	bench_stream();
	bench_round_trip();
	bench_calls();
	stack_free(stack);
	return 0;
}
