/*
 * embed.c - the stack in a loop of your own: no thread, no descriptor, no clock but yours.
 *
 * Two hosts live in this process, joined by a pipe. One echoes datagrams on port 7; the other
 * pings it, sends it a datagram, and prints what comes back. A device of your own is a struct
 * link, whose send takes packets, and a call of stack_input for each frame that arrives.
 *
 *     make examples && build/debug-gcc/examples/embed
 */
#include "../drivers/driver.h"
#include "../stack/base/text.h"
#include "../stack/conv.h"
#include "../stack/net.h"
#include "../stack/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct host {
	struct nic *nic;
	struct stack *stack;
	struct ifc *ifc;
};

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

/* A host at ADDRESS. A real one gets secret and seed from getrandom(2). */
static bool host_begin(struct host *h, struct nic *nic, const char *address, usec_t now_us)
{
	const struct stack_config config = { .memory_take = take,
		.memory_give_back = give_back,
		.memory = (size_t)32 << 20,
		.tcp_convs_max = 64,
		.udp_convs_max = 64,
		.icmp_convs_max = 8 };
	struct addr a;
	unsigned bits;

	h->nic = nic;
	h->stack = stack_new(&config, now_us);
	if (!h->stack || prefix_parse(&a, &bits, address, strlen(address)) < 0)
		return false;
	nic->pkts = stack_pkts(h->stack);
	return stack_attach(h->stack, &nic->link, &h->ifc) == 0 &&
		net_addr_add(h->stack, h->ifc, &a, bits, NET_ADDR_UNPROBED) == 0;
}

/* An idle conversation; the protocols come in the order of their directories. */
static struct conv *conv_of(struct host *h, const char *proto)
{
	const struct cred nobody = { .uid = 65534 };
	unsigned i = 0;

	while (strcmp(proto_name(stack_proto(h->stack, i)), proto) != 0)
		i++;
	return conv_new(h->stack, stack_proto(h->stack, i), &nobody);
}

/* The next datagram, its pieces put together; how long, or -EAGAIN. */
static ssize_t read_one(struct conv *c, uint8_t *to, size_t cap)
{
	struct span spans[8];
	int pieces;
	ssize_t n = conv_peek(c, spans, 8, cap, &pieces);

	for (int i = 0; i < pieces; i++, to += spans[i - 1].len)
		memcpy(to, spans[i].at, spans[i].len);
	if (n >= 0)
		conv_taken(c, (size_t)n);
	return n;
}

/* Time moves first, then what the wire says comes in. The holders of conversations go next, and
 * stack_flush ends the turn. */
static void host_turn(struct host *h, usec_t now_us)
{
	struct pkt *p;

	stack_poll(h->stack, now_us);
	while ((p = stack_pkt(h->stack)) && h->nic->driver->recv(h->nic, p, NULL) == 1)
		stack_input(h->stack, h->ifc, p, now_us);
	stack_pkt_free(h->stack, p);
}

/* With `headers` each datagram begins with whose it is, so what was read can be written back. */
static void echo_all(struct host *h)
{
	uint8_t bytes[2048];
	struct conv *c;
	ssize_t n;

	while ((c = conv_next_ready(h->stack)))
		while ((n = read_one(c, bytes, sizeof(bytes))) >= 0)
			(void)conv_write(c, NULL, bytes, (size_t)n);
	stack_flush(h->stack);
}

static unsigned print_all(struct host *h, usec_t now_us)
{
	uint8_t bytes[2048];
	unsigned answers = 0;
	struct conv *c;
	ssize_t n;

	while ((c = conv_next_ready(h->stack))) {
		while ((n = read_one(c, bytes, sizeof(bytes))) >= 0) {
			printf("%s: %zd bytes after %llu us\n", proto_name(conv_proto(c)), n,
				(unsigned long long)now_us);
			answers++;
		}
	}
	stack_flush(h->stack);
	return answers;
}

static bool serve(struct host *h)
{
	char *headers[] = { (char[]){ "headers" } };
	char words[80];
	struct text why = text_over(words, sizeof(words));
	struct conv *c = conv_of(h, "udp");
	const struct endpoint echo = { .port = 7 };

	return c && conv_ctl(c, 1, headers, &why) == 0 && conv_announce(c, &echo) == 0;
}

static bool ask(struct host *h, const char *proto, const char *where, const void *at, size_t len)
{
	struct conv *c = conv_of(h, proto);
	struct endpoint to;

	return c && endpoint_parse(&to, where, strlen(where), false) == 0 &&
		conv_connect(c, NULL, &to) == 0 && conv_write(c, NULL, at, len) == (ssize_t)len;
}

int main(void)
{
	/* An echo request: type 8, code 0; checksum and id are the stack's, number 1 is ours. */
	static const uint8_t ping[] = { 8, 0, 0, 0, 0, 0, 0, 1, 'h', 'e', 'l', 'l', 'o' };
	struct host server, client;
	struct nic *left, *right;
	usec_t now_us = 0;
	unsigned answers = 0;

	if (pipe_pair(&left, &right, 1500, 0) < 0 ||
		!host_begin(&server, left, "10.0.0.1/24", now_us) ||
		!host_begin(&client, right, "10.0.0.2/24", now_us) || !serve(&server) ||
		!ask(&client, "icmp", "10.0.0.1!1", ping, sizeof(ping)) ||
		!ask(&client, "udp", "10.0.0.1!7", "hello", 5))
		return 1;
	/* Time is what you say it is. Here a turn takes 1 us; a real loop reads its clock, and
	 * sleeps until the earlier of the stacks' deadlines or until a frame has come. */
	for (; answers < 2 && now_us < USEC_PER_SEC; now_us++) {
		host_turn(&server, now_us);
		echo_all(&server);
		host_turn(&client, now_us);
		answers += print_all(&client, now_us);
	}
	nic_close(left);
	nic_close(right);
	stack_free(server.stack);
	stack_free(client.stack);
	return answers == 2 ? 0 : 1;
}
