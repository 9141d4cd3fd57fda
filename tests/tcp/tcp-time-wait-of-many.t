# A hundred connections through TIME-WAIT leave nothing behind.
# row T-128 (RFC 9293 3.6.1)
# row X-04 (house rule)
start passive
b: start passive
c: start passive
a: release
a: out FIN,ACK seq 1 ack 1
b: release
b: out FIN,ACK seq 1 ack 1
c: release
c: out FIN,ACK seq 1 ack 1
a: in FIN,ACK seq 1 ack 2
a: out ACK seq 2 ack 2 within 0.199
b: in FIN,ACK seq 1 ack 1
b: out ACK seq 2 ack 2 within 0.199
b: in ACK seq 2 ack 2
c: in ACK seq 1 ack 2
c: in FIN,ACK seq 1 ack 2
c: out ACK seq 2 ack 2 within 0.499
out nothing for 230
c: in FIN,ACK seq 1 ack 2
c: out ACK seq 2 ack 2
after 20
a: in FIN,ACK seq 1 ack 2
a: out RST seq 2
b: in FIN,ACK seq 1 ack 2
b: out RST seq 2
c: in FIN,ACK seq 1 ack 2
c: out ACK seq 2 ack 2
