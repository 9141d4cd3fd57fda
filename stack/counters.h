/*
 * counters.h - every counter and drop reason, one line each, with a sentence.
 *
 * A name's first part is its room, under which stats lists it. A drop is a counter whose name
 * has "drop" in it: somebody's packet ended there. docs/counters.md is made from this file; a
 * counter that no test can raise is dead code or a missing test.
 */
#ifndef CATNET_COUNTERS_H
#define CATNET_COUNTERS_H

/* clang-format off */

#define COUNTERS_LINK(X) \
	X(link_frames_in,            "frames that came in") \
	X(link_frames_out,           "frames handed to a device") \
	X(link_bytes_in,             "bytes of frames that came in") \
	X(link_bytes_out,            "bytes of frames handed to a device") \
	X(link_segs_in,              "wire segments those frames stood for") \
	X(link_segs_out,             "wire segments handed out") \
	X(link_drop_too_long,        "a frame longer than the interface takes") \
	X(link_drop_truncated,       "a frame the device cut") \
	X(link_drop_no_memory,       "no packet or block to receive into") \
	X(link_drop_bad_offload,     "an offload header that contradicts its frame") \
	X(link_drop_send_failed,     "the device refused a frame") \
	X(link_drop_queue_full,      "the queue before a stalled device was full") \
	X(link_drop_detached,        "for an interface whose device is gone") \
	X(offload_drop_no_memory,    "no memory to cut a packet into segments") \
	X(eth_drop_short,            "a frame without a whole Ethernet header") \
	X(eth_drop_not_ours,         "a frame for another station") \
	X(eth_drop_type,             "an EtherType we do not speak, 802.3 and LLC included") \
	X(lo_packets,                "packets to our own addresses") \
	X(lo_drop_full,              "too many packets to ourselves in one turn") \
	X(lo_no_memory,              "no memory to hear ourselves what we sent to a group")

#define COUNTERS_ARP(X) \
	X(arp_requests_in,           "requests heard") \
	X(arp_replies_in,            "replies heard") \
	X(arp_requests_out,          "requests sent, probes and announcements included") \
	X(arp_replies_out,           "replies sent") \
	X(arp_drop_short,            "shorter than 28 bytes") \
	X(arp_drop_format,           "hardware, protocol or lengths other than Ethernet and IPv4") \
	X(arp_drop_sender,           "a sender that cannot be a neighbour") \
	X(arp_drop_op,               "neither request nor reply") \
	X(arp_conflicts,             "somebody else used an address of ours") \
	X(arp_addresses_lost,        "addresses we stopped using for a conflict") \
	X(arp_no_memory,             "no memory to ask or answer with") \
	X(neigh_drop_queue,          "pushed out of the queue while resolving") \
	X(neigh_drop_unreachable,    "nobody answered for the next hop") \
	X(neigh_evicted,             "entries that made room for others") \
	X(neigh_drop_no_entry,       "no entry could be made to wait in")

#define COUNTERS_IP4(X) \
	X(ip4_in,                    "packets delivered to a protocol") \
	X(ip4_out,                   "packets sent") \
	X(ip4_drop_short,            "shorter than a header") \
	X(ip4_drop_version,          "version is not 4") \
	X(ip4_drop_hdr_len,          "header length under 20 or past the packet") \
	X(ip4_drop_total_len,        "total length under the header or past the frame") \
	X(ip4_drop_checksum,         "header checksum wrong") \
	X(ip4_drop_options,          "malformed options, or a source route") \
	X(ip4_drop_not_ours,         "for an address that is not ours") \
	X(ip4_drop_source,           "a source that cannot be a host") \
	X(ip4_drop_link_broadcast,   "for us alone, in a frame for everybody") \
	X(ip4_drop_protocol,         "a protocol nobody here speaks") \
	X(ip4_drop_no_route,         "no route to send by") \
	X(ip4_drop_no_source,        "to be sent from an address that is not ours") \
	X(ip4_drop_no_leave,         "to be sent to everybody, without leave") \
	X(ip4_drop_too_long,         "too long to send in one piece") \
	X(frag_in,                   "fragments that came in") \
	X(frag_reassembled,          "datagrams put together") \
	X(frag_sent,                 "fragments sent") \
	X(frag_drop_length,          "a fragment not a multiple of 8, empty, or past 65,535") \
	X(frag_drop_overlap,         "a datagram whose fragments overlap") \
	X(frag_drop_tiny,            "a first fragment without a whole transport header") \
	X(frag_drop_limit,           "too many datagrams, ranges or bytes in reassembly") \
	X(frag_drop_timeout,         "a datagram that was not complete in time") \
	X(frag_drop_ecn,             "a datagram marked CE in part and not ECN-capable in part") \
	X(frag_drop_no_memory,       "no memory to put together or cut a datagram") \
	X(frag_duplicates,           "fragments that were there already")

#define COUNTERS_ICMP(X) \
	X(icmp4_in,                  "messages that came in") \
	X(icmp4_out,                 "messages sent") \
	X(icmp4_echo_answered,       "echo requests answered") \
	X(icmp4_errors_out,          "errors sent") \
	X(icmp4_errors_held_back,    "errors not sent for the rate limit") \
	X(icmp4_errors_in,           "errors that reached a protocol") \
	X(icmp4_drop_short,          "shorter than its type needs") \
	X(icmp4_drop_checksum,       "checksum wrong") \
	X(icmp4_drop_type,           "a type that is not answered") \
	X(icmp4_drop_quote,          "an error that quotes nothing of ours") \
	X(icmp4_drop_mtu,            "an MTU that cannot be: larger than what was sent, or tiny") \
	X(icmp4_drop_redirect,       "a redirect that was not believed") \
	X(icmp4_redirects_in,        "redirects obeyed") \
	X(icmp4_drop_no_memory,      "no memory to answer or report with") \
	X(icmp4_drop_broadcast,      "an echo request to everybody") \
	X(ping_in,                   "echo replies that reached a conversation") \
	X(ping_drop_no_conv,         "an echo reply nobody waits for") \
	X(ping_drop_full,            "a receive queue was full") \
	X(ping_out,                  "echo requests sent")

