# A SYN,ACK is sent again with back-off and the same number, and forgotten in the end.
# row T-27 (RFC 9293 3.8.3; RFC 6298 5)
# row T-28 (RFC 9293 3.8.3)
announce 80
in SYN seq 0 mss 1460
out SYN,ACK seq 0 ack 1
out SYN,ACK seq 0 ack 1 after 0.95..1.1
out SYN,ACK seq 0 ack 1 after 1.9..2.1
out SYN,ACK seq 0 ack 1 after 3.9..4.1
skip 600
in ACK seq 1 ack 1
out RST seq 1
l: noevent CALL
