/*
 * What passes a device is written down as it passed, and the file can be read by others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../drivers/driver.h"
#include "../lib/packets.h"

#define FILE_HDR_LEN   24
#define RECORD_HDR_LEN 16
#define TCP_AT         34 /* after Ethernet and IPv4 */
#define TCP_SUM_OFF    16

struct capture {
	struct packets packets;
	char file[64];
	struct nic *near; /* the end that is captured */
	struct nic *far;
	uint8_t *bytes; /* of the file, once it is closed */
	size_t len;
};

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
	assert_int_equal(pcap_wrap(&c->near, inner, c->file, why, sizeof(why)), 0);
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
	c->bytes = malloc(1 << 20);
	assert_non_null(c->bytes);
	c->len = fread(c->bytes, 1, 1 << 20, f);
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
	(void)state;

	capture_open(&c, 0);
	capture_read(&c);
	assert_int_equal(c.len, FILE_HDR_LEN);
	assert_int_equal(word_at(&c, 0), 0xa1b23c4d); /* stamps in nanoseconds */
	assert_int_equal(word_at(&c, 20), 1);         /* Ethernet */
	capture_close(&c);
}

static void both_ways_are_written_in_order(void **state)
{
	struct capture c;
	const uint8_t *second;
	(void)state;

	capture_open(&c, 0);
	assert_int_equal(send_to(c.near, packets_frame(&c.packets, 60, 1)), 0);
	assert_int_equal(send_to(c.far, packets_frame(&c.packets, 70, 2)), 0);
	receive(&c);
	capture_read(&c);
	assert_int_equal(word_at(&c, FILE_HDR_LEN + 12), 60);
	assert_int_equal(c.bytes[FILE_HDR_LEN + RECORD_HDR_LEN], 1);
	second = c.bytes + FILE_HDR_LEN + RECORD_HDR_LEN + 60;
	assert_int_equal(word_at(&c, FILE_HDR_LEN + RECORD_HDR_LEN + 60 + 8), 70);
	assert_int_equal(second[RECORD_HDR_LEN], 2);
	assert_int_equal(c.len, FILE_HDR_LEN + 2 * RECORD_HDR_LEN + 60 + 70);
	capture_close(&c);
}

static void a_frame_of_many_segments_is_written_whole(void **state)
{
	struct capture c;
	(void)state;

	capture_open(&c, LINK_CSUM | LINK_TSO4);
	assert_int_equal(send_to(c.near, packets_frame(&c.packets, 60000, 1)), 0);
	capture_read(&c);
	assert_int_equal(word_at(&c, FILE_HDR_LEN + 8), 60000);
	assert_int_equal(c.len, FILE_HDR_LEN + RECORD_HDR_LEN + 60000);
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
	assert_int_equal(c.len, FILE_HDR_LEN + sent * (RECORD_HDR_LEN + 60));
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
	const uint8_t *tcp = c->bytes + FILE_HDR_LEN + RECORD_HDR_LEN + TCP_AT;

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
	assert_int_equal(ftell(f), FILE_HDR_LEN + RECORD_HDR_LEN + 60);
	fclose(f);
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
	assert_int_equal(pcap_wrap(&near, inner, "/dev/full", why, sizeof(why)), 0);
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
	assert_int_equal(pcap_wrap(&near, inner, "/dev/full", why, sizeof(why)), 0);
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
	assert_int_equal(pcap_wrap(&near, a, "/nowhere/x.pcap", why, sizeof(why)), -ENOENT);
	assert_non_null(strstr(why, "/nowhere/x.pcap"));
	nic_close(a);
	nic_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_capture_is_a_valid_file),
		cmocka_unit_test(both_ways_are_written_in_order),
		cmocka_unit_test(a_frame_of_many_segments_is_written_whole),
		cmocka_unit_test(a_frame_the_device_refused_is_not_written),
		cmocka_unit_test(a_sum_left_to_the_device_is_completed_in_the_file_only),
		cmocka_unit_test(a_sum_that_was_never_filled_in_is_completed_on_the_way_in_too),
		cmocka_unit_test(what_is_written_reaches_the_file_after_a_while),
		cmocka_unit_test(a_full_disk_loses_frames_and_counts_them),
		cmocka_unit_test(what_a_full_disk_does_not_take_at_the_end_is_counted),
		cmocka_unit_test(a_file_that_cannot_be_made_is_refused_with_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
