# LAST-ACK: our FIN is sent again until it is acknowledged.
# row T-123 (RFC 9293 3.10.7.4)
start passive
in FIN,ACK seq 1 ack 1
out ACK seq 1 ack 2 within 0.499
close
out FIN,ACK seq 1 ack 2
out FIN,ACK seq 1 ack 2 after 0.19..1.1
in FIN,ACK seq 1 ack 1
out ACK seq 2 ack 2 times 0..1
out FIN,ACK seq 1 ack 2 within 3
in ACK seq 2 ack 2
state Closed
error none
