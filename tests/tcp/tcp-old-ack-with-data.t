# An ACK that is old, but not too old, is ignored; the data of its segment is taken.
# row T-44 (RFC 9293 3.10.7.4; RFC 5961 5.2)
start passive
write 100
out ACK seq 1 len 100
in ACK ack 101
write 100
out ACK seq 101 len 100
in ACK seq 1 ack 50 len 10
out ACK seq 201 ack 11 within 0.2
in ACK ack 201
read 10
