/*
 * parts.h - what drivers share among themselves.
 */
#ifndef CATNET_DRIVERS_PARTS_H
#define CATNET_DRIVERS_PARTS_H

#include <sys/uio.h>

#include "driver.h"

/* Head and slices of a packet. */
#define PARTS_IOV_MAX (1 + PKT_SLICES_MAX)

/* ERR, after the words have gone into WHY. */
int nic_fail(char *why, size_t why_len, int err, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* P again as it was before it was received into, with its first byte at OFF. */
void nic_pkt_clear(struct pkt *p, uint32_t off);

/* LEN bytes at AT as a frame in P, which is empty; what the head does not hold goes to REST.
 * 1, or a nic_fault. */
int nic_pkt_fill(struct pkt *p, struct buf *rest, const uint8_t *at, uint32_t len);

/* The pieces of P for a gathering write; how many. */
int nic_pkt_iov(const struct pkt *p, struct iovec *iov);

/* Complete the sum that FRAME, LEN bytes long, was left to have filled in at START + OFF. */
void nic_csum_fill(uint8_t *frame, uint32_t len, uint32_t start, uint32_t off);

/* A station address of our own: locally administered, the same for the same 8 bytes. */
void nic_mac_from(uint8_t mac[6], uint64_t seed);

/* A TAP that FD, which is taken over on success, already speaks to. */
int tap_adopt(struct nic **out, int fd, char *why, size_t why_len);

/* What the LEN bytes of rtnetlink(7) at AT say of the interface IFINDEX; what they do not say stays
 * in OUT as it is. */
void host_news_take(const uint8_t *at, size_t len, unsigned ifindex, struct host_news *out);

/* Is FD a TAP? */
bool tap_is(int fd);

#endif
