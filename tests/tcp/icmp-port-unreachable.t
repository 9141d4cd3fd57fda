# A datagram to a port nobody has is answered with "port unreachable", which quotes it.
# row C-04 (RFC 1122 3.2.2)
# row C-06 (RFC 1122 3.2.2.1)
in udp to 10.0.0.1!99 len 8
out icmp unreach code 3 len 36..548 quotes 17
after 2
in udp to 10.0.0.1!99 len 1400
out icmp unreach code 3 len 28..548 quotes 17
count udp_drop_no_conv 2
