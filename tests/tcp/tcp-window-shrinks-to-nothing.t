# A window that shrinks to zero below what was sent is probed.
# row T-80 (RFC 9293 3.8.6, MUST-35)
start passive win 4380
write 20000
out stream 1..4381 by 1460
in ACK ack 1461 win 0
out ACK seq 1460..1461 len 0..1460 after 0.1..1.5
in ACK ack 1461 win 0
out ACK seq 1460..1461 len 0..1460 after 0.1..3
in ACK ack 4381 win 2920
skip 0.1
state Established
