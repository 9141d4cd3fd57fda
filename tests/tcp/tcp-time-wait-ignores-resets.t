# A reset does not end TIME-WAIT early.
# row T-129 (RFC 1337 3)
start passive
close
out FIN,ACK seq 1 ack 1
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2 within 0.199
in RST seq 2
in RST seq 1
in RST seq 3
in RST,ACK seq 2 ack 2
out nothing for 1
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2
