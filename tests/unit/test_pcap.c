/*
 * What passes a device is written down as it passed, and the file can be read by others.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../drivers/driver.h"
#include "../lib/packets.h"

#define TCP_AT      34 /* after Ethernet and IPv4 */
#define TCP_SUM_OFF 16

/* Of draft-ietf-opsawg-pcapng, in numbers of our own. */
enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, STATISTICS = 5, PACKET = 6 };
enum { COMMENT = 1, FLAGS = 2, DROPCOUNT = 4, IFRECV = 4, IFDROP = 5 };

#define PACKET_DATA 28

struct capture {
	struct packets packets;
	char file[64];
	struct nic *near; /* the end that is captured */
	struct nic *far;
	uint8_t *bytes; /* of the file, once it is closed */
	size_t len;
};

/* A comment for frames of 70 bytes. */
static size_t about(void *arg, const uint8_t *frame, uint32_t len, bool is_in, char *to, size_t cap)
{
	(void)arg;
	if (len != 70)
		return 0;
	return (size_t)snprintf(to, cap, "%s %u", is_in ? "in" : "out", frame[0]);
}

static const struct pcap_teller teller = { .application = "test 1.2", .about = about };

static void capture_open(struct capture *c, uint8_t offers)
{
	struct nic *inner;
	char why[256] = "";
	int fd;

	memset(c, 0, sizeof(*c));
	packets_open(&c->packets);
	snprintf(c->file, sizeof(c->file), "/tmp/test_pcap_XXXXXX");
	fd = mkstemp(c->file);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(pipe_pair(&inner, &c->far, 1500, offers), 0);
	assert_int_equal(pcap_wrap(&c->near, inner, c->file, &teller, why, sizeof(why)), 0);
	c->near->pkts = &c->packets.pkts;
	c->far->pkts = &c->packets.pkts;
}

/* End the capture and look at what it left. */
static void capture_read(struct capture *c)
{
	FILE *f;

	nic_close(c->near);
	c->near = NULL;
	f = fopen(c->file, "rb");
	assert_non_null(f);
	c->bytes = malloc(4 << 20);
	assert_non_null(c->bytes);
	c->len = fread(c->bytes, 1, 4 << 20, f);
	fclose(f);
}

static void capture_close(struct capture *c)
{
	nic_close(c->near);
	nic_close(c->far);
	unlink(c->file);
	free(c->bytes);
	packets_close(&c->packets);
}

static uint32_t word_at(const struct capture *c, size_t at)
{
	uint32_t word;

	assert_true(at + sizeof(word) <= c->len);
	memcpy(&word, c->bytes + at, sizeof(word));
	return word;
}

/* Block N, from 0 on, of which the first two are section and interface; NULL past the last. */
static const uint8_t *block(const struct capture *c, unsigned n)
{
	size_t at = 0;

	while (n-- > 0 && at < c->len) {
		assert_int_equal(word_at(c, at + 4) % 4, 0);
		assert_int_equal(word_at(c, at + word_at(c, at + 4) - 4), word_at(c, at + 4));
		at += word_at(c, at + 4);
	}
	assert_true(at <= c->len);
	return at < c->len ? c->bytes + at : NULL;
}

static uint32_t word(const uint8_t *at)
{
	uint32_t w;

	memcpy(&w, at, sizeof(w));
	return w;
}

static unsigned blocks_n(const struct capture *c)
{
	unsigned n = 0;

	while (block(c, n))
		n++;
	return n;
}

/* Option CODE of a block whose options begin at OFF: its length, or -1 when there is none. */
static int option(const uint8_t *b, size_t off, unsigned code, const uint8_t **value)
{
	*value = b;
	while (off + 4 < word(b + 4)) {
		uint32_t head = word(b + off);

		if ((head & 0xffff) == 0)
			break;
		*value = b + off + 4;
		if ((head & 0xffff) == code)
			return (int)(head >> 16);
		off += 4 + ((head >> 16) + 3) / 4 * 4;
	}
	return -1;
}

static size_t options_of(const uint8_t *packet)
{
	return PACKET_DATA + (word(packet + 20) + 3) / 4 * 4;
}

static uint64_t count_of(const uint8_t *b, size_t off, unsigned code)
{
	const uint8_t *value;
	uint64_t n;

	if (option(b, off, code, &value) != 8)
		return UINT64_MAX;
	memcpy(&n, value, sizeof(n));
	return n;
}

static int send_to(struct nic *n, struct pkt *p)
{
	return n->link.send(&n->link, p);
}

/* Let the captured end take in one frame. */
static void receive(struct capture *c)
{
	struct pkt *p = packets_empty(&c->packets);

	assert_int_equal(c->near->driver->recv(c->near, p, c->packets.rest), 1);
	packets_free(&c->packets, p);
}

