# SYN-RECEIVED: a reset beside the number expected does not end a call.
# row T-45 (RFC 5961 3.2; RFC 9293 3.10.7.4)
announce 80
in SYN seq 0
out SYN,ACK seq 0 ack 1
in RST seq 0
in RST seq edge
out nothing for 0.5
in RST seq 2
skip 0.2
in ACK seq 1 ack 1
accept
state Established
