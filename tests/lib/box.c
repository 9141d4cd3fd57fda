#include "box.h"

#include "../../stack/base/text.h"
#include "box_link.h"
#include "told.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BOX_SILENT_MAX 8
#define BOX_MEMORY     ((size_t)192 << 20)
#define BOX_EVENTS     1024

/* More deadlines than this at one moment: the stack is running in circles. */
#define STEPS_MAX 100000

struct box {
	struct link link;
	struct stack *stack;
	struct ifc *ifc;
	struct oracle *oracle;
	struct evidence *evidence;
	struct box_config config;
	usec_t now_us;
	struct box_frame *first, **last; /* unseen */
	uint32_t silent[BOX_SILENT_MAX];
	unsigned silent_n;
	uint32_t moved; /* an address that changed its station; 0: none */
	uint8_t moved_to[6];
	struct box_frame *asked; /* ARP requests that the tester will answer */
	bool is_stalled;
	char line[256];
	uint64_t sent_n;
	uint64_t hash;
	char fault[600];
	bool has_fault;
};

static void *take_memory(void *arg, size_t len)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	(void)arg;
	return at == MAP_FAILED ? NULL : at;
}

static void give_memory_back(void *arg, void *at, size_t len)
{
	(void)arg;
	(void)munmap(at, len);
}

void box_station(uint32_t ip, uint8_t mac[6])
{
	mac[0] = 2;
	mac[1] = 0;
	frame_put32(mac + 2, ip);
}

static void remember_hash(struct box *b, const uint8_t *bytes, size_t len)
{
	uint64_t h = b->hash ^ b->now_us;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ bytes[i]) * 0x100000001b3ull;
	b->hash = h;
}

static bool is_silent(const struct box *b, uint32_t ip)
{
	unsigned i;

	for (i = 0; i < b->silent_n; i++)
		if (b->silent[i] == ip)
			return true;
	return false;
}

/* One frame on the wire, after the device has done its part. */
static void wire_frame(void *arg, const uint8_t *bytes, size_t len)
{
	struct box *b = arg;
	struct box_frame *frame = malloc(sizeof(*frame) + len);
	bool is_arp = len >= 14 && frame_get16(bytes + 12) == FRAME_TYPE_ARP;

	if (!frame)
		abort();
	frame->next = NULL;
	frame->at_us = b->now_us;
	frame->len = len;
	memcpy(frame->bytes, bytes, len);
	b->sent_n++;
	remember_hash(b, bytes, len);
	evidence_frame(b->evidence, b->now_us, 0, bytes, len);
	oracle_sent(b->oracle, bytes, len, b->now_us);
	if (is_arp && !b->config.is_arp_by_hand) {
		frame->next = b->asked;
		b->asked = frame;
		return;
	}
	*b->last = frame;
	b->last = &frame->next;
}

static int link_send(struct link *link, struct pkt *p)
{
	struct box *b = CONTAINER_OF(link, struct box, link);
	const char *bad;

	if (b->is_stalled)
		return -EAGAIN;
	bad = box_link_send(p, b->config.offers, wire_frame, b);
	if (bad)
		box_blame(b, "handed to the device: %s", bad);
	stack_pkt_free(b->stack, p);
	return 0;
}

static void fill(uint8_t *to, uint64_t seed)
{
	int i;

	for (i = 0; i < 16; i++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		to[i] = (uint8_t)(seed >> 56);
	}
}

static void give_address(struct box *b)
{
	struct addr a = addr_from_v4(b->config.ip);
	struct addr gateway = addr_from_v4(b->config.gateway);
	struct addr everywhere = addr_from_v4(0);
	unsigned flags = b->config.is_probing ? 0 : NET_ADDR_UNPROBED;

	oracle_owns(b->oracle, b->config.ip);
	if (net_addr_add(b->stack, b->ifc, &a, 96 + b->config.prefix_bits, flags))
		box_blame(b, "the stack refused its address");
	if (b->config.gateway && net_route_add(b->stack, &everywhere, 96, &gateway, NULL))
		box_blame(b, "the stack refused its gateway");
}

