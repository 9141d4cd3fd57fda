/*
 * sim.c - a world made from a seed, and the loop that lets its time pass.
 */
#include "sim.h"

#include "../../stack/base/text.h"
#include "../../stack/net.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX     40000000u
#define CHECK_EVERY   4096u /* steps between two looks at every invariant */
#define CHECK_HOSTILE 512u
#define LASTS_MAX_US  ((usec_t)24 * 3600 * USEC_PER_SEC)
#define LINGER_US     ((usec_t)30 * 60 * USEC_PER_SEC) /* both TIME-WAITs and every give-up */
#define TRACE_EVENTS  4096
#define SIM_MEMORY    ((size_t)64 << 20)

bool sim_fail(struct sim *s, const char *format, ...)
{
	va_list args;

	if (s->why[0])
		return false;
	va_start(args, format);
	vsnprintf(s->why, sizeof s->why, format, args);
	va_end(args);
	return false;
}

static void *memory_take(void *arg, size_t len)
{
	(void)arg;
	return calloc(1, len);
}

static void memory_give_back(void *arg, void *at, size_t len)
{
	(void)arg;
	(void)len;
	free(at);
}

/* --- making a world ------------------------------------------------------------------ */

static void make_config(struct stack_config *c, struct dice *d)
{
	*c = (struct stack_config){
		.memory_take = memory_take,
		.memory_give_back = memory_give_back,
		.memory = SIM_MEMORY,
		.tcp_convs_max = 256,
		.udp_convs_max = 16,
		.icmp_convs_max = 16,
		.trace_events = TRACE_EVENTS,
	};
	for (unsigned i = 0; i < sizeof c->secret; i++) {
		c->secret[i] = (uint8_t)dice_roll(d);
		c->seed[i] = (uint8_t)dice_roll(d);
	}
}

static bool make_host(struct sim *s, unsigned side, uint16_t mtu, uint8_t offers)
{
	struct host *h = &s->host[side];
	struct stack_config config;
	struct addr a = addr_from_v4(0x0a000001u + side);

	make_config(&config, &s->dice);
	h->sim = s;
	h->side = side;
	h->link = (struct link){ .name = side ? "right" : "left",
		.mac = { 2, 0, 0, 0, 0, (uint8_t)(side + 1) },
		.mtu = mtu,
		.offers = offers,
		.send = wire_send };
	h->stack = stack_new(&config, s->now_us);
	if (!h->stack || stack_attach(h->stack, &h->link, &h->ifc) < 0)
		return sim_fail(s, "no stack");
	stack_trace_want(h->stack, 0, STACK_TRACE_STATE | STACK_TRACE_DROP, NULL);
	if (net_addr_add(h->stack, h->ifc, &a, 96 + 24, NET_ADDR_UNPROBED) < 0)
		return sim_fail(s, "no address");
	return true;
}

/* A third of the worlds are clear, a third bad, a third very bad. */
static struct weather make_weather(struct dice *d)
{
	static const uint32_t losses[] = { 0, 0, 10000, 50000, 100000, 300000 };
	uint32_t loss = losses[dice_below(d, 6)];

	return (struct weather){
		.loss = loss,
		.duplicate = dice_chance(d, 500000) ? dice_below(d, 100000) : 0,
		.reorder = dice_chance(d, 500000) ? dice_below(d, 200000) : 0,
		.corrupt = dice_chance(d, 300000) ? dice_below(d, 50000) : 0,
		.delay_us = 10 + dice_below(d, 100000),
		.jitter_us = dice_below(d, 50000),
		.bits_per_sec = dice_chance(d, 500000) ? 1000000 + dice_below(d, 1000000000) : 0,
		.queue_max = 64 + dice_below(d, 1024),
	};
}

static uint64_t stream_len(struct dice *d, uint32_t loss)
{
	uint32_t most = loss >= 300000 ? 20000 : loss >= 50000 ? 100000 : 400000;

	return dice_chance(d, 200000) ? dice_below(d, 64) : dice_below(d, most);
}

