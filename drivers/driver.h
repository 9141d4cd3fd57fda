/*
 * driver.h - a device that carries frames, as the loop sees it.
 *
 * A driver is the stack's struct link plus what the loop needs. A wrapper is a driver over
 * another nic, which it then owns: fault over pcap over tap.
 */
#ifndef CATNET_DRIVER_H
#define CATNET_DRIVER_H

#include "../stack/base/buf.h"
#include "../stack/base/pkt.h"
#include "../stack/link.h"

struct driver;

/* An open device; a driver's own struct begins with one. */
struct nic {
	struct link link; /* what the stack is given */
	const struct driver *driver;
	/* Packets and large blocks to send copies with, and to free what was sent; set by who
	 * opened it, before the first frame. */
	struct pkts *pkts;
};

/* Why a frame that was read cannot be handed on. */
enum nic_fault { NIC_TOO_LONG = -EMSGSIZE, NIC_TRUNCATED = -ENODATA, NIC_BAD_OFFLOAD = -EPROTO };

struct driver {
	const char *name;
	/* ARG is what stands behind the colon of "tap:tap0". 0, or -errno with WHY, of WHY_LEN
	 * bytes, saying what is wrong and how it is mended. */
	int (*open)(struct nic **out, const char *arg, char *why, size_t why_len);
	/* The descriptor to wait on for reading; -1 when there is none. */
	int (*fd)(struct nic *n);
	/*
	 * One frame into INTO, which is empty with headroom; what its head does not hold goes
	 * to REST (a large block, or NULL), of which INTO takes a count when it was needed. 1;
	 * 0 when drained; a nic_fault (counted and skipped); another -errno: the device is gone.
	 */
	int (*recv)(struct nic *n, struct pkt *into, struct buf *rest);
	/* Does it need POLLOUT, having refused a frame? */
	bool (*wants_out)(struct nic *n);
	/* When a wrapper that holds frames back wants to be asked again; USEC_NEVER. NOW_US is
	 * the loop's clock; a wrapper sends what has come due. May be NULL. */
	usec_t (*poll)(struct nic *n, usec_t now_us);
	/* Before the first frame: from now on offer, and take in, only those of OFFERS that the
	 * link offers now; without LINK_CSUM frames come in with their sums filled in. NULL: the
	 * link offers nothing anyway. */
	void (*limit)(struct nic *n, uint8_t offers);
	void (*close)(struct nic *n);
};

/* Can NAME be a TAP's? 0, or -EINVAL and words in WHY. */
int tap_check_name(const char *name, char *why, size_t why_len);

/* "tap:tap0", "fd:7": an open device, or -errno and words in WHY. */
int nic_open(struct nic **out, const char *spec, char *why, size_t why_len);
void nic_close(struct nic *n); /* NULL is allowed */

/* --- devices and wrappers ------------------------------------------------------------ */

extern const struct driver tap_driver; /* NAME: a TAP of this machine, made when it is missing */
extern const struct driver fd_driver;  /* N: an inherited TAP, or a socket of one frame a message */

/* Two devices back to back in memory, which take in what the other sends. A frame on its way
 * belongs to the sender's pool; closing either loses what is on its way. 0 or -ENOMEM. */
int pipe_pair(struct nic **a, struct nic **b, uint16_t mtu, uint8_t offers);

/* What a capture says besides the frames. */
struct pcap_teller {
	const char *application; /* "catnetd 0.1.0" */
	/* A comment on a frame of LEN bytes, at most CAP bytes to TO: how many; 0: none. Called
	 * before it is sent, or handed in. May be NULL. */
	size_t (*about)(
		void *arg, const uint8_t *frame, uint32_t len, bool is_in, char *to, size_t cap);
	void *arg;
};

/* OUT takes INNER over and writes what passes, both ways, into FILE, as pcapng; TELLER may be NULL.
 * 0, or -errno with WHY; then INNER is still the caller's. */
int pcap_wrap(struct nic **out, struct nic *inner, const char *file,
	const struct pcap_teller *teller, char *why, size_t why_len);

/* Frames that N, a pcap_wrap, did not write since its file took no more, those that it takes
 * no more now included. */
uint64_t pcap_lost(struct nic *n);

/*
 * OUT takes INNER over and is a bad wire by SPEC, a list such as
 * "loss=1%,in.dup=0.5%,out.delay=5ms,reorder=2%,corrupt=0.1%,seed=7": without "in." or "out."
 * a word counts for both ways. The same seed and the same frames meet the same fate. 0, or
 * -errno with WHY; then INNER is still the caller's.
 */
int fault_wrap(struct nic **out, struct nic *inner, const char *spec, char *why, size_t why_len);

/* --- the kernel's side of a TAP ------------------------------------------------------ */

/* Give the kernel's interface NAME the address ADDR (16 bytes, IPv4 as mapped) with a prefix of
 * BITS of the 128-bit form. 0, or -errno with WHY. */
int host_addr_add(
	const char *name, const uint8_t addr[16], unsigned bits, char *why, size_t why_len);
int host_mtu_set(const char *name, unsigned mtu, char *why, size_t why_len);
int host_up(const char *name, char *why, size_t why_len);

/* What the kernel says of the interface that a TAP is, as long as it is there. */
struct host_watch;
struct host_news {
	unsigned mtu;
	bool is_up;
};

/* Listen for news of N, which is up and has the MTU that its link says. 0 or -errno. */
int host_watch_open(struct host_watch **out, const struct nic *n);
int host_watch_fd(const struct host_watch *w);
/* How it is now, the descriptor having become readable; false: as it was. */
bool host_watch_read(struct host_watch *w, struct host_news *out);
void host_watch_close(struct host_watch *w); /* NULL is allowed */

#endif
