/*
 * The byte queue next to a model of it, over long random runs: one flag for each position. What
 * is placed where something is already is placed wrong, so that a byte taken twice shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/byte_queue.h"

#define SPACE     (64u << 10) /* positions from the front that are used */
#define FLYING    32          /* slices that packets hold on to meanwhile */
#define PIECE_MAX 6000u

struct model {
	struct random r;
	bool has[SPACE + PIECE_MAX]; /* by position modulo the array's length */
	uint32_t len;
	uint32_t beyond;
	struct slice flying[FLYING];
	uint64_t flying_pos[FLYING];
};

static struct queue_box *const box = &queue_box;
static struct model m;

static bool *flag(uint32_t off)
{
	return &m.has[(box->q.base + off) % ARRAY_LEN(m.has)];
}

static uint32_t below(uint32_t n)
{
	return random_below(&m.r, n);
}

static enum buf_class some_class(void)
{
	uint32_t dice = below(10);

	return dice < 6 ? BUF_SMALL : dice < 9 ? BUF_LARGE : BUF_CHUNK;
}

/* Mostly a frame's worth or a crumb; sometimes much. */
static uint32_t some_len(enum buf_class class)
{
	uint32_t most[] = { 1, 20, 300, 1448, 1448, PIECE_MAX };
	uint32_t len = 1 + below(most[below(ARRAY_LEN(most))]);

	return class == BUF_SMALL ? min_u32(len, 1600) : len;
}

static void model_grow(void)
{
	while (m.len < SPACE && *flag(m.len)) {
		m.len++;
		m.beyond--;
	}
}

static void model_put(uint32_t off, uint32_t len)
{
	for (uint32_t i = off; i < off + len; i++) {
		m.beyond += !*flag(i);
		*flag(i) = true;
	}
	model_grow();
}

static uint32_t model_new(uint32_t off, uint32_t len)
{
	uint32_t n = 0;

	for (uint32_t i = off; i < off + len; i++)
		n += !*flag(i);
	return n;
}

/* A block with LEN bytes for OFF at its byte 16, the known ones wrong; NULL without memory. */
static struct buf *piece_for(enum buf_class class, uint32_t off, uint32_t len)
{
	struct buf *buf = buf_new(&box->bufs, class, BUF_CONTROL);

	if (!buf)
		return NULL;
	fill(buf->data + 16, box->q.base + off, len);
	for (uint32_t i = 0; i < len; i++)
		if (*flag(off + i))
			buf->data[16 + i] ^= 0xff;
	return buf;
}

static void step_give(void)
{
	enum buf_class class = some_class();
	uint32_t len = some_len(class);
	struct buf *buf;
	uint32_t n;

	if (m.beyond > 0 || m.len + len > SPACE)
		return;
	buf = piece_for(class, m.len, len);
	if (!buf)
		return;
	n = bytes_give(&box->home, &box->q, below(3) ? buf : NULL, buf->data + 16, len);
	assert_in_range(n, 0, len);
	assert_true(n == len || box->hogs_n > 0 || box->home.nodes.out == box->home.nodes.cap);
	model_put(m.len, n);
	buf_drop(buf);
}

/* At the end, at the first gap, or anywhere. */
static uint32_t some_place(uint32_t len)
{
	uint32_t end = m.len + m.beyond;

	switch (below(4)) {
	case 0:
		return below(SPACE - len);
	case 1:
		return min_u32(end + below(3000), SPACE - len);
	case 2:
		return min_u32(m.len, SPACE - len);
	default:
		return min_u32(m.len - min_u32(m.len, below(500)) + below(1500), SPACE - len);
	}
}

static void step_place(void)
{
	enum buf_class class = some_class();
	uint32_t len = some_len(class);
	uint32_t off = some_place(len);
	uint32_t expected = model_new(off, len);
	struct buf *buf = piece_for(class, off, len);
	uint32_t runs = bytes_runs(&box->q);
	struct bytes was = box->q;
	ssize_t n;

	if (!buf)
		return;
	n = place_at(off, below(3) ? buf : NULL, buf->data + 16, len, PIECES_MAX);
	if (n < 0) {
		assert_int_equal(n, -ENOBUFS);
		assert_true(runs == PIECES_MAX || box->hogs_n > 0 ||
			box->home.nodes.cap - box->home.nodes.out < PIECES_MAX);
		assert_int_equal(bytes_runs(&box->q), runs);
		assert_int_equal(box->q.held, was.held);
	} else {
		assert_int_equal(n, expected);
		model_put(off, len);
	}
	buf_drop(buf);
}

