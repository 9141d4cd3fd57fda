/* bindings.c - see bindings.h. */
#include "bindings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../drivers/driver.h"
#include "../stack/limits.h"
#include "../stack/stack.h"
#include "devices.h"
#include "log.h"
#include "loop.h"

#define SPEC_MAX    64
#define MTU_DEFAULT 1500

struct binding {
	struct nic *nic; /* NULL: none */
	struct ifc *ifc; /* while the device is there */
	struct host_watch *host;
	struct nic *far; /* of one that is made up */
};

struct bindings {
	struct stack *stack;
	struct loop *loop; /* NULL: all are made up */
	struct log *log;
	struct binder binder;
	struct binding of[LIMIT_IFCS + 1]; /* by number; lo's stays empty */
};

static void let_go(struct binding *at)
{
	host_watch_close(at->host);
	nic_close(at->nic);
	nic_close(at->far);
	*at = (struct binding){ .nic = NULL };
}

/* The stack takes all but an MTU that is out of bounds. */
static int fail(char *why, size_t why_len, int err, const char *name)
{
	if (err == -EINVAL)
		snprintf(why, why_len,
			"%s has an MTU that is none of %d to %d: ip link set %s mtu 1500", name,
			LIMIT_MTU_MIN, LIMIT_MTU_MAX, name);
	else
		snprintf(why, why_len, "%s: %s", name, strerror(-err));
	return err;
}

/* The stack and the loop take what is open in AT. */
static int put_to_use(
	struct bindings *b, struct binding *at, unsigned number, char *why, size_t why_len)
{
	const char *name = at->nic->link.name;
	int err = stack_attach_at(b->stack, &at->nic->link, number, &at->ifc);

	if (err < 0)
		return fail(why, why_len, err, name);
	if (!b->loop)
		return 0;
	if (host_watch_open(&at->host, at->nic) < 0)
		at->host = NULL;
	err = devices_add(loop_devices(b->loop), at->nic, at->ifc, at->host);
	if (err == 0)
		return 0;
	stack_detach(b->stack, at->ifc);
	return fail(why, why_len, err, name);
}

static int open_device(
	struct bindings *b, struct binding *at, const char *name, char *why, size_t why_len)
{
	char spec[SPEC_MAX];
	int err = tap_check_name(name, why, why_len);

	if (err < 0)
		return err;
	if (!b->loop)
		return pipe_pair(&at->nic, &at->far, MTU_DEFAULT, 0);
	snprintf(spec, sizeof(spec), "tap:%s", name);
	err = nic_open(&at->nic, spec, why, why_len);
	return err < 0 ? err : host_up(at->nic->link.name, why, why_len);
}

static int bind_device(void *arg, unsigned number, const char *name, char *why, size_t why_len)
{
	struct bindings *b = arg;
	struct binding *at = &b->of[number];
	int err;

	ASSERT(number < ARRAY_LEN(b->of));
	let_go(at); /* one that has gone by itself */
	err = open_device(b, at, name, why, why_len);
	if (err == 0) {
		at->nic->pkts = stack_pkts(b->stack);
		err = put_to_use(b, at, number, why, why_len);
	}
	if (err < 0)
		let_go(at);
	else
		log_say(b->log, LEVEL_INFO, "%s is interface %u", name, number);
	return err;
}

static int unbind_device(void *arg, unsigned number)
{
	struct bindings *b = arg;
	struct binding *at = &b->of[number];

	if (number >= ARRAY_LEN(b->of) || !at->nic)
		return -EBUSY;
	log_say(b->log, LEVEL_INFO, "%s is let go of", at->nic->link.name);
	if (b->loop)
		devices_drop(loop_devices(b->loop), at->ifc);
	else
		stack_detach(b->stack, at->ifc);
	let_go(at);
	return 0;
}

int bindings_new(struct bindings **out, struct stack *stack, struct loop *loop, struct log *log)
{
	struct bindings *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	b->stack = stack;
	b->loop = loop;
	b->log = log;
	b->binder = (struct binder){ .bind = bind_device, .unbind = unbind_device, .arg = b };
	*out = b;
	return 0;
}

const struct binder *bindings_binder(const struct bindings *b)
{
	return b ? &b->binder : NULL;
}

void bindings_free(struct bindings *b)
{
	if (!b)
		return;
	for (unsigned i = 0; i < ARRAY_LEN(b->of); i++)
		let_go(&b->of[i]);
	free(b);
}
