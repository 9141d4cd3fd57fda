# CLOSE-WAIT: a SYN is challenged.
# row T-46 (RFC 5961 4.2; RFC 9293 3.10.7.4)
start passive
in FIN,ACK seq 1 ack 1
out ACK seq 1 ack 2 within 0.499
after 1
in SYN seq 2
out ACK seq 1 ack 2
after 1
in SYN seq 0
out ACK seq 1 ack 2
state Close_wait
