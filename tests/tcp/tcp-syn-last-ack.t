# LAST-ACK: a SYN is challenged.
# row T-46 (RFC 5961 4.2; RFC 9293 3.10.7.4)
start passive
in FIN,ACK seq 1 ack 1
out ACK seq 1 ack 2 within 0.499
shutdown wr
out FIN,ACK seq 1 ack 2
in SYN seq 2
out ACK seq 2 ack 2
state Last_ack
