/*
 * Every field of a segment, each of its options included, at its boundaries in every state of TCP,
 * alone and two at once. Nothing may crash, the oracle must like what is sent, each frame must move
 * a counter, and what is damaged may not open or end what is synchronized.
 *
 * rows T-52, X-01 (RFC 9293 3.1, 3.10.7)
 */
#include "../lib/scene.h"
#include "../lib/seed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define VALUES 8
#define IP     14
#define TCP    (IP + 20)
#define OPTION (TCP + 20)

/* A segment of options is 14 + 20 + 20 + 24 bytes long before its data. */
static const struct field {
	const char *name;
	unsigned at, len;
} fields[] = {
	{ "version and header length", IP, 1 },
	{ "type of service", IP + 1, 1 },
	{ "total length", IP + 2, 2 },
	{ "id", IP + 4, 2 },
	{ "flags and offset", IP + 6, 2 },
	{ "time to live", IP + 8, 1 },
	{ "protocol", IP + 9, 1 },
	{ "header checksum", IP + 10, 2 },
	{ "source", IP + 12, 4 },
	{ "destination", IP + 16, 4 },
	{ "source port", TCP, 2 },
	{ "destination port", TCP + 2, 2 },
	{ "sequence number", TCP + 4, 4 },
	{ "acknowledgement", TCP + 8, 4 },
	{ "data offset", TCP + 12, 1 },
	{ "flags", TCP + 13, 1 },
	{ "window", TCP + 14, 2 },
	{ "checksum", TCP + 16, 2 },
	{ "urgent pointer", TCP + 18, 2 },
	{ "mss kind", OPTION, 1 },
	{ "mss length", OPTION + 1, 1 },
	{ "mss", OPTION + 2, 2 },
	{ "window scale kind", OPTION + 4, 1 },
	{ "window scale length", OPTION + 5, 1 },
	{ "window scale", OPTION + 6, 1 },
	{ "sack-permitted kind", OPTION + 7, 1 },
	{ "sack-permitted length", OPTION + 8, 1 },
	{ "timestamps kind", OPTION + 9, 1 },
	{ "timestamps length", OPTION + 10, 1 },
	{ "TSval", OPTION + 11, 4 },
	{ "TSecr", OPTION + 15, 4 },
};

#define FIELDS (sizeof(fields) / sizeof(*fields))

static unsigned frames_n;

static uint32_t get(const uint8_t *bytes, const struct field *f)
{
	uint32_t value = 0;
	unsigned i;

	for (i = 0; i < f->len; i++)
		value = value << 8 | bytes[f->at + i];
	return value;
}

static void put(uint8_t *bytes, const struct field *f, uint32_t value)
{
	unsigned i;

	for (i = f->len; i > 0; i--, value >>= 8)
		bytes[f->at + i - 1] = (uint8_t)value;
}

static uint32_t boundary(const struct field *f, uint32_t old, unsigned i)
{
	uint32_t max = f->len >= 4 ? UINT32_MAX : (1u << 8 * f->len) - 1;
	const uint32_t all[VALUES] = { 0, max, max / 2 + 1, old + 1, old - 1, 1, max / 2, max - 1 };

	return all[i] & max;
}

/* A segment with every option and ten bytes, as it would be right in this state but for its
 * options, which were not agreed on. */
static size_t build(const struct scene *sc, uint8_t *bytes)
{
	static const uint8_t data[10] = "ten bytes";
	struct frame f;

	frame_init(&f, FRAME_TCP);
	memcpy(f.eth_dst, box_mac(sc->box), 6);
	box_station(SCENE_PEER, f.eth_src);
	f.ip.src = SCENE_PEER;
	f.ip.dst = box_ip(sc->box);
	f.ip.df = false;
	f.tcp.src_port = sc->peer.port;
	f.tcp.dst_port = sc->peer.our_port;
	f.tcp.seq = sc->peer.snd_nxt;
	f.tcp.ack = sc->peer.rcv_nxt;
	f.tcp.flags = sc->state == SCENE_LISTEN ? FRAME_SYN
		: sc->state == SCENE_SYN_SENT   ? FRAME_SYN | FRAME_ACK
						: FRAME_ACK;
	f.tcp.window = 65535;
	/* laid down by hand, so that each stands where the table says */
	f.tcp.raw_len = 20;
	memcpy(f.tcp.raw,
		"\2\4\5\264"
		"\3\3\7"
		"\4\2"
		"\10\12\0\0\0\7\0\0\0\0"
		"\0",
		20);
	f.data = data;
	f.data_len = sizeof(data);
	return frame_build(&f, bytes);
}

