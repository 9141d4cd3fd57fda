# Above ssthresh the window grows by one segment a round trip.
# row T-94 (RFC 5681 3.1, equation 3)
start passive ws 7
in ACK win 8000
write 500000
out stream 1..14601 by 1460
out ACK seq 1 len 1460 after 0.19..0.25
in ACK ack 14601
skip 0.001
# cwnd climbs to ssthresh = 5 segments and then slowly
in ACK ack 16061
skip 0.0001
in ACK ack 17521
skip 0.0001
key cwnd 2920..8760
