# A reset is never answered with a reset.
# row T-49 (RFC 9293 3.5.2)
q: flow q local 99
q: in RST seq 5
q: in RST,ACK seq 5 ack 7
q: in RST,SYN seq 5
q: in RST,SYN,ACK seq 5 ack 7
q: in RST,FIN,ACK seq 5 ack 7 len 10
out nothing for 1
