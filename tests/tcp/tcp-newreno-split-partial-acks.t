# In fast recovery a hole is sent again once, into however many parts its bytes' ACKs are split:
# each part would be worth a whole segment.
# row T-98 (RFC 6582 3.2)
# row T-55
start passive
write 14600
out stream 1..14601 by 1460
in ACK ack 1
in ACK ack 1
in ACK ack 1
skip 0.01
in ACK ack 1461
out ACK seq 1461 len 1460
skip 0.01
in ACK ack 1471
in ACK ack 1481
in ACK ack 1491
out nothing for 0.05
in ACK ack 2921
out ACK seq 2921 len 1460
skip 0.01
in ACK ack 14601
skip 1
