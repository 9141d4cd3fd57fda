# An ACK of all that was in flight ends recovery with the window at ssthresh.
# row T-97 (RFC 5681 3.2)
# row T-95 (RFC 5681 3.2)
start passive ws 7
in ACK win 8000
write 14600
out stream 1..14601 by 1460
in ACK ack 1
in ACK ack 1
in ACK ack 1
out ACK seq 1 len 1460
in ACK ack 14601
out nothing for 0.001
key ssthresh 7300
key cwnd 1460..7300
out nothing for 5
