/* cable.c - see cable.h. */
#include "cable.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "../../stack/base/pkt.h"

struct cable cable;

static int cable_send(struct link *link, struct pkt *p)
{
	struct cable *c = CONTAINER_OF(link, struct cable, link);

	c->sent++;
	stack_pkt_free(c->world.stack, p);
	return 0;
}

void cable_plug_in(void)
{
	cable.sent = 0;
	cable.link = (struct link){
		.name = "tap7", .mac = { 2, 0, 0, 0, 0, 7 }, .mtu = 1500, .send = cable_send
	};
	assert_int_equal(stack_attach(cable.world.stack, &cable.link, &cable.ifc), 0);
}

int cable_setup(void **state)
{
	world_up(&cable.world);
	cable_plug_in();
	*state = &cable.world;
	return 0;
}

int cable_teardown(void **state)
{
	world_down(*state);
	return 0;
}

void cable_give(uint32_t ip, unsigned bits)
{
	struct addr a = addr_from_v4(ip);

	assert_int_equal(
		net_addr_add(cable.world.stack, cable.ifc, &a, 96 + bits, NET_ADDR_UNPROBED), 0);
}
