/*
 * Two devices back to back, and the descriptor that a parent gave us.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../drivers/driver.h"
#include "../lib/packets.h"

#define ALL_OFFERS (LINK_CSUM | LINK_TSO4 | LINK_TSO6 | LINK_USO)

struct pair {
	struct packets packets;
	struct nic *a;
	struct nic *b;
};

static void pair_open(struct pair *p)
{
	packets_open(&p->packets);
	assert_int_equal(pipe_pair(&p->a, &p->b, 1500, ALL_OFFERS), 0);
	p->a->pkts = &p->packets.pkts;
	p->b->pkts = &p->packets.pkts;
}

static void pair_close(struct pair *p)
{
	nic_close(p->a);
	nic_close(p->b);
	packets_close(&p->packets);
}

static int send_to(struct nic *n, struct pkt *p)
{
	return n->link.send(&n->link, p);
}

/* A frame that N has; NULL when it has none. */
static struct pkt *receive(struct packets *ps, struct nic *n)
{
	struct pkt *p = packets_empty(ps);

	if (n->driver->recv(n, p, ps->rest) == 1)
		return p;
	packets_free(ps, p);
	return NULL;
}

static void frames_arrive_whole_and_in_order(void **state)
{
	struct pair pair;
	(void)state;

	pair_open(&pair);
	for (uint8_t i = 0; i < 3; i++)
		assert_int_equal(send_to(pair.a, packets_frame(&pair.packets, 60, i)), 0);
	for (uint8_t i = 0; i < 3; i++) {
		struct pkt *p = receive(&pair.packets, pair.b);

		assert_non_null(p);
		packets_assert_frame(p, 60, i);
		packets_free(&pair.packets, p);
	}
	assert_null(receive(&pair.packets, pair.b));
	pair_close(&pair);
}

static void a_long_frame_goes_into_head_and_rest(void **state)
{
	struct pair pair;
	struct pkt *p;
	(void)state;

	pair_open(&pair);
	assert_int_equal(send_to(pair.a, packets_frame(&pair.packets, 60000, 7)), 0);
	p = receive(&pair.packets, pair.b);
	assert_non_null(p);
	assert_int_equal(p->slices_n, 1);
	packets_assert_frame(p, 60000, 7);
	packets_free(&pair.packets, p);
	pair_close(&pair);
}

static void a_long_frame_is_truncated_without_a_large_block(void **state)
{
	struct pair pair;
	struct pkt *p;
	(void)state;

	pair_open(&pair);
	assert_int_equal(send_to(pair.a, packets_frame(&pair.packets, 60000, 7)), 0);
	p = packets_empty(&pair.packets);
	assert_int_equal(pair.b->driver->recv(pair.b, p, NULL), NIC_TRUNCATED);
	packets_free(&pair.packets, p);
	pair_close(&pair);
}

static void a_sum_left_to_the_wire_arrives_as_good(void **state)
{
	struct pair pair;
	struct pkt *p;
	(void)state;

	pair_open(&pair);
	p = packets_frame(&pair.packets, 60, 0);
	p->offload = PKT_CSUM_FILL;
	p->csum_start = p->off + 34;
	p->csum_off = 16;
	assert_int_equal(send_to(pair.a, p), 0);
	p = receive(&pair.packets, pair.b);
	assert_int_equal(p->offload, PKT_CSUM_GOOD);
	packets_free(&pair.packets, p);
	pair_close(&pair);
}

static void several_segments_in_a_frame_are_counted(void **state)
{
	struct pair pair;
	struct pkt *p;
	(void)state;

	pair_open(&pair);
	p = packets_frame(&pair.packets, 54 + 4001, 0);
	pkt_data(p)[34 + 12] = 0x50; /* a TCP header of 20 bytes */
	p->offload = PKT_CSUM_FILL | PKT_SEG_TCP;
	p->csum_start = p->off + 34;
	p->csum_off = 16;
	p->seg_len = 1000;
	assert_int_equal(send_to(pair.a, p), 0);
	p = receive(&pair.packets, pair.b);
	assert_int_equal(p->segs, 5);
	packets_free(&pair.packets, p);
	pair_close(&pair);
}

static void a_full_pipe_gives_the_packet_back_until_there_is_room(void **state)
{
	struct pair pair;
	struct pkt *refused, *p;
	(void)state;

	pair_open(&pair);
	do {
		refused = packets_frame(&pair.packets, 60, 0);
	} while (send_to(pair.a, refused) == 0);
	assert_true(pair.a->driver->wants_out(pair.a));
	p = receive(&pair.packets, pair.b);
	packets_free(&pair.packets, p);
	assert_int_equal(send_to(pair.a, refused), 0);
	assert_false(pair.a->driver->wants_out(pair.a));
	pair_close(&pair);
}

static void a_frame_to_a_closed_end_is_lost(void **state)
{
	struct pair pair;
	(void)state;

	pair_open(&pair);
	nic_close(pair.b);
	pair.b = NULL;
	assert_int_equal(send_to(pair.a, packets_frame(&pair.packets, 60, 0)), -ENOTCONN);
	pair_close(&pair);
}

