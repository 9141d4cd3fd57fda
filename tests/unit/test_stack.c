/*
 * The spine: a stack's beginning and end, what happens to frames, time, and what it tells.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "../../stack/limits.h"
#include "../../stack/stack_private.h"
#include "../lib/talk.h"
#include "../lib/told.h"

#define ENOUGH ((size_t)64 << 20)

/* --- memory that may be refused ------------------------------------------------------ */

static struct hook {
	bool refuses;
	unsigned takes, gives_back;
	size_t out;
} hook;

static void *take(void *arg, size_t len)
{
	struct hook *h = arg;
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	h->takes++;
	if (h->refuses || at == MAP_FAILED)
		return NULL;
	h->out += len;
	return at;
}

static void give_back(void *arg, void *at, size_t len)
{
	struct hook *h = arg;

	h->gives_back++;
	h->out -= len;
	munmap(at, len);
}

static struct stack_config config_of(size_t memory)
{
	hook = (struct hook){ .refuses = false };
	return (struct stack_config){ .memory_take = take,
		.memory_give_back = give_back,
		.memory_arg = &hook,
		.memory = memory,
		.tcp_convs_max = 64,
		.udp_convs_max = 64,
		.icmp_convs_max = 16,
		.trace_events = 1024 };
}

static void a_stack_takes_memory_once_and_gives_it_back(void **state)
{
	struct stack_config config = config_of(ENOUGH);
	struct stack *s = stack_new(&config, 5);

	(void)state;
	assert_non_null(s);
	stack_check(s);
	assert_true(stack_is_at_rest(s, NULL));
	stack_free(s);
	assert_int_equal(hook.takes, 1);
	assert_int_equal(hook.gives_back, 1);
	assert_int_equal(hook.out, 0);
}

static void refused_memory_is_no_stack(void **state)
{
	struct stack_config config = config_of(ENOUGH);

	(void)state;
	hook.refuses = true;
	assert_null(stack_new(&config, 5));
	assert_int_equal(hook.gives_back, 0);
}

/* Whatever table the budget ends in: no stack, and nothing kept. */
static void too_small_a_budget_is_no_stack(void **state)
{
	size_t least = 0;

	(void)state;
	for (size_t memory = 64; memory < ENOUGH; memory += memory / 16 + 1) {
		struct stack_config config = config_of(memory);
		struct stack *s = stack_new(&config, 5);

		if (s) {
			stack_check(s);
			stack_free(s);
			least = least ? least : memory;
		} else {
			assert_int_equal(least, 0); /* more memory never makes it fail */
		}
		assert_int_equal(hook.out, 0);
	}
	assert_in_range(least, 1 << 20, ENOUGH);
}

static void too_many_conversations_are_no_stack(void **state)
{
	struct stack_config config = config_of(ENOUGH);

	(void)state;
	config.udp_convs_max = LIMIT_CONVS_EACH + 1;
	assert_null(stack_new(&config, 5));
	assert_int_equal(hook.out, 0);
}

/* Nothing is touched before it is used: a large budget costs address space alone. */
static void memory_is_touched_lazily(void **state)
{
	static unsigned char resident[(512u << 20) / 4096];
	struct stack_config config = config_of(0);
	struct stack *s;
	size_t pages = 0;

	(void)state;
	config.tcp_convs_max = config.udp_convs_max = config.icmp_convs_max = 0;
	s = stack_new(&config, 5);
	assert_non_null(s);
	assert_int_equal(hook.out, LIMIT_MEMORY);
	assert_int_equal(mincore(s->arena.base, s->arena.len, resident), 0);
	for (size_t i = 0; i < sizeof(resident); i++)
		pages += resident[i] & 1;
	assert_true(pages * 4096 < (size_t)1 << 20);
	stack_free(s);
}

/* How many there are of everything follows the budget; what is left is for blocks. */
static void a_smaller_budget_has_smaller_tables(void **state)
{
	struct stack_config config = config_of((size_t)LIMIT_MEMORY_MIN_MIB << 20);
	uint32_t part = (uint32_t)(LIMIT_MEMORY / config.memory);
	struct stack *s;

	(void)state;
	config.tcp_convs_max = config.udp_convs_max = config.icmp_convs_max = 0;
	config.trace_events = LIMIT_TRACE_EVENTS;
	s = stack_new(&config, 5);
	assert_non_null(s);
	assert_int_equal(s->convs[0].pool.cap, LIMIT_TCP_CONVS / part);
	assert_int_equal(s->convs[1].pool.cap, LIMIT_UDP_CONVS / part);
	assert_int_equal(s->convs[2].pool.cap, LIMIT_ICMP_CONVS / part);
	assert_int_equal(s->bytes.nodes.cap, LIMIT_BYTES_NODES / part);
	assert_int_equal(s->datagrams.pool.cap, LIMIT_DATAGRAMS / part);
	assert_true(s->bufs.chunks_n * ARENA_CHUNK > config.memory / 2);
	stack_free(s);
}

