# FIN-WAIT-2 that nobody holds ends in bounded time.
# row T-127 (practice)
start passive
release
out FIN,ACK seq 1 ack 1
in ACK seq 1 ack 2
out nothing for 600
in FIN,ACK seq 1 ack 2
out RST seq 2
