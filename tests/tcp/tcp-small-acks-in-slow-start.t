# An ACK of less than a segment adds no more than it covers.
# row T-94 (RFC 5681 3.1, equation 2)
# row T-55 (RFC 5681 3.1)
start passive ws 7
in ACK win 8000
write 200000
out stream 1..14601 by 1460
in ACK ack 101
key cwnd 14600..14700
in ACK ack 201
key cwnd 14600..14800
skip 0.01