static void config_defaults(struct box_config *c)
{
	if (!c->ip)
		c->ip = 0x0a000001;
	if (!c->prefix_bits)
		c->prefix_bits = 24;
	if (!c->mtu)
		c->mtu = 1500;
	if (!c->seed)
		c->seed = 20240611;
	if (!c->memory)
		c->memory = BOX_MEMORY;
	if (!c->tcp_convs_max)
		c->tcp_convs_max = 4096;
}

struct box *box_new(const struct box_config *config)
{
	struct stack_config sc = { .memory_take = take_memory,
		.memory_give_back = give_memory_back };
	struct box *b = calloc(1, sizeof(*b));

	if (!b)
		abort();
	b->config = *config;
	config_defaults(&b->config);
	b->last = &b->first;
	b->now_us = BOX_BIRTH_US;
	b->evidence = config->evidence;
	b->link.name = "box0";
	b->link.mtu = b->config.mtu;
	b->link.offers = b->config.offers;
	b->link.send = link_send;
	box_station(b->config.ip, b->link.mac);
	b->oracle = oracle_new(b->link.mac, b->config.mtu);
	sc.memory = b->config.memory;
	sc.tcp_convs_max = b->config.tcp_convs_max;
	sc.udp_convs_max = 4096;
	sc.icmp_convs_max = 256;
	sc.trace_events = BOX_EVENTS;
	fill(sc.secret, b->config.seed);
	fill(sc.seed, b->config.seed + 1);
	b->stack = stack_new(&sc, b->now_us);
	if (!b->stack || stack_attach(b->stack, &b->link, &b->ifc)) {
		(void)fprintf(stderr, "box: no stack in %zu bytes\n", sc.memory);
		abort();
	}
	if (b->config.is_traced)
		stack_trace_want(b->stack, 0, STACK_TRACE_ALL, NULL);
	if (!b->config.has_no_address)
		give_address(b);
	box_settle(b);
	return b;
}

const char *box_line(struct box *b)
{
	struct text line = text_over(b->line, sizeof(b->line));
	struct stack_trace what;

	if (!stack_trace_next(b->stack, 0, &line, &what))
		return NULL;
	if (line.is_cut || what.kinds == 0)
		box_blame(b, "a line of the trace: %s", b->line);
	return b->line;
}

static void tell_trace(struct box *b)
{
	const char *line;

	while (b->config.is_traced && (line = box_line(b)))
		evidence_say(b->evidence, "        %s", line);
}

void box_free(struct box *b)
{
	tell_trace(b);
	stack_free(b->stack);
	box_seen_all(b);
	oracle_free(b->oracle);
	evidence_close(b->evidence);
	free(b);
}

struct stack *box_stack(struct box *b)
{
	return b->stack;
}

struct ifc *box_ifc(struct box *b)
{
	return b->ifc;
}

struct oracle *box_oracle(struct box *b)
{
	return b->oracle;
}

struct evidence *box_evidence(struct box *b)
{
	return b->evidence;
}

usec_t box_now(const struct box *b)
{
	return b->now_us;
}

uint32_t box_ip(const struct box *b)
{
	return b->config.ip;
}

const uint8_t *box_mac(const struct box *b)
{
	return b->link.mac;
}

void box_stall(struct box *b)
{
	b->is_stalled = true;
}

void box_unstall(struct box *b)
{
	b->is_stalled = false;
	stack_writable(b->stack, b->ifc);
	box_settle(b);
}

void box_silence(struct box *b, uint32_t ip)
{
	if (b->silent_n < BOX_SILENT_MAX)
		b->silent[b->silent_n++] = ip;
}

void box_unsilence(struct box *b, uint32_t ip)
{
	unsigned i;

	for (i = 0; i < b->silent_n; i++)
		if (b->silent[i] == ip)
			b->silent[i] = b->silent[--b->silent_n];
}

void box_move(struct box *b, uint32_t ip, const uint8_t mac[6])
{
	b->moved = ip;
	memcpy(b->moved_to, mac, 6);
}

