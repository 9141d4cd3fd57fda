/*
 * Every header as annotated hex (*.hex here): answered as written; cut at every byte; every field
 * at its boundaries, alone and two at once. Nothing may crash, the oracle must like what is sent,
 * and each frame must move a counter: what is dropped is dropped by name.
 *
 * row X-01 (house rule)
 */
#include "../lib/box.h"
#include "../lib/seed.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PATTERN    "tests/wire/*.hex"
#define SEEDS_MAX  64
#define VALUES_MAX 10

static struct seed seeds[SEEDS_MAX];
static size_t seeds_n;

static const struct cred nobody = { 0, 0, 1 };

/* A box with a listener on 80, and one for datagrams on 7000, which is in 239.1.1.1. */
struct stage {
	struct box *box;
	struct conv *tcp, *udp;
	unsigned frames_n;
};

static struct conv *announce(struct box *b, const char *proto, uint16_t port)
{
	struct conv *c = conv_new(box_stack(b), box_proto(b, proto), &nobody);
	struct endpoint local = { .addr = addr_any, .port = port };

	assert_non_null(c);
	assert_int_equal(conv_announce(c, &local), 0);
	return c;
}

static struct stage stage_set(const struct seed *s)
{
	char *addmulti[] = { (char[]){ "addmulti" }, (char[]){ "10.0.0.1" },
		(char[]){ "239.1.1.1" }, NULL };
	struct box_config config = {
		.name = "wire", .prefix_bits = 8, .is_arp_by_hand = strncmp(s->name, "arp", 3) == 0
	};
	struct stage st = { .box = box_new(&config) };

	st.tcp = announce(st.box, "tcp", 80);
	st.udp = announce(st.box, "udp", 7000);
	assert_int_equal(conv_ctl(st.udp, 3, addmulti, NULL), 0);
	/* Its address is announced, and its group reported. */
	box_run_through(st.box, box_now(st.box) + 3 * USEC_PER_SEC);
	box_seen_all(st.box);
	return st;
}

static void stage_clear(struct stage *st)
{
	conv_release(st->tcp);
	conv_release(st->udp);
	box_teardown(st->box);
	if (box_fault(st->box))
		fail_msg("%s", box_fault(st->box));
	box_free(st->box);
}

static void fail_case(const char *why, const char *what, const uint8_t *bytes, size_t len)
{
	char hex[2 * SEED_MAX + 1] = "";
	size_t i;

	for (i = 0; i < len && i < SEED_MAX; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	fail_msg("%s: %s: in hex %s", what, why, hex);
}

/* Give the stack one frame and look at everything that must always hold. */
static void give(struct stage *st, const char *what, const uint8_t *bytes, size_t len)
{
	uint64_t accounts = box_accounts(st->box);

	box_input(st->box, bytes, len);
	box_settle(st->box);
	if (box_fault(st->box))
		fail_case(box_fault(st->box), what, bytes, len);
	if (box_accounts(st->box) == accounts)
		fail_case("no counter has moved", what, bytes, len);
	if (++st->frames_n % 512 == 0)
		stack_check(box_stack(st->box));
}

static void each_seed_is_answered_as_it_says(void **state)
{
	size_t i, at = 0;

	(void)state;
	for (i = 0; i < seeds_n; i++) {
		struct stage st = stage_set(&seeds[i]);
		const struct box_frame *frame;

		give(&st, seeds[i].name, seeds[i].in, seeds[i].in_len);
		frame = box_peek(st.box);
		if (!frame != !seeds[i].has_out)
			fail_msg("%s: %s", seeds[i].name, frame ? "an answer" : "no answer");
		if (frame && !seed_answers(&seeds[i], frame->bytes, frame->len, &at))
			fail_case("the answer differs", seeds[i].name, frame->bytes, frame->len);
		stage_clear(&st);
	}
}

static void each_seed_cut_anywhere_is_dropped_by_name(void **state)
{
	size_t i, len;

	(void)state;
	for (i = 0; i < seeds_n; i++) {
		struct stage st = stage_set(&seeds[i]);

		for (len = 0; len < seeds[i].in_len; len++) {
			uint64_t drops = box_drops(st.box);

			give(&st, seeds[i].name, seeds[i].in, len);
			if (box_drops(st.box) == drops)
				fail_case("no drop", seeds[i].name, seeds[i].in, len);
			box_seen_all(st.box);
		}
		stage_clear(&st);
	}
}

/* What a field of LEN bytes that is OLD could be: its ends, their neighbours, its own. */
static size_t boundaries(uint32_t old, size_t len, uint32_t *to)
{
	uint32_t max = len >= 4 ? UINT32_MAX : (1u << 8 * len) - 1;
	const uint32_t all[VALUES_MAX] = { 0, 1, max, max - 1, max / 2, max / 2 + 1, old + 1,
		old - 1, old ^ 1, old << 1 };
	size_t i;

	for (i = 0; i < VALUES_MAX; i++)
		to[i] = all[i] & max;
	return VALUES_MAX;
}

static uint32_t field_get(const uint8_t *bytes, const struct seed_field *f)
{
	uint32_t value = 0;
	size_t i;

	for (i = 0; i < f->len && i < 4; i++)
		value = value << 8 | bytes[f->at + i];
	return value;
}

/* A field longer than 4 bytes has its value in its first 4; the others stay. */
static void field_put(uint8_t *bytes, const struct seed_field *f, uint32_t value)
{
	size_t n = f->len < 4 ? f->len : 4;

	while (n > 0) {
		bytes[f->at + --n] = (uint8_t)value;
		value >>= 8;
	}
}

static void try_field(struct stage *st, const struct seed *s, const struct seed_field *f)
{
	uint32_t values[VALUES_MAX];
	size_t n = boundaries(field_get(s->in, f), f->len, values), i;
	char what[160];

	(void)snprintf(what, sizeof(what), "%s, %s", s->name, f->name);
	for (i = 0; i < n; i++) {
		uint8_t bytes[SEED_MAX];

		memcpy(bytes, s->in, s->in_len);
		field_put(bytes, f, values[i]);
		give(st, what, bytes, s->in_len);
		seed_seal(bytes, s->in_len);
		give(st, what, bytes, s->in_len);
		box_seen_all(st->box);
	}
}

static void each_field_at_its_boundaries_is_accounted_for(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < seeds_n; i++) {
		struct stage st = stage_set(&seeds[i]);

		for (j = 0; j < seeds[i].fields_n; j++)
			try_field(&st, &seeds[i], &seeds[i].fields[j]);
		stage_clear(&st);
	}
}

