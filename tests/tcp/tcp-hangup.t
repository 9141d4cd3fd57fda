# Hangup resets at once; nothing is left.
# row T-126 (RFC 9293 3.10.5, ABORT)
start passive
write 100
out ACK seq 1 len 100
hangup
out RST,ACK seq 101 ack 1
state Closed
in ACK seq 1 ack 101
out RST seq 101
out nothing for 300
