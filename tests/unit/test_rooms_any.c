/*
 * link/ and ip/ under any sequence of what an administrator, a device, the wire and the transports
 * may do: after each step everything must make sense, and at the end nothing may be left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../stack/base/wire.h"
#include "../../stack/ip/route.h"
#include "../lib/region.h"
#include "../lib/rooms.h"

#define STEPS 60000

static struct rooms r;
static struct random dice;
static bool is_up[ROOMS_LINKS]; /* what of r.ifc is still ours to name */

static uint32_t roll(uint32_t below)
{
	return random_below(&dice, below);
}

/* Few of each, so that steps meet. */
static uint32_t some_ip(void)
{
	static const uint32_t bases[] = { 0x0a000000, 0x0a000100, 0x0a000080, 0xc6336400 };

	return bases[roll(ARRAY_LEN(bases))] + 1 + roll(roll(4) ? 6 : 250);
}

static struct addr some_addr(void)
{
	static const uint32_t odd[] = { 0, 0xffffffff, 0x7f000001, 0xe0000005, 0x0a0000ff };

	return v4(roll(20) ? some_ip() : odd[roll(ARRAY_LEN(odd))]);
}

static struct ifc *some_ifc(void)
{
	return r.ifc[roll(ROOMS_LINKS)];
}

/* --- the administrator --------------------------------------------------------------------- */

static void change_address(void)
{
	struct addr a = some_addr();
	struct ifc *ifc = some_ifc();

	if (roll(2))
		(void)net_addr_add(&r.stack, ifc, &a, 96 + 20 + roll(13), roll(4) > 0);
	else
		(void)net_addr_del(&r.stack, ifc, &a);
}

static void change_route(void)
{
	struct addr dst = some_addr();
	struct addr gateway = some_addr();
	unsigned bits = 96 + (roll(3) ? roll(33) : 0);

	if (roll(3))
		(void)net_route_add(&r.stack, &dst, bits, &gateway, roll(2) ? some_ifc() : NULL);
	else
		(void)net_route_del(&r.stack, &dst, bits);
}

static void change_neighbour(void)
{
	struct addr a = some_addr();
	uint8_t mac[6];

	rooms_station(some_ip(), mac);
	switch (roll(roll(20) ? 2 : 3)) {
	case 0:
		(void)net_neigh_add(&r.stack, some_ifc(), &a, mac);
		break;
	case 1:
		(void)net_neigh_del(&r.stack, &a);
		break;
	default:
		net_neigh_flush(&r.stack);
	}
}

static void change_device(void)
{
	unsigned i = roll(ROOMS_LINKS);

	static const int moods[] = { 0, 0, 0, 0, -EAGAIN, -EIO };

	if (roll(10)) {
		r.links[i].refuse = moods[roll(ARRAY_LEN(moods))];
		if (r.links[i].refuse == 0 && is_up[i])
			stack_writable(&r.stack, r.ifc[i]);
		return;
	}
	if (is_up[i])
		stack_detach(&r.stack, r.ifc[i]);
	else
		assert_int_equal(stack_attach(&r.stack, &r.links[i].link, &r.ifc[i]), 0);
	is_up[i] = !is_up[i];
}

/* Groups come and go, and what a link takes in one piece. */
static void change_link(void)
{
	struct addr group = v4(0xef000001 + roll(4));
	struct ifc *ifc = some_ifc();
	unsigned i = roll(ROOMS_LINKS);

	switch (roll(4)) {
	case 0:
		(void)net_group_add(&r.stack, ifc, &group);
		break;
	case 1:
		(void)net_group_del(&r.stack, ifc, &group);
		break;
	case 2:
		(void)net_ifc_set_mtu(&r.stack, ifc, 500 + roll(1100));
		break;
	default:
		r.links[i].link.mtu = (uint16_t)(600 + roll(1000));
		if (is_up[i])
			stack_link_changed(&r.stack, r.ifc[i], roll(2));
	}
}

/* --- the transports -------------------------------------------------------------------------- */

static void send_something(void)
{
	struct ip_send how = { .src = some_addr(),
		.dst = some_addr(),
		.protocol = IP_UDP,
		.ttl = (uint8_t)roll(256),
		.dont_fragment = roll(4) == 0,
		.may_broadcast = roll(2) };

	if (roll(3))
		(void)ip_source(&r.stack, &how.dst, &how.src);
	if (roll(10) == 0)
		how.ifc = some_ifc();
	(void)rooms_send(&r, &how, roll(10) ? roll(1600) : roll(40000));
}

static void send_segments(void)
{
	struct ip_send how = { .dst = some_addr(), .protocol = IP_TCP, .dont_fragment = true };
	struct pkt *p;

	if (ip_source(&r.stack, &how.dst, &how.src) < 0)
		return;
	p = rooms_packet(&r, 20 + roll(20000), 20 + roll(1000));
	if (p->len < 20) {
		pkt_free(&r.stack.pkts, p);
		return;
	}
	memset(pkt_data(p), 0, 20);
	pkt_data(p)[12] = 5 << 4;
	ip_checksum_later(p, &how, 16);
	p->offload |= PKT_SEG_TCP;
	p->seg_len = (uint16_t)(500 + roll(900));
	(void)ip_output(&r.stack, &how, p);
}

