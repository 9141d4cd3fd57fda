# Old segments in TIME-WAIT are acknowledged, and open nothing.
# row T-128 (RFC 9293 3.10.7.4)
start passive
close
out FIN,ACK seq 1 ack 1
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2 within 0.199
after 1
in ACK seq 0 ack 2 len 1
out ACK seq 2 ack 2
after 1
in ACK seq 2 ack 2
out nothing for 1
