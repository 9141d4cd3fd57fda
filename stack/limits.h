/*
 * limits.h - every cap of the stack on one page, with the reason for its number.
 *
 * A queue, a table or a loop without a line here is a mistake. Sums of named terms say who may
 * hold what; the assertions at the end keep them true.
 */
#ifndef CATNET_LIMITS_H
#define CATNET_LIMITS_H

#include "base/base.h"

/* --- memory ------------------------------------------------------------------------- */

#define LIMIT_MEMORY          ((size_t)512 << 20) /* default budget; touched only as used */
#define LIMIT_MEMORY_MIN_MIB  64 /* for a server: 40% tables, 19 chunks of blocks */
#define LIMIT_CONTROL_PERCENT 5  /* of it kept for headers, ARP, resets */
#define LIMIT_PRESSURE_YELLOW 60 /* percent: less is kept for others' sake */
#define LIMIT_PRESSURE_RED    90 /* percent: new conversations are refused */

/* --- conversations ------------------------------------------------------------------ */

#define LIMIT_TCP_CONVS      131072 /* default; 100,000 is what ls /net/tcp is measured with */
#define LIMIT_UDP_CONVS      32768  /* each remote of a listener is one, for a minute */
#define LIMIT_ICMP_CONVS     4096   /* echo ids are 16 bits; a host pings less than it talks */
#define LIMIT_CONV_NUMBER    ((uint64_t)1 << 40) /* what a node number holds; never used up */
#define LIMIT_CONVS_EACH     ((uint32_t)1 << 24) /* of one protocol: what a handle's slot can name */
#define LIMIT_CHANGES        4096  /* of state, a turn: its frames bring 200, its timers more */
#define LIMIT_PORT_LISTENERS 128   /* on one port: each address of ours, and some of 127/8 */
#define LIMIT_PORT_STEPS     65536 /* groups of remotes whose ports advance apart (RFC 6056) */
#define LIMIT_PORT_STRIDE    500   /* the furthest they advance at once (RFC 6056 3.3.5) */

/* --- link and IP -------------------------------------------------------------------- */

#define LIMIT_IFCS              16    /* devices of one stack; more means more instances */
#define LIMIT_ADDRS             64    /* on all interfaces together */
#define LIMIT_ROUTES            1024  /* a host's, not a router's */
#define LIMIT_MTU_MIN           576   /* RFC 791's least for a host; 1280 where IPv6 is spoken */
#define LIMIT_MTU_MAX           65521 /* a TAP's frame of 65,535 without its Ethernet header */
#define LIMIT_LINK_QUEUE        256   /* packets before a stalled device: four receive batches */
#define LIMIT_LO_QUEUE          1024  /* packets to ourselves in one turn */
#define LIMIT_RX_BATCH          64    /* frames read from a device in one turn */
#define LIMIT_NEIGHS            1024  /* entries, all interfaces: a /22 that all speaks with us */
#define LIMIT_NEIGHS_INCOMPLETE 64    /* of them unresolved, so a sweep cannot push out the rest */
#define LIMIT_NEIGHS_PERMANENT  512   /* the administrator's; the other half is the wire's */
#define LIMIT_NEIGH_QUEUE       16    /* packets that wait for one neighbour */
#define LIMIT_NEIGH_ASKED       512   /* who was asked in the last second, also of those evicted */
#define LIMIT_GROUPS            256   /* that interfaces listen to, all together */
#define LIMIT_IGMP_SOURCES      16    /* of a group asked about at once; more is the whole group */
#define LIMIT_REDIRECTS         256   /* destinations that go by another gateway than their route */
#define LIMIT_IP4_IDS           2048  /* source, destination and protocol whose next id is known */
#define LIMIT_ICMP_BUCKETS      1024  /* destinations of errors, by hash; a collision shares */
#define LIMIT_ICMP_BURST        6     /* errors to one destination at once, then one a second */
#define LIMIT_ICMP_ALL          1000  /* errors a second to all destinations together */
#define LIMIT_FRAG_DATAGRAMS    256   /* in reassembly at once */
#define LIMIT_FRAG_PER_SOURCE   16    /* so one source fills a sixteenth of the table */
#define LIMIT_FRAG_SOURCES      1024  /* told apart, by hash; a collision shares */
#define LIMIT_FRAG_RANGES       64    /* pieces of one datagram */
#define LIMIT_FRAG_BYTES        ((size_t)1 << 20)   /* blocks held by all of them */
#define LIMIT_FRAG_SOURCE_BYTES ((size_t)128 << 10) /* two of the longest datagrams */
#define LIMIT_FRAG_PKTS         512 /* as many small blocks as LIMIT_FRAG_BYTES allows */

/* --- datagrams ---------------------------------------------------------------------- */

