# FIN-WAIT-1: a FIN that acknowledges ours leads to TIME-WAIT at once.
# row T-121 (RFC 9293 3.10.7.4)
start passive
close
out FIN,ACK seq 1 ack 1
state Finwait1
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2 within 0.499
state Time_wait
