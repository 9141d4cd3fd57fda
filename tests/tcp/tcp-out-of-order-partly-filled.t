# A gap that is filled in part is acknowledged at once up to the next one.
# row T-63 (RFC 5681 4.2)
start passive
in ACK seq 101 len 100
out ACK ack 1
in ACK seq 301 len 100
out ACK ack 1
in ACK seq 1 len 100
out ACK ack 201
in ACK seq 201 len 50
out ACK ack 251
in ACK seq 251 len 50
out ACK ack 401
read 400
