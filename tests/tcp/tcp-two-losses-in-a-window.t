# Two losses in one flight are mended in one recovery of two round trips.
# row T-98 (RFC 6582 3.2)
start passive ws 7
in ACK win 8000
write 14600
out stream 1..14601 by 1460
# 1 and 2921 are lost
in ACK ack 1
in ACK ack 1
in ACK ack 1
out ACK seq 1 len 1460
in ACK ack 1 times 5
skip 0.001
in ACK ack 2921
out ACK seq 2921 len 1460
in ACK ack 14601
out nothing for 5
count tcp_rto 0
