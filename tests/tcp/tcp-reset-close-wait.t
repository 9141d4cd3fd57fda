# CLOSE-WAIT: resets beside the number expected do not end it; one at it does.
# row T-45 (RFC 5961 3.2; RFC 9293 3.10.7.4)
start passive
in FIN,ACK seq 1 ack 1
out ACK seq 1 ack 2 within 0.499
state Close_wait
in RST seq 1
in RST seq edge+2
out nothing for 1
in RST seq 3
out ACK seq 1 ack 2
state Close_wait
in RST seq 2
state Closed
error ECONNRESET
out nothing for 300