static void make_half(struct sim *s, struct half *h)
{
	struct dice *d = &s->dice;

	h->write_len = 1u << dice_below(d, 17);
	h->read_len = 1u << (4 + dice_below(d, 17));
	h->nap_us = dice_chance(d, 300000) ? dice_below(d, 2000000) : 0;
	h->nap_chance = 1000 + dice_below(d, 50000);
}

/* The caller always has something to say: a silent one whose last step of the handshake is
 * lost often enough may wait for ever, and RFC 9293 lets it. */
static void make_talk(struct sim *s, struct talk *t)
{
	struct dice *d = &s->dice;

	t->key = dice_roll(d) >> 2;
	make_half(s, &t->half[0]);
	make_half(s, &t->half[1]);
	t->half[0].to_send = t->half[1].expected = 1 + stream_len(d, s->weather.loss);
	t->half[1].to_send = t->half[0].expected = stream_len(d, s->weather.loss);
	if (s->is_hostile)
		mischief_plan(s, t);
}

static uint16_t make_mtu(struct sim *s)
{
	static const uint16_t mtus[] = { 1500, 1500, 1500, 9000, 576 };
	static const uint16_t hostile[] = { 576, 1500, 9000, 65521 };

	return s->is_hostile ? hostile[dice_below(&s->dice, ARRAY_LEN(hostile))]
			     : mtus[dice_below(&s->dice, ARRAY_LEN(mtus))];
}

static bool make_world(struct sim *s, const struct weather *fixed)
{
	uint16_t mtu;
	uint8_t offers = 0;

	s->dice.state = s->seed;
	s->weather = fixed ? *fixed : make_weather(&s->dice);
	mtu = make_mtu(s);
	/* A damaged frame must carry its checksum, so that it can be found out. */
	if (s->weather.corrupt == 0 && dice_chance(&s->dice, 400000))
		offers = LINK_CSUM | LINK_TSO4;
	s->now_us = s->began_us = 1000000 + dice_below(&s->dice, 1000000);
	if (!make_host(s, 0, mtu, offers) || !make_host(s, 1, mtu, offers))
		return false;
	s->talks_n = 1 + dice_below(&s->dice, SIM_TALKS_USUAL);
	if (s->is_hostile && dice_chance(&s->dice, 200000))
		s->talks_n = 1 + dice_below(&s->dice, SIM_TALKS_MAX);
	for (unsigned i = 0; i < s->talks_n; i++)
		make_talk(s, &s->talk[i]);
	return true;
}

/* --- letting time pass --------------------------------------------------------------- */

static usec_t next_event_us(const struct sim *s)
{
	usec_t next_us = min_u64(wire_next_us(s), programs_next_us(s));

	for (unsigned side = 0; side < 2; side++)
		next_us = min_u64(next_us, stack_deadline(s->host[side].stack));
	return next_us;
}

/* One turn of the loop, in the order of the server's: time, frames, programs, answers. */
static bool turn(struct sim *s)
{
	for (unsigned side = 0; side < 2; side++)
		stack_poll(s->host[side].stack, s->now_us);
	wire_deliver(s);
	if (!programs_run(s))
		return false;
	for (unsigned side = 0; side < 2; side++)
		stack_flush(s->host[side].stack);
	/* Among much else: who has work left is woken for it. */
	if (++s->steps % (s->is_hostile ? CHECK_HOSTILE : CHECK_EVERY) == 0)
		for (unsigned side = 0; side < 2; side++)
			stack_check(s->host[side].stack);
	return true;
}

/* Say of the first end that is not done how it stands. */
static bool is_stuck(struct sim *s)
{
	for (unsigned i = 0; i < s->talks_n * 2; i++) {
		const struct half *h = &s->talk[i / 2].half[i % 2];

		if (s->talk[i / 2].is_ruined ? !h->conv : h->has_eof && h->has_shut)
			continue;
		return sim_fail(s,
			"stuck: talk %u side %u %s events %#x sent %llu of %llu got %llu of %llu",
			i / 2, i % 2, h->conv ? conv_state_name(h->conv) : "without a conversation",
			h->conv ? conv_events(h->conv) : 0, (unsigned long long)h->sent,
			(unsigned long long)h->to_send, (unsigned long long)h->got,
			(unsigned long long)h->expected);
	}
	return sim_fail(s, "stuck");
}

