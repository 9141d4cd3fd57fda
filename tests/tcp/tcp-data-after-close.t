# Data that comes when nobody can read it any more is answered with a reset.
# row T-125 (RFC 9293 3.6.1, MAY-1)
start passive
release
out FIN,ACK seq 1 ack 1
in ACK seq 1 ack 2
in ACK seq 1 ack 2 len 10
out RST seq 2 times 0..1
out RST,ACK seq 2 times 0..1
count tcp_resets_out 1
out nothing for 300
