# With three of ten lost, each partial ACK sends the next hole at once: one recovery, no timeout.
# row T-98 (RFC 6582 3.2)
start passive ws 7
in ACK win 8000
write 14600
out stream 1..14601 by 1460
# segments at 1, 4381 and 8761 are lost
in ACK ack 1
in ACK ack 1
in ACK ack 1
out ACK seq 1 len 1460
in ACK ack 1
in ACK ack 1
in ACK ack 1
in ACK ack 1
out nothing for 0.001
in ACK ack 4381
out ACK seq 4381 len 1460
in ACK ack 8761
out ACK seq 8761 len 1460
in ACK ack 14601
out nothing for 5
count tcp_rto 0
count tcp_fast_retransmits 1
key ssthresh 7300