static void try_two(struct stage *st, const struct seed *s, const struct seed_field *f,
	const struct seed_field *g)
{
	uint32_t one[VALUES_MAX], other[VALUES_MAX];
	size_t n = boundaries(field_get(s->in, f), f->len, one);
	size_t m = boundaries(field_get(s->in, g), g->len, other), i, j;
	char what[200];

	(void)snprintf(what, sizeof(what), "%s, %s and %s", s->name, f->name, g->name);
	for (i = 0; i < n; i += 3) {
		for (j = 1; j < m; j += 3) {
			uint8_t bytes[SEED_MAX];

			memcpy(bytes, s->in, s->in_len);
			field_put(bytes, f, one[i]);
			field_put(bytes, g, other[j]);
			seed_seal(bytes, s->in_len);
			give(st, what, bytes, s->in_len);
			box_seen_all(st->box);
		}
	}
}

static void two_fields_at_once_are_accounted_for(void **state)
{
	size_t i, j, k;

	(void)state;
	for (i = 0; i < seeds_n; i++) {
		struct stage st = stage_set(&seeds[i]);

		for (j = 0; j < seeds[i].fields_n; j++)
			for (k = 0; k < seeds[i].fields_n; k++)
				if (j != k)
					try_two(&st, &seeds[i], &seeds[i].fields[j],
						&seeds[i].fields[k]);
		(void)printf("%s: %u frames\n", seeds[i].name, st.frames_n);
		stage_clear(&st);
	}
}

/* Lengths that lie, with checksums that do not; RFC 791 3.1, RFC 768, RFC 9293 3.1. */
static void each_length_that_is_too_long_is_dropped_by_name(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < seeds_n; i++) {
		struct stage st = stage_set(&seeds[i]);

		for (j = 0; j < seeds[i].fields_n; j++) {
			const struct seed_field *f = &seeds[i].fields[j];
			uint32_t max = f->len == 1 ? 255 : 65535;
			uint64_t drops = box_drops(st.box);
			uint8_t bytes[SEED_MAX];

			if (strcmp(f->name, "total length") != 0 &&
				strcmp(f->name, "length") != 0 &&
				strcmp(f->name, "data offset") != 0)
				continue;
			memcpy(bytes, seeds[i].in, seeds[i].in_len);
			field_put(bytes, f, max);
			seed_seal(bytes, seeds[i].in_len);
			/* a fragment's transport header is looked at when it is whole */
			if (strcmp(seeds[i].name, "ip4-fragment.hex") == 0)
				continue;
			give(&st, seeds[i].name, bytes, seeds[i].in_len);
			if (box_drops(st.box) == drops)
				fail_case("no drop", f->name, bytes, seeds[i].in_len);
			box_seen_all(st.box);
		}
		stage_clear(&st);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_seed_is_answered_as_it_says),
		cmocka_unit_test(each_seed_cut_anywhere_is_dropped_by_name),
		cmocka_unit_test(each_length_that_is_too_long_is_dropped_by_name),
		cmocka_unit_test(each_field_at_its_boundaries_is_accounted_for),
		cmocka_unit_test(two_fields_at_once_are_accounted_for),
	};
	glob_t found;
	size_t i;

	if (glob(PATTERN, 0, NULL, &found) != 0) {
		(void)fprintf(stderr, "no %s: to be started at the top of the tree\n", PATTERN);
		return 1;
	}
	for (i = 0; i < found.gl_pathc && seeds_n < SEEDS_MAX; i++)
		if (!seed_load(&seeds[seeds_n++], found.gl_pathv[i]))
			return 1;
	globfree(&found);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
