# When the listener goes, calls that nobody has taken are reset.
# row T-31 (RFC 9293 3.10.4)
announce 80
in SYN seq 0
out SYN,ACK seq 0 ack 1
in ACK seq 1 ack 1
l: release
out RST,ACK seq 1 ack 1
in ACK seq 1 ack 1
out RST seq 1