#define LIMIT_DATAGRAM_MAX    65507                 /* payload of the longest IPv4 UDP datagram */
#define LIMIT_UDP_RCVBUF      ((uint32_t)256 << 10) /* default; as Linux's, doubled for headers */
#define LIMIT_UDP_CALLS       128                   /* calls that wait at one listener */
#define LIMIT_UDP_IDLE_US     (60 * USEC_PER_SEC)   /* a call that is silent so long is over */
#define LIMIT_UDP_GROUPS      20                    /* of one conversation; Linux has as many */
#define LIMIT_UDP_MEMBERS     1024                  /* of groups, all conversations together */
#define LIMIT_UDP_MEMBERS_UID (LIMIT_GROUPS / 2)   /* of one uid but root: others need groups too */
#define LIMIT_PING_RCVBUF     ((uint32_t)64 << 10) /* default: a burst of replies */
#define LIMIT_DATAGRAMS       65536                /* queued in all conversations together */
#define LIMIT_DATAGRAMS_PART  8 /* one queue has an 8th of them: a rcvbuf of 1 MiB */

/* --- tcp ---------------------------------------------------------------------------- */

#define LIMIT_TCP_RCVBUF      ((uint32_t)1 << 20) /* default: 512 KiB to 1 MiB keeps data in cache */
#define LIMIT_TCP_SNDBUF      ((uint32_t)4 << 20)  /* default: more than one request can carry */
#define LIMIT_TCP_SND_TIGHT   ((uint32_t)64 << 10) /* once the pressure is yellow */
#define LIMIT_BUF_MIN         ((uint32_t)4 << 10)  /* what rcvbuf and sndbuf accept */
#define LIMIT_BUF_MAX         ((uint32_t)64 << 20) /* 5 Gbit/s over 100 ms */
#define LIMIT_TCP_HALF_OPEN   4096  /* small records: a flood fills half a megabyte, no more */
#define LIMIT_TCP_TIME_WAIT   65536 /* small records: 270 ends a second for 4 minutes */
#define LIMIT_TCP_BACKLOG     128   /* default: what a slow accept loop falls behind */
#define LIMIT_TCP_BACKLOG_MAX 4096  /* no more than there are half-open records */
#define LIMIT_TCP_OOO_PIECES  256   /* separate runs ahead of their time in one conversation */
#define LIMIT_TCP_MSS_MIN     216   /* floor for what a peer may ask of us (CVE-2019-11479) */

/* --- trace --------------------------------------------------------------------------- */

#define LIMIT_TRACE_EVENTS                                                    \
	16384 /* a burst of some turns; 2 MiB, touched only once it is wanted \
	       */

/* --- shared pools ------------------------------------------------------------------- */

#define LIMIT_BYTES_NODES 262144               /* slices in all queues together */
#define LIMIT_BYTES_SHARE ((uint32_t)16 << 10) /* shorter pieces of a chunk are copied: 3 us */
#define LIMIT_BYTES_SHORT ((uint32_t)8 << 10)  /* up to here a queue has small blocks only */
#define LIMIT_PKT_SPARE   256 /* in hand while something is built, cut or answered */

/* Who may hold a packet: every term is a queue above. */
#define LIMIT_PKTS                                                         \
	(LIMIT_RX_BATCH + LIMIT_IFCS * LIMIT_LINK_QUEUE + LIMIT_LO_QUEUE + \
		LIMIT_NEIGHS_INCOMPLETE * LIMIT_NEIGH_QUEUE + LIMIT_FRAG_PKTS + LIMIT_PKT_SPARE)

/* Control's share is rounded up to whole chunks: with 20 of them, by up to 5 percent more. */
_Static_assert((size_t)LIMIT_MEMORY_MIN_MIB << 20 < LIMIT_MEMORY, "the default is allowed");
_Static_assert(LIMIT_PRESSURE_RED + 2 * LIMIT_CONTROL_PERCENT <= 100, "data alone can reach red");
_Static_assert(LIMIT_NEIGHS_INCOMPLETE < LIMIT_NEIGHS, "resolved neighbours have room");
_Static_assert(LIMIT_NEIGHS_PERMANENT + LIMIT_NEIGHS_INCOMPLETE < LIMIT_NEIGHS, "so has the wire");
_Static_assert(LIMIT_FRAG_PER_SOURCE < LIMIT_FRAG_DATAGRAMS, "one source cannot have all");
_Static_assert(LIMIT_FRAG_SOURCE_BYTES < LIMIT_FRAG_BYTES, "one source cannot have all");
_Static_assert(LIMIT_TCP_BACKLOG <= LIMIT_TCP_BACKLOG_MAX, "the default is allowed");
_Static_assert(LIMIT_TCP_BACKLOG_MAX <= LIMIT_TCP_HALF_OPEN, "one listener can be full");

#endif
