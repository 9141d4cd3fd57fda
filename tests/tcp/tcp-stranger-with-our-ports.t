# The same ports from another address are another connection, which does not exist.
# row T-53 (RFC 9293 3.4)
start passive
x: flow x local 80 peer 10.0.0.3!4000
x: in ACK seq 1 ack 1 len 10
x: out RST seq 1
x: in RST seq 1
a: read 10 = EAGAIN
a: state Established
y: flow y local 80 peer 10.0.0.2!4999
y: in FIN,ACK seq 1 ack 1
y: out RST seq 1
a: state Established
