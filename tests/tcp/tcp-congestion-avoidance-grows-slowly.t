# In congestion avoidance a whole window acknowledged adds one segment.
# row T-94 (RFC 5681 3.1)
start passive ws 7
in ACK win 8000
write 5840
out stream 1..5841 by 1460
out ACK seq 1 len 1460 after 0.19..0.25
in ACK ack 5841
# ssthresh 2920: slow start is over with cwnd 2920
write 500000
skip 0.001
in ACK
skip 0.001
key cwnd 2920..5840
in ACK
skip 0.001
key cwnd 4380..7300
in ACK
skip 0.001
key cwnd 4380..8760
in ACK
skip 0.001
key cwnd 5840..10220
