# In recovery each further duplicate ACK makes room for new data.
# row T-97 (RFC 5681 3.2, step 4)
start passive ws 7
in ACK win 8000
write 200000
out stream 1..14601 by 1460
in ACK ack 1
out ACK seq 14601 len 1460
in ACK ack 1
out ACK seq 16061 len 1460
in ACK ack 1
out ACK seq 1 len 1460
# ssthresh = 7300 (or a little more, counting what limited transmit sent): 5 segments, inflated by 3
in ACK ack 1
skip
in ACK ack 1
skip
in ACK ack 1
skip
in ACK ack 1
skip
in ACK ack 1
skip
in ACK ack 1
out ACK len 1460 times 1..1
skip 0.001
in ACK ack 17521
skip 0.001
key cwnd 1460..10220
