# A reply is never sent by a route that the request prescribes.
# row I-10 (RFC 1122 3.2.1.8)
in icmp echo id 1 seq 1 len 8 ipopt 830b080a0000630a00000100
out nothing for 1
