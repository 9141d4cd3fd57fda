# Both call at once, and the peer's plain ACK completes it.
# row T-132 (RFC 9293 3.5)
connect
out SYN seq 0
in SYN seq 0 mss 1460
out SYN,ACK seq 0 ack 1
in ACK seq 1 ack 1
state Established
out nothing for 3
