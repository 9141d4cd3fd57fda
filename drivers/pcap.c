#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "parts.h"
#include "pcapng.h"

/* Written when half full or after a while: a write of this size into the page cache is short
 * enough for the loop. */
#define PCAP_BUFFER   ((size_t)1 << 20)
#define PCAP_FLUSH_US (200 * USEC_PER_MSEC)

struct pcap_nic {
	struct nic nic;
	struct nic *inner;
	struct pcap_teller teller;
	int fd;
	uint64_t begun_ns;
	uint64_t passed; /* frames */
	uint64_t held;   /* frames that are not in the file, or not wholly */
	uint64_t lost;   /* frames not written since the file took no more */
	uint64_t told;   /* of them, so many are told of in the file */
	usec_t flush_us; /* when what is in the buffer goes out at the latest */
	/* The buffer may begin with what is left of a block; WHOLE is where in the file the last
	 * one ended that is all there. */
	size_t torn_left;
	bool torn_is_frame;
	uint64_t written, whole;
	size_t len;
	uint8_t *buffer;
};

static struct pcap_nic *pcap_of(struct nic *n)
{
	return CONTAINER_OF(n, struct pcap_nic, nic);
}

/* PUT bytes of the buffer have been written: which blocks are whole now? */
static void note_written(struct pcap_nic *c, size_t put)
{
	size_t end = c->torn_left; /* of a block, in the buffer */
	bool is_frame = c->torn_is_frame;

	while (end <= put) {
		c->held -= is_frame;
		is_frame = false;
		c->whole = c->written + end;
		if (end == put)
			break;
		is_frame = pcapng_is_packet(c->buffer + end);
		end += pcapng_len(c->buffer + end);
	}
	c->written += put;
	c->torn_left = end - put;
	c->torn_is_frame = is_frame;
}

/* What the file does not take stays. */
static void flush(struct pcap_nic *c)
{
	ssize_t put = write(c->fd, c->buffer, c->len);

	if (put <= 0)
		return;
	note_written(c, (size_t)put);
	c->len -= (size_t)put;
	memmove(c->buffer, c->buffer + put, c->len);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The sum may have been left to the device; a reader of the file must not see that. */
static void complete_sum(const struct pkt *p, uint8_t *frame, uint32_t len)
{
	bool is_open =
		(p->offload & PKT_CSUM_FILL) || ((p->offload & PKT_CSUM_GOOD) && p->csum_off != 0);

	if (is_open)
		nic_csum_fill(frame, len, p->csum_start - p->off, p->csum_off);
}

/* What the buffer takes of P, given back if it does not pass after all. */
struct taken {
	size_t len;
	uint64_t told;
};

static void write_block(struct pcap_nic *c, const struct pkt *p, bool is_in)
{
	uint8_t *block = c->buffer + c->len;
	char about[PCAPNG_TEXT_MAX];
	struct pcapng_packet what = { .at_ns = now_ns(),
		.len = pkt_len(p),
		.lost = c->lost - c->told,
		.about = about,
		.is_in = is_in };

	what.kept = min_u32(what.len, PCAPNG_SNAPLEN);
	(void)pkt_copy_out(p, 0, block + PCAPNG_DATA_OFF, what.kept);
	complete_sum(p, block + PCAPNG_DATA_OFF, what.kept);
	if (c->teller.about)
		what.about_len = c->teller.about(c->teller.arg, block + PCAPNG_DATA_OFF, what.kept,
			is_in, about, sizeof(about));
	c->len += pcapng_packet(block, &what);
}

static struct taken record(struct pcap_nic *c, const struct pkt *p, bool is_in)
{
	struct taken taken = { .told = c->lost - c->told };
	size_t before;

	c->passed++;
	if (c->len > PCAP_BUFFER / 2)
		flush(c);
	before = c->len;
	if (PCAP_BUFFER - c->len < min_u32(pkt_len(p), PCAPNG_SNAPLEN) + PCAPNG_BLOCK_MAX) {
		c->lost++;
		return (struct taken){ .len = 0 };
	}
	write_block(c, p, is_in);
	c->told = c->lost;
	c->held++;
	taken.len = c->len - before;
	return taken;
}

/* It has not passed, and will come again. */
static void take_back(struct pcap_nic *c, const struct taken *taken)
{
	c->passed--;
	if (taken->len == 0) {
		c->lost--;
		return;
	}
	c->len -= taken->len;
	c->told -= taken->told;
	c->held--;
}

static int pcap_send(struct link *link, struct pkt *p)
{
	struct pcap_nic *c = CONTAINER_OF(link, struct pcap_nic, nic.link);
	/* First, since sending gives the packet away. */
	struct taken taken = record(c, p, false);
	int err;

	c->inner->pkts = c->nic.pkts;
	err = c->inner->link.send(&c->inner->link, p);
	if (err == -EAGAIN)
		take_back(c, &taken);
	return err;
}

static int pcap_recv(struct nic *n, struct pkt *into, struct buf *rest)
{
	struct pcap_nic *c = pcap_of(n);
	int got;

	c->inner->pkts = n->pkts;
	got = c->inner->driver->recv(c->inner, into, rest);
	if (got == 1)
		(void)record(c, into, true);
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

/* Where the file takes nothing any more, it ends with the last whole block. */
static void end_file(struct pcap_nic *c)
{
	const struct pcapng_stats stats = {
		.begun_ns = c->begun_ns, .now_ns = now_ns(), .passed = c->passed, .lost = c->lost
	};

	if (c->len == 0) {
		c->len = pcapng_end(c->buffer, &stats);
		flush(c);
	}
	if (c->len > 0)
		(void)!ftruncate(c->fd, (off_t)c->whole);
}

static void pcap_close(struct nic *n)
{
	struct pcap_nic *c = pcap_of(n);

	flush(c);
	end_file(c);
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

int pcap_wrap(struct nic **out, struct nic *inner, const char *file,
	const struct pcap_teller *teller, char *why, size_t why_len)
{
	struct pcap_nic *c = calloc(1, sizeof(*c));
	/* A reader at the other end of a named pipe may fall behind, and must not hold us up. */
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC;
	const char *application = teller && teller->application ? teller->application : "catnet";
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
	if (teller)
		c->teller = *teller;
	c->begun_ns = now_ns();
	c->len = pcapng_begin(c->buffer, application, inner->link.name);
	*out = &c->nic;
	return 0;
}
