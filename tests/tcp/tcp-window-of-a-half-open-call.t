# The first scaled window after a SYN,ACK does not take back what its unscaled one offered.
# row T-65 (RFC 9293 3.8.6, SHLD-14; RFC 7323 2.4)
announce 80
in SYN seq 0 mss 1460 ws 7
out SYN,ACK seq 0 ack 1 ws 0..14
in ACK seq 5000000 ack 1
out ACK seq 1 ack 1
in ACK seq 1 ack 1
accept