static void an_empty_capture_is_a_valid_file(void **state)
{
	struct capture c;
	const uint8_t *value;
	(void)state;

	capture_open(&c, 0);
	capture_read(&c);
	assert_int_equal(word(block(&c, 0)), SECTION);
	assert_int_equal(word(block(&c, 0) + 8), 0x1a2b3c4d);
	assert_int_equal(option(block(&c, 0), 24, 4, &value), 8);
	assert_memory_equal(value, "test 1.2", 8);
	assert_int_equal(word(block(&c, 1)), INTERFACE);
	assert_int_equal(word(block(&c, 1) + 8) & 0xffff, 1); /* Ethernet */
	assert_int_equal(option(block(&c, 1), 16, 9, &value), 1);
	assert_int_equal(*value, 9); /* nanoseconds */
	assert_true(option(block(&c, 1), 16, 2, &value) > 0);
	assert_int_equal(word(block(&c, 2)), STATISTICS);
	assert_int_equal(count_of(block(&c, 2), 20, IFRECV), 0);
	assert_int_equal(blocks_n(&c), 3);
	capture_close(&c);
}

static uint32_t way_of(const uint8_t *packet)
{
	const uint8_t *value;

	assert_int_equal(option(packet, options_of(packet), FLAGS, &value), 4);
	return word(value) & 3;
}

static void both_ways_are_written_in_order(void **state)
{
	struct capture c;
	(void)state;

	capture_open(&c, 0);
	assert_int_equal(send_to(c.near, packets_frame(&c.packets, 60, 1)), 0);
	assert_int_equal(send_to(c.far, packets_frame(&c.packets, 70, 2)), 0);
	receive(&c);
	capture_read(&c);
	assert_int_equal(word(block(&c, 2)), PACKET);
	assert_int_equal(word(block(&c, 2) + 24), 60);
	assert_int_equal(block(&c, 2)[PACKET_DATA], 1);
	assert_int_equal(way_of(block(&c, 2)), 2);
	assert_int_equal(word(block(&c, 3) + 24), 70);
	assert_int_equal(block(&c, 3)[PACKET_DATA + 1], 3);
	assert_int_equal(way_of(block(&c, 3)), 1);
	assert_int_equal(word(block(&c, 4)), STATISTICS);
	assert_int_equal(count_of(block(&c, 4), 20, IFRECV), 2);
	assert_int_equal(count_of(block(&c, 4), 20, IFDROP), 0);
	assert_int_equal(blocks_n(&c), 5);
	capture_close(&c);
}

static void a_frame_may_have_a_comment(void **state)
{
	struct capture c;
	const uint8_t *value;
	(void)state;

	capture_open(&c, 0);
	assert_int_equal(send_to(c.near, packets_frame(&c.packets, 60, 1)), 0);
	assert_int_equal(send_to(c.near, packets_frame(&c.packets, 70, 9)), 0);
	assert_int_equal(send_to(c.far, packets_frame(&c.packets, 70, 2)), 0);
	receive(&c);
	capture_read(&c);
	assert_int_equal(option(block(&c, 2), options_of(block(&c, 2)), COMMENT, &value), -1);
	assert_int_equal(option(block(&c, 3), options_of(block(&c, 3)), COMMENT, &value), 5);
	assert_memory_equal(value, "out 9", 5);
	assert_int_equal(option(block(&c, 4), options_of(block(&c, 4)), COMMENT, &value), 4);
	assert_memory_equal(value, "in 2", 4);
	capture_close(&c);
}

static void a_frame_of_many_segments_is_written_whole(void **state)
{
	struct capture c;
	(void)state;

	capture_open(&c, LINK_CSUM | LINK_TSO4);
	assert_int_equal(send_to(c.near, packets_frame(&c.packets, 60001, 1)), 0);
	capture_read(&c);
	assert_int_equal(word(block(&c, 2) + 20), 60001);
	assert_int_equal(word(block(&c, 2) + 24), 60001);
	assert_int_equal(word(block(&c, 3)), STATISTICS);
	capture_close(&c);
}

static void a_frame_the_device_refused_is_not_written(void **state)
{
	struct capture c;
	struct pkt *refused;
	uint32_t sent = 0;
	(void)state;

	capture_open(&c, 0);
	while (send_to(c.near, refused = packets_frame(&c.packets, 60, 0)) == 0)
		sent++;
	packets_free(&c.packets, refused);
	capture_read(&c);
	assert_int_equal(blocks_n(&c), sent + 3);
	assert_int_equal(count_of(block(&c, sent + 2), 20, IFRECV), sent);
	capture_close(&c);
}

