# SYN-RECEIVED from a passive open: a reset returns to LISTEN, and nobody is told.
# row T-23 (RFC 9293 3.10.7.4, MUST-11)
announce 80
in SYN seq 0
out SYN,ACK seq 0 ack 1
in RST seq 1
out nothing for 10
l: noevent CALL
l: state Listen
in ACK seq 1 ack 1
out RST seq 1
flow a local 80 peer 10.0.0.2!4000 iss 800000
start passive
