# A probe's byte that the peer takes is acknowledged data like any other.
# row T-82 (RFC 9293 3.8.6.1)
start passive win 0
write 1000
out ACK seq 0..1 len 0..1 within 1.1 save A
in ACK ack A.seq+A.len win 2000
skip 0.3
in ACK ack 1001 win 2000
out nothing for 5
state Established