static void the_ends_have_addresses_of_their_own(void **state)
{
	struct pair pair;
	(void)state;

	pair_open(&pair);
	assert_memory_not_equal(pair.a->link.mac, pair.b->link.mac, 6);
	assert_int_equal(pair.a->link.mac[0] & 3, 2);
	pair_close(&pair);
}

/* --- a descriptor ---------------------------------------------------------------------- */

static struct nic *inherit(int fd, struct packets *ps)
{
	char spec[32], why[256] = "";
	struct nic *n = NULL;

	snprintf(spec, sizeof(spec), "fd:%d", fd);
	assert_int_equal(nic_open(&n, spec, why, sizeof(why)), 0);
	n->pkts = &ps->pkts;
	return n;
}

static void a_message_of_an_inherited_socket_is_a_frame(void **state)
{
	struct packets packets;
	struct nic *n;
	struct pkt *p;
	int fds[2];
	uint8_t bytes[60];
	(void)state;

	packets_open(&packets);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	n = inherit(fds[0], &packets);
	assert_null(receive(&packets, n));
	for (uint8_t i = 0; i < 60; i++)
		bytes[i] = i;
	assert_int_equal(send(fds[1], bytes, sizeof(bytes), 0), 60);
	p = receive(&packets, n);
	assert_non_null(p);
	packets_assert_frame(p, 60, 0);
	packets_free(&packets, p);
	nic_close(n);
	close(fds[1]);
	packets_close(&packets);
}

static void head_and_slices_leave_as_one_message(void **state)
{
	struct packets packets;
	struct nic *n;
	int fds[2];
	uint8_t bytes[4096];
	(void)state;

	packets_open(&packets);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	n = inherit(fds[0], &packets);
	assert_int_equal(send_to(n, packets_frame(&packets, 3000, 1)), 0);
	assert_int_equal(recv(fds[1], bytes, sizeof(bytes), 0), 3000);
	for (uint32_t i = 0; i < 3000; i++)
		assert_int_equal(bytes[i], (uint8_t)(1 + i));
	nic_close(n);
	close(fds[1]);
	packets_close(&packets);
}

static void a_full_socket_keeps_the_packet_with_the_caller(void **state)
{
	struct packets packets;
	struct nic *n;
	struct pkt *refused;
	int fds[2], err;
	(void)state;

	packets_open(&packets);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	n = inherit(fds[0], &packets);
	do {
		refused = packets_frame(&packets, 1500, 1);
		err = send_to(n, refused);
	} while (err == 0);
	assert_int_equal(err, -EAGAIN);
	assert_true(n->driver->wants_out(n));
	packets_free(&packets, refused);
	nic_close(n);
	close(fds[1]);
	packets_close(&packets);
}

static void the_end_of_a_socket_is_told(void **state)
{
	struct packets packets;
	struct nic *n;
	struct pkt *p;
	int fds[2];
	(void)state;

	packets_open(&packets);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	n = inherit(fds[0], &packets);
	close(fds[1]);
	p = packets_empty(&packets);
	assert_int_equal(n->driver->recv(n, p, NULL), -ENOTCONN);
	packets_free(&packets, p);
	nic_close(n);
	packets_close(&packets);
}

static void a_stream_socket_is_refused_with_words(void **state)
{
	char spec[32], why[256] = "";
	struct nic *n = NULL;
	int fds[2];
	(void)state;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	snprintf(spec, sizeof(spec), "fd:%d", fds[0]);
	assert_int_equal(nic_open(&n, spec, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "SOCK_SEQPACKET"));
	close(fds[0]);
	close(fds[1]);
}

static void an_unknown_device_is_refused_with_words(void **state)
{
	char why[256] = "";
	struct nic *n = NULL;
	(void)state;

	assert_int_equal(nic_open(&n, "carrier-pigeon:7", why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "tap:NAME"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_arrive_whole_and_in_order),
		cmocka_unit_test(a_long_frame_goes_into_head_and_rest),
		cmocka_unit_test(a_long_frame_is_truncated_without_a_large_block),
		cmocka_unit_test(a_sum_left_to_the_wire_arrives_as_good),
		cmocka_unit_test(several_segments_in_a_frame_are_counted),
		cmocka_unit_test(a_full_pipe_gives_the_packet_back_until_there_is_room),
		cmocka_unit_test(a_frame_to_a_closed_end_is_lost),
		cmocka_unit_test(the_ends_have_addresses_of_their_own),
		cmocka_unit_test(a_message_of_an_inherited_socket_is_a_frame),
		cmocka_unit_test(head_and_slices_leave_as_one_message),
		cmocka_unit_test(a_full_socket_keeps_the_packet_with_the_caller),
		cmocka_unit_test(the_end_of_a_socket_is_told),
		cmocka_unit_test(a_stream_socket_is_refused_with_words),
		cmocka_unit_test(an_unknown_device_is_refused_with_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
