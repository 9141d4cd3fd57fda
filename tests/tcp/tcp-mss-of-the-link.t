# We announce MTU - 40 in SYN and SYN,ACK, not lowered for options, and in no other segment.
# row T-06 (RFC 9293 3.7.1, MUST-14, MUST-65, MUST-67; RFC 6691)
announce 80
in SYN seq 0 mss 1460 ws 3 ts 5:0
out SYN,ACK seq 0 ack 1 mss 1460
in ACK seq 1 ack 1
b: connect
b: out SYN seq 0 mss 1460
