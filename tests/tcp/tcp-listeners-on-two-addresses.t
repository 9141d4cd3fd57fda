# Two listeners on one port with different addresses each take their own calls.
# row T-12 (RFC 9293 3.9.1.1, MUST-41, MUST-42)
addr add 10.0.0.5
skip
l: announce 10.0.0.1!80
m: announce 10.0.0.5!80
n: announce 10.0.0.5!80 = EADDRINUSE
start passive
b: flow b local 10.0.0.5!80 peer 10.0.0.3!1234
b: in SYN seq 0
b: out SYN,ACK seq 0 ack 1
b: in ACK seq 1 ack 1
l: noevent CALL
b: accept from m
b: local 10.0.0.5!80
# a connection does not disturb the listener
c: flow c local 10.0.0.1!80 peer 10.0.0.3!99
c: in SYN seq 0
c: out SYN,ACK seq 0 ack 1
c: in ACK seq 1 ack 1
c: accept from l