static void conversations_go_with_their_stack(void **state)
{
	const struct cred who = { .uid = 1 };
	struct stack_config config = config_of(ENOUGH);
	struct stack *s = stack_new(&config, 5);

	(void)state;
	assert_non_null(conv_new(s, stack_proto(s, 0), &who));
	assert_false(stack_is_at_rest(s, NULL));
	stack_free(s);
	assert_int_equal(hook.out, 0);
}

/* --- frames -------------------------------------------------------------------------- */

static void packet_of(struct frame *f, uint8_t ip_protocol)
{
	frame_init(f, FRAME_IP);
	f->ip.src = TALK_PEER;
	f->ip.dst = TALK_US;
	f->ip.proto = ip_protocol;
	f->data = talk_bytes;
	f->data_len = 20;
}

/* C-06 */
static void an_unknown_protocol_is_reported(void **state)
{
	struct frame f;
	const struct frame *out;

	(void)state;
	packet_of(&f, 200);
	talk_frame_in(talk_box, &f);
	out = talk_out(talk_box);
	assert_non_null(out);
	assert_int_equal(out->icmp.type, 3);
	assert_int_equal(out->icmp.code, 2);
	assert_int_equal(box_count(talk_box, "ip4_drop_protocol"), 1);
}

/* L-03 */
static void an_unknown_ethertype_is_dropped_quietly(void **state)
{
	struct frame f;

	(void)state;
	packet_of(&f, 17);
	f.eth_type = 0x88cc;
	talk_frame_in(talk_box, &f);
	f.eth_type = 46; /* 802.3: a length */
	talk_frame_in(talk_box, &f);
	assert_int_equal(box_count(talk_box, "eth_drop_type"), 2);
	assert_null(talk_out(talk_box));
}

/* L-01 */
static void a_frame_for_another_station_is_dropped(void **state)
{
	struct frame f;

	(void)state;
	packet_of(&f, 200);
	box_station(TALK_PEER, f.eth_dst);
	talk_frame_in(talk_box, &f);
	assert_int_equal(box_count(talk_box, "eth_drop_not_ours"), 1);
	assert_null(talk_out(talk_box));
}

/* L-03 */
static void a_runt_is_dropped(void **state)
{
	(void)state;
	for (size_t len = 0; len < 14; len++)
		box_input(talk_box, talk_bytes, len);
	assert_int_equal(box_count(talk_box, "eth_drop_short"), 14);
	assert_int_equal(box_count(talk_box, "link_frames_in"), 14);
}

/* C-08: also of a protocol that is not there any more. */
static void an_error_about_a_protocol_nobody_speaks_is_let_go(void **state)
{
	static uint8_t bytes[FRAME_MAX];
	struct frame about, parsed;

	(void)state;
	packet_of(&about, 200);
	about.ip.src = TALK_US;
	about.ip.dst = TALK_PEER;
	assert_null(frame_parse(&parsed, bytes, frame_build(&about, bytes)));
	talk_icmp_about(talk_box, 3, 2, &parsed);
	assert_null(talk_out(talk_box));
}

/* --- time ---------------------------------------------------------------------------- */

static void two_within_cannot_keep_one_turn_busy(void **state)
{
	struct conv *a = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_US, 9)));
	struct stack *s = box_stack(talk_box);

	(void)state;
	/* Nobody has port 9: each datagram is answered by ICMP, which comes a turn later. */
	assert_int_equal(conv_write(a, NULL, "x", 1), 1);
	assert_int_equal(stack_deadline(s), box_now(talk_box));
	stack_poll(s, box_now(talk_box));
	assert_int_equal(box_count(talk_box, "icmp4_errors_in"), 0);
	assert_int_equal(stack_deadline(s), box_now(talk_box));
	stack_poll(s, box_now(talk_box));
	assert_int_equal(box_count(talk_box, "icmp4_errors_in"), 1);
	assert_true(stack_deadline(s) > box_now(talk_box));
}

static void flushing_nothing_does_nothing(void **state)
{
	uint64_t sent_n = box_sent_n(talk_box);

	(void)state;
	stack_flush(box_stack(talk_box));
	stack_flush(box_stack(talk_box));
	assert_int_equal(box_sent_n(talk_box), sent_n);
}

static void what_waits_on_a_link_that_goes_is_told(void **state)
{
	struct conv *c = talk_keep(talk_connected(talk_box, "udp", talk_at(TALK_PEER, 53)));

	(void)state;
	box_silence(talk_box, TALK_PEER);
	assert_int_equal(talk_write(talk_box, c, "x", 1), 1);
	stack_detach(box_stack(talk_box), box_ifc(talk_box));
	box_settle(talk_box);
	assert_int_equal(talk_read(c, talk_bytes, 10), -EHOSTUNREACH);
	assert_int_equal(talk_write(talk_box, c, "x", 1), -EADDRNOTAVAIL);
}

