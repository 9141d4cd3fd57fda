# SYN-RECEIVED: an unacceptable ACK is answered with a reset of that number; the call stands.
# row T-24 (RFC 9293 3.10.7.4)
announce 80
in SYN seq 0
out SYN,ACK seq 0 ack 1
in ACK seq 1 ack 2
out RST seq 2
in ACK seq 1 ack 0
out RST seq 0
l: noevent CALL
in ACK seq 1 ack 1
accept
state Established
