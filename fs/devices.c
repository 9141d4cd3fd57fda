/* devices.c - see devices.h. */
#include "devices.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "../drivers/driver.h"
#include "../stack/limits.h"
#include "../stack/stack.h"
#include "appetite.h"
#include "fs.h"
#include "log.h"

/* A frame longer than this is of a bulk transfer: there will be more behind it. */
#define BULK_LEN 1000

/* Where a device's bits begin: that of its frames, and that of the kernel's news. */
#define NIC_SHIFT  32
#define HOST_SHIFT 48

_Static_assert(LIMIT_IFCS <= HOST_SHIFT - NIC_SHIFT, "each interface has its two bits");

struct device {
	struct nic *nic; /* NULL: free */
	struct ifc *ifc;
	struct host_watch *host; /* NULL: nobody tells of it */
	bool is_up;              /* as the kernel says */
	bool waits_for_room;     /* epoll has been told to look for it */
	struct appetite frames;
};

struct devices {
	struct stack *stack;
	struct log *log;
	struct fs *fs;
	int epoll_fd;
	unsigned n; /* slots from here on are free */
	struct device slots[LIMIT_IFCS];
	struct pkt *into; /* the next frame goes here, and what its head does not hold there */
	struct buf *rest;
};

/* --- coming and going ------------------------------------------------------------------------ */

static uint64_t bit_of(const struct devices *d, const struct device *at, unsigned shift)
{
	return (uint64_t)1 << (shift + (unsigned)(at - d->slots));
}

static int watch(struct devices *d, int how, int fd, uint64_t what, uint32_t events)
{
	struct epoll_event e = { .events = events, .data = { .u64 = what } };

	return epoll_ctl(d->epoll_fd, how, fd, &e) < 0 ? -errno : 0;
}

static int nic_fd(const struct device *at)
{
	return at->nic->driver->fd(at->nic);
}

int devices_new(struct devices **out, struct stack *stack, struct log *log, int epoll_fd)
{
	struct devices *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->stack = stack;
	d->log = log;
	d->epoll_fd = epoll_fd;
	*out = d;
	return 0;
}

void devices_serve(struct devices *d, struct fs *fs)
{
	d->fs = fs;
}

static void look_away(struct devices *d, struct device *at)
{
	if (nic_fd(at) >= 0)
		(void)epoll_ctl(d->epoll_fd, EPOLL_CTL_DEL, nic_fd(at), NULL);
	if (at->host)
		(void)epoll_ctl(d->epoll_fd, EPOLL_CTL_DEL, host_watch_fd(at->host), NULL);
	at->nic = NULL;
	while (d->n > 0 && !d->slots[d->n - 1].nic)
		d->n--;
}

static struct device *free_slot(struct devices *d)
{
	for (unsigned i = 0; i < LIMIT_IFCS; i++) {
		if (!d->slots[i].nic)
			return &d->slots[i];
	}
	return NULL;
}

int devices_add(struct devices *d, struct nic *nic, struct ifc *ifc, struct host_watch *host)
{
	struct device *at = free_slot(d);
	int err = 0;

	if (!at)
		return -ENOSPC;
	*at = (struct device){
		.nic = nic, .ifc = ifc, .host = host, .is_up = true, .frames = { .max = 1 }
	};
	d->n = max_u32(d->n, (uint32_t)(at - d->slots) + 1);
	if (nic_fd(at) >= 0)
		err = watch(d, EPOLL_CTL_ADD, nic_fd(at), bit_of(d, at, NIC_SHIFT), EPOLLIN);
	if (err == 0 && host)
		err = watch(
			d, EPOLL_CTL_ADD, host_watch_fd(host), bit_of(d, at, HOST_SHIFT), EPOLLIN);
	if (err < 0)
		look_away(d, at);
	return err;
}

void devices_drop(struct devices *d, const struct ifc *ifc)
{
	for (unsigned i = 0; i < d->n; i++) {
		struct device *at = &d->slots[i];

		if (!at->nic || at->ifc != ifc)
			continue;
		look_away(d, at);
		stack_detach(d->stack, at->ifc);
		if (d->fs)
			fs_device_gone(d->fs);
		return;
	}
}

bool devices_any(const struct devices *d)
{
	return d->n > 0;
}

void devices_free(struct devices *d)
{
	if (!d)
		return;
	if (d->into)
		stack_pkt_free(d->stack, d->into);
	buf_drop(d->rest);
	free(d);
}

/* --- frames that come in ---------------------------------------------------------------------- */

static void gone(struct devices *d, const struct device *at, int err)
{
	log_say(d->log, LEVEL_ERROR, "%s is gone: %s", at->nic->link.name, strerror(-err));
	devices_drop(d, at->ifc);
}

