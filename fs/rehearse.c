#include "rehearse.h"

#include <stdio.h>
#include <sysexits.h>

#include "../drivers/driver.h"
#include "../stack/limits.h"
#include "../stack/stack.h"
#include "bindings.h"
#include "configure.h"
#include "fs.h"
#include "loop.h"
#include "processes.h"

#define MTU_DEFAULT 1500

/* Whatever happens without anybody's doing; then a command that still waits is left alone. */
static int turn(void *arg)
{
	struct server *s = arg;
	usec_t now_us = loop_clock_us();
	bool more;

	do {
		stack_poll(s->stack, now_us);
		fs_poll(s->fs, now_us);
		more = fs_pump(s->fs);
	} while (more || stack_deadline(s->stack) <= now_us);
	return -EWOULDBLOCK;
}

static int told(struct server *s, const struct teller *to)
{
	to->tell(to->arg, s->why);
	return s->status != 0 ? s->status : EX_OSERR;
}

static int build(struct server *s)
{
	int err = server_open_stack(s);

	if (err == 0)
		err = processes_new(&s->processes);
	if (err == 0)
		err = bindings_new(&s->bindings, s->stack, NULL, &s->log);
	return err < 0 ? err : server_open_tree(s);
}

static int perform(struct server *s, const struct teller *to)
{
	int status = 0;

	if (server_wrap_device(s) < 0)
		status = told(s, to);
	if (build(s) < 0)
		return told(s, to);
	if (configure_net(s, to) < 0)
		status = s->status;
	if (configure_commands(s, s->options, turn, to) < 0)
		status = s->status;
	return status;
}

int rehearse(struct server *s, const struct teller *to)
{
	uint32_t mtu = s->options->mtu > 0 ? s->options->mtu : MTU_DEFAULT;
	struct nic *far;
	int status;

	if (pipe_pair(&s->nic, &far, (uint16_t)mtu, 0) < 0) {
		to->tell(to->arg, "out of memory");
		return EX_OSERR;
	}
	s->options->unprobed = true;
	s->options->pcap = NULL; /* it would be made */
	s->options->trace = 0;
	status = perform(s, to);
	server_close(s);
	nic_close(far);
	return status;
}