/* The sum over a TCP part whose bytes are all zero but for the field, which holds PSEUDO. */
static struct pkt *frame_with_open_sum(struct capture *c, uint16_t pseudo)
{
	struct pkt *p = packets_frame(&c->packets, TCP_AT + 21, 0);
	uint8_t *tcp = pkt_data(p) + TCP_AT;

	memset(tcp, 0, 21);
	tcp[0] = 0x12;
	tcp[20] = 0x34; /* an odd last byte is the high half of a word */
	tcp[TCP_SUM_OFF] = (uint8_t)(pseudo >> 8);
	tcp[TCP_SUM_OFF + 1] = (uint8_t)pseudo;
	p->offload = PKT_CSUM_FILL;
	p->csum_start = p->off + TCP_AT;
	p->csum_off = TCP_SUM_OFF;
	return p;
}

static void assert_sum_is_complete(const struct capture *c)
{
	const uint8_t *tcp = block(c, 2) + PACKET_DATA + TCP_AT;

	/* 0x1200 + 0x3400 + 0x0100 of the pseudo-header, complemented. */
	assert_int_equal(tcp[TCP_SUM_OFF] << 8 | tcp[TCP_SUM_OFF + 1], 0xffff - 0x4700);
}

static void a_sum_left_to_the_device_is_completed_in_the_file_only(void **state)
{
	struct capture c;
	struct pkt *p;
	(void)state;

	capture_open(&c, LINK_CSUM);
	assert_int_equal(send_to(c.near, frame_with_open_sum(&c, 0x0100)), 0);
	p = packets_empty(&c.packets);
	assert_int_equal(c.far->driver->recv(c.far, p, c.packets.rest), 1);
	assert_int_equal(pkt_data(p)[TCP_AT + TCP_SUM_OFF], 0x01);
	packets_free(&c.packets, p);
	capture_read(&c);
	assert_sum_is_complete(&c);
	capture_close(&c);
}

static void a_sum_that_was_never_filled_in_is_completed_on_the_way_in_too(void **state)
{
	struct capture c;
	(void)state;

	capture_open(&c, LINK_CSUM);
	assert_int_equal(send_to(c.far, frame_with_open_sum(&c, 0x0100)), 0);
	receive(&c);
	capture_read(&c);
	assert_sum_is_complete(&c);
	capture_close(&c);
}

static void what_is_written_reaches_the_file_after_a_while(void **state)
{
	struct capture c;
	usec_t due_us;
	FILE *f;
	(void)state;

	capture_open(&c, 0);
	assert_int_equal(send_to(c.near, packets_frame(&c.packets, 60, 1)), 0);
	due_us = c.near->driver->poll(c.near, 1000);
	assert_true(due_us > 1000 && due_us < USEC_PER_SEC);
	assert_int_equal(c.near->driver->poll(c.near, due_us), USEC_NEVER);
	f = fopen(c.file, "rb");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	assert_true(ftell(f) > 60);
	fclose(f);
	capture_close(&c);
}

/* A file that takes LIMIT bytes, and then no more. */
static void limit_files(rlim_t limit)
{
	struct rlimit files;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &files), 0);
	files.rlim_cur = limit;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &files), 0);
}

/* 50 frames of 60,000 bytes, of which the file and the buffer do not take all. */
static void send_too_much(struct capture *c)
{
	for (int i = 0; i < 50; i++) {
		struct pkt *p = packets_empty(&c->packets);

		assert_int_equal(send_to(c->near, packets_frame(&c->packets, 60000, 1)), 0);
		assert_int_equal(c->far->driver->recv(c->far, p, c->packets.rest), 1);
		packets_free(&c->packets, p);
	}
}

static void a_file_that_takes_no_more_ends_with_a_whole_frame(void **state)
{
	struct capture c;
	uint64_t lost;
	unsigned n;
	(void)state;

	capture_open(&c, 0);
	signal(SIGXFSZ, SIG_IGN);
	limit_files(100000);
	send_too_much(&c);
	lost = pcap_lost(c.near);
	capture_read(&c);
	limit_files(RLIM_INFINITY);
	n = blocks_n(&c); /* which asserts that all of them are whole */
	assert_int_equal(n, 3);
	assert_int_equal(lost, 49);
	capture_close(&c);
}

