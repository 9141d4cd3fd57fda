/*
 * ip.h - what every protocol above IP uses, for both families.
 */
#ifndef CATNET_IP_H
#define CATNET_IP_H

#include "../base/addr.h"
#include "../base/pkt.h"

struct ifc;
struct stack;

enum ip_number { IP_ICMP = 1, IP_IGMP = 2, IP_TCP = 6, IP_UDP = 17, IP_ICMP6 = 58 };

#define IP_ECN_MASK 3 /* of the TOS octet (RFC 3168 5) */

/* What the header of a packet said, in host order. */
struct ip_info {
	struct addr src;
	struct addr dst;
	struct ifc *ifc; /* where it came in */
	uint8_t protocol;
	uint8_t ttl;
	uint8_t tos;         /* the whole octet: DSCP and ECN */
	bool to_broadcast;   /* the IP destination was broadcast or multicast */
	bool link_broadcast; /* the frame was not for us alone */
	bool was_fragmented;
	uint16_t hdr_len; /* in front of pkt_data still, for quoting: pkt_push undoes the pull */
	uint32_t len;     /* bytes of payload */
};

/* What went wrong with a packet of ours. */
struct ip_advice {
	int error;    /* -ECONNREFUSED, -EHOSTUNREACH, -ENETUNREACH, -EMSGSIZE, ... */
	bool is_hard; /* may abort a conversation that is not synchronised (RFC 1122 4.2.3.9) */
	uint32_t mtu; /* with -EMSGSIZE: what the next hop takes; 0 not said */
};

/* How a packet is to go. */
struct ip_send {
	struct addr src; /* addr_any only with IFC (an address is being acquired) */
	struct addr dst;
	struct ifc *ifc; /* bound to an interface; NULL: routed */
	uint8_t protocol;
	uint8_t ttl; /* 0: the default, 64 */
	uint8_t tos;
	bool dont_fragment; /* too long is -EMSGSIZE; else it is cut */
	bool may_broadcast; /* or -EACCES */
	bool has_alert;     /* routers on the way shall look at it (RFC 2113) */
	bool is_shared;     /* to a group: those of us who are in it hear it too */
};

/*
 * Send P, whose data begin with the transport header, checksum filled in or marked
 * PKT_CSUM_FILL with the pseudo-header's sum in its field. Takes P, also when it fails.
 * 0: on its way (queued for resolution counts); -ENETUNREACH, -EHOSTUNREACH (the neighbour is
 * known not to answer), -EMSGSIZE, -EACCES, -EADDRNOTAVAIL, -ENOBUFS.
 */
int ip_output(struct stack *s, const struct ip_send *how, struct pkt *p);

/* The sum of the pseudo-header for LEN bytes of payload (RFC 9293 3.1, 8200 8.1). */
uint32_t ip_pseudo_sum(
	const struct addr *src, const struct addr *dst, uint8_t protocol, uint32_t len);

/*
 * Finish the transport checksum of a packet to be sent: the field, two zero bytes at CSUM_OFF
 * from pkt_data, is given the pseudo-header's sum and marked PKT_CSUM_FILL. link/ sums it in
 * software when the device will not.
 */
void ip_checksum_later(struct pkt *p, const struct ip_send *how, uint16_t csum_off);

/* Is the transport checksum of a received packet, all of whose bytes are payload, good? */
bool ip_checksum_is_good(const struct ip_info *ip, const struct pkt *p);

/* The address we would send from to DST (RFC 1122 3.3.4.3); -ENETUNREACH,
 * -EADDRNOTAVAIL. */
int ip_source(struct stack *s, const struct addr *dst, struct addr *out);

/* The MTU of the path towards DST as far as it is known: the interface's. 0: no route. */
uint32_t ip_mtu(struct stack *s, const struct addr *dst);

/* Does the interface towards DST (or lo) cut TCP segments and sum for us? Both in one
 * question, for who sizes windows and bursts. */
bool ip_has_offload(struct stack *s, const struct addr *dst);

/* Is A an address of ours that is in use (127/8 and ::1 included)? */
bool ip_is_ours(const struct stack *s, const struct addr *a);

/* Is A a broadcast address of one of our prefixes, or the limited one? */
bool ip_is_broadcast(const struct stack *s, const struct addr *a);

/*
 * The transport says that DST does not answer (three retransmissions, RFC 1122 3.3.1.4): the
 * neighbour is asked again, another gateway may be tried.
 */
void ip_negative_advice(struct stack *s, const struct addr *dst);

/* The transport says that DST answers (RFC 4861 7.3.1): its next hop need not be asked. Cheap
 * while no neighbour is in doubt. */
void ip_confirm(struct stack *s, const struct addr *dst);

#endif