void box_input(struct box *b, const uint8_t *bytes, size_t len)
{
	struct pkt *p;

	evidence_frame(b->evidence, b->now_us, 1, bytes, len);
	oracle_heard(b->oracle, bytes, len);
	p = box_link_receive(b->stack, bytes, len);
	if (!p) {
		box_blame(b, "no packet to receive into");
		return;
	}
	stack_input(b->stack, b->ifc, p, b->now_us);
}

/* Answer one ARP request, if it asks for somebody who is there. */
static void answer_arp(struct box *b, const struct box_frame *request)
{
	uint8_t bytes[64];
	struct frame f, reply;

	if (frame_parse(&f, request->bytes, request->len) || f.kind != FRAME_ARP || f.arp.op != 1 ||
		f.arp.sender == 0 || f.arp.target == b->config.ip ||
		oracle_is_ours(b->oracle, f.arp.target) || is_silent(b, f.arp.target))
		return;
	frame_init(&reply, FRAME_ARP);
	reply.arp.op = 2;
	reply.arp.sender = f.arp.target;
	reply.arp.target = f.arp.sender;
	box_station(f.arp.target, reply.arp.sender_mac);
	if (b->moved == f.arp.target)
		memcpy(reply.arp.sender_mac, b->moved_to, 6);
	if (!(f.eth_dst[0] & 1) && memcmp(f.eth_dst, reply.arp.sender_mac, 6) != 0)
		return; /* asked at a station where nobody is */
	memcpy(reply.arp.target_mac, f.arp.sender_mac, 6);
	memcpy(reply.eth_dst, f.eth_src, 6);
	memcpy(reply.eth_src, reply.arp.sender_mac, 6);
	box_input(b, bytes, frame_build(&reply, bytes));
}

void box_settle(struct box *b)
{
	unsigned steps = 0;

	do {
		struct box_frame *asked = b->asked;

		b->asked = NULL;
		while (asked) {
			struct box_frame *next = asked->next;

			answer_arp(b, asked);
			free(asked);
			asked = next;
		}
		stack_flush(b->stack);
		if (stack_deadline(b->stack) <= b->now_us)
			(void)stack_poll(b->stack, b->now_us);
		while (conv_next_ready(b->stack))
			; /* tests look at the events themselves */
		tell_trace(b);
		if (++steps > STEPS_MAX) {
			box_blame(b, "the stack has always something due now");
			return;
		}
	} while (b->asked || stack_deadline(b->stack) <= b->now_us);
}

const struct box_frame *box_peek(const struct box *b)
{
	return b->first;
}

void box_seen(struct box *b)
{
	struct box_frame *frame = b->first;

	if (!frame)
		return;
	b->first = frame->next;
	if (!b->first)
		b->last = &b->first;
	free(frame);
}

void box_seen_all(struct box *b)
{
	while (b->first)
		box_seen(b);
}

unsigned box_unseen_n(const struct box *b)
{
	const struct box_frame *frame;
	unsigned n = 0;

	for (frame = b->first; frame; frame = frame->next)
		n++;
	return n;
}

uint64_t box_sent_n(const struct box *b)
{
	return b->sent_n;
}

uint64_t box_trace_hash(const struct box *b)
{
	return b->hash;
}

bool box_run(struct box *b, usec_t until_us)
{
	unsigned steps = 0;

	while (!b->first) {
		usec_t deadline = stack_deadline(b->stack);

		if (deadline > until_us || ++steps > STEPS_MAX)
			break;
		if (deadline > b->now_us)
			b->now_us = deadline;
		(void)stack_poll(b->stack, b->now_us);
		box_settle(b);
	}
	if (steps > STEPS_MAX)
		box_blame(b, "more than %d deadlines without a frame", STEPS_MAX);
	if (!b->first && until_us > b->now_us) {
		b->now_us = until_us;
		(void)stack_poll(b->stack, b->now_us);
		box_settle(b);
	}
	return b->first != NULL;
}

void box_run_through(struct box *b, usec_t until_us)
{
	while (box_run(b, until_us))
		box_seen_all(b);
}

uint64_t box_count(struct box *b, const char *counter)
{
	static struct told told;
	const struct told_item *item;

	told_init(&told);
	stack_describe_counters(b->stack, "", &told.describer);
	item = told_find(&told, counter);
	if (!item)
		box_blame(b, "no counter is called %s", counter);
	return item ? item->number : 0;
}