static void a_file_with_no_room_for_its_end_ends_with_a_whole_frame(void **state)
{
	struct capture c;
	size_t whole;
	(void)state;

	capture_open(&c, 0);
	assert_int_equal(send_to(c.near, packets_frame(&c.packets, 60, 1)), 0);
	capture_read(&c);
	whole = c.len;
	capture_close(&c);

	capture_open(&c, 0);
	assert_int_equal(send_to(c.near, packets_frame(&c.packets, 60, 1)), 0);
	signal(SIGXFSZ, SIG_IGN);
	limit_files(whole - 4);
	capture_read(&c);
	limit_files(RLIM_INFINITY);
	assert_int_equal(blocks_n(&c), 3);
	capture_close(&c);
}

static void what_was_lost_before_a_frame_stands_with_it(void **state)
{
	struct capture c;
	const uint8_t *last;
	unsigned n;
	(void)state;

	capture_open(&c, 0);
	signal(SIGXFSZ, SIG_IGN);
	limit_files(100000);
	send_too_much(&c);
	limit_files(RLIM_INFINITY);
	assert_int_equal(send_to(c.near, packets_frame(&c.packets, 60, 1)), 0);
	capture_read(&c);
	n = blocks_n(&c);
	last = block(&c, n - 2);
	assert_int_equal(word(last), PACKET);
	assert_int_equal(word(last + 24), 60);
	assert_int_equal(count_of(last, options_of(last), DROPCOUNT), 51 - (n - 3));
	assert_int_equal(count_of(block(&c, n - 1), 20, IFRECV), 51);
	assert_int_equal(count_of(block(&c, n - 1), 20, IFDROP), 51 - (n - 3));
	capture_close(&c);
}

static void a_full_disk_loses_frames_and_counts_them(void **state)
{
	struct packets packets;
	struct nic *near, *far, *inner;
	char why[256] = "";
	(void)state;

	packets_open(&packets);
	assert_int_equal(pipe_pair(&inner, &far, 1500, 0), 0);
	assert_int_equal(pcap_wrap(&near, inner, "/dev/full", NULL, why, sizeof(why)), 0);
	near->pkts = far->pkts = &packets.pkts;
	for (int i = 0; i < 50; i++) {
		struct pkt *p = packets_empty(&packets);

		assert_int_equal(send_to(near, packets_frame(&packets, 60000, 1)), 0);
		assert_int_equal(far->driver->recv(far, p, packets.rest), 1);
		packets_free(&packets, p);
	}
	assert_true(pcap_lost(near) > 0);
	nic_close(near);
	nic_close(far);
	packets_close(&packets);
}

static void what_a_full_disk_does_not_take_at_the_end_is_counted(void **state)
{
	struct packets packets;
	struct nic *near, *far, *inner;
	char why[256] = "";
	(void)state;

	packets_open(&packets);
	assert_int_equal(pipe_pair(&inner, &far, 1500, 0), 0);
	assert_int_equal(pcap_wrap(&near, inner, "/dev/full", NULL, why, sizeof(why)), 0);
	near->pkts = far->pkts = &packets.pkts;
	assert_int_equal(send_to(near, packets_frame(&packets, 60, 1)), 0);
	assert_int_equal(pcap_lost(near), 1);
	nic_close(near);
	nic_close(far);
	packets_close(&packets);
}

static void a_file_that_cannot_be_made_is_refused_with_words(void **state)
{
	struct nic *near = NULL, *a, *b;
	char why[256] = "";
	(void)state;

	assert_int_equal(pipe_pair(&a, &b, 1500, 0), 0);
	assert_int_equal(pcap_wrap(&near, a, "/nowhere/x.pcap", NULL, why, sizeof(why)), -ENOENT);
	assert_non_null(strstr(why, "/nowhere/x.pcap"));
	nic_close(a);
	nic_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_capture_is_a_valid_file),
		cmocka_unit_test(both_ways_are_written_in_order),
		cmocka_unit_test(a_frame_may_have_a_comment),
		cmocka_unit_test(a_frame_of_many_segments_is_written_whole),
		cmocka_unit_test(a_frame_the_device_refused_is_not_written),
		cmocka_unit_test(a_sum_left_to_the_device_is_completed_in_the_file_only),
		cmocka_unit_test(a_sum_that_was_never_filled_in_is_completed_on_the_way_in_too),
		cmocka_unit_test(what_is_written_reaches_the_file_after_a_while),
		cmocka_unit_test(a_file_that_takes_no_more_ends_with_a_whole_frame),
		cmocka_unit_test(a_file_with_no_room_for_its_end_ends_with_a_whole_frame),
		cmocka_unit_test(what_was_lost_before_a_frame_stands_with_it),
		cmocka_unit_test(a_full_disk_loses_frames_and_counts_them),
		cmocka_unit_test(what_a_full_disk_does_not_take_at_the_end_is_counted),
		cmocka_unit_test(a_file_that_cannot_be_made_is_refused_with_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
