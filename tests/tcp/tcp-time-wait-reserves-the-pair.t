# While TIME-WAIT lasts, its pair of ends cannot be used for another call.
# row T-128 (RFC 9293 3.10.1, 3.6.1)
connect 10.0.0.2!80 from 10.0.0.1!5000
out SYN seq 0
in SYN,ACK seq 0 ack 1
out ACK seq 1 ack 1
release
out FIN,ACK seq 1 ack 1
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2 within 0.199
b: connect 10.0.0.2!80 from 10.0.0.1!5000 = EADDRINUSE
c: connect 10.0.0.2!81 from 10.0.0.1!5000
c: out SYN seq 0
c: hangup
after 241
d: connect 10.0.0.2!80 from 10.0.0.1!5000
d: hangup
skip
