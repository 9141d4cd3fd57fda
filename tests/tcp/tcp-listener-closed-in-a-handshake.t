# When the listener goes, its half-open calls are gone too.
# row T-31 (RFC 9293 3.10.4)
announce 80
in SYN seq 0
out SYN,ACK seq 0 ack 1
l: release
skip
in ACK seq 1 ack 1
out RST seq 1
