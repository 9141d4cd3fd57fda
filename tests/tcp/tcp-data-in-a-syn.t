# Data in a SYN is not delivered before the handshake is complete, and not lost.
# row T-26 (RFC 9293 3.10.7.2, MUST-64)
announce 80
in SYN seq 0 len 10 mss 1460
out SYN,ACK seq 0 ack 1..11 save S
l: noevent CALL
in ACK seq S.ack ack 1 len 11-S.ack
skip 0.5
accept
read 20 = 10
