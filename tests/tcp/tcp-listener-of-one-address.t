# A listener on one of our addresses is not there for calls to another.
# row T-12 (RFC 9293 3.9.1.1, MUST-41)
addr add 10.0.0.5
skip
l: announce 10.0.0.5!80
in SYN seq 0
out RST,ACK seq 0 ack 1
b: flow b local 10.0.0.5!80 peer 10.0.0.3!1234
b: in SYN seq 0
b: out SYN,ACK seq 0 ack 1 src 10.0.0.5