static void say_something_of_a_peer(void)
{
	struct addr a = some_addr();

	if (roll(2))
		ip_confirm(&r.stack, &a);
	else
		ip_negative_advice(&r.stack, &a);
}

/* --- the wire -----------------------------------------------------------------------------------
 */

static void hear_arp(void)
{
	unsigned link = roll(ROOMS_LINKS);
	struct frame f = rooms_arp((uint16_t)(1 + roll(2)), some_ip(), some_ip());

	memset(f.eth_dst, 0xff, 6);
	if (roll(8) == 0)
		f.arp.sender = 0;
	if (is_up[link])
		rooms_input_frame(&r, link, &f);
}

/* To one of our addresses, if there is one. */
static uint32_t one_of_ours(const struct ifc *ifc)
{
	const struct ifc_addr *own;

	for (unsigned i = roll(4); (own = ifc_addr_at(&r.stack, i)); i++) {
		if (own->ifc == ifc && addr_is_v4(&own->addr))
			return addr_v4(&own->addr);
	}
	return ROOMS_IP;
}

static void hear_ip(void)
{
	static const enum frame_kind kinds[] = { FRAME_UDP, FRAME_ICMP, FRAME_IP };
	static const uint8_t zeros[1400];
	unsigned link = roll(ROOMS_LINKS);
	struct frame f = rooms_ip(kinds[roll(ARRAY_LEN(kinds))]);

	memcpy(f.eth_dst, r.links[link].link.mac, 6);
	f.ip.src = roll(2) ? some_ip() : ROOMS_PEER;
	f.ip.dst = one_of_ours(r.ifc[link]);
	f.ip.proto = f.kind == FRAME_IP ? (uint8_t)(roll(2) ? 17 : 200) : f.ip.proto;
	f.icmp.type = (uint8_t)(roll(2) ? 8 : 3);
	f.data = zeros;
	f.data_len = roll(1400);
	if (f.kind == FRAME_IP && roll(2)) {
		f.ip.src = ROOMS_PEER;
		f.ip.id = (uint16_t)roll(2);
		f.ip.off = (uint16_t)(roll(5) * 800);
		f.ip.mf = f.ip.off < 3200;
		f.data_len = 800;
	}
	if (is_up[link])
		rooms_input_frame(&r, link, &f);
}

/* A redirect as the gateway would send it. */
static void hear_redirect(void)
{
	static uint8_t quoted[100];
	struct frame ours = rooms_ip(FRAME_UDP);
	struct frame f = rooms_ip(FRAME_ICMP);
	struct addr dst = some_addr();
	struct route way;

	if (!is_up[0] || route_lookup(&r.stack, r.ifc[0], &dst, &way) < 0)
		return;
	ours.ip.src = one_of_ours(r.ifc[0]);
	ours.ip.dst = addr_v4(&dst);
	f.data_len = frame_build(&ours, quoted) - 14;
	f.data = quoted + 14;
	f.icmp.type = 5;
	f.icmp.code = 1;
	f.icmp.rest = some_ip();
	f.ip.src = addr_v4(&way.next_hop);
	f.ip.dst = ours.ip.src;
	rooms_input_frame(&r, 0, &f);
}

static void time_passes(void)
{
	usec_t now_us = r.stack.now_us - ROOMS_BIRTH;

	rooms_run(&r, now_us + (roll(20) ? roll(300000) : roll(70) * USEC_PER_SEC));
}

static void any_step_leaves_the_rooms_whole(void **state)
{
	static void (*const all[])(void) = { change_address, change_route, change_neighbour,
		change_device, send_something, send_something, send_something, send_segments,
		say_something_of_a_peer, hear_arp, hear_arp, hear_ip, hear_ip, hear_redirect,
		change_link, time_passes };

	(void)state;
	seeded(&dice);
	rooms_open(&r, roll(2) ? LINK_CSUM : 0);
	is_up[0] = true;
	is_up[1] = true;
	for (uint32_t i = 0; i < steps(STEPS); i++) {
		all[roll(ARRAY_LEN(all))]();
		rooms_settle(&r);
		if (i % 16 == 0)
			rooms_check(&r);
		rooms_forget(&r);
	}
	rooms_run(&r, r.stack.now_us - ROOMS_BIRTH + 300 * USEC_PER_SEC);
	for (unsigned i = 0; i < ROOMS_LINKS; i++) {
		if (!is_up[i])
			assert_int_equal(stack_attach(&r.stack, &r.links[i].link, &r.ifc[i]), 0);
	}
	rooms_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_step_leaves_the_rooms_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
