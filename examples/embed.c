/*
 * embed.c - the stack in a loop of your own: no thread, no descriptor, no clock but yours. Two
 * hosts in this process, joined by a pipe; one echoes datagrams, the other asks it. A device of
 * your own is a struct link, whose send takes packets, and a call of stack_input for each frame
 * that arrives.
 */
#include "../drivers/driver.h"
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
	struct conv *udp;
};

static void *take(void *arg, size_t len)
{
	return arg ? NULL : calloc(1, len);
}

static void give_back(void *arg, void *at, size_t len)
{
	free(len > 0 || arg ? at : NULL);
}

/* A host at ADDRESS with an idle conversation. A real one fills secret and seed by getrandom(2). */
static void host_begin(struct host *h, struct nic *nic, const char *address)
{
	const struct stack_config config = { .memory_take = take,
		.memory_give_back = give_back,
		.memory = 32 << 20,
		.tcp_convs_max = 64,
		.udp_convs_max = 64,
		.icmp_convs_max = 8 };
	struct addr a;
	unsigned bits;

	h->nic = nic;
	h->stack = stack_new(&config, 0);
	nic->pkts = stack_pkts(h->stack);
	prefix_parse(&a, &bits, address, strlen(address));
	stack_attach(h->stack, &nic->link, &h->ifc);
	net_addr_add(h->stack, h->ifc, &a, bits, NET_ADDR_UNPROBED);
	/* tcp is 0, udp 1, icmp 2: the order of their directories. */
	h->udp = conv_new(h->stack, stack_proto(h->stack, 1), &(struct cred){ .uid = 65534 });
}

/* Time moves, what the wire says comes in, and a datagram that waits is read: how long it is. */
static ssize_t host_turn(struct host *h, usec_t now_us, char *text, size_t cap)
{
	struct span spans[8];
	struct pkt *p;
	int pieces;

	stack_poll(h->stack, now_us);
	while ((p = stack_pkt(h->stack)) && h->nic->driver->recv(h->nic, p, NULL) == 1)
		stack_input(h->stack, h->ifc, p, now_us);
	stack_pkt_free(h->stack, p);
	ssize_t n = conv_peek(h->udp, spans, 8, cap, &pieces);
	for (int i = 0; n >= 0 && i < pieces; text += spans[i++].len)
		memcpy(text, spans[i].at, spans[i].len);
	if (n >= 0)
		conv_taken(h->udp, (size_t)n);
	return n;
}

int main(void)
{
	struct host server, client;
	struct nic *left, *right;
	struct endpoint echo = { .port = 7 };
	char text[2048];
	ssize_t n = -1;

	if (pipe_pair(&left, &right, 1500, 0) < 0)
		return 1;
	host_begin(&server, left, "10.0.0.1/24");
	host_begin(&client, right, "10.0.0.2/24");
	conv_ctl(server.udp, 1, (char *[]){ "headers" },
		NULL); /* whose a datagram is goes before it */
	conv_announce(server.udp, &echo);
	endpoint_parse(&echo, "10.0.0.1!7", 10, false);
	conv_connect(client.udp, NULL, &echo);
	conv_write(client.udp, NULL, "hello", 5);
	/* Here a turn takes 1 us; a real loop reads its clock, and sleeps until a frame has come or
	 * the earlier of the stacks' deadlines (stack_deadline). */
	for (usec_t now_us = 0; n < 0 && now_us < USEC_PER_SEC; now_us++) {
		while ((n = host_turn(&server, now_us, text, sizeof(text))) >= 0)
			conv_write(server.udp, NULL, text, (size_t)n);
		stack_flush(server.stack);
		n = host_turn(&client, now_us, text, sizeof(text));
		stack_flush(client.stack);
	}
	printf("%.*s\n", n > 0 ? (int)n : 0, text);
	nic_close(left);
	nic_close(right);
	stack_free(server.stack);
	stack_free(client.stack);
	return n == 5 ? 0 : 1;
}