/* --- memory for whoever drives it ---------------------------------------------------- */

static void frames_are_received_also_when_data_has_used_up_memory(void **state)
{
	struct stack *s = box_stack(talk_box);
	struct buf *first = NULL, *chunk;
	struct pkt *p;

	(void)state;
	while ((chunk = stack_chunk(s))) {
		memcpy(chunk->data, &first, sizeof(first));
		first = chunk;
	}
	assert_null(stack_rx_buf(s));
	p = stack_pkt(s);
	assert_non_null(p);
	stack_pkt_free(s, p);
	while ((chunk = first)) {
		memcpy(&first, chunk->data, sizeof(first));
		buf_drop(chunk);
	}
}

static void new_conversations_are_refused_when_memory_is_used_up(void **state)
{
	const struct cred who = { .uid = 1 };
	struct stack *s = box_stack(talk_box);
	struct buf *first = NULL, *chunk;

	(void)state;
	while ((chunk = stack_chunk(s))) {
		memcpy(chunk->data, &first, sizeof(first));
		first = chunk;
	}
	if (bufs_pressure_percent(&s->bufs) >= LIMIT_PRESSURE_RED)
		assert_null(conv_new(s, stack_proto(s, 0), &who));
	while ((chunk = first)) {
		memcpy(&first, chunk->data, sizeof(first));
		buf_drop(chunk);
	}
	talk_keep(conv_new(s, stack_proto(s, 0), &who));
}

static void idle_memory_is_offered_once(void **state)
{
	struct stack *s = box_stack(talk_box);
	unsigned spans = 0;
	size_t len;
	void *at;

	(void)state;
	buf_drop(stack_chunk(s));
	while (stack_idle_span(s, &at, &len)) {
		assert_int_equal(len % 4096, 0);
		spans++;
	}
	assert_int_equal(spans, 1);
}

/* --- telling ------------------------------------------------------------------------- */

static void it_tells_memory_pools_and_counters(void **state)
{
	static struct told told;

	(void)state;
	talk_udp_in(talk_box, 53, talk_at(TALK_US, 9), "x", 1);
	told_init(&told);
	stack_describe(box_stack(talk_box), &told.describer);
	assert_int_equal(told_find(&told, "counters.udp.udp_drop_no_conv")->number, 1);
	assert_non_null(told_find(&told, "counters.conv.conv_made"));
	assert_non_null(told_find(&told, "memory.budget_bytes"));
	assert_non_null(told_find(&told, "pools.udp.cap"));
	assert_true(told_find(&told, "pools.packets.most")->number > 0);
}

static void counters_are_chosen_by_the_front_of_their_names(void **state)
{
	static struct told told;

	(void)state;
	told_init(&told);
	stack_describe_counters(box_stack(talk_box), "udp_", &told.describer);
	assert_non_null(told_find(&told, "udp_in"));
	assert_null(told_find(&told, "tcp_segs_in"));
	told_init(&told);
	stack_describe_counters(box_stack(talk_box), "", &told.describer);
	assert_int_equal(told.items_n, COUNTERS_N);
}

static void what_is_held_is_named(void **state)
{
	static struct told told;
	struct stack *s = box_stack(talk_box);
	struct pkt *p = stack_pkt(s);

	(void)state;
	told_init(&told);
	assert_false(stack_is_at_rest(s, &told.describer));
	assert_int_equal(told_find(&told, "packets")->number, 1);
	stack_pkt_free(s, p);
	assert_true(stack_is_at_rest(s, NULL));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, talk_open, talk_close)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stack_takes_memory_once_and_gives_it_back),
		cmocka_unit_test(refused_memory_is_no_stack),
		cmocka_unit_test(too_small_a_budget_is_no_stack),
		cmocka_unit_test(too_many_conversations_are_no_stack),
		cmocka_unit_test(memory_is_touched_lazily),
		cmocka_unit_test(a_smaller_budget_has_smaller_tables),
		cmocka_unit_test(conversations_go_with_their_stack),
		TEST(an_unknown_protocol_is_reported),
		TEST(an_unknown_ethertype_is_dropped_quietly),
		TEST(a_frame_for_another_station_is_dropped),
		TEST(a_runt_is_dropped),
		TEST(an_error_about_a_protocol_nobody_speaks_is_let_go),
		TEST(two_within_cannot_keep_one_turn_busy),
		TEST(flushing_nothing_does_nothing),
		TEST(what_waits_on_a_link_that_goes_is_told),
		TEST(frames_are_received_also_when_data_has_used_up_memory),
		TEST(new_conversations_are_refused_when_memory_is_used_up),
		TEST(idle_memory_is_offered_once),
		TEST(it_tells_memory_pools_and_counters),
		TEST(counters_are_chosen_by_the_front_of_their_names),
		TEST(what_is_held_is_named),
	};

	return cmocka_run_group_tests_name("stack", tests, NULL, NULL);
}
