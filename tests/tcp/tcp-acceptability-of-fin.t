# A FIN outside the window is answered and dropped.
# row T-40 (RFC 9293 3.10.7.4)
start passive
in FIN,ACK seq -1 ack 1
out ACK seq 1 ack 1
after 1
in FIN,ACK seq edge ack 1
out ACK seq 1 ack 1
after 1
state Established
in FIN,ACK seq 1 ack 1
out ACK seq 1 ack 2 within 0.499
state Close_wait
