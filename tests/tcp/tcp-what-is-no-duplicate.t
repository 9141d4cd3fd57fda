# A window update, an ACK with data, an ACK with nothing in flight: none is a duplicate.
# row T-97 (RFC 5681 2)
start passive
in ACK ack 1
in ACK ack 1
in ACK ack 1
in ACK ack 1
write 1460
out ACK seq 1 len 1460
in ACK ack 1 win 60001
in ACK ack 1 win 60002
in ACK ack 1 win 60003
in ACK ack 1 win 60004
out nothing for 0.05
in ACK seq 1 ack 1 len 1
skip 0.01
in ACK seq 2 ack 1 len 1
skip 0.01
in ACK seq 3 ack 1 len 1
skip 0.01
in ACK seq 4 ack 1 len 1
skip 0.05
count tcp_fast_retransmits 0
read 4
