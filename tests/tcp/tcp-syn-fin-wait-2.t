# FIN-WAIT-2: a SYN is challenged.
# row T-46 (RFC 5961 4.2; RFC 9293 3.10.7.4)
start passive
shutdown wr
out FIN,ACK seq 1 ack 1
in ACK ack 2
in SYN seq 1
out ACK seq 2 ack 1
after 1
in SYN seq 0
out ACK seq 2 ack 1
state Finwait2
