/*
 * A TAP against the kernel, in a network namespace of the test's own. Where that may not be
 * made the tests say so and skip.
 *
 *   UDP sockets of the kernel  10.99.0.1 -- TAP catnettest -- 10.99.0.2  us, a device without
 *                                                                        a stack
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../drivers/driver.h"
#include "../lib/packets.h"

#define NAME        "catnettest"
#define OPT_UDP     17 /* SOL_UDP */
#define OPT_SEGMENT 103
#define UDP_AT      34
#define HEADERS_LEN 42

static const uint8_t here[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 99, 0, 1 };

struct wire {
	struct packets packets;
	struct nic *tap;
	int sock; /* the kernel's, bound to 10.99.0.1:7000, speaking to 10.99.0.2:7000 */
};

static struct sockaddr_in address(uint8_t host)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(7000),
		.sin_addr = { .s_addr = htonl(0x0a630000u + host) } };
}

/* The kernel shall know our station address without asking. */
static void add_neighbour(struct wire *w)
{
	struct sockaddr_in peer = address(2);
	struct arpreq req = { .arp_flags = ATF_PERM | ATF_COM };

	memcpy(&req.arp_pa, &peer, sizeof(peer));
	req.arp_ha.sa_family = ARPHRD_ETHER;
	memcpy(req.arp_ha.sa_data, w->tap->link.mac, 6);
	snprintf(req.arp_dev, sizeof(req.arp_dev), NAME);
	assert_int_equal(ioctl(w->sock, SIOCSARP, &req), 0);
}

static void wire_open(struct wire *w)
{
	struct sockaddr_in local = address(1), peer = address(2);
	char why[256] = "";

	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
		print_message("skipped: may not make a network namespace\n");
		skip();
	}
	packets_open(&w->packets);
	if (nic_open(&w->tap, "tap:" NAME, why, sizeof(why)) < 0) {
		print_message("skipped: %s\n", why);
		packets_close(&w->packets);
		skip();
	}
	w->tap->pkts = &w->packets.pkts;
	assert_int_equal(host_addr_add(NAME, here, 96 + 24, why, sizeof(why)), 0);
	assert_int_equal(host_up(NAME, why, sizeof(why)), 0);
	w->sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(w->sock >= 0);
	add_neighbour(w);
	assert_int_equal(bind(w->sock, (struct sockaddr *)&local, sizeof(local)), 0);
	assert_int_equal(connect(w->sock, (struct sockaddr *)&peer, sizeof(peer)), 0);
}

static void wire_close(struct wire *w)
{
	close(w->sock);
	nic_close(w->tap);
	packets_close(&w->packets);
}

/* The next UDP frame the kernel sent us (it also speaks of itself: multicast reports); NULL
 * when there is none. */
static struct pkt *receive(struct wire *w, struct buf *rest, int *result)
{
	for (;;) {
		struct pkt *p = packets_empty(&w->packets);

		*result = w->tap->driver->recv(w->tap, p, rest);
		if (*result == 1 && p->len > HEADERS_LEN && pkt_data(p)[12] == 0x08 &&
			pkt_data(p)[13] == 0 && pkt_data(p)[23] == 17)
			return p;
		packets_free(&w->packets, p);
		if (*result != 1)
			return NULL;
	}
}

static void a_datagram_of_the_kernel_comes_in(void **state)
{
	struct wire w;
	struct pkt *p;
	int result;
	(void)state;

	wire_open(&w);
	assert_int_equal(send(w.sock, "hello", 5, 0), 5);
	p = receive(&w, w.packets.rest, &result);
	assert_non_null(p);
	assert_int_equal(pkt_len(p), HEADERS_LEN + 5);
	assert_memory_equal(pkt_data(p) + HEADERS_LEN, "hello", 5);
	assert_memory_equal(pkt_data(p), w.tap->link.mac, 6);
	assert_true(p->offload & PKT_CSUM_GOOD);
	packets_free(&w.packets, p);
	wire_close(&w);
}

static void an_empty_device_is_drained(void **state)
{
	struct wire w;
	int result;
	(void)state;

	wire_open(&w);
	assert_null(receive(&w, w.packets.rest, &result));
	assert_int_equal(result, 0);
	wire_close(&w);
}

