/*
 * stack_services TAP KERNEL/BITS OURS/BITS SPIN_US - services.c with our stack and no files.
 *
 * The services live inside the process that has the device, and catnetd's own loop turns it: what
 * this costs is the stack and the TAP; what catnetd costs beyond it is the tree. Until SIGTERM.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../drivers/driver.h"
#include "../../fs/log.h"
#include "../../fs/loop.h"
#include "../../stack/conv.h"
#include "../../stack/net.h"
#include "../../stack/stack.h"
#include "services.h"

#define SPANS_MAX 32
#define PIECE     ((size_t)1 << 20)

struct services {
	struct nic *nic;
	struct stack *stack;
	struct ifc *ifc;
	struct loop *loop;
	struct log log;
	struct buf *piece; /* what the source sends, over and over */
	char why[256];
};

static void *take(void *arg, size_t len)
{
	(void)arg;
	return calloc(1, len);
}

static void give_back(void *arg, void *at, size_t len)
{
	(void)arg, (void)len;
	free(at);
}

/* --- services -------------------------------------------------------------------------------- */

static void end_call(struct conv *c)
{
	conv_set_user(c, NULL, NULL);
	conv_release(c);
}

static void on_sink(void *arg, struct conv *c)
{
	struct span spans[SPANS_MAX];
	int pieces;
	ssize_t n;

	(void)arg;
	while ((n = conv_peek(c, spans, SPANS_MAX, PIECE, &pieces)) > 0)
		conv_taken(c, (size_t)n);
	if (n != -EAGAIN)
		end_call(c);
}

static void on_source(void *arg, struct conv *c)
{
	struct services *s = arg;
	ssize_t n;

	do
		n = conv_write(c, s->piece, s->piece->data, PIECE);
	while (n > 0);
	if (n != -EAGAIN)
		end_call(c);
}

static void on_echo(void *arg, struct conv *c)
{
	struct span span;
	int pieces;
	ssize_t n;

	(void)arg;
	while ((n = conv_peek(c, &span, 1, PIECE, &pieces)) > 0) {
		n = conv_write(c, NULL, span.at, (size_t)n);
		if (n < 0)
			break;
		conv_taken(c, (size_t)n);
	}
	if (n != -EAGAIN)
		end_call(c);
}

/* What is served at the port where it was announced. */
static conv_ready *service_at(uint16_t port)
{
	return port == PORT_SINK ? on_sink : port == PORT_SOURCE ? on_source : on_echo;
}

static void on_call(void *arg, struct conv *listener)
{
	conv_ready *serve = service_at(conv_local(listener)->port);
	struct conv *c;

	while ((c = conv_accept(listener)) != NULL) {
		conv_set_user(c, serve, arg);
		serve(arg, c);
	}
}

static bool offer(struct services *s, uint16_t port)
{
	const struct cred nobody = { .uid = 65534 };
	const struct endpoint here = { .port = port };
	const struct proto *tcp = stack_proto(s->stack, 0);
	struct conv *c;

	for (unsigned i = 0; strcmp(proto_name(tcp), "tcp") != 0; i++)
		tcp = stack_proto(s->stack, i);
	c = conv_new(s->stack, tcp, &nobody);
	if (!c || conv_announce(c, &here) < 0)
		return false;
	conv_set_user(c, on_call, s);
	return true;
}

/* --- beginning ------------------------------------------------------------------------------- */

static bool take_device(struct services *s, const char *tap, const char *kernel)
{
	char spec[64];
	struct addr a;
	unsigned bits;

	snprintf(spec, sizeof(spec), "tap:%s", tap);
	return prefix_parse(&a, &bits, kernel, strlen(kernel)) == 0 &&
		nic_open(&s->nic, spec, s->why, sizeof(s->why)) == 0 &&
		host_addr_add(tap, a.b, bits, s->why, sizeof(s->why)) == 0 &&
		host_up(tap, s->why, sizeof(s->why)) == 0;
}

static bool start_stack(struct services *s, const char *ours)
{
	const struct stack_config config = { .memory_take = take, .memory_give_back = give_back };
	struct addr a;
	unsigned bits;

	s->stack = stack_new(&config, loop_clock_us());
	if (!s->stack || prefix_parse(&a, &bits, ours, strlen(ours)) < 0)
		return false;
	s->nic->pkts = stack_pkts(s->stack);
	s->piece = stack_chunk(s->stack);
	if (!s->piece)
		return false;
	memset(s->piece->data, 'x', PIECE);
	return stack_attach(s->stack, &s->nic->link, &s->ifc) == 0 &&
		net_addr_add(s->stack, s->ifc, &a, bits, NET_ADDR_UNPROBED) == 0 &&
		offer(s, PORT_SINK) && offer(s, PORT_SOURCE) && offer(s, PORT_ECHO);
}

static bool start_loop(struct services *s, usec_t spin_us)
{
	const struct loop_config config = {
		.stack = s->stack, .nic = s->nic, .ifc = s->ifc, .log = &s->log, .spin_us = spin_us
	};

	log_open(&s->log, LEVEL_ERROR);
	return loop_new(&s->loop, &config) == 0;
}

int main(int argc, char **argv)
{
	struct services s = { .why = "the stack does not start" };

	if (argc != 5) {
		fprintf(stderr, "usage: stack_services TAP KERNEL/BITS OURS/BITS SPIN_US\n");
		return 2;
	}
	if (!take_device(&s, argv[1], argv[2]) || !start_stack(&s, argv[3]) ||
		!start_loop(&s, strtoull(argv[4], NULL, 10))) {
		fprintf(stderr, "stack_services: %s\n", s.why);
		return 1;
	}
	/* The loop has planned its sleep before the services have said what they want to. */
	while (loop_turn(s.loop, stack_deadline(s.stack)) == LOOP_GOES_ON) {
		while (conv_next_ready(s.stack))
			;
		stack_flush(s.stack);
	}
	nic_close(s.nic);
	return 0;
}
