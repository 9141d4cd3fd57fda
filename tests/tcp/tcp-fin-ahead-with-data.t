# So is a FIN with data.
# row T-124 (RFC 9293 3.10.7.4)
start passive
in FIN,ACK seq 51 len 50
out ACK ack 1
in ACK seq 1 len 50
out ACK ack 102
state Close_wait
read 100
read 1 = EOF
