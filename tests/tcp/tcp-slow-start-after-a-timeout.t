# A timeout sends one segment again; then slow start to half of what was in flight, then one
# segment a round trip.
# row T-95 (RFC 5681 3.1)
# row T-94 (RFC 5681 3.1)
start passive ws 7
in ACK win 8000
write 200000
out ACK len 1460 times 2..10
out ACK seq 1 len 1460 after 0.19..0.25
key cwnd 1460
out nothing for 0.1
in ACK ack 1461
out ACK seq 1461 len 1460
out ACK seq 2921 len 1460
out nothing for 0.1
key cwnd 2920