static bool live(struct sim *s)
{
	while (!programs_are_done(s)) {
		usec_t next_us;

		if (!turn(s))
			return false;
		if (programs_are_done(s))
			return true;
		next_us = next_event_us(s);
		if (next_us == USEC_NEVER)
			return is_stuck(s);
		if (next_us > s->began_us + LASTS_MAX_US || s->steps > STEPS_MAX)
			return sim_fail(s, "takes too long: %llu s, %llu steps",
				(unsigned long long)((s->now_us - s->began_us) / USEC_PER_SEC),
				(unsigned long long)s->steps);
		s->now_us = max_u64(s->now_us, next_us);
	}
	return true;
}

/* Everybody has hung up: the stacks finish what is between them and are as they were. */
static bool rest(struct sim *s)
{
	usec_t until_us = s->now_us + LINGER_US;

	programs_free(s);
	while (s->now_us < until_us) {
		usec_t next_us;

		for (unsigned side = 0; side < 2; side++)
			stack_poll(s->host[side].stack, s->now_us);
		wire_deliver(s);
		for (unsigned side = 0; side < 2; side++)
			stack_flush(s->host[side].stack);
		next_us = next_event_us(s);
		s->now_us = min_u64(until_us, max_u64(s->now_us, next_us));
	}
	/* Everything has come back. */
	for (unsigned side = 0; side < 2; side++) {
		stack_poll(s->host[side].stack, s->now_us);
		stack_check(s->host[side].stack);
		if (!stack_is_at_rest(s->host[side].stack, NULL))
			return sim_fail(s, "the stack on side %u is not at rest", side);
	}
	return true;
}

/* The last things each stack did, for the reader of a failure. */
static void tell_trace(const struct sim *s)
{
	char words[256];
	struct stack_trace what;

	for (unsigned side = 0; side < 2; side++) {
		struct text line = text_over(words, sizeof words);

		printf("  last of what happened on side %u:\n", side);
		while (s->host[side].stack &&
			stack_trace_next(s->host[side].stack, 0, &line, &what)) {
			printf("    %.6f %s\n", (double)what.at_us / USEC_PER_SEC, words);
			text_clear(&line);
		}
	}
}

static void end_world(struct sim *s)
{
	wire_clear(s);
	for (unsigned side = 0; side < 2; side++) {
		stack_free(s->host[side].stack);
		s->host[side].stack = NULL;
	}
}

static void begin(struct sim *s, uint64_t seed)
{
	int pcap_fd = s->pcap_fd;
	bool is_verbose = s->is_verbose, is_hostile = s->is_hostile;

	memset(s, 0, sizeof *s);
	s->seed = seed;
	s->pcap_fd = pcap_fd;
	s->is_verbose = is_verbose;
	s->is_hostile = is_hostile;
}

bool sim_run(struct sim *s, uint64_t seed, const struct weather *fixed)
{
	bool ok;

	begin(s, seed);
	ok = make_world(s, fixed) && programs_start(s) && live(s) && rest(s);
	if (!ok && s->is_verbose)
		tell_trace(s);
	if (!ok)
		programs_free(s);
	end_world(s);
	return ok;
}

usec_t sim_stream(struct sim *s, uint64_t seed, const struct weather *weather, uint64_t bytes,
	uint32_t buffer)
{
	bool ok;

	begin(s, seed);
	s->dice.state = seed;
	s->weather = *weather;
	s->now_us = s->began_us = USEC_PER_SEC;
	ok = make_host(s, 0, 1500, 0) && make_host(s, 1, 1500, 0);
	s->talks_n = 1;
	make_talk(s, &s->talk[0]);
	s->talk[0].half[0] =
		(struct half){ .to_send = bytes, .write_len = 65536, .read_len = 1048576 };
	s->talk[0].half[1] =
		(struct half){ .expected = bytes, .write_len = 1, .read_len = 1048576 };
	ok = ok && programs_start(s);
	if (ok) {
		conv_set_sndbuf(s->talk[0].half[0].conv, buffer);
		conv_set_rcvbuf(s->listener, buffer);
		ok = live(s);
	}
	programs_free(s);
	end_world(s);
	return ok ? s->now_us - s->began_us : 0;
}