/* Adds up counters without keeping them: it is asked after every single frame. */
struct adder {
	struct describer describer;
	uint64_t drops, accounts;
};

static void adder_number(struct describer *d, const char *name, uint64_t value)
{
	struct adder *a = CONTAINER_OF(d, struct adder, describer);

	if (strstr(name, "drop"))
		a->drops += value;
	if (strncmp(name, "link_", 5) != 0)
		a->accounts += value;
}

static void adder_open(struct describer *d, const char *name)
{
	(void)d;
	(void)name;
}

static void adder_close(struct describer *d)
{
	(void)d;
}

static struct adder add_up(struct box *b)
{
	struct adder a = { .describer = { .open = adder_open,
				   .open_list = adder_open,
				   .close = adder_close,
				   .number = adder_number } };

	stack_describe_counters(b->stack, "", &a.describer);
	return a;
}

uint64_t box_drops(struct box *b)
{
	return add_up(b).drops;
}

uint64_t box_accounts(struct box *b)
{
	return add_up(b).accounts;
}

const struct proto *box_proto(struct box *b, const char *name)
{
	unsigned i;

	for (i = 0; stack_proto(b->stack, i); i++)
		if (strcmp(proto_name(stack_proto(b->stack, i)), name) == 0)
			return stack_proto(b->stack, i);
	return NULL;
}

/* Answer whatever TCP still says with a reset, as a peer who has forgotten us does. */
static void reset_peer(struct box *b, const struct box_frame *sent)
{
	uint8_t bytes[128];
	struct frame f, reset;

	if (frame_parse(&f, sent->bytes, sent->len) || f.kind != FRAME_TCP ||
		(f.tcp.flags & FRAME_RST))
		return;
	frame_init(&reset, FRAME_TCP);
	memcpy(reset.eth_dst, f.eth_src, 6);
	memcpy(reset.eth_src, f.eth_dst, 6);
	reset.ip.src = f.ip.dst;
	reset.ip.dst = f.ip.src;
	reset.tcp.src_port = f.tcp.dst_port;
	reset.tcp.dst_port = f.tcp.src_port;
	reset.tcp.flags = FRAME_RST;
	if (f.tcp.flags & FRAME_ACK) {
		reset.tcp.seq = f.tcp.ack;
	} else {
		reset.tcp.flags |= FRAME_ACK;
		reset.tcp.ack = f.tcp.seq + (uint32_t)f.data_len + 1;
	}
	box_input(b, bytes, frame_build(&reset, bytes));
	box_settle(b);
}

void box_teardown(struct box *b)
{
	static struct told told;
	usec_t until_us = b->now_us + 600 * USEC_PER_SEC;
	unsigned i;

	box_settle(b);
	while (!box_fault(b) && box_run(b, until_us)) {
		struct box_frame *sent = b->first;

		b->first = sent->next;
		if (!b->first)
			b->last = &b->first;
		reset_peer(b, sent);
		free(sent);
	}
	if (box_fault(b))
		return;
	stack_check(b->stack);
	told_init(&told);
	if (stack_is_at_rest(b->stack, &told.describer))
		return;
	for (i = 0; i < told.items_n; i++)
		evidence_say(b->evidence, "not at rest: %s %llu %s", told.items[i].path,
			(unsigned long long)told.items[i].number, told.items[i].text);
	box_blame(b, "not at rest after everything was closed and 2 MSL have passed: %s %llu %s",
		told.items_n ? told.items[0].path : "", (unsigned long long)told.items[0].number,
		told.items[0].text);
}

void box_blame(struct box *b, const char *format, ...)
{
	va_list args;

	if (b->has_fault)
		return;
	b->has_fault = true;
	va_start(args, format);
	(void)vsnprintf(b->fault, sizeof(b->fault), format, args);
	va_end(args);
	evidence_say(b->evidence, "FAULT %s", b->fault);
}

const char *box_fault(const struct box *b)
{
	if (b->has_fault)
		return b->fault;
	return oracle_fault(b->oracle);
}
