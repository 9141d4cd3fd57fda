# We announce MTU - 40 on a link of 9000 bytes.
# row T-06 (RFC 9293 3.7.1, MUST-67)
link mtu 9000
announce 80
in SYN seq 0
out SYN,ACK seq 0 ack 1 mss 8960
in ACK seq 1 ack 1
b: connect
b: out SYN seq 0 mss 8960
