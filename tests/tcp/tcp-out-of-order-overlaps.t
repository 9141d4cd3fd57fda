# Pieces that overlap give each byte once.
# row T-61 (RFC 9293 3.10.7.4)
start passive
in ACK seq 101 len 200
out ACK ack 1
in ACK seq 51 len 100
out ACK ack 1
in ACK seq 251 len 100
out ACK ack 1
in ACK seq 101 len 200
out ACK ack 1
in ACK seq 41 len 400
out ACK ack 1
in ACK seq 1 len 60
out ACK ack 441
read 440
read 1 = EAGAIN
