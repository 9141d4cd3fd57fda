# Data lost before the FIN is sent again before it.
# row T-123 (RFC 9293 3.10.4)
# row T-120 (RFC 9293 3.10.4)
start passive ws 7
in ACK win 8000
write 4380
out stream 1..4381 by 1460
shutdown wr
out FIN,ACK seq 4381
in ACK ack 1461
out ACK seq 1461 len 1460 after 0.19..1.1
in ACK ack 4381
skip 0.001
out FIN,ACK seq 4381 within 2 times 0..1
in ACK ack 4382
state Finwait2
