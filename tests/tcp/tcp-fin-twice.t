# A FIN that comes again is acknowledged again.
# row T-124 (RFC 9293 3.10.7.4)
start passive
in FIN,ACK seq 1
out ACK seq 1 ack 2 within 0.499
after 1
in FIN,ACK seq 1
out ACK seq 1 ack 2
after 1
in FIN,ACK seq -9 len 10
out ACK seq 1 ack 2
state Close_wait