/* A frame was thrown away; the packet it was to go into can take another. */
static void count_fault(struct devices *d, const struct device *at, enum nic_fault fault)
{
	enum stack_rx_fault what = STACK_RX_TRUNCATED;

	switch (fault) {
	case NIC_TOO_LONG:
		what = STACK_RX_TOO_LONG;
		break;
	case NIC_BAD_OFFLOAD:
		what = STACK_RX_BAD_OFFLOAD;
		break;
	case NIC_TRUNCATED:
		what = d->rest ? STACK_RX_TRUNCATED : STACK_RX_NO_MEMORY;
		break;
	}
	stack_rx_fault(d->stack, at->ifc, what);
	stack_pkt_free(d->stack, d->into);
	d->into = NULL;
}

static bool has_room(struct devices *d)
{
	if (!d->into)
		d->into = stack_pkt(d->stack);
	if (!d->rest)
		d->rest = stack_rx_buf(d->stack);
	return d->into != NULL;
}

static void hand_in(struct devices *d, struct device *at, usec_t now_us)
{
	struct pkt *p = d->into;

	if (p->slices_n > 0) {
		/* The packet has a count of its own. */
		buf_drop(d->rest);
		d->rest = NULL;
	}
	d->into = NULL;
	if (p->len > BULK_LEN)
		at->frames.max = LIMIT_RX_BATCH;
	stack_input(d->stack, at->ifc, p, now_us);
}

/* One frame; false when there is none to be had. */
static bool frame_pump(struct devices *d, struct device *at, usec_t now_us)
{
	int got;

	if (!has_room(d))
		return false;
	got = at->nic->driver->recv(at->nic, d->into, d->rest);
	switch (got) {
	case 1:
		hand_in(d, at, now_us);
		return true;
	case 0:
		return false;
	case NIC_TOO_LONG:
	case NIC_TRUNCATED:
	case NIC_BAD_OFFLOAD:
		count_fault(d, at, (enum nic_fault)got);
		return true;
	default:
		gone(d, at, got);
		return false;
	}
}

static int frames_pump(
	struct devices *d, struct device *at, uint64_t ready, usec_t now_us, bool *has_more)
{
	int served = 0;

	/* A wrapper may hold frames of which the descriptor knows nothing. */
	if (!(ready & bit_of(d, at, NIC_SHIFT)) && !at->nic->driver->poll)
		return 0;
	while (served < at->frames.max && frame_pump(d, at, now_us))
		served++;
	*has_more = *has_more || served == LIMIT_RX_BATCH;
	appetite_learn(&at->frames, served, LIMIT_RX_BATCH);
	return served;
}

/* The kernel has changed the device: the stack follows. */
static void host_pump(struct devices *d, struct device *at)
{
	struct link *link = &at->nic->link;
	bool was_up = at->is_up;
	struct host_news news;

	if (!host_watch_read(at->host, &news))
		return;
	if (news.mtu != link->mtu)
		log_say(d->log, LEVEL_INFO, "%s has an MTU of %u now", link->name, news.mtu);
	link->mtu = (uint16_t)min_u32(news.mtu, UINT16_MAX);
	at->is_up = news.is_up;
	if (was_up && !at->is_up)
		log_say(d->log, LEVEL_WARNING,
			"%s is down, nothing comes or goes: ip link set %s up", link->name,
			link->name);
	if (!was_up && at->is_up)
		log_say(d->log, LEVEL_INFO, "%s is up again", link->name);
	stack_link_changed(d->stack, at->ifc, at->is_up);
}

int devices_pump(struct devices *d, uint64_t ready, usec_t now_us, bool *has_more)
{
	int served = 0;

	for (unsigned i = 0; i < d->n; i++) {
		struct device *at = &d->slots[i];

		if (at->nic && (ready & bit_of(d, at, HOST_SHIFT)))
			host_pump(d, at);
		if (at->nic)
			served += frames_pump(d, at, ready, now_us, has_more);
	}
	return served;
}

/* --- the rest of a turn ------------------------------------------------------------------------
 */

void devices_writable(struct devices *d, uint64_t ready)
{
	for (unsigned i = 0; i < d->n; i++) {
		struct device *at = &d->slots[i];

		if (at->nic && (ready & bit_of(d, at, NIC_SHIFT)))
			stack_writable(d->stack, at->ifc);
	}
}

usec_t devices_poll(struct devices *d, usec_t now_us)
{
	usec_t next_us = USEC_NEVER;

	for (unsigned i = 0; i < d->n; i++) {
		struct nic *nic = d->slots[i].nic;

		if (nic && nic->driver->poll)
			next_us = min_u64(next_us, nic->driver->poll(nic, now_us));
	}
	return next_us;
}

void devices_watch_for_room(struct devices *d)
{
	for (unsigned i = 0; i < d->n; i++) {
		struct device *at = &d->slots[i];
		bool wanted = at->nic && at->nic->driver->wants_out(at->nic);

		if (!at->nic || wanted == at->waits_for_room)
			continue;
		(void)watch(d, EPOLL_CTL_MOD, nic_fd(at), bit_of(d, at, NIC_SHIFT),
			wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
		at->waits_for_room = wanted;
	}
}
