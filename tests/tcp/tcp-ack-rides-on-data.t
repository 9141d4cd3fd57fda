# An acknowledgement that waits goes along with data.
# row T-62 (RFC 9293 3.8.6.3, SHLD-18)
start passive
skip 3
in ACK seq 1 len 100
out ACK ack 101 within 0.499
in ACK seq 101 len 100
write 10
out ACK ack 201 times 0..1
out ACK seq 1 ack 201 len 10
in ACK ack 11
out nothing for 1
