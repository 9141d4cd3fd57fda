# Data and FIN in one segment: the data is read, then the end.
# row T-123 (RFC 9293 3.10.7.4)
start passive
in FIN,ACK,PSH seq 1 len 100
out ACK seq 1 ack 102 within 0.499
state Close_wait
read 100
read 1 = EOF
