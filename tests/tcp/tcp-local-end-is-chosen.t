# The local address and port can be chosen; otherwise routing chooses the address, once.
# row T-13 (RFC 9293 3.9.1.1, MUST-43, MUST-44, MUST-45)
addr add 10.0.0.5
skip
connect 10.0.0.2!80 from 10.0.0.5!5000
out SYN seq 0 src 10.0.0.5
local 10.0.0.5!5000
in SYN,ACK seq 0 ack 1
out ACK seq 1 ack 1 src 10.0.0.5
write 10
out ACK seq 1 len 10 src 10.0.0.5
b: connect 10.0.0.3!80
b: out SYN seq 0 src 10.0.0.1
b: local 10.0.0.1!0
c: connect 10.0.0.3!81 from 10.0.0.77!5000 = EADDRNOTAVAIL
