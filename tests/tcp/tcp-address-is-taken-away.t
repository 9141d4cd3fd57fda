# When its address goes, a connection says nothing more under it.
# row I-05 (RFC 1122 3.2.1.3)
addr add 10.0.0.5
skip
l: announce *!80
b: flow b local 10.0.0.5!80 peer 10.0.0.3!1234
b: in SYN seq 0
b: out SYN,ACK seq 0 ack 1
b: in ACK seq 1 ack 1
b: accept
addr del 10.0.0.5
skip
b: in ACK seq 1 ack 1 len 10
out nothing for 1
addr state 10.0.0.5 = EADDRNOTAVAIL
connect 10.0.0.2!80 from 10.0.0.5!5000 = EADDRNOTAVAIL
