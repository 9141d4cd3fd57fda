# After silence of more than an RTO sending begins with the initial window at most.
# row T-108 (RFC 5681 4.1)
start passive ws 7
in ACK win 8000
write 14600
out stream 1..14601 by 1460
in ACK ack 2921
in ACK ack 5841
in ACK ack 8761
in ACK ack 11681
in ACK ack 14601
write 200000
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
key cwnd 20000..200000
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
after 10
write 200000
out ACK len 1460 times 2..10
out nothing for 0.05
