# FIN-WAIT-1: resets beside the number expected do not end it; one at it does.
# row T-45 (RFC 5961 3.2; RFC 9293 3.10.7.4)
start passive
shutdown wr
out FIN,ACK seq 1 ack 1
in RST seq edge
in RST seq 0
out nothing for 0.1
in RST seq 2
out ACK seq 2 ack 1
state Finwait1
in RST seq 1
state Closed
error ECONNRESET
out nothing for 300
