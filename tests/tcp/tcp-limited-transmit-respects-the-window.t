# Limited transmit does not go beyond what the peer takes.
# row T-96 (RFC 3042 2)
start passive win 5840
write 20000
out stream 1..5841 by 1460
in ACK ack 1
in ACK ack 1
out nothing for 0.01
in ACK ack 1
out ACK seq 1 len 1460
in ACK ack 5841
out stream 5841..8761 by 1460
skip 0.001
