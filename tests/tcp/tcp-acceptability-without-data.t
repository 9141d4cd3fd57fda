# The acceptability test of an empty segment.
# row T-40 (RFC 9293 3.10.7.4)
start passive
in ACK seq 0 ack 1
out ACK seq 1 ack 1
after 1
in ACK seq edge ack 1
out ACK seq 1 ack 1
after 1
in ACK seq 1 ack 1
in ACK seq edge-1 ack 1
out nothing for 1
