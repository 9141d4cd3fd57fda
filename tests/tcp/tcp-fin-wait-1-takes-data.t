# FIN-WAIT-1: data is taken though our FIN is not acknowledged yet.
# row T-121 (RFC 9293 3.10.7.4)
start passive
shutdown wr
out FIN,ACK seq 1 ack 1
in ACK seq 1 ack 1 len 100
out ACK seq 2 ack 101 within 0.199
in ACK seq 101 ack 2 len 100
out ACK seq 2 ack 201 within 0.499
state Finwait2
read 200
