# Both call at once: one connection, through SYN-RECEIVED.
# row T-132 (RFC 9293 3.5, figure 7)
# row T-22 (RFC 9293 3.10.7.3, MUST-10)
connect
out SYN seq 0
in SYN seq 0 mss 1460
out SYN,ACK seq 0 ack 1
state Syn_received
in SYN,ACK seq 0 ack 1
out ACK seq 1 ack 1 times 0..1
state Established
event UP
in ACK seq 1 ack 1 len 10
out ACK ack 11 within 0.499
read 10
write 10
out ACK seq 1 len 10
in ACK seq 11 ack 11
out nothing for 3
