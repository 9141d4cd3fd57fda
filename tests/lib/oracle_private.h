/*
 * oracle_private.h - what the parts of the oracle share: its own state, and one flow of TCP.
 */
#ifndef TESTS_ORACLE_PRIVATE_H
#define TESTS_ORACLE_PRIVATE_H

#include "oracle.h"

#define ORACLE_FLOW_HEADS 1024
#define ORACLE_SYNS       4
#define ORACLE_QUOTES     16
#define ORACLE_QUOTE_LEN  600
#define ORACLE_OURS       8
#define ORACLE_SENDERS    8
#define ORACLE_PIECES     4

/* A SYN that the stack was given; which of them counts shows when the stack answers. */
struct oracle_syn {
	uint32_t seq, ack, end;
	bool has_ack, has_mss, has_ws, has_ts;
	bool is_unclear; /* its options are malformed */
	uint16_t mss;
	uint8_t ws;
};

struct oracle_flow {
	struct oracle_flow *next;
	struct oracle_tuple tuple;
	struct oracle_syn syns[ORACLE_SYNS]; /* the last ones, newest first */
	unsigned syns_n;
	bool has_iss, is_met; /* we sent a SYN; and acknowledged theirs, which is `theirs` */
	uint32_t iss;
	bool sent_ws, sent_ts;
	uint8_t our_ws;
	struct oracle_syn theirs;
	uint8_t *sent; /* every byte of the stream, from iss + 1 on */
	uint32_t sent_len, sent_cap;
	bool has_fin; /* we sent a FIN, at sent_len */
	bool has_edge, has_peer_edge, has_heard_fin;
	uint32_t edge;      /* the furthest we have offered */
	uint32_t peer_edge; /* the furthest that was offered to us */
	uint32_t heard_end; /* the furthest that they sent within our window */
	uint32_t heard_fin; /* the number behind their FIN */
	bool has_ts_val;
	uint32_t ts_val; /* our last, and when */
	uint64_t ts_at_us;
};

/* When an id was last used towards one destination with one protocol. */
struct oracle_ids {
	uint32_t dst;
	uint8_t proto;
	uint64_t *at_us;
};

/* A datagram that the stack sends in pieces. */
struct oracle_pieces {
	uint32_t src, dst;
	uint16_t id;
	uint8_t proto;
	uint8_t *bytes, *have;
	size_t len, have_n;
};

struct oracle {
	uint8_t mac[6];
	unsigned mtu;
	uint32_t ours[ORACLE_OURS];
	unsigned ours_n;
	struct oracle_flow *flows[ORACLE_FLOW_HEADS];
	struct oracle_ids ids[ORACLE_SENDERS];
	unsigned ids_n;
	struct oracle_pieces pieces[ORACLE_PIECES];
	unsigned pieces_n;
	uint8_t quotes[ORACLE_QUOTES][ORACLE_QUOTE_LEN];
	size_t quote_lens[ORACLE_QUOTES];
	unsigned quotes_n;
	uint64_t now_us;
	char fault[300];
	bool has_fault;
};

/* Keep the first fault. */
void oracle_blame(struct oracle *o, const char *format, ...) __attribute__((format(printf, 2, 3)));

void oracle_tcp_heard(struct oracle *o, const struct frame *f);
void oracle_tcp_sent(struct oracle *o, const struct frame *f);
void oracle_flows_free(struct oracle *o);

#endif
