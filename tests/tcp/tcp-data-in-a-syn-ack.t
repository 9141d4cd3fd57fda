# Data in a SYN,ACK is taken, or asked for again; never lost.
# row T-26 (RFC 9293 3.10.7.3, MUST-64)
connect
out SYN seq 0
in SYN,ACK seq 0 ack 1 len 10 mss 1460
out ACK seq 1 ack 1..11 save S
state Established
in ACK seq S.ack ack 1 len 11-S.ack
skip 0.5
read 100 = 10
