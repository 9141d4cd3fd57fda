#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "parts.h"

/* The classic format, as pcap-savefile(5) gives it, with stamps in nanoseconds. */
#define PCAP_MAGIC_NSEC    0xa1b23c4du
#define PCAP_LINK_ETHERNET 1
#define PCAP_SNAPLEN       262144
#define PCAP_HDR_LEN       24
#define PCAP_RECORD_LEN    16

/* Written when half full or after a while: a write of this size into the page cache is short
 * enough for the loop. */
#define PCAP_BUFFER   ((size_t)1 << 20)
#define PCAP_FLUSH_US (200 * USEC_PER_MSEC)

struct pcap_nic {
	struct nic nic;
	struct nic *inner;
	int fd;
	uint64_t held;   /* frames in the buffer, of which a part may be written */
	uint64_t lost;   /* frames not written since the file took no more */
	usec_t flush_us; /* when what is in the buffer goes out at the latest */
	size_t len;
	uint8_t *buffer;
};

static struct pcap_nic *pcap_of(struct nic *n)
{
	return CONTAINER_OF(n, struct pcap_nic, nic);
}

/* What the file does not take stays; a record is never torn. */
static void flush(struct pcap_nic *c)
{
	ssize_t put = write(c->fd, c->buffer, c->len);

	if (put <= 0)
		return;
	c->len -= (size_t)put;
	memmove(c->buffer, c->buffer + put, c->len);
	if (c->len == 0)
		c->held = 0;
}

static uint8_t *put_host32(uint8_t *to, uint32_t value)
{
	memcpy(to, &value, sizeof(value));
	return to + sizeof(value);
}

static void put_file_header(struct pcap_nic *c)
{
	const uint16_t version[2] = { 2, 4 };
	uint8_t *to = put_host32(c->buffer, PCAP_MAGIC_NSEC);

	memcpy(to, version, sizeof(version));
	to = put_host32(to + sizeof(version), 0); /* stamps are in UTC */
	to = put_host32(to, 0);
	to = put_host32(to, PCAP_SNAPLEN);
	put_host32(to, PCAP_LINK_ETHERNET);
	c->len = PCAP_HDR_LEN;
}

/* The sum may have been left to the device; a reader of the file must not see that. */
static void complete_sum(const struct pkt *p, uint8_t *frame, uint32_t len)
{
	bool is_open =
		(p->offload & PKT_CSUM_FILL) || ((p->offload & PKT_CSUM_GOOD) && p->csum_off != 0);

	if (is_open)
		nic_csum_fill(frame, len, p->csum_start - p->off, p->csum_off);
}

/* How many bytes of the buffer it took; 0 when there was no room. */
static size_t record(struct pcap_nic *c, const struct pkt *p)
{
	uint32_t len = pkt_len(p);
	uint32_t kept = min_u32(len, PCAP_SNAPLEN);
	struct timespec now;
	uint8_t *to;

	if (c->len > PCAP_BUFFER / 2)
		flush(c);
	if (PCAP_BUFFER - c->len < PCAP_RECORD_LEN + kept) {
		c->lost++;
		return 0;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	to = put_host32(c->buffer + c->len, (uint32_t)now.tv_sec);
	to = put_host32(to, (uint32_t)now.tv_nsec);
	to = put_host32(to, kept);
	to = put_host32(to, len);
	(void)pkt_copy_out(p, 0, to, kept);
	complete_sum(p, to, kept);
	c->len += PCAP_RECORD_LEN + kept;
	c->held++;
	return PCAP_RECORD_LEN + kept;
}

static int pcap_send(struct link *link, struct pkt *p)
{
	struct pcap_nic *c = CONTAINER_OF(link, struct pcap_nic, nic.link);
	/* First, since sending gives the packet away. */
	size_t taken = record(c, p);
	int err;

	c->inner->pkts = c->nic.pkts;
	err = c->inner->link.send(&c->inner->link, p);
	if (err == -EAGAIN && taken > 0) {
		c->len -= taken; /* it has not passed, and will come again */
		c->held--;
	}
	return err;
}

static int pcap_recv(struct nic *n, struct pkt *into, struct buf *rest)
{
	struct pcap_nic *c = pcap_of(n);
	int got;

	c->inner->pkts = n->pkts;
	got = c->inner->driver->recv(c->inner, into, rest);
	if (got == 1)
		(void)record(c, into);
	return got;
}

static int pcap_fd(struct nic *n)
{
	struct nic *inner = pcap_of(n)->inner;

	return inner->driver->fd(inner);
}

static bool pcap_wants_out(struct nic *n)
{
	struct nic *inner = pcap_of(n)->inner;

	return inner->driver->wants_out(inner);
}

static usec_t pcap_poll(struct nic *n, usec_t now_us)
{
	struct pcap_nic *c = pcap_of(n);
	usec_t next_us = USEC_NEVER;

	if (c->inner->driver->poll)
		next_us = c->inner->driver->poll(c->inner, now_us);
	if (c->len == 0) {
		c->flush_us = USEC_NEVER;
	} else if (c->flush_us == USEC_NEVER) {
		c->flush_us = now_us + PCAP_FLUSH_US;
	} else if (now_us >= c->flush_us) {
		flush(c);
		c->flush_us = c->len > 0 ? now_us + PCAP_FLUSH_US : USEC_NEVER;
	}
	return min_u64(next_us, c->flush_us);
}

static void pcap_limit(struct nic *n, uint8_t offers)
{
	struct nic *inner = pcap_of(n)->inner;

	if (inner->driver->limit)
		inner->driver->limit(inner, offers);
	n->link.offers = inner->link.offers;
}

static void pcap_free(struct pcap_nic *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->buffer);
	free(c);
}

static void pcap_close(struct nic *n)
{
	struct pcap_nic *c = pcap_of(n);

	flush(c);
	nic_close(c->inner);
	pcap_free(c);
}

static const struct driver pcap_driver = {
	.name = "pcap",
	.fd = pcap_fd,
	.recv = pcap_recv,
	.wants_out = pcap_wants_out,
	.poll = pcap_poll,
	.limit = pcap_limit,
	.close = pcap_close,
};

uint64_t pcap_lost(struct nic *n)
{
	ASSERT(n->driver == &pcap_driver);
	flush(pcap_of(n));
	return pcap_of(n)->lost + pcap_of(n)->held;
}

int pcap_wrap(struct nic **out, struct nic *inner, const char *file, char *why, size_t why_len)
{
	struct pcap_nic *c = calloc(1, sizeof(*c));
	/* A reader at the other end of a named pipe may fall behind, and must not hold us up. */
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC;
	int err;

	if (!c)
		return nic_fail(why, why_len, -ENOMEM, "out of memory");
	c->fd = open(file, flags, 0600);
	err = c->fd < 0 ? -errno : 0;
	c->buffer = malloc(PCAP_BUFFER);
	if (err < 0 || !c->buffer) {
		pcap_free(c);
		err = err < 0 ? err : -ENOMEM;
		return nic_fail(
			why, why_len, err, "cannot capture into %s: %s", file, strerror(-err));
	}
	c->inner = inner;
	c->flush_us = USEC_NEVER;
	c->nic = *inner;
	c->nic.driver = &pcap_driver;
	c->nic.link.send = pcap_send;
	put_file_header(c);
	*out = &c->nic;
	return 0;
}
