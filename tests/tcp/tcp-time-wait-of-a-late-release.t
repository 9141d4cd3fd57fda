# TIME-WAIT that a holder has waited through in part is no shorter than 2 MSL, and comes to its end
# with those that are newer.
# row T-128 (RFC 9293 3.6.1, MUST-13)
start passive
close
out FIN,ACK seq 1 ack 1
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2 within 0.199
after 100
b: start passive
b: close
b: out FIN,ACK seq 1 ack 1
b: in FIN,ACK seq 1 ack 2
b: out ACK seq 2 ack 2 within 0.199
b: release
a: release
after 130
a: in FIN,ACK seq 1 ack 2
a: out ACK seq 2 ack 2
after 300
a: in FIN,ACK seq 1 ack 2
a: out RST seq 2
