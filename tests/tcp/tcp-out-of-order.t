# What arrives ahead of its time is kept, and delivered when the gap is filled.
# row T-61 (RFC 9293 3.10.7.4, SHLD-31)
# row T-63 (RFC 5681 4.2)
start passive
in ACK seq 401 len 100
out ACK seq 1 ack 1
in ACK seq 201 len 100
out ACK seq 1 ack 1
in ACK seq 301 len 100
out ACK seq 1 ack 1
in ACK seq 101 len 100
out ACK seq 1 ack 1
read 1 = EAGAIN
noevent IN
in ACK seq 1 len 100
out ACK seq 1 ack 501
read 500
count tcp_out_of_order 4