#define COUNTERS_IGMP(X) \
	X(igmp_queries_in,           "queries heard") \
	X(igmp_reports_in,           "reports and leaves of others heard") \
	X(igmp_reports_out,          "reports sent") \
	X(igmp_leaves_out,           "leaves sent, to a querier of version 2") \
	X(igmp_drop_short,           "shorter than a message") \
	X(igmp_drop_checksum,        "checksum wrong") \
	X(igmp_drop_ttl,             "from beyond the link") \
	X(igmp_drop_alert,           "a query of version 3 without the router alert") \
	X(igmp_drop_query,           "a query of no length that there is, about no group, or about all to one") \
	X(igmp_drop_type,            "a type that means nothing to a host") \
	X(igmp_no_memory,            "no memory to report with")

#define COUNTERS_UDP(X) \
	X(udp_in,                    "datagrams that reached a conversation") \
	X(udp_out,                   "datagrams sent") \
	X(udp_drop_short,            "shorter than a header") \
	X(udp_drop_length,           "length under 8 or past the packet") \
	X(udp_drop_checksum,         "checksum wrong") \
	X(udp_drop_port_zero,        "to port 0") \
	X(udp_drop_no_conv,          "to a port nobody has") \
	X(udp_drop_no_member,        "to a group, at whose port nobody is in it") \
	X(udp_drop_full,             "a receive queue was full") \
	X(udp_drop_no_memory,        "no memory to queue it") \
	X(udp_drop_calls,            "too many calls wait at a listener")

#define COUNTERS_TCP(X) \
	X(tcp_segs_in,               "segments that came in") \
	X(tcp_segs_out,              "segments sent, retransmissions included") \
	X(tcp_segs_retransmitted,    "segments sent again") \
	X(tcp_bytes_in,              "bytes delivered to readers") \
	X(tcp_bytes_out,             "bytes acknowledged by peers") \
	X(tcp_connects,              "active opens") \
	X(tcp_accepts,               "calls that reached a listener's queue") \
	X(tcp_connect_failures,      "active opens that did not come about") \
	X(tcp_resets_in,             "resets obeyed") \
	X(tcp_resets_out,            "resets sent") \
	X(tcp_resets_held_back,      "resets not sent for the rate limit") \
	X(tcp_challenge_acks,        "challenge ACKs sent (RFC 5961)") \
	X(tcp_challenge_acks_held_back, "challenge ACKs not sent for the rate limit") \
	X(tcp_rto,                   "retransmission timeouts") \
	X(tcp_fast_retransmits,      "fast retransmits") \
	X(tcp_probes,                "zero-window probes sent") \
	X(tcp_keepalives,            "keepalive probes sent") \
	X(tcp_delayed_acks,          "ACKs that waited for company") \
	X(tcp_out_of_order,          "segments kept ahead of their time") \
	X(tcp_duplicates,            "segments that held nothing new") \
	X(tcp_time_waits,            "conversations that ended in TIME-WAIT") \
	X(tcp_drop_short,            "shorter than a header") \
	X(tcp_drop_offset,           "data offset under 5 or past the segment") \
	X(tcp_drop_checksum,         "checksum wrong") \
	X(tcp_drop_broadcast,        "to or from everybody") \
	X(tcp_drop_port_zero,        "from or to port 0") \
	X(tcp_drop_no_conv,          "for a conversation that does not exist") \
	X(tcp_drop_listen,           "for a listener, and not a SYN") \
	X(tcp_drop_syn_sent,         "for SYN-SENT, and neither SYN nor RST") \
	X(tcp_drop_outside_window,   "outside the receive window") \
	X(tcp_drop_no_ack,           "without ACK where one is due") \
	X(tcp_drop_ack,              "acknowledged what was never sent, or is too old") \
	X(tcp_drop_paws,             "an old timestamp (RFC 7323 5)") \
	X(tcp_drop_no_timestamp,     "without the timestamp that was agreed on") \
	X(tcp_drop_reset,            "a reset that was not believed") \
	X(tcp_drop_syn,              "a SYN in the midst of a conversation") \
	X(tcp_drop_backlog,          "a call to a full backlog") \
	X(tcp_drop_half_open,        "a call while too many were half open") \
	X(tcp_drop_out_of_order,     "ahead of its time, with no room to keep it") \
	X(tcp_drop_after_close,      "data after nobody could read it") \
	X(tcp_drop_no_memory,        "no memory to keep or send it")

#define COUNTERS_CONV(X) \
	X(conv_made,                 "conversations made") \
	X(conv_freed,                "conversations freed") \
	X(conv_refused,              "conversations refused for the limit") \
	X(conv_changes_lost,         "changes of state that nobody asked for in time")

/* clang-format on */

#define COUNTERS(X)      \
	COUNTERS_LINK(X) \
	COUNTERS_ARP(X)  \
	COUNTERS_IP4(X)  \
	COUNTERS_ICMP(X) \
	COUNTERS_IGMP(X) \
	COUNTERS_UDP(X)  \
	COUNTERS_TCP(X)  \
	COUNTERS_CONV(X)

#define COUNTER_ENUM(name, sentence) COUNT_##name,
enum counter { COUNTERS(COUNTER_ENUM) COUNTERS_N };
#undef COUNTER_ENUM

#endif
