# The longest echo there can be is answered.
# row C-01 (RFC 1122 3.2.2.6)
# row I-11 (RFC 1122 3.3.2)
datagram D icmp id 1 seq 1 len 65507
in frags D by 1480 id 7
out ip proto 1 times 45
out nothing for 130