static void fail_case(
	const struct scene *sc, const char *what, const char *why, const uint8_t *bytes, size_t len)
{
	char hex[300] = "";
	size_t i;

	for (i = 0; i < len && i < 128; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	fail_msg("%s, %s: %s: in hex %s", scene_state_name(sc->state), what, why, hex);
}

static bool is_synchronized(const struct scene *sc)
{
	return sc->state >= SCENE_ESTABLISHED && sc->state < SCENE_TIME_WAIT;
}

/* Which changes can end a synchronized conversation: only a RST or FIN flag, or the ACK of our
 * FIN that stands in all of them. */
static void judge(const struct scene *sc, const char *what, const uint8_t *bytes, size_t len)
{
	uint8_t flags = bytes[TCP + 13];
	const char *now;

	if (!sc->conv || !is_synchronized(sc) || flags & (FRAME_RST | FRAME_FIN))
		return;
	now = conv_state_name(sc->conv);
	if (scene_is_named(now, SCENE_SYN_SENT) || scene_is_named(now, SCENE_LISTEN) ||
		scene_is_named(now, SCENE_SYN_RECEIVED))
		fail_case(sc, what, now, bytes, len);
	if (sc->state == SCENE_ESTABLISHED && !scene_stands(sc))
		fail_case(sc, what, now, bytes, len);
}

/* One frame to a connection of its own; with its checksums right, or as the field has it. */
static void give(struct scene *sc, const char *what, uint8_t *bytes, size_t len, bool seal)
{
	uint64_t accounts = box_accounts(sc->box);

	if (seal)
		seed_seal(bytes, len);
	sc->tried = frame_get32(bytes + TCP + 4);
	box_input(sc->box, bytes, len);
	box_settle(sc->box);
	frames_n++;
	if (box_fault(sc->box))
		fail_case(sc, what, box_fault(sc->box), bytes, len);
	if (box_accounts(sc->box) == accounts)
		fail_case(sc, what, "no counter has moved", bytes, len);
	judge(sc, what, bytes, len);
	if (sc->state == SCENE_LISTEN) {
		/* whom the half-open call is from, if there is one, to be let go of */
		sc->peer.ip = frame_get32(bytes + IP + 12);
		sc->peer.port = frame_get16(bytes + TCP);
		/* and the next one of the same pair gets another number */
		box_run_through(sc->box, box_now(sc->box) + USEC_PER_MSEC);
	}
}

static void try_one(struct scene *sc, enum scene_state state, const struct field *f, unsigned i)
{
	bool seal;
	int round;

	for (round = 0; round < 2; round++) {
		uint8_t bytes[256];
		size_t len;

		seal = round == 0;
		scene_go_to(sc, state);
		len = build(sc, bytes);
		put(bytes, f, boundary(f, get(bytes, f), i));
		give(sc, f->name, bytes, len, seal);
		scene_leave(sc);
	}
}

static void try_two(struct scene *sc, enum scene_state state, const struct field *f,
	const struct field *g, const unsigned *values)
{
	char what[80];
	uint8_t bytes[256];
	size_t len;

	(void)snprintf(what, sizeof(what), "%s and %s", f->name, g->name);
	scene_go_to(sc, state);
	len = build(sc, bytes);
	put(bytes, f, boundary(f, get(bytes, f), values[0]));
	put(bytes, g, boundary(g, get(bytes, g), values[1]));
	give(sc, what, bytes, len, true);
	scene_leave(sc);
}

/* So that limits of rate begin anew, and fragments and TIME-WAITs are over now and then. */
static void rest(struct scene *sc)
{
	box_run_through(sc->box, box_now(sc->box) + 300 * USEC_PER_SEC);
	box_seen_all(sc->box);
	stack_check(box_stack(sc->box));
}

static void try_pairs(struct scene *sc, enum scene_state state, size_t f)
{
	unsigned n = getenv("CATNET_LONG") ? VALUES : VALUES / 2, i;
	size_t g;

	for (g = 0; g < f; g++)
		for (i = 0; i < n * n; i++) {
			const unsigned values[2] = { i / n, i % n };

			try_two(sc, state, &fields[f], &fields[g], values);
		}
}

/* Each field at every boundary; each pair at four boundaries of each, and with CATNET_LONG at all
 * of them. */
static void try_state(enum scene_state state)
{
	struct scene sc = scene_open("fields");
	unsigned i;
	size_t f;

	for (f = 0; f < FIELDS; f++) {
		for (i = 0; i < VALUES; i++)
			try_one(&sc, state, &fields[f], i);
		try_pairs(&sc, state, f);
		rest(&sc);
	}
	scene_close(&sc);
	(void)printf("%s: %u frames so far\n", scene_state_name(state), frames_n);
}

/* clang-format off */
#define TEST_OF(STATE, name) static void name(void **unused) { (void)unused; try_state(STATE); }
/* clang-format on */

TEST_OF(SCENE_CLOSED, each_field_in_closed)
TEST_OF(SCENE_LISTEN, each_field_in_listen)
TEST_OF(SCENE_SYN_SENT, each_field_in_syn_sent)
TEST_OF(SCENE_SYN_RECEIVED, each_field_in_syn_received)
TEST_OF(SCENE_ESTABLISHED, each_field_in_established)
TEST_OF(SCENE_FIN_WAIT_1, each_field_in_fin_wait_1)
TEST_OF(SCENE_FIN_WAIT_2, each_field_in_fin_wait_2)
TEST_OF(SCENE_CLOSE_WAIT, each_field_in_close_wait)
TEST_OF(SCENE_CLOSING, each_field_in_closing)
TEST_OF(SCENE_LAST_ACK, each_field_in_last_ack)
TEST_OF(SCENE_TIME_WAIT, each_field_in_time_wait)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_in_closed),
		cmocka_unit_test(each_field_in_listen),
		cmocka_unit_test(each_field_in_syn_sent),
		cmocka_unit_test(each_field_in_syn_received),
		cmocka_unit_test(each_field_in_established),
		cmocka_unit_test(each_field_in_fin_wait_1),
		cmocka_unit_test(each_field_in_fin_wait_2),
		cmocka_unit_test(each_field_in_close_wait),
		cmocka_unit_test(each_field_in_closing),
		cmocka_unit_test(each_field_in_last_ack),
		cmocka_unit_test(each_field_in_time_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