static void a_frame_of_many_datagrams_comes_in_as_one(void **state)
{
	static uint8_t bytes[10 * 1000 + 1];
	struct wire w;
	struct pkt *p;
	int size = 1000, result;
	(void)state;

	wire_open(&w);
	if (!(w.tap->link.offers & LINK_USO)) {
		print_message("skipped: this kernel hands over no UDP segments\n");
		wire_close(&w);
		skip();
	}
	assert_int_equal(setsockopt(w.sock, OPT_UDP, OPT_SEGMENT, &size, sizeof(size)), 0);
	assert_int_equal(send(w.sock, bytes, sizeof(bytes), 0), sizeof(bytes));
	p = receive(&w, w.packets.rest, &result);
	assert_non_null(p);
	assert_int_equal(pkt_len(p), HEADERS_LEN + sizeof(bytes));
	assert_int_equal(p->slices_n, 1);
	assert_int_equal(p->segs, 11);
	assert_int_equal(p->seg_len, 1000);
	packets_free(&w.packets, p);
	wire_close(&w);
}

static void a_long_frame_is_truncated_without_a_large_block(void **state)
{
	static uint8_t bytes[1400];
	struct wire w;
	char why[256] = "";
	int result;
	(void)state;

	wire_open(&w);
	/* Longer than a head alone. */
	assert_int_equal(host_mtu_set(NAME, 9000, why, sizeof(why)), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(send(w.sock, bytes, sizeof(bytes), MSG_MORE), sizeof(bytes));
	assert_int_equal(send(w.sock, bytes, sizeof(bytes), 0), sizeof(bytes));
	assert_null(receive(&w, NULL, &result));
	assert_int_equal(result, NIC_TRUNCATED);
	wire_close(&w);
}

static void put_be16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* The sum over LEN bytes, not complemented. */
static uint32_t sum_of(const uint8_t *at, uint32_t len, uint32_t sum)
{
	for (uint32_t i = 0; i < len; i += 2)
		sum += (uint32_t)at[i] << 8 | at[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* A datagram to the kernel's socket with PAYLOAD bytes and only the pseudo-header summed. */
static struct pkt *datagram(struct wire *w, const uint8_t *kernel_mac, uint32_t payload)
{
	struct pkt *p = packets_frame(&w->packets, HEADERS_LEN + payload, 0);
	uint8_t *eth = pkt_data(p), *ip = eth + 14, *udp = eth + UDP_AT;
	const uint8_t addresses[8] = { 10, 99, 0, 2, 10, 99, 0, 1 };

	memcpy(eth, kernel_mac, 6);
	memcpy(eth + 6, w->tap->link.mac, 6);
	put_be16(eth + 12, 0x0800);
	memset(ip, 0, 28);
	ip[0] = 0x45;
	ip[8] = 64;
	ip[9] = 17;
	put_be16(ip + 2, 28 + payload);
	memcpy(ip + 12, addresses, 8);
	put_be16(ip + 10, ~sum_of(ip, 20, 0));
	put_be16(udp, 7000);
	put_be16(udp + 2, 7000);
	put_be16(udp + 4, 8 + payload);
	put_be16(udp + 6, sum_of(addresses, 8, 17 + 8 + payload));
	p->offload = PKT_CSUM_FILL;
	p->csum_start = p->off + UDP_AT;
	p->csum_off = 6;
	return p;
}

static void kernel_mac(struct wire *w, uint8_t mac[6])
{
	struct ifreq req = { 0 };

	snprintf(req.ifr_name, sizeof(req.ifr_name), NAME);
	assert_int_equal(ioctl(w->sock, SIOCGIFHWADDR, &req), 0);
	memcpy(mac, req.ifr_hwaddr.sa_data, 6);
}

static void a_datagram_whose_sum_is_left_to_the_device_reaches_a_socket(void **state)
{
	struct wire w;
	uint8_t mac[6], bytes[128];
	(void)state;

	wire_open(&w);
	kernel_mac(&w, mac);
	assert_int_equal(w.tap->link.send(&w.tap->link, datagram(&w, mac, 100)), 0);
	assert_int_equal(recv(w.sock, bytes, sizeof(bytes), 0), 100);
	assert_int_equal(bytes[0], HEADERS_LEN);
	wire_close(&w);
}

static void a_frame_of_many_datagrams_is_cut_by_the_kernel(void **state)
{
	struct wire w;
	struct pkt *p;
	uint8_t mac[6], bytes[4096];
	(void)state;

	wire_open(&w);
	if (!(w.tap->link.offers & LINK_USO)) {
		print_message("skipped: this kernel cuts no UDP segments\n");
		wire_close(&w);
		skip();
	}
	kernel_mac(&w, mac);
	p = datagram(&w, mac, 2500);
	p->offload |= PKT_SEG_UDP;
	p->seg_len = 1000;
	assert_int_equal(w.tap->link.send(&w.tap->link, p), 0);
	assert_int_equal(recv(w.sock, bytes, sizeof(bytes), 0), 1000);
	assert_int_equal(recv(w.sock, bytes, sizeof(bytes), 0), 1000);
	assert_int_equal(recv(w.sock, bytes, sizeof(bytes), 0), 500);
	wire_close(&w);
}

static void our_station_address_is_not_the_kernels_and_stays_the_same(void **state)
{
	struct wire w;
	uint8_t mac[6];
	(void)state;

	wire_open(&w);
	kernel_mac(&w, mac);
	assert_memory_not_equal(mac, w.tap->link.mac, 6);
	assert_int_equal(w.tap->link.mac[0] & 3, 2);
	wire_close(&w);
}

static void without_offers_sums_come_filled_in(void **state)
{
	struct wire w;
	struct pkt *p;
	int result;
	(void)state;

	wire_open(&w);
	w.tap->driver->limit(w.tap, 0);
	assert_int_equal(w.tap->link.offers, 0);
	assert_int_equal(send(w.sock, "hello", 5, 0), 5);
	p = receive(&w, w.packets.rest, &result);
	assert_non_null(p);
	assert_int_equal(p->offload, 0);
	packets_free(&w.packets, p);
	wire_close(&w);
}

static bool can_bind(uint32_t v4)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { .s_addr = htonl(v4) } };
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool can = bind(sock, (struct sockaddr *)&at, sizeof(at)) == 0;

	close(sock);
	return can;
}

static void the_kernel_may_have_several_addresses_and_one_of_them_twice(void **state)
{
	uint8_t other[16];
	struct wire w;
	char why[256] = "";
	(void)state;

	wire_open(&w);
	memcpy(other, here, sizeof(other));
	other[13] = 100;
	assert_int_equal(host_addr_add(NAME, other, 96 + 24, why, sizeof(why)), 0);
	assert_int_equal(host_addr_add(NAME, here, 96 + 24, why, sizeof(why)), 0);
	assert_true(can_bind(0x0a630001));
	assert_true(can_bind(0x0a640001));
	assert_false(can_bind(0x0a650001));
	wire_close(&w);
}

static void a_second_program_is_told_that_the_tap_is_taken(void **state)
{
	struct wire w;
	struct nic *other = NULL;
	char why[256] = "";
	(void)state;

	wire_open(&w);
	assert_int_equal(nic_open(&other, "tap:" NAME, why, sizeof(why)), -EBUSY);
	assert_non_null(strstr(why, "in use"));
	wire_close(&w);
}

static void a_frame_to_a_device_that_is_down_is_lost_not_kept(void **state)
{
	struct wire w;
	struct ifreq req = { 0 };
	uint8_t mac[6];
	(void)state;

	wire_open(&w);
	kernel_mac(&w, mac);
	snprintf(req.ifr_name, sizeof(req.ifr_name), NAME);
	assert_int_equal(ioctl(w.sock, SIOCSIFFLAGS, &req), 0);
	assert_int_equal(w.tap->link.send(&w.tap->link, datagram(&w, mac, 100)), -EIO);
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_datagram_of_the_kernel_comes_in),
		cmocka_unit_test(an_empty_device_is_drained),
		cmocka_unit_test(a_frame_of_many_datagrams_comes_in_as_one),
		cmocka_unit_test(a_long_frame_is_truncated_without_a_large_block),
		cmocka_unit_test(a_datagram_whose_sum_is_left_to_the_device_reaches_a_socket),
		cmocka_unit_test(a_frame_of_many_datagrams_is_cut_by_the_kernel),
		cmocka_unit_test(our_station_address_is_not_the_kernels_and_stays_the_same),
		cmocka_unit_test(without_offers_sums_come_filled_in),
		cmocka_unit_test(the_kernel_may_have_several_addresses_and_one_of_them_twice),
		cmocka_unit_test(a_second_program_is_told_that_the_tap_is_taken),
		cmocka_unit_test(a_frame_to_a_device_that_is_down_is_lost_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
