/* cable.c - see cable.h. */
#include "cable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

/* --- further devices ----------------------------------------------------------------------- */

#define FURTHER_MAX 18

struct further {
	struct link link;
	struct ifc *ifc; /* NULL: not bound */
	char name[16];
};

static struct further further[FURTHER_MAX];

static int further_send(struct link *link, struct pkt *p)
{
	(void)link;
	stack_pkt_free(cable.world.stack, p);
	return 0;
}

static int further_bind(void *arg, unsigned number, const char *name, char *why, size_t why_len)
{
	struct further *at = &further[number];

	(void)arg;
	assert_null(at->ifc);
	if (strcmp(name, "none") == 0) {
		snprintf(why, why_len, "none: there is no such device");
		return -ENODEV;
	}
	snprintf(at->name, sizeof(at->name), "%s", name);
	at->link = (struct link){ .name = at->name,
		.mac = { 2, 0, 0, 0, 1, (uint8_t)number },
		.mtu = 1500,
		.send = further_send };
	return stack_attach_at(cable.world.stack, &at->link, number, &at->ifc);
}

static int further_unbind(void *arg, unsigned number)
{
	struct further *at = &further[number];

	(void)arg;
	if (!at->ifc)
		return -EBUSY;
	stack_detach(cable.world.stack, at->ifc);
	at->ifc = NULL;
	fs_device_gone(cable.world.fs);
	return 0;
}

const struct binder cable_binder = { .bind = further_bind, .unbind = further_unbind };

/* --- set-up --------------------------------------------------------------------------------- */

int cable_setup(void **state)
{
	struct fs_config config = world_config();

	config.binder = &cable_binder;
	memset(further, 0, sizeof(further));
	world_up_with(&cable.world, &config);
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
