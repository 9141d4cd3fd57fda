# The peer closes first: CLOSE-WAIT, our FIN, LAST-ACK, gone.
# row T-121 (RFC 9293 3.6, 3.10.7.4)
start passive
in FIN,ACK seq 1 ack 1
out ACK seq 1 ack 2 within 0.499
state Close_wait
write 100
out ACK seq 1 ack 2 len 100
in ACK seq 2 ack 101
read 1 = EOF
close
out FIN,ACK seq 101 ack 2
state Last_ack
in ACK seq 2 ack 102
state Closed
error none
in ACK seq 2 ack 102
out RST seq 102
