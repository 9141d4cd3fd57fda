# A FIN that nobody ever acknowledges is given up, and nothing is left of it.
# row T-127 (RFC 9293 3.8.3)
# row T-90 (RFC 9293 3.8.3, MUST-20)
start passive
write 10
out ACK seq 1 len 10
release
skip 3600
out nothing for 600
in ACK seq 1 ack 12
out RST seq 12
