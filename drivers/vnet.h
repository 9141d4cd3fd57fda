/*
 * vnet.h - the virtio header in front of each frame of a TAP, and what it says of a packet.
 *
 * It is what lets a frame stand for many segments and leaves sums to whoever is next. Knows no
 * device: bytes in, facts out, so that it can be tested and fuzzed on its own.
 */
#ifndef CATNET_VNET_H
#define CATNET_VNET_H

#include <linux/virtio_net.h>

#include "../stack/base/pkt.h"

/* With the field num_buffers, which a TAP leaves alone. */
#define VNET_HDR_LEN 12

/* What H says of the frame P that came with it. 0, or NIC_BAD_OFFLOAD when the two contradict
 * each other. */
int vnet_take(const struct virtio_net_hdr_v1 *h, struct pkt *p);

/* What the device shall do with the frame P. */
void vnet_put(struct virtio_net_hdr_v1 *h, const struct pkt *p);

#endif
