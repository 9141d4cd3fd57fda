# SYN-SENT: an ACK for what was not sent is reset, unless it came with a reset.
# row T-22 (RFC 9293 3.10.7.3)
connect
out SYN seq 0
in ACK seq 0 ack 0
out RST seq 0
in SYN,ACK seq 0 ack 2
out RST seq 2
in SYN,ACK seq 0 ack -1
out RST seq -1
in RST,ACK seq 0 ack 0
in RST,ACK seq 0 ack 2
in RST seq 0
out nothing for 0.5
state Syn_sent
in SYN,ACK seq 0 ack 1
out ACK seq 1 ack 1
state Established