static void step_drop(void)
{
	uint32_t len = below(4) ? below(min_u32(m.len, 3000) + 1) : m.len;

	for (uint32_t i = 0; i < len; i++)
		*flag(i) = false;
	bytes_drop(&box->home, &box->q, len);
	m.len -= len;
}

static void step_forget(void)
{
	for (uint32_t i = m.len; i < SPACE; i++)
		*flag(i) = false;
	assert_int_equal(bytes_forget_beyond(&box->home, &box->q), m.beyond);
	m.beyond = 0;
}

static void step_look(void)
{
	uint32_t off = below(m.len + 1);
	uint32_t len = below(min_u32(m.len - off, 5000) + 1);

	assert_content(off, len);
}

/* A packet takes a slice and keeps it for a while; what it shows must not change. */
static void step_fly(void)
{
	uint32_t i = below(FLYING);
	struct slice *s = &m.flying[i];
	uint32_t off = below(m.len + 1);
	uint8_t expected[PIECE_MAX];

	if (s->buf) {
		fill(expected, m.flying_pos[i], s->len);
		assert_memory_equal(s->buf->data + s->off, expected, s->len);
		buf_drop(s->buf);
		s->buf = NULL;
	} else if (bytes_slices(&box->q, off, 1000, s, 1) == 1) {
		buf_hold(s->buf);
		m.flying_pos[i] = box->q.base + off;
	}
}

static void land_all(void)
{
	for (int i = 0; i < FLYING; i++) {
		buf_drop(m.flying[i].buf);
		m.flying[i].buf = NULL;
	}
}

static void step_compact(void)
{
	uint64_t before = box->bufs.bytes_out;
	bool settles = below(2) == 0;
	uint32_t freed =
		settles ? bytes_settle(&box->home, &box->q) : bytes_compact(&box->home, &box->q);

	assert_true(before - freed == box->bufs.bytes_out || freed == 0);
}

static void step(void)
{
	uint32_t dice = below(1000);

	if (dice < 300)
		step_give();
	else if (dice < 600)
		step_place();
	else if (dice < 750)
		step_drop();
	else if (dice < 850)
		step_look();
	else if (dice < 970)
		step_fly();
	else if (dice < 980)
		step_compact();
	else if (dice < 984)
		step_forget();
	else if (dice < 986 && box->hogs_n == 0)
		hog_all();
	else if (dice < 1000)
		unhog_all();
}

static uint32_t model_runs(void)
{
	uint32_t n = 0;

	for (uint32_t i = m.len; i < SPACE; i++)
		n += *flag(i) && (i == 0 || !*flag(i - 1));
	return n;
}

static void assert_runs(void)
{
	uint32_t from = m.len;
	uint32_t off;
	uint32_t len;

	assert_int_equal(bytes_runs(&box->q), model_runs());
	for (uint32_t i = 0; bytes_run(&box->q, i, &off, &len); i++) {
		assert_int_equal(model_new(from, off - from), off - from);
		assert_int_equal(model_new(off, len), 0);
		from = off + len;
	}
	assert_int_equal(model_new(from, SPACE - from), SPACE - from);
}

static void run_model(uint32_t nodes)
{
	memset(&m, 0, sizeof(m));
	queue_box_open(nodes);
	seeded(&m.r);
	for (uint32_t n = steps(100000); n > 0; n--) {
		step();
		assert_int_equal(box->q.len, m.len);
		assert_int_equal(box->q.beyond, m.beyond);
		if (n % 16 == 0)
			bytes_check(&box->q);
		if (n % 64 == 0)
			assert_runs();
	}
	land_all();
	queue_box_close();
}

static void the_queue_holds_what_one_flag_a_position_says(void **state)
{
	(void)state;
	run_model(4096);
}

static void so_it_does_when_nodes_run_out_all_the_time(void **state)
{
	(void)state;
	run_model(24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_queue_holds_what_one_flag_a_position_says),
		cmocka_unit_test(so_it_does_when_nodes_run_out_all_the_time),
	};

	return cmocka_run_group_tests_name("bytes_model", tests, NULL, NULL);
}
