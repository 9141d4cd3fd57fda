# A SYN with a lower number is an old duplicate: acknowledged, and nothing opened.
# row T-130 (RFC 9293 3.10.7.4; RFC 6191)
start passive
close
out FIN,ACK seq 1 ack 1
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2 within 0.199
after 1
in SYN seq -5000
out ACK seq 2 ack 2
l: noevent CALL
