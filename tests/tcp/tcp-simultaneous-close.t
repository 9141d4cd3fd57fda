# Both close at once: CLOSING, then TIME-WAIT when our FIN is acknowledged.
# row T-122 (RFC 9293 3.6, figure 13)
start passive
close
out FIN,ACK seq 1 ack 1
in FIN,ACK seq 1 ack 1
out ACK seq 2 ack 2 within 0.199
state Closing
# our FIN was lost
out FIN,ACK seq 1 ack 2 within 1.1
out FIN,ACK seq 1 ack 2 within 2.2
in ACK seq 2 ack 2
state Time_wait
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2
