# 127/8 never comes from, nor goes to, the wire.
# row I-05 (RFC 1122 3.2.1.3)
in icmp echo id 1 seq 1 len 8 dst 127.0.0.1
out nothing for 1
u: connect udp 127.0.0.1!99
u: write 10
out nothing for 1
